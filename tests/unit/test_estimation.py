"""The simulator as a statsmodels model, held against closed forms: a made-up simulator, linear in the logarithms."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import norm

from vimach.ensemble import Sample
from vimach_calibration.coordinates import Coordinate, prior_values
from vimach_calibration.emulator import Emulator, Home, Target, Trial
from vimach_calibration.estimation import Simulator, SimulatorModel
from vimach_calibration.expressions import Number
from vimach_calibration.importance import Approximation, Weights, placed, proposal, weighted_quantiles
from vimach_calibration.likelihood import Likelihood, log_between
from vimach_calibration.observations import Count

Array = npt.NDArray[np.float64]

SLOPES = np.array([[0.4, 0.0], [0.2, 0.3], [0.0, 0.5], [0.3, -0.2], [0.1, 0.1], [0.2, 0.2], [0.5, 0.1], [0.0, 0.3]])
TRUTH = np.array([0.8, -0.5])
SD = 0.1


def count(value: float, sd: float = SD, width: float = 1e-3, timing: float = 0.0) -> Count:
    """A count, all but a point."""
    return Count("x", Number(1.0), 2024.0, timing, value * (1 - width), value * (1 + width), sd, 1e-3, ("a",))


def counts(slopes: Array = SLOPES) -> Likelihood:
    return Likelihood([count(100.0 * math.exp(mean)) for mean in slopes @ TRUTH])


def linear(slopes: Array = SLOPES) -> Simulator:
    return lambda scores: np.log(100.0) + slopes @ scores.T


# likelihood


def test_the_probability_of_an_interval_is_exact_in_both_tails() -> None:
    low, high = np.array([-1.0, 8.0, -9.0, 1.0]), np.array([0.5, 9.0, -8.0, np.inf])
    assert log_between(low, high)[[0, 3]] == pytest.approx(np.log([norm.cdf(0.5) - norm.cdf(-1), norm.sf(1.0)]))
    assert log_between(low, high)[1] == log_between(low, high)[2]
    assert log_between(low, high)[1] == pytest.approx(norm.logsf(8.0), abs=0.01)


def test_a_count_of_unknown_moment_has_the_mean_of_its_likelihoods() -> None:
    likelihood = Likelihood([count(100.0, timing=0.5)])
    logs = np.log([[90.0], [100.0], [115.0]])
    each = [math.exp(Likelihood([count(100.0)]).total(log[None, :])[0]) for log in logs]
    assert likelihood.total(logs)[0] == pytest.approx(math.log(sum(each) / 3))


def test_a_broken_member_has_no_likelihood() -> None:
    assert Likelihood([count(100.0)]).total(np.array([[math.nan]])).tolist() == [-math.inf]


# fits


def test_estimates_and_errors_are_those_of_mixed_estimation() -> None:
    results = SimulatorModel(linear(), counts(), ["a", "b"]).fit()
    precision = np.eye(2) + SLOPES.T @ SLOPES / SD**2
    expected = np.linalg.solve(precision, SLOPES.T @ SLOPES @ TRUTH / SD**2)
    assert results.mle_retvals["converged"]
    assert results.params == pytest.approx(expected, abs=1e-3)
    assert results.bse == pytest.approx(np.sqrt(np.diag(np.linalg.inv(precision))), rel=1e-3)
    assert results.model.exog_names == ["a", "b"]
    assert "a" in str(results.summary())


def test_without_restrictions_the_truth_is_found() -> None:
    results = SimulatorModel(linear(), counts(), ["a", "b"], restricted=False).fit()
    assert results.params == pytest.approx(TRUTH, abs=1e-3)


def test_score_is_the_slope_of_the_log_likelihood() -> None:
    model = SimulatorModel(linear(), counts(), ["a", "b"])
    at, nudge = np.array([0.3, 0.1]), 1e-4
    slopes = [(model.loglike(at + step) - model.loglike(at - step)) / (2 * nudge) for step in nudge * np.eye(2)]
    assert model.score(at) == pytest.approx(slopes, rel=1e-3)
    assert model.score_obs(at).sum(axis=0) == pytest.approx(model.score(at))


def test_aic_is_what_a_hand_computes() -> None:
    results = SimulatorModel(linear(), counts(), ["a", "b"], restricted=False).fit()
    by_hand = 0.0
    for slope in SLOPES:
        value, given = math.exp(float(slope @ TRUTH)), math.exp(float(slope @ results.params))
        ends = [math.log(value * (1 + side * 1e-3) / given) / SD for side in (-1, 1)]
        inside = 0.5 * (math.erf(ends[1] / math.sqrt(2)) - math.erf(ends[0] / math.sqrt(2)))
        by_hand += math.log(inside)
    assert results.aic == pytest.approx(-2 * by_hand + 2 * 2, rel=1e-6)
    assert results.bic == pytest.approx(-2 * by_hand + 2 * math.log(8), rel=1e-6)


def test_aic_is_not_given_for_three_parameters_or_more_of_eight_counts() -> None:
    slopes = np.column_stack([SLOPES, SLOPES[::-1, 0]])
    results = SimulatorModel(linear(slopes), counts(), ["a", "b", "c"], restricted=False).fit()
    assert math.isnan(results.aic)
    assert math.isnan(results.bic)


def test_likelihood_ratio_of_nested_fits() -> None:
    whole = SimulatorModel(linear(), counts(), ["a", "b"]).fit()
    part = SimulatorModel(linear(SLOPES[:, :1]), counts(), ["a"]).fit()
    statistic, p, freedom = whole.lr_test(part)
    assert statistic == pytest.approx(2 * (whole.llf - part.llf))
    assert (freedom, p < 0.01) == (1, True)
    with pytest.raises(ValueError, match="some of these parameters"):
        part.lr_test(whole)


def test_a_fit_that_is_stopped_says_that_it_did_not_converge() -> None:
    assert not SimulatorModel(linear(), counts(), ["a", "b"]).fit(maxiter=0).mle_retvals["converged"]


# importance


MEMBERS = 4000
AXES = tuple(Coordinate(name, None) for name in ("a", "b", "c"))  # type: ignore[arg-type]


def given(sample: Sample) -> Array:
    """Two estimated numbers, and one that keeps its prior and yet moves the counts."""
    scores = np.stack([axis.values(sample.uniforms(axis.name, 0, len(sample))) for axis in AXES])
    return np.asarray(np.log(100.0) + SLOPES @ scores[:2] + 0.2 * scores[2])


@pytest.fixture(scope="module", params=["right", "wrong", "none"])
def weighted(request: pytest.FixtureRequest) -> tuple[Sample, Weights, Array]:
    """Members weighted with an emulator of the model, one of another model, or none."""
    likelihood, target = counts(), Target(counts())
    mode = SimulatorModel(linear(), likelihood, ["a", "b"]).fit().params
    approximation = Approximation(mode, SLOPES, np.log(100.0) + SLOPES @ mode, np.full((8, 1), 0.2))
    prior, structure = Sample(7, np.arange(MEMBERS)), np.zeros(MEMBERS, dtype=np.int64)
    logs = given(placed(prior, AXES[:2], np.repeat(mode[None, :], MEMBERS, axis=0)))
    proposed = proposal(likelihood, AXES[:2], [approximation], structure, logs)
    emulator = None
    if request.param != "none":
        tried, _ = proposed.drawn(prior.part(0, 500), "1")
        values, seen = prior_values(tried, AXES[:2]), given(tried)
        if request.param == "wrong":
            seen = seen + 0.3 * SD * values[:, 0] ** 2
        home = Home(target, structure, mode[None, :], target.averaged(logs))
        emulator = Emulator.fitted(home, [Trial(np.arange(500), values, seen, likelihood.total(seen))])
        proposed = proposed.learnt(prior, "learnt", emulator)
    sample, ratio = proposed.drawn(prior, "last", emulator)
    return sample, Weights(likelihood.total(given(sample)) + ratio), ratio


def test_weighted_members_have_the_joint_posterior(weighted: tuple[Sample, Weights, Array]) -> None:
    sample, weights, _ = weighted
    slopes = np.column_stack([SLOPES, np.full(8, 0.2)])
    covariance = np.linalg.inv(np.eye(3) + slopes.T @ slopes / SD**2)
    mean = covariance @ slopes.T @ SLOPES @ TRUTH / SD**2
    scores = np.stack([axis.values(sample.uniforms(axis.name, 0, MEMBERS)) for axis in AXES])
    found = scores @ weights.normal
    assert found == pytest.approx(mean, abs=0.05)
    apart = scores - found[:, None]
    assert (apart * weights.normal) @ apart.T == pytest.approx(covariance, abs=0.03)
    assert weights.effective > 1000
    # the number that was left to its prior is tied to the estimated ones: drawn apart they would miss the counts
    assert abs(covariance[0, 2]) > 0.5 * math.sqrt(covariance[0, 0] * covariance[2, 2])


def test_the_fan_of_joint_draws_is_as_wide_as_the_counts_allow(weighted: tuple[Sample, Weights, Array]) -> None:
    sample, weights, _ = weighted
    seen = np.log(100.0) + SLOPES @ TRUTH
    for row, log in zip(given(sample), seen, strict=True):
        low, high = weighted_quantiles(row, weights.normal, np.array([0.01, 0.99]))
        assert low < log < high
        assert high - low < 4 * SD


def test_evidence_is_the_probability_of_the_counts(weighted: tuple[Sample, Weights, Array]) -> None:
    _, weights, ratio = weighted
    assert Weights(ratio).log_evidence == pytest.approx(0.0, abs=0.15)  # the prior adds up to 1
    spread = SLOPES @ SLOPES.T + 0.04 + SD**2 * np.eye(8)
    seen = SLOPES @ TRUTH
    density = -0.5 * seen @ np.linalg.solve(spread, seen) - 0.5 * np.linalg.slogdet(2 * np.pi * spread)[1]
    assert weights.log_evidence == pytest.approx(density + 8 * math.log(2e-3), abs=0.1)


def test_members_are_chosen_as_often_as_their_weight_says() -> None:
    weights = Weights(np.log([0.5, 0.25, 0.25]) - 300.0)
    assert np.bincount(weights.chosen(8)).tolist() == [4, 2, 2]
    assert weights.effective == pytest.approx(1 / 0.375)
    assert weighted_quantiles(np.array([3.0, 1.0, np.nan]), weights.normal, np.array([0.2, 0.5])).tolist() == [1.0, 3.0]


def test_placed_members_keep_all_their_other_draws() -> None:
    sample = Sample(7, np.array([4, 2]))
    moved = placed(sample, AXES[:1], np.array([[0.0], [1.0]]))
    assert moved.quantiles["a"] == pytest.approx(norm.cdf([0.0, 1.0]), abs=1e-7)
    assert np.array_equal(moved.uniforms("b", 0, 2), sample.uniforms("b", 0, 2))

"""Distributions meet their three points, follow scipy's quantiles, and refuse numbers that do not fit together."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

from vimach.parameters.distributions import FAMILIES, Distribution, distribution, numbers_of

U = np.linspace(0.001, 0.999, 999)
Z95 = stats.norm.ppf(0.95)


def two_piece(u, p05, median, p95):
    """The independent formula, with scipy's quantile."""
    return median + stats.norm.ppf(u) * np.where(u < 0.5, median - p05, p95 - median) / Z95


@pytest.mark.parametrize(
    ("family", "median", "p05", "p95"),
    [
        ("lognormal", 2.0, 1.5, 2.67),
        ("lognormal", 1e9, 1e8, 1.1e9),
        ("normal", 0.0, -1.0, 3.0),
        ("normal", -5.0, -9.0, -4.9),
        ("logitnormal", 0.3, 0.1, 0.4),
        ("logitnormal", 0.998, 0.9, 0.9999),
    ],
)
def test_three_points_are_met(family, median, p05, p95):
    made = distribution(family, median, p05=p05, p95=p95)
    assert made.quantile(np.array([0.05, 0.5, 0.95])) == pytest.approx([p05, median, p95], rel=1e-13)
    assert made.quantile(0.5) == median


@pytest.mark.parametrize(
    ("made", "oracle"),
    [
        (distribution("lognormal", 2.0, p05=1.6, p95=2.5), stats.lognorm(np.log(1.25) / Z95, scale=2.0).ppf(U)),
        (distribution("lognormal", 2.0, p05=0.5, p95=2.5), np.exp(two_piece(U, *np.log([0.5, 2.0, 2.5])))),
        (distribution("normal", 4.0, p05=2.0, p95=6.0), stats.norm(4.0, 2.0 / Z95).ppf(U)),
        (distribution("normal", 4.0, p05=3.5, p95=6.0), two_piece(U, 3.5, 4.0, 6.0)),
        (distribution("logitnormal", 0.2, p05=0.1, p95=0.6), expit(two_piece(U, *logit([0.1, 0.2, 0.6])))),
        (distribution("uniform", 1.0, low=-2.0, high=4.0), stats.uniform(-2.0, 6.0).ppf(U)),
        (distribution("triangular", 2.0, low=1.0, mode=2.0, high=3.0), stats.triang(0.5, 1.0, 2.0).ppf(U)),
        (distribution("triangular", 3.55, low=0.0, mode=5.0, high=5.0), stats.triang(1.0, 0.0, 5.0).ppf(U)),
        (distribution("triangular", 1.46, low=0.0, mode=0.0, high=5.0), stats.triang(0.0, 0.0, 5.0).ppf(U)),
        (distribution("triangular", 2.27, low=1.0, mode=2.0, high=4.0), stats.triang(1 / 3, 1.0, 3.0).ppf(U)),
    ],
)
def test_quantiles_agree_with_scipy(made, oracle):
    assert made.quantile(U) == pytest.approx(oracle, rel=1e-12, abs=1e-12)
    assert (np.diff(made.quantile(U)) > 0).all()


def test_shape_follows_u():
    made = distribution("lognormal", 2.0, p05=1.5, p95=2.67)
    assert type(made.quantile(0.3)) is float
    block = np.random.default_rng(0).uniform(0, 1, (3, 4))
    assert made.quantile(block).shape == (3, 4)
    assert made.quantile(block)[1, 2] == made.quantile(float(block[1, 2]))


def test_equal_numbers_make_equal_distributions():
    assert distribution("normal", 1.0, p05=0.0, p95=2.0) == distribution("normal", 1.0, p05=0.0, p95=2.0)
    assert distribution("normal", 1.0, p05=0.5, p95=2.0) != distribution("lognormal", 1.0, p05=0.5, p95=2.0)


def test_every_family_tells_its_numbers():
    assert {family: numbers_of(family) for family in FAMILIES} == {
        "lognormal": ("p05", "p95"),
        "normal": ("p05", "p95"),
        "logitnormal": ("p05", "p95"),
        "uniform": ("low", "high"),
        "triangular": ("low", "mode", "high"),
        "exponential": (),
    }
    assert all(issubclass(kind, Distribution) and kind.family == family for family, kind in FAMILIES.items())


@pytest.mark.parametrize(
    ("family", "median", "numbers", "text"),
    [
        ("lognormal", 1.0, {"p05": 1.0, "p95": 2.0}, "lognormal needs p05 < median < p95, not 1 < 1 < 2"),
        ("normal", 3.0, {"p05": 1.0, "p95": 2.0}, "normal needs p05 < median < p95, not 1 < 3 < 2"),
        ("lognormal", 1.0, {"p05": 0.0, "p95": 2.0}, "lognormal needs positive numbers, not p05 = 0"),
        ("logitnormal", 0.5, {"p05": 0.0, "p95": 0.7}, "logitnormal needs numbers between 0 and 1"),
        ("logitnormal", 0.5, {"p05": 0.2, "p95": 1.0}, "logitnormal needs numbers between 0 and 1"),
        ("uniform", 1.0, {"low": 2.0, "high": 0.0}, "uniform needs low < high, not 2 < 0"),
        ("uniform", 1.0, {"low": 0.0, "high": 2.1}, "has the median 1.05, more than 1 % away from 1"),
        ("triangular", 1.0, {"low": 0.0, "mode": 3.0, "high": 2.0}, "triangular needs low <= mode <= high"),
        ("triangular", 1.0, {"low": 1.0, "mode": 1.0, "high": 1.0}, "triangular needs low <= mode <= high"),
        ("triangular", 2.0, {"low": 0.0, "mode": 2.0, "high": 9.0}, "more than 1 % away from 2"),
        ("normal", float("nan"), {"p05": 1.0, "p95": 2.0}, "median = nan is not a finite number"),
        ("normal", 1.0, {"p05": 0.0, "p95": float("inf")}, "p95 = inf is not a finite number"),
        ("lognormal", 1.0, {"p05": 0.5}, "lognormal needs p95"),
        ("triangular", 1.0, {"mode": 1.0}, "triangular needs low and high"),
        ("normal", 1.0, {"p05": 0.0, "p95": 2.0, "low": 0.0}, "normal has no low; it is given by p05, p95"),
        ("log-normal", 1.0, {}, "unknown family 'log-normal'; did you mean 'lognormal'?"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(family, median, numbers, text):
    with pytest.raises(ValueError) as refusal:
        distribution(family, median, **numbers)
    assert text in str(refusal.value)


@pytest.mark.parametrize(("median", "high"), [(1.0, 2.019), (1.0, 1.981), (0.0, 0.0 + 1e-300)])
def test_a_median_within_one_percent_is_accepted(median, high):
    assert distribution("uniform", median, low=-high if median == 0 else 0.0, high=high).median == median

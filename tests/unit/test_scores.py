"""Scores against values in closed form or worked out by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from vimach_calibration.samples import Samples
from vimach_calibration.scores import (
    FEWEST_BLOCKS,
    LEVELS,
    brier,
    crps,
    interval_score,
    pit,
    ratio_of_sums,
    score,
    wis,
)

NORMAL = norm.ppf((np.arange(4000) + 0.5) / 4000)


def forecast(values: list[float], weights: list[float] | None = None) -> Samples:
    return Samples(np.array(values)[:, None], np.array(weights or [1.0] * len(values)))


def test_crps_of_a_normal_is_the_closed_form() -> None:
    for observed in (-1.5, 0.0, 0.7, 3.0):
        closed = observed * (2 * norm.cdf(observed) - 1) + 2 * norm.pdf(observed) - 1 / np.sqrt(np.pi)
        assert crps(NORMAL, np.full(4000, 1 / 4000), observed) == pytest.approx(closed, abs=2e-4)


def test_crps_of_one_point_is_the_absolute_error() -> None:
    assert crps(np.array([3.0]), np.array([1.0]), 5.0) == 2.0


def test_crps_with_weights_is_that_of_repeated_members() -> None:
    weighted = crps(np.array([1.0, 4.0]), np.array([0.75, 0.25]), 2.0)
    assert weighted == pytest.approx(crps(np.array([1.0, 1.0, 1.0, 4.0]), np.full(4, 0.25), 2.0))


def test_wis_is_the_weighted_sum_of_interval_scores() -> None:
    quantiles = norm.ppf(LEVELS)
    for observed in (-3.0, 0.2, 2.1):
        half = len(LEVELS) // 2
        whole = 0.5 * abs(observed - quantiles[half])
        for place in range(half):
            alpha = 2 * LEVELS[place]
            ends = quantiles[place], quantiles[-1 - place]
            whole += alpha / 2 * interval_score(*ends, observed, 1 - alpha)
        assert wis(quantiles, observed) == pytest.approx(whole / (half + 0.5))


def test_wis_of_a_point_is_the_absolute_error() -> None:
    assert wis([2.0] * len(LEVELS), 5.0) == pytest.approx(3.0)


def test_pit_counts_ties_half_and_brier_is_a_square() -> None:
    assert pit(np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.25, 0.25]), 2.0) == 0.625
    assert brier(0.7, True) == pytest.approx(0.09)


def test_a_score_by_hand() -> None:
    found = score(forecast([80.0, 100.0, 120.0, 140.0]), 100.0, yearly_change=5.0, threshold=110.0)
    assert found.median == pytest.approx(110.0)
    assert (found.error, found.percentage, found.scaled) == pytest.approx((10.0, 10.0, 2.0))
    assert (found.probability, found.event, found.brier) == (0.5, False, 0.25)
    assert found.pit == 0.375
    assert found.covered == (True, True, True)
    assert found.log_error == pytest.approx(np.log(np.sqrt(100 * 120)) - np.log(100))


def test_without_a_scale_or_a_question_the_score_is_empty() -> None:
    found = score(forecast([90.0, 110.0]), 100.0)
    assert np.isnan([found.scaled, found.probability, found.brier]).all()
    with pytest.raises(ValueError, match="positive"):
        score(forecast([1.0]), 0.0)


def test_a_member_with_none_of_it_still_has_a_score() -> None:
    assert np.isfinite(score(forecast([0.0, 5.0, 6.0]), 5.0).crps)


def test_samples_are_quantiled_by_weight_and_refuse_nonsense() -> None:
    equal = forecast([1.0, 2.0, 3.0, 4.0])
    assert equal.quantiles([0.5])[0, 0] == pytest.approx(2.5)
    assert equal.effective_size == pytest.approx(4.0)
    assert forecast([5.0, 1.0], [1.0, 3.0]).quantiles([0.375])[0, 0] == pytest.approx(1.0)
    for weights in ([0.0, 0.0], [1.0, -1.0], [1.0, np.nan]):
        with pytest.raises(ValueError, match="weights"):
            forecast([1.0, 2.0], weights)


def test_a_ratio_keeps_blocks_together_and_needs_some() -> None:
    blocks = [place // 4 for place in range(80)]
    values = [float(block % 2) for block in blocks]
    together = ratio_of_sums(values, [1.0] * 80, blocks)
    apart = ratio_of_sums(values, [1.0] * 80, list(range(80)))
    assert together.value == apart.value == 0.5
    assert (together.n, together.blocks) == (80, 20)
    assert together.high - together.low > 1.5 * (apart.high - apart.low)
    assert together == ratio_of_sums(values, [1.0] * 80, blocks)
    few = ratio_of_sums([1.0, 0.0], [1.0, 1.0], ["a", "b"])
    assert few.value == 0.5
    assert np.isnan([few.low, few.high]).all()
    assert few.blocks < FEWEST_BLOCKS
    assert together.less_than_one().low == pytest.approx(1 - together.high)


def test_neighbouring_blocks_drawn_together_widen_the_interval() -> None:
    values = [float(place % 20 >= 10) for place in range(100)]
    one, many = (ratio_of_sums(values, [1.0] * 100, list(range(100)), length) for length in (1, 10))
    assert many.high - many.low > 1.5 * (one.high - one.low)

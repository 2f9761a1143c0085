"""Scores of forecasts given as weighted samples, and their sums over many forecasts with block-bootstrap intervals.

WIS and CRPS are taken on logarithms, so that 0.1 is an error of about a tenth whatever is counted: only then can
persons, firms and plants stand in one mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vimach_calibration.samples import Array, Samples

BANDS: Final = (0.5, 0.8, 0.95)
"""Central intervals whose coverage is counted."""
LEVELS: Final = (
    0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5,
    0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99,
)  # fmt: skip
"""The 23 quantiles of the weighted interval score, those of the epidemiological forecast hubs."""
INTERVAL: Final = 0.9
"""Coverage of the bootstrap intervals."""
FEWEST_BLOCKS: Final = 5
"""With fewer blocks there is no bootstrap interval: resampling three things says nothing of a fourth."""
_DRAWS: Final = 2000
_KEY: Final = 1017
_LEAST: Final = 1e-3  # of the outturn: where a member of a count is zero, so that it has a logarithm


@dataclass(frozen=True)
class Score:
    """One forecast of one number. `error` (median less outturn) is in its unit, `percentage` its size in percent.

    `scaled` is the absolute error over the mean absolute yearly change that was known at the origin, NaN without one;
    `crps`, `wis`, `log_error` and `width` (of the 80 % interval) are in logs; `quantiles` go with LEVELS;
    `covered` goes with BANDS; `probability` is that of `event`.
    """

    median: float
    error: float
    percentage: float
    scaled: float
    log_error: float
    crps: float
    wis: float
    width: float
    covered: tuple[bool, ...]
    pit: float
    probability: float
    event: bool
    quantiles: tuple[float, ...]

    @property
    def brier(self) -> float:
        """Squared distance of the probability from what happened; NaN where no question was put."""
        return brier(self.probability, self.event)


def score(forecast: Samples, observed: float, yearly_change: float = np.nan, threshold: float = np.nan) -> Score:
    """Scores samples of one number, shape (members, 1), against a positive outturn.

    `yearly_change` scales MASE; the yes/no question is whether the outturn is at least `threshold`.
    ValueError if the outturn is not positive.
    """
    if not observed > 0:
        raise ValueError(f"only positive numbers are scored on logs, not {observed:g}")
    quantiles = forecast.quantiles(LEVELS)[:, 0]
    logs = forecast.map(lambda values: np.log(np.maximum(values, observed * _LEAST)))
    log_quantiles, outturn = logs.quantiles(LEVELS)[:, 0], float(np.log(observed))
    median = float(quantiles[LEVELS.index(0.5)])
    ends = [_ends(quantiles, band) for band in BANDS]
    low, high = _ends(log_quantiles, 0.8)
    asked = bool(np.isfinite(threshold))
    return Score(
        median=median,
        error=median - observed,
        percentage=100 * abs(median - observed) / observed,
        scaled=abs(median - observed) / yearly_change if yearly_change > 0 else float("nan"),
        log_error=float(log_quantiles[LEVELS.index(0.5)]) - outturn,
        crps=crps(logs.values[:, 0], logs.weights, outturn),
        wis=wis(log_quantiles, outturn),
        width=high - low,
        covered=tuple(bool(low <= observed <= high) for low, high in ends),
        pit=pit(forecast.values[:, 0], forecast.weights, observed),
        probability=float(forecast.weights[forecast.values[:, 0] >= threshold].sum()) if asked else float("nan"),
        event=asked and observed >= threshold,
        quantiles=tuple(quantiles.tolist()),
    )


def _ends(quantiles: Array, band: float) -> tuple[float, float]:
    """The ends of a central interval, linear between the levels kept."""
    low, high = np.interp([(1 - band) / 2, (1 + band) / 2], LEVELS, quantiles)
    return float(low), float(high)


def crps(values: Array, weights: Array, observed: float) -> float:
    """Continuous ranked probability score of weighted samples: E|X - y| - E|X - X'| / 2."""
    order = np.argsort(values, kind="stable")
    ranked, shares = values[order], weights[order]
    above = np.cumsum(shares)
    spread = float(np.sum(shares * ranked * (2 * above - shares - 1)))
    return float(np.sum(shares * np.abs(ranked - observed))) - spread


def wis(quantiles: Sequence[float] | Array, observed: float, levels: Sequence[float] = LEVELS) -> float:
    """Weighted interval score of a median and central intervals, given by quantiles at symmetric `levels`.

    Twice the mean pinball loss over the levels, which is the same number as the weighted sum of interval scores.
    """
    gaps = observed - np.asarray(quantiles, np.float64)
    shares = np.asarray(levels, np.float64)
    return float(2 * np.mean(np.maximum(shares * gaps, (shares - 1) * gaps)))


def interval_score(low: float, high: float, observed: float, band: float) -> float:
    """Width of a central interval plus what lies outside, counted 2 / (1 - band) times."""
    missed = max(low - observed, 0.0) + max(observed - high, 0.0)
    return high - low + 2 / (1 - band) * missed


def pit(values: Array, weights: Array, observed: float) -> float:
    """Probability integral transform: the share of the forecast below the outturn, ties half."""
    return float(weights[values < observed].sum() + weights[values == observed].sum() / 2)


def brier(probability: float, happened: bool) -> float:
    """Squared distance of a probability from what happened."""
    return (probability - float(happened)) ** 2


@dataclass(frozen=True)
class Ratio:
    """A ratio of sums over `n` forecasts in `blocks` blocks; `low` and `high` are NaN with too few blocks."""

    value: float
    low: float
    high: float
    n: int
    blocks: int

    def less_than_one(self) -> "Ratio":
        """One minus the ratio: a skill from a ratio of losses."""
        return Ratio(1 - self.value, 1 - self.high, 1 - self.low, self.n, self.blocks)


def ratio_of_sums(above: Sequence[float], below: Sequence[float], blocks: Sequence[object], length: int = 1) -> Ratio:
    """sum(above) / sum(below) with a circular block-bootstrap interval (INTERVAL).

    Forecasts of one entry of `blocks` stay together; `length` neighbouring entries, in the order in which they first
    appear, are drawn as one.
    """
    tops, bottoms = np.asarray(above, np.float64), np.asarray(below, np.float64)
    if not len(tops) or not bottoms.sum():
        return Ratio(np.nan, np.nan, np.nan, len(tops), 0)
    places = {label: place for place, label in enumerate(dict.fromkeys(blocks))}
    where, count = np.array([places[label] for label in blocks]), len(places)
    upper, lower = (np.bincount(where, weights=each, minlength=count) for each in (tops, bottoms))
    value = float(tops.sum() / bottoms.sum())
    if count < max(FEWEST_BLOCKS, 2 * length):
        return Ratio(value, np.nan, np.nan, len(tops), count)
    generator = np.random.Generator(np.random.Philox(key=_KEY))
    starts = generator.integers(count, size=(_DRAWS, -(-count // length)))
    drawn = ((starts[:, :, None] + np.arange(length)) % count).reshape(_DRAWS, -1)[:, :count]
    ratios = upper[drawn].sum(axis=1) / lower[drawn].sum(axis=1)
    low, high = np.quantile(ratios, [(1 - INTERVAL) / 2, (1 + INTERVAL) / 2])
    return Ratio(value, float(low), float(high), len(tops), count)

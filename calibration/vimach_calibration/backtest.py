"""Backtests: what would have been forecast from each vintage, held against what was counted later.

Every forecast is scored with the error that a published count carries; benchmarks are fitted to published counts, so
they hold that error already. Nothing here is fitted to a scored year.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from vimach_calibration.benchmarks import MEAN, METHODS, History, NotEstimable, forecasts
from vimach_calibration.ensemble_bank import Bank, Series
from vimach_calibration.importance import Weights
from vimach_calibration.samples import Array, Samples
from vimach_calibration.scores import BANDS, LEVELS, score
from vimach_calibration.vintages import Target, Vintages, decimal, horizon

MODEL: Final = "model"
FORECASTERS: Final = (MODEL, *METHODS, MEAN)
HORIZONS: Final = (1, 2, 3, 4, 5)
QUESTION: Final = 1.2
"""The yes/no question: will the count be at least a fifth above the newest one known?"""
COPIES: Final = 5  # of a member, each with its own error of observation
FEWEST_EFFECTIVE: Final = 40.0
"""A forecast worth fewer equally weighted members than this has failed: too few for its tails. It is counted, never
scored."""
SLIGHT: Final = 1e-9  # members below this share of the largest weight are left out
_KEY: Final = 2026

FORECAST_COLUMNS: Final[Mapping[str, str]] = {
    "panel": "real (the evidence) or the name of a synthetic panel",
    "levers": "which levers the model was given: as announced, or as they happened",
    "series": "observed series",
    "scope": "its scope",
    "unit": "unit of observed, median and quantiles",
    "origin": "day up to which rows were known, or decimal year",
    "block": "forecasts that stay together in the bootstrap",
    "time": "moment forecast, in decimal years",
    "horizon": "whole years from origin to moment",
    "known": "counts of the series known at the origin",
    "forecaster": "the model or a benchmark",
    "observed": "the count that came out later",
    "median": "median of the forecast",
    **{f"q{100 * level:g}": f"its {100 * level:g} % quantile" for level in (0.025, 0.1, 0.25, 0.75, 0.9, 0.975)},
    "error": "median less observed",
    "percentage": "absolute error in percent of observed",
    "scaled": "absolute error over the mean absolute yearly change known at the origin",
    "log_error": "log of median less log of observed",
    "crps": "continuous ranked probability score, logs",
    "wis": "weighted interval score, logs",
    "width": "width of the 80 % interval, logs",
    **{f"covered{100 * band:g}": f"whether the {100 * band:g} % interval holds the count" for band in BANDS},
    "pit": "share of the forecast below the count",
    "probability": "forecast probability that the count is a fifth above the newest one known",
    "event": "whether it was",
    "brier": "squared distance of the two",
    "effective_size": "how many equally weighted draws the forecast is worth",
    "not_estimable": "why a benchmark was not fitted, or the model's forecast failed; scores are empty",
}


@dataclass(frozen=True)
class Belief:
    """What was believed on a day: members, what each is worth, of how many `counts`, with how many parameters
    `estimated`; `because` says why the model was not calibrated, if it was not."""

    bank: Bank
    weights: Weights
    counts: int
    estimated: int = 0
    because: str = ""


@dataclass(frozen=True)
class Case:
    """One number to be forecast from one origin, with what was known of its series then."""

    panel: str
    levers: str
    series: Series
    unit: str
    origin: str
    block: str
    time: float
    horizon: int
    observed: float
    history: History

    def rows(
        self, model: Samples | NotEstimable, benchmarks: Mapping[str, Samples | NotEstimable]
    ) -> Iterator[dict[str, object]]:
        """One line a forecaster; samples are of the published count, shape (members, 1)."""
        found: dict[str, Samples | NotEstimable] = {MODEL: model, **benchmarks}
        yield from (self._row(name, each) for name, each in found.items())

    def _row(self, forecaster: str, forecast: Samples | NotEstimable) -> dict[str, object]:
        head = {
            "panel": self.panel, "levers": self.levers, "series": self.series[0], "scope": self.series[1],
            "unit": self.unit, "origin": self.origin, "block": self.block, "time": self.time,
            "horizon": self.horizon, "known": len(self.history), "forecaster": forecaster, "observed": self.observed,
        }  # fmt: skip
        if isinstance(forecast, NotEstimable):
            return head | {"not_estimable": forecast.because}
        newest = self.history.values[-1] if len(self.history) else np.nan
        found = score(forecast, self.observed, self.history.yearly_change, QUESTION * newest)
        quantiles = dict(zip(LEVELS, found.quantiles, strict=True))
        scored = {name: getattr(found, name) for name in _SCORES}
        return {
            **head, **scored,
            **{name: quantiles[float(name[1:]) / 100] for name in FORECAST_COLUMNS if name in _QUANTILES},
            **{f"covered{100 * band:g}": within for band, within in zip(BANDS, found.covered, strict=True)},
            "effective_size": forecast.effective_size / (COPIES if forecaster == MODEL else 1), "not_estimable": "",
        }  # fmt: skip


_QUANTILES: Final = ("q2.5", "q10", "q25", "q75", "q90", "q97.5")
_SCORES: Final = (
    "median", "error", "percentage", "scaled", "log_error", "crps", "wis", "width", "pit", "probability", "event",
    "brier",
)  # fmt: skip


def table(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Lines as a table with the columns of FORECAST_COLUMNS."""
    return pd.DataFrame(list(rows), columns=list(FORECAST_COLUMNS))


def published(samples: Samples, sd: float, key: int = 0) -> Samples:
    """Samples of what is there, shape (members, 1), as samples of its published count: with its log-normal error.

    `key` tells forecasts apart whose errors are to be independent. Members of next to no weight are left out.
    """
    kept = samples.weights > SLIGHT * samples.weights.max()
    values, weights = np.repeat(samples.values[kept], COPIES, axis=0), np.repeat(samples.weights[kept], COPIES)
    generator = np.random.Generator(np.random.Philox(key=_KEY, counter=key << 64))
    return Samples(values * np.exp(sd * generator.standard_normal(values.shape)), weights)


def worth_enough(effective: float) -> str:
    """Nothing, or why members of this effective size are too few to forecast from."""
    return "" if effective >= FEWEST_EFFECTIVE else f"worth {effective:.0f} members, {FEWEST_EFFECTIVE:.0f} needed"


def hindcast(on: Callable[[date], Mapping[str, Belief]], vintages: Vintages) -> pd.DataFrame:
    """Forecasts from every origin of every count that came out later, columns of FORECAST_COLUMNS.

    `on` tells what was believed on a day, for each set of levers.
    """
    rows: list[dict[str, object]] = []
    targets = vintages.targets()
    for origin in vintages.origins():
        ahead = [target for target in targets if horizon(origin, target)]
        if not ahead:
            continue
        histories = [_history(vintages, origin, target) for target in ahead]
        plain = [forecasts(known, [target.time]) for known, target in zip(histories, ahead, strict=True)]
        for levers, belief in on(origin).items():
            failed = worth_enough(belief.weights.effective)
            for key, (target, known) in enumerate(zip(ahead, histories, strict=True)):
                series = (target.series, target.scope)
                given = belief.bank.paths(series, np.array([target.time]))
                case = Case(
                    "real", levers, series, target.unit, str(origin), _outturn(target), target.time,
                    horizon(origin, target), target.value, known,
                )  # fmt: skip
                there = Samples(given, belief.weights.normal)
                rows += case.rows(NotEstimable(failed) if failed else published(there, target.sd, key), plain[key])
    return table(rows)


def _outturn(target: Target) -> str:
    """Forecasts of one count from many days are near copies of one another: in a bootstrap they stay together."""
    return f"{target.series} {target.scope} {target.time:g}".replace("  ", " ")


def _history(vintages: Vintages, origin: date, target: Target) -> History:
    known = vintages.history(origin, target.series, target.scope)
    return History(known["time"].to_numpy(np.float64), known["value"].to_numpy(np.float64))


def origins(vintages: Vintages) -> pd.DataFrame:
    """What the vintages allow: a line for each origin and series with the counts known and those to come by horizon."""
    targets, lines = vintages.targets(), []
    for origin in vintages.origins():
        for series, scope in sorted(vintages.scored):
            years = [horizon(origin, each) for each in targets if (each.series, each.scope) == (series, scope)]
            known = len(vintages.history(origin, series, scope))
            line = {"origin": str(origin), "edge": decimal(origin), "series": series, "scope": scope, "known": known}
            lines.append(line | {f"horizon{year}": years.count(year) for year in HORIZONS})
    return pd.DataFrame(lines)


def agreement(one: Bank, other: Bank, vintages: Vintages) -> dict[Series, float]:
    """The largest relative difference of two banks' members at the moments of the targets, by series."""
    found: dict[Series, float] = {}
    for target in vintages.targets():
        series, when = (target.series, target.scope), np.array([target.time])
        first, second = one.paths(series, when), other.paths(series, when)
        apart = float(np.max(np.abs(first - second) / np.maximum(np.abs(first), 1e-12)))
        found[series] = max(found.get(series, 0.0), apart)
    return found


def known_history(times: Array, values: Array) -> History:
    """Counts as a history, those that are missing (NaN) left out."""
    there = np.isfinite(values)
    return History(times[there], values[there])

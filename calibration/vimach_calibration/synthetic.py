"""Made-up pasts with a known future: truths from the prior, counted with noise and gaps, forecast as real ones are.

The model is right by construction here, so this tests the machinery (weighting, intervals, scores) and how much the
structure is worth against plain methods, not whether the structure is true.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import pandas as pd

from vimach_calibration import benchmarks
from vimach_calibration.backtest import HORIZONS, Case, known_history, published, table, worth_enough
from vimach_calibration.benchmarks import NotEstimable
from vimach_calibration.conditioning import Counts
from vimach_calibration.ensemble_bank import Bank, Series
from vimach_calibration.importance import Weights
from vimach_calibration.samples import Array, Samples

SCORED: Final[tuple[Series, ...]] = (("employed_design", ""), ("employed_atp", "wide"), ("design_firms_active", ""))
"""Components; their engineers together are the total."""
ENGINEERS: Final[Series] = ("engineers, design and ATP", "")
_PARTS: Final[tuple[Series, ...]] = SCORED[:2]
UNITS: Final[Mapping[Series, str]] = {SCORED[0]: "person", SCORED[1]: "person", SCORED[2]: "firm", ENGINEERS: "person"}
_KEY: Final = 400
MORE: Final = (1, 4)
"""How many times the members asked for are tried, one after the other, until a truth's forecast is worth enough."""


class Conditioned(Protocol):
    """What hands over members given counts: vimach_calibration.conditioning."""

    def given(self, counts: Counts, members: int) -> tuple[Bank, Weights]:
        """So many members, run to the last moment forecast, and their weights given `counts`."""


@dataclass(frozen=True)
class Panel:
    """What is counted of every truth: moments and log errors by series; forecasts start at the edge `origin`."""

    name: str
    origin: float
    counted: Mapping[Series, Sequence[float]]
    sd: Mapping[Series, float]
    missing: float = 0.0

    def counts(self, truth: Mapping[Series, Array], generator: np.random.Generator) -> Counts:
        """Moments and counted numbers of one truth; what is `missing` by chance is NaN, the newest never is."""
        found: dict[Series, tuple[Array, Array]] = {}
        for series, moments in self.counted.items():
            noise = self.sd[series] * generator.standard_normal(len(moments))
            gone = generator.random(len(moments)) < self.missing
            gone[-1:] = False
            values = np.where(gone, np.nan, truth[series] * np.exp(noise))
            found[series] = (np.asarray(moments, np.float64), values)
        return found


def thin_panel(counts: pd.DataFrame, known: set[Series], origin: float) -> Panel:
    """The real counts before `origin` (rows of vimach_calibration.series): their series, moments and errors."""
    counts = counts[counts["time"] < origin]
    counted: dict[Series, list[float]] = {}
    errors: dict[Series, float] = {}
    for row in counts.sort_values("time", kind="stable").to_dict("records"):
        series = (str(row["series"]), str(row["scope"]))
        if series in known:
            counted.setdefault(series, []).append(float(row["time"]))
            errors[series] = float(row["sd"])
    return Panel("as counted so far", origin, counted, errors)


def long_panel(origin: float, years: int = 16, sd: float = 0.1, missing: float = 0.2) -> Panel:
    """A count at the end of every year of the components, one in five missing: enough for every benchmark."""
    moments = [origin - years + 1 + year for year in range(years)]
    return Panel(f"{years} years of counts", origin, dict.fromkeys(SCORED, moments), dict.fromkeys(SCORED, sd), missing)


def forecasts(
    panel: Panel, model: Conditioned, members: int, truths: Bank, count: int,
    progress: Callable[[int], None] = lambda truths: None,
) -> pd.DataFrame:  # fmt: skip
    """Forecasts of the first `count` truths at HORIZONS years from the origin, columns of backtest.FORECAST_COLUMNS.

    A truth whose `members`, or MORE times as many, are worth too few is not forecast, and its lines say so.
    """
    rows: list[dict[str, object]] = []
    ahead = panel.origin + np.array(HORIZONS, np.float64)
    past = {series: truths.paths(series, np.asarray(moments)) for series, moments in panel.counted.items()}
    future = {series: truths.paths(series, ahead) for series in SCORED}
    for number in range(count):
        generator = np.random.Generator(np.random.Philox(key=_KEY, counter=number << 64))
        counts = panel.counts({series: values[number] for series, values in past.items()}, generator)
        sd = {series: panel.sd[series] for series in SCORED}
        outturn = {
            series: future[series][number] * np.exp(sd[series] * generator.standard_normal(len(ahead)))
            for series in SCORED
        }
        outturn[ENGINEERS] = np.sum([outturn[part] for part in _PARTS], axis=0)
        histories = {series: known_history(*_history(series, counts)) for series in UNITS}
        plain = {series: benchmarks.forecasts(known, ahead.tolist()) for series, known in histories.items()}
        told = _told(model, counts, members, ahead, sd)
        for place, years in enumerate(HORIZONS):
            for series in UNITS:
                case = Case(
                    panel.name, "from the prior", series, UNITS[series], f"{panel.origin:g}", f"truth {number}",
                    float(ahead[place]), years, float(outturn[series][place]), histories[series],
                )  # fmt: skip
                samples = told if isinstance(told, NotEstimable) else told[series][place]
                rows += case.rows(samples, {name: _at(place, each) for name, each in plain[series].items()})
        progress(1)
    return table(rows)


def _told(
    model: Conditioned, counts: Counts, members: int, ahead: Array, sd: Mapping[Series, float]
) -> dict[Series, list[Samples]] | NotEstimable:
    """What is forecast of each series at each moment, or why nothing is."""
    for more in MORE:
        bank, weights = model.given(counts, more * members)
        enough = worth_enough(weights.effective)
        if not enough:
            break
    else:
        return NotEstimable(enough)
    found: dict[Series, list[Samples]] = {series: [] for series in UNITS}
    for place in range(len(ahead)):
        for key, series in enumerate(SCORED):
            there = Samples(bank.paths(series, ahead[place : place + 1]), weights.normal)
            found[series].append(published(there, sd[series], key))
        together = np.sum([found[part][place].values for part in _PARTS], axis=0)
        found[ENGINEERS].append(Samples(together, found[_PARTS[0]][place].weights))
    return found


def _at(place: int, forecast: Samples | NotEstimable) -> Samples | NotEstimable:
    """A forecast at one of its moments."""
    return forecast.map(lambda values: values[:, place : place + 1]) if isinstance(forecast, Samples) else forecast


def _history(series: Series, counts: Counts) -> tuple[Array, Array]:
    """Moments and numbers of a series; of the total, where every part was counted."""
    if series != ENGINEERS:
        return counts[series]
    parts = [dict(zip(*(each.tolist() for each in counts[part]), strict=True)) for part in _PARTS]
    moments = sorted(set(parts[0]).intersection(*parts[1:]))
    return np.array(moments), np.array([sum(part[moment] for part in parts) for moment in moments])

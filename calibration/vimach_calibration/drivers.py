"""Drivers from outside as state-space models: entrants, students abroad, growth, each from its own counts.

A trend is fitted to the logs on a yearly grid; missing years stay missing. The forecast carries the doubt about the
trend, and about the size of its shocks by a t distribution. Where the counts are too few, the line says so.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vimach.kernels.array import Array
from vimach_calibration.evidence import EvidenceRow, EvidenceTable, read_evidence
from vimach_calibration.series import COUNTS, build_series
from vimach_calibration.submodel_table import Line, line, not_estimable

LEVEL = 0.10
AHEAD = (1, 3)
METHODS = {"random walk with drift": ("rwdrift", 3), "local linear trend": ("lltrend", 5)}
"""Each trend with its name in statsmodels and what it estimates: where it starts and drifts, and its variances."""


@dataclass(frozen=True)
class Driver:
    """Counts of one kind: rows of one quantity, place and segment, taken at one time of the year."""

    name: str
    quantity: str
    place: str
    segment: str
    phase: float
    unit: str = "person"
    why: str = ""


DRIVERS = (
    Driver("students in Taiwan (China)", "vietnamese_students_abroad", "Taiwan (China)", "all", 0.0),
    Driver("students in Japan", "vietnamese_students_abroad", "Japan", "all", 0.3),
    Driver("students in the Republic of Korea", "vietnamese_students_abroad", "Republic of Korea", "all", 0.3,
           why="counts of April by the education ministry alone; those of immigration are another thing"),
    Driver("students in the United States", "vietnamese_students_abroad", "United States", "higher_education", 0.0),
    Driver("growth of the economy", "gdp_growth", "Vietnam", "all", 0.0, "1"),
)  # fmt: skip


@dataclass(frozen=True)
class Trend:
    """A fitted trend of the logs: drift and shock per year, forecasts (median, p05, p95) by years ahead, and tests."""

    drift: float
    drift_sd: float
    shock: float
    ahead: Mapping[int, tuple[float, float, float]]
    autocorrelation: float
    skew_and_tails: float
    freedom: int


def lines(table: EvidenceTable | None = None) -> Iterator[Line]:
    """Each driver under each trend; university entrants come from the observed series."""
    table = read_evidence() if table is None else table
    series = build_series(table)
    entrants = series[(series["series"] == "university_entrants") & series["status"].isin(COUNTS)]
    yield from _driver("university entrants", {int(t): float(v) for t, v in zip(
        entrants["time"], entrants["value"], strict=True)})  # fmt: skip
    for driver in DRIVERS:
        yield from _driver(driver.name, observed(driver, table), driver.unit, driver.why)


def observed(driver: Driver, table: EvidenceTable) -> dict[int, float]:
    """The driver's counts by year; a later row of the same year is a repeat and left out."""
    found: dict[int, float] = {}
    for row in table.values():
        if _belongs(driver, row) and row.value is not None:
            found.setdefault(int(row.year), row.value)
    return dict(sorted(found.items()))


def _belongs(driver: Driver, row: EvidenceRow) -> bool:
    same = (row.quantity, row.place, row.segment) == (driver.quantity, driver.place, driver.segment)
    return same and row.kind == "observed" and abs(row.year % 1 - driver.phase) < 1e-6


def _driver(name: str, counts: Mapping[int, float], unit: str = "person", why: str = "") -> Iterator[Line]:
    for method, (_, unknowns) in METHODS.items():
        need = 2 * unknowns
        if len(counts) < need:
            yield not_estimable(name, method, len(counts), need, "years")
            continue
        trend = fitted(counts, method)
        yield from _lines(name, method, trend, counts, unit, why)


def fitted(counts: Mapping[int, float], method: str) -> Trend:
    """The trend of the logs of yearly `counts`, some years of which may be missing; `method` is one of METHODS."""
    from scipy.stats import t as student  # type: ignore[import-untyped]
    from statsmodels.tsa.statespace.structural import UnobservedComponents  # type: ignore[import-untyped]

    first, last = min(counts), max(counts)
    logs = np.array([math.log(counts[year]) if year in counts else math.nan for year in range(first, last + 1)])
    model = UnobservedComponents(logs, METHODS[method][0], use_exact_diffuse=True)
    found = model.fit(disp=0, maxiter=500)
    freedom = len(counts) - 2
    reach = float(student.ppf(1 - LEVEL / 2, freedom))
    forecast = found.get_forecast(max(AHEAD))
    means, sds = np.asarray(forecast.predicted_mean), np.asarray(forecast.se_mean)
    middle, low, high = np.exp(means + reach * np.outer((0, -1, 1), sds)).tolist()
    ahead = {years: (middle[years - 1], low[years - 1], high[years - 1]) for years in AHEAD}
    shock = math.sqrt(dict(zip(found.param_names, found.params, strict=True)).get("sigma2.level", 0.0))
    drift_sd = math.sqrt(float(found.smoother_results.smoothed_state_cov[1, 1, -1]))
    drift = float(found.smoother_results.smoothed_state[1, -1])
    return Trend(drift, drift_sd, shock, ahead, *_tests(found.standardized_forecasts_error[0]), freedom)


def _tests(errors: Array) -> tuple[float, float]:
    """Lag-one autocorrelation of the standardised errors, and the p value of Jarque and Bera's test."""
    from statsmodels.stats.stattools import jarque_bera  # type: ignore[import-untyped]

    kept = errors[np.isfinite(errors) & (errors != 0)]
    centred = kept - kept.mean()
    return float((centred[1:] * centred[:-1]).sum() / (centred**2).sum()), float(jarque_bera(kept)[1])


def _lines(name: str, method: str, trend: Trend, counts: Mapping[int, float], unit: str, why: str) -> Iterator[Line]:
    from scipy.stats import t as student

    reach = float(student.ppf(1 - LEVEL / 2, trend.freedom)) * trend.drift_sd
    drift = (trend.drift, trend.drift - reach, trend.drift + reach)
    told = f"yearly shock {trend.shock:.2f} (log); lag-one autocorrelation {trend.autocorrelation:.2f}; "
    told += f"Jarque-Bera p = {trend.skew_and_tails:.2g}; counts of {_years(list(counts))}"
    told += f"; {why}" if why else ""
    known = "grows" if drift[1] > 0 else "falls" if drift[2] < 0 else "neither growth nor fall is shown"
    yield line(name, f"{method}: drift of the log", drift, "1/year", len(counts), "state space, exact diffuse", told,
               f"{known}; an interval for the trend over these years, not for another policy")  # fmt: skip
    for years, interval in trend.ahead.items():
        width = interval[2] / interval[1]
        words = f"p95 is {width:.1f} times p05" + (": no use as a forecast" if width > 3 else "")
        yield line(name, f"{method}: {max(counts) + years}", interval, unit, len(counts),
                   "state space, exact diffuse", told, words)  # fmt: skip


def _years(years: Sequence[int]) -> str:
    return f"{years[0]}-{years[-1]}, {years[-1] - years[0] + 1 - len(years)} missing"

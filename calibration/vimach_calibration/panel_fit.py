"""Each economy's parameters from its counts, and how far forecasts from the counts up to a year went wrong after it.

Least squares on logs, with what was thought of each parameter as one more observation of it (mixed estimation of
Theil and Goldberger). Errors are out of sample by the year of the count, not by the day on which it was published.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from vimach import units
from vimach.kernels.array import Array
from vimach_calibration.economies import Count, Economy
from vimach_calibration.panel import panel, simulated

HORIZONS = (1, 3)
"""Years ahead at which forecasts are held against counts."""
NEAR = 0.15
"""A count belongs to a horizon if it was taken within so many years of it."""
Z90 = 1.6448536269514722  # half the width of 90 percent, in standard deviations
RATIO_SD = math.log(4) / Z90
"""What is thought of the ratio of two scopes before the counts: within a factor of four, at 90 percent."""
PARAMETER_COLUMNS = (
    "economy", "parameter", "unit", "estimate", "p05", "p95", "prior_median", "prior_p05", "prior_p95", "learned",
    "counts", "rmse_log", "supports",
)  # fmt: skip
ERROR_COLUMNS = (
    "economy", "series", "horizon", "n", "first_target", "last_target", "mape_model", "mape_model_from_last_count",
    "mape_random_walk_with_drift", "bias_model_from_last_count", "supports",
)  # fmt: skip

_LEARNED = (
    (0.8, "the counts decide"),
    (0.3, "the counts say something, the prior the rest"),
    (-math.inf, "not identified: stays near its prior"),
)
_SLOPE_STEP = 1e-4  # of a log
_FAR = 1e3  # residual of a member that broke: the search turns back


@dataclass(frozen=True)
class Unknown:
    """Something to estimate: its prior median and standard deviation, both of its log."""

    name: str
    median: float
    sd: float


@dataclass(frozen=True)
class Fit:
    """Logs of the unknowns with their covariance; `counts` are those beyond the first of each series."""

    economy: Economy
    unknowns: tuple[Unknown, ...]
    logs: Array
    covariance: Array
    counts: int
    rmse: float

    def at(self, series: str, times: Sequence[float]) -> Array:
        """The fitted stock at `times`, in the scope of the newest count."""
        return _levels(self.economy, self.unknowns, self.logs[:, None], times)[series][:, 0]


def unknowns(economy: Economy) -> tuple[Unknown, ...]:
    """The parameters to estimate, and the ratio of each earlier scope of a series to its newest."""
    found = [
        Unknown(name, math.log(prior.median), math.log(prior.p95 / prior.p05) / (2 * Z90))
        for name, prior in economy.estimated.items()
    ]
    for series in economy.counts:
        scopes = list(dict.fromkeys(count.scope for count in economy.of(series)))
        found += [Unknown(f"{series}: {scope}", 0.0, RATIO_SD) for scope in scopes[:-1]]
    return tuple(found)


def lacking(economy: Economy) -> str:
    """Why the economy cannot be fitted, or "": it needs twice as many counts, beyond the first, as unknowns."""
    have, need = len(_later(economy)), 2 * len(unknowns(economy))
    return "" if have >= need else f"not estimable: {have} counts beyond the first, {need} needed"


def fitted(economy: Economy) -> Fit:
    """The fit; ValueError if `lacking` says why there is none, or if the search does not end."""
    from scipy.optimize import least_squares  # type: ignore[import-untyped]

    if words := lacking(economy):
        raise ValueError(words)
    sought = unknowns(economy)
    priors, sds = np.array([u.median for u in sought]), np.array([u.sd for u in sought])

    def residuals(logs: Array) -> Array:
        """Shape (counts + unknowns, members), in standard deviations."""
        return np.concatenate([_residuals(economy, sought, logs), (logs - priors[:, None]) / sds[:, None]])

    size, met = len(sought), {}

    def together(logs: Array) -> Array:
        """The residuals at `logs` and at a step to both sides of each unknown: the Jacobian costs no run of its own."""
        key = logs.tobytes()
        if key not in met:
            steps = _SLOPE_STEP * np.concatenate([np.zeros((size, 1)), np.eye(size), -np.eye(size)], axis=1)
            met[key] = residuals(logs[:, None] + steps)
        return met[key]

    def slopes(logs: Array) -> Array:
        _, up, down = np.split(together(logs), [1, 1 + size], axis=1)
        return np.asarray((up - down) / (2 * _SLOPE_STEP))

    bounds = (priors - 5 * sds, priors + 5 * sds)
    found = least_squares(lambda logs: together(logs)[:, 0], priors, slopes, bounds, ftol=1e-9, xtol=1e-7)
    if not found.success:
        raise ValueError(f"{economy.name}: the search for the best fit did not end: {found.message}")
    later = _later(economy)
    missed, slope = found.fun[: len(later)], found.jac[: len(later)]
    off = missed * np.array([economy.counts[count.series].sd for count in later])
    covariance = np.linalg.inv(slope.T @ slope / _widening(missed, len(sought)) + np.diag(1 / sds**2))
    return Fit(economy, sought, found.x, covariance, len(later), float(np.sqrt(np.mean(off**2))))


def _widening(missed: Array, unknown: int) -> float:
    """By how much the variance of a count is taken to be larger than stated, where the fit is worse than that."""
    return max(1.0, float(missed @ missed) / (len(missed) - unknown))


def _later(economy: Economy) -> list[Count]:
    """The counts that the fit is held against: all but those that the run starts from."""
    return [count for name in economy.counts for count in economy.of(name)[1 if economy.starts_with(name) else 0 :]]


def _ratios(sought: Sequence[Unknown], logs: Array, count: Count) -> Array:
    """Log of the ratio of a count's scope to the newest scope of its series, by member."""
    name = f"{count.series}: {count.scope}"
    return next((logs[i] for i, unknown in enumerate(sought) if unknown.name == name), np.zeros(logs.shape[1]))


def _levels(economy: Economy, sought: Sequence[Unknown], logs: Array, times: Sequence[float]) -> dict[str, Array]:
    values = {u.name: np.exp(logs[i]) for i, u in enumerate(sought) if u.name in economy.estimated}
    scales = {name: np.exp(_ratios(sought, logs, economy.of(name)[0])) for name in economy.counts}
    return simulated(economy, values, times, scales)


def _residuals(economy: Economy, sought: Sequence[Unknown], logs: Array) -> Array:
    later = _later(economy)
    times = sorted({count.time for count in later})
    levels = _levels(economy, sought, logs, times)
    rows = []
    for count in later:
        model = np.log(levels[count.series][times.index(count.time)]) + _ratios(sought, logs, count)
        rows.append((math.log(count.value) - model) / economy.counts[count.series].sd)
    return np.asarray(np.nan_to_num(np.array(rows), nan=_FAR, posinf=_FAR, neginf=-_FAR))


# tables


def parameters(economies: Sequence[Economy]) -> pd.DataFrame:
    """What was estimated, columns as in PARAMETER_COLUMNS; numbers are NaN where an economy is not estimable.

    `learned` is the share of the prior's variance (of the log) that the counts took away; `counts` those beyond the
    first. A parameter with dimensions is a multiple of Vietnam's central values. Intervals are those of a normal
    approximation, widened where the counts lie further off than their stated standard deviation.
    """
    return pd.DataFrame([line for economy in economies for line in _parameters(economy)], columns=PARAMETER_COLUMNS)


def _parameters(economy: Economy) -> Iterator[tuple[object, ...]]:
    fit = None if lacking(economy) else fitted(economy)
    for i, unknown in enumerate(unknowns(economy)):
        prior = _interval(unknown.median, unknown.sd)
        estimate = (math.nan,) * 3
        learned, rmse, words = math.nan, math.nan, lacking(economy)
        if fit:
            sd = math.sqrt(fit.covariance[i, i])
            estimate, learned, rmse = _interval(fit.logs[i], sd), 1 - (sd / unknown.sd) ** 2, fit.rmse
            words = next(words for share, words in _LEARNED if learned >= share)
        yield (economy.name, unknown.name, _unit(unknown.name), *estimate, *prior, learned, len(_later(economy)), rmse,
               words)  # fmt: skip


def _interval(log: float, sd: float) -> tuple[float, float, float]:
    return math.exp(log), math.exp(log - Z90 * sd), math.exp(log + Z90 * sd)


def _unit(name: str) -> str:
    central = panel().central.get(name)
    if central is None:
        return "ratio of scopes"
    return "times Vietnam" if central.ndim else units.text(panel().graph.variables[name].node.unit)


def errors(economies: Sequence[Economy]) -> pd.DataFrame:
    """Errors out of sample, columns as in ERROR_COLUMNS: mean absolute errors as shares of the count.

    For every origin from the first with enough counts, the fit to the counts up to it is held against the count one
    and three years later: as fitted, and with its growth applied to the last count. The random walk with drift takes
    the mean growth of the log so far. Growth over a change of scope enters neither, nor do targets beyond one.
    """
    return pd.DataFrame([line for economy in economies for line in _errors(economy)], columns=ERROR_COLUMNS)


def _errors(economy: Economy) -> Iterator[tuple[object, ...]]:
    misses: dict[tuple[str, int], list[tuple[float, float, float, float]]] = {
        (series, horizon): [] for series in economy.counts for horizon in HORIZONS
    }
    for time in sorted({count.time for count in economy.series}):
        known = economy.until(time)
        targets = list(_targets(economy, time))
        if not targets or any(not known.of(name) for name in economy.counts) or lacking(known):
            continue
        fit = fitted(known)
        for series, horizon, last, target in targets:
            drift = _drift(known.of(series))
            if drift is None:
                continue
            now, then = fit.at(series, [last.time, target.time])
            walk = last.value * math.exp(drift * (target.time - last.time))
            guesses = float(then), last.value * float(then / now), walk
            as_fitted, grown, walked = (guess / target.value - 1 for guess in guesses)
            misses[series, horizon].append((target.time, as_fitted, grown, walked))
    for (series, horizon), found in misses.items():
        yield _error_line(economy, series, horizon, np.array(found))


def _targets(economy: Economy, time: float) -> Iterator[tuple[str, int, Count, Count]]:
    """What is forecast from `time`: series, horizon, the last count and the count to come, both of one scope."""
    for series in economy.counts:
        last = next((count for count in economy.of(series) if count.time == time), None)
        for horizon in HORIZONS if last else ():
            for target in economy.of(series):
                if last and abs(target.time - time - horizon) <= NEAR and target.scope == last.scope:
                    yield series, horizon, last, target


def _drift(counts: Sequence[Count]) -> float | None:
    """Mean yearly growth of the log within scopes; None without two steps to take it from."""
    steps = [(a, b) for a, b in pairwise(counts) if a.scope == b.scope]
    if len(steps) < 2:
        return None
    grown = sum(math.log(b.value / a.value) for a, b in steps)
    return grown / sum(b.time - a.time for a, b in steps)


def _error_line(economy: Economy, series: str, horizon: int, found: Array) -> tuple[object, ...]:
    if not len(found):
        words = lacking(economy) or "no origin with enough counts has a count that long after it"
        return (economy.name, series, horizon, 0, *(math.nan,) * 6, words)
    mape = np.abs(found[:, 1:]).mean(axis=0)
    words = _verdict(len(found), mape[1], mape[2])
    return (economy.name, series, horizon, len(found), found[0, 0], found[-1, 0], *mape, found[:, 2].mean(), words)


def _verdict(n: int, model: float, benchmark: float) -> str:
    better = "nearer than" if model < benchmark else "further off than"
    few = "; too few targets, and they overlap, to call it a difference" if n < 10 else ""
    return f"on {n} targets the equations are {better} a random walk with drift{few}"

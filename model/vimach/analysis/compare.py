"""Two scenarios on the same members: each target in both, the paired difference, and what the second one costs more.

Member by member both scenarios share their luck, so the difference has an interval of its own, often far narrower than
the two intervals beside it. Medians do not add up: the median difference is not the difference of the medians, and the
yearly medians of extra money do not sum to the median of the total.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.targets import (
    INTERVAL,
    TARGET_COLUMNS,
    Array,
    assess,
    at,
    counted,
    covered,
    dates_of,
    describe,
    headline,
    met,
    national,
    paired_change,
    quantiles,
)
from vimach.errors import BadInput, Problem
from vimach.parameters.table import Target

FIRST, SECOND, DIFFERENCE = "first", "second", "difference"
TOTAL = "total"
COST = "programme_cost"
MONEY = "VND"
_SAME_ATTRIBUTES = {
    "seed": "seed",
    "step": "step",
    "method": "method",
    "model_version": "model version",
    "model": "model",
    "data_vintage": "data vintage",
    "calibration": "calibration",
    "posterior": "posterior",
}
_SAME_COORDINATES = {"member": "members differ", "edge": "horizon differs", "period": "periods differ"}

COMPARE_COLUMNS = {
    "series": "first, second, or difference (second minus first, member by member)",
    "scenario": "name of the scenario; for the difference: second - first",
    "scenario_hash": "hash of the scenario; for the difference: second - first",
} | TARGET_COLUMNS | {
    "change": "difference: probability of the second scenario less that of the first; empty for the two",
    "change_low": "lower end of its 80 % interval, by the luck of the members, who are the same in both",
    "change_high": "upper end",
}  # fmt: skip
MONEY_COLUMNS = {
    "series": "first, second, or difference (second minus first, member by member)",
    "scenario": "name of the scenario; for the difference: second - first",
    "scenario_hash": "hash of the scenario; for the difference: second - first",
    "period": "the calendar year, or total for the whole run",
    "unit": "VND",
    "low": "10 % quantile over members",
    "median": "median over members",
    "high": "90 % quantile over members",
}


def check_comparable(first: xr.Dataset, second: xr.Dataset) -> None:
    """Return if the two runs differ in their scenario alone; otherwise BadInput naming all that differs."""
    problems = [
        Problem(f"the {word} differs: {first.attrs.get(name)} and {second.attrs.get(name)}", None, "compare")
        for name, word in _SAME_ATTRIBUTES.items()
        if first.attrs.get(name) != second.attrs.get(name)
    ]
    for name, words in _SAME_COORDINATES.items():
        one, other = first[name].to_numpy(), second[name].to_numpy()
        if not np.array_equal(one, other):
            problems.append(Problem(f"the {words}: {_extent(one)} and {_extent(other)}", None, "compare"))
    if problems:
        raise BadInput(problems)


def compare(
    first: xr.Dataset, second: xr.Dataset, targets: Sequence[Target], horizons: Sequence[float] | None = None
) -> pd.DataFrame:
    """Three rows (first, second, difference) for each target and date; the columns are explained in COMPARE_COLUMNS.

    The dates are the `horizons`, or those of `dates_of` if there are none. A row of differences has no probability and
    no year, but how far the probability moves. BadInput if the runs cannot be compared or a target may not be printed.
    """
    check_comparable(first, second)
    tables = [
        assess(dataset, targets, horizons).assign(series=series, **_names(dataset))
        for series, dataset in ((FIRST, first), (SECOND, second))
    ]
    differences = [
        row for target in targets for row in _differences(first, second, target, horizons or dates_of(target))
    ]
    tables.append(pd.DataFrame(differences).reindex(columns=list(COMPARE_COLUMNS)))
    joined = pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
    return _ordered(joined, targets)[list(COMPARE_COLUMNS)]


def extra_money(first: xr.Dataset, second: xr.Dataset) -> pd.DataFrame:
    """VND of each scenario and of the difference, for the whole run and by year; the columns are in MONEY_COLUMNS."""
    check_comparable(first, second)
    one, other = (national(dataset, COST, MONEY, "") for dataset in (first, second))
    years = [int(edge) - 1 for edge in one["edge"].to_numpy()]
    names = _names(first), _names(second), _both(first, second)
    rows = []
    for series, name, values in zip(
        (FIRST, SECOND, DIFFERENCE),
        names,
        (one.to_numpy(), other.to_numpy(), other.to_numpy() - one.to_numpy()),
        strict=True,
    ):
        for period, money in [(TOTAL, values.sum(axis=0)), *((str(y), values[i]) for i, y in enumerate(years))]:
            rows.append({"series": series} | name | {"period": period, "unit": MONEY} | _interval(money, MONEY))
    return pd.DataFrame(rows, columns=list(MONEY_COLUMNS))


def _differences(
    first: xr.Dataset, second: xr.Dataset, target: Target, horizons: Sequence[float]
) -> list[dict[str, object]]:
    one, other = headline(first, target), headline(second, target)
    change = dict.fromkeys(("change", "change_low", "change_high"), float("nan"))
    if covered(one, [target.by]):
        moved = paired_change(met(one, target, target.by), met(other, target, target.by))
        change = dict(zip(change, moved, strict=True))
    rows = []
    for edge in covered(one, horizons):
        gain = counted(at(other, edge), target.unit) - counted(at(one, edge), target.unit)
        row: dict[str, object] = {"series": DIFFERENCE} | _both(first, second) | describe(target) | {"edge": edge}
        rows.append(row | _interval(gain, target.unit) | change)
    return rows


def _interval(values: Array, unit: str) -> dict[str, float]:
    low, median, high = quantiles(values, INTERVAL, unit)
    return {"low": float(low), "median": float(median), "high": float(high)}


def _names(dataset: xr.Dataset) -> dict[str, str]:
    return {name: str(dataset.attrs[name]) for name in ("scenario", "scenario_hash")}


def _both(first: xr.Dataset, second: xr.Dataset) -> dict[str, str]:
    return {name: f"{second.attrs[name]} - {first.attrs[name]}" for name in ("scenario", "scenario_hash")}


def _ordered(table: pd.DataFrame, targets: Sequence[Target]) -> pd.DataFrame:
    place = {target.name: number for number, target in enumerate(targets)}
    series = {FIRST: 0, SECOND: 1, DIFFERENCE: 2}
    keys = table.assign(_target=table["target"].map(place), _series=table["series"].map(series))
    return keys.sort_values(["_target", "edge", "_series"], ignore_index=True)


def _extent(values: Array) -> str:
    return f"{len(values)} from {values[0]} to {values[-1]}" if len(values) else "none"

"""When a lever still matters: the last decision date that moves end 2030, and the first year with 100 people more.

Each lever of a scenario is pulled alone upon the base scenario, in the central run, as decided and again one, two,
three ... years later, until end 2030 no longer feels it. What is set at all times has no date to delay: it is tried as
decided in the lever's first year and later.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.paths import Constant, Path_, Step, Table
from vimach.scenario import Override, Scenario
from vimach.simulate import Model, Settings, simulate

PEOPLE: Final = ("trained_cumulative", "employed_in_sector")
END_2030: Final = 2031.0
FELT: Final = 10.0
"""People more or fewer at end 2030 below which a lever is not felt there."""
NOTICED: Final = 100.0
"""People more or fewer, trained or employed, from which a lever is noticed."""
LATEST: Final = 4
"""Years of delay after which no further delay is tried."""
COLUMNS: Final[Mapping[str, str]] = {
    "lever": "name of the parameter",
    "decided": "date from which the scenario's path acts; empty if it does at all times",
    "trained_2030": "people more trained at end 2030, pulled alone",
    "employed_2030": "people more employed at end 2030, pulled alone",
    "trained_2035": "people more trained at end 2035",
    "employed_2035": "people more employed at end 2035",
    "last_decision": "last date, of those tried, from which it still moves end 2030 by ten people; empty if none does",
    "first_year": "first calendar year at whose end it has moved a hundred people; empty if none",
}


def lever_timing(
    model: Model, base: Scenario, pulled: Scenario, progress: Callable[[int], None] = lambda done: None
) -> pd.DataFrame:
    """One row for each lever that `pulled` sets above `base`; columns as in COLUMNS. `progress` hears of each lever."""
    known = set(base.overrides)
    levers = [o for o in pulled.overrides if o not in known and model.table[o.name].lever]
    start = _run(model, base, ())
    rows = []
    for override in levers:
        rows.append(_timed(model, base, start, override))
        progress(1)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _timed(model: Model, base: Scenario, start: xr.Dataset, override: Override) -> dict[str, object]:
    gain = _gain(start, _run(model, base, (override,)))
    row: dict[str, object] = {"lever": override.name, "decided": _acts(override.path)}
    for name, year in ((name, year) for year in (2030, 2035) for name in PEOPLE):
        row[f"{name.split('_')[0]}_{year}"] = float(gain[name].sel(edge=year + 1.0))
    moved = np.maximum(*(np.abs(gain[name].to_numpy()) for name in PEOPLE))
    edges = gain["edge"].to_numpy()[moved >= NOTICED]
    row["first_year"] = int(edges[0]) - 1 if len(edges) else None
    return row | {"last_decision": _last(model, base, start, override)}


def _last(model: Model, base: Scenario, start: xr.Dataset, override: Override) -> float | None:
    lever = model.table[override.name].lever
    assert lever is not None
    last = None
    for delay in range(LATEST + 1):
        later = replace(override, path=_delayed(override.path, float(delay), lever.first_year))
        gain = _gain(start, _run(model, base, (later,)))
        if max(abs(float(gain[name].sel(edge=END_2030))) for name in PEOPLE) < FELT:
            break
        last = _acts(later.path)
    return last


def _run(model: Model, base: Scenario, more: Iterable[Override]) -> xr.Dataset:
    scenario = replace(base, overrides=(*base.overrides, *more))
    return simulate(model, scenario, Settings(members=0), PEOPLE)


def _gain(start: xr.Dataset, other: xr.Dataset) -> xr.Dataset:
    return (other - start).squeeze("member")


def _acts(path: Path_) -> float | None:
    """The date from which a path acts; None if it always does."""
    match path:
        case Constant():
            return None
        case Table():
            return path.times[0]
        case _:
            return path.starts


def _delayed(path: Path_, years: float, first: float) -> Path_:
    """The same path, decided `years` later; what is set at all times, `years` after `first`."""
    match path:
        case Constant():
            return Step(path.to, first + years)
        case Table():
            return replace(path, times=tuple(time + years for time in path.times))
        case Step():
            return replace(path, starts=path.starts + years)
        case _:
            return replace(path, starts=path.starts + years, ends=path.ends + years)

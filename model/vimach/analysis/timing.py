"""When a lever still helps: the last decision date that adds people by end 2030, and the first year with 100 more.

Each lever of a scenario is pulled alone upon the base scenario, in the central run, as decided and again one, two,
three ... years later, until it adds nobody by end 2030. Some take people away at first: while programme money is short
every line gets the same share of what it wants, so what one lever asks for is missing elsewhere. What is set at all
times has no date to delay: it is tried as decided in the lever's first year and later.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.variants import with_more
from vimach.paths import Constant, Path_, Step, Table
from vimach.scenario import Override, Scenario
from vimach.simulate import Model, Settings, simulate

PEOPLE: Final = ("trained_cumulative", "employed_in_sector")
END_2030: Final = 2031.0
FELT: Final = 10.0
"""People more, or fewer, at end 2030 from which a lever is felt there."""
NOTICED: Final = 100.0
"""People more, trained or employed, from which a lever is noticed."""
LATEST: Final = 4
"""Years of delay after which no further delay is tried."""
COLUMNS: Final[Mapping[str, str]] = {
    "lever": "name of the parameter",
    "decided": "date from which the scenario's path acts; empty if it does at all times",
    "trained_2030": "people more trained at end 2030, pulled alone",
    "employed_2030": "people more employed at end 2030, pulled alone",
    "trained_2035": "people more trained at end 2035",
    "employed_2035": "people more employed at end 2035",
    "last_decision": "last date, of those tried, from which it still adds ten people by end 2030; empty if none",
    "first_year": "first calendar year at whose end it has added a hundred trained or employed; empty if none",
}


def lever_timing(
    model: Model, base: Scenario, pulled: Scenario, progress: Callable[[int], None] = lambda done: None
) -> pd.DataFrame:
    """One row for each lever that `pulled` sets above `base`; columns as in COLUMNS. `progress` hears of each lever."""
    start = _run(model, base, ())
    rows = []
    for name, own in levers_pulled(model, base, pulled).items():
        rows.append({"lever": name} | _timed(model, base, start, own))
        progress(1)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def levers_pulled(model: Model, base: Scenario, pulled: Scenario) -> dict[str, tuple[Override, ...]]:
    """By lever all that `pulled` sets above `base`: a scenario upon another may set a lever twice."""
    known = set(base.overrides)
    more = [o for o in pulled.overrides if o not in known and model.table[o.name].lever]
    return {name: tuple(o for o in more if o.name == name) for name in dict.fromkeys(o.name for o in more)}


def _timed(model: Model, base: Scenario, start: xr.Dataset, own: Sequence[Override]) -> dict[str, object]:
    gain = _gain(start, _run(model, base, own))
    row: dict[str, object] = {"decided": _decided(own)}
    for name, year in ((name, year) for year in (2030, 2035) for name in PEOPLE):
        row[f"{name.split('_')[0]}_{year}"] = float(gain[name].sel(edge=year + 1.0))
    added = np.maximum(*(gain[name].to_numpy() for name in PEOPLE))
    edges = gain["edge"].to_numpy()[added >= NOTICED]
    row["first_year"] = int(edges[0]) - 1 if len(edges) else None
    return row | {"last_decision": _last(model, base, start, own)}


def _last(model: Model, base: Scenario, start: xr.Dataset, own: Sequence[Override]) -> float | None:
    lever = model.table[own[0].name].lever
    assert lever is not None
    last = None
    for delay in range(LATEST + 1):
        later = [replace(each, path=_delayed(each.path, float(delay), lever.first_year)) for each in own]
        gain = _gain(start, _run(model, base, later))
        if max(float(gain[name].sel(edge=END_2030)) for name in PEOPLE) < FELT:
            break
        last = _decided(later)
    return last


def _run(model: Model, base: Scenario, more: Sequence[Override]) -> xr.Dataset:
    return simulate(model, with_more(base, more), Settings(members=0), PEOPLE)


def _gain(start: xr.Dataset, other: xr.Dataset) -> xr.Dataset:
    return (other - start).squeeze("member")


def _decided(own: Sequence[Override]) -> float | None:
    """The first date from which a lever is moved; None if it is at all times."""
    dates = [_acts_from(override.path) for override in own]
    return None if None in dates else min(date for date in dates if date is not None)


def _acts_from(path: Path_) -> float | None:
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

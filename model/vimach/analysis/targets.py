"""Targets: what the model gives at the end of 2030 and of 2035, how likely each target is, and when it is reached.

Four conventions hold for every table made here.

- Edge 2031.0 is the end of 2030. A flow over the year 2030 is read at that same edge.
- A target of a later phase is read at its own date as well.
- *Reached by its date* means that the value at that date is at least the target; a level reached earlier and lost again
  does not count.
- Firms, plants and laboratories are counted in whole numbers: 9.9 plants are nine plants.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from vimach.errors import BadInput, Problem, nearest
from vimach.parameters.table import Target
from vimach.units import factor

Array = npt.NDArray[np.float64]

HORIZONS = (2031.0, 2036.0)  # end 2030, end 2035
INTERVAL = (0.1, 0.5, 0.9)  # low, median and high of the 80 % interval
SAMPLING = 1.2815515655446004  # standard errors to each side of a mean that hold the true one in 80 % of cases
WHOLE_UNITS = frozenset({"firm", "plant", "laboratory", "fab"})
HEADCOUNT = "person"
FEWEST_MEMBERS = 10  # with fewer, the 10 % quantile is no quantile of anything
_ROUNDING = 1e-6  # a sum over plants may miss a whole number by the last bits

TARGET_COLUMNS = {
    "target": "name of the target in targets.yaml",
    "label_en": "its English label",
    "label_vi": "its Vietnamese label",
    "variable": "the variable of the dataset that it is tested on",
    "rung": "the rung of the definition ladder that a headcount stands on; empty for firms, plants, laboratories",
    "unit": "unit of target_value, low, median and high",
    "target_value": "what the target asks for",
    "by": "its date as an edge: 2031.0 is the end of 2030",
    "edge": "the date of low, median and high, as an edge",
    "low": "10 % quantile over members",
    "median": "median over members",
    "high": "90 % quantile over members",
    "probability": "share of members that reach the target by its date; empty if the run ends earlier",
    "probability_at_edge": "share of members that are at the target at this edge",
    "year_low": "10 % quantile of the decimal year in which the target is first reached; inf = not within the run",
    "year_median": "its median",
    "year_high": "its 90 % quantile",
}


def is_whole(unit: str) -> bool:
    """Whether things of this unit are counted in whole numbers."""
    return unit in WHOLE_UNITS


def quantiles(values: Array, levels: Sequence[float], unit: str) -> Array:
    """Quantiles over the last axis (members), put on a new first axis; whole numbers stay whole numbers."""
    method: Literal["inverted_cdf", "linear"] = "inverted_cdf" if is_whole(unit) else "linear"
    found: Array = np.quantile(values, np.array(levels), axis=-1, method=method)
    return found


def counted(values: Array, unit: str) -> Array:
    """`values` as they are counted: whole numbers downwards for firms, plants and laboratories."""
    return np.floor(values + _ROUNDING) if is_whole(unit) else values


def headline(dataset: xr.Dataset, target: Target, fewest: int = FEWEST_MEMBERS) -> xr.DataArray:
    """The target's variable in the target's unit, with dimensions (edge, member).

    BadInput if the variable is missing, is not a national total, holds a number that is none or has too few members for
    an interval, and if a headcount's target names no rung, or another than the results do: such a headline may not be
    printed.
    """
    return national(dataset, target.variable, target.unit, target.rung, f"target {target.name}", fewest)


def national(
    dataset: xr.Dataset, variable: str, unit: str, rung: str, key: str = "", fewest: int = FEWEST_MEMBERS
) -> xr.DataArray:
    """One variable as a national total in `unit`, with dimensions (edge, member); `key` says who asks (for errors)."""
    if variable not in dataset.data_vars:
        known = [str(name) for name in dataset.data_vars]
        raise BadInput(Problem(f"the results hold no variable {variable!r}", None, key, nearest(variable, known)))
    values = dataset[variable]
    if dataset.attrs.get("save_per", "year") != "year":
        raise BadInput(Problem("the results hold every step; results.annual makes them yearly", None, key or variable))
    problems = [Problem(message, None, key or variable) for message in _faults(values, unit, rung, fewest)]
    if problems:
        raise BadInput(problems)
    if "period" in values.dims:  # what happened in the year 2030 is known at its end
        values = values.rename(period="edge").assign_coords(edge=dataset["period"].to_numpy() + 1.0)
    scaled = values.transpose("edge", "member").astype(np.float64) * factor(str(values.attrs["unit"]), unit)
    return scaled.assign_attrs(values.attrs | {"unit": unit})


def _faults(values: xr.DataArray, unit: str, rung: str, fewest: int) -> list[str]:
    name = str(values.name)
    faults = []
    extra = [str(dim) for dim in values.dims if dim not in ("edge", "period", "member")]
    if extra:
        faults.append(f"{name} is not a national total: it has the dimensions {', '.join(extra)}")
    if unit == HEADCOUNT and not rung:
        faults.append(f"the headcount {name} names no rung of the definition ladder")
    stated = str(values.attrs.get("rung", ""))
    if unit == HEADCOUNT and stated and rung and stated != rung:
        faults.append(f"{name} stands on the rung {stated!r} in the results, not on {rung!r}")
    if values.sizes.get("member", 0) < fewest:
        members = values.sizes.get("member", 0)
        faults.append(f"an interval needs at least {fewest} members; these results have {members}")
    elif not np.isfinite(values.to_numpy()).all():
        faults.append(f"{name} holds values that are not numbers, so it has no interval")
    return faults


def at(values: xr.DataArray, time: float) -> Array:
    """Values of every member at a date: the edge itself, or the straight line between its two neighbours."""
    edges = values["edge"].to_numpy()
    if not edges[0] <= time <= edges[-1]:
        raise BadInput(f"the run covers {edges[0]:g} to {edges[-1]:g}; {time:g} lies outside")
    after = max(1, int(np.searchsorted(edges, time)))
    share = (time - edges[after - 1]) / (edges[after] - edges[after - 1])
    bare: Array = values.to_numpy()
    between: Array = bare[after - 1] * (1.0 - share) + bare[after] * share
    return between


def met(values: xr.DataArray, target: Target, time: float) -> npt.NDArray[np.bool_]:
    """Whether each member is at the target at a date; BadInput where the run does not cover it."""
    found: npt.NDArray[np.bool_] = counted(at(values, time), target.unit) >= target.value
    return found


def probability_at(values: xr.DataArray, target: Target, time: float) -> float:
    """Share of members whose value at `time` is at least the target; NaN where the run does not cover `time`."""
    edges = values["edge"].to_numpy()
    if not edges[0] <= time <= edges[-1]:
        return float("nan")
    return float(np.mean(met(values, target, time)))


def of_mean(members: Array) -> tuple[float, float]:
    """The 80 % interval of a mean over members, by the luck of who they are."""
    mean, error = float(members.mean()), SAMPLING * float(members.std()) / len(members) ** 0.5
    return mean - error, mean + error


def of_share(share: float, members: int) -> tuple[float, float]:
    """Wilson's 80 % interval of a share of so many members, by the luck of who they are."""
    square = SAMPLING**2 / members
    centre, error = share + square / 2.0, SAMPLING * (share * (1.0 - share) / members + square / members / 4.0) ** 0.5
    return (centre - error) / (1.0 + square), (centre + error) / (1.0 + square)


def paired_change(before: npt.NDArray[np.bool_], after: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
    """How far a probability moves, and the 80 % interval of that by the luck of the members, who are the same in both.

    Agresti and Min's interval: half a member more in each cell of the two-by-two table, so that it has a width where no
    member changes sides; it never excludes the change itself.
    """
    gained, lost, members = float(np.sum(after & ~before)), float(np.sum(before & ~after)), len(before)
    change, centre = (gained - lost) / members, (gained - lost) / (members + 2.0)
    error = SAMPLING * (gained + lost + 1.0 - (members + 2.0) * centre**2) ** 0.5 / (members + 2.0)
    return change, max(-1.0, min(change, centre - error)), min(1.0, max(change, centre + error))


def year_reached(values: xr.DataArray, target: Target) -> Array:
    """Decimal year in which each member first reaches the target; inf for a member that does not within the run."""
    wanted = np.ceil(target.value) - _ROUNDING if is_whole(target.unit) else target.value
    bare, edges = values.to_numpy(), values["edge"].to_numpy()
    reached = bare >= wanted
    first = np.argmax(reached, axis=0)
    before = np.maximum(first - 1, 0)
    members = np.arange(bare.shape[1])
    rise = bare[first, members] - bare[before, members]
    share = np.where(rise > 0, (wanted - bare[before, members]) / np.where(rise > 0, rise, 1.0), 0.0)
    years = edges[before] + np.clip(share, 0.0, 1.0) * (edges[first] - edges[before])
    return np.where(reached.any(axis=0), years, np.inf)


def assess(dataset: xr.Dataset, targets: Sequence[Target], horizons: Sequence[float] | None = None) -> pd.DataFrame:
    """One row for each target and date that the run covers; the columns are explained in TARGET_COLUMNS.

    The dates are the `horizons`, or those of `dates_of` if there are none. BadInput lists every target that may not be
    printed (see `headline`).
    """
    rows: list[dict[str, object]] = []
    problems: list[Problem] = []
    for target in targets:
        try:
            rows.extend(_rows(headline(dataset, target), target, horizons or dates_of(target)))
        except BadInput as error:
            problems.extend(error.problems)
    if problems:
        raise BadInput(problems)
    return pd.DataFrame(rows, columns=list(TARGET_COLUMNS))


def central_values(dataset: xr.Dataset, targets: Sequence[Target]) -> pd.DataFrame:
    """What the central run alone gives at the same dates, in the column `value`: no interval, and no probability."""
    rows: list[dict[str, object]] = []
    for target in targets:
        values = headline(dataset, target, fewest=1)
        for edge in covered(values, dates_of(target)):
            rows.append(describe(target) | {"edge": edge, "value": float(counted(at(values, edge), target.unit)[0])})
    return pd.DataFrame(rows, columns=[*list(TARGET_COLUMNS)[:9], "value"])


def describe(target: Target) -> dict[str, object]:
    """The columns of a table that say which target a row is about."""
    return {
        "target": target.name,
        "label_en": target.label.en,
        "label_vi": target.label.vi,
        "variable": target.variable,
        "rung": target.rung,
        "unit": target.unit,
        "target_value": float(target.value),
        "by": float(target.by),
    }


def dates_of(target: Target) -> tuple[float, ...]:
    """The dates at which a target is read: HORIZONS and, where it lies beyond them, its own."""
    return (*HORIZONS, *([float(target.by)] if target.by > max(HORIZONS) else ()))


def covered(values: xr.DataArray, horizons: Sequence[float]) -> list[float]:
    """Those horizons that lie within the run."""
    edges = values["edge"].to_numpy()
    return [float(edge) for edge in horizons if edges[0] <= edge <= edges[-1]]


def _rows(values: xr.DataArray, target: Target, horizons: Sequence[float]) -> list[dict[str, object]]:
    years = np.quantile(year_reached(values, target), INTERVAL, method="inverted_cdf")
    rows = []
    for edge in covered(values, horizons):
        spread = quantiles(counted(at(values, edge), target.unit), INTERVAL, target.unit)
        rows.append(
            describe(target)
            | {"edge": edge}
            | dict(zip(("low", "median", "high"), map(float, spread), strict=True))
            | {"probability": probability_at(values, target, target.by)}
            | {"probability_at_edge": probability_at(values, target, edge)}
            | dict(zip(("year_low", "year_median", "year_high"), map(float, years), strict=True))
        )
    return rows

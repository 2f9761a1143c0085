"""An ensemble as a bank of futures: what its members give for each observed series, at any moment of the run."""

import math
from collections.abc import Iterator
from typing import Protocol

import numpy as np
import xarray as xr

from vimach_calibration.expressions import Change, Combination, Expression, Number, Variable
from vimach_calibration.fit import Statement, read_statements
from vimach_calibration.samples import Array
from vimach_calibration.series import COUNTS, build_series

Series = tuple[str, str]
"""The name of an observed series and its scope."""


class Bank(Protocol):
    """What a backtest asks of a bank of members."""

    @property
    def series(self) -> set[Series]:
        """The observed series for which members have numbers."""

    def paths(self, series: Series, times: Array) -> Array:
        """The members' numbers for a series at `times`, shape (members, times)."""


def expressions() -> dict[Series, Expression]:
    """What of a run each observed series counts, by series and scope: the statements that rest on a series."""
    counts = build_series()
    named = {
        row["ids"]: (str(row["series"]), str(row["scope"]))
        for row in counts[counts["status"].isin(COUNTS)].to_dict("records")
    }
    found: dict[Series, Expression] = {}
    for statement in read_statements():
        key = named.get(" ".join(statement.observations[0].ids))
        if key and statement.observed and not _is_change(statement):
            found.setdefault(key, statement.model)
    return found


def _is_change(statement: Statement) -> bool:
    return isinstance(statement.model, Change)


def variables() -> list[str]:
    """The variables of a run that `expressions` reads."""
    return sorted({name for expression in expressions().values() for name in _names(expression)})


def _names(expression: Expression) -> Iterator[str]:
    match expression:
        case Variable():
            yield expression.name
        case Combination():
            for part in expression.parts:
                yield from _names(part)
        case Change():
            yield from _names(expression.of)


class EnsembleBank:
    """The members of one dataset."""

    def __init__(self, run: xr.Dataset, outputs: dict[Series, Expression] | None = None) -> None:
        self.run = run
        self.outputs = expressions() if outputs is None else outputs

    @property
    def series(self) -> set[Series]:
        """The observed series for which members have numbers."""
        return set(self.outputs)

    def paths(self, series: Series, times: Array) -> Array:
        """The members' numbers for a series at `times`, shape (members, times); NaN outside the run."""
        found = _read(self.outputs[series], np.asarray(times, np.float64), self.run)
        return found + np.zeros((self.run.sizes["member"], len(times)))


def _read(expression: Expression, times: Array, run: xr.Dataset) -> Array:
    """An expression in every member at once, shape (members or 1, times)."""
    match expression:
        case Number():
            return np.full((1, len(times)), expression.value)
        case Variable():
            return _variable(expression, times, run)
        case Combination():
            parts = [_read(part, times, run) for part in expression.parts]
            if expression.operation == "sum":
                return np.asarray(sum(parts[1:], parts[0]))
            if expression.operation == "product":
                return np.asarray(math.prod(parts[1:], start=parts[0]))
            return np.asarray(parts[0] / parts[1])
        case Change():
            ends = _read(expression.of, np.array([expression.start, expression.end]), run)
            return np.repeat(ends[:, 1:] - ends[:, :1], len(times), axis=1)
    raise TypeError(f"no members for {type(expression).__name__}")


def _variable(variable: Variable, times: Array, run: xr.Dataset) -> Array:
    """A stock on the straight line between two edges; a flow in the calendar year that holds the moment."""
    chosen = run[variable.name].sel(dict(variable.labels))
    axis = "edge" if "edge" in chosen.dims else "period"
    values = chosen.sum([dim for dim in chosen.dims if dim not in (axis, "member")]).transpose("member", axis)
    known, moments = values.to_numpy(), run[axis].to_numpy().astype(np.float64)
    if axis == "period":
        places = np.searchsorted(moments, np.floor(times))
        inside = (np.floor(times) >= moments[0]) & (np.floor(times) <= moments[-1])
        return np.where(inside, known[:, np.minimum(places, len(moments) - 1)], np.nan)
    left = np.clip(np.searchsorted(moments, times, side="right") - 1, 0, len(moments) - 2)
    share = (times - moments[left]) / (moments[left + 1] - moments[left])
    found = known[:, left] + share * (known[:, left + 1] - known[:, left])
    return np.where((share >= 0) & (share <= 1), found, np.nan)

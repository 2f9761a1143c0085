"""Holds the model against a checklist: every scenario run once, every statement tested at every step.

Scenarios run side by side as members of one run, and every step is recorded: a statement about flows holds at each
moment, not only in a year's sum, and a date is met to the sixteenth of a year.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt
import xarray as xr

from vimach.analysis.statements import FIRST, LAST, Checklist, Factor, Statement, Term
from vimach.ensemble import CENTRAL, Block, inputs
from vimach.kernels.array import Array, Inputs, Schedule, is_rate
from vimach.kernels.choice import kernel_for
from vimach.scenario import Scenario
from vimach.simulate import Model

LUCK, SEED, STEP = 20, 1017, 1 / 16
"""Members of an ensemble, its seed, and the step."""

Column = tuple[str, bool]
"""A scenario, and whether its members have luck of their own."""

_TINY = 1e-300


@dataclass(frozen=True)
class Verdict:
    """What a test found: `worst` is the largest miss, to be no larger than `allowed`, and `where` it is.

    `broken` tells why a run that the statement needs did not end, or "".
    """

    statement: Statement
    worst: float
    where: str
    tested: str
    broken: str = ""

    @property
    def holds(self) -> bool:
        """Whether the statement is true wherever it was tested."""
        return not self.broken and self.worst <= self.statement.allowed


def prove(
    model: Model, checklist: Checklist, given: Mapping[Column, Inputs] | None = None,
    progress: Callable[[int], None] = lambda statements: None,
) -> list[Verdict]:  # fmt: skip
    """One verdict for each statement, in their order; `given` may hold inputs made before, which else are made here."""
    runs = Runs(model, checklist, given)
    verdicts = []
    for statement in checklist.statements:
        verdicts.append(_verdict(statement, runs))
        progress(1)
    return verdicts


def schedule() -> Schedule:
    """Every step of the span that is tested, each recorded."""
    steps = round((LAST - FIRST) / STEP)
    return Schedule(FIRST, STEP, steps, tuple(range(steps + 1)))


def drawn(model: Model, scenario: Scenario, luck: bool) -> Inputs:
    """The inputs of one scenario: its central run, or its ensemble."""
    chosen = Block(SEED, 0, LUCK) if luck else Block(SEED, CENTRAL, 1)
    return inputs(model.table, model.graph.dimensions, scenario, chosen, schedule())


class Runs:
    """All runs of a checklist, each once, and the values of terms in them."""

    def __init__(self, model: Model, checklist: Checklist, given: Mapping[Column, Inputs] | None = None) -> None:
        self.model, self.schedule = model, schedule()
        asked = {(run, statement.luck): None for statement in checklist.statements for run in statement.runs}
        held = {c: (given or {}).get(c) or drawn(model, checklist.scenarios[c[0]], c[1]) for c in asked}
        self.columns: dict[Column, slice] = {}
        self.owner: list[str] = []
        for column, own in held.items():
            self.columns[column] = slice(len(self.owner), len(self.owner) + own.members)
            self.owner += [f"{column[0]}, member {n}" if column[1] else column[0] for n in range(own.members)]
        self.inputs = side_by_side(list(held.values()))
        names = {name for statement in checklist.statements for term in statement.terms for name in term.names}
        kernel = kernel_for("auto", model.graph, names, model.moving)
        self.recording = kernel.run(self.inputs, self.schedule)
        self.failures = {failure.member: str(failure).partition(": ")[2] for failure in self.recording.failures}

    def broken(self, statement: Statement) -> str:
        """Why a run that the statement needs broke, or ""."""
        for run in statement.runs:
            for member in range(*self.columns[run, statement.luck].indices(len(self.owner))):
                if member in self.failures:
                    return f"{self.owner[member]}: {self.failures[member]}"
        return ""

    def value(self, term: Term, columns: Sequence[Column]) -> xr.DataArray:
        """A term's values in these columns, dimensions (time, *term.dims, member); rates are per year.

        What stands on edges has a last value at LAST, rates have none there.
        """
        members = self._members(columns)
        above = reduce(lambda a, b: a * b, (self._factor(f, members) for f in term.factors), xr.DataArray(term.number))
        return reduce(lambda a, b: a / b, (self._factor(f, members) for f in term.divisors), above)

    def _members(self, columns: Sequence[Column]) -> npt.NDArray[np.int64] | slice:
        """The members of these columns; a slice where they stand side by side, which copies nothing."""
        found = np.concatenate([np.arange(len(self.owner))[self.columns[column]] for column in columns])
        return slice(int(found[0]), int(found[-1]) + 1) if (np.diff(found) == 1).all() else found

    def _factor(self, factor: Factor, members: npt.NDArray[np.int64] | slice) -> xr.DataArray:
        variable = self.model.graph.variables[factor.name]
        times = self.schedule.times
        array: Array
        if variable.kind == "parameter":
            fixed = self.inputs.fixed.get(factor.name)
            array = self.inputs.varying[factor.name] if fixed is None else fixed[None]
            times = times if fixed is None else times[:1]
        elif is_rate(variable):
            array, times = self.recording.periods[factor.name] / self.schedule.step, times[:-1]
        else:
            array = self.recording.edges[factor.name]
        dims = [dim.name for dim in variable.node.dims]
        labels = {dim.name: list(dim.labels) for dim in variable.node.dims}
        wide = np.broadcast_to(array, (*array.shape[:-1], len(self.owner)))
        values = xr.DataArray(wide, labels | {"time": times}, ("time", *dims, "member"))
        chosen = values.sel(dict(factor.labels)).isel(member=members)
        return chosen.isel(time=0) if len(times) == 1 else chosen


def side_by_side(given: Sequence[Inputs]) -> Inputs:
    """Several runs' inputs as one run's, member behind member; what is equal in all is kept once."""
    names = dict.fromkeys(name for one in given for name in (*one.fixed, *one.varying))
    fixed: dict[str, Array] = {}
    varying: dict[str, Array] = {}
    for name in names:
        moving = any(name in one.varying for one in given)
        arrays = [one.varying[name] if name in one.varying else one.fixed[name] for one in given]
        if moving:
            steps = max(len(one.varying[name]) for one in given if name in one.varying)
            arrays = [
                array if name in one.varying else np.broadcast_to(array, (steps, *array.shape))
                for array, one in zip(arrays, given, strict=True)
            ]
        (varying if moving else fixed)[name] = _joined(arrays, [one.members for one in given])
    return Inputs(sum(one.members for one in given), fixed, varying)


def _joined(arrays: Sequence[Array], members: Sequence[int]) -> Array:
    first = arrays[0]
    if all(array.shape[-1] == 1 and np.array_equal(array, first) for array in arrays):
        return first
    wide = [np.broadcast_to(a, (*a.shape[:-1], count)) for a, count in zip(arrays, members, strict=True)]
    return np.concatenate(wide, axis=-1)


# laws: each gives, term by term or at once, how far the statement is missed


def _verdict(statement: Statement, runs: Runs) -> Verdict:
    tested = _tested(statement)
    if broken := runs.broken(statement):
        return Verdict(statement, np.inf, "", tested, broken)
    found = [_worst(miss, columns, statement) for miss, columns in _MISSES[statement.law](statement, runs)]
    worst, where = max(found, key=lambda one: one[0], default=(np.inf, "nowhere"))
    return Verdict(statement, worst, where, tested)


Misses = Iterator[tuple[xr.DataArray, list[str]]]


def _together(statement: Statement) -> list[Column]:
    return [(scenario, statement.luck) for scenario in statement.scenarios]


def _summed(statement: Statement, runs: Runs) -> dict[str, xr.DataArray]:
    """Each side's sum, by the dimensions that all terms have."""
    kept = {"time", "member", *statement.dims}
    columns = _together(statement)
    sides = {}
    for side, terms in statement.sides.items():
        values = [runs.value(term, columns) for term in terms]
        summed = [value.sum([dim for dim in value.dims if dim not in kept]) for value in values]
        sides[side] = reduce(lambda a, b: a + b, summed, xr.DataArray(0.0))
    return sides


def _owners(statement: Statement, runs: Runs) -> list[str]:
    return [name for column in _together(statement) for name in runs.owner[runs.columns[column]]]


def _balance(statement: Statement, runs: Runs) -> Misses:
    sides = _summed(statement, runs)
    stock, step = sides["of"], runs.schedule.step
    gained = stock.diff("time", label="lower")
    flowed = (sides["gains"] - sides["losses"]) * step
    yield abs(gained - flowed) / _largest(stock), _owners(statement, runs)


def _equal(statement: Statement, runs: Runs) -> Misses:
    sides = _summed(statement, runs)
    left, right = sides["left"], sides["right"]
    yield abs(left - right) / max(_largest(left), _largest(right)), _owners(statement, runs)


def _at_most(statement: Statement, runs: Runs) -> Misses:
    sides = _summed(statement, runs)
    left, right = sides["left"], sides["right"]
    yield (left - right) / max(_largest(left), _largest(right)), _owners(statement, runs)


def _between(statement: Statement, runs: Runs) -> Misses:
    for value in _each(statement, runs):
        yield xr.DataArray(np.maximum(statement.low - value, value - statement.high)), _owners(statement, runs)


def _zero(statement: Statement, runs: Runs) -> Misses:
    for value in _each(statement, runs):
        yield abs(value), _owners(statement, runs)


def _rises(statement: Statement, runs: Runs) -> Misses:
    for value in _each(statement, runs):
        yield -value.diff("time") / _largest(value), _owners(statement, runs)


def _falls(statement: Statement, runs: Runs) -> Misses:
    for value in _each(statement, runs):
        yield value.diff("time") / _largest(value), _owners(statement, runs)


def _lower(statement: Statement, runs: Runs) -> Misses:
    for here, there, names in _pairs(statement, runs):
        yield (here - there) / _of_itself(here, there), names


def _higher(statement: Statement, runs: Runs) -> Misses:
    for here, there, names in _pairs(statement, runs):
        yield (there - here) / _of_itself(here, there), names


def _unchanged(statement: Statement, runs: Runs) -> Misses:
    for here, there, names in _pairs(statement, runs):
        yield abs(here - there) / _largest(there), names


def _each(statement: Statement, runs: Runs) -> Iterator[xr.DataArray]:
    return (runs.value(term, _together(statement)) for term in statement.sides["of"])


def _pairs(statement: Statement, runs: Runs) -> Iterator[tuple[xr.DataArray, xr.DataArray, list[str]]]:
    """Each term in each scenario and in the one that it is held against, member by member."""
    for term in statement.sides["of"]:
        there = runs.value(term, [(statement.against, statement.luck)])
        for scenario in statement.scenarios:
            column = (scenario, statement.luck)
            here = runs.value(term, [column])
            yield here, there, runs.owner[runs.columns[column]]


def _of_itself(here: xr.DataArray, there: xr.DataArray) -> xr.DataArray:
    """What a difference is a share of: the value held against, or next to nothing where that is nothing."""
    return xr.DataArray(np.maximum(abs(there), 1e-9 * max(_largest(here), _largest(there))))


def _largest(values: xr.DataArray) -> float:
    """The largest number met, to make a miss a share; never nothing."""
    return max(float(abs(values).max()), _TINY)


_MISSES: Mapping[str, Callable[[Statement, Runs], Misses]] = {
    "balance": _balance, "equal": _equal, "at_most": _at_most, "between": _between, "zero": _zero, "rises": _rises,
    "falls": _falls, "lower": _lower, "higher": _higher, "unchanged": _unchanged,
}  # fmt: skip


# what is told


def _worst(miss: xr.DataArray, owners: Sequence[str], statement: Statement) -> tuple[float, str]:
    """The largest miss in the statement's span and where it is; what is no number is the largest of all."""
    if "time" in miss.dims:
        times = miss["time"].to_numpy()
        miss = miss.isel(time=(times >= statement.since) & (times < statement.before))
    values = np.where(np.isnan(miss.to_numpy()), np.inf, miss.to_numpy())
    if not values.size:
        return np.inf, "nowhere"
    at = [int(n) for n in np.unravel_index(int(np.argmax(values)), values.shape)]
    place = dict(zip(map(str, miss.dims), at, strict=True))
    labels = [str(miss[dim].to_numpy()[n]) for dim, n in place.items() if dim not in ("time", "member")]
    time = [f"{float(miss['time'].to_numpy()[place['time']]):g}"] if "time" in place else []
    return float(values[tuple(at)]), ", ".join([owners[place["member"]], *labels, *time])


def _tested(statement: Statement) -> str:
    """Where and when a statement is tested, in words."""
    names = statement.scenarios
    words = [", ".join(names) if len(names) <= 3 else f"{len(names)} scenarios"]
    words += [f"against {statement.against}"] * bool(statement.against)
    words += [f"with {LUCK} members"] * statement.luck
    words += [f"by {' and '.join(statement.dims)}"] * (0 < len(statement.dims) <= 4)
    words += [f"from {statement.since:g}"] * (statement.since > FIRST)
    words += [f"before {statement.before:g}"] * (statement.before < LAST)
    return " ".join(words)

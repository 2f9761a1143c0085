"""The reference kernel: NumPy over arrays whose last axis is the members.

Every operation works element by element in a fixed order, so a member's numbers do not depend on who runs beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from vimach import units
from vimach.declarations import CALENDAR, PROMOTION
from vimach.errors import Failure
from vimach.graph import Change, Dimension, Graph, Node, Variable
from vimach.kernels.sheet import Operation, Sheet, do, shaped
from vimach.passes import left_of

Array = npt.NDArray[np.float64]

HALF_TOLERANCE = 1e-9
"""A stock may fall below half of itself by this much: rounding on an almost empty stock is no event."""

METHODS = ("euler", "rk4")
"""How a run steps through time: Euler's method, or Runge and Kutta's of fourth order for smooth models."""

LARGEST = 1e300
"""A state beyond this counts as infinite."""


@dataclass(frozen=True)
class Schedule:
    """The times of a run: start, step (1/2^k year), number of steps, and the steps at which edges are recorded."""

    start: float
    step: float
    steps: int
    edges: tuple[int, ...]

    @property
    def times(self) -> Array:
        """The time at each step and at the end."""
        return self.start + self.step * np.arange(self.steps + 1, dtype=np.float64)

    @property
    def halfway(self) -> Array:
        """The time half a step after each of `times`."""
        return self.start + self.step * (np.arange(self.steps + 1, dtype=np.float64) + 0.5)


@dataclass(frozen=True)
class Inputs:
    """Values by name: `fixed` of shape (*dims, members or 1), `varying` of shape (steps + 1, *dims, members or 1).

    `halfway` holds the varying values half a step later; only the Runge-Kutta method reads it. `start` holds the
    states of an earlier run, shape (*dims, members), where a run goes on from one. `held` gives, by variable, members
    that read it as it is in another one, {member: other}: what runs through it is cut.
    """

    members: int
    fixed: Mapping[str, Array]
    varying: Mapping[str, Array] = field(default_factory=dict)
    halfway: Mapping[str, Array] = field(default_factory=dict)
    start: Mapping[str, Array] = field(default_factory=dict)
    held: Mapping[str, Mapping[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Recording:
    """What a run leaves: values at edges (edge, *dims, member), flows summed over periods, and failures by member."""

    edges: dict[str, Array]
    periods: dict[str, Array]
    failures: list[Failure]


class ArrayKernel:
    """Runs one graph. `records` names the variables to keep; all but parameters and parts by default."""

    def __init__(self, graph: Graph, records: Iterable[str] | None = None) -> None:
        self.graph = graph
        self.at_edges, self.over_periods = recorded(graph, records)
        leaves = (node for node in graph.walk(graph.roots()) if node.op in ("input", "series"))
        self.leaves = {node.payload: node.shape for node in leaves}
        self.shapes = self.leaves | {name: state.node.shape for name, state in graph.states.items()}

    def check(self, inputs: Inputs, schedule: Schedule, method: str) -> None:
        """KeyError where an input is missing or starts no state, ValueError where one has not the shape that the graph
        gives it, where every member has school years of its own, and where there is nothing to run or to record."""
        if inputs.members < 1 or not schedule.edges:
            raise ValueError("there is no member to run, or no edge to record")
        for name in inputs.start:
            if name not in self.graph.states:
                raise KeyError(name)
        halfway = inputs.halfway if method == "rk4" else {}
        for name in self.leaves:
            if name not in inputs.fixed and name not in inputs.varying:
                raise KeyError(name)
            if method == "rk4" and name in inputs.varying and name not in halfway:
                raise KeyError(f"{name}, half a step later")
        for name, array in (*inputs.varying.items(), *halfway.items()):
            if len(array) != schedule.steps + 1:
                raise ValueError(f"{name} has values at {len(array)} times, not at {schedule.steps + 1}")
            if name == PROMOTION and (array != array[..., :1]).any():
                raise ValueError(f"{name} differs by member; all share one calendar")
        moving = [(name, array[0]) for name, array in (*inputs.varying.items(), *halfway.items())]
        for name, array in (*inputs.fixed.items(), *moving, *inputs.start.items()):
            wanted, found = self.shapes.get(name), np.shape(array)
            if wanted is None:
                continue
            if found[-1] not in (1, inputs.members):
                raise ValueError(f"{name} has {found[-1]} members, not {inputs.members} or one for all")
            if found[:-1] != wanted:
                raise ValueError(f"{name} has the shape {found[:-1]} beside its members, not {wanted}")

    def run(self, inputs: Inputs, schedule: Schedule, method: str = "euler") -> Recording:
        """Simulates every member; a member that breaks is named in `failures`, the others are not touched by it.

        KeyError or ValueError where inputs are missing or misshapen.
        """
        self.check(inputs, schedule, method)
        with np.errstate(all="ignore"):
            return _Run(self, inputs, schedule).go(method)


def step_promotes(buffers: Mapping[str, Array]) -> bool:
    """Whether the school calendar promotes study years in the step at hand."""
    return PROMOTION in buffers and bool(buffers[PROMOTION].any())


def recorded(graph: Graph, names: Iterable[str] | None) -> tuple[list[Variable], list[Variable]]:
    """What is recorded of `names` (None: all but parameters and parts): at edges, and summed over periods."""
    asked = None if names is None else set(names)
    kept = [v for v in graph.variables.values() if asked is None or v.name in asked]
    kept = [v for v in kept if v.kind not in ("parameter", "part", "calendar")]
    return [v for v in kept if not is_rate(v)], [v for v in kept if is_rate(v)]


def is_rate(variable: Variable) -> bool:
    """Whether a variable is people, firms, plants or money per year, and so is summed over periods."""
    return units.is_count_a_year(variable.node.unit)


class _Run:
    """One run in progress: the state matrix, the sheet, what is recorded and who has failed."""

    def __init__(self, kernel: ArrayKernel, inputs: Inputs, schedule: Schedule) -> None:
        self.kernel, self.graph, self.inputs, self.schedule = kernel, kernel.graph, inputs, schedule
        members = inputs.members
        self.states = self.graph.ordered_states()
        sizes = [state.node.size for state in self.states]
        self.stop_rows = sum(size for size, state in zip(sizes, self.states, strict=True) if state.kind == "stock")
        self.state = np.zeros((sum(sizes), members))
        self.rate = np.zeros_like(self.state)
        self.levels, self.rates = self._views(self.state, sizes), self._views(self.rate, sizes)
        self.now = np.array([schedule.start])
        self.buffers = {name: np.array(values[0]) for name, values in inputs.varying.items()}
        leaves = {**inputs.fixed, **self.buffers, **self.levels, CALENDAR: self.now}
        moving = {*self.buffers, *self.levels, CALENDAR}
        held = {self.graph.variables[name].node.number: members for name, members in inputs.held.items()}
        self.sheet = Sheet(self.graph, self.graph.roots(), leaves, moving, held)
        self.changes: list[Operation] = []
        for state in self.states:
            for change in state.changes:
                self._prepare(change, self.rates[state.name], state.node.dims)
        self.exempt = self._promoted_rows(sizes)
        variables = self.graph.variables.values()
        self.watched = sorted(variables, key=lambda v: (v.kind != "parameter", v.node.number))
        self.failed: dict[int, Failure] = {}
        self.spoiled: dict[int, Failure] = {}
        self.recording = self._space()

    def _views(self, matrix: Array, sizes: Sequence[int]) -> dict[str, Array]:
        views, first = {}, 0
        for state, size in zip(self.states, sizes, strict=True):
            shape = state.node.shape
            views[state.name] = matrix[first : first + size].reshape((*shape, matrix.shape[1]))
            first += size
        return views

    def _prepare(self, change: Change, rate: Array, dims: Sequence[Dimension]) -> None:
        target, own = left_of(rate, dims, change.where)
        view = shaped(self.sheet[change.node], change.node.dims, own)
        self.changes.append((np.add if change.sign > 0 else np.subtract, (target, view), target))

    def _promoted_rows(self, sizes: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Rows of stocks that are promoted whole and may empty in a promotion step."""
        rows = [np.full(size, any(c.promotion for c in s.changes)) for s, size in zip(self.states, sizes, strict=True)]
        return np.concatenate(rows or [np.zeros(0, bool)])[: self.stop_rows]

    def _space(self) -> Recording:
        def shape(count: int, variable: Variable) -> tuple[int, ...]:
            return (count, *variable.node.shape, self.inputs.members)

        edges = len(self.schedule.edges)
        return Recording(
            {v.name: np.empty(shape(edges, v)) for v in self.kernel.at_edges},
            {v.name: np.zeros(shape(edges - 1, v)) for v in self.kernel.over_periods},
            [],
        )

    # running

    def go(self, method: str) -> Recording:
        self.sheet.settle()
        self._start()
        advance = dict(zip(METHODS, (self._euler, self._runge_kutta), strict=True))[method]
        recorded = {step: number for number, step in enumerate(self.schedule.edges)}
        period = -1
        for step in range(self.schedule.steps + 1):
            self._moment(step, self.inputs.varying, 0.0)
            if step in recorded:
                self._check_sums(period, step)
                period = self._record(recorded[step])
                self._check_outputs(step)
            if step < self.schedule.steps:
                before = self.state.copy()
                advance(step, period)
                self._check(step, before)
        self._search(method)
        self.recording.failures.extend(self.failed[member] for member in sorted(self.failed))
        return self.recording

    def _start(self) -> None:
        """Gives each state its start; a start may use other states' starts, in an order found here."""
        for name, values in self.inputs.start.items():
            self.levels[name][...] = values
        waiting = [state for state in self.states if state.name not in self.inputs.start]
        done = set(self.inputs.start)
        self._inputs_at(0, self.inputs.varying)
        while waiting:
            ready = [state for state in waiting if self._start_needs(state.initial) <= done]
            if not ready:
                raise ValueError("starts wait for one another: " + ", ".join(state.name for state in waiting))
            self.sheet.fill()
            for state in ready:
                for where, node in state.initial:
                    target, own = left_of(self.levels[state.name], state.node.dims, where)
                    target[...] = shaped(self.sheet[node], node.dims, own)
                done.add(state.name)
                waiting.remove(state)

    def _start_needs(self, initial: Sequence[tuple[Any, Node]]) -> set[str]:
        return {below.payload for below in self.graph.walk([node for _, node in initial]) if below.op == "state"}

    def _inputs_at(self, step: int, varying: Mapping[str, Array]) -> None:
        for name, values in varying.items():
            self.buffers[name][...] = values[step]

    def _moment(self, step: int, varying: Mapping[str, Array], later: float) -> None:
        """Everything at one time: inputs, equations, rates."""
        self.now[0] = self.schedule.start + (step + later) * self.schedule.step
        self._inputs_at(step, varying)
        self.sheet.fill()
        self.rate[...] = 0.0
        do(self.changes)

    def _record(self, number: int) -> int:
        for variable in self.kernel.at_edges:
            self.recording.edges[variable.name][number] = self.sheet[variable.node]
        return number

    def _collect(self, period: int, weight: float) -> None:
        """Adds flows, times the weight of this moment, to their sums, where a period is recorded."""
        for variable in self.kernel.over_periods if 0 <= period < len(self.schedule.edges) - 1 else ():
            total = self.recording.periods[variable.name][period]
            total += self.sheet[variable.node] * weight

    def _euler(self, step: int, period: int) -> None:
        self._collect(period, self.schedule.step)
        self.rate *= self.schedule.step
        self.state += self.rate

    def _runge_kutta(self, step: int, period: int) -> None:
        size, before = self.schedule.step, self.state.copy()
        moments = (
            (step, self.inputs.varying, 0.0, 0.0), (step, self.inputs.halfway, 0.5, 0.5),
            (step, self.inputs.halfway, 0.5, 0.5), (step + 1, self.inputs.varying, 0.0, 1.0),
        )  # fmt: skip
        summed = np.zeros_like(self.state)
        for weight, (at, varying, later, reach) in zip((1.0, 2.0, 2.0, 1.0), moments, strict=True):
            if reach:
                self.state[...] = before + reach * size * self.rate
                self._moment(at, varying, later)
            self._collect(period, weight * size / 6.0)
            summed += weight * self.rate
        self.state[...] = before + size / 6.0 * summed

    # watching

    def _check(self, step: int, before: Array) -> None:
        """Notes members whose stock lost more than half of itself, or went beyond all numbers, in this step."""
        good = np.abs(self.state) <= LARGEST
        rows = self.stop_rows
        kept = self.state[:rows] >= 0.5 * before[:rows] - HALF_TOLERANCE
        if step_promotes(self.buffers):
            kept[self.exempt] = True
        good[:rows] &= kept
        if good.all():
            return
        for member in np.flatnonzero(~good.all(axis=0)):
            if int(member) not in self.failed:
                row = int(np.flatnonzero(~good[:, member])[0])
                self.failed[int(member)] = self._failure(step, int(member), row, before)

    def _check_outputs(self, step: int) -> None:
        """Notes members with a variable that is not finite, whether or not a stock reads it."""
        good = np.ones(self.inputs.members, bool)
        for variable in self.watched:
            value = self.sheet[variable.node]
            good &= np.isfinite(value).all(axis=tuple(range(value.ndim - 1)))
        for member in np.flatnonzero(~good):
            time = self.schedule.start + step * self.schedule.step
            if int(member) not in self.failed and (failure := self._first_bad(time, int(member))):
                self.failed[int(member)] = failure

    def _check_sums(self, period: int, step: int) -> None:
        """Notes members with a flow that was not finite at some step of a period, whatever it is at the ends."""
        time = self.schedule.start + step * self.schedule.step
        for variable in self.kernel.over_periods if period >= 0 else ():
            total = self.recording.periods[variable.name][period]
            sound = np.isfinite(total).all(axis=tuple(range(total.ndim - 1)))
            for member in map(int, np.flatnonzero(~sound)):
                if member not in self.failed:
                    self.spoiled.setdefault(member, _not_finite(member, variable, total[..., member], time))

    def _search(self, method: str) -> None:
        """Looks at every step of a second run for what spoiled a flow between two edges."""
        if self.spoiled:
            every = replace(self.schedule, edges=tuple(range(self.schedule.steps + 1)))
            again = _Run(ArrayKernel(self.graph, ()), self.inputs, every)
            again.go(method)
            self.failed |= {member: again.failed.get(member, told) for member, told in self.spoiled.items()}

    def _failure(self, step: int, member: int, row: int, before: Array) -> Failure:
        time = self.schedule.start + step * self.schedule.step
        if np.abs(self.state[row, member]) <= LARGEST:
            name = self._row_name(row)
            return Failure(member, name, time, "lost more than half of itself in one step")
        after = self.state.copy()
        self.state[...] = before  # the equations of this step read the states as they were, and so must the search
        found = self._first_bad(time, member) or Failure(member, self._row_name(row), time, "is not a finite number")
        self.state[...] = after
        return found

    def _first_bad(self, time: float, member: int) -> Failure | None:
        """The first variable that is not finite: parameters first, then in the order of the equations."""
        for variable in self.watched:
            value = self.sheet[variable.node]
            own = value[..., member if value.shape[-1] > 1 else 0]
            if not np.isfinite(own).all():
                return _not_finite(member, variable, own, time)
        return None

    def _row_name(self, row: int) -> str:
        for state in self.states:
            shape = state.node.shape
            if row < state.node.size:
                index = np.unravel_index(row, shape) if shape else ()
                labels = [dim.labels[int(k)] for dim, k in zip(state.node.dims, index, strict=True)]
                return f"{state.name}[{', '.join(labels)}]" if labels else state.name
            row -= state.node.size
        raise IndexError(row)


def _not_finite(member: int, variable: Variable, values: Array, time: float) -> Failure:
    """What is wrong with the first of a variable's values that is not finite."""
    bad = values[~np.isfinite(values)][0]
    return Failure(member, variable.name, time, "is not a number" if np.isnan(bad) else "is infinite")

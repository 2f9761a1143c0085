"""The dry run: every equation called once with traced values, before any number is computed.

It finds wrong units and dimensions, missing and doubled names, cycles, routes that do not conserve, parameters that
nobody reads, and gives one graph. All problems are reported together.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise, product
from typing import Any

from vimach import units
from vimach.declarations import PROMOTION, Given, arguments_of, collect, place_of
from vimach.errors import ModelError, Problem
from vimach.graph import Change, Delay, Dimension, EquationError, Graph, Node, State
from vimach.structure import Chain, Cohorts, Mark, Memory, Outside, Part, Shadow, Stock, Tally
from vimach.tracing import Broken, Tracer

Where = tuple[tuple[Dimension, str], ...]


def dry_run(modules: Sequence[Any], parameters: Mapping[str, Given]) -> Graph:
    """The graph of the model that `modules` declare over `parameters`.

    Raises ModelError with every problem found: units, dimensions, names, cycles, routes, unread parameters.
    """
    tracer = Tracer(collect(*modules), parameters)
    tracer.trace_all()
    _Wiring(tracer).all()
    if tracer.problems:
        raise ModelError(list(dict.fromkeys(tracer.problems)))
    return tracer.graph


class _Wiring:
    """Gives each state its start and the terms of its rate."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer, self.graph, self.problems = tracer, tracer.graph, tracer.problems
        self.declared, self.inner, self.value = tracer.declared, tracer.inner, tracer.value

    def all(self) -> None:
        """Starts, ageing, beliefs, flows and shadows; shadows last, since they copy the flows of their stock."""
        for function in self.declared.initials:
            self.tracer.finish(partial(self._start, function), function.__name__, place_of(function))
        places = {name: place for name, place in self.declared.places.items() if name in self.graph.states}
        for name, place in places.items():
            if isinstance(place, Stock) and not place.starts_empty:
                self._covered(name)
            self.tracer.finish(partial(self._wire, name, place), name)
        for name, function in self.declared.equations.items():
            if name in self.graph.variables and function.__dict__["vimach"].kind == "flow":
                self.tracer.finish(partial(self._route, name, function), name, place_of(function))
        self._unread()
        if not self.problems:
            for name, place in places.items():
                if isinstance(place, Shadow):
                    self.tracer.finish(partial(self._shadow, name, place), name)
            self._starts_in_order()

    def _wire(self, name: str, place: Any) -> None:
        if isinstance(place, Cohorts):
            self._move_on(name, f"{name} promoted", self.inner[name], self.tracer.pulse(PROMOTION), promotion=True)
        elif isinstance(place, Chain):
            self._move_on(name, f"{name} ageing", self.inner[name], self.tracer.ageing(place))
            self.graph.delays.append(Delay(name, self.value(place.through), place.stages))
        elif isinstance(place, Memory):
            self._follow(name, place)
        elif isinstance(place, Tally):
            self._count(name, place)

    # starts

    def _start(self, function: Callable[..., Any]) -> None:
        target = function.__dict__["vimach"].target
        state, where = self._touched(target)
        node = self.tracer.call(function)
        free = [dim for dim in state.node.dims if dim not in [dimension for dimension, _ in where]]
        state.initial.append((where, node))
        if set(node.dims) != set(free) or node.unit != state.node.unit:
            wanted = f"{units.text(state.node.unit)} by {[dim.name for dim in free]}"
            found = f"{units.text(node.unit)} by {[dim.name for dim in node.dims]}"
            raise EquationError(f"starts {state.name} ({wanted}) with {found}")

    def _touched(self, end: Stock | Part) -> tuple[State, Where]:
        """The state of a stock or part, and the labels that the part fixes; Broken if the stock is."""
        whole, where = (end.whole, end.where) if isinstance(end, Part) else (end, ())
        name = self.tracer.name_of(whole)
        if name not in self.graph.states:
            raise Broken
        return self.graph.states[name], where

    def _covered(self, name: str) -> None:
        """Each cell of a stock starts once."""
        state = self.graph.states[name]
        starts: list[tuple[str, ...]] = []
        for where, _ in state.initial:
            fixed = {dim: (label,) for dim, label in where}
            starts.extend(product(*(fixed.get(dim, dim.labels) for dim in state.node.dims)))
        cells = set(product(*(dim.labels for dim in state.node.dims)))
        if set(starts) != cells:
            message = f"the start gives {len(set(starts))} of its {len(cells)} cells"
            self.problems.append(Problem(f"{message}; write @initial or starts_empty=True", key=name))
        elif len(starts) > len(cells):
            self.problems.append(Problem("the start gives some of its cells twice", key=name))

    def _starts_in_order(self) -> None:
        """Starts may use other starts, but not in a circle."""
        walks = {
            name: self.graph.walk([node for _, node in state.initial]) for name, state in self.graph.states.items()
        }
        needs = {name: {below.payload for below in walk if below.op == "state"} for name, walk in walks.items()}
        while ready := [name for name, wanted in needs.items() if not wanted & set(needs)]:
            for name in ready:
                del needs[name]
        if needs:
            self.problems.append(Problem(f"starts wait for one another: {', '.join(needs)}"))

    # what moves by itself

    def _move_on(self, name: str, what: str, along: Dimension | None, rate: Node, promotion: bool = False) -> None:
        """From each label of a dimension to the next, at `rate` per year."""
        assert along is not None
        state = self.graph.states[name]
        for earlier, later in pairwise(along.labels):
            moved = self.graph.pick(state.node, along, earlier) * rate
            label = f"{what} from {earlier} to {later}"
            state.changes.append(Change(label, -1, moved, ((along, earlier),), promotion))
            state.changes.append(Change(label, +1, moved, ((along, later),), promotion))

    def _count(self, name: str, tally: Tally) -> None:
        state, source = self.graph.states[name], self.value(tally.of)
        if tally.since is not None:
            year = units.unit("year")
            since = self.value(tally.since) if isinstance(tally.since, str) else self.graph.constant(tally.since, year)
            if since.unit != year or since.dims:
                raise EquationError(f"counts since {tally.since}, which is not one date in years")
            time = self.graph.leaf("time", "calendar", (), year)
            source = source * self.graph.make("since", (time, since), (), units.dimensionless())
        state.initial = [((), self.graph.constant(0.0, state.node.unit))]
        state.changes.append(Change(tally.of, +1, source))

    def _follow(self, name: str, memory: Memory) -> None:
        state, source, start = self.graph.states[name], self.value(memory.of), self.value(memory.initial)
        if source.unit != state.node.unit or set(source.dims) != set(state.node.dims):
            own, found = ([dim.name for dim in node.dims] for node in (state.node, source))
            message = f"{units.text(state.node.unit)} by {own}, but {memory.of} is {units.text(source.unit)} by {found}"
            raise EquationError(f"memory {name} is {message}")
        if foreign := [dim.name for dim in start.dims if dim not in state.node.dims]:
            raise EquationError(f"starts with {memory.initial}, which has the dimension {foreign[0]}")
        time = self.tracer.fixed_time(memory.over)
        state.initial = [((), start)]
        state.changes.append(Change(f"{name} following {memory.of}", +1, (source - state.node) / time))
        self.graph.delays.append(Delay(name, time, 1))

    # flows

    def _route(self, name: str, function: Callable[..., Any]) -> None:
        mark: Mark = function.__dict__["vimach"]
        assert mark.route is not None
        node, ends = self.graph.variables[name].node, []
        for end, sign in ((mark.route.source, -1), (mark.route.target, +1)):
            if isinstance(end, Stock | Part):
                ends.append((*self._touched(end), sign))
            elif not isinstance(end, Outside):
                raise EquationError("leads to or from something that is no place")
        counted = {units.text(state.node.unit) for state, _, _ in ends}
        if len(counted) > 1:
            raise EquationError(f"joins places counted in {' and '.join(sorted(counted))}; a flow carries one unit")
        if not counted:
            raise EquationError("leads from outside to outside; one end must be a stock")
        changes = [(state, self._change(name, node, state, where, sign)) for state, where, sign in ends]
        for state, change in changes:
            state.changes.append(change)

    def _change(self, name: str, node: Node, state: State, where: Where, sign: int) -> Change:
        """What a flow does at one of its ends."""
        wanted = state.node.unit / units.unit("year")
        if node.unit != wanted:
            raise EquationError(f"flows {units.text(node.unit)}, but {state.name} needs {units.text(wanted)}")
        inner = self.inner[state.name]
        fixed = [dimension for dimension, _ in where]
        if inner is not None and inner not in node.dims and inner not in fixed:
            where = (*where, (inner, inner.labels[0] if sign > 0 else inner.labels[-1]))
            fixed.append(inner)
        free = [dim for dim in state.node.dims if dim not in fixed]
        side = "enters" if sign > 0 else "leaves"
        if lacking := [dim.name for dim in free if dim not in node.dims]:
            raise EquationError(f"{side} {state.name} without its dimension {', '.join(lacking)}")
        if doubled := [dim.name for dim in fixed if dim in node.dims]:
            raise EquationError(f"{side} one label of {', '.join(doubled)}, but carries all of them")
        promotion = sign < 0 and isinstance(self.declared.places[state.name], Cohorts)
        return Change(name, sign, self.graph.reduced(node, free), where, promotion)

    # shadows

    def _shadow(self, name: str, shadow: Shadow) -> None:
        whole, state = self.graph.states[self.tracer.name_of(shadow.of)], self.graph.states[name]
        state.parent = whole.name
        state.initial = [((*where, (shadow.by, shadow.by.labels[-1])), node) for where, node in whole.initial]
        for flow in dict.fromkeys(change.flow for change in whole.changes):
            leaving = [change for change in whole.changes if change.flow == flow and change.sign < 0]
            entering = [change for change in whole.changes if change.flow == flow and change.sign > 0]
            for change in leaving:
                state.changes.append(Change(flow, -1, change.node * self._share(state, whole, change), change.where))
            for change in entering:
                state.changes.append(self._carried(state, whole, change, leaving[0]) if leaving else Change(
                    flow, +1, change.node, (*change.where, (shadow.by, shadow.by.labels[0]))))  # fmt: skip
        time = self.tracer.fixed_time(shadow.through)
        self._move_on(name, f"{name} ageing", shadow.by, 1 / time)
        self.graph.delays.append(Delay(name, time, 1))

    def _carried(self, state: State, whole: State, entering: Change, leaving: Change) -> Change:
        """Those who move inside the stock keep their label of the shadow's own dimension."""
        variable = self.graph.variables.get(entering.flow)
        moving = (variable.node if variable else leaving.node) * self._share(state, whole, leaving)
        fixed = [dimension for dimension, _ in entering.where]
        free = [dim for dim in state.node.dims if dim not in fixed]
        return Change(entering.flow, +1, self.graph.reduced(moving, free), entering.where)

    def _share(self, state: State, whole: State, change: Change) -> Node:
        """Of those at the source, the share under each label of the shadow's own dimension."""
        part, everyone = state.node, whole.node
        for dimension, label in change.where:
            part, everyone = self.graph.pick(part, dimension, label), self.graph.pick(everyone, dimension, label)
        floor = self.graph.constant(1e-12, everyone.unit)
        return part / self.graph.same_unit("maximum", everyone, floor)

    # what nobody reads

    def _unread(self) -> None:
        asked = {name for f in (*self.declared.equations.values(), *self.declared.initials)
                 for name in arguments_of(f)}  # fmt: skip
        for place in self.declared.places.values():
            words = (getattr(place, word, None) for word in ("of", "over", "initial", "through", "since"))
            asked.update(word for word in words if isinstance(word, str))
        for name, given in self.tracer.parameters.items():
            if name not in asked and name not in self.declared.where:
                self.problems.append(Problem("no equation reads this parameter", getattr(given, "place", None), name))

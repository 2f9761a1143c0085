"""The dry run: every equation called once with traced values, before any number is computed.

It finds wrong units and dimensions, missing and doubled names, cycles, routes that do not conserve, parameters that
nobody reads, and gives one graph. All problems are reported together.
"""

import inspect
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import pint

from vimach import units
from vimach.errors import ModelError, Place, Problem, nearest
from vimach.graph import Change, Delay, Dimension, EquationError, Graph, Node, State, Variable
from vimach.structure import Chain, Cohorts, Curve, Mark, Memory, Outside, Part, Shadow, Stock, Tally

CALENDAR = "calendar"
INTAKE, PROMOTION, STEPS = "school_intake", "school_promotion", "steps_per_year"
_RESERVED = (CALENDAR, INTAKE, PROMOTION, STEPS)


class Given(Protocol):
    """What the dry run needs to know of a parameter."""

    @property
    def unit(self) -> str: ...
    @property
    def dimensions(self) -> tuple[str, ...]: ...
    @property
    def curve(self) -> Curve | None: ...


@dataclass
class Declarations:
    """Everything that the modules declare, by name, with where it stands."""

    dims: dict[str, Dimension] = field(default_factory=dict)
    places: dict[str, Any] = field(default_factory=dict)
    equations: dict[str, Callable[..., Any]] = field(default_factory=dict)
    initials: list[Callable[..., Any]] = field(default_factory=list)
    where: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def collect(*modules: Any) -> Declarations:
    """Reads modules (or mappings of names, for small models) and lists what they declare."""
    found = Declarations()
    for module in modules:
        names = module if isinstance(module, Mapping) else vars(module)
        home = "" if isinstance(module, Mapping) else module.__name__
        for name, value in names.items():
            if isinstance(value, Dimension):
                if found.dims.setdefault(value.name, value) is not value:
                    found.problems.append(Problem(f"dimension {value.name} is declared twice with other labels"))
            elif isinstance(value, Stock | Part | Outside | Memory | Tally | Shadow):
                _declare(found, found.places, name, value, home or "places")
            elif callable(value) and hasattr(value, "vimach") and home in ("", value.__module__):
                if value.vimach.kind == "initial":
                    found.initials.append(value)
                else:
                    _declare(found, found.equations, name, value, _place(value))
    return found


def _declare(found: Declarations, kind: dict[str, Any], name: str, value: Any, where: str) -> None:
    other = found.places.get(name) or found.equations.get(name)
    if other is not None and other is not value:
        found.problems.append(Problem(f"declared twice, in {found.where[name]} and in {where}", key=name))
    if name in _RESERVED:
        found.problems.append(Problem("this name is the engine's own", key=name))
    kind[name] = value
    found.where[name] = where


def _place(function: Callable[..., Any]) -> str:
    return f"{function.__module__.replace('.', '/')}.py:{function.__code__.co_firstlineno}"


def dry_run(modules: Sequence[Any], parameters: Mapping[str, Given]) -> Graph:
    """The graph of the model that `modules` declare over `parameters`.

    Raises ModelError with every problem found: units, dimensions, names, cycles, routes, unread parameters.
    """
    return _Tracer(collect(*modules), parameters).graph_of_all()


class _Tracer:
    def __init__(self, declared: Declarations, parameters: Mapping[str, Given]) -> None:
        self.declared = declared
        self.parameters = parameters
        self.problems = list(declared.problems)
        self.names = {id(value): name for name, value in declared.places.items()}
        self.inner = {name: self._inner_dimension(name, stock) for name, stock in declared.places.items()}
        self.graph = Graph([*declared.dims.values(), *(dim for dim in self.inner.values() if dim)])
        self.dims = {dim.name: dim for dim in self.graph.dimensions}
        self.open: list[str] = []  # names being traced, to see cycles
        self.broken: set[str] = set()
        self.read: set[str] = set()

    @staticmethod
    def _inner_dimension(name: str, stock: Any) -> Dimension | None:
        if isinstance(stock, Cohorts):
            return Dimension(f"{name}_year", tuple(str(n + 1) for n in range(stock.years)))
        if isinstance(stock, Chain):
            return Dimension(f"{name}_stage", tuple(str(n + 1) for n in range(stock.stages)))
        return None

    def graph_of_all(self) -> Graph:
        for name, place in self.declared.places.items():
            if isinstance(place, Stock):
                self._make_stock(name, place)
        if self.problems:
            raise ModelError(self.problems)
        for name in (*self.declared.places, *self.declared.equations):
            if not isinstance(self.declared.places.get(name), Outside):
                self._finish(partial(self._value, name))
        self._finish(self._starts)
        for name, place in self.declared.places.items():
            if isinstance(place, Chain):
                self._finish(partial(self._age, name, place))
            elif isinstance(place, Cohorts):
                self._promote(name)
            elif isinstance(place, Memory | Tally) and name in self.graph.states:
                self._finish(partial(self._follow, name, place))
        if not self.problems:
            for name, function in self.declared.equations.items():
                if function.__dict__["vimach"].kind == "flow":
                    self._route(name, function)
        if not self.problems:
            for name, place in self.declared.places.items():
                if isinstance(place, Shadow):
                    self._shadow(name, place)
            self._unread()
        if self.problems:
            raise ModelError(self.problems)
        return self.graph

    def _finish(self, action: Callable[[], Any]) -> None:
        try:
            action()
        except EquationError as error:
            self.problems.append(Problem(str(error)))
        except _Broken:
            pass

    # names and values

    def _value(self, name: str, asked_by: Callable[..., Any] | None = None) -> Any:
        """The traced value of a name; _Broken if it has a problem of its own (already listed)."""
        if name in self.graph.variables:
            return self.graph.variables[name].node
        if name in self.broken:
            raise _Broken
        if name in self.parameters:
            return self._parameter(name)
        if name in self.declared.equations:
            return self._traced(name)
        if name in self.declared.places:
            return self._placed(name)
        if name == CALENDAR:
            return self._named(Variable(name, "calendar", self.graph.leaf("time", name, (), units.unit("year"))))
        self._unknown(name, asked_by)
        raise _Broken

    def _unknown(self, name: str, asked_by: Callable[..., Any] | None) -> None:
        known = (*self.graph.variables, *self.parameters, *self.declared.equations, *self.declared.places)
        where = f"{asked_by.__name__} asks for" if asked_by else "somebody asks for"
        place = _as_place(_place(asked_by)) if asked_by else None
        self.problems.append(Problem(f"{where} a name that nobody declares", place, name, nearest(name, known)))

    def _named(self, variable: Variable) -> Node:
        self.graph.variables[variable.name] = variable
        return variable.node

    def _parameter(self, name: str) -> Any:
        self.read.add(name)
        given = self.parameters[name]
        if given.curve is not None:
            return given.curve
        missing = [dim for dim in given.dimensions if dim not in self.dims]
        if missing:
            hint = nearest(missing[0], self.dims)
            self.problems.append(Problem(f"unknown dimension {missing[0]!r}", getattr(given, "place", None), name, hint))
            self.broken.add(name)
            raise _Broken
        base = units.base(units.unit(given.unit))
        node = self.graph.leaf("input", name, [self.dims[dim] for dim in given.dimensions], base)
        return self._named(Variable(name, "parameter", node, sector=getattr(given, "sector", "")))

    def _placed(self, name: str) -> Node:
        place = self.declared.places[name]
        if isinstance(place, Part):
            whole = self.names[id(place.whole)]
            node = self._value(whole)
            for dimension, label in place.where:
                node = self.graph.pick(node, dimension, label)
            return self._named(Variable(name, "part", node, uses=(whole,), sector="places", place="places"))
        if isinstance(place, Memory):
            start = self._value(place.initial)
            return self._state(name, "memory", place.dims, start.unit, uses=(place.of, place.over))
        if isinstance(place, Tally):
            # its dimensions are the flow's; a tally cannot feed its own flow
            source = self._inside(name, lambda: self._value(place.of))
            unit = source.unit * units.unit("year")
            return self._state(name, "tally", source.dims, unit, uses=(place.of,))
        if isinstance(place, Shadow):
            whole = self._value(self.names[id(place.of)])
            return self._state(name, "shadow", (*whole.dims, place.by), whole.unit, uses=(self.names[id(place.of)],))
        raise _Broken  # an Outside is an end of flows, not a value

    def _inside(self, name: str, action: Callable[[], Any]) -> Any:
        """Runs `action` while `name` is open; a name met again while open closes a cycle."""
        if name in self.open:
            members = [*self.open[self.open.index(name) :], name]
            self.problems.append(Problem("a cycle without a stock in it: " + " <- ".join(members), key=name))
            self.broken.update(members)
            raise _Broken
        self.open.append(name)
        try:
            return action()
        finally:
            self.open.pop()

    def _traced(self, name: str) -> Node:
        function = self.declared.equations[name]
        mark: Mark = function.__dict__["vimach"]
        try:
            node = self._inside(name, lambda: self._call(function))
        except _Broken:
            self.broken.add(name)
            raise
        if mark.kind == "flow" and mark.route and isinstance(mark.route.target, Stock | Part):
            node = self._by_calendar(mark, node, function)
        variable = Variable(
            name, mark.kind, node, inspect.getdoc(function) or "", function.__module__.rsplit(".", 1)[-1],
            _place(function), tuple(inspect.signature(function).parameters), self._route_names(mark),
        )  # fmt: skip
        return self._named(variable)

    def _route_names(self, mark: Mark) -> tuple[str, str] | None:
        if mark.route is None:
            return None
        ends = [self.names.get(id(end), "outside") for end in (mark.route.source, mark.route.target)]
        return ends[0], ends[1]

    def _call(self, function: Callable[..., Any]) -> Node:
        """One equation called with traced values, its annotations held against the units that arrive."""
        hints = typing.get_type_hints(function, include_extras=True)
        values = {}
        broken = False
        for name in inspect.signature(function).parameters:
            try:
                values[name] = self._value(name, function)
            except _Broken:
                broken = True
                continue
            if isinstance(values[name], Node):
                self._compare(function, name, hints.get(name), values[name].unit)
        if broken:
            raise _Broken
        try:
            result = function(**values)
            if not isinstance(result, Node):
                result = self.graph.constant(result)
        except EquationError as error:
            self.problems.append(Problem(str(error), _as_place(_place(function)), function.__name__))
            raise _Broken from None
        self._compare(function, "return", hints.get("return"), result.unit)
        return result

    def _compare(self, function: Callable[..., Any], name: str, hint: Any, unit: pint.Unit) -> None:
        written = next((text for text in getattr(hint, "__metadata__", ()) if isinstance(text, str)), None)
        place = _as_place(_place(function))
        what = "result" if name == "return" else f"argument {name}"
        if written is None:
            self.problems.append(Problem(f"{what} has no unit annotation", place, function.__name__))
        elif units.unit(written) != unit:
            said, found = units.text(units.unit(written)), units.text(unit)
            self.problems.append(Problem(f"{what} is annotated {said} but is {found}", place, function.__name__))

    # states

    def _state(
        self, name: str, kind: str, dims: Iterable[Dimension], unit: pint.Unit, uses: tuple[str, ...] = ()
    ) -> Node:
        node = self.graph.leaf("state", name, list(dims), unit)
        self.graph.states[name] = State(name, kind, node)
        place = self.declared.places[name]
        shown = kind if not isinstance(place, Cohorts | Chain) else type(place).__name__.lower()
        return self._named(Variable(name, shown, node, uses=uses, sector="places", place="places"))

    def _make_stock(self, name: str, stock: Stock) -> None:
        missing = [dim.name for dim in stock.dims if dim.name not in self.dims]
        if missing:
            self.problems.append(Problem(f"dimension {missing[0]!r} is not declared", key=name))
            return
        inner = self.inner[name]
        node = self._state(name, "stock", (*stock.dims, *((inner,) if inner else ())), units.unit(stock.unit))
        if inner is None:
            return
        last = self.graph.pick(node, inner, inner.labels[-1])
        if isinstance(stock, Cohorts):
            rate = last * self._pulse(PROMOTION)
        else:
            rate = last * float(len(inner)) / self._value(stock.through)  # type: ignore[attr-defined]
        self._named(Variable(f"{name}_finishing", "auxiliary", rate, "Leaving the last stage.", "places", "places", (name,)))

    def _pulse(self, series: str) -> Node:
        """A rate of one whole per year, all of it in one step of the school calendar."""
        calendar = self.graph.leaf("series", series, (), units.dimensionless())
        return calendar * self.graph.leaf("input", STEPS, (), units.unit("1/year"))

    def _by_calendar(self, mark: Mark, node: Node, function: Callable[..., Any]) -> Node:
        """Entrants a year become entrants in the intake step; those from another cohort come at promotion already."""
        assert mark.route is not None
        target, source = mark.route.target, mark.route.source
        whole = target.whole if isinstance(target, Part) else target
        origin = source.whole if isinstance(source, Part) else source
        if not isinstance(whole, Cohorts) or isinstance(origin, Cohorts):
            return node
        inner = self.inner[self.names[id(whole)]]
        if inner in node.dims:
            return node
        return node * self._pulse(INTAKE) * self.graph.constant(1.0, units.unit("year"))

    def _promote(self, name: str) -> None:
        inner, state = self.inner[name], self.graph.states[name]
        assert inner is not None
        for earlier, later in zip(inner.labels, inner.labels[1:], strict=False):
            moved = self.graph.pick(state.node, inner, earlier) * self._pulse(PROMOTION)
            label = f"{name} promoted from {earlier} to {later}"
            state.changes.append(Change(label, -1, moved, ((inner, earlier),), promotion=True))
            state.changes.append(Change(label, +1, moved, ((inner, later),), promotion=True))

    def _age(self, name: str, chain: Chain) -> None:
        inner, state, time = self.inner[name], self.graph.states[name], self._value(chain.through)
        assert inner is not None
        for earlier, later in zip(inner.labels, inner.labels[1:], strict=False):
            moved = self.graph.pick(state.node, inner, earlier) * float(len(inner)) / time
            label = f"{name} ageing from {earlier} to {later}"
            state.changes.append(Change(label, -1, moved, ((inner, earlier),)))
            state.changes.append(Change(label, +1, moved, ((inner, later),)))
        self.graph.delays.append(Delay(name, self._fixed(name, chain.through), len(inner)))

    def _follow(self, name: str, place: Memory | Tally) -> None:
        state = self.graph.states[name]
        source = self._value(place.of)
        if isinstance(place, Tally):
            if place.since is not None:
                time = self.graph.leaf("time", CALENDAR, (), units.unit("year"))
                since = self._value(place.since) if isinstance(place.since, str) else self.graph.constant(
                    place.since, units.unit("year"))  # fmt: skip
                source = source * self.graph.make("since", (time, since), since.dims, units.dimensionless())
            state.initial = [((), self.graph.constant(0.0, state.node.unit))]
            state.changes.append(Change(place.of, +1, source))
            return
        if source.unit != state.node.unit or set(source.dims) != set(state.node.dims):
            own, found = ([dim.name for dim in node.dims] for node in (state.node, source))
            message = f"{units.text(state.node.unit)} by {own}, but {place.of} is {units.text(source.unit)} by {found}"
            raise EquationError(f"memory {name} is {message}")
        state.initial = [((), self._value(place.initial))]
        state.changes.append(Change(f"{name} following {place.of}", +1, (source - state.node) / self._value(place.over)))
        self.graph.delays.append(Delay(name, self._fixed(name, place.over), 1))

    def _fixed(self, name: str, time: str) -> Node:
        node: Node = self._value(time)
        if self.graph.depends(node, lambda below: below.op in ("state", "time", "series")):
            raise EquationError(f"{name}: its delay time {time} must not depend on a stock or on time")
        return node

    def _starts(self) -> None:
        for function in self.declared.initials:
            target = function.__dict__["vimach"].target
            whole, where = (target.whole, target.where) if isinstance(target, Part) else (target, ())
            state = self.graph.states[self.names[id(whole)]]
            try:
                node = self._call(function)
            except _Broken:
                continue
            free = [dim for dim in state.node.dims if dim not in [dimension for dimension, _ in where]]
            if set(node.dims) != set(free) or node.unit != state.node.unit:
                wanted, found = [dim.name for dim in free], [dim.name for dim in node.dims]
                message = f"starts {state.name} ({units.text(state.node.unit)} by {wanted}) with {units.text(node.unit)} by {found}"
                self.problems.append(Problem(message, _as_place(_place(function)), function.__name__))
            state.initial.append((where, node))
        for name, place in self.declared.places.items():
            if isinstance(place, Stock) and not place.starts_empty:
                self._covered(name)

    def _covered(self, name: str) -> None:
        state = self.graph.states[name]
        cells = 1
        for dim in state.node.dims:
            cells *= len(dim)
        filled = 0
        for where, _ in state.initial:
            part = cells
            for dim, _ in where:
                part //= len(dim)
            filled += part
        if filled != cells:
            self.problems.append(Problem(f"the start gives {filled} of its {cells} cells; write @initial or starts_empty=True", key=name))

    # flows

    def _route(self, name: str, function: Callable[..., Any]) -> None:
        mark: Mark = function.__dict__["vimach"]
        variable = self.graph.variables.get(name)
        if variable is None or mark.route is None:
            return
        try:
            units_seen = set()
            for end, sign in ((mark.route.source, -1), (mark.route.target, +1)):
                if isinstance(end, Stock | Part):
                    state, where, free = self._end(end, variable.node, sign)
                    units_seen.add(units.text(state.node.unit))
                    if variable.node.unit != state.node.unit / units.unit("year"):
                        wanted = units.text(state.node.unit / units.unit("year"))
                        raise EquationError(f"flows {units.text(variable.node.unit)}, but {state.name} needs {wanted}")
                    reduced = self.graph.reduced(variable.node, free)
                    inner = self.inner[state.name]
                    pulse = inner is not None and isinstance(self.declared.places[state.name], Cohorts)
                    state.changes.append(Change(name, sign, reduced, where, promotion=pulse and sign < 0))
            if len(units_seen) != 1:
                raise EquationError(f"joins places counted in {sorted(units_seen)}; a flow carries one unit")
        except EquationError as error:
            self.problems.append(Problem(str(error), _as_place(_place(function)), name))

    def _end(
        self, end: Stock | Part, node: Node, sign: int
    ) -> tuple[State, tuple[tuple[Dimension, str], ...], list[Dimension]]:
        """The state at an end, the part that is touched, and the dimensions that the flow must bring."""
        whole, where = (end.whole, end.where) if isinstance(end, Part) else (end, ())
        state = self.graph.states[self.names[id(whole)]]
        inner = self.inner[state.name]
        fixed = [dimension for dimension, _ in where]
        if inner is not None and inner not in node.dims and inner not in fixed:
            where = (*where, (inner, inner.labels[0] if sign > 0 else inner.labels[-1]))
            fixed.append(inner)
        free = [dim for dim in state.node.dims if dim not in fixed]
        side = "enters" if sign > 0 else "leaves"
        lacking = [dim.name for dim in free if dim not in node.dims]
        if lacking:
            raise EquationError(f"{side} {state.name} without its dimension {', '.join(lacking)}")
        doubled = [dim.name for dim in fixed if dim in node.dims]
        if doubled:
            raise EquationError(f"{side} one label of {', '.join(doubled)}, but carries all of them")
        return state, where, free

    def _shadow(self, name: str, shadow: Shadow) -> None:
        whole = self.graph.states[self.names[id(shadow.of)]]
        state = self.graph.states[name]
        state.parent = whole.name
        last = (shadow.by, shadow.by.labels[-1])
        state.initial = [((*where, last), node) for where, node in whole.initial]
        flows = {change.flow for change in whole.changes}
        for flow in sorted(flows):
            leaving = [change for change in whole.changes if change.flow == flow and change.sign < 0]
            entering = [change for change in whole.changes if change.flow == flow and change.sign > 0]
            full = self.graph.variables[flow].node if flow in self.graph.variables else None
            for change in leaving:
                share = self._shadow_share(state, whole, change)
                state.changes.append(Change(flow, -1, change.node * share, change.where))
            for change in entering:
                if leaving and full is not None:
                    fixed = [dim for dim, _ in change.where]
                    free = [dim for dim in state.node.dims if dim not in fixed]
                    carried = self.graph.reduced(full * self._shadow_share(state, whole, leaving[0]), free)
                    state.changes.append(Change(flow, +1, carried, change.where))
                else:
                    first = (*change.where, (shadow.by, shadow.by.labels[0]))
                    state.changes.append(Change(flow, +1, change.node, first))
        through = self._value(shadow.through)
        for earlier, later in zip(shadow.by.labels, shadow.by.labels[1:], strict=False):
            moved = self.graph.pick(state.node, shadow.by, earlier) / through
            state.changes.append(Change(f"{name} ageing", -1, moved, ((shadow.by, earlier),)))
            state.changes.append(Change(f"{name} ageing", +1, moved, ((shadow.by, later),)))
        self.graph.delays.append(Delay(name, self._fixed(name, shadow.through), 1))

    def _shadow_share(self, state: State, whole: State, change: Change) -> Node:
        """Of those at the source, the share under each label of the shadow's own dimension."""
        part, everyone = state.node, whole.node
        for dimension, label in change.where:
            part, everyone = self.graph.pick(part, dimension, label), self.graph.pick(everyone, dimension, label)
        floor = self.graph.constant(1e-12, everyone.unit)
        return part / self.graph.same_unit("maximum", everyone, floor)

    def _unread(self) -> None:
        for name, given in self.parameters.items():
            if name not in self.read:
                place = getattr(given, "place", None)
                self.problems.append(Problem("no equation reads this parameter", place, name))


class _Broken(Exception):
    """A name whose problem is already listed."""


def _as_place(text: str) -> Place:
    file, _, line = text.rpartition(":")
    return Place(file, int(line))

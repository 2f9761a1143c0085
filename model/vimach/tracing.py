"""Tracing: every name of a model as a node of the graph, each equation called once with traced values."""

import inspect
import typing
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import pint

from vimach import units
from vimach.declarations import (
    CALENDAR,
    ENGINES_OWN,
    INTAKE,
    PROMOTION,
    STEPS,
    Declarations,
    Given,
    arguments_of,
    inner_dimension,
    place_of,
)
from vimach.errors import BadInput, Place, Problem, nearest
from vimach.graph import Dimension, EquationError, Graph, Node, State, Variable
from vimach.structure import Chain, Cohorts, Mark, Memory, Part, Shadow, Stock, Tally


class Broken(Exception):
    """A name whose problem is already listed."""


class Tracer:
    """Turns names into nodes, on demand; what is wrong is listed in `problems` and the name counted as broken."""

    def __init__(self, declared: Declarations, parameters: Mapping[str, Given]) -> None:
        self.declared = declared
        self.parameters = parameters
        self.problems = list(declared.problems)
        self.names = {id(place): name for name, place in declared.places.items()}
        self.inner = {name: inner_dimension(name, place) for name, place in declared.places.items()}
        self.finishing = {f"{name}_finishing": name for name, inner in self.inner.items() if inner}
        self.graph = Graph([*declared.dims.values(), *(dim for dim in self.inner.values() if dim)])
        self.dims = {dim.name: dim for dim in self.graph.dimensions}
        self.open: list[str] = []  # names being traced, to see cycles
        self.broken: set[str] = set()
        self._doubled()

    def _doubled(self) -> None:
        """A parameter or a supplied name that an equation or place has too."""
        self.problems += [Problem("this name is the engine's own", key=n) for n in ENGINES_OWN if n in self.parameters]
        for name, where in self.declared.where.items():
            if name in self.parameters:
                place = getattr(self.parameters[name], "place", None) or "the parameters"
                self.problems.append(Problem(f"declared twice, in {place} and in {where}", key=name))
            if name in self.finishing:
                self.problems.append(Problem(f"supplied by {self.finishing[name]}, and declared in {where}", key=name))

    def trace_all(self) -> None:
        """Traces every name; stocks first, since equations stand on them."""
        places = self.declared.places
        for name, place in places.items():
            if isinstance(place, Stock):
                self.finish(partial(self._stock, name, place), name)
        valued = [name for name, place in places.items() if isinstance(place, Stock | Part | Memory | Tally | Shadow)]
        for name in (*valued, *self.finishing, *self.declared.equations):
            self.finish(partial(self.value, name), name)

    def finish(self, action: Callable[[], Any], key: str = "", place: Place | None = None) -> None:
        """Runs `action`; an error in it becomes a problem of `key`."""
        try:
            action()
        except EquationError as error:
            self.problems.append(Problem(str(error), place, key))
        except Broken:
            pass

    # names

    def value(self, name: str, asked_by: Callable[..., Any] | None = None) -> Any:
        """The traced value of a name; Broken if it has a problem of its own (already listed)."""
        if name in self.graph.variables:
            return self.graph.variables[name].node
        if name in self.broken:
            raise Broken
        try:
            return self._made(name, asked_by)
        except (Broken, EquationError):
            self.broken.add(name)
            raise

    def _made(self, name: str, asked_by: Callable[..., Any] | None) -> Any:
        if name in self.declared.equations:
            return self._equation(name)
        if name in self.parameters:
            return self._parameter(name)
        if name in self.declared.places:
            return self._placed(name)
        if name in self.finishing:
            return self._finishing(name)
        if name == CALENDAR:
            time = self.graph.leaf("time", name, (), units.unit("year"))
            return self._named(Variable(name, "calendar", time, "Time in decimal years; 2031.0 is the end of 2030."))
        known = (*self.parameters, *self.declared.equations, *self.declared.places, *self.finishing, CALENDAR)
        where = f"{asked_by.__name__} asks for" if asked_by else "somebody asks for"
        place = place_of(asked_by) if asked_by else None
        self.problems.append(Problem(f"{where} a name that nobody declares", place, name, nearest(name, known)))
        raise Broken

    def _named(self, variable: Variable) -> Node:
        self.graph.variables[variable.name] = variable
        return variable.node

    def _inside(self, name: str, action: Callable[[], Any]) -> Any:
        """Runs `action` while `name` is open; a name met again while open closes a cycle."""
        if name in self.open:
            members = [*self.open[self.open.index(name) :], name]
            self.problems.append(Problem("a cycle without a stock in it: " + " <- ".join(members), key=name))
            raise Broken
        self.open.append(name)
        try:
            return action()
        finally:
            self.open.pop()

    def _parameter(self, name: str) -> Any:
        given = self.parameters[name]
        if given.curve is not None:
            return given.curve
        missing = [dim for dim in given.dimensions if dim not in self.dims]
        if missing:
            place, hint = getattr(given, "place", None), nearest(missing[0], self.dims)
            self.problems.append(Problem(f"unknown dimension {missing[0]!r}", place, name, hint))
            raise Broken
        base = units.base(units.unit(given.unit))
        node = self.graph.leaf("input", name, [self.dims[dim] for dim in given.dimensions], base)
        return self._named(Variable(name, "parameter", node, sector=getattr(given, "sector", "")))

    # places

    def _placed(self, name: str) -> Node:
        place = self.declared.places[name]
        if isinstance(place, Part):
            return self._part(name, place)
        if isinstance(place, Memory):
            start = self.value(place.initial)
            meaning = f"Follows {place.of} with the delay {place.over}."
            return self._state(name, "memory", place.dims, start.unit, meaning, (place.of, place.over))
        if isinstance(place, Tally):
            # its dimensions are the flow's; a tally cannot feed its own flow
            source = self._inside(name, lambda: self.value(place.of))
            meaning = f"All of {place.of} since {place.since or 'the start'}."
            return self._state(name, "tally", source.dims, source.unit * units.unit("year"), meaning, (place.of,))
        if isinstance(place, Shadow):
            of = self.name_of(place.of)
            whole = self.value(of)
            meaning = f"The same as {of}, told apart by {place.by.name} too."
            return self._state(name, "shadow", (*whole.dims, place.by), whole.unit, meaning, (of,))
        raise EquationError("is a place outside the model; it has no value")

    def _part(self, name: str, part: Part) -> Node:
        whole = self.name_of(part.whole)
        node = self.value(whole)
        for dimension, label in part.where:
            node = self.graph.pick(node, dimension, label)
        meaning = f"Of {whole}, those under {' and '.join(f'{dim.name} {label}' for dim, label in part.where)}."
        return self._named(Variable(name, "part", node, meaning, "places", "places", (whole,)))

    def name_of(self, place: Any) -> str:
        """The name of a place; EquationError if no module declares it."""
        if id(place) not in self.names:
            raise EquationError("needs a place that no module declares")
        return self.names[id(place)]

    def _stock(self, name: str, stock: Stock) -> Node:
        missing = [dim.name for dim in stock.dims if dim.name not in self.dims]
        if missing:
            self.broken.add(name)
            self.problems.append(Problem(f"dimension {missing[0]!r} is not declared", key=name))
            raise Broken
        inner = self.inner[name]
        kind = type(stock).__name__.lower()
        dims = (*stock.dims, inner) if inner else stock.dims
        return self._state(name, "stock", dims, units.unit(stock.unit), stock.meaning, shown=kind)

    def _state(
        self, name: str, kind: str, dims: Iterable[Dimension], unit: pint.Unit, meaning: str,
        uses: tuple[str, ...] = (), shown: str = "",
    ) -> Node:  # fmt: skip
        node = self.graph.leaf("state", name, list(dims), unit)
        self.graph.states[name] = State(name, kind, node)
        return self._named(Variable(name, shown or kind, node, meaning, "places", "places", uses))

    def _finishing(self, name: str) -> Node:
        of = self.finishing[name]
        place, inner, node = self.declared.places[of], self.inner[of], self.value(of)
        assert inner is not None
        last = self.graph.pick(node, inner, inner.labels[-1])
        rate = last * (self.pulse(PROMOTION) if isinstance(place, Cohorts) else self.ageing(place))
        return self._named(Variable(name, "auxiliary", rate, "Leaving the last stage.", "places", "places", (of,)))

    def ageing(self, chain: Chain) -> Node:
        """The rate at which people leave one stage of a chain, per year."""
        rate: Node = float(chain.stages) / self.fixed_time(chain.through)
        return rate

    def fixed_time(self, time: str) -> Node:
        """A delay time: in years, and hanging on no stock and not on the calendar."""
        node: Node = self.value(time)
        if node.unit != units.unit("year"):
            raise EquationError(f"its delay time {time} is in {units.text(node.unit)}, not in year")
        if self.graph.depends(node, lambda below: below.op in ("state", "time", "series")):
            raise EquationError(f"its delay time {time} must not depend on a stock or on time")
        return node

    # equations

    def _equation(self, name: str) -> Node:
        function = self.declared.equations[name]
        mark: Mark = function.__dict__["vimach"]
        node: Node = self._inside(name, lambda: self.call(function))
        if mark.route:
            node = self._by_calendar(mark, node)
        variable = Variable(
            name, mark.kind, node, inspect.getdoc(function) or "", function.__module__.rsplit(".", 1)[-1],
            str(place_of(function)), arguments_of(function), self._route_names(mark),
        )  # fmt: skip
        return self._named(variable)

    def _route_names(self, mark: Mark) -> tuple[str, str] | None:
        if mark.route is None:
            return None
        return self.names.get(id(mark.route.source), "outside"), self.names.get(id(mark.route.target), "outside")

    def call(self, function: Callable[..., Any]) -> Node:
        """One equation called with traced values, its annotations held against the units that arrive."""
        hints = typing.get_type_hints(function, include_extras=True)
        values: dict[str, Any] = {}
        arguments = arguments_of(function)
        for name in arguments:
            try:
                values[name] = self.value(name, function)
            except Broken:
                continue
            except EquationError as error:
                self._wrong(function, f"argument {name}: {error}")
                continue
            if isinstance(values[name], Node):
                self._compare(function, name, hints.get(name), values[name].unit)
        if len(values) < len(arguments):
            raise Broken
        try:
            result = function(**values)
            if not isinstance(result, Node):
                result = self.graph.constant(result)
        except EquationError as error:
            self._wrong(function, str(error))
            raise Broken from None
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            self._wrong(function, f"cannot be traced: {error}; use the words of an equation")
            raise Broken from error
        self._compare(function, "return", hints.get("return"), result.unit)
        return result

    def _compare(self, function: Callable[..., Any], name: str, hint: Any, unit: pint.Unit) -> None:
        written = next((text for text in getattr(hint, "__metadata__", ()) if isinstance(text, str)), None)
        what = "result" if name == "return" else f"argument {name}"
        if written is None:
            self._wrong(function, f"{what} has no unit annotation")
            return
        try:
            said = units.unit(written)
        except BadInput as error:
            self._wrong(function, f"{what} is annotated with an {error}")
            return
        if said != unit:
            self._wrong(function, f"{what} is annotated {units.text(said)} but is {units.text(unit)}")

    def _wrong(self, function: Callable[..., Any], message: str) -> None:
        self.problems.append(Problem(message, place_of(function), function.__name__))

    # the school calendar

    def pulse(self, series: str) -> Node:
        """A rate of one whole per year, all of it in one step of the school calendar."""
        calendar = self.graph.leaf("series", series, (), units.dimensionless())
        return calendar * self.graph.leaf("input", STEPS, (), units.unit("1/year"))

    def _by_calendar(self, mark: Mark, node: Node) -> Node:
        """Entrants a year become entrants in the intake step; those from another cohort come at promotion already."""
        assert mark.route is not None
        target, source = (end.whole if isinstance(end, Part) else end for end in (mark.route.target, mark.route.source))
        if not isinstance(target, Cohorts) or isinstance(source, Cohorts):
            return node
        if self.inner[self.name_of(target)] in node.dims:
            return node
        return node * self.pulse(INTAKE) * self.graph.constant(1.0, units.unit("year"))

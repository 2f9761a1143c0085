"""The whole model as XMILE, in the part of the standard that other engines run with the same numbers.

Euler's method, no modules, no arrays: one element for each cell, named by variable and labels. Study years, stages,
beliefs, counts and shadows are explicit stocks with their flows. The only functions are MIN, MAX, EXP and LN. A table
over time stands for a declared input that varies, and for nothing else; at every step it has the input's value.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import product
from typing import Any

from vimach import units
from vimach.declarations import CALENDAR
from vimach.errors import ModelError, Problem
from vimach.exports.infix import Infix, called, joined, number, summed
from vimach.exports.tables import knots, split
from vimach.exports.terms import GIVEN, Terms
from vimach.graph import Change, Dimension, Graph, Node, State, Variable
from vimach.kernels.array import Array, Inputs, Schedule

Cell = Mapping[Dimension, str]

_SIGNS = {"add": " + ", "subtract": " - ", "multiply": " * ", "divide": " / ", "power": " ^ "}
_FUNCTIONS = {"minimum": "MIN", "maximum": "MAX", "exp": "EXP", "log": "LN"}
_POINTS_TO_A_LINE = 8

_HEAD = """<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<header>
<vendor>vimach</vendor>
<product version="{version}" lang="en">vimach</product>
<name>{title}</name>
</header>
<sim_specs method="euler" time_units="year">
<start>{start!r}</start>
<stop>{stop!r}</stop>
<dt>{step!r}</dt>
</sim_specs>
<model>
<variables>
"""
_TAIL = """</variables>
</model>
</xmile>
"""


def cells(dims: Sequence[Dimension]) -> Iterator[dict[Dimension, str]]:
    """Every cell of a value with these dimensions, the last dimension running fastest."""
    for labels in product(*(dim.labels for dim in dims)):
        yield dict(zip(dims, labels, strict=True))


def cell_name(name: str, dims: Sequence[Dimension], cell: Cell) -> str:
    """One cell's name: `engineers_vietnam_design_novice`, `bachelor_students_related_vietnam_year_4`."""
    return "_".join([name, *(_label(dim, cell[dim]) for dim in dims)])


def _label(dim: Dimension, label: str) -> str:
    return f"{dim.name.rsplit('_', 1)[-1]}_{label}" if label.isdigit() else label


def xmile(
    graph: Graph, given: Inputs, schedule: Schedule, title: str, version: str, told: Mapping[str, str], member: int = 0
) -> str:  # fmt: skip
    """The model with the inputs of one member, as the text of an XMILE file; the same arguments give the same text.

    `told` says what a parameter means, by name. Raises ModelError if two cells would have one name.
    """
    export = _Export(graph, given, schedule, told, member)
    elements = export.elements()
    counts = Counter(element.name.lower() for element in elements)
    if doubled := sorted(name for name, count in counts.items() if count > 1):
        raise ModelError([Problem("two cells would have this name in XMILE", key=name) for name in doubled])
    times = schedule.times.tolist()
    head = _HEAD.format(
        version=escape(version), title=escape(title), start=times[0], stop=times[-1], step=schedule.step
    )
    return head + "".join(element.text() for element in elements) + _TAIL


@dataclass(frozen=True)
class Element:
    """One stock, flow or auxiliary of the file."""

    tag: str  # stock | flow | aux
    name: str
    equation: str
    unit: str
    doc: str = ""
    points: str = ""
    inflows: Sequence[str] = ()
    outflows: Sequence[str] = ()

    def text(self) -> str:
        """The element, one line for each of its parts."""
        lines = [f'<{self.tag} name="{self.name}">']
        lines += [f"<doc>{escape(self.doc, quote=False)}</doc>"] if self.doc else []
        lines.append(f"<eqn>{escape(self.equation, quote=False)}</eqn>")
        lines += [f"<inflow>{flow}</inflow>" for flow in self.inflows]
        lines += [f"<outflow>{flow}</outflow>" for flow in self.outflows]
        lines += [self.points] if self.points else []
        return "\n".join([*lines, f"<units>{escape(self.unit)}</units>", f"</{self.tag}>", ""])


@dataclass
class _Pipes:
    """What flows into and out of one stock's cell."""

    inflows: list[str] = field(default_factory=list)
    outflows: list[str] = field(default_factory=list)


class _Export:
    """One file in the making."""

    def __init__(self, graph: Graph, given: Inputs, schedule: Schedule, told: Mapping[str, str], member: int) -> None:
        self.graph, self.given, self.schedule, self.told, self.member = graph, given, schedule, told, member
        self.terms = Terms(graph)
        self.names = self.terms.names | {
            node.number: f"{name}_term_{count}"
            for name, nodes in reversed(self.terms.repeated.items())
            for count, node in enumerate(nodes, 1)
        }
        self.extra: dict[tuple[str, int], str] = {}  # flows that are no variable: (what, node) -> name
        self.pipes: dict[str, _Pipes] = {}

    def elements(self) -> list[Element]:
        """Everything in the file: the engine's own inputs, then sector by sector, then what states need beside."""
        states = list(self.graph.states.values())
        extra = [element for state in states for change in state.changes for element in self._connect(state, change)]
        sectors = dict.fromkeys(variable.sector for variable in self.graph.variables.values())
        found = [*self._clock()]
        for sector in sectors:
            for variable in self.graph.variables.values():
                if variable.sector == sector and variable.kind != "calendar":
                    found += self._variable(variable)
        return [*found, *extra]

    # expressions

    def write(self, node: Node, cell: Cell, whole: bool = False) -> Infix:
        """A node's value in one cell; named values by their names, but `whole` spells the node itself out."""
        if node.op in GIVEN:
            return Infix(cell_name(node.payload, node.dims, cell))
        if node.number in self.names and not whole:
            return Infix(cell_name(self.names[node.number], node.dims, cell))
        if node.op == "constant":
            return number(node.payload)
        if node.op == "since":
            return Infix(self._gate_name(node))
        if node.op == "pick":
            dimension, label = node.payload
            return self.write(node.arguments[0], {**cell, dimension: label})
        if node.op == "total":
            inside, dim = node.arguments[0], node.payload
            return summed(" + ", [self.write(inside, {**cell, dim: label}) for label in dim.labels])
        arguments = [self.write(argument, cell) for argument in node.arguments]
        if node.op in _FUNCTIONS:
            return called(_FUNCTIONS[node.op], *arguments)
        return joined(node.op, _SIGNS[node.op], *arguments)

    # variables

    def _variable(self, variable: Variable) -> Iterator[Element]:
        name, node = variable.name, variable.node
        doc = " ".join((variable.meaning or self.told.get(name, "")).split())
        unit = units.text(node.unit)
        for cell in cells(node.dims):
            own = cell_name(name, node.dims, cell)
            if node.op == "state" and name == node.payload:
                yield self._stock(self.graph.states[name], own, cell, unit, doc)
            elif node.op == "input" and name == node.payload:
                yield from self._input(own, node, cell, unit, doc)
            else:
                tag = "flow" if variable.kind == "flow" else "aux"
                yield Element(tag, own, self.write(node, cell, self.terms.own(name)).text, unit, doc)
        for term in self.terms.repeated[name]:
            if self.names[term.number].startswith(f"{name}_term_"):
                for cell in cells(term.dims):
                    own = cell_name(self.names[term.number], term.dims, cell)
                    yield Element("aux", own, self.write(term, cell, True).text, units.text(term.unit))

    def _input(self, own: str, node: Node, cell: Cell, unit: str, doc: str) -> Iterator[Element]:
        """A declared input: a number, or a table over time if it changes."""
        name: str = node.payload
        index: tuple[Any, ...] = tuple(dim.index(cell[dim]) for dim in node.dims)
        if name in self.given.fixed:
            values = self._of_member(self.given.fixed[name])[index][None]
        else:
            values = self._of_member(self.given.varying[name])[(slice(None), *index)]
        if (values == values[0]).all():
            yield Element("aux", own, number(float(values[0])).text, unit, doc)
            return
        times, points = knots(self.schedule.times, values)
        parts = split(points)
        if parts is None:
            yield Element("aux", own, "TIME", unit, doc, _table(times, points))
            return
        scale = number(parts.scale).text
        yield Element("aux", own, f"({own}_digits + {own}_further_digits * 1e-08) * {scale}", unit, doc)
        yield Element("aux", f"{own}_digits", "TIME", "1", "Leading digits.", _table(times, parts.leading))
        yield Element("aux", f"{own}_further_digits", "TIME", "1", "Further digits.", _table(times, parts.further))

    def _of_member(self, values: Array) -> Array:
        return values[..., self.member if values.shape[-1] > 1 else 0]

    def _clock(self) -> Iterator[Element]:
        """The engine's own inputs: time, the school calendar, steps in a year, and whether a date has come."""
        done: set[str] = set()
        for node in self.graph.walk(self.graph.roots()):
            if node.op == "since":
                name, (time, date) = self._gate_name(node), node.arguments
                condition = f"{self.write(time, {}).text} >= {self.write(date, {}).text}"
                element = Element("aux", name, f"IF {condition} THEN 1.0 ELSE 0.0", "1", "1 from this date on.")
            elif node.op == "time":
                element = Element("aux", CALENDAR, "TIME", "year", "Time in decimal years: 2031.0 is the end of 2030.")
            elif node.op in ("input", "series") and node.payload not in self.graph.variables:
                doc = f"Supplied by the engine: {node.payload.replace('_', ' ')}."
                yield from self._input(node.payload, node, {}, units.text(node.unit), doc)
                continue
            else:
                continue
            if element.name not in done:
                done.add(element.name)
                yield element

    def _gate_name(self, node: Node) -> str:
        return f"since_{self.write(node.arguments[1], {}).text.replace('.', '_')}"

    # states

    def _stock(self, state: State, own: str, cell: Cell, unit: str, meaning: str) -> Element:
        pipes = self.pipes.get(own, _Pipes())
        starts = [node for where, node in state.initial if all(cell[dim] == label for dim, label in where)]
        text = self.write(starts[-1], cell).text if starts else "0.0"
        return Element("stock", own, text, unit, meaning, "", pipes.inflows, pipes.outflows)

    def _connect(self, state: State, change: Change) -> Iterator[Element]:
        """Joins the flows of one term to the stock's cells; yields them if no variable stands for them already."""
        variable = self.graph.variables.get(change.flow)
        named = state.kind == "stock" and variable is not None and variable.kind == "flow"
        node = variable.node if named and variable else change.node
        key = (change.flow if state.kind == "stock" else _term(state, change), node.number)
        known = named or key in self.extra
        name = change.flow if named else self.extra.setdefault(key, self._free(key[0]))
        for cell in cells(state.node.dims):
            if any(cell[dim] != label for dim, label in change.where):
                continue
            pipes = self.pipes.setdefault(cell_name(state.name, state.node.dims, cell), _Pipes())
            side = pipes.inflows if change.sign > 0 else pipes.outflows
            extra = [dim for dim in node.dims if dim not in cell]
            side += [cell_name(name, node.dims, {**cell, **more}) for more in cells(extra)]
        if not known:
            unit = units.text(node.unit)
            for cell in cells(node.dims):
                yield Element("flow", cell_name(name, node.dims, cell), self.write(node, cell).text, unit)

    def _free(self, what: str) -> str:
        """A name for a flow that is no variable, with a number if another such flow has it already."""
        base = what.replace(" ", "_")
        taken = set(self.extra.values())
        return next(name for name in (base, *(f"{base}_{n}" for n in range(2, 100))) if name not in taken)


def _table(times: Sequence[float], values: Sequence[float]) -> str:
    """A table over time: straight lines between points."""
    return f"<gf>\n<xpts>{_list(times)}</xpts>\n<ypts>{_list(values)}</ypts>\n</gf>"


def _list(values: Sequence[float]) -> str:
    texts = [repr(value) for value in values]
    return ",\n".join(",".join(texts[k : k + _POINTS_TO_A_LINE]) for k in range(0, len(texts), _POINTS_TO_A_LINE))


def _term(state: State, change: Change) -> str:
    """What a term of a belief, count or shadow is called."""
    return change.flow if change.flow.startswith(state.name) else f"{state.name} by {change.flow}"

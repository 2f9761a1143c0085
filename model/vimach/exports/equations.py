"""The book of equations: every variable with its equation as mathematics, unit, meaning, sources and users.

Written from the graph alone, so that it says what is computed and not what somebody meant to compute. An equation
stops at names; what stands in it more than once is told once, after "where".
"""

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence

from vimach import units
from vimach.exports.infix import ATOM, PRODUCT, SUM, Infix, called, joined
from vimach.exports.terms import GIVEN, Terms
from vimach.graph import Change, Dimension, Graph, Node, State, Variable
from vimach.kernels.array import is_rate
from vimach.parameters.table import Parameter
from vimach.structure import RATIO_FLOOR, Curve

Fixed = Mapping[Dimension, str]

_SIGNS = {"add": " + ", "subtract": " - ", "multiply": " × ", "divide": " / ", "power": " ^ "}
_FUNCTIONS = {"minimum": "minimum", "maximum": "maximum", "exp": "exp", "log": "ln"}
_WIDTH = 118
_HELD = "\0"  # a blank at which no line may end

_PREFACE = """# The equations of vimach

Written by `vimach export equations` from the graph that a run computes.

## How to read it

- A stock holds people, firms, money or the like. Cohorts and a chain are stocks by study year or stage; a part is a
  stock under one label. A flow is what goes from one place to another a year. A memory follows a variable with a
  delay, a tally counts a flow, a shadow tells those in a stock apart by one dimension more. An auxiliary is all else.
- `engineers[region, track, experience]` is a value for each label of its dimensions; `engineers[region, track, novice]`
  is the part under one label. `Σ region, track (...)` is the sum over all labels of these dimensions. A value that
  lacks a dimension of the equation is the same under all labels of it.
- `ratio(a, b, c)` is (a + 1e-9 × c) / (b + 1e-9): a / b, going over into c where b falls to nothing.
- A curve's name with brackets, `pay_by_tightness(x)`, is its value at x: its points are joined by straight lines, and
  it is flat outside them.
- `since(t)` is 1 where calendar >= t, and 0 before.
- What has a start and a change a year, a sum of terms, is a state; a term with "at" changes only the part under these
  labels. A start is worked out once, at the time of the first step, and may read other starts.
- One step of Euler's method: all equations at the time of the step, then state = state + change × step. The step is
  1 / `steps_per_year` of a year; there are 16 unless told otherwise. A run begins at 2015.0 unless told otherwise.
- `calendar` is the time of the step in decimal years; 2031.0 is the end of 2030. A parameter's values over time are
  joined by straight lines and flat outside their points. What is drawn anew each year has one value for all steps of
  a calendar year.
- Equations reckon in people, firms, years, VND and so on, one of each: 3 VND billion/year stands in them as 3000000000
  and 5 % as 0.05. The central run has the values printed here; a member of an ensemble has its own draws, held within
  the range. Labels stand in the order of the parameter's dimensions; `fab 0` holds for all labels of those left out,
  and a later value takes the place of an earlier one.
- `school_promotion` is 1 in the step that starts nine sixteenths into each calendar year, `school_intake` in the one
  that starts eleven sixteenths into it; both are 0 in all other steps. Times `steps_per_year` they are a rate that
  moves everybody in that one step.
- Results come by year. What is counted per year is the sum of value × step over the year's steps; its unit is one of
  {counted}.
  All else is told at whole years: at 2031.0, the end of 2030, it is what the step that starts then has.
"""


def equation_book(
    graph: Graph,
    parameters: Mapping[str, Parameter],
    prefaces: Mapping[str, str],
    value_of: Callable[[Parameter], str],
) -> str:
    """The book as Markdown. `prefaces` are the sectors' own words, by name; `value_of` tells a parameter's number."""
    return "\n".join(_Book(graph, parameters, prefaces, value_of).lines()) + "\n"


class _Book:
    """One book in the making."""

    def __init__(
        self, graph: Graph, parameters: Mapping[str, Parameter], prefaces: Mapping[str, str],
        value_of: Callable[[Parameter], str],
    ) -> None:  # fmt: skip
        self.graph, self.parameters, self.prefaces, self.value_of = graph, parameters, prefaces, value_of
        self.terms = Terms(graph)
        self.local: dict[int, str] = {}  # what stands under another name in the equation at hand, and which were met
        self.met: set[int] = set()
        self.curves: dict[str, Curve] = {}  # those that the equation at hand reads
        self.reads = {name: self._reads(variable) for name, variable in graph.variables.items()}
        self.users: dict[str, dict[str, None]] = {}
        for name, read in self.reads.items():
            for other in read:
                self.users.setdefault(other, {})[name] = None

    def lines(self) -> Iterator[str]:
        """The whole book, line by line."""
        yield self._preface()
        yield "## Dimensions\n"
        yield from (f"- {dim.name}: {', '.join(dim.labels)}" for dim in self.graph.dimensions)
        written = [
            variable for variable in self.graph.variables.values() if variable.kind not in ("parameter", "calendar")
        ]
        sectors = dict.fromkeys(
            [*self.prefaces, *(v.sector for v in written), *(p.sector for p in self.parameters.values())]
        )
        for sector in sectors:
            own = [variable for variable in written if variable.sector == sector]
            given = [parameter for parameter in self.parameters.values() if parameter.sector == sector]
            if not own and not given:
                continue
            yield f"\n## {sector.replace('_', ' ').capitalize()}\n"
            yield from [f"{self.prefaces[sector].strip()}\n"] if sector in self.prefaces else []
            for variable in own:
                yield from self._variable(variable)
            if given:
                yield f"### Parameters of {sector.replace('_', ' ')}\n"
            for parameter in given:
                yield from self._parameter(parameter)

    def _preface(self) -> str:
        rates = [variable.node for variable in self.graph.variables.values() if is_rate(variable)]
        return _PREFACE.format(counted=", ".join(sorted({units.text(node.unit) for node in rates})))

    # variables

    def _variable(self, variable: Variable) -> Iterator[str]:
        name, node = variable.name, variable.node
        route = " from {} to {}".format(*variable.route) if variable.route else ""
        yield f"### {name}\n"
        yield f"{variable.kind}{route}, {_measure(node)}. {' '.join(variable.meaning.split())}".rstrip() + "\n"
        yield "```text"
        state = self.graph.states.get(name)
        yield from self._state(state) if state else self._equation(variable)
        yield "```\n"
        if told := self._sources(name):
            yield f"Sources: {told}.\n"
        yield from self._used_by(name)

    def _equation(self, variable: Variable) -> Iterator[str]:
        name, node = variable.name, variable.node
        own = self.terms.own(name)
        repeated = self.terms.repeated[name] if own else []
        self.local = {term.number: f"x{count}" for count, term in enumerate(repeated, 1)}
        given = {used: self.parameters[used].curve for used in variable.uses if used in self.parameters}
        self.curves = {used: curve for used, curve in given.items() if curve is not None}
        self.met = set()
        yield from _wrapped(f"{_indexed(name, node.dims, {})} = {self.write(node, {}, own).text}", "")
        where = []
        for term in reversed(repeated):  # a term may read those before it
            if term.number in self.met:
                where.append(
                    f"where {_indexed(self.local[term.number], term.dims, {})} = {self.write(term, {}, True).text}"
                )
        for line in reversed(where):
            yield from _wrapped(line, "  ")
        self.local, self.curves = {}, {}

    def _state(self, state: State) -> Iterator[str]:
        yield f"change of {_indexed(state.name, state.node.dims, {})} a year ="
        for change in state.changes:
            yield from _wrapped(f"{'+' if change.sign > 0 else '-'} {self._change(change)}", "  ")
        yield "start ="
        for where, node in state.initial:
            yield f"  {self.write(node, {}).text}{_at(where)}"
        if not state.initial:
            yield "  0"
        elif state.kind == "shadow":
            yield "  0 elsewhere"

    def _change(self, change: Change) -> str:
        flow = self.graph.variables.get(change.flow)
        self.local = {flow.node.number: change.flow} if flow else {}
        told = "" if flow else f"   ({change.flow})"
        text = f"{self.write(change.node, {}).within(PRODUCT)}{_at(change.where)}{told}"
        self.local = {}
        return text

    def _sources(self, name: str) -> str:
        """The evidence behind the parameters that an equation reads."""
        found = []
        for read in self.reads[name]:
            if read in self.parameters:
                given = self.parameters[read]
                found.append(f"{read} ({', '.join(given.source) or 'judged'})")
        return "; ".join(found)

    def _used_by(self, name: str) -> Iterator[str]:
        users = ", ".join(f"[{user}](#{user})" for user in self.users.get(name, ()))
        yield f"Used by: {users or 'nothing; it is read as a result'}.\n"

    def _parameter(self, parameter: Parameter) -> Iterator[str]:
        dims = f", by {' x '.join(parameter.dimensions)}" if parameter.dimensions else ""
        grounds = [*parameter.source, *([f"judgment: {parameter.judgment}"] if parameter.judgment else [])]
        yield f"#### {parameter.name}\n"
        yield f"{parameter.label.en} ({parameter.label.vi}), {_words(parameter.unit)}{dims}.\n"
        yield f"Value: {self.value_of(parameter)}. Grade {parameter.grade}. Sources: {'; '.join(grounds)}\n"
        yield from self._used_by(parameter.name)

    def _reads(self, variable: Variable) -> list[str]:
        """What a variable is computed from, by name: what its author named, and what stands in its equation."""
        state = self.graph.states.get(variable.name)
        if state is not None:
            found = [change.flow for change in state.changes if change.flow in self.graph.variables]
            found += [name for change in state.changes for name in self._named_in(change.node, change.flow)]
            found += [name for _, node in state.initial for name in self._named_in(node)]
            return [name for name in dict.fromkeys(found) if name != variable.name]
        if not self.terms.own(variable.name):
            return [self.terms.names[variable.node.number]]
        return list(dict.fromkeys([*variable.uses, *self.terms.reads(variable.node)]))

    def _named_in(self, node: Node, flow: str = "") -> list[str]:
        """The names in a term of a state; what is the same as the flow stands there under the flow's name."""
        own, named = self.graph.variables.get(flow), self.terms.names.get(node.number)
        shown = {self.terms.names[own.node.number]: flow} if own else {}
        names = [named] if named else [node.payload] if node.op in GIVEN else self.terms.reads(node)
        return [shown.get(name, name) for name in names]

    # expressions

    def write(self, node: Node, fixed: Fixed, whole: bool = False) -> Infix:
        """A node's equation under the labels that are fixed; `whole` spells out the node itself."""
        if node.op in GIVEN:
            return Infix(_indexed(node.payload, node.dims, fixed))
        if not whole and (named := self.local.get(node.number) or self.terms.names.get(node.number)):
            self.met.add(node.number)
            return Infix(_indexed(named, node.dims, fixed))
        if node.op == "constant":
            return Infix(repr(node.payload).removesuffix(".0"), ATOM if node.payload >= 0 else SUM)
        if node.op == "pick":
            dimension, label = node.payload
            return self.write(node.arguments[0], {**fixed, dimension: label})
        if node.op == "total":
            return self._sum(node, fixed)
        if parts := _ratio(node):
            return called("ratio", *(self.write(part, fixed) for part in parts))
        for name, curve in self.curves.items():
            if (x := _looked_up(node, curve)) is not None:
                return called(name, self.write(x, fixed))
        if node.op == "subtract" and _is_constant(node.arguments[0], 0.0):
            return Infix(f"-{self.write(node.arguments[1], fixed).within(PRODUCT)}", SUM)
        if node.op == "multiply" and _is_constant(node.arguments[1], 1.0):
            return self.write(node.arguments[0], fixed)
        arguments = [self.write(argument, fixed) for argument in node.arguments]
        if node.op == "since":
            return called("since", arguments[1])
        if node.op in _FUNCTIONS:
            return called(_FUNCTIONS[node.op], *arguments)
        return joined(node.op, _SIGNS[node.op], *arguments)

    def _sum(self, node: Node, fixed: Fixed) -> Infix:
        dims = [node.payload.name]
        inside = node.arguments[0]
        while inside.op == "total" and inside.number not in self.terms.names and inside.number not in self.local:
            dims.append(inside.payload.name)
            inside = inside.arguments[0]
        return Infix(f"Σ {', '.join(reversed(dims))} ({self.write(inside, fixed).text})")


def _ratio(node: Node) -> tuple[Node, Node, Node] | None:
    """a, b and c of a node that `ratio(a, b, c)` made."""
    if node.op != "divide" or any(argument.op != "add" for argument in node.arguments):
        return None
    (a, rest), (b, floor) = (argument.arguments for argument in node.arguments)
    if (
        floor.op != "constant"
        or floor.payload != RATIO_FLOOR
        or rest.op != "multiply"
        or rest.arguments[0] is not floor
    ):
        return None
    return a, b, rest.arguments[1]


def _looked_up(node: Node, curve: Curve) -> Node | None:
    """x of a node that `lookup(x, curve)` made."""
    x = None
    for left, right, low, high in reversed(list(zip(curve.x, curve.x[1:], curve.y, curve.y[1:], strict=False))):
        if node.op != "add":
            return None
        node, hinge = node.arguments
        for op, value in (
            ("multiply", (high - low) / (right - left)), ("subtract", left), ("minimum", right), ("maximum", left)
        ):  # fmt: skip
            if hinge.op != op or not _is_constant(hinge.arguments[1], value):
                return None
            hinge = hinge.arguments[0]
        if x is not None and x is not hinge:
            return None
        x = hinge
    return x if _is_constant(node, curve.y[0]) else None


def _is_constant(node: Node, value: float) -> bool:
    return bool(node.op == "constant" and node.payload == value)


def _indexed(name: str, dims: Sequence[Dimension], fixed: Fixed) -> str:
    labels = [fixed.get(dim, dim.name) for dim in dims]
    return f"{name}[{', '.join(labels)}]" if labels else name


def _wrapped(line: str, before: str) -> list[str]:
    """A line of an equation, broken between words, never inside square brackets, where it is too long to be seen."""
    held = re.sub(r"\[[^\]]*\]", lambda found: found[0].replace(" ", _HELD), line)
    lines = textwrap.wrap(
        held, _WIDTH, initial_indent=before, subsequent_indent=f"{before}    ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
    return [line.replace(_HELD, " ") for line in lines]


def _at(where: Sequence[tuple[Dimension, str]]) -> str:
    labels = ", ".join(f"{dim.name} {label}" for dim, label in where)
    return f"   at {labels}" if labels else ""


def _measure(node: Node) -> str:
    dims = f", by {' x '.join(dim.name for dim in node.dims)}" if node.dims else ""
    return f"{_words(units.text(node.unit))}{dims}"


def _words(unit: str) -> str:
    return "a pure number" if unit == "1" else unit

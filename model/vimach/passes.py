"""Passes over the array graph: what a kernel makes of it before it writes a line of machine code.

`scalarised` turns arrays into single operations, each of which stands once; `settled` tells those that no state and no
moving input reaches, which are worked out once in a run; `needed` leaves out what nobody asks for; `to_watch` finds the
few values that must be looked at to know that all are finite. None of them changes a bit of any result: so every kernel
that does the operations of a program agrees with one that follows the graph. That is why x / c becomes x * (1 / c) only
where c is a power of two: elsewhere the two differ in the last bit, and processors hide most of a division's cost.
"""

import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from vimach.graph import Dimension, Graph, Node

Cells = npt.NDArray[np.int64]
"""For each cell of an array (*dims) the number of its scalar."""

LEAVES = ("input", "series", "time", "state")
_EITHER_WAY = ("add", "multiply")  # a + b and b + a are the same bits


class Scalar(NamedTuple):
    """One operation on one number: `op` as in the graph, `arguments` by number, `payload` the constant or the leaf."""

    op: str
    arguments: tuple[int, ...] = ()
    payload: Any = None


@dataclass(frozen=True)
class Program:
    """Scalars, each after those that it reads, and where variables, rates and starts of states stand among them."""

    scalars: tuple[Scalar, ...]
    variables: Mapping[str, Cells]
    rates: Mapping[str, Cells]
    starts: Mapping[str, Cells]


def exact_reciprocal(value: float) -> float | None:
    """1 / value where multiplying by it gives the bits of dividing by value: for powers of two that have one."""
    if math.frexp(abs(value))[0] != 0.5:
        return None
    inverse = 1.0 / value
    return inverse if sys.float_info.min <= abs(inverse) < math.inf else None


def scalarised(graph: Graph) -> Program:
    """The program of a graph: no two scalars are equal, picks and shapes are gone, sums are written out in order."""
    return _Scalars(graph).program()


class _Scalars:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.scalars: list[Scalar] = []
        self.known: dict[Scalar, int] = {}
        self.zero, self.one = self.make("constant", (), 0.0), self.make("constant", (), 1.0)

    def make(self, op: str, arguments: tuple[int, ...], payload: Any = None) -> int:
        if op == "divide" and self.scalars[arguments[1]].op == "constant":
            inverse = exact_reciprocal(self.scalars[arguments[1]].payload)
            if inverse is not None:
                op, arguments = "multiply", (arguments[0], self.make("constant", (), inverse))
        if op in _EITHER_WAY and arguments[0] > arguments[1]:
            arguments = arguments[::-1]
        if op == "multiply" and self.one in arguments:
            return arguments[0] if arguments[1] == self.one else arguments[1]
        scalar = Scalar(op, arguments, payload)
        key = Scalar(op, (), payload.hex()) if op == "constant" else scalar  # 0.0 == -0.0, and NaN is no NaN
        number = self.known.setdefault(key, len(self.scalars))
        if number == len(self.scalars):
            self.scalars.append(scalar)
        return number

    def program(self) -> Program:
        cells: dict[int, Cells] = {}
        for node in self.graph.walk(self.graph.roots()):
            cells[node.number] = self.cells(node, cells)
        variables = {name: cells[variable.node.number] for name, variable in self.graph.variables.items()}
        rates = {name: self.rate(name, cells) for name in self.graph.states}
        starts = self.starts()
        return Program(tuple(self.scalars), variables, rates, starts)

    def cells(self, node: Node, known: Mapping[int, Cells]) -> Cells:
        shape = node.shape
        arguments = [known[argument.number] for argument in node.arguments]
        if node.op == "constant":
            return np.array(self.make("constant", (), node.payload))
        if node.op in LEAVES:
            return np.array([self.make(node.op, (), (node.payload, k)) for k in range(node.size)]).reshape(shape)
        if node.op == "pick":
            return part_of(arguments[0], node.arguments[0].dims, [node.payload])
        if node.op == "total":
            axis = node.arguments[0].dims.index(node.payload)
            parts = [arguments[0].take(label, axis).ravel().tolist() for label in range(len(node.payload))]
            return self.each("add", parts).reshape(shape)
        parts = [spread(a, n.dims, node.dims).ravel().tolist() for a, n in zip(arguments, node.arguments, strict=True)]
        return self.each(node.op, parts).reshape(shape)

    def each(self, op: str, parts: Sequence[Sequence[int]]) -> Cells:
        """The operation on each cell; on more than two parts from the left, as a sum is."""
        first, *others = parts
        made = list(first) if others or op == "add" else [self.make(op, (a,)) for a in first]  # a sum may be of one
        for part in others:
            made = [self.make(op, pair) for pair in zip(made, part, strict=True)]
        return np.array(made)

    def rate(self, name: str, known: Mapping[int, Cells]) -> Cells:
        """0 plus or minus each change, in order."""
        state = self.graph.states[name]
        rate = np.full(state.node.shape, self.zero)
        for change in state.changes:
            target, own = left_of(rate, state.node.dims, change.where)
            view = spread(known[change.node.number], change.node.dims, own)
            op = "add" if change.sign > 0 else "subtract"
            target[...] = self.each(op, [target.ravel().tolist(), view.ravel().tolist()]).reshape(target.shape)
        return rate

    def starts(self) -> dict[str, Cells]:
        """Starts may use other states' starts: those come first, and stand in for the states."""
        known: dict[int, Cells] = {}
        found: dict[str, Cells] = {}
        waiting = dict(self.graph.states)
        while waiting:
            for name, state in list(waiting.items()):
                nodes = list(self.graph.walk([node for _, node in state.initial]))
                if not {node.payload for node in nodes if node.op == "state"} <= set(found):
                    continue
                for node in nodes:
                    if node.number not in known:
                        own = node.op == "state"
                        known[node.number] = found[node.payload] if own else self.cells(node, known)
                start = np.full(state.node.shape, self.zero)
                for where, node in state.initial:
                    target, own_dims = left_of(start, state.node.dims, where)
                    target[...] = spread(known[node.number], node.dims, own_dims)
                found[name] = start
                del waiting[name]
        return found


def spread(array: Cells, own: Sequence[Dimension], wanted: Sequence[Dimension]) -> Cells:
    """A view of `array` that repeats it along each dimension of `wanted` that it lacks."""
    if tuple(own) == tuple(wanted):
        return array
    view = array.reshape([len(dim) if dim in own else 1 for dim in wanted])
    return np.broadcast_to(view, [len(dim) for dim in wanted])


def part_of(
    array: npt.NDArray[Any], dims: Sequence[Dimension], where: Iterable[tuple[Dimension, str]]
) -> npt.NDArray[Any]:
    """A view of `array` (*dims, or *dims and members) under the labels of `where`."""
    fixed = {dimension: dimension.index(label) for dimension, label in where}
    return array[(*(fixed.get(dim, slice(None)) for dim in dims), ...)]


def left_of(
    array: npt.NDArray[Any], dims: Sequence[Dimension], where: Sequence[tuple[Dimension, str]]
) -> tuple[npt.NDArray[Any], list[Dimension]]:
    """The part of an array under `where`, and the dimensions that it has left."""
    fixed = [dimension for dimension, _ in where]
    return part_of(array, dims, where), [dim for dim in dims if dim not in fixed]


_SPOILED = {"add": 2, "subtract": 2, "multiply": 2, "divide": 1}
"""How many of its operands are finite wherever the result of an operation is."""


def settled(program: Program, moving: Iterable[str]) -> list[bool]:
    """For each scalar whether it is made of constants and of inputs that are not `moving`: worked out once in a run."""
    moving = set(moving)
    found: list[bool] = []
    for op, arguments, payload in program.scalars:
        if len(arguments) == 2:
            found.append(found[arguments[0]] and found[arguments[1]])
        elif arguments:
            found.append(found[arguments[0]])
        else:
            found.append(op == "constant" or (op == "input" and payload[0] not in moving))
    return found


def needed(program: Program, roots: Iterable[int], known: Sequence[bool] = (), pairs: bool = False) -> list[int]:
    """The operations that `roots` need, depth first: what is worked out is used soon. Leaves, constants and what is
    `known` (if given, of each scalar) are left out, and so is all that only they need.

    With `pairs`, powers of neighbouring cells of one array stand side by side, so that a processor can do two at once.
    """
    scalars = program.scalars
    roots = list(roots)
    partners = _partners(scalars, needed(program, roots, known)) if pairs else {}
    seen: set[int] = set()
    order: list[int] = []
    stack = roots[::-1]
    while stack:
        number = stack.pop()
        if number < 0:  # all that ~number needs is in order
            order.append(~number)
        elif number not in seen:
            seen.add(number)
            arguments = scalars[number].arguments
            if arguments and not (known and known[number]):
                stack.append(~number)
                if number in partners:  # its arguments were made before both, so neither needs the other
                    other = partners[number]
                    seen.add(other)
                    stack.insert(len(stack) - 1, ~other)
                    stack.extend(scalars[other].arguments[::-1])
                stack.extend(arguments[::-1])
    return order


def _partners(scalars: Sequence[Scalar], order: Iterable[int]) -> dict[int, int]:
    """Powers in twos: neighbours in the order of making, which are neighbouring cells of one array."""
    partners: dict[int, int] = {}
    alone = -1
    for number in sorted(number for number in order if scalars[number].op == "power"):
        if alone == number - 1 and alone not in scalars[number].arguments:
            partners[alone], partners[number] = number, alone
            alone = -1
        else:
            alone = number
    return partners


def to_watch(program: Program, shown: Iterable[int], sure: Iterable[int], among: Sequence[int]) -> list[int]:
    """Those of the scalars `shown` that must be looked at to know that all of them are finite.

    An operand that is not finite spoils a sum, a difference, a product, and a ratio as its dividend; so it is finite
    where the result is. `sure` scalars are looked at anyway; `among` are the operations that are done.
    """
    sure, shown, done = set(sure), set(shown), set(among)
    watched = []
    for number in range(len(program.scalars) - 1, -1, -1):  # users before what they use
        op, arguments, _ = program.scalars[number]
        if number in shown and number not in sure and op != "constant":
            sure.add(number)
            watched.append(number)
        if number in sure and number in done and op in _SPOILED:
            sure.update(arguments[: _SPOILED[op]])
    return watched


Item = TypeVar("Item")


def chunks(order: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Pieces of at most `size`."""
    return (order[first : first + size] for first in range(0, len(order), size))


def fingerprint(graph: Graph) -> str:
    """A text that two graphs share only if they have the same program: operations, variables, states and changes."""
    lines = [f"{dim.name} {len(dim)}" for dim in graph.dimensions]
    for node in graph.nodes:
        payload = node.payload
        if node.op == "pick":
            payload = (payload[0].name, payload[0].index(payload[1]))
        elif node.op == "total":
            payload = payload.name
        lines.append(f"{node.op} {payload!r} {[a.number for a in node.arguments]} {[dim.name for dim in node.dims]}")
    lines.extend(f"{name} {variable.node.number}" for name, variable in graph.variables.items())
    for name, state in graph.states.items():
        lines.append(f"{name} {state.kind} {state.node.number}")
        lines.extend(f"{_told(where)} {node.number}" for where, node in state.initial)
        lines.extend(f"{c.sign} {c.node.number} {_told(c.where)} {c.promotion}" for c in state.changes)
    return "\n".join(lines)


def _told(where: Iterable[tuple[Dimension, str]]) -> list[tuple[str, int]]:
    return [(dimension.name, dimension.index(label)) for dimension, label in where]

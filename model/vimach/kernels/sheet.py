"""Sheets: the nodes of a graph as NumPy buffers, and the operations that fill them, in order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np

from vimach import elementary
from vimach.elementary import Array
from vimach.graph import Dimension, Graph, Node
from vimach.passes import LEAVES, part_of

Operation = tuple[Callable[..., Any], tuple[Any, ...], Array]


def _extreme(function: Callable[..., Any], a: Array, b: Array, out: Array) -> None:
    """The lesser or greater, NaN if either is NaN; adding 0 makes 0 of -0: of the two processors choose either."""
    function(a, b, out=out)
    out += 0.0


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "minimum": partial(_extreme, np.minimum),
    "maximum": partial(_extreme, np.maximum),
    "since": np.greater_equal,
    "exp": elementary.exp,
    "log": elementary.log,
    "power": elementary.power,
}


def shaped(array: Array, own: Sequence[Dimension], wanted: Sequence[Dimension]) -> Array:
    """A view of `array` with an axis of length 1 for each dimension of `wanted` that it lacks; members stay last."""
    shape = [array.shape[own.index(dim)] if dim in own else 1 for dim in wanted]
    return array.reshape((*shape, array.shape[-1]))


class Sheet:
    """Buffers for the nodes that `roots` need, and the operations that fill them, in order.

    `leaves` are buffers by name; operations that none of the `moving` names reach are done once by `settle`. `held`
    gives, by number of a node, members that read its value in another one.
    """

    def __init__(
        self, graph: Graph, roots: Sequence[Node], leaves: Mapping[str, Array], moving: set[str],
        held: Mapping[int, Mapping[int, int]] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self.arrays: dict[int, Array] = {}
        self.moving: dict[int, bool] = {}
        self.once: list[Operation] = []
        self.each: list[Operation] = []
        for node in graph.walk(roots):
            if node.op in LEAVES:
                self.arrays[node.number] = leaves[node.payload]
                self.moving[node.number] = node.payload in moving
            else:
                self.moving[node.number] = any(self.moving[argument.number] for argument in node.arguments)
                self.arrays[node.number] = self._made(node)
            if node.number in held:
                self._hold(node, held[node.number])

    def _hold(self, node: Node, members: Mapping[int, int]) -> None:
        """Puts a copy in place of a node's value, in which `members` have what others have."""
        value = self.arrays[node.number]
        if value.shape[-1] > 1:
            own = np.arange(value.shape[-1])
            own[list(members)] = list(members.values())
            out = self.arrays[node.number] = np.empty_like(value)
            (self.each if self.moving[node.number] else self.once).append((np.take, (value, own, -1), out))

    def _made(self, node: Node) -> Array:
        if node.op == "constant":
            return np.array([node.payload])
        arrays = [self.arrays[argument.number] for argument in node.arguments]
        if node.op == "pick":
            return part_of(arrays[0], node.arguments[0].dims, [node.payload])
        out = np.empty((*node.shape, max(array.shape[-1] for array in arrays)))
        program = self.each if self.moving[node.number] else self.once
        if node.op == "total":
            dims, dimension = node.arguments[0].dims, node.payload
            parts = [part_of(arrays[0], dims, [(dimension, label)]) for label in dimension.labels]
            program.append((np.positive, (parts[0],), out))
            program.extend((np.add, (out, part), out) for part in parts[1:])
        else:
            views = tuple(shaped(a, n.dims, node.dims) for a, n in zip(arrays, node.arguments, strict=True))
            program.append((_FUNCTIONS[node.op], views, out))
        return out

    def settle(self) -> None:
        """Does the operations that do not change during a run."""
        do(self.once)

    def fill(self) -> None:
        """Does the operations of one moment."""
        do(self.each)

    def __getitem__(self, node: Node) -> Array:
        return self.arrays[node.number]


def do(program: Iterable[Operation]) -> None:
    """Does operations, each into its own buffer."""
    for function, arguments, out in program:
        function(*arguments, out=out)

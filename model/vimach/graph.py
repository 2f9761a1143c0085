"""The array graph: what the dry run makes of the equations and what kernels, exports and `explain` read.

A node is an array with named dimensions and a unit; its last axis, the members, is implied. Equal nodes are one node.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import pint

from vimach import units

Number = int | float


@dataclass(frozen=True)
class Dimension:
    """A named axis with its labels in order, such as track: design, atp, fab."""

    name: str
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def __hash__(self) -> int:
        return hash(self.name)

    def index(self, label: str) -> int:
        """The position of `label`; ValueError if there is none."""
        return self.labels.index(label)


class EquationError(Exception):
    """An operation whose units or dimensions do not fit; the dry run adds the equation's name and place."""


@dataclass(frozen=True, eq=False)
class Node:
    """One array-valued operation.

    op is one of: constant, input, series, time, state, add, subtract, multiply, divide, minimum, maximum, exp, log,
    power, total, pick, since. `payload` is the number, the name, the dimension, or (dimension, label).
    """

    graph: "Graph" = field(repr=False)
    op: str
    arguments: tuple["Node", ...]
    dims: tuple[Dimension, ...]
    unit: pint.Unit
    payload: Any
    number: int

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of its dimensions; members are not among them."""
        return tuple(len(dim) for dim in self.dims)

    @property
    def size(self) -> int:
        """The number of its cells."""
        return prod(self.shape)

    def __add__(self, other: "Node | Number") -> "Node":
        return self.graph.same_unit("add", self, other)

    def __radd__(self, other: Number) -> "Node":
        return self.graph.same_unit("add", other, self)

    def __sub__(self, other: "Node | Number") -> "Node":
        return self.graph.same_unit("subtract", self, other)

    def __rsub__(self, other: Number) -> "Node":
        return self.graph.same_unit("subtract", other, self)

    def __mul__(self, other: "Node | Number") -> "Node":
        return self.graph.product("multiply", self, other)

    def __rmul__(self, other: Number) -> "Node":
        return self.graph.product("multiply", other, self)

    def __truediv__(self, other: "Node | Number") -> "Node":
        return self.graph.product("divide", self, other)

    def __rtruediv__(self, other: Number) -> "Node":
        return self.graph.product("divide", other, self)

    def __neg__(self) -> "Node":
        return self.graph.same_unit("subtract", 0, self)

    def __bool__(self) -> bool:
        raise EquationError("a comparison or branch on a value; use minimum and maximum instead")

    def __lt__(self, other: object) -> bool:
        raise EquationError("a comparison of values; use minimum and maximum instead")

    __le__ = __gt__ = __ge__ = __lt__
    __eq__ = __ne__ = __lt__
    __hash__ = object.__hash__

    def __pow__(self, other: object) -> "Node":
        raise EquationError("`**` is not a word of an equation; use power(x, y)")


@dataclass(frozen=True)
class Change:
    """One term of a state's rate: sign, the node that carries it, and the part of the state that it touches."""

    flow: str
    sign: int
    node: Node
    where: tuple[tuple[Dimension, str], ...] = ()
    promotion: bool = False  # moves a whole study year in one step: exempt from the half rule


@dataclass
class State:
    """A stock, memory or tally: its node, its start and the terms of its rate."""

    name: str
    kind: str  # stock | memory | tally | shadow
    node: Node
    initial: list[tuple[tuple[tuple[Dimension, str], ...], Node]] = field(default_factory=list)  # (part, start)
    changes: list[Change] = field(default_factory=list)
    parent: str = ""  # the stock whose attribute a shadow carries


@dataclass(frozen=True)
class Variable:
    """A name of the model: what kind it is, its node, and what its equation says and uses."""

    name: str
    kind: str  # stock | part | cohorts | chain | memory | tally | shadow | flow | auxiliary | parameter | calendar
    node: Node
    meaning: str = ""
    sector: str = ""
    place: str = ""
    uses: tuple[str, ...] = ()
    route: tuple[str, str] | None = None  # for a flow: from, to


@dataclass(frozen=True)
class Delay:
    """A smooth delay whose time must be at least three steps per order."""

    name: str
    time: Node
    order: int


class Graph:
    """All nodes of one model, hash-consed in the order of their making, with its states and variables."""

    def __init__(self, dimensions: Sequence[Dimension]) -> None:
        self.dimensions: list[Dimension] = list(dimensions)
        self.nodes: list[Node] = []
        self.states: dict[str, State] = {}
        self.variables: dict[str, Variable] = {}
        self.delays: list[Delay] = []
        self._known: dict[tuple[Any, ...], Node] = {}

    # making nodes

    def make(
        self, op: str, arguments: tuple[Node, ...], dims: Sequence[Dimension], unit: pint.Unit, payload: Any = None
    ) -> Node:
        """The node for this operation, the same object if it was made before."""
        told = payload.hex() if op == "constant" else payload  # of two zeros that are equal one may be -0.0
        key = (op, tuple(argument.number for argument in arguments), told, unit, tuple(dims))
        node = self._known.get(key)
        if node is None:
            node = Node(self, op, arguments, tuple(dims), unit, payload, len(self.nodes))
            self.nodes.append(node)
            self._known[key] = node
        return node

    def constant(self, value: Number, unit: pint.Unit | None = None) -> Node:
        """A number written in an equation; it has no unit, except that 0 takes any."""
        return self.make("constant", (), (), unit or units.dimensionless(), float(value))

    def leaf(self, op: str, name: str, dims: Sequence[Dimension], unit: pint.Unit) -> Node:
        """A value that comes from outside the equations: input, series, time or state."""
        return self.make(op, (), self.ordered(dims), unit, name)

    def dimension(self, name: str) -> Dimension:
        """The model's dimension of that name."""
        for dimension in self.dimensions:
            if dimension.name == name:
                return dimension
        raise EquationError(f"no dimension is called {name!r}")

    def ordered(self, dims: Sequence[Dimension]) -> tuple[Dimension, ...]:
        """Dimensions in the model's order, each once."""
        return tuple(sorted(set(dims), key=self.dimensions.index))

    def same_unit(self, op: str, left: Node | Number, right: Node | Number) -> Node:
        """Add, subtract, minimum or maximum: both sides in one unit."""
        a, b = self._pair(left, right)
        if a.unit != b.unit:
            raise EquationError(f"{op} of {units.text(a.unit)} and {units.text(b.unit)}")
        return self.make(op, (a, b), self.ordered((*a.dims, *b.dims)), a.unit)

    def product(self, op: str, left: Node | Number, right: Node | Number) -> Node:
        """Multiply or divide: units multiply or divide."""
        a = left if isinstance(left, Node) else self.constant(left)
        b = right if isinstance(right, Node) else self.constant(right)
        unit = a.unit * b.unit if op == "multiply" else a.unit / b.unit
        return self.make(op, (a, b), self.ordered((*a.dims, *b.dims)), unit)

    def elementary(self, op: str, *arguments: Node | Number) -> Node:
        """exp, log or power of pure numbers."""
        nodes = tuple(x if isinstance(x, Node) else self.constant(x) for x in arguments)
        for node in nodes:
            if node.unit != units.dimensionless():
                raise EquationError(f"{op} of a quantity in {units.text(node.unit)}; only pure numbers have one")
        return self.make(op, nodes, self.ordered([dim for node in nodes for dim in node.dims]), units.dimensionless())

    def total(self, node: Node, dimension: Dimension) -> Node:
        """The sum over one dimension, in the order of its labels."""
        if dimension not in node.dims:
            raise EquationError(f"total over {dimension.name}, which the value does not have")
        return self.make("total", (node,), [dim for dim in node.dims if dim != dimension], node.unit, dimension)

    def pick(self, node: Node, dimension: Dimension, label: str) -> Node:
        """The part of a value under one label."""
        if dimension not in node.dims:
            raise EquationError(f"a part by {dimension.name}, which the value does not have")
        dims = [dim for dim in node.dims if dim != dimension]
        return self.make("pick", (node,), dims, node.unit, (dimension, label))

    def reduced(self, node: Node, dims: Sequence[Dimension]) -> Node:
        """The sum over every dimension that is not in `dims`."""
        for dimension in node.dims:
            if dimension not in dims:
                node = self.total(node, dimension)
        return node

    def _pair(self, left: Node | Number, right: Node | Number) -> tuple[Node, Node]:
        if isinstance(left, Node) and isinstance(right, Node):
            return left, right
        if isinstance(left, Node):
            assert not isinstance(right, Node)
            return left, self.constant(right, left.unit if right == 0 else None)
        assert isinstance(right, Node)
        return self.constant(left, right.unit if left == 0 else None), right

    # reading the graph

    def walk(self, roots: Sequence[Node]) -> Iterator[Node]:
        """Every node that the roots need, arguments before users, in the order of their making."""
        needed: set[int] = set()
        stack = list(roots)
        while stack:
            node = stack.pop()
            if node.number not in needed:
                needed.add(node.number)
                stack.extend(node.arguments)
        return (self.nodes[number] for number in sorted(needed))

    def depends(self, node: Node, test: Callable[[Node], bool]) -> bool:
        """Whether any node below `node`, itself included, satisfies `test`."""
        return any(test(below) for below in self.walk([node]))

    def roots(self) -> list[Node]:
        """Every node that a run needs: variables, rates and starts."""
        roots = [variable.node for variable in self.variables.values()]
        for state in self.states.values():
            roots.extend(change.node for change in state.changes)
            roots.extend(node for _, node in state.initial)
        return roots

    def ordered_states(self) -> list[State]:
        """The states in the order of a run: stocks, which may not halve in a step, come first."""
        kinds = ("stock", "shadow", "memory", "tally")
        return sorted(self.states.values(), key=lambda state: kinds.index(state.kind))

    def by_kind(self, *kinds: str) -> Mapping[str, Variable]:
        """The variables of these kinds, by name."""
        return {name: variable for name, variable in self.variables.items() if variable.kind in kinds}

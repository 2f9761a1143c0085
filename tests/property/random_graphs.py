"""Random small graphs with every operation that equations can have, and random inputs for them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from vimach import units
from vimach.declarations import INTAKE, PROMOTION
from vimach.ensemble import calendar
from vimach.graph import Change, Dimension, Graph, Node, State, Variable
from vimach.kernels.array import Array, ArrayKernel, Inputs, Recording, Schedule
from vimach.kernels.native import NativeKernel

KIND, PLACE, HOST = Dimension("kind", ("a", "b")), Dimension("place", ("x", "y", "z")), Dimension("host", ("h",))
SCHEDULE = Schedule(2024.0, 1 / 16, 32, (0, 16, 32))
STATES = ("stock", "stock", "memory", "tally")


def both(
    graph: Graph, inputs: Inputs, schedule: Schedule, method: str = "euler", lanes: int = 8, moving: Any = ()
) -> tuple[Recording, Recording]:
    """The recordings of both kernels."""
    native = NativeKernel(graph, moving=moving, lanes=lanes)
    return ArrayKernel(graph).run(inputs, schedule, method), native.run(inputs, schedule, method)


def only(inputs: Inputs, members: npt.NDArray[np.int64]) -> Inputs:
    """The inputs of some members, in that order."""

    def own(arrays: Mapping[str, Array]) -> dict[str, Array]:
        return {name: a[..., members] if a.shape[-1] > 1 else a for name, a in arrays.items()}

    return replace(
        inputs, members=len(members), fixed=own(inputs.fixed), varying=own(inputs.varying),
        halfway=own(inputs.halfway), start=own(inputs.start),
    )  # fmt: skip


class RandomGraph:
    """A graph made from a seed: a few inputs and states, `size` operations, and states that some of them change.

    Half of the graphs are tame: almost all of their members run to the end.
    """

    def __init__(self, seed: int, size: int) -> None:
        self.luck = np.random.default_rng(seed)
        self.tame = bool(self.luck.random() < 0.5)
        self.graph = Graph([KIND, PLACE, HOST])
        self.people, self.one = units.unit("person"), units.dimensionless()
        self.inputs: dict[str, tuple[Dimension, ...]] = {}
        self.nodes: list[Node] = []
        for number in range(5):
            name = f"input_{number}"
            self.inputs[name] = self._dims()
            self._named(name, "parameter", self.graph.leaf("input", name, self.inputs[name], self.one))
        for series in (INTAKE, PROMOTION):
            self.nodes.append(self.graph.leaf("series", series, (), self.one))
        self.nodes.append(self.graph.leaf("time", "calendar", (), self.one))
        self.nodes += [self.graph.constant(value) for value in (0.0, -0.0, 1.0, -2.0, 0.5, 2.0**-1030)]
        for number, kind in enumerate(STATES):
            name = f"{kind}_{number}"
            node = self.graph.leaf("state", name, self._dims(), self.one)
            self.graph.states[name] = State(name, kind, node)
            self._named(name, kind, node)
        for number in range(size):
            self._named(f"value_{number}", "auxiliary", self._operation())
        self._wire()

    def _named(self, name: str, kind: str, node: Node) -> None:
        self.graph.variables[name] = Variable(name, kind, node)
        self.nodes.append(node)

    def _dims(self) -> tuple[Dimension, ...]:
        return tuple(dim for dim in (KIND, PLACE, HOST) if self.luck.random() < 0.5)

    def _any(self) -> Node:
        """Rather one of the last nodes than one of the first."""
        return self.nodes[-1 - int(len(self.nodes) * self.luck.random() ** 2)]

    def _operation(self) -> Node:
        graph, a, b = self.graph, self._any(), self._any()
        match self.luck.choice(["same", "same", "product", "product", "elementary", "total", "pick", "since"]):
            case "same":
                return graph.same_unit(self.luck.choice(["add", "subtract", "minimum", "maximum"]), a, b)
            case "product":
                op = self.luck.choice(["multiply", "multiply", "divide"])
                return graph.product(op, self._held(a, -9, 9), self._held(b, 0.5, 9))
            case "elementary":
                op, a, b = self.luck.choice(["exp", "log", "power"]), self._held(a, 0.1, 9), self._held(b, -3, 3)
                return graph.elementary(op, a, b) if op == "power" else graph.elementary(op, a)
            case "total" if a.dims:
                return graph.total(a, a.dims[0])
            case "pick" if a.dims:
                dim = a.dims[-1]
                return graph.pick(a, dim, dim.labels[int(self.luck.integers(len(dim)))])
            case "since":
                dims = graph.ordered((*a.dims, *b.dims))
                return graph.make("since", (a, b), dims, self.one)
        return graph.same_unit("subtract", a, b)

    def _held(self, node: Node, low: float, high: float) -> Node:
        """The node, in a tame graph between two numbers."""
        if not self.tame:
            return node
        return self.graph.same_unit("minimum", self.graph.same_unit("maximum", node, low), high)

    def _wire(self) -> None:
        """Starts from inputs, or from another state's start; rates that stay small, from any node that fits."""
        for number, state in enumerate(self.graph.states.values()):
            dims = state.node.dims
            fitting = [node for node in self.nodes if set(node.dims) <= set(dims) and node.op in ("input", "constant")]
            earlier = [s.node for s in list(self.graph.states.values())[:number] if set(s.node.dims) <= set(dims)]
            start = [*fitting, *earlier][int(self.luck.integers(len(fitting) + len(earlier)))]
            state.initial = [((), start)]
            rates = [node for node in self.nodes if set(node.dims) <= set(dims)]
            for _ in range(int(self.luck.integers(1, 4))):
                rate = rates[-1 - int(len(rates) * self.luck.random() ** 2)]
                rate = self._held(rate, -0.1, 0.1 if self.luck.random() < 0.9 else 5)
                self._change(state, rate, promotion=bool(self.luck.random() < 0.2))

    def _change(self, state: State, node: Node, promotion: bool) -> None:
        where: tuple[tuple[Dimension, str], ...] = ()
        free = [dim for dim in state.node.dims if dim not in node.dims]
        if free and self.luck.random() < 0.5:
            where = ((free[0], free[0].labels[-1]),)
        sign = 1 if self.luck.random() < 0.6 else -1
        state.changes.append(Change("some flow", sign, node, where, promotion))

    def given(self, members: int, schedule: Schedule = SCHEDULE) -> Inputs:
        """Inputs, some of them moving, some the same for all members, a few of unusual size."""
        fixed, varying, halfway = {}, calendar(schedule), calendar(schedule)
        for name, dims in self.inputs.items():
            shape = (*(len(dim) for dim in dims), members if self.luck.random() < 0.7 else 1)
            if self.luck.random() < 0.3:
                varying[name] = self._numbers((schedule.steps + 1, *shape))
                halfway[name] = self._numbers((schedule.steps + 1, *shape))
            else:
                fixed[name] = self._numbers(shape)
        return Inputs(members, fixed, varying, halfway)

    def _numbers(self, shape: tuple[int, ...]) -> Array:
        usual = self.luck.uniform(0.5 if self.tame else -2.0, 4.0, shape)
        unusual = self.luck.choice([0.0, -0.0, 1.0, 1e300, -1e-310, 5e-324, np.inf, np.nan], shape)
        return np.where(self.luck.random(shape) < (0.0001 if self.tame else 0.04), unusual, usual)

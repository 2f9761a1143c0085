"""Small models for tests of the engine: a mapping of names stands for a module, a `Number` for a parameter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vimach.dry_run import dry_run
from vimach.ensemble import calendar
from vimach.errors import ModelError
from vimach.fields import Label
from vimach.graph import Graph, Variable
from vimach.kernels.array import Array, ArrayKernel, Inputs, Recording, Schedule
from vimach.kernels.native import NativeKernel
from vimach.parameters.shapes import Lever, UnitCost
from vimach.structure import Curve, Dimension, Outside, Stock, flow, initial
from vimach.units import People, dimensionless

LEVER = Lever(
    status="law", decided_by=Label("A", "B"), instrument="a law", first_year=2020, moves=(),
    unit_cost=UnitCost(none="a rule"),
)  # fmt: skip
"""What makes a parameter a lever, for tests that ask no more of it."""


ONCE = Schedule(0.0, 1.0, 0, (0,))
"""One moment and no step."""

TRACK = Dimension("track", ("design", "atp"))
TENURE = Dimension("tenure", ("fresh", "seasoned"))


@dataclass(frozen=True)
class Number:
    """What the dry run asks of a parameter."""

    unit: str
    dimensions: tuple[str, ...] = ()
    curve: Curve | None = None


def named(*things: Any, **places: Any) -> dict[str, Any]:
    """A module as a mapping: functions under their own names, places under the names given."""
    return {**places, **{thing.__name__: thing for thing in things}}


def draining(leaving: Any, *others: Any, dims: tuple[Dimension, ...] = ()) -> dict[str, Any]:
    """One stock of `people`, which starts with `first` and is left as the equation `leaving` says."""
    people, outside = Stock("person", *dims), Outside("elsewhere")

    @initial(people)
    def people_at_start(first: People) -> People:
        return first

    dimensions = {dim.name.upper(): dim for dim in dims}
    flowing = flow(people >> outside)(leaving)
    return named(people_at_start, *others, flowing, people=people, outside=outside, **dimensions)


def problems(declared: Mapping[str, Any] | list[Mapping[str, Any]], **numbers: Number) -> list[str]:
    """What the dry run finds wrong; nothing if the model is right."""
    try:
        dry_run(declared if isinstance(declared, list) else [declared], numbers)
    except ModelError as error:
        return [str(problem) for problem in error.problems]
    return []


def run(
    declared: Mapping[str, Any], units: Mapping[str, str | Number], values: Mapping[str, Any], *, members: int = 1,
    start: float = 2024.0, step: float = 1 / 16, years: float = 1.0, every: int = 1, method: str = "euler",
) -> tuple[Array, Recording]:  # fmt: skip
    """Times and recording of a small model; values are numbers or arrays (*dimensions, members or 1)."""
    numbers = {name: unit if isinstance(unit, Number) else Number(unit) for name, unit in units.items()}
    graph = dry_run([declared], numbers)
    steps = round(years / step)
    schedule = Schedule(start, step, steps, tuple(range(0, steps + 1, every)))
    fixed = {name: np.atleast_1d(np.asarray(value, dtype=np.float64)) for name, value in values.items()}
    fixed["steps_per_year"] = np.array([1.0 / step])
    varying = calendar(schedule)
    recording = ArrayKernel(graph).run(Inputs(members, fixed, varying, dict(varying)), schedule, method)
    return schedule.times[list(schedule.edges)], recording


def both(
    graph: Graph, inputs: Inputs, schedule: Schedule, lanes: int = 0, moving: tuple[str, ...] = ()
) -> tuple[Recording, Recording]:
    """The recordings of both kernels."""
    kernels = ArrayKernel(graph), NativeKernel(graph, moving=moving, lanes=lanes)
    return kernels[0].run(inputs, schedule), kernels[1].run(inputs, schedule)


def operations(**nodes: tuple[str, ...]) -> Graph:
    """A graph of operations: each is (op, names of inputs)."""
    graph = Graph([])
    for name, (op, *names) in nodes.items():
        arguments = tuple(graph.leaf("input", each, (), dimensionless()) for each in names)
        graph.variables[name] = Variable(name, "auxiliary", graph.make(op, arguments, (), dimensionless()))
    return graph

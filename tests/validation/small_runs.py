"""Small models on the engine: numbers in, values at every step out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vimach.dry_run import dry_run
from vimach.kernels.array import ArrayKernel, Inputs, Schedule
from vimach.structure import Curve


@dataclass(frozen=True)
class Number:
    """A parameter of a small model.

    `value` is a number, an array (*dimensions, members or 1), or, when `varies`, an array (steps + 1, *dimensions,
    members or 1); a parameter with a `curve` has no value.
    """

    unit: str
    value: Any = None
    dimensions: tuple[str, ...] = ()
    curve: Curve | None = None
    varies: bool = False


@dataclass(frozen=True)
class Run:
    """Values at each step by name: states and auxiliaries at (steps + 1) times, rates per year at the first `steps`."""

    times: np.ndarray
    values: Mapping[str, np.ndarray] = field(repr=False)

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[name]


def run(
    declared: Any,
    numbers: Mapping[str, Number],
    *,
    steps: int,
    step: float = 1.0,
    start: float = 0.0,
    members: int = 1,
    method: str = "euler",
) -> Run:
    """Runs the model that a module or a mapping of names declares, every step recorded; a broken member fails the test.

    The engine's unit of time is the year. A published case in days or months calls its own unit "year".
    """
    graph = dry_run([declared], numbers)
    given = {name: number for name, number in numbers.items() if number.curve is None}
    fixed = {name: np.atleast_1d(np.asarray(n.value, float)) for name, n in given.items() if not n.varies}
    varying = {name: np.asarray(n.value, float) for name, n in given.items() if n.varies}
    schedule = Schedule(start, step, steps, tuple(range(steps + 1)))
    recording = ArrayKernel(graph).run(Inputs(members, fixed, varying), schedule, method)
    assert recording.failures == []
    rates = {name: period / step for name, period in recording.periods.items()}  # each period is one step long
    return Run(schedule.times, {**recording.edges, **rates})

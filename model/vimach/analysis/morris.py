"""Morris screening: which inputs matter at all, from few runs: along each trajectory every input is moved once.

Inputs are quantiles on four levels, 1/8 to 7/8, and are moved by half of their range.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vimach.analysis.targets import Array

STEP = 0.5
_LEVELS = (0.125, 0.375)


@dataclass(frozen=True)
class Trajectories:
    """Points, shape (trajectories, inputs + 1, inputs), and which input moves at each step: (trajectories, inputs)."""

    points: Array
    moved: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Effects:
    """Change of the output per whole range of an input: mean, mean size and spread, each (inputs, *outputs)."""

    mean: Array
    size: Array
    deviation: Array


def trajectories(inputs: int, count: int, seed: int) -> Trajectories:
    """Random trajectories through all inputs, each of them moved once, in random order, up or down by STEP."""
    luck = np.random.default_rng(seed)
    points = np.empty((count, inputs + 1, inputs))
    moved = np.empty((count, inputs), dtype=np.int64)
    for number in range(count):
        upper = luck.integers(0, 2, inputs)
        point = np.asarray(_LEVELS)[luck.integers(0, 2, inputs)] + STEP * upper
        moved[number] = luck.permutation(inputs)
        points[number, 0] = point
        for step, each in enumerate(moved[number]):
            point = point.copy()
            point[each] += STEP if point[each] < STEP else -STEP
            points[number, step + 1] = point
    return Trajectories(points, moved)


def effects(design: Trajectories, outputs: Array) -> Effects:
    """Elementary effects from outputs of shape (trajectories, inputs + 1, *outputs)."""
    count, inputs = design.moved.shape
    change = np.diff(outputs, axis=1)
    sign = np.sign(np.diff(design.points, axis=1).sum(axis=2))
    slopes = change / (sign * STEP).reshape((count, inputs, *(1,) * (outputs.ndim - 2)))
    every = np.empty_like(slopes)
    for number in range(count):
        every[number, design.moved[number]] = slopes[number]
    deviation = every.std(axis=0, ddof=1) if count > 1 else np.zeros_like(every[0])
    return Effects(every.mean(axis=0), np.abs(every).mean(axis=0), deviation)

"""Tables over time for other engines: few points, and digits that survive a translation."""

from dataclasses import dataclass
from math import ceil, log10

import numpy as np

from vimach.kernels.array import Array

DIGITS = 8
"""PySD keeps so many digits after the point of a table's values, and drops the rest without a word."""
ROUNDING = 1e-14
"""What counts as rounding, as a share of a table's largest value."""


def knots(times: Array, values: Array) -> tuple[list[float], list[float]]:
    """The points of a line over time without those that lie on the straight line between their neighbours.

    At every one of `times` the line through the points has its value, but for rounding.
    """
    near = ROUNDING * np.abs(values).max()
    bends = np.abs(values[1:-1] - (values[:-2] + values[2:]) / 2) > near
    kept = np.concatenate([[True], bends, [True]])
    if (np.abs(np.interp(times, times[kept], values[kept]) - values) > near).any():
        kept[:] = True  # bends too gentle to be seen one by one
    rounded = [float(f"{value:.{DIGITS}e}") for value in values[kept].tolist()]
    exact = values[kept].tolist()
    short = [r if abs(r - value) <= near else value for r, value in zip(rounded, exact, strict=True)]
    return times[kept].tolist(), short


@dataclass(frozen=True)
class Digits:
    """Values as (leading + further x 1e-8) x scale, with no more than eight digits after the point in either."""

    scale: float
    leading: list[float]
    further: list[float]


def split(values: list[float]) -> Digits | None:
    """The values in two parts whose digits survive, or None if their own digits do."""
    if all(round(value, DIGITS) == value == float(f"{value:.{DIGITS}e}") for value in values):
        return None
    scale = 10.0 ** ceil(log10(max(abs(value) for value in values)))
    leading = [round(value / scale, DIGITS) for value in values]
    pairs = zip(values, leading, strict=True)
    further = [round((value / scale - lead) * 10.0**DIGITS, DIGITS) for value, lead in pairs]
    return Digits(scale, leading, further)

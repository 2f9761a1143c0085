"""Paths of a number over time: constant, step, ramp, pulse and table. Times are decimal years."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


def _aligned(times: Floats, before: Floats) -> tuple[Floats, Floats]:
    """`times` shaped so that its one axis meets axis 0 of `before`."""
    moments, held = np.asarray(times, dtype=np.float64), np.asarray(before, dtype=np.float64)
    return moments.reshape(moments.shape + (1,) * max(held.ndim - 1, 0)), held


def _full(values: Any, moments: Floats, held: Floats) -> Floats:
    return np.array(np.broadcast_to(values, np.broadcast_shapes(moments.shape, held.shape)), dtype=np.float64)


def _in_order(starts: float, ends: float) -> None:
    if not starts < ends:
        raise ValueError(f"ends {ends:g} is not after starts {starts:g}")


@dataclass(frozen=True)
class Constant:
    """One number at all times."""

    word: ClassVar[str] = "constant"
    to: float

    def at(self, times: Floats, before: Floats) -> Floats:
        """The path at `times` (T,) where `before` (T or 1, ...) holds without it; shape (T, ...)."""
        moments, held = _aligned(times, before)
        return _full(self.to, moments, held)


@dataclass(frozen=True)
class Step:
    """What held before, and `to` from `starts` on."""

    word: ClassVar[str] = "step"
    to: float
    starts: float

    def at(self, times: Floats, before: Floats) -> Floats:
        """The path at `times` (T,) where `before` (T or 1, ...) holds without it; shape (T, ...)."""
        moments, held = _aligned(times, before)
        return _full(np.where(moments >= self.starts, self.to, held), moments, held)


@dataclass(frozen=True)
class Ramp:
    """What held before until `starts`, then in a straight line to `to`, reached at `ends` and kept."""

    word: ClassVar[str] = "ramp"
    to: float
    starts: float
    ends: float

    def __post_init__(self) -> None:
        _in_order(self.starts, self.ends)

    def at(self, times: Floats, before: Floats) -> Floats:
        """The path at `times` (T,) where `before` (T or 1, ...) holds without it; shape (T, ...)."""
        moments, held = _aligned(times, before)
        share = (moments - self.starts) / (self.ends - self.starts)
        between = held + (self.to - held) * np.minimum(np.maximum(share, 0.0), 1.0)
        return _full(np.where(share >= 1.0, self.to, np.where(share <= 0.0, held, between)), moments, held)


@dataclass(frozen=True)
class Pulse:
    """`to` from `starts` until just before `ends`; what held before at all other times."""

    word: ClassVar[str] = "pulse"
    to: float
    starts: float
    ends: float

    def __post_init__(self) -> None:
        _in_order(self.starts, self.ends)

    def at(self, times: Floats, before: Floats) -> Floats:
        """The path at `times` (T,) where `before` (T or 1, ...) holds without it; shape (T, ...)."""
        moments, held = _aligned(times, before)
        within = (moments >= self.starts) & (moments < self.ends)
        return _full(np.where(within, self.to, held), moments, held)


@dataclass(frozen=True)
class Table:
    """Numbers at given times, in a straight line between them and flat outside; what held before plays no part."""

    word: ClassVar[str] = "table"
    times: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.times or len(self.times) != len(self.values):
            raise ValueError("a table needs at least one time, and one value for each")
        for earlier, later in pairwise(self.times):
            if not earlier < later:
                raise ValueError(f"time {later:g} is not after {earlier:g}")

    def at(self, times: Floats, before: Floats) -> Floats:
        """The path at `times` (T,), spread over the shape of `before` (T or 1, ...); shape (T, ...)."""
        moments, held = _aligned(times, before)
        knots, heights = np.array(self.times), np.array(self.values)
        if len(knots) == 1:
            return _full(heights[0], moments, held)
        # Not np.interp: a compiler may fuse its multiplication and addition, and then bits differ between machines.
        left = np.clip(np.searchsorted(knots, moments, side="right") - 1, 0, len(knots) - 2)
        share = (moments - knots[left]) / (knots[left + 1] - knots[left])
        share = np.minimum(np.maximum(share, 0.0), 1.0)
        line = heights[left] + (heights[left + 1] - heights[left]) * share
        return _full(np.where(share >= 1.0, heights[left + 1], line), moments, held)


Path_: TypeAlias = Constant | Step | Ramp | Pulse | Table

PATHS: dict[str, type[Constant | Step | Ramp | Pulse | Table]] = {
    kind.word: kind for kind in (Constant, Step, Ramp, Pulse, Table)
}

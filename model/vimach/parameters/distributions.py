"""What an uncertain number may be: a median and a spread, as quantiles of a uniform draw.

`lognormal`, `normal` and `logitnormal` are given by their 5 %, 50 % and 95 % points. Each side of the median has its
own spread, so that all three points are met exactly even where they are not symmetric. `uniform` and `triangular` are
given by their ends (and mode); their median is what the shape says, so the stated one must agree with it.
`exponential` is given by its median alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from math import isfinite, sqrt
from typing import ClassVar, overload

import numpy as np

from vimach.elementary import Array, exp, log, normal_quantile
from vimach.errors import nearest

Z95 = normal_quantile(0.95)
MEDIAN_TOLERANCE = 0.01  # how far, relatively, a stated median may lie from that of a uniform or triangular


@dataclass(frozen=True)
class Distribution(ABC):
    """A distribution with a given median. Making one with numbers that do not fit together raises ValueError."""

    family: ClassVar[str]
    median: float

    def __post_init__(self) -> None:
        for field in fields(self):
            if not isfinite(getattr(self, field.name)):
                raise ValueError(f"{field.name} = {getattr(self, field.name)} is not a finite number")
        self._check()

    @overload
    def quantile(self, u: float) -> float: ...
    @overload
    def quantile(self, u: Array) -> Array: ...
    def quantile(self, u: float | Array) -> float | Array:
        """The value that a draw stays below with probability u, 0 < u < 1; unit of the median, shape of u."""
        points = np.atleast_1d(np.asarray(u, dtype=np.float64))
        values = self._quantile(points)
        return values if np.ndim(u) else float(values[0])

    @abstractmethod
    def _check(self) -> None: ...

    @abstractmethod
    def _quantile(self, u: Array) -> Array: ...


@dataclass(frozen=True)
class TwoPiece(Distribution):
    """A normal distribution on some scale, with a spread of its own below and above the median."""

    p05: float
    p95: float

    def _check(self) -> None:
        if not self.p05 < self.median < self.p95:
            raise ValueError(
                f"{self.family} needs p05 < median < p95, not {self.p05:g} < {self.median:g} < {self.p95:g}"
            )

    def _quantile(self, u: Array) -> Array:
        return self.at_deviate(normal_quantile(u))

    @abstractmethod
    def at_deviate(self, z: Array) -> Array:
        """The value where a standard normal variable is z; the quantile of u is the value at its normal quantile."""

    def _deviation(self, z: Array, p05: float, median: float, p95: float) -> Array:
        """The distance from the median, all on the family's scale."""
        return z * np.where(z < 0.0, (median - p05) / Z95, (p95 - median) / Z95)


@dataclass(frozen=True)
class Normal(TwoPiece):
    """Two halves of normal distributions that meet at the median."""

    family = "normal"

    def at_deviate(self, z: Array) -> Array:
        return self.median + self._deviation(z, self.p05, self.median, self.p95)


@dataclass(frozen=True)
class Lognormal(TwoPiece):
    """`Normal` on the scale of the logarithm: positive numbers, spread as factors."""

    family = "lognormal"

    def _check(self) -> None:
        super()._check()
        if self.p05 <= 0.0:
            raise ValueError(f"lognormal needs positive numbers, not p05 = {self.p05:g}")

    def at_deviate(self, z: Array) -> Array:
        return self.median * exp(self._deviation(z, _log(self.p05), _log(self.median), _log(self.p95)))


@dataclass(frozen=True)
class Logitnormal(TwoPiece):
    """`Normal` on the scale of log(x / (1 - x)): shares, strictly between 0 and 1."""

    family = "logitnormal"

    def _check(self) -> None:
        super()._check()
        if self.p05 <= 0.0 or self.p95 >= 1.0:
            raise ValueError(
                f"logitnormal needs numbers between 0 and 1, not p05 = {self.p05:g} and p95 = {self.p95:g}"
            )

    def at_deviate(self, z: Array) -> Array:
        deviation = self._deviation(z, _logit(self.p05), _logit(self.median), _logit(self.p95))
        return self.median / (self.median + (1.0 - self.median) * exp(-deviation))


@cache
def _log(number: float) -> float:
    return log(number)


def _logit(share: float) -> float:
    return _log(share / (1.0 - share))


@dataclass(frozen=True)
class _Bounded(Distribution):
    """A shape between two ends, whose median follows from the shape."""

    def _require_median(self, shape_median: float, width: float) -> None:
        rounding = 1e-12 * width  # for a median of 0
        if abs(self.median - shape_median) > MEDIAN_TOLERANCE * abs(self.median) + rounding:
            raise ValueError(
                f"this {self.family} has the median {shape_median:g}, more than 1 % away from {self.median:g}"
            )


@dataclass(frozen=True)
class Uniform(_Bounded):
    """Every number between low and high alike."""

    family = "uniform"
    low: float
    high: float

    def _check(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"uniform needs low < high, not {self.low:g} < {self.high:g}")
        self._require_median((self.low + self.high) / 2.0, self.high - self.low)

    def _quantile(self, u: Array) -> Array:
        return self.low + u * (self.high - self.low)


@dataclass(frozen=True)
class Triangular(_Bounded):
    """Likeliest at the mode, falling in straight lines to nothing at low and high."""

    family = "triangular"
    low: float
    mode: float
    high: float

    def _check(self) -> None:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            raise ValueError(
                f"triangular needs low <= mode <= high, not {self.low:g} <= {self.mode:g} <= {self.high:g}"
            )
        self._require_median(self._at(np.array([0.5]))[0], self.high - self.low)

    def _quantile(self, u: Array) -> Array:
        return self._at(u)

    def _at(self, u: Array) -> Array:
        width = self.high - self.low
        rising = self.low + np.sqrt(u) * sqrt(width * (self.mode - self.low))
        falling = self.high - np.sqrt(1.0 - u) * sqrt(width * (self.high - self.mode))
        return np.where(u < (self.mode - self.low) / width, rising, falling)


@dataclass(frozen=True)
class Exponential(Distribution):
    """Waiting times of events that come at a steady rate; given by the median alone."""

    family = "exponential"

    def _check(self) -> None:
        if self.median <= 0.0:
            raise ValueError(f"exponential needs a positive median, not {self.median:g}")

    def _quantile(self, u: Array) -> Array:
        return self.median * (log(1.0 - u) / log(0.5))


FAMILIES: Mapping[str, type[Distribution]] = {
    kind.family: kind for kind in (Lognormal, Normal, Logitnormal, Uniform, Triangular, Exponential)
}


def numbers_of(family: str) -> tuple[str, ...]:
    """The numbers that a family is given by, without the median: ("p05", "p95"), ("low", "high"), ...

    Raises ValueError if there is no such family.
    """
    if family not in FAMILIES:
        hint = nearest(family, FAMILIES)
        raise ValueError(f"unknown family {family!r}" + (f"; did you mean {hint!r}?" if hint else ""))
    return tuple(field.name for field in fields(FAMILIES[family]) if field.name != "median")


def distribution(family: str, median: float, **numbers: float) -> Distribution:
    """The distribution of that family: `distribution("lognormal", 2.0, p05=1.5, p95=2.67)`.

    Raises ValueError, with a text for the user, for an unknown family, a missing or foreign number, or numbers that do
    not fit together.
    """
    wanted = numbers_of(family)
    if missing := [name for name in wanted if name not in numbers]:
        raise ValueError(f"{family} needs {' and '.join(missing)}")
    if foreign := [name for name in numbers if name not in wanted]:
        raise ValueError(f"{family} has no {' and no '.join(foreign)}; it is given by {', '.join(wanted)}")
    return FAMILIES[family](median, **numbers)

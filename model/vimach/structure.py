"""What a model is made of: places and the routes between them, and the words of an equation.

Declarations only mark; nothing is registered. `vimach.dry_run` reads them, calls each equation once with traced
values, and makes the graph. The same words work on floats and arrays, so an equation can be tested by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from vimach import elementary
from vimach.graph import Dimension, EquationError, Node

__all__ = [
    "Chain", "Cohorts", "Curve", "Dimension", "Memory", "Outside", "Part", "Route", "Shadow", "Stock", "Tally",
    "auxiliary", "exp", "flow", "initial", "log", "lookup", "maximum", "minimum", "part", "power", "ratio", "total",
]  # fmt: skip

RATIO_FLOOR = 1e-9
"""What `ratio` adds to the divisor, in the divisor's unit: far below one person, one firm or one dong a year."""

Function = TypeVar("Function", bound=Callable[..., Any])


class _End:
    """Either end of a flow."""

    def __rshift__(self, other: "_End") -> "Route":
        return Route(self, other)


@dataclass(frozen=True)
class Route:
    """From one place to another, as in `places.job_seekers >> places.novices`."""

    source: _End
    target: _End


@dataclass(frozen=True, eq=False)
class Outside(_End):
    """A place beyond the model's border; `meaning` says what is there."""

    meaning: str


@dataclass(frozen=True, eq=False, init=False)
class Stock(_End):
    """A number of people, firms, plants or dong that only flows change; `meaning` says who or what is there."""

    unit: str
    dims: tuple[Dimension, ...]
    starts_empty: bool
    meaning: str

    def __init__(self, unit: str, *dims: Dimension, starts_empty: bool = False, meaning: str = "") -> None:
        object.__setattr__(self, "unit", unit)
        object.__setattr__(self, "dims", dims)
        object.__setattr__(self, "starts_empty", starts_empty)
        object.__setattr__(self, "meaning", meaning)

    def by(self, dimension: Dimension) -> tuple["Part", ...]:
        """One part per label of `dimension`; a part is a name and an end of flows."""
        return tuple(Part(self, ((dimension, label),)) for label in dimension.labels)


@dataclass(frozen=True, eq=False)
class Part(_End):
    """A stock under one label of one or more of its dimensions."""

    whole: Stock
    where: tuple[tuple[Dimension, str], ...]

    def by(self, dimension: Dimension) -> tuple["Part", ...]:
        """The parts of this part by a further dimension."""
        return tuple(Part(self.whole, (*self.where, (dimension, label))) for label in dimension.labels)


@dataclass(frozen=True, eq=False, init=False)
class Cohorts(Stock):
    """Study years promoted whole, once a year, by the school calendar; supplies `<name>_finishing`.

    Its extra dimension is `<name>_year` with labels "1", "2", ... A flow into it without that dimension enters year 1
    at intake (or, coming from another cohort, at promotion); a flow out without it leaves the last year at promotion.
    """

    years: int

    def __init__(
        self, unit: str, *dims: Dimension, years: int, starts_empty: bool = False, meaning: str = ""
    ) -> None:  # fmt: skip
        super().__init__(unit, *dims, starts_empty=starts_empty, meaning=meaning)
        object.__setattr__(self, "years", years)


@dataclass(frozen=True, eq=False, init=False)
class Chain(Stock):
    """Smooth ageing through equal stages (an Erlang delay); supplies `<name>_finishing`; stages `<name>_stage`."""

    through: str
    stages: int

    def __init__(
        self, unit: str, *dims: Dimension, through: str, stages: int, starts_empty: bool = False, meaning: str = ""
    ) -> None:  # fmt: skip
        super().__init__(unit, *dims, starts_empty=starts_empty, meaning=meaning)
        object.__setattr__(self, "through", through)
        object.__setattr__(self, "stages", stages)


@dataclass(frozen=True, eq=False, init=False)
class Memory:
    """What people believe or expect: follows the variable `of` with the delay `over`; not conserved.

    It has the dimensions and the unit of what it follows; `initial` may be one number for all labels.
    """

    dims: tuple[Dimension, ...]
    of: str
    over: str
    initial: str

    def __init__(self, *dims: Dimension, of: str, over: str, initial: str) -> None:
        object.__setattr__(self, "dims", dims)
        object.__setattr__(self, "of", of)
        object.__setattr__(self, "over", over)
        object.__setattr__(self, "initial", initial)


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts a flow since a date (a parameter's name, or a year); not conserved."""

    of: str
    since: str | float | None = None


@dataclass(frozen=True, eq=False)
class Shadow:
    """The same people as stock `of`, told apart by one more dimension; outside conservation, equal in total.

    Who enters from outside the stock enters under the first label; everyone moves on to the next label at the rate
    1/`through` (a parameter's name); the last label keeps. Who leaves, leaves in proportion.
    """

    of: Stock
    by: Dimension
    through: str


@dataclass(frozen=True)
class Mark:
    """What a decorator writes on an equation."""

    kind: str  # flow | auxiliary | initial
    route: Route | None = None
    target: Stock | Part | None = None


def flow(route: Route) -> Callable[[Function], Function]:
    """Marks an equation as a flow along `route`; its unit is the stock's per year."""
    return lambda function: _marked(function, Mark("flow", route=route))


def auxiliary(function: Function) -> Function:
    """Marks an equation as an auxiliary: a value computed afresh at each time."""
    return _marked(function, Mark("auxiliary"))


def initial(target: Stock | Part) -> Callable[[Function], Function]:
    """Marks an equation as the start of a stock or part."""
    return lambda function: _marked(function, Mark("initial", target=target))


def _marked(function: Function, mark: Mark) -> Function:
    function.__dict__["vimach"] = mark
    return function


@dataclass(frozen=True)
class Curve:
    """A table of pure numbers read by `lookup`: straight lines between points, flat outside them."""

    x: tuple[float, ...]
    y: tuple[float, ...]

    def __post_init__(self) -> None:
        growing = all(a < b for a, b in zip(self.x, self.x[1:], strict=False))
        if len(self.x) != len(self.y) or len(self.x) < 2 or not growing:
            raise ValueError("a curve needs at least two points with growing x")


# The words of an equation. On nodes they trace; on numbers and arrays they compute.


def _graph(*values: Any) -> Any:
    return next((value.graph for value in values if isinstance(value, Node)), None)


def minimum(*values: Any) -> Any:
    """The smallest of the values; NaN wins."""
    return _fold("minimum", np.minimum, values)


def maximum(*values: Any) -> Any:
    """The largest of the values; NaN wins."""
    return _fold("maximum", np.maximum, values)


def _fold(op: str, numeric: Callable[[Any, Any], Any], values: tuple[Any, ...]) -> Any:
    graph = _graph(*values)
    result = values[0]
    for value in values[1:]:
        if graph is None:
            result = numeric(result, value)
        elif isinstance(result, Node) or isinstance(value, Node):
            result = graph.same_unit(op, result, value)
        else:
            result = float(numeric(result, value))
    return result


def exp(x: Any) -> Any:
    """e to the power x, by the fixed recipe."""
    graph = _graph(x)
    return graph.elementary("exp", x) if graph else _each(elementary.exp, x)


def log(x: Any) -> Any:
    """The natural logarithm, by the fixed recipe."""
    graph = _graph(x)
    return graph.elementary("log", x) if graph else _each(elementary.log, x)


def power(x: Any, y: Any) -> Any:
    """x to the power y, x not negative, by the fixed recipe."""
    graph = _graph(x, y)
    return graph.elementary("power", x, y) if graph else _each(elementary.power, x, y)


def _each(function: Callable[..., Any], *values: Any) -> Any:
    """The function of numbers or arrays; labelled arrays keep their labels."""
    if all(isinstance(value, int | float | np.ndarray) for value in values):
        return function(*values)
    import xarray as xr  # who has a labelled array has imported it; who has none need not wait for it

    return xr.apply_ufunc(function, *values)


def total(x: Any, *dimensions: Dimension | str) -> Any:
    """The sum over dimensions, in label order; a study year or stage is named by a string, `<stock>_year`."""
    graph = _graph(x)
    for dimension in dimensions:
        name = dimension if isinstance(dimension, str) else dimension.name
        x = graph.total(x, graph.dimension(name)) if graph else x.sum(name)
    return x


def part(x: Any, dimension: Dimension | str, label: str) -> Any:
    """The value under one label of a dimension."""
    graph = _graph(x)
    name = dimension if isinstance(dimension, str) else dimension.name
    return graph.pick(x, graph.dimension(name), label) if graph else x.sel({name: label})


def ratio(a: Any, b: Any, otherwise: Any) -> Any:
    """a / b, going over into `otherwise` where b falls to nothing; b is not negative.

    (a + floor x otherwise) / (b + floor): continuous, and within 1e-9 of a / b for any b above one unit.
    """
    graph = _graph(a, b, otherwise)
    if graph is None:
        return (a + RATIO_FLOOR * otherwise) / (b + RATIO_FLOOR)
    b = b if isinstance(b, Node) else graph.constant(b)
    a = a if isinstance(a, Node) else graph.constant(a, b.unit if a == 0 else None)
    floor = graph.constant(RATIO_FLOOR, b.unit)
    if not isinstance(otherwise, Node):
        wanted = a.unit / b.unit
        otherwise = graph.constant(otherwise, wanted if otherwise == 0 else None)
    return (a + floor * otherwise) / (b + floor)


def lookup(x: Any, curve: Any) -> Any:
    """The curve's value at x: a sum of hinges, y0 + sum of slope x (x held between two neighbouring points)."""
    if not isinstance(curve, Curve):
        raise EquationError("lookup needs a curve, declared in YAML with `curve:`")
    result: Any = curve.y[0]
    for left, right, low, high in zip(curve.x, curve.x[1:], curve.y, curve.y[1:], strict=False):
        result = result + (minimum(maximum(x, left), right) - left) * ((high - low) / (right - left))
    return result

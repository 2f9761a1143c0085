"""Values, times and units of the model in words, for terminals: "2,600 person/year", "end 2030"."""

import math
from collections.abc import Callable

from vimach.parameters.distributions import Distribution
from vimach.parameters.table import Parameter
from vimach.paths import Constant, Path_, Pulse, Ramp, Step


def number(value: float, of: str = "") -> str:
    """A number with at most six significant digits and thousands apart, 50,000 and 0.0137; a date as 2024.5."""
    if of == "year" and 1900 <= value <= 2200:
        return f"{value:.7g}"
    if not math.isfinite(value) or 0 < abs(value) < 1e-4:
        return f"{value:g}"
    digits = max(0, 5 - math.floor(math.log10(abs(value)))) if value else 0
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact(value: float, of: str = "") -> str:
    """A number with all its digits: what is read back is the same number. Thousands apart, but for a date."""
    date = of == "year" and 1900 <= value <= 2200
    return (repr(float(value)) if date else f"{float(value):,}").removesuffix(".0")


def edge(time: float) -> str:
    """A date on the time axis: 2031.0 is the end of 2030."""
    return f"end {time - 1:.0f}" if time == math.floor(time) else f"{time:g}"


def unit(written: str) -> str:
    """A unit as read by people: shares and ratios have none."""
    return "" if written == "1" else written


def measured(value: str, of: str) -> str:
    """A value and its unit."""
    return f"{value} {unit(of)}".rstrip()


def path(given: Path_, of: str = "", written: Callable[[float, str], str] = number) -> str:
    """A path over time, in the unit `of`; dates have all their digits, since a sixteenth of a year has four."""
    match given:
        case Constant(to):
            return written(to, of)
        case Step(to, starts):
            return f"{written(to, of)} from {exact(starts, 'year')}"
        case Ramp(to, starts, ends):
            return f"moving to {written(to, of)} from {exact(starts, 'year')} to {exact(ends, 'year')}"
        case Pulse(to, starts, ends):
            return f"{written(to, of)} from {exact(starts, 'year')} to {exact(ends, 'year')}"
        case _:
            points = zip(given.times, given.values, strict=True)
            return ", ".join(f"{exact(time, 'year')}: {written(to, of)}" for time, to in points)


def value(parameter: Parameter, written: Callable[[float, str], str] = number) -> str:
    """The central value: a number, one by label, a path over time, or the points of a curve."""
    if parameter.curve is not None:
        points = zip(parameter.curve.x, parameter.curve.y, strict=True)
        return "curve " + ", ".join(f"{written(x, '')}: {written(y, '')}" for x, y in points)
    parts = []
    for element in parameter.value:
        labels = " ".join(label for label in element.labels if label)
        parts.append(f"{labels} {path(element.path, parameter.unit, written)}".strip())
    return "; ".join(parts)


def range_(parameter: Parameter) -> str:
    """The hard bounds."""
    low, high = parameter.range
    return f"{number(low, parameter.unit)} to {number(high, parameter.unit)}"


def distribution(parameter: Parameter) -> str:
    """How the number is drawn."""
    if parameter.chance:
        words = "drawn as yes or no, with the value as the probability of yes"
        words += f" times a factor around 1 for all labels, {_spread(parameter.factor)}" if parameter.factor else ""
    elif parameter.distribution is not None:
        words = _spread(parameter.distribution, parameter.unit)
    elif parameter.factor is not None:
        words = f"times a factor around 1, {_spread(parameter.factor)}"
    else:
        return f"certain: {parameter.certain}"
    words += ", one draw for each label" if parameter.independent else ""
    return words + (", drawn anew each year" if parameter.redrawn else "")


def _spread(given: Distribution, of: str = "") -> str:
    ends = {"p05": "5 % at", "p95": "95 % at", "low": "from", "mode": "most often", "high": "to"}
    told = [f"{words} {number(getattr(given, key), of)}" for key, words in ends.items() if hasattr(given, key)]
    return ", ".join([given.family, *told])

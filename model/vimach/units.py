"""Units: the words used in YAML and the annotations used in equations, on one small pint registry.

Units are traced once, before a run; the numbers inside a run are bare.
"""

from functools import cache
from typing import Annotated, Any

import pint

from vimach.errors import BadInput, nearest

# Each currency is a dimension of its own: an exchange rate with a price year is a parameter, never a conversion.
_WORDS = {
    "person": "[person]",
    "firm": "[firm]",
    "plant": "[plant]",
    "laboratory": "[laboratory]",
    "fab": "[fab]",
    "prototype": "[prototype]",
    "VND": "[dong]",
    "USD": "[us_dollar]",
    "TWD": "[taiwan_dollar]",
    "year": "[time]",
    "month": "year / 12",
    "day": "year / 365.25",
    "percent": "0.01",
    "thousand": "1e3",
    "million": "1e6",
    "billion": "1e9",
    "trillion": "1e12",
}


@cache
def _registry() -> "pint.UnitRegistry[Any]":
    return pint.UnitRegistry([f"{word} = {meaning}" for word, meaning in _WORDS.items()])


@cache
def unit(text: str) -> pint.Unit:
    """The unit that `text` names ("person/year", "VND trillion", "%", "1"); BadInput if a word is unknown."""
    cleaned = text.strip().replace("%", "percent")
    for currency in ("VND", "USD", "TWD"):  # "VND billion" and "billion VND" read the same
        for size in ("thousand", "million", "billion", "trillion"):
            cleaned = cleaned.replace(f"{currency} {size}", f"{size} * {currency}")
            cleaned = cleaned.replace(f"{size} {currency}", f"{size} * {currency}")
    if cleaned in ("1", ""):
        return _registry().Unit("")
    try:
        parsed = _registry().parse_units(cleaned)
    except Exception as error:
        words = [word for word in cleaned.replace("/", " ").replace("*", " ").split() if word not in _WORDS]
        wrong = words[0] if words else text
        hint = nearest(wrong, _WORDS)
        raise BadInput(f"unknown unit {text!r}" + (f"; did you mean {hint!r}?" if hint else "")) from error
    return parsed


@cache
def factor(source: str, target: str) -> float:
    """The number that turns a value in `source` into one in `target`; BadInput if the two do not measure one thing."""
    try:
        return float(_registry().Quantity(1.0, unit(source)).to(unit(target)).magnitude)
    except pint.DimensionalityError as error:
        raise BadInput(f"unit {source!r} cannot be turned into {target!r}") from error


@cache
def base(measured: pint.Unit) -> pint.Unit:
    """The unit in which a run counts the same thing: years, persons, dong; without prefixes and percent."""
    return _registry().Unit(_registry().get_base_units(measured)[1])


_COUNTED = ("person", "firm", "plant", "laboratory", "fab", "prototype", "VND", "USD", "TWD")


@cache
def is_count_a_year(measured: pint.Unit) -> bool:
    """Whether a unit counts people, firms, plants, laboratories or money per year, and nothing else."""
    return any(measured * unit("year") == unit(word) for word in _COUNTED)


def dimensionless() -> pint.Unit:
    """The unit of shares and ratios."""
    return unit("1")


@cache
def text(measured: pint.Unit) -> str:
    """A unit as written in files and datasets: "person/year", "1"."""
    written = f"{measured:~C}" if measured != dimensionless() else "1"
    return written.replace("**", "^").replace("*", " ")


# Annotations of equations. The value traced or computed may be an expression, a float or an array: hence Any.
People = Annotated[Any, "person"]
PeoplePerYear = Annotated[Any, "person/year"]
Firms = Annotated[Any, "firm"]
FirmsPerYear = Annotated[Any, "firm/year"]
Plants = Annotated[Any, "plant"]
Laboratories = Annotated[Any, "laboratory"]
LaboratoriesPerYear = Annotated[Any, "laboratory/year"]
FirmsPerPersonYear = Annotated[Any, "firm/person/year"]
PeoplePerFirm = Annotated[Any, "person/firm"]
PeoplePerFirmYear = Annotated[Any, "person/firm/year"]
Dollars = Annotated[Any, "USD"]
DollarsPerPlant = Annotated[Any, "USD/plant"]
DollarsPerPerson = Annotated[Any, "USD/person"]
DongPerDollar = Annotated[Any, "VND/USD"]
DongPerFirmYear = Annotated[Any, "VND/firm/year"]
Fabs = Annotated[Any, "fab"]
PeoplePerFab = Annotated[Any, "person/fab"]
DongPerFab = Annotated[Any, "VND/fab"]
PeoplePerPlant = Annotated[Any, "person/plant"]
PeoplePerLaboratory = Annotated[Any, "person/laboratory"]
Dong = Annotated[Any, "VND"]
DongPerYear = Annotated[Any, "VND/year"]
DongPerPerson = Annotated[Any, "VND/person"]
DongPerPersonYear = Annotated[Any, "VND/person/year"]
DongPerPlaceYear = Annotated[Any, "VND * year / person"]  # of a place that takes one person a year
DongPerTaiwanDollar = Annotated[Any, "VND/TWD"]
TaiwanDollarsPerPersonYear = Annotated[Any, "TWD/person/year"]
DongPerLaboratory = Annotated[Any, "VND/laboratory"]
DongPerPlantYear = Annotated[Any, "VND/plant/year"]
DongPerPrototype = Annotated[Any, "VND/prototype"]
DongYearsPerPrototype = Annotated[Any, "VND * year / prototype"]
Prototypes = Annotated[Any, "prototype"]
PrototypesPerYear = Annotated[Any, "prototype/year"]
FirmsPerPrototype = Annotated[Any, "firm/prototype"]
PerYear = Annotated[Any, "1/year"]
Years = Annotated[Any, "year"]
Share = Annotated[Any, "1"]
Ratio = Annotated[Any, "1"]
Curve = Annotated[Any, "curve"]

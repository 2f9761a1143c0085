"""How parameters and targets are written: the keys of their YAML blocks and what each may hold."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass as block

from vimach.fields import STRICT, Flag, Label, Listed, Number, Text, Unit, Year
from vimach.parameters.distributions import numbers_of


def _sourced(given: "UnitCost") -> "UnitCost":
    if given.parameter:
        return given
    if given.value is None or not given.unit:
        raise ValueError("is missing; write the parameter that holds the cost, or value and unit")
    if not (given.source or given.judgment):
        raise ValueError("has neither source nor judgment; write where the number comes from")
    return given


def _known_family(given: str) -> str:
    numbers_of(given)  # ValueError names the nearest family
    return given


@block(frozen=True, config=STRICT)
class Move:
    """An output that a lever is expected to move: which way, from what time, and at which setting of the others."""

    output: Text
    direction: Literal["up", "down"]
    since: Annotated[Year, Field(alias="from")]
    at: Text


@block(frozen=True, config=STRICT)
class UnitCost:
    """What one unit of a lever costs: the parameter that holds it, or a number where the model has none."""

    parameter: str = ""
    value: Number | None = None
    unit: Unit | None = None
    source: Listed = ()
    judgment: str = ""


@block(frozen=True, config=STRICT)
class Lever:
    """What makes a parameter a lever: who can move it, with which instrument, from which year, to what end.

    `by_others`: no office at home can move it alone; a partner, a government or firms abroad must decide too.
    """

    status: Literal["law", "budgeted", "announced_with_size", "proposed_without_size", "evidence_only"]
    decided_by: Label
    instrument: Text
    first_year: Year
    by_others: Flag = False
    moves: tuple[Move, ...] = ()
    unit_cost: Annotated[UnitCost, AfterValidator(_sourced)] | None = None


@block(frozen=True, config=STRICT)
class Spread:
    """A distribution as written; which numbers go with which family is the distribution's own knowledge."""

    family: Annotated[Text, AfterValidator(_known_family)]
    p05: Number | None = None
    p95: Number | None = None
    low: Number | None = None
    mode: Number | None = None
    high: Number | None = None


@block(frozen=True, config=STRICT)
class Written:
    """One parameter as written; `value` or `curve` is read apart, in its unit and range."""

    label: Label
    unit: Unit
    range: tuple[Number, Number]
    grade: Literal["A", "B", "C", "D", "J"]
    value: Any = None
    curve: Any = None
    dimensions: Listed = ()
    distribution: Spread | None = None
    factor: Spread | None = None
    chance: Flag = False
    certain: str = ""
    independent: Flag = False
    redrawn: Literal["yearly"] | None = None
    source: Listed = ()
    judgment: str = ""
    note: str = ""
    counting: Flag = False
    lever: Lever | None = None


@block(frozen=True, config=STRICT)
class Aim:
    """One target as written."""

    label: Label
    variable: Text
    value: Number
    unit: Unit
    by: Year
    source: Listed
    rung: str = ""
    note: str = ""

"""How parameters and targets are written: the keys of their YAML blocks and what each may hold."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass as block

from vimach.fields import STRICT, Flag, Label, Listed, Number, Text, Unit, Year
from vimach.parameters.distributions import numbers_of

Announcement = Literal["plant", "fab", "programme", "scholarship", "training target"]
"""Kinds of the register of announcements that the model takes as inputs; what firms announce is no input of it."""


def _sourced(given: "UnitCost") -> "UnitCost":
    if given.parameter or given.none:
        return given
    if given.value is None or not given.unit:
        raise ValueError("is missing; write the parameter that holds the cost, value and unit, or none: why nothing")
    if not (given.source or given.judgment):
        raise ValueError("has neither source nor judgment; write where the number comes from")
    return given


def _dated(given: "Move") -> "Move":
    if given.direction == "none" and (given.since is not None or not given.held_by):
        raise ValueError("has a year or no limit; what does not move has held_by: the limit that holds it, and no from")
    if given.direction != "none" and (given.since is None or given.held_by):
        raise ValueError("has no year, or a limit that holds it; what moves has from: the first year, and no held_by")
    return given


def _known_family(given: str) -> str:
    numbers_of(given)  # ValueError names the nearest family
    return given


@block(frozen=True, config=STRICT)
class Move:
    """An output that a lever moves: which way, from which year, and in which scenario; or that it does not move there,
    and which limit holds it. A later turn the other way is a move of its own."""

    output: Text
    direction: Literal["up", "down", "none"]
    at: Text
    since: Annotated[Year | None, Field(alias="from")] = None
    held_by: str = ""


@block(frozen=True, config=STRICT)
class UnitCost:
    """What one unit of a lever costs: the parameter that holds it, a number where there is none, or why nothing."""

    parameter: str = ""
    none: str = ""
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
    moves: tuple[Annotated[Move, AfterValidator(_dated)], ...]
    unit_cost: Annotated[UnitCost, AfterValidator(_sourced)]
    by_others: Flag = False


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
    announced: Announcement | None = None
    realises: Announcement | None = None
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

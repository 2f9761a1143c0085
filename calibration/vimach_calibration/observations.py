"""What the estimates rest on: the counts that were known on a day, each an interval with an error on the log scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path

from vimach import library
from vimach.errors import BadInput, Place, Problem, nearest
from vimach.yaml_reader import Block, Listing, Node
from vimach_calibration.crosswalk import Crosswalk, read_crosswalk
from vimach_calibration.evidence import EvidenceTable, read_evidence
from vimach_calibration.expressions import Change, Expression, read_expression
from vimach_calibration.series import COUNTS, build_series, printed_too_early
from vimach_calibration.yaml_fields import Fields

FLOOR = 1e-3
"""No number is read as less than this share of a count."""
_KEYS = ("wording", "model", "series", "scope", "between", "at", "sd", "because", "source", "needs")


@dataclass(frozen=True)
class Count:
    """One count: what the model gives at `time` (for a stock `timing` years earlier or later) lies in [low, high] but
    for an error of `sd` on the log scale. Nothing is read as less than `least`, since a change may be negative and its
    logarithm must be a number. `ids` name rows of the evidence."""

    term: str
    model: Expression
    time: float
    timing: float
    low: float
    high: float
    sd: float
    least: float
    ids: tuple[str, ...]

    @property
    def value(self) -> float:
        """The middle of the interval; its finite end where it is open."""
        return (self.low + self.high) / 2 if math.isfinite(self.high) else self.low

    @property
    def moments(self) -> tuple[float, ...]:
        """The moments at which the count may hold, all alike."""
        return (self.time - self.timing, self.time, self.time + self.timing) if self.timing else (self.time,)


@dataclass(frozen=True)
class Term:
    """One expression of a run and where its counts come from."""

    name: str
    wording: str
    model: Expression
    series: str
    scope: str | None
    between: tuple[float, float] | None
    at: float | None
    sd: float | None
    source: tuple[str, ...]
    needs: int
    origin: Place


@dataclass(frozen=True)
class Observations:
    """The counts known on a day (None: all, undated ones too), the terms, and rows left out with the reason."""

    as_of: date | None
    counts: tuple[Count, ...]
    terms: tuple[Term, ...]
    excluded: tuple[str, ...]

    def missing(self) -> list[str]:
        """What an estimate needs and these do not hold, in words."""
        found = []
        for term in self.terms:
            known = sum(count.term == term.name for count in self.counts)
            if known < term.needs:
                by = f" were published by {self.as_of}" if self.as_of else " are there"
                found.append(f"{known} of the {term.needs} counts that an estimate needs{by}: {term.wording}")
        return found


def last_digit(number: float) -> float:
    """Half a unit of the last digit that is not zero, but no more than a tenth: 5,500 -> 50, 10,000 -> 1,000, 7 -> 0.5.

    Raises ValueError for a number that is not positive.
    """
    if number <= 0:
        raise ValueError(f"{number:g} is not a positive count")
    digits = f"{number:.10e}"
    mantissa, exponent = digits.split("e")
    places = len(mantissa.replace(".", "").rstrip("0")) - 1
    return min(0.5 * 10.0 ** (int(exponent) - places), 0.1 * number)


def read_terms(file: Path | Traversable | None = None, crosswalk: Crosswalk | None = None) -> tuple[Term, ...]:
    """The terms of calibration/likelihood.yaml; BadInput lists what is wrong, a series without a place in it too."""
    known = tuple((crosswalk or read_crosswalk()).series)
    fields = Fields()
    tree = fields.tree(library.file("likelihood.yaml") if file is None else file)
    fields.block(tree, "", ("terms", "set_aside"), ("terms",))
    listed = fields.block(tree.get("terms"), "terms").entries
    terms = tuple(_term(fields, entry.key.text, entry.value, known) for entry in listed)
    aside = fields.block(tree.get("set_aside"), "set_aside", known)
    named = {term.series for term in terms} | {entry.key.text for entry in aside.entries}
    for name in known:
        if name not in named:
            fields.complain(tree.place, "the series is in no term and not set aside", name)
    fields.finish()
    return terms


def observations(
    as_of: date | None = None, evidence: EvidenceTable | None = None, crosswalk: Crosswalk | None = None,
    terms: Sequence[Term] | None = None,
) -> Observations:  # fmt: skip
    """The counts that could be known on `as_of`.

    A row without a date is known only where no day is given. A count printed before the moment it speaks of is left
    out, with the place of its row. BadInput if a term names rows that do not exist.
    """
    crosswalk = crosswalk or read_crosswalk()
    every = read_evidence(crosswalk=crosswalk) if evidence is None else evidence
    terms = read_terms(crosswalk=crosswalk) if terms is None else tuple(terms)
    _check_sources(terms, every)
    table = every if as_of is None else every.as_of(as_of)
    lines = build_series(table, crosswalk)
    lines = lines[lines["status"].isin(COUNTS)]
    counts: list[Count] = []
    excluded: list[str] = []
    for term in terms:
        if term.between is not None:
            if all(name in table for name in term.source):
                counts.append(_range(term))
            continue
        mine = lines[(lines["series"] == term.series) & ((term.scope is None) | (lines["scope"] == term.scope))]
        for line in mine.to_dict("records"):
            ids = tuple(str(line["ids"]).split())
            time, timing = float(line["time"]), float(line["timing"])
            if printed_too_early(line["published"], time, timing, line["measure"] == "flow"):
                excluded.append(f"{table[ids[0]].origin}: {ids[0]}: published before it was observed; left out")
                continue
            if isinstance(term.model, Change) and not term.model.start <= time < term.model.end:
                span = f"{term.name} is the change from {term.model.start:g} until {term.model.end:g}"
                excluded.append(f"{table[ids[0]].origin}: {ids[0]}: is of {time:g}, and {span}; left out")
                continue
            low, high = _interval(float(line["value"]), line["low"], line["high"])
            sd = float(line["sd"]) if term.sd is None else term.sd
            counts.append(Count(term.name, term.model, time, timing, low, high, sd, FLOOR * low, ids))
    return Observations(as_of, tuple(counts), tuple(terms), tuple(excluded))


def _interval(value: float, low: float | None, high: float | None) -> tuple[float, float]:
    """What the words of a count leave open: a range its ends, "at least" all above, a number its last digit."""
    ends = [None if end is None or end != end else float(end) for end in (low, high)]
    if ends[1] is not None:
        return (value - last_digit(value) if ends[0] is None else ends[0]), ends[1]
    if ends[0] == value:
        return value, math.inf
    return value - last_digit(value), value + last_digit(value)


def _range(term: Term) -> Count:
    assert term.between is not None and term.at is not None and term.sd is not None
    low, high = term.between
    return Count(term.name, term.model, term.at, 0.0, low, high, term.sd, FLOOR * low, term.source)


def _check_sources(terms: Sequence[Term], table: EvidenceTable) -> None:
    problems = [
        Problem("no row has this id", term.origin, f"{term.name}.source", nearest(name, table))
        for term in terms
        for name in term.source
        if name not in table
    ]
    if problems:
        raise BadInput(problems)


def _term(fields: Fields, name: str, node: Node, known: Sequence[str]) -> Term:
    block = fields.block(node, name, _KEYS, ("wording", "model"))
    between = block.get("between")
    wanted = ("at", "sd", "source") if between is not None else ("series",)
    for key in wanted:
        if block.get(key) is None:
            fields.complain(block.place, f"{key!r} is missing", name)
    if between is not None and block.get("series") is not None:
        fields.complain(block.place, "write series or between, not both", name)
    scope = block.get("scope")
    return Term(
        name=name,
        wording=fields.text(block.get("wording"), f"{name}.wording"),
        model=read_expression(fields, block.get("model"), f"{name}.model"),
        series=fields.one_of(block.get("series"), f"{name}.series", known),
        scope=None if scope is None else fields.text(scope, f"{name}.scope"),
        between=_ends(fields, f"{name}.between", between),
        at=fields.number(block.get("at"), f"{name}.at"),
        sd=_error(fields, name, block),
        source=fields.texts(block.get("source"), f"{name}.source"),
        needs=int(fields.number(block.get("needs"), f"{name}.needs") or 0),
        origin=block.place,
    )


def _error(fields: Fields, name: str, block: Block) -> float | None:
    sd = fields.number(block.get("sd"), f"{name}.sd")
    if sd is not None and sd <= 0:
        fields.complain(block.place, "an error is a positive number", f"{name}.sd")
        return None
    if sd is not None and block.get("series") is not None and block.get("because") is None:
        fields.complain(block.place, "an error other than the crosswalk's needs `because`", f"{name}.sd")
    return sd


def _ends(fields: Fields, key: str, node: Node | None) -> tuple[float, float] | None:
    if node is None:
        return None
    if isinstance(node, Listing) and len(node.items) == 2:
        low, high = (fields.number(item, key) for item in node.items)
        if low is not None and high is not None and 0 < low < high:
            return low, high
    fields.complain(node.place, "write two positive numbers, the lower first", key)
    return None

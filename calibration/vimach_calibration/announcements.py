"""The register of what was announced and what came of it: plants, wafer plants, programmes, places, targets, firms.

Every size and date is a number of a row of the evidence, or written in its note. `vimach_calibration.realisation`
estimates from the register; `python -m vimach_calibration.announcements` writes its table,
calibration/estimates/realisation.csv.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BeforeValidator
from pydantic.dataclasses import dataclass as block

from vimach.errors import BadInput, Place, Problem, VimachError, nearest
from vimach.fields import STRICT, Listed, Text, fill, is_unit
from vimach.library import folder, own
from vimach.units import factor
from vimach.values import decimal_year, number
from vimach.yaml_reader import Block, Entry
from vimach_calibration.evidence import EvidenceRow, EvidenceTable, read_evidence
from vimach_calibration.sources import cited, numbers_of, place_of, read_tree, said, same

Kind = Literal["plant", "fab", "programme", "scholarship", "training target", "firm"]
Status = Literal["realised", "partly", "open", "lapsed", "replaced"]
Region = Literal["north", "central", "south", "national", "abroad", "several"]

THINGS = ("plant", "fab")
"""Units in which a size of 1 is the thing itself: it needs no row, its date does."""
SAME_REPORT = 0.1
"""A report may give the plan with the count of the weeks before it (years)."""

GRACE = 0.5
"""A plan is silent only so many years after its date: then a bare year is over, and the news would be out."""

_TERMS = re.compile(r"([^\s]+)(?: ([-+]) ([^\s]+))?")
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def _moment(given: Any) -> float | None:
    """A decimal year; a bare year is its middle, nothing is None."""
    if not isinstance(given, str) or not given:
        return given or None
    return decimal_year(given) + (0.0 if "." in given else 0.5)


def _amount(given: Any) -> Any:
    """A number, or a sum or difference of two, as its terms; nothing is ()."""
    if not isinstance(given, str):
        return given
    found = _TERMS.fullmatch(given)
    if not given:
        return ()
    if not found:
        raise ValueError(f"{given!r} is neither a number nor a sum or difference such as '500 - 400'")
    first, sign, second = found.groups()
    return (number(first),) if sign is None else (number(first), (-1 if sign == "-" else 1) * number(second))


Moment = Annotated[float | None, BeforeValidator(_moment)]
Amount = Annotated[tuple[float, ...], BeforeValidator(_amount)]


@block(frozen=True, config=STRICT)
class Plan:
    """What was announced: when (`on`), for when (`due`, both decimal years), how much, and when one could read it.

    `published` is the date of one of the sources, written as there.
    """

    size: Amount
    published: Text
    source: Listed
    on: Moment = None
    due: Moment = None


@block(frozen=True, config=STRICT)
class Outcome:
    """What was there at `date`; with neither size nor date: nothing was there when the source was published."""

    published: Text
    source: Listed
    size: Amount = ()
    date: Moment = None


@block(frozen=True, config=STRICT)
class _Written:
    label: Text
    project: Text
    kind: Kind
    region: Region
    status: Status
    unit: Text
    announced: Plan
    note: Text
    realised: Outcome | None = None
    replaced_by: Text | None = None
    not_used: Text | None = None


@dataclass(frozen=True)
class Announcement:
    """One announced size with what became of it. Sizes are in `unit`, times in decimal years, None where unknown.

    `status` is that of the file; on a given day (Register.as_of) an open plan is pending while it is not yet due, and
    silent once it is overdue by GRACE and nothing was heard of it.
    Entries of one `project` are readings of one thing. `replaced_by` names the plan announced in its stead.
    `not_used` says why the estimates leave the entry out.
    """

    name: str
    label: str
    project: str
    kind: str
    region: str
    status: str
    unit: str
    size: float
    on: float | None
    due: float | None
    known: date
    realised_size: float | None
    realised_date: float | None
    realised_known: date | None
    sources: tuple[str, ...]
    replaced_by: str
    not_used: str
    note: str
    place: Place

    @property
    def ratio(self) -> float | None:
        """Realised over announced size."""
        return None if self.realised_size is None else self.realised_size / self.size


class Register(Mapping[str, Announcement]):
    """The announcements by name, in written order."""

    def __init__(self, entries: Mapping[str, Announcement]) -> None:
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> Announcement:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def as_of(self, day: date) -> "Register":
        """The register as it could be written on `day`: later plans left out, later outcomes not known yet."""
        now = decimal_day(day)
        return Register({name: _seen_on(entry, day, now, self) for name, entry in self.items() if entry.known <= day})

    def frame(self) -> pd.DataFrame:
        """One line an entry, with `ratio` and the delay in years beside what was read."""
        lines = []
        for entry in self.values():
            late = None if entry.realised_date is None or entry.due is None else entry.realised_date - entry.due
            fields = {name: value for name, value in vars(entry).items() if name not in ("place", "sources")}
            lines.append(fields | {"ratio": entry.ratio, "delay": late, "sources": " ".join(entry.sources)})
        return pd.DataFrame(lines)


def _seen_on(entry: Announcement, day: date, now: float, register: Register) -> Announcement:
    heard = entry.realised_known is not None and entry.realised_known <= day
    successor = register.get(entry.replaced_by)
    if heard and (successor is None or successor.known <= day):
        return entry
    status = "pending" if entry.due is None or entry.due + GRACE > now else "silent"
    return replace(entry, status=status, realised_size=None, realised_date=None, realised_known=None, replaced_by="")


def read_announcements(file: Path | Traversable | None = None, table: EvidenceTable | None = None) -> Register:
    """The register of `file`, by default the one of the evidence, its sources looked up in `table`.

    BadInput lists every problem with file, line and column: unknown or missing keys, names written twice, sources
    that are no rows, numbers and units no source gives, dates of publication no source bears, outcomes that precede
    their announcement or contradict their status.
    """
    table = read_evidence() if table is None else table
    problems: list[Problem] = []
    tree = read_tree(folder("evidence").joinpath("announcements.yaml") if file is None else file, (_TOP,), problems)
    top = tree[_TOP]
    listed = top.entries if isinstance(top, Block) else ()
    entries = {}
    for entry in listed:
        written = fill(_Written, entry.value, entry.key.text, problems, entry.key.place)
        if written is not None and isinstance(entry.value, Block):
            entries[entry.key.text] = _Check(entry, written, table, problems).announcement()
    _check_chains(listed, entries, problems)
    if problems:
        raise BadInput(problems)
    return Register(entries)


_TOP = "announcements"


def _check_chains(listed: tuple[Entry, ...], entries: Mapping[str, Announcement], problems: list[Problem]) -> None:
    """Whether each replacement exists, is another plan for the same project, and came later."""
    places = {entry.key.text: place_of(entry, "replaced_by") for entry in listed}
    for name, entry in entries.items():
        successor = entries.get(entry.replaced_by)
        complaint = ""
        if (entry.status == "replaced") != bool(entry.replaced_by):
            complaint = "status replaced and the key replaced_by belong together"
        elif entry.replaced_by and successor is None:
            complaint = f"there is no entry {entry.replaced_by!r}"
        elif successor and (successor.project != entry.project or successor.known <= entry.known):
            complaint = f"{entry.replaced_by!r} is not a later plan of project {entry.project!r}"
        if complaint:
            hint = nearest(entry.replaced_by, entries) if entry.replaced_by not in entries else ""
            problems.append(Problem(complaint, places[name], name, hint))


class _Check:
    """One entry held against the rows it cites."""

    def __init__(self, entry: Entry, written: _Written, table: EvidenceTable, problems: list[Problem]) -> None:
        self.entry, self.written, self.problems = entry, written, problems
        self.rows = {
            side: cited(node, f"{entry.key.text}.{side}.source", table, problems)
            for side in ("announced", "realised")
            if isinstance(entry.value, Block) and isinstance(node := entry.value.get(side), Block)
        }

    def complain(self, message: str, *path: str) -> None:
        key = ".".join((self.entry.key.text, *path))
        self.problems.append(Problem(message, place_of(self.entry, *path), key))

    def announcement(self) -> Announcement:
        """The entry, whatever is wrong with it: the problems are gathered on the way."""
        written, plan, outcome = self.written, self.written.announced, self.written.realised
        self.unit()
        self.size("announced", plan.size)
        self.time("announced", "on", plan.on)
        self.time("announced", "due", plan.due)
        known, heard = self.published("announced", plan.published), None
        if outcome:
            self.size("realised", outcome.size)
            self.time("realised", "date", outcome.date)
            heard = self.published("realised", outcome.published)
        self.order(known, heard)
        self.status()
        sources = dict.fromkeys((*plan.source, *(outcome.source if outcome else ())))
        return Announcement(
            name=self.entry.key.text,
            **{word: getattr(written, word) for word in ("label", "project", "kind", "region", "status", "unit")},
            size=sum(plan.size),
            on=plan.on,
            due=plan.due,
            known=known or date.max,
            realised_size=sum(outcome.size) if outcome and outcome.size else None,
            realised_date=outcome.date if outcome else None,
            realised_known=heard,
            sources=tuple(sources),
            replaced_by=written.replaced_by or "",
            not_used=written.not_used or "",
            note=written.note,
            place=self.entry.key.place,
        )

    def unit(self) -> None:
        named = self.written.unit
        units = sorted({row.unit for rows in self.rows.values() for row in rows})
        if units and named not in THINGS and not any(_scale(unit, named) for unit in units):
            self.complain(f"{named!r} is not what the sources count in ({', '.join(units)})", "unit")

    def size(self, side: str, terms: tuple[float, ...]) -> None:
        unit, rows = self.written.unit, self.rows.get(side, ())
        if side == "announced" and sum(terms) <= 0:
            self.complain("an announced size is a number above zero", side, "size")
        if unit in THINGS and terms == (1.0,):
            return
        given = [(amount, scale) for amount, named in numbers_of(rows) if (scale := _scale(named, unit))]
        for term in map(abs, terms):
            if rows and not any(same(term, amount * scale) for amount, scale in given) and not said(term, rows):
                self.complain(f"{term:g} {unit} stands in none of the sources", side, "size")

    def time(self, side: str, key: str, moment: float | None) -> None:
        rows = self.rows.get(side, ())
        if moment is not None and rows and not any(same(moment, _middle(row)) for row in rows):
            years = ", ".join(f"{row.year:g}" for row in rows)
            self.complain(f"none of the sources is dated so (theirs: {years})", side, key)

    def published(self, side: str, written: str) -> date | None:
        """The day on which a side of the entry was known; a problem if none of its sources bears the date written."""
        rows = self.rows.get(side, ())
        found = next((row.published for row in rows if row.published_as == written), None)
        if rows and found is None:
            dates = ", ".join(sorted({row.published_as for row in rows} - {""})) or "none"
            self.complain(f"{written!r} is the date of none of the sources (theirs: {dates})", side, "published")
        return found

    def order(self, known: date | None, heard: date | None) -> None:
        plan, outcome = self.written.announced, self.written.realised
        if known and heard and heard < known:
            self.complain("known before the announcement", "realised", "published")
        begins = plan.on if plan.on is not None else _begins(plan.published)
        if outcome and outcome.date is not None and begins is not None and outcome.date < begins - SAME_REPORT:
            self.complain("realised before it was announced", "realised", "date")
        if plan.on is not None and plan.due is not None and plan.due < plan.on:
            self.complain("due before it was announced", "announced", "due")

    def status(self) -> None:
        status, plan, outcome = self.written.status, self.written.announced, self.written.realised
        there = outcome is not None and bool(outcome.size) and outcome.date is not None
        if outcome and bool(outcome.size) != (outcome.date is not None):
            self.complain("size and date stand together, or neither does", "realised")
        elif status in ("realised", "partly") and not there:
            self.complain(f"{status} needs the size and date under `realised`", "status")
        elif status in ("lapsed", "replaced") and (there or outcome is None):
            self.complain(f"{status} needs a source under `realised`, without size and date", "status")
        elif status == "open" and outcome is not None:
            self.complain("open, though an outcome is given; leave `realised` out, or say which it was", "status")
        elif status == "partly" and outcome and sum(outcome.size) >= sum(plan.size):
            self.complain("partly, though all that was announced is there; write realised", "status")


def _scale(source: str, target: str) -> float | None:
    """The number that turns `source` into `target`; None if they do not measure one thing."""
    if source == target:
        return 1.0
    if not (is_unit(source) and is_unit(target)):
        return None
    try:
        return factor(source, target)
    except BadInput:
        return None


def _middle(row: EvidenceRow) -> float:
    return row.year + 0.5 if row.whole_year else row.year


def _begins(published: str) -> float | None:
    """The first moment that a date of publication may mean, in decimal years."""
    found = _DAY.fullmatch(published)
    return None if not found else int(found[1]) + (int(found[2] or 1) - 1) / 12 + (int(found[3] or 1) - 1) / 365.25


def decimal_day(day: date) -> float:
    """A day as a decimal year."""
    return day.year + (day.timetuple().tm_yday - 1) / (366 if day.year % 4 == 0 else 365)


def main() -> int:
    """Write calibration/estimates/realisation.csv and print it; the exit code, 2 if a file is wrong."""
    from vimach_calibration.realisation import estimate, write_estimate  # it builds on this module

    try:
        target, table = own("estimates"), estimate()
    except VimachError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    write_estimate(table, target / "realisation.csv")
    print(table.drop(columns=["supports", "entries"]).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())

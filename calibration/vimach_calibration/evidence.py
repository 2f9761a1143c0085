"""The evidence: one row is one number from one source, checked, typed and with its unit and place normalised.

`python -m vimach_calibration.evidence` rebuilds what is derived from the rows: series.csv and datapackage.json.
"""

import calendar
import csv
import io
import re
import sys
from collections.abc import Iterator, Mapping, Set
from dataclasses import asdict, dataclass
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path

import pandas as pd

from vimach.errors import BadInput, Place, Problem, VimachError, nearest
from vimach.library import folder
from vimach.values import number
from vimach_calibration.crosswalk import Crosswalk, Locality, Unit, read_crosswalk

RAW_FILES = ("talent.csv", "industry.csv", "source_documents.csv")
NEW_FILE = "new_figures.csv"
COLUMNS = (
    "id", "quantity", "segment", "region", "year", "value", "low", "high", "unit", "kind", "source_title",
    "source_url", "published", "grade", "note", "words_read", "language", "read_on",
)  # fmt: skip
NEW_COLUMNS = (*COLUMNS[:14], "rung", *COLUMNS[14:])
KINDS = ("observed", "estimate", "target", "forecast", "policy")
GRADES = ("A", "B", "C", "D")
RUNGS = (
    "admitted_related", "enrolled_dedicated", "trained_cumulative", "hired_first_job", "employed_in_sector",
    "retained_two_years",
)  # fmt: skip

_ID = re.compile(r"[A-Za-z0-9_]+")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_REQUIRED = ("id", "quantity", "segment", "region", "year", "unit", "kind", "source_title", "grade")


@dataclass(frozen=True)
class EvidenceRow:
    """One row. `value`, `low` and `high` are in `unit`, the model's unit; `year` is as written in the file.

    low and high without value are a range; low equal to value says "at least". `published` is None where the source
    bears no date; a bare year counts as its 31 December and a bare month as its last day (`published_as`: as written).
    """

    id: str
    quantity: str
    segment: str
    place: str
    region: str
    year: float
    whole_year: bool
    value: float | None
    low: float | None
    high: float | None
    unit: str
    kind: str
    source_title: str
    source_url: str
    published: date | None
    published_as: str
    grade: str
    rung: str
    note: str
    words_read: str
    language: str
    read_on: date | None
    origin: Place

    def known_by(self, day: date) -> bool:
        """Whether the source was out on `day`; never, if it bears no date."""
        return self.published is not None and self.published <= day


class EvidenceTable(Mapping[str, EvidenceRow]):
    """All rows by id, in the order of the files."""

    def __init__(self, rows: Mapping[str, EvidenceRow]) -> None:
        self._rows = dict(rows)

    def __getitem__(self, row: str) -> EvidenceRow:
        return self._rows[row]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def as_of(self, day: date) -> "EvidenceTable":
        """What could be known on `day`: the rows published by then."""
        return EvidenceTable({name: row for name, row in self._rows.items() if row.known_by(day)})

    def newest(self) -> date | None:
        """The latest date of publication among the sources dated to the month or the day."""
        dated = (row.published for row in self._rows.values() if row.published and "-" in row.published_as)
        return max(dated, default=None)

    def frame(self) -> pd.DataFrame:
        """One line a row, columns as in EvidenceRow, `origin` as file:line."""
        return pd.DataFrame([asdict(row) | {"origin": str(row.origin)} for row in self._rows.values()])


def read_evidence(source: Path | Traversable | None = None, crosswalk: Crosswalk | None = None) -> EvidenceTable:
    """The rows of the four files in `source`, by default the evidence that comes with vimach.

    BadInput lists every problem of every file with file and line: wrong columns, missing or repeated ids, unknown
    units or places, numbers and dates that are none, a new figure under a quantity that nothing else knows.
    """
    source = folder("evidence") if source is None else source
    crosswalk = crosswalk or read_crosswalk(source.joinpath("crosswalk.yaml"))
    reading = _Reading(crosswalk)
    for name in RAW_FILES:
        reading.file(source.joinpath(name), COLUMNS)
    known = {row.quantity for row in reading.rows.values()} | crosswalk.quantities | set(crosswalk.series)
    reading.file(source.joinpath(NEW_FILE), NEW_COLUMNS, known)
    if reading.problems:
        raise BadInput(reading.problems)
    return EvidenceTable(reading.rows)


class _Reading:
    """The rows read so far and everything wrong with them."""

    def __init__(self, crosswalk: Crosswalk) -> None:
        self.crosswalk = crosswalk
        self.rows: dict[str, EvidenceRow] = {}
        self.problems: list[Problem] = []
        self.place = Place("")

    def complain(self, message: str, key: str = "", suggestion: str = "") -> None:
        self.problems.append(Problem(message, self.place, key, suggestion))

    def file(self, file: Path | Traversable, columns: tuple[str, ...], quantities: Set[str] | None = None) -> None:
        self.place = Place(str(file), 1)
        try:
            lines = csv.reader(io.StringIO(file.read_text(encoding="utf-8"), newline=""), strict=True)
            header = next(lines, [])
            if tuple(header) != columns:
                missing, extra = set(columns) - set(header), set(header) - set(columns)
                names = {"missing": sorted(missing), "unknown": sorted(extra)}
                found = "; ".join(f"{what}: {', '.join(which)}" for what, which in names.items() if which)
                self.complain(f"the columns must be {','.join(columns)} ({found or 'another order was found'})")
                return
            first = lines.line_num + 1  # a quoted field may hold line breaks: a row is named by its first line
            for fields in lines:
                self.place = Place(str(file), first)
                first = lines.line_num + 1
                self.line(fields, columns, quantities)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            self.complain(f"cannot be read as UTF-8 CSV: {error}")

    def line(self, fields: list[str], columns: tuple[str, ...], quantities: Set[str] | None) -> None:
        if len(fields) != len(columns):
            self.complain(f"{len(fields)} fields where {len(columns)} belong")
            return
        cells = dict(zip(columns, fields, strict=True)) | ({} if "rung" in columns else {"rung": ""})
        before = len(self.problems)
        for column in _REQUIRED:
            if not cells[column].strip():
                self.complain("is missing", column)
        if quantities is not None and cells["quantity"] not in quantities:
            self.complain(f"unknown quantity {cells['quantity']!r}", "quantity", nearest(cells["quantity"], quantities))
        row = self.row(cells)
        if row.id in self.rows:
            self.complain(f"id {row.id!r} is already used in {self.rows[row.id].origin}", "id")
        if len(self.problems) == before:
            self.rows[row.id] = row

    def row(self, cells: Mapping[str, str]) -> EvidenceRow:
        if cells["id"] and not _ID.fullmatch(cells["id"]):
            self.complain(f"{cells['id']!r} may hold letters, digits and _ only", "id")
        for column, allowed in (("kind", KINDS), ("grade", GRADES), ("rung", ("", *RUNGS))):
            if cells[column] not in allowed:
                words = ", ".join(filter(None, allowed))
                self.complain(f"{cells[column]!r} is not one of {words}", column, nearest(cells[column], allowed))
        unit, locality = self.unit(cells["unit"]), self.locality(cells["region"])
        value, low, high = (self.amount(cells, column, unit) for column in ("value", "low", "high"))
        if not any(cells[column].strip() for column in ("value", "low", "high")):
            self.complain("value, low and high are all empty", "value")
        given = [end for end in (low, value, high) if end is not None]
        if given != sorted(given):
            self.complain("low, value and high are not in rising order", "value")
        kept = ("id", "quantity", "segment", "kind", "source_title", "source_url", "grade", "rung", "note")
        return EvidenceRow(
            **{column: cells[column] for column in (*kept, "words_read", "language")},
            place=locality.name,
            region=locality.region,
            year=self.number(cells, "year") or 0.0,
            whole_year="." not in cells["year"],
            value=value,
            low=low,
            high=high,
            unit=unit.name,
            published=self.day(cells, "published"),
            published_as=cells["published"].strip(),
            read_on=self.day(cells, "read_on"),
            origin=self.place,
        )

    def number(self, cells: Mapping[str, str], column: str) -> float | None:
        written = cells[column].strip()
        if not written:
            return None
        try:
            return number(written)
        except ValueError as error:
            self.complain(str(error), column)
            return None

    def amount(self, cells: Mapping[str, str], column: str, unit: Unit) -> float | None:
        written = self.number(cells, column)
        if written is None:
            return None
        # 0.0137 rather than 0.013699999999999999: the written number has far fewer digits than this keeps
        return float(f"{written * unit.factor:.12g}")

    def day(self, cells: Mapping[str, str], column: str) -> date | None:
        written = cells[column].strip()
        if not written:
            return None
        try:
            return last_day(written)
        except ValueError as error:
            self.complain(str(error), column)
            return None

    def unit(self, spelling: str) -> Unit:
        if spelling and spelling not in self.crosswalk.units:
            self.complain(f"unknown unit {spelling!r}", "unit", nearest(spelling, self.crosswalk.units))
        return self.crosswalk.units.get(spelling, Unit(spelling))

    def locality(self, spelling: str) -> Locality:
        if spelling and spelling not in self.crosswalk.places:
            self.complain(f"unknown place {spelling!r}", "region", nearest(spelling, self.crosswalk.places))
        return self.crosswalk.places.get(spelling, Locality(spelling, ""))


def last_day(written: str) -> date:
    """A date as written in a source; a bare year is its 31 December, a bare month its last day. ValueError if none."""
    found = _DATE.fullmatch(written)
    try:
        if not found:
            raise ValueError
        year, month = int(found[1]), int(found[2] or 12)
        return date(year, month, int(found[3] or calendar.monthrange(year, month)[1]))
    except ValueError:  # IllegalMonthError is one too
        raise ValueError(f"{written!r} is not a date (2025, 2025-10 or 2025-10-30)") from None


def main() -> int:
    """Rebuild what is derived from the rows; the exit code, 2 if a file is wrong."""
    from vimach_calibration.series import rebuild  # it builds on this module

    try:
        rebuild()
    except VimachError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())

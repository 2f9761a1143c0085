"""The workbook: a sheet for each table and figure of the briefing, with real numbers, for those who go on computing.

Every sheet has the same head: title in both languages, source, rungs, then names of columns, units, and the rows.
"""

import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FILE: Final = "briefing.xlsx"
HEAD: Final = 6
"""Rows above the data: English title, Vietnamese title, source, rungs, names of columns, units."""
_NAME = 31  # characters of a sheet's name
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP archive can hold
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")

UNITS: Final[Mapping[str, str]] = {
    "edge": "decimal year", "by": "decimal year", "time": "decimal year", "year_low": "decimal year",
    "year_median": "decimal year", "year_high": "decimal year", "starts": "decimal year", "ends": "decimal year",
    "decided": "decimal year", "last_decision": "decimal year", "first_year": "year", "last_year": "year",
    "year": "year", "period": "year", "probability": "1", "probability_at_edge": "1", "share": "1", "extra_cost": "VND",
    "extra_people": "person", "no_gain": "1", "size": "person", "net": "person", "inside_share": "1",
    "trained_2030": "person", "employed_2030": "person", "trained_2035": "person", "employed_2035": "person",
    "held_back": "1", "first": "1", "total": "1", "change": "1", "change_low": "1", "change_high": "1", "reached": "1",
    "first_reached": "1", "probability_base": "1", "n": "entry",
}  # fmt: skip
"""Units of columns that mean the same in every table; a table's own go before."""
NO_RUNG: Final = "none: nothing here is counted on a rung of the ladder"
_DATE = "decimal year"
_OF = "column "  # before the name of the column that tells the unit row by row
_BY_ROW: Final = {
    "low", "median", "high", "value", "estimate", "before", "target_value", "official", "needed", "to", "range_low",
    "range_high", "p05", "p95", "done_low", "done_median", "done_high", "last_year_low", "last_year_median",
    "last_year_high", "model_low", "model_median", "model_high", "difference_low", "difference_median",
    "difference_high", "needed_low", "needed_median", "needed_high",
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """One table of data with what must be said of it.

    `units` are those of its columns, where they are no others' as well: a unit, or "column NAME" for the one that tells
    it row by row; what follows a semicolon is said beside it.
    """

    name: str
    title_en: str
    title_vi: str
    data: pd.DataFrame
    source: str
    rung: str
    units: Mapping[str, str] = field(default_factory=dict)


def unit_of(column: str, sheet: Sheet) -> str:
    """The unit of a column; "" for words."""
    by_row = {column: f"{_OF}unit"} if column in _BY_ROW and "unit" in sheet.data else {}
    unit, mark, rest = ({**by_row, **UNITS, **sheet.units}.get(column, "")).partition(";")
    if unit.startswith(_OF):
        name = unit.removeprefix(_OF)
        found = [each for each in sheet.data[name].dropna().unique() if each]
        unit = str(found[0]) if len(found) == 1 else f"see column {name}"
    return unit + mark + rest


def workbook(sheets: Sequence[Sheet], date: str) -> bytes:
    """All sheets, the first listing them; `date` (ISO) is that of the data and stands as the file's own.

    The same sheets give the same bytes.
    """
    os.environ["OPENPYXL_LXML"] = "False"  # where lxml is installed openpyxl would write other bytes
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    moment = datetime.fromisoformat(date)
    book.properties.created = book.properties.modified = moment
    book.properties.creator = "vimach"
    listing = book.active
    assert listing is not None
    listing.title = "contents"
    listing.append(["sheet", "title (en)", "title (vi)", "rung", "source"])
    for sheet in sheets:
        listing.append([sheet.name[:_NAME], sheet.title_en, sheet.title_vi, sheet.rung, sheet.source])
        _fill(book.create_sheet(sheet.name[:_NAME]), sheet)
    for cell in listing[1]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCDE", (32, 60, 60, 36, 40), strict=True):
        listing.column_dimensions[column].width = width
    raw = BytesIO()
    book.save(raw)
    return _timeless(raw.getvalue(), moment)


def _fill(page: "Worksheet", sheet: Sheet) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    columns = [str(column) for column in sheet.data.columns]
    page.append([sheet.title_en])
    page.append([sheet.title_vi])
    page.append(["source", sheet.source])
    page.append(["rung", sheet.rung or NO_RUNG])
    page.append(columns)
    units = [unit_of(column, sheet) for column in columns]
    page.append(units)
    for row in sheet.data.itertuples(index=False, name=None):
        page.append([cell(value, unit) for value, unit in zip(row, units, strict=True)])
    for number in (1, 2, HEAD - 1):
        for written in page[number]:
            written.font = Font(bold=True)
    for written in page[HEAD]:
        written.font = Font(italic=True)
    for place, column in enumerate(columns, 1):
        page.column_dimensions[get_column_letter(place)].width = min(40, max(11, len(column) + 2))
    page.freeze_panes = f"A{HEAD + 1}"


def cell(value: Any, unit: str) -> Any:
    """A value as a workbook holds it: numbers as numbers, what is none as an empty cell, infinity in words."""
    if value is None or (not isinstance(value, str | bool) and pd.isna(value)):
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return f"'{value}" if value.startswith("=") else value
    number = float(value)
    if math.isinf(number):
        return "not within the run" if unit.startswith(_DATE) else "infinite"
    return int(number) if number == int(number) and abs(number) < 1e15 else number


def _timeless(book: bytes, moment: datetime) -> bytes:
    """The same archive without the clock: entries of one fixed moment, modified on the date of the data."""
    stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}".encode()
    buffer = BytesIO()
    with ZipFile(BytesIO(book)) as old, ZipFile(buffer, "w", ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            about = ZipInfo(entry.filename, _EARLIEST)
            about.compress_type, about.create_system, about.external_attr = ZIP_DEFLATED, 0, 0
            new.writestr(about, content)
    return buffer.getvalue()

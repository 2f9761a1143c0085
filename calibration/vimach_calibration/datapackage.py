"""The Frictionless description of the evidence's CSV files, generated from the columns the readers insist on."""

import json
from typing import Any

from vimach_calibration import series
from vimach_calibration.evidence import COLUMNS, GRADES, KINDS, NEW_COLUMNS, NEW_FILE, RAW_FILES, RUNGS

_PARTIAL_DATE = r"\d{4}(-\d{2}(-\d{2})?)?"
_RAW: dict[str, tuple[str, str]] = {
    "id": ("string", "name of the row, unique over all files"),
    "quantity": ("string", "what was counted or priced, as collected"),
    "segment": ("string", "the part of the industry, institution or definition the number is about"),
    "region": ("string", "place, in one of the spellings of crosswalk.yaml"),
    "year": ("number", "when the number holds; a bare year is the whole year, its middle for a stock"),
    "value": ("number", "the number; empty for a range"),
    "low": ("number", "lower end; equal to value: at least"),
    "high": ("number", "upper end"),
    "unit": ("string", "unit, in one of the spellings of crosswalk.yaml"),
    "kind": ("string", "what sort of statement it is"),
    "source_title": ("string", "publisher and subject of the source"),
    "source_url": ("string", "address of the source"),
    "published": ("string", "date of the source: day, month or year; empty if it bears none"),
    "grade": ("string", "A official statistic or legal text, B named office or firm, C press estimate, D derived"),
    "rung": ("string", "rung of the definition ladder, if the number counts people on one"),
    "note": ("string", "what to know before using the number"),
    "words_read": ("string", "the passage that holds the number, if it was kept"),
    "language": ("string", "language of the source, where its address or text settles it"),
    "read_on": ("string", "date of reading, if it was kept"),
}
_CONSTRAINTS: dict[str, dict[str, Any]] = {
    "id": {"required": True, "unique": True, "pattern": "[A-Za-z0-9_]+"},
    "year": {"required": True},
    "unit": {"required": True},
    "kind": {"required": True, "enum": list(KINDS)},
    "grade": {"required": True, "enum": list(GRADES)},
    "rung": {"enum": list(RUNGS)},
    "published": {"pattern": _PARTIAL_DATE},
    "read_on": {"pattern": _PARTIAL_DATE},
}
_SERIES: dict[str, tuple[str, str]] = {
    "series": ("string", "name of the series, the model's variable where there is one"),
    "measure": ("string", "stock (at a moment) or flow (over a calendar year)"),
    "scope": ("string", "the definition in force, where it changed"),
    "time": ("number", "decimal year of a stock (2025.0 = end 2024), calendar year of a flow"),
    "timing": ("number", "how far the moment may lie on either side, in years"),
    "value": ("number", "the number, or the middle of a range, in `unit`"),
    "low": ("number", "lower end"),
    "high": ("number", "upper end"),
    "unit": ("string", "unit of the model; a flow is summed over its year"),
    "sd": ("number", "standard deviation of the observation on the log scale"),
    "status": ("string", "used and range count; recycled (a repeat) and scope (another definition) are only shown"),
    "grade": ("string", "grade of the row that dates the count"),
    "published": ("date", "first day on which the figure for that time could be known"),
    "ids": ("string", "rows behind the number, separated by spaces, the one that dates it first"),
    "note": ("string", "why the line has its status, time or range"),
}


def as_json() -> str:
    """datapackage.json as text."""
    resources = [_resource(name, COLUMNS) for name in RAW_FILES] + [_resource(NEW_FILE, NEW_COLUMNS), _series()]
    package = {
        "profile": "tabular-data-package",
        "name": "vimach-evidence",
        "title": "Sourced numbers on the workforce and capacity of Vietnam's semiconductor industry",
        "resources": resources,
    }
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


def _resource(file: str, columns: tuple[str, ...]) -> dict[str, Any]:
    fields = []
    for name in columns:
        kind, description = _RAW[name]
        constraints = {"constraints": _CONSTRAINTS[name]} if name in _CONSTRAINTS else {}
        fields.append({"name": name, "type": kind, "description": description} | constraints)
    return _table(file, fields, "id")


def _series() -> dict[str, Any]:
    fields: list[dict[str, Any]] = []
    for name in series.COLUMNS:
        kind, description = _SERIES[name]
        fields.append({"name": name, "type": kind, "description": description})
    fields[series.COLUMNS.index("status")]["constraints"] = {"required": True, "enum": list(series.STATUSES)}
    return _table("series.csv", fields, ["series", "ids"])


def _table(file: str, fields: list[dict[str, Any]], key: str | list[str]) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": file.removesuffix(".csv"),
        "path": file,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {"fields": fields, "primaryKey": key, "missingValues": [""]},
    }

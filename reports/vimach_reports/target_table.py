"""The targets of one scenario as a table on the terminal."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import xarray as xr
from rich.console import Group, RenderableType
from rich.text import Text

from vimach_reports.catalogue import (
    Language,
    calibration,
    count,
    edge,
    number,
    percent,
    probability,
    rung_name,
    scenario_title,
    text,
)
from vimach_reports.columns import Line, fitted
from vimach_reports.judged import JUDGED

_SPREAD: Final = ("low", "median", "high")
WIDTH: Final = 100


def render(table: pd.DataFrame, dataset: xr.Dataset, language: Language, width: int = WIDTH) -> RenderableType:
    """Each target with its rung, its value at its last two dates (80 % interval) and the probability by its own.

    `table` comes from vimach.analysis.targets.assess on `dataset`.
    """
    head = f"{scenario_title(dataset, language)} ({dataset.attrs['scenario_hash']})"
    lines: list[RenderableType] = [Text(head, style="bold")]
    if table.empty:
        return Group(*lines, Text(text("targets.none", language)))
    lines.append(Text(text("summary.targets_title", language), style="bold"))
    for dates, phase in phases(table):
        rows: list[Line] = [("", *(edge(date, language) for date in dates), text("summary.chance", language))]
        for _, own in phase.groupby("target", sort=False):
            rows += [asked(own.iloc[0], language), _values(own, dates, language)]
        lines += fitted(rows, width)
    notes = [text("summary.note_calibration", language, status=calibration(dataset, language))]
    if (table["rung"] == "trained_cumulative").any():
        notes.append(text("summary.note_reading", language, reading=text("reading.ours", language)))
    return Group(*lines, *(Text(note, style="bold") for note in notes))


def phases(table: pd.DataFrame) -> list[tuple[list[float], pd.DataFrame]]:
    """Targets that share their last two dates, and these dates: a later phase has its own; there is room for two."""
    dates = {str(name): tuple(map(float, rows["edge"].unique()[-2:])) for name, rows in table.groupby("target")}
    shared = table["target"].map(dates)
    return [(list(each), table[shared == each]) for each in shared.drop_duplicates()]


def asked(row: "pd.Series[Any]", language: Language) -> Text:
    """What a target asks for, on which rung, and whether judgment alone answers it."""
    wanted = float(row["target_value"])
    value = percent(wanted / 100, language) if row["unit"] == "%" else number(wanted, language)
    due = text("targets.asked", language, value=value, date=edge(float(row["by"]), language))
    line = Text.assemble((f"{row[f'label_{language}']}: {due}", "bold"))
    if row["rung"]:
        line.append(f" ({text('summary.rung', language, rung=rung_name(str(row['rung']), language))})")
    return line.append(f" ({text('basis.judgment', language)})") if row["variable"] in JUDGED else line


def _values(rows: pd.DataFrame, dates: Sequence[float], language: Language) -> Line:
    """What the model gives, in columns."""
    cells = []
    for date in dates:
        row = rows[rows["edge"] == date].iloc[0]
        low, median, high = (count(float(row[name]), language, float(row["median"])) for name in _SPREAD)
        cells.append(f"{median} ({text('number.range', language, low=low, high=high)})")
    return ("", *cells, probability(float(rows["probability"].iloc[0]), language))

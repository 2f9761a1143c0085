"""The targets of one scenario as a table on the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import pandas as pd
import xarray as xr
from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.text import Text

from vimach_reports.catalogue import (
    Language,
    calibration,
    count,
    edge,
    number,
    probability,
    rung_name,
    scenario_title,
    text,
)
from vimach_reports.judged import JUDGED

Row: TypeAlias = Mapping[str, Any]
_SPREAD: Final = ("low", "median", "high")
_WIDTHS: Final = (33, 34, 30)


def render(table: pd.DataFrame, dataset: xr.Dataset, language: Language) -> RenderableType:
    """Each target with its rung, its value at each horizon (80 % interval) and the probability by its date.

    `table` comes from vimach.analysis.targets.assess on `dataset`.
    """
    lines = [Text(f"{scenario_title(dataset, language)} ({dataset.attrs['scenario_hash']})", style="bold")]
    if table.empty:
        return Group(*lines, Text(text("targets.none", language)))
    lines.append(Text(text("summary.targets_title", language), style="bold"))
    for _, rows in table.groupby("target", sort=False):
        records = [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
        lines += [_heading(records[0], language), _values(records, language)]
    notes = [text("summary.note_calibration", language, status=calibration(dataset, language))]
    if (table["rung"] == "trained_cumulative").any():
        notes.append(text("summary.note_reading", language, reading=text("reading.ours", language)))
    return Group(*lines, *(Text(note, style="bold") for note in notes))


def _heading(row: Row, language: Language) -> Text:
    """What the target asks for, on which rung."""
    asked = text("targets.asked", language, value=number(row["target_value"], language), date=edge(row["by"], language))
    line = Text.assemble((row[f"label_{language}"], "bold"), f": {asked}")
    if row["variable"] in JUDGED:
        return line.append(f" ({text('summary.judged', language)})")
    rung = rung_name(row["rung"], language)
    return line.append(f" ({text('summary.rung', language, rung=rung)})") if rung else line


def _values(rows: Sequence[Row], language: Language) -> Text:
    """What the model gives, in columns."""
    cells = []
    for row in rows:
        low, median, high = (count(row[name], language, row["median"]) for name in _SPREAD)
        spread = text("number.range", language, low=low, high=high)
        cells.append(f"{edge(row['edge'], language)}: {median} ({spread})")
    by = text("summary.probability", language, date=edge(rows[0]["by"], language))
    cells.append(f"{by}: {probability(rows[0]['probability'], language)}")
    padded = (set_cell_size(cell, max(width, cell_len(cell))) for cell, width in zip(cells, _WIDTHS, strict=False))
    return Text("  " + " ".join(padded).rstrip())

"""The targets of one scenario as a table on the terminal."""

from typing import Final

import pandas as pd
import xarray as xr
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from vimach_reports.catalogue import (
    Language,
    calibration,
    count,
    edge,
    probability,
    rung_name,
    scenario_title,
    text,
)

_SPREAD: Final = ("low", "median", "high")


def render(table: pd.DataFrame, dataset: xr.Dataset, language: Language) -> RenderableType:
    """Each target with its rung, its value at each horizon (80 % interval) and the probability by its date.

    `table` comes from vimach.analysis.targets.assess on `dataset`.
    """
    title = Text(f"{scenario_title(dataset, language)}  {dataset.attrs['scenario_hash']}", style="bold")
    if table.empty:
        return Group(title, Text(text("targets.none", language)))
    edges = list(table["edge"].unique())
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    grid.add_column(text("targets.target", language))
    for date in edges:
        grid.add_column(edge(float(date), language), no_wrap=True)
    grid.add_column(text("targets.probability", language), no_wrap=True)
    for _, rows in table.groupby("target", sort=False):
        head = rows.iloc[0]
        by_edge = {row["edge"]: row for row in rows.to_dict("records")}
        cells = [_value(by_edge[date], language) if date in by_edge else "" for date in edges]
        chance = f"{probability(float(head['probability']), language)}, {edge(float(head['by']), language)}"
        grid.add_row(Text(str(head[f"label_{language}"])), *cells, chance)
        if head["rung"]:
            rung = text("summary.rung", language, rung=rung_name(str(head["rung"]), language))
            grid.add_row(Text(f"  {rung}", style="dim"))
    notes = [text("summary.note_calibration", language, status=calibration(dataset, language))]
    if (table["rung"] == "trained_cumulative").any():
        notes.append(text("summary.note_reading", language, reading=text("reading.ours", language)))
    return Group(title, grid, *(Text(note, style="bold") for note in notes))


def _value(row: dict[str, object], language: Language) -> str:
    scale = float(str(row["median"]))
    low, median, high = (count(float(str(row[name])), language, scale) for name in _SPREAD)
    return f"{median} ({text('number.range', language, low=low, high=high)})"

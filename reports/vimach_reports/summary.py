"""The summary of a comparison: summary.csv, and the same as a table on the terminal.

Money comes first: what the second scenario costs more, in total and by year, before any person.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd
import xarray as xr
from rich.cells import set_cell_size
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from vimach.analysis.compare import DIFFERENCE, FIRST, SECOND, TOTAL
from vimach.analysis.definition import RELATED, chance_by_related_share
from vimach_reports import costs
from vimach_reports.catalogue import (
    Language,
    billions,
    calibration,
    count,
    day,
    edge,
    interval,
    money,
    number,
    probabilities,
    rung_name,
    scenario_title,
    text,
)
from vimach_reports.judged import JUDGED
from vimach_reports.writing import csv_bytes, write_whole

NAME = "summary.csv"
WIDTH: Final = 100  # columns of the terminal that the table fits into
COLUMNS: Final[Mapping[str, str]] = {
    "about": "extra_money or target",
    "target": "name of the target; empty for money",
    "label_en": "English label",
    "label_vi": "Vietnamese label",
    "variable": "variable of the dataset",
    "rung": "rung of the definition ladder; empty for what is no headcount",
    "unit": "unit of target_value, low, median and high",
    "target_value": "what the target asks for",
    "by": "its date as an edge: 2031.0 is the end of 2030",
    "period": "money: the calendar year, or total; target: the last year of the edge",
    "edge": "date as an edge; empty for money",
    "series": "first, second, or difference (second minus first, run by run)",
    "scenario": "name of the scenario",
    "scenario_hash": "its hash",
    "low": "10 % quantile over runs",
    "median": "median over runs",
    "high": "90 % quantile over runs",
    "probability": "share of runs that reach the target by its date",
    "probability_at_edge": "share of runs at the target at this edge",
    "year_low": "10 % quantile of the year first reached; inf = not within the run",
    "year_median": "its median",
    "year_high": "its 90 % quantile",
    "calibration": "status of the numbers",
    "reading": "whose reading of the Decision the trained are counted by; empty for other rungs",
    "model_version": "version of vimach",
    "data_vintage": "date of the newest evidence",
    "seed": "seed of the draws",
    "members": "number of runs",
}
_RUN = ("calibration", "model_version", "data_vintage", "seed", "members")
_TRAINED = "trained_cumulative"
_SPREAD = ("low", "median", "high")
_WIDTHS = (15, 26, 26, 30)


def summary_table(table: pd.DataFrame, extra: pd.DataFrame, dataset: xr.Dataset) -> pd.DataFrame:
    """Money, then targets, one number and its interval a row (COLUMNS).

    `table` comes from vimach.analysis.compare.compare, `extra` from its extra_money, `dataset` is either scenario's.
    """
    cost = extra.assign(about="extra_money", variable="programme_cost")
    people = table.assign(about="target", period=(table["edge"] - 1).astype(int).astype(str))
    reading = text("reading.ours", "en")
    people["reading"] = [reading if rung == _TRAINED else "" for rung in people["rung"]]
    records = cost.to_dict("records") + people.to_dict("records")
    run = {name: dataset.attrs[name] for name in _RUN}
    return pd.DataFrame([record | run for record in records], columns=list(COLUMNS))


def write_summary(table: pd.DataFrame, extra: pd.DataFrame, dataset: xr.Dataset, folder: Path) -> Path:
    """Write summary.csv into `folder`, whole or not at all; returns its path."""
    return write_whole(folder / NAME, csv_bytes(summary_table(table, extra, dataset)))


def print_summary(
    console: Console,
    table: pd.DataFrame,
    extra: pd.DataFrame,
    first: xr.Dataset,
    second: xr.Dataset,
    language: Language,
) -> None:
    """Print the extra money, then every target, then what must be said of the numbers; 100 columns wide."""
    console.print(render(table, extra, first, second, language), width=min(WIDTH, max(console.width, 60)))


def render(
    table: pd.DataFrame, extra: pd.DataFrame, first: xr.Dataset, second: xr.Dataset, language: Language
) -> RenderableType:
    """What `print_summary` prints."""
    return Group(
        *_money(extra, first, second, language),
        *costs.render(first, second, language),
        Text(),
        Text(text("summary.targets_title", language), style="bold"),
        *_targets(table, first, second, language),
        *_definition(table, first, second, language),
        *_notes(table, first, second, language),
    )


def _money(extra: pd.DataFrame, first: xr.Dataset, second: xr.Dataset, language: Language) -> list[RenderableType]:
    rows = extra[extra["series"] == DIFFERENCE]
    total = rows[rows["period"] == TOTAL].iloc[0]
    names = {"first": scenario_title(first, language), "second": scenario_title(second, language)}
    within = text(
        "number.interval",
        language,
        low=money(float(total["low"]), language),
        high=money(float(total["high"]), language),
    )
    said = text(
        "summary.money_title", language, total=money(float(total["median"]), language), interval=within, **names
    )
    years = rows[(rows["period"] != TOTAL) & ((rows["low"] != 0) | (rows["high"] != 0))]
    if years.empty:
        return [Text(_plain(said), style="bold"), Text(text("summary.money_none", language))]
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column(text("summary.year", language))
    grid.add_column(text("summary.money_unit", language), justify="right")
    grid.add_column(text("summary.interval", language), justify="right")
    for year in years.to_dict("records"):
        low, median, high = (billions(float(year[name]), language, signed=True) for name in _SPREAD)
        grid.add_row(*map(_plain, (year["period"], median, text("number.interval", language, low=low, high=high))))
    return [Text(_plain(said), style="bold"), grid, Text(text("summary.money_note", language), style="dim")]


def _targets(table: pd.DataFrame, first: xr.Dataset, second: xr.Dataset, language: Language) -> list[Text]:
    titles = (scenario_title(first, language), scenario_title(second, language))
    lines = [_line(("", *titles, text("summary.difference", language)), "bold")]
    for _, rows in table.groupby("target", sort=False):
        head = rows.iloc[0]
        lines.append(Text.assemble(Text(str(head[f"label_{language}"]), style="bold")))
        if head["rung"]:
            rung = rung_name(str(head["rung"]), language)
            lines[-1].append(f" ({text('summary.rung', language, rung=rung)})")
        if head["variable"] in JUDGED:
            lines[-1].append(f" ({text('summary.judged', language)})")
        lines += [_line(_values(rows[rows["edge"] == date], language)) for date in rows["edge"].unique()]
        lines.append(_line(_chances(rows, float(head["by"]), language)))
    return lines


def _line(cells: Sequence[str], look: str = "") -> Text:
    """One line of the table: cells cut or filled to the widths of its columns."""
    padded = (set_cell_size(_plain(cell), width) for cell, width in zip(cells, _WIDTHS, strict=True))
    return Text(" ".join(padded).rstrip(), style=look, no_wrap=True)


def _values(rows: pd.DataFrame, language: Language) -> tuple[str, ...]:
    """One line of a target: the date, both scenarios and the difference at one edge."""
    cells = ["  " + edge(float(rows["edge"].iloc[0]), language)]
    scale = _number(rows, FIRST, "median")
    for series in (FIRST, SECOND):
        low, median, high = (count(_number(rows, series, name), language, scale) for name in _SPREAD)
        cells.append(f"{median} ({text('number.range', language, low=low, high=high)})")
    least, gain, most = (_number(rows, DIFFERENCE, name) for name in _SPREAD)
    own = None if abs(gain) < scale / 100 else scale  # a small gain keeps three digits of its own
    cells.append(f"{count(gain, language, own, signed=True)} ({interval(least, most, language, own, signed=True)})")
    return tuple(cells)


def _number(rows: pd.DataFrame, series: str, column: str) -> float:
    return float(rows.loc[rows["series"] == series, column].iloc[0])


def _chances(rows: pd.DataFrame, by: float, language: Language) -> tuple[str, ...]:
    chances = [_number(rows, series, "probability") for series in (FIRST, SECOND)]
    return (
        "  " + text("summary.probability", language, date=edge(by, language)),
        *probabilities(chances, language),
        "",
    )


def _definition(table: pd.DataFrame, first: xr.Dataset, second: xr.Dataset, language: Language) -> list[Text]:
    """How the definition moves the headline: its probability against the share of related graduates counted."""
    rows = table[table["rung"] == _TRAINED]
    if rows.empty or RELATED not in first or RELATED not in second:
        return []
    value, by = float(rows["target_value"].iloc[0]), float(rows["by"].iloc[0])
    found = [chance_by_related_share(dataset, value, by) for dataset in (first, second)]
    shares = " / ".join(number(100 * share, language) for share in found[0]["share"])
    head = text("summary.definition", language, value=number(value, language), date=edge(by, language), shares=shares)
    lines = [Text(_plain(head), style="bold")]
    for dataset, chances in zip((first, second), found, strict=True):
        words = "; ".join(probabilities(list(chances["probability"]), language))
        lines.append(Text(f"  {scenario_title(dataset, language)}: {words}"))
    return lines


def _notes(table: pd.DataFrame, first: xr.Dataset, second: xr.Dataset, language: Language) -> Sequence[RenderableType]:
    notes = [text("summary.note_calibration", language, status=calibration(first, language))]
    if (table["rung"] == _TRAINED).any():
        notes.append(text("summary.note_reading", language, reading=text("reading.ours", language)))
    attrs = first.attrs
    notes += [
        text("summary.note_whole", language),
        text("summary.note_pairs", language),
        text(
            "summary.run",
            language,
            first=scenario_title(first, language),
            second=scenario_title(second, language),
            hash_first=str(first.attrs["scenario_hash"]),
            hash_second=str(second.attrs["scenario_hash"]),
            members=number(int(attrs["members"]), language),
            seed=str(attrs["seed"]),
            version=str(attrs["model_version"]),
            vintage=day(str(attrs["data_vintage"]), language),
        ),
    ]
    return [Text(note, style="bold" if place < 2 else "dim") for place, note in enumerate(notes)]


def _plain(words: str) -> str:
    """For terminals whose character set has no minus sign."""
    return words.replace("\N{MINUS SIGN}", "-")

"""The targets of one scenario as a table on the terminal."""

from typing import Any, Final

import pandas as pd
import xarray as xr
from rich.console import Group, RenderableType
from rich.text import Text

from vimach_reports.catalogue import (
    Language,
    count,
    edge,
    number,
    percent,
    probabilities,
    rung_name,
    scenario_title,
    text,
    within,
)
from vimach_reports.columns import Line, fitted
from vimach_reports.judged import JUDGED
from vimach_reports.status import status

_SPREAD: Final = ("low", "median", "high")
WIDTH: Final = 100


def render(table: pd.DataFrame, dataset: xr.Dataset, language: Language, width: int = WIDTH) -> RenderableType:
    """Each target with its rung, its value at its last two dates (80 % interval) and the probability by its own.

    `table` comes from vimach.analysis.targets.assess on `dataset`, or central_values: then there are but values.
    """
    head = f"{scenario_title(dataset, language)} ({dataset.attrs['scenario_hash']})"
    lines: list[RenderableType] = [Text(head, style="bold")]
    if table.empty:
        return Group(*lines, Text(text("targets.none", language)))
    alone = "value" in table  # of a central run
    lines.append(Text(text(f"summary.targets_{'central' if alone else 'title'}", language), style="bold"))
    chances = {} if alone else _chances(table, language)
    for dates, phase in phases(table):
        heads = (edge(date, language) for date in dates)
        rows: list[Line] = [("", *heads, *([] if alone else [text("summary.chance", language)]))]
        for name, own in phase.groupby("target", sort=False):
            cells = (_value(own[own["edge"] == date].iloc[0], language, alone) for date in dates)
            rows += [asked(own.iloc[0], language), ("", *cells, *([] if alone else [chances[str(name)]]))]
        lines += fitted(rows, width)
    return Group(*lines, *status([dataset], language, set(table["rung"])))


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


def _value(row: "pd.Series[Any]", language: Language, alone: bool) -> str:
    """What the model gives at one date: median and interval, or the one value of a central run."""
    if alone:
        return count(float(row["value"]), language)
    return within([float(row[name]) for name in _SPREAD], language, short=True)


def _chances(table: pd.DataFrame, language: Language) -> dict[str, str]:
    """The probability of each target, in words of one denominator."""
    first = table.drop_duplicates("target")
    return dict(zip(first["target"], probabilities(first["probability"].tolist(), language), strict=True))

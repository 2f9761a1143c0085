"""A comparison on the terminal, as a planner reads: targets, what makes the difference, what it costs, in few screens.

What does not fit stands in the files beside it, and behind an option (see also vimach_reports.costs).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from rich.console import Group, RenderableType
from rich.text import Text

from vimach.analysis.attribution import GROUP, VALUE
from vimach.analysis.compare import COST, DIFFERENCE, FIRST, SECOND
from vimach.analysis.cost import PEOPLE, STATE, WHOLE, cost_per_additional
from vimach.analysis.cost_table import PRICE_YEAR, rates
from vimach.analysis.definition import RELATED, TRAINED, chance_by_related_share
from vimach.analysis.targets import HORIZONS, INTERVAL, Array
from vimach_reports.analysis_pages import shares
from vimach_reports.catalogue import (
    Language,
    count,
    edge,
    interval,
    number,
    probabilities,
    rung_name,
    scenario_title,
    text,
    within,
)
from vimach_reports.columns import Line, fitted, plain, room_for
from vimach_reports.judged import JUDGED
from vimach_reports.status import status
from vimach_reports.target_table import asked, phases

WIDTH: Final = 120
"""Columns that a page is at most wide."""
_SPREAD: Final = ("low", "median", "high")
_BILLION, _MILLION = 1e9, 1e6


def render(
    table: pd.DataFrame, attribution: pd.DataFrame | None, first: xr.Dataset, second: xr.Dataset, language: Language,
    width: int = WIDTH, all_targets: bool = False,
) -> RenderableType:  # fmt: skip
    """A comparison for a terminal of `width` columns; of more than WIDTH it uses no more.

    `table` comes from vimach.analysis.compare.compare, `attribution`, if there is one, from vimach.analysis.tables.
    Unless `all_targets` are wanted, those that judgment alone answers are left out, and those that the second scenario
    does not move by their date have a line each.
    """
    width = min(width, WIDTH)
    titles = {"first": scenario_title(first, language), "second": scenario_title(second, language)}
    said = table if all_targets else table[~table["variable"].isin(JUDGED)]
    details = [text(f"summary.note_{key}", language) for key in ("whole", "pairs")]
    return Group(
        Text(text("summary.title", language, **titles), style="bold"),
        *_targets(said, titles, language, width, all_targets),
        *_definition(table, first, second, language),
        *(_movers(attribution, language, width) if attribution is not None else ()),
        *_costs(first, second, language, width),
        *status((first, second), language, set(table["rung"]), details),
    )


# the targets


def _targets(
    table: pd.DataFrame, titles: Mapping[str, str], language: Language, width: int, every: bool
) -> list[RenderableType]:
    """For each target a line for each scenario and one for the difference, with a column for each of two dates.

    The probabilities are a column, too, or a line where the terminal is too narrow for one.
    """
    names = dict(zip((FIRST, SECOND), titles.values(), strict=True))
    names[DIFFERENCE] = text("summary.difference", language)
    read = [_phase(rows, dates, names, language, every) for dates, rows in phases(table)]
    place = 0 if all(room_for(wide) <= width for wide, _, _ in read) else 1
    still = [line for *_, unmoved in read for line in unmoved]
    more = [Text(text("summary.unmoved", language), style="bold")] if still else []
    return [*(row for each in read if len(each[place]) > 1 for row in fitted(each[place], width)), *more, *still]


def _phase(
    table: pd.DataFrame, dates: Sequence[float], names: Mapping[str, str], language: Language, every: bool
) -> tuple[list[Line], list[Line], list[Text]]:
    """Targets that are read at the same dates: with probabilities as a column, with lines of them, and the unmoved."""
    chance = text("summary.chance", language)
    heads = ("", *(edge(date, language) for date in dates))
    wide: list[Line] = [(*heads, chance)]
    narrow: list[Line] = [heads]
    still: list[Text] = []
    for _, rows in table.groupby("target", sort=False):
        head, chances = asked(rows.iloc[0], language), _chances(rows, language)
        if not every and _unmoved(rows):
            still.append(head.append(f": {chances[0]}; {_value(rows, FIRST, _due(rows), language)}"))
            continue
        values = [
            (f" {title}", *(_value(rows, series, date, language) for date in dates)) for series, title in names.items()
        ]
        wide += [head, *((*cells, said) for cells, said in zip(values, chances, strict=True))]
        narrow += [head, *values, Text(plain(f" {chance}: {'; '.join(said for said in chances if said)}"))]
    return wide, narrow, still


def _due(rows: pd.DataFrame) -> float:
    """The date at which a target is most of interest: its own, or the first at which it is read."""
    dates = rows["edge"].to_list()
    return float(rows["by"].iloc[0] if rows["by"].iloc[0] in dates else dates[0])


def _unmoved(rows: pd.DataFrame) -> bool:
    """Whether the second scenario changes neither the probability nor, as printed, the number by the target's date.

    People trained and people employed are never left at that.
    """
    change, low, high = (_number(rows, DIFFERENCE, name, _due(rows)) for name in ("change", "low", "high"))
    return rows["rung"].iloc[0] not in PEOPLE and change == 0.0 and max(abs(low), abs(high)) < 0.5


def _value(rows: pd.DataFrame, series: str, date: float, language: Language) -> str:
    """Median and interval of one line of a target at one date, as the briefing has them; a difference has signs."""
    spread, differs = [_number(rows, series, name, date) for name in _SPREAD], series == DIFFERENCE
    return within(spread, language, signed=differs, short=not differs)


def _number(rows: pd.DataFrame, series: str, column: str, date: float | None = None) -> float:
    found = rows[rows["series"] == series]
    return float(found.loc[found["edge"] == (found["edge"].iloc[0] if date is None else date), column].iloc[0])


def _chances(rows: pd.DataFrame, language: Language) -> tuple[str, str, str]:
    """P(target) of both scenarios, and how far the second one moves it, in points."""
    one, two = probabilities([_number(rows, series, "probability") for series in (FIRST, SECOND)], language)
    change, low, high = (100 * _number(rows, DIFFERENCE, name) for name in ("change", "change_low", "change_high"))
    if np.isnan(change):
        return one, two, ""
    ends = interval(low, high, language, signed=True)
    key = "summary.point" if round(abs(change)) == 1 else "summary.points"
    moved = text(key, language, points=number(change, language, signed=True), interval=ends)
    return one, two, moved


def _definition(table: pd.DataFrame, first: xr.Dataset, second: xr.Dataset, language: Language) -> list[RenderableType]:
    """How the definition moves the headline: its probability against the share of related graduates counted."""
    rows = table[table["rung"] == TRAINED]
    if rows.empty or RELATED not in first or RELATED not in second:
        return []
    value, by = float(rows["target_value"].iloc[0]), float(rows["by"].iloc[0])
    found = [chance_by_related_share(dataset, value, by) for dataset in (first, second)]
    shares = " / ".join(number(100 * share, language) for share in found[0]["share"])
    head = text("summary.definition", language, value=number(value, language), date=edge(by, language), shares=shares)
    lines: list[RenderableType] = [Text(head, style="bold")]
    said = probabilities([chance for chances in found for chance in chances["probability"]], language)
    half = len(said) // 2
    for dataset, words in zip((first, second), (said[:half], said[half:]), strict=True):
        lines.append(Text(f"  {scenario_title(dataset, language)}: {'; '.join(words)}"))
    return lines


# what made the difference


def _movers(attribution: pd.DataFrame, language: Language, width: int) -> list[RenderableType]:
    """Shapley shares of the groups of levers, for people trained and people employed."""
    values = attribution[attribution["measure"] == VALUE]
    if not (values["kind"] == GROUP).any():
        return [Text(), Text(text("summary.movers_none", language), style="bold")]
    first = values.drop_duplicates("rung").set_index("rung")["target"]
    return [Text(), *shares(values, [first[rung] for rung in PEOPLE if rung in first], language, width)]


# what it costs


def _costs(first: xr.Dataset, second: xr.Dataset, language: Language, width: int) -> list[RenderableType]:
    """Extra money until each horizon, and what a person more costs the state."""
    names = [name for name in (COST, STATE, WHOLE) if name in first and name in second]
    dates = [date for date in HORIZONS if date in first["edge"]]
    if not names or not dates:
        return []
    heads = (text("summary.until", language, date=edge(date, language)) for date in dates)
    lines: list[Line] = [("", *heads), Text(text("summary.billion", language), style="bold")]
    for name in names:
        extra = [_until(second, name, date) - _until(first, name, date) for date in dates]
        lines.append((f" {text(f'summary.{name}', language)}", *(_money(each, language) for each in extra)))
    prices = cost_per_additional(first, second)
    lines.append(Text(text("summary.each", language), style="bold"))
    for variable, rows in prices[prices["cost"] == STATE].groupby("variable", sort=False):
        cells = (_price(row, language) for row in rows.to_dict("records"))
        lines.append((f" {rung_name(str(variable), language)}", *cells))
    usd = number(rates().vnd_per_usd, language)
    note = Text(text("summary.costs_note", language, usd=usd), style="dim")
    head = Text(text("summary.costs_title", language, year=str(PRICE_YEAR)), style="bold")
    return [Text(), head, *fitted(lines, width), note]


def _until(data: xr.Dataset, name: str, date: float) -> Array:
    return np.asarray(data[name].sel(period=slice(None, int(date) - 1)).sum("period").values, dtype=float) / _BILLION


def _money(extra: Array, language: Language) -> str:
    low, high = np.quantile(extra, INTERVAL[::2])
    said = interval(float(low), float(high), language, signed=True)
    return f"{count(float(extra.mean()), language, signed=True)} ({said})"


def _price(row: Mapping[Any, Any], language: Language) -> str:
    """VND million for one person more, or that this is not defined."""
    low, estimate, high = (float(row[name]) / _MILLION for name in ("low", "estimate", "high"))
    if np.isnan(estimate):
        return text("costs.undefined", language)
    least, most = (count(end, language) if np.isfinite(end) else "\N{INFINITY}" for end in (low, high))
    return f"{count(estimate, language)} ({text('number.interval', language, low=least, high=most)})"

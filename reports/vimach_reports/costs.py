"""Costs: costs.csv, and the pages that say what is paid when, by whom, for a person and a place, and on whose word."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vimach.analysis.compare import DIFFERENCE, TOTAL
from vimach.analysis.cost import cost_per_additional
from vimach.analysis.cost_table import (
    PAYERS,
    PLACES,
    PRICE_YEAR,
    STAGES,
    Rates,
    cost_table,
    has_costs,
    money_to_people,
    rates,
    whole_life,
)
from vimach.analysis.targets import HORIZONS, INTERVAL, Array
from vimach.files import write_whole
from vimach.parameters.table import Parameter
from vimach_reports.catalogue import (
    Language,
    billions,
    count,
    edge,
    money,
    number,
    probabilities,
    rounded,
    rung_name,
    scenario_title,
    text,
)
from vimach_reports.quantity import unit_words
from vimach_reports.writing import csv_bytes

NAME: Final = "costs.csv"
KINDS: Final = ("programme_capital_cost", "programme_recurrent_cost")
OWN_LINES: Final = (
    "tax_relief_cost", "test_chip_runs_paid", "fab_support_paid", "intense_support_cost", "design_tools_cost",
)  # fmt: skip
WHOLE: Final = "cost_to_the_economy"
_BILLION, _MILLION = 1e9, 1e6
_SPREAD: Final = ("low", "median", "high")


def write_costs(first: xr.Dataset, second: xr.Dataset, folder: Path) -> Path | None:
    """Write costs.csv into `folder`, whole or not at all; None if the runs did not keep their costs."""
    if not (has_costs(first) and has_costs(second)):
        return None
    return write_whole(folder / NAME, csv_bytes(cost_table(first, second)))


def render(extra: pd.DataFrame, first: xr.Dataset, second: xr.Dataset, language: Language) -> list[RenderableType]:
    """Extra money by year; who pays; a person more, by the state and by all payers; a place; the numbers behind them.

    `extra` comes from vimach.analysis.compare.extra_money. What the runs did not keep is left out.
    """
    shown = _by_year(extra, first, second, language)
    if has_costs(first) and has_costs(second):
        shown += _whole_run(first, second, language)
    shown += _person_more(first, second, language)
    if all(f"whole_life_cost_of_{place}" in first for place in PLACES) and HORIZONS[0] in first["edge"]:
        shown += _places(first, language)
    if shown:
        shown += _words(language)
    return shown


def _by_year(extra: pd.DataFrame, first: xr.Dataset, second: xr.Dataset, language: Language) -> list[RenderableType]:
    """What the programme of the second scenario pays more, in total and in each year."""
    rows = extra[extra["series"] == DIFFERENCE]
    total = rows[rows["period"] == TOTAL].iloc[0]
    low, median, high = (money(float(total[name]), language) for name in _SPREAD)
    within = text("number.interval", language, low=low, high=high)
    names = {"first": scenario_title(first, language), "second": scenario_title(second, language)}
    head = Text(_plain(text("summary.money_title", language, total=median, interval=within, **names)), style="bold")
    years = rows[(rows["period"] != TOTAL) & ((rows["low"] != 0) | (rows["high"] != 0))]
    if years.empty:
        return [Text(), head, Text(text("summary.money_none", language))]
    grid = _grid([text(key, language) for key in ("summary.year", "summary.money_unit", "summary.interval")])
    for year in years.to_dict("records"):
        low, median, high = (billions(float(year[name]), language, signed=True) for name in _SPREAD)
        grid.add_row(*map(_plain, (year["period"], median, text("number.interval", language, low=low, high=high))))
    return [Text(), head, uncut(grid), *_dim([text("summary.money_note", language)])]


def _whole_run(first: xr.Dataset, second: xr.Dataset, language: Language) -> list[RenderableType]:
    start, end = int(first.attrs["forecast_origin"]), int(first["period"][-1])
    if end < start:
        return []
    head = text("costs.title", language, start=str(start), end=str(end), year=str(PRICE_YEAR))
    titles = (scenario_title(first, language), scenario_title(second, language))
    grid = _grid(("", *titles, text("costs.extra", language), text("summary.interval", language), *_USD_TWD))
    groups = {"stages": tuple(STAGES.values()), "kinds": KINDS, "payers": (*PAYERS.values(), WHOLE), "lines": OWN_LINES}
    for group, names in groups.items():
        grid.add_row(Text(text(f"costs.{group}", language), style="bold"))
        for name in names:
            cells = _cells(_since(first, name, start), _since(second, name, start), rates(), language)
            grid.add_row("  " + text(f"cost.{name}", language), *cells)
    return [Text(), Text(head, style="bold"), uncut(grid), *_dim([text("costs.stage_note", language)])]


_USD_TWD: Final = ("USD m", "TWD m")


def _since(data: xr.Dataset, name: str, start: int) -> Array:
    return np.asarray(data[name].sel(period=slice(start, None)).sum("period").values, dtype=float)


def _cells(one: Array, other: Array, rate: Rates, language: Language) -> Iterator[str]:
    """VND billion of both scenarios, the mean extra with its interval, and the extra in the other currencies."""
    extra = other - one
    scale = max(abs(float(other.mean())), abs(float(one.mean()))) / _BILLION
    yield from (count(float(values.mean()) / _BILLION, language, scale) for values in (one, other))
    ends = np.quantile(extra, INTERVAL[::2])
    low, high = (count(float(end) / _BILLION, language, scale, signed=True) for end in ends)
    yield count(float(extra.mean()) / _BILLION, language, scale, signed=True)
    yield text("number.interval", language, low=low, high=high)
    for value in (rate.vnd_per_usd, rate.vnd_per_twd):
        yield count(float(extra.mean()) / value / _MILLION, language, signed=True)


def _person_more(first: xr.Dataset, second: xr.Dataset, language: Language) -> list[RenderableType]:
    """What one person more costs the state, and all payers, or that this is not defined."""
    rows = cost_per_additional(first, second).to_dict("records")
    if not rows:
        return []
    keys = ("costs.by", "costs.vnd_million", "summary.interval")
    grid = _grid(("", *(text(key, language) for key in keys), "USD", "TWD", text("costs.nobody", language)), left=2)
    for place, (row, nobody) in enumerate(zip(rows, _nobody(rows, language), strict=True)):
        if not place or row["cost"] != rows[place - 1]["cost"]:
            grid.add_row(Text(text(f"cost.{row['cost']}", language), style="bold"))
        about = "  " + rung_name(str(row["variable"]), language), edge(float(row["edge"]), language)
        grid.add_row(*map(_plain, (*about, *_each(row, language), nobody)))
    notes = [text("costs.person_note", language)]
    return [Text(), Text(text("summary.cost_title", language), style="bold"), uncut(grid), *_dim(notes)]


def _nobody(rows: Sequence[Mapping[Any, Any]], language: Language) -> list[str]:
    """P(gain <= 0) of each row, in one column."""
    return probabilities([float(row["no_gain"]) for row in rows], language)


def _each(row: Mapping[Any, Any], language: Language) -> tuple[str, ...]:
    """VND million, interval, USD and TWD of a ratio of means, or that it is not defined."""
    estimate, low, high = (float(row[name]) for name in ("estimate", "low", "high"))
    if np.isnan(estimate):
        return (text("costs.undefined", language), "", "", "")
    ends = (count(end / _MILLION, language) if np.isfinite(end) else "\N{INFINITY}" for end in (low, high))
    within = text("number.interval", language, **dict(zip(("low", "high"), ends, strict=True)))
    found = rates()
    others = (count(estimate / value, language) for value in (found.vnd_per_usd, found.vnd_per_twd))
    return (count(estimate / _MILLION, language), within, *others)


def _places(data: xr.Dataset, language: Language) -> list[RenderableType]:
    """What a place costs over its life, and for each engineer who would not be employed without it."""
    keys = ("costs.place", "costs.life_cost", "summary.interval", "costs.engineers", "costs.each_engineer")
    heads = (*(text(key, language) for key in keys), text("summary.interval", language), "USD", "TWD")
    grid = _grid((*heads, text("costs.nobody", language)))
    rows = whole_life(data, HORIZONS[0]).to_dict("records")
    for row, nobody in zip(rows, _nobody(rows, language), strict=True):
        low, cost, high = (count(row[name] / _MILLION, language) for name in ("cost_low", "cost", "cost_high"))
        within = text("number.interval", language, low=low, high=high)
        people = number(row["engineers"], language, 2)
        about = text(f"place.{row['place']}", language), cost, within, people
        grid.add_row(*map(_plain, (*about, *_each(row, language), nobody)))
    title = text("costs.place_title", language, date=edge(HORIZONS[0], language), year=str(PRICE_YEAR))
    return [Text(), Text(title, style="bold"), uncut(grid), *_dim([text("costs.place_note", language)])]


def _words(language: Language) -> list[RenderableType]:
    """Rates, and each number that turns money into people with its evidence or judgment."""
    found = rates()
    said = text(
        "costs.rates",
        language,
        usd=number(found.vnd_per_usd, language),
        twd=number(found.vnd_per_twd, language),
        usd_basis=_basis(found.usd, language),
        twd_basis=_basis(found.twd, language),
    )
    lines = [Text("  " + _plain(_elasticity(parameter, language))) for parameter in money_to_people()]
    return [*_dim([said]), Text(), Text(text("costs.elasticities", language), style="bold"), *lines]


def _elasticity(parameter: Parameter, language: Language) -> str:
    assert parameter.number is not None
    label = parameter.label.en if language == "en" else parameter.label.vi
    value = rounded(parameter.number)
    decimals = 0 if abs(value) >= 100 else 2
    written = number(value, language, decimals)
    if parameter.distribution is not None:
        ends = parameter.distribution.quantile(np.array([0.05, 0.95]))
        low, high = (number(float(min(end, parameter.range[1])), language, decimals) for end in ends)
        written = f"{written} ({text('number.range', language, low=low, high=high)})"
    written = f"{written} {unit_words(parameter.unit, language)}".rstrip()
    return text("costs.elasticity", language, label=label, value=written, basis=_basis(parameter, language))


def _basis(parameter: Parameter, language: Language) -> str:
    """Evidence, judgment, or evidence with a judgment, with the grade."""
    key = "judgment" if parameter.grade == "J" else "both" if parameter.judgment else "evidence"
    return text(f"basis.{key}", language, grade=parameter.grade)


def _grid(heads: Sequence[str], left: int = 1) -> Table:
    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    for place, head in enumerate(heads):
        grid.add_column(head, justify="left" if place < left else "right")
    return grid


def uncut(grid: Table) -> Table:
    """The same table with room for every number: where the terminal is narrow, the columns of words give way."""
    for column in grid.columns:
        column.no_wrap = not any(" " in str(cell) for cell in column.cells)
    return grid


def _dim(lines: Sequence[str]) -> list[RenderableType]:
    return [Text(line, style="dim") for line in lines]


def _plain(words: str) -> str:
    """For terminals whose character set has no minus sign."""
    return words.replace("\N{MINUS SIGN}", "-")

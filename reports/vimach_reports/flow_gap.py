"""F3, the flow gap: when, and in which kind of work, do posts and people who look for them part?

Posts opened a year, those that replace leavers below those of growth, against people who begin to look for chip work.
The second scenario's people and posts are dotted.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from vimach.errors import BadInput
from vimach_reports import plotted, style
from vimach_reports.catalogue import UNBROKEN, Language, count, interval, number, probability, scenario_title, text
from vimach_reports.figure import MARGIN, Drawing, Page, caption, line_height, printed, wrap
from vimach_reports.frame import apart, framed

NAME = "F3_flow_gap"
SINCE = 2022
COLUMNS: Final[Mapping[str, str]] = {
    "panel": "track: the kind of work",
    "label_en": "its English label",
    "label_vi": "its Vietnamese label",
    "rung": "rung of the definition ladder: people who look for work stand beside it",
    "unit": "unit of low, value and high, probability apart; a calendar year's sum",
    "series": "first or second (scenario)",
    "scenario": "name of the scenario",
    "scenario_hash": "its hash",
    "quantity": "supply (people who begin to look), replacement, demand (replacement and growth), gap (supply less "
    "demand), or short (share of runs in which supply is below demand)",
    "period": "calendar year",
    "low": "10 % quantile over runs",
    "value": "mean over runs",
    "high": "90 % quantile over runs",
}
UNITS: Final[Mapping[str, str]] = {
    "period": "year", "low": "column unit", "value": "column unit; of short 1", "high": "column unit",
}  # fmt: skip
_PITCH, _INDENT, _WIDTH, _TALL = 56.0, 11.0, 26.0, 56.0  # mm: panel to panel, axis labels, plot
_LABEL = _PITCH - _INDENT - _WIDTH - 3.0  # mm for words beside the curves
_REPLACEMENT, _GROWTH = style.FIRST_BANDS[2], style.FIRST_BANDS[0]
_DOTS = (0, (1.0, 1.2))
_LOOKS: Final = {  # of the lines: colour, width, dashes
    ("supply", "first"): (style.BLACK, style.THICK, "solid"),
    ("supply", "second"): (style.SECOND, style.THICK, _DOTS),
    ("demand", "second"): (style.FIRST, style.HEAVY, (0, (3.0, 1.0, 1.0, 1.0))),
}


def flow_gap_table(datasets: Sequence[xr.Dataset]) -> pd.DataFrame:
    """What F3 shows (COLUMNS) for one scenario or two."""
    if not 1 <= len(datasets) <= 2:
        raise BadInput(f"the flow gap shows one or two scenarios, not {len(datasets)}")
    for dataset in datasets:
        plotted.needs(dataset, ("people_looking", "posts_opened", "replacement_demand"), NAME)
    since = max(SINCE, _parting(datasets))
    rows: list[dict[str, object]] = []
    for track in datasets[0]["track"].to_numpy():
        for series, dataset in zip(plotted.SERIES, datasets, strict=False):
            found = dataset.sel(track=track, period=dataset["period"] >= SINCE)
            found = found if series == plotted.SERIES[0] else found.sel(period=found["period"] >= since)
            supply = found["people_looking"].transpose("period", "member").to_numpy()
            demand, replacement = (
                found[name].sum("region").transpose("period", "member").to_numpy()
                for name in ("posts_opened", "replacement_demand")
            )
            for quantity, values in (
                ("supply", supply),
                ("replacement", np.minimum(replacement, demand)),
                ("demand", demand),
                ("gap", supply - demand),
                ("short", (supply < demand).astype(float)),
            ):
                for year, each in zip(found["period"].to_numpy(), values, strict=True):
                    rows.append(
                        {
                            "panel": str(track), "label_en": text(f"track.{track}", "en"),
                            "label_vi": text(f"track.{track}", "vi"), "rung": "beside_ladder", "unit": "person",
                            **plotted.scenario(series, dataset), "quantity": quantity, "period": int(year),
                            **plotted.spread(each),
                        }
                    )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _parting(datasets: Sequence[xr.Dataset]) -> int:
    """The last year in which both scenarios have the same posts and people; the last of all if they never part."""
    years = datasets[0]["period"].to_numpy()
    differ = np.zeros(len(years), dtype=bool)
    for name in ("people_looking", "posts_opened"):
        one, other = (each[name].transpose("period", ...).to_numpy() for each in (datasets[0], datasets[-1]))
        differ |= (one != other).reshape(len(years), -1).any(axis=1)
    return int(years[max(0, int(np.argmax(differ)) - 1)] if differ.any() else years[-1])


def draw_flow_gap(datasets: Sequence[xr.Dataset], language: Language, source: str = "") -> Drawing:
    """F3 for one scenario or two; save it with `figure.save`."""
    table = flow_gap_table(datasets)
    year = plotted.years_shown(datasets[0])[-1]
    title = _title(table, year, language)
    titles = [scenario_title(each, language) for each in datasets]
    named = dict(zip(plotted.SERIES, titles, strict=False))
    how = text("gap.key_two" if len(titles) == 2 else "gap.key_one", language, **named)
    with printed():
        heads = {name: _head(rows, year, language) for name, rows in plotted.panels(table)}
        deep = max(map(len, heads.values()))
        above = line_height(style.NORMAL) + deep * line_height(style.SMALL) + 2.5
        page, top = framed(title, how, caption(datasets, language, source), above + _TALL + 5)
        for place, (name, rows) in enumerate(plotted.panels(table)):
            left = MARGIN + place * _PITCH
            below = page.text(left, top, [plotted.label(rows, language)], style.NORMAL, bold=True)
            page.text(left, below, heads[name])
            axes = page.axes(left + _INDENT, top + above, _WIDTH, _TALL)
            _panel(axes, rows, float(datasets[0].attrs["forecast_origin"]), language)
            _labels(page, left + _INDENT + _WIDTH + 1, top + above, axes, rows, titles, language)
    return Drawing(NAME, language, page.figure, table, title, _alt(table, titles[0], year, language))


def _at(rows: pd.DataFrame, quantity: str, year: int, series: str = "first") -> pd.Series:
    return rows[(rows["quantity"] == quantity) & (rows["period"] == year) & (rows["series"] == series)].iloc[0]


def _curve(rows: pd.DataFrame, quantity: str, series: str = "first") -> plotted.Curve:
    found = rows[(rows["quantity"] == quantity) & (rows["series"] == series)]
    return found["period"].to_numpy(np.float64), found["value"].to_numpy(np.float64)


def _title(table: pd.DataFrame, year: int, language: Language) -> str:
    """People to a post in each kind of work: the message."""
    parts = []
    for _, rows in plotted.panels(table):
        supply, demand = (float(_at(rows, name, year)["value"]) for name in ("supply", "demand"))
        if demand >= 1:
            name = plotted.label(rows, language)
            ratio = number(supply / demand, language, 1)
            parts.append(text("gap.of", language, track=name, ratio=ratio).replace(f" {ratio}", f"{UNBROKEN}{ratio}"))
    return text("gap.title", language, year=str(year), ratios="; ".join(parts))


def _head(rows: pd.DataFrame, year: int, language: Language) -> list[str]:
    gap, short = _at(rows, "gap", year), float(_at(rows, "short", year)["value"])
    key = "gap.more" if gap["value"] >= 0 else "gap.fewer"
    spread = interval(float(gap["low"]), float(gap["high"]), language, signed=True)
    more = count(abs(float(gap["value"])), language)
    said = text(key, language, year=str(year), gap=more, interval=spread, p=probability(short, language))
    return wrap(said, _PITCH - 4)


def _panel(axes: Axes, rows: pd.DataFrame, origin: float, language: Language) -> None:
    years, replacement = _curve(rows, "replacement")
    demand = _curve(rows, "demand")[1]
    axes.fill_between(years, replacement, color=_REPLACEMENT, linewidth=0, zorder=2)
    axes.fill_between(years, replacement, demand, color=_GROWTH, linewidth=0, zorder=2)
    for (quantity, series), (colour, width, dashes) in _LOOKS.items():
        axes.plot(*_curve(rows, quantity, series), color=colour, linewidth=width, linestyle=dashes, zorder=4)
    axes.axvline(origin - 0.5, color=style.GREY, linewidth=style.THIN, linestyle=(0, (1, 2)), zorder=3)
    drawn = rows[rows["quantity"].isin(["supply", "demand"])]
    axes.set_xlim(float(years[0]), float(years[-1]))
    axes.set_ylim(0, 1.08 * max(float(drawn["value"].max()), 1.0))
    axes.set_xticks([year for year in (2025, 2030, 2035) if years[0] <= year <= years[-1]])
    axes.set_xticks(years, minor=True)
    axes.tick_params(axis="x", which="minor", length=1.2, width=style.THIN, color=style.FAINT)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10], integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: number(value, language))


def _labels(
    page: Page, left: float, top: float, axes: Axes, rows: pd.DataFrame, titles: Sequence[str], language: Language
) -> None:
    """What each line and area is, beside its right end."""
    highest = axes.get_ylim()[1]
    ends = {name: float(_curve(rows, name)[1][-1]) for name in ("replacement", "demand", "supply")}
    wanted = [
        (ends["replacement"] / 2, text("gap.replacement", language), style.FIRST_MEDIAN),
        ((ends["replacement"] + ends["demand"]) / 2, text("gap.growth", language), style.FIRST),
        (ends["supply"], text("gap.supply", language), style.BLACK),
    ]
    for title in titles[1:]:
        for quantity in ("supply", "demand"):
            last = float(_curve(rows, quantity, "second")[1][-1])
            words = text(f"gap.{quantity}_second", language, title=title)
            wanted.append((last, words, _LOOKS[quantity, "second"][0]))
    lines = [wrap(words, _LABEL) for _, words, _ in wanted]
    heights = [len(each) * line_height(style.SMALL) + 0.7 for each in lines]
    middles = [top + _TALL * (1 - value / highest) for value, _, _ in wanted]
    places = apart(middles, heights, top - 2, top + _TALL + 1)
    for (_, _, colour), each, place in zip(wanted, lines, places, strict=True):
        page.text(left, place, each, colour=colour)


def _alt(table: pd.DataFrame, title: str, year: int, language: Language) -> str:
    sentences = [text("gap.alt_title", language, title=title)]
    for _, rows in plotted.panels(table):
        supply, demand, short = (float(_at(rows, name, year)["value"]) for name in ("supply", "demand", "short"))
        sentences.append(
            text(
                "gap.alt", language, track=plotted.label(rows, language), year=str(year),
                supply=count(supply, language), demand=count(demand, language), p=probability(short, language),
            )
        )  # fmt: skip
    return " ".join(sentences)

"""F11, the hindcast strip: what was forecast from each vintage, and what was counted later.

One panel for each count that came out; along it the days from which it was forecast, with the model's median and 50 and
80 % intervals, the best benchmark beside it, and a line at the count.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from vimach_reports import style
from vimach_reports.catalogue import Language, count, entries, month, number, percent, text
from vimach_reports.figure import MARGIN, PLACES, Drawing, Page, balance, caption, line_height, printed, wrap

NAME: Final = "F11_hindcast"
SHOWN: Final = ("employed_design", "design_firms_active", "employed_atp")
MODEL, BENCHMARK = "model", "last value"
"""The only benchmark that the real counts are ever enough for, and so the one that is drawn."""
COLUMNS: Final[Mapping[str, str]] = {
    "panel": "the count that was forecast: series, scope and moment",
    "series": "its series",
    "scope": "its scope",
    "time": "its moment, in decimal years",
    "unit": "unit of the numbers",
    "origin": "day up to which rows were known",
    "forecaster": "the model or the benchmark",
    "observed": "the count",
    "median": "median of the forecast",
    "q10": "10 % quantile",
    "q25": "25 % quantile",
    "q75": "75 % quantile",
    "q90": "90 % quantile",
    "percentage": "absolute error of the median in percent",
    "covered80": "whether the 80 % interval holds the count",
}
_ACROSS: Final = 3
_PITCH, _WIDTH, _INDENT, _TALL = 56.5, 41.0, 12.0, 34.0  # mm
_ASIDE: Final = 0.3  # how far right of the model the benchmark stands, in places of the axis


def hindcast_table(forecasts: pd.DataFrame) -> pd.DataFrame:
    """What F11 shows (COLUMNS): forecasts of the components' real counts with levers as they happened.

    `forecasts` comes from a backtest; benchmarks that could not be fitted are left out.
    """
    rows = forecasts[
        (forecasts["panel"] == "real") & (forecasts["levers"] == "as they happened")
        & forecasts["series"].isin(SHOWN) & forecasts["forecaster"].isin([MODEL, BENCHMARK])
        & (forecasts["not_estimable"] == "")
    ]  # fmt: skip
    moments = rows["time"].map("{:.2f}".format)
    rows = rows.assign(panel=(rows["series"] + " " + rows["scope"]).str.strip() + " " + moments)
    order = {name: place for place, name in enumerate(SHOWN)}
    rows = rows.assign(place=rows["series"].map(order)).sort_values(["place", "time", "scope", "origin"], kind="stable")
    return rows[list(COLUMNS)].reset_index(drop=True)


def draw_hindcast(forecasts: pd.DataFrame, about: Mapping[str, Any], language: Language) -> Drawing:
    """F11; `about` holds the attributes of the run. Save it with `figure.save`."""
    table = hindcast_table(forecasts)
    model = table[table["forecaster"] == MODEL]
    said = {
        "held": str(int(model["covered80"].astype(bool).sum())), "n": str(len(model)),
        "counts": str(model["panel"].nunique()),
        "error": percent(float(model["percentage"].astype(float).mean()) / 100, language, 1),
    }  # fmt: skip
    title = text("hindcast.title", language, **said)
    small_print = f"{caption([xr.Dataset(attrs=dict(about))], language)} {text('hindcast.not_blind', language)}"
    with printed():
        page = _page(table, title, small_print, language)
    return Drawing(NAME, language, page.figure, table, title, _alt(table, title, language))


def series_label(series: str, scope: str, language: Language) -> str:
    """The printed name of an observed series; its own where the catalogue has none."""
    key = f"series.{series}{'.' if scope else ''}{scope}"
    return text(key, language) if key in entries() else f"{series} {scope}".strip()


def _page(table: pd.DataFrame, title: str, small_print: str, language: Language) -> Page:
    room = style.FULL_WIDTH - 2 * MARGIN
    head = balance(title, room, style.LARGE, "bold")
    how, foot = wrap(text("hindcast.key", language), room), wrap(small_print, room)
    parts = list(table.groupby("panel", sort=False))
    heads = [_head(rows, language) for _, rows in parts]
    small = line_height(style.SMALL)
    deepest = max((len(lines) for lines in heads), default=0)
    lines = -(-len(parts) // _ACROSS)
    top = MARGIN + len(head) * line_height(style.LARGE) + len(how) * small + 3
    each = deepest * small + 1.5 + _TALL + 15.5
    page = Page(style.FULL_WIDTH, top + lines * each + len(foot) * small + MARGIN)
    below = page.text(MARGIN, MARGIN, head, style.LARGE, bold=True)
    page.text(MARGIN, below + 0.5, how, colour=style.GREY)
    page.text(MARGIN, page.height - MARGIN - len(foot) * small, foot, colour=style.GREY)
    for place, ((_, rows), words) in enumerate(zip(parts, heads, strict=True)):
        line, column = divmod(place, _ACROSS)
        left, above = MARGIN + column * _PITCH, top + line * each
        under = page.text(left, above, words[:-1], bold=True)
        page.text(left, under, words[-1:], colour=style.GREY)
        _panel(page.axes(left + _INDENT, above + deepest * small + 1.5, _WIDTH, _TALL), rows, language)
    return page


def _head(rows: pd.DataFrame, language: Language) -> list[str]:
    first = rows.iloc[0]
    name = series_label(str(first["series"]), str(first["scope"]), language)
    observed = text(
        "hindcast.count", language, month=month(float(first["time"]), language),
        count=count(float(first["observed"]), language), unit=text(f"unit.{first['unit']}", language),
    )  # fmt: skip
    return [*wrap(name, _PITCH - 3, style.SMALL, "bold"), observed]


def _panel(axes: Axes, rows: pd.DataFrame, language: Language) -> None:
    origins = sorted(set(rows["origin"]))
    places = {origin: place for place, origin in enumerate(origins)}
    for forecaster, aside in ((MODEL, 0.0), (BENCHMARK, _ASIDE)):
        part = rows[rows["forecaster"] == forecaster]
        across = part["origin"].map(places).to_numpy(np.float64) + aside
        ends = {name: part[name].to_numpy(np.float64) for name in ("q10", "q25", "median", "q75", "q90")}
        if forecaster == MODEL:
            axes.vlines(across, ends["q10"], ends["q90"], color=style.FIRST_BANDS[1], linewidth=5, zorder=2)
            axes.vlines(across, ends["q25"], ends["q75"], color=style.FIRST_BANDS[2], linewidth=5, zorder=3)
            look = {"marker": "o", "markersize": 3.5, "markerfacecolor": "white", "markeredgecolor": style.FIRST_MEDIAN}
        else:
            axes.vlines(across, ends["q10"], ends["q90"], color=style.SECOND, linewidth=style.MEDIUM, zorder=2)
            look = {"marker": "D", "markersize": 3, "markerfacecolor": "white", "markeredgecolor": style.SECOND}
        axes.plot(across, ends["median"], linestyle="none", markeredgewidth=style.MEDIUM, zorder=5, **look)  # type: ignore[arg-type]
    observed = float(rows["observed"].iloc[0])
    axes.axhline(observed, color=style.BLACK, linewidth=style.HEAVY, linestyle=style.SECOND_DASHES, zorder=4)
    highest = max(observed, float(rows.loc[rows["forecaster"] == MODEL, "q90"].max()))
    axes.set_ylim(0, 1.45 * highest)  # a benchmark on two points may reach far beyond: it is cut
    axes.set_xlim(-0.6, len(origins) - 0.1)
    axes.xaxis.set_gid(PLACES)
    axes.set_xticks(range(len(origins)), [_short(origin, language) for origin in origins], rotation=90)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, min_n_ticks=2, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(lambda value, _: number(value, language))


def _short(origin: str, language: Language) -> str:
    """Day of an origin without its century: 23-10-28, 28/10/23."""
    year, month_, day = origin[2:4], origin[5:7], origin[8:]
    return f"{day}/{month_}/{year}" if language == "vi" else f"{year}-{month_}-{day}"


def _alt(table: pd.DataFrame, title: str, language: Language) -> str:
    sentences = [title]
    for _, rows in table[table["forecaster"] == MODEL].groupby("panel", sort=False):
        last = rows.iloc[-1]
        words = {
            "panel": series_label(str(last["series"]), str(last["scope"]), language),
            "month": month(float(last["time"]), language),
            "count": count(float(last["observed"]), language),
            "median": count(float(last["median"]), language),
            "n": str(len(rows)),
        }
        sentences.append(text("hindcast.alt", language, **words))
    return " ".join(sentences)

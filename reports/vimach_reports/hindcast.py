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
from vimach_reports.figure import MARGIN, PLACES, Drawing, Page, caption, line_height, printed, wrap
from vimach_reports.frame import framed, spare

NAME: Final = "F11_hindcast"
RUNGS: Final[Mapping[str, str]] = {
    "employed_design": "employed_in_sector", "employed_atp": "employed_in_sector",
    "enrolled_dedicated": "enrolled_dedicated", "effective_chip_graduates": "beside_ladder",
}  # fmt: skip
"""The rung of the definition ladder that each series of people stands on."""
MODEL, BENCHMARK = "model", "last value"
"""The only benchmark that the real counts are ever enough for, and so the one that is drawn."""
COLUMNS: Final[Mapping[str, str]] = {
    "panel": "the count that was forecast: series, scope and moment",
    "series": "its series",
    "scope": "its scope",
    "rung": "rung of the definition ladder; empty for what is no headcount",
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
UNITS: Final[Mapping[str, str]] = {
    "time": "decimal year", "percentage": "%",
    **dict.fromkeys(("observed", "median", "q10", "q25", "q75", "q90"), "column unit"),
}  # fmt: skip
_ACROSS: Final = 3
_PITCH, _WIDTH, _INDENT, _TALL = 56.5, 41.0, 12.0, (16.0, 34.0)  # mm: panel to panel, width, indent, heights of a plot
_BELOW = 17.0  # mm for the days
_NAMED: Final = 3  # counts named as missed
_ASIDE: Final = 0.3  # how far right of the model the benchmark stands, in places of the axis


def hindcast_table(forecasts: pd.DataFrame) -> pd.DataFrame:
    """What F11 shows (COLUMNS): forecasts of every real count with levers as they happened, series by series.

    `forecasts` comes from a backtest; benchmarks that could not be fitted are left out, counts never.
    """
    rows = forecasts[
        (forecasts["panel"] == "real") & (forecasts["levers"] == "as they happened")
        & forecasts["forecaster"].isin([MODEL, BENCHMARK]) & (forecasts["not_estimable"] == "")
    ]  # fmt: skip
    moments = rows["time"].map("{:.2f}".format)
    rows = rows.assign(panel=(rows["series"] + " " + rows["scope"]).str.strip() + " " + moments)
    order = {name: place for place, name in enumerate(dict.fromkeys(rows["series"]))}
    rows = rows.assign(place=rows["series"].map(order), rung=rows["series"].map(RUNGS).fillna(""))
    rows = rows.sort_values(["place", "time", "scope", "origin"], kind="stable")
    return rows[list(COLUMNS)].reset_index(drop=True)


def draw_hindcast(forecasts: pd.DataFrame, about: Mapping[str, Any], language: Language) -> Drawing:
    """F11; `about` holds the attributes of the run. Save it with `figure.save`."""
    table = hindcast_table(forecasts)
    model = table[table["forecaster"] == MODEL]
    title = _title(model, language)
    error = percent(float(model["percentage"].astype(float).mean()) / 100, language, 1)
    how = text("hindcast.key", language, error=error)
    small_print = f"{caption([xr.Dataset(attrs=dict(about))], language)} {text('hindcast.not_blind', language)}"
    with printed():
        page = _page(table, title, how, small_print, language)
    return Drawing(NAME, language, page.figure, table, title, _alt(table, title, language))


def _title(model: pd.DataFrame, language: Language) -> str:
    """How many counts the interval held, and by name those that it missed most often: the message."""
    held = model["covered80"].astype(bool)
    words = {"held": str(int(held.sum())), "n": str(len(model)), "counts": str(model["panel"].nunique())}
    missed = model[~held].groupby("panel", sort=False).size().sort_values(ascending=False, kind="stable")
    if missed.empty:
        return text("hindcast.title", language, **words)
    parts = []
    for panel, times in missed.head(_NAMED).items():
        rows = model[model["panel"] == panel]
        name = series_label(str(rows["series"].iloc[0]), str(rows["scope"].iloc[0]), language)
        words |= {"series": name[0].lower() + name[1:], "times": str(times), "of": str(len(rows))}
        parts.append(text("hindcast.missed", language, **words))
    if len(missed) > _NAMED:
        parts.append(text("hindcast.missed_more", language, number=str(len(missed) - _NAMED)))
    return text("hindcast.title_missed", language, **words, missed="; ".join(parts))


def series_label(series: str, scope: str, language: Language) -> str:
    """The printed name of an observed series; its own where the catalogue has none."""
    key = f"series.{series}{'.' if scope else ''}{scope}"
    return text(key, language) if key in entries() else f"{series} {scope}".strip()


def _page(table: pd.DataFrame, title: str, how: str, small_print: str, language: Language) -> Page:
    parts = [rows for _, rows in table.groupby("panel", sort=False)]
    heads = [_head(rows, language) for rows in parts]
    small = line_height(style.SMALL)
    deep = [max(len(b) + len(p) for b, p in heads[at : at + _ACROSS]) for at in range(0, len(heads), _ACROSS)]
    fixed = [lines * small + 1.5 + _BELOW for lines in deep]
    room = spare(title, how, small_print) - sum(fixed)
    tall = float(np.clip(room / max(len(fixed), 1), *_TALL))
    steps = [each + tall for each in fixed]
    page, top = framed(title, how, small_print, sum(steps))
    for place, (rows, (bold, plain)) in enumerate(zip(parts, heads, strict=True)):
        line, column = divmod(place, _ACROSS)
        left, above = MARGIN + column * _PITCH, top + sum(steps[:line])
        page.text(left, page.text(left, above, bold, bold=True), plain, colour=style.GREY)
        _panel(page.axes(left + _INDENT, above + deep[line] * small + 1.5, _WIDTH, tall), rows, language)
    return page


def _head(rows: pd.DataFrame, language: Language) -> tuple[list[str], list[str]]:
    """Lines above a panel: the series; its count, and in how many of the forecasts the interval held it."""
    first, model = rows.iloc[0], rows[rows["forecaster"] == MODEL]
    name = series_label(str(first["series"]), str(first["scope"]), language)
    observed = text(
        "hindcast.count", language, month=month(float(first["time"]), language), count=_counted(first, language),
        held=str(int(model["covered80"].astype(bool).sum())), n=str(len(model)),
    )  # fmt: skip
    return wrap(name, _PITCH - 3, style.SMALL, "bold"), wrap(observed, _PITCH - 3)


def _counted(row: "pd.Series[Any]", language: Language) -> str:
    """The count with its unit; a share as a percentage."""
    if row["unit"] == "1":
        return percent(float(row["observed"]), language)
    return f"{count(float(row['observed']), language)} {text('unit.' + str(row['unit']), language)}"


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
    write = percent if rows["unit"].iloc[0] == "1" else number
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, min_n_ticks=2, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(lambda value, _: write(value, language))


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
            "count": _counted(last, language),
            "median": percent(float(last["median"]), language)
            if last["unit"] == "1"
            else count(float(last["median"]), language),
            "n": str(len(rows)),
            "held": str(int(rows["covered80"].astype(bool).sum())),
        }
        sentences.append(text("hindcast.alt", language, **words))
    return " ".join(sentences)

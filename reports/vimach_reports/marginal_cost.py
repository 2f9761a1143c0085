"""F8, the marginal cost curve: what do the next 1,000 people cost, lever by lever, and where does a lever saturate?

One small chart for each lever, the cheapest first, on one scale of cost, with a curve for each of two dates. Levers
whose own cost nobody has stated come after those: what they cause elsewhere is no rank of theirs.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from vimach.errors import BadInput
from vimach_reports import plotted, style
from vimach_reports.catalogue import Language, count, edge, number, percent, rung_name, text
from vimach_reports.figure import MARGIN, Drawing, caption, line_height, printed, wrap
from vimach_reports.frame import ROOM, framed, spare

NAME = "F8_marginal_cost"
VARIABLE = "employed_in_sector"
COSTS: Final = ("cost_to_the_state", "programme_cost", "cost_to_the_economy")
"""The first of these that the table charges is shown."""
MOST: Final = 12
"""Levers that fit on a page."""
FEW: Final = 100.0
"""People more, at the most, below whom a lever is named without a curve: a price of 1,000 says nothing there."""
PRICED = 1000.0
"""People whose price is told; a lever that brings fewer at the last date says how many."""
COLUMNS: Final[Mapping[str, str]] = {
    "panel": "name of the lever",
    "label_en": "its English label",
    "label_vi": "its Vietnamese label",
    "own_cost": "1 where a unit of the lever has a cost, 0 where only what it causes elsewhere is charged",
    "rung": "rung of the definition ladder that people stand on",
    "unit": "unit of people",
    "edge": "date as an edge: 2036.0 is the end of 2035",
    "cost": "who pays: cost_to_the_state, programme_cost, or cost_to_the_economy (everybody)",
    "dose": "share of the way from the base setting to the most that the lever's range allows",
    "setting": "setting of the lever",
    "setting_unit": "its unit",
    "people": "people more at the edge, mean over runs",
    "low": "VND billion per 1,000 people from here to the next dose: 10 % quantile over runs",
    "value": "median over runs; empty where half of them gain nobody more",
    "high": "90 % quantile; inf where runs gain nobody",
    "low_usd": "low in USD million",
    "value_usd": "value in USD million",
    "high_usd": "high in USD million",
    "drawn": "1 for levers with a curve at this edge, 0 for those that bring too few people or do not fit on the page",
    "saturation": "people more at the saturation point; empty if there is none within the range",
    "price_year": "prices of this year",
    "discount_rate": "costs are discounted at this rate a year",
    "vnd_per_usd": "exchange rate",
    "scenario": "name of the scenario",
    "scenario_hash": "its hash",
}
UNITS: Final[Mapping[str, str]] = {
    "own_cost": "1", "edge": "decimal year", "dose": "1", "setting": "column setting_unit", "people": "column unit",
    **dict.fromkeys(("low", "value", "high"), "VND billion per 1,000 persons"),
    **dict.fromkeys(("low_usd", "value_usd", "high_usd"), "USD million per 1,000 persons"),
    "drawn": "1", "saturation": "column unit", "price_year": "year", "discount_rate": "1/year",
    "vnd_per_usd": "VND/USD",
}  # fmt: skip
_ACROSS: Final = 3
_PITCH, _WIDTH, _INDENT, _TALL = 56.5, 38.0, 14.5, (12.0, 24.0)  # mm: panel to panel, width, indent, heights of a plot
_BELOW = 8.5  # mm
_LABELLED = 0.93  # part of the axis that bears labels: one further right would stick out of the page


def marginal_cost_table(costs: pd.DataFrame, dataset: xr.Dataset) -> pd.DataFrame:
    """What F8 shows (COLUMNS): the state's cost of engineers at work at both dates, cheapest lever at the later first.

    Levers without a cost of their own come after the others; those that bring FEW people by the last date, and those
    beyond MOST, come last, without a curve.
    """
    people = costs[costs["variable"] == VARIABLE]
    charged = [cost for cost in COSTS if (people["cost"] == cost).any()]
    if not charged:
        raise BadInput(f"the marginal costs hold no cost of {VARIABLE}")
    found = people[people["cost"] == charged[0]].sort_values(["lever", "edge", "dose"], kind="stable")
    levers = found[found["edge"] == found["edge"].max()].groupby("lever", sort=False)
    first = levers["next_1000"].first().sort_values(kind="stable", na_position="last")
    own = levers["own_cost"].first()[first.index].astype(bool)
    first = pd.concat([first[own], first[~own]])
    enough = levers["engineers"].max()[first.index] >= FEW
    order = [*first.index[enough], *first.index[~enough]]
    rows = pd.concat([found[found["lever"] == lever] for lever in order], ignore_index=True)
    most = rows.groupby(["lever", "edge"])["engineers"].transform("max")
    drawn = (rows["lever"].isin(first.index[enough][:MOST]) & (most >= FEW)).astype(int)
    scaled = {name: rows[f"next_1000{end}"] / 1e9 for name, end in (("low", "_low"), ("value", ""), ("high", "_high"))}
    scaled |= {f"{name}_usd": rows[f"next_1000_usd{end}"] / 1e6
               for name, end in (("low", "_low"), ("value", ""), ("high", "_high"))}  # fmt: skip
    scaled |= {"panel": rows["lever"], "rung": rows["variable"], "people": rows["engineers"], "drawn": drawn}
    scaled |= {"own_cost": rows["own_cost"].astype(int)}
    about = {name: str(dataset.attrs[name]) for name in ("scenario", "scenario_hash")}
    about |= {name: costs.attrs[name] for name in ("price_year", "discount_rate", "vnd_per_usd")}
    shown = rows.assign(**scaled, **about)
    return pd.DataFrame(shown, columns=list(COLUMNS))


def draw_marginal_cost(
    costs: pd.DataFrame, datasets: Sequence[xr.Dataset], language: Language, source: str = ""
) -> Drawing:
    """F8 of levers pulled one by one upon the first scenario; save it with `figure.save`."""
    table = marginal_cost_table(costs, datasets[0])
    panels, left_out = _panels(table)
    foot = _foot(left_out, language)
    title = _title(_last(panels[0][1]) if panels else table.iloc[:0], _last(table), language)
    heads = [_head(rows, language) for _, rows in panels]
    small = line_height(style.SMALL)
    deep = [max(len(b) + len(n) for b, n in heads[at : at + _ACROSS]) for at in range(0, len(heads), _ACROSS)]
    limits, how = _limits(table), _key(costs, table, language)
    small_print = caption(datasets[:1], language, source, members=int(costs.attrs.get("members", 0)))
    fixed = [lines * small + 1.5 + _BELOW for lines in deep]
    room = spare(title, how, small_print) - sum(fixed) - len(foot) * small
    tall = float(np.clip(room / max(len(fixed), 1), *_TALL))
    steps = [each + tall for each in fixed]
    with printed():
        page, top = framed(title, how, small_print, sum(steps) + len(foot) * small)
        page.text(MARGIN, top + sum(steps), foot, colour=style.GREY)
        for place, ((_, rows), (bold, plain)) in enumerate(zip(panels, heads, strict=True)):
            line, column = divmod(place, _ACROSS)
            left, above = MARGIN + column * _PITCH, top + sum(steps[:line])
            page.text(left, page.text(left, above, bold, bold=True), plain)
            axes = page.axes(left + _INDENT, above + deep[line] * small + 1.5, _WIDTH, tall)
            _curves(axes, rows, limits, language)
    return Drawing(NAME, language, page.figure, table, title, _alt(table, language))


def _panels(table: pd.DataFrame) -> tuple[list[tuple[str, pd.DataFrame]], pd.DataFrame]:
    """The levers that have a curve, with all their rows, and the rows of the others."""
    shown = table["panel"].isin(table.loc[table["drawn"] == 1, "panel"])
    return plotted.panels(table[shown]), table[~shown]


def _last(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last date."""
    last: pd.DataFrame = rows[rows["edge"] == rows["edge"].max()]
    return last


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    """Ends of the scale of cost, VND billion: powers of ten around every step that is drawn, and around no end of an
    interval more than ten times away."""
    table = table[table["drawn"] == 1]
    values = table["value"].dropna()
    values = values[values > 0]
    if values.empty:
        return 1.0, 10.0
    low = max(float(table["low"].where(table["low"] > 0).min()), values.min() / 10)
    high = min(float(table["high"].where(np.isfinite(table["high"])).max()), values.max() * 10)
    return 10.0 ** np.floor(np.log10(low)), 10.0 ** np.ceil(np.log10(max(high, values.max())))


def _curves(axes: Axes, rows: pd.DataFrame, limits: tuple[float, float], language: Language) -> None:
    """The last date as a line in its band, an earlier one dashed: steps, each from its row's people to the next's."""
    axes.set_yscale("log")
    axes.set_ylim(*limits)
    axes.set_xlim(0, float(rows["people"].max()))
    last = float(rows["edge"].max())
    for _, part in rows[rows["drawn"] == 1].groupby("edge"):
        known = part[part["value"].notna() & (part["value"] > 0)]
        ends = part["people"].shift(-1)[known.index].to_numpy()
        points = np.stack([known["people"].to_numpy(), ends], axis=1).ravel()
        heights = np.repeat(known["value"].to_numpy(), 2)
        if float(part["edge"].iloc[0]) < last:
            axes.plot(points, heights, color=style.SECOND, linewidth=style.HEAVY, linestyle=style.SECOND_DASHES,
                      zorder=4)  # fmt: skip
            continue
        for row, end in zip(known.to_dict("records"), ends, strict=True):
            low, high = (min(max(row[name], limits[0]), limits[1]) for name in ("low", "high"))
            axes.fill_between([row["people"], end], low, high, color=style.FIRST_BANDS[0], linewidth=0, zorder=2)
        axes.plot(points, heights, color=style.FIRST_MEDIAN, linewidth=style.THICK, zorder=3)
        saturation = float(part["saturation"].iloc[0])
        if len(known) and np.isfinite(saturation):
            axes.axvline(saturation, color=style.BLACK, linewidth=style.MEDIUM, linestyle=style.SECOND_LIMITS, zorder=5)
        if not len(known):
            axes.text(0.5, 0.5, text("marginal.free", language), transform=axes.transAxes, ha="center", va="center")
    axes.yaxis.set_major_locator(LogLocator(10, numticks=5))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda value, _: number(value, language, 0 if value >= 1 else 1))
    ticks = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10], integer=True).tick_values(*axes.get_xlim())
    axes.set_xticks([tick for tick in ticks if tick <= _LABELLED * axes.get_xlim()[1]])
    axes.xaxis.set_major_formatter(lambda value, _: number(value, language))


def _head(rows: pd.DataFrame, language: Language) -> tuple[list[str], list[str]]:
    """Lines above a panel: the lever; at each date the price of its first step in VND and USD; how far it goes."""
    room = _PITCH - 3
    bold = wrap(str(rows[f"label_{language}"].iloc[0]), room, style.SMALL, "bold")
    own = [] if rows["own_cost"].iloc[0] else wrap(text("marginal.no_own_cost", language), room)
    if not _last(rows)["value"].iloc[0] > 0:
        return bold, own
    plain = [line for _, part in rows.groupby("edge") for line in wrap(_at_first(part, language), room)]
    saturation = float(_last(rows)["saturation"].iloc[0])
    end = (
        text("marginal.saturates", language, people=count(saturation, language))
        if np.isfinite(saturation)
        else text("marginal.open", language)
    )
    most = float(_last(rows)["people"].max())
    under = text("marginal.under", language, people=count(most, language)) if most < PRICED else ""
    return bold, own + plain + wrap("; ".join(filter(None, (under, end))), room)


def _at_first(rows: pd.DataFrame, language: Language) -> str:
    """The price per 1,000 of the first step at a date, in both currencies, each with its interval."""
    first = rows.iloc[0]
    date = edge(float(first["edge"]), language)
    if not first["drawn"]:
        return text("marginal.too_few", language, date=date, few=number(FEW, language))
    if not first["value"] > 0:
        return text("marginal.free_at", language, date=date)
    return text("marginal.at_first", language, date=date, **_amounts(first, language))


def _amounts(first: "pd.Series[Any]", language: Language) -> dict[str, str]:
    """A price in VND billion and USD million, each beside its interval, as the catalogue names them."""
    amounts = {}
    for name, unit in (("vnd", ""), ("usd", "_usd")):
        low, value, high = (float(first[f"{end}{unit}"]) for end in ("low", "value", "high"))
        decimals = 0 if value >= 10 else 1 if value >= 1 else 2
        ends = {"low": number(low, language, decimals), "high": number(high, language, decimals)}
        amounts[name] = number(value, language, decimals)
        amounts[f"{name}_within"] = text(
            "number.interval" if np.isfinite(high) else "marginal.unbounded", language, **ends
        )
    return amounts


def _key(costs: pd.DataFrame, table: pd.DataFrame, language: Language) -> str:
    attrs, head = costs.attrs, table.iloc[0]
    first, last = (edge(float(end), language) for end in (table["edge"].min(), table["edge"].max()))
    dates = text("marginal.dates" if first != last else "marginal.date", language, first=first, last=last)
    return text(
        "marginal.key", language, cost=text(f"cost.{head['cost']}", language), dates=dates,
        rung=rung_name(str(head["rung"]), language), price_year=str(attrs["price_year"]),
        rate=percent(float(attrs["discount_rate"]), language), rate_usd=number(float(attrs["vnd_per_usd"]), language),
    )  # fmt: skip


def _foot(rows: pd.DataFrame, language: Language) -> list[str]:
    if rows.empty:
        return []
    levers = "; ".join(dict.fromkeys(rows[f"label_{language}"]))
    return wrap(text("marginal.few", language, few=number(FEW, language), levers=levers), ROOM)


def _title(drawn: pd.DataFrame, rows: pd.DataFrame, language: Language) -> str:
    """The lever whose first step costs least per person: the message."""
    first = (rows if drawn.empty else drawn).iloc[0]
    words = {"rung": rung_name(str(first["rung"]), language), "date": edge(float(first["edge"]), language)}
    if drawn.empty:
        return text("marginal.title_none", language, **words)
    if not first["own_cost"]:
        return text("marginal.title_no_own_cost", language, **words)
    if not first["value"] > 0:
        return text("marginal.title_free", language, **words, label=str(first[f"label_{language}"]))
    return text("marginal.title", language, **words, label=str(first[f"label_{language}"]), **_amounts(first, language))


def _alt(table: pd.DataFrame, language: Language) -> str:
    sentences = [text("marginal.alt_title", language)]
    panels, left_out = _panels(table)
    for _, rows in panels:
        bold, plain = _head(rows, language)
        said = " ".join(plain) or text("marginal.free", language)
        sentences.append(f"{' '.join(bold)}: {said}.")
    return " ".join([*sentences, *_foot(left_out, language)])

"""F2, the waterfall: what closes the gap between two scenarios, decision by decision?

Each bar begins where the one above ends: a group of levers adds its Shapley value, exactly, so that the bars end at the
difference of the scenarios. What is decided here stands above what others decide.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from vimach.analysis.attribution import MOST_GROUPS
from vimach.errors import BadInput
from vimach_reports import plotted, style
from vimach_reports.catalogue import Language, count, count_within, edge, interval, rung_name, scenario_title, text
from vimach_reports.figure import MARGIN, Drawing, Page, caption, line_height, printed, wrap
from vimach_reports.frame import framed, spare

NAME = "F2_waterfall"
TARGETS: Final = ("trained_by_2030", "employed_by_2030")
COLUMNS: Final[Mapping[str, str]] = {
    "panel": "target and edge",
    "target": "name of the target whose variable is shown",
    "rung": "rung of the definition ladder; empty for what is no headcount",
    "unit": "unit of the numbers",
    "edge": "date as an edge: 2031.0 is the end of 2030",
    "kind": "base (first scenario), group (of levers), difference, or other (second scenario)",
    "group": "name of the group",
    "label_en": "its English label",
    "label_vi": "its Vietnamese label",
    "block": "ours (decided here) or others (decided by others, or by nobody)",
    "levers": "the levers of the group",
    "low": "10 % quantile over runs",
    "value": "mean over runs; base and groups add up to other",
    "high": "90 % quantile over runs",
    "start": "where the bar begins: the sum of the groups above it",
    "end": "where it ends",
    "scenario": "names of both scenarios",
    "scenario_hash": "their hashes",
}
UNITS: Final[Mapping[str, str]] = {
    "edge": "decimal year", **dict.fromkeys(("low", "value", "high", "start", "end"), "column unit"),
}  # fmt: skip
_LABELS, _BAR, _GAP = 43.5, 22.0, 2.0  # mm: names of groups, width of the bars of a panel, between panels
_WORDS = (style.FULL_WIDTH - 2 * MARGIN - _LABELS) / 2 - _BAR - _GAP
_HEAD = line_height(style.NORMAL) + line_height(style.SMALL) + 1.0  # mm for the names of a target and its dates
_COLOURS: Final = {"ours": style.FIRST_BANDS[2], "others": style.FIRST_BANDS[0], "": style.FIRST_MEDIAN}


def waterfall_table(
    attribution: pd.DataFrame, datasets: Sequence[xr.Dataset], targets: Sequence[str] = TARGETS
) -> pd.DataFrame:
    """What F2 shows (COLUMNS): rows of the attribution of `targets` (those that it has; else its first), with bars."""
    values = attribution[attribution["measure"] == "value"]
    if values.empty:
        raise BadInput("the attribution holds no values, so there is no waterfall")
    found = [name for name in targets if (values["target"] == name).any()] or [str(values["target"].iloc[0])]
    both = {name: " - ".join(str(each.attrs[name]) for each in reversed(datasets)) for name in _RUN}
    parts = []
    for target in found:
        for time, rows in values[values["target"] == target].groupby("edge"):
            groups = rows["kind"] == "group"
            end = rows["value"].where(groups, 0).cumsum().where(groups | (rows["kind"] == "difference"))
            start = (end - rows["value"]).where(groups, 0.0).where(end.notna())
            parts.append(rows.assign(panel=f"{target} {time:g}", start=start, end=end, **both))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


_RUN = ("scenario", "scenario_hash")


def draw_waterfall(
    attribution: pd.DataFrame, datasets: Sequence[xr.Dataset], language: Language, source: str = ""
) -> Drawing:
    """F2 of the attribution of the second scenario's gain over the first; save it with `figure.save`."""
    names = dict(zip(plotted.SERIES, (scenario_title(each, language) for each in datasets), strict=True))
    members = int(attribution.attrs.get("members", 0))
    how = text("waterfall.key", language, **names)
    most = int(attribution.attrs.get("most_groups", MOST_GROUPS))
    if most < MOST_GROUPS:
        how += " " + text("waterfall.few", language, most=str(most))
    for targets in (TARGETS, TARGETS[:1]):  # with many groups only the first fits
        table = waterfall_table(attribution, datasets, targets)
        title = _title(table, names, language)
        blocks = [rows for _, rows in table.groupby("target", sort=False)]
        lines = [_lines(rows, language) for rows in blocks]
        talls = [_HEAD + sum(height for *_, height in each) + 3.0 for each in lines]
        trained = bool((table["rung"] == "trained_cumulative").any())
        small_print = caption(datasets, language, source, trained, members)
        if sum(talls) - 3.0 <= spare(title, how, small_print):
            break
    with printed():
        page, top = framed(title, how, small_print, sum(talls) - 3.0)
        for rows, each, tall in zip(blocks, lines, talls, strict=True):
            _block(page, top, rows, each, language)
            top += tall
    return Drawing(NAME, language, page.figure, table, title, _alt(table, names, language))


def _lines(rows: pd.DataFrame, language: Language) -> list[tuple[str, list[str], float]]:
    """What stands below one another: groups, each block under its name, then the difference; words and height."""
    small = line_height(style.SMALL)
    found: list[tuple[str, list[str], float]] = []
    one = rows[rows["edge"] == rows["edge"].iloc[0]]
    for name, part in one[one["kind"] == "group"].groupby("block", sort=False):
        found.append(("", [text(f"waterfall.{name}", language)], small + 0.6))
        for group in part.to_dict("records"):
            words = wrap(str(group[f"label_{language}"]), _LABELS - 3)
            found.append((str(group["group"]), words, len(words) * small + 0.9))
    found.append(("difference", [text("waterfall.difference", language)], small + 2))
    return found


def _block(
    page: Page, top: float, rows: pd.DataFrame, lines: Sequence[tuple[str, list[str], float]], language: Language
) -> None:
    """One target: names at the left, a panel for each date."""
    rung, unit = str(rows["rung"].iloc[0]), str(rows["unit"].iloc[0])
    what = rung_name(rung, language) or text(f"unit.{unit}", language)
    page.text(MARGIN, top, [what[0].upper() + what[1:]], style.NORMAL, bold=True)
    above = top + _HEAD
    for group, words, height in lines:
        whole, colour = group == "difference", style.BLACK if group else style.GREY
        page.text(MARGIN + (2.0 if group and not whole else 0.0), above, words, bold=whole, colour=colour)
        above += height
    tall = above - top - _HEAD
    for place, (_, part) in enumerate(rows.groupby("edge")):
        left = MARGIN + _LABELS + place * (_BAR + _WORDS + _GAP)
        ends = {kind: count(_only(part, kind), language) for kind in ("base", "other")}
        said = text("waterfall.ends", language, date=edge(float(part["edge"].iloc[0]), language), **ends)
        page.text(left, top + line_height(style.NORMAL), [said], bold=True)
        axes = page.axes(left, top + _HEAD, _BAR, tall)
        _bars(page, axes, left + _BAR + 1.5, top + _HEAD, part, lines, language)


def _bars(
    page: Page, axes: Axes, words_left: float, top: float, rows: pd.DataFrame,
    lines: Sequence[tuple[str, list[str], float]], language: Language,
) -> None:  # fmt: skip
    small = line_height(style.SMALL)
    shown = rows[rows["end"].notna()]
    ends = pd.concat([shown["start"], shown["end"], shown["start"] + shown["low"], shown["start"] + shown["high"]])
    low, high = min(0.0, float(ends.min())), max(float(ends.max()), 1.0)
    place, before = 0.0, None
    for group, words, height in lines:
        if group:
            row = shown[shown["group"] == group].iloc[0].to_dict()
            middle = place + len(words) * small / 2
            axes.add_patch(
                Rectangle((row["start"], middle - 1.2), row["end"] - row["start"], 2.4, linewidth=0,
                          facecolor=_COLOURS[str(row["block"])], zorder=2)
            )  # fmt: skip
            axes.plot([row["start"] + row["low"], row["start"] + row["high"]], [middle, middle], color=style.BLACK,
                      linewidth=style.MEDIUM, solid_capstyle="butt", zorder=3)  # fmt: skip
            if before is not None:
                axes.plot([before[0], before[0]], [before[1], middle], color=style.GREY, linewidth=style.THIN, zorder=1)
            before = (float(row["end"]), middle)
            ends = interval(row["low"], row["high"], language, row["value"])
            said = f"{count(row['value'], language, signed=True)} ({ends})"
            page.text(words_left, top + middle - small / 2, [said], bold=group == "difference")
        place += height
    axes.set_xlim(low, high)
    axes.set_ylim(place, 0)
    axes.axvline(0, color=style.GREY, linewidth=style.THIN, zorder=0)
    axes.set_axis_off()


def _only(rows: pd.DataFrame, kind: str) -> float:
    return float(rows.loc[rows["kind"] == kind, "value"].iloc[0])


def _first(table: pd.DataFrame) -> pd.DataFrame:
    return dict(plotted.panels(table))[str(table["panel"].iloc[0])]


def _title(table: pd.DataFrame, names: Mapping[str, str], language: Language) -> str:
    """The group that adds most at the first date of the first target: the message."""
    rows = _first(table)
    groups = rows[rows["kind"] == "group"]
    if groups.empty:
        return text("waterfall.title_same", language, **names)
    best = max(groups.to_dict("records"), key=lambda row: float(row["value"]))
    all_ = _only(rows, "difference")
    rung = rung_name(str(best["rung"]), language) or text(f"unit.{best['unit']}", language)
    words = {"date": edge(float(best["edge"]), language), "rung": rung, "label": str(best[f"label_{language}"])}
    if best["value"] <= 0 or all_ <= 0:
        return text("waterfall.title_none", language, **words)
    whole = rows[rows["kind"] == "difference"].iloc[0].to_dict()
    numbers = {"value": count_within(best, language), "all": count_within(whole, language)}
    return text("waterfall.title", language, **words, **numbers)


def _alt(table: pd.DataFrame, names: Mapping[str, str], language: Language) -> str:
    sentences = [text("waterfall.alt_title", language, **names)]
    for _, rows in plotted.panels(table):
        head = rows.iloc[0]
        rung = rung_name(str(head["rung"]), language) or text(f"unit.{head['unit']}", language)
        said = [
            f"{row[f'label_{language}']} {count(row['value'], language, signed=row['kind'] != 'base')}"
            for row in rows.to_dict("records")
        ]
        date = edge(float(head["edge"]), language)
        sentences.append(text("waterfall.alt", language, rung=rung, date=date, parts="; ".join(said)))
    return " ".join(sentences)

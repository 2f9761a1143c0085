"""F1, the fan against the target: will 50,000 be trained, and how many will be employed?

The first scenario is drawn as bands of 50, 80 and 95 % of its runs, the second as dashed lines: its median and 80 % of
its runs. Both stand over the same target, each with its probability of reaching it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patheffects import Normal, Stroke
from matplotlib.ticker import MaxNLocator

from vimach.analysis.targets import national
from vimach.errors import BadInput
from vimach.parameters.table import Target
from vimach_reports import plotted, style
from vimach_reports.catalogue import (
    Language,
    count,
    edge,
    interval,
    number,
    probabilities,
    scenario_title,
    text,
)
from vimach_reports.figure import MARGIN, Drawing, Page, balance, caption, line_height, printed, wrap

NAME = "F1_fan"
PANELS = ("trained_cumulative", "employed_in_sector")  # each is its own rung
SINCE, UNTIL = 2022.0, 2036.0
TICKS = (2022.0, 2026.0, 2031.0, 2036.0)
_PLOT = (12.5, 48.5, 48.0)  # mm: room for the axis labels, width, height
_PITCH = 84.5  # mm from panel to panel
_KEY = 9.0  # mm for the sample of line before a scenario's name
_BANDS = (("q2.5", "q97.5"), ("q10", "q90"), ("q25", "q75"))


def fan_table(
    datasets: Sequence[xr.Dataset], targets: Sequence[Target], observations: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What F1 shows (columns in plotted.COLUMNS) for one or two scenarios.

    `observations` has the columns series (a variable's name), time (an edge) and value. Of several targets on one
    variable the first within the run is shown.
    """
    if not 1 <= len(datasets) <= 2:
        raise BadInput(f"the fan chart shows one or two scenarios, not {len(datasets)}")
    rows: list[plotted.Row] = []
    for variable in PANELS:
        values = [national(dataset, variable, "person", variable, NAME) for dataset in datasets]
        panel: plotted.Row = {
            "panel": variable,
            "label_en": text(f"fan.{variable}", "en"),
            "label_vi": text(f"fan.{variable}", "vi"),
            "rung": variable,
            "unit": "person",
        }
        drawn = ((plotted.FAN, SINCE), (plotted.NARROW, max(SINCE, plotted.parting(values))))
        for series, dataset, each, (levels, since) in zip(plotted.SERIES, datasets, values, drawn, strict=False):
            rows += plotted.band_rows(panel, series, dataset, each, levels, since)
        last = float(values[0]["edge"].to_numpy()[-1])
        due = [target for target in targets if target.variable == variable and target.by <= last]
        if due:
            rows += plotted.target_rows(panel, due[0], datasets, values)
        rows += _observed(panel, observations)
    return plotted.table(rows)


def draw_fan(
    datasets: Sequence[xr.Dataset],
    targets: Sequence[Target],
    language: Language,
    observations: pd.DataFrame | None = None,
    source: str = "",
) -> Drawing:
    """F1 for one scenario, or for two on one pair of panels; save it with `figure.save`."""
    table = fan_table(datasets, targets, observations)
    titles = [scenario_title(dataset, language) for dataset in datasets]
    origin = float(datasets[0].attrs["forecast_origin"])
    with printed():
        title = _title(table, titles, language)
        figure = _page(table, titles, title, caption(datasets, language, source, trained=True), origin, language)
    return Drawing(NAME, language, figure.figure, table, title, _alt(table, titles, language))


def _observed(panel: plotted.Row, observations: pd.DataFrame | None) -> list[plotted.Row]:
    if observations is None:
        return []
    of_panel = observations[(observations["series"] == panel["panel"]) & (observations["time"] >= SINCE)]
    return [
        panel | {"quantity": "observed", "edge": float(time), "value": float(value)}
        for time, value in zip(of_panel["time"], of_panel["value"], strict=True)
    ]


def _title(table: pd.DataFrame, titles: Sequence[str], language: Language) -> str:
    rows = dict(plotted.panels(table))[PANELS[0]]
    target = plotted.only(rows, "target")
    if target is None:
        return text("fan.title_plain", language)
    words = probabilities(plotted.chances(rows), language)
    chances = [text("fan.chance_of", language, title=title, p=p) for title, p in zip(titles, words, strict=True)]
    question = text("fan.title", language, value=number(target[1], language), date=edge(target[0], language))
    return f"{question} {'; '.join(chances)}."


def _page(
    table: pd.DataFrame, titles: Sequence[str], title: str, small_print: str, origin: float, language: Language
) -> Page:
    room = style.FULL_WIDTH - 2 * MARGIN
    head = _headline(title, room)
    key = "fan.key_two" if len(titles) == 2 else "fan.key_one"
    how = wrap(text(key, language, **dict(zip(plotted.SERIES, titles, strict=False))), room)
    foot = wrap(small_print, room)
    parts = plotted.panels(table)
    definitions = [wrap(text(f"definition.{name}", language), _PITCH - 5) for name, _ in parts]
    chances = [_chance_lines(rows, titles, language) for _, rows in parts]
    deepest = max(len(lines) for lines in definitions)
    lowest = max(sum(len(lines) for lines in each) for each in chances)

    top = MARGIN + len(head) * line_height(style.LARGE) + len(how) * line_height(style.SMALL) + 2.5
    heading = line_height(style.NORMAL) + (deepest + 1 + lowest) * line_height(style.SMALL) + 3.5
    plot_top = top + heading
    foot_top = plot_top + _PLOT[2] + 7
    page = Page(style.FULL_WIDTH, foot_top + len(foot) * line_height(style.SMALL) + MARGIN)
    below = page.text(MARGIN, MARGIN, head, style.LARGE, bold=True)
    page.text(MARGIN, below + 0.5, how, colour=style.GREY)
    page.text(MARGIN, foot_top, foot, colour=style.GREY)
    for place, ((_, rows), definition, said) in enumerate(zip(parts, definitions, chances, strict=True)):
        left = MARGIN + place * _PITCH
        definition += [""] * (deepest - len(definition))
        _heading(page, left, top, rows, definition, said, language)
        axes = page.axes(left + _PLOT[0], plot_top, _PLOT[1], _PLOT[2])
        _panel(axes, rows, origin, language)
        _end_labels(page, left + _PLOT[0] + _PLOT[1] + 1, plot_top, axes, rows, titles, language)
    return page


def _headline(title: str, room: float) -> list[str]:
    """The title in one line if it fits; otherwise the question first and the answers below it."""
    whole = wrap(title, room, style.LARGE, "bold")
    question, mark, answers = title.partition("? ")
    if len(whole) == 1 or not mark:
        return whole
    return [f"{question}?", *balance(answers, room, style.LARGE, "bold")]


def _heading(
    page: Page,
    left: float,
    top: float,
    rows: pd.DataFrame,
    definition: Sequence[str],
    chances: Sequence[Sequence[str]],
    language: Language,
) -> None:
    unit, _ = plotted.unit_and_rung(rows)
    name = f"{plotted.label(rows, language)} ({text(f'unit.{unit}', language)})"
    below = page.text(left, top, [name], style.NORMAL, bold=True)
    below = page.text(left, below, definition, colour=style.GREY)
    target = plotted.only(rows, "target")
    if target is None:
        page.text(left, below + 1, [text("fan.no_target", language)])
        return
    words = text("fan.chance", language, value=number(target[1], language), date=edge(target[0], language))
    below = page.text(left, below + 1, [words])
    for series, lines in zip(plotted.SERIES, chances, strict=False):
        _sample(page, left, below, series)
        below = page.text(left + _KEY, below, lines, colour=style.COLOURS[series], bold=True)


def _chance_lines(rows: pd.DataFrame, titles: Sequence[str], language: Language) -> list[list[str]]:
    """For each scenario its name and its probability, broken into lines."""
    words = probabilities(plotted.chances(rows), language)
    said = [
        text("fan.chance_of", language, title=title, p=chance) for title, chance in zip(titles, words, strict=False)
    ]
    return [wrap(each, _PITCH - _KEY - 3, style.SMALL, "bold") for each in said]


def _sample(page: Page, left: float, top: float, series: str) -> None:
    height = line_height(style.SMALL)
    middle = top + height / 2
    if series == plotted.SERIES[0]:
        for colour, share in zip(style.FIRST_BANDS, (0.84, 0.58, 0.34), strict=True):
            page.box(left, middle - share * height / 2, 7, share * height, colour)
        page.line(left, left + 7, middle, color=style.FIRST_MEDIAN, linewidth=style.THICK)
    else:
        page.line(left, left + 7, middle, color=style.SECOND, linewidth=style.THICK, linestyle=style.SECOND_DASHES)


def _panel(axes: Axes, rows: pd.DataFrame, origin: float, language: Language) -> None:
    first, second = plotted.SERIES
    for (low, high), colour in zip(_BANDS, style.FIRST_BANDS, strict=True):
        edges, lower = plotted.curve(rows, low, first)
        axes.fill_between(edges, lower, plotted.curve(rows, high, first)[1], color=colour, linewidth=0, zorder=2)
    axes.plot(
        *plotted.curve(rows, plotted.MEDIAN, first),
        color=style.FIRST_MEDIAN,
        linewidth=style.THICK,
        zorder=4,
        gid="first",
    )
    halo = [Stroke(linewidth=style.THICK + 1.2, foreground="white"), Normal()]
    for quantity, width, dashes in (
        ("q10", style.MEDIUM, style.SECOND_LIMITS),
        ("q90", style.MEDIUM, style.SECOND_LIMITS),
        (plotted.MEDIAN, style.THICK, style.SECOND_DASHES),
    ):
        edges, values = plotted.curve(rows, quantity, second)
        if len(edges):
            (line,) = axes.plot(edges, values, color=style.SECOND, linewidth=width, linestyle=dashes, zorder=5)
            if quantity == plotted.MEDIAN:
                line.set_path_effects(halo)
    axes.plot(
        *plotted.curve(rows, "observed"), linestyle="none", marker="o", markersize=3, markeredgewidth=style.THIN,
        markerfacecolor="white", markeredgecolor=style.BLACK, zorder=6,
    )  # fmt: skip
    _scales(axes, rows, language)
    _origin(axes, origin, language)
    _target(axes, rows, language)


def _scales(axes: Axes, rows: pd.DataFrame, language: Language) -> None:
    drawn = rows[rows["quantity"] != "probability"]
    axes.set_xlim(SINCE, UNTIL)
    target = plotted.only(rows, "target")
    # room above the target for its own words and for the word beside the line of the origin
    axes.set_ylim(0, max(1.12 * float(drawn["value"].max()), 1.28 * target[1] if target else 0.0))
    axes.set_xticks(TICKS, [edge(time, language) for time in TICKS])
    axes.set_xticks(np.arange(SINCE, UNTIL + 1), minor=True)
    axes.tick_params(axis="x", which="minor", length=1.2, width=style.THIN, color=style.FAINT)
    axes.yaxis.set_major_locator(_few_ticks())
    axes.yaxis.set_major_formatter(lambda value, _: number(value, language))


def _few_ticks() -> MaxNLocator:
    return MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10], integer=True)


def _origin(axes: Axes, origin: float, language: Language) -> None:
    axes.axvline(origin, color=style.GREY, linewidth=style.THIN, linestyle=(0, (1, 2)), zorder=1)
    axes.annotate(
        text("fan.origin", language), (origin, 1), (2, -1), ("data", "axes fraction"), textcoords="offset points",
        va="top", fontsize=style.SMALL, color=style.GREY,
    )  # fmt: skip


def _target(axes: Axes, rows: pd.DataFrame, language: Language) -> None:
    target = plotted.only(rows, "target")
    if target is None:
        return
    axes.plot(
        *target, marker="D", markersize=5, markerfacecolor="white", markeredgecolor=style.BLACK, markeredgewidth=1.2,
        zorder=8, clip_on=False,
    )  # fmt: skip
    note = axes.annotate(
        text("fan.target", language, value=number(target[1], language)), target, (-5, 4), textcoords="offset points",
        ha="right", va="bottom", fontsize=style.SMALL, weight="bold", zorder=9,
    )  # fmt: skip
    note.set_path_effects([Stroke(linewidth=2, foreground="white"), Normal()])


def _end_labels(
    page: Page, left: float, top: float, axes: Axes, rows: pd.DataFrame, titles: Sequence[str], language: Language
) -> None:
    """Each scenario's name and last median beside its line, moved apart where they would overlap."""
    highest = axes.get_ylim()[1]
    labels = []
    for series, title in zip(plotted.SERIES, titles, strict=False):
        last = float(plotted.curve(rows, plotted.MEDIAN, series)[1][-1])
        lines = [*wrap(title, 20.5), count(last, language)]
        height = len(lines) * line_height(style.SMALL)
        middle = top + _PLOT[2] * (1 - last / highest)
        labels.append((middle, height, lines, style.COLOURS[series]))
    labels.sort(key=lambda label: label[0])
    tops = [middle - height / 2 for middle, height, _, _ in labels]
    if len(tops) == 2:
        overlap = tops[0] + labels[0][1] + 0.8 - tops[1]
        shift = max(0.0, overlap) / 2
        tops = [tops[0] - shift, tops[1] + shift]
        low = max(0.0, tops[1] + labels[1][1] - (top + _PLOT[2]))
        tops = [tops[0] - (low if shift else 0), tops[1] - low]
    for (_, _, lines, colour), place in zip(labels, tops, strict=True):
        below = page.text(left, place, lines[:-1], colour=colour)
        page.text(left, below, lines[-1:], colour=colour, bold=True)


def _alt(table: pd.DataFrame, titles: Sequence[str], language: Language) -> str:
    sentences = [text("fan.alt_title", language)]
    for _, rows in plotted.panels(table):
        target = plotted.only(rows, "target")
        for series, title in zip(plotted.SERIES, titles, strict=False):
            edges, medians = plotted.curve(rows, plotted.MEDIAN, series)
            where = int(np.searchsorted(edges, target[0])) if target else len(edges) - 1
            low, high = (float(plotted.curve(rows, quantity, series)[1][where]) for quantity in ("q10", "q90"))
            sentences.append(
                text(
                    "fan.alt", language, panel=plotted.label(rows, language), title=title,
                    median=count(float(medians[where]), language), date=edge(float(edges[where]), language),
                    interval=interval(low, high, language),
                )
            )  # fmt: skip
        if target:
            words = {"value": number(target[1], language), "date": edge(target[0], language)}
            for title, chance in zip(titles, probabilities(plotted.chances(rows), language), strict=True):
                sentences.append(text("fan.alt_target", language, title=title, p=chance, **words))
    return " ".join(sentences)

"""F7, all targets on one page: one small chart each, on one time axis, with the probability of reaching it.

The first scenario is a line in a band, the second dashed lines; a diamond marks the target at its date.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patheffects import Normal, Stroke
from matplotlib.ticker import MaxNLocator

from vimach.analysis.targets import headline
from vimach.errors import BadInput
from vimach.parameters.table import Target
from vimach_reports import plotted, style
from vimach_reports.catalogue import Language, number, probabilities, rung_name, scenario_title, text
from vimach_reports.figure import MARGIN, Drawing, Page, balance, caption, line_height, printed, wrap

NAME = "F7_targets"
SINCE, UNTIL = 2022.0, 2036.0
TICKS = (2026.0, 2031.0, 2036.0)
_COLUMNS = 3
_PITCH, _WIDTH, _INDENT = 56.5, 37.5, 12.5  # mm: from panel to panel, of a plot, for its axis labels
_TALL, _GAP = (9.0, 26.0), 8.5  # mm: least and greatest height of a plot, room below it
_KEY = 7.5  # mm for the sample of line before a scenario's name
_BAND = style.FIRST_BANDS[0]
_SHADE = {"target": style.BLACK, "rung": style.GREY}


def small_multiples_table(datasets: Sequence[xr.Dataset], targets: Sequence[Target]) -> pd.DataFrame:
    """What F7 shows (columns in plotted.COLUMNS): the targets whose date lies within the run, in their order."""
    if not 1 <= len(datasets) <= 2:
        raise BadInput(f"the page of targets shows one or two scenarios, not {len(datasets)}")
    last = float(datasets[0]["edge"].to_numpy()[-1])
    rows: list[plotted.Row] = []
    for target in targets:
        if target.by > last:
            continue
        values = [headline(dataset, target) for dataset in datasets]
        panel: plotted.Row = {
            "panel": target.name,
            "label_en": target.label.en,
            "label_vi": target.label.vi,
            "rung": target.rung,
            "unit": target.unit,
        }
        starts = (SINCE, max(SINCE, plotted.parting(values)))
        for series, dataset, each, since in zip(plotted.SERIES, datasets, values, starts, strict=False):
            rows += plotted.band_rows(panel, series, dataset, each, plotted.NARROW, since)
        rows += plotted.target_rows(panel, target, datasets, values)
    if not rows:
        raise BadInput(f"no target has its date within the run, which ends at {last:g}")
    return plotted.table(rows)


def draw_small_multiples(
    datasets: Sequence[xr.Dataset], targets: Sequence[Target], language: Language, source: str = ""
) -> Drawing:
    """F7 for one scenario or two; save it with `figure.save`."""
    table = small_multiples_table(datasets, targets)
    titles = [scenario_title(dataset, language) for dataset in datasets]
    title = _title(table, titles, language)
    trained = bool((table["rung"] == "trained_cumulative").any())
    origin = float(datasets[0].attrs["forecast_origin"])
    with printed():
        page = _page(table, titles, title, caption(datasets, language, source, trained), origin, language)
    return Drawing(NAME, language, page.figure, table, title, _alt(table, titles, language))


def _title(table: pd.DataFrame, titles: Sequence[str], language: Language) -> str:
    """How many targets are more likely than not, in each scenario: the message of the page."""
    chances = [plotted.chances(rows) for _, rows in plotted.panels(table)]
    likely = [
        text("multiples.likely", language, title=title, some=str(sum(each[place] > 0.5 for each in chances)))
        for place, title in enumerate(titles)
    ]
    return text("multiples.title", language, of=str(len(chances)), counts=", ".join(likely))


def _page(
    table: pd.DataFrame, titles: Sequence[str], title: str, small_print: str, origin: float, language: Language
) -> Page:
    parts = plotted.panels(table)
    room = style.FULL_WIDTH - 2 * MARGIN
    key = "multiples.key_two" if len(titles) == 2 else "multiples.key_one"
    how = wrap(text(key, language, **dict(zip(plotted.SERIES, titles, strict=False))), room)
    foot = wrap(small_print, room)
    heads = [_head(rows, titles, language) for _, rows in parts]
    small = line_height(style.SMALL)
    deep = [sum(len(words) for words, _ in head) for head in heads]
    lines = [max(deep[at : at + _COLUMNS]) for at in range(0, len(deep), _COLUMNS)]
    head_lines = balance(title, room, style.LARGE, "bold")
    top = MARGIN + len(head_lines) * line_height(style.LARGE) + len(how) * small + 3
    fixed = top + sum(lines) * small + len(lines) * (_GAP + 1.5) + len(foot) * small + MARGIN
    tall = float(np.clip((style.TALLEST - fixed) / len(lines), *_TALL))

    page = Page(style.FULL_WIDTH, fixed + len(lines) * tall)
    below = page.text(MARGIN, MARGIN, head_lines, style.LARGE, bold=True)
    page.text(MARGIN, below + 0.5, how, colour=style.GREY)
    page.text(MARGIN, page.height - MARGIN - len(foot) * small, foot, colour=style.GREY)
    for place, ((_, rows), head) in enumerate(zip(parts, heads, strict=True)):
        line, column = divmod(place, _COLUMNS)
        above = top + sum(lines[:line]) * small + line * (_GAP + 1.5 + tall)
        left = MARGIN + column * _PITCH
        _heading(page, left, above, head)
        plot_top = above + lines[line] * small + 1.5
        _panel(page.axes(left + _INDENT, plot_top, _WIDTH, tall), rows, origin, language)
    return page


def _head(rows: pd.DataFrame, titles: Sequence[str], language: Language) -> list[tuple[list[str], str]]:
    """A panel's heading: the target, its rung or unit, each scenario's probability; lines and what they are."""
    unit, rung = plotted.unit_and_rung(rows)
    of = rung_name(rung, language) or text(f"unit.{unit}", language)
    room = _PITCH - 3
    head = [(wrap(plotted.label(rows, language), room, style.SMALL, "bold"), "target"), (wrap(of, room), "rung")]
    chances = probabilities(plotted.chances(rows), language)
    for series, title, chance in zip(plotted.SERIES, titles, chances, strict=False):
        head.append((wrap(text("multiples.chance", language, title=title, p=chance), room - _KEY), series))
    return head


def _heading(page: Page, left: float, top: float, head: Sequence[tuple[list[str], str]]) -> None:
    for lines, kind in head:
        if kind in plotted.SERIES:
            _sample(page, left, top, kind)
            top = page.text(left + _KEY, top, lines, colour=style.COLOURS[kind])
        else:
            top = page.text(left, top, lines, bold=kind == "target", colour=_SHADE[kind])


def _sample(page: Page, left: float, top: float, series: str) -> None:
    height = line_height(style.SMALL)
    middle = top + height / 2
    if series == plotted.SERIES[0]:
        page.box(left, middle - 0.3 * height, 6, 0.6 * height, _BAND)
        page.line(left, left + 6, middle, color=style.FIRST_MEDIAN, linewidth=style.HEAVY)
    else:
        page.line(left, left + 6, middle, color=style.SECOND, linewidth=style.HEAVY, linestyle=style.SECOND_DASHES)


def _panel(axes: Axes, rows: pd.DataFrame, origin: float, language: Language) -> None:
    first, second = plotted.SERIES
    edges, lower = plotted.curve(rows, "q10", first)
    axes.fill_between(edges, lower, plotted.curve(rows, "q90", first)[1], color=_BAND, linewidth=0, zorder=2)
    middle = plotted.curve(rows, plotted.MEDIAN, first)
    axes.plot(*middle, color=style.FIRST_MEDIAN, linewidth=style.HEAVY, zorder=3)
    for quantity in ("q10", "q90"):
        axes.plot(
            *plotted.curve(rows, quantity, second), color=style.SECOND, linewidth=style.THIN + 0.1,
            linestyle=style.SECOND_LIMITS, zorder=4,
        )  # fmt: skip
    halo = [Stroke(linewidth=style.HEAVY + 1, foreground="white"), Normal()]
    axes.plot(
        *plotted.curve(rows, plotted.MEDIAN, second), color=style.SECOND, linewidth=style.HEAVY,
        linestyle=style.SECOND_DASHES, path_effects=halo, zorder=5,
    )  # fmt: skip
    target = plotted.only(rows, "target")
    if target is not None:
        axes.plot(
            *target, linestyle="none", marker="D", markersize=4, markerfacecolor="white", markeredgecolor=style.BLACK,
            markeredgewidth=1, zorder=8,
        )  # fmt: skip
    axes.axvline(origin, color=style.GREY, linewidth=style.THIN, linestyle=(0, (1, 2)), zorder=1)
    _scales(axes, rows, language)


def _scales(axes: Axes, rows: pd.DataFrame, language: Language) -> None:
    drawn = rows[rows["quantity"] != "probability"]
    axes.set_xlim(SINCE, UNTIL)
    axes.set_ylim(0, 1.15 * float(drawn["value"].max()))
    axes.set_xticks(TICKS, [str(int(time) - 1) for time in TICKS])
    axes.set_xticks(np.arange(SINCE, UNTIL + 1), minor=True)
    axes.tick_params(axis="x", which="minor", length=1.2, width=style.THIN, color=style.FAINT)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, min_n_ticks=2, steps=[1, 2, 2.5, 5, 10], integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: number(value, language))


def _alt(table: pd.DataFrame, titles: Sequence[str], language: Language) -> str:
    parts = plotted.panels(table)
    sentences = [text("multiples.alt_title", language, number=str(len(parts)))]
    for _, rows in parts:
        for title, chance in zip(titles, probabilities(plotted.chances(rows), language), strict=True):
            named = {"target": plotted.label(rows, language), "title": title, "p": chance}
            sentences.append(text("multiples.alt", language, **named))
    return " ".join(sentences)

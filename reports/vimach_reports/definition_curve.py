"""F13, the definition curve: how likely are 50,000 trained, against the share of related graduates that counts too?

One line a scenario in its band; a mark where each passes one half. All else that counts as trained counts here too.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from vimach.analysis.definition import COUNTED, CURVE, RELATED, TRAINED, chance_by_related_share, share_for_even_odds
from vimach.analysis.targets import of_share
from vimach.errors import BadInput
from vimach.parameters.table import Target
from vimach_reports import plotted, style
from vimach_reports.catalogue import Language, edge, number, percent, probabilities, rung_name, scenario_title, text
from vimach_reports.figure import MARGIN, Drawing, Page, caption, line_height, printed, wrap
from vimach_reports.frame import ROOM, apart, framed

NAME: Final = "F13_definition"
COLUMNS: Final[Mapping[str, str]] = {
    "panel": "name of the target",
    "label_en": "its English label",
    "label_vi": "its Vietnamese label",
    "rung": "rung of the definition ladder that people stand on",
    "unit": "unit of the target",
    "target": "people wanted",
    "edge": "date as an edge: 2031.0 is the end of 2030",
    "series": "first or second (scenario)",
    "scenario": "name of the scenario",
    "scenario_hash": "its hash",
    "quantity": "probability, or even: the share at which half of the runs reach the target",
    "share": "share of graduates of related majors that is counted as well",
    "low": "low end of the 80 % interval of the probability by the number of runs",
    "value": "share of runs that reach the target",
    "high": "high end of the interval",
}
UNITS: Final[Mapping[str, str]] = {
    "target": "column unit", "edge": "decimal year", **dict.fromkeys(("share", "low", "value", "high"), "1")
}  # fmt: skip
_INDENT, _WIDTH, _TALL, _LABEL = 11.0, 105.0, 34.0, 46.0  # mm: left of the plot, the plot, right of it

_LOOKS: Final[Mapping[str, tuple[str, float, Any, str]]] = {
    "first": (style.FIRST_MEDIAN, style.THICK, "-", "o"),
    "second": (style.SECOND, style.HEAVY, style.SECOND_DASHES, "s"),
}
"""Of each scenario's line: colour, width, dashes, and the mark where it passes one half."""


def definition_table(datasets: Sequence[xr.Dataset], targets: Sequence[Target]) -> pd.DataFrame:
    """What F13 shows (COLUMNS); BadInput without a target on people trained."""
    target = next((each for each in targets if each.variable == TRAINED), None)
    if target is None:
        raise BadInput(f"{NAME} needs a target on {TRAINED}")
    words = {f"label_{language}": getattr(target.label, language) for language in ("en", "vi")}
    about = {"panel": target.name, **words, "rung": target.rung, "unit": target.unit, "target": target.value,
             "edge": target.by}  # fmt: skip
    rows: list[plotted.Row] = []
    for series, dataset in zip(plotted.SERIES, datasets, strict=False):
        plotted.needs(dataset, (COUNTED, RELATED), NAME)
        head = about | plotted.scenario(series, dataset)
        found = chance_by_related_share(dataset, target.value, target.by, CURVE)
        for share, chance in zip(map(float, found["share"]), map(float, found["probability"]), strict=True):
            low, high = of_share(chance, dataset.sizes["member"])
            rows.append(head | {"quantity": "probability", "share": share, "low": low, "value": chance, "high": high})
        even = share_for_even_odds(dataset, target.value, target.by)
        rows.append(head | {"quantity": "even", "share": even, "value": 0.5})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def draw_definition(
    datasets: Sequence[xr.Dataset], targets: Sequence[Target], language: Language, source: str = ""
) -> Drawing:
    """F13 for one scenario or two; save it with `figure.save`."""
    table = definition_table(datasets, targets)
    first = table.iloc[0]
    goal = {"value": number(float(first["target"]), language), "date": edge(float(first["edge"]), language)}
    title = _title(table, goal, language)
    titles = [scenario_title(each, language) for each in datasets]
    named = dict(zip(plotted.SERIES, titles, strict=False)) | {"rung": rung_name(str(first["rung"]), language)}
    how = text("curve.key_two" if len(titles) == 2 else "curve.key_one", language, **goal, **named)
    with printed():
        foot = wrap(text("curve.axis", language), ROOM - _INDENT)
        below = 4.5 + len(foot) * line_height(style.SMALL)
        page, top = framed(title, how, caption(datasets, language, source, trained=True), _TALL + below)
        axes = page.axes(MARGIN + _INDENT, top, _WIDTH, _TALL)
        _curves(axes, table, language)
        page.text(MARGIN + _INDENT, top + _TALL + 4.5, foot, colour=style.GREY)
        _labels(page, top, table, titles, language)
    return Drawing(NAME, language, page.figure, table, title, _alt(table, titles, goal, language))


def _of(table: pd.DataFrame, series: str, quantity: str = "probability") -> pd.DataFrame:
    found: pd.DataFrame = table[(table["series"] == series) & (table["quantity"] == quantity)]
    return found


def _drawn(table: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(map(str, table["series"])))


def _curves(axes: Axes, table: pd.DataFrame, language: Language) -> None:
    axes.axhline(0.5, color=style.FAINT, linewidth=style.THIN, zorder=1)
    for series in _drawn(table):
        rows, even = _of(table, series), float(_of(table, series, "even")["share"].iloc[0])
        colour, width, dashes, mark = _LOOKS[series]
        if series == plotted.SERIES[0]:
            band = (rows["share"], rows["low"], rows["high"])
            axes.fill_between(*band, color=style.FIRST_BANDS[0], linewidth=0, zorder=2)
        axes.plot(rows["share"], rows["value"], color=colour, linewidth=width, linestyle=dashes, zorder=4)
        if 0.0 < even <= CURVE[-1]:
            axes.plot([even], [0.5], marker=mark, markersize=4, color=colour, zorder=5)
    axes.set_xlim(CURVE[0], CURVE[-1])
    axes.set_ylim(0.0, 1.0)
    axes.set_xticks([share for share in CURVE if round(400 * share) % 4 == 0])
    axes.xaxis.set_major_formatter(lambda value, _: percent(value, language))
    axes.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0])
    axes.yaxis.set_major_formatter(lambda value, _: percent(value, language))


def _labels(page: Page, top: float, table: pd.DataFrame, titles: Sequence[str], language: Language) -> None:
    """Which scenario each line is, and where it passes one half, beside its right end."""
    drawn = _drawn(table)
    lines = [wrap(_even(table, series, title, language), _LABEL) for series, title in zip(drawn, titles, strict=True)]
    ends = [float(_of(table, series)["value"].iloc[-1]) for series in drawn]
    heights = [len(each) * line_height(style.SMALL) + 0.7 for each in lines]
    places = apart([top + _TALL * (1 - end) for end in ends], heights, top, top + _TALL + 1)
    for series, each, place in zip(drawn, lines, places, strict=True):
        page.text(MARGIN + _INDENT + _WIDTH + 2, place, each, colour=_LOOKS[series][0])


def _even(table: pd.DataFrame, series: str, title: str, language: Language) -> str:
    """A scenario and the share at which it passes one half."""
    share = float(_of(table, series, "even")["share"].iloc[0])
    key = "curve.at_once" if share <= 0 else "curve.beyond" if share > CURVE[-1] else "curve.even"
    return text(key, language, title=title, share=percent(share, language, 1), most=percent(CURVE[-1], language))


def _title(table: pd.DataFrame, goal: Mapping[str, str], language: Language) -> str:
    """The first scenario's chance with none and with most of them counted: the message."""
    return text("curve.title", language, **goal, **_ends(table, "first", language))


def _ends(table: pd.DataFrame, series: str, language: Language) -> dict[str, str]:
    """The chance of a scenario with none and with most of them counted, in words."""
    none, most = probabilities([float(_of(table, series)["value"].iloc[place]) for place in (0, -1)], language)
    return {"none": none, "most": most, "share": percent(CURVE[-1], language)}


def _alt(table: pd.DataFrame, titles: Sequence[str], goal: Mapping[str, str], language: Language) -> str:
    sentences = [text("curve.alt_title", language, **goal)]
    for series, title in zip(_drawn(table), titles, strict=True):
        said = text("curve.alt", language, title=title, **_ends(table, series, language))
        sentences.append(f"{said} {_even(table, series, title, language)}.")
    return " ".join(sentences)

"""F5, the pipeline: where are people lost between admission and work?

One column for each of two years. A bar is all who are at a stage in the year; below it part goes on, part is lost and
part stays in the stage. All flows of one calendar year: who graduates in it was admitted years before.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from vimach_reports import plotted, style
from vimach_reports.catalogue import Language, count, count_within, scenario_title, text
from vimach_reports.figure import MARGIN, Drawing, caption, line_height, printed, wrap
from vimach_reports.frame import framed

NAME = "F5_pipeline"
COLUMNS: Final[Mapping[str, str]] = {
    "panel": "calendar year",
    "label_en": "the flow in English",
    "label_vi": "the flow in Vietnamese",
    "rung": "rung of the definition ladder; most flows stand beside it",
    "unit": "unit of low, value and high",
    "scenario": "name of the scenario",
    "scenario_hash": "its hash",
    "stage": "study, graduates, looking, or work",
    "flow": "variable of the dataset; from_stock or into_stock: by how many the people in the stage change; or all",
    "kind": "whole (all who are at the stage), in (enters here), carried (comes from the stage above), on (goes on), "
    "lost, or stays (in the stage)",
    "low": "10 % quantile over runs",
    "value": "mean over runs: all that comes into a stage is all that leaves it or stays",
    "high": "90 % quantile over runs",
}
UNITS: Final[Mapping[str, str]] = dict.fromkeys(("low", "value", "high"), "column unit")


@dataclass(frozen=True)
class Stage:
    """What enters a stage of the pipeline, what goes on from it and what is lost, by variable of the dataset."""

    name: str
    enters: tuple[str, ...]
    on: str
    lost: tuple[str, ...]
    rung: str = "beside_ladder"


STAGES: Final = (
    Stage("study", ("chip_entrants",), "chip_graduates", ("chip_dropouts",)),
    Stage("graduates", (), "graduates_looking", ("graduates_elsewhere",)),
    Stage("looking", ("related_graduates_looking", "converted_looking"), "novice_hires", ("juniors_giving_up",)),
    Stage(
        "work", ("experienced_hired",), "",
        ("quitting_the_sector", "emigrating_engineers", "retiring_or_teaching"), "employed_in_sector",
    ),
)  # fmt: skip
_HIRED = "novice_hires"
_PITCH, _WIDTH, _STREAM = 84.5, 81.0, 38.0  # mm: from year to year, of a year, of the widest bar
_BAR, _STUB, _BELOW = 3.4, 3.2, 3.0  # mm: height of a bar, of the stub of those who are lost, below a stage
_WHOLE, _ENTERS, _ON, _STAYS = style.FIRST_MEDIAN, *reversed(style.FIRST_BANDS)
_LOST = style.LOSS


def pipeline_table(dataset: xr.Dataset) -> pd.DataFrame:
    """What F5 shows (COLUMNS) of one scenario; in each stage what comes in is what leaves or stays."""
    plotted.needs(dataset, (name for each in STAGES for name in (*each.enters, each.on, *each.lost) if name), NAME)
    rows: list[dict[str, object]] = []
    about = {name: str(dataset.attrs[name]) for name in ("scenario", "scenario_hash")}
    for year in plotted.years_shown(dataset):
        carried: plotted.Values | None = None
        for stage in STAGES:
            head: dict[str, object] = {"panel": str(year), "unit": "person", **about, "stage": stage.name}
            flows = [("carried", _carrier(stage), carried)] if carried is not None else []
            flows += [("in", name, _flow(dataset, name, year)) for name in stage.enters]
            left = sum((values for _, _, values in flows), np.zeros(dataset.sizes["member"]))
            out = [("lost", name, _flow(dataset, name, year)) for name in stage.lost]
            if stage.on:
                carried = _flow(dataset, stage.on, year)
                out = [("on", stage.on, carried), *out]
            stays = left - sum(values for _, _, values in out)
            more = float(stays.mean()) >= 0
            stock = ("stays", "into_stock", stays) if more else ("in", "from_stock", -stays)
            whole = ("whole", "all", left if more else left - stays)
            for kind, flow, values in (whole, *flows, *([] if more else [stock]), *out, *([stock] if more else [])):
                rung = {_HIRED: "hired_first_job"}.get(flow, "beside_ladder")
                labels = {f"label_{language}": _label(stage, flow, language) for language in ("en", "vi")}
                rows.append(head | labels | {"rung": rung, "flow": flow, "kind": kind} | plotted.spread(values))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def draw_pipeline(dataset: xr.Dataset, language: Language, source: str = "") -> Drawing:
    """F5 for one scenario; save it with `figure.save`."""
    table = pipeline_table(dataset)
    panels = plotted.panels(table)
    title = _title(panels[-1][1], language)
    how = text("pipeline.key", language, title=scenario_title(dataset, language))
    widest = max(_whole(part) for _, rows in panels for _, part in rows.groupby("stage", sort=False))
    head = line_height(style.NORMAL) + 1
    scale = _STREAM / widest
    words = [{name: _notes(part, scale, language) for name, part in rows.groupby("stage")} for _, rows in panels]
    heads = [max(len(each[stage.name].heading) for each in words) * line_height(style.SMALL) + 0.8 for stage in STAGES]
    steps = [deep + max(_depth(each[stage.name]) for each in words) for stage, deep in zip(STAGES, heads, strict=True)]
    bars = [sum(steps[:at]) + deep for at, deep in enumerate(heads)]
    with printed():
        page, top = framed(title, how, caption([dataset], language, source), head + sum(steps))
        for place, (name, rows) in enumerate(panels):
            left = MARGIN + place * _PITCH
            page.text(left, top, [name], style.NORMAL, bold=True)
            axes = page.axes(left, top + head, _WIDTH, sum(steps))
            axes.set_xlim(0, _WIDTH)
            axes.set_ylim(sum(steps), 0)
            axes.set_axis_off()
            for stage, bar, following in zip(STAGES, bars, [*bars[1:], sum(steps)], strict=True):
                _stage(axes, rows[rows["stage"] == stage.name], bar, following, scale)
                _say(axes, words[place][stage.name], bar)
    return Drawing(NAME, language, page.figure, table, title, _alt(table, dataset, language))


def _carrier(stage: Stage) -> str:
    return STAGES[STAGES.index(stage) - 1].on


def _flow(dataset: xr.Dataset, name: str, year: int) -> plotted.Values:
    """National sum of a flow over a calendar year, by member."""
    found = dataset[name].sel(period=year)
    return np.asarray(found.sum([dim for dim in found.dims if dim != "member"]).to_numpy(), dtype=np.float64)


def _label(stage: Stage, flow: str, language: Language) -> str:
    key = f"pipeline.{stage.name}.{flow}" if flow.endswith("_stock") or flow == "all" else f"pipeline.{flow}"
    return text(key, language)


def _of_all(rows: pd.DataFrame) -> dict[Hashable, Any]:
    """The row of all who are at a stage."""
    return rows[rows["kind"] == "whole"].to_dict("records")[0]


def _whole(rows: pd.DataFrame) -> float:
    return float(_of_all(rows)["value"])


@dataclass(frozen=True)
class _Notes:
    """The words of a stage: its heading, what enters beside the bar, what leaves below it; where they begin, in mm."""

    heading: Sequence[str]
    heading_left: float
    left: float
    beside: Sequence[str]
    below: Sequence[tuple[str, str]]  # a line and its colour


def _notes(rows: pd.DataFrame, scale: float, language: Language) -> _Notes:
    carried = float(rows.loc[rows["kind"] == "carried", "value"].sum()) * scale
    left = _whole(rows) * scale + 1.5
    beside: list[str] = []
    below: list[tuple[str, str]] = []
    first = carried == 0
    for flow in rows.to_dict("records"):
        words = {"number": count_within(flow, language), "label": flow[f"label_{language}"]}
        match flow["kind"]:
            case "in" if not first:
                beside += wrap(text("pipeline.plus", language, **words), _WIDTH - left)
            case "lost":
                below += [(line, _LOST) for line in wrap(text("pipeline.minus", language, **words), _WIDTH - left)]
            case "stays":
                below += [(line, style.GREY) for line in wrap(text("pipeline.stays", language, **words), _WIDTH - left)]
    heading_left = carried + 1.5 if carried else 0.0
    said = text(f"pipeline.{rows['stage'].iloc[0]}", language, number=count_within(_of_all(rows), language))
    heading = wrap(said, _WIDTH - heading_left, style.SMALL, "bold")
    return _Notes(heading, heading_left, left, beside, below)


def _depth(notes: _Notes) -> float:
    """Height of a stage from its bar downwards, in mm."""
    small = line_height(style.SMALL)
    return max(_BAR, len(notes.beside) * small) + len(notes.below) * small + 0.6 + _BELOW


def _say(axes: Axes, notes: _Notes, bar: float) -> None:
    small = line_height(style.SMALL)
    heading = [(line, style.BLACK) for line in notes.heading]
    _words(axes, notes.heading_left, bar - 0.8 - len(heading) * small, heading, bold=True)
    _words(axes, notes.left, bar, [(line, style.FIRST) for line in notes.beside])
    _words(axes, notes.left, bar + max(_BAR, len(notes.beside) * small) + 0.6, notes.below)


def _stage(axes: Axes, rows: pd.DataFrame, bar: float, following: float, scale: float) -> None:
    """The bar of a stage and, below it, who goes on to the following bar, who is lost and who stays; `scale` is mm for
    a person."""
    left = right = 0.0
    carried = bool((rows["kind"] == "carried").any())
    for flow in rows.to_dict("records"):
        width = flow["value"] * scale
        match flow["kind"]:
            case "carried" | "in":
                own = flow["kind"] == "carried" or not carried
                _box(axes, left, bar, width, _BAR, _WHOLE if own else _ENTERS)
                left += width
                continue
            case "on":
                _box(axes, right, bar + _BAR, width, following - bar - _BAR, _ON)
            case "lost":
                _fall(axes, right, bar + _BAR, width)
            case "whole":
                continue
            case _:
                _box(axes, right, bar + _BAR, width, _STUB / 2, _STAYS)
        right += width


def _box(axes: Axes, left: float, top: float, width: float, height: float, colour: str) -> None:
    axes.add_patch(Rectangle((left, top), width, height, facecolor=colour, linewidth=0))


def _fall(axes: Axes, left: float, top: float, width: float) -> None:
    """Who is lost falls out, to a point."""
    points = [(left, top), (left + width, top), (left + width, top + _STUB), (left + width / 2, top + 1.6 * _STUB),
              (left, top + _STUB), (left, top)]  # fmt: skip
    axes.add_patch(PathPatch(Path(points), facecolor=_LOST, edgecolor="white", linewidth=style.THIN))


def _words(axes: Axes, left: float, top: float, lines: Sequence[tuple[str, str]], bold: bool = False) -> None:
    """Lines, each with its colour, from (left, top) downwards."""
    small = line_height(style.SMALL)
    for place, (line, colour) in enumerate(lines):
        weight = "bold" if bold else "normal"
        axes.text(left, top + (place + 0.78) * small, line, va="baseline", color=colour, weight=weight)


def _title(rows: pd.DataFrame, language: Language) -> str:
    """The largest loss of the last year shown: the message."""
    lost = rows[rows["kind"] == "lost"]
    worst = max(lost.to_dict("records"), key=lambda row: float(row["value"]))
    words = {"label": str(worst[f"label_{language}"]), "number": count_within(worst, language)}
    return text("pipeline.title", language, year=str(rows["panel"].iloc[0]), **words)


def _alt(table: pd.DataFrame, dataset: xr.Dataset, language: Language) -> str:
    sentences = [text("pipeline.alt_title", language, title=scenario_title(dataset, language))]
    for year, rows in plotted.panels(table):
        said = [
            text(f"pipeline.{name}", language, number=count_within(_of_all(part), language))
            for name, part in rows.groupby("stage", sort=False)
        ]
        lost = rows[rows["kind"] == "lost"].to_dict("records")
        losses = [f"{flow[f'label_{language}']} {count(flow['value'], language)}" for flow in lost]
        words = {"year": year, "stages": "; ".join(said), "losses": "; ".join(losses)}
        sentences.append(text("pipeline.alt", language, **words))
    return " ".join(sentences)

"""F5, the pipeline: where are people lost between admission and work?

One column for each of two years. A bar is all who are at a stage in the year; below it part goes on, part is lost and
part stays in the stage. All flows of one calendar year: who graduates in it was admitted years before.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from vimach_reports import plotted, style
from vimach_reports.catalogue import Language, count, interval, scenario_title, text
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
    "flow": "variable of the dataset; from_stock or into_stock: by how many the people in the stage change",
    "kind": "in (enters here), carried (comes from the stage above), on (goes on), lost, or stays (in the stage)",
    "low": "10 % quantile over runs",
    "value": "mean over runs: all that comes into a stage is all that leaves it or stays",
    "high": "90 % quantile over runs",
}


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
    Stage("looking", ("related_graduates_looking", "converted_looking"), "juniors_hired", ("juniors_giving_up",)),
    Stage(
        "work", ("experienced_hired",), "",
        ("quitting_the_sector", "emigrating_engineers", "retiring_or_teaching"), "employed_in_sector",
    ),
)  # fmt: skip
_HIRED = "juniors_hired"
_PITCH, _LEFT, _STREAM, _RIGHT = 84.5, 1.0, 42.0, 38.0  # mm: from year to year, before, of and behind the stream
_BAR, _STEP, _STUB = 3.4, 27.0, 3.2  # mm: height of a bar, from bar to bar, of the stub of those who are lost
_ON, _LOST, _STAYS, _WHOLE = style.FIRST_BANDS[1], style.LOSS, style.FIRST_BANDS[0], style.FIRST_MEDIAN


def pipeline_table(dataset: xr.Dataset) -> pd.DataFrame:
    """What F5 shows (COLUMNS) of one scenario; in each stage what comes in is what leaves or stays."""
    rows: list[dict[str, object]] = []
    about = {name: str(dataset.attrs[name]) for name in ("scenario", "scenario_hash")}
    for year in plotted.years_shown(dataset):
        carried: plotted.Values | None = None
        for stage in STAGES:
            head = {"panel": str(year), "unit": "person", **about, "stage": stage.name}
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
            for kind, flow, values in (*flows, *([] if more else [stock]), *out, *([stock] if more else [])):
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
    tall = len(STAGES) * _STEP - 6
    with printed():
        page, top = framed(title, how, caption([dataset], language, source), head + tall)
        for place, (name, rows) in enumerate(panels):
            left = MARGIN + place * _PITCH
            page.text(left, top, [name], style.NORMAL, bold=True)
            axes = page.axes(left, top + head, _LEFT + _STREAM + _RIGHT, tall)
            axes.set_xlim(0, _LEFT + _STREAM + _RIGHT)
            axes.set_ylim(tall, 0)
            axes.set_axis_off()
            _stream(axes, rows, _STREAM / widest, language)
    return Drawing(NAME, language, page.figure, table, title, _alt(table, dataset, language))


def _carrier(stage: Stage) -> str:
    return STAGES[STAGES.index(stage) - 1].on


def _flow(dataset: xr.Dataset, name: str, year: int) -> plotted.Values:
    """National sum of a flow over a calendar year, by member."""
    found = dataset[name].sel(period=year)
    return np.asarray(found.sum([dim for dim in found.dims if dim != "member"]).to_numpy(), dtype=np.float64)


def _label(stage: Stage, flow: str, language: Language) -> str:
    key = f"pipeline.{stage.name}.{flow}" if flow.endswith("_stock") else f"pipeline.{flow}"
    return text(key, language)


def _whole(rows: pd.DataFrame) -> float:
    return float(rows.loc[rows["kind"].isin(["carried", "in"]), "value"].sum())


def _stream(axes: Axes, rows: pd.DataFrame, scale: float, language: Language) -> None:
    """One year from top to bottom; `scale` is mm for a person."""
    small = line_height(style.SMALL)
    for place, stage in enumerate(STAGES):
        part = rows[rows["stage"] == stage.name]
        above = place * _STEP
        bar = above + small + 0.8
        _words(axes, _LEFT, above, text(f"pipeline.{stage.name}", language, number=count(_whole(part), language)),
               style.BLACK, bold=True)  # fmt: skip
        left, entering = _LEFT, bar - 0.4
        for flow in part[part["kind"].isin(["carried", "in"])].to_dict("records"):
            width = flow["value"] * scale
            own = flow["kind"] == "carried" or place == 0
            _box(axes, left, bar, width, _BAR, _WHOLE if own else style.FIRST_BANDS[2])
            if not own:
                words = text("pipeline.plus", language, number=_number(flow, language), label=flow[f"label_{language}"])
                entering = _words(axes, _LEFT + _STREAM + 1, entering, words, style.FIRST)
            left += width
        left, leaving = _LEFT, max(entering + 0.8, bar + _BAR)
        for flow in part[part["kind"].isin(["on", "lost", "stays"])].to_dict("records"):
            width = flow["value"] * scale
            if flow["kind"] == "on":
                _box(axes, left, bar + _BAR, width, above + _STEP + small + 0.8 - bar - _BAR, _ON)
            else:
                lost = flow["kind"] == "lost"
                _fall(axes, left, bar + _BAR, width, lost)
                sign = "pipeline.minus" if lost else "pipeline.stays"
                words = text(sign, language, number=_number(flow, language), label=flow[f"label_{language}"])
                leaving = _words(axes, _LEFT + _STREAM + 1, leaving, words, _LOST if lost else style.GREY)
            left += width


def _number(flow: Mapping[Hashable, float], language: Language) -> str:
    scale = flow["value"]
    ends = text("number.range", language, **{end: count(flow[end], language, scale) for end in ("low", "high")})
    return f"{count(flow['value'], language)} ({ends})"


def _box(axes: Axes, left: float, top: float, width: float, height: float, colour: str) -> None:
    axes.add_patch(Rectangle((left, top), width, height, facecolor=colour, linewidth=0))


def _fall(axes: Axes, left: float, top: float, width: float, lost: bool) -> None:
    """Who is lost falls out, to a point; who stays is a short step."""
    if not lost:
        _box(axes, left, top, width, _STUB / 2, _STAYS)
        return
    points = [(left, top), (left + width, top), (left + width, top + _STUB), (left + width / 2, top + 1.6 * _STUB),
              (left, top + _STUB), (left, top)]  # fmt: skip
    axes.add_patch(PathPatch(Path(points), facecolor=_LOST, edgecolor="white", linewidth=style.THIN))


def _words(axes: Axes, left: float, top: float, words: str, colour: str, bold: bool = False) -> float:
    """Words from (left, top) downwards, broken to fit; returns their lower edge."""
    room = _LEFT + _STREAM + _RIGHT - left
    small = line_height(style.SMALL)
    lines = wrap(words, room, style.SMALL, "bold" if bold else "normal")
    for place, line in enumerate(lines):
        weight = "bold" if bold else "normal"
        axes.text(left, top + (place + 0.78) * small, line, va="baseline", color=colour, weight=weight)
    return top + len(lines) * small


def _title(rows: pd.DataFrame, language: Language) -> str:
    """The largest loss of the last year shown: the message."""
    lost = rows[rows["kind"] == "lost"]
    worst = lost.loc[lost["value"].idxmax()]
    words = {"label": str(worst[f"label_{language}"]), "number": count(float(worst["value"]), language)}
    return text("pipeline.title", language, year=str(rows["panel"].iloc[0]), **words)


def _alt(table: pd.DataFrame, dataset: xr.Dataset, language: Language) -> str:
    sentences = [text("pipeline.alt_title", language, title=scenario_title(dataset, language))]
    for year, rows in plotted.panels(table):
        said = [
            text(f"pipeline.{name}", language, number=count(_whole(part), language))
            for name, part in rows.groupby("stage", sort=False)
        ]
        lost = rows[rows["kind"] == "lost"].to_dict("records")
        losses = [f"{flow[f'label_{language}']} {count(flow['value'], language)}" for flow in lost]
        words = {"year": year, "stages": "; ".join(said), "losses": "; ".join(losses)}
        sentences.append(text("pipeline.alt", language, **words))
    return " ".join(sentences)

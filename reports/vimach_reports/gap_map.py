"""F4, the gap map: in which region, kind of work and experience are people missing, and who could train whom?

One cell for each, in a past year and in 2030: how many are missing, and what share of what is wanted there is. Posts
are held against people hired, mentors against the novices that they could take on.
"""

from collections.abc import Hashable, Mapping
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from vimach.analysis.targets import INTERVAL
from vimach_reports import plotted, style
from vimach_reports.catalogue import Language, count, count_within, number, percent, scenario_title, text
from vimach_reports.figure import MARGIN, Drawing, Page, caption, line_height, printed, wrap
from vimach_reports.frame import framed

NAME = "F4_gap_map"
COLUMNS: Final[Mapping[str, str]] = {
    "panel": "calendar year",
    "label_en": "the cell in English",
    "label_vi": "the cell in Vietnamese",
    "rung": "rung of the definition ladder: posts and mentors stand beside it",
    "unit": "unit of the numbers, adequacy apart",
    "scenario": "name of the scenario",
    "scenario_hash": "its hash",
    "track": "kind of work",
    "experience": "novice, experienced, or mentor",
    "region": "region",
    "wanted": "posts of the year, or mentors whom all novices would need: median over runs",
    "low": "10 % quantile over runs of there less wanted",
    "value": "its median: negative where people are missing",
    "high": "90 % quantile",
    "adequacy_low": "10 % quantile over runs of there / wanted",
    "adequacy": "its median; empty where fewer than half of the runs want a person",
    "adequacy_high": "90 % quantile",
}
UNITS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("wanted", "low", "value", "high"), "column unit"),
    **dict.fromkeys(("adequacy_low", "adequacy", "adequacy_high"), "1"),
}
LEVELS: Final = {  # experience: what is there, what is wanted
    "novice": ("novice_hires", "posts_for_novices"),
    "experienced": ("lateral_hires", "posts_for_experienced"),
    "mentor": ("mentors_available", "mentors_needed"),
}
_CLASSES: Final = (0.5, 0.7, 0.85, 1.0)  # upper ends of adequacy: what is shorter is darker
_SHADES: Final = (style.FIRST_MEDIAN, *reversed(style.FIRST_BANDS), "#FFFFFF")
_INK: Final = ("#FFFFFF", "#FFFFFF", style.BLACK, style.BLACK, style.BLACK)
_NAMES, _LEVEL, _ROW, _GAP = 23.5, 17.5, 8.2, 2.0  # mm: names of tracks and levels, height of a row, between years
_AMPLE = 2.0  # adequacy above which no number is told
_ONE = 0.5  # people below whom a gap is printed as none
_MANY = 20.0  # people below whom a cell is not named in the title


def gap_map_table(dataset: xr.Dataset) -> pd.DataFrame:
    """What F4 shows (COLUMNS) of one scenario."""
    plotted.needs(dataset, (name for pair in LEVELS.values() for name in pair), NAME)
    rows = []
    for year in plotted.years_shown(dataset):
        for track in dataset["track"].to_numpy():
            for level, (there, wanted) in LEVELS.items():
                for region in dataset["region"].to_numpy():
                    cell = {"track": str(track), "experience": level, "region": str(region)}
                    have, want = (_at(dataset[name], year, cell) for name in (there, wanted))
                    rows.append(_about(dataset, year, cell) | _numbers(have, want))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def draw_gap_map(dataset: xr.Dataset, language: Language, source: str = "") -> Drawing:
    """F4 for one scenario; save it with `figure.save`."""
    table = gap_map_table(dataset)
    panels = plotted.panels(table)
    title = _title(panels[-1][1], language)
    how = " ".join((text("map.key", language, title=scenario_title(dataset, language)), *_open(table, language)))
    lines = len(table) // len(panels) // dataset.sizes["region"]
    small = line_height(style.SMALL)
    with printed():
        head = line_height(style.NORMAL) + small + 1
        page, top = framed(title, how, caption([dataset], language, source), head + lines * _ROW + 3 + small + 1)
        width = (style.FULL_WIDTH - 2 * MARGIN - _NAMES - _LEVEL - _GAP * (len(panels) - 1)) / len(panels)
        for place, (name, rows) in enumerate(panels):
            left = MARGIN + _NAMES + _LEVEL + place * (width + _GAP)
            page.text(left, top, [name], style.NORMAL, bold=True)
            regions = list(dict.fromkeys(rows["region"]))
            for at, region in enumerate(regions):
                middle = left + (at + 0.5) * width / len(regions)
                words = [text(f"region.{region}", language)]
                page.text(middle, top + line_height(style.NORMAL) + 0.3, words, align="center")
            _cells(page.axes(left, top + head, width, lines * _ROW), rows, len(regions), language)
        _names(page, top + head, panels[0][1], language)
        _key(page, top + head + lines * _ROW + 3, language)
    return Drawing(NAME, language, page.figure, table, title, _alt(table, dataset, language))


def _at(values: xr.DataArray, year: int, cell: Mapping[str, str]) -> plotted.Values:
    when: tuple[str, float] = ("period", year) if "period" in values.dims else ("edge", year + 1.0)
    found = values.sel({"track": cell["track"], "region": cell["region"], when[0]: when[1]})
    whole = found.sum([dim for dim in found.dims if dim != "member"])  # through whatever door
    return np.asarray(whole.to_numpy(), dtype=np.float64)


def _about(dataset: xr.Dataset, year: int, cell: dict[str, str]) -> dict[str, object]:
    labels = {f"label_{language}": _label(cell, language) for language in ("en", "vi")}
    scenario = {name: str(dataset.attrs[name]) for name in ("scenario", "scenario_hash")}
    return {"panel": str(year), **labels, "rung": "beside_ladder", "unit": "person", **scenario, **cell}


def _label(cell: Mapping[str, str], language: Language) -> str:
    words = {name: text(f"{key}.{cell[name]}", language) for name, key in
             (("track", "track"), ("experience", "level"), ("region", "region"))}  # fmt: skip
    words["experience"] = words["experience"][0].lower() + words["experience"][1:]
    return text("map.cell", language, **words)


def _numbers(have: plotted.Values, want: plotted.Values) -> dict[str, float]:
    low, value, high = np.quantile(have - want, INTERVAL)
    found = {"wanted": float(np.median(want)), "low": float(low), "value": float(value), "high": float(high)}
    names = ("adequacy_low", "adequacy", "adequacy_high")
    some = want >= 1
    if some.mean() < 0.5:
        return found | dict.fromkeys(names, float("nan"))
    return found | dict(zip(names, map(float, np.quantile(have[some] / want[some], INTERVAL)), strict=True))


def _class(adequacy: float) -> int:
    return int(np.searchsorted(_CLASSES, adequacy, side="right"))


def _cells(axes: Axes, rows: pd.DataFrame, columns: int, language: Language) -> None:
    for place, row in enumerate(rows.to_dict("records")):
        line, column = divmod(place, columns)
        none = _nobody(row)
        shade = len(_SHADES) - 1 if none else _class(row["adequacy"])
        axes.add_patch(
            Rectangle((column, line), 1, 1, facecolor=_SHADES[shade], edgecolor=style.FAINT, linewidth=style.THIN)
        )
        if none:
            axes.text(column + 0.5, line + 0.5, "–", ha="center", va="center", color=style.GREY)
            continue
        ink = _INK[shade]
        gap = count(row["value"], language, signed=True)
        axes.text(column + 0.5, line + 0.30, gap, ha="center", va="center", weight="bold", color=ink)
        axes.text(column + 0.5, line + 0.72, _share(row, language), ha="center", va="center", color=ink)
    axes.set_xlim(0, columns)
    axes.set_ylim(len(rows) / columns, 0)
    axes.set_axis_off()


def _nobody(row: Mapping[Hashable, float]) -> bool:
    """Whether most runs want nobody, or lack nobody: a share of what the few others want would shade a 0 as dark."""
    return bool(np.isnan(row["adequacy"])) or (row["adequacy"] < 1.0 and abs(row["value"]) < _ONE)


def _share(row: Mapping[Hashable, float], language: Language) -> str:
    """Adequacy and its interval: "75 % (47–97)"; what is more than twice enough is not told exactly."""
    ample = text("map.ample", language, end=percent(_AMPLE, language))
    middle = ample if row["adequacy"] > _AMPLE else percent(row["adequacy"], language)
    low, high = (number(100 * row[name], language) for name in ("adequacy_low", "adequacy_high"))
    if low == high or row["adequacy_low"] >= _AMPLE:
        return middle
    return f"{middle} ({low}+)" if row["adequacy_high"] > _AMPLE else f"{middle} ({low}–{high})"


def _open(table: pd.DataFrame, language: Language) -> list[str]:
    """How to read an interval that ends where no number is told, by the first one that is printed, if any."""
    found = [row for row in table.to_dict("records")
             if not _nobody(row) and row["adequacy_low"] < _AMPLE < row["adequacy_high"]]  # fmt: skip
    ends = {"end": percent(_AMPLE, language)}
    return [
        text("map.open", language, low=number(100 * low, language), share=percent(low, language), **ends)
        for low in [row["adequacy_low"] for row in found[:1]]
    ]


def _names(page: Page, top: float, rows: pd.DataFrame, language: Language) -> None:
    small = line_height(style.SMALL)
    for block, track in enumerate(dict.fromkeys(rows["track"])):
        above = top + block * len(LEVELS) * _ROW
        page.line(MARGIN, style.FULL_WIDTH - MARGIN, above, color=style.GREY, linewidth=style.MEDIUM)
        page.text(MARGIN, above + 1.5, wrap(text(f"track.{track}", language), _NAMES - 2, style.SMALL, "bold"),
                  bold=True)  # fmt: skip
        for place, level in enumerate(LEVELS):
            words = wrap(text(f"level.{level}", language), _LEVEL - 1)
            page.text(MARGIN + _NAMES, above + place * _ROW + (_ROW - len(words) * small) / 2, words)


def _key(page: Page, top: float, language: Language) -> None:
    """The classes of adequacy as samples, each with its ends."""
    small = line_height(style.SMALL)
    left = page.text_run(MARGIN, top, text("map.classes", language)) + 3
    ends = [percent(end, language) for end in _CLASSES]
    words = [text("map.under", language, end=ends[0])]
    words += [text("map.between", language, low=low, high=high) for low, high in pairwise(ends)]
    words.append(text("map.over", language, end=ends[-1]))
    for shade, said in zip(_SHADES, words, strict=True):
        page.box(left, top + 0.3, 5, small - 0.6, shade, edge=style.FAINT)
        left = page.text_run(left + 6, top, said) + 4


def _largest(rows: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """The cells in which many people are missing, most first."""
    missing = rows[(rows["value"] <= -_MANY) & rows["adequacy"].notna()]
    return missing.sort_values("value", kind="stable").to_dict("records")


def _title(rows: pd.DataFrame, language: Language) -> str:
    """The cell in which most people are missing in the last year shown: the message."""
    cells, year = _largest(rows), str(rows["panel"].iloc[0])
    if not cells:
        return text("map.title_none", language, year=year)
    cell = cells[0]
    missing = {"low": -cell["high"], "value": -cell["value"], "high": -cell["low"]}
    words = {"year": year, "cell": str(cell[f"label_{language}"]), "gap": count_within(missing, language)}
    return text("map.title", language, **words, share=_share_told(cell, language))


def _share_told(cell: Mapping[Hashable, Any], language: Language) -> str:
    low, middle, high = (percent(float(cell[f"adequacy{end}"]), language) for end in ("_low", "", "_high"))
    return f"{middle} ({text('number.interval', language, low=low, high=high)})"


def _alt(table: pd.DataFrame, dataset: xr.Dataset, language: Language) -> str:
    sentences = [text("map.alt_title", language, title=scenario_title(dataset, language))]
    for year, rows in plotted.panels(table):
        for row in _largest(rows)[:4]:
            words = {"year": year, "cell": row[f"label_{language}"], "gap": count(-row["value"], language)}
            sentences.append(text("map.alt", language, **words, share=percent(row["adequacy"], language)))
    return " ".join(sentences)

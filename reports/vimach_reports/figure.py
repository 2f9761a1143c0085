"""A printed figure: a page laid out in millimetres, its caption, its alternative text, and how it is saved.

A figure is drawn from a table and saved with that table, so the CSV is exactly what is plotted.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape

import matplotlib as mpl
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from vimach.files import write_whole
from vimach_reports import style
from vimach_reports.catalogue import (
    UNBROKEN,
    Language,
    calibration,
    day,
    month,
    number,
    scenario_title,
    text,
    unbroken,
)
from vimach_reports.writing import csv_bytes

Weight = Literal["normal", "bold"]
Align = Literal["left", "center", "right"]
MARGIN = 2.0  # mm on every side
DOTS = 300  # per inch, of a figure for slides
PLACES = "places"
"""Group id of an axis that holds places of rows or bars, not numbers."""
_FINE = 400.0  # pt


@dataclass(frozen=True)
class Drawing:
    """A finished figure: `name` is the stem of its files, `table` what it shows, `alt` what it says in words."""

    name: str
    language: Language
    figure: Figure = field(repr=False)
    table: pd.DataFrame = field(repr=False)
    title: str
    alt: str


@contextmanager
def printed() -> Iterator[None]:
    """The house style and nothing else: no matplotlibrc of the user, no setting left behind."""
    with mpl.rc_context():
        mpl.rcdefaults()
        for name, value in style.PARAMETERS.items():
            mpl.rcParams[name] = value
        yield


def save(drawing: Drawing, folder: Path) -> tuple[Path, ...]:
    """Write NAME_LANGUAGE.pdf, .svg and .png, and NAME.csv (the same for both languages); each whole or not at all.

    The same drawing gives the same bytes: no date, fixed identifiers.
    """
    stem = f"{drawing.name}_{drawing.language}"
    return (
        write_whole(folder / f"{stem}.pdf", pdf_bytes(drawing)),
        write_whole(folder / f"{stem}.svg", svg_bytes(drawing)),
        write_whole(folder / f"{stem}.png", png_bytes(drawing)),
        write_whole(folder / f"{drawing.name}.csv", csv_bytes(drawing.table)),
    )


def pdf_bytes(drawing: Drawing) -> bytes:
    """The figure as PDF: vectors only, TrueType fonts embedded, alternative text as its subject."""
    about = {"Title": drawing.title, "Subject": drawing.alt, "Creator": "vimach", "CreationDate": None}
    return _bytes(drawing.figure, "pdf", about)


def svg_bytes(drawing: Drawing) -> bytes:
    """The figure as SVG: letters as outlines, alternative text as <title> and <desc>."""
    svg = _bytes(drawing.figure, "svg", {"Title": drawing.title, "Date": None, "Creator": "vimach"}).decode("utf-8")
    before, end, after = svg.partition("</title>")
    opening = before.replace("<svg ", f'<svg role="img" xml:lang="{drawing.language}" ', 1)
    return f"{opening}{end}\n <desc>{escape(drawing.alt)}</desc>{after}".encode()


def png_bytes(drawing: Drawing) -> bytes:
    """The figure as a picture of 300 dots an inch, for slides."""
    return _bytes(drawing.figure, "png", {"Title": drawing.title, "Description": drawing.alt, "Software": None}, DOTS)


def _bytes(figure: Figure, kind: str, about: dict[str, Any], dots: float = 72) -> bytes:
    buffer = BytesIO()
    with printed():
        figure.savefig(buffer, format=kind, metadata=about, dpi=dots)
    return buffer.getvalue()


class Page:
    """A figure measured in millimetres from its upper left corner."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width * style.MM, height * style.MM), dpi=72)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """A plotting area whose upper left corner lies at (left, top)."""
        bottom = self.height - top - height
        box = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        return self.figure.add_axes(box)

    def text(
        self,
        left: float,
        top: float,
        lines: Sequence[str],
        size: float = style.SMALL,
        *,
        colour: str = style.BLACK,
        bold: bool = False,
        align: Align = "left",
    ) -> float:
        """Write lines below one another; `top` is the upper edge of the first. Returns the lower edge of the last.

        `left` is where the lines begin, or with another `align` their middle or their end.
        """
        step = line_height(size)
        for place, line in enumerate(lines):
            y = 1 - (top + (place + 0.78) * step) / self.height
            weight = "bold" if bold else "normal"
            self.figure.text(
                left / self.width, y, line, fontsize=size, va="baseline", ha=align, color=colour, weight=weight
            )
        return top + len(lines) * step

    def text_run(self, left: float, top: float, words: str, *, colour: str = style.BLACK, bold: bool = False) -> float:
        """Write one small line; returns where it ends, so that something can stand behind it."""
        self.text(left, top, [words], colour=colour, bold=bold)
        return left + text_width(words, style.SMALL, "bold" if bold else "normal")

    def line(self, left: float, right: float, height: float, **look: Any) -> None:
        """A horizontal line, `height` below the upper edge of the page."""
        y = 1 - height / self.height
        ends = [left / self.width, right / self.width]
        self.figure.add_artist(Line2D(ends, [y, y], transform=self.figure.transFigure, **look))

    def box(self, left: float, top: float, width: float, height: float, colour: str, edge: str = "") -> None:
        """A filled rectangle, with a thin edge if `edge` names its colour."""
        corner = (left / self.width, 1 - (top + height) / self.height)
        self.figure.add_artist(
            Rectangle(
                corner,
                width / self.width,
                height / self.height,
                transform=self.figure.transFigure,
                facecolor=colour,
                edgecolor=edge or "none",
                linewidth=style.THIN if edge else 0,
            )
        )


def line_height(size: float) -> float:
    """Height of a line of type of `size` pt, in mm."""
    return size * style.POINT * style.LINE


def text_width(words: str, size: float, weight: Weight = "normal") -> float:
    """Width of a line of type, in mm."""
    return sum(_advance(word, weight) for word in words.split(" ")) * size + words.count(" ") * _space(size, weight)


def wrap(words: str, room: float, size: float = style.SMALL, weight: Weight = "normal") -> list[str]:
    """Break a text into lines that fit into `room` mm; a word that is wider stands alone.

    A number stays with its unit unless both together are wider than that.
    """
    lines: list[str] = []
    used, space = 0.0, _space(size, weight)
    for word in _words(unbroken(words), room, size, weight):
        width = _advance(word, weight) * size
        if lines and used + space + width <= room:
            lines[-1] = f"{lines[-1]} {word}"
            used += space + width
        else:
            lines.append(word)
            used = width
    return lines


def _words(words: str, room: float, size: float, weight: Weight) -> Iterator[str]:
    for word in words.split(" "):
        yield from word.split(UNBROKEN) if _advance(word, weight) * size > room else [word]


def balance(words: str, room: float, size: float = style.SMALL, weight: Weight = "normal") -> list[str]:
    """Break a title as `wrap` does, but into lines of like length, so that no word stands alone on the last one."""
    best = wrap(words, room, size, weight)
    for narrower in range(int(room) - 1, int(room) // 2, -2):
        lines = wrap(words, narrower, size, weight)
        if len(lines) > len(best):
            break
        best = lines
    return best


def caption(
    datasets: Sequence[xr.Dataset], language: Language, source: str = "", trained: bool = False, members: int = 0,
    status: str = "",
) -> str:  # fmt: skip
    """Source, vintage, scenarios with hashes, model version, runs, seed and status of the numbers, as one text.

    `source` names the evidence; `trained` adds whose reading of the Decision the trained are counted by; `members` is
    the number of runs and `status` how their numbers came about, where they are others than those of the datasets.
    """
    attrs = datasets[0].attrs
    runs = members or int(attrs["members"])
    told = datasets[0].assign_attrs(calibration=status) if status else datasets[0]
    parts = [
        origin(attrs, language, source),
        *(
            text("caption.scenario", language, title=scenario_title(each, language), hash=each.attrs["scenario_hash"])
            for each in datasets
        ),
        text("caption.run", language, members=number(runs, language), seed=str(attrs["seed"])),
        text("caption.calibration", language, status=calibration(told, language)),
    ]
    if "newest_stock_count" in attrs:
        parts.insert(1, text("caption.newest", language, month=month(float(attrs["newest_stock_count"]), language)))
    if trained:
        parts.append(text("caption.trained", language, reading=text("reading.ours", language)))
    return " ".join(parts)


def origin(attrs: Mapping[Any, Any], language: Language, source: str = "") -> str:
    """Source and vintage alone: the caption of a figure that shows no run."""
    told = source or text("caption.source_default", language)
    vintage = day(str(attrs["data_vintage"]), language)
    return " ".join((
        text("caption.source", language, version=str(attrs["model_version"]), source=told),
        text("caption.vintage", language, vintage=vintage),
    ))  # fmt: skip


def _space(size: float, weight: Weight) -> float:
    return (_advance("n n", weight) - 2 * _advance("n", weight)) * size


@cache
def _advance(word: str, weight: Weight) -> float:
    """Width in mm of a word in type of 1 pt, measured large so that no hint for a coarse screen rounds its letters."""
    font = _font(weight)
    font.set_size(_FINE, 72)
    font.set_text(word)
    return float(font.get_width_height()[0]) / 64 / _FINE * style.POINT


@cache
def _font(weight: Weight) -> FT2Font:
    return FT2Font(str(findfont(FontProperties(family=[style.FONT], weight=weight))))

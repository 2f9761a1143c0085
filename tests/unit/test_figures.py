"""Figures ready for print: same input, same bytes; fonts, sizes and lines; the CSV is what is plotted."""

import csv
import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
import pikepdf
import pytest
import xarray as xr
from fontTools.ttLib import TTFont
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, BboxBase
from PIL import Image

from vimach.errors import BadInput
from vimach.files import write_whole
from vimach.parameters.table import Target, read_parameters
from vimach_calibration.announcements import read_announcements
from vimach_calibration.realisation import estimate, realised_entries
from vimach_reports import figure as figure_module
from vimach_reports import figures, style
from vimach_reports.briefing.workbook import Sheet, unit_of
from vimach_reports.catalogue import LANGUAGES, Language, entries
from vimach_reports.fan import draw_fan
from vimach_reports.figure import PLACES, Drawing, pdf_bytes, png_bytes, save, svg_bytes, text_width, wrap
from vimach_reports.figures import FIGURES, FigureData
from vimach_reports.small_multiples import draw_small_multiples
from vimach_reports.writing import csv_bytes

from . import example_tables

Box = tuple[str, BboxBase]

_EDGE = 0.1  # pt by which a box may stick out: that of letters is measured in whole dots
_OVERLAP = 1.0  # pt by which boxes of two texts may overlap: they hold room above and below the letters
_FINE = 10  # times the dots of a printer's point, so that measures do not depend on whole dots


@pytest.fixture(scope="module")
def material(
    baseline: xr.Dataset, accelerated: xr.Dataset, targets: tuple[Target, ...], observations: pd.DataFrame
) -> FigureData:
    """All that any figure needs."""
    parameters = read_parameters()
    labels = {name: (parameter.label.en, parameter.label.vi) for name, parameter in parameters.items()}
    tables = {
        "attribution": example_tables.attribution(),
        "indices": example_tables.sensitivity(labels),
        "switching": example_tables.switching(labels),
        "marginal_cost": example_tables.marginal_cost(labels),
        "forecasts": example_tables.forecasts(),
        "realised": realised_entries(read_announcements()),
        "realisation": estimate(),
    }
    return FigureData((baseline, accelerated), targets, parameters, observations, tables)


@pytest.fixture(scope="module")
def drawings(material: FigureData) -> dict[tuple[str, Language], Drawing]:
    return {(drawing.name, drawing.language): drawing for drawing in figures.drawings(material, LANGUAGES)}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, drawings: dict[tuple[str, Language], Drawing]) -> Path:
    """A folder with every figure, saved once."""
    folder = tmp_path_factory.mktemp("figures")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figure_module, "DOTS", 30)  # coarse pictures: fine ones take a third of the time
        for drawing in drawings.values():
            save(drawing, folder)
    return folder


@pytest.fixture(scope="module")
def boxes(saved: Path, drawings: dict[tuple[str, Language], Drawing]) -> dict[tuple[str, Language], list[Box]]:
    """Every text that is seen and the box that it fills, in points, once saving has laid out the ticks."""
    assert saved.is_dir()
    found: dict[tuple[str, Language], list[Box]] = {}
    for key, drawing in drawings.items():
        figure, scale = drawing.figure, Affine2D().scale(1 / _FINE)
        figure.set_dpi(72 * _FINE)
        unseen = {label for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for label in _beyond(axis)}
        texts = (text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible())
        seen = (text for text in texts if text not in unseen)
        found[key] = [(text.get_text(), text.get_window_extent().transformed(scale)) for text in seen]
        figure.set_dpi(72)
    return found


def _beyond(axis: Axis) -> list[Text]:
    """Labels of ticks that lie beyond the ends of an axis, or on one that is switched off: they are never drawn."""
    low, high = sorted(axis.get_view_interval())
    labels = zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=True)
    return [label for where, label in labels if not (low <= where <= high and axis.axes.axison)]


each_figure = pytest.mark.parametrize("name", [figure.name for figure in FIGURES])
each_language = pytest.mark.parametrize("language", LANGUAGES)


def _figure(name: str) -> figures.Figure:
    return next(figure for figure in FIGURES if figure.name == name)


@each_figure
@each_language
def test_same_input_gives_same_bytes(material: FigureData, saved: Path, name: str, language: Language) -> None:
    again = _figure(name).draw(material, language)
    if name in ("F1_fan", "T1_levers"):  # embedding fonts takes half of the time, and is the same for every figure
        assert (saved / f"{name}_{language}.pdf").read_bytes() == pdf_bytes(again)
    assert (saved / f"{name}_{language}.svg").read_bytes() == svg_bytes(again)
    assert (saved / f"{name}.csv").read_bytes() == csv_bytes(again.table)


@each_figure
@each_language
def test_pdf_is_ready_for_print(
    saved: Path, drawings: dict[tuple[str, Language], Drawing], name: str, language: Language
) -> None:
    drawing = drawings[name, language]
    with pikepdf.open(saved / f"{name}_{language}.pdf") as pdf:
        (page,) = pdf.pages
        width, height = (float(side) * style.POINT for side in page.mediabox[2:])
        assert width == pytest.approx(170, abs=0.05) or width == pytest.approx(82, abs=0.05)
        assert height <= style.TALLEST
        fonts = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font"]
        kinds = {str(font["/Subtype"]) for font in fonts}
        assert kinds
        assert "/Type3" not in kinds
        assert all("DejaVuSans" in str(font["/BaseFont"]) for font in fonts)
        streams = [item for item in pdf.objects if isinstance(item, pikepdf.Stream)]
        assert not [stream for stream in streams if stream.get("/Subtype") == "/Image"]
        assert str(pdf.docinfo["/Subject"]) == drawing.alt
        assert "/CreationDate" not in pdf.docinfo


@each_figure
@each_language
def test_svg_carries_its_text_alternative(
    saved: Path, drawings: dict[tuple[str, Language], Drawing], name: str, language: Language
) -> None:
    svg = (saved / f"{name}_{language}.svg").read_text(encoding="utf-8")
    drawing = drawings[name, language]
    assert drawing.title and len(drawing.alt) > len(drawing.title)
    assert f"<title>{escape(drawing.title)}</title>" in svg
    assert f"<desc>{escape(drawing.alt)}</desc>" in svg
    assert "<dc:date>" not in svg
    assert "font-family" not in svg


@each_figure
@each_language
def test_type_and_lines_keep_their_sizes(
    drawings: dict[tuple[str, Language], Drawing], name: str, language: Language
) -> None:
    figure = drawings[name, language].figure
    sizes = {text.get_fontsize() for text in figure.findobj(Text) if text.get_text()}
    assert sizes
    assert sizes <= {7.0, 8.0, 9.0}
    lines = [line for line in figure.findobj(Line2D) if line.get_linestyle() != "None" and len(line.get_xdata()) > 1]
    widths = [line.get_linewidth() for line in lines]
    widths += [patch.get_linewidth() for patch in figure.findobj(Patch) if patch.get_edgecolor()[3] > 0]
    widths += [width for drawn in figure.findobj(Collection) for width in drawn.get_linewidth()]
    assert min(width for width in widths if width) >= 0.5


@each_figure
@each_language
def test_the_font_holds_every_letter_of_a_figure(
    drawings: dict[tuple[str, Language], Drawing], name: str, language: Language
) -> None:
    for text in drawings[name, language].figure.findobj(Text):
        held = _letters(text.get_fontweight())
        assert {letter for letter in text.get_text() if ord(letter) not in held} == set(), text.get_text()


@cache
def _letters(weight: str) -> frozenset[int]:
    font = TTFont(findfont(FontProperties(family=[style.FONT], weight=weight), fallback_to_default=False))
    with font:
        return frozenset(font.getBestCmap())


@each_figure
@each_language
def test_no_text_lies_on_another(boxes: dict[tuple[str, Language], list[Box]], name: str, language: Language) -> None:
    texts = boxes[name, language]
    for place, (words, box) in enumerate(texts):
        for others, other in texts[:place]:
            across = min(box.x1, other.x1) - max(box.x0, other.x0)
            upright = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert min(across, upright) <= _OVERLAP, f"{words!r} lies on {others!r}"


@each_figure
def test_neighbours_differ_without_colour(drawings: dict[tuple[str, Language], Drawing], name: str) -> None:
    figure = drawings[name, "en"].figure
    for axes in [figure, *figure.axes]:
        patches = [patch for patch in axes.patches if patch.get_visible() and patch is not getattr(axes, "patch", None)]
        colours = {to_hex(patch.get_facecolor()) for patch in patches}
        if axes is not figure:
            colours |= {to_hex(colour) for drawn in axes.collections for colour in drawn.get_facecolor()}
        shades = sorted(map(_lightness, colours))
        assert all(darker + 15 <= lighter for darker, lighter in pairwise(shades)), colours
        looks: dict[object, set[str]] = {}
        for line in axes.lines:
            if len(line.get_xdata()) and line.get_linestyle() != "None":
                look = (line.get_linestyle(), line._unscaled_dash_pattern, line.get_marker(), line.get_linewidth())
                looks.setdefault(look, set()).add(to_hex(line.get_color()))
        assert all(len(colours) == 1 for colours in looks.values()), "lines that only their colour tells apart"


def _lightness(colour: str) -> float:
    """L* of a colour on white, as a black and white printer shows it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    light = float(np.dot([0.2126, 0.7152, 0.0722], linear))
    return 116 * light ** (1 / 3) - 16 if light > 0.008856 else 903.3 * light


@each_figure
@each_language
def test_nothing_is_cut_off_at_the_edge(
    boxes: dict[tuple[str, Language], list[Box]],
    drawings: dict[tuple[str, Language], Drawing],
    name: str,
    language: Language,
) -> None:
    right, top = drawings[name, language].figure.get_size_inches() * 72
    for words, box in boxes[name, language]:
        assert -_EDGE <= box.x0 <= box.x1 <= right + _EDGE, words
        assert -_EDGE <= box.y0 <= box.y1 <= top + _EDGE, words


def _digits(edges: object, values: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Points of a curve as the CSV writes them."""
    return tuple(tuple(f"{number:.10g}" for number in np.asarray(side, float)) for side in (edges, values))  # type: ignore[return-value]


@each_figure
def test_what_stands_on_an_axis_of_numbers_stands_in_the_table(
    saved: Path, drawings: dict[tuple[str, Language], Drawing], name: str
) -> None:
    """Every point drawn on a visible axis, curves and ends of areas and bars, is a number of the CSV.

    Axes that hold places of rows or bars say so.
    """
    read = pd.read_csv(saved / f"{name}.csv", encoding="utf-8-sig").select_dtypes("number")
    numbers = read.to_numpy().ravel()
    for axes in drawings[name, "en"].figure.axes:
        for side, limits in enumerate((axes.get_xlim(), axes.get_ylim())):
            if (axes.xaxis, axes.yaxis)[side].get_gid() == PLACES:
                continue
            known = np.array(sorted({0.0, *limits, *numbers[np.isfinite(numbers)]}))
            for points in _drawn(axes) if axes.axison else ():
                after = np.searchsorted(known, points[:, side]).clip(1, len(known) - 1)
                apart = np.minimum(*(np.abs(known[place] - points[:, side]) for place in (after - 1, after)))
                assert (apart <= 1e-8 * np.abs(points[:, side]).clip(1)).all(), points[:, side]


def _drawn(axes: Axes) -> list[np.ndarray]:
    lines = [line for line in axes.lines if len(line.get_xdata()) and line.get_transform() == axes.transData]
    areas = [path.vertices for drawn in axes.collections for path in drawn.get_paths()]
    patches = [patch.get_transform().transform_path(patch.get_path()).vertices for patch in axes.patches]
    boxes = [axes.transData.inverted().transform(vertices) for vertices in patches]
    return [np.column_stack([line.get_xdata(), line.get_ydata()]).astype(float) for line in lines] + areas + boxes


@pytest.mark.parametrize("name", ["F1_fan", "F7_targets"])
def test_the_table_is_what_is_plotted(saved: Path, drawings: dict[tuple[str, Language], Drawing], name: str) -> None:
    drawing = drawings[name, "en"]
    read = pd.read_csv(saved / f"{name}.csv", encoding="utf-8-sig", keep_default_na=False)
    panels = read.groupby("panel", sort=False)
    for axes, (_, rows) in zip(drawing.figure.axes, panels, strict=True):
        curves = [line for line in axes.lines if len(line.get_xdata()) and line.get_transform() == axes.transData]
        plotted = sorted(_digits(line.get_xdata(), line.get_ydata()) for line in curves)
        lines = rows[rows["quantity"].isin(["q50", "target", "observed"]) | (rows["series"] == "second")]
        lines = lines[lines["quantity"] != "probability"]
        wanted = sorted(_digits(part["edge"], part["value"]) for _, part in lines.groupby(["series", "quantity"]))
        assert plotted == wanted
        bands = rows[(rows["series"] == "first") & ~rows["quantity"].isin(["q50", "probability"])]
        drawn = {f"{y:.10g}" for band in axes.collections for y in band.get_paths()[0].vertices[:, 1]}
        assert drawn == {f"{value:.10g}" for value in bands["value"]}


def test_files_are_named_by_figure_and_language(saved: Path) -> None:
    kinds = ("pdf", "svg", "png")
    wanted = {f"{figure.name}_{language}.{kind}" for figure in FIGURES for language in LANGUAGES for kind in kinds}
    tables = {f"{figure.name}.csv" for figure in FIGURES}  # one serves both languages
    assert {path.name for path in saved.iterdir()} == wanted | tables


def test_pictures_for_slides_have_300_dots_an_inch_and_the_same_bytes(material: FigureData) -> None:
    one, two = (png_bytes(_figure("F1_fan").draw(material, "vi")) for _ in range(2))
    assert one == two
    with Image.open(io.BytesIO(one)) as picture:
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert picture.width == pytest.approx(170 / 25.4 * 300, abs=1)


def test_figures_without_tables_need_no_extra_runs(material: FigureData, baseline: xr.Dataset) -> None:
    bare = replace(material, tables={})
    fitting = [figure.name.partition("_")[0] for figure in FIGURES if figure.fits(bare)]
    assert fitting == ["F1", "F3", "F4", "F5", "F7", "F13", "T1"]
    assert not _figure("F13_definition").fits(replace(bare, targets=()))
    alone = replace(material, datasets=(baseline,))
    assert not _figure("F2_waterfall").fits(alone)


@each_figure
def test_the_csv_opens_in_a_spreadsheet(saved: Path, drawings: dict[tuple[str, Language], Drawing], name: str) -> None:
    table = (saved / f"{name}.csv").read_bytes()
    assert table == csv_bytes(drawings[name, "en"].table) == csv_bytes(drawings[name, "vi"].table)
    assert table.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in table
    assert next(csv.reader(io.StringIO(table.decode("utf-8-sig")))) == list(_figure(name).columns)


@each_figure
def test_every_number_of_a_figure_has_its_unit_in_the_workbook(
    drawings: dict[tuple[str, Language], Drawing], name: str
) -> None:
    figure, table = _figure(name), drawings[name, "en"].table
    assert set(figure.units) <= set(figure.columns)
    sheet = Sheet(name, "", "", table, "", "", figure.units)
    assert example_tables.without_unit(sheet) == []
    assert f"figure.source.{figure.source}" in entries()
    told = {column: unit_of(column, sheet) for column in table}
    wanted = {
        "F6_sensitivity": {"low": "1", "value": "1", "later": "1", "switch": "see column parameter_unit"},
        "F8_marginal_cost": {"low": "VND billion per 1,000 persons", "low_usd": "USD million per 1,000 persons",
                             "people": "person"},
        "F12_announced": {"announced": "see column unit", "ratio": "1", "due": "decimal year"},
        "T1_levers": {"second": "see column unit", "cost": "see column cost_unit"},
    }  # fmt: skip
    assert wanted.get(name, {}).items() <= told.items()


@each_figure
@each_language
def test_the_caption_says_where_the_numbers_come_from(
    drawings: dict[tuple[str, Language], Drawing],
    baseline: xr.Dataset,
    accelerated: xr.Dataset,
    name: str,
    language: Language,
) -> None:
    printed = " ".join(text.get_text() for text in drawings[name, language].figure.texts)
    printed = re.sub(r"\s+", " ", printed)
    vintage = {"en": "2026-01-01", "vi": "01/01/2026"}[language]
    reading = {"en": "not an official counting rule", "vi": "không phải quy tắc thống kê chính thức"}[language]
    status = {"en": "prior, not calibrated", "vi": "chưa hiệu chỉnh theo số liệu"}[language]
    hashes = [str(each.attrs["scenario_hash"]) for each in (baseline, accelerated)]
    table = drawings[name, language].table
    one = "scenario_hash" not in table or (table["scenario_hash"].dropna().nunique() == 1 and name != "T1_levers")
    rung = {reading} if "rung" in table and (table["rung"] == "trained_cumulative").any() else set()
    of_runs = {"1017", status, *hashes[: 1 if one else 2], *rung}
    for said in ("0.1.0", vintage):
        assert said in printed
    for said in of_runs:
        assert (said in printed) == (_figure(name).source != "register"), "a figure of no run names none"


@each_language
def test_a_waterfall_of_two_equal_scenarios_says_that_nothing_differs(
    material: FigureData, baseline: xr.Dataset, language: Language
) -> None:
    attribution = example_tables.attribution()
    attribution = attribution[attribution["kind"] != "group"]
    attribution.loc[attribution["kind"] == "difference", ["low", "value", "high"]] = 0.0
    same = replace(material, datasets=(baseline, baseline), tables={"attribution": attribution})
    drawing = _figure("F2_waterfall").draw(same, language)
    assert drawing.title.endswith({"en": "there is no difference", "vi": "không có chênh lệch"}[language])
    assert "0 (0 to 0)" in (said := [text.get_text() for text in drawing.figure.texts]) or "0 (0 đến 0)" in said


def test_one_scenario_can_be_drawn_alone(material: FigureData, baseline: xr.Dataset) -> None:
    for drawing in figures.drawings(replace(material, datasets=(baseline,), tables={}), ("en",)):
        assert set(drawing.table.get("series", pd.Series(["first"])).dropna()) == {"first"}
        assert drawing.figure.get_figheight() / style.MM <= style.TALLEST


def test_fifteen_targets_fit_on_one_page(baseline: xr.Dataset, targets: tuple[Target, ...]) -> None:
    many = [replace(targets[place % 6], name=f"target_{place}") for place in range(15)]
    drawing = draw_small_multiples([baseline, baseline], many, "vi")
    assert len(drawing.figure.axes) == 15
    assert drawing.figure.get_figheight() / style.MM <= style.TALLEST


def test_a_fan_without_a_target_says_so(baseline: xr.Dataset) -> None:
    drawing = draw_fan([baseline], (), "en")
    printed = [text.get_text() for text in drawing.figure.texts]
    assert "No target stands on this definition" in printed


def test_no_figure_without_scenario_or_target(baseline: xr.Dataset, targets: tuple[Target, ...]) -> None:
    with pytest.raises(BadInput, match="one or two scenarios"):
        draw_fan([], targets, "en")
    with pytest.raises(BadInput, match="no target"):
        draw_small_multiples([baseline], (), "en")


def test_bytes_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from vimach_reports.figure import Drawing, Page, pdf_bytes, svg_bytes, printed\n"
        "import pandas as pd\n"
        "with printed():\n"
        "    page = Page(82, 20)\n"
        "    page.text(2, 2, ['Đào tạo đủ 50.000 người'])\n"
        "    page.axes(12, 8, 60, 6).plot([0, 1], [0, 1])\n"
        "drawing = Drawing('x', 'vi', page.figure, pd.DataFrame(), 't', 'd')\n"
        "sys.stdout.buffer.write(pdf_bytes(drawing) + svg_bytes(drawing))\n"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", script], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0].startswith(b"%PDF")


def test_text_is_measured_and_broken_in_millimetres() -> None:
    assert text_width("50,000", 9) == pytest.approx(9 / 7 * text_width("50,000", 7), rel=0.02)
    lines = wrap("một hai ba bốn năm sáu bảy tám chín mười", 20, 7)
    assert len(lines) > 1
    assert all(text_width(line, 7) <= 20 for line in lines)


def test_no_line_ends_between_a_number_and_its_unit() -> None:
    words = "the state pays VND 450 billion more for 64 % of all places"
    for room in range(20, 80):
        lines = wrap(words, room, 7)
        assert " ".join(lines).replace("\N{NO-BREAK SPACE}", " ") == words
        assert not [line for line in lines if line.startswith(("%", "billion")) or line.endswith("VND")]
    assert wrap("VND 2,000 million/person/year", 20, 7) == ["VND 2,000", "million/person/year"], "too wide for both"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_whole(tmp_path / "a.csv", b"old")

    def broken(self: Path, target: Path) -> Path:
        raise OSError("disk gone")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="disk gone"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]

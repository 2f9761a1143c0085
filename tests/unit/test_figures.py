"""Figures ready for print: same input, same bytes; fonts, sizes and lines; the CSV is what is plotted."""

import csv
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pikepdf
import pytest
import xarray as xr
from matplotlib.lines import Line2D
from matplotlib.text import Text

from vimach.errors import BadInput
from vimach.parameters.table import Target
from vimach_reports import style
from vimach_reports.catalogue import LANGUAGES, Language
from vimach_reports.fan import draw_fan
from vimach_reports.figure import Drawing, pdf_bytes, save, svg_bytes, text_width, wrap
from vimach_reports.plotted import COLUMNS
from vimach_reports.small_multiples import draw_small_multiples
from vimach_reports.writing import csv_bytes, write_whole

Draw = Callable[[Language], Drawing]


@pytest.fixture(scope="module")
def draws(
    baseline: xr.Dataset, accelerated: xr.Dataset, targets: tuple[Target, ...], observations: pd.DataFrame
) -> dict[str, Draw]:
    pair = [baseline, accelerated]
    return {
        "F1_fan": lambda language: draw_fan(pair, targets, language, observations),
        "F7_targets": lambda language: draw_small_multiples(pair, targets, language),
    }


@pytest.fixture(scope="module")
def drawings(draws: dict[str, Draw]) -> dict[tuple[str, Language], Drawing]:
    return {(name, language): draw(language) for name, draw in draws.items() for language in LANGUAGES}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, drawings: dict[tuple[str, Language], Drawing]) -> Path:
    """A folder with every figure, saved once."""
    folder = tmp_path_factory.mktemp("figures")
    for drawing in drawings.values():
        save(drawing, folder)
    return folder


each_figure = pytest.mark.parametrize("name", ["F1_fan", "F7_targets"])
each_language = pytest.mark.parametrize("language", LANGUAGES)


@each_figure
@each_language
def test_same_input_gives_same_bytes(draws: dict[str, Draw], saved: Path, name: str, language: Language) -> None:
    again = draws[name](language)
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
        assert width == pytest.approx(170, abs=0.05)
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
    assert f"<title>{drawings[name, language].title}</title>" in svg
    assert f"<desc>{drawings[name, language].alt}</desc>" in svg
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
    drawn = [line for line in figure.findobj(Line2D) if line.get_linestyle() != "None" and len(line.get_xdata()) > 1]
    assert min(line.get_linewidth() for line in drawn) >= 0.5


@each_figure
@each_language
def test_nothing_is_cut_off_at_the_edge(
    saved: Path, drawings: dict[tuple[str, Language], Drawing], name: str, language: Language
) -> None:
    figure = drawings[name, language].figure
    assert saved.is_dir()  # saving has laid the ticks out
    right, top = figure.bbox.width, figure.bbox.height
    for text in figure.findobj(Text):
        if text.get_text() and text.get_visible():
            box = text.get_window_extent()
            assert 0 <= box.x0 <= box.x1 <= right, text.get_text()
            assert 0 <= box.y0 <= box.y1 <= top, text.get_text()


def _digits(edges: object, values: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Points of a curve as the CSV writes them."""
    return tuple(tuple(f"{number:.10g}" for number in np.asarray(side, float)) for side in (edges, values))  # type: ignore[return-value]


@each_figure
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
    names = {path.name for path in saved.iterdir()}
    for figure in ("F1_fan", "F7_targets"):
        assert {f"{figure}_en.pdf", f"{figure}_en.svg", f"{figure}_vi.pdf", f"{figure}_vi.svg"} <= names
    assert len(names) == 10  # the two tables serve both languages


@each_figure
def test_the_csv_opens_in_a_spreadsheet(saved: Path, drawings: dict[tuple[str, Language], Drawing], name: str) -> None:
    table = (saved / f"{name}.csv").read_bytes()
    assert table == csv_bytes(drawings[name, "en"].table) == csv_bytes(drawings[name, "vi"].table)
    assert table.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in table
    assert next(csv.reader(io.StringIO(table.decode("utf-8-sig")))) == list(COLUMNS)


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
    for said in ("0.1.0", "1017", vintage, reading, status, *hashes):
        assert said in printed


def test_one_scenario_can_be_drawn_alone(baseline: xr.Dataset, targets: tuple[Target, ...]) -> None:
    for drawing in (draw_fan([baseline], targets, "en"), draw_small_multiples([baseline], targets, "en")):
        assert set(drawing.table["series"].dropna()) == {"first"}
        assert pdf_bytes(drawing).startswith(b"%PDF")


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


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_whole(tmp_path / "a.csv", b"old")

    def broken(self: Path, target: Path) -> Path:
        raise OSError("disk gone")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="disk gone"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]

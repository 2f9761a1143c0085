"""The summary: money first, then each target with rung, interval and probability; 100 columns; a stable CSV."""

import io
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr
from rich.cells import cell_len
from rich.console import Console

from vimach.analysis.compare import compare, extra_money
from vimach.parameters.table import Target
from vimach_reports.catalogue import LANGUAGES, Language, text
from vimach_reports.judged import JUDGED
from vimach_reports.summary import COLUMNS, print_summary, summary_table, write_summary
from vimach_reports.target_table import render

Tables = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def tables(baseline: xr.Dataset, accelerated: xr.Dataset, targets: tuple[Target, ...]) -> Tables:
    return compare(baseline, accelerated, targets), extra_money(baseline, accelerated)


def _printed(tables: Tables, first: xr.Dataset, second: xr.Dataset, language: Language) -> str:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    print_summary(console, *tables, first, second, language)
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits_a_hundred_columns(
    tables: Tables, baseline: xr.Dataset, accelerated: xr.Dataset, language: Language
) -> None:
    lines = _printed(tables, baseline, accelerated, language).splitlines()
    assert max(cell_len(line) for line in lines) <= 100


def test_it_says_what_it_must_in_order(tables: Tables, baseline: xr.Dataset, accelerated: xr.Dataset) -> None:
    said = " ".join(_printed(tables, baseline, accelerated, "en").split())
    order = [
        "Extra money, Accelerated funding over Baseline: VND",
        "2028",
        "2035",
        "Cost of each person more",
        "50,000 trained (rung: trained since 1 January 2024)",
        "end 2030",
        "end 2035",
        "P by end 2030 about 2 in 20 about 5 in 20",
        "100 design firms",
        "All numbers: prior, not calibrated.",
        "our reading, not an official counting rule",
        str(baseline.attrs["scenario_hash"]),
    ]
    place = 0
    for words in order:
        found = said.find(words, place)
        assert found >= place, words
        place = found
    assert "2027" not in said  # no extra money in that year


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_probability_that_is_judgment_alone_is_marked(
    tables: Tables, baseline: xr.Dataset, accelerated: xr.Dataset, language: Language
) -> None:
    mark = text("summary.judged", language)
    target = tables[0]["target"].iloc[0]
    judged = tables[0].assign(variable=tables[0]["variable"].where(tables[0]["target"] != target, JUDGED[0]))
    assert mark not in _printed(tables, baseline, accelerated, language)
    assert _printed((judged, tables[1]), baseline, accelerated, language).count(mark) == 1
    one = judged[judged["series"] == "first"]
    console = Console(file=io.StringIO(), width=100, color_system=None)
    console.print(render(one, baseline, language))
    assert isinstance(console.file, io.StringIO) and console.file.getvalue().count(mark) == 1


def test_without_extra_money_it_says_so(baseline: xr.Dataset, targets: tuple[Target, ...]) -> None:
    same = compare(baseline, baseline, targets), extra_money(baseline, baseline)
    said = _printed(same, baseline, baseline, "en")
    assert "no extra money in any year" in said


def test_no_intervals_are_cut_off(tables: Tables, baseline: xr.Dataset, accelerated: xr.Dataset) -> None:
    said = _printed(tables, baseline, accelerated, "vi")
    assert said.count("(") == said.count(")")


def test_csv_has_stable_columns_and_the_same_bytes(tmp_path: Path, tables: Tables, baseline: xr.Dataset) -> None:
    path = write_summary(*tables, baseline, tmp_path)
    first = path.read_bytes()
    assert write_summary(*tables, baseline, tmp_path).read_bytes() == first
    assert first.startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(path, encoding="utf-8-sig")
    assert list(read.columns) == list(COLUMNS)
    assert read["about"].tolist() == sorted(read["about"])  # money before targets
    assert not read[["low", "median", "high", "scenario_hash", "unit"]].isna().any().any()
    people = read[read["unit"] == "person"]
    assert not people["rung"].isna().any()
    trained = read[read["rung"] == "trained_cumulative"]
    assert set(trained["reading"]) == {"our reading, not an official counting rule"}
    assert set(read["calibration"]) == {"prior, not calibrated"}


def test_the_csv_holds_the_numbers_of_the_comparison(tables: Tables, baseline: xr.Dataset) -> None:
    table, extra = tables
    summary = summary_table(table, extra, baseline)
    assert summary[summary["about"] == "target"]["median"].tolist() == table["median"].tolist()
    assert summary[summary["about"] == "extra_money"]["median"].tolist() == extra["median"].tolist()

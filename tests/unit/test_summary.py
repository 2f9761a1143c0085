"""A comparison: targets with rung, interval and probability, levers, costs, in two screens; and a stable CSV."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr
from rich.cells import cell_len
from rich.console import Console, Group
from rich.table import Table
from tests.unit.example_tables import attribution

from vimach.analysis.compare import DIFFERENCE, compare, extra_money
from vimach.analysis.targets import assess
from vimach.fields import Label
from vimach.parameters.table import Target
from vimach_reports import costs, target_table
from vimach_reports.briefing.facts import Estimate, Voice
from vimach_reports.catalogue import LANGUAGES, Language
from vimach_reports.columns import plain
from vimach_reports.comparison import render
from vimach_reports.judged import JUDGED
from vimach_reports.summary import COLUMNS, summary_table, write_summary

Tables = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def tables(baseline: xr.Dataset, accelerated: xr.Dataset, targets: tuple[Target, ...]) -> Tables:
    return compare(baseline, accelerated, targets), extra_money(baseline, accelerated)


def _printed(
    tables: Tables, first: xr.Dataset, second: xr.Dataset, language: Language, width: int = 100, every: bool = False
) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    shares = attribution()
    shares.attrs["members"] = 250
    console.print(render(tables[0], shares, first, second, language, width, every))
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def test_it_says_first_what_a_planner_reads_first(
    tables: Tables, baseline: xr.Dataset, accelerated: xr.Dataset
) -> None:
    said = " ".join(_printed(tables, baseline, accelerated, "en").split())
    order = [
        "Accelerated funding against Baseline",
        "end 2030 end 2035",
        "50,000 trained: 50,000 by end 2030 (rung: trained since 1 January 2024)",
        "Baseline",
        "Difference",
        "P by its date: about 2 in 20; about 5 in 20; +1",
        "100 design firms",
        "What makes the difference",
        "Decided in Vietnam",
        "Conversion courses",
        "Decided by others, or by nobody",
        "Partners abroad",
        "What it costs more: mean (80 % interval), VND of 2025",
        "until end 2030 until end 2035",
        "VND billion",
        "VND million of the state budget for each person more",
        "All numbers: prior, not calibrated.",
        "our reading, not an official counting rule",
        str(baseline.attrs["scenario_hash"]),
    ]
    place = 0
    for words in order:
        found = said.find(words, place)
        assert found >= place, words
        place = found

    assert "end 2035  " in _printed(tables, baseline, accelerated, "en", 120)  # room for a column of chances


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [80, 100, 200])
def test_it_fits_the_terminal_in_two_or_three_screens(
    tables: Tables, baseline: xr.Dataset, accelerated: xr.Dataset, language: Language, width: int
) -> None:
    lines = _printed(tables, baseline, accelerated, language, width).splitlines()
    assert max(cell_len(line.rstrip()) for line in lines) <= width
    assert len(lines) <= {80: 110, 100: 85, 200: 75}[width]
    said = "\n".join(lines)
    assert said.count("(") == said.count(")")  # no interval is cut off


def test_numbers_are_those_of_the_briefing(tables: Tables, baseline: xr.Dataset, accelerated: xr.Dataset) -> None:
    said, say = _printed(tables, baseline, accelerated, "en", 120), Voice("en")
    for _, row in tables[0][~tables[0]["variable"].isin(JUDGED)].iterrows():
        found = Estimate("", row["unit"], row["rung"], row["edge"], row["low"], row["median"], row["high"])
        differs = row["series"] == DIFFERENCE
        assert plain(say.spread(found, signed=True) if differs else say.cell(found)) in said


def test_both_scenarios_have_one_denominator(tables: Tables, baseline: xr.Dataset, accelerated: xr.Dataset) -> None:
    said = _printed(tables, baseline, accelerated, "en").split("graduates of related majors count as well:")[1]
    chances = re.findall(r"about \d+ in (\d+)", said.split("What makes")[0])
    assert len(chances) > 2 and len(set(chances)) == 1


def test_what_judgment_alone_answers_waits_for_the_details(
    baseline: xr.Dataset, accelerated: xr.Dataset, targets: tuple[Target, ...]
) -> None:
    fab = replace(targets[-1], name="fab", label=Label("A fab", "Một nhà máy"), variable=JUDGED[0], unit="fab", value=1)
    one, two = (
        data.assign({JUDGED[0]: data["base_labs_open"].assign_attrs(unit="fab")}) for data in (baseline, accelerated)
    )
    both = compare(one, two, [*targets, fab]), extra_money(one, two)
    assert "A fab" not in _printed(both, one, two, "en")
    assert "A fab: 1 by end 2030 (judgment)" in _printed(both, one, two, "en", every=True)


def test_a_target_that_does_not_move_has_one_line(baseline: xr.Dataset, targets: tuple[Target, ...]) -> None:
    same = compare(baseline, baseline, targets), extra_money(baseline, baseline)
    said = _printed(same, baseline, baseline, "en")
    head, still = said.split("Not moved by their date")
    assert "50,000 trained" in head and "design firms" in still
    assert "design firms" in _printed(same, baseline, baseline, "en", every=True).split("What makes")[0]


@pytest.mark.parametrize("width", [80, 120])
def test_a_target_of_a_later_phase_is_shown_and_kept_at_its_own_date(
    baseline: xr.Dataset, accelerated: xr.Dataset, targets: tuple[Target, ...], width: int
) -> None:
    late = replace(targets[2], name="employed_late", label=Label("Late", "Muộn"), value=90_000.0, by=2041.0)
    one, two = (
        data.assign_coords(edge=data["edge"] + 5.0, period=data["period"] + 5) for data in (baseline, accelerated)
    )
    found = compare(one, two, [*targets, late]), extra_money(one, two)
    own = summary_table(*found, one)
    assert own.loc[own["target"] == "employed_late", "edge"].unique().tolist() == [2031.0, 2036.0, 2041.0]
    assert own.loc[own["target"] == "employed_50000", "edge"].unique().tolist() == [2031.0, 2036.0]
    lines = _printed(found, one, two, "en", width).splitlines()
    assert max(cell_len(line.rstrip()) for line in lines) <= width
    place = next(number for number, line in enumerate(lines) if line.startswith("Late: 90,000 by end 2040"))
    assert lines[place - 1].split()[:4] == ["end", "2035", "end", "2040"]
    assert sum("end 2030" in line and "end 2035" in line for line in lines) == 3, "targets, levers and costs"


def test_one_scenario_shows_a_later_target_at_its_own_date(baseline: xr.Dataset, targets: tuple[Target, ...]) -> None:
    late = replace(targets[3], name="firms_late", label=Label("Late", "Muộn"), value=300.0, by=2041.0)
    data = baseline.assign_coords(edge=baseline["edge"] + 5.0, period=baseline["period"] + 5)
    console = Console(file=io.StringIO(), width=100, color_system=None)
    console.print(target_table.render(assess(data, [*targets, late]), data, "en"))
    assert isinstance(console.file, io.StringIO)
    head, own = console.file.getvalue().split("Late: 300 by end 2040")
    assert head.rstrip().splitlines()[-1].split()[:4] == ["end", "2035", "end", "2040"]
    said = assess(data, [late], [2041.0]).iloc[0]
    assert own.split()[0] != own.split()[2] and f"{said['median']:.0f} (" in own


def test_a_column_of_probabilities_has_one_denominator(baseline: xr.Dataset, targets: tuple[Target, ...]) -> None:
    table = assess(baseline, targets)
    table["probability"] = [(0.3, 0.75, 0.35)[place % 3] for place in pd.factorize(table["target"])[0]]
    console = Console(file=io.StringIO(), width=100, color_system=None)
    console.print(target_table.render(table, baseline, "en"))
    assert isinstance(console.file, io.StringIO)
    chances = set(re.findall(r"about \d+ in \d+", console.file.getvalue()))
    assert chances == {"about 6 in 20", "about 15 in 20", "about 7 in 20"}


def test_money_by_year_is_among_the_details(tables: Tables, baseline: xr.Dataset, accelerated: xr.Dataset) -> None:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    console.print(Group(*costs.render(tables[1], baseline, accelerated, "en")))
    same = extra_money(baseline, baseline)
    console.print(Group(*costs.render(same, baseline, baseline, "en")))
    written = console.file
    assert isinstance(written, io.StringIO)
    said = " ".join(written.getvalue().split())
    assert "Extra money, Accelerated funding over Baseline: VND" in said
    assert "2028" in said and "2027" not in said  # no extra money in that year
    assert "no extra money in any year" in said
    assert "Cost of bringing home one person more: 2,000 (1,000–4,000) VND million/person; judgment" in said


def test_words_give_way_to_amounts_on_a_narrow_terminal() -> None:
    grid = Table("of whom and of what in words", "USD", "TWD", box=None)
    grid.add_row("a place at a university for a year", "1,234,567", "21,345,678")
    console = Console(file=io.StringIO(), width=32, color_system=None)
    console.print(costs.uncut(grid))
    assert isinstance(console.file, io.StringIO)
    assert "1,234,567" in console.file.getvalue() and "21,345,678" in console.file.getvalue()


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

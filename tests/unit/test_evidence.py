"""The evidence: what is read, what is refused and where, and that each count enters the series once."""

import csv
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml

from vimach import units
from vimach.errors import BadInput
from vimach.library import folder
from vimach_calibration import datapackage
from vimach_calibration.crosswalk import Crosswalk, read_crosswalk
from vimach_calibration.evidence import COLUMNS, NEW_COLUMNS, NEW_FILE, RAW_FILES, EvidenceTable, main, read_evidence
from vimach_calibration.series import as_csv, build_series, check_judgments, read_series, rebuild

COMMITTED = folder("evidence")
FIGURE = {
    "id": "employed_design_2026", "quantity": "employed_design", "segment": "design", "region": "Vietnam",
    "year": "2025.95", "value": "7600", "unit": "engineers", "kind": "observed", "source_title": "A ministry",
    "published": "2026-08", "grade": "B",
}  # fmt: skip


@pytest.fixture(scope="module")
def crosswalk() -> Crosswalk:
    return read_crosswalk()


@pytest.fixture(scope="module")
def table(crosswalk: Crosswalk) -> EvidenceTable:
    return read_evidence(crosswalk=crosswalk)


@pytest.fixture(scope="module")
def series(table: EvidenceTable, crosswalk: Crosswalk) -> pd.DataFrame:
    return build_series(table, crosswalk)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the committed folder to spoil."""
    target = tmp_path / "evidence"
    target.mkdir()
    for name in (*RAW_FILES, NEW_FILE, "crosswalk.yaml", "series.csv"):
        shutil.copy(str(COMMITTED.joinpath(name)), target / name)
    return target


def add(copy: Path, *figures: dict[str, str]) -> None:
    with (copy / NEW_FILE).open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, NEW_COLUMNS, restval="", lineterminator="\n")
        writer.writerows(figures)


def counts(series: pd.DataFrame, name: str) -> pd.DataFrame:
    return series[(series["series"] == name) & series["status"].isin(["used", "range"])]


# --- the rows ---


def test_every_row_is_read_and_ids_are_unique_over_all_files(table: EvidenceTable) -> None:
    assert len(table) >= 355 + 512 + 22
    assert {Path(row.origin.file).name for row in table.values()} >= set(RAW_FILES)


def test_rows_are_in_the_units_of_the_model(table: EvidenceTable) -> None:
    budget = table["programme_budget_state_share_vn_2030"]
    assert (budget.value, budget.unit) == (17e12, "VND")
    assert table["state_st_spending_share__all__2021"].value == 0.0137
    monthly = table["scholarship_semiconductor_undergrad_vn_2026p54"]
    assert (monthly.value, monthly.unit) == (4.2e6 * 12, "VND/year")


def test_units_of_the_crosswalk_are_units_of_the_model(crosswalk: Crosswalk) -> None:
    for spelling, unit in crosswalk.units.items():
        if unit.known:
            assert units.factor(unit.name, unit.name) == 1, spelling


def test_two_spellings_of_a_place_are_one_place(table: EvidenceTable) -> None:
    cities = {row.place for row in table.values() if row.region == "south"}
    assert "Ho Chi Minh City" in cities and "HCMC" not in cities


def test_dates_of_publication_by_year_month_and_none(table: EvidenceTable) -> None:
    assert table["design_engineers_employed_vn_2023p7"].published == date(2023, 12, 31)
    assert table["design_engineers__all__2023p7"].published == date(2023, 9, 30)
    assert table["design_engineers_employed_vn_2022"].published == date(2024, 1, 15)
    assert table["design_engineers__all__2023"].published is None


def test_as_of_counts_a_bare_year_as_its_last_day_and_never_a_row_without_date(table: EvidenceTable) -> None:
    by_year = "design_engineers_employed_vn_2023p7"
    assert by_year not in table.as_of(date(2023, 12, 30))
    assert by_year in table.as_of(date(2023, 12, 31))
    assert "design_engineers__all__2023" not in table.as_of(date(2100, 1, 1))


def test_low_equal_to_value_says_at_least(table: EvidenceTable) -> None:
    row = table["design_engineers__all__2025"]
    assert row.low == row.value and row.high is None
    assert table["design_engineers_employed_vn_2022"].low is None


def test_vintage_reaches_as_far_as_the_newest_publication(table: EvidenceTable) -> None:
    vintage = yaml.safe_load(COMMITTED.joinpath("vintage.yaml").read_text(encoding="utf-8"))
    assert vintage == {"forecast_origin": 2026.0, "read_up_to": table.newest()}


def test_committed_files_are_utf8_with_line_feeds_only() -> None:
    for name in (*RAW_FILES, NEW_FILE, "series.csv", "datapackage.json"):
        data = COMMITTED.joinpath(name).read_bytes()
        assert b"\r" not in data and data.decode("utf-8").endswith("\n"), name


# --- what is refused ---


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "enginers"}, "unit: unknown unit 'enginers'; did you mean 'engineers'?"),
        ({"region": "Vietnm"}, "region: unknown place 'Vietnm'; did you mean 'Vietnam'?"),
        ({"id": ""}, "id: is missing"),
        ({"id": "design_engineers__all__2025"}, "id: id 'design_engineers__all__2025' is already used in "),
        ({"id": "a b"}, "id: 'a b' may hold letters, digits and _ only"),
        ({"published": "12/08/2026"}, "published: '12/08/2026' is not a date (2025, 2025-10 or 2025-10-30)"),
        ({"published": "2026-13"}, "published: '2026-13' is not a date"),
        ({"read_on": "2026-02-30"}, "read_on: '2026-02-30' is not a date"),
        ({"value": "7,600"}, "value: '7,600' has a comma; write 7600"),
        ({"value": "nan"}, "value: 'nan' is not allowed; write a finite number"),
        ({"year": "mid 2026"}, "year: 'mid 2026' is not a number"),
        ({"value": ""}, "value: value, low and high are all empty"),
        ({"low": "8000"}, "value: low, value and high are not in rising order"),
        ({"kind": "observd"}, "kind: 'observd' is not one of observed, estimate"),
        ({"grade": "J"}, "grade: 'J' is not one of A, B, C, D"),
        ({"rung": "employed"}, "rung: 'employed' is not one of admitted_related"),
        ({"quantity": "employd_design"}, "unknown quantity 'employd_design'; did you mean 'employed_design'?"),
    ],
)
def test_a_wrong_figure_is_named_with_file_and_line(copy: Path, change: dict[str, str], message: str) -> None:
    add(copy, FIGURE | {"id": "a_sound_one"}, FIGURE | change)
    with pytest.raises(BadInput) as refused:
        read_evidence(copy)
    assert len(refused.value.problems) == 1
    assert str(refused.value).startswith(f"{copy / NEW_FILE}:3: ")
    assert message in str(refused.value)


def test_all_problems_of_all_files_are_gathered(copy: Path) -> None:
    add(copy, FIGURE | {"unit": "heads", "value": "1_000"})
    text = (copy / "talent.csv").read_text(encoding="utf-8").replace(",Da Nang,", ",Danang,", 1)
    (copy / "talent.csv").write_text(text, encoding="utf-8", newline="\n")
    with pytest.raises(BadInput) as refused:
        read_evidence(copy)
    assert [Path(problem.place.file).name for problem in refused.value.problems if problem.place] == [
        "talent.csv",
        NEW_FILE,
        NEW_FILE,
    ]


def test_wrong_columns_and_a_missing_field_are_refused(copy: Path) -> None:
    (copy / NEW_FILE).write_text("id,quantity\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"new_figures\.csv:1: the columns must be id,quantity,segment"):
        read_evidence(copy)
    (copy / NEW_FILE).write_text(",".join(NEW_COLUMNS) + "\na,b\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"new_figures\.csv:2: 2 fields where 19 belong"):
        read_evidence(copy)


def test_a_row_is_named_by_its_first_line(copy: Path) -> None:
    add(copy, FIGURE | {"id": "two_lines", "note": "a\nb"}, FIGURE | {"unit": "heads"})
    with pytest.raises(BadInput, match=r"new_figures\.csv:4: unit"):
        read_evidence(copy)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    measure: stock\n", "    mesure: stock\n", "mesure: unknown key; did you mean 'measure'?"),
        ("engineers: [person, 1]", "engineers: [persn, 1]", "unknown unit 'persn'; did you mean 'person'?"),
        ("region: national}", "region: nation}", "'nation' is not one of north, central"),
        ("repeats_within_years: 2", "repeats_within_years: two", "'two' is not a number"),
    ],
)
def test_a_wrong_crosswalk_is_named_with_its_place(copy: Path, old: str, new: str, message: str) -> None:
    file = copy / "crosswalk.yaml"
    text = file.read_text(encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_crosswalk(file)
    assert message in str(refused.value)
    assert f"crosswalk.yaml:{line}:" in str(refused.value)


def test_a_judgment_on_an_unknown_row_is_refused(copy: Path, table: EvidenceTable) -> None:
    file = copy / "crosswalk.yaml"
    text = file.read_text(encoding="utf-8").replace(
        "      design_engineers_employed_vn_2023p7:", "      design_engineer_2023:"
    )
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="no row has this id"):
        check_judgments(table, read_crosswalk(file))


def test_judgments_name_rows_of_their_own_series(table: EvidenceTable, crosswalk: Crosswalk) -> None:
    check_judgments(table, crosswalk)


# --- the series ---


def test_the_committed_series_equals_a_fresh_build(series: pd.DataFrame) -> None:
    assert COMMITTED.joinpath("series.csv").read_text(encoding="utf-8") == as_csv(series)


def test_the_committed_series_reads_back(series: pd.DataFrame) -> None:
    assert as_csv(read_series()) == as_csv(series)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("employed_design", [(2022.5, 5000), (2023.99, 5500), (2024.95, 6000), (2025.6, 7000)]),
        ("design_firms_active", [(2022.5, 30), (2023.83, 40), (2024.99, 50), (2025.75, 55)]),
        ("employed_atp", [(2024.95, 6000), (2025.6, 7500)]),
        ("atp_plants_operating", [(2025.0, 7)]),
        ("employed_technicians", [(2024.95, 10000)]),
        ("enrolled_dedicated", [(2024.9, 18000)]),
        ("effective_chip_graduates", [(2024, 500)]),
        ("employed_in_sector", []),
        ("state_st_share_executed", [(2021, 0.0137), (2022, 0.0172), (2023, 0.0139), (2024, 0.0197)]),
    ],
)
def test_each_count_once(series: pd.DataFrame, name: str, expected: list[tuple[float, float]]) -> None:
    held = counts(series, name)
    assert list(zip(held["time"], held["value"], strict=True)) == expected


@pytest.mark.parametrize(
    ("name", "time", "quotes"),
    [
        (
            "design_firms_active",  # "over 50", January 2024 to November 2025
            2024.99,
            {
                "design_firms_active__all__2024p99", "design_firms_active__microchip_companies_all__2024p04",
                "design_firms_active__all__2025", "design_firms_active__all__2025p8",
                "design_firms_active__all__2025p85",
            },
        ),
        (
            "employed_design",  # 5,000, from the count of 2022 to August 2024
            2022.5,
            {
                "design_engineers_employed_vn_2022", "design_engineers__all__2022_b", "design_engineers__all__2023",
                "design_engineers__all__2023p8_b", "design_engineers_employed_vn_2023p8",
                "design_engineers_employed_vn_2023p83", "design_engineers_employed_vn_2024p6",
            },
        ),
    ],
)  # fmt: skip
def test_recycled_quotes_collapse(series: pd.DataFrame, name: str, time: float, quotes: set[str]) -> None:
    lines = series[series["series"] == name]
    held = counts(series, name)
    (ids,) = held[held["time"] == time]["ids"]
    assert set(ids.split()) == quotes
    for quote in quotes - {ids.split()[0]}:
        assert lines[lines["ids"] == quote]["status"].tolist() == ["recycled"]


def test_no_row_is_counted_twice(series: pd.DataFrame) -> None:
    held = series[series["status"].isin(["used", "range"])]
    ids = [name for line in held["ids"] for name in line.split()]
    assert len(ids) == len(set(ids))


def test_the_scope_of_atp_breaks_between_2024_and_2025(series: pd.DataFrame) -> None:
    held = counts(series, "employed_atp")
    assert held["scope"].tolist() == ["narrow", "wide"]
    assert (held["low"].tolist()[1], held["high"].tolist()[1]) == (7000, 8000)


def test_disagreeing_counts_become_one_range(series: pd.DataFrame) -> None:
    last = counts(series, "design_firms_active").iloc[-1]
    assert (last["low"], last["value"], last["high"], last["status"]) == (50, 55, 60, "range")


def test_a_bare_year_of_a_stock_is_its_middle_with_half_a_year_of_doubt(series: pd.DataFrame) -> None:
    first = counts(series, "employed_design").iloc[0]
    assert (first["time"], first["timing"]) == (2022.5, 0.5)


def test_the_series_as_of_a_day_know_only_what_was_out(table: EvidenceTable, crosswalk: Crosswalk) -> None:
    then = build_series(table.as_of(date(2024, 6, 30)), crosswalk)
    assert counts(then, "employed_design")["value"].tolist() == [5000, 5500]
    firms = counts(then, "design_firms_active")  # the count of 2022 came out in 2025, the count of 2024 likewise
    assert list(zip(firms["time"], firms["value"], strict=True)) == [(2023.83, 40), (2024.04, 50)]
    assert counts(then, "enrolled_dedicated").empty
    assert all(day <= date(2024, 6, 30) for day in then["published"])


def test_nothing_is_known_before_the_first_publication(table: EvidenceTable, crosswalk: Crosswalk) -> None:
    assert build_series(table.as_of(date(1900, 1, 1)), crosswalk).empty


# --- a new figure ---


def rebuilt(copy: Path) -> Callable[[str], pd.DataFrame]:
    rebuild(copy)
    lines = read_series(copy / "series.csv")
    return lambda name: counts(lines, name)


def test_a_new_figure_is_one_row_and_the_next_run_shows_it(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(copy, FIGURE)
    assert rebuilt(copy)("employed_design")["value"].tolist()[-2:] == [7000, 7600]
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 1 and printed[0].startswith("+ employed_design,stock,,2025.95,0,7600")


def test_the_example_of_the_readme_is_a_sound_figure(copy: Path) -> None:
    lines = COMMITTED.joinpath("README.md").read_text(encoding="utf-8").splitlines()
    (example,) = (line.strip() for line in lines if line.startswith("       employed_design_"))
    with (copy / NEW_FILE).open("a", encoding="utf-8") as file:
        file.write(example + "\n")
    assert rebuilt(copy)("employed_design")["value"].tolist()[-1] == 7900


def test_a_run_without_news_says_so(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rebuild(copy)
    assert capsys.readouterr().out == "series.csv: no change\n"


def test_an_equal_figure_is_a_repeat_unless_listed_as_fresh(copy: Path) -> None:
    add(copy, FIGURE | {"value": "7000"})
    assert len(rebuilt(copy)("employed_design")) == 4
    file = copy / "crosswalk.yaml"
    text = file.read_text(encoding="utf-8")
    rule = "  employed_design:\n"
    file.write_text(text.replace(rule, f"{rule}    fresh: [employed_design_2026]\n"), encoding="utf-8")
    assert len(rebuilt(copy)("employed_design")) == 5


def test_a_new_figure_in_another_dimension_is_refused(copy: Path) -> None:
    add(copy, FIGURE | {"unit": "firms"})
    with pytest.raises(BadInput, match=r"new_figures\.csv:2: unit: unit 'firm' cannot be turned into 'person'"):
        rebuild(copy)


def test_the_command_reports_bad_input_and_exits_with_2(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add(copy, FIGURE | {"value": "many"})
    monkeypatch.setattr("vimach_calibration.series.own", lambda name: copy)
    assert main() == 2
    assert "'many' is not a number" in capsys.readouterr().err


# --- the data package ---


def test_the_committed_datapackage_equals_a_fresh_build() -> None:
    assert COMMITTED.joinpath("datapackage.json").read_text(encoding="utf-8") == datapackage.as_json()


def test_the_datapackage_describes_the_files_as_they_are() -> None:
    resources = json.loads(datapackage.as_json())["resources"]
    assert {resource["path"] for resource in resources} == {*RAW_FILES, NEW_FILE, "series.csv"}
    for resource in resources:
        text = COMMITTED.joinpath(resource["path"]).read_text(encoding="utf-8")
        rows = list(csv.DictReader(text.splitlines()))
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == next(csv.reader([text.splitlines()[0]]))
        key = resource["schema"]["primaryKey"]
        keys = [tuple(row[name] for name in ([key] if isinstance(key, str) else key)) for row in rows]
        assert len(keys) == len(set(keys))
        for field in fields:
            given = [row[field["name"]] for row in rows if row[field["name"]]]
            if field["type"] == "number":
                assert all(isinstance(float(cell), float) for cell in given)
            if "enum" in field.get("constraints", {}):
                assert set(given) <= set(field["constraints"]["enum"])


def test_raw_files_share_their_columns() -> None:
    for name in RAW_FILES:
        header = COMMITTED.joinpath(name).read_text(encoding="utf-8").splitlines()[0]
        assert header == ",".join(COLUMNS)

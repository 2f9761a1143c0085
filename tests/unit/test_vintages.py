"""What was known when: bare years and months at their end, undated rows never, late figures once they are out."""

from datetime import date
from pathlib import Path

import pytest

from vimach_calibration.crosswalk import read_crosswalk
from vimach_calibration.evidence import COLUMNS, NEW_COLUMNS, NEW_FILE, RAW_FILES, EvidenceTable, read_evidence
from vimach_calibration.vintages import Target, Vintages, decimal, horizon

ROWS = (  # id, year, value, published
    ("bare_year", "2022.9", "5000", "2023"),
    ("bare_month", "2023.9", "5600", "2024-02"),
    ("full_day", "2024.9", "6300", "2025-03-15"),
    ("undated", "2024.5", "6150", ""),
    ("told_late", "2021.9", "4400", "2025-06-30"),
    ("told_early", "2027.5", "9000", "2025-03-15"),  # before it can have been counted
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> EvidenceTable:
    folder: Path = tmp_path_factory.mktemp("evidence")
    lines = [
        f"{name},design_engineers_employed,design,Vietnam,{year},{value},,,engineers,observed,A source,,{day},B,,,,"
        for name, year, value, day in ROWS
    ]
    for file in RAW_FILES:
        body = lines if file == "talent.csv" else []
        (folder / file).write_text("\n".join([",".join(COLUMNS), *body]) + "\n", encoding="utf-8")
    (folder / NEW_FILE).write_text(",".join(NEW_COLUMNS) + "\n", encoding="utf-8")
    source = read_evidence(folder, read_crosswalk())
    assert len(source) == len(ROWS)
    return source


@pytest.fixture(scope="module")
def vintages(table: EvidenceTable) -> Vintages:
    return Vintages({("employed_design", "")}, table)


def values(vintages: Vintages, day: date) -> list[float]:
    return [float(value) for value in vintages.history(day, "employed_design", "")["value"]]


def test_a_bare_year_is_known_on_its_last_day_and_a_month_on_its(vintages: Vintages) -> None:
    assert values(vintages, date(2023, 12, 30)) == []
    assert values(vintages, date(2023, 12, 31)) == [5000.0]
    assert values(vintages, date(2024, 2, 28)) == [5000.0]
    assert values(vintages, date(2024, 2, 29)) == [5000.0, 5600.0]


def test_a_row_without_a_date_is_never_known_and_never_a_target(vintages: Vintages) -> None:
    assert 6150.0 not in values(vintages, date(2099, 1, 1))
    assert 6150.0 not in [target.value for target in vintages.targets()]


def test_a_figure_about_an_earlier_year_is_unknown_until_it_came_out(vintages: Vintages) -> None:
    assert values(vintages, date(2025, 6, 29)) == [5000.0, 5600.0, 6300.0]
    assert values(vintages, date(2025, 6, 30)) == [4400.0, 5000.0, 5600.0, 6300.0]


def test_origins_are_the_days_on_which_knowledge_changed(vintages: Vintages) -> None:
    assert vintages.origins() == [date(2023, 12, 31), date(2024, 2, 29), date(2025, 3, 15), date(2025, 6, 30)]


def test_a_horizon_is_whole_years_ahead_of_what_is_not_yet_known() -> None:
    target = Target("employed_design", "", 2025.6, 2025.6, 7000.0, 0.1, "person", date(2025, 10, 30))
    assert decimal(date(2023, 12, 31)) == 2024.0
    found = {day: horizon(day, target) for day in (date(2023, 12, 31), date(2024, 12, 31), date(2025, 3, 31))}
    assert list(found.values()) == [2, 1, 0]
    assert horizon(date(2025, 10, 30), target) == 0


def test_a_figure_printed_before_its_moment_is_no_count(vintages: Vintages) -> None:
    assert 9000.0 not in values(vintages, date(2026, 1, 1))
    assert 9000.0 not in [target.value for target in vintages.targets()]

"""`vimach explain` of a row of the evidence: who says it, where it stands, and what rests on it."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from vimach.cli import app
from vimach_calibration.evidence import read_evidence

COUNTED = "design_engineers_employed_vn_2024p6"
TARGET = "target_lecturers_trained_vn_2030"


def explained(word: str) -> Any:
    result = CliRunner().invoke(app, ["explain", word, "--json"])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_row_tells_its_number_its_source_and_what_rests_on_it() -> None:
    row, told = read_evidence()[COUNTED], explained(COUNTED)
    assert told["name"] == COUNTED
    assert (told["address"], told["who"], told["grade"]) == (row.source_url, row.source_title, row.grade)
    assert told["published"] == row.published_as
    assert told["date"] == f"{row.year:g}"
    assert told["value"].endswith(row.unit)
    assert told["likelihood"] == "design_engineers"
    assert "design_engineers" in told["fit"].split("; ")
    assert "lecturers_by_2030" in explained(TARGET)["source_of"].split(", ")
    assert explained(TARGET)["likelihood"] == "does not use it"


def test_a_row_tells_what_becomes_of_it_by_the_crosswalk() -> None:
    total = explained("semiconductor_engineers_employed_vn_2025p6")
    because = "sum of the design and ATP counts of August 2025, both already used"
    assert total["series"] == f"employed_in_sector, recycled: no count of its own, so not counted again ({because})"
    assert (total["rung"], total["likelihood"]) == ("employed_in_sector", "does not use it")
    aside = explained("semiconductor_engineers_employed_vn_2023p95")
    assert aside["series"].startswith("employed_in_sector, scope: set aside, never used (definition unclear")
    assert aside["rung"] == explained(TARGET)["series"] == "none"
    assert "(repeats design_engineers_employed_vn_2022: " in explained(COUNTED)["series"]
    assert explained("design_engineers_employed_vn_2022")["series"].startswith("employed_design, used: a count of its")


@pytest.mark.parametrize(
    "word", [COUNTED.replace("_", "_\u200b"), f"{TARGET[:-3]}...", f"{TARGET[:-3]}\N{HORIZONTAL ELLIPSIS}"]
)
def test_a_row_is_found_as_it_was_copied_from_a_page(word: str) -> None:
    assert explained(word)["name"] in (COUNTED, TARGET)


def test_a_cut_id_of_several_rows_lists_them_and_a_wrong_one_has_the_nearest() -> None:
    several = CliRunner().invoke(app, ["explain", "design_engineers_employed..."])
    assert several.exit_code == 2
    assert "rows of the evidence begin so: " in several.stderr and COUNTED in several.stderr
    wrong = CliRunner().invoke(app, ["explain", COUNTED.replace("2024p6", "2024p7")])
    assert wrong.exit_code == 2
    assert f"did you mean '{COUNTED[:-6]}" in wrong.stderr


def test_the_list_of_rows_has_addresses() -> None:
    rows = json.loads(CliRunner().invoke(app, ["list", "evidence", "--json"]).stdout)
    assert [row["address"] for row in rows] == [row.source_url for row in read_evidence().values()]

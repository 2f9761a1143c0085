"""`vimach check`: its table, its data, and its exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from vimach.cli import app

ODD = """
checks:
  people_are_there: {says: Somebody is at work., between: {of: employed_in_sector, low: 1}}
  nobody_is_there: {says: Nobody is at work., zero: employed_in_sector, from: 2030.0, before: 2031.0}
"""


def check(*words: str | Path) -> Any:
    return CliRunner().invoke(app, ["check", *map(str, words)])


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Two statements, of which one is false."""
    file = tmp_path / "odd.yaml"
    file.write_text(ODD, encoding="utf-8")
    return file


def test_help_has_examples() -> None:
    assert "Examples:\n    vimach check" in check("--help").stdout


def test_what_holds_is_a_table_and_exit_code_zero() -> None:
    result = check("engineers_add_up")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1].split()[:2] == ["engineers_add_up", "holds"]
    assert "tested:" in result.stdout
    assert "1 hold, 0 fail" in result.stderr


def test_what_fails_is_exit_code_one_and_tells_where(odd: Path) -> None:
    result = check("--file", odd)
    assert result.exit_code == 1
    assert "nobody_is_there   fails" in result.stdout
    assert "worst at: baseline, 2030" in result.stdout
    assert "1 hold, 1 fail" in result.stderr


def test_data_has_every_field(odd: Path) -> None:
    rows = json.loads(check("--file", odd, "--json").stdout)
    assert [row["result"] for row in rows] == ["holds", "fails"]
    assert rows[1]["worst"] > 10_000
    assert rows[1]["says"] == "Nobody is at work."
    assert rows[1]["scenarios"] == ["baseline"]


def test_a_check_may_be_chosen(odd: Path) -> None:
    assert check("people_are_there", "--file", odd, "--quiet").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("enginers_add_up",), "enginers_add_up: no check has this name; did you mean 'engineers_add_up'?"),
        (("--file", "none.yaml"), "none.yaml: cannot be read"),
    ],
)
def test_bad_input_is_told(words: tuple[str, ...], said: str) -> None:
    result = check(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_a_statement_that_cannot_be_read_is_told_with_its_place(odd: Path) -> None:
    odd.write_text(ODD.replace("zero: employed_in_sector", "zero: employd_in_sector"), encoding="utf-8")
    result = check("--file", odd)
    assert result.exit_code == 2
    assert "odd.yaml:4:" in result.stderr
    assert "did you mean 'employed_in_sector'?" in result.stderr

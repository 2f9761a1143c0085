"""The commands that ask why: small runs end to end, files beside what is printed, and wrong input without a run."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner

from vimach import simulate
from vimach.analysis.attribution import MOST_GROUPS, MOST_GROUPS_ARRAY, MOST_GROUPS_EXACT
from vimach.analysis.tables import most_groups
from vimach.analysis_commands import write_table
from vimach.cli import app
from vimach.errors import BadInput
from vimach.parameters.table import read_targets
from vimach.scenario import Scenario
from vimach.simulate import Model, Settings
from vimach_reports.analysis_pages import reach
from vimach_reports.catalogue import Language
from vimach_reports.writing import csv_bytes

COMMANDS = ("attribute", "sensitivity", "verdicts", "bottlenecks", "marginal-cost", "reach")
SMALL = ("--members", "10", "--until", "2030")


def vimach(*words: str | Path) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate, "simulate", lambda *_, **__: pytest.fail("it ran"))


@pytest.fixture
def courses(tmp_path: Path) -> Path:
    file = tmp_path / "courses.yaml"
    setting = "conversion_places: {raise_to: {step: {to: 4000, starts: 2028.0}}, because: a test}"
    file.write_text(f"extends: baseline\nbecause: a test\nset:\n  {setting}\n", encoding="utf-8")
    return file


def test_attribute_prints_and_writes_the_same_numbers(courses: Path, tmp_path: Path) -> None:
    result = vimach("attribute", "baseline", courses, *SMALL, "--kernel", "array", "--out", tmp_path, "--json")
    assert result.exit_code == 0, result.stderr
    assert "at most 5 groups of levers; more need the native kernel" in result.stderr
    told, written = pd.DataFrame(json.loads(result.stdout)), pd.read_csv(tmp_path / "attribution.csv")
    assert told["value"].to_numpy(dtype=float) == pytest.approx(written["value"].to_numpy(), rel=1e-15)
    shares = written[written["measure"] == "value"].groupby(["target", "edge", "kind"])["value"].sum().unstack()
    assert (shares["base"] + shares["group"] - shares["other"]).abs().max() < 1e-9
    assert set(written.loc[written["kind"] == "group", "levers"]) == {"conversion_places"}


def test_reach_tells_levers_and_cost_or_the_earliest_year() -> None:
    one = ("--lever", "conversion_places", "--members", "10", "--until", "2031")
    never = vimach("reach", "employed_by_2030", *one)
    assert never.exit_code == 0, never.stderr
    assert "not reachable by end 2030; nor by end 2031" in never.stdout
    often = vimach("reach", "trained_by_2030", "--probability", "0.1", *one, "--json")
    answer = json.loads(often.stdout)
    assert answer["calibration"].startswith("calibrated, data to ") and answer["members"] == 10
    assert "All numbers: calibrated, data to " in never.stdout
    assert answer["probability"] >= 0.1
    assert answer["verdict"] == "reachable"
    for cost in answer["costs"]:
        assert (cost["unit"], cost["price_year"]) == ("VND", 2025)
        assert cost["low"] <= cost["median"] <= cost["high"]
        assert cost["median_usd"] == pytest.approx(cost["median"] / cost["vnd_per_usd"])
        years = np.log(cost["median"] / cost["discounted"]) / cost["discount_rate"]
        assert 0.0 < years < 2031.0 - cost["discounted_to"]


def in_words(rows: dict[str, Any], language: Language = "en") -> str:
    console = Console(file=io.StringIO(), width=120, color_system=None)
    console.print(reach(rows, language))
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def test_an_answer_in_words() -> None:
    rows: dict[str, Any] = {"target": "t", "label_en": "Aim", "label_vi": "Đích", "rung": "trained_cumulative"}
    rows |= {"value": 50000.0, "unit": "person", "by": 2031.0, "verdict": "reachable", "until": 2035}
    rows |= {"probability_wanted": 0.8, "probability_before": 0.1, "probability": 0.82, "earliest_year": None}
    rows |= {"probability_low": 0.79, "probability_high": 0.85}
    lever = {"name": "a", "label_en": "Seats", "label_vi": "Chỗ", "setting": 0.5, "unit": "1", "share_of_range": 0.25}
    rows["levers"] = [lever | {"first_year": 2028.0}]
    rows["costs"] = [{"name": "cost_to_the_state", "low": 1e12, "median": 2.6e12, "high": 4e12}]
    said = in_words(rows)
    assert "Aim: 50,000 by end 2030 (rung: trained since 1 January 2024)\nreachable\n" in said
    assert "P: 10 % before, 82 % (79 %–85 %) after; wanted: 80 %" in said
    assert "Seats (a): 50 % from 2028 (25 % of the way to the end of its range)" in said
    assert "Extra cost until end 2030, VND billion of 2025" in said
    assert "state budget: 2,600 (1,000–4,000); 100\n" in said
    later = rows | {"verdict": "not reachable", "earliest_year": 2033, "levers": [], "costs": []}
    assert "not reachable by end 2030; earliest year 2033\n" in in_words(later)
    assert "Extra cost" not in in_words(later)
    assert "sớm nhất là năm 2033" in in_words(later, "vi")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_what_it_does(command: str) -> None:
    result = vimach(command, "--help")
    assert result.exit_code == 0
    assert f"vimach {command} " in result.stdout.split("Example")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("attribute", "baseline", "accelerated_fundin"), "did you mean 'accelerated_funding'"),
        (("attribute", "baseline", "baseline"), "two scenarios have this name"),
        (("attribute", "baseline", "talent_first", "--until", "2020"), "--until: the run must reach the end of 2030"),
        (("sensitivity", "baseline", "--rows", "100"), "--rows: 100 is not a power of two"),
        (("sensitivity", "baseline", "--year", "2040"), "--year: 2040 is not within the run"),
        (("sensitivity", "baseline", "--output", "employed_in_secto"), "did you mean 'employed_in_sector'"),
        (("marginal-cost", "baseline", "--lever", "conversion_place"), "did you mean 'conversion_places'"),
        (("marginal-cost", "baseline", "--lever", "st_budget_share"), "st_budget_share: only brings money"),
        (("reach", "trained_by_203"), "did you mean 'trained_by_2030'"),
        (("reach", "employed_by_2040", "--until", "2035"), "--until: the run must reach the target's date"),
        (("reach", "trained_by_2030", "--lever", "quit_rate"), "quit_rate: no lever has this name"),
    ],
)
def test_wrong_input_is_told_before_anything_runs(words: tuple[str, ...], said: str, no_run: None) -> None:
    result = vimach(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == "" and "Traceback" not in result.stderr


@pytest.mark.parametrize("option", [("--prior",), ("--posterior", "nowhere")])
def test_sensitivity_does_not_offer_what_it_would_not_heed(option: tuple[str, ...], no_run: None) -> None:
    assert vimach("sensitivity", "baseline", *option).exit_code == 2
    assert option[0] not in vimach("sensitivity", "--help").stdout


def test_a_page_tells_how_its_numbers_came_about(tmp_path: Path) -> None:
    command = ("bottlenecks", "baseline", "--members", "10", "--until", "2027", "--out", tmp_path)
    prior, posterior = (" ".join(vimach(*command, *more).stdout.split()) for more in (["--prior"], []))
    assert "All numbers: prior, not calibrated. Baseline" in prior
    assert "All numbers: calibrated, data to 20" in posterior
    assert "; 10 runs, seed 1017, vimach" in prior
    vietnamese = vimach(*command, "--lang", "vi")
    assert "Mọi con số: đã hiệu chỉnh" in vietnamese.stdout and "10 lượt mô phỏng" in vietnamese.stdout
    assert vietnamese.stderr == f"đã ghi {tmp_path / 'bottlenecks.csv'}\n"


def test_the_page_of_sensitivity_tells_where_it_starts_from(tmp_path: Path) -> None:
    small = ("--rows", "8", "--trajectories", "2", "--until", "2030", "--output", "design_firms_active")
    result = vimach("sensitivity", "baseline", *small, "--out", tmp_path)
    said = " ".join(result.stdout.split())
    assert "All numbers: prior, not calibrated." in said and "found from the central run" in said


def test_groups_are_few_where_the_kernel_is_slow(model: Model, baseline_scenario: Scenario) -> None:
    targets = read_targets()[:1]
    array, fast = Settings(kernel="array"), Settings()
    assert most_groups(model, baseline_scenario, array, targets, False) == MOST_GROUPS_ARRAY
    with pytest.raises(BadInput, match="--exact: the NumPy kernel is too slow for more than 5 groups"):
        most_groups(model, baseline_scenario, array, targets, True)
    if most_groups(model, baseline_scenario, fast, targets, False) == MOST_GROUPS:  # the native kernel is there
        assert most_groups(model, baseline_scenario, fast, targets, True) == MOST_GROUPS_EXACT


def test_a_table_is_written_whole(tmp_path: Path) -> None:
    table = pd.DataFrame({"target": ["a", "a", "b"], "edge": [2031.0] * 3, "value": [1234.5, np.nan, 1e-9]})
    table["largest"] = [True, False, False]
    write_table(table, tmp_path / "table.csv")
    first, *rows = (tmp_path / "table.csv").read_bytes().split(b"\n")
    assert first == b"\xef\xbb\xbftarget,edge,value,largest"
    assert rows == [b"a,2031.0,1234.5,True", b"a,2031.0,,False", b"b,2031.0,1e-09,False", b""]
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]


def test_numbers_of_a_table_have_ten_digits_or_all() -> None:
    third = pd.DataFrame({"value": [1 / 3]})
    assert csv_bytes(third) == b"\xef\xbb\xbfvalue\n0.3333333333\n"
    assert csv_bytes(third, digits=None) == b"\xef\xbb\xbfvalue\n0.3333333333333333\n"

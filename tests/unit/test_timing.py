"""When a lever still matters, on four levers of the built-in model."""

from pathlib import Path

import pandas as pd
import pytest

from vimach import listing
from vimach.analysis.timing import lever_timing
from vimach.scenario import Scenario, read_scenario
from vimach.simulate import Model

FOUR = """
extends: baseline
because: Four levers, one quick, one slow, one too late and one that takes.
set:
  conversion_places: {raise_to: {step: {to: 4000, starts: 2028.0}}, because: Quick.}
  dedicated_places: {raise_to: {step: {to: 9000, starts: 2027.0}}, because: Four years of study.}
  return_incentive_share: {raise_to: {step: {to: 10 %, starts: 2028.0}}, because: Few bonds end before 2031.}
  appraisal_time_saved: {raise_to: {step: {to: 0.5, starts: 2027.0}}, because: Payments come sooner than money.}
"""
PLAIN = """
extends: baseline
because: A plain value, set at all times.
set:
  conversion_places: {raise_to: 4000, because: No date is given.}
"""


@pytest.fixture(scope="module")
def timing(model: Model, baseline_scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    file: Path = tmp_path_factory.mktemp("timing") / "three.yaml"
    file.write_text(FOUR, encoding="utf-8")
    heard: list[int] = []
    table = lever_timing(model, baseline_scenario, read_scenario(file, model.table, model.labels), heard.append)
    assert heard == [1, 1, 1, 1]
    return {str(row["lever"]): row for row in table.to_dict("records")}


def test_courses_are_noticed_at_once_and_until_the_last_year(timing: dict[str, dict]) -> None:
    row = timing["conversion_places"]
    assert row["decided"] == 2028.0
    assert row["first_year"] == 2028
    assert row["last_decision"] == 2030.0
    assert row["trained_2030"] > 1000.0


def test_four_year_studies_begun_in_2027_cannot_graduate_by_end_2030(timing: dict[str, dict]) -> None:
    row = timing["dedicated_places"]
    assert row["trained_2030"] < 10.0
    assert row["trained_2035"] > 1000.0
    assert row["first_year"] == 2031


def test_a_lever_that_takes_people_away_has_no_last_date_and_is_never_noticed(timing: dict[str, dict]) -> None:
    row = timing["appraisal_time_saved"]
    assert row["trained_2030"] < -100.0 and row["employed_2030"] < -10.0
    assert pd.isna(row["last_decision"]) and pd.isna(row["first_year"])
    assert pd.isna(timing["dedicated_places"]["last_decision"])  # -3 and -15: it adds nobody before 2031


def test_a_lever_that_can_no_longer_act_by_2030_says_so(model: Model, timing: dict[str, dict]) -> None:
    row = timing["return_incentive_share"]
    assert row["last_decision"] is None or row["last_decision"] != row["last_decision"]
    assert max(abs(row["trained_2030"]), abs(row["employed_2030"])) < 10.0
    rows = listing.timed(listing.levers(model), pd.DataFrame(timing.values()))
    told = {lever["name"]: lever["timing"] for lever in rows}
    assert "alone, from 2028:" in told["return_incentive_share"]
    assert "it adds fewer than ten people by end 2030" in told["return_incentive_share"]
    assert "last decision date that adds ten people by end 2030: 2030" in told["conversion_places"]
    assert len(rows) == len(model.table.levers) and told["permit_time_saved"] is None  # listed, though not pulled


def test_a_lever_set_at_all_times_is_delayed_from_its_first_year(
    model: Model, baseline_scenario: Scenario, tmp_path: Path
) -> None:
    file = tmp_path / "plain.yaml"
    file.write_text(PLAIN, encoding="utf-8")
    row = lever_timing(model, baseline_scenario, read_scenario(file, model.table, model.labels)).iloc[0]
    assert row["trained_2030"] > 1000.0
    assert row["decided"] is None
    assert row["last_decision"] == 2030.0


def test_a_lever_set_in_two_layers_is_pulled_whole_and_told_once(
    model: Model, baseline_scenario: Scenario, tmp_path: Path
) -> None:
    (tmp_path / "lower.yaml").write_text(
        "extends: baseline\nbecause: Many.\nset:\n"
        "  conversion_places: {raise_to: {step: {to: 4000, starts: 2028.0}}, because: Many.}\n",
        encoding="utf-8",
    )
    (tmp_path / "upper.yaml").write_text(
        "extends: lower.yaml\nbecause: Fewer but earlier.\nset:\n"
        "  conversion_places: {raise_to: {step: {to: 2000, starts: 2027.0}}, because: Fewer but earlier.}\n",
        encoding="utf-8",
    )
    tables = {
        name: lever_timing(model, baseline_scenario, read_scenario(tmp_path / name, model.table, model.labels))
        for name in ("lower.yaml", "upper.yaml")
    }
    assert len(tables["upper.yaml"]) == 1
    upper, lower = (tables[name].iloc[0] for name in ("upper.yaml", "lower.yaml"))
    assert upper["trained_2030"] > lower["trained_2030"]
    assert (upper["decided"], lower["decided"]) == (2027.0, 2028.0)

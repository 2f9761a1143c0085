"""What may not be meant in a scenario is said, with its place; what comes with vimach gives no cause."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from vimach.cautions import cautions
from vimach.cli import app
from vimach.scenario import known_scenarios, read_scenario
from vimach.simulate import Model


@pytest.mark.parametrize("name", known_scenarios())
def test_scenarios_that_come_with_it_give_no_cause(model: Model, name: str) -> None:
    assert cautions(model, read_scenario(name, model.table, model.labels), 2035) == []


def told(model: Model, *settings: str, until: int = 2035) -> list[str]:
    """What is said of settings on top of the baseline, without their place."""
    found = cautions(model, read_scenario("baseline", model.table, model.labels, settings), until)
    assert all(str(problem).startswith("--set ") for problem in found)
    return [f"{problem.key}: {problem.message}" for problem in found]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("conversion_places={raise_to: 3000}", "set.conversion_places: warning: rewrites history: 50 becomes 3000 "),
        ("conversion_places={raise_to: {step: {to: 3000, starts: 1928.0}}}", "person/year in 2015; write a"),
        ("conversion_places={raise_to: {ramp: {to: 3000, starts: 2025.5, ends: 2030}}}", "in 2025.56; write a"),
        ("conversion_places={value: 1500, certain: true}", "rewrites history: 50 becomes 1500 person/year in 2015"),
        ("conversion_places={value: {table: {2026: 20, 2030: 30}}, certain: true}", "rewrites history: 50 becomes 20 "),
        ("st_budget_share={raise_to: {step: {to: 3 %, starts: 2025.0}}}", "0.02 becomes 0.03 in 2025; write a"),
        ("conversion_places={raise_to: {step: {to: 3000, starts: 2082.0}}}", "starts in 2082, which a run until"),
        ("demand_shock_share={pulse: {to: 25 %, starts: 2082, ends: 2083}}", "starts in 2082, which a run until 2035"),
        ("conversion_places={raise_to: {step: {to: 3, starts: 2028}}}", "raise_to changes nothing at the central val"),
        ("dedicated_places={lower_to: {step: {to: 19000, starts: 2028}}}", "person/year or less without it"),
    ],
)
def test_what_may_not_be_meant(model: Model, setting: str, said: str) -> None:
    (found,) = told(model, setting)
    assert said in found


@pytest.mark.parametrize(
    "setting",
    [
        "conversion_places={raise_to: {step: {to: 3000, starts: 2026.0}}}",
        "quit_rate=0.1",  # no lever: the number itself is doubted, history with it
    ],
)
def test_what_is_meant(model: Model, setting: str) -> None:
    assert told(model, setting) == []


def test_what_an_earlier_setting_did_already_is_done_twice(model: Model) -> None:
    one, two = (f"conversion_places={{raise_to: {{step: {{to: {to}, starts: 2028}}}}}}" for to in (5000, 4000))
    assert told(model, two, one) == []
    (said,) = told(model, one, two)
    assert said.endswith("changes nothing at the central values, which are 5000 person/year or more without it")


def test_only_the_labels_that_are_set_are_looked_at(model: Model) -> None:
    both = "{raise_to: {chief_engineer: {step: {to: 9, starts: 2028}}, chief_architect: {step: {to: 4, starts: 2028}}}}"
    less = "{raise_to: {chief_architect: {step: {to: 3, starts: 2028}}}}"
    (said,) = told(model, f"chief_posts_filled={both}", f"chief_posts_filled={less}")
    assert said.endswith("which are 4 person or more without it")


def test_a_longer_run_reaches_what_a_shorter_one_does_not(model: Model) -> None:
    setting = "demand_shock_share={step: {to: 0.1, starts: 2040}}"
    assert told(model, setting, until=2040) == []
    assert "which a run until 2039 never reaches" in told(model, setting, until=2039)[0]


def test_commands_say_it_on_stderr_with_file_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    text = "extends: baseline\nbecause: a test\nset:\n  conversion_places: {raise_to: 3000, because: a test}\n"
    file.write_text(text, encoding="utf-8")
    said = f"{file}:4:33: set.conversion_places: warning: rewrites history: "
    run = ("run", str(file), "--members", "0", "--until", "2016", "--out", str(tmp_path))
    for words in (("validate", str(file)), run):
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.stderr
        assert result.stderr.count(said) == 1
        assert said not in result.stdout
        assert said not in CliRunner().invoke(app, [*words, "--quiet", *(["--overwrite"] * ("run" in words))]).stderr

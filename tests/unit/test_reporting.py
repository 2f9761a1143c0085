"""The tables of analysis that a report works out for its briefing, and manifests that are none."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from vimach import request
from vimach.analysis import tables, timing, verdicts
from vimach.analysis.targets import headline, probability_at
from vimach.cli import app
from vimach.parameters.table import Target, read_targets
from vimach.reporting import _tables
from vimach.scenario import Scenario, read_scenario
from vimach.simulate import Model, Settings, simulate
from vimach.terminal import Terminal
from vimach.vintage import vintage

OF_RUNS_APART = ("attribution", "bottlenecks", "marginal_costs", "screening", "indices", "switches")
MEMBERS = 260


@pytest.fixture
def due() -> tuple[Target, ...]:
    return tuple(target for target in read_targets() if target.name in ("trained_by_2030", "design_firms_by_2030"))


def test_what_moves_a_verdict_is_told_of_the_runs_of_the_headline(
    model: Model, baseline_scenario: Scenario, due: tuple[Target, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that a briefing says of a probability is of the same members."""
    settings = Settings(members=MEMBERS, until=2030)
    other = read_scenario("accelerated_funding", model.table, model.labels)

    def empty(*given: Any, **named: Any) -> pd.DataFrame:
        return pd.DataFrame()

    for name in OF_RUNS_APART:
        monkeypatch.setattr(tables, name, empty)
    monkeypatch.setattr(timing, "lever_timing", empty)
    monkeypatch.setattr(verdicts, "SWITCHES", ())
    monkeypatch.setattr(verdicts, "COUNTING", {})
    monkeypatch.setattr(request, "due", lambda *given: due)
    found = _tables(model, (baseline_scenario, other), settings, request.Languages.en, Terminal(False, True))["movers"]
    assert found.attrs["members"] == MEMBERS
    first, second = (
        simulate(model, scenario, settings, [target.variable for target in due])
        for scenario in (baseline_scenario, other)
    )
    for target in due:
        rows = found[found["target"] == target.name]
        chances = [probability_at(headline(each, target), target, target.by) for each in (first, second)]
        assert set(rows["probability_base"]) == {chances[0]}
        assert set(rows.loc[rows["what"] == other.name, "probability"]) == {chances[1]}


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"posterior": ...}, "says nothing of posterior"),
        ({"analyses": ...}, "says nothing of analyses"),
        ({"analyses": "yes"}, "analyses: is not what a report writes"),
        ({"files": []}, "files: is not what a report writes"),
        ({"languages": "fr"}, "'fr' is not a valid Languages"),
        ({"settings": {"colour": "red"}}, "unexpected keyword argument 'colour'"),
        ({"settings": {"seed": "x"}}, "'x' is no seed"),
        ({"settings": {"step": 0.3}}, "--step"),
        ({"scenarios": []}, "two scenarios or more"),
        ({"scenarios": [{}, {}]}, "is not what a report writes: 'name'"),
    ],
)
def test_a_manifest_that_no_report_wrote_is_bad_input(tmp_path: Path, changed: dict[str, Any], complaint: str) -> None:
    said: dict[str, Any] = {
        "model_version": version("vimach"), "data_vintage": vintage().read_up_to, "languages": "en", "analyses": False,
        "posterior": None, "settings": {"members": 10}, "scenarios": [], "files": {},
    }  # fmt: skip
    said = {name: value for name, value in (said | changed).items() if value is not ...}
    (tmp_path / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    found = CliRunner().invoke(app, ["verify", str(tmp_path)])
    assert found.exit_code == 2, found.output
    assert complaint in found.output

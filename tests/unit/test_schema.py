"""The JSON Schema of scenario files: it takes what the reader takes, and marks what the reader refuses."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from vimach.exporting import scenario_schema
from vimach.exports.schema import FILE
from vimach.scenario import known_scenarios
from vimach.simulate import built_in

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@cache
def validator() -> Draft202012Validator:
    made = json.loads(scenario_schema(built_in()))
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(made)


def as_json(written: Any) -> Any:
    """YAML as an editor hands it to a schema: keys are texts."""
    if isinstance(written, dict):
        return {str(key): as_json(value) for key, value in written.items()}
    return [as_json(item) for item in written] if isinstance(written, list) else written


def complaints(text: str) -> list[str]:
    return [error.message for error in validator().iter_errors(as_json(yaml.safe_load(text)))]


@pytest.mark.parametrize("name", known_scenarios())
def test_the_built_in_scenarios_fit_and_point_to_it(name: str) -> None:
    text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
    assert complaints(text) == []
    assert text.splitlines()[0] == f"# yaml-language-server: $schema={FILE}"


def test_the_committed_schema_is_a_fresh_one() -> None:
    fresh = scenario_schema(built_in())
    assert (SCENARIOS / FILE).read_text(encoding="utf-8") == fresh, "vimach export schema --out scenarios"


@pytest.mark.parametrize(
    "setting",
    [
        "quit_rate: {value: 0.08, because: x}",
        "quit_rate: {value: 8 %/year, because: x}",
        "quit_rate: {value: {senior: 0.08, all: {ramp: {to: 0.1, starts: 2027, ends: 2028.5}}}, because: x}",
        "conversion_places: {raise_to: {table: {2027: 100, 2030.5: 200 person/year}}, because: x}",
        "conversion_places: {value: 3000, certain: true, because: x}",
        "conversion_places: {lower_to: {constant: 10}, because: x}",
    ],
)
def test_what_the_reader_takes_fits(setting: str) -> None:
    assert complaints(f"because: x\nset:\n  {setting}") == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("set: {}", "because"),
        ("because: ''", "because"),
        ("because: x\nextend: baseline", "extend"),
        ("because: x\nextends: baselin", "baselin"),
        ("because: x\ntitle: {en: only}", "vi"),
        ("because: x\nset: {quit_rat: {value: 1, because: x}}", "quit_rat"),
        ("because: x\nset: {quit_rate: {value: 0.08}}", "because"),
        ("because: x\nset: {quit_rate: {raise_to: 0.08, because: x}}", "raise_to"),
        ("because: x\nset: {quit_rate: {value: -1, because: x}}", "minimum"),
        ("because: x\nset: {quit_rate: {value: '50,000', because: x}}", "50,000"),
        ("because: x\nset: {quit_rate: {value: {boss: 0.1}, because: x}}", "boss"),
        ("because: x\nset: {quit_rate: {value: {ramp: {to: 1, starts: 2027}}, because: x}}", "ramp"),
        ("because: x\nset: {conversion_places: {value: 3000, because: x}}", "conversion_places"),
        ("because: x\nset: {conversion_places: {raise_to: 1, lower_to: 2, because: x}}", "valid under each"),
    ],
)
def test_what_the_reader_refuses_is_marked(text: str, word: str) -> None:
    found = complaints(text)
    assert found and any(word in message or word in text for message in found)

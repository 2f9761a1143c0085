"""What is announced counts as far and as late as announcements did, in every scenario alike; only one lifts that."""

import csv

import numpy as np
import pytest

from vimach.analysis.statements import read_checklist
from vimach.library import folder
from vimach.names import Names
from vimach.paths import Constant
from vimach.scenario import known_scenarios, read_scenario
from vimach.sectors import MODULES
from vimach.simulate import Model
from vimach.values import Element

LIFTED_BY = "as_announced"
TOLD = {"programme_money_estimated"}
"""Outputs that tell an announced number as such; no equation reads them."""
ESTIMATES = {
    "scholarship_realisation_ratio": ("realisation_ratio", "scholarship"),
    "programme_realisation_ratio": ("realisation_ratio", "programme"),
    "training_target_realisation_ratio": ("realisation_ratio", "training target"),
    "plant_slippage_time": ("opening_delay_if_realised", "plant"),
    "fab_slippage_time": ("opening_delay_if_realised", "plant"),
    "fab_realised": ("operates_within_3_years", "plant or fab"),
}
"""Parameter of the law -> the line of calibration/estimates/realisation.csv that it holds."""


def law(model: Model) -> dict[str, set[str]]:
    """Kind of announcement -> the ratio and delay through which it counts."""
    kinds = {parameter.realises for parameter in model.table.values()} - {""}
    return {kind: {name for name, p in model.table.items() if p.realises == kind} for kind in kinds}


def test_every_kind_that_is_announced_has_its_ratio(model: Model) -> None:
    announced = {parameter.announced for parameter in model.table.values()} - {""}
    assert announced == set(law(model))
    assert not [name for name, p in model.table.items() if p.announced and p.realises]


def test_an_announced_number_is_read_only_through_its_ratio_or_delay(model: Model) -> None:
    """Sizes meet the ratio of their kind and dates its delay, in the equation that reads them or right after it."""
    through, names = law(model), Names(model.graph, MODULES)
    for name, parameter in model.table.items():
        if parameter.announced:
            delays = {word for word in through[parameter.announced] if model.table[word].unit == "year"}
            needed = delays if parameter.unit == "year" else through[parameter.announced] - delays
            assert needed, f"{name}: nothing of the kind {parameter.announced} has this unit"
            for reader in names.users[name]:
                onward = sorted(set(names.users.get(reader, ())) - TOLD)
                met = [_upstream(names, one) & needed for one in (reader, *onward)]
                assert met[0] or (met[1:] and all(met[1:])), f"{reader} reads {name} and nothing of {sorted(needed)}"


def test_what_only_tells_an_announced_number_moves_nothing(model: Model) -> None:
    names = Names(model.graph, MODULES)
    assert not [name for name in TOLD if names.users.get(name)]


REGIMES = {"plants_lapse": {"plant_realised"}, "fab_for_sure": {"fab_realised"}}
"""Regimes of the checklist, which show a lever where much or nothing can be saved: no planner's scenario."""


def test_only_one_scenario_lifts_the_law_and_it_lifts_all_of_it(model: Model) -> None:
    whole = set().union(*law(model).values())
    scenarios = {name: read_scenario(name, model.table, model.labels) for name in known_scenarios()}
    scenarios |= dict(read_checklist(model).scenarios)
    for name, scenario in scenarios.items():
        set_here = {override.name for override in scenario.overrides} & whole
        assert set_here == (whole if LIFTED_BY in scenario.layers else REGIMES.get(name, set())), name
    for override in scenarios[LIFTED_BY].overrides:
        if override.name in whole:
            lifted = 0.0 if model.table[override.name].unit == "year" else 1.0
            assert override.certain
            assert override.labels is None
            assert override.path == Constant(lifted)


@pytest.mark.parametrize("name", ESTIMATES)
def test_the_law_holds_the_estimates_of_the_register(model: Model, name: str) -> None:
    with folder("estimates").joinpath("realisation.csv").open(encoding="utf-8") as file:
        lines = {(line["quantity"], line["kind"]): line for line in csv.DictReader(file)}
    line, parameter = lines[ESTIMATES[name]], model.table[name]
    median, low, high = (float(line[word]) for word in ("median", "p05", "p95"))
    (value,) = (_constant(element) for element in parameter.value if element.labels in ((), ("fpt",), ("hoa_lac",)))
    assert value == pytest.approx(median, rel=0.01)
    spread = parameter.distribution or parameter.factor
    assert spread is not None
    scale = 1.0 if parameter.distribution else value
    assert spread.quantile(np.array([0.05, 0.95])) * scale == pytest.approx(np.array([low, high]), rel=0.01)
    assert f"n = {line['n']}" in parameter.note, "a small sample says its size"


def test_a_plant_is_as_likely_as_the_middle_of_both_readings_of_the_register(model: Model) -> None:
    with folder("estimates").joinpath("realisation.csv").open(encoding="utf-8") as file:
        lines = {line["quantity"]: line for line in csv.DictReader(file) if line["kind"] == "plant"}
    best, worst = (lines["operates_within_3_years" + end] for end in ("", "_worst_case"))
    plant = model.table["plant_realised"]
    value = _constant(plant.value[0])
    assert value == pytest.approx((float(best["median"]) + float(worst["median"])) / 2, rel=0.01)
    assert plant.factor is not None
    low, high = plant.factor.quantile(np.array([0.05, 0.95])) * value
    assert [low, high] == pytest.approx([float(worst["p05"]), float(best["p95"])], rel=0.01)


def _constant(element: Element) -> float:
    assert isinstance(element.path, Constant)
    return element.path.to


def _upstream(names: Names, name: str) -> set[str]:
    """All that a variable is computed from at the same moment: not through stocks, memories and other states."""
    found: set[str] = set()
    waiting = list(names.needs[name])
    while waiting:
        needed = waiting.pop()
        variable = names.graph.variables.get(needed)
        if needed not in found and variable is not None and variable.kind == "auxiliary":
            waiting += names.needs[needed]
        found.add(needed)
    return found

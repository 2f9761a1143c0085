"""Graduates of students already enrolled, forecast on simulated truths: published accuracy of education forecasts."""

from vimach.scenario import Scenario
from vimach.simulate import Model
from vimach_calibration.enrolled import ALLOWED, errors, simulated


def test_graduates_of_those_enrolled_are_nearly_certain(model: Model, baseline_scenario: Scenario) -> None:
    bank, truths = (simulated(model, baseline_scenario, *size) for size in ((200, 1017), (30, 1018)))
    table = errors(bank, truths)
    assert dict(zip(table["horizon"], table["allowed"], strict=True)) == ALLOWED == {1: 1.5, 3: 3.0, 5: 6.0}
    assert (table["error"] <= table["allowed"]).all(), table
    assert (table["n"] == 30).all()

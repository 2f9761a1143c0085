"""The model as calibrated on a past day: what came out later changes nothing, too few counts are told."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from vimach.scenario import Scenario
from vimach.simulate import Model
from vimach_calibration.evidence import EvidenceTable, read_evidence
from vimach_calibration.observations import Observations, observations
from vimach_calibration.past_calibrations import PastCalibrations

EARLY, LATER = date(2023, 10, 28), date(2023, 11, 1)
LEVERS = ("as they happened", "as announced")


def more() -> EvidenceTable:
    """The evidence with two counts that came out after LATER, one of them about a year before it."""
    rows = dict(read_evidence())
    known = rows["design_engineers__all__2025"]
    told = replace(known, id="told_later", year=2022.9, whole_year=False, value=9000.0, published=date(2023, 11, 2))
    return EvidenceTable({**rows, "told_later": told, "newer": replace(told, id="newer", year=2023.8, value=9500.0)})


def calibrations(model: Model, scenario: Scenario, table: EvidenceTable) -> PastCalibrations:
    def known(day: date) -> Observations:
        return observations(day, evidence=table)

    return PastCalibrations(model, dict.fromkeys(LEVERS, scenario), 300, 1017, 2025, known)


def test_what_came_out_later_changes_nothing_to_the_byte() -> None:
    table = more()
    for day in (EARLY, LATER):
        assert observations(day, evidence=table) == observations(day)
    assert observations(date(2023, 11, 2), evidence=table) != observations(date(2023, 11, 2))


def test_each_day_is_calibrated_with_what_was_known_then(model: Model, baseline_scenario: Scenario) -> None:
    plain = calibrations(model, baseline_scenario, read_evidence())
    early, later = plain.on(EARLY), plain.on(LATER)
    table = plain.table()
    assert list(table["levers"]) == [*LEVERS] * 2
    assert list(table["counts"]) == [2, 2, 3, 3]
    assert list(table["estimated"]) == [0, 0, 3, 3]
    assert "design firms" in table["not_calibrated"][0].lower()
    assert (table["not_calibrated"][2:] == "").all()
    assert (table["effective_size"] > 40).all()
    assert plain.on(LATER) is later
    for belief in (early, later):  # the same levers: the same members, the same weights
        assert belief[LEVERS[0]].weights.log_weights == pytest.approx(belief[LEVERS[1]].weights.log_weights)
    again = calibrations(model, baseline_scenario, more()).on(LATER)[LEVERS[0]]
    assert again.weights.log_weights.tobytes() == later[LEVERS[0]].weights.log_weights.tobytes()
    given = [belief.bank.paths(("employed_design", ""), np.array([2025.0])) for belief in (again, later[LEVERS[0]])]
    assert given[0].tobytes() == given[1].tobytes()

"""A run that goes on from the saved state of an earlier one gives the same bits as a run that never stopped."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vimach import results
from vimach.ensemble import Sample
from vimach.errors import BadInput
from vimach.parameters.table import ParameterTable
from vimach.scenario import Scenario
from vimach.simulate import Model, Settings, simulate

WHOLE = Settings(members=5, until=2031)


def test_a_restart_in_2022_gives_the_same_bits(model: Model, baseline_scenario: Scenario, tmp_path: Path) -> None:
    whole = simulate(model, baseline_scenario, WHOLE)
    results.write(whole, tmp_path / "results.nc")
    saved = results.read(tmp_path / "results.nc")
    later = simulate(model, baseline_scenario, replace(WHOLE, start=2022), state=saved)
    since = whole.sel(edge=slice(2022.0, None), period=slice(2022, None))
    assert set(later.data_vars) == set(whole.data_vars)
    for name in later.data_vars:
        assert np.array_equal(later[name].values, since[name].values), name


def test_what_does_not_fit_is_refused_all_at_once(model: Model, baseline_scenario: Scenario) -> None:
    saved = simulate(model, baseline_scenario, replace(WHOLE, until=2022), records=["engineers"])
    with pytest.raises(BadInput) as refused:
        simulate(model, baseline_scenario, Settings(members=4, start=2030), state=saved)
    words = str(refused.value)
    for said in ("members 5, this one 4", "no edge 2030", "did not keep", "--outputs all"):
        assert said in words


def test_states_of_another_model_or_posterior_are_refused(model: Model, baseline_scenario: Scenario) -> None:
    told = {"calibration": "calibrated, data to 2025-12-31", "posterior": "one"}
    sample = Sample(1017, np.arange(3), {}, told)
    settings = Settings(members=3, until=2016, sample=sample)
    saved = simulate(model, baseline_scenario, settings)
    later = replace(settings, start=2016)
    assert simulate(model, baseline_scenario, later, ["engineers"], state=saved).attrs["posterior"] == "one"
    other = replace(later, sample=Sample(1017, np.arange(3), {}, told | {"posterior": "two"}))
    with pytest.raises(BadInput, match=r"^--state: the saved run has posterior 'one', this one 'two'$"):
        simulate(model, baseline_scenario, other, state=saved)
    with pytest.raises(BadInput, match=r"calibration .* 'prior, not calibrated'\n.* posterior 'one', this one None$"):
        simulate(model, baseline_scenario, replace(later, sample=None), state=saved)
    table = dict(model.table) | {"quit_rate": replace(model.table["quit_rate"], range=(0.0, 0.9))}
    changed = replace(model, table=ParameterTable(table.values()))
    with pytest.raises(BadInput, match=rf"the saved run has model '{model.digest}', this one '{changed.digest}'$"):
        simulate(changed, baseline_scenario, later, state=saved)

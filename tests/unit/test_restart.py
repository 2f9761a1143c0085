"""A run that goes on from the saved state of an earlier one gives the same bits as a run that never stopped."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vimach import results
from vimach.errors import BadInput
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

"""Simulation: checks before a run, methods, failures in it, and the same bits whoever runs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from vimach import simulate as simulation
from vimach.errors import BadInput, RunFailed
from vimach.scenario import Scenario, read_scenario
from vimach.simulate import Model, Settings, simulate

from .smooth_model import scenario, smooth_model


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A smooth model with a chain and a stock that drains through a delay."""
    return smooth_model(tmp_path_factory.mktemp("parameters"))


# before the run


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"step": 0.1}, "--step: 0.1 is not 1/2^k of a year; write 1/16, 1/32, ..."),
        ({"step": 0.0}, "--step: 0 is not 1/2^k"),
        ({"step": -0.5}, "--step: -0.5 is not 1/2^k"),
        ({"step": 2.0}, "--step: 2 is not 1/2^k"),
        ({"step": float("nan")}, "--step: nan is not 1/2^k"),
        ({"step": float("inf")}, "--step: inf is not 1/2^k"),
        ({"until": 2014}, "--until: ends in 2014, before it starts in 2015"),
        ({"members": -1}, "--members: cannot be negative"),
        ({"threads": -1}, "--threads: cannot be negative"),
        ({"method": "eular"}, "--method: no method 'eular'; known: euler, rk4; did you mean 'euler'?"),
    ],
)
def test_bad_settings(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(BadInput) as caught:
        Settings(**settings).schedule()
    assert text in str(caught.value)


def test_bad_settings_are_told_all_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        Settings(step=0.3, until=2000, members=-1).schedule()
    assert len(caught.value.problems) == 3


def test_years_are_inclusive_and_edges_are_their_ends() -> None:
    schedule = Settings(start=2015, until=2035).schedule()
    assert len(schedule.edges) == 22
    assert schedule.times[list(schedule.edges)].tolist() == [float(year) for year in range(2015, 2037)]


def test_the_built_in_model_refuses_what_the_school_calendar_cannot_bear(
    model: Model, baseline_scenario: Scenario
) -> None:
    with pytest.raises(BadInput, match=r"--method: rk4 is for smooth models; .*: use euler"):
        simulate(model, baseline_scenario, Settings(members=0, method="rk4"))
    with pytest.raises(BadInput, match="--step: the school calendar needs a step of 1/16 or less"):
        simulate(model, baseline_scenario, Settings(members=0, step=1 / 8))


def test_a_smooth_model_may_take_long_steps(small: Model, tmp_path: Path) -> None:
    data = simulate(small, scenario(small, tmp_path), Settings(members=0, until=2016, step=1 / 4))
    assert data.people.isel(member=0).values == pytest.approx(1000 * 0.95 ** np.array([0.0, 4, 8]), rel=1e-12)


@pytest.mark.parametrize(
    ("setting", "key", "text"),
    [
        ("wait_time={value: 4, certain: true}", "wait_time",
         "member 0: 0.333333 year is too short for a step of 1/16 (queue); the largest step that would do is 1/32"),
        ("pause_time=0.1", "pause_time",
         "member 0: 0.1 year is too short for a step of 1/16 (going); the largest step that would do is 1/32"),
        ("pause_time=0", "pause_time", "member 0: 0 year is too short for a step of 1/16 (going); it must be positive"),
        ("pause_time={step: {to: 0.1, starts: 2017.0}}", "pause_time",
         "member 0: 0.1 year is too short for a step of 1/16 (going); the largest step that would do is 1/32"),
    ],
)  # fmt: skip
def test_a_delay_too_short_for_the_step_is_named_before_the_run(
    small: Model, tmp_path: Path, setting: str, key: str, text: str
) -> None:
    with pytest.raises(BadInput) as caught:
        simulate(small, scenario(small, tmp_path, setting), Settings(members=3, until=2020))
    assert [str(problem) for problem in caught.value.problems] == [f"{key}: {text}"]


def test_the_member_whose_draw_is_too_short_is_named(small: Model, tmp_path: Path) -> None:
    settings = Settings(members=300, until=2015, step=1 / 4)
    with pytest.raises(BadInput) as caught:
        simulate(small, scenario(small, tmp_path), settings)
    (problem,) = caught.value.problems
    given = simulation.inputs(
        small.table, small.graph.dimensions, scenario(small, tmp_path), simulation.Block(1017, 0, 300),
        settings.schedule(),
    )  # fmt: skip
    member = int(np.argmin(given.fixed["wait_time"]))
    assert str(problem).startswith(f"wait_time: member {member}: {given.fixed['wait_time'][member]:g} year")
    assert given.fixed["wait_time"][member] < 6 / 4


def test_the_largest_step_that_is_advised_does(small: Model, tmp_path: Path) -> None:
    short = scenario(small, tmp_path, "pause_time=0.1")
    data = simulate(small, short, Settings(members=0, until=2016, step=1 / 32))
    assert data.pausing.min() >= 0.0


# in the run


def test_a_member_that_breaks_is_named_and_the_others_are_carried_unharmed(small: Model, tmp_path: Path) -> None:
    wild = scenario(small, tmp_path, "leaving_rate={value: 6}")
    count = simulation.BLOCK + 40
    settings = Settings(members=count, until=2016, threads=2)
    with pytest.raises(RunFailed) as caught:
        simulate(small, wild, settings)
    broken = {failure.member for failure in caught.value.failures}
    assert any(member >= simulation.BLOCK for member in broken), "a member of the second block counts from 0 in all"
    assert {failure.variable for failure in caught.value.failures} == {"people"}
    others: xr.Dataset = caught.value.results
    assert others.member.values.tolist() == [member for member in range(count) if member not in broken]
    rates = simulation.inputs(
        small.table, small.graph.dimensions, wild, simulation.Block(1017, 0, count), settings.schedule()
    ).fixed["leaving_rate"]
    assert broken == set(np.flatnonzero(rates > 8.0).tolist())
    kept = np.delete(rates, sorted(broken))
    people = np.full_like(kept, 1000.0)
    for _ in range(16):
        people = people + people * kept * -1.0 / 16
    assert others.people.sel(edge=2016.0).values == pytest.approx(people, rel=1e-12)


def test_runge_and_kutta_through_the_whole_way_is_of_fourth_order(small: Model, tmp_path: Path) -> None:
    plain = scenario(small, tmp_path)
    ends = {
        step: simulate(small, plain, Settings(members=0, until=2024, method="rk4", step=step)).people.values[-1, 0]
        for step in (1 / 4, 1 / 8)
    }
    exact = 1000 * np.exp(-2.0)
    assert np.log2(abs(ends[1 / 4] - exact) / abs(ends[1 / 8] - exact)) == pytest.approx(4.0, abs=0.2)


def test_progress_is_told_of_every_member(small: Model, tmp_path: Path) -> None:
    told: list[int] = []
    settings = Settings(members=simulation.BLOCK + 44, until=2015)
    simulate(small, scenario(small, tmp_path), settings, progress=told.append)
    assert sorted(told) == [44, simulation.BLOCK]


# the same bits


def test_run_a_b_a_gives_the_same_a(model: Model, baseline_scenario: Scenario) -> None:
    other = read_scenario("accelerated_funding", model.table, model.labels)
    settings = Settings(members=3, start=2026, until=2028)
    first = simulate(model, baseline_scenario, settings)
    changed = simulate(model, other, settings)
    again = simulate(model, baseline_scenario, settings)
    xr.testing.assert_identical(first, again)
    assert not first.drop_attrs().equals(changed.drop_attrs())


def test_blocks_and_threads_change_no_bit(small: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = scenario(small, tmp_path)
    whole = simulate(small, plain, Settings(members=40, until=2018, threads=1))
    monkeypatch.setattr(simulation, "BLOCK", 7)
    xr.testing.assert_identical(whole, simulate(small, plain, Settings(members=40, until=2018, threads=2)))


def test_blocks_and_threads_change_no_bit_of_the_built_in_model(
    model: Model, baseline_scenario: Scenario, ensemble_run: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulation, "BLOCK", 2)
    few = simulate(model, baseline_scenario, Settings(members=3, threads=2))
    xr.testing.assert_equal(few, ensemble_run.isel(member=slice(3)))


def test_only_what_is_asked_for_is_recorded(
    model: Model, baseline_scenario: Scenario, ensemble_run: xr.Dataset
) -> None:
    settings = Settings(members=2, until=2016)
    data = simulate(model, baseline_scenario, settings, records=["employed_in_sector", "quitting"])
    assert set(data.data_vars) == {"employed_in_sector", "quitting"}
    whole = ensemble_run.isel(member=slice(2), edge=slice(3))
    xr.testing.assert_equal(data.employed_in_sector.variable, whole.employed_in_sector.variable)


@pytest.mark.parametrize("records", [["employed"], "employed_in_sector"])
def test_a_variable_to_keep_that_does_not_exist_is_named(
    model: Model, baseline_scenario: Scenario, records: Iterable[str]
) -> None:
    with pytest.raises(BadInput, match="no variable has this name"):
        simulate(model, baseline_scenario, Settings(members=0, until=2015), records)

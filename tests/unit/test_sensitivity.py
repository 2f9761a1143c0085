"""Sobol' indices and Morris' effects on functions whose answers are known, and both on the built-in model."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from SALib.analyze import sobol as salib

from vimach.analysis import morris, sobol
from vimach.analysis.definition import COUNTED, RELATED, SHARE_COUNTED, SHARES
from vimach.analysis.sensitivity import check_outputs, drawn, most_important, screening, sobol_indices
from vimach.analysis.switching import runs_of_switching, switching_values
from vimach.errors import BadInput
from vimach.parameters.table import read_targets
from vimach.scenario import Scenario
from vimach.simulate import Model, Settings, simulate

Array = NDArray[np.float64]
ROWS = 4096


def ishigami(u: Array) -> Array:
    x = (2.0 * u - 1.0) * np.pi
    return np.asarray(np.sin(x[..., 0]) + 7.0 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0]))


def on_samples(function: object, inputs: int, rows: int) -> tuple[Array, Array, Array]:
    a, b = sobol.two_samples(inputs, rows, seed=5)
    mixed = [np.where(np.arange(inputs) == number, b, a) for number in range(inputs)]
    return function(a), function(b), np.stack([function(each) for each in mixed])  # type: ignore[operator]


# known answers


def test_indices_of_the_ishigami_function_are_those_of_the_formula() -> None:
    found = sobol.indices(*on_samples(ishigami, 3, ROWS))
    assert found.first == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert found.total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)
    assert (found.first_low < found.first).all() and (found.first < found.first_high).all()
    assert (found.total_low < found.total).all() and (found.total < found.total_high).all()


def test_indices_agree_with_salib() -> None:
    a, b, mixed = on_samples(ishigami, 3, ROWS)
    problem = {"num_vars": 3, "names": ["x", "y", "z"], "bounds": [[0, 1]] * 3}
    values = np.column_stack([a, *mixed, b]).ravel()
    theirs = salib.analyze(problem, values, calc_second_order=False, num_resamples=10, seed=1)
    ours = sobol.indices(a, b, mixed, resamples=2)
    assert ours.first == pytest.approx(theirs["S1"], abs=1e-9)
    assert ours.total == pytest.approx(theirs["ST"], abs=1e-9)


def test_an_additive_function_has_shares_of_its_variances_and_many_outputs_go_at_once() -> None:
    weights = np.array([3.0, 2.0, 0.0])

    def both(u: Array) -> Array:
        return np.stack([u @ weights, u[..., 0]], axis=-1)

    found = sobol.indices(*on_samples(both, 3, ROWS))
    assert found.first[:, 0] == pytest.approx(weights**2 / (weights**2).sum(), abs=0.01)
    assert found.total[:, 1] == pytest.approx([1.0, 0.0, 0.0], abs=0.01)
    assert found.total[2] == pytest.approx([0.0, 0.0], abs=0.0)


def test_what_does_not_vary_has_no_indices() -> None:
    found = sobol.indices(*on_samples(lambda u: np.full(len(u), 4.0), 2, 16))
    assert np.isnan(found.first).all() and np.isnan(found.total).all()


def test_samples_are_strictly_inside_and_the_same_each_time() -> None:
    a, b = sobol.two_samples(3, 64, 1)
    assert ((a > 0.0) & (a < 1.0)).all() and not np.array_equal(a, b)
    assert np.array_equal(a, sobol.two_samples(3, 64, 1)[0])


def test_effects_of_a_straight_line_are_its_slopes() -> None:
    design = morris.trajectories(3, 5, seed=2)
    found = morris.effects(design, design.points @ np.array([3.0, -2.0, 0.0]))
    assert found.mean == pytest.approx([3.0, -2.0, 0.0])
    assert found.size == pytest.approx([3.0, 2.0, 0.0])
    assert found.deviation == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)


def test_effects_that_depend_on_others_scatter() -> None:
    design = morris.trajectories(2, 20, seed=2)
    found = morris.effects(design, (design.points[..., 0] - 0.5) * (design.points[..., 1] - 0.5))
    assert (found.deviation > 0.1).all()
    assert (found.size > np.abs(found.mean)).all()


@pytest.mark.parametrize("inputs", [1, 4])
def test_a_trajectory_moves_every_input_once_by_one_step(inputs: int) -> None:
    design = morris.trajectories(inputs, 3, seed=0)
    moves = np.abs(np.diff(design.points, axis=1))
    assert (moves.sum(axis=2) == morris.STEP).all() and (moves.sum(axis=1) == morris.STEP).all()
    assert ((design.points > 0.0) & (design.points < 1.0)).all()


# the built-in model


def test_indices_of_the_model_know_who_cannot_matter(model: Model, baseline_scenario: Scenario) -> None:
    names = ["engineers_2015", "entry_luck", "tuition_a_year"]
    settings = Settings(until=2016)
    table = sobol_indices(model, baseline_scenario, settings, ["employed_in_sector"], names, 8, [2017.0])
    assert table["factor"].tolist()[-1] == "others"
    totals = table.set_index("factor")["total"]
    assert totals["engineers_2015"] > 0.0 == totals["tuition_a_year"]
    assert table.loc[0, "rung"] == "employed_in_sector"
    assert set(table["grade"]) <= {"A", "B", "C", "D", "J", ""}


def test_screening_ranks_every_assumption(model: Model, baseline_scenario: Scenario) -> None:
    table = screening(model, baseline_scenario, Settings(until=2015), ["employed_in_sector"], 2, [2016.0])
    assert len(table) == len(drawn(model))
    assert table["effect_absolute"].is_monotonic_decreasing
    best = most_important(table, 3)
    assert "engineers_2015" in best and len(best) == 3


@pytest.fixture(scope="module")
def turned(model: Model, baseline_scenario: Scenario) -> pd.DataFrame:
    """Switching values of three targets for the first year."""
    firms = next(target for target in read_targets() if target.name == "design_firms_by_2030")
    near, far = replace(firms, name="few_firms", value=24.0, by=2016.0), replace(firms, name="far_away", by=2016.0)
    met = replace(near, name="met_with_branches", value=12.0)
    return switching_values(model, baseline_scenario, [near, far, met], Settings(until=2015))


def test_assumptions_that_turn_a_verdict_are_named_with_the_turn(turned: pd.DataFrame) -> None:
    firms = turned[turned["target"] == "few_firms"]
    assert "design_firms_2015" in set(firms["parameter"])
    row = firms[firms["parameter"] == "design_firms_2015"].iloc[0]
    assert min(row["value"], row["end"]) <= row["switch"] <= max(row["value"], row["end"])
    assert 0.0 <= row["share_of_way"] <= 1.0
    assert (row["at_end"] >= row["target_value"]) != (row["central"] >= row["target_value"])
    assert firms["share_of_way"].is_monotonic_increasing


def test_a_verdict_that_nothing_turns_has_one_empty_row(turned: pd.DataFrame) -> None:
    (row,) = turned[turned["target"] == "far_away"].to_dict("records")
    assert row["verdict"] == "missed" and row["parameter"] == ""


def test_the_share_of_related_graduates_that_turns_a_verdict_is_told(model: Model, baseline_scenario: Scenario) -> None:
    """The definition turns what no assumption does: at the share told the target is met to the person."""
    aim = next(target for target in read_targets() if target.name == "trained_by_2030")
    target = replace(aim, value=30_000.0, by=2029.0)
    heard: list[int] = []
    table = switching_values(model, baseline_scenario, [target], Settings(until=2028), heard.append)
    assert len(heard) <= runs_of_switching(model)
    (row,) = table[table["parameter"] == SHARE_COUNTED].to_dict("records")
    assert (row["kind"], row["verdict"], row["value"]) == ("definition", "missed", 0.0)
    assert 0.0 < row["switch"] < row["end"] == max(SHARES)
    assert row["share_of_way"] == pytest.approx(row["switch"] / row["end"])
    central = Settings(members=0, until=2028)
    data = simulate(model, baseline_scenario, central, [COUNTED, RELATED]).sel(edge=2029.0).squeeze("member")
    assert float(data[COUNTED] + row["switch"] * data[RELATED]) == pytest.approx(30_000.0)
    assert row["at_end"] > 30_000.0


def test_another_reading_turns_a_verdict(turned: pd.DataFrame) -> None:
    firms = turned[turned["target"] == "met_with_branches"].set_index("parameter")
    assert firms.loc["without_branches", "kind"] == "definition"
    assert firms.loc["without_branches", "share_of_way"] == 1.0
    assert firms.loc["without_branches", "at_end"] < 12.0 <= firms.loc["without_branches", "central"]


def test_what_is_no_national_total_is_refused_with_the_nearest_name(model: Model) -> None:
    with pytest.raises(BadInput) as caught:
        check_outputs(model, ["employed_in_secto", "engineers"])
    said = str(caught.value)
    assert "employed_in_secto: no variable has this name; did you mean 'employed_in_sector'?" in said
    assert "engineers: is not a national total" in said


def test_a_chance_turns_a_verdict_by_its_outcome_not_by_its_probability(
    model: Model, baseline_scenario: Scenario
) -> None:
    fabs = next(target for target in read_targets() if target.name == "fabs_by_2030")
    table = switching_values(model, baseline_scenario, [replace(fabs, value=1.0, by=2031.0)], Settings(until=2030))
    row = table[table["parameter"] == "fab_realised"].to_dict("records")
    assert [(each["switch"], each["share_of_way"]) for each in row] == [(1.0, 1.0)]
    assert np.isnan(row[0]["quantile"])

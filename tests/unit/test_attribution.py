"""Shapley values, on games with known answers and on scenarios of the built-in model; groups of levers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from vimach.analysis import tables
from vimach.analysis.attribution import attribute
from vimach.analysis.lever_groups import OTHERS, OURS, by_others, lever_groups
from vimach.analysis.shapley import shapley
from vimach.analysis.tables import attribution
from vimach.analysis.variants import between, differing, parting, runs_from
from vimach.analysis.verdicts import fixed
from vimach.ensemble import Sample
from vimach.errors import BadInput
from vimach.parameters.table import Target, read_targets
from vimach.scenario import Scenario, read_scenario
from vimach.simulate import Model, Settings, simulate

THREE = """
extends: baseline
because: Decisions of ours and of others.
set:
  conversion_places: {raise_to: {step: {to: 4000, starts: 2028.0}}, because: Quick.}
  retention_pay_share: {raise_to: {step: {to: 5 %, starts: 2028.0}}, because: Keeps people.}
  intense_places_announced: {raise_to: {step: {to: 2000, starts: 2027.0}}, because: Decided elsewhere.}
"""
LAST = 2031


@pytest.fixture(scope="module")
def three(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    file: Path = tmp_path_factory.mktemp("attribution") / "three.yaml"
    file.write_text(THREE, encoding="utf-8")
    return read_scenario(file, model.table, model.labels)


@pytest.fixture(scope="module")
def targets() -> list[Target]:
    return [target for target in read_targets() if target.name in ("trained_by_2030", "design_firms_by_2030")]


@pytest.fixture(scope="module")
def table(model: Model, baseline_scenario: Scenario, three: Scenario, targets: list[Target]) -> pd.DataFrame:
    return attribution(model, baseline_scenario, three, Settings(members=10, until=LAST), targets, 8)


# games with known answers


def test_a_game_of_three_is_shared_as_by_hand() -> None:
    # a glove market: 0 has a left glove, 1 and 2 a right one; a pair is worth 1
    values = shapley(3, lambda members: np.array(float(0 in members and bool(members & {1, 2}))))
    assert values == pytest.approx([2 / 3, 1 / 6, 1 / 6])


@given(st.lists(st.floats(-1e5, 1e5), min_size=16, max_size=16))
def test_values_add_up_to_what_all_together_make(worths: list[float]) -> None:
    values = shapley(4, lambda members: np.array([worths[sum(1 << each for each in members)]]))
    assert values.sum() == pytest.approx(worths[15] - worths[0], abs=1e-9)


@given(st.lists(st.floats(-1e5, 1e5), min_size=4, max_size=4), st.lists(st.floats(-1e5, 1e5), min_size=8, max_size=8))
def test_players_that_are_alike_get_alike_and_one_that_does_nothing_gets_nothing(
    by_size: list[float], others: list[float]
) -> None:
    alike = shapley(3, lambda members: np.array(by_size[len(members)]))
    assert alike == pytest.approx([alike[0]] * 3, abs=1e-9)
    idle = shapley(4, lambda members: np.array(others[sum(1 << each for each in members if each < 3)]))
    assert idle[3] == pytest.approx(0.0, abs=1e-9)


def test_a_game_without_players_shares_nothing() -> None:
    assert shapley(0, lambda members: np.zeros(2)).shape == (0, 2)


# scenarios


def test_the_groups_add_up_to_the_difference(table: pd.DataFrame) -> None:
    for _, rows in table.groupby(["target", "measure", "edge"]):
        by_kind = rows.groupby("kind")["value"].sum()
        assert by_kind["group"] == pytest.approx(by_kind["difference"], abs=1e-9)
        assert by_kind["base"] + by_kind["group"] == pytest.approx(by_kind["other"], abs=1e-9)


def test_ours_and_others_are_apart_and_the_table_says_where_it_is_from(table: pd.DataFrame) -> None:
    blocks = table.loc[table["kind"] == "group"].drop_duplicates("group").set_index("group")
    assert blocks["block"].to_dict() == {"conversion": OURS, "people": OURS, "others": OTHERS}
    assert blocks.loc["others", "levers"] == "intense_places_announced"
    assert (table.attrs["scenario"], table.attrs["other"], table.attrs["members"]) == ("baseline", "three", 10)


def test_courses_train_people_and_places_abroad_train_nobody_here(table: pd.DataFrame) -> None:
    rows = table[(table["target"] == "trained_by_2030") & (table["measure"] == "value") & (table["edge"] == 2031.0)]
    values = rows.set_index("group")["value"]
    assert values["conversion"] > 100.0
    assert abs(values["others"]) < 0.1 * values["conversion"]


def test_a_scenario_equal_to_the_base_makes_no_difference(
    model: Model, baseline_scenario: Scenario, targets: list[Target]
) -> None:
    again = replace(baseline_scenario, name="again")
    assert differing(baseline_scenario, again) == ()
    run = runs_from(model, baseline_scenario, Settings(members=10, until=2030), [t.variable for t in targets], 2015)
    table = attribute(baseline_scenario, again, (), targets, run)
    assert set(table["kind"]) == {"base", "difference", "other"}
    assert (table.loc[table["kind"] == "difference", ["low", "value", "high"]] == 0.0).all().all()


@pytest.mark.parametrize(
    "sample",
    [None, Sample(1017, np.array([3, 900]), {"quit_rate": np.array([0.3, 0.6])}, {"calibration": "made up"})],
    ids=["prior", "sample"],
)
def test_runs_that_share_their_past_are_whole_runs_to_the_bit(
    model: Model, baseline_scenario: Scenario, three: Scenario, sample: Sample | None
) -> None:
    settings = Settings(members=2, until=2028, sample=sample)
    names = ["trained_cumulative", "programme_cost"]
    year = parting([three], baseline_scenario, 2015)
    late = runs_from(model, baseline_scenario, settings, names, year)(three)
    whole = simulate(model, three, settings, names)
    assert year == 2027
    for name in names:
        assert (late[name] == whole.sel(edge=late["edge"], period=late["period"])[name]).all()


def test_between_two_scenarios_each_parameter_is_set_as_in_one_of_them(
    baseline_scenario: Scenario, three: Scenario
) -> None:
    some = between(baseline_scenario, three, {"conversion_places"})
    assert differing(baseline_scenario, some) == ("conversion_places",)
    assert differing(some, three) == ("retention_pay_share", "intense_places_announced")
    assert differing(between(baseline_scenario, three, differing(baseline_scenario, three)), three) == ()


def test_a_record_that_no_variable_has_is_told_with_the_nearest_name(model: Model, baseline_scenario: Scenario) -> None:
    with pytest.raises(BadInput, match="no variable has this name; did you mean 'trained_cumulative'"):
        runs_from(model, baseline_scenario, Settings(members=10), ["trained_cumulativ"], 2015)


def test_nine_groups_of_exact_values_add_up_too(
    model: Model, baseline_scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What --exact allows: more groups than a kernel gets unasked, by as many runs as there are sets of them."""
    nine = [lever.name for lever in model.table.levers if not by_others(model.table, lever.name)][:9]
    other = replace(baseline_scenario, name="other", overrides=tuple(fixed(name, 1.0) for name in nine))
    base = replace(baseline_scenario, overrides=())
    edges = [2030.0, 2031.0]

    def run(scenario: Scenario) -> xr.Dataset:
        names = {override.name for override in scenario.overrides}
        worth = sum(place + 1.0 for place, name in enumerate(nine) if name in names)
        worth += 7.0 * (nine[0] in names and nine[1] in names)
        values = np.full((2, 10), worth) + np.arange(10)
        held = (("edge", "member"), values, {"unit": "person", "rung": "trained_cumulative"})
        return xr.Dataset({"trained_cumulative": held}, {"edge": edges, "member": range(10)})

    monkeypatch.setattr(tables, "runs_from", lambda *given: run)
    target = next(each for each in read_targets() if each.name == "trained_by_2030")
    settings, heard = Settings(members=10, until=2030), []
    most = tables.most_groups(model, base, settings, [target], exact=True)
    table = tables.attribution(model, base, other, settings, [target], most, heard.append)
    assert len(heard) == tables.attribution_steps(model, base, other, most) == 2**9
    shares = table[(table["measure"] == "value") & (table["kind"] == "group")].set_index("levers")["value"]
    expected = {name: place + 1.0 + (3.5 if place < 2 else 0.0) for place, name in enumerate(nine)}
    assert shares.to_dict() == pytest.approx(expected)
    whole = table[(table["measure"] == "value") & (table["kind"] == "difference")]["value"].iloc[0]
    assert shares.sum() == pytest.approx(whole, abs=1e-9)
    assert table.attrs["most_groups"] == 12


# groups


@pytest.fixture
def grouped(model: Model, baseline_scenario: Scenario) -> Callable[[int], dict[str, tuple[str, ...]]]:
    package = read_scenario("accelerated_funding", model.table, model.labels)
    names = differing(baseline_scenario, package)
    return lambda most: {group.name: group.levers for group in lever_groups(model.table, names, most)}


def test_every_lever_has_a_group_and_nothing_is_left_out(model: Model) -> None:
    names = list(model.table)
    groups = lever_groups(model.table, names, 8)
    assert len(groups) <= 8
    assert sorted(lever for group in groups for lever in group.levers) == sorted(names)
    assert [group.block for group in groups].count(OTHERS) == 1


@pytest.mark.parametrize("most", [4, 5, 8, 12])
def test_groups_are_as_many_as_allowed_at_most(grouped: Callable[[int], dict[str, tuple[str, ...]]], most: int) -> None:
    found = grouped(most)
    assert len(found) <= most
    assert sum(len(levers) for levers in found.values()) == 16


def test_more_groups_are_levers_of_their_own(grouped: Callable[[int], dict[str, tuple[str, ...]]]) -> None:
    assert grouped(12)["lecturers_trained_a_year"] == ("lecturers_trained_a_year",)


def test_too_few_groups_are_refused(grouped: Callable[[int], dict[str, tuple[str, ...]]]) -> None:
    with pytest.raises(BadInput, match="2 groups are too few"):
        grouped(2)


def test_what_partners_abroad_must_decide_too_is_theirs(model: Model) -> None:
    theirs = {lever.name for lever in model.table.levers if by_others(model.table, lever.name)}
    assert theirs == {
        "us_faculty_seats", "demand_matching_share", "korean_centre_seats", "korean_branch_gain", "joint_research",
        "intense_places_announced",
    }  # fmt: skip
    assert by_others(model.table, "quit_rate")  # nobody decides it

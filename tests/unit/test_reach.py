"""Reach and marginal cost: the smallest change of levers, its cost, or none; on games and on the built-in model."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vimach.analysis.doses import dial
from vimach.analysis.marginal_cost import DOSES, _prices, enough_money, with_a_price
from vimach.analysis.reach import (
    ALREADY,
    NOT_REACHABLE,
    REACHABLE,
    Outcome,
    allowed,
    runs_of_reach,
    search,
    target_named,
)
from vimach.analysis.tables import marginal_costs, reach
from vimach.errors import BadInput
from vimach.parameters.table import read_targets
from vimach.scenario import Scenario, read_scenario
from vimach.simulate import Model, Settings


def game(doses: Mapping[str, float], weights: Mapping[str, float]) -> Outcome:
    made = sum(weights[name] * dose for name, dose in doses.items())
    return min(max(made, 0.0), 1.0), made


# searches on games


def test_the_strongest_lever_does_it_alone_and_no_further_than_needed() -> None:
    found = search(["weak", "strong", "idle"], 0.5, lambda d: game(d, {"weak": 0.3, "strong": 0.8, "idle": 0.0}))
    assert found.verdict == REACHABLE
    assert found.doses == {"strong": 0.625}
    assert found.probability == pytest.approx(0.5)


def test_two_are_needed_and_a_harmful_one_is_left_out() -> None:
    found = search(["a", "b", "harm"], 0.7, lambda d: game(d, {"a": 0.4, "b": 0.4, "harm": -0.5}))
    assert found.verdict == REACHABLE
    assert set(found.doses) == {"a", "b"}
    assert 0.7 <= found.probability <= 0.7 + 0.4 / 32


def test_levers_that_help_only_together_are_found() -> None:
    found = search(["seats", "money", "idle"], 0.9, lambda d: (d.get("seats", 0.0) * d.get("money", 0.0),) * 2)
    assert set(found.doses) == {"seats", "money"}
    assert found.probability >= 0.9


def test_too_little_is_said_with_the_best_there_is() -> None:
    found = search(["a", "harm"], 0.7, lambda d: game(d, {"a": 0.4, "harm": -0.2}))
    assert (found.verdict, found.doses, found.best) == (NOT_REACHABLE, {"a": 1.0}, 0.4)


def test_a_search_takes_no_more_runs_than_are_said() -> None:
    asked: list[Mapping[str, float]] = []

    def trial(doses: Mapping[str, float]) -> Outcome:
        asked.append(doses)
        return game(doses, {"a": 0.3, "b": 0.3, "c": 0.3})

    search(["a", "b", "c"], 0.85, trial)
    assert len(asked) <= runs_of_reach(3) - 2  # two more tell the cost


def test_what_is_reached_already_needs_no_lever() -> None:
    found = search(["a"], 0.7, lambda doses: (0.8, 0.8))
    assert (found.verdict, found.doses, found.before) == (ALREADY, {}, 0.8)


# levers and targets


def test_a_dial_turns_from_the_scenarios_setting_to_the_end_of_the_range(
    model: Model, baseline_scenario: Scenario
) -> None:
    package = read_scenario("accelerated_funding", model.table, model.labels)
    up, later = (dial(model, each, "conversion_places") for each in (baseline_scenario, package))
    assert (up.central, later.central, up.end) == (1500.0, 4000.0, 20000.0)
    assert up.setting(0.5) == 10750.0
    assert up.override(0.5).law == "raise_to"
    down = dial(model, baseline_scenario, "incentive_floor_ratio")
    assert (down.end, down.override(1.0).law) == (0.0, "lower_to")
    assert dial(model, baseline_scenario, "budget_absorption_share").end == 1.0


def test_only_decisions_at_home_are_allowed_unless_others_are_asked_for(model: Model) -> None:
    ours, every = allowed(model.table, [], False), allowed(model.table, [], True)
    assert "intense_places_announced" in set(every) - set(ours)
    assert "conversion_places" in ours
    assert allowed(model.table, ["korean_centre_seats"], False) == ["korean_centre_seats"]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda table: allowed(table, ["conversion_place"], False), "did you mean 'conversion_places'"),
        (lambda table: target_named("trained_by_203", read_targets()), "did you mean 'trained_by_2030'"),
    ],
)
def test_wrong_names_are_told_with_the_nearest(model: Model, ask: object, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        ask(model.table)  # type: ignore[operator]


def test_a_target_on_a_variable_that_does_not_exist_is_told(model: Model, baseline_scenario: Scenario) -> None:
    aim = replace(target_named("trained_by_2030", read_targets()), variable="trained_cumulativ")
    with pytest.raises(BadInput, match="did you mean 'trained_cumulative'"):
        reach(model, baseline_scenario, Settings(members=10, until=2030), aim, 0.8, ["conversion_places"])


def test_the_model_answers_with_doses_and_cost(model: Model, baseline_scenario: Scenario) -> None:
    settings = Settings(members=10, until=2028)
    target = target_named("trained_by_2030", read_targets())
    few = replace(target, value=22000.0, by=2029.0)
    levers = ["conversion_places", "programme_budget_extra"]
    answer = reach(model, baseline_scenario, settings, few, 0.5, levers)
    assert answer.search.verdict == REACHABLE
    assert answer.search.probability >= 0.5 > answer.search.before
    assert answer.settings["conversion_places"] > 1500.0
    assert [cost.name for cost in answer.costs] == ["cost_to_the_state", "cost_to_the_economy"]
    assert all(cost.low <= cost.median <= cost.high for cost in answer.costs)
    many = reach(model, baseline_scenario, settings, replace(few, value=1e6), 0.5, ["conversion_places"])
    assert many.search.verdict == NOT_REACHABLE
    assert many.earliest is None


# marginal cost


@pytest.fixture(scope="module")
def curves(model: Model, baseline_scenario: Scenario) -> pd.DataFrame:
    settings = Settings(members=10, until=2030)
    return marginal_costs(model, baseline_scenario, settings, ["conversion_places", "curriculum_matching_share"])


def test_a_curve_begins_at_nothing_and_rises(curves: pd.DataFrame) -> None:
    courses = curves[(curves["lever"] == "conversion_places") & (curves["variable"] == "trained_cumulative")]
    for _, curve in courses.groupby("cost"):
        assert curve["dose"].tolist() == list(DOSES)
        assert (curve[["engineers", "extra_cost"]].iloc[0] == 0.0).all()
        assert curve["engineers"].is_monotonic_increasing and curve["engineers"].iloc[-1] > 1000.0
        assert curve["extra_cost"].is_monotonic_increasing
        assert curve["next_1000"].iloc[:-1].gt(0.0).all() and np.isnan(curve["next_1000"].iloc[-1])


def test_half_of_the_members_pay_less_for_the_next_thousand() -> None:
    """One that gains next to nobody moves no price."""
    people = np.array([100.0] * 9 + [1.0] + [400.0] * 10)
    cost = np.array([1e9] * 9 + [1e12] + [2e9] * 10)
    assert _prices(people, cost) == pytest.approx((5e9, 1e10, 1e10))
    assert 1000.0 * cost.mean() / people.mean() > 10 * 1e10  # what the means would say


def test_where_half_gain_nobody_there_is_no_price() -> None:
    people = np.array([0.0] * 11 + [500.0] * 9)
    assert np.isnan(_prices(people, np.full(20, 1e9))).all()


def test_every_price_lies_in_its_interval(curves: pd.DataFrame) -> None:
    priced = curves.dropna(subset=["next_1000"])
    assert len(priced)
    for money in ("next_1000", "next_1000_usd"):
        assert (priced[f"{money}_low"] <= priced[money]).all() and (priced[money] <= priced[f"{money}_high"]).all()


def test_a_lever_that_trains_nobody_is_saturated_at_once(curves: pd.DataFrame) -> None:
    idle = curves[(curves["lever"] == "curriculum_matching_share") & (curves["variable"] == "trained_cumulative")]
    assert idle["saturated"].all() and (idle["saturation"] == 0.0).all()
    assert idle["next_1000"].isna().all()


def test_levers_that_only_bring_money_have_no_price(model: Model) -> None:
    priced = with_a_price(model, [])
    assert "conversion_places" in priced
    assert {model.table[name].sector for name in priced}.isdisjoint({"funding"})


def test_money_is_no_limit_where_costs_are_measured(model: Model) -> None:
    assert enough_money(model).path.to == model.table["programme_budget_extra"].range[1]  # type: ignore[union-attr]

"""Verdicts: what moves them most, and the year in which targets are reached."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from tests.unit.conftest import made_up_results

from vimach.analysis.definition import TRAINED
from vimach.analysis.targets import paired_change
from vimach.analysis.variants import with_more
from vimach.analysis.verdicts import SWITCHES, fixed, movers, runs_of_movers, structure_weights, years_reached
from vimach.ensemble import Sample
from vimach.parameters.table import Target, read_targets
from vimach.scenario import Scenario
from vimach.simulate import Model, Settings, simulate

FIRMS = "design_firms_by_2030"


@pytest.fixture
def firms() -> Target:
    return next(target for target in read_targets() if target.name == FIRMS)


def stand_in(members: dict[str, float]) -> xr.Dataset:
    """Made-up results in which each of ten members has some number of firms, a fifth of them branches."""
    edges = [2030.0, 2031.0]
    values = np.array([[100.0 + each for each in range(10)]] * 2) + members["more"]
    kinds = np.stack([0.2 * values, 0.8 * values])[:, None, None]
    return xr.Dataset(
        {
            "design_firms_active": (("edge", "member"), values, {"unit": "firm"}),
            "design_firms": (("firm_kind", "region", "firm_age", "edge", "member"), kinds, {"unit": "firm"}),
        },
        {"edge": edges, "member": range(10), "firm_kind": ["foreign_branch", "domestic"]},
        {"scenario": "made_up", "scenario_hash": "0" * 12},
    )


def moved(base: Scenario, target: Target, shifts: dict[str, float]) -> pd.DataFrame:
    """Movers of one target where single overrides or scenarios shift every member's firms."""

    def run(scenario: Scenario) -> xr.Dataset:
        names = [f"{o.name}={o.path.to:g}" for o in scenario.overrides if o.because == "held for an analysis"]
        return stand_in({"more": sum(shifts.get(name, 0.0) for name in [*names, scenario.name])})

    heard: list[int] = []
    weights = {"juniors_bind=0": 0.6, "juniors_bind=1": 0.4}
    table = movers(base, [replace(base, name="other")], [target], run, weights, heard.append)
    assert len(heard) == runs_of_movers(1)
    return table


@pytest.mark.parametrize(
    ("shifts", "target", "kind"),
    [({}, 90.0, "definition"), ({"juniors_bind=1": -90.0}, 60.0, "structure"), ({"other": -90.0}, 60.0, "policy")],
)
def test_the_kind_that_moves_a_verdict_most_is_marked(
    baseline_scenario: Scenario, firms: Target, shifts: dict[str, float], target: float, kind: str
) -> None:
    table = moved(baseline_scenario, replace(firms, value=target), shifts)
    assert set(table.loc[table["largest"], "kind"]) == {kind}
    assert (table["probability"] - table["probability_base"]).to_numpy() == pytest.approx(table["change"].to_numpy())


def test_nothing_is_marked_where_nothing_moves(baseline_scenario: Scenario, firms: Target) -> None:
    table = moved(baseline_scenario, replace(firms, value=1.0), {})
    assert not table["largest"].any()
    assert (table["change"] == 0.0).all()


def test_every_mover_has_its_rung_and_intervals(baseline_scenario: Scenario, firms: Target) -> None:
    table = moved(baseline_scenario, replace(firms, value=105.0), {"other": -3.0}).set_index("what")
    other = table.loc["other"]
    assert list(other[["low_base", "median_base", "high_base"]]) == [100.0, 104.0, 108.0]
    assert list(other[["low", "median", "high"]]) == [97.0, 101.0, 105.0]
    assert other["change"] == pytest.approx(-0.3)
    assert other["change_low"] < other["change"] < other["change_high"] < 0.0
    still = table.loc["juniors_bind=0"]
    assert still["change"] == 0.0 and still["change_low"] == -still["change_high"] < 0.0
    assert (table["rung_read"] == "").all()  # firms stand on no rung
    assert still["weight"] == 0.6 and np.isnan(other["weight"])


def test_a_change_of_probability_by_hand() -> None:
    before, after = np.array([True] * 5 + [False] * 5), np.array([True] * 8 + [False] * 2)
    change, low, high = paired_change(before, after)
    assert change == 0.3
    error = 1.2815515655446004 * (3.0 + 1.0 - 12.0 * 0.25**2) ** 0.5 / 12.0
    assert (low, high) == pytest.approx((0.25 - error, 0.25 + error))
    assert paired_change(after, before) == pytest.approx((-0.3, -high, -low))


def test_branches_are_left_out_of_the_count_of_firms(baseline_scenario: Scenario, firms: Target) -> None:
    table = moved(baseline_scenario, replace(firms, value=84.0), {}).set_index("what")
    assert table.loc["without_branches", "probability_base"] == 1.0
    assert table.loc["without_branches", "probability"] == 0.5  # 0.8 x 105 and more


def test_structures_weigh_what_the_members_draw(model: Model, baseline_scenario: Scenario) -> None:
    low = np.array([0.1, 0.9, 0.9, 0.9, 0.9])
    sample = Sample(1017, np.arange(5), {"juniors_bind": 1.0 - low, "capacity_limits_places": low})
    settings = Settings(members=5, sample=sample)
    weights = structure_weights(model, baseline_scenario, settings)
    assert weights["capacity_limits_places=1"] == pytest.approx(0.2)  # it comes true for low luck, prior 0.25
    assert weights["juniors_bind=0"] == pytest.approx(0.2)
    held = with_more(baseline_scenario, [fixed("juniors_bind", 0.0)])
    assert structure_weights(model, held, settings)["juniors_bind=0"] == 1.0
    prior = structure_weights(model, baseline_scenario, Settings(members=2000))
    assert prior["capacity_limits_places=1"] == pytest.approx(0.25, abs=0.03)


def test_a_switch_held_is_the_same_for_all_members(model: Model, baseline_scenario: Scenario) -> None:
    for parameter in (model.table[switch.parameter] for switch in SWITCHES):
        assert parameter.chance and not parameter.dimensions
        held = with_more(baseline_scenario, [fixed(parameter.name, 1.0)])
        assert held.overrides[-1].certain
    shares = [
        simulate(model, each, Settings(members=20, until=2015), ["novice_post_share"])["novice_post_share"].to_numpy()
        for each in (
            baseline_scenario,
            *(with_more(baseline_scenario, [fixed("juniors_bind", position)]) for position in (0.0, 1.0)),
        )
    ]
    drawn, off, on = shares
    assert ((drawn == off) | (drawn == on)).all()
    assert not (off == on).any() and (drawn == off).any() and (drawn == on).any()


def test_the_year_reached_adds_up_over_years(firms: Target) -> None:
    data = made_up_results()
    table = years_reached([data], [firms])
    assert table["first_reached"].sum() == pytest.approx(1.0)
    years = table.dropna(subset=["year"])
    assert years["reached"].is_monotonic_increasing
    assert years["reached"].to_numpy() == pytest.approx(years["first_reached"].cumsum().to_numpy())
    never = table[table["year"].isna()].iloc[0]
    assert never["first_reached"] == pytest.approx(1.0 - years["reached"].iloc[-1])


def test_reached_during_2030_is_reached_at_its_end(firms: Target) -> None:
    data = made_up_results()
    table = years_reached([data], [firms]).set_index("year")
    at_end = float((np.floor(data["design_firms_active"].sel(edge=2031.0) + 1e-6) >= firms.value).mean())
    assert table.loc[2030.0, "reached"] >= at_end


def test_people_trained_are_held_to_the_other_rungs_too() -> None:
    target = next(target for target in read_targets() if target.variable == TRAINED)
    data = made_up_results()
    held = set(years_reached([data], [target])["variable"])
    assert {TRAINED, "employed_in_sector"} <= held

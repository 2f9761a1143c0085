"""Growth, shocks, research, partnerships and investment climate in whole runs: neutral, alone, cut, in scenarios."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from vimach.scenario import read_scenario
from vimach.simulate import Model, Settings, simulate

from .placement import believed_in_the_country

SCENARIOS = Path(__file__).parents[2] / "scenarios"
RICH = "programme_budget_extra={raise_to: {step: {to: 20000 VND billion/year, starts: 2027.0}}}"
"""Money enough that no part of the programme takes it from another."""
LEVERS = {
    "research_contracts": "{raise_to: {step: {to: 500 VND billion/year, starts: 2028.0}}}",
    "venture_fund": "{raise_to: {step: {to: 200 VND billion/year, starts: 2028.0}}}",
    "commissioned_challenges": "{raise_to: {step: {to: 250 VND billion/year, starts: 2028.0}}}",
    "us_faculty_seats": "{raise_to: {step: {to: 100 person/year, starts: 2028.0}}}",
    "demand_matching_share": "{raise_to: {step: {to: 30 %, starts: 2028.0}}}",
    "korean_centre_seats": "{raise_to: {step: {to: 500 person/year, starts: 2028.0}}}",
    "korean_branch_gain": "{raise_to: {step: {to: 1, starts: 2027.0}}}",
    "joint_research": "{raise_to: {step: {to: 200 VND billion/year, starts: 2028.0}}}",
    "incentive_floor_ratio": "{lower_to: {step: {to: 0.33, starts: 2028.0}}}",
    "green_lane_share": "{raise_to: {step: {to: 1, starts: 2027.0}}}",
    "ready_land_share": "{raise_to: {step: {to: 1, starts: 2028.0}}}",
    "sandbox_share": "{raise_to: {step: {to: 50 %, starts: 2027.0}}}",
    "permit_time_saved": "{raise_to: {step: {to: 0.4 year, starts: 2027.0}}}",
}
HORIZON = 2036.0
"""Slots for plants are all open by then, so that an earlier opening no longer shows in the number of plants."""


def run(model: Model, *settings: str, scenario: str = "baseline") -> xr.Dataset:
    """The central run of a scenario of the repository with --set settings on top."""
    read = read_scenario(str(SCENARIOS / f"{scenario}.yaml"), model.table, model.labels, settings)
    return simulate(model, read, Settings(members=0))


def national(variable: xr.DataArray) -> xr.DataArray:
    """A variable over time, summed over everything else."""
    return variable.sum([dim for dim in variable.dims if dim not in ("edge", "period")])


def gained(more: xr.Dataset, less: xr.Dataset, name: str) -> xr.DataArray:
    """The national difference between two runs over time."""
    return national(more[name]) - national(less[name])


# neutral points


def test_nothing_new_moves_the_years_to_2025(central_run: xr.Dataset) -> None:
    past = central_run.sel(edge=slice(None, 2026.0))
    for name in ("activity_since_2025", "investment_climate_effect", "branch_entry_ratio", "demand_after_shocks_ratio"):
        assert past[name].values == pytest.approx(1.0), name
    assert past.research_knowledge_ratio.values == pytest.approx(1.0, abs=0.01)
    assert past.research_growth_ratio.values == pytest.approx(1.0, abs=0.01)
    for name in ("centre_trainees", "paid_by_partners", "support_fund_cost", "matched_to_posts_share"):
        assert float(np.abs(central_run[name]).max()) == 0.0, name


def test_activity_is_growth_compounded_from_the_end_of_2025(model: Model) -> None:
    data = run(model, scenario="growth_target")
    steps = 16 * (HORIZON - 2026.0)
    assert float(data.activity_since_2025.sel(edge=HORIZON).item()) == pytest.approx((1 + 0.1 / 16) ** steps, rel=1e-9)


def test_growth_moves_the_budget_of_years_to_come_and_of_no_other(model: Model, central_run: xr.Dataset) -> None:
    spending = gained(run(model, scenario="growth_target"), central_run, "state_spending")
    assert np.all(spending.sel(period=slice(None, 2025)).values == 0.0)
    assert np.all(spending.sel(period=slice(2026, None)).values > 0.0)
    assert float(national(central_run.state_spending).sel(period=2026)) == pytest.approx(3160e12, rel=0.01)


# shocks


@pytest.mark.parametrize(
    "shock",
    ["demand_shock_share={pulse: {to: 25 %, starts: 2027.0, ends: 2029.0}}",
     "tariff_shock_share={step: {to: 50 %, starts: 2027.0}}",
     "relocation_ratio={step: {to: 0.5, starts: 2027.0}}"],
)  # fmt: skip
def test_a_shock_costs_jobs_and_firms_from_its_date_on(model: Model, central_run: xr.Dataset, shock: str) -> None:
    hit = run(model, shock)
    for name in ("employed_in_sector", "design_firms_active"):
        lost = gained(hit, central_run, name)
        assert np.all(lost.sel(edge=slice(None, 2027.0)).values == 0.0), name
        assert np.all(lost.sel(edge=slice(2028.0, None)).values < 0.0), name


def test_competing_demand_takes_engineers_and_keeps_graduates_away(model: Model, central_run: xr.Dataset) -> None:
    pulled = run(model, "ai_pull_ratio={ramp: {to: 1.5, starts: 2027.0, ends: 2030.0}}")
    assert np.all(gained(pulled, central_run, "employed_in_sector").sel(edge=slice(2028.0, None)).values < 0.0)
    share = (pulled.seeking_chip_work_share - central_run.seeking_chip_work_share).sel(edge=2031.0)
    assert float(share.max()) < 0.0


# levers


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_alone_moves_what_it_says_and_nothing_before_its_time(
    model: Model, central_run: xr.Dataset, name: str
) -> None:
    pulled, lever = run(model, f"{name}={LEVERS[name]}"), model.table[name].lever
    assert lever is not None
    for move in (move for move in lever.moves if move.at == "baseline"):
        by = gained(pulled, central_run, move.output) * (1 if move.direction == "up" else -1)
        time = by.dims[0]
        assert np.all(by.sel({time: slice(None, lever.first_year - 1)}).values == 0.0), move.output
        later = by.sel({time: slice(move.since + 2, HORIZON - 2)}) if move.since < HORIZON - 4 else by[-1:]
        assert np.all(later.values >= 0.0), move.output
        assert float(later.max()) > 0.0, move.output


SEATS = ("us_faculty_seats", "korean_centre_seats", "demand_matching_share")


def test_what_nobody_pays_trains_and_matches_nobody(model: Model) -> None:
    broke = ("programme_budget_base", "st_addition_so_far", "programme_funds_2015")
    poor = ["st_budget_share={value: 0.01, certain: true}", *(f"{name}={{value: 0, certain: true}}" for name in broke)]
    with_seats = run(model, *poor, *(f"{name}={LEVERS[name]}" for name in SEATS))
    for name in ("training_lecturers", "entering_centres", "matched_to_posts_share", "paid_by_partners"):
        assert float(np.abs(with_seats[name]).max()) == pytest.approx(0.0, abs=1e-6), name


CUTS = {
    "research_contracts": (
        "knowledge_elasticity_of_entry",
        "knowledge_elasticity_of_growth",
        "start_ups_per_prototype",
    ),
    "joint_research": ("knowledge_elasticity_of_entry", "knowledge_elasticity_of_growth", "start_ups_per_prototype"),
    "venture_fund": ("start_ups_per_prototype",),
    "commissioned_challenges": ("start_ups_per_prototype",),
    "korean_branch_gain": ("korean_part_of_entry",),
    "sandbox_share": ("sandbox_gain",),
    "green_lane_share": ("green_lane_gain",),
    "ready_land_share": ("slippage_cut_by_land",),
}


@pytest.mark.parametrize("name", CUTS)
def test_with_its_wire_cut_a_lever_moves_no_job(model: Model, name: str) -> None:
    cut = (RICH, *(f"{wire}={{value: 0, certain: true}}" for wire in CUTS[name]))
    without, pulled = run(model, *cut), run(model, *cut, f"{name}={LEVERS[name]}")
    for output in ("employed_in_sector", "design_firms_active", "atp_plants_operating"):
        assert np.all(gained(pulled, without, output).values == 0.0), output


# research, start-ups, engineers, research


def first_year(by: xr.DataArray, at_least: float) -> float:
    """The first edge at which a difference is at least so large."""
    return float(by.edge[by >= at_least][0])


def test_research_money_makes_firms_only_years_later(model: Model) -> None:
    """Money from 2028 is finished research from about 2030 and a whole firm more only near 2036, far beyond 2030."""
    contracts = f"research_contracts={LEVERS['research_contracts']}"
    paid, without = run(model, RICH, contracts), run(model, RICH)
    knowledge = gained(paid, without, "research_knowledge") / national(without.research_knowledge)
    assert first_year(knowledge, 0.1) == 2030.0
    start_ups = gained(paid, without, "start_ups")
    assert float(start_ups.sel(edge=2031.0)) < 0.05
    assert first_year(start_ups, 0.1) >= 2032.0
    assert float(start_ups.sel(edge=HORIZON)) < 1.0


def test_the_loop_from_firms_back_to_research_acts_and_can_be_cut(model: Model) -> None:
    """More engineers pay for more research; with firms' research frozen, knowledge does not see them."""
    more_firms = (RICH, "relocation_ratio={step: {to: 2, starts: 2027.0}}")
    closed = gained(run(model, *more_firms), run(model, RICH), "research_knowledge")
    assert np.all(closed.sel(edge=slice(None, 2027.0)).values == 0.0)
    assert first_year(closed, 1e9) == 2032.0, "a billion dong of knowledge more, a thousandth of what there is"
    cut = "research_paid_by_firms={value: 0, certain: true}"
    opened = gained(run(model, *more_firms, cut), run(model, RICH, cut), "research_knowledge")
    assert np.all(opened.values == 0.0)


# scenarios


@pytest.fixture(scope="module")
def runs(model: Model, central_run: xr.Dataset) -> dict[str, xr.Dataset]:
    names = ("chip_downturn", "glut", "talent_first", "firms_first", "demand_led", "absorption_reform", "as_announced",
             "hundred_thousand")  # fmt: skip
    return {"baseline": central_run, **{name: run(model, scenario=name) for name in names}}


def end(data: xr.Dataset, name: str, when: float = 2031.0) -> float:
    """A national stock at one date."""
    return float(national(data[name]).sel(edge=when))


def placed(data: xr.Dataset) -> float:
    return float(data.placement_share.sel(edge=2031.0).mean())


def test_a_downturn_costs_jobs_plants_and_firms(runs: dict[str, xr.Dataset]) -> None:
    for name in ("employed_in_sector", "atp_plants_operating", "design_firms_active"):
        assert end(runs["chip_downturn"], name) < end(runs["baseline"], name), name


def test_in_a_glut_more_are_trained_and_fewer_of_them_placed(runs: dict[str, xr.Dataset]) -> None:
    glut, base = runs["glut"], runs["baseline"]
    assert end(glut, "trained_cumulative") > end(base, "trained_cumulative")
    assert end(glut, "employed_in_sector") < end(base, "employed_in_sector") + 100
    assert placed(glut) < placed(base) - 0.02
    believed = believed_in_the_country(glut, base) - believed_in_the_country(base, base)
    assert float(believed.sel(edge=slice(2030.0, None)).max()) < 0.0


def test_talent_firms_and_demand_first_show_where_each_stops(runs: dict[str, xr.Dataset]) -> None:
    talent, firms, demand = runs["talent_first"], runs["firms_first"], runs["demand_led"]
    assert end(talent, "trained_cumulative") > max(end(data, "trained_cumulative") for data in (firms, demand))
    assert end(talent, "design_firms_active") < min(end(data, "design_firms_active") for data in (firms, demand))
    assert placed(talent) < placed(runs["baseline"]) < min(placed(firms), placed(demand))
    for data in (talent, firms, demand):
        assert end(data, "employed_in_sector") > end(runs["baseline"], "employed_in_sector")


def test_a_reform_of_absorption_spends_more_of_the_same_money(runs: dict[str, xr.Dataset]) -> None:
    spent = gained(runs["absorption_reform"], runs["baseline"], "programme_cost").sel(period=slice(2027, 2030))
    assert float(spent.sum()) > 0.0
    allocated = gained(runs["absorption_reform"], runs["baseline"], "allocating")
    assert np.all(allocated.values == 0.0)


def test_as_announced_every_plant_is_built_and_none_slips(model: Model, runs: dict[str, xr.Dataset]) -> None:
    data = runs["as_announced"]
    assert end(data, "atp_plants_operating", HORIZON) == pytest.approx(
        round(end(data, "atp_plants_operating", HORIZON))
    )
    assert end(data, "atp_plants_operating") > end(runs["baseline"], "atp_plants_operating") + 2
    assert float(data.plant_delay.max()) <= 0.0
    went = {
        name: float(national(runs[name].leaving_for_intense).sel(period=2027)) for name in ("baseline", "as_announced")
    }
    assert 700 < went["as_announced"] <= 880, "poor returns and few graduates of the newest programmes hold some back"
    assert went["baseline"] < 200


def test_the_doubled_target_is_out_of_reach_of_all_levers_together(runs: dict[str, xr.Dataset]) -> None:
    data = runs["hundred_thousand"]
    assert 45_000 < end(data, "trained_cumulative") < 100_000
    assert end(data, "employed_in_sector") < 0.6 * end(data, "trained_cumulative")
    assert placed(data) < placed(runs["baseline"])

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
SEATS = {
    "us_faculty_seats": "{raise_to: {step: {to: 100 person/year, starts: 2028.0}}}",
    "demand_matching_share": "{raise_to: {step: {to: 30 %, starts: 2028.0}}}",
    "korean_centre_seats": "{raise_to: {step: {to: 500 person/year, starts: 2028.0}}}",
}
CONTRACTS = "research_contracts={raise_to: {step: {to: 500 VND billion/year, starts: 2028.0}}}"
HORIZON = 2036.0


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


# seats without money


def test_what_nobody_pays_trains_and_matches_nobody(model: Model) -> None:
    broke = ("programme_budget_base", "st_addition_so_far", "programme_funds_2015")
    poor = ["st_budget_share={value: 0.01, certain: true}", *(f"{name}={{value: 0, certain: true}}" for name in broke)]
    with_seats = run(model, *poor, *(f"{name}={path}" for name, path in SEATS.items()))
    for name in ("training_lecturers", "entering_centres", "matched_to_posts_share", "paid_by_partners"):
        assert float(np.abs(with_seats[name]).max()) == pytest.approx(0.0, abs=1e-6), name


# research and start-ups


def first_year(by: xr.DataArray, at_least: float) -> float:
    """The first edge at which a difference is at least so large."""
    return float(by.edge[by >= at_least][0])


def test_research_money_makes_firms_only_years_later(model: Model) -> None:
    """Money from 2028 is finished research from about 2030 and a whole firm more only near 2036, far beyond 2030."""
    paid, without = run(model, RICH, CONTRACTS), run(model, RICH)
    knowledge = gained(paid, without, "research_knowledge") / national(without.research_knowledge)
    assert first_year(knowledge, 0.1) == 2030.0
    start_ups = gained(paid, without, "start_ups")
    assert float(start_ups.sel(edge=2031.0)) < 0.05
    assert first_year(start_ups, 0.1) >= 2032.0
    assert float(start_ups.sel(edge=HORIZON)) < 1.0


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

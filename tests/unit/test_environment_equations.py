"""Equations of growth, research, partnerships and investment climate on round numbers: neutral points and ends."""

import numpy as np
import pytest
import xarray as xr

from vimach.sectors import atp, funding, investment_climate, macro, partnerships, research
from vimach.structure import Curve

FLOOR = Curve((0.0, 0.5, 1.0), (1.0, 0.4, 0.0))


def by_kind(*values: float) -> xr.DataArray:
    return xr.DataArray(np.array(values), {"firm_kind": ["foreign_branch", "domestic", "spin_out"]}, ["firm_kind"])


def test_growth_moves_activity_by_its_rate_whatever_the_time_read_ahead() -> None:
    for ahead in (0.5, 1.0, 4.0):
        heading = macro.activity_ahead(activity_since_2025=2.0, growth_ahead_rate=0.1, activity_reading_time=ahead)
        assert (heading - 2.0) / ahead == pytest.approx(0.2)


@pytest.mark.parametrize(("growth", "expected"), [(0.07, 1.0), (0.14, 1.2), (0.0, 0.8)])
def test_only_the_home_market_answers_growth(growth: float, expected: float) -> None:
    given = {"growth_rate": growth, "usual_growth_rate": 0.07, "home_market_share": 0.2}
    assert macro.home_demand_ratio(**given) == pytest.approx(expected)


@pytest.mark.parametrize("share", [0.0, 0.08, 0.85, 1.0])
@pytest.mark.parametrize("pull", [0.5, 1.0, 3.0])
def test_the_share_who_seek_chip_work_stays_a_share_and_falls_with_competing_demand(share: float, pull: float) -> None:
    found = macro.seeking_chip_work_share(
        chip_seeking_share=share, competing_demand_ratio=pull, competing_effect_on_seeking=0.5
    )
    assert 0.0 <= found <= 1.0
    assert np.sign(found - share) == (0.0 if share in (0.0, 1.0) or pull == 1.0 else np.sign(1.0 - pull))


def test_shocks_leave_all_without_a_shock_and_what_they_say_with_one() -> None:
    none = {"demand_shock_share": 0.0, "tariff_shock_share": 0.0, "tariff_exposed_share": 0.3}
    assert macro.demand_after_shocks_ratio(**none) == 1.0
    both = {**none, "demand_shock_share": 0.2, "tariff_shock_share": 0.5}
    assert macro.demand_after_shocks_ratio(**both) == pytest.approx(0.8 * 0.85)


@pytest.mark.parametrize(("floor", "expected"), [(1.0, 0.25), (0.5, 0.25 + 0.75 * 0.2), (0.0, 0.25 + 0.75 * 0.5)])
def test_a_lower_floor_lets_in_firms_that_were_not_covered(floor: float, expected: float) -> None:
    found = investment_climate.firms_supported_share(
        incentive_coverage_share=0.25, incentive_floor_ratio=floor, firms_above_floor=FLOOR, floor_take_up_share=0.5
    )
    assert found == pytest.approx(expected)


def test_a_sandbox_helps_only_firms_founded_at_home() -> None:
    found = investment_climate.investment_climate_effect(
        firms_supported_share=0.0, funded_share=1.0, entry_gain_from_incentives=0.3, permit_time_saved=0.0,
        permit_elasticity=0.2, sandbox_share=0.5, sandbox_gain=0.2, open_to_sandbox=by_kind(0.0, 1.0, 1.0),
    )  # fmt: skip
    assert found.values == pytest.approx([1.0, 1.1, 1.1])


@pytest.mark.parametrize(("ahead", "built"), [(0.0, 0.7), (0.5, 0.76), (1.0, 0.82)])
def test_a_green_lane_saves_a_part_of_the_plants_that_would_have_lapsed(ahead: float, built: float) -> None:
    """Three in ten lapse; the lane saves a quarter of them and support a fifth of the rest: four tenths in all."""
    found = investment_climate.plant_goes_ahead(
        plant_planned=1.0, plant_still_planned=1.0, plant_realised=0.7, plant_not_yet_permitted_share=ahead,
        green_lane_share=1.0, green_lane_gain=0.25, plants_newly_supported_share=1.0, support_gain=0.2,
    )  # fmt: skip
    assert found == pytest.approx(built)
    runs_today = investment_climate.plant_goes_ahead(
        plant_planned=1.0, plant_still_planned=0.0, plant_realised=0.7, plant_not_yet_permitted_share=ahead,
        green_lane_share=0.0, green_lane_gain=0.25, plants_newly_supported_share=0.0, support_gain=0.2,
    )  # fmt: skip
    assert runs_today == 1.0
    opening = atp.plant_opening(plant_announced_opening=2028.0, plant_wait_time=1.0, plant_delay=0.5)
    assert opening == 2029.5


@pytest.mark.parametrize(("ahead", "delay"), [(0.0, 1.0), (1.0, 0.6 - 0.4)])
def test_ready_land_and_permits_help_only_plants_that_have_none_yet(ahead: float, delay: float) -> None:
    found = investment_climate.plant_delay(
        plant_slippage_time=1.0, permit_time_saved=0.4, ready_land_share=1.0, slippage_cut_by_land=0.4,
        plant_not_yet_permitted_share=ahead,
    )  # fmt: skip
    assert found == pytest.approx(delay)


@pytest.mark.parametrize(("wanted", "paid", "share"), [(200.0, 1.0, 0.2), (200.0, 0.5, 0.15), (0.0, 1.0, 0.1)])
def test_venture_capital_raises_the_share_that_comes_into_use_as_far_as_it_is_paid(
    wanted: float, paid: float, share: float
) -> None:
    found = research.commercialised_share(
        commercialised_share_alone=0.1, commercialised_share_with_venture=0.3,
        venture_cost=research.venture_cost(venture_fund=100.0, venture_wanted=wanted), venture_wanted=wanted,
        funded_share=paid,
    )  # fmt: skip
    assert found == pytest.approx(share)


def test_prototypes_come_into_use_or_are_given_up() -> None:
    given = {"prototypes": 20.0, "commercialisation_time": 2.0, "commercialised_share": 0.3}
    assert research.commercialising(**given) + research.abandoning_prototypes(**given) == pytest.approx(10.0)


def test_usual_research_keeps_usual_knowledge_up() -> None:
    known = research.usual_knowledge(usual_research=200.0, knowledge_life_time=5.0)
    assert research.knowledge_ageing(research_knowledge=known, knowledge_life_time=5.0) == 200.0
    assert research.research_knowledge_ratio(
        research_knowledge=known, usual_knowledge=known, knowledge_elasticity_of_entry=0.1
    ) == pytest.approx(1.0)


def test_a_graduate_is_matched_once() -> None:
    found = partnerships.matched_to_posts_share(
        curriculum_matching_share=0.5, demand_matching_share=0.8, funded_share=0.5
    )
    assert found == pytest.approx(0.7)


def test_trainees_of_a_centre_all_go_somewhere() -> None:
    tracks = xr.DataArray([0.25, 0.75], {"track": ["design", "atp"]}, ["track"])
    given = {"centre_trainees": 100.0, "centre_time": 0.5, "centre_net_new_share": 0.5}
    completing = partnerships.completing_at_centres(**given, track_of_centres_share=tracks)
    seeking = partnerships.seeking_after_centre(completing_at_centres=completing, centre_seeking_share=0.8)
    back = partnerships.returning_after_centre(**given, centre_seeking_share=0.8)
    assert float(seeking.sum()) + back == pytest.approx(200.0)


def test_partners_and_the_state_together_pay_the_whole_partnership() -> None:
    cost = {"us_partnership_cost": 100.0, "us_partner_share": 0.25, "korean_partnership_cost": 60.0,
            "korean_partner_share": 0.5}  # fmt: skip
    state, partners = partnerships.partnership_cost(**cost), partnerships.paid_by_partners(**cost, funded_share=1.0)
    assert (state, partners) == (105.0, 55.0)
    assert partnerships.paid_by_partners(**cost, funded_share=0.0) == 0.0


def test_the_programme_pays_for_research_and_partnerships_too() -> None:
    names = ("lecturer_training_cost", "lecturer_pay_cost", "laboratory_cost", "conversion_cost", "scholarship_cost",
             "incentive_cost", "retention_cost", "return_incentive_cost", "technician_training_cost",
             "chief_posts_cost", "diaspora_cost", "research_programme_cost", "partnership_cost")  # fmt: skip
    assert funding.programme_cost_wanted(**dict.fromkeys(names, 1.0)) == len(names)

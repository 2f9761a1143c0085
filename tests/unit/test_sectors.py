"""The equations as plain functions on round numbers: both sides of each minimum and maximum, and what must add up."""

import ast
import inspect
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from vimach.sectors import (
    SECTORS,
    admissions,
    atp,
    capability,
    conversion,
    design_firms,
    diaspora,
    education,
    fab,
    faculty,
    funding,
    indicators,
    labour_market,
    partnerships,
    pipeline,
    research,
    scholarships,
    workforce,
)
from vimach.structure import Curve

Case = tuple[Callable[..., Any], dict[str, Any], float]


def _plant(opening: float, now: float) -> dict[str, float]:
    return {"plant_opening": opening, "calendar": now}


def _fab(date: float, now: float) -> dict[str, float]:
    return {"fab_trial_production_date": date, "calendar": now}


_RECRUITING = {"fab_ground_broken": 2026.0, "fab_recruiting_lead_time": 2.0, "fab_ramp_time": 3.0}
_PRODUCING = {"fab_in_trial_production": 1.0, "fab_ramp_time": 4.0, "fab_staffing_share": 0.8}
_SUPPORTED = {"fab_in_trial_production": 1.0, "fab_subsidy_deadline": 2031.0, "fab_switch_time": 0.25,
              "fab_subsidy_share": 0.3, "fab_subsidy_cap": 50.0}  # fmt: skip
_LIFE = {"plant_life_time": 30.0, "plant_switch_time": 0.25, "plant_goes_ahead": 1.0}
_RETURNERS = {"intense_free_to_return": 100.0, "intense_leaving_rate": 0.5}
_TO_DESIGN = {"track_of_returners_share": 0.5, "fab_pull_share": 0.0, "in_fab": 0.0}
_PAID = {"engineers": 100.0, "retention_effect": 4.0}
_PLACES = {"students_region_share": 0.5, "intake_let_in": 0.8}

CASES: list[Case] = [
    # admissions
    (admissions.dedicated_applicants,
     {"related_entrants": 1000.0, "dedicated_preference_share": 0.1, "attractiveness": 2.0}, 200.0),
    (admissions.dedicated_applicants,
     {"related_entrants": 1000.0, "dedicated_preference_share": 0.6, "attractiveness": 2.0}, 1000.0),
    (admissions.specialisation_applicants,
     {"related_entrants": 1000.0, "specialisation_preference_share": 0.25, "attractiveness": 2.0}, 500.0),
    (admissions.specialisation_applicants,
     {"related_entrants": 1000.0, "specialisation_preference_share": 0.75, "attractiveness": 2.0}, 1000.0),
    (admissions.entering_dedicated, {"dedicated_applicants": 100.0, "dedicated_places": 400.0, **_PLACES}, 80.0),
    (admissions.entering_dedicated, {"dedicated_applicants": 1000.0, "dedicated_places": 400.0, **_PLACES}, 200.0),
    (admissions.entering_specialisation,
     {"specialisation_applicants": 100.0, "specialisation_places": 400.0, **_PLACES}, 80.0),
    (admissions.entering_specialisation,
     {"specialisation_applicants": 1000.0, "specialisation_places": 400.0, **_PLACES}, 200.0),
    (admissions.entering_related,
     {"related_entrants": 500.0, "dedicated_applicants": 100.0, "dedicated_places": 400.0,
      "specialisation_applicants": 1000.0, "specialisation_places": 400.0, **_PLACES}, 220.0),
    (admissions.entering_related,
     {"related_entrants": 250.0, "dedicated_applicants": 100.0, "dedicated_places": 400.0,
      "specialisation_applicants": 1000.0, "specialisation_places": 400.0, **_PLACES}, 0.0),
    # assembly, test and packaging
    (atp.plant_built_share, {"plant_building_time": 2.0, **_plant(2028.0, 2025.0)}, 0.0),
    (atp.plant_built_share, {"plant_building_time": 2.0, **_plant(2028.0, 2027.5)}, 0.75),
    (atp.plant_built_share, {"plant_building_time": 2.0, **_plant(2028.0, 2030.0)}, 1.0),
    (atp.plant_running, {**_LIFE, "plants_seen_until": 2026.0, **_plant(2028.0, 2027.9)}, 0.0),
    (atp.plant_running, {**_LIFE, "plants_seen_until": 2026.0, **_plant(2028.0, 2028.125)}, 0.5),
    (atp.plant_running, {**_LIFE, "plants_seen_until": 2026.0, **_plant(2028.0, 2040.0)}, 1.0),
    (atp.plant_running, {**_LIFE, "plants_seen_until": 2026.0, **_plant(2028.0, 2058.125)}, 0.5),
    (atp.plant_running, {**_LIFE, "plants_seen_until": 2026.0, **_plant(2028.0, 2060.0)}, 0.0),
    (atp.plant_running, {**_LIFE, "plants_seen_until": 2026.0, **_plant(1990.0, 2055.0)}, 1.0),
    (atp.plant_running, {**_LIFE, "plants_seen_until": 2026.0, **_plant(1990.0, 2057.0)}, 0.0),
    (atp.plant_on_line, {"plant_running": 1.0, "plant_ramp_time": 4.0, **_plant(2028.0, 2027.0)}, 0.0),
    (atp.plant_on_line, {"plant_running": 1.0, "plant_ramp_time": 4.0, **_plant(2028.0, 2029.0)}, 0.25),
    (atp.plant_on_line, {"plant_running": 1.0, "plant_ramp_time": 4.0, **_plant(2028.0, 2033.0)}, 1.0),
    (atp.atp_engineers_there, {"atp_engineers": 80.0, "atp_engineers_planned": 100.0}, 0.8),
    (atp.atp_engineers_there, {"atp_engineers": 200.0, "atp_engineers_planned": 100.0}, 1.0),
    (atp.technicians_there, {"technicians": 80.0, "technicians_planned": 100.0}, 0.8),
    (atp.technicians_there, {"technicians": 200.0, "technicians_planned": 100.0}, 1.0),
    (atp.atp_staffing_share, {"atp_engineers_there": 0.8, "technicians_there": 0.9}, 0.8),
    (atp.atp_staffing_share, {"atp_engineers_there": 1.0, "technicians_there": 0.9}, 0.9),
    # conversion
    (conversion.entering_conversion, {"conversion_places": 400.0, "design_region_share": 0.5, "funded_share": 0.5,
                                      "conversion_applicants": 300.0}, 100.0),
    (conversion.entering_conversion, {"conversion_places": 400.0, "design_region_share": 0.5, "funded_share": 0.5,
                                      "conversion_applicants": 30.0}, 30.0),
    # diaspora
    (diaspora.diaspora_posts_filled, {"diaspora_posts_a_year": 100.0, "diaspora_post_filled_share": 0.5,
                                      "host_of_takers_share": 0.25, "engineers_abroad": 1000.0,
                                      "diaspora_post_ceiling_rate": 0.05}, 12.5),
    (diaspora.diaspora_posts_filled, {"diaspora_posts_a_year": 1000.0, "diaspora_post_filled_share": 0.5,
                                      "host_of_takers_share": 0.25, "engineers_abroad": 1000.0,
                                      "diaspora_post_ceiling_rate": 0.05}, 50.0),
    # education
    (education.late_completion_share, {"completion_share": 0.8, "on_time_share": 0.6}, 0.5),
    (education.late_completion_share, {"completion_share": 0.5, "on_time_share": 0.6}, 0.0),
    # faculty
    (faculty.training_lecturers, {"lecturers": 600.0, "lecturer_seats": 150.0, "us_faculty_seats": 50.0,
                                  "students_region_share": 0.5, "funded_share": 0.5,
                                  "shortest_training_time": 2.0}, 50.0),
    (faculty.training_lecturers, {"lecturers": 60.0, "lecturer_seats": 200.0, "us_faculty_seats": 0.0,
                                  "students_region_share": 0.5, "funded_share": 0.5,
                                  "shortest_training_time": 2.0}, 30.0),
    (faculty.approving_laboratories, {"laboratories_in_appraisal": 12.0, "laboratory_appraisal_time": 1.5,
                                      "appraisal_time_saved": 0.5, "shortest_appraisal_time": 0.5,
                                      "funded_share": 0.5}, 6.0),
    (faculty.approving_laboratories, {"laboratories_in_appraisal": 12.0, "laboratory_appraisal_time": 1.5,
                                      "appraisal_time_saved": 5.0, "shortest_appraisal_time": 0.5,
                                      "funded_share": 0.5}, 12.0),
    (faculty.teaching_capacity,
     {"taught_by_lecturers": 100.0, "taught_in_laboratories": 200.0, "sharing_gain_share": 0.5}, 150.0),
    (faculty.teaching_capacity,
     {"taught_by_lecturers": 300.0, "taught_in_laboratories": 200.0, "sharing_gain_share": 0.5}, 300.0),
    (faculty.teaching_adequacy, {"teaching_capacity": 50.0, "chip_students": 100.0}, 0.5),
    (faculty.teaching_adequacy, {"teaching_capacity": 150.0, "chip_students": 100.0}, 1.0),
    # funding
    (funding.programme_money_announced, {"state_spending": 1000.0, "st_budget_share": 0.03, "st_share_reference": 0.01,
                                         "chip_share_of_additional": 0.5, "programme_budget_extra": 2.0}, 12.0),
    (funding.programme_money_announced, {"state_spending": 1000.0, "st_budget_share": 0.01, "st_share_reference": 0.03,
                                         "chip_share_of_additional": 0.5, "programme_budget_extra": 2.0}, 2.0),
    (funding.allocating, {"state_spending": 1000.0, "st_addition_so_far": 0.01, "chip_share_of_additional": 0.5,
                          "programme_budget_base": 3.0, "programme_money_announced": 8.0,
                          "programme_realisation_ratio": 0.25}, 10.0),
    (faculty.lecturer_seats, {"lecturers_trained_so_far": 10.0, "lecturers_trained_a_year": 200.0,
                              "training_target_realisation_ratio": 0.25}, 60.0),
    (faculty.submitting_laboratories, {"laboratories_submitted_a_year": 1.0, "laboratories_announced_a_year": 6.0,
                                       "programme_realisation_ratio": 0.5, "laboratory_kind_share": 0.5,
                                       "students_region_share": 0.5}, 1.0),
    (scholarships.intense_wanted, {"intense_places_taken_up": 20.0, "intense_places_announced": 800.0,
                                   "scholarship_realisation_ratio": 0.1, "students_region_share": 0.5,
                                   "perceived_return_pay": 1.2, "pay_elasticity_of_returners": 0.5}, 55.0),
    (fab.fab_goes_ahead, {"fab_planned": 1.0, "fab_realised": 0.6}, 0.6),
    (funding.funded_share, {"disbursable": 50.0, "programme_cost_wanted": 100.0}, 0.5),
    (funding.funded_share, {"disbursable": 150.0, "programme_cost_wanted": 100.0}, 1.0),
    (funding.disbursing, {"disbursable": 50.0, "programme_cost_wanted": 100.0}, 50.0),
    (funding.disbursing, {"disbursable": 150.0, "programme_cost_wanted": 100.0}, 100.0),
    # indicators
    (indicators.target_gap, {"employed_target": 100.0, "employed_in_sector": 60.0}, 40.0),
    (indicators.target_gap, {"employed_target": 100.0, "employed_in_sector": 160.0}, 0.0),
    # pipeline
    (pipeline.mentors_needed, {"novices": 90.0, "novices_per_mentor": 3.0}, 30.0),
    # labour market
    (labour_market.posts_opened, {"growth_posts_of_design": 50.0, "growth_posts_of_atp": 900.0,
                                  "growth_posts_of_fab": 90.0, "in_design": 1.0, "in_atp": 0.0, "in_fab": 0.0,
                                  "replacement_demand": 20.0}, 70.0),
    (labour_market.posts_opened, {"growth_posts_of_design": 0.0, "growth_posts_of_atp": -90.0,
                                  "growth_posts_of_fab": 90.0, "in_design": 0.0, "in_atp": 1.0, "in_fab": 0.0,
                                  "replacement_demand": 20.0}, 0.0),
    (labour_market.senior_fill_share, {"lateral_hires": 40.0, "posts_for_experienced": 80.0}, 0.5),
    (labour_market.senior_fill_share, {"lateral_hires": 1e-9, "posts_for_experienced": 0.0}, 1.0),
    # partnerships
    (partnerships.entering_centres, {"korean_centre_seats": 400.0, "design_region_share": 0.5, "funded_share": 0.5,
                                     "conversion_applicants": 300.0}, 100.0),
    (partnerships.entering_centres, {"korean_centre_seats": 400.0, "design_region_share": 0.5, "funded_share": 0.5,
                                     "conversion_applicants": 30.0}, 30.0),
    # research
    (research.venture_cost, {"venture_fund": 50.0, "venture_wanted": 200.0}, 50.0),
    (research.venture_cost, {"venture_fund": 500.0, "venture_wanted": 200.0}, 200.0),
    # scholarships
    (scholarships.leaving_for_intense, {"intense_wanted": 100.0, "programme_of_intense_share": 0.5,
                                        "recent_graduates": 1000.0, "intense_ceiling_rate": 0.25}, 50.0),
    (scholarships.leaving_for_intense, {"intense_wanted": 100.0, "programme_of_intense_share": 0.5,
                                        "recent_graduates": 100.0, "intense_ceiling_rate": 0.25}, 25.0),
    (scholarships.returning_from_intense, {**_RETURNERS, "intense_return_share": 0.25,
                                           "return_grants_paid_share": 0.25, **_TO_DESIGN}, 12.5),
    (scholarships.returning_from_intense, {**_RETURNERS, "intense_return_share": 0.75,
                                           "return_grants_paid_share": 0.5, **_TO_DESIGN}, 25.0),
    (scholarships.staying_after_bond,
     {**_RETURNERS, "intense_return_share": 0.25, "return_grants_paid_share": 0.25}, 25.0),
    (scholarships.staying_after_bond,
     {**_RETURNERS, "intense_return_share": 0.75, "return_grants_paid_share": 0.5}, 0.0),
    # workforce
    (workforce.becoming_independent, {"novices": 100.0, "mentors_available": 100.0, "novices_per_mentor": 2.0,
                                      "time_to_independent": 2.0}, 50.0),
    (workforce.becoming_independent, {"novices": 100.0, "mentors_available": 20.0, "novices_per_mentor": 2.0,
                                      "time_to_independent": 2.0}, 20.0),
    (workforce.quitting, {**_PAID, "quit_rate": 0.1, "pay_by_experience": 1.0, "pay_elasticity_of_quits": 1.0,
                          "competing_demand_ratio": 1.0, "retention_paid_share": 0.125}, 5.0),
    (workforce.quitting, {**_PAID, "quit_rate": 0.1, "pay_by_experience": 1.0, "pay_elasticity_of_quits": 1.0,
                          "competing_demand_ratio": 1.0, "retention_paid_share": 0.5}, 0.0),
    (workforce.emigrating,
     {**_PAID, "emigration_rate": 0.1, "pull_of_host": 2.0, "retention_paid_share": 0.125}, 10.0),
    (workforce.emigrating,
     {**_PAID, "emigration_rate": 0.1, "pull_of_host": 2.0, "retention_paid_share": 0.5}, 0.0),
    (workforce.hiring_technicians, {"technicians_wanted": 200.0, "technicians": 100.0, "technician_hiring_time": 2.0,
                                    "technician_graduates": 300.0, "technicians_trained_extra": 100.0,
                                    "technicians_region_share": 0.5, "technician_quit_rate": 0.1,
                                    "funded_share": 0.5}, 60.0),
    (workforce.hiring_technicians, {"technicians_wanted": 900.0, "technicians": 100.0, "technician_hiring_time": 2.0,
                                    "technician_graduates": 300.0, "technicians_trained_extra": 100.0,
                                    "technicians_region_share": 0.5, "technician_quit_rate": 0.1,
                                    "funded_share": 0.5}, 175.0),
    (workforce.hiring_technicians, {"technicians_wanted": 10.0, "technicians": 100.0, "technician_hiring_time": 2.0,
                                    "technician_graduates": 300.0, "technicians_trained_extra": 100.0,
                                    "technicians_region_share": 0.5, "technician_quit_rate": 0.1,
                                    "funded_share": 0.5}, 0.0),
    # fabs
    (fab.fab_built_share, {"fab_ground_broken": 2026.0, **_fab(2028.0, 2025.0)}, 0.0),
    (fab.fab_built_share, {"fab_ground_broken": 2026.0, **_fab(2028.0, 2027.5)}, 0.75),
    (fab.fab_built_share, {"fab_ground_broken": 2026.0, **_fab(2028.0, 2030.0)}, 1.0),
    (fab.fab_in_trial_production, {"fab_switch_time": 0.25, "fab_goes_ahead": 1.0, **_fab(2028.0, 2027.5)}, 0.0),
    (fab.fab_in_trial_production, {"fab_switch_time": 0.25, "fab_goes_ahead": 1.0, **_fab(2028.0, 2027.875)}, 0.5),
    (fab.fab_in_trial_production, {"fab_switch_time": 0.25, "fab_goes_ahead": 1.0, **_fab(2028.0, 2028.0)}, 1.0),
    (fab.fab_in_trial_production, {"fab_switch_time": 0.25, "fab_goes_ahead": 0.0, **_fab(2028.0, 2030.0)}, 0.0),
    (fab.fab_recruited_share, {**_RECRUITING, **_fab(2029.0, 2026.5)}, 0.0),
    (fab.fab_recruited_share, {**_RECRUITING, **_fab(2029.0, 2028.25)}, 0.25),
    (fab.fab_recruited_share, {**_RECRUITING, **_fab(2029.0, 2040.0)}, 1.0),
    (fab.fab_recruited_share, {**_RECRUITING, **_fab(2027.0, 2027.0)}, 0.25),
    (fab.fab_output, {**_PRODUCING, **_fab(2028.0, 2027.0)}, 0.0),
    (fab.fab_output, {**_PRODUCING, **_fab(2028.0, 2029.0)}, 0.2),
    (fab.fab_output, {**_PRODUCING, **_fab(2028.0, 2036.0)}, 0.8),
    (fab.fab_subsidy_due, {**_SUPPORTED, "fab_registered_capital": 100.0, "fab_trial_production_date": 2028.0}, 30.0),
    (fab.fab_subsidy_due, {**_SUPPORTED, "fab_registered_capital": 900.0, "fab_trial_production_date": 2028.0}, 50.0),
    (fab.fab_subsidy_due, {**_SUPPORTED, "fab_registered_capital": 100.0, "fab_trial_production_date": 2031.0}, 30.0),
    (fab.fab_subsidy_due, {**_SUPPORTED, "fab_registered_capital": 100.0, "fab_trial_production_date": 2031.5}, 0.0),
    (fab.paying_fab_subsidy, {"fab_subsidy_due": 30.0, "fab_subsidies_paid": 10.0, "fab_subsidy_time": 0.5}, 40.0),
    (fab.paying_fab_subsidy, {"fab_subsidy_due": 10.0, "fab_subsidies_paid": 30.0, "fab_subsidy_time": 0.5}, 0.0),
    # capability
    (capability.chief_posts_paid_share,
     {"chief_posts_filled": 2.0, "funded_share": 0.5, "chief_posts_wanted": 4.0}, 0.25),
    (capability.chief_posts_paid_share,
     {"chief_posts_filled": 9.0, "funded_share": 0.5, "chief_posts_wanted": 4.0}, 1.0),
    (capability.stage_readiness, {"capability": 0.25, "capability_threshold": 0.5}, 0.5),
    (capability.stage_readiness, {"capability": 0.75, "capability_threshold": 0.5}, 1.0),
]  # fmt: skip
SEPARATE = {
    "intake_let_in", "atp_utilisation", "laboratory_cost", "fill_share",
    "fab_staffing_share", "fab_pull_share", "fab_pull_of_adjacent", "design_capability", "make_capability",
    "test_capability", "self_reliance", "engineers_of_intense_place",
}  # fmt: skip
"""Equations with a minimum or maximum that have a test of their own, below or in a file of their sector."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_both_sides(case: Case) -> None:
    equation, values, expected = case
    assert equation(**values) == pytest.approx(expected, rel=1e-8, abs=1e-8)


def test_every_equation_with_a_minimum_or_maximum_is_tried_on_both_sides() -> None:
    tried = Counter(equation.__name__ for equation, _, _ in CASES)
    kinked = set()
    for module in SECTORS:
        for function in ast.parse(inspect.getsource(module)).body:
            names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
            if isinstance(function, ast.FunctionDef) and names & {"minimum", "maximum"}:
                kinked.add(function.name)
    assert {name for name in kinked if tried[name] < 2} == SEPARATE


# equations with several kinks, or with labels


def by(**labels: tuple[str, ...]) -> Any:
    """Labelled numbers: by(track=("design", "atp"))([1.0, 2.0])."""
    coords = {name: list(own) for name, own in labels.items()}
    return lambda values: xr.DataArray(np.array(values, dtype=float), coords, list(labels))


TRACKS = by(track=("design", "atp"))
DOORS = by(track=("design", "atp"), door=("dedicated", "related", "conversion"))


@pytest.mark.parametrize(
    ("capacity", "limits_places", "let_in"),
    [(8000.0, 1.0, 1.0), (4000.0, 1.0, 1.0), (3000.0, 1.0, 0.5), (2000.0, 1.0, 0.0), (3000.0, 0.0, 1.0),
     (2000.0, 0.5, 0.5)],
)  # fmt: skip
def test_intake_let_in_is_all_where_there_is_room_and_less_only_where_capacity_limits_places(
    capacity: float, limits_places: float, let_in: float
) -> None:
    """4,000 students in four years and 500 applicants: room = capacity / 4 + (capacity - 4,000) / 2."""
    found = admissions.intake_let_in(
        teaching_capacity=capacity, chip_students=4000.0, places_adjustment_time=2.0, dedicated_applicants=300.0,
        specialisation_applicants=200.0, capacity_limits_places=limits_places, normal_study_time=4.0,
    )  # fmt: skip
    assert found == pytest.approx(let_in, abs=1e-9)


@pytest.mark.parametrize(("cycle", "expected"), [(1.0, 0.375), (1.8, 0.5), (4.0, 0.5)])
def test_utilisation_follows_ramp_cycle_and_staff_and_never_exceeds_capacity(cycle: float, expected: float) -> None:
    plants = by(plant=("old", "new"))
    found = atp.atp_utilisation(
        chip_demand_ratio=cycle, atp_staffing_share=0.5, plant_on_line=plants([1.0, 0.5]),
        plant_running=plants([1.0, 1.0]),
    )  # fmt: skip
    assert found == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(("saved", "expected"), [(0.5, 100.0), (5.0, 200.0)])
def test_laboratories_are_paid_at_the_pace_at_which_they_are_approved(saved: float, expected: float) -> None:
    laboratories = by(laboratory_kind=("shared", "base"), region=("vietnam",))
    found = funding.laboratory_cost(
        laboratories_in_appraisal=laboratories([[2.0], [4.0]]), laboratory_unit_cost=laboratories([[40.0], [5.0]]),
        laboratory_appraisal_time=1.5, appraisal_time_saved=saved, shortest_appraisal_time=0.5,
    )  # fmt: skip
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(("people", "posts"), [(10.0, 1e6), (1e6, 10.0), (100.0, 100.0), (0.0, 50.0), (50.0, 0.0)])
@pytest.mark.parametrize("sharpness", [1.0, 4.0, 20.0])
def test_matching_exceeds_neither_people_nor_posts(people: float, posts: float, sharpness: float) -> None:
    found = people * labour_market.matched_share(people, posts, sharpness)
    assert found <= people + 1e-12
    assert found <= posts + 1e-8
    assert found == pytest.approx(min(people, posts), rel=1 - 0.5 / sharpness, abs=1e-6)


def test_matching_nears_the_scarcer_side_as_it_grows_sharp() -> None:
    blunt, sharp = (labour_market.matched_share(200.0, 100.0, sharpness) for sharpness in (2.0, 20.0))
    assert blunt < sharp < 0.5
    assert sharp == pytest.approx(0.5, abs=1e-6)


def test_hires_through_all_doors_share_the_posts_of_their_track() -> None:
    reach = DOORS([[30.0, 60.0, 10.0], [0.0, 5.0, 5.0]])
    posts = TRACKS([50.0, 100.0])
    hires = labour_market.novice_hires(junior_reach=reach, posts_for_novices=posts, matching_sharpness=20.0)
    assert hires.sum("door").values == pytest.approx([50.0, 10.0], rel=1e-2)
    assert np.all(hires <= reach)
    assert (hires / reach).sel(track="design").values == pytest.approx([0.5] * 3, rel=1e-2)


def test_an_unfilled_senior_post_cancels_the_posts_of_its_team() -> None:
    given = {"posts_opened": 100.0, "novice_post_share": 0.5, "team_ratio_effect": 0.5}
    assert labour_market.posts_for_novices(**given, perceived_senior_fill=1.0) == 50.0
    assert labour_market.posts_for_novices(**given, perceived_senior_fill=0.2) == pytest.approx(30.0)


@pytest.mark.parametrize(("posts", "pay"), [(0.0, 0.8), (5.0, 0.8), (10.0, 1.0), (20.0, 1.5), (90.0, 1.5)])
def test_pay_rises_with_posts_for_each_junior_between_its_bounds(posts: float, pay: float) -> None:
    found = labour_market.novice_pay_wanted(
        posts_for_novices=TRACKS([posts, 0.0]), junior_reach=DOORS([[4.0, 3.0, 0.0], [3.0, 0.0, 0.0]]),
        pay_by_tightness=Curve((0.5, 1.0, 2.0), (0.8, 1.0, 1.5)),
    )  # fmt: skip
    assert found == pytest.approx(pay, abs=1e-9)


@pytest.mark.parametrize(("posts", "filled"), [(80.0, 0.5), (0.0, 1.0)])
def test_posts_are_filled_at_most_and_all_where_there_are_none(posts: float, filled: float) -> None:
    """Matching leaves a trace of hires, of the order of the floor of `ratio`, where no post is open."""
    hires = 40.0 if posts else 2e-9
    found = labour_market.fill_share(
        novice_hires=DOORS([[hires / 2, 0.0, 0.0], [0.0, hires / 4, hires / 4]]), lateral_hires=TRACKS([0.0, 0.0]),
        posts_for_novices=TRACKS([posts / 2, posts / 2]), posts_for_experienced=TRACKS([0.0, 0.0]),
    )  # fmt: skip
    assert found.values == pytest.approx([filled] * 2, abs=1e-8)


def test_placement_of_nobody_is_the_alternative_and_not_a_gap() -> None:
    none = DOORS(np.zeros((2, 3)))
    assert labour_market.placement_share(novice_hires=none, giving_up=none) == pytest.approx(1.0)
    hired = DOORS([[3.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    gone = DOORS([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    assert labour_market.placement_share(novice_hires=hired, giving_up=gone) == pytest.approx(0.75)


def test_what_graduates_do_adds_up_to_who_decides() -> None:
    ready = education.ready_for_first_job(
        recent_graduates=100.0, decision_time=0.5, seeking_chip_work_share=0.5, well_taught_share=0.5,
        track_of_graduates_share=TRACKS([0.75, 0.25]), door_of_programme=by(door=("dedicated", "related"))([1.0, 0.0]),
    )  # fmt: skip
    here = education.seeking_first_job(ready_for_first_job=ready, juniors_moving_share=0.4)
    moved = education.seeking_elsewhere(ready_for_first_job=ready, juniors_moving_share=0.4)
    elsewhere = education.working_elsewhere(recent_graduates=100.0, decision_time=0.5, ready_for_first_job=ready)
    assert here.sum() == pytest.approx(30.0)
    assert (here + moved).sum() == pytest.approx(50.0)
    assert elsewhere + here.sum() + moved.sum() == pytest.approx(200.0)


def test_a_cohort_that_finishes_is_on_time_or_late_and_nothing_else() -> None:
    given = {"bachelor_students_finishing": 100.0, "on_time_share": 0.55}
    assert education.graduating_on_time(**given) + education.running_late(**given) == pytest.approx(100.0)
    late = {"late_students": 100.0, "late_study_time": 2.0, "late_completion_share": 0.4}
    assert education.graduating_late(**late) + education.dropping_out(**late) == pytest.approx(50.0)


def test_masters_and_trainees_all_go_somewhere() -> None:
    given = {"master_students_finishing": 100.0, "doctoral_entry_share": 0.1}
    done = education.entering_doctoral(**given)
    for flow in (education.master_finishing, education.master_dropping_out):
        done += flow(**given, master_completion_share=0.7)
    assert done == pytest.approx(100.0)
    back = conversion.returning_after_conversion(
        conversion_trainees=50.0, conversion_time=0.5, completing_net_new=60.0, conversion_seeking_share=0.5
    )
    assert back == 70.0


def test_firms_enter_half_as_fast_when_there_are_as_many_as_halve_entry() -> None:
    firms = by(firm_kind=("domestic",), firm_age=("new", "mature"))
    given = {"firms_at_half_entry": 200.0, "design_region_share": 0.5}
    assert design_firms.crowding(design_firms=firms([[0.0, 0.0]]), **given) == 1.0
    assert design_firms.crowding(design_firms=firms([[40.0, 60.0]]), **given) == 0.5


def test_the_counts_of_people_trained_are_nested() -> None:
    programmes = by(programme=("dedicated", "specialisation", "relabelled", "related"), region=("vietnam",))
    graduates, masters = programmes([[100.0], [50.0], [20.0], [1000.0]]), programmes([[9.0], [9.0], [9.0], [30.0]])
    relabelled = indicators.trained_relabelled(graduates_counted=graduates, relabelled_counted=1.0)
    a = indicators.trained_in_programmes(
        graduates_counted=graduates, trained_relabelled=relabelled, masters_counted=masters, masters_are_counted=1.0
    )
    b = indicators.trained_cumulative(trained_in_programmes=a, trained_by_conversion=40.0)
    d = indicators.trained_with_related(
        trained_with_intense=b, graduates_counted=graduates, related_graduates_counted_share=0.1
    )
    assert (float(a), float(b), float(d)) == (200.0, 240.0, 340.0)


def test_attractiveness_is_one_under_the_beliefs_of_2015() -> None:
    assert admissions.attractiveness(
        perceived_placement=0.6, placement_share_2015=0.6, placement_elasticity=0.4, pay_of_novices=1.0,
        pay_elasticity_of_applications=0.3, scholarships_paid_share=0.0, scholarship_effect=0.5,
    ) == pytest.approx(1.0, rel=1e-14)  # fmt: skip


def test_staff_of_one_kind_hold_back_posts_of_the_other() -> None:
    given = {"staffing_effect_on_ramp": 0.5}
    assert atp.atp_engineers_wanted(atp_engineers_planned=100.0, technicians_there=1.0, **given) == 100.0
    assert atp.atp_engineers_wanted(atp_engineers_planned=100.0, technicians_there=0.6, **given) == pytest.approx(80.0)
    assert atp.technicians_wanted(technicians_planned=100.0, atp_engineers_there=0.6, **given) == pytest.approx(80.0)


def test_only_chip_programmes_count_in_the_pipeline() -> None:
    programmes = by(programme=("dedicated", "related"), region=("north", "south"))
    people, chip = programmes([[100.0, 50.0], [1000.0, 2000.0]]), programmes([[1.0, 1.0], [0.0, 0.0]])
    assert float(pipeline.chip_graduates(graduating=people, chip_programme=chip)) == 150.0
    assert float(pipeline.chip_dropouts(dropping_out=people, chip_programme=chip)) == 150.0
    assert float(pipeline.graduates_elsewhere(working_elsewhere=people, chip_programme=chip)) == 150.0

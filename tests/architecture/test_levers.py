"""Every instrument of policy is a lever, and every lever is told in full: paths, money, who decides, what it moves."""

import re
from pathlib import Path

import numpy as np
import pytest

from vimach.analysis.levers import PULLED_IN, Pull, pulls
from vimach.analysis.statements import read_checklist
from vimach.listing import levers
from vimach.parameters.table import Parameter, read_parameters
from vimach.paths import Constant, Table
from vimach.scenario import Override, known_scenarios, read_scenario
from vimach.simulate import Model

INSTRUMENTS = {
    "science and technology in the state budget, and its split": ("st_budget_share", "chip_share_of_additional"),
    "budget of the programme": ("programme_budget_extra",),
    "absorption": ("budget_absorption_share",),
    "dedicated quota": ("dedicated_places",),
    "lecturer training and pay top-up": ("lecturers_trained_a_year", "us_faculty_seats", "lecturer_pay_topup_share"),
    "laboratory projects and their delay": ("laboratories_announced_a_year", "appraisal_time_saved"),
    "sharing between universities": ("sharing_gain_share",),
    "conversion seats": ("conversion_places",),
    "domestic scholarships": ("scholarship_coverage_share",),
    "INTENSE intake and return incentive": ("intense_places_announced", "return_incentive_share"),
    "diaspora posts and connectors": ("diaspora_posts_a_year", "connector_programme_share"),
    "training-centre seats with partners": ("korean_centre_seats",),
    "curriculum matching": ("curriculum_matching_share", "demand_matching_share"),
    "permit time saved": ("permit_time_saved",),
    "firm incentives and floor rules": ("incentive_coverage_share", "incentive_floor_ratio", "sandbox_share"),
    "branches of partners": ("korean_branch_gain",),
    "research contracts and what follows them": (
        "research_contracts", "joint_research", "commissioned_challenges", "venture_fund"),
    "plant realisation": ("green_lane_share", "ready_land_share"),
    "retention pay": ("retention_pay_share",),
    "technician training": ("technicians_trained_extra",),
    "chief posts": ("chief_posts_filled",),
}  # fmt: skip
EACH = pytest.mark.parametrize("lever", read_parameters().levers, ids=lambda lever: lever.name)
NEW_LINES, FIRST = 2028.0, 2027.0
"""Nothing acts before 2027, and what needs a budget line of its own not before the budget of 2028."""


@pytest.fixture(scope="module")
def pulled(model: Model) -> dict[str, Pull]:
    """The accelerated path of each lever."""
    return pulls(model)


@pytest.fixture(scope="module")
def scenarios(model: Model) -> set[str]:
    """The names of all scenarios, those of the checklist among them."""
    return {*known_scenarios(), *read_checklist(model).scenarios}


def starts(override: Override) -> float:
    """The date from which a path acts."""
    path = override.path
    assert not isinstance(path, Constant), "a path that always acts changes the past"
    return path.times[0] if isinstance(path, Table) else path.starts


def test_every_instrument_is_a_lever_and_every_lever_an_instrument(model: Model) -> None:
    named = [lever for instruments in INSTRUMENTS.values() for lever in instruments]
    assert sorted(named) == sorted(lever.name for lever in model.table.levers)


@EACH
def test_a_lever_says_who_decides_by_what_from_when_and_what_it_costs(model: Model, lever: Parameter) -> None:
    told = lever.lever
    assert told is not None
    assert told.decided_by.en != told.decided_by.vi
    assert len(told.instrument.split()) > 3
    assert told.first_year >= FIRST
    assert lever.source or len(lever.judgment.split()) > 3
    cost = told.unit_cost
    if cost.parameter:
        assert cost.parameter in model.table
        assert told.first_year >= NEW_LINES or "decision of others" in told.instrument
    else:
        assert len((cost.none or cost.judgment or " ".join(cost.source)).split()) >= (1 if cost.source else 3)


@EACH
def test_a_lever_states_what_it_moves_at_baseline_and_in_one_regime(
    model: Model, scenarios: set[str], lever: Parameter
) -> None:
    assert lever.lever is not None
    at = {move.at for move in lever.lever.moves}
    assert "baseline" in at
    assert len(at) == 2, f"one regime belongs beside the baseline, not {at - {'baseline'}}"
    assert at <= scenarios
    names = {name for move in lever.lever.moves for name in (move.output, move.held_by) if name}
    assert names <= set(model.graph.variables)
    years = [move.since for move in lever.lever.moves if move.since is not None]
    assert all(year >= lever.lever.first_year and year == int(year) for year in years)


@EACH
def test_a_lever_has_an_accelerated_path_within_its_time(
    model: Model, pulled: dict[str, Pull], lever: Parameter
) -> None:
    assert lever.lever is not None
    for override in pulled[lever.name].overrides:
        assert override.law in ("raise_to", "lower_to")
        assert starts(override) >= lever.lever.first_year
        assert len(override.because.split()) > 3
        times = np.arange(2015.0, 2036.0)
        now = lever.central(model.labels, times)
        other = override.path.at(times, now)
        beyond = other > now if override.law == "raise_to" else other < now
        assert beyond.reshape(len(times), -1).any(axis=0).all(), "the path asks for what is there already"


def test_the_upper_case_pulls_every_lever(model: Model) -> None:
    overridden = {override.name for override in read_scenario(PULLED_IN[-1], model.table, model.labels).overrides}
    assert {lever.name for lever in model.table.levers} <= overridden


def test_the_page_of_the_package_is_its_scenario(model: Model) -> None:
    """Number, lever and first year of each decision; the number is that of the reason in the scenario."""
    page = Path(__file__).parents[2].joinpath("docs", "accelerated_funding.md").read_text(encoding="utf-8")
    written = re.findall(r"^\| (\d+) \|[^|]*\| `(\w+)` \| ([\d.]+) \|", page, re.MULTILINE)
    scenario = read_scenario("accelerated_funding", model.table, model.labels)
    decided = [
        (override.because.partition(":")[0].removeprefix("Decision "), override.name, f"{starts(override):g}")
        for override in scenario.overrides
    ]
    assert written == decided
    assert [number for number, *_ in written] == [str(number) for number in range(1, len(written) + 1)]


def test_the_list_of_levers_holds_every_field(model: Model) -> None:
    rows = levers(model)
    assert [row["name"] for row in rows] == [lever.name for lever in model.table.levers]
    for row in rows:
        wanted = ("value", "accelerated", "unit", "unit cost", "status", "decided by", "decided_by_vi", "instrument",
                  "from", "moves")  # fmt: skip
        assert [key for key in wanted if not row[key]] == [], row["name"]
        assert row["sources"] or row["judgment"], row["name"]
        assert any(scenario in row["accelerated"] for scenario in PULLED_IN), row["name"]
        assert len(row["moves"]) == 2, row["name"]

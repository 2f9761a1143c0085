"""Each feedback loop of the model: it is there, it acts from a certain year, and cutting it does what its sign says.

A loop is cut by letting its runs read one of its variables as it is in a run without the shock. A reinforcing loop
then answers a shock less, a balancing one more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pytest

from vimach.kernels.array import Array, Inputs
from vimach.names import Names
from vimach.scenario import Scenario, read_scenario
from vimach.sectors import MODULES
from vimach.simulate import Model

from .pulled import BASELINE, FELT, YEARS, central, recorded, scenarios_of

REINFORCING, BALANCING = "reinforcing", "balancing"
TO_WORK = (
    "ready_for_first_job > seeking_first_job > job_seekers > junior_reach > novice_hires > starting_work > engineers"
)
STUDY = "attractiveness > dedicated_applicants > entering_dedicated > bachelor_students > bachelor_students_finishing"
POSTS = "new_firms > growth_posts_of_design > posts_opened"
HIRE = "posts_for_novices > novice_hires > starting_work > engineers"
MORE_DEMAND = "relocation_ratio={value: {step: {to: 2, starts: 2027.0}}}"
MORE_JUNIORS = "conversion_places={raise_to: {step: {to: 8000, starts: 2027.0}}}"
MORE_MONEY = "programme_budget_extra={raise_to: {step: {to: 2500, starts: 2028.0}}}"
MORE_PLACES_ABROAD = "intense_places_announced={raise_to: {step: {to: 2000, starts: 2027.0}}}"


@dataclass(frozen=True)
class Loop:
    """A feedback loop: its variables in order, the one that is cut, and what shows it.

    `at` names the regimes, laid upon one another, in which the loop is not held by another limit; `acts` is the first
    year in which the cut changes the answer of `output` to `shock` by a thousandth. A limit is cut by lifting it: the
    variable is then read as it is in the scenario `lifted`, with and without the shock.
    """

    name: str
    sign: str
    through: str
    cut: str
    shock: str
    output: str
    acts: int
    at: tuple[str, ...] = ()
    lifted: str = ""

    @property
    def names(self) -> list[str]:
        """The variables in order; the last feeds the first."""
        return self.through.split(" > ")


LOOPS = (
    Loop("engineers attract firms, which open posts", REINFORCING,
         f"design_engineers > engineer_pool_effect > entering_firms > {POSTS} > {HIRE}",
         "engineer_pool_effect", MORE_JUNIORS, "design_firms_active", 2027),
    Loop("posts raise pay, and pay attracts students", REINFORCING,
         f"posts_for_novices > novice_pay_wanted > pay_of_novices > {STUDY} > graduating_on_time > recent_graduates > "
         f"{TO_WORK} > design_engineers > growth_posts_of_design > posts_opened",
         "novice_pay_wanted", MORE_DEMAND, "trained_in_programmes", 2031, ("places_for_all", "plenty_of_teachers")),
    Loop("jobs and pay attract students, who work years later", REINFORCING,
         f"{STUDY} > graduating_on_time > recent_graduates > {TO_WORK} > design_engineers > growth_posts_of_design > "
         "posts_opened > posts_for_novices > novice_pay_wanted > pay_of_novices",
         "attractiveness", MORE_DEMAND, "employed_in_sector", 2032, ("places_for_all", "plenty_of_teachers")),
    Loop("seniors spin out firms", REINFORCING,
         f"seniors > design_seniors > entering_firms > {POSTS} > posts_for_experienced > experienced_match_share > "
         "joining_as_senior", "design_seniors", MORE_JUNIORS, "design_firms_active", 2027),
    Loop("senior posts bring the diaspora home", REINFORCING,
         "posts_for_experienced > senior_posts_ratio > perceived_senior_posts > return_pull_ratio > returning > "
         "returned_seniors > returners_joining_as_senior > engineers > quitting > replacement_demand > posts_opened",
         "senior_posts_ratio", MORE_DEMAND, "returned_engineers", 2027),
    Loop("who comes home mentors", REINFORCING,
         "return_pull_ratio > returning > returned_seniors > returners_joining_as_senior > seniors > mentors_available "
         "> becoming_independent > engineers > quitting > replacement_demand > posts_opened > posts_for_experienced > "
         "senior_posts_ratio > perceived_senior_posts",
         "return_pull_ratio", MORE_DEMAND, "becoming_independent", 2028, ("few_mentors",)),
    Loop("research feeds start-ups, and firms pay for research", REINFORCING,
         "research_by_firms > beginning_research > research_underway > research_underway_finishing > "
         "finishing_research > research_knowledge > making_prototypes > prototypes > commercialising > "
         f"start_ups_from_research > {POSTS} > {HIRE} > design_engineers",
         "research_by_firms", MORE_DEMAND, "start_ups", 2027, ("plenty_of_money",)),
    Loop("industry pay pulls lecturers out of teaching", BALANCING,
         "pay_of_experienced > moving_to_industry_rate > moving_to_industry > lecturers > taught_by_lecturers > "
         "teaching_capacity > teaching_adequacy > teaching_while_studying > well_taught_share > "
         f"{TO_WORK} > design_engineers > growth_posts_of_design > posts_opened > posts_for_experienced > "
         "experienced_pay_wanted",
         "moving_to_industry_rate", MORE_DEMAND, "hired_first_job", 2030, ("laboratories_for_all",)),
    Loop("mentors limit onboarding", BALANCING,
         "mentors_available > becoming_independent > independents > becoming_senior > seniors",
         "mentors_available", MORE_JUNIORS, "becoming_independent", 2027, ("few_mentors",), "many_mentors"),
    Loop("a glut lowers placement and then applications", BALANCING,
         f"job_seekers > giving_up > placement_share > perceived_placement > {STUDY} > graduating_on_time > "
         "recent_graduates > ready_for_first_job > seeking_first_job",
         "placement_share", MORE_JUNIORS, "job_seekers", 2032, ("places_for_all", "plenty_of_teachers")),
    Loop("absorption limits money: what is not spent in time lapses", BALANCING,
         "programme_funds > lapsing", "lapsing", MORE_MONEY, "programme_funds", 2028),
    Loop("saturation limits the entry of firms", BALANCING,
         "design_firms > crowding > entering_firms", "crowding", MORE_DEMAND, "design_firms_active", 2027),
    Loop("poor returns discourage applicants for INTENSE", BALANCING,
         "intense_wanted > leaving_for_intense > intense_students > intense_students_finishing > intense_graduating > "
         "beginning_bond > intense_bonded > intense_bonded_finishing > ending_bond > intense_free_to_return > "
         "returning_from_intense > experienced_seekers > experienced_reach > experienced_pay_wanted > "
         "pay_of_experienced > return_pay_ratio > perceived_return_pay",
         "return_pay_ratio", MORE_PLACES_ABROAD, "leaving_for_intense", 2035, ("intense_taken_up",)),
)  # fmt: skip
EACH = pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.name)


@dataclass(frozen=True)
class Answer:
    """What a shock adds to the output of a loop, by year: with the loop closed, and with it cut."""

    closed: Array
    cut: Array

    def gap(self) -> Array:
        """By how much more the cut loop answers than the closed one, as a share of what the closed one answers."""
        least = np.maximum(np.abs(self.closed), 1e-9 * np.abs(self.closed).max())
        return np.asarray((np.abs(self.cut) - np.abs(self.closed)) / least)


@pytest.fixture(scope="module")
def answers(model: Model) -> Mapping[str, Answer]:
    """The answer of each loop, all in one run."""
    known = scenarios_of(model, [BASELINE, *(name for loop in LOOPS for name in (*loop.at, loop.lifted) if name)])
    given: list[Inputs] = []
    held: dict[str, dict[int, int]] = {}
    for loop in LOOPS:
        calm = laid_upon(known[BASELINE], [known[name] for name in loop.at])
        shocked = laid_upon(calm, [read_scenario(BASELINE, model.table, model.labels, (loop.shock,))])
        first = len(given)
        held.setdefault(loop.cut, {}).update({first + 3: first + 2, first + 4: first + 2})
        reference = known[loop.lifted] if loop.lifted else calm
        given += [central(model, scenario) for scenario in (calm, shocked, reference, calm, shocked)]
    values = recorded(model, given, held)
    found = {}
    for number, loop in enumerate(LOOPS):
        calm_run, shocked_run, _, calm_cut, shocked_cut = values[loop.output].sum(axis=1).T[5 * number : 5 * number + 5]
        found[loop.name] = Answer(shocked_run - calm_run, shocked_cut - calm_cut)
    return found


def laid_upon(scenario: Scenario, others: list[Scenario]) -> Scenario:
    """A scenario with the overrides of others on top."""
    return replace(scenario, overrides=(*scenario.overrides, *(o for other in others for o in other.overrides)))


@EACH
def test_a_loop_leads_from_each_of_its_variables_back_to_it(model: Model, loop: Loop) -> None:
    users, names = Names(model.graph, MODULES).users, loop.names
    assert loop.cut in names
    missing = [(one, other) for one, other in zip(names, [*names[1:], names[0]], strict=True)
               if other not in users.get(one, ())]  # fmt: skip
    assert missing == [], "links that no equation makes"


@EACH
def test_a_cut_loop_answers_a_shock_less_if_it_reinforces_and_more_if_it_balances(
    answers: Mapping[str, Answer], loop: Loop
) -> None:
    gap, later = answers[loop.name].gap(), [year >= loop.acts for year in YEARS]
    assert np.all((gap if loop.sign == BALANCING else -gap)[later] > 0.0), gap


@EACH
def test_a_loop_acts_from_its_year_on(answers: Mapping[str, Answer], loop: Loop) -> None:
    felt = np.abs(answers[loop.name].gap()) >= FELT
    assert [year for year, is_felt in zip(YEARS, felt, strict=True) if is_felt][:1] == [loop.acts]

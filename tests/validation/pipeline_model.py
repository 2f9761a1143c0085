"""The workforce pipeline of data/pipeline.xmile in the engine's own declarations.

Every variable has its XMILE name, in lower case with underscores. What the file writes as functions is spelt out:
SMTH1 is a Memory, SMTH3 three Memories of a third of the time each, DELAY3 a Chain of three stages (whose people are
the file's stock Students), the graphical function a Curve, and the policy switch a path that comes in as an input.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from vimach.paths import Step
from vimach.structure import (
    Chain,
    Curve,
    Memory,
    Outside,
    Stock,
    auxiliary,
    exp,
    flow,
    initial,
    lookup,
    maximum,
    minimum,
    total,
)
from vimach.units import Curve as CurveText
from vimach.units import People, PeoplePerYear, PerYear, Ratio, Share, Years

from .small_runs import Number

START, STOP, STEPS_A_YEAR = 2020.0, 2050.0, 16

CONSTANTS = {
    "base_enrolment": Number("person/year", 9000.0),
    "study_time": Number("year", 4.0),
    "completion_share": Number("1", 0.78),
    "job_search_time": Number("year", 0.5),
    "leak_rate": Number("1/year", 0.35),
    "training_time": Number("year", 0.75),
    "promotion_time": Number("year", 6.0),
    "junior_quit_rate": Number("1/year", 0.06),
    "senior_quit_rate": Number("1/year", 0.03),
    "senior_career": Number("year", 22.0),
    "immigration_share": Number("1", 0.12),
    "visa_delay": Number("year", 1.5),
    "faculty_adjustment_time": Number("year", 5.0),
    "faculty_career": Number("year", 25.0),
    "faculty_ratio": Number("1", 0.048),
    "students_per_faculty": Number("1", 21.0),
    "capacity_adjustment_time": Number("year", 1.0),
    "initial_demand": Number("person", 75000.0),
    "demand_growth": Number("1/year", 0.028),
    "perception_time": Number("year", 1.25),
    "vacancy_fill_time": Number("year", 1.0),
}
"""The file's constants that equations read."""

POLICY = {"policy_start": Number("year", 2027.0), "policy_size": Number("1", 0.15)}
"""The file's constants that make the path of `policy_boost`."""

STARTS = {
    "graduate_pool_at_start": Number("person", 4000.0),
    "trainees_at_start": Number("person", 3000.0),
    "junior_engineers_at_start": Number("person", 25000.0),
    "senior_engineers_at_start": Number("person", 40000.0),
    "faculty_at_start": Number("person", 1800.0),
    "demand_counted_from": Number("year", START),
    "equal_stages": Number("1", np.full((3, 1), 1 / 3), ("learners_stage",)),
}
"""What the file writes as numbers inside its equations."""

ATTRACTIVENESS = Curve(
    x=tuple(tenth * 0.5 / 10 for tenth in range(11)),
    y=(0.8, 1.0, 1.18, 1.34, 1.48, 1.6, 1.68, 1.74, 1.77, 1.79, 1.8),
)


def constants(changes: Mapping[str, float]) -> dict[str, Number]:
    """The file's constants, some with another value; KeyError for a name that it does not have."""
    values = CONSTANTS | POLICY
    return values | {name: replace(values[name], value=value) for name, value in changes.items()}


def numbers(times: np.ndarray, changes: Mapping[str, float]) -> dict[str, Number]:
    """All parameters; the policy's size from its start on, nothing before, at `times`."""
    values = constants(changes)
    start, size = (values.pop(name).value for name in POLICY)
    return {
        **values,
        **STARTS,
        "attractiveness_curve": Number("1", curve=ATTRACTIVENESS),
        "policy_boost": Number("1", Step(to=size, starts=start).at(times, np.zeros((1, 1))), varies=True),
    }


# places

learners = Chain("person", through="study_time", stages=3)
graduate_pool = Stock("person")
trainees = Stock("person")
junior_engineers = Stock("person")
senior_engineers = Stock("person")
faculty = Stock("person")
elsewhere = Outside("outside the pipeline")

perceived_demand = Memory(of="demand", over="perception_time", initial="initial_demand")
smoothed_gap_1 = Memory(of="gap_ratio", over="third_of_perception_time", initial="initial_gap_ratio")
smoothed_gap_2 = Memory(of="smoothed_gap_1", over="third_of_perception_time", initial="initial_gap_ratio")
smoothed_gap = Memory(of="smoothed_gap_2", over="third_of_perception_time", initial="initial_gap_ratio")
expected_completions = Memory(of="completers", over="perception_time", initial="base_enrolment")
smoothed_losses = Memory(of="losses", over="perception_time", initial="initial_losses")


# starts


@initial(learners)
def learners_start(base_enrolment: PeoplePerYear, study_time: Years, equal_stages: Share) -> People:
    return base_enrolment * study_time * equal_stages


@initial(graduate_pool)
def graduate_pool_start(graduate_pool_at_start: People) -> People:
    return graduate_pool_at_start


@initial(trainees)
def trainees_start(trainees_at_start: People) -> People:
    return trainees_at_start


@initial(junior_engineers)
def junior_engineers_start(junior_engineers_at_start: People) -> People:
    return junior_engineers_at_start


@initial(senior_engineers)
def senior_engineers_start(senior_engineers_at_start: People) -> People:
    return senior_engineers_at_start


@initial(faculty)
def faculty_start(faculty_at_start: People) -> People:
    return faculty_at_start


@auxiliary
def initial_gap_ratio(
    initial_demand: People,
    junior_engineers_at_start: People,
    senior_engineers_at_start: People,
    trainees_at_start: People,
) -> Ratio:
    employed = junior_engineers_at_start + senior_engineers_at_start + trainees_at_start
    return maximum(0, initial_demand - employed) / initial_demand


@auxiliary
def initial_losses(
    junior_engineers_at_start: People,
    senior_engineers_at_start: People,
    junior_quit_rate: PerYear,
    senior_quit_rate: PerYear,
    senior_career: Years,
) -> PeoplePerYear:
    quitting = junior_engineers_at_start * junior_quit_rate + senior_engineers_at_start * senior_quit_rate
    return quitting + senior_engineers_at_start / senior_career


# flows


@flow(elsewhere >> learners)
def enrolment(desired_enrolment: PeoplePerYear, enrolment_capacity: PeoplePerYear) -> PeoplePerYear:
    return minimum(desired_enrolment, enrolment_capacity)


@flow(learners >> graduate_pool)
def graduation(completers: PeoplePerYear, completion_share: Share) -> PeoplePerYear:
    return completers * completion_share


@flow(learners >> elsewhere)
def dropout(completers: PeoplePerYear, completion_share: Share) -> PeoplePerYear:
    return completers * (1 - completion_share)


@flow(graduate_pool >> trainees)
def hiring(desired_hiring: PeoplePerYear, graduate_pool: People, job_search_time: Years) -> PeoplePerYear:
    return minimum(desired_hiring, graduate_pool / job_search_time)


@flow(graduate_pool >> elsewhere)
def leaving_sector(graduate_pool: People, leak_rate: PerYear) -> PeoplePerYear:
    return graduate_pool * leak_rate


@flow(trainees >> junior_engineers)
def training_completion(trainees: People, training_time: Years) -> PeoplePerYear:
    return trainees / training_time


@flow(junior_engineers >> senior_engineers)
def promotion(junior_engineers: People, promotion_time: Years) -> PeoplePerYear:
    return junior_engineers / promotion_time


@flow(junior_engineers >> elsewhere)
def junior_attrition(junior_engineers: People, junior_quit_rate: PerYear) -> PeoplePerYear:
    return junior_engineers * junior_quit_rate


@flow(elsewhere >> senior_engineers)
def immigration(immigration_share: Share, vacancy_gap: People, visa_delay: Years) -> PeoplePerYear:
    return immigration_share * vacancy_gap / visa_delay


@flow(senior_engineers >> elsewhere)
def senior_attrition(senior_engineers: People, senior_quit_rate: PerYear) -> PeoplePerYear:
    return senior_engineers * senior_quit_rate


@flow(senior_engineers >> elsewhere)
def retirement(senior_engineers: People, senior_career: Years) -> PeoplePerYear:
    return senior_engineers / senior_career


@flow(senior_engineers >> faculty)
def faculty_hiring(
    target_faculty: People, faculty: People, faculty_adjustment_time: Years, faculty_retirement: PeoplePerYear
) -> PeoplePerYear:
    return maximum(0, (target_faculty - faculty) / faculty_adjustment_time + faculty_retirement)


@flow(faculty >> elsewhere)
def faculty_retirement(faculty: People, faculty_career: Years) -> PeoplePerYear:
    return faculty / faculty_career


# auxiliaries


@auxiliary
def students(learners: People) -> People:
    return total(learners, "learners_stage")


@auxiliary
def completers(learners_finishing: PeoplePerYear) -> PeoplePerYear:
    return learners_finishing


@auxiliary
def demand(initial_demand: People, demand_growth: PerYear, calendar: Years, demand_counted_from: Years) -> People:
    return initial_demand * exp(demand_growth * (calendar - demand_counted_from))


@auxiliary
def workforce(junior_engineers: People, senior_engineers: People, trainees: People) -> People:
    return junior_engineers + senior_engineers + trainees


@auxiliary
def vacancy_gap(perceived_demand: People, workforce: People) -> People:
    return maximum(0, perceived_demand - workforce)


@auxiliary
def gap_ratio(vacancy_gap: People, perceived_demand: People) -> Ratio:
    return vacancy_gap / perceived_demand


@auxiliary
def third_of_perception_time(perception_time: Years) -> Years:
    return perception_time / 3


@auxiliary
def attractiveness(smoothed_gap: Ratio, attractiveness_curve: CurveText) -> Ratio:
    return lookup(smoothed_gap, attractiveness_curve)


@auxiliary
def desired_enrolment(base_enrolment: PeoplePerYear, attractiveness: Ratio, policy_boost: Share) -> PeoplePerYear:
    return base_enrolment * attractiveness * (1 + policy_boost)


@auxiliary
def teaching_capacity(faculty: People, students_per_faculty: Ratio) -> People:
    return faculty * students_per_faculty


@auxiliary
def enrolment_capacity(
    teaching_capacity: People, students: People, capacity_adjustment_time: Years, expected_completions: PeoplePerYear
) -> PeoplePerYear:
    return maximum(0, (teaching_capacity - students) / capacity_adjustment_time + expected_completions)


@auxiliary
def losses(
    junior_attrition: PeoplePerYear, senior_attrition: PeoplePerYear, retirement: PeoplePerYear
) -> PeoplePerYear:
    return junior_attrition + senior_attrition + retirement


@auxiliary
def desired_hiring(vacancy_gap: People, vacancy_fill_time: Years, smoothed_losses: PeoplePerYear) -> PeoplePerYear:
    return vacancy_gap / vacancy_fill_time + smoothed_losses


@auxiliary
def target_faculty(faculty_ratio: Ratio, desired_enrolment: PeoplePerYear, study_time: Years) -> People:
    return faculty_ratio * desired_enrolment * study_time

"""The reference kernel on models small enough to know the answer by hand."""

from functools import cache
from math import comb
from typing import Any

import numpy as np
import pytest

from vimach.dry_run import dry_run
from vimach.kernels.array import ArrayKernel, Inputs, Schedule
from vimach.structure import (
    Chain,
    Cohorts,
    Dimension,
    Memory,
    Outside,
    Shadow,
    Stock,
    Tally,
    auxiliary,
    flow,
    initial,
    log,
    maximum,
    minimum,
    ratio,
)
from vimach.units import People, PeoplePerYear, PerYear, Ratio, Share, Years

from .small_models import TENURE, TRACK, Number, draining, named, run

RANK = Dimension("rank", ("junior", "senior"))


@cache
def school() -> dict[str, Any]:
    """Four study years, with an intake and graduates; whoever is not done on time stays outside the count."""
    schools, jobs = Outside("schools"), Outside("work")
    students = Cohorts("person", years=4, starts_empty=True)

    @flow(schools >> students)
    def entering(intake: PeoplePerYear) -> PeoplePerYear:
        return intake

    @flow(students >> jobs)
    def graduating(students_finishing: PeoplePerYear) -> PeoplePerYear:
        return students_finishing

    counted = Tally(of="entering", since=2025.0)
    return named(entering, graduating, schools=schools, jobs=jobs, students=students, counted=counted)


# cohorts and the school calendar


@pytest.mark.parametrize("step", [1 / 16, 1 / 32])
def test_the_intake_of_2024_first_finishes_in_the_step_that_starts_at_2028_5625(step: float) -> None:
    times, recording = run(school(), {"intake": "person/year"}, {"intake": 100.0}, step=step, years=6.0)
    entering, graduating = (recording.periods[name][:, 0] for name in ("entering", "graduating"))
    assert times[:-1][entering > 0].tolist() == [2024.6875 + year for year in range(6)]
    assert times[:-1][graduating > 0].tolist() == [2028.5625, 2029.5625]
    assert entering[entering > 0].tolist() == [100.0] * 6
    assert graduating[graduating > 0].tolist() == [100.0] * 2


def test_a_promotion_empties_a_study_year_exactly() -> None:
    times, recording = run(school(), {"intake": "person/year"}, {"intake": 1 / 3}, years=6.0)
    students = recording.edges["students"][:, :, 0]
    after = np.flatnonzero(times == 2025.625)[0]
    assert students[after - 1].tolist() == [1 / 3, 0.0, 0.0, 0.0]
    assert students[after].tolist() == [0.0, 1 / 3, 0.0, 0.0]
    assert students[times == 2028.625].tolist() == [[0.0, 1 / 3, 1 / 3, 1 / 3]]


def test_a_tally_counts_a_flow_from_its_date_on() -> None:
    times, recording = run(school(), {"intake": "person/year"}, {"intake": 100.0}, years=3.0)
    counted = recording.edges["counted"][:, 0]
    assert counted[times <= 2025.6875].max() == 0.0
    assert counted[-1] == 200.0


# delays


def test_a_chain_is_an_erlang_delay() -> None:
    """Euler's own closed form: who left n stages of rate r after k steps of h is negative binomial in (1 - r h)."""
    outside, queue = Outside("elsewhere"), Chain("person", through="wait_time", stages=3)

    @initial(queue)
    def queue_at_start(at_start: People) -> People:
        return at_start

    @flow(queue >> outside)
    def leaving(queue_finishing: PeoplePerYear) -> PeoplePerYear:
        return queue_finishing

    units = {"at_start": Number("person", ("queue_stage",)), "wait_time": "year"}
    values = {"at_start": [[90.0], [0.0], [0.0]], "wait_time": 1.5}
    declared = named(queue_at_start, leaving, queue=queue, outside=outside)
    _, recording = run(declared, units, values, years=4.0)
    stay = 1 - 1 / 16 * 3 / 1.5
    exact = [90.0 * sum(comb(k, n) * (1 - stay) ** n * stay ** (k - n) for n in range(3)) for k in range(65)]
    assert recording.edges["queue"][..., 0].sum(axis=1) == pytest.approx(exact, rel=1e-12)


def test_a_memory_follows_its_source_with_its_delay() -> None:
    @auxiliary
    def true_share(share: Share) -> Share:
        return share

    belief = Memory(of="true_share", over="perception_time", initial="first_share")
    units = {"share": "1", "first_share": "1", "perception_time": "year"}
    values = {"share": 0.8, "first_share": 0.2, "perception_time": 2.0}
    _, recording = run(named(true_share, belief=belief), units, values, years=2.0)
    exact = 0.8 - 0.6 * (1 - 1 / 32) ** np.arange(33.0)
    assert recording.edges["belief"][:, 0] == pytest.approx(exact, rel=1e-13)


# flows and shadows


@cache
def office() -> dict[str, Any]:
    """Juniors are hired, rise, quit; a shadow tells the fresh from the seasoned."""
    outside, staff = Outside("elsewhere"), Stock("person", TRACK, RANK)
    juniors, seniors = staff.by(RANK)
    tenure = Shadow(of=staff, by=TENURE, through="tenure_time")

    @initial(staff)
    def staff_at_start(staff_2024: People) -> People:
        return staff_2024

    @flow(outside >> juniors)
    def hiring(hires: PeoplePerYear) -> PeoplePerYear:
        return hires

    @flow(juniors >> seniors)
    def rising(juniors: People, rising_time: Years) -> PeoplePerYear:
        return juniors / rising_time

    @flow(staff >> outside)
    def quitting(staff: People, quit_rate: PerYear) -> PeoplePerYear:
        return staff * quit_rate

    places = {"staff": staff, "juniors": juniors, "seniors": seniors, "outside": outside, "tenure": tenure}
    return named(staff_at_start, hiring, rising, quitting, TRACK=TRACK, RANK=RANK, TENURE=TENURE, **places)


OFFICE_UNITS: dict[str, Any] = {
    "staff_2024": Number("person", ("track", "rank")), "hires": Number("person/year", ("track",)),
    "quit_rate": Number("1/year", ("rank",)), "rising_time": "year", "tenure_time": "year",
}  # fmt: skip
OFFICE: dict[str, Any] = {
    "staff_2024": [[[30.0], [7.0]], [[11.0], [3.0]]], "hires": [[20.0], [13.0]], "quit_rate": [[0.3], [0.1]],
    "rising_time": 2.5, "tenure_time": 1.0,
}  # fmt: skip


def test_a_shadow_stays_equal_to_its_stock_through_hires_promotion_and_exits() -> None:
    _, recording = run(office(), OFFICE_UNITS, OFFICE, years=8.0)
    staff, tenure = recording.edges["staff"], recording.edges["tenure"]
    assert tenure.sum(axis=-2) == pytest.approx(staff, rel=1e-12)
    assert tenure[0, :, :, 0].max() == 0.0, "who is there at the start is seasoned"
    assert tenure[1:, :, 0, 0].min() > 0.0, "who is hired is fresh"
    fresh_seniors = tenure[2:, :, 1, 0]
    assert fresh_seniors.min() > 0.0, "who rises keeps his tenure"


def test_a_shadow_of_who_moves_by_himself_keeps_its_labels() -> None:
    """A chain's inner moves carry the shadow's labels along: nobody becomes fresh by growing older."""
    queue = Chain("person", through="wait_time", stages=2)
    tenure = Shadow(of=queue, by=TENURE, through="tenure_time")

    @initial(queue)
    def queue_at_start(at_start: People) -> People:
        return at_start

    units = {"at_start": Number("person", ("queue_stage",)), "wait_time": "year", "tenure_time": "year"}
    values = {"at_start": [[50.0], [0.0]], "wait_time": 2.0, "tenure_time": 1.0}
    _, recording = run(named(queue_at_start, queue=queue, tenure=tenure, TENURE=TENURE), units, values, years=2.0)
    tenure_by_stage = recording.edges["tenure"]  # edge, tenure, stage, member
    assert tenure_by_stage.sum(axis=1) == pytest.approx(recording.edges["queue"], rel=1e-12)
    assert tenure_by_stage[:, 0].max() == 0.0


@pytest.mark.parametrize("method", ["euler", "rk4"])
def test_a_stock_changes_by_the_sum_of_its_flows_over_each_period(method: str) -> None:
    _, recording = run(office(), OFFICE_UNITS, OFFICE, years=4.0, every=16, method=method)
    staff = recording.edges["staff"]
    hiring, rising, quitting = (recording.periods[name] for name in ("hiring", "rising", "quitting"))
    juniors, seniors = hiring - rising, rising
    expected = np.stack([juniors, seniors], axis=2) - quitting
    assert np.diff(staff, axis=0) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_runge_and_kuttas_method_is_of_fourth_order() -> None:
    rate = 0.8

    def leaving(people: People, leaving_rate: PerYear) -> PeoplePerYear:
        return people * leaving_rate

    declared = draining(leaving)
    errors = []
    for step in (1 / 2, 1 / 4, 1 / 8):
        given = {"first": 1.0, "leaving_rate": rate}
        _, recording = run(
            declared, {"first": "person", "leaving_rate": "1/year"}, given, years=4.0, step=step, method="rk4"
        )
        errors.append(abs(recording.edges["people"][-1, 0] - np.exp(-4.0 * rate)))
    assert np.log2(errors[0] / errors[1]) == pytest.approx(4.0, abs=0.3)
    assert np.log2(errors[1] / errors[2]) == pytest.approx(4.0, abs=0.2)


# what breaks, and who is not touched by it


@cache
def emptying() -> dict[str, Any]:
    """One stock by track that is emptied at a rate that may be too fast, too slow or no number."""

    @auxiliary
    def worry(trouble: Ratio) -> Ratio:
        return log(trouble)

    def leaving(people: People, leaving_rate: PerYear, worry: Ratio) -> PeoplePerYear:
        return people * leaving_rate * (1 + worry)

    return draining(leaving, worry, dims=(TRACK,))


EMPTYING: dict[str, Any] = {
    "first": Number("person", ("track",)), "trouble": "1", "leaving_rate": Number("1/year", ("track",)),
}  # fmt: skip


def emptied(leaving_rate: Any, trouble: Any = 1.0, members: int = 3) -> Any:
    values = {"first": [[100.0], [40.0]], "trouble": trouble, "leaving_rate": leaving_rate}
    return run(emptying(), EMPTYING, values, members=members)[1]


def test_a_stock_that_loses_more_than_half_in_a_step_is_named_with_member_labels_and_time() -> None:
    recording = emptied([[1.0, 1.0, 1.0], [1.0, 8.5, 8.0]])
    (failure,) = recording.failures
    assert str(failure) == "member 1: people[atp] lost more than half of itself in one step at t = 2024"


def test_the_half_rule_names_the_time_at_which_it_was_first_broken() -> None:
    def leaving(leavers: PeoplePerYear) -> PeoplePerYear:
        return leavers

    declared = draining(leaving)
    units, values = {"first": "person", "leavers": "person/year"}, {"first": 100.0, "leavers": 16.0 * 20.0}
    _, recording = run(declared, units, values)
    assert [str(failure) for failure in recording.failures] == [
        "member 0: people lost more than half of itself in one step at t = 2024.25"
    ]


def test_promotion_is_exempt_from_the_half_rule() -> None:
    _, recording = run(school(), {"intake": "person/year"}, {"intake": 100.0}, years=6.0)
    assert recording.failures == []


def test_a_study_year_is_not_exempt_outside_the_step_of_promotion() -> None:
    schools, jobs = Outside("schools"), Outside("work")
    students = Cohorts("person", years=2, starts_empty=True)

    @flow(schools >> students)
    def entering(intake: PeoplePerYear) -> PeoplePerYear:
        return intake

    @flow(students >> jobs)
    def fleeing(students: People, flight_rate: PerYear) -> PeoplePerYear:
        return students * flight_rate

    declared = named(entering, fleeing, schools=schools, jobs=jobs, students=students)
    units, values = {"intake": "person/year", "flight_rate": "1/year"}, {"intake": 100.0, "flight_rate": 9.0}
    _, recording = run(declared, units, values)
    (failure,) = recording.failures
    assert (failure.variable, failure.time) == ("students[1]", 2024.75)


def test_other_stocks_are_not_exempt_in_the_step_of_promotion() -> None:
    """Almost everybody leaves in just that step."""
    schools, jobs = Outside("schools"), Outside("work")
    students, waiting = Cohorts("person", years=2, starts_empty=True), Stock("person")

    @initial(waiting)
    def waiting_at_start(first: People) -> People:
        return first

    @flow(schools >> students)
    def entering(intake: PeoplePerYear) -> PeoplePerYear:
        return intake

    @flow(waiting >> jobs)
    def starting(waiting: People, calendar: Years, rush_date: Years, rush: PerYear) -> PeoplePerYear:
        rushed = maximum(0, 1 - maximum(calendar - rush_date, rush_date - calendar) / rush_date * 1e6)
        return waiting * rush * rushed

    places = {"schools": schools, "jobs": jobs, "students": students, "waiting": waiting}
    declared = named(waiting_at_start, entering, starting, **places)
    units = {"first": "person", "intake": "person/year", "rush_date": "year", "rush": "1/year"}
    values = {"first": 100.0, "intake": 10.0, "rush_date": 2025.5625, "rush": 12.0}
    _, recording = run(declared, units, values, years=3.0)
    (failure,) = recording.failures
    assert (failure.variable, failure.time) == ("waiting", 2025.5625)


def test_between_edges_the_first_variable_is_named_and_not_the_stock_that_it_spoiled() -> None:
    @auxiliary
    def mood(people: People, enough: People) -> Ratio:
        return log(people / enough - 1)

    def leaving(people: People, leaving_rate: PerYear, mood: Ratio) -> PeoplePerYear:
        return people * leaving_rate * (1 + 0 * mood)

    declared = draining(leaving, mood)
    units = {"first": "person", "enough": "person", "leaving_rate": "1/year"}
    values = {"first": 100.0, "enough": 80.0, "leaving_rate": 1.0}
    _, recording = run(declared, units, values, years=2.0, every=16)
    (failure,) = recording.failures
    assert str(failure) == "member 0: mood is not a number at t = 2024.25"


@pytest.mark.parametrize(
    ("trouble", "reason"), [(-1.0, "is not a number"), (0.0, "is infinite"), (np.nan, "is not a number")]
)
def test_what_is_not_finite_is_named_with_the_first_variable_that_is_so(trouble: float, reason: str) -> None:
    recording = emptied([[1.0], [1.0]], trouble=[1.0, 1.0, trouble])
    (failure,) = recording.failures
    first = "worry" if np.isfinite(trouble) else "trouble"
    assert str(failure) == f"member 2: {first} {reason} at t = 2024"


def test_a_parameter_that_spoils_a_start_is_named_rather_than_the_stock() -> None:
    values = {"first": [[100.0, np.nan], [40.0, 40.0]], "trouble": 1.0, "leaving_rate": [[1.0], [1.0]]}
    _, recording = run(emptying(), EMPTYING, values, members=2)
    (failure,) = recording.failures
    assert (failure.member, failure.variable) == (1, "first")


def test_an_output_that_is_no_number_fails_its_member_though_no_stock_reads_it() -> None:
    @auxiliary
    def shown(trouble: Ratio) -> Ratio:
        return log(trouble)

    _, recording = run(named(shown), {"trouble": "1"}, {"trouble": [1.0, -1.0]}, members=2)
    assert [str(failure) for failure in recording.failures] == ["member 1: shown is not a number at t = 2024"]


@pytest.mark.parametrize("bad", [{"trouble": [1.0, -1.0, 1.0]}, {"leaving_rate": [[1.0, 20.0, 3.0], [1.0, 2.0, 3.0]]}])
def test_the_other_members_are_those_of_a_run_without_the_bad_one(bad: dict[str, Any]) -> None:
    rate = [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]
    broken = emptied(**{"leaving_rate": rate, **bad})
    assert [failure.member for failure in broken.failures] == [1]
    alone = emptied([[1.0, 3.0], [1.0, 3.0]], members=2)
    good = [0, 2]
    assert np.array_equal(broken.edges["people"][..., good], alone.edges["people"])
    assert np.array_equal(broken.periods["leaving"][..., good], alone.periods["leaving"])


# the same bits


def test_members_get_the_same_bits_in_any_company_and_order() -> None:
    rng = np.random.default_rng(5)
    members = 17
    values: dict[str, Any] = {
        "staff_2024": rng.uniform(1, 50, (2, 2, members)), "hires": rng.uniform(1, 30, (2, members)),
        "quit_rate": rng.uniform(0.01, 0.6, (2, members)), "rising_time": rng.uniform(1, 4, members),
        "tenure_time": rng.uniform(0.5, 2, members),
    }  # fmt: skip
    _, whole = run(office(), OFFICE_UNITS, values, members=members, years=3.0)
    for chosen in (np.arange(1), np.arange(3, 11), rng.permutation(members)):
        some = {name: array[..., chosen] for name, array in values.items()}
        _, recording = run(office(), OFFICE_UNITS, some, members=len(chosen), years=3.0)
        for kind in ("edges", "periods"):
            for name, array in getattr(recording, kind).items():
                assert np.array_equal(array, getattr(whole, kind)[name][..., chosen]), name


def test_only_what_is_asked_for_is_recorded() -> None:
    graph = dry_run([emptying()], {name: u if isinstance(u, Number) else Number(u) for name, u in EMPTYING.items()})
    kernel = ArrayKernel(graph, ["leaving", "people"])
    fixed = {"first": np.ones((2, 1)), "trouble": np.ones(1), "leaving_rate": np.ones((2, 1))}
    recording = kernel.run(Inputs(1, fixed), Schedule(0.0, 0.25, 4, (0, 4)))
    assert list(recording.edges) == ["people"]
    assert list(recording.periods) == ["leaving"]
    assert recording.edges["people"].shape == (2, 2, 1)


def test_a_quantity_limited_by_a_shortest_time_never_falls_below_nothing() -> None:
    @auxiliary
    def pressed_share(people: People, first: People) -> Share:
        return ratio(people, first, 0)

    def leaving(wanted: PeoplePerYear, people: People, shortest_time: Years) -> PeoplePerYear:
        return minimum(wanted, people / shortest_time)

    declared = draining(leaving, pressed_share)
    units = {"first": "person", "wanted": "person/year", "shortest_time": "year"}
    _, recording = run(declared, units, {"first": 10.0, "wanted": 1e6, "shortest_time": 3 / 16}, years=5.0)
    assert recording.failures == []
    assert recording.edges["people"].min() >= 0.0
    assert recording.edges["pressed_share"][-1, 0] == pytest.approx(0.0, abs=1e-9)

"""The dry run: each kind of mistake in a model is found and told in words that lead to its mending."""

import math
import operator
from typing import Any

import numpy as np
import pytest

from vimach.dry_run import dry_run
from vimach.structure import (
    Chain,
    Cohorts,
    Curve,
    Dimension,
    Memory,
    Outside,
    Shadow,
    Stock,
    Tally,
    auxiliary,
    exp,
    flow,
    initial,
    lookup,
    minimum,
    part,
    ratio,
    total,
)
from vimach.units import Curve as CurveUnit
from vimach.units import Firms, People, PeoplePerYear, PerYear, Share, Years

from .small_models import TRACK, Number, named, problems

REGION = Dimension("region", ("north", "south"))
PEOPLE, RATE, TIME, SHARE = Number("person"), Number("person/year"), Number("year"), Number("1")


def one_stock(*functions: Any, dims: tuple[Dimension, ...] = (), **more: Any) -> dict[str, Any]:
    """A model with one empty stock of workers beside what is given."""
    dimensions = {dim.name.upper(): dim for dim in dims}
    return named(*functions, workers=Stock("person", *dims, starts_empty=True), **dimensions, **more)


def test_a_right_model_has_no_problems_and_an_ordered_graph() -> None:
    outside, workers = Outside("elsewhere"), Stock("person")

    @initial(workers)
    def workers_at_start(workers_2024: People) -> People:
        return workers_2024

    @flow(workers >> outside)
    def leaving(workers: People, career_time: Years) -> PeoplePerYear:
        """People who stop."""
        return workers / career_time

    declared = named(workers_at_start, leaving, workers=workers, outside=outside)
    graph = dry_run([declared], {"workers_2024": PEOPLE, "career_time": TIME})
    assert graph.variables["leaving"].meaning == "People who stop."
    assert graph.variables["leaving"].route == ("workers", "outside")
    assert graph.variables["leaving"].uses == ("workers", "career_time")
    assert all(argument.number < node.number for node in graph.nodes for argument in node.arguments)


# units


def test_an_operation_on_two_units_is_named_with_equation_and_line() -> None:
    @auxiliary
    def wrong(people: People, firms: Firms) -> People:
        return people + firms

    (found,) = problems(named(wrong), people=PEOPLE, firms=Number("firm"))
    line = wrong.__code__.co_firstlineno
    assert found.endswith(f"test_dry_run.py:{line}: wrong: add of person and firm")


def test_a_number_with_a_meaning_of_its_own_cannot_stand_beside_a_unit() -> None:
    @auxiliary
    def wrong(people: People) -> People:
        return people + 5

    @auxiliary
    def right(people: People) -> People:
        return minimum(0, people) + people * 5

    (found,) = problems(named(wrong, right), people=PEOPLE)
    assert "wrong: add of person and 1" in found


def test_an_annotation_that_is_not_the_unit_which_arrives() -> None:
    @auxiliary
    def wrong(people: Firms, career_time: Years) -> People:
        return people / career_time

    found = problems(named(wrong), people=PEOPLE, career_time=TIME)
    assert any(text.endswith("wrong: argument people is annotated firm but is person") for text in found)
    assert any(text.endswith("wrong: result is annotated person but is person/year") for text in found)


def test_a_missing_annotation() -> None:
    @auxiliary
    def wrong(people):  # type: ignore[no-untyped-def]
        return people

    found = problems(named(wrong), people=PEOPLE)
    assert any("wrong: argument people has no unit annotation" in text for text in found)
    assert any("wrong: result has no unit annotation" in text for text in found)


def test_an_annotation_with_a_unit_that_does_not_exist_is_a_problem_of_the_equation() -> None:
    @auxiliary
    def wrong(people: CurveUnit) -> People:
        return people

    (found,) = problems(named(wrong), people=PEOPLE)
    assert "wrong: argument people is annotated with an unknown unit 'curve'" in found


def test_exp_of_a_unit() -> None:
    @auxiliary
    def wrong(people: People) -> Share:
        return exp(people)

    (found,) = problems(named(wrong), people=PEOPLE)
    assert "exp of a quantity in person" in found


def test_ratio_with_an_alternative_in_another_unit() -> None:
    @auxiliary
    def wrong(people: People, firms: Firms) -> Any:
        return ratio(people, firms, 1)

    found = problems(named(wrong), people=PEOPLE, firms=Number("firm"))
    assert any("add of person and firm" in text for text in found)


# the words of an equation


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne])
def test_comparisons_are_refused(compare: Any) -> None:
    @auxiliary
    def wrong(a: People, b: People) -> People:
        return a * compare(a, b)

    (found,) = problems(named(wrong), a=PEOPLE, b=PEOPLE)
    assert "wrong: a comparison of values; use minimum and maximum instead" in found


def test_branches_are_refused() -> None:
    @auxiliary
    def wrong(a: People, b: People) -> People:
        return a if a else b

    (found,) = problems(named(wrong), a=PEOPLE, b=PEOPLE)
    assert "a comparison or branch on a value" in found


def test_the_operator_for_powers_is_refused() -> None:
    @auxiliary
    def wrong(share: Share) -> Share:
        return share**2

    (found,) = problems(named(wrong), share=SHARE)
    assert "`**` is not a word of an equation; use power(x, y)" in found


@pytest.mark.parametrize("foreign", [math.exp, np.exp, abs, lambda share: share[0]])
def test_words_of_other_libraries_are_a_problem_of_the_equation(foreign: Any) -> None:
    @auxiliary
    def wrong(share: Share) -> Share:
        return foreign(share)

    (found,) = problems(named(wrong), share=SHARE)
    assert "wrong: cannot be traced: " in found
    assert found.endswith("use the words of an equation")


def test_lookup_wants_a_curve() -> None:
    @auxiliary
    def wrong(share: Share, table: Share) -> Share:
        return lookup(share, table)

    @auxiliary
    def right(share: Share, curve: CurveUnit) -> Share:
        return lookup(share, curve)

    curve = Number("1", curve=Curve((0.0, 1.0), (1.0, 2.0)))
    (found,) = problems(named(wrong, right), share=SHARE, table=SHARE, curve=curve)
    assert "lookup needs a curve" in found


def test_total_and_part_want_a_dimension_that_is_there() -> None:
    @auxiliary
    def summed(workers: People) -> People:
        return total(workers, REGION)

    @auxiliary
    def picked(workers: People) -> People:
        return part(workers, REGION, "north")

    @auxiliary
    def misspelt(workers: People) -> People:
        return total(workers, "trak")

    found = problems(one_stock(summed, picked, misspelt, dims=(TRACK,), REGION=REGION))
    assert len(found) == 3
    assert "total over region, which the value does not have" in found[0]
    assert "a part by region, which the value does not have" in found[1]
    assert "no dimension is called 'trak'" in found[2]


# names


def test_an_unknown_name_gets_the_nearest_one() -> None:
    @auxiliary
    def wrong(workers: People, carreer_time: Years) -> PeoplePerYear:
        return workers / carreer_time

    found = problems(one_stock(wrong), career_time=TIME)
    asked = "carreer_time: wrong asks for a name that nobody declares; did you mean 'career_time'?"
    assert any(text.endswith(asked) for text in found)
    assert any("career_time: no equation reads this parameter" in text for text in found)


def test_a_place_outside_has_no_value() -> None:
    @auxiliary
    def wrong(abroad: People) -> People:
        return abroad

    (found,) = problems(named(wrong, abroad=Outside("abroad")))
    assert "wrong: argument abroad: is a place outside the model" in found


def test_a_name_declared_twice_is_told_with_both_places() -> None:
    @auxiliary
    def doubled(share: Share) -> Share:
        return share

    first = doubled

    @auxiliary
    def doubled(share: Share) -> Share:
        return share * 2

    found = problems([named(first), named(doubled)], share=SHARE)
    lines = [function.__code__.co_firstlineno for function in (first, doubled)]
    (twice,) = (text for text in found if "declared twice" in text)
    assert all(f"test_dry_run.py:{line}" in twice for line in lines)


def test_a_parameter_with_the_name_of_an_equation_is_told_with_both_places() -> None:
    @auxiliary
    def doubled(share: Share) -> Share:
        return share

    (found,) = problems(named(doubled), share=SHARE, doubled=SHARE)
    assert found.startswith("doubled: declared twice, in the parameters and in ")
    assert found.endswith(f"test_dry_run.py:{doubled.__code__.co_firstlineno}")


def test_names_that_the_engine_supplies_are_taken() -> None:
    students = Cohorts("person", years=2, starts_empty=True)

    @auxiliary
    def students_finishing(share: Share) -> Share:
        return share

    @auxiliary
    def calendar(share: Share) -> Share:
        return share

    found = problems(named(students_finishing, calendar, students=students), share=SHARE)
    assert any(text.startswith("students_finishing: supplied by students") for text in found)
    assert any(text.startswith("calendar: this name is the engine's own") for text in found)


def test_one_place_under_two_names() -> None:
    workers = Stock("person", starts_empty=True)
    (found,) = problems({"workers": workers, "staff": workers})
    assert found == "staff: is the same place as workers; a place has one name"


def test_two_dimensions_of_one_name() -> None:
    (found,) = problems({"A": Dimension("track", ("design",)), "B": Dimension("track", ("atp",))})
    assert "dimension track is declared twice with other labels" in found


def test_a_parameter_that_nobody_reads() -> None:
    (found,) = problems(one_stock(), idle_rate=RATE)
    assert found == "idle_rate: no equation reads this parameter"


def test_a_parameter_with_an_unknown_dimension() -> None:
    @auxiliary
    def mine(share: Share) -> Share:
        return share

    (found,) = problems(one_stock(mine, dims=(TRACK,)), share=Number("1", ("trak",)))
    assert found == "share: unknown dimension 'trak'; did you mean 'track'?"


def test_a_cycle_is_told_with_all_its_members() -> None:
    @auxiliary
    def wages(prices: Share) -> Share:
        return prices

    @auxiliary
    def prices(demand: Share) -> Share:
        return demand

    @auxiliary
    def demand(wages: Share, calm: Share) -> Share:
        return wages + calm

    @auxiliary
    def above(wages: Share) -> Share:
        return wages

    (found,) = problems(named(wages, prices, demand, above), calm=SHARE)
    assert found == "wages: a cycle without a stock in it: wages <- prices <- demand <- wages"


def test_a_tally_that_feeds_its_own_flow_is_a_cycle_of_names_but_a_memory_is_none() -> None:
    @auxiliary
    def hoped(belief: Share, share: Share) -> Share:
        return belief * share

    belief = Memory(of="hoped", over="wait_time", initial="share")
    assert problems(named(hoped, belief=belief), share=SHARE, wait_time=TIME) == []


# flows


def test_a_flow_without_a_dimension_of_an_end() -> None:
    outside, workers = Outside("elsewhere"), Stock("person", TRACK, starts_empty=True)

    @flow(outside >> workers)
    def entering(hires: PeoplePerYear) -> PeoplePerYear:
        return hires

    @flow(workers >> outside)
    def leaving(hires: PeoplePerYear) -> PeoplePerYear:
        return hires

    found = problems(named(entering, leaving, TRACK=TRACK, workers=workers, outside=outside), hires=RATE)
    assert "entering: enters workers without its dimension track" in found[0]
    assert "leaving: leaves workers without its dimension track" in found[1]


def test_a_flow_that_carries_a_dimension_which_its_end_fixes() -> None:
    outside, workers = Outside("elsewhere"), Stock("person", TRACK, starts_empty=True)
    design, atp = workers.by(TRACK)

    @flow(design >> outside)
    def leaving(workers: People, career_time: Years) -> PeoplePerYear:
        return workers / career_time

    @flow(outside >> atp)
    def entering(workers: People, career_time: Years) -> PeoplePerYear:
        return workers / career_time

    places = {"TRACK": TRACK, "workers": workers, "design": design, "atp": atp, "outside": outside}
    found = problems(named(leaving, entering, **places), career_time=TIME)
    assert "leaving: leaves one label of track, but carries all of them" in found[0]
    assert "entering: enters one label of track, but carries all of them" in found[1]


def test_a_flow_that_is_not_a_rate() -> None:
    outside, workers = Outside("elsewhere"), Stock("person", starts_empty=True)

    @flow(outside >> workers)
    def entering(people: People) -> People:
        return people

    (found,) = problems(named(entering, workers=workers, outside=outside), people=PEOPLE)
    assert "entering: flows person, but workers needs person/year" in found


def test_a_flow_between_places_counted_in_different_units() -> None:
    workers, firms = Stock("person", starts_empty=True), Stock("firm", starts_empty=True)

    @flow(workers >> firms)
    def founding(hires: PeoplePerYear) -> PeoplePerYear:
        return hires

    (found,) = problems(named(founding, workers=workers, firms=firms), hires=RATE)
    assert "founding: joins places counted in firm and person; a flow carries one unit" in found


def test_a_flow_from_outside_to_outside() -> None:
    here, there = Outside("here"), Outside("there")

    @flow(here >> there)
    def passing(hires: PeoplePerYear) -> PeoplePerYear:
        return hires

    (found,) = problems(named(passing, here=here, there=there), hires=RATE)
    assert "passing: leads from outside to outside" in found


def test_a_flow_to_a_stock_that_no_module_declares() -> None:
    outside = Outside("elsewhere")

    @flow(outside >> Stock("person"))
    def entering(hires: PeoplePerYear) -> PeoplePerYear:
        return hires

    (found,) = problems(named(entering, outside=outside), hires=RATE)
    assert "entering: needs a place that no module declares" in found


# starts, memories, delays


def test_a_start_that_is_missing_partial_double_or_of_other_shape() -> None:
    bare, half, twice, odd = (Stock("person", TRACK) for _ in range(4))

    @initial(half.by(TRACK)[0])
    def half_start(people: People) -> People:
        return people

    @initial(twice)
    def twice_start(by_track: People) -> People:
        return by_track

    @initial(twice.by(TRACK)[1])
    def again_start(people: People) -> People:
        return people

    @initial(odd)
    def odd_start(share: Share) -> Share:
        return share

    declared = named(half_start, twice_start, again_start, odd_start, bare=bare, half=half, twice=twice, odd=odd)
    found = problems({**declared, "TRACK": TRACK}, people=PEOPLE, share=SHARE, by_track=Number("person", ("track",)))
    assert any("odd_start: starts odd (person by ['track']) with 1 by []" in text for text in found)
    assert "bare: the start gives 0 of its 2 cells; write @initial or starts_empty=True" in found
    assert "half: the start gives 1 of its 2 cells; write @initial or starts_empty=True" in found
    assert "twice: the start gives some of its cells twice" in found


def test_starts_that_wait_for_one_another() -> None:
    first, second = Stock("person"), Stock("person")

    @initial(first)
    def first_start(second: People) -> People:
        return second

    @initial(second)
    def second_start(first: People) -> People:
        return first

    (found,) = problems(named(first_start, second_start, first=first, second=second))
    assert found == "starts wait for one another: first, second"


def test_a_memory_with_other_dimensions_or_units_than_what_it_follows() -> None:
    @auxiliary
    def by_track(shares: Share) -> Share:
        return shares

    declared = named(
        by_track, TRACK=TRACK,
        flat=Memory(of="by_track", over="wait_time", initial="share"),
        people=Memory(TRACK, of="by_track", over="wait_time", initial="person_start"),
    )  # fmt: skip
    numbers = {"shares": Number("1", ("track",)), "share": SHARE, "wait_time": TIME, "person_start": PEOPLE}
    flat, people = problems(declared, **numbers)
    assert flat == "flat: memory flat is 1 by [], but by_track is 1 by ['track']"
    assert people == "people: memory people is person by ['track'], but by_track is 1 by ['track']"


def test_a_memory_that_starts_with_more_dimensions_than_it_has() -> None:
    @auxiliary
    def followed(share: Share) -> Share:
        return share

    belief = Memory(of="followed", over="wait_time", initial="shares")
    numbers = {"shares": Number("1", ("track",)), "share": SHARE, "wait_time": TIME}
    (found,) = problems(named(followed, belief=belief, TRACK=TRACK), **numbers)
    assert found == "belief: starts with shares, which has the dimension track"


@pytest.mark.parametrize(("unit", "word"), [("1/year", "is in 1/year, not in year"), ("person", "is in person")])
def test_a_delay_time_that_is_not_in_years(unit: str, word: str) -> None:
    outside, queue = Outside("elsewhere"), Chain("person", through="wait", stages=2, starts_empty=True)

    @auxiliary
    def followed(share: Share) -> Share:
        return share

    belief = Memory(of="followed", over="wait", initial="share")
    declared = named(followed, belief=belief, queue=queue, outside=outside)
    found = problems(declared, share=SHARE, wait=Number(unit))
    assert any(text.startswith("belief: its delay time wait " + word) for text in found)
    assert any("its delay time wait " + word in text and "queue" in text for text in found)


def test_a_delay_time_that_depends_on_a_stock() -> None:
    workers = Stock("person", starts_empty=True)

    @auxiliary
    def wait(workers: People, hires: PeoplePerYear) -> Years:
        return workers / hires

    @auxiliary
    def followed(share: Share) -> Share:
        return share

    belief = Memory(of="followed", over="wait", initial="share")
    (found,) = problems(named(wait, followed, belief=belief, workers=workers), hires=RATE, share=SHARE)
    assert found == "belief: its delay time wait must not depend on a stock or on time"


def test_a_tally_since_something_that_is_no_date() -> None:
    outside, workers = Outside("elsewhere"), Stock("person", starts_empty=True)

    @flow(outside >> workers)
    def entering(hires: PeoplePerYear) -> PeoplePerYear:
        return hires

    tally = Tally(of="entering", since="share")
    (found,) = problems(named(entering, workers=workers, outside=outside, counted=tally), hires=RATE, share=SHARE)
    assert found == "counted: counts since share, which is not one date in years"


def test_a_shadow_of_a_stock_that_no_module_declares() -> None:
    (found,) = problems({"TRACK": TRACK, "shadow": Shadow(of=Stock("person"), by=TRACK, through="wait")}, wait=TIME)
    assert found == "shadow: needs a place that no module declares"


# all at once


def test_problems_of_every_kind_come_together() -> None:
    outside, workers = Outside("elsewhere"), Stock("person", TRACK)

    @auxiliary
    def adds(workers: People, firms: Firms) -> People:
        return workers + firms

    @auxiliary
    def turns(turns: Share) -> Share:
        return turns

    @flow(outside >> workers)
    def entering(hires: PeoplePerYear) -> PeoplePerYear:
        return hires

    @flow(workers >> outside)
    def leaving(workers: People, leaving_rat: PerYear) -> PeoplePerYear:
        return workers * leaving_rat

    numbers = {"firms": Number("firm"), "hires": RATE, "leaving_rate": Number("1/year")}
    found = "\n".join(problems(named(adds, turns, entering, leaving, TRACK=TRACK, workers=workers), **numbers))
    for text in (
        "add of person and firm", "turns <- turns", "enters workers without its dimension track",
        "the start gives 0 of its 2 cells", "leaving_rat: leaving asks for a name", "did you mean 'leaving_rate'?",
        "leaving_rate: no equation reads this parameter",
    ):  # fmt: skip
        assert text in found
    assert len(found.splitlines()) == 6

"""Explanations: needs, users, loops and limits on names, and an explanation for every name of the model."""

from itertools import pairwise

import pytest

from vimach.errors import BadInput
from vimach.explain import explain
from vimach.names import Names, body, minima
from vimach.parameters.table import read_targets
from vimach.sectors import MODULES
from vimach.simulate import Model
from vimach.structure import minimum


@pytest.fixture(scope="module")
def names(model: Model) -> Names:
    return Names(model.graph, MODULES)


def seats(wanted: float, money: float, price: float, halls: float) -> float:
    """Not told."""
    paid = money / price
    return minimum(wanted, paid, 2 * halls) + 1


def test_minima_spell_out_an_equations_own_short_names() -> None:
    assert list(minima(seats, {"money"})) == [("wanted", "money / price", "2 * halls")]
    assert list(minima(seats, {"nothing"})) == []


def test_the_text_of_an_equation_is_its_statements() -> None:
    assert body(seats) == "paid = money / price\nreturn minimum(wanted, paid, 2 * halls) + 1"


def test_a_part_is_changed_by_its_own_flows_only(names: Names) -> None:
    assert "becoming_independent" in names.needs["novices"]
    assert "becoming_lead" not in names.needs["novices"]
    assert "becoming_lead" in names.needs["engineers"]


def test_a_number_that_gives_a_start_is_used_by_its_stock(names: Names) -> None:
    assert names.users["engineers_2015"] == ("engineers",)


def test_loops_start_and_end_at_the_name_and_follow_who_needs_whom(names: Names) -> None:
    loops = names.loops("placement_share")
    assert loops
    assert sorted(loops, key=len) == loops
    for loop in loops:
        assert loop[0] == loop[-1] == "placement_share"
        assert all(earlier in names.needs[later] for earlier, later in pairwise(loop))
        assert set(loop) & (set(names.graph.states) | set(names.graph.by_kind("part")))


def test_what_nothing_feeds_has_no_loop(names: Names) -> None:
    assert names.loops("trained_cumulative") == []


def test_limits_name_the_competing_terms(names: Names) -> None:
    terms = (
        "(lecturer_seats + us_faculty_seats) * students_region_share * funded_share",
        "lecturers / shortest_training_time",
    )
    assert ("training_lecturers", terms) in names.limits("lecturers_trained_a_year")


def test_places_and_equations_are_found_in_their_files(names: Names) -> None:
    assert names.place("novices").startswith("vimach/sectors/places.py:")
    assert names.place("quitting").startswith("vimach/sectors/workforce.py:")
    assert names.equation("bachelor_students_finishing").startswith("last year of bachelor_students")
    assert "laboratory_building_time" in names.needs["laboratories_building_finishing"]


def test_every_name_can_be_explained(model: Model, names: Names) -> None:
    targets = read_targets()
    for name in (*model.table, *model.graph.variables, *(target.name for target in targets)):
        facts = explain(name, model, targets, {}, names)
        assert facts["name"] == name
        assert all(facts.values())


def test_an_unknown_name_gets_the_nearest(model: Model, names: Names) -> None:
    with pytest.raises(BadInput, match="did you mean 'quitting'"):
        explain("quiting", model, (), {}, names)

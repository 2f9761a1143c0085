"""Variables held in a member at what they are in another: whoever reads them there sees no difference."""

from collections.abc import Mapping

import numpy as np
import pytest

from vimach.dry_run import dry_run
from vimach.graph import Graph
from vimach.kernels.array import Array, ArrayKernel, Inputs, Schedule
from vimach.structure import Outside, Stock, auxiliary, flow, initial, part, total
from vimach.units import People, PeoplePerYear, PerYear

from .small_models import TRACK, Number, named

SCHEDULE = Schedule(2024.0, 1 / 16, 16, (0, 8, 16))
RATES = np.array([0.1, 0.4, 0.4])


def graph() -> Graph:
    """Engineers who quit, and those who notice that design engineers are few."""
    engineers, elsewhere = Stock("person", TRACK), Outside("elsewhere")

    @initial(engineers)
    def engineers_at_start(at_start: People) -> People:
        return at_start * 1

    @flow(engineers >> elsewhere)
    def quitting(engineers: People, quit_rate: PerYear) -> PeoplePerYear:
        return engineers * quit_rate

    @auxiliary
    def design_engineers(engineers: People) -> People:
        return part(engineers, TRACK, "design")

    @auxiliary
    def employed(engineers: People) -> People:
        return total(engineers, TRACK)

    declared = named(engineers_at_start, quitting, design_engineers, employed, engineers=engineers, elsewhere=elsewhere)
    declared["TRACK"] = TRACK
    return dry_run([declared], {"at_start": Number("person", ("track",)), "quit_rate": Number("1/year")})


def run(held: Mapping[str, Mapping[int, int]]) -> dict[str, Array]:
    fixed = {"at_start": np.array([[100.0], [50.0]]), "quit_rate": RATES, "steps_per_year": np.array([16.0])}
    recording = ArrayKernel(graph()).run(Inputs(3, fixed, held=held), SCHEDULE)
    assert recording.failures == []
    return recording.edges | recording.periods


def test_what_is_held_is_as_in_the_other_member_and_so_is_all_that_follows() -> None:
    free, held = run({}), run({"quitting": {2: 0}})
    for name, values in held.items():
        assert np.array_equal(values[..., 2], values[..., 0]), name
        assert np.array_equal(values[..., :2], free[name][..., :2]), name
    assert not np.array_equal(free["employed"][..., 2], free["employed"][..., 0])


@pytest.mark.parametrize("name", ["engineers", "design_engineers", "quit_rate"])
def test_a_stock_a_part_or_a_parameter_is_held_for_its_readers_alone(name: str) -> None:
    free, held = run({}), run({name: {2: 0}})
    readers = {"engineers": ["engineers", "employed", "design_engineers"], "design_engineers": ["design_engineers"],
               "quit_rate": ["quitting", "engineers", "employed"]}[name]  # fmt: skip
    for reader in readers:
        assert np.array_equal(held[reader][..., 2], held[reader][..., 0]), reader
    if name == "design_engineers":
        assert np.array_equal(held["employed"], free["employed"])
    if name == "engineers":
        assert held["quitting"][..., 2] == pytest.approx(4.0 * held["quitting"][..., 0]), "by their own rate"


def test_holding_what_is_the_same_in_all_members_changes_nothing() -> None:
    free, held = run({}), run({"at_start": {1: 0, 2: 1}})
    assert all(np.array_equal(free[name], held[name]) for name in free)

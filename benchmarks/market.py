"""A labour market of any size: the same dozen equations for each of so many places, to see how a kernel scales."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vimach.dry_run import dry_run
from vimach.ensemble import calendar
from vimach.graph import Graph
from vimach.kernels.array import Inputs, Schedule
from vimach.structure import (
    Curve,
    Dimension,
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
    power,
    total,
)
from vimach.units import Curve as CurveText
from vimach.units import People, PeoplePerYear, PerYear, Ratio, Years


@dataclass(frozen=True)
class Number:
    """A parameter: its unit, its dimensions, a number or a curve."""

    unit: str
    value: float = 0.0
    dimensions: tuple[str, ...] = ()
    curve: Curve | None = None


NUMBERS: Mapping[str, Number] = {
    "first_seekers": Number("person", 300.0), "first_workers": Number("person", 4000.0),
    "belief_time": Number("year", 1.5), "first_belief": Number("1", 1.0), "room": Number("person", 5000.0),
    "elasticity": Number("1", 0.6), "base_intake": Number("person/year", 500.0), "growth": Number("1/year", 0.04),
    "start": Number("year", 2015.0), "search_time": Number("year", 0.5), "quit_rate": Number("1/year", 0.08),
    "pull": Number("1", curve=Curve((0.0, 0.5, 1.0, 1.5), (1.3, 1.1, 1.0, 0.8))),
}  # fmt: skip
BY_PLACE = ("first_seekers", "first_workers", "first_belief", "room", "base_intake")


def market(places: int) -> Graph:
    """The graph for so many places."""
    place = Dimension("place", tuple(f"place_{number}" for number in range(places)))
    outside, seekers, workers = Outside("elsewhere"), Stock("person", place), Stock("person", place)
    belief = Memory(place, of="pay", over="belief_time", initial="first_belief")

    @initial(seekers)
    def seekers_at_start(first_seekers: People) -> People:
        return first_seekers

    @initial(workers)
    def workers_at_start(first_workers: People) -> People:
        return first_workers

    @auxiliary
    def posts(room: People, calendar: Years, start: Years, growth: PerYear) -> People:
        return room * exp(growth * (calendar - start))

    @auxiliary
    def vacancies(posts: People, workers: People) -> People:
        return maximum(0, posts - workers)

    @auxiliary
    def pay(posts: People, workers: People, elasticity: Ratio) -> Ratio:
        return power(posts / workers, elasticity)

    @auxiliary
    def crowding(seekers: People, workers: People) -> Ratio:
        return total(seekers, place) / total(workers, place)

    @flow(outside >> seekers)
    def entering(base_intake: PeoplePerYear, crowding: Ratio, pull: CurveText, belief: Ratio) -> PeoplePerYear:
        return base_intake * lookup(crowding, pull) * belief

    @flow(seekers >> workers)
    def hiring(seekers: People, vacancies: People, search_time: Years) -> PeoplePerYear:
        return minimum(seekers, vacancies) / search_time

    @flow(workers >> outside)
    def quitting(workers: People, quit_rate: PerYear, belief: Ratio) -> PeoplePerYear:
        return workers * quit_rate / belief

    functions = (seekers_at_start, workers_at_start, posts, vacancies, pay, crowding, entering, hiring, quitting)
    declared = {"outside": outside, "seekers": seekers, "workers": workers, "belief": belief, "place": place}
    by_place = {name: Number(NUMBERS[name].unit, dimensions=("place",)) for name in BY_PLACE}
    return dry_run([declared | {each.__name__: each for each in functions}], {**NUMBERS, **by_place})


def given(places: int, members: int, schedule: Schedule) -> Inputs:
    """Inputs that differ by place and member."""
    spread = 1 + 0.2 * np.linspace(-1, 1, places)[:, None] * np.linspace(0.5, 1, members)
    fixed = {name: np.array([number.value]) for name, number in NUMBERS.items() if number.curve is None}
    fixed |= {name: fixed[name] * spread for name in BY_PLACE}
    return Inputs(members, {**fixed, "steps_per_year": np.array([1 / schedule.step])}, calendar(schedule))

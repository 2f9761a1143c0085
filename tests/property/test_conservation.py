"""People, firms, laboratories and dong: what comes in from outside, less what goes out, is what the stocks gain.

The lists below are written by hand from the pages of the sectors. They do not come from the graph, so a flow that
leaves one place and enters none, or that is routed to the wrong side of the border, is seen here.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import xarray as xr

from vimach.dry_run import dry_run
from vimach.scenario import Scenario
from vimach.sectors import MODULES, places
from vimach.simulate import Model, Settings, simulate
from vimach.structure import Stock


@dataclass(frozen=True)
class Books:
    """What is counted in one unit: the stocks, the flows from outside into them, the flows out of them."""

    stocks: tuple[str, ...]
    sources: tuple[str, ...]
    sinks: tuple[str, ...]


BOOKS = {
    "people": Books(
        stocks=(
            "bachelor_students", "late_students", "recent_graduates", "master_students", "doctoral_students",
            "lecturers", "trained_lecturers", "conversion_trainees", "centre_trainees", "intense_students",
            "intense_bonded", "intense_free_to_return", "job_seekers", "experienced_seekers", "juniors_moving",
            "engineers", "technicians", "engineers_abroad", "returned_seekers",
        ),
        sources=(
            "entering_dedicated", "entering_specialisation", "entering_related", "recruiting_lecturers",
            "entering_conversion", "entering_centres", "adjacent_engineers_applying", "hiring_technicians",
            "students_staying_abroad",
        ),
        sinks=(
            "dropping_out", "master_dropping_out", "doctors_elsewhere", "working_elsewhere",
            "returning_after_conversion", "returning_after_centre", "intense_elsewhere",
            "lecturers_retiring", "trained_lecturers_retiring", "giving_up", "experienced_giving_up", "quitting",
            "retiring", "technicians_quitting", "leaving_chips_abroad", "retiring_abroad", "returners_giving_up",
        ),
    ),
    "firms": Books(
        stocks=("design_firms",), sources=("entering_firms", "start_ups_from_research"), sinks=("closing_firms",)
    ),
    "laboratories": Books(
        stocks=("laboratories_in_appraisal", "laboratories_building", "laboratories_open"),
        sources=("submitting_laboratories",), sinks=(),
    ),
    "knowledge": Books(
        stocks=("research_underway", "research_knowledge"), sources=("beginning_research",), sinks=("knowledge_ageing",)
    ),
    "prototypes": Books(
        stocks=("prototypes",), sources=("making_prototypes",), sinks=("commercialising", "abandoning_prototypes")
    ),
    "dong": Books(
        stocks=("programme_funds", "fab_subsidies_paid"), sources=("allocating", "paying_fab_subsidy"),
        sinks=("disbursing", "lapsing"),
    ),
}  # fmt: skip


def national(data: xr.Dataset, names: tuple[str, ...], first: str) -> np.ndarray:
    """The sum of variables over everything but time and members, shape (time, member)."""
    summed = [data[name].sum([dim for dim in data[name].dims if dim not in (first, "member")]) for name in names]
    return np.asarray(sum(variable.transpose(first, "member").values for variable in summed))


def imbalance(data: xr.Dataset, books: Books) -> float:
    """The largest difference between what stocks gained and what crossed the border, relative to the stocks."""
    stock = national(data, books.stocks, "edge")
    crossed = national(data, books.sources, "period")
    crossed = crossed - (national(data, books.sinks, "period") if books.sinks else 0.0)
    return float(np.max(np.abs(np.diff(stock, axis=0) - crossed)) / np.max(np.abs(stock)))


def test_every_stock_of_the_map_is_in_one_of_the_books() -> None:
    listed = [stock for books in BOOKS.values() for stock in books.stocks]
    assert sorted(listed) == sorted(name for name, place in vars(places).items() if isinstance(place, Stock))


@pytest.mark.parametrize("run", ["central_run", "ensemble_run"])
@pytest.mark.parametrize("books", BOOKS)
def test_what_crosses_the_border_is_what_the_stocks_gain(books: str, run: str, request: pytest.FixtureRequest) -> None:
    assert imbalance(request.getfixturevalue(run), BOOKS[books]) < 1e-9


def faulty(model: Model, flow: str, sign: int) -> Model:
    """The built-in model traced anew, with one side of one flow left out of its stock."""
    graph = dry_run(MODULES, model.table)
    for state in graph.states.values():
        if state.kind == "stock":
            state.changes = [change for change in state.changes if (change.flow, change.sign) != (flow, sign)]
    return replace(model, graph=graph)


FAULTS = [
    ("people", "starting_work", +1), ("people", "graduating_late", -1), ("people", "entering_dedicated", +1),
    ("people", "entering_master", +1), ("firms", "new_firms_growing", -1),
    ("people", "emigrating", +1), ("people", "returning", -1),
    ("laboratories", "approving_laboratories", +1), ("knowledge", "finishing_research", +1),
    ("prototypes", "commercialising", -1), ("dong", "lapsing", -1),
]  # fmt: skip


@pytest.mark.parametrize(("books", "flow", "sign"), FAULTS)
def test_a_flow_that_is_booked_on_one_side_only_is_caught(
    model: Model, baseline_scenario: Scenario, books: str, flow: str, sign: int
) -> None:
    names = [name for one in BOOKS.values() for name in (*one.stocks, *one.sources, *one.sinks)]
    settings = Settings(members=0, start=2023, until=2028)
    sound = simulate(model, baseline_scenario, settings, records=names)
    wrong = simulate(faulty(model, flow, sign), baseline_scenario, settings, records=names)
    assert imbalance(sound, BOOKS[books]) < 1e-9
    assert imbalance(wrong, BOOKS[books]) > 1e-6


def test_each_flow_is_in_the_books_unless_both_its_ends_are_inside(model: Model) -> None:
    """The hand-written lists and the routes as declared: neither misses a flow that the other knows."""
    crossing = {name for books in BOOKS.values() for name in (*books.sources, *books.sinks)}
    outside = {
        name for name, variable in model.graph.by_kind("flow").items()
        if any(end not in model.graph.states and end not in model.graph.by_kind("part") for end in variable.route or ())
    }  # fmt: skip
    assert crossing == outside

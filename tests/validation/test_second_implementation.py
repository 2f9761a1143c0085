"""Workforce, labour market and design firms against a second implementation, written from the equation book alone.

Our exports come from our graph, and so does what other engines make of them; what all of these misread is seen only by
somebody who reads the book and writes the equations again. The members of all cases run side by side, once on our
engine and once on the other program, which is given what the other sectors did at each step.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from tests.property.faults import FAULTS

from vimach import simulate
from vimach.ensemble import CENTRAL, Block, inputs
from vimach.graph import Graph, Node
from vimach.kernels.array import ArrayKernel, Inputs, Schedule
from vimach.scenario import read_scenario

from . import second_implementation as second

SECTORS = ("workforce", "labour_market", "design_firms")
TOLERANCE = 1e-8  # of the largest |value| of each variable
SETTINGS = simulate.Settings(members=0)

CASES = {
    f"{scenario}, {side}": (scenario, f"juniors_bind={switch}")
    for scenario in ("baseline", "accelerated_funding", "glut")
    for switch, side in enumerate(("posts bind", "juniors bind"))
}
BLOCKS = (Block(SETTINGS.seed, CENTRAL, 1), Block(SETTINGS.seed, 3, 2))
MEMBERS = sum(block.count for block in BLOCKS)  # of each case: the central run and two drawn members

BUSY = "accelerated_funding, posts bind"  # a case in which almost every number matters
SILENT = {
    "novice_post_share_if_juniors_bind": "holds on the other side of the switch",
    "track_share_without_posts": "stands for 0/0, and there are posts",
    "engineers_per_firm_without_firms": "stands for 0/0, and there are firms",
}
"""What may change a little in that case without being seen."""


@dataclass(frozen=True)
class Runs:
    """What the other program is given, and what our engine says, by variable; the members of all cases in a row."""

    model: simulate.Model
    settings: simulate.Settings
    given: Mapping[str, xr.DataArray]
    ours: Mapping[str, np.ndarray]

    def theirs(self, given: Mapping[str, xr.DataArray]) -> dict[str, np.ndarray]:
        """The other program's results."""
        curves = {name: (p.curve.x, p.curve.y) for name, p in self.model.table.items() if p.curve}
        return second.run(given, curves, self.settings.start, self.settings.until - self.settings.start + 1)


def runs_of(
    model: simulate.Model, settings: simulate.Settings, cases: Sequence[tuple[str, str]], blocks: Sequence[Block]
) -> Runs:
    """One run for the results, and one with every step written down for what is read from other sectors."""
    graph, schedule = model.graph, settings.schedule()
    # one step more: stocks and shares are told at the end of the last year too, and some are made of flows
    every = Schedule(schedule.start, schedule.step, schedule.steps + 1, tuple(range(schedule.steps + 2)))
    fed = _side_by_side([
        inputs(model.table, graph.dimensions, read_scenario(name, model.table, model.labels, [setting]), block, every)
        for name, setting in cases
        for block in blocks
    ])  # fmt: skip
    varying = {name: values[: schedule.steps + 1] for name, values in fed.varying.items()}
    steps = ArrayKernel(graph, second.READ).run(fed, every)
    results = ArrayKernel(graph, _wanted(graph)).run(replace(fed, varying=varying), schedule)
    assert steps.failures == results.failures == []
    moving = {name: values[:-1] for name, values in steps.edges.items()}
    moving |= {name: values / schedule.step for name, values in steps.periods.items()} | varying
    names = (*second.READ, *second.PARAMETERS)
    given = {name: _labelled(graph, name, moving[name], "time") for name in names if name in moving}
    given |= {name: _labelled(graph, name, fed.fixed[name]) for name in names if name not in moving}
    known = {**results.edges, **results.periods}
    ours = {}
    for name in _wanted(graph):
        dims = " ".join(dim.name for dim in graph.variables[name].node.dims)
        ours[name] = second.arranged(_labelled(graph, name, _value(graph, name, known), "time"), dims)
    return Runs(model, settings, given, ours)


def _side_by_side(parts: Sequence[Inputs]) -> Inputs:
    """The members of all parts as those of one run; what varies in one part varies in all."""
    varying = {name: len(values) for part in parts for name, values in part.varying.items()}

    def joined(name: str) -> np.ndarray:
        arrays = []
        for part in parts:
            array = part.varying.get(name, part.fixed.get(name))
            if name in varying and name not in part.varying:
                array = np.broadcast_to(array, (varying[name], *array.shape))
            arrays.append(np.broadcast_to(array, (*array.shape[:-1], part.members)))
        return np.concatenate(arrays, axis=-1)

    return Inputs(
        sum(part.members for part in parts),
        {name: joined(name) for name in parts[0].fixed if name not in varying},
        {name: joined(name) for name in varying},
    )


def _own(graph: Graph) -> list[str]:
    """The variables of the three sectors, by the registry."""
    return [name for name, v in graph.variables.items() if v.sector in SECTORS and v.kind != "parameter"]


def _moved(graph: Graph) -> list[str]:
    """The states that one of these moves."""
    own = _own(graph)
    return [
        name for name, state in graph.states.items()
        if any(change.flow.rpartition(" following ")[2] in own for change in state.changes)
    ]  # fmt: skip


def _wanted(graph: Graph) -> list[str]:
    """What the other program must have: the sectors' variables, the states that they move, and parts of these."""
    moved = _moved(graph)
    parts = [name for name, v in graph.variables.items() if v.kind == "part" and _whole(v.node) in moved]
    return [*_own(graph), *moved, *parts]


def _whole(part: Node) -> str:
    """The state that a part is a part of."""
    return _whole(part.arguments[0]) if part.op == "pick" else str(part.payload)


def _value(graph: Graph, name: str, known: Mapping[str, np.ndarray]) -> np.ndarray:
    """A variable's values; a part's are taken from its state's."""

    def of(node: Node) -> np.ndarray:
        if node.op != "pick":
            return known[str(node.payload)]
        dimension, label = node.payload
        return np.take(of(node.arguments[0]), dimension.index(label), 1 + node.arguments[0].dims.index(dimension))

    return of(graph.variables[name].node) if graph.variables[name].kind == "part" else known[name]


def _labelled(graph: Graph, name: str, values: np.ndarray, *before: str) -> xr.DataArray:
    dims = graph.variables[name].node.dims
    labels = {dim.name: list(dim.labels) for dim in dims}
    return xr.DataArray(values, dims=[*before, *labels, "member"], coords=labels)


@cache
def all_runs() -> Runs:
    """Every case."""
    return runs_of(simulate.built_in(), SETTINGS, list(CASES.values()), BLOCKS)


@cache
def all_theirs() -> dict[str, np.ndarray]:
    """The other program on every case."""
    return all_runs().theirs(all_runs().given)


def distances(found: Mapping[str, np.ndarray], ours: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Of each variable, by member: the largest |difference| as a share of the largest |value|.

    KeyError if a variable is missing, ValueError if one has another shape or is not finite.
    """
    shares = {}
    for name, expected in ours.items():
        values, inside = found[name], tuple(range(expected.ndim - 1))
        if values.shape[:-1] != expected.shape[:-1]:
            raise ValueError(f"{name} has the shape {values.shape}, not {expected.shape}")
        if not (np.isfinite(values).all() and np.isfinite(expected).all()):
            raise ValueError(f"{name} is not finite")
        largest, difference = np.abs(expected).max(axis=inside), np.abs(values - expected).max(axis=inside)
        shares[name] = difference / np.where(largest == 0.0, 1.0, largest)
    return shares


def too_far(found: Mapping[str, np.ndarray], ours: Mapping[str, np.ndarray]) -> dict[str, float]:
    """The variables beyond the tolerance in some member."""
    return {name: float(s.max()) for name, s in distances(found, ours).items() if not (s <= TOLERANCE).all()}


def of_members(values: Mapping[str, np.ndarray], first: int, count: int = 1) -> dict[str, np.ndarray]:
    """The same of some members only."""
    return {name: array[..., first : first + count] for name, array in values.items()}


@pytest.mark.parametrize("case", CASES)
def test_the_two_agree_on_every_variable(case: str) -> None:
    members = list(CASES).index(case) * MEMBERS, MEMBERS
    assert too_far(of_members(all_theirs(), *members), of_members(all_runs().ours, *members)) == {}


def test_it_is_the_other_sectors_that_are_given() -> None:
    graph = simulate.built_in().graph
    assert not {*_own(graph), *_moved(graph)} & {*second.READ, *second.PARAMETERS}
    assert {graph.variables[name].kind for name in second.PARAMETERS} == {"parameter"}
    assert "parameter" not in {graph.variables[name].kind for name in second.READ}


def test_the_other_program_knows_nothing_of_ours() -> None:
    tree = ast.parse(Path(second.__file__).read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or "."] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }  # fmt: skip
    assert imported == {"collections", "types", "typing", "numpy", "xarray"}


def test_every_number_that_is_given_matters() -> None:
    """Each is one percent larger (or a hundredth, where it is 0) in a member of its own, and all but a few are seen."""
    names, member = [*second.READ, *second.PARAMETERS], list(CASES).index(BUSY) * MEMBERS
    given = {name: values[..., [member] * len(names)].copy() for name, values in all_runs().given.items()}
    for number, name in enumerate(names):
        own = given[name].values[..., number]
        own[...] = own * 1.01 if own.any() else 0.01
    shares = distances(all_runs().theirs(given), of_members(all_runs().ours, member))
    seen = np.any([share > TOLERANCE for share in shares.values()], axis=0)
    unseen = {name for name, one in zip(names, seen, strict=True) if not one}
    assert unseen == set(SILENT)


@pytest.mark.parametrize(
    "fault",
    ["hires_twice", "leavers_stay_counted", "base_date_forgotten", "hires_beyond_posts", "lateral_hires_beyond_posts",
     "posts_counted_twice", "quitters_replaced_twice", "senior_joiners_twice", "learning_too_fast",
     "pay_without_curve"],
)  # fmt: skip
def test_a_fault_in_our_equations_is_seen(fault: str) -> None:
    model = FAULTS[fault].model(simulate.built_in())
    runs = runs_of(model, replace(SETTINGS, until=SETTINGS.start), [CASES[BUSY]], BLOCKS[:1])
    assert too_far(runs.theirs(runs.given), runs.ours)


def test_the_comparison_finds_what_is_wrong() -> None:
    ours, found = of_members(all_runs().ours, 0), of_members(all_theirs(), 0)
    with pytest.raises(KeyError, match="vacancies"):
        too_far({name: values for name, values in found.items() if name != "vacancies"}, ours)
    with pytest.raises(ValueError, match="vacancies has the shape"):
        too_far({**found, "vacancies": found["vacancies"][1:]}, ours)
    with pytest.raises(ValueError, match="vacancies is not finite"):
        too_far({**found, "vacancies": found["vacancies"] * np.nan}, ours)
    assert list(too_far({**found, "vacancies": found["vacancies"] * (1 + 2e-8)}, ours)) == ["vacancies"]

"""A panel of other economies: the model's own equations of firms and engineers, on other economies' counts.

The functions are those of the sectors, traced into a small graph of their own; what other sectors would supply stands
at its neutral value. Every post is filled, since no series tells how many are not. So the panel tests how firms enter,
crowd and close and how teams grow, and nothing of schools, pay or policy.
"""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from vimach import units
from vimach.dry_run import dry_run
from vimach.graph import Graph
from vimach.kernels.array import Array, ArrayKernel, Inputs, Schedule
from vimach.sectors import design_firms, labour_market, places, workforce
from vimach.simulate import built_in
from vimach.structure import Curve, flow
from vimach.units import PeoplePerYear
from vimach_calibration.economies import Economy

STEP = 1 / 4
"""Years. A step four times as short moves the estimated rate of entry by two percent, far inside its interval."""

NEUTRAL = {
    "perceived_fill": 1.0, "pay_of_experienced": 1.0, "pay_of_novices": 1.0, "competing_demand_ratio": 1.0,
    "parents_entry_ratio": 1.0, "parents_hiring_ratio": 1.0, "home_demand_ratio": 1.0, "branch_entry_ratio": 1.0,
    "connector_entry_ratio": 1.0, "connector_mentoring_ratio": 1.0, "investment_climate_effect": 1.0,
    "research_knowledge_ratio": 1.0, "research_growth_ratio": 1.0, "retention_paid_share": 0.0,
    "emigrating": 0.0, "joining_faculty": 0.0, "growth_posts_of_atp": 0.0, "growth_posts_of_fab": 0.0,
}  # fmt: skip
"""What other sectors supply in the whole model: ratios at one, flows and effects at nothing."""

AT_START = (
    "design_firms_2015", "engineers_2015", "design_engineers_reference", "design_region_share", "work_region_share",
)  # fmt: skip
"""Set from an economy's first counts. The three regions get a third each, which is the same as having one region."""

_WORKFORCE = (
    "engineers_at_start", "mentors_available", "becoming_independent", "becoming_senior", "becoming_lead",
    "pay_by_experience", "quitting", "retiring", "replacement_demand",
)  # fmt: skip
_PLACES = (
    "design_firms", "new_firms", "growing_firms", "mature_firms", "engineers", "novices", "independents", "seniors",
    "leads", "investors", "closed", "schools", "other_sectors", "retirement", "REGION", "TRACK", "EXPERIENCE", "HOST",
    "FIRM_KIND", "FIRM_AGE",
)  # fmt: skip


@flow(places.schools >> places.novices)
def hiring(posts_opened: PeoplePerYear) -> PeoplePerYear:
    """Every post is filled, by novices: no economy counts the posts that stay open."""
    return posts_opened


@dataclass(frozen=True)
class _Number:
    """What the dry run asks of a parameter."""

    unit: str
    dimensions: tuple[str, ...]
    curve: Curve | None = None


@dataclass(frozen=True)
class Panel:
    """The small graph, and the value of each of its parameters in Vietnam, in the graph's order of dimensions."""

    graph: Graph
    central: Mapping[str, Array]

    @property
    def parameters(self) -> tuple[str, ...]:
        """What an economy may set or estimate."""
        return tuple(name for name in self.central if name not in (*NEUTRAL, *AT_START))


@cache
def panel() -> Panel:
    """The panel's graph; ModelError if the sectors have moved away from it."""
    model = built_in()
    equations = {name: getattr(workforce, name) for name in _WORKFORCE}
    equations |= {"posts_opened": labour_market.posts_opened, "hiring": hiring}
    home = {name: getattr(places, name) for name in _PLACES}
    functions = [*equations.values(), *(f for f in vars(design_firms).values() if hasattr(f, "vimach"))]
    declared = {*home, *(function.__name__ for function in functions)}
    asked = {name for function in functions for name in inspect.signature(function).parameters} - declared
    numbers, central = {}, {}
    for name in sorted(asked):
        node = model.graph.variables[name].node
        numbers[name] = _Number(units.text(node.unit), tuple(dim.name for dim in node.dims))
        shape = node.shape
        if name in NEUTRAL or name in AT_START:
            central[name] = np.full(shape, NEUTRAL.get(name, 1 / 3))
        else:
            parameter = model.table[name]
            order = [parameter.dimensions.index(dim.name) for dim in node.dims]
            central[name] = np.transpose(parameter.central(model.labels), order)
    return Panel(dry_run([home, design_firms, equations], numbers), central)


def simulated(
    economy: Economy, values: Mapping[str, Array], times: Sequence[float], scales: Mapping[str, Array]
) -> dict[str, Array]:
    """Each counted stock at `times`, shape (times, members), from `values` (members,) of the estimated parameters.

    The run starts at the economy's first counts, each divided by its `scales` (members,), the ratio of that count's
    scope to the newest. Without a count of engineers at the start each firm has `engineers_per_firm_without_firms`.
    A member that breaks is NaN.
    """
    small, members = panel(), len(next(iter(values.values())))
    start = economy.start
    fixed = {name: value[..., None] for name, value in small.central.items()}
    own = {name: np.array([value]) for name, value in economy.given.items()} | dict(values)
    for name, value in own.items():
        fixed[name] = fixed[name] * value if small.central[name].ndim else value
    first = {name: economy.of(name)[0].value / scales[name] for name in economy.counts if economy.starts_with(name)}
    firms = first.get("design_firms", np.zeros(members))
    people = first.get("engineers", firms * fixed["engineers_per_firm_without_firms"])
    fixed["design_firms_2015"], fixed["design_engineers_reference"] = firms, people
    fixed["engineers_2015"] = fixed["in_design"] * people
    last = int(np.floor((max(times) - start) / STEP)) + 1
    around = {int(np.floor((time - start) / STEP)) + side for time in times for side in (0, 1)}
    schedule = Schedule(start, STEP, last, tuple(sorted(around)))
    fixed["steps_per_year"] = np.array([1 / STEP])
    recording = ArrayKernel(small.graph, economy.counts).run(Inputs(members, fixed), schedule)
    found, kept = {}, schedule.times[list(schedule.edges)]
    for name in economy.counts:
        levels = recording.edges[name]
        levels = levels.sum(axis=tuple(range(1, levels.ndim - 1)))
        levels[:, [failure.member for failure in recording.failures]] = np.nan
        found[name] = np.stack([np.interp(times, kept, levels[:, m]) for m in range(members)], axis=1)
    return found

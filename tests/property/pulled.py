"""Levers pulled alone, each as a member of one run beside the runs that they are held against."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from vimach.analysis.levers import Pull
from vimach.analysis.proving import side_by_side
from vimach.analysis.statements import read_checklist
from vimach.ensemble import CENTRAL, Block, inputs
from vimach.kernels.array import Array, ArrayKernel, Inputs, Schedule
from vimach.parameters.table import Move, Parameter
from vimach.scenario import Scenario, known_scenarios, read_scenario
from vimach.simulate import Model

BASELINE = "baseline"
YEARS = range(2015, 2036)
SCHEDULE = Schedule(2015.0, 1 / 16, 16 * len(YEARS) - 1, (0, *range(15, 16 * len(YEARS), 16)))
"""Edges stand a sixteenth before the end of each year, so that what begins on 1 January is not seen in the old year."""

FELT, UNSAID = 1e-3, 2e-3
"""A difference is felt from a thousandth of what the output is otherwise. What no statement says it moves stays below
two thousandths, so that statements need not change with every small change of a number."""

HEADLINES = (
    "trained_cumulative", "employed_in_sector", "design_firms_active", "atp_plants_operating", "programme_cost",
)  # fmt: skip
"""Outputs that no lever moves without saying so."""

Case = tuple[str, str]
"""A scenario and the lever that is pulled upon it."""


@dataclass(frozen=True)
class Effect:
    """What an output is without a lever, and what the lever adds, by year; national."""

    without: Array
    added: Array

    def felt(self, share: float = FELT) -> Array:
        """By year, +1 or -1 where the difference is felt, else 0."""
        enough = (np.abs(self.added) >= share * np.abs(self.without)) & (self.added != 0.0)
        return np.where(enough, np.sign(self.added), 0.0)

    def turns(self) -> list[tuple[int, str]]:
        """The years in which it is first felt in one direction, and later in the other."""
        signs = [(year, sign) for year, sign in zip(YEARS, self.felt(), strict=True) if sign]
        first = signs[:1] + [later for earlier, later in pairwise(signs) if earlier[1] != later[1]]
        return [(year, "up" if sign > 0 else "down") for year, sign in first]

    def statements(self, output: str, at: str) -> list[str]:
        """What the lever does to an output, in the words of its YAML."""
        return [f"{{output: {output}, direction: {way}, from: {year}, at: {at}}}" for year, way in self.turns()]


def central(model: Model, scenario: Scenario, pull: Pull | None = None) -> Inputs:
    """The inputs of the central run of a scenario, with a lever pulled upon it."""
    more = pull.overrides if pull else ()
    pulled = replace(scenario, overrides=(*scenario.overrides, *more))
    return inputs(model.table, model.graph.dimensions, pulled, Block(0, CENTRAL, 1), SCHEDULE)


def recorded(model: Model, given: Sequence[Inputs], held: Mapping[str, Mapping[int, int]]) -> dict[str, Array]:
    """Every variable of runs side by side, shape (year, cell, run); some hold variables at their values in others."""
    recording = ArrayKernel(model.graph).run(replace(side_by_side(given), held=held), SCHEDULE)
    assert recording.failures == []
    at_ends = {name: values[1:] for name, values in recording.edges.items()}
    both = at_ends | recording.periods
    return {name: values.reshape(len(YEARS), -1, len(given)) for name, values in both.items()}


def effects(
    model: Model, scenarios: Mapping[str, Scenario], pulled: Mapping[str, Pull], cases: Sequence[Case]
) -> dict[Case, dict[str, Effect]]:
    """What every lever adds to every variable in the cases, all in one run."""
    bases = list(dict.fromkeys(scenario for scenario, _ in cases))
    given = [central(model, scenarios[name]) for name in bases]
    given += [central(model, scenarios[name], pulled[lever]) for name, lever in cases]
    totals = {name: values.sum(axis=1) for name, values in recorded(model, given, {}).items()}
    return {
        case: {
            name: Effect(values[:, bases.index(case[0])], values[:, member] - values[:, bases.index(case[0])])
            for name, values in totals.items()
        }
        for member, case in enumerate(cases, len(bases))
    }


@dataclass(frozen=True)
class Hold:
    """A limit that holds a lever at baseline, and a regime in which it does not."""

    limit: str
    lever: str
    regime: str


def lifted(
    model: Model, scenarios: Mapping[str, Scenario], pulled: Mapping[str, Pull], holds: Sequence[Hold]
) -> dict[Hold, dict[str, Effect]]:
    """What levers add at baseline once the limit that holds them is as it is in their regime, and nothing else is."""
    baseline, given = scenarios[BASELINE], list[Inputs]()
    read: dict[str, dict[int, int]] = {}
    for hold in holds:
        regime, without, with_lever = range(len(given), len(given) + 3)
        read.setdefault(hold.limit, {}).update({without: regime, with_lever: regime})
        given.append(central(model, scenarios[hold.regime]))
        given += [central(model, baseline), central(model, baseline, pulled[hold.lever])]
    totals = {name: values.sum(axis=1) for name, values in recorded(model, given, read).items()}
    return {
        hold: {name: Effect(values[:, n + 1], values[:, n + 2] - values[:, n + 1]) for name, values in totals.items()}
        for hold, n in zip(holds, range(0, len(given), 3), strict=True)
    }


def moves_of(lever: Parameter) -> tuple[Move, ...]:
    """What a lever's YAML says that it moves."""
    assert lever.lever is not None
    return lever.lever.moves


def settings(lever: Parameter) -> list[str]:
    """The scenarios in which a lever's YAML says what it moves."""
    return list(dict.fromkeys(move.at for move in moves_of(lever)))


def spoken_of(lever: Parameter) -> list[str]:
    """The outputs that a lever's YAML names."""
    return list(dict.fromkeys(move.output for move in moves_of(lever)))


def scenarios_of(model: Model, names: Iterable[str]) -> dict[str, Scenario]:
    """Scenarios by name: built-in ones, and regimes of the checklist; KeyError names one that is neither."""
    regimes = read_checklist(model).scenarios
    built = known_scenarios()
    return {n: read_scenario(n, model.table, model.labels) if n in built else regimes[n] for n in dict.fromkeys(names)}

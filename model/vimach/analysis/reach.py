"""Reach: the smallest change of levers by which a target is reached with a wanted probability, or why there is none.

All allowed levers are first moved to the end of their range. Levers compete for money, so those without which the
target comes nearer are left out. If that is not enough, the target is not reached, and the year in which it would be is
told. Otherwise more levers are left out one by one, the weakest first, and those that remain are turned back as far as
they can be. So no lever of the answer can be left out or moved less; another answer may exist.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import xarray as xr

from vimach.analysis.cost import STATE, WHOLE, spent_until
from vimach.analysis.doses import Dial, pulled
from vimach.analysis.lever_groups import by_others
from vimach.analysis.targets import INTERVAL, at, headline, probability_at, quantiles
from vimach.analysis.variants import Run, with_more
from vimach.errors import BadInput, Problem, nearest
from vimach.parameters.table import ParameterTable, Target
from vimach.scenario import Scenario

COSTS: Final = (STATE, WHOLE)
HALVINGS: Final = 5
"""Halvings of a dose: it is found to a thirty-second of the way."""
ALREADY, REACHABLE, NOT_REACHABLE = "reached already", "reachable", "not reachable"

Outcome: TypeAlias = tuple[float, float]
"""The probability of the target, and the mean of its variable, which tells two that are equal apart."""
Trial: TypeAlias = Callable[[Mapping[str, float]], Outcome]
"""What doses of levers, by name, lead to."""


@dataclass(frozen=True)
class Search:
    """What a search found: a verdict, the doses and probability of the answer, and the best probability there is."""

    verdict: str
    doses: Mapping[str, float]
    probability: float
    before: float
    best: float


@dataclass(frozen=True)
class Cost:
    """Extra cost up to the target's date, VND of PRICE_YEAR: 10 % quantile, median and 90 % quantile over members.

    As spent; `discounted` is the median of the same, each year's money discounted to PRESENT.
    """

    name: str
    low: float
    median: float
    high: float
    discounted: float


@dataclass(frozen=True)
class Answer:
    """The answer to a question of reach.

    `earliest` is the calendar year at whose end all levers together reach the target with the wanted probability; None
    if the run ends before. It is told only where the target cannot be reached by its date. `attrs` are those of the
    runs, as of every table of analysis.
    """

    search: Search
    settings: Mapping[str, float]
    costs: Sequence[Cost] = field(default=())
    earliest: int | None = None
    attrs: Mapping[str, object] = field(default_factory=dict)


def search(levers: Sequence[str], wanted: float, trial: Trial) -> Search:
    """The smallest doses, each between 0 and 1, at which the probability is at least `wanted`."""
    before = trial({})
    if before[0] >= wanted:
        return Search(ALREADY, {}, before[0], before[0], before[0])
    alone = {lever: trial({lever: 1.0}) for lever in levers}
    weakest_first = sorted(levers, key=lambda lever: alone[lever])
    doses = dict.fromkeys(levers, 1.0)
    best = trial(doses)
    for lever in weakest_first:
        fewer = {name: dose for name, dose in doses.items() if name != lever}
        outcome = trial(fewer)
        if outcome[0] >= wanted or outcome >= best:
            doses, best = fewer, outcome
    if best[0] < wanted:
        return Search(NOT_REACHABLE, doses, best[0], before[0], best[0])
    highest = best[0]
    for lever in [each for each in weakest_first if each in doses]:
        low, high = 0.0, doses[lever]
        for _ in range(HALVINGS):
            between = (low + high) / 2.0
            low, high = (low, between) if trial(doses | {lever: between})[0] >= wanted else (between, high)
        doses[lever] = high
    return Search(REACHABLE, doses, trial(doses)[0], before[0], highest)


def reach(
    base: Scenario, target: Target, wanted: float, dials: Mapping[str, Dial], run: Run, rate: float,
    progress: Callable[[int], None] = lambda runs: None,
) -> Answer:  # fmt: skip
    """The smallest change of the levers in `dials` that reaches `target` by its date with probability `wanted`.

    `rate` is that at which costs are discounted, a year.
    `run` must keep the target's variable and COSTS. `progress` is told of each run. BadInput if the target may not be
    printed.
    """

    def told(doses: Mapping[str, float]) -> xr.Dataset:
        data = run(with_more(base, pulled(dials, doses)))
        progress(1)
        return data

    def trial(doses: Mapping[str, float]) -> Outcome:
        values = headline(told(doses), target)
        return probability_at(values, target, target.by), float(at(values, target.by).mean())

    found = search(list(dials), wanted, trial)
    settings = {name: dials[name].setting(dose) for name, dose in found.doses.items()}
    if found.verdict == NOT_REACHABLE:
        return Answer(found, settings, earliest=_earliest(told(found.doses), target, wanted))
    costs = _costs(told({}), told(found.doses), target.by, rate) if found.doses else ()
    return Answer(found, settings, costs)


def runs_of_reach(levers: int) -> int:
    """How many runs a question of reach takes at most."""
    return 5 + levers * (2 + HALVINGS)


def allowed(table: ParameterTable, named: Sequence[str], others_too: bool) -> list[str]:
    """The levers that may be moved: those named, else all that are decided at home, or all there are."""
    known = [lever.name for lever in table.levers]
    wrong = [name for name in named if name not in known]
    if wrong:
        raise BadInput([Problem("no lever has this name", None, name, nearest(name, known)) for name in wrong])
    return list(named) or [name for name in known if others_too or not by_others(table, name)]


def target_named(name: str, targets: Sequence[Target]) -> Target:
    """The target of that name; BadInput with the nearest name if there is none."""
    for target in targets:
        if target.name == name:
            return target
    raise BadInput(Problem("no target has this name", None, name, nearest(name, [each.name for each in targets])))


def _earliest(data: xr.Dataset, target: Target, wanted: float) -> int | None:
    values = headline(data, target)
    for edge in values["edge"].to_numpy().tolist():
        if edge > target.by and probability_at(values, target, edge) >= wanted:
            return int(edge) - 1
    return None


def _costs(one: xr.Dataset, other: xr.Dataset, by: float, rate: float) -> list[Cost]:
    found = []
    for name in COSTS:
        spent, discounted = (spent_until(other, name, by, at) - spent_until(one, name, by, at) for at in (0.0, rate))
        low, median, high = (float(value) for value in quantiles(spent, INTERVAL, "VND"))
        found.append(Cost(name, low, median, high, float(np.median(discounted))))
    return found

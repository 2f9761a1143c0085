"""Attribution: which groups of levers make the difference between two scenarios, target by target.

Each group gets its exact Shapley value: what it adds, averaged over all orders in which the groups could be decided.
All runs have the members of the headline run, so the values add up to the difference member by member, and so do their
means; medians would not, which is why means stand here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.lever_groups import Group
from vimach.analysis.shapley import shapley
from vimach.analysis.targets import HORIZONS, INTERVAL, Array, at, counted, covered, headline, of_mean
from vimach.analysis.variants import Run, between
from vimach.parameters.table import Target
from vimach.scenario import Scenario

VALUE, PROBABILITY = "value", "probability"
BASE, GROUP, DIFFERENCE, OTHER = "base", "group", "difference", "other"
MOST_GROUPS: Final = 8
"""Groups up to which an attribution is made without asking twice: 256 runs."""
MOST_GROUPS_EXACT: Final = 12
MOST_GROUPS_ARRAY: Final = 5
"""Groups for which the reference kernel, many times slower, is not too slow."""

COLUMNS: Final[Mapping[str, str]] = {
    "target": "name of the target in targets.yaml",
    "rung": "the rung of the definition ladder that a headcount stands on",
    "unit": "unit of low, value and high; 1 for probabilities",
    "measure": "value: of the target's variable; probability: that it is at the target at this edge",
    "edge": "the date, as an edge: 2031.0 is the end of 2030",
    "kind": "base, group, difference or other; base and groups add up to other",
    "group": "name of the group or scenario",
    "label_en": "its English label",
    "label_vi": "its Vietnamese label",
    "block": "ours: decided at home; others: decided by others, or by nobody",
    "levers": "the parameters of the group",
    "low": "value: 10 % quantile over members; probability: of the mean, by the luck of the members",
    "value": "mean over members; means add up, medians do not",
    "high": "the same at 90 %",
}


def runs_needed(groups: int) -> int:
    """How many runs an exact attribution to so many groups takes."""
    return int(2**groups)


def attribute(
    base: Scenario, other: Scenario, groups: Sequence[Group], targets: Sequence[Target], run: Run,
    horizons: Sequence[float] = HORIZONS, progress: Callable[[int], None] = lambda runs: None,
) -> pd.DataFrame:  # fmt: skip
    """The difference that `other` makes to each target, shared among the groups; columns as in COLUMNS.

    `groups` must hold every parameter that differs. `progress` is told of each run. BadInput if a target may not be
    printed.
    """
    edges: list[float] = []
    found: dict[int, Array] = {}

    def worth(chosen: frozenset[int]) -> Array:
        names = {lever for number in chosen for lever in groups[number].levers}
        data = run(between(base, other, names))
        edges[:] = covered(data["edge"], horizons)
        progress(1)
        found[len(chosen)] = _read(data, targets, edges)
        return found[len(chosen)]

    values = shapley(len(groups), worth)
    none, every = found[0], found[len(groups)]
    rows: list[dict[str, object]] = []
    for measure_at, measure in enumerate((VALUE, PROBABILITY)):
        for target_at, target in enumerate(targets):
            for edge_at, edge in enumerate(edges):
                about: dict[str, object] = {"target": target.name, "rung": target.rung}
                about |= {"unit": target.unit if measure == VALUE else "1", "measure": measure, "edge": edge}
                where = (measure_at, target_at, edge_at)
                ends = none[where], every[where]
                shares = values[:, *where]
                rows += [about | row for row in _waterfall(base, other, groups, ends, shares, measure == PROBABILITY)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _read(data: xr.Dataset, targets: Sequence[Target], edges: Sequence[float]) -> Array:
    """Value, and whether the target is met, by target, edge and member: shape (2, targets, edges, members)."""
    found = np.array([[at(headline(data, target), edge) for edge in edges] for target in targets])
    met = [counted(found[number], target.unit) >= target.value for number, target in enumerate(targets)]
    return np.stack([found, np.array(met, dtype=np.float64)])


def _waterfall(
    base: Scenario, other: Scenario, groups: Sequence[Group], ends: tuple[Array, Array], shares: Array,
    probability: bool,
) -> list[dict[str, object]]:  # fmt: skip
    none, every = ends
    rows = [_scenario(BASE, base) | _spread(none, probability)]
    for number, group in enumerate(groups):
        about: dict[str, object] = {"kind": GROUP, "group": group.name}
        about |= {"label_en": group.label.en, "label_vi": group.label.vi, "block": group.block}
        rows.append(about | {"levers": ", ".join(group.levers)} | _spread(shares[number], probability))
    difference: dict[str, object] = {"kind": DIFFERENCE, "group": DIFFERENCE, "block": "", "levers": ""}
    difference |= {"label_en": "Difference", "label_vi": "Chênh lệch"}
    rows.append(difference | _spread(every - none, probability))
    rows.append(_scenario(OTHER, other) | _spread(every, probability))
    return rows


def _scenario(kind: str, scenario: Scenario) -> dict[str, object]:
    title: dict[str, object] = {"label_en": scenario.title.en, "label_vi": scenario.title.vi}
    return {"kind": kind, "group": scenario.name} | title | {"block": "", "levers": ""}


def _spread(members: Array, probability: bool) -> dict[str, object]:
    mean = float(members.mean())
    if probability:
        low, high = of_mean(members)
    else:
        low, high = map(float, np.quantile(members, INTERVAL[::2]))
    return {"low": low, "value": mean, "high": high}

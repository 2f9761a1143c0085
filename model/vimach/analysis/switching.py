"""Switching values: which single assumption or definition, moved how far, turns the verdict on a target.

All else stands at its central value. An assumption is tried at its 1 % and 99 % quantiles; where the verdict is another
there, the point at which it turns is found by halving. If it turns more than once on the way, one of the points is
found. What draws for each label or year is moved in all of them at once. A structural switch has no way: it is turned
or not. Nor has another reading of what is counted, but for the share of graduates of related majors that counts as
well, from none to the most that is tried elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.definition import COUNTED, RELATED, SHARE_COUNTED, SHARE_LABEL, SHARES, TRAINED
from vimach.analysis.sensitivity import drawn, luck_names, tell
from vimach.analysis.targets import FEWEST_MEMBERS, Array, at, counted, headline
from vimach.analysis.variants import with_more
from vimach.analysis.verdicts import COUNTING, fixed, readings, records
from vimach.ensemble import CENTRAL, Sample
from vimach.fields import Label
from vimach.parameters.table import Parameter, Target
from vimach.scenario import Override, Scenario
from vimach.simulate import Model, Settings, simulate

ENDS: Final = (0.01, 0.99)
HALVINGS: Final = 7
REACHED, MISSED = "reached", "missed"
ASSUMPTION, DEFINITION = "assumption", "definition"

COLUMNS: Final[Mapping[str, str]] = {
    "target": "name of the target in targets.yaml",
    "rung": "the rung that a headcount stands on",
    "unit": "unit of target_value, central and at_end",
    "target_value": "what the target asks for",
    "by": "its date as an edge",
    "central": "the central run's value at that date",
    "verdict": "reached or missed, by the central run",
    "kind": "assumption or definition: what turns the verdict alone; empty where nothing does",
    "parameter": "its name; for a definition the parameter or the variable that is counted instead",
    "label_en": "its English label",
    "label_vi": "its Vietnamese label",
    "sector": "its sector",
    "grade": "how well it is known",
    "owner": "who decides it, if it is a lever",
    "parameter_unit": "unit of value, switch and end; 1 where they are a factor on several values",
    "value": "its central value; 1 for a factor on several values, empty for a chance by label and for another reading",
    "switch": "its value where the verdict turns",
    "end": "its value at the end of its distribution on that side",
    "quantile": "the quantile of switch; empty for a structural switch",
    "share_of_way": "how far from the centre to the end the turn lies, in quantiles: 0 at once, 1 at the very end",
    "at_end": "the target's variable with the assumption at that end",
}


WORDS: Final = ("kind", "parameter", "label_en", "label_vi", "sector", "grade", "owner", "parameter_unit")
"""Columns of words that are empty for a target that nothing turns."""


@dataclass(frozen=True)
class _Turn:
    """A verdict that one end of one parameter turns."""

    target: int
    parameter: Parameter
    end: float
    at_end: float


def switching_values(
    model: Model, scenario: Scenario, targets: Sequence[Target], settings: Settings,
    progress: Callable[[int], None] = lambda runs: None,
) -> pd.DataFrame:  # fmt: skip
    """For each target every assumption or definition that turns it alone, the smallest move first; see COLUMNS.

    A target that nothing turns alone has one row, without a parameter. Of `settings` step, method and last year are
    used. `progress` is told of each run.
    """
    factors = drawn(model)
    tried = [(factor, end) for factor in factors for end in ENDS]
    middle = _values(model, scenario, targets, settings, [(factors[0], None)], progress)[:, 0]
    ends = np.empty((len(targets), len(tried)))
    for batch in _batches(factors):
        columns = [column for column, (factor, _) in enumerate(tried) if factor in batch]
        ends[:, columns] = _values(model, scenario, targets, settings, [tried[c] for c in columns], progress)
    turns = [
        _Turn(number, factor, end, float(ends[number, column]))
        for number, target in enumerate(targets)
        for column, (factor, end) in enumerate(tried)
        if (ends[number, column] >= target.value) != (middle[number] >= target.value)
    ]
    quantiles = _halved(model, scenario, targets, settings, turns, middle, progress)
    defined = _defined(model, scenario, targets, settings, middle, progress)
    rows = []
    for number, target in enumerate(targets):
        found = [_turned(q, turn) for q, turn in zip(quantiles, turns, strict=True) if turn.target == number]
        found += defined[number]
        found.sort(key=lambda row: (row["share_of_way"], row["parameter"]))
        rows += [_about(target, middle[number]) | row for row in found or [{}]]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def runs_of_switching(model: Model) -> int:
    """How many runs a table of switching values takes at most."""
    return 2 + len(_batches(drawn(model))) + HALVINGS + len(COUNTING)


def _batches(factors: Sequence[Parameter]) -> list[list[Parameter]]:
    """Parameters that can be tried side by side. Each switch stands alone: nobody else may have it turned."""
    smooth = [factor for factor in factors if not factor.chance]
    return [batch for batch in (smooth, *([factor] for factor in factors if factor.chance)) if batch]


def _values(
    model: Model, scenario: Scenario, targets: Sequence[Target], settings: Settings,
    moved: Sequence[tuple[Parameter, float | None]], progress: Callable[[int], None],
) -> Array:  # fmt: skip
    """Each target's variable at its date, one parameter moved to a quantile (None: none): shape (targets, moved)."""
    members = max(len(moved), FEWEST_MEMBERS)
    quantiles: dict[str, Array] = {}
    for column, (parameter, quantile) in enumerate(moved):
        for name in luck_names(model, parameter, settings) if quantile is not None else ():
            quantiles.setdefault(name, np.full(members, 0.5))[column] = quantile
    sample = Sample(settings.seed, np.full(members, CENTRAL), quantiles)
    chosen = replace(settings, members=members, sample=sample)
    data = simulate(model, scenario, chosen, [target.variable for target in targets])
    progress(1)
    found = [counted(at(headline(data, target), target.by), target.unit) for target in targets]
    return np.array(found)[:, : len(moved)]


def _halved(
    model: Model, scenario: Scenario, targets: Sequence[Target], settings: Settings, turns: Sequence[_Turn],
    middle: Array, progress: Callable[[int], None],
) -> list[float]:  # fmt: skip
    """The quantile at which each verdict turns; for a chance, its end."""
    near, far = np.full(len(turns), 0.5), np.array([turn.end for turn in turns])
    smooth = [number for number, turn in enumerate(turns) if not turn.parameter.chance]
    aims = np.array([targets[turns[number].target].value for number in smooth])
    rows = [turns[number].target for number in smooth]
    for _ in range(HALVINGS if smooth else 0):
        between = (near + far)[smooth] / 2.0
        moved = [(turns[number].parameter, float(q)) for number, q in zip(smooth, between, strict=True)]
        own = _values(model, scenario, targets, settings, moved, progress)[rows, np.arange(len(smooth))]
        turned = (own >= aims) != (middle[rows] >= aims)
        near[smooth] = np.where(turned, near[smooth], between)
        far[smooth] = np.where(turned, between, far[smooth])
    return [float(end) for end in far]


def _defined(
    model: Model, scenario: Scenario, targets: Sequence[Target], settings: Settings, middle: Array,
    progress: Callable[[int], None],
) -> list[list[dict[str, Any]]]:  # fmt: skip
    """For each target the definitions that turn it: other readings of the central run, other rules of counting."""
    sample = Sample(settings.seed, np.full(FEWEST_MEMBERS, CENTRAL), {})
    chosen = replace(settings, members=FEWEST_MEMBERS, sample=sample)

    def told(more: Sequence[Override] = ()) -> xr.Dataset:
        data = simulate(model, with_more(scenario, more), chosen, records(targets))
        progress(1)
        return data

    start = told()
    countings = [(name, label, told([fixed(name, value)])) for name, (value, label) in COUNTING.items()]
    found = []
    for target, central in zip(targets, middle, strict=True):
        others = [*readings(start, target), *((name, label, headline(data, target)) for name, label, data in countings)]
        values = [(name, label, float(counted(at(each, target.by), target.unit)[0])) for name, label, each in others]
        turning = [each for each in values if (each[2] >= target.value) != (central >= target.value)]
        rows = [_reading(name, label, at_end) for name, label, at_end in turning]
        found.append(rows + (_share(start, target) if target.variable == TRAINED and central < target.value else []))
    return found


def _share(data: xr.Dataset, target: Target) -> list[dict[str, Any]]:
    """The share of graduates of related majors with which a target that is missed would be met."""
    people, related = (float(data[name].sel(edge=target.by).values[0]) for name in (COUNTED, RELATED))
    share, most = max(0.0, target.value - people) / related, max(SHARES)
    if share > most:
        return []
    numbers = {"parameter_unit": "1", "value": 0.0, "switch": share, "end": most, "share_of_way": share / most}
    return [_reading(SHARE_COUNTED, SHARE_LABEL, people + most * related) | numbers]


def _reading(name: str, label: Label, at_end: float) -> dict[str, Any]:
    words = {"kind": DEFINITION, "parameter": name, "label_en": label.en, "label_vi": label.vi}
    return words | {"share_of_way": 1.0, "at_end": at_end}


def _way(quantile: float, end: float) -> float:
    return (quantile - 0.5) / (end - 0.5)


def _about(target: Target, central: float) -> dict[str, object]:
    verdict = REACHED if central >= target.value else MISSED
    about: dict[str, object] = {"target": target.name, "rung": target.rung, "unit": target.unit}
    about |= dict.fromkeys(WORDS, "")
    return about | {"target_value": target.value, "by": target.by, "central": float(central), "verdict": verdict}


def _turned(quantile: float, turn: _Turn) -> dict[str, Any]:
    parameter, chance = turn.parameter, turn.parameter.chance
    unit = "1" if parameter.factor and not chance else parameter.unit
    numbers = {"value": _number(parameter, 0.5), "switch": _number(parameter, quantile)}
    numbers |= {"end": _number(parameter, turn.end), "quantile": float("nan") if chance else quantile}
    numbers |= {"share_of_way": _way(quantile, turn.end), "at_end": turn.at_end}
    return {"kind": ASSUMPTION, "parameter": parameter.name} | tell(parameter) | {"parameter_unit": unit} | numbers


def _number(parameter: Parameter, quantile: float) -> float:
    """What a parameter is at a quantile; a factor where it has several values, yes or no where it is a chance."""
    low, high = parameter.range
    if parameter.chance:  # it comes true for low luck
        return _central_chance(parameter) if quantile == 0.5 else 1.0 if quantile < 0.5 else 0.0
    if parameter.distribution is not None:
        return float(min(max(parameter.distribution.quantile(quantile), low), high))
    assert parameter.factor is not None
    return float(parameter.factor.quantile(quantile))


def _central_chance(parameter: Parameter) -> float:
    return float("nan") if parameter.number is None else parameter.number

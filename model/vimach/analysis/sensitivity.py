"""Sensitivity: which assumptions an output hangs on, by Morris screening and then Sobol' indices of those that matter.

Inputs are the quantiles that parameters draw, so every assumption is moved as far as its own distribution allows. One
that draws for each label or year is one input: screening moves all its draws up or down together, which flatters its
rank; Sobol' indices draw them all anew. Draws are those of the priors: the indices say what is worth finding out, and
parameters of a posterior depend on one another, for which the indices have no meaning.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis import morris, sobol
from vimach.analysis.targets import HORIZONS, Array, at, national
from vimach.draws import uniforms
from vimach.ensemble import Sample, draw_names
from vimach.errors import BadInput, Problem, nearest
from vimach.fields import Label
from vimach.parameters.table import Parameter, read_targets
from vimach.scenario import Scenario
from vimach.simulate import Model, Settings, simulate

OUTPUTS: Final = ("trained_cumulative", "employed_in_sector", "design_firms_active")
OTHERS: Final = "others"
OTHERS_LABEL: Final = Label(
    "All others, each small by a screening, together", "Các giả định khác, từng cái nhỏ qua sàng lọc, gộp lại"
)
_ABOUT = {
    "output": "variable of the dataset, a national total",
    "rung": "its rung of the definition ladder, if it is a headcount",
    "unit": "its unit",
    "edge": "the date, as an edge",
    "factor": "name of the parameter that is moved; others: all that screening left out, moved together",
    "label_en": "its English label",
    "label_vi": "its Vietnamese label",
    "sector": "the sector that it belongs to",
    "grade": "how well it is known: A to D by evidence, J by judgment",
    "owner": "who decides it, if it is a lever",
}
INDEX_COLUMNS: Final[Mapping[str, str]] = _ABOUT | {
    "first_low": "lower end of the 90 % bootstrap interval of the first index",
    "first": "share of the variance that goes if the factor becomes known",
    "first_high": "upper end",
    "total_low": "lower end of the 90 % bootstrap interval of the total index",
    "total": "share of the variance that stays if all but the factor become known",
    "total_high": "upper end",
}
SCREENING_COLUMNS: Final[Mapping[str, str]] = _ABOUT | {
    "effect": "mean change of the output over the factor's whole range of quantiles",
    "effect_absolute": "mean size of that change",
    "deviation": "its standard deviation: how much it depends on the other factors",
    "rank": "1 for the largest effect_absolute of this output and edge",
}


@dataclass(frozen=True)
class Output:
    """A national total that was read from a run, in its own unit: by member and edge."""

    variable: str
    unit: str
    rung: str
    values: Array


def drawn(model: Model) -> tuple[Parameter, ...]:
    """The parameters that are uncertain, in the order of the table."""
    table = model.table.values()
    return tuple(p for p in table if p.curve is None and (p.distribution or p.factor or p.chance))


def quantile_names(model: Model, parameter: Parameter, settings: Settings) -> list[str]:
    """Every name under which a parameter draws in a run, doubt about a chance included; see vimach.ensemble.Sample."""
    doubt = [f"{parameter.name}/probability"] if parameter.chance and parameter.factor else []
    return luck_names(model, parameter, settings) + doubt


def luck_names(model: Model, parameter: Parameter, settings: Settings) -> list[str]:
    """The same without doubt about a chance: what decides, not how likely it was."""
    names = draw_names(parameter, model.labels)
    years = range(settings.start, settings.until + 2)
    return [f"{name}/{year}" for name in names for year in years] if parameter.redrawn else names


def check_outputs(model: Model, names: Sequence[str]) -> None:
    """BadInput, with the nearest name, for each name that is no national total of the model."""
    variables = model.graph.variables
    problems = []
    for name in names:
        if name not in variables:
            problems.append(Problem("no variable has this name", None, name, nearest(name, variables)))
        elif variables[name].node.dims:
            problems.append(Problem("is not a national total; take one of the indicators", None, name))
    if problems:
        raise BadInput(problems)


def screening(
    model: Model, scenario: Scenario, settings: Settings, outputs: Sequence[str], count: int = 10,
    horizons: Sequence[float] = HORIZONS, progress: Callable[[int], None] = lambda members: None,
) -> pd.DataFrame:  # fmt: skip
    """Morris' effects of every uncertain parameter on each output and date, largest first; SCREENING_COLUMNS.

    It takes count x (parameters + 1) members.
    """
    factors = drawn(model)
    design = morris.trajectories(len(factors), count, settings.seed)
    points = design.points.reshape(-1, len(factors))
    sample = Sample(settings.seed, np.arange(len(points)), _quantiles(model, factors, points, settings))
    rows = []
    for output in _simulated(model, scenario, settings, sample, outputs, horizons, progress):
        found = morris.effects(design, output.values.reshape((count, len(factors) + 1, -1)))
        for edge_at, edge in enumerate(horizons):
            for rank, number in enumerate(np.argsort(-found.size[:, edge_at], kind="stable"), 1):
                where = (number, edge_at)
                effects = {"effect": found.mean[where], "effect_absolute": found.size[where]}
                effects |= {"deviation": found.deviation[where], "rank": rank}
                rows.append(_about(output, edge, factors[number]) | effects)
    return pd.DataFrame(rows, columns=list(SCREENING_COLUMNS))


def most_important(screened: pd.DataFrame, count: int) -> list[str]:
    """The factors that matter most by a table of screening: the best of each output and date in turn, until `count`."""
    ranked = screened[screened["effect_absolute"] > 0.0].sort_values(["rank", "output", "edge"], kind="stable")
    return list(dict.fromkeys(ranked["factor"]))[:count]


def sobol_indices(
    model: Model, scenario: Scenario, settings: Settings, outputs: Sequence[str], names: Sequence[str],
    rows: int = 512, horizons: Sequence[float] = HORIZONS, progress: Callable[[int], None] = lambda members: None,
) -> pd.DataFrame:  # fmt: skip
    """Sobol' indices of the named parameters, and of all others together, for each output and date; INDEX_COLUMNS.

    It takes rows x (names + 3) members; `rows` should be a power of two. The named ones stand on a Sobol' sequence, the
    others draw as members of the ensemble do.
    """
    factors = [model.table[name] for name in names]
    a, b = sobol.two_samples(len(factors), rows, settings.seed)
    count = len(factors) + 1  # the last factor is all the others
    points = [a, b]
    points += [np.where(np.arange(len(factors)) == number, b, a) for number in range(count)]
    luck = [np.arange(rows), np.arange(rows, 2 * rows)]
    members = [luck[0], luck[1], *(luck[number == count - 1] for number in range(count))]
    quantiles = _quantiles(model, factors, np.concatenate(points), settings)
    scattered = [number for number, factor in enumerate(factors) if len(quantile_names(model, factor, settings)) > 1]
    for number in scattered:  # drawn anew as a whole, from the members that A or B has
        chosen = np.concatenate([luck[each in (1, number + 2)] for each in range(count + 2)])
        for name in quantile_names(model, factors[number], settings):
            quantiles[name] = uniforms(settings.seed, name, 0, 2 * rows)[chosen]
    sample = Sample(settings.seed, np.concatenate(members), quantiles)
    table = []
    for output in _simulated(model, scenario, settings, sample, outputs, horizons, progress):
        by_sample = output.values.reshape((count + 2, rows, -1))
        found = sobol.indices(by_sample[0], by_sample[1], by_sample[2:], seed=settings.seed)
        for edge_at, edge in enumerate(horizons):
            order = np.argsort(-found.total[:-1, edge_at], kind="stable").tolist()
            for number in [*order, count - 1]:
                factor = factors[number] if number < len(factors) else None
                indices = {name: float(values[number, edge_at]) for name, values in sobol.as_mapping(found).items()}
                table.append(_about(output, edge, factor) | indices)
    return pd.DataFrame(table, columns=list(INDEX_COLUMNS))


def tell(parameter: Parameter) -> dict[str, object]:
    """The columns of a table that say which assumption a row is about, whose it is and how well it is known."""
    about: dict[str, object] = {"label_en": parameter.label.en, "label_vi": parameter.label.vi}
    owner = parameter.lever.decided_by.en if parameter.lever else ""
    return about | {"sector": parameter.sector, "grade": parameter.grade, "owner": owner}


def _about(output: Output, edge: float, factor: Parameter | None) -> dict[str, Any]:
    row: dict[str, Any] = {"output": output.variable, "rung": output.rung, "unit": output.unit, "edge": edge}
    if factor is None:
        others = {"label_en": OTHERS_LABEL.en, "label_vi": OTHERS_LABEL.vi, "sector": "", "grade": "", "owner": ""}
        return row | {"factor": OTHERS} | others
    return row | {"factor": factor.name} | tell(factor)


def _quantiles(model: Model, factors: Sequence[Parameter], points: Array, settings: Settings) -> dict[str, Array]:
    """The quantiles of every draw, where a factor that draws several times has the same quantile in all of them."""
    return {
        name: points[:, number]
        for number, factor in enumerate(factors)
        for name in quantile_names(model, factor, settings)
    }


def _simulated(
    model: Model, scenario: Scenario, settings: Settings, sample: Sample, names: Sequence[str],
    horizons: Sequence[float], progress: Callable[[int], None],
) -> list[Output]:  # fmt: skip
    """The outputs of every member of a sample; BadInput if one may not be printed (see vimach.analysis.targets)."""
    check_outputs(model, names)
    chosen = replace(settings, members=len(sample), sample=sample)
    data: xr.Dataset = simulate(model, scenario, chosen, names, progress)
    rungs = {target.variable: target.rung for target in read_targets()}
    found = []
    for name in names:
        unit = str(data[name].attrs["unit"])
        rung = str(data[name].attrs["rung"]) or rungs.get(name, "")
        values = national(data, name, unit, rung)
        found.append(Output(name, unit, rung, np.array([at(values, edge) for edge in horizons]).T))
    return found

"""The register of figures: what each needs and how it is drawn. Commands, briefing and tests read this one list."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd
import xarray as xr

from vimach.analysis.definition import TRAINED
from vimach.parameters.table import Parameter, Target
from vimach_reports import (
    announced,
    definition_curve,
    fan,
    flow_gap,
    gap_map,
    hindcast,
    lever_table,
    marginal_cost,
    plotted,
    sankey,
    sensitivity,
    small_multiples,
    waterfall,
)
from vimach_reports.catalogue import Language
from vimach_reports.figure import Drawing


@dataclass(frozen=True)
class FigureData:
    """What figures are drawn from: one scenario's results or two, and what else is at hand.

    `tables` holds tables by the names that figures ask for: attribution, indices (Sobol'), switching and marginal_cost
    of analysis; forecasts of a backtest; realised (entries of the register) and realisation (its estimates). `source`
    names the evidence in captions.
    """

    datasets: Sequence[xr.Dataset]
    targets: Sequence[Target]
    parameters: Mapping[str, Parameter]
    observations: pd.DataFrame | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    source: str = ""

    def about(self, table: str) -> Mapping[str, Any]:
        """The attributes of the run that a table is from; those of the first scenario's, where it does not say."""
        return {str(name): value for name, value in {**self.datasets[0].attrs, **self.tables[table].attrs}.items()}


@dataclass(frozen=True)
class Figure:
    """A figure: stem of its files, columns of its table with their meaning, tables that it needs, how it is drawn.

    A figure with tables of analysis wants runs beside those of the scenarios. `scenarios` is how many it needs.
    `units` are those of the columns that hold numbers: "column NAME" where another column tells it row by row. `source`
    is the key, in the catalogue, of the words for where its numbers come from. `aims` are variables that it needs a
    target on.
    """

    name: str
    columns: Mapping[str, str]
    units: Mapping[str, str]
    draw: Callable[[FigureData, Language], Drawing]
    tables: frozenset[str] = frozenset()
    scenarios: int = 1
    source: str = "results"
    aims: frozenset[str] = frozenset()

    def fits(self, data: FigureData) -> bool:
        """Whether `data` holds all that the figure needs."""
        enough = len(data.datasets) >= self.scenarios and self.tables <= set(data.tables)
        return enough and self.aims <= {target.variable for target in data.targets}


FIGURES: Final[tuple[Figure, ...]] = (
    Figure(
        fan.NAME, plotted.COLUMNS, plotted.UNITS,
        lambda m, language: fan.draw_fan(m.datasets, m.targets, language, m.observations, m.source),
    ),
    Figure(
        waterfall.NAME, waterfall.COLUMNS, waterfall.UNITS,
        lambda m, language: waterfall.draw_waterfall(m.tables["attribution"], m.datasets, language, m.source),
        frozenset({"attribution"}), scenarios=2, source="analysis",
    ),
    Figure(
        flow_gap.NAME, flow_gap.COLUMNS, flow_gap.UNITS,
        lambda m, language: flow_gap.draw_flow_gap(m.datasets, language, m.source),
    ),
    Figure(
        gap_map.NAME, gap_map.COLUMNS, gap_map.UNITS,
        lambda m, language: gap_map.draw_gap_map(m.datasets[0], language, m.source),
    ),
    Figure(
        sankey.NAME, sankey.COLUMNS, sankey.UNITS,
        lambda m, language: sankey.draw_pipeline(m.datasets[0], language, m.source),
    ),
    Figure(
        sensitivity.NAME, sensitivity.COLUMNS, sensitivity.UNITS,
        lambda m, language: sensitivity.draw_sensitivity(
            m.tables["indices"], m.tables["switching"], m.datasets, m.targets, m.parameters, language, m.source
        ),
        frozenset({"indices", "switching"}), source="analysis",
    ),
    Figure(
        small_multiples.NAME, plotted.COLUMNS, plotted.UNITS,
        lambda m, language: small_multiples.draw_small_multiples(m.datasets, m.targets, language, m.source),
    ),
    Figure(
        marginal_cost.NAME, marginal_cost.COLUMNS, marginal_cost.UNITS,
        lambda m, language: marginal_cost.draw_marginal_cost(m.tables["marginal_cost"], m.datasets, language, m.source),
        frozenset({"marginal_cost"}), source="analysis",
    ),
    Figure(
        hindcast.NAME, hindcast.COLUMNS, hindcast.UNITS,
        lambda m, language: hindcast.draw_hindcast(m.tables["forecasts"], m.about("forecasts"), language),
        frozenset({"forecasts"}), source="backtest",
    ),
    Figure(
        announced.NAME, announced.COLUMNS, announced.UNITS,
        lambda m, language: announced.draw_announced(
            m.tables["realised"], m.tables["realisation"], m.about("realised"), language
        ),
        frozenset({"realised", "realisation"}), source="register",
    ),
    Figure(
        definition_curve.NAME, definition_curve.COLUMNS, definition_curve.UNITS,
        lambda m, language: definition_curve.draw_definition(m.datasets, m.targets, language, m.source),
        aims=frozenset({TRAINED}),
    ),
    Figure(
        lever_table.NAME, lever_table.COLUMNS, lever_table.UNITS,
        lambda m, language: lever_table.draw_lever_table(m.datasets, m.parameters, language, m.source),
        source="levers",
    ),
)  # fmt: skip
"""In the order of their numbers."""


def drawings(data: FigureData, languages: Sequence[Language]) -> Iterator[Drawing]:
    """Every figure that `data` suffices for, in each language, in the order of FIGURES."""
    for figure in fitting(data):
        for language in languages:
            yield figure.draw(data, language)


def fitting(data: FigureData) -> list[Figure]:
    """The figures that `data` suffices for."""
    return [figure for figure in FIGURES if figure.fits(data)]

"""What the briefing is made from: results, targets, parameters, evidence and tables of analysis, handed in by the roof.

Reports never read evidence or run the model, so everything that is printed stands in one `Material`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.compare import check_comparable
from vimach.analysis.verdicts import STRUCTURE
from vimach.errors import BadInput, Problem, nearest
from vimach.parameters.table import Parameter, Target
from vimach_reports.judged import JUDGED

OVERRIDES: Final[Mapping[str, str]] = {
    "scenario": "name of the scenario that holds the override",
    "parameter": "name of the parameter",
    "labels": "labels that it holds for; empty for all",
    "law": "value, raise_to or lower_to",
    "word": "constant, step, ramp, pulse or table",
    "to": "the value set; empty for a table",
    "starts": "decimal date from which it acts; empty if it always does",
    "ends": "decimal date at which a ramp is complete or a pulse over",
    "points": "times and values of a table",
    "unit": "unit of the parameter",
    "because": "the reason, as the file gives it",
    "place": "file and line",
}
ANALYSES: Final = (
    "attribution", "bottleneck", "marginal_cost", "indices", "switching", "movers", "years_reached", "timing",
)  # fmt: skip
"""Tables of analysis that a page prints if it is given them; each has the columns of its module."""


@dataclass(frozen=True)
class Material:
    """Everything that the briefing is made from.

    `datasets`: the base scenario, the one held against it, and any further ones. `overrides` has the columns of
    OVERRIDES. `evidence` is indexed by the id of its row; `training` and `announcements` are its registers; `realised`
    is what was estimated from the latter, and `yardstick` the official target, in persons, that the sum of the training
    targets is measured by. `track_record` is the scorecard of the backtest, empty before there is one.
    `tables` holds tables of analysis by a name of ANALYSES. `hashes` are the SHA-256 hashes of the results
    and tables written before it, by their paths in the folder.
    """

    datasets: tuple[xr.Dataset, ...]
    targets: tuple[Target, ...]
    parameters: Mapping[str, Parameter] = field(repr=False)
    overrides: pd.DataFrame = field(repr=False)
    observations: pd.DataFrame = field(repr=False)
    evidence: pd.DataFrame = field(repr=False)
    training: pd.DataFrame = field(repr=False)
    yardstick: float
    announcements: pd.DataFrame = field(repr=False)
    realised: pd.DataFrame = field(repr=False)
    track_record: Mapping[str, Any] = field(default_factory=dict, repr=False)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    hashes: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if len(self.datasets) < 2:
            raise BadInput("a briefing holds at least one scenario against the first")
        for other in self.datasets[1:]:
            check_comparable(self.datasets[0], other)
        unknown = sorted(set(self.tables) - set(ANALYSES))
        if unknown:
            raise BadInput(f"no page prints a table {unknown[0]!r}; known: {', '.join(ANALYSES)}")

    def row(self, identifier: str) -> Mapping[str, Any]:
        """A row of the evidence by its id; BadInput if there is none."""
        if identifier not in self.evidence.index:
            known = [str(row) for row in self.evidence.index]
            raise BadInput(Problem("no such row in the evidence", None, identifier, nearest(identifier, known)))
        return {str(name): value for name, value in self.evidence.loc[identifier].items()}

    @property
    def base(self) -> xr.Dataset:
        """The scenario that the others are held against."""
        return self.datasets[0]

    @property
    def other(self) -> xr.Dataset:
        """The scenario that is argued for or against."""
        return self.datasets[1]

    @property
    def further(self) -> tuple[xr.Dataset, ...]:
        """Scenarios beyond the two, such as shocks."""
        return self.datasets[2:]

    @property
    def horizon(self) -> float:
        """The last edge of the runs."""
        return float(self.base["edge"].to_numpy()[-1])

    def table(self, name: str) -> pd.DataFrame | None:
        """A table of analysis without the targets of JUDGED, or None if it was not made or is empty."""
        found = self.tables.get(name)
        if found is not None and "target" in found:
            found = found[~found["target"].isin([target.name for target in self.judged])]  # keeps its attributes
        return None if found is None or found.empty else found

    @property
    def due(self) -> tuple[Target, ...]:
        """The targets due within the run, but for those whose probability is judgment alone."""
        return tuple(each for each in self.targets if each.by <= self.horizon and each.variable not in JUDGED)

    @property
    def judged(self) -> tuple[Target, ...]:
        """The targets of JUDGED that are due within the run."""
        return tuple(each for each in self.targets if each.by <= self.horizon and each.variable in JUDGED)

    def structure_weights(self) -> dict[str, float]:
        """The share of runs, as drawn, in which each structural switch stands so; empty where no table tells it."""
        table = self.table("movers")
        if table is None:
            return {}
        told = table[table["kind"] == STRUCTURE]
        return dict(zip(map(str, told["what"]), map(float, told["weight"]), strict=True))

    def target_on(self, variable: str) -> Target | None:
        """The first target on a variable that is due within the run."""
        due = [target for target in self.targets if target.variable == variable and target.by <= self.horizon]
        return min(due, key=lambda target: target.by) if due else None

    def decisions(self, dataset: xr.Dataset | None = None) -> pd.DataFrame:
        """The overrides of a scenario, the second if none is given, that the first does not hold, earliest first."""
        named = (self.other if dataset is None else dataset).attrs["scenario"]
        mine = self.overrides[self.overrides["scenario"] == named]
        theirs = self.overrides[self.overrides["scenario"] == self.base.attrs["scenario"]]
        keys = ["parameter", "labels", "law", "word", "to", "starts", "ends", "points"]
        known = set(theirs[keys].astype(str).itertuples(index=False, name=None))
        new = [row not in known for row in mine[keys].astype(str).itertuples(index=False, name=None)]
        found = pd.DataFrame(mine.loc[np.array(new, dtype=bool)])
        return found.sort_values("starts", kind="stable", na_position="first")

    def regional_shares(self) -> tuple[int, list[int]]:
        """How many regional shares of design engineers the evidence holds, and the first and last year of them."""
        regional = [f"design_share_{region}" for region in self.base["region"].to_numpy()]
        years = self.observations.loc[self.observations["series"].isin(regional), "time"].astype(int)
        return len(years), sorted({int(years.min()), int(years.max())})

    def judgment_share(self) -> float:
        """Share of the parameters of the run that are judgment, grade J."""
        origins = json.loads(str(self.base.attrs["origins"]))
        grades = [origin["grade"] for origin in origins.values()]
        return grades.count("J") / len(grades) if grades else float("nan")


def rows_of(frame: pd.DataFrame) -> Sequence[Mapping[str, Any]]:
    """The rows of a table as mappings."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]

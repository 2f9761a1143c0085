"""The table behind a figure: what is drawn, one number a row. A figure draws from it and is saved with it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from vimach.analysis.compare import FIRST, SECOND
from vimach.analysis.targets import INTERVAL, counted, probability_at, quantiles
from vimach.errors import BadInput, Problem, nearest
from vimach.parameters.table import Target

COLUMNS: Final[Mapping[str, str]] = {
    "panel": "the panel of the figure",
    "label_en": "its English label",
    "label_vi": "its Vietnamese label",
    "rung": "rung of the definition ladder; empty for what is no headcount",
    "unit": "unit of value, probabilities apart",
    "series": "first or second (scenario); empty for observations and targets",
    "scenario": "name of the scenario",
    "scenario_hash": "its hash",
    "quantity": "q2.5 to q97.5 (quantiles over runs, in percent), observed, target, or probability (of the target)",
    "edge": "date as an edge: 2031.0 is the end of 2030",
    "value": "the number drawn",
}
UNITS: Final[Mapping[str, str]] = {"edge": "decimal year", "value": "column unit; of a probability 1"}
MEDIAN: Final = "q50"
FAN: Final = {"q2.5": 0.025, "q10": 0.1, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q90": 0.9, "q97.5": 0.975}
NARROW: Final = {"q10": 0.1, "q50": 0.5, "q90": 0.9}
SERIES: Final = (FIRST, SECOND)

Row = dict[str, object]
Values = npt.NDArray[np.float64]
Curve = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def table(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows as a table with the columns of COLUMNS."""
    return pd.DataFrame(rows, columns=list(COLUMNS))


def band_rows(
    panel: Row, series: str, dataset: xr.Dataset, values: xr.DataArray, levels: Mapping[str, float], since: float
) -> list[Row]:
    """Quantiles over the members of `values` (edge, member) at every edge from `since` on."""
    shown = values.sel(edge=values["edge"] >= since)
    unit = str(panel["unit"])
    found = quantiles(counted(shown.to_numpy(), unit), list(levels.values()), unit)
    edges = shown["edge"].to_numpy()
    head = panel | scenario(series, dataset)
    return [
        head | {"quantity": quantity, "edge": float(edge), "value": float(value)}
        for quantity, curve in zip(levels, found, strict=True)
        for edge, value in zip(edges, curve, strict=True)
    ]


def parting(values: Sequence[xr.DataArray]) -> float:
    """The last date up to which two scenarios agree; the second is drawn from there on.

    The first date if there is one scenario, or if they differ at once; the last if they never do.
    """
    edges = values[0]["edge"].to_numpy()
    differ = (values[0].to_numpy() != values[-1].to_numpy()).any(axis=1)
    return float(edges[max(0, int(np.argmax(differ)) - 1)] if differ.any() else edges[0 if len(values) == 1 else -1])


def target_rows(
    panel: Row, target: Target, datasets: Sequence[xr.Dataset], values: Sequence[xr.DataArray]
) -> list[Row]:
    """The target itself, and for each scenario the probability of reaching it by its date."""
    at = {"edge": float(target.by)}
    rows = [panel | at | {"quantity": "target", "value": float(target.value)}]
    for series, dataset, each in zip(SERIES, datasets, values, strict=False):
        chance = {"quantity": "probability", "value": probability_at(each, target, target.by)}
        rows.append(panel | scenario(series, dataset) | at | chance)
    return rows


def scenario(series: str, dataset: xr.Dataset) -> Row:
    """The columns that name a scenario."""
    return {
        "series": series,
        "scenario": str(dataset.attrs["scenario"]),
        "scenario_hash": str(dataset.attrs["scenario_hash"]),
    }


def curve(rows: pd.DataFrame, quantity: str, series: str | None = None) -> Curve:
    """Dates and values of one quantity of a panel, in order of time."""
    wanted = rows["quantity"] == quantity
    if series is not None:
        wanted &= rows["series"] == series
    found = rows[wanted].sort_values("edge", kind="stable")
    return found["edge"].to_numpy(np.float64), found["value"].to_numpy(np.float64)


def panels(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Each panel's name and rows, in the order written."""
    return [(str(name), part) for name, part in rows.groupby("panel", sort=False)]


def only(rows: pd.DataFrame, quantity: str, series: str | None = None) -> tuple[float, float] | None:
    """Date and value of a quantity that a panel holds once; None if it has none."""
    edges, values = curve(rows, quantity, series)
    return (float(edges[0]), float(values[0])) if len(edges) else None


def chances(rows: pd.DataFrame) -> list[float]:
    """The probability of each scenario of a panel, in their order; none where the panel has no target."""
    found = (only(rows, "probability", series) for series in SERIES)
    return [each[1] for each in found if each is not None]


def label(rows: pd.DataFrame, language: str) -> str:
    """The label of a panel."""
    return str(_first(rows, f"label_{language}"))


def unit_and_rung(rows: pd.DataFrame) -> tuple[str, str]:
    """The unit and the rung of a panel."""
    return str(_first(rows, "unit")), str(_first(rows, "rung"))


def _first(rows: pd.DataFrame, column: str) -> Any:
    return rows[column].iloc[0]


def needs(dataset: xr.Dataset, names: Iterable[str], figure: str) -> None:
    """BadInput naming each variable that the figure draws and the results do not hold."""
    missing = [name for name in dict.fromkeys(names) if name not in dataset.data_vars]
    if missing:
        known = [str(name) for name in dataset.data_vars]
        message = "the results hold no variable {!r}; run the scenario again"
        raise BadInput([Problem(message.format(name), None, figure, nearest(name, known)) for name in missing])


def years_shown(dataset: xr.Dataset) -> tuple[int, ...]:
    """The last year that is past at the forecast origin, and 2030; the nearest years that the results cover."""
    first, last = (int(dataset["period"].to_numpy()[end]) for end in (0, -1))
    wanted = (int(dataset.attrs["forecast_origin"]) - 1, 2030)
    return tuple(dict.fromkeys(min(max(year, first), last) for year in wanted))


def spread(values: Values) -> dict[str, float]:
    """The columns low, value and high of one number: its mean over runs between their 10 and 90 % quantiles.

    Means, where the parts of a figure must add up: medians do not.
    """
    low, high = np.quantile(values, INTERVAL[::2])
    return {"low": float(low), "value": float(values.mean()), "high": float(high)}

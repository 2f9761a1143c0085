"""What a newly entered figure changes: counts that the committed series did not know, held against a central run."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from vimach_calibration.series import COUNTS, build_series, read_series

HEADLINES = ("employed_design", "employed_atp", "employed_technicians", "design_firms_active", "atp_plants_operating")
"""The stock counts by whose age a page is judged."""


@dataclass(frozen=True)
class News:
    """One count that is new: its series, moment, value and unit, the row it came from, and what the model gives there.

    `model` is None where the run has no variable of that name or does not reach that moment.
    """

    series: str
    time: float
    value: float
    unit: str
    row: str
    model: float | None

    def __str__(self) -> str:
        told = f"new figure: {self.series} at {self.time:.2f} is {self.value:,.10g} {self.unit} ({self.row})"
        if self.model is None:
            return f"{told}; the run has nothing to hold against it"
        gap = (self.model - self.value) / self.value
        return f"{told}; the central run gives {self.model:,.0f}, {gap:+.1%}"


def news(run: xr.Dataset, built: pd.DataFrame | None = None, committed: pd.DataFrame | None = None) -> list[News]:
    """Counts built from the rows as they are now that the committed series.csv lacks, against a central run."""
    built = build_series() if built is None else built
    committed = read_series() if committed is None else committed
    known = set(" ".join(committed["ids"]).split())
    found = []
    for line in built[built["status"].isin(COUNTS)].to_dict("records"):
        row, series, time = str(line["ids"]).split()[0], str(line["series"]), float(line["time"])
        if row not in known:
            given = _given(run, series, time)
            found.append(News(series, time, float(line["value"]), str(line["unit"]), row, given))
    return found


def newest_count(series: pd.DataFrame | None = None) -> float:
    """The moment of the newest stock count of engineers, technicians, firms or plants, in decimal years."""
    series = build_series() if series is None else series
    held = series[series["status"].isin(COUNTS) & series["series"].isin(HEADLINES)]
    return float(held["time"].max())


def _given(run: xr.Dataset, variable: str, time: float) -> float | None:
    """The central run's value at a moment, on the straight line between two edges; over a year for a flow."""
    if variable not in run:
        return None
    values = run[variable].isel(member=0)
    values = values.sum([dim for dim in values.dims if dim not in ("edge", "period")])
    if "period" in values.dims:
        return float(values.sel(period=int(time))) if int(time) in values["period"] else None
    edges = values["edge"].to_numpy()
    if not edges[0] <= time <= edges[-1]:
        return None
    return float(np.interp(time, edges, values.to_numpy()))

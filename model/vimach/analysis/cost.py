"""What one person more costs: extra money over extra people between two scenarios, on paired members.

The estimate is a ratio of means, total extra cost over mean extra people: a mean of ratios would have no meaning where
a member gains nobody. Its interval is that of the members' own ratios, a member that gains nobody paying without end.
Where more than one member in ten gains nobody, the cost of a person is not defined, and no number is given.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.compare import check_comparable
from vimach.analysis.targets import HORIZONS, INTERVAL, Array

STATE: Final = "cost_to_the_state"
WHOLE: Final = "cost_to_the_economy"
PEOPLE: Final = ("trained_cumulative", "employed_in_sector")
UNDEFINED_ABOVE: Final = 0.1
PRESENT: Final = 2026.0
"""The date to which costs are discounted, where they are."""
RATE: Final = "discount_rate"
"""The parameter that holds the rate."""
COLUMNS: Final[Mapping[str, str]] = {
    "variable": "whom one more is counted of",
    "cost": "which cost is charged: that to the state, central and local budgets, or that of all payers to the economy",
    "edge": "until when cost and gain are counted, as an edge",
    "unit": "unit of low, estimate and high",
    "extra_cost": "mean extra cost of the second scenario from the start of the run to the edge, VND",
    "extra_people": "mean extra people at the edge",
    "no_gain": "share of members that gain nobody",
    "low": "10 % quantile of the members' own ratios; empty where not defined",
    "estimate": "mean extra cost over mean extra people; empty where not defined",
    "high": "90 % quantile of the members' own ratios; empty where not defined",
}


def cost_per_additional(
    first: xr.Dataset, second: xr.Dataset, variables: Sequence[str] = PEOPLE, edges: Sequence[float] = HORIZONS
) -> pd.DataFrame:
    """Money per additional person of `second` over `first`, a row for each cost, variable and edge within the run.

    Each cost twice: the state budget alone, and all payers together (families, firms and foreign partners too). Those
    who would have come anyway are in both runs, so they are netted out.

    Costs are as spent, in VND of 2025, not discounted; the whole extra cost is charged to each variable in turn, so the
    rows must not be added. Columns as in COLUMNS. BadInput if the runs cannot be compared.
    """
    check_comparable(first, second)
    rows = []
    for charged in (name for name in (STATE, WHOLE) if name in first and name in second):
        for variable in variables:
            for edge in (edge for edge in edges if edge in first["edge"]):
                cost = spent_until(second, charged, edge) - spent_until(first, charged, edge)
                people = np.asarray((second[variable] - first[variable]).sel(edge=edge).values, dtype=float)
                about: dict[str, object] = {"variable": variable, "cost": charged, "edge": edge, "unit": "VND/person"}
                rows.append(about | ratio_of_means(cost, people))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def spent_until(data: xr.Dataset, cost: str, edge: float, rate: float = 0.0) -> Array:
    """What each member spends until an edge, VND; at a `rate` a year discounted to PRESENT from the middle of years."""
    money = data[cost].sel(period=slice(None, int(edge) - 1)).transpose("period", "member")
    years = money["period"].to_numpy() + 0.5 - PRESENT
    return np.asarray((money.values * np.exp(-rate * years)[:, None]).sum(axis=0), dtype=np.float64)


def ratio_of_means(cost: Array, people: Array) -> dict[str, float]:
    """Cost and people over members, and their ratio as in COLUMNS; NaN where too many members gain nobody."""
    found = {
        "extra_cost": float(cost.mean()),
        "extra_people": float(people.mean()),
        "no_gain": float(np.mean(people <= 0.0)),
        "low": np.nan,
        "estimate": np.nan,
        "high": np.nan,
    }
    if found["no_gain"] <= UNDEFINED_ABOVE:
        ratios = np.where(people > 0.0, cost / np.where(people > 0.0, people, 1.0), np.inf)
        low, high = (float(value) for value in np.quantile(ratios, INTERVAL[::2], method="higher"))
        found |= {"low": low, "estimate": float(cost.mean() / people.mean()), "high": high}
    return found

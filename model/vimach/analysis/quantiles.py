"""Quantiles over the members of a run: every variable, label and date, one date of one variable held at a time."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from vimach.analysis.targets import FEWEST_MEMBERS, counted, quantiles
from vimach.errors import BadInput

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


def over_members(data: xr.Dataset, levels: Sequence[float] = LEVELS) -> xr.Dataset:
    """The dataset with quantiles in place of members: dimensions (quantile, edge or period, labels), in double.

    Exact, not estimated. Things counted in whole numbers are counted so first. BadInput with too few members.
    """
    if data.sizes["member"] < FEWEST_MEMBERS:
        raise BadInput(f"quantiles need at least {FEWEST_MEMBERS} members; these results have {data.sizes['member']}")
    found = data.drop_dims("member").assign_coords(quantile=("quantile", np.array(levels)))
    for name, variable in data.data_vars.items():
        unit = str(variable.attrs["unit"])
        rows = (
            quantiles(counted(variable[when].values.astype(np.float64), unit), levels, unit)
            for when in range(variable.shape[0])
        )
        found[name] = (("quantile", *variable.dims[:-1]), np.stack(list(rows), axis=1), variable.attrs)
    return found

"""What the definition decides: the probability of a headcount target against the share of related graduates counted."""

import numpy as np
import pandas as pd
import xarray as xr

from vimach.errors import BadInput
from vimach.parameters.table import Target

SHARES = (0.0, 0.02, 0.04, 0.06)
"""Shares of graduates of related majors, from none to more than are ever known to have taken chip work."""

COUNTED, RELATED = "trained_with_intense", "graduates_of_related_majors"


def chance_by_related_share(dataset: xr.Dataset, target: Target, shares: tuple[float, ...] = SHARES) -> pd.DataFrame:
    """P(target reached by its date) if a share of related graduates counts as trained, beside count (c).

    One row per share, columns share and probability. BadInput if the run ends before the target's date.
    """
    if target.by not in dataset["edge"]:
        raise BadInput(f"target {target.name}: the run has no edge {target.by:g}")
    then = dataset.sel(edge=target.by)
    counted, related = (np.asarray(then[name].values, dtype=float) for name in (COUNTED, RELATED))
    chances = [float(np.mean(counted + share * related >= target.value)) for share in shares]
    return pd.DataFrame({"share": shares, "probability": chances})

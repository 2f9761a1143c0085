"""What the definition decides: the probability of a headcount target against the share of related graduates counted."""

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.errors import BadInput
from vimach.fields import Label

SHARES = (0.0, 0.02, 0.04, 0.06)
"""Shares of graduates of related majors, from none to more than were ever known to take chip work."""
CURVE: Final = tuple(step / 400 for step in range(25))
"""The same in steps of a quarter of a percent, for a curve."""
SHARE_COUNTED: Final = "share_of_related_majors"
SHARE_LABEL: Final = Label(
    "Share of graduates of related majors counted as well", "Tỷ lệ người tốt nghiệp ngành liên quan được tính thêm"
)

COUNTED, RELATED = "trained_with_intense", "graduates_of_related_majors"


def chance_by_related_share(
    dataset: xr.Dataset, value: float, by: float, shares: tuple[float, ...] = SHARES
) -> pd.DataFrame:
    """P(trained >= value at the edge `by`) if a share of related graduates counts, beside all of count (c).

    One row per share, columns share and probability. BadInput if the run has no such edge.
    """
    if by not in dataset["edge"]:
        raise BadInput(f"the run has no edge {by:g}")
    then = dataset.sel(edge=by)
    counted, related = (np.asarray(then[name].values, dtype=float) for name in (COUNTED, RELATED))
    chances = [float(np.mean(counted + share * related >= value)) for share in shares]
    return pd.DataFrame({"share": shares, "probability": chances})

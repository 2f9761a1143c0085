"""What the definition decides: the probability of a headcount target against the share of related graduates counted."""

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.targets import Array
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

TRAINED: Final = "trained_cumulative"
"""The rung of the official target of 50,000."""
COUNTED, RELATED = "trained_with_intense", "graduates_of_related_majors"


def chance_by_related_share(
    dataset: xr.Dataset, value: float, by: float, shares: tuple[float, ...] = SHARES
) -> pd.DataFrame:
    """P(trained >= value at the edge `by`) if a share of related graduates counts, beside all of count (c).

    One row per share, columns share and probability. BadInput if the run has no such edge.
    """
    counted, related = _people(dataset, by)
    chances = [float(np.mean(counted + share * related >= value)) for share in shares]
    return pd.DataFrame({"share": shares, "probability": chances})


def share_for_even_odds(dataset: xr.Dataset, value: float, by: float) -> float:
    """The least share of related graduates with which half of the members reach `value` at the edge `by`; 0 where they
    need none. BadInput if the run has no such edge."""
    counted, related = _people(dataset, by)
    return float(np.quantile(np.maximum(value - counted, 0.0) / related, 0.5, method="inverted_cdf"))


def _people(dataset: xr.Dataset, by: float) -> tuple[Array, Array]:
    """All of count (c), and the graduates of related majors beside them, at the edge `by`: shape (member) each."""
    if by not in dataset["edge"]:
        raise BadInput(f"the run has no edge {by:g}")
    then = dataset.sel(edge=by)
    counted, related = (np.asarray(then[name].values, dtype=np.float64) for name in (COUNTED, RELATED))
    return counted, related

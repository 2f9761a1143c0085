"""The definition's curve: the probability of the headline against the share of related graduates counted."""

import numpy as np
import pytest
import xarray as xr

from vimach.analysis.definition import CURVE, SHARES, chance_by_related_share, share_for_even_odds
from vimach.errors import BadInput


@pytest.fixture
def run() -> xr.Dataset:
    """Four members with 30,000 to 45,000 counted, and 500,000 related graduates each, at the end of 2030."""
    counted = np.array([[30_000.0, 35_000.0, 40_000.0, 45_000.0]])
    related = np.full((1, 4), 500_000.0)
    return xr.Dataset(
        {
            "trained_with_intense": (("edge", "member"), counted),
            "graduates_of_related_majors": (("edge", "member"), related),
        },
        {"edge": [2031.0]},
    )


def test_each_share_lifts_every_member(run: xr.Dataset) -> None:
    found = chance_by_related_share(run, 50_000, 2031.0, shares=(0.0, 0.01, 0.02, 0.04))
    assert found["probability"].tolist() == [0.0, 0.25, 0.5, 1.0]


def test_a_run_that_ends_before_is_refused(run: xr.Dataset) -> None:
    with pytest.raises(BadInput, match="no edge 2036"):
        chance_by_related_share(run, 50_000, 2036.0)


def test_at_the_share_for_even_odds_half_of_the_members_reach_the_target_and_below_it_fewer(run: xr.Dataset) -> None:
    share = share_for_even_odds(run, 50_000, 2031.0)
    assert share == pytest.approx(0.02)
    at, below = chance_by_related_share(run, 50_000, 2031.0, (share, share - 1e-9))["probability"]
    assert at >= 0.5 > below


def test_no_related_graduate_is_needed_where_half_of_the_members_are_there_already(run: xr.Dataset) -> None:
    assert share_for_even_odds(run, 40_000, 2031.0) == 0.0


def test_the_curve_holds_the_shares_of_the_table() -> None:
    assert set(SHARES) <= set(CURVE) and CURVE[-1] == SHARES[-1]

"""The central run of the baseline gives the numbers that were last agreed to."""

import pytest
import xarray as xr

from .baseline import EDGES, HEADLINES, measured, read


@pytest.mark.parametrize("name", HEADLINES)
def test_a_headline_is_what_it_was(name: str, central_run: xr.Dataset) -> None:
    agreed, now = read()[name], measured(central_run)[name]
    hint = "if meant so, run: python -m tests.regression.baseline"
    assert now == pytest.approx(agreed, rel=1e-9, abs=1e-9), hint


def test_the_file_holds_these_headlines_and_edges_and_no_others() -> None:
    agreed = read()
    assert tuple(agreed) == HEADLINES
    assert all(tuple(row) == EDGES for row in agreed.values())

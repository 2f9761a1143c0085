"""Extra money over extra people, on paired members; no number where too many members gain nobody."""

import numpy as np
import pytest
import xarray as xr

from vimach.analysis.cost import cost_per_additional


def run(cost: list[float], employed: list[float], scenario: str) -> xr.Dataset:
    """Ten members over 2030, cost spread evenly over two copies of the five values given."""
    costs, people = np.array([cost * 2]), np.array([[0.0] * 10, employed * 2])
    attrs = {"scenario": scenario, "scenario_hash": scenario, "seed": 1, "members": 10, "step": 0.0625}
    attrs |= {"model_version": "0", "method": "euler", "data_vintage": "x", "calibration": "prior, not calibrated"}
    return xr.Dataset(
        {
            "cost_to_the_state": (("period", "member"), costs, {"unit": "VND"}),
            "employed_in_sector": (("edge", "member"), people, {"unit": "person"}),
        },
        {"edge": [2030.0, 2031.0], "period": [2030], "member": np.arange(10)},
        attrs,
    )


def test_the_ratio_is_of_means_and_lies_in_its_interval() -> None:
    one = run([1e9] * 5, [100.0] * 5, "one")
    two = run([3e9, 3e9, 3e9, 3e9, 8e9], [110.0, 120.0, 130.0, 140.0, 150.0], "two")
    (row,) = cost_per_additional(one, two, ["employed_in_sector"], [2031.0]).to_dict("records")
    assert row["extra_cost"] == pytest.approx(3e9)
    assert row["extra_people"] == pytest.approx(30.0)
    assert row["estimate"] == pytest.approx(1e8)
    assert row["low"] < row["estimate"] < row["high"]
    assert row["no_gain"] == 0.0


def test_where_many_gain_nobody_no_number_is_given() -> None:
    one = run([1e9] * 5, [100.0] * 5, "one")
    two = run([2e9] * 5, [100.0, 120.0, 130.0, 140.0, 150.0], "two")
    (row,) = cost_per_additional(one, two, ["employed_in_sector"], [2031.0]).to_dict("records")
    assert row["no_gain"] == pytest.approx(0.2)
    assert np.isnan(row["estimate"])


def test_the_same_runs_give_the_same_numbers() -> None:
    one, two = (
        run([1e9] * 5, [100.0] * 5, "one"),
        run([2e9, 2e9, 3e9, 3e9, 8e9], [101.0, 120.0, 130.0, 140.0, 150.0], "two"),
    )
    frames = [cost_per_additional(one, two, ["employed_in_sector"], [2031.0]) for _ in range(2)]
    assert frames[0].equals(frames[1])

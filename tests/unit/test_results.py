"""Results: a dataset that says what it is, written and read without loss, and the same bytes each time."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from vimach import results
from vimach.errors import BadInput


@pytest.fixture
def small(ensemble_run: xr.Dataset) -> xr.Dataset:
    """Two members, three variables."""
    return ensemble_run[["engineers", "employed_in_sector", "quitting"]].isel(member=slice(2))


def test_a_dataset_is_read_as_it_was_written(small: xr.Dataset, tmp_path: Path) -> None:
    results.write(small, tmp_path / "results.nc")
    back = results.read(tmp_path / "results.nc")
    xr.testing.assert_equal(back, small)
    assert back.attrs == small.attrs
    assert {name: array.attrs for name, array in back.items()} == {name: array.attrs for name, array in small.items()}


def test_the_same_dataset_gives_the_same_bytes(small: xr.Dataset, tmp_path: Path) -> None:
    for name in ("first.nc", "second.nc"):
        results.write(small, tmp_path / name)
    assert (tmp_path / "first.nc").read_bytes() == (tmp_path / "second.nc").read_bytes()


def test_a_file_that_cannot_be_written_leaves_nothing_behind(small: xr.Dataset, tmp_path: Path) -> None:
    with pytest.raises(OSError):
        results.write(small, tmp_path / "no" / "results.nc")
    (tmp_path / "results.nc").mkdir()
    with pytest.raises(OSError):
        results.write(small, tmp_path / "results.nc")
    assert [path.name for path in tmp_path.iterdir()] == ["results.nc"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"results\.nc: there is no such file"):
        results.read(tmp_path / "results.nc")


def test_a_file_that_is_no_dataset_is_named(tmp_path: Path) -> None:
    (tmp_path / "results.nc").write_text("nothing of the kind", encoding="utf-8")
    with pytest.raises(BadInput, match=r"results\.nc: is not a result file"):
        results.read(tmp_path / "results.nc")


def test_flows_are_over_periods_without_a_year_and_stocks_on_edges(small: xr.Dataset) -> None:
    assert small.quitting.dims[0] == "period"
    assert small.quitting.attrs["unit"] == "person"
    assert small.engineers.dims == ("edge", "region", "track", "experience", "member")
    assert small.edge.values.tolist() == [float(year) for year in range(2015, 2037)]
    assert small.period.values.tolist() == list(range(2015, 2036))
    assert small.employed_in_sector.attrs["rung"] == "employed_in_sector"


def test_what_a_dataset_says_of_its_origin(small: xr.Dataset) -> None:
    for key in ("scenario", "scenario_hash", "scenario_text", "seed", "model_version", "data_vintage", "origins"):
        assert str(small.attrs[key]), key
    assert small.attrs["forecast_origin"] == 2026.0
    assert small.attrs["calibration"] == "prior, not calibrated"
    assert not any(np.any(np.isnan(array)) for array in small.values())

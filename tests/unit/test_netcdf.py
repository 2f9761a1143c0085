"""Files of results: what is written is what xarray reads, and a disk that fills at any byte is told and no more."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5netcdf
import numpy as np
import pytest
import xarray as xr

from vimach import netcdf
from vimach.netcdf import Coordinate, Field, Frame

LABELS = np.array(["north", "giữa"], dtype=object)
COORDINATES = {
    "edge": Coordinate(np.array([2015.0, 2016.0]), {"long_name": "time in decimal years"}),
    "period": Coordinate(np.array([2015]), {}),
    "member": Coordinate(np.arange(5), {}),
    "region": Coordinate(LABELS, {}),
}
VARIABLES = {
    "people": Field(("edge", "region", "member"), {"unit": "person", "rung": ""}),
    "leaving": Field(("period", "member"), {"unit": "person"}),
}
ATTRIBUTES = {"title": "Cơ sở", "seed": 1017, "step": 1 / 16, "run": ""}


def frame(dtype: str = "float64") -> Frame:
    """Two variables, one of them by region."""
    return Frame(COORDINATES, VARIABLES, np.dtype(dtype), ATTRIBUTES)


def numbers(dtype: str = "float64") -> dict[str, np.ndarray]:
    """A different number in each cell."""
    shapes = {name: frame().shape(name) for name in VARIABLES}
    return {name: np.arange(np.prod(shape), dtype=dtype).reshape(shape) for name, shape in shapes.items()}


def parted(*lengths: int, dtype: str = "float64") -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """The members in parts of these lengths."""
    first = 0
    for length in lengths:
        yield first, {name: values[..., first : first + length] for name, values in numbers(dtype).items()}
        first += length


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_xarray_reads_what_was_written(tmp_path: Path, dtype: str) -> None:
    netcdf.write(frame(dtype), tmp_path / "a.nc", parted(5, dtype=dtype))
    variables = {name: (each.dims, numbers(dtype)[name], each.attributes) for name, each in VARIABLES.items()}
    coordinates = {name: (name, each.values, each.attributes) for name, each in COORDINATES.items()}
    with xr.open_dataset(tmp_path / "a.nc", engine="h5netcdf") as read:
        xr.testing.assert_identical(read, xr.Dataset(variables, coordinates, ATTRIBUTES))
        assert {name: each.dtype for name, each in read.items()} == dict.fromkeys(VARIABLES, np.dtype(dtype))
    with h5netcdf.File(tmp_path / "a.nc") as read:
        assert {name: each.size for name, each in read.dimensions.items()} == frame().sizes
        assert read["people"].dimensions == ("edge", "region", "member")


def test_the_parts_change_no_byte(tmp_path: Path) -> None:
    for name, lengths in (("a", [5]), ("b", [1, 3, 1])):
        netcdf.write(frame(), tmp_path / name, parted(*lengths))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_a_file_says_of_itself_is_read_without_its_numbers(tmp_path: Path) -> None:
    netcdf.write(frame(), tmp_path / "a.nc", parted(5))
    assert netcdf.attributes(tmp_path / "a.nc") == ATTRIBUTES
    (tmp_path / "b.nc").write_bytes((tmp_path / "a.nc").read_bytes()[:1000])
    for missing in ("b.nc", "c.nc"):
        with pytest.raises(OSError, match="open"):
            netcdf.attributes(tmp_path / missing)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file may have more bytes than this."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(sys.platform == "win32", reason="there no limit on the size of a file can be set")
@pytest.mark.parametrize("share", [0, 0.03, 0.5, 0.9, 0.999])
def test_a_disk_that_fills_is_told_wherever_it_happens(tmp_path: Path, share: float) -> None:
    netcdf.write(frame(), tmp_path / "whole.nc", parted(5))
    whole = (tmp_path / "whole.nc").read_bytes()
    with room_for(int(share * len(whole))), pytest.raises(OSError, match="File too large"):
        netcdf.write(frame(), tmp_path / "torn.nc", parted(2, 3))
    gc.collect()  # HDF5 has let go of everything: what it still held would end the process here
    netcdf.write(frame(), tmp_path / "torn.nc", parted(2, 3))
    assert (tmp_path / "torn.nc").read_bytes() == whole


def test_control_c_while_the_file_is_written_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped:
        def __init__(self, _: object) -> None:
            pass

        def __bool__(self) -> bool:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(netcdf, "memoryview", Stopped, raising=False)
        with pytest.raises(KeyboardInterrupt):
            netcdf.write(frame(), tmp_path / "a.nc", parted(5))
    gc.collect()

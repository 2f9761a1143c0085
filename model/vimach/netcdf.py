"""Files of results: netCDF-4, written in one pass, and what a file says of itself, read without its numbers.

netCDF-4 is HDF5 whose arrays are tied to scales, one for each dimension. Libraries that take any such file ask HDF5
dozens of questions about each variable; for a hundred small ones that takes longer than the run that they hold.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
import numpy.typing as npt

Values = npt.NDArray[Any]


class Coordinate(NamedTuple):
    """The values along one dimension, numbers or labels, and what is told of them."""

    values: Values
    attributes: Mapping[str, str]


class Field(NamedTuple):
    """One variable: its dimensions, `member` last, and what is told of it."""

    dims: tuple[str, ...]
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class Frame:
    """A dataset without its numbers: it costs no memory, and a file can be filled from it part by part.

    Each dimension has a coordinate of its name. All numbers are of one type; `attributes` are texts and numbers.
    """

    coordinates: Mapping[str, Coordinate]
    variables: Mapping[str, Field]
    dtype: np.dtype[Any]
    attributes: Mapping[str, Any]

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The length of each dimension."""
        return {name: len(coordinate.values) for name, coordinate in self.coordinates.items()}

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a variable."""
        return tuple(self.sizes[dim] for dim in self.variables[name].dims)


def write(frame: Frame, file: Path, parts: Iterable[tuple[int, Mapping[str, Values]]]) -> None:
    """Writes a frame with its numbers, which come part by part: (first member, values by name).

    The bytes do not depend on how the members are parted. OSError if the file cannot be written.
    """
    with disk(file) as to, h5py.File(to, "w", track_order=True) as out:  # netCDF minds the order of making
        _fill(out, frame, parts, to)


def _fill(out: Any, frame: Frame, parts: Iterable[tuple[int, Mapping[str, Values]]], to: "Disk") -> None:
    _tell(out, frame.attributes)
    scales = {name: _scale(out, frame, name) for name in frame.coordinates}
    fields = {name: _field(out, frame, name, scales) for name in frame.variables}
    for first, values in parts:
        for name, field in fields.items():
            field[..., first : first + values[name].shape[-1]] = values[name]
        if to.error:
            break


def attributes(file: Path) -> dict[str, Any]:
    """What a file that `write` wrote says of itself, as texts and numbers; OSError if it is none."""
    with h5py.File(file) as found:
        told = dict(found.attrs)
    alone = {name for name, value in told.items() if isinstance(value, np.ndarray) and value.size == 1}
    return {name: value.item() if name in alone else value for name, value in told.items()}


@contextmanager
def disk(file: Path) -> Iterator["Disk"]:
    """A new file for HDF5 to write; OSError, when HDF5 is through with it, if it could not be written."""
    with Disk(file) as opened:
        try:
            yield opened
        except (OSError, RuntimeError):
            if not opened.error:
                raise  # otherwise HDF5 stumbles over what was not written, if it looks for it
        if opened.error:
            raise opened.error


class Disk(FileIO):
    """A new file that keeps what stops it from being written to itself, and then pretends: HDF5 cannot be stopped.

    Where it fails to write, it holds on to what it cannot put away, and ends the process when that is let go.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(file, "w+")
        self.error: OSError | KeyboardInterrupt | None = None

    def write(self, data: Any) -> int:
        """Writes all of `data`; nothing after an error."""
        rest = memoryview(data)
        try:
            while rest and not self.error:
                rest = rest[super().write(rest) :]
        except (OSError, KeyboardInterrupt) as error:
            self.error = error
        return len(data)

    def truncate(self, size: int | None = None) -> int:
        """Sets the size of the file; not after an error."""
        try:
            return super().truncate(size) if not self.error else 0
        except (OSError, KeyboardInterrupt) as error:
            self.error = error
            return 0


def _scale(out: Any, frame: Frame, name: str) -> Any:
    """A dimension of the file, and the values along it."""
    values, attributes = frame.coordinates[name]
    text = h5py.string_dtype() if values.dtype == object else None
    scale = out.create_dataset(name, data=values, dtype=text, track_order=True)
    scale.make_scale(name)
    scale.attrs["_Netcdf4Dimid"] = np.int32(list(frame.coordinates).index(name))
    _tell(scale, attributes)
    return scale


def _field(out: Any, frame: Frame, name: str, scales: Mapping[str, Any]) -> Any:
    """A variable of the file, tied to its dimensions."""
    shape, missing = frame.shape(name), frame.dtype.type(np.nan)
    # every number is written, so the space need not be filled first
    field = out.create_dataset(name, shape, frame.dtype, fillvalue=missing, fill_time="never", track_order=True)
    dims, attributes = frame.variables[name]
    for axis, dim in enumerate(dims):
        field.dims[axis].attach_scale(scales[dim])
    _tell(field, {"_FillValue": missing, **attributes})
    return field


def _tell(something: Any, attributes: Mapping[str, Any]) -> None:
    """Attributes as netCDF has them: texts, and arrays of numbers."""
    for name, value in attributes.items():
        something.attrs[name] = value if isinstance(value, str) else np.atleast_1d(value)

"""What of a dataset a statement speaks of: a variable with a choice of labels, and sums, products, ratios, changes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Protocol

import numpy as np
import numpy.typing as npt
import xarray as xr

from vimach.errors import Place, Problem, nearest
from vimach.yaml_reader import Block, Node, Scalar
from vimach_calibration.yaml_fields import Fields

OPERATIONS = ("variable", "sum", "product", "ratio", "change")


Numbers = npt.NDArray[np.float64]


class Expression(Protocol):
    """A number for every moment and member of a run."""

    def at(self, time: float, run: xr.Dataset) -> Numbers:
        """The numbers at a moment (stocks, linear between edges) or in a calendar year (flows); NaN outside the run.

        Of shape (members,), or () where the run has no members.
        """

    def variables(self) -> Iterator["Variable"]:
        """The variables that it reads."""

    def check(self, run: xr.Dataset) -> Iterator[Problem]:
        """The names that `run` does not have."""


@dataclass(frozen=True)
class Number:
    """The number itself."""

    value: float

    def at(self, time: float, run: xr.Dataset) -> Numbers:
        return np.full(tuple(run.sizes[dim] for dim in ("member",) if dim in run.dims), self.value)

    def variables(self) -> Iterator["Variable"]:
        return iter(())

    def check(self, run: xr.Dataset) -> Iterator[Problem]:
        return iter(())


@dataclass(frozen=True)
class Variable:
    """A variable of the dataset with some labels chosen, summed over its other dimensions."""

    name: str
    labels: tuple[tuple[str, str], ...]
    origin: Place

    def at(self, time: float, run: xr.Dataset) -> Numbers:
        chosen = run[self.name].sel(dict(self.labels))
        axis = "edge" if "edge" in chosen.dims else "period"
        summed = chosen.sum([str(dim) for dim in chosen.dims if dim not in (axis, "member")], skipna=False)
        path = summed.transpose(axis, ...).to_numpy()
        moments = run[axis].to_numpy().astype(float)
        nowhere = np.full(path.shape[1:], math.nan)
        if axis == "period":
            found = path[moments == math.floor(time)]
            return np.asarray(found[0] if len(found) else nowhere)
        if not moments[0] <= time <= moments[-1]:
            return nowhere
        after = max(int(np.searchsorted(moments, time)), 1)
        share = (time - moments[after - 1]) / (moments[after] - moments[after - 1])
        return np.asarray(path[after - 1] + share * (path[after] - path[after - 1]))

    def variables(self) -> Iterator["Variable"]:
        yield self

    def check(self, run: xr.Dataset) -> Iterator[Problem]:
        names = [str(name) for name in run.data_vars]
        if self.name not in names:
            message = f"the run has no variable {self.name!r}"
            yield Problem(message, self.origin, suggestion=nearest(self.name, names))
            return
        variable = run[self.name]
        if not {"edge", "period"} & set(variable.dims):
            yield Problem(f"{self.name} has neither edges nor periods", self.origin)
        for dimension, label in self.labels:
            known = [str(name) for name in run[dimension].to_numpy()] if dimension in variable.dims else []
            if not known:
                dimensions = [str(name) for name in variable.dims]
                message = f"{self.name} has no dimension {dimension!r}"
                yield Problem(message, self.origin, suggestion=nearest(dimension, dimensions))
            elif label not in known:
                yield Problem(f"{dimension} has no label {label!r}", self.origin, suggestion=nearest(label, known))


@dataclass(frozen=True)
class Combination:
    """A sum, product or ratio of expressions."""

    operation: str
    parts: tuple[Expression, ...]

    def at(self, time: float, run: xr.Dataset) -> Numbers:
        numbers = [part.at(time, run) for part in self.parts]
        if self.operation == "sum":
            return np.asarray(reduce(np.add, numbers))
        if self.operation == "product":
            return np.asarray(reduce(np.multiply, numbers))
        top, bottom = numbers
        return np.asarray(top / np.where(bottom == 0.0, math.nan, bottom))

    def variables(self) -> Iterator["Variable"]:
        for part in self.parts:
            yield from part.variables()

    def check(self, run: xr.Dataset) -> Iterator[Problem]:
        for part in self.parts:
            yield from part.check(run)


@dataclass(frozen=True)
class Change:
    """What is added between two moments, at whatever moment it is asked for; a count of another span is none of it."""

    of: Expression
    start: float
    end: float

    def at(self, time: float, run: xr.Dataset) -> Numbers:
        return self.of.at(self.end, run) - self.of.at(self.start, run)

    def variables(self) -> Iterator["Variable"]:
        return self.of.variables()

    def check(self, run: xr.Dataset) -> Iterator[Problem]:
        return self.of.check(run)


def read_expression(fields: Fields, node: Node | None, key: str) -> Expression:
    """The expression that `node` writes; a stand-in and a problem in `fields` where it writes none."""
    if node is None or (isinstance(node, Scalar) and node.text):
        value = fields.number(node, key)
        return Number(math.nan if value is None else value)
    block = fields.block(node, key)
    operation = next((entry.key.text for entry in block.entries if entry.key.text in OPERATIONS), "")
    if operation == "variable":
        labels = [entry for entry in block.entries if entry.key.text != "variable"]
        chosen = tuple((entry.key.text, fields.text(entry.value, key)) for entry in labels)
        return Variable(fields.text(block.get("variable"), key), chosen, block.place)
    if operation == "change":
        return _change(fields, block, key)
    if operation:
        fields.block(block, key, (operation,))
        parts = fields.items(block.get(operation), f"{key}.{operation}")
        if operation == "ratio" and len(parts) != 2:
            fields.complain(block.place, "a ratio has two parts", key)
        return Combination(operation, tuple(read_expression(fields, part, f"{key}.{operation}") for part in parts))
    fields.complain(node.place, f"write a number or one of {', '.join(OPERATIONS)}", key)
    return Number(math.nan)


def _change(fields: Fields, block: Block, key: str) -> Expression:
    fields.block(block, key, ("change", "from", "until"), ("change", "from", "until"))
    start, end = (fields.number(block.get(name), f"{key}.{name}") for name in ("from", "until"))
    if start is None or end is None:
        return Number(math.nan)
    return Change(read_expression(fields, block.get("change"), f"{key}.change"), start, end)

"""The ensemble: what each member draws, and what a scenario makes of it.

A draw is a quantile that depends on the seed, the parameter's name and the member alone. So scenarios share their
luck, any block of members can be made anywhere, and a difference between scenarios is policy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from vimach.draws import uniforms
from vimach.graph import Dimension
from vimach.kernels.array import Array, Inputs, Schedule
from vimach.parameters.table import Parameter, ParameterTable
from vimach.paths import Constant, Path_
from vimach.scenario import Override, Scenario
from vimach.units import base, factor, text, unit

INTAKE_PHASE, PROMOTION_PHASE = 11 / 16, 9 / 16
"""Students enter in the step that starts eleven sixteenths into the year, and are promoted nine sixteenths into it."""

Drawn: TypeAlias = dict[tuple[object, ...], Array]
"""What has been drawn: a parameter's values by name, block, overrides and times."""

CENTRAL = -1
"""The member that draws nothing: every number at its central value."""


@dataclass(frozen=True)
class Block:
    """Members first, first + 1, ... of an ensemble with this seed; count 1 at CENTRAL is the central run."""

    seed: int
    first: int
    count: int


@dataclass(frozen=True, eq=False)
class Sample:
    """Members taken out of the ensemble with this seed, some of their quantiles replaced.

    Member k draws what member `members[k]` of that ensemble draws (CENTRAL: nothing), but where `quantiles` has the
    name of a draw, as in `draw_names`, it takes the quantile `quantiles[name][k]`, strictly between 0 and 1.
    `attributes` are what results tell of where their numbers come from.
    """

    seed: int
    members: npt.NDArray[np.int64]
    quantiles: Mapping[str, Array] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.members)

    def part(self, first: int, count: int) -> "Sample":
        """Members first, first + 1, ... of this sample."""
        chosen = slice(first, first + count)
        quantiles = {name: each[chosen] for name, each in self.quantiles.items()}
        return Sample(self.seed, self.members[chosen], quantiles, self.attributes)

    def uniforms(self, name: str, first: int, count: int) -> Array:
        """The quantiles that members first, first + 1, ... have under a name; 1/2 where they draw nothing."""
        if name in self.quantiles:
            return self.quantiles[name][first : first + count]
        members = self.members[first : first + count]
        drawing = members[members != CENTRAL]
        luck = np.full(len(members), 0.5)
        if len(drawing):
            lowest = int(drawing.min())
            every = uniforms(self.seed, name, lowest, int(drawing.max()) - lowest + 1)
            luck[members != CENTRAL] = every[drawing - lowest]
        return luck


def draw_names(parameter: Parameter, labels: Mapping[str, Sequence[str]]) -> list[str]:
    """The names under which a parameter draws; one redrawn each year adds "/2023" to each of them.

    That is its own name or, where each label draws by itself, one name for each: "exit_rate/young".
    """
    if not parameter.independent:
        return [parameter.name]
    every = product(*(labels[dimension] for dimension in parameter.dimensions))
    return [f"{parameter.name}/{'/'.join(label)}" for label in every]


def inputs(
    table: ParameterTable, dimensions: Sequence[Dimension], scenario: Scenario, block: Block, schedule: Schedule,
    halfway: bool = False, sample: Sample | None = None, drawn: Drawn | None = None,
) -> Inputs:  # fmt: skip
    """All inputs of a run of one block, in base units; those that never change are `fixed`.

    The members of the block are members of the ensemble with the block's seed or, where one is given, of `sample`;
    the central run knows of neither. What `drawn` holds is taken from it, and what it lacks is put there: runs of the
    same table, sample and step may share one.
    """
    drawn = {} if drawn is None else drawn
    if block.first == CENTRAL:
        sample = None
    known = {dimension.name: dimension for dimension in dimensions}
    fixed: dict[str, Array] = {"steps_per_year": np.array([1.0 / schedule.step])}
    varying = calendar(schedule)
    later: dict[str, Array] = {name: np.zeros_like(values) for name, values in varying.items()} if halfway else {}
    for name, parameter in table.items():
        if parameter.curve is not None:
            continue
        overrides = [override for override in scenario.overrides if override.name == name]
        dims = [known[dim] for dim in parameter.dimensions]
        moves = parameter.varies or parameter.redrawn or any(not isinstance(o.path, Constant) for o in overrides)
        moments = [schedule.times] if moves else [schedule.times[:1]]
        moments += [schedule.times + schedule.step / 2] if moves and halfway else []
        for kind, times in enumerate(moments):
            key = (name, block, tuple(overrides), float(times[0]), len(times))
            if key not in drawn:
                values = Draw(parameter, dims, block, sample).values(overrides, times)
                drawn[key] = np.moveaxis(values, *_ordered(dims, dimensions))
            if moves:
                (varying, later)[kind][name] = drawn[key]
            else:
                fixed[name] = drawn[key][0]
    return Inputs(block.count, fixed, varying, later)


def calendar(schedule: Schedule) -> dict[str, Array]:
    """The school calendar: 1 in the step of intake and in the step of promotion, 0 in all others; shape (T, 1)."""
    phase = schedule.times - np.floor(schedule.times)
    return {
        "school_intake": (phase == INTAKE_PHASE).astype(float)[:, None],
        "school_promotion": (phase == PROMOTION_PHASE).astype(float)[:, None],
    }


def _ordered(dims: Sequence[Dimension], order: Sequence[Dimension]) -> tuple[list[int], list[int]]:
    """Which axes to move so that the parameter's dimensions stand in the model's order; time is axis 0."""
    wanted = sorted(range(len(dims)), key=lambda axis: list(order).index(dims[axis]))
    return [axis + 1 for axis in wanted], list(range(1, len(dims) + 1))


class Draw:
    """One parameter's numbers for a block of members, before and after a scenario."""

    def __init__(
        self, parameter: Parameter, dims: Sequence[Dimension], block: Block, sample: Sample | None = None
    ) -> None:
        self.parameter, self.block, self.sample = parameter, block, sample
        self.labels = {dim.name: dim.labels for dim in dims}
        self.shape = tuple(len(dim) for dim in dims)
        self.scale = factor(parameter.unit, text(base(unit(parameter.unit))))

    def values(self, overrides: Sequence[Override], times: Array) -> Array:
        """Values at `times`, shape (T, *dims, members or 1), in the base unit.

        A chance is a probability until all overrides have worked on it; then luck decides. The central run keeps it.
        Its factor is doubt about the probability, one for all labels, whatever luck each label has.
        """
        own = self._drawn(self.parameter.central(self.labels, times)[..., None], times)
        central = self.parameter.central(self.labels, times)[..., None]
        for override in overrides:
            where = (slice(None), *self._where(override.labels))
            own, central = self._applied(override, where, own, central, times)
        if self.parameter.chance and not self._central:
            own = np.where(self._luck(times) < own, 1.0, 0.0)
        return np.asarray(own * self.scale)

    def _applied(
        self, override: Override, where: tuple[int | slice, ...], own: Array, central: Array, times: Array
    ) -> tuple[Array, Array]:
        """`own` and `central` after one override, by its law."""
        drawn, middle = own[where].copy(), central[where].copy()
        target = override.path.at(times, drawn)
        if override.law == "raise_to":
            drawn = np.maximum(drawn, target)
        elif override.law == "lower_to":
            drawn = np.minimum(drawn, target)
        elif override.certain:
            drawn = target
        else:
            new = override.path.at(times, middle)
            low, high = self.parameter.range
            # the member keeps its relative deviation; where the central value is 0 it keeps the difference
            kept = np.where(middle == 0.0, new + drawn, new * (drawn / np.where(middle == 0.0, 1.0, middle)))
            drawn = np.minimum(np.maximum(np.where(_untouched(override.path, times, middle), drawn, kept), low), high)
        after = override.path.at(times, middle)
        if override.law == "raise_to":
            after = np.maximum(middle, after)
        elif override.law == "lower_to":
            after = np.minimum(middle, after)
        own, central = own.copy(), central.copy()
        own[where], central[where] = drawn, after
        return own, central

    def _where(self, labels: tuple[str | None, ...] | None) -> tuple[int | slice, ...]:
        if labels is None:
            return (slice(None),) * len(self.shape)
        names = self.parameter.dimensions
        return tuple(
            slice(None) if label is None else self.labels[name].index(label)
            for name, label in zip(names, labels, strict=True)
        )

    def _drawn(self, central: Array, times: Array) -> Array:
        """Each member's own value before any scenario."""
        parameter = self.parameter
        certain = parameter.distribution is None and parameter.factor is None
        if certain or self._central:
            return central + np.zeros(1)
        low, high = parameter.range
        if parameter.chance:
            assert parameter.factor is not None
            doubt = parameter.factor.quantile(self._uniform([f"{parameter.name}/probability"])[0])
            return np.asarray(np.minimum(np.maximum(central * doubt, low), high))
        luck = self._luck(times)
        if parameter.distribution is not None:
            values = parameter.distribution.quantile(luck.ravel()).reshape(luck.shape) + np.zeros_like(central)
        else:
            assert parameter.factor is not None
            values = central * parameter.factor.quantile(luck.ravel()).reshape(luck.shape)
        return np.minimum(np.maximum(values, low), high)

    @property
    def _central(self) -> bool:
        """Whether nobody draws this parameter."""
        if self.sample is None:
            return self.block.first == CENTRAL
        given = any(name.split("/")[0] == self.parameter.name for name in self.sample.quantiles)
        return not given and bool((self.sample.members == CENTRAL).all())

    def _luck(self, times: Array) -> Array:
        """Uniform draws, shape (T or 1, *dims or 1s, members)."""
        names = draw_names(self.parameter, self.labels)
        shape = self.shape if self.parameter.independent else (1,) * len(self.shape)
        if not self.parameter.redrawn:
            return self._uniform(names).reshape((1, *shape, self.block.count))
        years = np.floor(times).astype(int)
        by_year = {year: self._uniform([f"{name}/{year}" for name in names]) for year in dict.fromkeys(years.tolist())}
        return np.stack([by_year[int(year)].reshape((*shape, self.block.count)) for year in years])

    def _uniform(self, names: Sequence[str]) -> Array:
        first, count = self.block.first, self.block.count
        if self.sample is not None:
            return np.stack([self.sample.uniforms(name, first, count) for name in names])
        return np.stack([uniforms(self.block.seed, name, first, count) for name in names])


def _untouched(path: Path_, times: Array, middle: Array) -> Array:
    """Where a path leaves what held before: there a member keeps its own value to the bit."""
    return np.asarray(path.at(times, middle) == middle)

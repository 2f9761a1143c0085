"""The ensemble: what each member draws, and what a scenario makes of it.

A draw is a quantile that depends on the seed, the parameter's name and the member alone. So scenarios share their
luck, any block of members can be made anywhere, and a difference between scenarios is policy.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import product

import numpy as np
import numpy.typing as npt

from vimach.draws import uniforms
from vimach.elementary import normal_quantile
from vimach.graph import Dimension
from vimach.kernels.array import Array, Inputs, Schedule
from vimach.parameters.distributions import Distribution, TwoPiece
from vimach.parameters.table import Parameter, ParameterTable
from vimach.paths import Constant, Path_
from vimach.scenario import Override, Scenario
from vimach.units import base, factor, text, unit

INTAKE_PHASE, PROMOTION_PHASE = 11 / 16, 9 / 16
"""Students enter in the step that starts eleven sixteenths into the year, and are promoted nine sixteenths into it."""

PIECE = 2**14
"""Draws whose normal quantiles are worked out at once: few enough to stay near the processor."""

CENTRAL = -1
"""The member that draws nothing: every number at its central value."""
_NEAR = 8
"""Members this many times their number apart, at most, count as neighbours."""


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
    `attributes` are what results tell of where their numbers come from. Members are numbered from `first` on.
    """

    seed: int
    members: npt.NDArray[np.int64]
    quantiles: Mapping[str, Array] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    first: int = 0

    def __len__(self) -> int:
        return len(self.members)

    def part(self, first: int, count: int) -> "Sample":
        """Members first, first + 1, ... of this sample, numbered from 0 on."""
        return replace(self.only(first, count), first=0)

    def only(self, first: int, count: int) -> "Sample":
        """Members first, first + 1, ... of this sample under the numbers they have, and no others."""
        chosen = slice(first - self.first, first - self.first + count)
        quantiles = {name: each[chosen] for name, each in self.quantiles.items()}
        return Sample(self.seed, self.members[chosen], quantiles, self.attributes, first)

    def uniforms(self, name: str, first: int, count: int) -> Array:
        """The quantiles that members first, first + 1, ... have under a name; 1/2 where they draw nothing."""
        chosen = slice(first - self.first, first - self.first + count)
        if name in self.quantiles:
            return self.quantiles[name][chosen]
        members = self.members[chosen]
        drawing = members[members != CENTRAL]
        luck = np.full(len(members), 0.5)
        if len(drawing):
            luck[members != CENTRAL] = self._luck(name, drawing)
        return luck

    def _luck(self, name: str, members: npt.NDArray[np.int64]) -> Array:
        """What members of the ensemble draw under a name. Of neighbours all between them are drawn anew; of members far
        apart, those of the whole sample are drawn once and kept, as drawing all between takes longer than a run."""
        if np.ptp(members) < _NEAR * len(members):
            return _between(self.seed, name, members)
        if name not in self._kept:
            self._kept[name] = _between(self.seed, name, self._pool)
        return self._kept[name][np.searchsorted(self._pool, members)]

    @cached_property
    def _pool(self) -> npt.NDArray[np.int64]:
        """The members that draw, each once, in order."""
        return np.unique(self.members[self.members != CENTRAL])

    @cached_property
    def _kept(self) -> dict[str, Array]:
        """By name what the members of the pool draw."""
        return {}

    def draws(self, parameter: str) -> bool:
        """Whether some member draws this parameter, or has a quantile for it."""
        return not self._central or parameter in self._given

    @cached_property
    def _central(self) -> bool:
        return bool((self.members == CENTRAL).all())

    @cached_property
    def _given(self) -> frozenset[str]:
        return frozenset(name.split("/")[0] for name in self.quantiles)


def _between(seed: int, name: str, members: npt.NDArray[np.int64]) -> Array:
    lowest = int(members.min())
    return uniforms(seed, name, lowest, int(members.max()) - lowest + 1)[members - lowest]


def draw_names(parameter: Parameter, labels: Mapping[str, Sequence[str]]) -> list[str]:
    """The names under which a parameter draws; one redrawn each year adds "/2023" to each of them.

    That is its own name or, where each label draws by itself, one name for each: "exit_rate/young". Doubt about a
    probability has the name "PARAMETER/probability", which is not among them.
    """
    if not parameter.independent:
        return [parameter.name]
    every = product(*(labels[dimension] for dimension in parameter.dimensions))
    return [f"{parameter.name}/{'/'.join(label)}" for label in every]


def inputs(
    table: ParameterTable, dimensions: Sequence[Dimension], scenario: Scenario, block: Block, schedule: Schedule,
    halfway: bool = False, sample: Sample | None = None,
) -> Inputs:  # fmt: skip
    """All inputs of a run of one block, in base units; those that never change are `fixed`.

    The members of the block are members of the ensemble with the block's seed or, where one is given, of `sample`;
    the central run knows of neither.
    """
    if block.first == CENTRAL:
        sample = None
    known = {dimension.name: dimension for dimension in dimensions}
    fixed: dict[str, Array] = {"steps_per_year": np.array([1.0 / schedule.step])}
    varying = calendar(schedule)
    later: dict[str, Array] = {name: np.zeros_like(values) for name, values in varying.items()} if halfway else {}
    dims = {name: [known[dim] for dim in parameter.dimensions] for name, parameter in table.items()}
    draws = {name: Draw(p, dims[name], block, sample) for name, p in table.items() if p.curve is None}
    _roll(draws.values(), schedule.times)
    for name, member in draws.items():
        parameter = member.parameter
        overrides = [override for override in scenario.overrides if override.name == name]
        order = _ordered(dims[name], dimensions)
        if parameter.varies or parameter.redrawn or any(not isinstance(o.path, Constant) for o in overrides):
            varying[name] = np.moveaxis(member.values(overrides, schedule.times), *order)
            if halfway:
                times = schedule.times + schedule.step / 2
                later[name] = np.moveaxis(member.values(overrides, times), *order)
        else:
            fixed[name] = np.moveaxis(member.values(overrides, schedule.times[:1]), *order)[0]
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
        self.central = not sample.draws(parameter.name) if sample else block.first == CENTRAL
        self.labels = {dim.name: dim.labels for dim in dims}
        self.shape = tuple(len(dim) for dim in dims)
        self.scale = _to_base(parameter.unit)
        self.years = np.zeros(1, dtype=np.int64)  # those that have a draw of their own
        self.luck = self.ranks = self.quantiles = np.zeros(0)

    @property
    def distribution(self) -> Distribution | None:
        """Of the number itself or of a common factor; None where nothing of the kind is drawn."""
        return None if self.central else self.parameter.distribution or self.parameter.factor

    def roll(self, years: npt.NDArray[np.int64]) -> None:
        """Draws uniform numbers, shape (years that differ, *dims or 1s, members), if any are needed in these years."""
        if self.distribution is not None or (self.parameter.chance and not self.central):
            self.years = years if self.parameter.redrawn else years[:1]
            self.luck = self.ranks = self._luck()
            if self.parameter.chance:  # what is drawn is doubt about the probability, whatever luck each label has
                doubt = self._uniform([f"{self.parameter.name}/probability"])
                self.ranks = doubt.reshape((1,) * (1 + len(self.shape)) + (self.block.count,))

    def _at(self, times: Array) -> npt.NDArray[np.int64] | slice:
        """Which draws hold at each time; all times share one where there is but one."""
        if len(self.years) == 1:
            return slice(None)
        return np.searchsorted(self.years, np.floor(times).astype(np.int64))

    def values(self, overrides: Sequence[Override], times: Array) -> Array:
        """Values at `times`, shape (T, *dims, members or 1), in the base unit.

        A chance is a probability until all overrides have worked on it; then luck decides. The central run keeps it.
        Its factor is doubt about the probability, one for all labels, whatever luck each label has.
        """
        central = self.parameter.central(self.labels, times)[..., None]
        own = self._drawn(central, times)
        for override in overrides:
            where = (slice(None), *self.where(override.labels))
            own, central = self._applied(override, where, own, central, times)
        if self.parameter.chance and not self.central:
            luck = self.luck[self._at(times)]
            own = np.where(np.isnan(luck) | np.isnan(own), np.nan, luck < own)
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

    def where(self, labels: tuple[str | None, ...] | None) -> tuple[int | slice, ...]:
        """The position of these labels, as an index behind that of time."""
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
        if self.distribution is None:
            return central + np.zeros(1)
        low, high = parameter.range
        at = slice(None) if parameter.chance else self._at(times)
        if parameter.distribution is not None:
            return np.minimum(np.maximum(self.quantiles, low), high)[at] + np.zeros_like(central)
        values = central * self.quantiles[at]
        np.maximum(values, low, out=values)
        return np.minimum(values, high, out=values)

    def _luck(self) -> Array:
        names = draw_names(self.parameter, self.labels)
        shape = self.shape if self.parameter.independent else (1,) * len(self.shape)
        if not self.parameter.redrawn:
            return self._uniform(names).reshape((1, *shape, self.block.count))
        drawn = [self._uniform([f"{name}/{year}" for name in names]) for year in self.years.tolist()]
        return np.stack([uniform.reshape((*shape, self.block.count)) for uniform in drawn])

    def _uniform(self, names: Sequence[str]) -> Array:
        first, count = self.block.first, self.block.count
        if self.sample is not None:
            return np.stack([self.sample.uniforms(name, first, count) for name in names])
        return np.stack([uniforms(self.block.seed, name, first, count) for name in names])


def _roll(draws: Iterable[Draw], times: Array) -> None:
    """Draws all numbers of a run and their quantiles; the normal ones together: many short arrays take far longer."""
    years = np.unique(np.floor(times).astype(np.int64))
    normal: list[tuple[Draw, TwoPiece]] = []
    for draw in draws:
        draw.roll(years)
        if isinstance(draw.distribution, TwoPiece):
            normal.append((draw, draw.distribution))
        elif draw.distribution is not None:
            draw.quantiles = draw.distribution.quantile(draw.ranks.ravel()).reshape(draw.ranks.shape)
    ranks = np.concatenate([np.zeros(0), *(draw.ranks.ravel() for draw, _ in normal)])
    deviates = np.empty_like(ranks)
    for first in range(0, len(ranks), PIECE):
        deviates[first : first + PIECE] = normal_quantile(ranks[first : first + PIECE])
    done = 0
    for draw, distribution in normal:
        z = deviates[done : done + draw.ranks.size]
        draw.quantiles = distribution.at_deviate(z).reshape(draw.ranks.shape)
        done += draw.ranks.size


@cache
def _to_base(written: str) -> float:
    """What a number in this unit is multiplied by to be in base units."""
    return factor(written, text(base(unit(written))))


def _untouched(path: Path_, times: Array, middle: Array) -> Array:
    """Where a path leaves what held before: there a member keeps its own value to the bit."""
    return np.asarray(path.at(times, middle) == middle)

"""Every draw of the model as a standard coordinate: mean 0 and variance 1 under the prior.

A number that is drawn from a distribution has its normal score; a yes or no with probability p has (d - p) over the
root of p (1 - p). At zero everywhere stands the central run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri  # type: ignore[import-untyped]

from vimach.ensemble import CENTRAL, Sample, draw_names
from vimach.parameters.table import Parameter
from vimach.posterior import PLACES
from vimach.simulate import Model

Array = npt.NDArray[np.float64]

FARTHEST = 4.0
"""Scores of estimated numbers stay within this many standard deviations of their prior."""


@dataclass(frozen=True)
class Coordinate:
    """One draw: its name as in `draw_names`, whose it is, and its probability where it is a yes or no."""

    name: str
    parameter: Parameter
    chance: float | None = None

    @property
    def estimable(self) -> bool:
        """Whether it is a number that may be estimated: no yes or no, no doubt about one, no noise of one year."""
        return not self.parameter.chance and not self.parameter.redrawn

    def quantiles(self, values: Array) -> Array:
        """The quantiles to give a run; a yes is drawn where the quantile lies below the probability."""
        if self.chance is None:
            return as_written(np.asarray(ndtr(np.clip(values, -FARTHEST, FARTHEST))))
        return np.asarray(np.where(values > 0.0, self.chance / 2, (1 + self.chance) / 2))

    def values(self, quantiles: Array) -> Array:
        """The coordinate of given quantiles."""
        if self.chance is None:
            return np.asarray(ndtri(quantiles))
        spread = np.sqrt(self.chance * (1 - self.chance))
        return np.asarray(np.where(quantiles < self.chance, 1 - self.chance, -self.chance) / spread)


def as_written(quantiles: Array) -> Array:
    """Quantiles as the committed file holds them: what is simulated is what is written."""
    return np.asarray(quantiles.round(PLACES).clip(10.0**-PLACES, 1 - 10.0**-PLACES))


def coordinates(model: Model, first: int, last: int) -> tuple[Coordinate, ...]:
    """Every draw that can move a run through the years `first` to `last`; yearly noise has one for each year."""
    found = []
    for parameter in model.table.values():
        if parameter.distribution is None and parameter.factor is None and not parameter.chance:
            continue
        names = draw_names(parameter, model.labels)
        if parameter.redrawn:
            names = [f"{name}/{year}" for name in names for year in range(first, last + 1)]
        for name in names:
            chance = _probability(parameter, name, model) if parameter.chance else None
            if chance is None or 0.0 < chance < 1.0:
                found.append(Coordinate(name, parameter, chance))
        if parameter.chance and (parameter.factor or parameter.distribution):
            found.append(Coordinate(f"{parameter.name}/probability", parameter))
    return tuple(found)


def _probability(parameter: Parameter, name: str, model: Model) -> float:
    """The probability of a yes that does not change over time."""
    central = parameter.central(model.labels, np.zeros(1))[0]
    if not parameter.independent:
        return float(np.ravel(central)[0])
    labels = name.split("/")[1:]
    where = tuple(model.labels[dim].index(label) for dim, label in zip(parameter.dimensions, labels, strict=True))
    return float(central[where])


def central_sample(seed: int, axes: Sequence[Coordinate], values: Array) -> Sample:
    """Members at the central run but for `axes`, whose coordinates are `values` (members, axes)."""
    quantiles = {axis.name: axis.quantiles(values[:, number]) for number, axis in enumerate(axes)}
    return Sample(seed, np.full(len(values), CENTRAL, dtype=np.int64), quantiles)


def prior_values(sample: Sample, axes: Sequence[Coordinate]) -> Array:
    """The coordinates that the members of `sample` have along `axes`, shape (members, axes)."""
    return np.stack([axis.values(sample.uniforms(axis.name, 0, len(sample))) for axis in axes], axis=1)


def probes(axes: Sequence[Coordinate], centre: Mapping[str, float], reach: float) -> tuple[Array, Array]:
    """Two points along each axis, shape (2 axes, axes), and the distance between them in coordinates.

    The others stand at `centre` (0 where it says nothing). A yes or no has both its values.
    """
    home = np.array([centre.get(axis.name, 0.0) for axis in axes])
    points = np.repeat(home[None, :], 2 * len(axes), axis=0)
    between = np.empty(len(axes))
    for number, axis in enumerate(axes):
        if axis.chance is None:
            ends = np.clip(home[number] + np.array([-reach, reach]), -FARTHEST, FARTHEST)
        else:
            spread = np.sqrt(axis.chance * (1 - axis.chance))
            ends = np.array([-axis.chance, 1 - axis.chance]) / spread
        points[2 * number : 2 * number + 2, number] = ends
        between[number] = ends[1] - ends[0]
    return points, between

"""Weighted samples: how every forecast is handed over, the model's and the benchmarks' alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """Draws of a forecast: `values` of shape (members, times), `weights` of shape (members,), made to add up to 1.

    ValueError if a weight is negative or no number, if all are zero, or if the shapes do not fit.
    """

    values: Array
    weights: Array

    def __post_init__(self) -> None:
        weights = np.asarray(self.weights, np.float64)
        if self.values.ndim != 2 or weights.shape != self.values.shape[:1]:
            raise ValueError(f"values {self.values.shape} and weights {weights.shape} do not fit each other")
        if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
            raise ValueError("weights are numbers of at least zero, and not all of them zero")
        object.__setattr__(self, "weights", weights / weights.sum())

    @property
    def effective_size(self) -> float:
        """Kish's: how many equally weighted draws these are worth."""
        return float(1.0 / np.square(self.weights).sum())

    def quantiles(self, levels: Sequence[float] | Array) -> Array:
        """Quantiles of shape (levels, times): linear between the middles of the members' steps in the distribution."""
        found = np.empty((len(levels), self.values.shape[1]))
        for place in range(self.values.shape[1]):
            order = np.argsort(self.values[:, place], kind="stable")
            weights = self.weights[order]
            middles = np.cumsum(weights) - weights / 2
            found[:, place] = np.interp(levels, middles, self.values[order, place])
        return found

    def map(self, change: Callable[[Array], Array]) -> "Samples":
        """The same weights on changed values."""
        return Samples(change(self.values), self.weights)

"""The counts worked out without a run: a quadratic surface through the runs that there are.

It only says where to look. Whatever it gets wrong, a run of the simulator puts right in the weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vimach_calibration.likelihood import Likelihood

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

NEAR = 4.0
"""A run that meets the counts worse than the best tenth by so many units of log-likelihood teaches 1/e as much."""
FAINTEST = 1e-3
"""No run teaches less than this share of the best ones."""
STIFF = 0.3
"""A prior of mean 0 on every coefficient, worth so many runs: the surface is flat where nothing was tried."""
OPEN = 10.0
"""How far an interval without an upper end is thought to reach, on the log scale."""
_DECIMALS = 9
"""Coefficients are rounded, so that they do not depend on how a machine multiplies matrices."""


class Target:
    """The counts, roughly: each an interval on the log scale, met with a normal error."""

    def __init__(self, likelihood: Likelihood) -> None:
        first = [int(np.flatnonzero(likelihood.owner == number)[0]) for number in range(len(likelihood))]
        low, high, self.sd = likelihood.low[first], likelihood.high[first], likelihood.sd[first]
        high = np.where(np.isfinite(high), high, low + OPEN)
        half = (high - low) / 2
        narrow = half < 1.5 * self.sd
        self.middle, self.flat = (low + high) / 2, np.where(narrow, 0.0, half)
        self.variance = self.sd**2 + np.where(narrow, half**2 / 3, 0.0)
        each = likelihood.owner[None, :] == np.arange(len(likelihood))[:, None]
        self._share = each / each.sum(axis=1, keepdims=True)

    def averaged(self, logs: Array) -> Array:
        """What each count is given (counts, ...), its moments taken together, from `logs` (rows, ...)."""
        return np.asarray(np.einsum("cr,r...->c...", self._share, logs))

    def score(self, given: Array, error: Array) -> Array:
        """Rough log-likelihood of what is given (counts, ...), known but for an `error` (counts,)."""
        shape = (-1,) + (1,) * (given.ndim - 1)
        beyond = np.maximum(np.abs(given - self.middle.reshape(shape)) - self.flat.reshape(shape), 0.0)
        return np.asarray(-0.5 * (beyond**2 / (self.variance + error**2).reshape(shape)).sum(axis=0))


@dataclass(frozen=True)
class Home:
    """Every member run once, its estimated numbers at the mode of its structure.

    `structure` (members,), `modes` (structures, estimated), `given` (counts, members).
    """

    target: Target
    structure: Whole
    modes: Array
    given: Array

    @property
    def scores(self) -> Array:
        """What is given, in errors of a count around the mean: (members, counts)."""
        return np.asarray(((self.given - self.given.mean(axis=1, keepdims=True)) / self.target.sd[:, None]).T)

    def away(self, members: Whole, values: Array) -> Array:
        """How far `values` (members, ..., estimated) are from the modes of these members."""
        modes = self.modes[self.structure[members]]
        return np.asarray(values - modes.reshape(len(members), *(1,) * (values.ndim - 2), -1))


@dataclass(frozen=True)
class Trial:
    """Members run at `values` (members, estimated): what each count was `given`, and its log-likelihood in `total`."""

    members: Whole
    values: Array
    given: Array
    total: Array


@dataclass(frozen=True)
class Emulator:
    """What the counts are given at any values of the estimated numbers.

    From home, a member moves by a quadratic in how far it is away. The squares are the same in every structure, slopes
    and constant (structures, 1 + estimated, counts) its own; `offsets` (members, counts) tell by what is given at home.
    `error` (counts,) is how far trials near the counts lie from the surface.
    """

    home: Home
    slopes: Array
    squares: Array
    offsets: Array
    error: Array

    @staticmethod
    def fitted(home: Home, trials: Sequence[Trial]) -> "Emulator":
        """The surface through the trials by weighted least squares, those that meet the counts weighing most."""
        members = np.concatenate([trial.members for trial in trials])
        values, total = (np.concatenate([getattr(trial, what) for trial in trials]) for what in ("values", "total"))
        given = np.concatenate([trial.given for trial in trials], axis=1)
        whole = np.isfinite(given).all(axis=0) & np.isfinite(home.given[:, members]).all(axis=0)
        members, values, total, given = members[whole], values[whole], total[whole], given[:, whole]
        weight = np.exp((total - np.quantile(total, 0.9)) / NEAR).clip(FAINTEST, 1.0)
        away, scores = home.away(members, values), np.nan_to_num(home.scores)
        line = np.concatenate([np.ones((len(away), 1)), away], axis=1)
        mine = home.structure[members]
        own = [np.where((mine == number)[:, None], line, 0.0) for number in range(len(home.modes))]
        every = np.concatenate([*own, _squares(away), scores[members]], axis=1)
        moved = (given - home.given[:, members]).T
        weighed = every * weight[:, None]
        found = np.linalg.solve(weighed.T @ every + STIFF * np.eye(every.shape[1]), weighed.T @ moved).round(_DECIMALS)
        error = np.sqrt(weight @ (moved - every @ found) ** 2 / weight.sum())
        width, count = line.shape[1], len(home.modes)
        slopes = found[: count * width].reshape(count, width, -1)
        squares = found[count * width : -scores.shape[1]]
        return Emulator(home, slopes, squares, scores @ found[-scores.shape[1] :], error.round(_DECIMALS))

    def score(self, members: Whole, values: Array) -> Array:
        """Rough log-likelihood (members, tries) of some members at `values` (members, tries, estimated)."""
        away = self.home.away(members, values)
        start = np.nan_to_num(self.home.given.T + self.offsets)[members]
        slopes = self.slopes[self.home.structure[members]]
        given = (start + slopes[:, 0])[:, None, :] + away @ slopes[:, 1:]
        given += (_squares(away.reshape(-1, away.shape[-1])) @ self.squares).reshape(given.shape)
        return self.home.target.score(np.moveaxis(given, -1, 0), self.error)


def _squares(away: Array) -> Array:
    one, other = np.triu_indices(away.shape[-1])
    return np.asarray(away[:, one] * away[:, other])

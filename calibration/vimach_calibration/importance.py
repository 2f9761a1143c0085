"""Importance sampling: members of the prior ensemble whose estimated numbers are moved near the counts, and weighted.

For each member the estimated numbers are drawn given all its others, from a normal approximation of what the counts
say of them; the weight puts right whatever the approximation gets wrong. So every draw stays joint.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vimach.draws import uniforms
from vimach.ensemble import Sample
from vimach_calibration.coordinates import FARTHEST, Coordinate, prior_values
from vimach_calibration.likelihood import Likelihood

Array = npt.NDArray[np.float64]
Given = Callable[[Sample], Array]
"""Logarithms of what each row of the likelihood is given by the members of a sample, shape (rows, members)."""

WIDER = 1.15
"""The proposal's spread over that of the approximation: too narrow a proposal has unbounded weights."""
FROM_PRIOR = 0.1
"""Share of members that keep their prior draws, so that no weight exceeds ten times the likelihood."""
_DECIMALS = 6
"""Proposals are rounded, so that they do not depend on how a machine multiplies matrices."""


@dataclass(frozen=True)
class Proposal:
    """For each member, normal with mean `means` (members, estimated) and its structure's `spreads`; partly the prior.

    `structure` tells each member's; a spread is the lower triangle whose square is the covariance.
    """

    estimated: tuple[Coordinate, ...]
    means: Array
    spreads: Array
    structure: npt.NDArray[np.int64]

    def drawn(self, sample: Sample) -> tuple[Sample, Array]:
        """The members of a prior sample with their estimated numbers drawn anew; log of prior over proposal density."""
        prior = prior_values(sample, self.estimated)
        keeping = np.concatenate([uniforms(sample.seed, "proposal", int(member), 1) for member in sample.members])
        spread = self.spreads[self.structure]
        shifted = self.means + np.einsum("mij,mj->mi", spread, prior)
        moved = placed(sample, self.estimated, np.where(keeping[:, None] < FROM_PRIOR, prior, shifted))
        values = np.stack([axis.values(moved.quantiles[axis.name]) for axis in self.estimated], axis=1)
        return moved, self._log_ratio(values)

    def _log_ratio(self, values: Array) -> Array:
        """Log of the prior density over that of the proposal; constants that both have are left out."""
        log_prior = -0.5 * (values**2).sum(axis=1)
        log_normal = np.empty(len(values))
        for number, spread in enumerate(self.spreads):
            mine = self.structure == number
            standard = np.linalg.solve(spread, (values[mine] - self.means[mine]).T)
            log_normal[mine] = -0.5 * (standard**2).sum(axis=0) - np.log(np.diag(spread)).sum()
        proposed = np.logaddexp(np.log(FROM_PRIOR) + log_prior, np.log(1 - FROM_PRIOR) + log_normal)
        return np.asarray(log_prior - proposed)


def placed(sample: Sample, estimated: Sequence[Coordinate], values: Array) -> Sample:
    """The members of `sample` with the estimated numbers at `values` (members, estimated)."""
    quantiles = {axis.name: axis.quantiles(values[:, number]) for number, axis in enumerate(estimated)}
    return Sample(sample.seed, sample.members, quantiles)


@dataclass(frozen=True)
class Approximation:
    """What the counts say of the estimated numbers in one structure: where they fit best, and the Jacobian there."""

    mode: Array
    jacobian: Array
    logs: Array

    def precision(self, fall: Array) -> Array:
        """Precision of the estimated numbers for curvatures `fall` (rows,) or (rows, members)."""
        own = np.eye(len(self.mode))
        return np.asarray(own + np.einsum("ri,r...,rj->...ij", self.jacobian, fall, self.jacobian))

    def spread(self, likelihood: Likelihood) -> Array:
        """The proposal's spread."""
        _, fall = likelihood.curvature(self.logs[:, None])
        return np.round(WIDER * np.linalg.cholesky(np.linalg.inv(self.precision(fall[:, 0]))), _DECIMALS)


def proposal(
    sample: Sample, likelihood: Likelihood, estimated: tuple[Coordinate, ...],
    structures: Sequence[Approximation], structure: npt.NDArray[np.int64], given: Given,
) -> Proposal:  # fmt: skip
    """The proposal for the members of a prior sample, from one run of each.

    Each is run with its estimated numbers at the mode of its structure. What the counts then miss, by whatever the
    others are, is answered with one step of Gauss and Newton; so the mean is a function of the others alone.
    """
    modes = np.stack([approximation.mode for approximation in structures])[structure]
    logs = given(placed(sample, estimated, modes))
    means = modes.copy()
    for number, approximation in enumerate(structures):
        mine = np.flatnonzero((structure == number) & np.isfinite(logs).all(axis=0))
        slope, fall = likelihood.curvature(logs[:, mine])
        uphill = approximation.jacobian.T @ slope - modes[mine].T
        step = np.linalg.solve(approximation.precision(fall), uphill.T[:, :, None])[:, :, 0]
        means[mine] += step
    spreads = np.stack([approximation.spread(likelihood) for approximation in structures])
    return Proposal(estimated, means.clip(-FARTHEST, FARTHEST).round(_DECIMALS), spreads, structure)


@dataclass(frozen=True)
class Weights:
    """What members are worth: `log_weights` (members,), not normalised, -inf where a run broke."""

    log_weights: Array

    @property
    def normal(self) -> Array:
        """Weights that add up to 1."""
        weights = np.exp(self.log_weights - self.log_weights.max())
        return np.asarray(weights / weights.sum())

    @property
    def effective(self) -> float:
        """How many equally weighted members they are worth."""
        return float(1.0 / (self.normal**2).sum())

    @property
    def largest(self) -> float:
        """The largest single weight."""
        return float(self.normal.max())

    @property
    def log_evidence(self) -> float:
        """Log of the mean weight: the probability of the counts under the model and its priors."""
        top = self.log_weights.max()
        return float(top + np.log(np.mean(np.exp(self.log_weights - top))))

    def chosen(self, entries: int) -> npt.NDArray[np.int64]:
        """Systematic resampling: members in rising order, each as often as its weight says, to the nearest whole."""
        ends = np.cumsum(self.normal)
        marks = (np.arange(entries) + 0.5) / entries
        return np.searchsorted(ends / ends[-1], marks).astype(np.int64)


def weighted_quantiles(values: Array, weights: Array, levels: Array) -> Array:
    """Quantiles of weighted values (members,), the inverse of the weighted distribution; NaN values count for none."""
    kept = np.isfinite(values)
    order = np.argsort(values[kept], kind="stable")
    ends = np.cumsum(weights[kept][order])
    return np.asarray(values[kept][order][np.searchsorted(ends / ends[-1], levels).clip(0, len(ends) - 1)])

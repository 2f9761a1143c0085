"""Importance sampling: members of the prior ensemble whose estimated numbers are moved near the counts, and weighted.

For each member the estimated numbers are drawn given all its others, from a normal approximation of what the counts
say of them; the weight puts right whatever the approximation gets wrong. So every draw stays joint.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vimach.ensemble import Sample
from vimach_calibration.coordinates import FARTHEST, Coordinate, prior_values
from vimach_calibration.likelihood import Likelihood

Array = npt.NDArray[np.float64]
Given = Callable[[Sample], Array]
"""Logarithms of what each row of the likelihood is given by the members of a sample, shape (rows, members)."""

SHARES = (0.1, 0.4, 0.5)
"""Shares of members that keep their prior draws, are drawn from what the counts say of the estimated numbers at large,
and from what they say of them given all other draws. The first bounds every weight by ten times the likelihood; the
second catches those members for which the third looks in the wrong place."""
WIDER = (1.0, 1.05, 1.15)
"""The spread of each part over that of its approximation: too narrow a proposal has unbounded weights."""
TAUGHT = 2.0
"""A trial worth so many members for each estimated number is trusted as much as the approximation."""
_DECIMALS = 6
"""Proposals are rounded, so that they do not depend on how a machine multiplies matrices."""


@dataclass(frozen=True)
class Part:
    """Normal with mean `means` (members, estimated) and, for each structure, a lower triangle in `spreads` whose square
    is the covariance."""

    means: Array
    spreads: Array

    def moved(self, scores: Array, structure: npt.NDArray[np.int64]) -> Array:
        """Standard normal numbers (members, estimated) made into draws from this part."""
        return np.asarray(self.means + np.einsum("mij,mj->mi", self.spreads[structure], scores))

    def log_density(self, values: Array, structure: npt.NDArray[np.int64]) -> Array:
        """Log of the density at `values`, but for a constant that all parts have."""
        found = np.empty(len(values))
        for number, spread in enumerate(self.spreads):
            mine = structure == number
            standard = np.linalg.solve(spread, (values[mine] - self.means[mine]).T)
            found[mine] = -0.5 * (standard**2).sum(axis=0) - np.log(np.diag(spread)).sum()
        return found


@dataclass(frozen=True)
class Proposal:
    """A mixture of three parts, in the order of SHARES; `structure` tells each member's."""

    estimated: tuple[Coordinate, ...]
    parts: tuple[Part, Part, Part]
    structure: npt.NDArray[np.int64]

    def drawn(self, sample: Sample, lent: Sample | None = None) -> tuple[Sample, Array]:
        """The members of a prior sample with their estimated numbers drawn anew; log of prior over proposal density.

        The luck of these draws is the members' own, or `lent` by other members.
        """
        lender = lent or sample
        scores = prior_values(lender, self.estimated)
        luck = lender.uniforms("proposal", 0, len(sample))
        mine = np.searchsorted(np.cumsum(SHARES)[:-1], luck, side="right")
        each = np.stack([part.moved(scores, self.structure) for part in self.parts])
        moved = placed(sample, self.estimated, each[mine, np.arange(len(mine))])
        values = prior_values(moved, self.estimated)
        density = [part.log_density(values, self.structure) for part in self.parts]
        mixed = np.logaddexp.reduce(np.log(SHARES)[:, None] + np.stack(density))
        return moved, np.asarray(-0.5 * (values**2).sum(axis=1) - mixed)


    def part(self, count: int) -> "Proposal":
        """The proposal for the first `count` members."""
        first, second, third = (Part(part.means[:count], part.spreads) for part in self.parts)
        return Proposal(self.estimated, (first, second, third), self.structure[:count])

    def learnt(self, values: Array, weights: Array) -> "Proposal":
        """The proposal after a trial: its first members at `values` turned out to be worth `weights`.

        Means and covariances of the second and third part are moved towards those found, the more so the more the
        members of a structure are worth.
        """
        kept, *taught = self.parts
        new = [Part(part.means.copy(), part.spreads.copy()) for part in taught]
        for number in range(len(kept.spreads)):
            mine = np.flatnonzero(self.structure[: len(weights)] == number)
            if not weights[mine].sum() > 0.0:
                continue
            share = weights[mine] / weights[mine].sum()
            trust = 1.0 / (1.0 + TAUGHT * values.shape[1] * float((share**2).sum()))
            for part, wider in zip(new, WIDER[1:], strict=True):
                apart = values[mine] - part.means[mine]
                shift = trust * (share @ apart)
                found = (apart - share @ apart).T @ (share[:, None] * (apart - share @ apart))
                old = part.spreads[number] @ part.spreads[number].T
                part.means[self.structure == number] += shift
                mixed = trust * wider**2 * found + (1.0 - trust) * old
                part.spreads[number] = np.linalg.cholesky(mixed)
        second, third = (Part(part.means.round(_DECIMALS), part.spreads.round(_DECIMALS)) for part in new)
        return Proposal(self.estimated, (kept, second, third), self.structure)


def placed(sample: Sample, estimated: Sequence[Coordinate], values: Array) -> Sample:
    """The members of `sample` with the estimated numbers at `values` (members, estimated)."""
    quantiles = {axis.name: axis.quantiles(values[:, number]) for number, axis in enumerate(estimated)}
    return Sample(sample.seed, sample.members, quantiles)


@dataclass(frozen=True)
class Approximation:
    """What the counts say of the estimated numbers in one structure, the model being linearised where they fit best.

    `mode` is that point, `logs` what is given there, `jacobian` (rows, estimated) and `others` (rows, all other draws)
    how that moves.
    """

    mode: Array
    jacobian: Array
    logs: Array
    others: Array

    def precision(self, fall: Array) -> Array:
        """Precision of the estimated numbers given the others, for curvatures `fall` (rows,) or (rows, members)."""
        own = np.eye(len(self.mode))
        return np.asarray(own + np.einsum("ri,r...,rj->...ij", self.jacobian, fall, self.jacobian))

    def given_others(self, likelihood: Likelihood) -> Array:
        """Their covariance given the others."""
        _, fall = likelihood.curvature(self.logs[:, None])
        return np.asarray(np.linalg.inv(self.precision(fall[:, 0])))

    def at_large(self, likelihood: Likelihood) -> tuple[Array, Array]:
        """Their mean and covariance whatever the others are."""
        slope, fall = (each[:, 0] for each in likelihood.curvature(self.logs[:, None]))
        root = np.sqrt(fall)
        mine, rest = root[:, None] * self.jacobian, root[:, None] * self.others
        told = np.divide(slope, root, out=np.zeros_like(slope), where=root > 0.0) + mine @ self.mode
        through = np.linalg.solve(np.eye(len(root)) + rest @ rest.T, np.column_stack([mine, told]))
        covariance = np.linalg.inv(np.eye(len(self.mode)) + mine.T @ through[:, :-1])
        return np.asarray(covariance @ (mine.T @ through[:, -1])), np.asarray(covariance)


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
        means[mine] += np.linalg.solve(approximation.precision(fall), uphill.T[:, :, None])[:, :, 0]
    none = np.eye(len(estimated))
    large = [approximation.at_large(likelihood) for approximation in structures]
    parts = (
        (np.zeros_like(means), [none for _ in structures]),
        (np.stack([mean for mean, _ in large])[structure], [covariance for _, covariance in large]),
        (means, [approximation.given_others(likelihood) for approximation in structures]),
    )
    first, second, third = (
        Part(
            mean.clip(-FARTHEST, FARTHEST).round(_DECIMALS),
            np.stack([wider * np.linalg.cholesky(covariance) for covariance in covariances]).round(_DECIMALS),
        )
        for wider, (mean, covariances) in zip(WIDER, parts, strict=True)
    )
    return Proposal(estimated, (first, second, third), structure)


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

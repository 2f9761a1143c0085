"""Importance sampling: members of the prior ensemble whose estimated numbers are moved near the counts, and weighted.

Each member draws several candidates for its estimated numbers, given all its others, and takes one of them by what an
emulator says that the counts would be. It is then run; the weight puts right whatever proposal and emulator got wrong.
So every draw stays joint.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri  # type: ignore[import-untyped]
from scipy.stats import qmc  # type: ignore[import-untyped]

from vimach.ensemble import Sample
from vimach_calibration.coordinates import FARTHEST, Coordinate
from vimach_calibration.emulator import Emulator
from vimach_calibration.likelihood import Likelihood

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

SHARES = (0.1, 0.3, 0.6)
"""Shares of candidates that are prior draws, come from what the counts say of the estimated numbers at large, and from
what they say of them given all other draws."""
WIDER = 1.15
"""The spread of a part over that of what it approximates: too narrow a proposal has unbounded weights."""
CANDIDATES = 32
BLIND = 0.1
"""Share of members that take a candidate blindly: it bounds what an emulator that is wrong can do to a weight."""
TAUGHT = 4000
"""Members whose candidates teach the next proposal; those of an emulator cost no run."""
TRUSTED = 30.0
"""A structure in which members are worth so many is trusted as much as the prior."""
_DECIMALS = 6
"""Proposals are rounded, so that they do not depend on how a machine multiplies matrices."""
_PIECE = 500  # members whose candidates are held at once


@dataclass(frozen=True)
class Part:
    """Normal with mean `means` (members, estimated) and, for each structure, a lower triangle in `spreads` whose square
    is the covariance."""

    means: Array
    spreads: Array

    def moved(self, scores: Array, members: Whole, structure: Whole) -> Array:
        """Standard normal numbers (members, tries, estimated) made into draws of these members."""
        turned = np.matmul(scores, np.swapaxes(self.spreads[structure], 1, 2))
        return np.asarray(self.means[members][:, None, :] + turned)

    def log_density(self, values: Array, members: Whole, structure: Whole) -> Array:
        """Log of the density at `values` (members, tries, estimated), but for a constant that all parts have."""
        inverse = np.linalg.inv(self.spreads)
        apart = values - self.means[members][:, None, :]
        standard = np.matmul(apart, np.swapaxes(inverse[structure], 1, 2))
        scale = np.log(np.diagonal(self.spreads, axis1=1, axis2=2)).sum(axis=1)
        return np.asarray(-0.5 * (standard**2).sum(axis=-1) - scale[structure][:, None])


@dataclass(frozen=True)
class Proposal:
    """A mixture of three parts, in the order of SHARES; `structure` tells each member's."""

    estimated: tuple[Coordinate, ...]
    parts: tuple[Part, Part, Part]
    structure: Whole

    def drawn(self, sample: Sample, turn: str, emulator: Emulator | None = None) -> tuple[Sample, Array]:
        """The first members with their estimated numbers drawn anew; log of prior over the density they have.

        With an emulator each takes one of several candidates. `turn` names the luck, so that no two turns share any.
        """
        tries = CANDIDATES if emulator else 1
        values, ratio = [], []
        for first in range(0, len(sample), _PIECE):
            members = np.arange(first, min(first + _PIECE, len(sample)))
            candidates, log_ratio = self._candidates(sample, members, turn, tries)
            row, chosen = np.arange(len(members)), np.zeros(len(members), dtype=np.int64)
            if emulator:
                odds = _normal(emulator.score(members, candidates) + log_ratio)
                odds = (1.0 - BLIND) * odds + BLIND / tries
                ends = odds.cumsum(axis=1)
                luck = sample.uniforms(f"choice/{turn}", first, len(members))
                chosen = (luck[:, None] * ends[:, -1:] > ends).sum(axis=1).clip(0, tries - 1)
                log_ratio = log_ratio - np.log(tries * odds)
            values.append(candidates[row, chosen])
            ratio.append(log_ratio[row, chosen])
        return placed(sample, self.estimated, np.concatenate(values)), np.concatenate(ratio)

    def _candidates(self, sample: Sample, members: Whole, turn: str, tries: int) -> tuple[Array, Array]:
        """Values (members, tries, estimated), and log of prior over proposal density.

        The tries of a member are a grid that fills the space evenly, shifted by the member's luck.
        """
        first, count = int(members[0]), len(members)
        shifts = [sample.uniforms(f"proposal/{turn}/{axis.name}", first, count) for axis in self.estimated]
        grid = qmc.Sobol(len(self.estimated), scramble=False).random(tries)
        scores = ndtri(((np.stack(shifts, axis=1)[:, None, :] + grid) % 1.0).clip(1e-9, 1 - 1e-9))
        luck = sample.uniforms(f"proposal/{turn}", first, count)
        mine = np.searchsorted(np.cumsum(SHARES)[:-1], (luck[:, None] + np.arange(tries)) / tries, side="right")
        structure = self.structure[members]
        each = np.stack([part.moved(scores, members, structure) for part in self.parts])
        picked = np.take_along_axis(each, mine[None, :, :, None], axis=0)[0]
        values = picked.clip(-FARTHEST, FARTHEST).round(_DECIMALS)
        density = np.stack([part.log_density(values, members, structure) for part in self.parts])
        mixed = np.logaddexp.reduce(np.log(SHARES)[:, None, None] + density)
        return values, np.asarray(-0.5 * (values**2).sum(axis=-1) - mixed)

    def learnt(self, sample: Sample, turn: str, emulator: Emulator) -> "Proposal":
        """The proposal after an emulator has judged the candidates of some members.

        The second part gets their mean and covariance at large. The mean of the third is regressed on what a member was
        given at home, so that it says what the counts ask of the estimated numbers given all others.
        """
        members = np.arange(min(TAUGHT, len(sample)))
        split = [each for each in np.array_split(members, TAUGHT // _PIECE) if len(each)]
        pieces = [(each, *self._candidates(sample, each, turn, CANDIDATES)) for each in split]
        judged = [emulator.score(each, values) + ratio for each, values, ratio in pieces]
        values, log_odds = np.concatenate([piece[1] for piece in pieces]), np.concatenate(judged)
        top = log_odds.max(axis=1)
        worth = top + np.log(np.exp(log_odds - top[:, None]).mean(axis=1))
        odds = _normal(log_odds)
        home = np.nan_to_num(emulator.home.scores)
        kept, large, given = self.parts
        means, spreads = [large.means.copy(), given.means.copy()], [large.spreads.copy(), given.spreads.copy()]
        for number in range(len(kept.spreads)):
            mine = np.flatnonzero(self.structure[members] == number)
            if not len(mine):
                continue
            share = _normal(worth[mine][None, :])[0]
            trust = 1.0 / (1.0 + TRUSTED * float((share**2).sum()))
            middle = np.einsum("mt,mte->me", odds[mine], values[mine])
            told = np.concatenate([np.ones((len(mine), 1)), home[mine]], axis=1)
            weighed = told * np.sqrt(share / share.max())[:, None]
            slopes = np.linalg.solve(weighed.T @ told + np.diag([1e-9, *np.ones(home.shape[1])]), weighed.T @ middle)
            every = np.flatnonzero(self.structure == number)
            means[0][every] = share @ middle
            means[1][every] = np.concatenate([np.ones((len(every), 1)), home[every]], axis=1) @ slopes
            for part, centre in zip(range(2), (means[0][mine], told @ slopes), strict=True):
                apart = values[mine] - centre[:, None, :]
                seen = np.einsum("m,mt,mte,mtf->ef", share, odds[mine], apart, apart, optimize=True)
                mixed = trust * seen + (1.0 - trust) * np.eye(seen.shape[0])
                spreads[part][number] = WIDER * np.linalg.cholesky(mixed)
        second, third = (_part(mean, spread) for mean, spread in zip(means, spreads, strict=True))
        return Proposal(self.estimated, (kept, second, third), self.structure)


def _normal(log_odds: Array) -> Array:
    """Odds (..., tries) that add up to 1."""
    odds = np.exp(log_odds - log_odds.max(axis=-1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True))


def _part(means: npt.NDArray[Any], spreads: npt.NDArray[Any]) -> Part:
    return Part(means.clip(-FARTHEST, FARTHEST).round(_DECIMALS), spreads.round(_DECIMALS))


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
    likelihood: Likelihood, estimated: tuple[Coordinate, ...], structures: Sequence[Approximation],
    structure: Whole, logs: Array,
) -> Proposal:  # fmt: skip
    """The first proposal for the members of a prior sample, from `logs` (rows, members) at the modes.

    What the counts then miss, by whatever the others are, is answered with one step of Gauss and Newton; so the mean is
    a function of the others alone.
    """
    modes = np.stack([approximation.mode for approximation in structures])[structure]
    means = modes.copy()
    for number, approximation in enumerate(structures):
        mine = np.flatnonzero((structure == number) & np.isfinite(logs).all(axis=0))
        slope, fall = likelihood.curvature(logs[:, mine])
        uphill = approximation.jacobian.T @ slope - modes[mine].T
        means[mine] += np.linalg.solve(approximation.precision(fall), uphill.T[:, :, None])[:, :, 0]
    large = [approximation.at_large(likelihood) for approximation in structures]
    none = np.stack([np.eye(len(estimated)) for _ in structures])
    covariances = (
        np.stack([covariance for _, covariance in large]),
        np.stack([approximation.given_others(likelihood) for approximation in structures]),
    )
    at_large = np.stack([mean for mean, _ in large])[structure]
    second, third = (
        _part(mean, WIDER * np.linalg.cholesky(covariance))
        for mean, covariance in zip((at_large, means), covariances, strict=True)
    )
    return Proposal(estimated, (_part(np.zeros_like(means), none), second, third), structure)


@dataclass(frozen=True)
class Weights:
    """What members are worth: `log_weights` (members,), not normalised, -inf where a run broke."""

    log_weights: Array

    @property
    def normal(self) -> Array:
        """Weights that add up to 1."""
        return _normal(self.log_weights)

    @property
    def effective(self) -> float:
        """How many equally weighted members they are worth; none if every run broke."""
        return float(1.0 / (self.normal**2).sum()) if np.isfinite(self.log_weights.max()) else 0.0

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

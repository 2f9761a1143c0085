"""Members of the prior ensemble moved to where some counts want them, whatever draws that takes, and weighted.

A calibration moves a few parameters, so that they can be printed. Where only the forecast counts, all draws that are
numbers may move: along those directions, in the space of their standard coordinates, of which the counts say more than
the prior does. Yes or no, and everything across these directions, stays as each member drew it. So the effective size
is several times larger, and counts of which hardly any prior member comes near can be forecast from at all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from vimach.ensemble import Sample
from vimach_calibration.calibrate import SWITCHES
from vimach_calibration.coordinates import FARTHEST, Coordinate, central_sample, prior_values, probes
from vimach_calibration.ensemble_bank import Bank, Series
from vimach_calibration.importance import SHARES, Part, Weights
from vimach_calibration.samples import Array

Run = Callable[[Sample, int], Bank]
"""Runs a sample to the end of a year."""
Counts = Mapping[Series, tuple[Array, Array]]
"""Moments and numbers of each series; a number is NaN where nothing was counted."""

TELLING: Final = 0.5
"""A direction is moved along if one prior standard deviation along it moves the counts by so many of their errors."""
ROUNDS: Final = 3
"""Steps of Gauss and Newton towards the mode of each structure, the first with slopes at the prior medians."""
LENGTHS: Final = (1.0, 0.5, 0.25)
"""A step goes so much of its way: whichever is best."""
NEAR: Final = 3.5
"""No mean of a proposal is farther from the prior's middle, in standard deviations."""
WIDER: Final = 1.1
"""The spread of the proposals over that of their approximations."""
REACH: Final = 1.0
_LEAST: Final = 1e-9  # a logarithm for a member that has none of what was counted
_DECIMALS: Final = 6


@dataclass(frozen=True)
class _Local:
    """The model around a point in one structure: the point (axes,), logs of what is given there (rows,) and slopes
    (rows, axes)."""

    point: Array
    logs: Array
    slopes: Array


@dataclass(frozen=True)
class _Telling:
    """The directions in which one structure's members move: `axes` (directions, axes) of length one and at right
    angles, `rows` (rows, directions) likewise in the space of the counts' errors, `strength` (directions,), and where
    the best point lies along them, `mode`."""

    axes: Array
    rows: Array
    strength: Array
    mode: Array


class Conditioning:
    """A model whose prior can be conditioned on one set of counts of the same series and moments after another.

    `moments` and `sd` (of logs) say what is counted, `until` is the last year forecast.
    """

    def __init__(
        self, run: Run, axes: Sequence[Coordinate], moments: Mapping[Series, Sequence[float]],
        sd: Mapping[Series, float], until: int, seed: int,
    ) -> None:  # fmt: skip
        self.run, self.axes, self.until, self.seed = run, tuple(axes), until, seed
        self.moments = {series: np.asarray(when, np.float64) for series, when in moments.items()}
        self.sd = np.concatenate([np.full(len(when), sd[series]) for series, when in self.moments.items()])
        self.last = int(np.ceil(max(when.max() for when in self.moments.values()))) - 1
        self.numbers = np.array([axis.chance is None for axis in self.axes])
        self.switches = [place for place, axis in enumerate(self.axes) if axis.name in SWITCHES]
        self._start: dict[tuple[bool, ...], _Local] = {}

    def given(self, counts: Counts, members: int) -> tuple[Bank, Weights]:
        """So many members, run to the last year, and their weights given `counts`."""
        logs = np.log(np.concatenate([counts[series][1] for series in self.moments]))
        there = np.isfinite(logs)
        prior = Sample(self.seed, np.arange(members, dtype=np.int64))
        values = prior_values(prior, self.axes)
        structures = {
            switched: (np.flatnonzero(self._of(values, switched)), self._telling(logs, there, switched))
            for switched in product((False, True), repeat=len(self.switches))
        }
        modes = values.copy()
        for mine, telling in structures.values():
            modes[mine] = self._moved(values[mine], telling, np.repeat(telling.mode[None], len(mine), axis=0))
        missed = (logs - self._logs(self._placed(prior, modes), self.last).T)[:, there] / self.sd[there]
        final, log_ratio = values.copy(), np.empty(members)
        luck = prior.uniforms("proposal", 0, members)
        for mine, telling in structures.values():
            along, log_ratio[mine] = _drawn(telling, missed[mine], self._along(values[mine], telling), luck[mine])
            final[mine] = self._moved(values[mine], telling, along)
        bank = self.run(self._placed(prior, final), self.until)
        apart = (logs - self._read(bank).T)[:, there] / self.sd[there]
        weights = -0.5 * np.square(apart).sum(axis=1) + log_ratio
        return bank, Weights(np.where(np.isnan(weights), -np.inf, weights))

    def _of(self, values: Array, switched: Sequence[bool]) -> "np.typing.NDArray[np.bool_]":
        """Which members drew these values of the switches."""
        return np.asarray(((values[:, self.switches] > 0.0) == np.array(switched, dtype=bool)).all(axis=1))

    def _along(self, values: Array, telling: _Telling) -> Array:
        return np.asarray(values[:, self.numbers] @ telling.axes.T)

    def _moved(self, values: Array, telling: _Telling, along: Array) -> Array:
        """Coordinates with those along the telling directions put in the place of their own."""
        found = values.copy()
        found[:, self.numbers] += (along - self._along(values, telling)) @ telling.axes
        return found

    def _placed(self, prior: Sample, values: Array) -> Sample:
        """Members with their numbers at `values`; a yes or no is their own."""
        near = values.clip(-FARTHEST, FARTHEST).round(_DECIMALS)
        quantiles = {axis.name: axis.quantiles(near[:, n]) for n, axis in enumerate(self.axes) if self.numbers[n]}
        return Sample(prior.seed, prior.members, quantiles)

    def _read(self, bank: Bank) -> Array:
        """Logs of what members give where it is counted, shape (rows, members)."""
        given = [bank.paths(series, when).T for series, when in self.moments.items()]
        return np.asarray(np.log(np.maximum(np.concatenate(given), _LEAST)))

    def _logs(self, sample: Sample, until: int) -> Array:
        return self._read(self.run(sample, until))

    def _central(self, points: Array) -> Array:
        return self._logs(central_sample(self.seed, self.axes, points), self.last)

    def _around(self, point: Array) -> _Local:
        """One call: the model at a point, and how every number moves it there."""
        places = np.flatnonzero(self.numbers)
        points, between = probes(self.axes, {axis.name: point[n] for n, axis in enumerate(self.axes)}, REACH)
        kept = np.stack([2 * places, 2 * places + 1], axis=1).ravel()
        logs = self._central(np.concatenate([point[None], points[kept]]))
        slopes = np.zeros((len(logs), len(self.axes)))
        slopes[:, places] = (logs[:, 2::2] - logs[:, 1::2]) / between[places]
        return _Local(point, logs[:, 0], slopes)

    def _telling(self, logs: Array, there: Array, switched: tuple[bool, ...]) -> _Telling:
        """The directions of one structure, at its mode given the counts."""
        if switched not in self._start:
            point = np.zeros(len(self.axes))
            for place, on in zip(self.switches, switched, strict=True):
                axis = self.axes[place]
                point[place] = axis.values(axis.quantiles(np.array([1.0 if on else -1.0])))[0]
            self._start[switched] = self._around(point)
        local, sd = self._start[switched], self.sd[there]
        for last in (number == ROUNDS - 1 for number in range(ROUNDS)):
            point, given = self._step(local, logs, there)
            local = _Local(point, given, local.slopes) if last else self._around(point)
        slopes = (local.slopes[there] / sd[:, None])[:, self.numbers]
        rows, strength, axes = np.linalg.svd(slopes, full_matrices=False)
        count = int((strength > TELLING).sum())
        axes = axes[:count]
        return _Telling(axes, rows[:, :count], strength[:count], axes @ local.point[self.numbers])

    def _step(self, local: _Local, logs: Array, there: Array) -> tuple[Array, Array]:
        """The best of some lengths of a step of Gauss and Newton, none among them, and what is given there."""
        sd, home = self.sd[there], local.point[self.numbers]
        slopes = (local.slopes[there] / sd[:, None])[:, self.numbers]
        missed = (logs - local.logs)[there] / sd
        told = np.linalg.solve(np.eye(len(slopes)) + slopes @ slopes.T, missed + slopes @ home)
        step = slopes.T @ told - home
        points = np.repeat(local.point[None], len(LENGTHS), axis=0)
        points[:, self.numbers] = (home + np.outer(LENGTHS, step)).clip(-NEAR, NEAR)
        given = np.column_stack([self._central(points), local.logs])
        points = np.concatenate([points, local.point[None]])
        loss = np.square((logs[:, None] - given)[there] / sd[:, None]).sum(axis=0)
        loss += np.square(points[:, self.numbers]).sum(axis=1)
        best = int(np.argmin(np.where(np.isnan(loss), np.inf, loss)))
        return points[best], given[:, best]


def _drawn(telling: _Telling, missed: Array, own: Array, luck: Array) -> tuple[Array, Array]:
    """Places along the telling directions, drawn from a mixture of three in the order of SHARES as a calibration's are,
    and the logs of prior over proposal density.

    `missed` (members, rows) is what each member lacked at the mode, in errors; `own` its own places along them.
    """
    told = np.where(np.isfinite(missed), missed, 0.0) + (telling.rows * telling.strength) @ telling.mode
    given = (told @ (telling.rows * telling.strength) / (1 + telling.strength**2)).clip(-NEAR, NEAR)
    narrow = WIDER / np.sqrt(1 + telling.strength**2)
    middle = np.median(given, axis=0) if len(given) else telling.mode
    spread = np.median(np.abs(given - middle), axis=0) * 1.4826 if len(given) else narrow
    large = np.hypot(narrow, spread.clip(0.0, 1.0))
    shape = (len(given), len(middle))
    parts = [
        Part(means.round(_DECIMALS), np.diag(sd.round(_DECIMALS))[None])
        for means, sd in (
            (np.zeros(shape), np.ones(shape[1])), (np.broadcast_to(middle, shape), large), (given, narrow)
        )
    ]  # fmt: skip
    alike = np.zeros(len(given), dtype=np.int64)
    which = np.searchsorted(np.cumsum(SHARES)[:-1], luck, side="right")
    every = np.arange(len(given))
    found = np.stack([part.moved(own[:, None], every, alike)[:, 0] for part in parts])[which, every]
    density = np.logaddexp.reduce(
        [
            np.log(share) + part.log_density(found[:, None], every, alike)[:, 0]
            for share, part in zip(SHARES, parts, strict=True)
        ]
    )
    return found, np.asarray(-0.5 * np.square(found).sum(axis=1) - density)

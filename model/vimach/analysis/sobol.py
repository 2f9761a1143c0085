"""Sobol' indices: how much of an output's variance each input makes, alone (first) and with what it meets (total).

Two independent samples A and B of the inputs, and for each input A with that input taken from B. First: Saltelli and
others (2010); total: Jansen (1999). Intervals by bootstrap over the rows. Any number of outputs at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc  # type: ignore[import-untyped]

from vimach.analysis.targets import Array

LEVEL = 0.9
"""Share of bootstrap samples inside an interval."""


@dataclass(frozen=True)
class Indices:
    """First and total indices with their intervals; each of shape (inputs, *outputs). NaN where nothing varies."""

    first: Array
    first_low: Array
    first_high: Array
    total: Array
    total_low: Array
    total_high: Array


def two_samples(inputs: int, rows: int, seed: int) -> tuple[Array, Array]:
    """A and B, each of shape (rows, inputs), strictly inside (0, 1): halves of one scrambled Sobol' sequence.

    `rows` should be a power of two: only then is the sequence balanced.
    """
    points = qmc.Sobol(2 * inputs, scramble=True, seed=np.random.default_rng(seed)).random(rows)
    points = np.clip(points, 2.0**-32, 1.0 - 2.0**-32)
    return points[:, :inputs], points[:, inputs:]


def indices(a: Array, b: Array, mixed: Array, resamples: int = 200, seed: int = 0) -> Indices:
    """Indices from outputs on A and on B, shape (rows, *outputs), and on mixed samples, (inputs, rows, *outputs)."""
    inputs, rows = len(mixed), len(a)
    mean = (a.sum(0) + b.sum(0) + mixed.sum((0, 1))) / (rows * (inputs + 2))
    a, b, mixed = a - mean, b - mean, mixed - mean
    alone, altogether = b * (mixed - a), 0.5 * (a - mixed) ** 2
    luck = np.random.default_rng(seed)
    found = _ratios(a, b, alone, altogether)
    drawn = [luck.integers(0, rows, rows) for _ in range(resamples)]
    every = [_ratios(a[rows_], b[rows_], alone[:, rows_], altogether[:, rows_]) for rows_ in drawn]
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    (first_low, first_high), (total_low, total_high) = (
        np.quantile(np.stack([each[kind] for each in every]), tails, axis=0) for kind in (0, 1)
    )
    return Indices(found[0], first_low, first_high, found[1], total_low, total_high)


def _ratios(a: Array, b: Array, alone: Array, altogether: Array) -> tuple[Array, Array]:
    variance = np.concatenate([a, b]).var(axis=0)
    known = np.where(variance > 0.0, variance, np.nan)
    return alone.mean(axis=1) / known, altogether.mean(axis=1) / known


def as_mapping(found: Indices) -> Mapping[str, Array]:
    """The indices by the names of a table's columns."""
    return {name: getattr(found, name) for name in Indices.__dataclass_fields__}

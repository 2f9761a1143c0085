"""How likely the counts are, given what a run says: intervals with log-normal errors."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy.special import log_ndtr, logsumexp  # type: ignore[import-untyped]

from vimach_calibration.observations import Count

Array = npt.NDArray[np.float64]

_NUDGE = 1e-3  # of an error, for derivatives


class Likelihood:
    """The counts, as a function of the logarithms of what the model gives.

    A count whose moment is known only to the year has one row for each moment at which it may hold.
    """

    def __init__(self, counts: Sequence[Count]) -> None:
        self.counts = tuple(counts)
        self.rows = [(number, moment) for number, count in enumerate(self.counts) for moment in count.moments]
        self.owner = np.array([number for number, _ in self.rows], dtype=int)
        self.low, self.high = (
            np.log([getattr(self.counts[number], end) for number in self.owner]) for end in ("low", "high")
        )
        self.sd = np.array([self.counts[number].sd for number in self.owner])

    def __len__(self) -> int:
        return len(self.counts)

    def logs(self, run: xr.Dataset) -> Array:
        """Logarithms of what each member of a run gives, shape (rows, members); NaN where a member broke."""
        given = np.stack([self.counts[number].model.at(moment, run) for number, moment in self.rows])
        least = np.array([self.counts[number].least for number in self.owner])
        return np.asarray(np.log(np.maximum(given, least[:, None])))

    def by_count(self, logs: Array) -> Array:
        """Log-likelihood of each count, shape (counts, members), from `logs` (rows, members); -inf where NaN."""
        each = self._each(logs, np.arange(len(self.owner)))
        return np.stack([_mean(each[self.owner == number]) for number in range(len(self.counts))])

    def _each(self, logs: Array, rows: npt.NDArray[np.int64]) -> Array:
        """Log-likelihood of each count if it holds at the moment of each of these rows, from their `logs` alone."""
        low, high, sd = (end[rows, None] for end in (self.low, self.high, self.sd))
        each = log_between((low - logs) / sd, (high - logs) / sd)
        return np.where(np.isnan(each), -np.inf, each)

    def total(self, logs: Array) -> Array:
        """Log-likelihood of all counts, shape (members,)."""
        return np.asarray(self.by_count(logs).sum(axis=0))

    def curvature(self, logs: Array) -> tuple[Array, Array]:
        """Slope of the log-likelihood along each row, and how fast the slope falls, both (rows, members), at `logs`.

        Rows of one count are taken one by one; the fall is never negative.
        """
        slope, fall = np.empty_like(logs), np.empty_like(logs)
        for number in range(len(self.counts)):
            rows = np.flatnonzero(self.owner == number)
            each = self._each(logs[rows], rows)
            here = _mean(each)
            for place, row in enumerate(rows):
                nudge = _NUDGE * self.sd[row]
                ends = []
                for way in (nudge, -nudge):
                    moved = each.copy()
                    moved[place] = self._each(logs[[row]] + way, np.array([row]))[0]
                    ends.append(_mean(moved))
                slope[row] = (ends[0] - ends[1]) / (2 * nudge)
                fall[row] = np.maximum((2 * here - ends[0] - ends[1]) / nudge**2, 0.0)
        return slope, fall


def _mean(each: Array) -> Array:
    """Log of the mean likelihood over the moments of a count, shape (members,)."""
    return each[0] if len(each) == 1 else np.asarray(logsumexp(each, axis=0) - np.log(len(each)))


def log_between(low: Array, high: Array) -> Array:
    """Log of the probability that a standard normal number lies between `low` and `high`, exact in both tails."""
    flipped = low > 0
    bottom, top = np.where(flipped, -high, low), np.where(flipped, -low, high)
    upper, lower = log_ndtr(top), log_ndtr(bottom)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(np.isneginf(lower), upper, upper + np.log1p(-np.exp(lower - upper))))

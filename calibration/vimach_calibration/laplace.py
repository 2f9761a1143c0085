"""Laplace's approximation: the quick look at a posterior, from the fits alone.

The model is taken as linear in every draw around the estimates of its structure, so that what the counts say is normal.
Nothing is weighted by a run: what the approximation gets wrong stays wrong. `Calibrator.run` does not have that fault.
"""

import numpy as np
import numpy.typing as npt

from vimach.ensemble import Sample
from vimach.errors import BadInput, Problem
from vimach_calibration import bank
from vimach_calibration.calibrate import Calibration, Calibrator
from vimach_calibration.coordinates import prior_values
from vimach_calibration.importance import Approximation, Weights, placed
from vimach_calibration.likelihood import Likelihood
from vimach_calibration.observations import Observations

Array = npt.NDArray[np.float64]


def approximated(calibrator: Calibrator, observed: Observations) -> Calibration:
    """The posterior by Laplace: estimated numbers drawn given each member's other draws, members weighted by these.

    BadInput if counts are missing; CalibrationFailed if a fit does not converge.
    """
    if missing := observed.missing():
        raise BadInput([Problem(words, key="counts") for words in missing])
    likelihood = Likelihood(observed.counts)
    estimated = calibrator.choose(likelihood)
    calibrator.say(f"fitting {len(estimated)} parameters to {len(likelihood)} counts in each structure")
    structures = calibrator.fit(likelihood, estimated)
    prior = Sample(calibrator.plan.seed, np.arange(calibrator.plan.trials, dtype=np.int64))
    structure = calibrator.structure_of(prior)
    names = {axis.name for axis in (*estimated, *calibrator.switches)}
    others = prior_values(prior, [axis for axis in calibrator.axes if axis.name not in names])
    luck = [prior.uniforms(f"laplace/{axis.name}", 0, len(prior)) for axis in estimated]
    scores = np.stack([axis.values(each) for axis, each in zip(estimated, luck, strict=True)], axis=1)
    values, worth = np.empty_like(scores), np.empty(len(prior))
    for number, each in enumerate(structures):
        mine = structure == number
        mean, spread, worth[mine] = given(each.approximation, likelihood, others[mine])
        values[mine] = mean + scores[mine] @ spread.T
    sample = placed(prior, estimated, values)
    calibrator.say(f"running {len(sample):,} members to the end of {calibrator.plan.until}")
    runs = bank.build(calibrator.forecast, sample, calibrator.folder, calibrator.resume, calibrator.progress)
    return Calibration(
        observed, likelihood, calibrator.axes, estimated, structures, structure, sample, runs, Weights(worth)
    )


def given(found: Approximation, likelihood: Likelihood, others: Array) -> tuple[Array, Array, Array]:
    """What the counts say given `others` (members, other draws), were the model linear around the mode.

    Mean of the estimated numbers (members, estimated), the lower triangle whose square is their covariance, and the log
    of the probability of the counts (members,).
    """
    slope, fall = (each[:, 0] for each in likelihood.curvature(found.logs[:, None]))
    told = fall > 0.0
    root = np.sqrt(fall[told])
    mine, rest = root[:, None] * found.jacobian[told], root[:, None] * found.others[told]
    seen = (slope[told] / root + mine @ found.mode)[:, None] - rest @ others.T
    spread = np.linalg.inv(np.eye(len(found.mode)) + mine.T @ mine)
    around = np.eye(len(root)) + mine @ mine.T
    best = float(likelihood.total(found.logs[:, None])[0]) + 0.5 * float(((slope[told] / root) ** 2).sum())
    worth = best - 0.5 * (seen * np.linalg.solve(around, seen)).sum(axis=0) - 0.5 * np.linalg.slogdet(around)[1]
    return (spread @ mine.T @ seen).T, np.linalg.cholesky(spread), worth

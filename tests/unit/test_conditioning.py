"""Members moved to where counts want them: the exact answer of a linear model, and counts far from the prior."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from vimach.ensemble import Sample
from vimach.simulate import Model
from vimach_calibration.conditioning import Conditioning
from vimach_calibration.coordinates import Coordinate, coordinates
from vimach_calibration.ensemble_bank import Series

Array = npt.NDArray[np.float64]
HEADS: Series = ("heads", "")
TIMES = (2021.0, 2023.0, 2025.0)
NAMES = ("firm_entry_base", "plant_staff", "quit_rate", "juniors_bind")
SLOPES = np.array([[0.3, 0.0, 0.1, 0.15], [0.3, 0.2, 0.1, 0.0], [0.3, 0.4, 0.1, -0.15], [0.3, 0.8, 0.1, 0.3]])
"""Of the logs at TIMES and in the year forecast, along each draw."""


class Linear:
    """Members whose logs are linear in their draws."""

    def __init__(self, axes: Sequence[Coordinate], sample: Sample) -> None:
        self.series = {HEADS}
        scores = np.stack([axis.values(sample.uniforms(axis.name, 0, len(sample))) for axis in axes], axis=1)
        self.logs = 5.0 + scores @ SLOPES.T

    def paths(self, series: Series, times: Array) -> Array:
        places = [[*TIMES, 2030.0].index(float(time)) for time in times]
        return np.asarray(np.exp(self.logs[:, places]))


@pytest.fixture(scope="module")
def axes(model: Model) -> tuple[Coordinate, ...]:
    every = {axis.name: axis for axis in coordinates(model, 2015, 2025)}
    return tuple(every[name] for name in NAMES)


@pytest.mark.parametrize("counted", [(5.1, 5.2, 5.2), (5.7, 5.9, 6.1)])
def test_a_linear_model_is_conditioned_exactly(axes: tuple[Coordinate, ...], counted: Sequence[float]) -> None:
    def run(sample: Sample, until: int) -> Any:
        return Linear(axes, sample)

    conditioning = Conditioning(run, axes, {HEADS: TIMES}, {HEADS: 0.1}, 2030, 7)
    bank, weights = conditioning.given({HEADS: (np.array(TIMES), np.exp(counted))}, 4000)
    found = np.log(bank.paths(HEADS, np.array([2030.0])))[:, 0]
    mean = float(weights.normal @ found)
    # the yes or no is even: a mixture of two normal posteriors, weighted by how well each meets the counts
    numbers, means, odds, spreads = SLOPES[:, :3], [], [], []
    for switch in (-1.0, 1.0):
        missed = np.array(counted) - 5.0 - SLOPES[:3, 3] * switch
        within = numbers[:3] @ numbers[:3].T + 0.01 * np.eye(3)
        gain = numbers[3] @ numbers[:3].T @ np.linalg.inv(within)
        means.append(5.0 + SLOPES[3, 3] * switch + gain @ missed)
        spreads.append(numbers[3] @ numbers[3] - gain @ numbers[:3] @ numbers[3])
        odds.append(np.exp(-0.5 * missed @ np.linalg.solve(within, missed)))
    shares = np.array(odds) / np.sum(odds)
    exact = float(shares @ means)
    variance = float(shares @ (np.array(spreads) + np.square(np.array(means) - exact)))
    assert weights.effective > 400
    assert mean == pytest.approx(exact, abs=4 * np.sqrt(variance / weights.effective))
    assert float(weights.normal @ np.square(found - mean)) == pytest.approx(variance, rel=0.2)


def test_a_count_that_is_missing_says_nothing(axes: tuple[Coordinate, ...]) -> None:
    def run(sample: Sample, until: int) -> Any:
        return Linear(axes, sample)

    whole = Conditioning(run, axes, {HEADS: TIMES}, {HEADS: 0.1}, 2030, 7)
    part = Conditioning(run, axes, {HEADS: TIMES[1:]}, {HEADS: 0.1}, 2030, 7)
    one = whole.given({HEADS: (np.array(TIMES), np.array([np.nan, 180.0, 190.0]))}, 500)[1]
    other = part.given({HEADS: (np.array(TIMES[1:]), np.array([180.0, 190.0]))}, 500)[1]
    assert one.log_weights == pytest.approx(other.log_weights)


def test_a_broken_member_weighs_nothing(axes: tuple[Coordinate, ...]) -> None:
    def run(sample: Sample, until: int) -> Any:
        found = Linear(axes, sample)
        if len(sample) == 300:
            found.logs[5] = np.nan
        return found

    conditioning = Conditioning(run, axes, {HEADS: TIMES}, {HEADS: 0.1}, 2030, 7)
    weights = conditioning.given({HEADS: (np.array(TIMES), np.array([160.0, 180.0, 190.0]))}, 300)[1]
    assert weights.normal[5] == 0.0
    assert weights.effective > 30

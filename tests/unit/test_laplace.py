"""Laplace's approximation: right where the model is linear, and told apart from a posterior of weighted runs."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from vimach.cli import app
from vimach_calibration.expressions import Number
from vimach_calibration.importance import Approximation, Weights
from vimach_calibration.laplace import given
from vimach_calibration.likelihood import Likelihood
from vimach_calibration.observations import Count

SLOPES = np.array([[1.0, 0.2], [0.3, -0.5], [0.0, 0.8]])
OTHERS = np.array([[0.4], [0.1], [-0.3]])
SEEN = np.array([0.3, -0.2, 0.1])
SD = 0.1


def likelihood() -> Likelihood:
    """Three counts whose intervals are narrow, so that each is nearly a normal observation."""
    ends = [(float(np.exp(log - 5e-4)), float(np.exp(log + 5e-4))) for log in SEEN]
    return Likelihood([Count("x", Number(1.0), 2024.0, 0.0, low, high, SD, 1e-6, ()) for low, high in ends])


def test_a_linear_model_is_answered_exactly() -> None:
    mode = np.array([0.1, 0.2])  # anywhere: a linear model looks the same from there
    found = Approximation(mode, SLOPES, SLOPES @ mode, OTHERS)
    others = np.array([[0.0], [1.5]])
    means, triangle, worth = given(found, likelihood(), others)
    covariance = np.linalg.inv(np.eye(2) + SLOPES.T @ SLOPES / SD**2)
    assert triangle @ triangle.T == pytest.approx(covariance, rel=1e-4)
    spread = SLOPES @ SLOPES.T + SD**2 * np.eye(3)
    for other, mean, log in zip(others, means, worth, strict=True):
        left = SEEN - OTHERS @ other
        assert mean == pytest.approx(covariance @ SLOPES.T @ left / SD**2, abs=1e-3)
        density = -0.5 * left @ np.linalg.solve(spread, left) - 0.5 * np.linalg.slogdet(2 * np.pi * spread)[1]
        assert log == pytest.approx(density + 3 * np.log(1e-3), abs=0.05)


def test_members_are_weighted_by_their_other_draws() -> None:
    found = Approximation(np.zeros(2), SLOPES, np.zeros(3), OTHERS)
    _, _, worth = given(found, likelihood(), np.array([[0.0], [4.0]]))
    assert Weights(worth).normal[0] > 0.9


def test_an_approximation_does_not_take_the_place_of_the_posterior() -> None:
    result = CliRunner().invoke(app, ["calibrate", "--laplace"])
    assert result.exit_code == 2
    assert "--out: an approximation does not take the place of the posterior" in result.stderr


def test_what_it_writes_says_what_it_is(tmp_path: Path) -> None:
    words = ["calibrate", "--laplace", "--trials", "200", "--entries", "50", "--out", str(tmp_path)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert "(Laplace)" in (tmp_path / "posterior.yaml").read_text(encoding="utf-8")
    assert "(Laplace)" in (tmp_path / "calibration.md").read_text(encoding="utf-8")

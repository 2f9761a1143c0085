"""Benchmarks on series whose forecast is known, and the rule of points and parameters."""

import numpy as np
import pytest
from scipy import stats

from vimach_calibration.benchmarks import MEAN, METHODS, History, NotEstimable, _honest, drift, forecasts, last_value
from vimach_calibration.samples import Samples

Forecasts = dict[str, Samples | NotEstimable]


def growing(points: int, growth: float = 0.1) -> History:
    """Growth of about `growth` a year, unevenly."""
    years = np.arange(points)
    return History(2000.0 + years, 100 * np.exp(growth * years + 0.03 * np.sin(2.3 * years)))


@pytest.fixture(scope="module")
def gappy() -> tuple[History, Forecasts]:
    """Thirteen years of which two are missing, and what every method makes of them for 2014 and 2017."""
    history = growing(14)
    history = History(np.delete(history.times, [3, 7]), np.delete(history.values, [3, 7]))
    return history, forecasts(history, [2014.0, 2017.0])


def test_drift_is_the_textbook_prediction_of_a_mean() -> None:
    history, ahead = growing(9), np.array([1.0, 3.0])
    steps = np.diff(np.log(history.values))
    mean, spread = steps.mean(), steps.std(ddof=1)
    found = drift(history, ahead)
    assert found.middle == pytest.approx(np.log(history.values[-1]) + mean * ahead)
    assert found.scale == pytest.approx(spread * np.sqrt(ahead + ahead**2 / len(steps)))
    assert found.freedom == len(steps) - 1
    low, high = found.samples().quantiles([0.1, 0.9])[:, 0]
    reach = stats.t.ppf(0.9, len(steps) - 1) * found.scale[0]
    assert np.log([low, high]) == pytest.approx([found.middle[0] - reach, found.middle[0] + reach], abs=1e-3)


def test_drift_takes_uneven_gaps_by_their_length() -> None:
    history = History(np.array([2000.0, 2002.0, 2002.5, 2004.0]), np.exp([0.0, 0.2, 0.25, 0.4]))
    assert drift(history, np.array([1.0])).middle == pytest.approx([0.5])
    assert drift(history, np.array([1.0])).scale == pytest.approx([0.0], abs=1e-12)


def test_last_value_stays_and_widens_with_the_root_of_time() -> None:
    found = last_value(growing(6), np.array([1.0, 4.0]))
    assert np.exp(found.middle) == pytest.approx([growing(6).values[-1]] * 2)
    assert found.scale[1] == pytest.approx(2 * found.scale[0])


@pytest.mark.parametrize("points", [0, 1, 2, 3, 4])
def test_a_method_needs_twice_as_many_points_as_parameters(points: int) -> None:
    found = forecasts(growing(points), [2012.0])
    for name, method in METHODS.items():
        assert isinstance(found[name], Samples) == (points >= 2 * method.parameters), name
    assert isinstance(found[MEAN], Samples) == (points >= 4)
    if points == 1:
        assert found["last value"] == NotEstimable("1 points, 2 needed")


def test_parameters_count_starting_states_and_variance() -> None:
    assert {name: method.parameters for name, method in METHODS.items()} == {
        "last value": 1, "random walk with drift": 2, "damped ETS": 6, "ARIMA": 2, "Theta": 3, "local linear trend": 5,
    }  # fmt: skip


def test_every_method_finds_steady_growth(gappy: tuple[History, Forecasts]) -> None:
    _, found = gappy
    for name, samples in found.items():
        assert isinstance(samples, Samples), name
        if name in ("random walk with drift", "ARIMA", "local linear trend"):
            median = np.log(samples.quantiles([0.5])[0, 1])
            assert median == pytest.approx(np.log(100) + 0.1 * 17, abs=0.2), name


def test_the_variance_lies_between_the_own_one_and_that_of_the_drift() -> None:
    history, ahead = growing(9), np.array([1.0, 2.0, 2.5])
    found = _honest(history, ahead, [5.0, 6.0, 8.0], [1e-4, 4e-4, 6e-4], 3)
    assert found.middle == pytest.approx([5.0, 6.0, 7.0])
    own = np.sqrt([1e-4, 4e-4, 5e-4])
    assert found.scale == pytest.approx(np.sqrt(own * drift(history, ahead).scale))
    assert found.freedom == 6


def test_the_mean_averages_quantiles_on_logs(gappy: tuple[History, Forecasts]) -> None:
    _, found = gappy
    logs = [np.log(samples.values) for name, samples in found.items() if name != MEAN]  # type: ignore[union-attr]
    mean = found[MEAN]
    assert isinstance(mean, Samples)
    assert np.log(mean.values) == pytest.approx(np.mean(logs, axis=0))


def test_the_same_history_gives_the_same_samples(gappy: tuple[History, Forecasts]) -> None:
    history, found = gappy
    again = forecasts(history, [2014.0, 2017.0])
    for name, samples in found.items():
        assert np.array_equal(samples.values, again[name].values), name  # type: ignore[union-attr]


def test_a_history_is_in_order_and_positive() -> None:
    with pytest.raises(ValueError, match="rise"):
        History(np.array([2001.0, 2000.0]), np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match="positive"):
        History(np.array([2000.0, 2001.0]), np.array([0.0, 2.0]))
    assert History(np.array([2000.0, 2001.0, 2004.0]), np.array([1.0, 5.0, 3.0])).yearly_change == 1.5
    assert np.isnan(growing(1).yearly_change)

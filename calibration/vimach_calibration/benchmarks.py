"""Benchmarks that a forecast must beat: plain methods, each fitted by statsmodels to the logs of one short series.

None of them hands over the textbook band of its fit, which on ten annual points covers far less than it says: the fit
takes its parameters, its trend and its kind of noise for known. Here every error is a Student t with as many degrees of
freedom as points are left over, and its variance is the geometric mean of the fit's own and that of a random walk with
an estimated drift, because a dozen points cannot tell a fixed trend from a wandering one. On made-up series of that
length 80 % intervals so cover between 63 and 87 %; by the fit's own variance they cover 58 to 80 %, and where counts
are noisy those that are never narrower than the random walk's cover 90 to 98 %, which would be easy to beat.

A method is fitted only where there are at least twice as many points as it has parameters.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import stats  # type: ignore[import-untyped]
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from vimach_calibration.samples import Array, Samples

if TYPE_CHECKING:
    import pandas as pd

DRAWS: Final = 400
"""Equally likely quantiles that stand for a distribution; no generator, so the same fit gives the same samples."""
POINTS_PER_PARAMETER: Final = 2
MEAN: Final = "equal-weight mean"
_LARGEST: Final = 300.0  # log of what is still a number: a t with one degree of freedom reaches far


@dataclass(frozen=True)
class NotEstimable:
    """Why a method was not fitted."""

    because: str


@dataclass(frozen=True)
class _Prediction:
    """Logs at the moments asked for: middle and scale (times,) and degrees of freedom of a Student t."""

    middle: Array
    scale: Array
    freedom: float

    def samples(self) -> Samples:
        levels = (np.arange(DRAWS) + 0.5) / DRAWS
        spread = stats.t.ppf(levels, max(self.freedom, 1.0))
        logs = self.middle + np.outer(spread, self.scale)
        return Samples(np.exp(np.clip(logs, -_LARGEST, _LARGEST)), np.ones(DRAWS))


@dataclass(frozen=True)
class History:
    """What a method is fitted to: moments in rising order (decimal years) and positive numbers.

    ValueError if the moments do not rise or a number is not positive.
    """

    times: Array
    values: Array

    def __post_init__(self) -> None:
        if (np.diff(self.times) <= 0).any():
            raise ValueError("the moments of a series rise")
        if not (self.values > 0).all():
            raise ValueError("only positive numbers have logarithms")

    def __len__(self) -> int:
        return len(self.times)

    @property
    def logs(self) -> Array:
        return np.log(self.values)

    @property
    def yearly_change(self) -> float:
        """Mean absolute change a year: what MASE divides by; NaN below two points."""
        if len(self) < 2:
            return float("nan")
        return float(np.abs(np.diff(self.values)).sum() / (self.times[-1] - self.times[0]))

    def yearly(self) -> "pd.Series[float]":
        """Logs on a yearly grid that ends at the last point; years without a count are NaN, a later count replaces an
        earlier one of the same year."""
        import pandas as pd

        years = np.rint(self.times - self.times[-1]).astype(int)
        grid = pd.Series(np.nan, index=pd.RangeIndex(len(range(int(years[0]), 1))))
        for year, log in zip(years, self.logs, strict=True):
            grid.iloc[int(year) - int(years[0])] = log
        return grid


def forecasts(history: History, times: Sequence[float]) -> dict[str, Samples | NotEstimable]:
    """Every benchmark of METHODS at `times` (after the last point), and the equal-weight mean of those there are.

    The mean averages quantiles on logs, and needs two benchmarks.
    """
    with _one_thread().limit(limits=1):
        return _forecasts(history, np.asarray(times, np.float64) - (history.times[-1] if len(history) else 0.0))


@cache
def _one_thread() -> ThreadpoolController:
    """Holds the linear algebra to one thread: on matrices of ten rows threads cost forty times what they save."""
    return ThreadpoolController()


def _forecasts(history: History, ahead: Array) -> dict[str, Samples | NotEstimable]:
    found: dict[str, Samples | NotEstimable] = {}
    for name, method in METHODS.items():
        needed = POINTS_PER_PARAMETER * method.parameters
        if len(history) < needed:
            found[name] = NotEstimable(f"{len(history)} points, {needed} needed")
        else:
            found[name] = _quietly(method, history, ahead).samples()
    fitted = [each for each in found.values() if isinstance(each, Samples)]
    if len(fitted) < 2:
        found[MEAN] = NotEstimable(f"{len(fitted)} of the others, 2 needed")
    else:
        logs = [np.log(each.values) for each in fitted]  # each in rising order: its quantiles
        found[MEAN] = Samples(np.exp(np.mean(logs, axis=0)), np.ones(DRAWS))
    return found


def last_value(history: History, ahead: Array) -> _Prediction:
    """The last number; errors grow as those of a random walk without drift."""
    steps, gaps = np.diff(history.logs), np.diff(history.times)
    variance = float(np.mean(np.square(steps) / gaps))
    return _Prediction(np.full(len(ahead), history.logs[-1]), np.sqrt(variance * ahead), float(len(steps)))


def drift(history: History, ahead: Array) -> _Prediction:
    """Random walk with drift, the drift's own uncertainty included; gaps between points may differ."""
    from statsmodels.api import WLS  # type: ignore[import-untyped]

    steps, gaps = np.diff(history.logs), np.diff(history.times)
    fit = WLS(steps, gaps[:, None], weights=1 / gaps).fit()
    variance = float(fit.scale) * ahead + float(fit.cov_params()[0, 0]) * np.square(ahead)
    return _Prediction(history.logs[-1] + float(fit.params[0]) * ahead, np.sqrt(variance), float(fit.df_resid))


def damped_ets(history: History, ahead: Array) -> _Prediction:
    """Exponential smoothing with additive error and damped additive trend."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel  # type: ignore[import-untyped]

    logs = history.yearly().interpolate()  # it takes no gaps
    fit = ETSModel(logs, error="add", trend="add", damped_trend=True).fit(disp=False)
    steps = _steps(ahead)
    found = fit.get_prediction(start=len(logs), end=len(logs) + steps - 1)
    return _honest(history, ahead, found.predicted_mean, found.forecast_variance, METHODS["damped ETS"].parameters)


def arima(history: History, ahead: Array) -> _Prediction:
    """ARIMA(p,1,q), p and q up to 1, with and without drift: the one of least AICc among those the points allow."""
    from statsmodels.tsa.arima.model import ARIMA  # type: ignore[import-untyped]

    logs = history.yearly()
    fits: list[tuple[float, int, Any, int]] = []
    for p, q, trend in ((0, 0, "n"), (0, 0, "t"), (0, 1, "n"), (1, 0, "n"), (0, 1, "t"), (1, 0, "t")):
        parameters = p + q + (trend == "t") + 1
        if POINTS_PER_PARAMETER * parameters <= len(history):
            fit = ARIMA(logs, order=(p, 1, q), trend=trend).fit(cov_type="none")  # standard errors are not needed
            aicc = float(fit.aicc)
            fits.append((aicc if np.isfinite(aicc) else np.inf, len(fits), fit, parameters))
    _, _, fit, parameters = min(fits)
    found = fit.get_forecast(_steps(ahead))
    return _honest(history, ahead, found.predicted_mean, found.var_pred_mean, parameters)


def theta(history: History, ahead: Array) -> _Prediction:
    """The Theta method: half the linear trend on simple exponential smoothing."""
    from statsmodels.tsa.forecasting.theta import ThetaModel  # type: ignore[import-untyped]

    logs = history.yearly().interpolate()
    fit = ThetaModel(logs, period=1, deseasonalize=False).fit()
    steps = _steps(ahead)
    own = float(fit.sigma2) * (1 + np.arange(steps) * float(fit.params["alpha"]) ** 2)
    return _honest(history, ahead, fit.forecast(steps), own, METHODS["Theta"].parameters)


def local_trend(history: History, ahead: Array) -> _Prediction:
    """Local linear trend: level and slope both wander."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents  # type: ignore[import-untyped]

    logs = history.yearly()
    fit = UnobservedComponents(logs, "local linear trend").fit(disp=False, cov_type="none")
    found = fit.get_forecast(_steps(ahead))
    parameters = METHODS["local linear trend"].parameters
    return _honest(history, ahead, found.predicted_mean, found.var_pred_mean, parameters)


def _honest(history: History, ahead: Array, mean: Any, variance: Any, parameters: int) -> _Prediction:
    """A yearly forecast read at the moments asked for, its variance half way, in logs, to that of drift."""
    years = np.arange(_steps(ahead) + 1)
    middle = np.interp(ahead, years, np.concatenate([history.logs[-1:], np.asarray(mean, np.float64)]))
    own = np.interp(ahead, years, np.concatenate([[0.0], np.asarray(variance, np.float64)]))
    scale = np.sqrt(np.sqrt(own) * drift(history, ahead).scale)
    return _Prediction(middle, scale, float(len(history) - parameters))


def _steps(ahead: Array) -> int:
    return max(int(np.ceil(ahead.max())), 1)


def _quietly(method: "Method", history: History, ahead: Array) -> _Prediction:
    """Fits without the warnings of short series: a variance at its bound, a start that does not converge at once."""
    import statsmodels.tools.sm_exceptions  # type: ignore[import-untyped]  # noqa: F401 - it sets filters of its own

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return method.fit(history, ahead)


@dataclass(frozen=True)
class Method:
    """A benchmark and how many parameters it estimates, its starting states and its variance among them."""

    fit: Callable[[History, Array], _Prediction]
    parameters: int


METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "last value": Method(last_value, 1),
        "random walk with drift": Method(drift, 2),
        "damped ETS": Method(damped_ets, 6),
        "ARIMA": Method(arima, 2),
        "Theta": Method(theta, 3),
        "local linear trend": Method(local_trend, 5),
    }
)
"""In the order in which they are printed."""

"""The simulator as a statsmodels model: few parameters estimated, their priors entered as stochastic restrictions."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2  # type: ignore[import-untyped]
from statsmodels.base.model import (  # type: ignore[import-untyped]
    GenericLikelihoodModel,
    GenericLikelihoodModelResults,
)

from vimach_calibration.likelihood import Likelihood

Array = npt.NDArray[np.float64]
Simulator = Callable[[Array], Array]
"""From normal scores (members, parameters) to logarithms of what the likelihood's rows are given (rows, members)."""

REACH = 0.25
"""How far, in prior standard deviations, the Jacobian looks to either side: past the kinks of minimum and maximum."""
ENOUGH = 0.02
"""A fit has converged where a Newton step would raise the log-likelihood by less than this."""
_STEPS = np.array([1.0, 0.5, 0.25, 0.1, 0.03])


class SimulatorResults(GenericLikelihoodModelResults):  # type: ignore[misc]
    """What a fit gives, beside what statsmodels gives."""

    @property
    def observations(self) -> int:
        """Independent observations: counts, each once; restrictions are none."""
        return len(self.model.likelihood)

    @property
    def llf_data(self) -> float:
        """Log-likelihood of the counts alone, at the estimates."""
        return float(self.model.data_loglike(self.params).sum())

    @property
    def aic(self) -> float:
        """Akaike's criterion on the counts; NaN unless parameters are fewer than a third of them."""
        free = len(self.params)
        return -2.0 * self.llf_data + 2.0 * free if 3 * free < self.observations else float("nan")

    @property
    def bic(self) -> float:
        """Schwarz's criterion under the same rule."""
        free = len(self.params)
        penalty = free * float(np.log(self.observations))
        return -2.0 * self.llf_data + penalty if 3 * free < self.observations else float("nan")

    def lr_test(self, restricted: "SimulatorResults") -> tuple[float, float, int]:
        """Likelihood ratio against a fit of fewer of the same parameters: statistic, p-value, degrees of freedom.

        ValueError if that fit is not nested in this one.
        """
        mine, theirs = set(self.model.names), set(restricted.model.names)
        if not theirs < mine or restricted.model.restricted != self.model.restricted:
            raise ValueError("the other fit must be of some of these parameters, restricted alike")
        statistic = 2.0 * max(float(self.llf - restricted.llf), 0.0)
        freedom = len(mine) - len(theirs)
        return statistic, float(chi2.sf(statistic, freedom)), freedom


class SimulatorModel(GenericLikelihoodModel):  # type: ignore[misc]
    """Log-likelihood of the counts as a function of some parameters' normal scores, all others being central.

    A normal score is the transform under which every bounded parameter is free and its prior is standard normal. Where
    `restricted`, each prior enters as one more observation, score = 0 with standard error 1 (Theil and Goldberger).
    """

    results_class = SimulatorResults

    def __init__(
        self, simulator: Simulator, likelihood: Likelihood, names: Sequence[str], restricted: bool = True
    ) -> None:
        self.simulator, self.likelihood = simulator, likelihood
        self.names, self.restricted = tuple(names), restricted
        self._known: dict[bytes, tuple[Array, Array]] = {}
        # without extra_params_names statsmodels counts every parameter twice
        super().__init__(np.array([count.value for count in likelihood.counts]), extra_params_names=list(names))
        self.df_model, self.df_resid = 0.0, float(len(likelihood) - len(names))  # all parameters are "extra" ones

    @property
    def start_params(self) -> Array:
        """The prior medians."""
        return np.zeros(len(self.names))

    def linearised(self, params: Array) -> tuple[Array, Array]:
        """Logarithms given (rows,) and their Jacobian (rows, parameters), from one call of the simulator."""
        key = np.asarray(params, dtype=np.float64).tobytes()
        if key not in self._known:
            nudges = REACH * np.eye(len(params))
            logs = self.simulator(np.concatenate([params[None, :], params + nudges, params - nudges]))
            up, down = logs[:, 1 : 1 + len(params)], logs[:, 1 + len(params) :]
            self._known[key] = logs[:, 0], (up - down) / (2 * REACH)
        return self._known[key]

    def data_loglike(self, params: Array) -> Array:
        """Log-likelihood of each count."""
        return self.likelihood.by_count(self.linearised(np.asarray(params))[0][:, None])[:, 0]

    def loglikeobs(self, params: Array) -> Array:
        """Log-likelihood of each count, then of each restriction."""
        data = self.data_loglike(params)
        return np.concatenate([data, _restrictions(np.asarray(params))]) if self.restricted else data

    def score(self, params: Array) -> Array:
        """Slope of the log-likelihood."""
        logs, jacobian = self.linearised(np.asarray(params))
        slope, _ = self.likelihood.curvature(logs[:, None])
        return np.asarray(jacobian.T @ slope[:, 0] - (params if self.restricted else 0.0))

    def score_obs(self, params: Array, **_: Any) -> Array:
        """Slope of each count's log-likelihood, then of each restriction's."""
        logs, jacobian = self.linearised(np.asarray(params))
        slope, _fall = self.likelihood.curvature(logs[:, None])
        each = np.zeros((len(self.likelihood), len(params)))
        np.add.at(each, self.likelihood.owner, slope * jacobian)
        return np.concatenate([each, -np.diag(params)]) if self.restricted else each

    def hessian(self, params: Array) -> Array:
        """Gauss and Newton's: the curvature of the counts through the Jacobian, and that of the restrictions."""
        logs, jacobian = self.linearised(np.asarray(params))
        _, fall = self.likelihood.curvature(logs[:, None])
        own = np.eye(len(params)) if self.restricted else 0.0
        return np.asarray(-(jacobian.T @ (fall * jacobian)) - own)

    def fit(self, start_params: Array | None = None, maxiter: int = 25, **_: Any) -> SimulatorResults:
        """The estimates, by Gauss and Newton's method; each step and its shorter ones are one call of the simulator.

        `mle_retvals["converged"]` says whether it came to rest.
        """
        params = self.start_params if start_params is None else np.asarray(start_params, dtype=np.float64)
        for _step in range(maxiter):
            step, gain = self._newton(params)
            if gain < ENOUGH:
                break
            tried = params + _STEPS[:, None] * step
            found = self._many(tried)
            best = int(np.argmax(found))
            if not found[best] > self.loglike(params):
                break
            params = tried[best]
        converged = self._newton(params)[1] < ENOUGH
        results: SimulatorResults = super().fit(
            start_params=params, method="bfgs", maxiter=0, disp=0, warn_convergence=False, skip_hessian=False
        )
        results.mle_retvals["converged"] = converged
        return results

    def _newton(self, params: Array) -> tuple[Array, float]:
        """The step to the top of the parabola, and how much higher it is."""
        slope = self.score(params)
        step = np.asarray(np.linalg.lstsq(-self.hessian(params), slope, rcond=None)[0], dtype=np.float64)
        return step, 0.5 * float(slope @ step)

    def _many(self, points: Array) -> Array:
        total = self.likelihood.total(self.simulator(points))
        return np.asarray(total + _restrictions(points).sum(axis=1)) if self.restricted else total


def _restrictions(scores: Array) -> Array:
    return np.asarray(-0.5 * scores**2 - 0.5 * np.log(2 * np.pi))

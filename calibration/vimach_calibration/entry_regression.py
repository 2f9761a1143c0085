"""A count regression of firm entry on the panel: how entry goes with the number of firms, and how much it swings.

Nobody counts entries. An entry count is reckoned from two counts of firms: their difference plus the exits that the
model's exit rate gives in between, as a whole number, and none where that is negative.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from vimach.kernels.array import Array
from vimach_calibration.economies import Economy
from vimach_calibration.panel import panel
from vimach_calibration.submodel_table import Line, line, not_estimable

LONGEST = 3.5
"""Two counts further apart (years) tell of too many years at once to be one observation."""
SHORTEST = 3
"""A scope with fewer steps between counts has no level of its own to be compared with the others."""
LEVEL = 0.10  # what lies outside p05 to p95
NAME = "firm entry on the panel"


@dataclass(frozen=True)
class Step:
    """From one count of firms to the next: entries reckoned, and whether they came out below none."""

    scope: str
    firms: float
    years: float
    entries: int
    below: bool


def steps(economies: Sequence[Economy]) -> tuple[Step, ...]:
    """The steps that the regression uses: inside a scope, no longer than LONGEST, at least SHORTEST of them."""
    found = [step for economy in economies for step in _steps(economy)]
    scopes = [step.scope for step in found]
    return tuple(step for step in found if scopes.count(step.scope) >= SHORTEST)


def _steps(economy: Economy) -> Iterator[Step]:
    counts = economy.of("design_firms")
    for first, second in pairwise(counts):
        years = second.time - first.time
        if first.scope != second.scope or years > LONGEST:
            continue
        reckoned = second.value - first.value + exit_rate() * years * (first.value + second.value) / 2
        scope = f"{economy.name} {first.scope}".strip()
        yield Step(scope, first.value, years, max(0, round(reckoned)), reckoned < 0)


def exit_rate() -> float:
    """The model's exit rate per year, its ages weighed as at the start of the simulation."""
    central = panel().central
    return float((central["firm_exit_rate"] * central["firm_age_share"]).sum())


def lines(economies: Sequence[Economy]) -> Iterator[Line]:
    """The regression's lines, Poisson and negative binomial; one that says what is missing if there are too few steps.

    Entries per year are a level of each scope times a power of the number of firms.
    """
    used = steps(economies)
    scopes = list(dict.fromkeys(step.scope for step in used))
    need = 2 * (len(scopes) + 2)  # a level each, the power, the dispersion
    if not scopes or len(used) < need:
        yield not_estimable(NAME, "power of the number of firms", len(used), need)
        return
    entries = np.array([step.entries for step in used])
    years = np.array([step.years for step in used])
    yield from _regressed(used, entries, _design(used, scopes), years)


def _design(used: Sequence[Step], scopes: Sequence[str]) -> pd.DataFrame:
    """A level for each scope, and the log of firms against the mean of the scope."""
    columns = {scope: [float(step.scope == scope) for step in used] for scope in scopes}
    logs = np.array([math.log(step.firms) for step in used])
    means = {scope: np.mean([math.log(step.firms) for step in used if step.scope == scope]) for scope in scopes}
    columns["log firms"] = list(logs - np.array([means[step.scope] for step in used]))
    return pd.DataFrame(columns)


def _regressed(used: Sequence[Step], entries: Array, design: pd.DataFrame, years: Array) -> Iterator[Line]:
    from statsmodels.genmod.families import Poisson  # type: ignore[import-untyped]
    from statsmodels.genmod.generalized_linear_model import GLM  # type: ignore[import-untyped]

    poisson = GLM(entries, design, family=Poisson(), exposure=years).fit()
    spread = float(poisson.pearson_chi2 / poisson.df_resid)
    score, chance = _dispersion(entries, np.asarray(poisson.mu))
    below = sum(step.below for step in used)
    told = f"Pearson chi-square per degree of freedom {spread:.0f} ({_by_scope(used, poisson.resid_pearson)}); "
    told += f"test of equal mean and variance z = {score:.1f}, p = {chance:.2g}; "
    told += f"{below} of {len(used)} steps reckoned below no entry"
    yield _power(poisson, "Poisson", len(used), told, "too narrow to use: entry swings far more than counting chance"
                 if chance < LEVEL else "entry swings no more than counting chance")  # fmt: skip
    if chance < LEVEL:
        yield from _binomial(entries, design, years, poisson)


def _binomial(entries: Array, design: pd.DataFrame, years: Array, poisson: object) -> Iterator[Line]:
    """The lines of the negative binomial, which needs a swing to estimate."""
    from statsmodels.discrete.discrete_model import NegativeBinomial  # type: ignore[import-untyped]

    start = [*poisson.params, 0.5]  # type: ignore[attr-defined]
    model = NegativeBinomial(entries, design, exposure=years)
    binomial = model.fit(start, method="bfgs", maxiter=500, disp=0, warn_convergence=False)
    if not binomial.mle_retvals["converged"]:
        yield line(NAME, "power of the number of firms", (math.nan,) * 3, "1", len(entries), "negative binomial",
                   "did not converge", "nothing")  # fmt: skip
        return
    ratio = 2 * (binomial.llf - poisson.llf)  # type: ignore[attr-defined]
    told = f"converged; likelihood ratio against Poisson {ratio:.0f}, on the edge of what alpha may be"
    low, high = binomial.conf_int(LEVEL).loc["log firms"]
    undecided = "; zero lies inside, so crowding and imitation cannot be told apart" if low < 0 < high else ""
    yield _power(binomial, "negative binomial", len(entries), told, f"how entry goes with the firms there{undecided}")
    yield _luck(binomial, len(entries), told)


def _by_scope(used: Sequence[Step], off: Array) -> str:
    """Mean square of the Pearson residuals in each scope."""
    scopes = dict.fromkeys(step.scope for step in used)
    squares = {scope: np.mean([r**2 for step, r in zip(used, off, strict=True) if step.scope == scope])
               for scope in scopes}  # fmt: skip
    return ", ".join(f"{scope} {square:.1f}" for scope, square in squares.items())


def _dispersion(entries: Array, mean: Array) -> tuple[float, float]:
    """Test of Cameron and Trivedi that the variance is the mean, against one with a square term: z and one-sided p."""
    from scipy.stats import norm  # type: ignore[import-untyped]
    from statsmodels.api import OLS  # type: ignore[import-untyped]

    score = float(OLS(((entries - mean) ** 2 - entries) / mean, mean).fit().tvalues[0])
    return score, float(norm.sf(score))


def _power(fit: object, method: str, count: int, diagnostics: str, supports: str) -> Line:
    low, high = fit.conf_int(LEVEL).loc["log firms"]  # type: ignore[attr-defined]
    estimate = float(fit.params["log firms"])  # type: ignore[attr-defined]
    return line(NAME, "power of the number of firms", (estimate, float(low), float(high)), "1", count, method,
                diagnostics, supports)  # fmt: skip


def _luck(fit: object, count: int, diagnostics: str) -> Line:
    """The yearly swing of entry as a standard deviation of its log, beside that of the model's `entry_luck`."""
    alpha, (low, high) = float(fit.params["alpha"]), fit.conf_int(LEVEL).loc["alpha"]  # type: ignore[attr-defined]
    swing, least, most = (math.sqrt(math.log1p(max(value, 0.0))) for value in (alpha, float(low), float(high)))
    used = _model_luck()
    words = "an upper bound on the yearly swing of entry beyond counting chance, since exits, policy and recounts are "
    words += f"in it too; the model draws {used:.2f} for Vietnam, "
    words += "inside the interval" if least <= used <= most else "outside the interval"
    return line(NAME, "yearly swing (sd of log)", (swing, least, most), "1", count, "negative binomial", diagnostics,
                words)  # fmt: skip


def _model_luck() -> float:
    """Standard deviation of the log of the model's `entry_luck`."""
    from vimach.simulate import built_in

    distribution = built_in().table["entry_luck"].distribution
    assert distribution is not None
    low, high = distribution.quantile(0.05), distribution.quantile(0.95)
    return math.log(high / low) / (2 * 1.6448536269514722)

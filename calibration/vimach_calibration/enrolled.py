"""Graduates of students who are already enrolled: the part of a forecast that should be nearly certain.

Tested on simulated truths. Next to nobody enters after ORIGIN; the register of students by study year and the graduates
of past years are known with small errors; the graduates of the next years are added up and compared with the truth.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.errors import Place
from vimach.paths import Step
from vimach.scenario import Override, Scenario
from vimach.simulate import Model, Settings, simulate
from vimach_calibration.samples import Array, Samples

ALLOWED: Final = {1: 1.5, 3: 3.0, 5: 6.0}
"""Mean absolute error, in percent, that is accepted at each horizon (years)."""
ORIGIN: Final = 2026
REGISTER_SD, GRADUATES_SD = 0.01, 0.03
"""Errors, in logs, of the register of students and of the graduates of a year."""
_BEHIND: Final = 10  # years of graduates known
_KEY: Final = 31
_NEXT_TO_NOBODY: Final = 1.0  # a year: an empty class would be a stock that loses all of itself


@dataclass(frozen=True)
class Graduates:
    """Of each member: `past` graduates over the students whose last year it was, by year before ORIGIN;
    `register`, students at ORIGIN in the order in which they are to finish (members, 4); `rates`, graduates after
    ORIGIN over the register: of the class to finish, and beyond the last class of all; `total`, graduates added up.
    """

    past: Array
    register: Array
    rates: Array
    total: Array


def simulated(model: Model, scenario: Scenario, members: int, seed: int) -> Graduates:
    """Members of the prior ensemble, with the doors of universities closed at ORIGIN."""
    stopped = map(_stopped, ("university_entrants", "relabelling_rate"))
    shut = replace(scenario, overrides=(*scenario.overrides, *stopped))
    settings = Settings(members=members, seed=seed, until=ORIGIN + max(ALLOWED) - 1)
    return _read(simulate(model, shut, settings, ["graduating", "bachelor_students"]))


def _stopped(name: str) -> Override:
    """Next to nothing from ORIGIN on, past the range of the parameter: no scenario may close universities, a test may.

    Relabelling stops too, which moves nobody in or out: it would empty classes that are all but empty.
    """
    path = Step(_NEXT_TO_NOBODY if name == "university_entrants" else 0.0, float(ORIGIN))
    return Override(name, None, "value", True, path, "only those enrolled are followed", Place("enrolled"))


def _read(run: xr.Dataset) -> Graduates:
    graduating = run["graduating"].sum(["programme", "region"]).transpose("member", "period").to_numpy()
    students = run["bachelor_students"].sum(["programme", "region"]).transpose("member", "edge", ...).to_numpy()
    now = run["edge"].to_numpy().tolist().index(float(ORIGIN))
    register = students[:, now, ::-1]
    after = graduating[:, now:]
    rates = after / np.concatenate([register, register.sum(axis=1, keepdims=True)], axis=1)[:, : after.shape[1]]
    past = graduating[:, now - _BEHIND : now] / students[:, now - _BEHIND : now, -1]
    return Graduates(past, register, rates, np.cumsum(after, axis=1))


def forecast(bank: Graduates, past: Array, register: Array) -> Samples:
    """Graduates added up after ORIGIN, shape (members, years), given one truth's past rates and register."""
    sd = np.hypot(REGISTER_SD, GRADUATES_SD)
    logs = -np.sum(np.square((np.log(bank.past) - np.log(past)) / sd), axis=1) / 2
    known = np.append(register, register.sum())[: bank.rates.shape[1]]
    return Samples(np.cumsum(bank.rates * known, axis=1), np.exp(logs - logs.max()))


def errors(bank: Graduates, truths: Graduates) -> pd.DataFrame:
    """Mean absolute error of the median in percent, by horizon: horizon, allowed, error, n, effective_size (median)."""
    generator = np.random.Generator(np.random.Philox(key=_KEY))
    found, sizes = [], []
    for past, register, total in zip(truths.past, truths.register, truths.total, strict=True):
        seen = past * np.exp(np.hypot(REGISTER_SD, GRADUATES_SD) * generator.standard_normal(past.shape))
        counted = register * np.exp(REGISTER_SD * generator.standard_normal(register.shape))
        samples = forecast(bank, seen, counted)
        found.append(100 * np.abs(samples.quantiles([0.5])[0] / total - 1))
        sizes.append(samples.effective_size)
    means, size = np.mean(found, axis=0), float(np.median(sizes))
    lines = [
        {"horizon": years, "allowed": most, "error": float(means[years - 1]), "n": len(found), "effective_size": size}
        for years, most in ALLOWED.items()
    ]
    return pd.DataFrame(lines)

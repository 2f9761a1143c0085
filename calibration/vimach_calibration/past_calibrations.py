"""The model as it would have been calibrated on a past day, with the rows that were published by then.

Each day has a calibration of its own, made as `vimach calibrate --as-of` makes it. Where too few counts were known for
one, the prior ensemble is weighted by those there were.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr

from vimach.ensemble import Sample
from vimach.scenario import Scenario
from vimach.simulate import Model
from vimach_calibration.backtest import FEWEST_EFFECTIVE, Belief
from vimach_calibration.bank import Runs
from vimach_calibration.calibrate import Calibration, CalibrationFailed, Calibrator, Plan, counts_hash
from vimach_calibration.ensemble_bank import EnsembleBank, expressions
from vimach_calibration.importance import Weights
from vimach_calibration.likelihood import Likelihood
from vimach_calibration.observations import Observations, observations
from vimach_calibration.samples import Array


class PastCalibrations:
    """Beliefs of one day after another, for each set of levers.

    `scenarios` tells the levers of each; draws are made under the first, and the others share them.
    """

    def __init__(
        self, model: Model, scenarios: Mapping[str, Scenario], members: int, seed: int, until: int,
        known: Callable[[date], Observations] = observations,
        progress: Callable[[int], None] = lambda members: None, say: Callable[[str], None] = lambda words: None,
    ) -> None:  # fmt: skip
        self.known, self.progress, self.say = known, progress, say
        first, *others = scenarios
        plan = Plan(trials=members, seed=seed, until=until, effective=FEWEST_EFFECTIVE)
        self.calibrator = Calibrator(model, scenarios[first], observations().counts, plan, progress=progress)
        kept = self.calibrator.forecast.kept
        self.runs = {first: self.calibrator.forecast}
        self.runs |= {levers: Runs(model, scenarios[levers], until, kept) for levers in others}
        self.outputs = expressions()
        self._seen: dict[str, dict[str, Belief]] = {}
        self._days: dict[date, str] = {}

    def on(self, day: date) -> dict[str, Belief]:
        """What was believed on a day. Days on which the same counts were known share one calibration."""
        observed = self.known(day)
        self._days[day] = counts_hash(observed)
        if self._days[day] not in self._seen:
            self.say(f"calibrating with the {len(observed.counts)} counts of {day}")
            self._seen[self._days[day]] = self._believed(observed)
        return self._seen[self._days[day]]

    @cached_property
    def prior(self) -> Mapping[str, EnsembleBank]:
        """The same members of the prior ensemble under each set of levers."""
        plan = self.calibrator.plan
        sample = Sample(plan.seed, np.arange(plan.trials, dtype=np.int64))
        return {levers: EnsembleBank(runs(sample, self.progress), self.outputs) for levers, runs in self.runs.items()}

    def table(self) -> pd.DataFrame:
        """A line for each day asked for and set of levers: counts, parameters estimated, effective size, and why the
        prior ensemble was weighted instead."""
        lines = [
            {
                "origin": str(day), "levers": levers, "counts": belief.counts, "estimated": belief.estimated,
                "members": len(belief.weights.log_weights), "effective_size": belief.weights.effective,
                "not_calibrated": belief.because,
            }
            for day, counts in self._days.items()
            for levers, belief in self._seen[counts].items()
        ]  # fmt: skip
        return pd.DataFrame(lines)

    def _believed(self, observed: Observations) -> dict[str, Belief]:
        likelihood = Likelihood(observed.counts) if observed.counts else None
        because = "; ".join(observed.missing())
        if not because:
            try:
                found = self.calibrator.run(observed)
            except CalibrationFailed as error:
                because = str(error).split("; the old estimate")[0]
            else:
                beliefs = {}
                for levers, runs in self.runs.items():
                    own = found.runs if runs is self.calibrator.forecast else runs(found.sample, self.progress)
                    weights = Weights(found.weights.log_weights + _more_likely(found, own))
                    bank = EnsembleBank(own, self.outputs)
                    beliefs[levers] = Belief(bank, weights, len(observed.counts), len(found.estimated))
                return beliefs
        beliefs = {}
        for levers, bank in self.prior.items():
            logs = np.zeros(bank.run.sizes["member"])
            weights = Weights(likelihood.total(likelihood.logs(bank.run)) if likelihood else logs)
            beliefs[levers] = Belief(bank, weights, len(observed.counts), because=because)
        return beliefs


def _more_likely(found: Calibration, own: xr.Dataset) -> Array:
    """How much more likely, in logs, the counts are in other runs of the same draws; -inf where these broke."""
    before, after = (found.likelihood.total(found.likelihood.logs(runs)) for runs in (found.runs, own))
    return np.asarray(after - np.where(np.isfinite(before), before, 0.0))

"""The calibration from the counts to the committed posterior: choose, fit, propose, weight, resample."""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from vimach.ensemble import Sample
from vimach.errors import BadInput, Problem, VimachError
from vimach.posterior import Posterior, Provenance, fingerprint
from vimach.scenario import Scenario
from vimach.simulate import Model
from vimach_calibration import bank
from vimach_calibration.coordinates import Coordinate, central_sample, coordinates, prior_values, probes
from vimach_calibration.emulator import Emulator, Home, Target, Trial
from vimach_calibration.estimation import SimulatorModel, SimulatorResults
from vimach_calibration.importance import Approximation, Weights, placed, proposal
from vimach_calibration.likelihood import Likelihood
from vimach_calibration.observations import Count, Observations
from vimach_calibration.selection import MOST, chosen

Array = npt.NDArray[np.float64]
Progress = Callable[[int], None]

SWITCHES = ("juniors_bind", "capacity_limits_places")
"""The structures between which the evidence has to decide."""
HEADLINES = (
    "employed_in_sector", "employed_design", "employed_atp", "employed_technicians", "design_firms_active",
    "atp_plants_operating", "trained_cumulative",
)  # fmt: skip
LAST_DATA_YEAR = 2025
"""Counts speak of this year at least; of a later one if one does."""
REACH = 1.0
"""How far the first look goes to either side of the prior medians, in prior standard deviations."""
TRIED, TURNS = 2_500, 3
"""So many members are tried in each of so many turns before all are drawn; fewer where a quarter of all are fewer."""
FEWEST_EFFECTIVE = 1000.0
"""A posterior worth fewer members than this is not kept."""


class CalibrationFailed(VimachError):
    """A fit that did not converge, or too few members that meet the counts; what was committed before stays."""


@dataclass(frozen=True)
class Plan:
    """How much work is done: members weighted, entries chosen out of them, last year simulated, parameters at most.

    `threads` (0: all cores) changes no number.
    """

    trials: int = 40_000
    entries: int = 4_000
    seed: int = 1017
    until: int = 2030
    most: int = MOST
    effective: float = FEWEST_EFFECTIVE
    threads: int = 0


@dataclass(frozen=True)
class Structure:
    """One combination of the switches: their values, and the estimates under it."""

    values: tuple[int, ...]
    results: SimulatorResults
    approximation: Approximation

    def __str__(self) -> str:
        return ", ".join(f"{name} = {value}" for name, value in zip(SWITCHES, self.values, strict=True))


@dataclass(frozen=True)
class Calibration:
    """Everything a calibration found. `runs` are those of `sample`, whose members have `weights`."""

    observed: Observations
    likelihood: Likelihood
    axes: tuple[Coordinate, ...]
    estimated: tuple[Coordinate, ...]
    structures: tuple[Structure, ...]
    structure: npt.NDArray[np.int64]
    sample: Sample
    runs: xr.Dataset
    weights: Weights


class Calibrator:
    """A model and a scenario ready to be held against one set of counts after another.

    `counts` tell what to keep of a run. Finished blocks of members are kept in `folder`, if one is given.
    """

    def __init__(
        self, model: Model, scenario: Scenario, counts: Sequence[Count], plan: Plan, folder: Path | None = None,
        resume: bool = False, progress: Progress = lambda members: None,
        say: Callable[[str], None] = lambda words: None,
    ) -> None:  # fmt: skip
        self.model, self.scenario, self.plan = model, scenario, plan
        self.folder, self.resume, self.progress, self.say = folder, resume, progress, say
        read = [count.model for count in counts]
        last = max([LAST_DATA_YEAR, *(math.ceil(max(count.moments)) - 1 for count in counts)])
        if last > plan.until:
            late = sorted({count.term for count in counts if max(count.moments) > plan.until + 1})
            raise BadInput([Problem(f"has a count after {plan.until}, where the runs end", key=term) for term in late])
        self.history = bank.Runs(model, scenario, last, bank.every_variable(read), plan.threads)
        self.forecast = bank.Runs(model, scenario, plan.until, bank.every_variable(read, HEADLINES), plan.threads)
        self.axes = coordinates(model, 2015, last)
        by_name = {axis.name: axis for axis in self.axes}
        self.switches = tuple(by_name[name] for name in SWITCHES if name in by_name)
        self._looked: tuple[object, Array, Array] | None = None

    def look(self, likelihood: Likelihood) -> tuple[Array, Array]:
        """What is given at the prior medians (rows,) and how every draw moves it (rows, axes): one simulator call."""
        key = tuple((count.model, count.moments) for count in likelihood.counts)
        if self._looked is None or self._looked[0] != key:
            points, between = probes(self.axes, {}, REACH)
            points = np.concatenate([np.zeros((1, len(self.axes))), points])
            logs = likelihood.logs(self.history(central_sample(self.plan.seed, self.axes, points)))
            self._looked = key, logs[:, 0], (logs[:, 2::2] - logs[:, 1::2]) / between
        return self._looked[1:]

    def choose(self, likelihood: Likelihood) -> tuple[Coordinate, ...]:
        """The parameters to estimate."""
        logs, jacobian = self.look(likelihood)
        _, fall = likelihood.curvature(logs[:, None])
        most = min(self.plan.most, len(likelihood))
        return tuple(self.axes[number] for number in chosen(self.axes, jacobian, fall[:, 0], most))

    def fit(self, likelihood: Likelihood, estimated: tuple[Coordinate, ...]) -> tuple[Structure, ...]:
        """The estimates under each combination of the switches; CalibrationFailed where one does not converge."""
        found = []
        names = {axis.name for axis in (*estimated, *self.switches)}
        others = self.look(likelihood)[1][:, [axis.name not in names for axis in self.axes]]
        for values in product((0, 1), repeat=len(self.switches)):
            results = self.simulator_model(likelihood, estimated, values).fit()
            logs, jacobian = results.model.linearised(results.params)
            structure = Structure(values, results, Approximation(results.params, jacobian, logs, others))
            if not results.mle_retvals["converged"]:
                raise CalibrationFailed(f"the fit with {structure} did not converge; the old estimate stays")
            found.append(structure)
        return tuple(found)

    def simulator_model(
        self, likelihood: Likelihood, estimated: tuple[Coordinate, ...], values: Sequence[int], restricted: bool = True
    ) -> SimulatorModel:
        """The statsmodels model of some parameters with the switches at `values` and all others central."""
        set_to = [
            axis.values(axis.quantiles(np.array([1.0 if value else -1.0])))[0]
            for axis, value in zip(self.switches, values, strict=True)
        ]
        axes = (*estimated, *self.switches)

        def simulator(points: Array) -> Array:
            switched = np.repeat(np.array([set_to]), len(points), axis=0)
            sample = central_sample(self.plan.seed, axes, np.concatenate([points, switched], axis=1))
            return likelihood.logs(self.history(sample))

        return SimulatorModel(simulator, likelihood, [axis.name for axis in estimated], restricted)

    def structure_of(self, sample: Sample) -> npt.NDArray[np.int64]:
        """Which combination of the switches each member drew, as a position in `fit`."""
        found = np.zeros(len(sample), dtype=np.int64)
        for values in prior_values(sample, self.switches).T if self.switches else ():
            found = 2 * found + (values > 0.0)
        return found

    def run(self, observed: Observations, estimated: tuple[Coordinate, ...] | None = None) -> Calibration:
        """All steps. BadInput if counts are missing; CalibrationFailed as `fit`, or if too few members meet them."""
        if missing := observed.missing():
            raise BadInput([Problem(words, key="counts") for words in missing])
        likelihood = Likelihood(observed.counts)
        if estimated is None:
            self.say("looking which parameters the counts move")
            estimated = self.choose(likelihood)
        self.say(f"fitting {len(estimated)} parameters to {len(likelihood)} counts in each structure")
        structures = self.fit(likelihood, estimated)
        found = self.weigh(observed, likelihood, estimated, structures)
        if not found.weights.effective >= self.plan.effective:
            raise CalibrationFailed(
                f"{self.plan.trials:,} members are worth {found.weights.effective:,.0f} that meet the counts, fewer "
                f"than {self.plan.effective:,.0f}; the old estimate stays (more --trials would help)"
            )
        return found

    def weigh(
        self, observed: Observations, likelihood: Likelihood, estimated: tuple[Coordinate, ...],
        structures: tuple[Structure, ...],
    ) -> Calibration:  # fmt: skip
        """Every member run at its structure's mode, then where the counts want it, and weighted.

        Between the two some members are tried, turn by turn, and what they are given teaches an emulator where to look.
        """
        prior = Sample(self.plan.seed, np.arange(self.plan.trials, dtype=np.int64))
        structure = self.structure_of(prior)
        modes = np.stack([each.approximation.mode for each in structures])
        self.say(f"running {len(prior):,} members where the fits are best")
        logs = self._logs(likelihood, placed(prior, estimated, modes[structure]))
        target = Target(likelihood)
        home = Home(target, structure, modes, target.averaged(logs))
        proposed = proposal(likelihood, estimated, [each.approximation for each in structures], structure, logs)
        first, emulator, trials = prior.part(0, min(TRIED, max(len(prior) // 4, 1))), None, []
        for turn in range(1, TURNS + 1):
            self.say(f"trying {len(first):,} of them, turn {turn} of {TURNS}")
            tried, _ = proposed.drawn(first, str(turn), emulator)
            logs = self._logs(likelihood, tried)
            values, members = prior_values(tried, estimated), np.arange(len(first))
            trials.append(Trial(members, values, target.averaged(logs), likelihood.total(logs)))
            emulator = Emulator.fitted(home, trials)
            proposed = proposed.learnt(prior, f"{turn} learnt", emulator)
        sample, log_ratio = proposed.drawn(prior, "last", emulator)
        self.say(f"running {len(sample):,} members to the end of {self.plan.until}")
        runs = bank.build(self.forecast, sample, self.folder, self.resume, self.progress)
        weights = Weights(likelihood.total(likelihood.logs(runs)) + log_ratio)
        return Calibration(observed, likelihood, self.axes, estimated, structures, structure, sample, runs, weights)

    def _logs(self, likelihood: Likelihood, sample: Sample) -> Array:
        return likelihood.logs(bank.build(self.history, sample, self.folder, self.resume, self.progress))


def posterior(found: Calibration, model: Model, scenario: Scenario, plan: Plan, data_to: str) -> Posterior:
    """The entries that are committed, chosen by weight."""
    entries = found.weights.chosen(plan.entries)
    about = Provenance(
        model=fingerprint(model),
        scenario=scenario.hash,
        counts=counts_hash(found.observed),
        data_to=data_to,
        seed=plan.seed,
        trials=plan.trials,
        effective=round(found.weights.effective, 1),
        entries=plan.entries,
        version=version("vimach"),
        lines="not yet written",
    )
    quantiles = {name: values[entries] for name, values in found.sample.quantiles.items()}
    return Posterior(about, found.sample.members[entries], quantiles)


def counts_hash(observed: Observations) -> str:
    """One word for the counts as they were read."""
    told = [
        (count.term, count.time, count.timing, count.low, count.high, count.sd, count.ids) for count in observed.counts
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def data_to(observed: Observations, as_of: date | None) -> str:
    """The day up to which counts were read: as asked for, or that of the newest source dated to the month or day."""
    from vimach.vintage import vintage

    return as_of.isoformat() if as_of else vintage().read_up_to

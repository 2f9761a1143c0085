"""The committed posterior against the counts of 2022 to 2025, by running it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from vimach.draws import uniforms
from vimach.posterior import read_posterior
from vimach.scenario import Scenario
from vimach.simulate import Model, Settings, simulate
from vimach_calibration.bank import every_variable
from vimach_calibration.calibrate import counts_hash
from vimach_calibration.likelihood import Likelihood
from vimach_calibration.observations import observations

ESTIMATES = Path(__file__).parents[2] / "calibration" / "estimates"
MEMBERS = 150


def test_the_fan_of_joint_draws_covers_the_counts(model: Model, baseline_scenario: Scenario) -> None:
    posterior = read_posterior(model, ESTIMATES)  # BadInput where it is of other equations or numbers
    assert posterior is not None
    assert posterior.about.effective >= 1000
    known = observations()
    assert posterior.about.counts == counts_hash(known), "`vimach calibrate` makes it anew"
    counts = known.counts
    settings = Settings(members=MEMBERS, until=2025)
    names = {variable.name for variable in every_variable([count.model for count in counts])}
    within = []
    for sample in (posterior.sample(MEMBERS, 1017), None):
        run = simulate(model, baseline_scenario, replace(settings, sample=sample), names)
        widths = []
        for number, count in enumerate(counts):
            logs = Likelihood([replace(count, timing=0.0)]).logs(run)[0]
            luck = uniforms(3, f"published/{number}", 0, MEMBERS)
            low, high = np.quantile(np.exp(logs + count.sd * ndtri(luck)), [0.1, 0.9])
            assert sample is None or (low <= count.high and count.low <= high), count.term
            widths.append(np.log(high / low))
        within.append(float(np.mean(widths)))
    assert within[0] < 0.9 * within[1]  # and it is narrower than that of the priors

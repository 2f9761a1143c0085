"""The tables of a briefing, one call to each question: from scenarios and settings to a table that says its origin.

A table's attributes are those of the runs it was made from: scenario and hash, seed, members, versions, calibration.
Each call has a companion that says beforehand how many steps its progress will count.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version

import pandas as pd
import xarray as xr

from vimach.analysis import attribution as attributing
from vimach.analysis import bottleneck as bottlenecks_
from vimach.analysis import marginal_cost as marginal
from vimach.analysis import sensitivity as sensing
from vimach.analysis import verdicts as verdicts_
from vimach.analysis.cost import PEOPLE, RATE
from vimach.analysis.doses import dial
from vimach.analysis.lever_groups import Group, lever_groups
from vimach.analysis.reach import Answer, runs_of_reach
from vimach.analysis.reach import reach as reaching
from vimach.analysis.switching import runs_of_switching, switching_values
from vimach.analysis.targets import HORIZONS
from vimach.analysis.variants import Run, differing, parting, runs_from
from vimach.errors import BadInput, Problem
from vimach.kernels.array import ArrayKernel
from vimach.parameters.table import Target
from vimach.results import PRIOR
from vimach.scenario import Scenario
from vimach.simulate import Model, Settings, Simulation
from vimach.vintage import vintage

Progress = Callable[[int], None]
DECIDED_FROM = 2027
"""The first year in which anything can be decided anew."""
SCREENED = 30
"""Parameters that get Sobol' indices of their own: some of them matter to one output and not to another."""


def nobody(done: int) -> None:
    """Progress that nobody watches."""


def groups_between(model: Model, base: Scenario, other: Scenario, most: int) -> tuple[Group, ...]:
    """The groups of levers in which two scenarios differ."""
    return lever_groups(model.table, differing(base, other), most)


def most_groups(
    model: Model, scenario: Scenario, settings: Settings, targets: Sequence[Target], exact: bool
) -> int:  # fmt: skip
    """How many groups an attribution may have: twelve where so many are asked for, fewer where the kernel is slow.

    BadInput where they are asked for and the kernel is too slow for them.
    """
    kernel = Simulation(model, scenario, settings, dict.fromkeys(target.variable for target in targets)).kernel
    if not isinstance(kernel, ArrayKernel):
        return attributing.MOST_GROUPS_EXACT if exact else attributing.MOST_GROUPS
    if exact:
        message = f"the NumPy kernel is too slow for more than {attributing.MOST_GROUPS_ARRAY} groups; leave it out"
        raise BadInput(Problem(message, None, "--exact"))
    return attributing.MOST_GROUPS_ARRAY


def attribution(
    model: Model, base: Scenario, other: Scenario, settings: Settings, targets: Sequence[Target], most: int,
    progress: Progress = nobody,
) -> pd.DataFrame:  # fmt: skip
    """Which groups of levers, at most `most`, make the difference to each target; see vimach.analysis.attribution."""
    groups = groups_between(model, base, other, most)
    year = min(parting([other], base, settings.start), settings.until)
    run, about = _noted(runs_from(model, base, settings, [target.variable for target in targets], year))
    table = attributing.attribute(base, other, groups, targets, run, _horizons(settings), progress)
    return _signed(table, about | {"most_groups": most}, other)


def attribution_steps(model: Model, base: Scenario, other: Scenario, most: int) -> int:
    """Runs that an attribution takes."""
    return attributing.runs_needed(len(groups_between(model, base, other, most)))


def bottlenecks(model: Model, scenario: Scenario, settings: Settings, progress: Progress = nobody) -> pd.DataFrame:
    """Which limits bind, by year, track and structure; see vimach.analysis.bottleneck."""
    whole = runs_from(bottlenecks_.taken_apart(model), scenario, settings, bottlenecks_.records(), settings.start)
    run, about = _noted(whole)
    return _signed(bottlenecks_.bottlenecks(scenario, run, progress), about)


def bottleneck_steps() -> int:
    """Runs that a table of bottlenecks takes."""
    return bottlenecks_.runs_of_bottlenecks()


def marginal_costs(
    model: Model, scenario: Scenario, settings: Settings, levers: Sequence[str], progress: Progress = nobody
) -> pd.DataFrame:
    """What the next 1,000 engineers cost by each lever; see vimach.analysis.marginal_cost."""
    records = [*marginal.COSTS, *PEOPLE]
    run, about = _noted(runs_from(model, scenario, settings, records, min(DECIDED_FROM, settings.until)))
    dials = [dial(model, scenario, name) for name in levers]
    return _signed(marginal.marginal_costs(model, scenario, dials, run, PEOPLE, _horizons(settings), progress), about)


def marginal_cost_steps(levers: Sequence[str]) -> int:
    """Runs that so many curves take."""
    return marginal.runs_of_marginal_costs(len(levers))


def verdicts(
    model: Model, base: Scenario, others: Sequence[Scenario], settings: Settings, targets: Sequence[Target],
    progress: Progress = nobody,
) -> pd.DataFrame:  # fmt: skip
    """Whether definition, structure or policy moves each verdict most; see vimach.analysis.verdicts."""
    run, about = _noted(runs_from(model, base, settings, verdicts_.records(targets), settings.start))
    weights = verdicts_.structure_weights(model, base, settings)
    return _signed(verdicts_.movers(base, others, targets, run, weights, progress), about)


def verdict_steps(others: Sequence[Scenario]) -> int:
    """Runs that a table of verdicts takes."""
    return verdicts_.runs_of_movers(len(others))


def screening(
    model: Model, scenario: Scenario, settings: Settings, outputs: Sequence[str], trajectories: int,
    progress: Progress = nobody, horizons: Sequence[float] = HORIZONS,
) -> pd.DataFrame:  # fmt: skip
    """Morris' effects of every uncertain parameter; see vimach.analysis.sensitivity."""
    within = _horizons(settings, horizons)
    table = sensing.screening(model, scenario, settings, outputs, trajectories, within, progress)
    return _drawn_from_priors(table, scenario, settings, trajectories * (len(sensing.drawn(model)) + 1))


def indices(
    model: Model, scenario: Scenario, settings: Settings, outputs: Sequence[str], screened: pd.DataFrame, rows: int,
    progress: Progress = nobody, horizons: Sequence[float] = HORIZONS,
) -> pd.DataFrame:  # fmt: skip
    """Sobol' indices of the parameters that a screening puts first, and of all others together."""
    names = sensing.most_important(screened, SCREENED)
    within = _horizons(settings, horizons)
    table = sensing.sobol_indices(model, scenario, settings, outputs, names, rows, within, progress)
    return _drawn_from_priors(table, scenario, settings, rows * (len(names) + 3))


def switches(
    model: Model, scenario: Scenario, settings: Settings, targets: Sequence[Target], progress: Progress = nobody
) -> pd.DataFrame:
    """Which single assumption turns the verdict on each target; see vimach.analysis.switching."""
    last = max(int(target.by) - 1 for target in targets)
    table = switching_values(model, scenario, targets, replace(settings, until=last), progress)
    return _drawn_from_priors(table, scenario, settings, 0)


def switch_steps(model: Model) -> int:
    """Runs that a table of switching values takes at most."""
    return runs_of_switching(model)


def reach(
    model: Model, base: Scenario, settings: Settings, target: Target, wanted: float, levers: Sequence[str],
    progress: Progress = nobody,
) -> Answer:  # fmt: skip
    """The smallest change of levers that reaches a target; see vimach.analysis.reach."""
    records = [target.variable, *marginal.COSTS]
    run, about = _noted(runs_from(model, base, settings, records, min(DECIDED_FROM, settings.until)))
    rate = model.table[RATE].number
    assert rate is not None
    dials = {name: dial(model, base, name) for name in levers}
    return replace(reaching(base, target, wanted, dials, run, rate, progress), attrs=about)


def reach_steps(levers: Sequence[str]) -> int:
    """Runs that a question of reach takes at most."""
    return runs_of_reach(len(levers))


def _horizons(settings: Settings, horizons: Sequence[float] = HORIZONS) -> list[float]:
    return [edge for edge in horizons if edge <= settings.until + 1]


def _drawn_from_priors(table: pd.DataFrame, scenario: Scenario, settings: Settings, members: int) -> pd.DataFrame:
    """A table of sensitivity with where it is from: whatever a calibration found, priors say how far things vary.

    `members` is how many were run; 0 for central runs.
    """
    about = {"scenario": scenario.name, "scenario_title_en": scenario.title.en, "scenario_title_vi": scenario.title.vi}
    about |= {"scenario_hash": scenario.hash, "calibration": PRIOR, "data_vintage": vintage().read_up_to}
    table.attrs |= about | {"seed": settings.seed, "members": members, "model_version": version("vimach")}
    return table


def _noted(run: Run) -> tuple[Run, dict[str, object]]:
    """The same runs, and the attributes of the first of them once it has run."""
    about: dict[str, object] = {}

    def noting(scenario: Scenario) -> xr.Dataset:
        data = run(scenario)
        if not about:
            about.update({str(name): value for name, value in data.attrs.items() if name not in ("origins", "start")})
        return data

    return noting, about


def _signed(table: pd.DataFrame, about: dict[str, object], other: Scenario | None = None) -> pd.DataFrame:
    table.attrs |= about
    if other is not None:
        table.attrs |= {"other": other.name, "other_hash": other.hash}
        table.attrs |= {"other_title_en": other.title.en, "other_title_vi": other.title.vi}
    return table

"""The command `vimach calibrate`: from the counts to the committed posterior.

Nothing heavy is imported before the command runs, so that help comes at once.
"""

import time
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vimach import request
from vimach.errors import BadInput, Problem

if TYPE_CHECKING:
    from vimach.terminal import Terminal
    from vimach_calibration.calibrate import Calibration, Plan
    from vimach_calibration.observations import Observations

AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", metavar="DATE", formats=["%Y-%m-%d"], help="Use only rows published by this day."),
]
Trials = Annotated[int, typer.Option(min=100, help="Members of the prior ensemble to weight.")]
Entries = Annotated[int, typer.Option(min=10, help="Members that the posterior holds.")]
Effective = Annotated[float, typer.Option(min=1, help="Refuse a posterior worth fewer members than this.")]
Where = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for the posterior; otherwise calibration/estimates (with --as-of: vimach-out)."),
]
Laplace = Annotated[
    bool, typer.Option("--laplace", help="A quick look: draws by Laplace's approximation, weighted by no run.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the members that a broken-off calibration left.")]


def calibrate(
    as_of: AsOf = None,
    trials: Trials = 40_000,
    entries: Entries = 4_000,
    effective: Effective = 1_000,
    seed: request.Seed = 1017,
    out: Where = None,
    laplace: Laplace = False,
    resume: Resume = False,
    json: request.Json = False,
    quiet: request.Quiet = False,
) -> None:
    """Hold the model against the counts and write the posterior that `run` and `compare` then draw from.

    Writes posterior.csv, posterior.yaml and calibration.md, which says how far to trust it: what the trials are worth,
    which counts are met, the weight of each structure, which parameters stay at their prior and which pairs cannot be
    told apart. Exit code 1, and the old estimate stays, if a fit does not converge or too few members meet the counts.

    \b
    Examples:
      vimach calibrate
      vimach calibrate --as-of 2024-12-31 --trials 4000 --effective 200
      vimach calibrate --laplace --trials 4000 --out quick
      vimach calibrate --resume
    """
    from vimach.posterior import write_posterior
    from vimach.scenario import read_scenario
    from vimach.simulate import built_in
    from vimach.terminal import Terminal
    from vimach_calibration import bank
    from vimach_calibration.calibrate import Calibrator, Plan, counts_hash, data_to, posterior
    from vimach_calibration.calibration_report import before, report
    from vimach_calibration.laplace import approximated
    from vimach_calibration.observations import observations

    terminal = Terminal(json, quiet)
    day = as_of.date() if as_of else None
    if laplace and out is None:
        raise BadInput(Problem("an approximation does not take the place of the posterior; name a folder", key="--out"))
    folder, observed = _folder(out, day), observations(day)
    _check(observed, day)
    started = time.perf_counter()
    model = built_in()
    scenario = read_scenario("baseline", model.table, model.labels)
    plan = Plan(trials=trials, entries=entries, seed=seed, effective=effective)
    for words in observed.excluded:
        terminal.say(words)
    with request.writing(folder), terminal.progress("calibration", 2 * trials) as progress:
        work = bank.cache(folder.resolve(), counts_hash(observed), seed, trials, laplace)
        if work is None:
            terminal.say("the cache cannot be written: --resume will find nothing if this calibration is broken off")
        calibrator = Calibrator(model, scenario, observed.counts, plan, work, resume, progress, terminal.say)
        found = approximated(calibrator, observed) if laplace else calibrator.run(observed)
        newest = data_to(observed, day) + (" (Laplace)" if laplace else "")
        page = report(found, before(calibrator), plan, f"read up to {newest}")
        write_posterior(posterior(found, model, scenario, plan, newest), folder, page)
        bank.forget(work)
    _tell(terminal, found, plan, folder)
    terminal.say(f"took {time.perf_counter() - started:.0f} s")


def _check(observed: "Observations", day: date | None) -> None:
    """BadInput, before a folder is made, if the evidence does not reach so far or holds too few counts."""
    from vimach.vintage import vintage

    reach = vintage().read_up_to
    if day and day > date.fromisoformat(reach):
        raise BadInput(Problem(f"the evidence was read up to {reach}; what came later is not in it", key="--as-of"))
    if missing := observed.missing():
        raise BadInput([Problem(words, key="--as-of" if day else "counts") for words in missing])


def _folder(out: Path | None, as_of: date | None) -> Path:
    """Where the posterior goes; an estimate as of a day never takes the place of the committed one by default."""
    from vimach import library

    if out is None and as_of is not None:
        out = Path("vimach-out") / f"as-of-{as_of.isoformat()}"
    return out or library.own("estimates")


def _tell(terminal: "Terminal", found: "Calibration", plan: "Plan", folder: Path) -> None:
    """The calibration in a few lines, and as data."""
    from vimach_calibration.calibration_report import at_prior, covered
    from vimach_calibration.coordinates import prior_values

    met = [line[3] for line in covered(found)]
    weights = found.weights.normal
    switches = [axis for axis in found.axes if axis.chance is not None and axis.name in _switches()]
    shares = {axis.name: float(weights[prior_values(found.sample, [axis])[:, 0] > 0.0].sum()) for axis in switches}
    told = {
        "counts": len(met),
        "met": sum(met),
        "estimated": [axis.name for axis in found.estimated],
        "trials": plan.trials,
        "effective": found.weights.effective,
        "switches": shares,
        "at_prior": len(at_prior(found)),
        "folder": str(folder),
    }
    lines = [
        f"{sum(met)} of {len(met)} counts lie in the 80 % interval of what would have been published",
        f"{plan.trials:,} members are worth {found.weights.effective:,.0f} that meet the counts",
        *(f"{name} = 1 has the weight {share:.2f}" for name, share in shares.items()),
        f"{told['at_prior']} of {len(found.axes)} draws stay at their prior; estimated: {', '.join(told['estimated'])}",  # type: ignore[arg-type]
        f"wrote posterior.csv, posterior.yaml and calibration.md in {folder}",
    ]
    terminal.show("\n".join(lines))
    terminal.answer(told)


def _switches() -> tuple[str, ...]:
    from vimach_calibration.calibrate import SWITCHES

    return SWITCHES

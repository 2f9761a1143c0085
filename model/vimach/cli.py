"""The command line: the roof of vimach. Commands, and what they share, alone may call on reports and calibration.

Nothing heavy is imported before a command runs, so that help comes at once.
"""

import io
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from vimach import analysis_commands, publishing, request
from vimach.backtest_command import backtest
from vimach.calibrate_command import calibrate
from vimach.check_command import check
from vimach.errors import BadInput, Problem, VimachError
from vimach.exporting import export
from vimach.hiding import hidden
from vimach.reach_command import reach
from vimach.register_command import register, score
from vimach.reporting import report, verify

if TYPE_CHECKING:
    import pandas as pd

    from vimach.terminal import Terminal

FAILED, INTERRUPTED = 1, 130


class _Commands(TyperGroup):
    """Runs a command and turns what it raises into lines on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except VimachError as error:
            code, words = error.exit_code, str(error)
        except KeyboardInterrupt:
            code, words = INTERRUPTED, "interrupted; files are whole or not there"
        except BrokenPipeError:
            raise  # whoever read stdout has gone; typer ends quietly
        except OSError as error:
            code, words = FAILED, f"{error.filename or 'a file'}: {error.strerror or error}"
        print(words, file=sys.stderr)
        raise typer.Exit(code)


app = typer.Typer(
    cls=_Commands, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)


def main() -> None:
    """The command `vimach`."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever called: what would be printed is not wanted
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):  # Windows would write Vietnamese in a code page without it
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")  # a path may be no text: its own bytes
    asked = any(word.startswith("--dask") for word in sys.argv)
    with nullcontext() if asked else hidden("dask"):
        app(prog_name="vimach")


@app.callback(invoke_without_command=True)
def vimach(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Workforce and capacity model of Vietnam's semiconductor industry.

    \b
    Examples:
      vimach compare baseline accelerated_funding
      vimach list levers
      vimach explain trained_cumulative

    \b
    Exit codes: 0 done, 1 the run failed, 2 the input was wrong, 130 interrupted.
    """
    if version:
        from importlib.metadata import version as installed

        print(f"vimach {installed('vimach')}")
        raise typer.Exit


@app.command(short_help="Run scenarios and print their targets.")
@request.shared
def run(
    scenarios: Annotated[list[str], typer.Argument(metavar="SCENARIO", help="Names, or paths of YAML files.")],
    members: request.Members = 1000,
    first: request.From = request.BASE_YEAR,
    step: request.Step = "1/16",
    method: request.How = request.Method.euler,
    set_: request.Set = None,
    outputs: request.Kept = "headline",
    save_per: request.Often = request.SavePer.year,
    precision: request.Stored = request.Precision.double,
    quantiles: request.Quantiles = False,
    state: request.State = None,
    *,
    ensemble: request.Ensemble,
    broken: request.Broken,
    answer: request.Answer,
) -> None:
    """Run scenarios as one sweep, block by block of members; results go to OUT/SCENARIO/results.nc.

    Prints each scenario's targets: value with 80 % interval and the probability of reaching it by its date. Finished
    blocks stay in OUT/SCENARIO/blocks until the results stand, so that --resume completes what was broken off.

    \b
    Examples:
      vimach run baseline
      vimach run baseline mine.yaml --members 200 --out /tmp/try
      vimach run baseline --set quit_rate=0.08 --until 2030 --json
      vimach run baseline --outputs all
      vimach run baseline --prior
      vimach run baseline --outputs engineers,quitting --save-per step --quantiles
      vimach run baseline mine.yaml --members 100000 --precision single --resume
      vimach run mine.yaml --from 2027 --state vimach-out/baseline/results.nc
    """
    from vimach import results, simulate
    from vimach.parameters.table import read_targets
    from vimach.sweep import sweep
    from vimach.terminal import Terminal

    terminal = Terminal(answer.json, answer.quiet)
    if quantiles and members < request.FEWEST:
        raise BadInput(Problem(f"needs --members {request.FEWEST} or more", None, "--quantiles"))
    settings = request.settings_of(
        members, ensemble.seed, first, ensemble.until, step, method, ensemble.threads, state is not None,
        ensemble.kernel, save_per, precision,
    )  # fmt: skip
    model = simulate.built_in()
    read = request.scenarios_of(model, scenarios, set_ or [], terminal, ensemble.until)
    targets = request.due(read_targets(), settings)
    records = request.kept(outputs, model, targets)
    keeping = request.keeping(answer.out, first, broken)
    settings = request.drawn(settings, model, terminal, ensemble.prior, ensemble.posterior)
    with (
        request.executor(broken.dask, settings) as executor,
        results.opened(state) if state else nullcontext() as saved,
        request.writing(answer.out, [scenario.name for scenario in read], state),
    ):
        with terminal.progress(publishing.titles(read), len(read) * max(members, 1)) as progress:
            files = sweep(model, read, settings, records, keeping, executor, progress, saved)
        terminal.answer([publishing.tell_results(file, targets, terminal, answer.lang, quantiles) for file in files])


@app.command(short_help="Compare two scenarios: figures, summary and results.")
@request.shared
def compare(
    base: request.Base,
    other: request.Other,
    members: request.Compared = 1000,
    first: request.From = request.BASE_YEAR,
    step: request.Step = "1/16",
    method: request.How = request.Method.euler,
    set_: request.Set = None,
    outputs: request.Kept = "headline",
    precision: request.Stored = request.Precision.double,
    shares: Annotated[
        bool, typer.Option("--shares/--no-shares", help="Share the difference among groups of levers: runs of its own.")
    ] = True,
    details: Annotated[
        bool, typer.Option("--details", help="Print every target, and costs by year, stage, payer, person and place.")
    ] = False,
    *,
    ensemble: request.Ensemble,
    broken: request.Broken,
    answer: request.Answer,
) -> None:
    """Run two scenarios on the same members: every target in both and the difference, what makes it, what it costs.

    In place of scenarios the results.nc of two earlier runs can be named: then nothing is run.

    Writes results.nc for each scenario, the figures that need no further runs (F1 fan against target, F3 flow gap, F4
    gap map, F5 pipeline, F7 all targets, F13 definition, T1 levers) as PDF, SVG and PNG with the plotted numbers as
    CSV, summary.csv, attribution.csv (the share of each group of levers in the difference), costs.csv (who pays for
    what, by year and stage), provinces.csv (medians by judged share), and fit.csv: the central run of BASE against what
    was observed. A --set holds for both scenarios.

    \b
    Examples:
      vimach compare baseline accelerated_funding
      vimach compare baseline accelerated_funding --details
      vimach compare baseline mine.yaml --members 200 --lang vi
      vimach compare vimach-out/baseline/results.nc vimach-out/mine/results.nc
    """
    from contextlib import ExitStack
    from dataclasses import replace
    from time import perf_counter

    from vimach import results, simulate
    from vimach.parameters.table import read_targets
    from vimach.sweep import sweep
    from vimach.terminal import Terminal

    terminal = Terminal(answer.json, answer.quiet)
    if any(word.endswith(publishing.STORED) for word in (base, other)):
        publishing.compare_stored(base, other, answer, terminal, details)
        return
    settings = request.settings_of(
        members, ensemble.seed, first, ensemble.until, step, method, ensemble.threads, kernel=ensemble.kernel,
        precision=precision,
    )  # fmt: skip
    model = simulate.built_in()
    read = request.scenarios_of(model, [base, other], set_ or [], terminal, ensemble.until)
    request.check_horizon(settings)
    targets = request.due(read_targets(), settings)
    records = request.kept(outputs, model, targets, shown=True)
    keeping = request.keeping(answer.out, first, broken, publishing.noted(), together=True)
    settings = request.drawn(settings, model, terminal, ensemble.prior, ensemble.posterior)
    started = perf_counter()
    with ExitStack() as stack:
        with request.executor(broken.dask, settings) as executor:
            stack.enter_context(request.writing(answer.out, [scenario.name for scenario in read]))
            with terminal.progress(publishing.titles(read), 2 * members) as progress:
                files = sweep(model, read, settings, records, keeping, executor, progress)
        fit, told = publishing.held_against_counts(model, read[0], settings)
        few = replace(settings, members=min(members, request.PAIRED), precision="double")
        table = publishing.attributed(model, read[0], read[1], few, targets, terminal, answer.lang) if shares else None
        one, two = (stack.enter_context(results.opened(file)) for file in files)
        found = publishing.compared(one, two, targets, table)
        publishing.write_comparison(found, targets, fit, answer, terminal, details)
    for line in told:
        terminal.say(line)
    publishing.say_time(terminal, perf_counter() - started, settings, answer)


@app.command(short_help="Check scenario files, or the whole model.")
def validate(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE", help="Scenarios, by name or path; none: the whole model.")
    ] = None,
    json: request.Json = False,
    quiet: request.Quiet = False,
) -> None:
    """Check scenario files, or, without any, the model itself; runs nothing.

    The model: equations (names, units, dimensions, cycles, conservation), parameters and their labels, targets,
    evidence, sources, the statements that the model is held against, and the scenarios that come with it.

    \b
    Examples:
      vimach validate
      vimach validate mine.yaml scenarios/baseline.yaml
    """
    from vimach import checks, simulate
    from vimach.scenario import known_scenarios
    from vimach.terminal import Terminal

    terminal = Terminal(json, quiet)
    found = checks.Checks()
    model = found.try_(simulate.built_in)
    if model is not None:
        if not files:
            publishing.check_model(found, model)
        for word in files or known_scenarios():
            found.scenario(model, word, request.Ensemble.until)
    if found.problems:
        raise BadInput(found.problems)
    for caution in found.cautions:
        terminal.say(str(caution))
    terminal.show("\n".join(f"{what}: {told}" for what, told in found.passed.items()))
    checked = [{"what": what, "found": told} for what, told in found.passed.items()]
    terminal.answer({"checked": checked, "warnings": [str(caution) for caution in found.cautions]})


@app.command("list", short_help="List levers, parameters, variables and more.")
def list_(
    subject: Annotated[request.Subject, typer.Argument(help="What to list.")],
    timing: request.Timing = None,
    json: request.Json = False,
) -> None:
    """List scenarios, levers, parameters, targets, variables or evidence; --json gives every field.

    Levers come with the last date on which a decision still adds ten people by the end of 2030 and the first year in
    which a lever alone adds 100 people, each on its accelerated path, or as --timing SCENARIO pulls it: in the central
    run, every assumption as first judged, not calibrated.

    \b
    Examples:
      vimach list levers
      vimach list levers --timing mine.yaml
      vimach list parameters --json
    """
    from vimach import listing, simulate
    from vimach.terminal import Terminal

    if timing and subject is not request.Subject.levers:
        raise BadInput(Problem(f"is for levers, not for {subject.value}", None, "--timing"))
    match subject:
        case request.Subject.scenarios:
            from vimach.scenario import known_scenarios

            rows = listing.scenarios(request.scenarios_of(simulate.built_in(), known_scenarios(), ()))
        case request.Subject.levers:
            rows = listing.levers(simulate.built_in())
            rows = listing.timed(rows, _timing(timing, Terminal(json)))
        case request.Subject.parameters:
            from vimach.parameters.table import read_parameters

            rows = listing.parameters(read_parameters())
        case request.Subject.targets:
            from vimach.parameters.table import read_targets

            rows = listing.targets(read_targets())
        case request.Subject.variables:
            rows = listing.variables(simulate.built_in())
        case request.Subject.evidence:
            from vimach_calibration.evidence import read_evidence

            rows = listing.evidence(read_evidence())
    terminal = Terminal(json)
    terminal.show(listing.table(subject.value, rows))
    terminal.answer(rows)


@app.command(short_help="Tell where a number comes from and what it does.")
def explain(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A variable, parameter, lever, target or row of the evidence.")
    ],
    json: request.Json = False,
) -> None:
    """Tell where a number comes from and what it does: equation, inputs, users, loops; value, range and sources.

    Of a row of the evidence: the number, who published it, when and where, and what rests on it.

    \b
    Examples:
      vimach explain becoming_independent
      vimach explain time_to_independent
      vimach explain trained_by_2030
      vimach explain semiconductor_engineers_employed_vn_2025p6
    """
    from vimach import listing, simulate
    from vimach.explain import explain as found
    from vimach.explain import explain_row, row_named
    from vimach.names import Names
    from vimach.parameters.table import read_targets
    from vimach.sectors import MODULES
    from vimach.terminal import Terminal
    from vimach_calibration.evidence import read_evidence

    model, targets, evidence = simulate.built_in(), read_targets(), read_evidence()
    if row := row_named(name, evidence):
        facts = explain_row(row, evidence, model, targets, publishing.counted(row))
    else:
        facts = found(name, model, targets, evidence, Names(model.graph, MODULES))
    terminal = Terminal(json)
    terminal.show(listing.facts(facts))
    terminal.answer(facts)


app.command(short_help="Write the briefing: PDF, workbook, figures, manifest.")(report)
app.command(short_help="Make a report again and compare every byte.")(verify)
app.command(short_help="Hold the model against the counts: the posterior.")(calibrate)
app.command(short_help="Freeze the forecast as it stands.")(register)
app.command(short_help="Hold frozen forecasts against later counts.")(score)
app.command(short_help="Share a difference among groups of levers.")(analysis_commands.attribute)
app.command(short_help="Tell which assumptions matter.")(analysis_commands.sensitivity)
app.command(short_help="Tell what moves each verdict most.")(analysis_commands.verdicts)
app.command(short_help="Tell which limit binds.")(analysis_commands.bottlenecks)
app.command(short_help="Tell what the next 1,000 engineers cost.")(analysis_commands.marginal_cost)
app.command(short_help="Find the levers that reach a target.")(reach)
app.command(short_help="Test what the model must keep.")(check)
app.command(short_help="Score past forecasts against benchmarks.")(backtest)
app.command(short_help="Write the model as XMILE, equations, diagrams; the scenario schema.")(export)


def _timing(scenario: str | None, terminal: "Terminal") -> "pd.DataFrame":
    """When each lever still matters, from runs of each alone: as a scenario pulls it, or on its accelerated path."""
    from vimach import simulate
    from vimach.analysis.levers import pulls
    from vimach.analysis.timing import lever_timing, levers_pulled
    from vimach.analysis.variants import with_more

    model = simulate.built_in()
    (base,) = request.scenarios_of(model, ["baseline"], ())
    every = (override for pull in pulls(model).values() for override in pull.overrides)
    (pulled,) = request.scenarios_of(model, [scenario], ()) if scenario else (with_more(base, every),)
    if not levers_pulled(model, base, pulled):
        raise BadInput(Problem(f"{scenario} pulls no lever", None, "--timing"))
    with terminal.progress("each lever alone", len(levers_pulled(model, base, pulled))) as progress:
        return lever_timing(model, base, pulled, progress)

"""The command line: the roof of vimach, which alone may call on reports and calibration.

Nothing heavy is imported before a command runs, so that help comes at once.
"""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from vimach import request
from vimach.check_command import check
from vimach.errors import BadInput, VimachError
from vimach.exporting import export

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from vimach.checks import Checks
    from vimach.parameters.table import Target
    from vimach.scenario import Scenario
    from vimach.simulate import Model, Settings
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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Windows would write Vietnamese in a code page without it
            stream.reconfigure(encoding="utf-8")
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
def run(
    scenarios: Annotated[list[str], typer.Argument(metavar="SCENARIO", help="Names, or paths of YAML files.")],
    members: request.Members = 1000,
    seed: request.Seed = 1017,
    first: request.From = request.BASE_YEAR,
    until: request.Until = 2035,
    step: request.Step = "1/16",
    method: request.How = request.Method.euler,
    set_: request.Set = None,
    threads: request.Threads = 0,
    out: request.Out = Path("vimach-out"),
    lang: request.Lang = request.Languages.both,
    json: request.Json = False,
    quiet: request.Quiet = False,
) -> None:
    """Run scenarios one after another; results go to OUT/SCENARIO/results.nc.

    Prints each scenario's targets: value with 80 % interval and the probability of reaching it by its date.

    \b
    Examples:
      vimach run baseline
      vimach run baseline mine.yaml --members 200 --out /tmp/try
      vimach run baseline --set quit_rate=0.08 --until 2030 --json
    """
    from vimach import results, simulate
    from vimach.parameters.table import read_targets
    from vimach.terminal import Terminal

    terminal = Terminal(json, quiet)
    settings = request.settings_of(members, seed, first, until, step, method, threads)
    model = simulate.built_in()
    read = request.scenarios_of(model, scenarios, set_ or [])
    targets = read_targets()
    request.prepare(out, [scenario.name for scenario in read])
    found = []
    for scenario in read:
        with terminal.progress(scenario.title.en, max(members, 1)) as progress:
            data = request.since(first, simulate.simulate(model, scenario, settings, progress=progress))
        file = out / scenario.name / "results.nc"
        results.write(data, file)
        found.append(_targets_of(data, targets, terminal, lang) | {"file": str(file)})
        terminal.say(f"wrote {file}")
    terminal.answer(found)


@app.command(short_help="Compare two scenarios: figures, summary and results.")
def compare(
    base: Annotated[str, typer.Argument(metavar="BASE", help="Name of a scenario, or path of a YAML file.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The scenario to hold against it.")],
    members: request.Compared = 1000,
    seed: request.Seed = 1017,
    first: request.From = request.BASE_YEAR,
    until: request.Until = 2035,
    step: request.Step = "1/16",
    method: request.How = request.Method.euler,
    set_: request.Set = None,
    threads: request.Threads = 0,
    out: request.Out = Path("vimach-out"),
    lang: request.Lang = request.Languages.both,
    json: request.Json = False,
    quiet: request.Quiet = False,
) -> None:
    """Run two scenarios on the same members: extra money, every target in both, and the difference.

    Writes results.nc for each scenario, the figures F1 (fan against target) and F7 (all targets) as PDF and SVG with
    the plotted numbers as CSV, summary.csv, and fit.csv: the central run of BASE against what was observed. A --set
    holds for both scenarios.

    \b
    Examples:
      vimach compare baseline accelerated_funding
      vimach compare baseline mine.yaml --members 200 --lang vi
    """
    from time import perf_counter

    from vimach import results, simulate
    from vimach.parameters.table import read_targets
    from vimach.terminal import Terminal
    from vimach_calibration.news import newest_count

    terminal = Terminal(json, quiet)
    settings = request.settings_of(members, seed, first, until, step, method, threads)
    model = simulate.built_in()
    read = request.scenarios_of(model, [base, other], set_ or [])
    targets = read_targets()
    request.check_horizon(settings, targets)
    request.prepare(out, [scenario.name for scenario in read])
    started = perf_counter()
    with terminal.progress(f"{read[0].title.en} and {read[1].title.en}", 2 * members) as progress:
        one, two = (request.since(first, simulate.simulate(model, each, settings, progress=progress)) for each in read)
        fit, told = _held_against_counts(model, read[0], settings)
    for scenario, data in zip(read, (one, two), strict=True):
        data.attrs["newest_stock_count"] = newest_count()
        results.write(data, out / scenario.name / "results.nc")
    _report(one, two, targets, fit, out, lang, terminal)
    for line in told:
        terminal.say(line)
    _say_time(terminal, perf_counter() - started, settings, out)


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
            _check_model(found, model)
        for word in files or known_scenarios():
            found.scenario(model, word)
    if found.problems:
        raise BadInput(found.problems)
    terminal.show("\n".join(f"{what}: {told}" for what, told in found.passed.items()))
    terminal.answer({"checked": [{"what": what, "found": told} for what, told in found.passed.items()]})


@app.command("list", short_help="List levers, parameters, variables and more.")
def list_(
    subject: Annotated[request.Subject, typer.Argument(help="What to list.")],
    json: request.Json = False,
) -> None:
    """List scenarios, levers, parameters, targets, variables or evidence; --json gives every field.

    \b
    Examples:
      vimach list levers
      vimach list parameters --json
    """
    from vimach import listing, simulate
    from vimach.terminal import Terminal

    match subject:
        case request.Subject.scenarios:
            from vimach.scenario import known_scenarios

            rows = listing.scenarios(request.scenarios_of(simulate.built_in(), known_scenarios(), ()))
        case request.Subject.levers | request.Subject.parameters:
            from vimach.parameters.table import read_parameters

            rows = getattr(listing, subject.value)(read_parameters())
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
    name: Annotated[str, typer.Argument(metavar="NAME", help="A variable, parameter, lever or target.")],
    json: request.Json = False,
) -> None:
    """Tell where a number comes from and what it does: equation, inputs, users, loops; value, range and sources.

    \b
    Examples:
      vimach explain becoming_independent
      vimach explain time_to_independent
      vimach explain trained_50000
    """
    from vimach import listing, simulate
    from vimach.explain import explain as found
    from vimach.parameters.table import read_targets
    from vimach.sectors import MODULES
    from vimach.terminal import Terminal
    from vimach_calibration.evidence import read_evidence

    facts = found(name, simulate.built_in(), read_targets(), read_evidence(), MODULES)
    terminal = Terminal(json)
    terminal.show(listing.facts(facts))
    terminal.answer(facts)


app.command(short_help="Test what the model must keep.")(check)
app.command(short_help="Write the model as XMILE, equations or diagrams.")(export)


# after a run


def _targets_of(
    data: "xr.Dataset", targets: Sequence["Target"], terminal: "Terminal", lang: request.Languages
) -> dict[str, Any]:
    """A scenario's targets, shown as a table and returned as data."""
    from vimach.analysis.targets import assess
    from vimach_reports.target_table import render

    about = {name: data.attrs[name] for name in ("scenario", "scenario_hash", "calibration", "members", "seed")}
    if data.sizes["member"] < request.FEWEST:
        terminal.say(f"{data.sizes['member']} members are too few for intervals: no table of targets")
        return about
    table = assess(data, targets)
    terminal.show(render(table, data, lang.each[0]))
    return about | {"targets": table.to_dict("records")}


def _held_against_counts(
    model: "Model", scenario: "Scenario", settings: "Settings"
) -> tuple["pd.DataFrame", list[str]]:
    """The central run of a scenario against what was observed, and what figures entered since then say of it."""
    from dataclasses import replace

    from vimach import simulate
    from vimach_calibration.fit import evaluate, read_statements
    from vimach_calibration.news import news

    central = simulate.simulate(model, scenario, replace(settings, members=0))
    return evaluate(read_statements(), central), [str(item) for item in news(central)]


def _report(
    one: "xr.Dataset", two: "xr.Dataset", targets: Sequence["Target"], fit: "pd.DataFrame", out: Path,
    lang: request.Languages, terminal: "Terminal",
) -> None:  # fmt: skip
    """Figures, summary.csv and fit.csv, and the summary on the terminal."""
    from vimach.analysis import compare as analysis
    from vimach_calibration.fit import write_fit
    from vimach_reports.fan import draw_fan
    from vimach_reports.figure import save
    from vimach_reports.small_multiples import draw_small_multiples
    from vimach_reports.summary import print_summary, summary_table, write_summary

    terminal.say("drawing figures F1 and F7")
    table, extra = analysis.compare(one, two, targets), analysis.extra_money(one, two)
    for language in lang.each:
        save(draw_fan((one, two), targets, language, _observations()), out)
        save(draw_small_multiples((one, two), targets, language), out)
    write_summary(table, extra, one, out)
    write_fit(fit, out / "fit.csv")
    if not (terminal.json or terminal.quiet):
        print_summary(terminal.out, table, extra, one, two, lang.each[0])
    terminal.answer({"summary": summary_table(table, extra, one).to_dict("records"), "fit": fit.to_dict("records")})


def _observations() -> "pd.DataFrame":
    """What was counted, each count once, as the fan shows it: columns series, time and value.

    The official total of engineers is a sum of counts that stand in the series already, so nothing is fitted to it; but
    a reader looks for it, so its first quote is drawn.
    """
    from vimach_calibration.series import COUNTS, build_series

    series = build_series()
    totals = (series["series"] == "employed_in_sector") & (series["status"] == "recycled")
    first = series.index.isin(series[totals].nsmallest(1, "time").index)
    return series.loc[series["status"].isin(COUNTS) | first, ["series", "time", "value"]]


def _say_time(terminal: "Terminal", seconds: float, settings: "Settings", out: Path) -> None:
    """Seconds and cores are told, never written: files do not depend on the machine."""
    import os

    cores = os.cpu_count() or 1
    members = f"2 x {settings.members:,} members"
    terminal.say(f"{members} in {seconds:.1f} s on {cores} core{'s' * (cores > 1)}; results in {out}")


# checking


def _check_model(found: "Checks", model: "Model") -> None:
    """Everything that comes with vimach, but for its scenarios."""
    from vimach.analysis.statements import read_checklist
    from vimach.parameters.table import read_targets
    from vimach_calibration.crosswalk import read_crosswalk
    from vimach_calibration.evidence import read_evidence
    from vimach_calibration.fit import read_statements
    from vimach_calibration.series import check_judgments

    found.model(model)
    targets = found.try_(read_targets)
    if targets is not None:
        found.targets(model, targets)
    evidence = found.try_(read_evidence)
    if evidence is not None:
        found.try_(lambda: check_judgments(evidence, read_crosswalk()))
        found.sources(model, targets or (), evidence)
    checklist = found.try_(lambda: read_checklist(model))
    if checklist is not None:
        found.passed["checks"] = f"{len(checklist.statements)} that `vimach check` tests"
    statements = found.try_(read_statements)
    if statements is not None:
        found.passed["statements"] = f"{len(statements)} that the central run is held against"

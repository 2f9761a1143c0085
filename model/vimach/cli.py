"""The command line: the roof of vimach, which alone may call on reports and calibration.

Nothing heavy is imported before a command runs, so that help comes at once.
"""

import io
import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from vimach.errors import BadInput, Problem, VimachError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from vimach.parameters.table import Target
    from vimach.scenario import Scenario
    from vimach.simulate import Model, Settings
    from vimach.terminal import Terminal
    from vimach_reports.catalogue import Language

BASE_YEAR = 2015
"""The year whose stocks the model starts from; a run always starts there."""
FEWEST = 10
"""With fewer members there is no 80 % interval."""
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


class Method(str, Enum):
    """How a step is taken."""

    euler = "euler"
    rk4 = "rk4"


class Languages(str, Enum):
    """What figures and tables are written in."""

    en = "en"
    vi = "vi"
    both = "both"

    @property
    def each(self) -> tuple["Language", ...]:
        """The languages one by one; the first is that of the terminal."""
        return {"en": ("en",), "vi": ("vi",), "both": ("en", "vi")}[self.value]  # type: ignore[return-value]


class Subject(str, Enum):
    """What can be listed."""

    scenarios = "scenarios"
    levers = "levers"
    parameters = "parameters"
    targets = "targets"
    variables = "variables"
    evidence = "evidence"


Members = Annotated[int, typer.Option(min=0, help="Members of the ensemble; 0 is the central run alone.")]
Seed = Annotated[int, typer.Option(help="Seed of all draws; the same seed gives the same numbers.")]
From = Annotated[int, typer.Option("--from", help="First year of the results; a run itself starts in 2015.")]
Until = Annotated[int, typer.Option(max=2100, help="Last year; its end is the last date of the results.")]
Step = Annotated[str, typer.Option(metavar="1/N", help="Step in years: 1/16, 1/32, ...")]
How = Annotated[Method, typer.Option(help="How steps are taken; rk4 is for models without study years.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A setting on top of the scenario; may be given again."),
]
Threads = Annotated[int, typer.Option(min=0, help="Blocks of members run at once; 0 is one for each core.")]
Out = Annotated[Path, typer.Option(help="Folder for results; made if it is not there.")]
Lang = Annotated[Languages, typer.Option(help="Language of figures and tables; with both the terminal is English.")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON on stdout; all talk goes to stderr.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only (and the data, with --json).")]


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
    members: Members = 1000,
    seed: Seed = 1017,
    first: From = BASE_YEAR,
    until: Until = 2035,
    step: Step = "1/16",
    method: How = Method.euler,
    set_: Set = None,
    threads: Threads = 0,
    out: Out = Path("vimach-out"),
    lang: Lang = Languages.both,
    json: Json = False,
    quiet: Quiet = False,
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
    settings = _settings(members, seed, first, until, step, method, threads)
    model = simulate.built_in()
    read = _read(model, scenarios, set_ or [])
    targets = read_targets()
    _prepare(out, [scenario.name for scenario in read])
    found = []
    for scenario in read:
        with terminal.progress(scenario.title.en, max(members, 1)) as progress:
            data = _since(first, simulate.simulate(model, scenario, settings, progress=progress))
        file = out / scenario.name / "results.nc"
        results.write(data, file)
        found.append(_targets_of(data, targets, terminal, lang) | {"file": str(file)})
        terminal.say(f"wrote {file}")
    terminal.answer(found)


@app.command(short_help="Compare two scenarios: figures, summary and results.")
def compare(
    base: Annotated[str, typer.Argument(metavar="BASE", help="Name of a scenario, or path of a YAML file.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The scenario to hold against it.")],
    members: Members = 1000,
    seed: Seed = 1017,
    first: From = BASE_YEAR,
    until: Until = 2035,
    step: Step = "1/16",
    method: How = Method.euler,
    set_: Set = None,
    threads: Threads = 0,
    out: Out = Path("vimach-out"),
    lang: Lang = Languages.both,
    json: Json = False,
    quiet: Quiet = False,
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

    terminal = Terminal(json, quiet)
    settings = _settings(members, seed, first, until, step, method, threads)
    model = simulate.built_in()
    read = _read(model, [base, other], set_ or [])
    targets = read_targets()
    _check_comparable(settings, targets)
    _prepare(out, [scenario.name for scenario in read])
    started = perf_counter()
    both = []
    with terminal.progress(f"{read[0].title.en} and {read[1].title.en}", 2 * members) as progress:
        for scenario in read:
            both.append(_since(first, simulate.simulate(model, scenario, settings, progress=progress)))
        fit = _fit(model, read[0], settings)
    for scenario, data in zip(read, both, strict=True):
        results.write(data, out / scenario.name / "results.nc")
    _report(both, targets, fit, out, lang, terminal)
    _say_time(terminal, perf_counter() - started, settings, out)


@app.command(short_help="Check scenario files, or the whole model.")
def validate(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE]", help="Scenarios, by name or path; none: the whole model.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
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
    terminal.answer({"checked": found.passed})


@app.command("list", short_help="List levers, parameters, variables and more.")
def list_(
    subject: Annotated[Subject, typer.Argument(help="What to list.")],
    json: Json = False,
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
        case Subject.scenarios:
            from vimach.scenario import known_scenarios

            rows = listing.scenarios(_read(simulate.built_in(), known_scenarios(), ()))
        case Subject.levers | Subject.parameters:
            from vimach.parameters.table import read_parameters

            rows = getattr(listing, subject.value)(read_parameters())
        case Subject.targets:
            from vimach.parameters.table import read_targets

            rows = listing.targets(read_targets())
        case Subject.variables:
            rows = listing.variables(simulate.built_in())
        case Subject.evidence:
            from vimach_calibration.evidence import read_evidence

            rows = listing.evidence(read_evidence())
    terminal = Terminal(json)
    terminal.show(listing.table(subject.value, rows))
    terminal.answer(rows)


@app.command(short_help="Tell where a number comes from and what it does.")
def explain(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A variable, parameter, lever or target.")],
    json: Json = False,
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


# before a run


def _settings(
    members: int, seed: int, first: int, until: int, step: str, method: Method, threads: int
) -> "Settings":  # fmt: skip
    """The settings of a run; BadInput lists what is wrong with them."""
    from vimach.simulate import Settings

    problems = []
    try:
        top, _, bottom = step.partition("/")
        size = float(top) / float(bottom or 1)
    except (ValueError, ZeroDivisionError):
        raise BadInput(Problem(f"{step!r} is not a step; write 1/16, 1/32, ...", None, "--step")) from None
    if not BASE_YEAR <= first <= until:
        problems.append(Problem(f"{first} is not between {BASE_YEAR}, where the model starts, and {until}", None, "--from"))
    settings = Settings(members, seed, BASE_YEAR, until, size, method.value, threads)
    try:
        settings.schedule()
    except BadInput as error:
        problems += error.problems
    if problems:
        raise BadInput(problems)
    return settings


def _read(model: "Model", words: Sequence[str], extra: Sequence[str]) -> list["Scenario"]:
    """The scenarios; BadInput lists the problems of all of them, and a name that stands for two."""
    from vimach.scenario import read_scenario

    read: list[Scenario] = []
    problems: list[Problem] = []
    for word in words:
        try:
            scenario = read_scenario(word, model.table, model.labels, extra)
        except BadInput as error:
            problems += error.problems
            continue
        if scenario.name in [other.name for other in read]:
            problems.append(Problem("two scenarios have this name, and results go by name", None, scenario.name))
        read.append(scenario)
    if problems:
        raise BadInput(list(dict.fromkeys(problems)))
    return read


def _check_comparable(settings: "Settings", targets: Sequence["Target"]) -> None:
    if settings.members < FEWEST:
        raise BadInput(Problem(f"an interval needs at least {FEWEST} members", None, "--members"))
    first = min(target.by for target in targets)
    if settings.until + 1 < first:
        raise BadInput(Problem(f"the run must reach the first target, at the end of {first - 1:g}", None, "--until"))


def _prepare(out: Path, names: Sequence[str]) -> None:
    """Makes the folders and tries to write in each; BadInput before a minute's work instead of after it."""
    from tempfile import TemporaryFile

    for folder in (out, *(out / name for name in names)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise BadInput(Problem(f"{folder} cannot be written: {error.strerror or error}", None, "--out")) from error


# after a run


def _since(first: int, data: "xr.Dataset") -> "xr.Dataset":
    """The results from the start of `first` on."""
    if first == BASE_YEAR:
        return data
    kept = data.sel(edge=slice(float(first), None), period=slice(first, None))
    return kept.assign_attrs(start=first)


def _targets_of(data: "xr.Dataset", targets: Sequence["Target"], terminal: "Terminal", lang: Languages) -> dict[str, Any]:
    """A scenario's targets, shown as a table and returned as data."""
    from vimach.analysis.targets import assess
    from vimach_reports.target_table import render

    about = {name: data.attrs[name] for name in ("scenario", "scenario_hash", "calibration", "members", "seed")}
    if data.sizes["member"] < FEWEST:
        terminal.say(f"{data.sizes['member']} members are too few for intervals: no table of targets")
        return about
    table = assess(data, targets)
    terminal.show(render(table, data, lang.each[0]))
    return about | {"targets": table.to_dict("records")}


def _fit(model: "Model", scenario: "Scenario", settings: "Settings") -> "pd.DataFrame":
    """The central run of a scenario against what was observed."""
    from dataclasses import replace

    from vimach import simulate
    from vimach_calibration.fit import evaluate, read_statements

    return evaluate(read_statements(), simulate.simulate(model, scenario, replace(settings, members=0)))


def _report(
    both: Sequence["xr.Dataset"], targets: Sequence["Target"], fit: "pd.DataFrame", out: Path, lang: Languages,
    terminal: "Terminal",
) -> None:  # fmt: skip
    """Figures, summary.csv and fit.csv, and the summary on the terminal."""
    from vimach.analysis.compare import compare as compared
    from vimach.analysis.compare import extra_money
    from vimach_calibration.fit import write_fit
    from vimach_reports.fan import draw_fan
    from vimach_reports.figure import save
    from vimach_reports.small_multiples import draw_small_multiples
    from vimach_reports.summary import print_summary, summary_table, write_summary

    table, extra = compared(*both, targets), extra_money(*both)
    for language in lang.each:
        save(draw_fan(both, targets, language, _observations()), out)
        save(draw_small_multiples(both, targets, language), out)
    write_summary(table, extra, both[0], out)
    write_fit(fit, out / "fit.csv")
    if not (terminal.json or terminal.quiet):
        print_summary(terminal.out, table, extra, *both, lang.each[0])
    terminal.answer({"summary": summary_table(table, extra, both[0]).to_dict("records"), "fit": fit.to_dict("records")})


def _observations() -> "pd.DataFrame":
    """What was counted, each count once, as the fan shows it: columns series, time and value."""
    from vimach_calibration.series import COUNTS, read_series

    series = read_series()
    return series.loc[series["status"].isin(COUNTS), ["series", "time", "value"]]


def _say_time(terminal: "Terminal", seconds: float, settings: "Settings", out: Path) -> None:
    """Seconds and cores are told, never written: files do not depend on the machine."""
    import os

    cores = os.cpu_count() or 1
    members = f"2 x {settings.members:,} members"
    terminal.say(f"{members} in {seconds:.1f} s on {cores} core{'s' * (cores > 1)}; results in {out}")


# checking


def _check_model(found: Any, model: "Model") -> None:
    """Everything that comes with vimach, but for its scenarios."""
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
    statements = found.try_(read_statements)
    if statements is not None:
        found.passed["statements"] = f"{len(statements)} that the central run is held against"


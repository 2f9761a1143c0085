"""Commands that ask why: what makes a difference, which assumption matters, what binds, what the next engineer costs.

Each prints the part of its table that a reader wants first and writes the whole of it as CSV. Nothing heavy is imported
before a command runs, so that help comes at once.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vimach import publishing, request
from vimach.errors import BadInput, Problem
from vimach.files import write_whole

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

    from vimach.simulate import Settings
    from vimach.terminal import Terminal


@request.shared
def attribute(
    base: request.Base,
    other: request.Other,
    exact: Annotated[bool, typer.Option("--exact", help="Up to 12 groups of levers: 4,096 runs.")] = False,
    members: request.Paired = request.PAIRED,
    *,
    ensemble: request.Ensemble,
    answer: request.Answer,
) -> None:
    """Share the difference between two scenarios among groups of levers: exact Shapley values, by target and year.

    Our own decisions and those of others are apart. Values are means, which add up. Writes attribution.csv.

    \b
    Examples:
      vimach attribute baseline accelerated_funding
      vimach attribute baseline mine.yaml --members 100 --json
    """
    from vimach import simulate
    from vimach.parameters.table import read_targets
    from vimach.terminal import Terminal
    from vimach_reports import analysis_pages

    terminal, model = Terminal(answer.json, answer.quiet), simulate.built_in()
    settings = ensemble_settings(members, ensemble)
    one, two = request.scenarios_of(model, [base, other], (), terminal, ensemble.until)
    request.check_horizon(settings)
    targets = request.due(read_targets(), settings)
    with request.writing(answer.out):
        settings = request.drawn(settings, model, terminal, ensemble.prior, ensemble.posterior)
        table = publishing.attributed(model, one, two, settings, targets, terminal, answer.lang, exact)
        _tell(terminal, answer, table, "attribution", analysis_pages.attribution)


@request.shared
def sensitivity(
    scenario: request.Scenario,
    outputs: Annotated[
        list[str] | None, typer.Option("--output", metavar="NAME", help="A national total; may be given again.")
    ] = None,
    rows: Annotated[int, typer.Option("--rows", min=8, help="Rows of each Sobol' sample; a power of two.")] = 512,
    trajectories: Annotated[int, typer.Option(min=2, help="Trajectories of the screening.")] = 10,
    years: Annotated[
        list[int] | None, typer.Option("--year", help="Year at whose end outputs are read; may be given again.")
    ] = None,
    *,
    runs: request.Runs,
    answer: request.Answer,
) -> None:
    """Tell which assumptions matter: Morris screening of all, Sobol' indices of the first 30, and switching values.

    Assumptions vary as their own distributions say, whatever a calibration found. Writes screening.csv, sobol.csv and
    switching.csv.

    \b
    Examples:
      vimach sensitivity baseline
      vimach sensitivity baseline --output employed_in_sector --rows 1024 --year 2027 --year 2030
    """
    from rich.console import Group

    from vimach import simulate
    from vimach.analysis import sensitivity as sensing
    from vimach.analysis import tables
    from vimach.analysis.targets import HORIZONS
    from vimach.parameters.table import read_targets
    from vimach.terminal import Terminal
    from vimach_reports import analysis_pages
    from vimach_reports.catalogue import text
    from vimach_reports.status import status

    terminal, model = Terminal(answer.json, answer.quiet), simulate.built_in()
    settings = ensemble_settings(request.FEWEST, runs)
    (read,) = request.scenarios_of(model, [scenario], (), terminal, runs.until)
    if rows & (rows - 1):
        raise BadInput(Problem(f"{rows} is not a power of two; write 256, 512, 1024, ...", None, "--rows"))
    if late := [year for year in years or () if not request.BASE_YEAR <= year <= runs.until]:
        raise BadInput(Problem(f"{late[0]} is not within the run", None, "--year"))
    edges = [year + 1.0 for year in years or ()] or HORIZONS
    names = outputs or list(sensing.OUTPUTS)
    sensing.check_outputs(model, names)
    request.check_horizon(settings)
    targets = request.due(read_targets(), settings)
    with request.writing(answer.out):
        factors = len(sensing.drawn(model))
        with terminal.progress("screening", trajectories * (factors + 1)) as progress:
            screened = tables.screening(model, read, settings, names, trajectories, progress, edges)
        with terminal.progress("Sobol' indices", rows * (tables.SCREENED + 3)) as progress:
            found = tables.indices(model, read, settings, names, screened, rows, progress, edges)
        with terminal.progress("switching values", tables.switch_steps(model)) as progress:
            turned = tables.switches(model, read, settings, targets, progress)
        for name, table in {"screening": screened, "sobol": found, "switching": turned}.items():
            write_table(table, answer.out / f"{name}.csv")
        language = answer.lang.each[0]
        page = analysis_pages.sensitivity(found, turned, language, terminal.out.width)
        terminal.show(Group(page, *status([found], language, set(found["rung"]), [text("pages.central", language)])))
        files = "screening.csv, sobol.csv, switching.csv"
        terminal.say(publishing.talk(answer.lang, "wrote_in", files=files, folder=answer.out))
        terminal.answer({name: table.to_dict("records") for name, table in (("sobol", found), ("switching", turned))})


@request.shared
def bottlenecks(
    scenario: request.Scenario,
    members: request.Paired = request.PAIRED,
    *,
    ensemble: request.Ensemble,
    answer: request.Answer,
) -> None:
    """Tell which limit binds: places, lecturers, laboratories, posts, juniors, mentors, money or plants.

    By year and track, as the share of members in which it binds, under each structural switch. Writes bottlenecks.csv.

    \b
    Example:
      vimach bottlenecks baseline
    """
    from vimach import simulate
    from vimach.analysis import tables
    from vimach.terminal import Terminal
    from vimach_reports import analysis_pages

    terminal, model = Terminal(answer.json, answer.quiet), simulate.built_in()
    settings = ensemble_settings(members, ensemble)
    (read,) = request.scenarios_of(model, [scenario], (), terminal, ensemble.until)
    with request.writing(answer.out):
        settings = request.drawn(settings, model, terminal, ensemble.prior, ensemble.posterior)
        with terminal.progress("bottlenecks", tables.bottleneck_steps()) as progress:
            table = tables.bottlenecks(model, read, settings, progress)
        years = [year for year in (2026, 2030, 2035) if year <= ensemble.until]
        _tell(terminal, answer, table, "bottlenecks", partial(analysis_pages.bottlenecks, years=years))


@request.shared
def marginal_cost(
    scenario: request.Scenario,
    levers: Annotated[
        list[str] | None, typer.Option("--lever", metavar="NAME", help="A lever; may be given again. None: all.")
    ] = None,
    members: request.Paired = request.PAIRED,
    *,
    ensemble: request.Ensemble,
    answer: request.Answer,
) -> None:
    """Tell what the next 1,000 engineers cost by each lever, and from where on it gives no more.

    Each lever is pulled alone, up to the end of its range, with money enough. Costs run until the date at which people
    are counted. Writes marginal_cost.csv.

    \b
    Examples:
      vimach marginal-cost baseline --lever conversion_places
      vimach marginal-cost baseline --members 100
    """
    from vimach import simulate
    from vimach.analysis import tables
    from vimach.analysis.marginal_cost import with_a_price
    from vimach.terminal import Terminal
    from vimach_reports import analysis_pages

    terminal, model = Terminal(answer.json, answer.quiet), simulate.built_in()
    settings = ensemble_settings(members, ensemble)
    (read,) = request.scenarios_of(model, [scenario], (), terminal, ensemble.until)
    names = with_a_price(model, levers or [])
    with request.writing(answer.out):
        settings = request.drawn(settings, model, terminal, ensemble.prior, ensemble.posterior)
        with terminal.progress("marginal cost", tables.marginal_cost_steps(names)) as progress:
            table = tables.marginal_costs(model, read, settings, names, progress)
        _tell(terminal, answer, table, "marginal_cost", analysis_pages.marginal_cost)


@request.shared
def verdicts(
    base: request.Base,
    others: Annotated[list[str] | None, typer.Argument(metavar="[OTHER]...", help="Other policies.")] = None,
    members: request.Paired = request.PAIRED,
    *,
    ensemble: request.Ensemble,
    answer: request.Answer,
) -> None:
    """Tell what moves each verdict most, the definition, the structure or policy, and in which year targets are met.

    Writes verdicts.csv, and years_reached.csv with the share of members that reach each target in each year.

    \b
    Example:
      vimach verdicts baseline accelerated_funding
    """
    from rich.console import Group
    from rich.text import Text

    from vimach import simulate
    from vimach.analysis import tables
    from vimach.analysis.verdicts import records, years_reached
    from vimach.parameters.table import read_targets
    from vimach.terminal import Terminal
    from vimach_reports import analysis_pages

    terminal, model = Terminal(answer.json, answer.quiet), simulate.built_in()
    settings = ensemble_settings(members, ensemble)
    one, *two = request.scenarios_of(model, [base, *(others or [])], (), terminal, ensemble.until)
    request.check_horizon(settings)
    targets = request.due(read_targets(), settings)
    with request.writing(answer.out):
        settings = request.drawn(settings, model, terminal, ensemble.prior, ensemble.posterior)
        with terminal.progress("verdicts", tables.verdict_steps(two) + 1 + len(two)) as progress:
            table = tables.verdicts(model, one, two, settings, targets, progress)
            runs = []
            for scenario in (one, *two):
                runs.append(simulate.simulate(model, scenario, settings, records(targets)))
                progress(1)
        years = years_reached(runs, targets)
        write_table(years, answer.out / "years_reached.csv")

        def page(table: "pd.DataFrame", language: request.Language, width: int) -> Group:
            titles = {each.name: getattr(each.title, language) for each in (one, *two)}
            below = analysis_pages.years_reached(years, titles, language, width)
            return Group(analysis_pages.verdicts(table, language, width), Text(), below)

        _tell(terminal, answer, table, "verdicts", page)
        terminal.say(publishing.talk(answer.lang, "wrote", files=answer.out / "years_reached.csv"))


def write_table(table: "pd.DataFrame", file: Path) -> None:
    """Writes a table as CSV with all digits of its numbers."""
    from vimach_reports.writing import csv_bytes

    write_whole(file, csv_bytes(table, digits=None))


def _tell(
    terminal: "Terminal", answer: request.Answer, table: "pd.DataFrame", name: str,
    page: "Callable[..., RenderableType]",
) -> None:  # fmt: skip
    """A table to its file, the page that shows it to the terminal, and all of it as data where that is wanted.

    Below the page stands how its numbers came about.
    """
    from rich.console import Group

    from vimach_reports.status import status

    file, language = answer.out / f"{name}.csv", answer.lang.each[0]
    write_table(table, file)
    shown = page(table, language=language, width=terminal.out.width)
    terminal.show(Group(shown, *status([table], language, set(table.get("rung", ())))))
    terminal.say(publishing.talk(answer.lang, "wrote", files=file))
    terminal.answer(table.to_dict("records"))


def ensemble_settings(members: int, runs: request.Runs) -> "Settings":
    """The settings of runs that begin with the model and step as it is meant to."""
    first, step, how = request.BASE_YEAR, "1/16", request.Method.euler
    return request.settings_of(members, runs.seed, first, runs.until, step, how, runs.threads, kernel=runs.kernel)

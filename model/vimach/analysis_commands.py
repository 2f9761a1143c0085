"""Commands that ask why: what makes a difference, which assumption matters, what binds, what the next engineer costs.

Each prints the part of its table that a reader wants first and writes the whole of it as CSV. Nothing heavy is imported
before a command runs, so that help comes at once.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vimach import request
from vimach.errors import BadInput, Problem

if TYPE_CHECKING:
    import pandas as pd

    from vimach.simulate import Settings
    from vimach.terminal import Terminal

NOTHING = 1e-6
"""What is smaller is shown as nothing: rounding that a chain of equations carries."""

Scenario = Annotated[str, typer.Argument(metavar="SCENARIO", help="Name of a scenario, or path of a YAML file.")]
Members = Annotated[int, typer.Option("--members", min=request.FEWEST, help="Members of each run.")]


def attribute(
    base: Annotated[str, typer.Argument(metavar="BASE", help="Name of a scenario, or path of a YAML file.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The scenario whose difference is shared out.")],
    members: Members = request.PAIRED,
    seed: request.Seed = 1017,
    until: request.Until = 2035,
    exact: Annotated[bool, typer.Option("--exact", help="Up to 12 groups of levers: 4,096 runs.")] = False,
    threads: request.Threads = 0,
    kernel: request.By = request.Kernel.auto,
    prior: request.Prior = False,
    out: request.Out = Path("vimach-out"),
    json: request.Json = False,
    quiet: request.Quiet = False,
) -> None:
    """Share the difference between two scenarios among groups of levers: exact Shapley values, by target and year.

    Our own decisions and those of others are apart. Values are means, which add up. Writes attribution.csv.

    \b
    Examples:
      vimach attribute baseline accelerated_funding
      vimach attribute baseline mine.yaml --members 100 --json
    """
    from vimach import simulate
    from vimach.analysis import tables
    from vimach.parameters.table import read_targets
    from vimach.terminal import Terminal

    terminal, model = Terminal(json, quiet), simulate.built_in()
    settings = settings_of(members, seed, until, threads, kernel)
    one, two = request.scenarios_of(model, [base, other], ())
    request.check_horizon(settings, read_targets())
    targets = request.due(read_targets(), settings)
    request.prepare(out, [])
    settings = request.drawn(settings, model, prior, terminal)
    most = tables.most_groups(model, one, settings, targets, exact)
    terminal.say(f"at most {most} groups of levers" + ("; more need the native kernel" if most < 8 else ""))
    with terminal.progress("attribution", tables.attribution_steps(model, one, two, most)) as progress:
        table = tables.attribution(model, one, two, settings, targets, most, progress)
    seen = table[table["measure"] == "value"]
    columns = {"target": "", "edge": "date", "label_en": "", "block": "whose", "low": "", "value": "mean", "high": ""}
    _tell(terminal, table, seen, columns, out / "attribution.csv")


def sensitivity(
    scenario: Scenario,
    outputs: Annotated[
        list[str] | None, typer.Option("--output", metavar="NAME", help="A national total; may be given again.")
    ] = None,
    rows: Annotated[int, typer.Option("--rows", min=8, help="Rows of each Sobol' sample; a power of two.")] = 512,
    trajectories: Annotated[int, typer.Option(min=2, help="Trajectories of the screening.")] = 10,
    years: Annotated[
        list[int] | None, typer.Option("--year", help="Year at whose end outputs are read; may be given again.")
    ] = None,
    seed: request.Seed = 1017,
    until: request.Until = 2035,
    threads: request.Threads = 0,
    kernel: request.By = request.Kernel.auto,
    out: request.Out = Path("vimach-out"),
    json: request.Json = False,
    quiet: request.Quiet = False,
) -> None:
    """Tell which assumptions matter: Morris screening of all, Sobol' indices of the first 30, and switching values.

    Assumptions vary as their own distributions say, whatever a calibration found. Writes screening.csv, sobol.csv and
    switching.csv.

    \b
    Examples:
      vimach sensitivity baseline
      vimach sensitivity baseline --output employed_in_sector --rows 1024 --year 2027 --year 2030
    """
    from vimach import simulate
    from vimach.analysis import sensitivity as sensing
    from vimach.analysis import tables
    from vimach.analysis.targets import HORIZONS
    from vimach.parameters.table import read_targets
    from vimach.terminal import Terminal

    terminal, model = Terminal(json, quiet), simulate.built_in()
    settings = settings_of(request.FEWEST, seed, until, threads, kernel)
    (read,) = request.scenarios_of(model, [scenario], ())
    if rows & (rows - 1):
        raise BadInput(Problem(f"{rows} is not a power of two; write 256, 512, 1024, ...", None, "--rows"))
    if late := [year for year in years or () if not request.BASE_YEAR <= year <= until]:
        raise BadInput(Problem(f"{late[0]} is not within the run", None, "--year"))
    edges = [year + 1.0 for year in years or ()] or HORIZONS
    names = outputs or list(sensing.OUTPUTS)
    sensing.check_outputs(model, names)
    request.check_horizon(settings, read_targets())
    targets = request.due(read_targets(), settings)
    request.prepare(out, [])
    factors = len(sensing.drawn(model))
    with terminal.progress("screening", trajectories * (factors + 1)) as progress:
        screened = tables.screening(model, read, settings, names, trajectories, progress, edges)
    with terminal.progress("Sobol' indices", rows * (tables.SCREENED + 3)) as progress:
        found = tables.indices(model, read, settings, names, screened, rows, progress, edges)
    with terminal.progress("switching values", tables.switch_steps(model)) as progress:
        turned = tables.switches(model, read, settings, targets, progress)
    for name, table in {"screening": screened, "sobol": found, "switching": turned}.items():
        write_table(table, out / f"{name}.csv")
    indices = {"output": "", "edge": "date", "factor": "", "first": "", "total": "", "total_low": "low"}
    indices["total_high"] = "high"
    turns = {"target": "", "verdict": "", "parameter": "turned by", "value": "from", "switch": "to"}
    seen = found[(found["total"] >= 0.01) | (found["factor"] == sensing.OTHERS)]
    terminal.show(shown(seen, indices))
    terminal.show(shown(turned, turns))
    terminal.say(f"wrote screening.csv, sobol.csv and switching.csv in {out}")
    terminal.answer({name: table.to_dict("records") for name, table in (("sobol", found), ("switching", turned))})


def bottlenecks(
    scenario: Scenario,
    members: Members = request.PAIRED,
    seed: request.Seed = 1017,
    until: request.Until = 2035,
    threads: request.Threads = 0,
    kernel: request.By = request.Kernel.auto,
    prior: request.Prior = False,
    out: request.Out = Path("vimach-out"),
    json: request.Json = False,
    quiet: request.Quiet = False,
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

    terminal, model = Terminal(json, quiet), simulate.built_in()
    settings = settings_of(members, seed, until, threads, kernel)
    (read,) = request.scenarios_of(model, [scenario], ())
    request.prepare(out, [])
    settings = request.drawn(settings, model, prior, terminal)
    with terminal.progress("bottlenecks", tables.bottleneck_steps()) as progress:
        table = tables.bottlenecks(model, read, settings, progress)
    seen = table[(table["structure"] == "all") & table["year"].isin([2026, 2030, until])]
    columns = {"year": "", "track": "", "label_en": "limit", "share": "binds in", "held_back": "cuts", "first": "worst"}
    _tell(terminal, table, seen, columns, out / "bottlenecks.csv")


def marginal_cost(
    scenario: Scenario,
    levers: Annotated[
        list[str] | None, typer.Option("--lever", metavar="NAME", help="A lever; may be given again. None: all.")
    ] = None,
    members: Members = request.PAIRED,
    seed: request.Seed = 1017,
    until: request.Until = 2035,
    threads: request.Threads = 0,
    kernel: request.By = request.Kernel.auto,
    prior: request.Prior = False,
    out: request.Out = Path("vimach-out"),
    json: request.Json = False,
    quiet: request.Quiet = False,
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
    from vimach.analysis.cost import STATE
    from vimach.analysis.marginal_cost import with_a_price
    from vimach.terminal import Terminal

    terminal, model = Terminal(json, quiet), simulate.built_in()
    settings = settings_of(members, seed, until, threads, kernel)
    (read,) = request.scenarios_of(model, [scenario], ())
    names = with_a_price(model, levers or [])
    request.prepare(out, [])
    settings = request.drawn(settings, model, prior, terminal)
    with terminal.progress("marginal cost", tables.marginal_cost_steps(names)) as progress:
        table = tables.marginal_costs(model, read, settings, names, progress)
    seen = table[(table["cost"] == STATE) & (table["variable"] == "employed_in_sector")]
    seen = seen.assign(next_1000=table["next_1000"] / 1e9)
    columns = {"lever": "", "edge": "date", "setting": "", "engineers": "", "next_1000": "VND billion", "saturated": ""}
    _tell(terminal, table, seen, columns, out / "marginal_cost.csv")


def verdicts(
    base: Annotated[str, typer.Argument(metavar="BASE", help="Name of a scenario, or path of a YAML file.")],
    others: Annotated[list[str] | None, typer.Argument(metavar="[OTHER]...", help="Other policies.")] = None,
    members: Members = request.PAIRED,
    seed: request.Seed = 1017,
    until: request.Until = 2035,
    threads: request.Threads = 0,
    kernel: request.By = request.Kernel.auto,
    prior: request.Prior = False,
    out: request.Out = Path("vimach-out"),
    json: request.Json = False,
    quiet: request.Quiet = False,
) -> None:
    """Tell what moves each verdict most, the definition, the structure or policy, and in which year targets are met.

    Writes verdicts.csv, and years_reached.csv with the share of members that reach each target in each year.

    \b
    Example:
      vimach verdicts baseline accelerated_funding
    """
    from vimach import simulate
    from vimach.analysis import tables
    from vimach.analysis.verdicts import records, years_reached
    from vimach.parameters.table import read_targets
    from vimach.terminal import Terminal

    terminal, model = Terminal(json, quiet), simulate.built_in()
    settings = settings_of(members, seed, until, threads, kernel)
    one, *two = request.scenarios_of(model, [base, *(others or [])], ())
    request.check_horizon(settings, read_targets())
    targets = request.due(read_targets(), settings)
    request.prepare(out, [])
    settings = request.drawn(settings, model, prior, terminal)
    with terminal.progress("verdicts", tables.verdict_steps(two) + 1 + len(two)) as progress:
        table = tables.verdicts(model, one, two, settings, targets, progress)
        runs = []
        for scenario in (one, *two):
            runs.append(simulate.simulate(model, scenario, settings, records(targets)))
            progress(1)
    write_table(years_reached(runs, targets), out / "years_reached.csv")
    columns = {"target": "", "kind": "", "what_en": "", "probability_base": "from", "probability": "to"}
    columns |= {"change_low": "change, low", "change_high": "high", "largest": ""}
    _tell(terminal, table, table[table["change"].abs() >= 0.01], columns, out / "verdicts.csv")


def write_table(table: "pd.DataFrame", file: Path) -> None:
    """Writes a table as CSV that spreadsheets read as UTF-8, under a temporary name first.

    Numbers have all their digits, so that what adds up in the table adds up in the file.
    """
    temporary = file.with_name(f".{file.name}.part")
    table.to_csv(temporary, index=False, encoding="utf-8-sig", lineterminator="\n")
    temporary.replace(file)


def shown(table: "pd.DataFrame", columns: Mapping[str, str]) -> Any:
    """Some columns of a table for the terminal; `columns` maps each to its heading, or "" for its name."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False)
    for name, heading in columns.items():
        made.add_column(heading or name, justify="left" if table[name].dtype == object else "right")
    before = ""
    for record in table[list(columns)].to_dict("records"):
        first, *others = [_cell(str(name), value) for name, value in record.items()]
        made.add_row("" if first == before else first, *others)
        before = first
    return made


def _cell(name: str, value: Any) -> str:
    from math import isnan

    from vimach import wording

    if isinstance(value, str | bool | int):
        return str(value) if not isinstance(value, bool) else "yes" if value else ""
    if isnan(value):
        return ""
    if name == "edge":
        return wording.edge(value)
    if abs(value) < NOTHING:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _tell(
    terminal: "Terminal", table: "pd.DataFrame", seen: "pd.DataFrame", columns: Mapping[str, str], file: Path
) -> None:
    """A table to its file, the part that is seen to the terminal, and all of it as data where that is wanted."""
    write_table(table, file)
    terminal.show(shown(seen, columns))
    terminal.say(f"wrote {file}")
    terminal.answer(table.to_dict("records"))


def settings_of(members: int, seed: int, until: int, threads: int, kernel: request.Kernel) -> "Settings":
    """The settings of runs that begin with the model and step as it is meant to."""
    first, step, how = request.BASE_YEAR, "1/16", request.Method.euler
    return request.settings_of(members, seed, first, until, step, how, threads, kernel=kernel)

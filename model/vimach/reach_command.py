"""The command `vimach reach`: the smallest change of levers that reaches a target, what it costs, or that none does.

Nothing heavy is imported before the command runs, so that help comes at once.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vimach import request
from vimach.analysis_commands import Members, settings_of
from vimach.errors import BadInput, Problem

if TYPE_CHECKING:
    from vimach.analysis.reach import Answer
    from vimach.parameters.table import Target
    from vimach.simulate import Model


def reach(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="Name of a target; see `vimach list targets`.")],
    probability: Annotated[float, typer.Option(min=0.0, max=1.0, help="How likely it shall be.")] = 0.8,
    base: Annotated[str, typer.Option(metavar="SCENARIO", help="The scenario to begin with.")] = "baseline",
    levers: Annotated[
        list[str] | None, typer.Option("--lever", metavar="NAME", help="A lever that may be moved; may be given again.")
    ] = None,
    with_others: Annotated[
        bool, typer.Option("--with-others", help="Also levers that others than offices at home decide.")
    ] = False,
    members: Members = request.PAIRED,
    seed: request.Seed = 1017,
    until: request.Until = 2040,
    threads: request.Threads = 0,
    kernel: request.By = request.Kernel.auto,
    prior: request.Prior = False,
    json: request.Json = False,
    quiet: request.Quiet = False,
) -> None:
    """Find the smallest change of levers that reaches a target by its date, with its cost.

    Levers move from their first year on, to the end of their range at most. No lever of the answer can be left out or
    moved less; other answers may exist. If the best found is not enough, says so, and by which year it would be.

    \b
    Examples:
      vimach reach trained_by_2030 --probability 0.8 --base baseline
      vimach reach design_firms_by_2030 --lever incentive_coverage_share --lever permit_time_saved
    """
    from vimach import listing, simulate
    from vimach.analysis import tables
    from vimach.analysis.reach import allowed, target_named
    from vimach.parameters.table import read_targets
    from vimach.terminal import Terminal

    terminal, model = Terminal(json, quiet), simulate.built_in()
    settings = settings_of(members, seed, until, threads, kernel)
    aim = target_named(target, read_targets())
    if aim.by > until + 1:
        raise BadInput(Problem(f"the run must reach the target's date, the end of {aim.by - 1:g}", None, "--until"))
    (read,) = request.scenarios_of(model, [base], ())
    names = allowed(model.table, levers or [], with_others)
    settings = request.drawn(settings, model, prior, terminal)
    with terminal.progress("trying levers", tables.reach_steps(names)) as progress:
        answer = tables.reach(model, read, settings, aim, probability, names, progress)
    rows = told(model, aim, probability, answer)
    terminal.show(listing.facts(in_words(rows, until)))
    terminal.answer(rows)


def told(model: "Model", target: "Target", wanted: float, answer: "Answer") -> dict[str, Any]:
    """An answer as plain data."""
    search = answer.search
    costs = [{"name": cost.name, "low": cost.low, "median": cost.median, "high": cost.high} for cost in answer.costs]
    return {
        "target": target.name,
        "value": target.value,
        "unit": target.unit,
        "by": target.by,
        "verdict": search.verdict,
        "probability_wanted": wanted,
        "probability_before": search.before,
        "probability": search.probability,
        "earliest_year": answer.earliest,
        "levers": [
            {"name": name, "setting": answer.settings[name], "unit": model.table[name].unit, "share_of_range": dose}
            | {"first_year": getattr(model.table[name].lever, "first_year", None)}
            for name, dose in search.doses.items()
        ],
        "costs": costs,
    }


def in_words(rows: dict[str, Any], until: int) -> dict[str, Any]:
    """The same for a reader, in the order in which he wants it."""
    from vimach import wording
    from vimach.analysis.reach import NOT_REACHABLE

    date, verdict, by = wording.edge(rows["by"]), rows["verdict"], "levers"
    if verdict == NOT_REACHABLE:
        year = rows["earliest_year"]
        verdict = f"not reachable by {date}; " + (f"earliest year {year}" if year else f"nor by end {until}")
        by = "best found"
    asked = wording.measured(wording.number(rows["value"]), rows["unit"])
    before, after, wanted = (rows[f"probability{each}"] for each in ("_before", "", "_wanted"))
    levers = [
        f"{lever['name']}: {wording.measured(wording.number(lever['setting']), lever['unit'])} from "
        f"{lever['first_year']:g} ({lever['share_of_range']:.0%} of the way to the end of its range)"
        for lever in rows["levers"]
    ]
    billions = [[f"{cost[each] / 1e9:,.0f}" for each in ("median", "low", "high")] for cost in rows["costs"]]
    costs = [
        f"{cost['name']}: VND {median} billion ({low} to {high}) until {date}"
        for cost, (median, low, high) in zip(rows["costs"], billions, strict=True)
    ]
    facts = {
        "name": rows["target"],
        "kind": "target",
        "asks for": f"{asked} by {date}",
        "verdict": verdict,
        "probability": f"{before:.2f} before, {after:.2f} after; wanted: {wanted:.2f}",
        by: levers,
        "extra cost": costs,
    }
    return {name: fact for name, fact in facts.items() if fact}

"""The command `vimach reach`: the smallest change of levers that reaches a target, what it costs, or that none does.

Nothing heavy is imported before the command runs, so that help comes at once.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vimach import request
from vimach.analysis_commands import PAIRED, Members
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
    members: Members = PAIRED,
    seed: request.Seed = 1017,
    until: request.Until = 2040,
    threads: request.Threads = 0,
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
    settings = request.settings_of(members, seed, request.BASE_YEAR, until, "1/16", request.Method.euler, threads)
    aim = target_named(target, read_targets())
    if aim.by > until + 1:
        raise BadInput(Problem(f"the run must reach the target's date, the end of {aim.by - 1:g}", None, "--until"))
    (read,) = request.scenarios_of(model, [base], ())
    names = allowed(model.table, levers or [], with_others)
    with terminal.progress("trying levers", 3 * len(names) + 6) as progress:
        answer = tables.reach(model, read, settings, aim, probability, names, progress)
    facts = told(model, aim, probability, until, answer)
    terminal.show(listing.facts(facts))
    terminal.answer(facts)


def told(model: "Model", target: "Target", wanted: float, until: int, answer: "Answer") -> dict[str, Any]:
    """An answer as plain data, in the order in which a reader wants it."""
    from vimach import wording
    from vimach.analysis.reach import NOT_REACHABLE

    search, date = answer.search, wording.edge(target.by)
    verdict = search.verdict
    if verdict == NOT_REACHABLE:
        later = f"earliest year {answer.earliest}" if answer.earliest else f"nor by the end of {until}"
        verdict = f"not reachable by {date}; {later}"
    asked = wording.measured(wording.number(target.value), target.unit)
    return {
        "name": target.name,
        "asks for": f"{asked} by {date}",
        "verdict": verdict,
        "probability wanted": f"{wanted:.2f}",
        "probability before": f"{search.before:.2f}",
        "probability after": f"{search.probability:.2f}",
        "levers": [_lever(model, name, dose, answer.settings[name]) for name, dose in search.doses.items()],
        "extra cost": [
            f"{cost.name}: VND {wording.number(cost.median / 1e9)} billion "
            f"({wording.number(cost.low / 1e9)} to {wording.number(cost.high / 1e9)}) until {date}"
            for cost in answer.costs
        ],
    }


def _lever(model: "Model", name: str, dose: float, setting: float) -> str:
    from vimach import wording

    lever = model.table[name]
    assert lever.lever is not None
    amount = wording.measured(wording.number(setting), lever.unit)
    return f"{name}: {amount} from {lever.lever.first_year:g} ({dose:.0%} of the way to the end of its range)"

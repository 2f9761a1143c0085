"""The command `vimach reach`: the smallest change of levers that reaches a target, what it costs, or that none does.

Nothing heavy is imported before the command runs, so that help comes at once.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vimach import request
from vimach.analysis_commands import ensemble_settings
from vimach.errors import BadInput, Problem

if TYPE_CHECKING:
    from vimach.analysis.reach import Answer, Cost
    from vimach.parameters.table import Target
    from vimach.simulate import Model

ORIGIN = ("scenario", "scenario_hash", "calibration", "members", "seed", "model_version", "data_vintage")
"""Attributes of the runs that stand in the data of an answer."""


@request.shared
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
    members: request.Paired = request.PAIRED,
    *,
    ensemble: request.Further,
    voice: request.Voice,
) -> None:
    """Find the smallest change of levers that reaches a target by its date, with its cost.

    Levers move from their first year on, to the end of their range at most. No lever of the answer can be left out or
    moved less; other answers may exist. If the best found is not enough, says so, and by which year it would be.

    \b
    Examples:
      vimach reach trained_by_2030 --probability 0.8 --base baseline
      vimach reach design_firms_by_2030 --lever incentive_coverage_share --lever permit_time_saved
    """
    from rich.console import Group

    from vimach import simulate
    from vimach.analysis import tables
    from vimach.analysis.reach import allowed, target_named
    from vimach.parameters.table import read_targets
    from vimach.terminal import Terminal
    from vimach_reports import analysis_pages
    from vimach_reports.status import status

    terminal, model = Terminal(voice.json, voice.quiet), simulate.built_in()
    settings = ensemble_settings(members, ensemble)
    aim = target_named(target, read_targets())
    if aim.by > ensemble.until + 1:
        raise BadInput(Problem(f"the run must reach the target's date, the end of {aim.by - 1:g}", None, "--until"))
    (read,) = request.scenarios_of(model, [base], (), terminal, ensemble.until)
    names = allowed(model.table, levers or [], with_others)
    settings = request.drawn(settings, model, terminal, ensemble.prior, ensemble.posterior)
    with terminal.progress("trying levers", tables.reach_steps(names)) as progress:
        answer = tables.reach(model, read, settings, aim, probability, names, progress)
    rows = answer_as_data(model, aim, probability, answer, members) | {"until": ensemble.until}
    language = voice.lang.each[0]
    terminal.show(Group(analysis_pages.reach(rows, language), *status([answer], language, [aim.rung])))
    terminal.answer(rows)


def answer_as_data(model: "Model", target: "Target", wanted: float, answer: "Answer", members: int) -> dict[str, Any]:
    """An answer as plain data; the intervals of its probabilities are those of so many members."""
    from vimach.analysis.targets import of_share

    search = answer.search
    costs = [cost_as_data(cost, model) for cost in answer.costs]
    low, high = of_share(search.probability, members)
    return {
        "target": target.name,
        "label_en": target.label.en,
        "label_vi": target.label.vi,
        "rung": target.rung,
        "value": target.value,
        "unit": target.unit,
        "by": target.by,
        "verdict": search.verdict,
        "probability_wanted": wanted,
        "probability_before": search.before,
        "probability": search.probability,
        "probability_low": low,
        "probability_high": high,
        "earliest_year": answer.earliest,
        "levers": [
            {"name": name, "label_en": model.table[name].label.en, "label_vi": model.table[name].label.vi}
            | {"setting": answer.settings[name], "unit": model.table[name].unit, "share_of_range": dose}
            | {"first_year": getattr(model.table[name].lever, "first_year", None)}
            for name, dose in search.doses.items()
        ],
        "costs": costs,
        **{name: answer.attrs[name] for name in ORIGIN if name in answer.attrs},
    }


def cost_as_data(cost: "Cost", model: "Model") -> dict[str, Any]:
    """An extra cost as plain data: VND and USD as spent, their price year, and the discounted median with its rate."""
    from dataclasses import asdict

    from vimach.analysis.cost import PRESENT, RATE
    from vimach.analysis.cost_table import PRICE_YEAR, rates

    usd = rates().vnd_per_usd
    dollars = {f"{name}_usd": getattr(cost, name) / usd for name in ("low", "median", "high", "discounted")}
    about = {"unit": "VND", "price_year": PRICE_YEAR, "vnd_per_usd": usd}
    return asdict(cost) | dollars | about | {"discount_rate": model.table[RATE].number, "discounted_to": PRESENT}

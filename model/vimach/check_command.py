"""The command `vimach check`: statements that the model must keep, tested and printed as a table.

Nothing heavy is imported before the command runs, so that help comes at once.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vimach import request

if TYPE_CHECKING:
    from rich.console import RenderableType

    from vimach.analysis.proving import Verdict

FAILED = 1


def check(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Checks; none: all of them.")] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your own statements; otherwise scenarios/checks.yaml.")
    ] = None,
    json: request.Json = False,
    quiet: request.Quiet = False,
) -> None:
    """Test what the model must keep in given scenarios, regions and years.

    Prints for each statement whether it holds and how near it came to failing: the largest miss and what is allowed, as
    a share of the largest number met (`between` and `zero`: in the variable's own unit; below zero there is room left).
    What it says and where it was tested stands below those that fail, and all that are named. Exit code 1 if one fails.

    \b
    Examples:
      vimach check
      vimach check engineers_add_up no_money_no_programme
      vimach check --file mine.yaml --json
    """
    from vimach import simulate
    from vimach.analysis.proving import prove
    from vimach.analysis.statements import read_checklist
    from vimach.terminal import Terminal

    terminal, model = Terminal(json, quiet), simulate.built_in()
    checklist = read_checklist(model, file).chosen(names or [])
    terminal.say(f"testing {_counted(checklist.statements, 'check')} in {_counted(checklist.scenarios, 'scenario')}")
    with terminal.progress("checks", len(checklist.statements)) as progress:
        verdicts = prove(model, checklist, progress=progress)
    rows = [_row(verdict) for verdict in verdicts]
    terminal.show(_table(rows, worded=bool(names or file)))
    terminal.answer(rows)
    failing = [verdict for verdict in verdicts if not verdict.holds]
    terminal.say(f"{len(verdicts) - len(failing)} hold, {len(failing)} fail")
    if failing:
        raise typer.Exit(FAILED)


def _counted(things: Any, word: str) -> str:
    return f"{len(things)} {word}{'s' * (len(things) != 1)}"


def _row(verdict: "Verdict") -> dict[str, Any]:
    """A verdict as data."""
    statement = verdict.statement
    return {
        "name": statement.name,
        "result": "holds" if verdict.holds else "fails",
        "worst": verdict.worst,
        "allowed": statement.allowed,
        "where": verdict.where,
        "says": statement.says,
        "says_vi": statement.says_vi,
        "law": statement.law,
        "tested": verdict.tested,
        "scenarios": list(statement.scenarios),
        "against": statement.against,
        "broken": verdict.broken,
    }


def _table(rows: Sequence[dict[str, Any]], worded: bool) -> "RenderableType":
    """A line of columns for each check; below one that fails, and all if `worded`, what it says and where."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    width = max(len(row["name"]) for row in rows) if rows else 0
    parts: list[RenderableType] = [Text(f"{'name':{width}}  result     worst  allowed", style="bold")]
    for row in rows:
        line = f"{row['name']:{width}}  {row['result']:6}  {row['worst']:8.2g}  {row['allowed']:7.2g}"
        parts.append(Text(line, style="" if row["result"] == "holds" else "bold red"))
        if worded or row["result"] != "holds":
            parts.append(Padding(Text(row["says"]), (0, 0, 0, 4)))
            parts.append(Padding(Text(f"tested: {row['tested']}", style="dim"), (0, 0, 0, 4)))
        if row["result"] != "holds":
            told = f"run broken: {row['broken']}" if row["broken"] else f"worst at: {row['where']}"
            parts.append(Padding(Text(told), (0, 0, 0, 4)))
    return Group(*parts)

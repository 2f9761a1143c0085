"""The command `vimach export`: the model in other shapes, as files.

Nothing heavy is imported before the command runs, so that help comes at once.
"""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vimach import request
from vimach.files import write_whole

if TYPE_CHECKING:
    from vimach.parameters.table import Parameter
    from vimach.simulate import Model


class Form(StrEnum):
    """What the model can be written as."""

    xmile = "xmile"
    equations = "equations"
    diagram = "diagram"
    schema = "schema"


def export(
    form: Annotated[Form, typer.Argument(help="What to write.")],
    scenario: Annotated[
        str, typer.Option(metavar="SCENARIO", help="Whose numbers stand in the XMILE file: a name or path.")
    ] = "baseline",
    until: request.Until = 2035,
    set_: request.Set = None,
    out: request.Out = Path("vimach-out"),
    json: request.Json = False,
    quiet: request.Quiet = False,
) -> None:
    """Write the model as a file for another engine, a book of equations, diagrams, or the schema of scenario files.

    xmile: OUT/SCENARIO/model.xmile, the central run of a scenario, one element for each cell; PySD and simlin give the
    same numbers. equations: OUT/equations.md, every variable with its equation, unit, sources and users. diagram:
    OUT/diagrams/SECTOR.svg. schema: OUT/scenario.schema.json; a first line `# yaml-language-server:
    $schema=scenario.schema.json` in a scenario makes an editor complete and check it. The last three are the same for
    every scenario.

    \b
    Examples:
      vimach export xmile --scenario accelerated_funding --until 2030
      vimach export xmile --set quit_rate=0.08 --out /tmp/try
      vimach export equations
      vimach export diagram --out docs
      vimach export schema --out scenarios
    """
    from vimach import simulate
    from vimach.terminal import Terminal

    terminal, model = Terminal(json, quiet), simulate.built_in()
    match form:
        case Form.xmile:
            files = _xmile(model, scenario, until, set_ or [])
        case Form.equations:
            files = _equations(model)
        case Form.diagram:
            files = _diagrams(model)
        case Form.schema:
            files = _schema(model)
    with request.writing(out, sorted({name.rpartition("/")[0] for name in files})):
        for name, text in files.items():
            write_whole(out / name, text.encode("utf-8"))
            terminal.say(f"wrote {out / name}")
    terminal.answer([{"file": str(out / name)} for name in files])


def _xmile(model: "Model", word: str, until: int, extra: list[str]) -> dict[str, str]:
    from importlib.metadata import version

    from vimach.ensemble import CENTRAL, Block, inputs
    from vimach.exports.xmile import xmile
    from vimach.simulate import Settings

    settings = request.settings_of(0, Settings.seed, request.BASE_YEAR, until, "1/16", request.Method.euler, 0)
    (scenario,) = request.scenarios_of(model, [word], extra)
    schedule = settings.schedule()
    block = Block(settings.seed, CENTRAL, 1)
    given = inputs(model.table, model.graph.dimensions, scenario, block, schedule)
    meanings = {name: parameter.label.en for name, parameter in model.table.items()}
    text = xmile(model.graph, given, schedule, scenario.title.en, version("vimach"), meanings)
    return {f"{scenario.name}/model.xmile": text}


def _equations(model: "Model") -> dict[str, str]:
    from vimach.exports.equations import equation_book

    return {"equations.md": equation_book(model.graph, model.table, _prefaces(), _number)}


def _number(parameter: "Parameter") -> str:
    """The central value with all its digits, its range, and how members draw theirs."""
    from vimach import wording

    spread = wording.distribution(parameter).removesuffix(".")
    return f"{wording.value(parameter, wording.exact)}; range {wording.range_(parameter)}; {spread}"


def _diagrams(model: "Model") -> dict[str, str]:
    from vimach.exports.diagram import diagram, sectors_of

    prefaces = {name: _first_sentence(text) for name, text in _prefaces().items()}
    return {f"diagrams/{name}.svg": diagram(model.graph, name, prefaces[name]) for name in sectors_of(model.graph)}


def _schema(model: "Model") -> dict[str, str]:
    from vimach.exports.schema import FILE

    return {FILE: scenario_schema(model)}


def scenario_schema(model: "Model") -> str:
    """The JSON Schema of scenario files."""
    from vimach.exports.schema import schema
    from vimach.scenario import known_scenarios

    return schema(model.table, model.labels, known_scenarios(), _told)


def _told(parameter: "Parameter") -> str:
    """What an editor shows of a parameter: both labels, range and unit, dimensions, and that it is a lever."""
    from vimach import wording

    told = [parameter.label.en, parameter.label.vi, wording.measured(wording.range_(parameter), parameter.unit)]
    if parameter.dimensions:
        told.append(f"by {', '.join(parameter.dimensions)}")
    if parameter.lever:
        told.append("lever: raise_to or lower_to, or value with certain: true")
    return "; ".join(told)


def _prefaces() -> dict[str, str]:
    """What each page of the model says of itself."""
    from vimach.sectors import MODULES

    return {module.__name__.rpartition(".")[2]: module.__doc__ or "" for module in MODULES}


def _first_sentence(text: str) -> str:
    """What stands after the sector's name: "Workforce: engineers at work." says "Engineers at work."."""
    sentence = " ".join(text.split("\n\n")[0].split()).partition(": ")[2] or text
    return sentence[:1].upper() + sentence[1:]

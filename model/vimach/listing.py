"""What `vimach list` shows: rows of plain data, and the same rows as tables for the terminal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from vimach import units, wording
from vimach.explain import Evidence, Facts, amount
from vimach.parameters.table import ParameterTable, Target
from vimach.scenario import Scenario

if TYPE_CHECKING:
    from vimach.simulate import Model

SHOWN: Mapping[str, tuple[str, ...]] = {
    "scenarios": ("name", "title", "settings", "because"),
    "levers": ("name", "value", "unit", "status", "first year", "decided by", "moves"),
    "parameters": ("name", "value", "unit", "range", "grade", "sources"),
    "targets": ("name", "asks for", "by", "variable", "rung"),
    "variables": ("name", "kind", "unit", "dimensions", "meaning"),
    "evidence": ("id", "year", "number", "kind", "grade", "published", "who"),
}
"""The columns of each table, of all that the rows hold."""

_GROUPED = {"parameters": "sector", "variables": "sector", "levers": "sector", "evidence": "quantity"}
_WIDE = {"because": 30, "meaning": 30, "sources": 22, "moves": 22, "who": 24, "decided by": 14, "value": 12}
_RIGHT = ("year", "first year")


def scenarios(read: Iterable[Scenario]) -> list[Facts]:
    """One row for each scenario."""
    return [
        {
            "name": scenario.name,
            "title": scenario.title.en,
            "title_vi": scenario.title.vi,
            "settings": len({override.name for override in scenario.overrides}),
            "hash": scenario.hash,
            "because": scenario.because,
            "layers": list(scenario.layers),
        }
        for scenario in read
    ]


def levers(table: ParameterTable) -> list[Facts]:
    """One row for each lever."""
    rows = []
    for parameter in table.levers:
        lever = parameter.lever
        assert lever is not None
        rows.append(
            {
                "name": parameter.name,
                "label": parameter.label.en,
                "label_vi": parameter.label.vi,
                "sector": parameter.sector,
                "value": wording.value(parameter),
                "unit": parameter.unit,
                "status": lever.status.replace("_", " "),
                "decided by": lever.decided_by.en,
                "decided_by_vi": lever.decided_by.vi,
                "instrument": lever.instrument,
                "first year": f"{lever.first_year:g}",
                "moves": [f"{move.output} {move.direction}" for move in lever.moves],
            }
        )
    return rows


def parameters(table: ParameterTable) -> list[Facts]:
    """One row for each parameter."""
    return [
        {
            "name": parameter.name,
            "label": parameter.label.en,
            "label_vi": parameter.label.vi,
            "sector": parameter.sector,
            "value": wording.value(parameter),
            "unit": parameter.unit,
            "range": wording.range_(parameter),
            "drawn": wording.distribution(parameter),
            "grade": parameter.grade,
            "sources": list(parameter.source),
            "judgment": parameter.judgment,
            "lever": parameter.lever is not None,
        }
        for parameter in table.values()
    ]


def targets(read: Iterable[Target]) -> list[Facts]:
    """One row for each target."""
    return [
        {
            "name": target.name,
            "label": target.label.en,
            "label_vi": target.label.vi,
            "asks for": wording.measured(wording.number(target.value), target.unit),
            "value": target.value,
            "unit": target.unit,
            "by": wording.edge(target.by),
            "edge": target.by,
            "variable": target.variable,
            "rung": target.rung,
            "sources": list(target.source),
        }
        for target in read
    ]


def variables(model: "Model") -> list[Facts]:
    """One row for each name that a run computes."""
    return [
        {
            "name": variable.name,
            "kind": variable.kind,
            "sector": variable.sector,
            "unit": units.text(variable.node.unit),
            "dimensions": [dimension.name for dimension in variable.node.dims],
            "meaning": " ".join(variable.meaning.split()),
        }
        for variable in model.graph.variables.values()
        if variable.kind not in ("parameter", "calendar")
    ]


def evidence(rows: Evidence) -> list[Facts]:
    """One row for each row of the evidence."""
    return [
        {
            "id": name,
            "quantity": row.quantity,
            "segment": row.segment,
            "place": row.place,
            "year": f"{row.year:g}",
            "number": amount(row),
            "kind": row.kind,
            "grade": row.grade,
            "published": row.published_as,
            "who": row.source_title,
            "words_read": row.words_read or "not traced",
        }
        for name, row in rows.items()
    ]


def table(subject: str, rows: Sequence[Facts]) -> RenderableType:
    """The rows as a table of the columns in SHOWN, under the names of their sectors where they have one."""
    shown, group = SHOWN[subject], _GROUPED.get(subject, "")
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in shown:
        first = column == shown[0]
        grid.add_column(
            column,
            overflow="fold",
            min_width=_WIDE.get(column),
            justify="right" if column in _RIGHT else "left",
            ratio=None,
            no_wrap=first and subject != "evidence",
        )
    before = ""
    for row in rows:
        if group and row[group] != before:
            before = row[group]
            grid.add_row(Text(before, style="bold underline"))
        grid.add_row(*(Text(_cell(column, row[column])) for column in shown))
    return Group(grid, Text(f"{len(rows)} {subject}", style="dim"))


def _cell(column: str, value: Any) -> str:
    if column == "unit":
        return wording.unit(value)
    return ", ".join(value) if isinstance(value, list) else str(value)


def facts(known: Facts) -> RenderableType:
    """What `explain` found, one paragraph a fact."""
    parts: list[RenderableType] = [Text.assemble((known["name"], "bold"), f"  {known['kind']}")]
    for key, fact in known.items():
        if key in ("name", "kind"):
            continue
        if isinstance(fact, str) and "\n" not in fact:
            line = Table.grid(padding=(0, 2, 0, 0))
            line.add_column(width=12, style="dim", overflow="fold")
            line.add_column(overflow="fold")
            line.add_row(key, Text(fact))
            parts.append(line)
        else:
            parts += [Text(key, style="dim"), Padding(_several(fact), (0, 0, 0, 2))]
    return Group(*parts)


def _several(fact: str | list[Any]) -> RenderableType:
    if isinstance(fact, str):
        return Text(fact)
    if not isinstance(fact[0], dict):
        return Group(*(Text(str(item)) for item in fact))
    if "id" in fact[0]:
        return Group(*(_block(item) for item in fact))
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in fact[0]:
        grid.add_column(overflow="fold")
    for item in fact:
        grid.add_row(*(Text(str(value)) for value in item.values()))
    return grid


def _block(source: Facts) -> RenderableType:
    rest = [(key, value) for key, value in source.items() if key not in ("id", "quantity") and value]
    lines = [Text(source["id"], style="bold"), Text(f"  {source['quantity']}")]
    lines += [Text(f"  {key}: {value}") for key, value in rest]
    return Group(*lines)

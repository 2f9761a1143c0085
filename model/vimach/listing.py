"""What `vimach list` shows: rows of plain data, and the same rows as tables for the terminal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from vimach import units, wording
from vimach.explain import NOT_KEPT, Evidence, Facts, amount, moving, unit_cost
from vimach.parameters.table import Parameter, ParameterTable, Target
from vimach.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from vimach.analysis.levers import Pull
    from vimach.simulate import Model

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "scenarios": ("name", "title", "settings", "hash"),
    "levers": ("name", "value", "status", "from"),
    "parameters": ("name", "value", "grade"),
    "targets": ("name", "asks for", "by"),
    "variables": ("name", "kind", "unit"),
    "evidence": ("id", "year", "kind", "grade"),
}
"""What stands in columns; the rest of what is shown stands below, on lines of its own."""

_GROUPED = {"parameters": "sector", "variables": "sector", "levers": "sector"}
_ORIGIN = {"levers": "; timing is of the central run alone, every assumption as first judged, not calibrated"}
_NAMES = ("used by", "direct loops")
_CODE = ("equation", "starts as")
_WIDEST = 38
_GAP, _NARROWEST = 2, 12
_UNTIMED = dict.fromkeys(("timing", "decided", "last_decision", "first_year"))


def scenarios(read: Iterable[Scenario]) -> list[Facts]:
    """One row for each scenario."""
    return [
        {
            "name": scenario.name,
            "title": scenario.title.en,
            "title_vi": scenario.title.vi,
            "settings": len(scenario.names),
            "hash": scenario.hash,
            "because": scenario.because,
            "layers": list(scenario.layers),
        }
        for scenario in read
    ]


def levers(model: "Model") -> list[Facts]:
    """One row for each lever."""
    from vimach.analysis.levers import pulls

    rows, pulled = [], pulls(model)
    for parameter in model.table.levers:
        lever = parameter.lever
        assert lever is not None
        rows.append(
            {
                "name": parameter.name,
                "label": parameter.label.en,
                "label_vi": parameter.label.vi,
                "sector": parameter.sector,
                "value": wording.value(parameter),
                "accelerated": _accelerated(parameter, pulled.get(parameter.name)),
                "unit": parameter.unit,
                "unit cost": unit_cost(lever.unit_cost),
                "sources": list(parameter.source),
                "judgment": parameter.judgment,
                "status": lever.status.replace("_", " "),
                "decided by": lever.decided_by.en,
                "decided_by_vi": lever.decided_by.vi,
                "instrument": lever.instrument,
                "from": f"{lever.first_year:g}",
                "moves": moving(lever),
            }
        )
    return rows


def _accelerated(parameter: Parameter, pull: "Pull | None") -> str:
    """The accelerated path and the scenario that gives it."""
    if pull is None:
        return "no scenario pulls it"
    told = "; ".join(wording.path(override.path, parameter.unit) for override in pull.overrides)
    return f"{told}{f', in {unit}' if (unit := wording.unit(parameter.unit)) else ''} ({pull.scenario})"


def timed(rows: list[Facts], timing: "pd.DataFrame") -> list[Facts]:
    """The levers, those that were pulled with when they still matter (vimach.analysis.timing)."""
    found = {str(record["lever"]): record for record in timing.to_dict("records")}
    return [row | (_timing(found[row["name"]]) if row["name"] in found else _UNTIMED) for row in rows]


def _timing(record: Mapping[Any, Any]) -> Facts:
    def date(value: object, otherwise: str) -> str:
        return otherwise if value is None or value != value else f"{value:g}"

    decided, last = date(record["decided"], "always"), date(record["last_decision"], "")
    few = "it adds fewer than ten people by end 2030"
    last = f"last decision date that adds ten people by end 2030: {last}" if last else few
    first = date(record["first_year"], "never within the run")
    gains = " and ".join(
        f"{record[f'trained_{year}']:+,.0f} trained, {record[f'employed_{year}']:+,.0f} employed by end {year}"
        for year in (2030, 2035)
    )
    told = f"alone, from {decided}: {gains}; {last}; first year with 100 people: {first}"
    return {"timing": told, **{name: record[name] for name in _UNTIMED if name != "timing"}}


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
            "announced": parameter.announced,
            "realises": parameter.realises,
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
    """One row for each name that a run computes, sector by sector."""
    rows = [
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
    sectors = list(dict.fromkeys(row["sector"] for row in rows))
    return sorted(rows, key=lambda row: sectors.index(row["sector"]))


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
            "address": row.source_url,
            "words_read": row.words_read or NOT_KEPT,
        }
        for name, row in rows.items()
    ]


def table(subject: str, rows: Sequence[Facts]) -> RenderableType:
    """The rows, each with a line of columns and further lines below it, under the names of their sectors."""
    columns, group = COLUMNS[subject], _GROUPED.get(subject, "")
    cells = [[_cell(column, row) for column in columns] for row in rows]
    widths = tuple(max(map(cell_len, column)) for column in zip(columns, *cells, strict=True))
    parts: list[RenderableType] = [_Line(columns, widths, "bold")]
    before = ""
    for row, line in zip(rows, cells, strict=True):
        if group and row[group] != before:
            before = row[group]
            parts.append(Text(f"\n{before}", style="bold underline"))
        parts.append(_Line(line, widths))
        parts += [Padding(Text(told, style="dim"), (0, 0, 0, 4)) for told in _below(subject, row) if told]
    return Group(*parts, Text(f"\n{len(rows)} {subject}{_ORIGIN.get(subject, '')}", style="dim"))


def _below(subject: str, row: Facts) -> list[str]:
    match subject:
        case "scenarios":
            return [row["because"]]
        case "levers":
            told = [f"{key}: {row[key]}" for key in ("accelerated", "unit cost", "decided by")]
            return [*told, *(f"moves at {moves}" for moves in row["moves"]), row.get("timing") or ""]
        case "parameters":
            return [f"range {row['range']}; {'sources: ' + ', '.join(row['sources']) if row['sources'] else 'judged'}"]
        case "targets":
            rung = f"; rung: {row['rung']}" if row["rung"] not in ("", row["variable"]) else ""
            return [row["label"], f"variable: {row['variable']}{rung}"]
        case "variables":
            labels = "by " + " x ".join(row["dimensions"]) if row["dimensions"] else "one number"
            return [". ".join(part for part in (labels, row["meaning"]) if part)]
        case _:
            return [f"{row['number']}; {row['who']}, {row['published'] or 'undated'}", row["address"]]


@dataclass(frozen=True)
class _Line:
    """Cells under one another's column; where the terminal is too narrow, the widest column but the first is folded."""

    cells: Sequence[str]
    widths: Sequence[int]
    style: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = list(self.widths)
        over = sum(widths) + _GAP * (len(widths) - 1) - options.max_width
        widest = max(range(1, len(widths)), key=lambda place: widths[place])
        if over > 0:
            widths[widest] = max(_NARROWEST, widths[widest] - over)
        folded = [wrap(cell, width) or [""] for cell, width in zip(self.cells, widths, strict=True)]
        for parts in zip_longest(*folded, fillvalue=""):
            line = (" " * _GAP).join(set_cell_size(part, width) for part, width in zip(parts, widths, strict=True))
            yield Text(line.rstrip(), style=self.style)


def _cell(column: str, row: Facts) -> str:
    value = row[column]
    if column == "unit":
        return wording.unit(value)
    if column == "value":
        return wording.measured(_brief(value), row["unit"])
    return ", ".join(value) if isinstance(value, list) else str(value)


def _brief(value: str) -> str:
    """A long list of values as its first and its last."""
    parts = value.split("; " if ";" in value else ", ")
    if len(value) <= _WIDEST or len(parts) < 3:
        return value
    return f"{parts[0]} ... {parts[-1]}"


def facts(known: Facts) -> RenderableType:
    """What `explain` found, one paragraph a fact."""
    parts: list[RenderableType] = [Text.assemble((known["name"], "bold"), f"  {known['kind']}")]
    for key, fact in known.items():
        if key in ("name", "kind"):
            continue
        if key in _NAMES:
            fact = ", ".join(fact)
        if isinstance(fact, str) and key not in _CODE:
            line = Table.grid(padding=(0, 2, 0, 0))
            line.add_column(width=14, style="dim")
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
        return Group(*(_hanging(str(item)) for item in fact))
    if "id" in fact[0]:
        return Group(*(_block(item) for item in fact))
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in fact[0]:
        grid.add_column(overflow="fold")
    for item in fact:
        grid.add_row(*(Text(str(value)) for value in item.values()))
    return grid


def _hanging(item: str) -> RenderableType:
    """An item whose further lines stand in from its first."""
    grid = Table.grid()
    grid.add_column(width=2)
    grid.add_column(overflow="fold")
    signed = item.startswith(("+ ", "- "))
    grid.add_row(item[0] if signed else "-", Text(item[2:] if signed else item))
    return grid


def _block(source: Facts) -> RenderableType:
    rest = [(key, value) for key, value in source.items() if key not in ("id", "quantity") and value]
    lines: list[RenderableType] = [Text(source["id"], style="bold"), Padding(Text(source["quantity"]), (0, 0, 0, 2))]
    lines += [Padding(Text(f"{key}: {value}"), (0, 0, 0, 2)) for key, value in rest]
    return Group(*lines)

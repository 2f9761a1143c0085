"""Annex I: the figures and tables behind the answers, question by question."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from vimach.analysis.cost import cost_per_additional
from vimach.analysis.cost_table import PRICE_YEAR, priced, priced_units, rates
from vimach.analysis.verdicts import SWITCHES
from vimach_reports.briefing.blocks import Block, Heading, Picture, Table
from vimach_reports.briefing.facts import Voice, extra, is_missing, year_of
from vimach_reports.briefing.material import Material, rows_of
from vimach_reports.briefing.questions import PAYERS, cost_cell, definition_table, edges_of, years_table
from vimach_reports.briefing.questions_more import binding_years, tightest
from vimach_reports.briefing.whole_life import whole_life_costs
from vimach_reports.briefing.years import years_by_rung

STRUCTURES: Final = {
    f"{switch.parameter}={position}": label
    for switch in SWITCHES
    for position, label in ((0, switch.off), (1, switch.on))
}
"""Each structure that no evidence settles for sure, as tables of analysis name it, and its words."""


def behind_the_answers(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """Annex I."""
    tables = {name: material.table(name) for name in ("timing", "bottleneck", "switching", "years_reached")}
    parts: dict[str, list[Block]] = {
        "q1": [
            years_table(material, material.due, "annex_i_years_reached", say),
            *_definition(material, drawn, say),
            *_figure("F7_targets", drawn),
        ],
        "q2": [_payers(material, say), _each(material, say), *whole_life_costs(material, say)],
        "q3": [], "q4": _figure("F3_flow_gap", drawn), "q5": [],
    }  # fmt: skip
    if tables["years_reached"] is not None:
        parts["q1"][1:1] = years_by_rung(tables["years_reached"], material, say)
    if tables["timing"] is not None:
        parts["q2"].append(_timing(tables["timing"], material, say))
    parts["q2"] += _figure("F8_marginal_cost", drawn)
    if tables["bottleneck"] is not None:
        parts["q3"].append(_structures(tables["bottleneck"], material, say))
    if tables["switching"] is not None:
        parts["q5"].append(_switching(tables["switching"], material, say))
    found: list[Block] = [Heading(say("behind.heading"))]
    for name, blocks in parts.items():
        if blocks:
            found += [Heading(say(f"behind.{name}"), 2), *blocks]
    return found


def _figure(name: str, drawn: Sequence[str]) -> list[Block]:
    return [Picture(name)] if name in drawn else []


def _definition(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """What the curve of question 1 says in words; where it was not drawn the table stands there already."""
    table = definition_table(material, say)
    return [table] if table is not None and "F13_definition" in drawn else []


def _payers(material: Material, say: Voice) -> Table:
    origin = year_of(float(material.base.attrs["forecast_origin"]))
    rows, data = [], []
    for name in (name for name in PAYERS if name in material.base):
        cells = [say(f"payer.{name}")]
        for edge in edges_of(material):
            years = list(range(origin, year_of(edge)))
            found = extra(material.base, material.other, name, years)
            cells.append(say.billions(found))
            about = {"variable": name, "first_year": origin, "last_year": years[-1], "unit": "VND"}
            data.append(about | {"low": found.low, "median": found.median, "high": found.high})
        rows.append(tuple(cells))
    until = [say("payer.until", first=str(origin), last=str(year_of(edge) - 1)) for edge in edges_of(material)]
    return Table(
        name="annex_i_payers",
        title=say("payer.title"),
        head=(say("payer.head"), *until),
        rows=tuple(rows),
        data=priced(pd.DataFrame(data)),
        units=priced_units(),
        source=say("source.results"),
        widths=(2.0, *(1.2,) * len(until)),
        numeric=len(until),
        size="small",
        note=say("payer.note", year=str(PRICE_YEAR)),
    )


def _each(material: Material, say: Voice) -> Table:
    """Money for each person more."""
    table = cost_per_additional(material.base, material.other)
    rows = []
    for row in rows_of(table):
        rung = say.rung(str(row["variable"]))
        rows.append((say(f"payer.{row['cost']}"), rung, say.edge(float(row["edge"])), cost_cell(row, say)))
    return Table(
        name="annex_i_cost_of_each",
        title=say("each.title"),
        head=(say("payer.head"), say("each.who"), say("each.until"), say("each.cost")),
        rows=tuple(rows),
        data=priced(table),
        units=priced_units("USD/person"),
        source=say("source.results"),
        rung=", ".join(dict.fromkeys(str(name) for name in table["variable"])),
        widths=(1.4, 1.4, 0.8, 1.8),
        numeric=1,
        size="small",
        note=say("each.note", year=str(PRICE_YEAR), usd=say.number(rates().vnd_per_usd)),
    )


def _timing(table: pd.DataFrame, material: Material, say: Voice) -> Table:
    """When each lever still matters."""
    rows = []
    for row in rows_of(table):
        parameter = material.parameters[row["lever"]]
        last = say("timing.too_late") if is_missing(row["last_decision"]) else say.date(float(row["last_decision"]))
        first = say("timing.never") if is_missing(row["first_year"]) else str(int(row["first_year"]))
        moved = [float(row[f"{what}_{year}"]) for year in (2030, 2035) for what in ("trained", "employed")]
        gains = [say.count(value, signed=True) for value in moved]
        rows.append((say.label(parameter), *gains, last, first))
    heads_ = ("trained_2030", "employed_2030", "trained_2035", "employed_2035", "last", "first")
    return Table(
        name="annex_i_timing",
        title=say("timing.title"),
        head=(say("lever.head"), *(say(f"timing.{name}") for name in heads_)),
        rows=tuple(rows),
        data=table,
        source=say("source.central"),
        rung="trained_cumulative, employed_in_sector",
        widths=(2.6, 0.9, 0.9, 0.9, 0.9, 1.0, 1.0),
        numeric=6,
        size="small",
        note=say("timing.note"),
    )


def _structures(table: pd.DataFrame, material: Material, say: Voice) -> Table:
    """The limit that cuts most, under each structure; how many of the main runs have it stands beside its name."""
    years, weights = binding_years(table, material), material.structure_weights()
    rows, shown = [], table[table["structure"].isin(STRUCTURES) & table["year"].isin(years)]
    beside = list(shown.groupby(["structure", "track", "year"])["first"].max())
    for structure, label in STRUCTURES.items():
        part = table[table["structure"] == structure]
        named = str(getattr(label, say.language))
        if structure in weights:
            named = say("movers.drawn", what=named, p=say.chance(weights[structure]))
        for track, runs in part.groupby("track", sort=False):
            found = [tightest(runs[runs["year"] == year], say) for year in years]
            words = say.chances([share for _, share in found], beside)
            cells = [say("bottleneck.cell", limit=limit, p=p) for (limit, _), p in zip(found, words, strict=True)]
            rows.append((named, say(f"track.{track}"), *cells))
    return Table(
        name="annex_i_structures",
        title=say("structures.title"),
        head=(say("structures.head"), say("track.head"), *map(str, years)),
        rows=tuple(rows),
        data=shown,
        source=say("source.results"),
        widths=(2.2, 1.7, *(1.6,) * len(years)),
        size="small",
        note=say("structures.note"),
    )


def _switching(table: pd.DataFrame, material: Material, say: Voice) -> Table:
    rows = []
    for name, part in table.groupby("target", sort=False):
        target = next((each for each in material.targets if each.name == name), None)
        label = say.named(say.label(target), target.rung) if target else str(name)
        for row in rows_of(part.head(2)):
            verdict = say(f"switching.{row['verdict']}")
            if is_missing(row["parameter"]):
                rows.append((label, verdict, say("switching.nothing"), "", ""))
                continue
            value, switch = (say.trimmed(float(row[key])) for key in ("value", "switch"))
            way = say.percent(float(row["share_of_way"]))
            move = switch if is_missing(row["value"]) else say("switching.move", value=value, switch=switch)
            rows.append((label, verdict, str(row[f"label_{say.language}"]), move, way))
    heads = ("table.target", "switching.verdict", "switching.assumption", "switching.from_to", "switching.way")
    return Table(
        name="annex_i_switching_values",
        title=say("switching.title"),
        head=tuple(say(key) for key in heads),
        rows=tuple(rows),
        data=table,
        source=say("source.central"),
        rung=", ".join(dict.fromkeys(str(rung) for rung in table["rung"] if rung)),
        units={
            **dict.fromkeys(("value", "switch", "end"), "column parameter_unit"),
            **dict.fromkeys(("quantile", "share_of_way"), "1"),
            "central": "column unit",
            "at_end": "column unit",
        },
        widths=(2.0, 0.8, 2.4, 1.3, 0.9),
        size="small",
        note=say("switching.note"),
    )

"""Questions 1 and 2: will it be reached, and what does the second scenario buy?"""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from vimach.analysis.compare import DIFFERENCE, TOTAL, extra_money
from vimach.analysis.cost import cost_per_additional
from vimach.analysis.definition import RELATED, chance_by_related_share
from vimach.analysis.targets import HORIZONS, assess
from vimach_reports.briefing.blocks import Block, Heading, Paragraph, Picture, Table
from vimach_reports.briefing.facts import (
    Voice,
    chance,
    estimate,
    extra,
    is_missing,
    year_of,
)
from vimach_reports.briefing.material import Material, rows_of
from vimach_reports.briefing.page_one import HEADLINES

COUNTS: Final = (
    "trained_in_programmes", "trained_relabelled", "trained_cumulative", "trained_with_intense", "trained_with_related",
)  # fmt: skip
"""The four nested counts, and the relabelled inside the first."""
PAYERS: Final = (
    "programme_cost", "cost_to_the_state", "cost_to_central_budget", "cost_to_local_budgets", "cost_to_families",
    "cost_to_firms", "cost_to_foreign_partners", "cost_to_the_economy",
)  # fmt: skip
TRAINED: Final = "trained_cumulative"


def edges_of(material: Material) -> list[float]:
    """End 2030 and end 2035, as far as the run goes."""
    return [edge for edge in HORIZONS if edge <= material.horizon]


def figure_or(name: str, drawn: Sequence[str], key: str, say: Voice) -> Block:
    """The figure, or a plain sentence where it was not drawn."""
    return Picture(name) if name in drawn else Paragraph(say("figure.missing", what=say(key)), look="small")


def will_it_be_reached(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """Question 1."""
    blocks: list[Block] = [Heading(say("q1.title"), page=True)]
    told = []
    for variable in HEADLINES[:2]:
        target = material.target_on(variable)
        if target is None:
            continue
        p = say.chances([chance(each, target) for each in (material.base, material.other)])
        told.append(
            say(
                "q1.answer",
                goal=say(f"goal.{variable}", value=say.number(target.value), date=say.edge(target.by)),
                first=say.title(material.base),
                second=say.title(material.other),
                p_first=p[0],
                p_second=p[1],
            )
        )
        told.append(_when(material, target.name, say))
    blocks.append(Paragraph(" ".join(told)))
    if all(name in material.base for name in COUNTS):
        blocks.append(_nested(material, say))
    if RELATED in material.base and material.target_on(TRAINED):
        blocks += _definition(material, say)
    blocks += _movers(material, say)
    return [*blocks, _years(material, say), figure_or("F7_targets", drawn, "figure.targets", say)]


def _when(material: Material, target: str, say: Voice) -> str:
    """If not by its date, when: the median year of the runs, in either scenario."""
    told = []
    for dataset in (material.base, material.other):
        table = assess(dataset, [each for each in material.targets if each.name == target], edges_of(material)[:1])
        median = float(table["year_median"].iloc[0])
        key = "q1.median_year" if median < float("inf") else "q1.never"
        last = str(year_of(material.horizon) - 1)
        told.append(say(key, title=say.title(dataset), year=str(year_of(min(median, 9999.0))), last=last))
    return " ".join(told)


def _nested(material: Material, say: Voice) -> Table:
    """The four nested counts of people trained, side by side."""
    rows, data = [], []
    for name in COUNTS:
        cells = [say(f"count.{name}")]
        for edge in edges_of(material):
            for dataset in (material.base, material.other):
                found = estimate(dataset, name, "person", TRAINED, edge)
                cells.append(say.cell(found))
                about = {"variable": name, "rung": TRAINED, "unit": "person", "edge": edge}
                about |= {"scenario": str(dataset.attrs["scenario"])}
                data.append(about | {"low": found.low, "median": found.median, "high": found.high})
        rows.append(tuple(cells))
    return Table(
        name="q1_counts_of_trained",
        title=say("count.title", rung=say.rung(TRAINED)),
        head=(say("count.head"), *heads(material, say)),
        rows=tuple(rows),
        data=pd.DataFrame(data),
        source=say("source.results"),
        rung=TRAINED,
        widths=(2.2, *(1.0,) * (len(rows[0]) - 1)),
        numeric=len(rows[0]) - 1,
        size="small",
    )


def heads(material: Material, say: Voice) -> list[str]:
    """Column heads: each scenario at each horizon."""
    return [
        say("table.at", title=say.title(each), date=say.edge(edge))
        for edge in edges_of(material)
        for each in (material.base, material.other)
    ]


def _definition(material: Material, say: Voice) -> list[Block]:
    target = material.target_on(TRAINED)
    assert target is not None
    found = [chance_by_related_share(each, target.value, target.by) for each in (material.base, material.other)]
    shares = [float(share) for share in found[0]["share"]]
    rows, data = [], []
    for dataset, chances in zip((material.base, material.other), found, strict=True):
        values = [float(value) for value in chances["probability"]]
        rows.append((say.title(dataset), *say.chances(values)))
        data += [
            {"scenario": str(dataset.attrs["scenario"]), "target": target.name, "rung": TRAINED, "by": target.by}
            | {"share": share, "probability": value}
            for share, value in zip(shares, values, strict=True)
        ]
    by_definition = abs(data[len(shares) - 1]["probability"] - data[0]["probability"])  # type: ignore[operator]
    by_policy = abs(chance(material.other, target) - chance(material.base, target))
    key = "definition.more" if by_definition > by_policy else "definition.less"
    table = Table(
        name="q1_definition",
        title=say("definition.title", value=say.number(target.value), date=say.edge(target.by)),
        head=("", *(say("definition.share", share=say.percent(share)) for share in shares)),
        rows=tuple(rows),
        data=pd.DataFrame(data),
        source=say("source.results"),
        rung=TRAINED,
        widths=(1.4, *(1.0,) * len(shares)),
    )
    return [table, Paragraph(say(key, most=say.percent(max(shares)), second=say.title(material.other)))]


def _movers(material: Material, say: Voice) -> list[Block]:
    """What moves each verdict most, from the table of analysis."""
    table = material.table("movers")
    if table is None:
        return [Paragraph(say("movers.missing"), look="small")]
    told = []
    for _, rows in table.groupby("target", sort=False):
        first, largest = rows.iloc[0], rows[rows["largest"]]
        label = str(first[f"label_{say.language}"])
        if largest.empty:
            told.append(say("movers.nothing", label=label))
            continue
        top = max(rows_of(largest), key=lambda row: abs(float(row["change"])))
        before, after = say.chances([float(top["probability_base"]), float(top["probability"])])
        kind, what = say(f"movers.{top['kind']}"), str(top[f"what_{say.language}"])
        told.append(say("movers.most", label=label, kind=kind, what=what, before=before, after=after))
    return [Paragraph(" ".join(told), say("movers.lead"))]


def _years(material: Material, say: Voice) -> Table:
    """The year in which each target is first reached."""
    rows, data = [], []
    for target in material.due:
        cells = [say.named(say.label(target), target.rung), f"{say.number(target.value)}, {say.edge(target.by)}"]
        for dataset in (material.base, material.other):
            found = assess(dataset, [target], edges_of(material)[:1]).iloc[0]
            ends = [_year(float(found[name]), material, say) for name in ("year_low", "year_median", "year_high")]
            within = say("with_interval", value=ends[1], interval=say("between", low=ends[0], high=ends[2]))
            cells.append(within if len(set(ends)) > 1 else ends[1])
            keep = ("target", "label_en", "label_vi", "rung", "unit", "target_value", "by")
            about = {name: found[name] for name in (*keep, "year_low", "year_median", "year_high", "probability")}
            data.append({"scenario": str(dataset.attrs["scenario"])} | about)
        rows.append(tuple(cells))
    return Table(
        name="q1_years_reached",
        title=say("years.title"),
        head=(say("table.target"), say("years.wanted"), say.title(material.base), say.title(material.other)),
        rows=tuple(rows),
        data=pd.DataFrame(data),
        source=say("source.results"),
        rung=", ".join(dict.fromkeys(each.rung for each in material.targets if each.rung)),
        widths=(2.4, 1.1, 1.4, 1.4),
        size="small",
        note=say("years.note", last=str(year_of(material.horizon) - 1)),
    )


def _year(time: float, material: Material, say: Voice) -> str:
    return str(year_of(time)) if time < float("inf") else say("years.later", last=str(year_of(material.horizon) - 1))


def what_it_buys(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """Question 2."""
    names = {"first": say.title(material.base), "second": say.title(material.other)}
    blocks: list[Block] = [Heading(say("q2.title", **names), page=True), _money(material, say), _payers(material, say)]
    blocks += [figure_or("F2_waterfall", drawn, "figure.waterfall", say), *_attribution(material, say)]
    blocks += [_each(material, say), figure_or("F8_marginal_cost", drawn, "figure.marginal", say)]
    return [*blocks, *_timing(material, say)]


def _money(material: Material, say: Voice) -> Table:
    table = extra_money(material.base, material.other)
    table = table[table["series"] == DIFFERENCE]
    rows = []
    for row in rows_of(table):
        if row["period"] != TOTAL and row["low"] == row["high"] == 0:
            continue
        when = say("money.total") if row["period"] == TOTAL else str(row["period"])
        ends = [say.number(float(row[name]) / 1e9) for name in ("low", "median", "high")]
        rows.append((when, ends[1], say("between", low=ends[0], high=ends[2])))
    return Table(
        name="q2_extra_money",
        title=say("money.title", first=say.title(material.base), second=say.title(material.other)),
        head=(say("money.year"), say("money.median"), say("money.interval")),
        rows=tuple(rows),
        data=table,
        source=say("source.results"),
        widths=(1.0, 1.0, 1.6),
        numeric=2,
        size="small",
        note=say("money.note"),
    )


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
        name="q2_payers",
        title=say("payer.title"),
        head=(say("payer.head"), *until),
        rows=tuple(rows),
        data=pd.DataFrame(data),
        source=say("source.results"),
        widths=(2.0, *(1.2,) * len(until)),
        numeric=len(until),
        size="small",
        note=say("payer.note"),
    )


def _attribution(material: Material, say: Voice) -> list[Block]:
    table = material.table("attribution")
    if table is None:
        return [Paragraph(say("attribution.missing"), look="small")]
    told = []
    groups = table[(table["measure"] == "value") & (table["kind"] == "group")]
    for (_, edge), rows in groups.groupby(["target", "edge"], sort=False):
        target = next((each for each in material.targets if each.name == rows["target"].iloc[0]), None)
        if target is None or target.variable not in HEADLINES[:2]:
            continue
        top = rows.reindex(rows["value"].abs().sort_values(ascending=False).index).head(3)
        parts = [
            say("attribution.part", label=str(row[f"label_{say.language}"]), value=say.count(row["value"], signed=True))
            for row in rows_of(top)
        ]
        label = say.named(say.label(target), target.rung)
        told.append(say("attribution.most", label=label, date=say.edge(float(str(edge))), parts=say.listed(parts)))
    return [Paragraph(" ".join(told), say("attribution.lead"))] if told else []


def _each(material: Material, say: Voice) -> Table:
    """Money for each person more."""
    table = cost_per_additional(material.base, material.other)
    rows = []
    for row in rows_of(table):
        rung = say.rung(str(row["variable"]))
        cells = [say(f"payer.{row['cost']}"), rung, say.edge(float(row["edge"]))]
        if row["estimate"] == row["estimate"]:
            low, high = (say.number(float(row[name]) / 1e6) for name in ("low", "high"))
            value = say.number(float(row["estimate"]) / 1e6)
            cells.append(say("with_interval", value=value, interval=say("between", low=low, high=high)))
        else:
            cells.append(say("each.undefined", p=say.chance(float(row["no_gain"]))))
        rows.append(tuple(cells))
    return Table(
        name="q2_cost_of_each",
        title=say("each.title"),
        head=(say("payer.head"), say("each.who"), say("each.until"), say("each.cost")),
        rows=tuple(rows),
        data=table,
        source=say("source.results"),
        rung=", ".join(dict.fromkeys(str(name) for name in table["variable"])),
        widths=(1.4, 1.4, 0.8, 1.8),
        numeric=1,
        size="small",
        note=say("each.note"),
    )


def _timing(material: Material, say: Voice) -> list[Block]:
    """When each lever still matters."""
    table = material.table("timing")
    if table is None:
        return [Paragraph(say("timing.missing"), look="small")]
    rows = []
    for row in rows_of(table):
        parameter = material.parameters[row["lever"]]
        last = say("timing.too_late") if is_missing(row["last_decision"]) else say.date(float(row["last_decision"]))
        first = say("timing.never") if is_missing(row["first_year"]) else str(int(row["first_year"]))
        moved = [float(row[f"{what}_{year}"]) for year in (2030, 2035) for what in ("trained", "employed")]
        gains = [say.count(value, signed=True) for value in moved]
        rows.append((say.label(parameter), *gains, last, first))
    heads_ = ("trained_2030", "employed_2030", "trained_2035", "employed_2035", "last", "first")
    return [
        Table(
            name="q2_timing",
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
    ]

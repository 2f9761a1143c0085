"""Questions 1 and 2: will it be reached, and what does the second scenario buy?"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from vimach.analysis.compare import COST, DIFFERENCE, TOTAL, extra_money
from vimach.analysis.cost import STATE, cost_per_additional
from vimach.analysis.cost_table import PRICE_YEAR, priced, priced_units, rates
from vimach.analysis.definition import CURVE, RELATED, SHARES, TRAINED, chance_by_related_share
from vimach.analysis.targets import HORIZONS, assess
from vimach.analysis.timing import FELT
from vimach.analysis.verdicts import STRUCTURE
from vimach.parameters.table import Target
from vimach_reports.briefing.blocks import Block, Bullets, Heading, Paragraph, Picture, Table
from vimach_reports.briefing.facts import (
    Voice,
    chance,
    estimate,
    extra,
    gain,
    half_reached,
    is_missing,
    of_target,
    year_of,
)
from vimach_reports.briefing.material import Material, rows_of
from vimach_reports.briefing.page_one import HEADLINES, counted_share, inline

COUNTS: Final = (
    "trained_in_programmes", "trained_relabelled", "trained_cumulative", "trained_with_intense", "trained_with_related",
)  # fmt: skip
"""The four nested counts, and the relabelled inside the first."""
PAYERS: Final = (
    "programme_cost", "cost_to_the_state", "cost_to_central_budget", "cost_to_local_budgets", "cost_to_families",
    "cost_to_firms", "cost_to_foreign_partners", "cost_to_the_economy",
)  # fmt: skip
FEW: Final = 2  # levers named in a sentence; the annex has them all


def edges_of(material: Material) -> list[float]:
    """End 2030 and end 2035, as far as the run goes."""
    return [edge for edge in HORIZONS if edge <= material.horizon]


def figure_or(name: str, drawn: Sequence[str], key: str, say: Voice) -> Block:
    """The figure, or a plain sentence where it was not drawn."""
    return Picture(name) if name in drawn else Paragraph(say("figure.missing", what=say(key)), look="small")


def will_it_be_reached(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """Question 1."""
    blocks: list[Block] = [Heading(say("q1.title"), page=True)]
    found = [target for variable in HEADLINES if (target := material.target_on(variable))]
    blocks += [_answer(material, target, say) for target in found if target.variable in HEADLINES[:2]]
    if all(name in material.base for name in COUNTS):
        blocks.append(_nested(material, say))
    blocks += _definition(material, drawn, say)
    blocks += _movers(material, say)
    return [*blocks, years_table(material, found, "q1_years_reached", say), Paragraph(say("q1.more"), look="small")]


def _answer(material: Material, target: Target, say: Voice) -> Paragraph:
    """A target in both scenarios: the number with its interval, the probability, and if not by its date, when."""
    pair = (material.base, material.other)
    first, second = (of_target(dataset, target, target.by) for dataset in pair)
    p_first, p_second = say.chances([chance(dataset, target) for dataset in pair])
    goal = say(f"goal.{target.variable}", value=say.number(target.value), date=say.edge(target.by))
    told = say(
        "q1.answer", goal=say.named(goal, target.rung), p_first=p_first, p_second=p_second,
        first=say.title(material.base), second=say.title(material.other), run=say.spread(first),
        other=say.spread(second),
    )  # fmt: skip
    return Paragraph(f"{told} {_when(material, target, say)}", look="answer")


def _when(material: Material, target: Target, say: Voice) -> str:
    """By when half of the runs have reached a target, said once where it is the same in both scenarios."""
    pair, last = (material.base, material.other), str(year_of(material.horizon) - 1)
    years = [half_reached(each, target) for each in pair]
    told = [str(year_of(year)) if math.isfinite(year) else "" for year in years]
    if told[0] == told[1]:
        return say("q1.both_years", year=told[0]) if told[0] else say("q1.both_never", last=last)
    return " ".join(
        say("q1.median_year" if year else "q1.never", title=say.title(dataset), year=year, last=last)
        for year, dataset in zip(told, pair, strict=True)
    )


def _nested(material: Material, say: Voice) -> Table:
    """The four nested counts of people trained, side by side."""
    rows, data = [], []
    for name in COUNTS:
        cells = [count_name(name, material, say)]
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


def count_name(name: str, material: Material, say: Voice) -> str:
    """Who a count of COUNTS takes in."""
    return say(f"count.{name}", share=say.percent(counted_share(material)))


def heads(material: Material, say: Voice) -> list[str]:
    """Column heads: each scenario at each horizon."""
    return [
        say("table.at", title=say.title(each), date=say.edge(edge))
        for edge in edges_of(material)
        for each in (material.base, material.other)
    ]


def _definition(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """How far the count of related graduates moves the headline, as a curve; as a table where that was not drawn."""
    table = definition_table(material, say)
    target = material.target_on(TRAINED)
    if table is None or target is None:
        return []
    curve = table.data.loc[table.data["scenario"] == material.base.attrs["scenario"], "probability"]
    by_policy = abs(chance(material.other, target) - chance(material.base, target))
    key = "definition.more" if curve.max() - curve.min() > by_policy else "definition.less"
    shown = Picture("F13_definition") if "F13_definition" in drawn else table
    return [shown, Paragraph(say(key, most=say.percent(max(SHARES)), second=say.title(material.other)))]


def definition_table(material: Material, say: Voice) -> Table | None:
    """The probability of the headline, in words, by the share of related graduates counted; its data are a curve."""
    target = material.target_on(TRAINED)
    if target is None or RELATED not in material.base:
        return None
    shares = list(SHARES)
    rows, data, pair = [], [], (material.base, material.other)
    found = [chance_by_related_share(dataset, target.value, target.by, CURVE) for dataset in pair]
    curves = [dict(zip(map(float, each["share"]), map(float, each["probability"]), strict=True)) for each in found]
    beside = [curve[share] for curve in curves for share in shares]
    for dataset, curve in zip(pair, curves, strict=True):
        rows.append((say.title(dataset), *say.chances([curve[share] for share in shares], beside)))
        about = {"scenario": str(dataset.attrs["scenario"]), "target": target.name, "rung": TRAINED, "by": target.by}
        data += [about | {"share": share, "probability": probability} for share, probability in curve.items()]
    return Table(
        name="definition",
        title=say("definition.title", value=say.number(target.value), date=say.edge(target.by)),
        head=("", *(say("definition.share", share=say.percent(share)) for share in shares)),
        rows=tuple(rows),
        data=pd.DataFrame(data),
        source=say("source.results"),
        rung=TRAINED,
        widths=(1.4, *(1.0,) * len(shares)),
    )


def _movers(material: Material, say: Voice) -> list[Block]:
    """What moves each verdict most, a line a target; a move whose interval holds zero is none."""
    table = material.table("movers")
    if table is None:
        return [Paragraph(say("movers.missing"), look="small")]
    known = {target.name: target for target in material.targets}
    rows = []
    for name, part in table.groupby("target", sort=False):
        target = known.get(str(name))
        label = say.named(say.label(target), target.rung) if target else str(part.iloc[0][f"label_{say.language}"])
        moving = [row for row in rows_of(part[part["largest"]]) if row["change_low"] > 0 or row["change_high"] < 0]
        if not moving:
            rows.append((label, say("movers.nothing"), ""))
            continue
        top = max(moving, key=lambda row: abs(float(row["change"])))
        what = say("movers.what", kind=say(f"movers.{top['kind']}"), what=str(top[f"what_{say.language}"]))
        if top["kind"] == STRUCTURE:
            what = say("movers.drawn", what=what, p=say.chance(float(top["weight"])))
        low, change, high = (say.points(float(top[key])) for key in ("change_low", "change", "change_high"))
        rows.append((label, what, say("with_interval", value=change, interval=say("between", low=low, high=high))))
    members = int(table.attrs.get("members", 0))
    return [
        Table(
            name="q1_movers",
            title=say("movers.title"),
            head=tuple(say(key) for key in ("table.target", "movers.head", "movers.change")),
            rows=tuple(rows),
            data=table,
            source=say("source.results"),
            rung=", ".join(dict.fromkeys(str(rung) for rung in table["rung"] if rung)),
            units={"weight": "1"},
            widths=(2.3, 2.7, 1.1),
            numeric=1,
            size="small",
            note=say("movers.note", members=say.number(members)) if members else "",
        )
    ]


def years_table(material: Material, targets: Sequence[Target], name: str, say: Voice) -> Table:
    """The year in which each of some targets is first reached."""
    rows, data = [], []
    for target in targets:
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
        name=name,
        title=say("years.title"),
        head=(say("table.target"), say("years.wanted"), say.title(material.base), say.title(material.other)),
        rows=tuple(rows),
        data=pd.DataFrame(data),
        source=say("source.results"),
        rung=", ".join(dict.fromkeys(each.rung for each in targets if each.rung)),
        widths=(2.4, 1.1, 1.4, 1.4),
        size="small",
        note=say("years.note", last=str(year_of(material.horizon) - 1)),
    )


def _year(time: float, material: Material, say: Voice) -> str:
    return str(year_of(time)) if time < float("inf") else say("years.later", last=str(year_of(material.horizon) - 1))


def what_it_buys(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """Question 2."""
    names = {"first": say.title(material.base), "second": say.title(material.other)}
    blocks: list[Block] = [Heading(say("q2.title", **names), page=True)]
    blocks += [Paragraph(_bought(material, say), look="answer")]
    blocks += [_money(material, say), _gains(material, say), figure_or("F2_waterfall", drawn, "figure.waterfall", say)]
    points = [_payers(material, say), *_last_dates(material, say), say("q2.more")]
    return [*blocks, Bullets(tuple(point for point in points if point))]


def _bought(material: Material, say: Voice) -> str:
    """What the money buys at the last date and at the first one, on both rungs."""
    targets = [target for variable in HEADLINES[1::-1] if (target := material.target_on(variable))]
    told = []
    for edge in edges_of(material)[::-1]:
        money = extra(material.base, material.other, COST, _years_to(material, edge))
        gains = [
            say("q2.gain", goal=say(f"q2.{target.variable}"), gain=say.spread(found, signed=True))
            for target in targets
            if (found := gain(material.base, material.other, target, edge))
        ]
        key = "q2.answer_more" if money.direction == "up" else "q2.answer_unclear"
        amount = say.money_interval(money, signed=money.direction != "up")
        told.append(say(key, date=say.edge(edge), money=amount, gains=say.listed(gains)))
    return " ".join(told)


def _years_to(material: Material, edge: float) -> list[int]:
    """The calendar years from the forecast origin to an edge."""
    return list(range(year_of(float(material.base.attrs["forecast_origin"])), year_of(edge)))


def _money(material: Material, say: Voice) -> Table:
    """The extra money, a column a year."""
    table = extra_money(material.base, material.other)
    table = table[table["series"] == DIFFERENCE]
    columns = [row for row in rows_of(table) if row["period"] == TOTAL or not row["low"] == row["high"] == 0]
    years = tuple(say("money.total") if row["period"] == TOTAL else str(row["period"]) for row in columns)
    medians = tuple(say.number(float(row["median"]) / 1e9) for row in columns)
    within = "range" if all(row["low"] >= 0 for row in columns) else "between"  # a dash beside a minus is misread
    ends = ({end: say.number(float(row[end]) / 1e9) for end in ("low", "high")} for row in columns)
    return Table(
        name="q2_extra_money",
        title=say("money.title", first=say.title(material.base), second=say.title(material.other)),
        head=(say("money.year"), *years),
        rows=((say("money.median"), *medians), (say("money.interval"), *(say(within, **each) for each in ends))),
        data=priced(table),
        units=priced_units(),
        source=say("source.results"),
        widths=(1.1, *(1.3 if row["period"] == TOTAL else 1.0 for row in columns)),
        numeric=len(columns),
        size="fine",
        note=say("money.note", year=str(PRICE_YEAR)),
    )


def _gains(material: Material, say: Voice) -> Table:
    """What the second scenario has more of, and what the state pays for each person more."""
    pair, edges = (material.base, material.other), edges_of(material)
    rows, data = [], []
    for target in (target for variable in HEADLINES if (target := material.target_on(variable))):
        found = [gain(*pair, target, edge) for edge in edges]
        label = say.named(say.label(target), target.rung)
        rows.append((label, *(say.spread(each, signed=True) for each in found)))
        about = {"what": target.name, "label_en": target.label.en, "label_vi": target.label.vi, "rung": target.rung}
        for each in found:
            ends = {"low": each.low, "median": each.median, "high": each.high}
            data.append(about | {"unit": target.unit, "edge": each.edge} | ends)
    costs = cost_per_additional(*pair, edges=edges)
    costs = costs[costs["cost"] == STATE]
    for rung, part in costs.groupby("variable", sort=False):
        cells = [cost_cell(row, say) for row in rows_of(part)]
        rows.append((say("q2.each", rung=say.rung(str(rung))), *cells))
        for row in rows_of(part):
            about = {"what": STATE, "rung": str(rung), "unit": "VND", "edge": row["edge"]}
            data.append(about | {"low": row["low"], "median": row["estimate"], "high": row["high"]})
    return Table(
        name="q2_gains",
        title=say("q2.gains", first=say.title(material.base), second=say.title(material.other)),
        head=("", *(say.edge(edge) for edge in edges)),
        rows=tuple(rows),
        data=pd.DataFrame(data),
        source=say("source.results"),
        rung=", ".join(dict.fromkeys(str(row["rung"]) for row in data if row["rung"])),
        widths=(2.6, *(1.3,) * len(edges)),
        numeric=len(edges),
        size="small",
        note=say("q2.prices", year=str(PRICE_YEAR), usd=say.number(rates().vnd_per_usd)),
    )


def cost_cell(row: Mapping[str, Any], say: Voice) -> str:
    """The cost of each person more in VND million, or why there is none."""
    if row["estimate"] != row["estimate"]:
        return say("each.undefined", p=say.chance(float(row["no_gain"])))
    low, value, high = (say.count(float(row[name]) / 1e6) for name in ("low", "estimate", "high"))
    return say("with_interval", value=value, interval=say("between", low=low, high=high))


def _payers(material: Material, say: Voice) -> str:
    """Who pays the difference until the end of the run."""
    years = _years_to(material, edges_of(material)[-1])
    parts = [
        say("q2.payer", payer=say(f"payer.{name}"), money=say.billions(found, signed=True))
        for name in PAYERS[2:-1]
        if name in material.base and (found := extra(material.base, material.other, name, years))
    ]
    words = {"date": say.edge(edges_of(material)[-1]), "year": str(PRICE_YEAR), "parts": "; ".join(parts)}
    return say("q2.payers", **words) if parts else ""


def _last_dates(material: Material, say: Voice) -> list[str]:
    """Which levers add nobody by the end of 2030, which must be decided first, and which take people away till then."""
    table = material.table("timing")
    if table is None:
        return [say("timing.missing")]
    labels = {str(row["lever"]): inline(material.parameters[row["lever"]], say) for row in rows_of(table)}
    late = [labels[str(row["lever"])] for row in rows_of(table) if is_missing(row["last_decision"])]
    number, told = say.number(len(table)), []
    if late:
        told.append(say("q2.too_late", number=number, late=say.number(len(late)), labels=_some(late, say)))
    else:
        told.append(say("q2.in_time", number=number))
    dates = sorted({float(date) for date in table["last_decision"].dropna()})
    for date in dates[:1]:
        first = [labels[str(row["lever"])] for row in rows_of(table) if row["last_decision"] == date]
        told.append(say("q2.first_dates", date=say.date(date), labels=_some(first, say)))
    losing = table[table["trained_2030"] <= -FELT].sort_values("trained_2030", kind="stable")
    fewer = [labels[str(lever)] for lever in losing["lever"]]
    if fewer:
        told.append(say("q2.fewer", fewer=say.number(len(fewer)), labels=_some(fewer, say)))
    return [" ".join(told)]


def _some(labels: Sequence[str], say: Voice) -> str:
    """The labels, or of many the first few and how many more there are."""
    if len(labels) <= FEW + 1:
        return say.listed(labels)
    return say.listed([*labels[:FEW], say("q2.others", number=say.number(len(labels) - FEW))])

"""Questions 3 to 6: where is the bottleneck, does supply match demand, what must be true, what under a shock?"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.compare import COST
from vimach.analysis.targets import INTERVAL, Array, at
from vimach_reports.briefing.blocks import Block, Heading, Paragraph, Table
from vimach_reports.briefing.facts import (
    LIKELY,
    Estimate,
    Voice,
    chance,
    estimate,
    extra,
    gain,
    is_missing,
    of_period,
    of_target,
    spread,
    year_of,
)
from vimach_reports.briefing.material import Material, rows_of
from vimach_reports.briefing.page_one import HEADLINES
from vimach_reports.briefing.questions import edges_of, figure_or

WORK: Final = "employed_in_sector"
BESIDE: Final = "beside_ladder"
TOLD: Final = 0.01
"""Share of the base scenario's money from which a change of it under a shock is told."""


def where_is_the_bottleneck(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """Question 3."""
    blocks: list[Block] = [Heading(say("q3.title"), page=True)]
    table = material.table("bottleneck")
    if table is None:
        blocks.append(Paragraph(say("bottleneck.missing"), look="small"))
    else:
        blocks += _bottleneck(table, material, say)
    told = [_posts(material, say)] if {"funded_job_gap", "placement_in_the_country"} <= set(material.base) else []
    if told:
        blocks.append(Paragraph(" ".join(told), say("q3.both_lead")))
    return [*blocks, figure_or("F5_pipeline", drawn, "figure.pipeline", say)]


def _bottleneck(table: pd.DataFrame, material: Material, say: Voice) -> list[Block]:
    origin = year_of(float(material.base.attrs["forecast_origin"]))
    years = [year for year in (origin, 2028, 2030) if year in set(table["year"])]
    whole = table[(table["structure"] == "all") & table["year"].isin(years)]
    rows = []
    for (year, track), part in whole.groupby(["year", "track"], sort=False):
        top = part.sort_values("first", ascending=False, kind="stable").head(3)
        words = say.chances([float(value) for value in top["first"]])
        cells = [
            say("bottleneck.cell", limit=str(limit), p=p)
            for limit, p in zip(top[f"label_{say.language}"], words, strict=True)
        ]
        rows.append((str(year), say(f"track.{track}"), *cells, *[""] * (3 - len(cells))))
    return [
        Table(
            name="q3_bottleneck",
            title=say("bottleneck.title"),
            head=(say("money.year"), say("track.head"), *(say(f"bottleneck.place{place}") for place in (1, 2, 3))),
            rows=tuple(rows),
            data=table,
            source=say("source.results"),
            widths=(0.6, 1.2, 1.8, 1.8, 1.8),
            note=say("bottleneck.note"),
        )
    ]


def _posts(material: Material, say: Voice) -> str:
    """Whether posts stand open and juniors look in vain at the same time."""
    told = []
    for edge in (float(material.base.attrs["forecast_origin"]), *edges_of(material)[:1]):
        open_ = estimate(material.base, "funded_job_gap", "person", "beside_ladder", edge)
        placed = estimate(material.base, "placement_in_the_country", "1", "", edge)
        told.append(
            say(
                "q3.both",
                date=say.edge(edge),
                open=say.spread(open_),
                placed=say(
                    "with_interval",
                    value=say.percent(placed.median),
                    interval=say("between", low=say.percent(placed.low), high=say.percent(placed.high)),
                ),
            )
        )
    return " ".join(told)


def does_supply_match(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """Question 4."""
    blocks: list[Block] = [Heading(say("q4.title"), page=True)]
    if {"engineers", "vacancies"} <= set(material.base):
        blocks += [_by(material, "track", say), _by(material, "experience", say), _by(material, "region", say)]
    if "share_under_five_years" in material.base:
        blocks.append(Paragraph(_young(material, say)))
    blocks.append(figure_or("F3_flow_gap", drawn, "figure.flow", say))
    return [*blocks, figure_or("F4_gap_map", drawn, "figure.heat", say), Paragraph(say("q4.electricity"), look="small")]


def _along(dataset: xr.Dataset, variable: str, keep: str, label: str, edge: float) -> Array:
    """One label of one dimension of a stock, all others summed, at an edge: one number a member."""
    values = dataset[variable].sel({keep: label})
    values = values.sum([dim for dim in values.dims if dim not in ("edge", "member")])
    return at(values.transpose("edge", "member"), edge)


def _estimate(label: str, rung: str, edge: float, values: Array) -> Estimate:
    low, median, high = (float(value) for value in np.quantile(values, INTERVAL))
    return Estimate(label, "person", rung, edge, low, median, high)


def _by(material: Material, dimension: str, say: Voice) -> Table:
    """Engineers, and open posts where they have the dimension, by its labels."""
    origin = float(material.base.attrs["forecast_origin"])
    moments = [origin, *edges_of(material)]
    kinds = [("engineers", WORK)]
    if dimension in material.base["vacancies"].dims:
        kinds.append(("vacancies", BESIDE))
    rows, data = [], []
    for label in (str(each) for each in material.base[dimension].to_numpy()):
        cells = [say(f"{dimension}.{label}")]
        for variable, rung in kinds:
            for edge in moments:
                found = _estimate(variable, rung, edge, _along(material.base, variable, dimension, label, edge))
                cells.append(say.cell(found))
                about = {dimension: label, "variable": variable, "rung": rung, "unit": "person", "edge": edge}
                data.append(about | {"low": found.low, "median": found.median, "high": found.high})
        rows.append(tuple(cells))
    head = [say(f"{dimension}.head")]
    head += [say(f"q4.{variable}", date=say.edge(edge)) for variable, _ in kinds for edge in moments]
    return Table(
        name=f"q4_by_{dimension}",
        title=say(f"q4.by_{dimension}", first=say.title(material.base)),
        head=tuple(head),
        rows=tuple(rows),
        data=pd.DataFrame(data),
        source=say("source.results"),
        rung=", ".join(dict.fromkeys(rung for _, rung in kinds)),
        widths=(1.2, *(1.0,) * (len(head) - 1)),
        numeric=len(head) - 1,
        size="small",
        note=say("q4.regions") if dimension == "region" else "",
    )


def _young(material: Material, say: Voice) -> str:
    """How many are young, now and at the end of 2030: chosen by whether the share falls, stays or rises."""
    origin, later = float(material.base.attrs["forecast_origin"]), edges_of(material)[0]
    shares = [at(material.base["share_under_five_years"].transpose("edge", "member"), edge) for edge in (origin, later)]
    now, then = (float(np.median(share)) for share in shares)
    low, _, high = np.quantile(shares[1] - shares[0], INTERVAL)
    key = "q4.young_up" if low > 0 else "q4.young_down" if high < 0 else "q4.young_same"
    return say(key, now=say.percent(now), then=say.percent(then), date=say.edge(origin), later=say.edge(later))


def what_must_be_true(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """Question 5."""
    blocks: list[Block] = [Heading(say("q5.title"), page=True), Paragraph(_conditions(material, say))]
    table = material.table("switching")
    missing: list[Block] = [Paragraph(say("switching.missing"), look="small")]
    blocks += missing if table is None else _switching(table, material, say)
    indices = material.table("indices")
    missing = [Paragraph(say("indices.missing"), look="small")]
    blocks += missing if indices is None else _indices(indices, say)
    return [*blocks, figure_or("F6_sensitivity", drawn, "figure.tornado", say)]


def _conditions(material: Material, say: Voice) -> str:
    """What each headline target would need, from its distance and the pace."""
    told = []
    origin = float(material.base.attrs["forecast_origin"])
    for variable in HEADLINES:
        target = material.target_on(variable)
        if target is None or target.by <= origin:
            continue
        now, then = of_target(material.base, target, origin), of_target(material.base, target, target.by)
        label, p = say.named(say.label(target), target.rung), chance(material.base, target)
        needed, given = target.value - now.median, then.median - now.median
        if p > LIKELY:
            told.append(say("q5.likely", label=label, p=say.chance(p)))
        elif given > 0:
            ratio = say.number(needed / given, 1)
            told.append(say("q5.short", label=label, ratio=ratio, p=say.chance(p), date=say.edge(target.by)))
        else:
            told.append(say("q5.falls", label=label, p=say.chance(p)))
    return " ".join(told)


def _switching(table: pd.DataFrame, material: Material, say: Voice) -> list[Block]:
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
    return [
        Table(
            name="q5_switching_values",
            title=say("switching.title"),
            head=tuple(say(key) for key in heads),
            rows=tuple(rows),
            data=table,
            source=say("source.central"),
            rung=", ".join(dict.fromkeys(str(rung) for rung in table["rung"] if rung)),
            widths=(2.0, 0.8, 2.4, 1.3, 0.9),
            size="small",
            note=say("switching.note"),
        )
    ]


def _indices(table: pd.DataFrame, say: Voice) -> list[Block]:
    told = []
    first = table["edge"].min()
    for (output, edge), part in table[table["edge"] == first].groupby(["output", "edge"], sort=False):
        top = part[part["factor"] != "others"].head(3)
        parts = [
            say("indices.part", label=str(row[f"label_{say.language}"]), share=say.percent(float(row["total"])))
            for row in rows_of(top)
        ]
        goal = say(f"output.{output}") if output in HEADLINES else str(output)
        told.append(say("indices.most", goal=goal, date=say.edge(float(str(edge))), parts=say.listed(parts)))
    return [Paragraph(" ".join(told), say("indices.lead"))]


def under_a_shock(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """Question 6."""
    blocks: list[Block] = [Heading(say("q6.title"), page=True)]
    if not material.further:
        return [*blocks, Paragraph(say("q6.none", first=say.title(material.base)))]
    targets = [target for name in HEADLINES if (target := material.target_on(name))]
    rows, data = [], []
    for dataset in material.further:
        for edge in edges_of(material):
            cells = [say.title(dataset), say.edge(edge)]
            for target in targets:
                found = gain(material.base, dataset, target, edge)
                cells.append(say.spread(found, signed=True))
                about = {"scenario": str(dataset.attrs["scenario"]), "target": target.name, "rung": target.rung}
                data.append(about | {"unit": target.unit, "edge": edge} | spread("difference", found))
            rows.append(tuple(cells))
    blocks.append(Paragraph(say("q6.intro", first=say.title(material.base))))
    labels = [say.named(say.label(target), target.rung) for target in targets]
    blocks.append(
        Table(
            name="q6_shocks",
            title=say("q6.table"),
            head=(say("q6.scenario"), say("q6.when"), *labels),
            rows=tuple(rows),
            data=pd.DataFrame(data),
            source=say("source.results"),
            rung=", ".join(dict.fromkeys(target.rung for target in targets if target.rung)),
            widths=(1.3, 0.7, *(1.3,) * len(labels)),
            numeric=len(labels),
            size="small",
        )
    )
    return [*blocks, _chances(material, say), Paragraph(_said_of_shocks(material, say))]


def _chances(material: Material, say: Voice) -> Table:
    """The probability of each target in every scenario."""
    rows, data = [], []
    for target in material.due:
        values = [chance(dataset, target) for dataset in material.datasets]
        rows.append((say.named(say.label(target), target.rung), *say.chances(values)))
        for dataset, value in zip(material.datasets, values, strict=True):
            about = {"target": target.name, "label_en": target.label.en, "label_vi": target.label.vi}
            about |= {"rung": target.rung, "scenario": str(dataset.attrs["scenario"])}
            data.append(about | {"by": target.by, "probability": value})
    return Table(
        name="q6_probabilities",
        title=say("q6.chances"),
        head=(say("table.target"), *(say.title(dataset) for dataset in material.datasets)),
        rows=tuple(rows),
        data=pd.DataFrame(data),
        source=say("source.results"),
        rung=", ".join(dict.fromkeys(each.rung for each in material.targets if each.rung)),
        widths=(2.0, *(1.0,) * len(material.datasets)),
        size="small",
    )


def _said_of_shocks(material: Material, say: Voice) -> str:
    """For each scenario, whether it clearly lowers, raises or leaves the engineers employed at the end of 2030."""
    target = material.target_on(WORK)
    if target is None:
        return ""
    told = []
    for dataset in material.further:
        found = gain(material.base, dataset, target, target.by)
        about = {"title": say.title(dataset), "gain": say.spread(found, signed=True), "date": say.edge(target.by)}
        key = "q6.none_moved" if found.direction == "none" else f"q6.{found.direction}"
        told.append(say(key, **(about if found.direction != "none" else {"title": about["title"]})))
        years = [int(year) for year in material.base["period"].to_numpy()]
        spent, whole = extra(material.base, dataset, COST, years), of_period(material.base, COST, years)
        if spent.direction in ("up", "down") and abs(spent.median) > TOLD * whole.median:
            told.append(say("q6.money", title=say.title(dataset), money=say.money_interval(spent, signed=True)))
    return " ".join(told)

"""Question 6: what happens under a shock?"""

import json
from typing import Final

import pandas as pd
import xarray as xr

from vimach.analysis.compare import COST
from vimach.analysis.cost_table import PRICE_YEAR
from vimach.parameters.table import Target
from vimach_reports.briefing.annexes import settings
from vimach_reports.briefing.blocks import Block, Bullets, Heading, Paragraph, Table
from vimach_reports.briefing.facts import Voice, chance, extra, gain, spread, year_of
from vimach_reports.briefing.material import Material
from vimach_reports.briefing.page_one import HEADLINES
from vimach_reports.briefing.questions import edges_of

WORK: Final = "employed_in_sector"


def under_a_shock(material: Material, say: Voice) -> list[Block]:
    """Question 6."""
    blocks: list[Block] = [Heading(say("q6.title"), page=True)]
    if not material.further:
        return [*blocks, Paragraph(say("q6.none", first=say.title(material.base))), _chances(material, say)]
    target = material.target_on(WORK)
    if target is not None:
        blocks.append(Paragraph(_worst(material, target, say), look="answer"))
    blocks.append(Heading(say("q6.assumed"), 2))
    blocks.append(Bullets(tuple(_assumed(dataset, say) for dataset in material.further)))
    return [*blocks, *_settings(material, say), _differences(material, say), _chances(material, say)]


def _worst(material: Material, target: Target, say: Voice) -> str:
    """Which scenario costs most engineers employed by the date of the target, if any does so clearly."""
    found = [(gain(material.base, dataset, target, target.by), dataset) for dataset in material.further]
    worst, dataset = min(found, key=lambda each: each[0].median)
    if worst.direction != "down":
        return say("q6.no_loss", first=say.title(material.base), date=say.edge(target.by))
    words = {"date": say.edge(target.by), "rung": say.rung(target.rung), "gain": say.spread(worst, signed=True)}
    values = [chance(each, target) for each in (material.base, dataset)]
    before, after = say.chances(values)
    key = "q6.answer" if before != after else "q6.answer_same"
    goal = say(f"goal.{target.variable}", value=say.number(target.value), date=say.edge(target.by))
    return say(key, title=say.title(dataset), goal=goal, before=before, after=after, **words)


def _assumed(dataset: xr.Dataset, say: Voice) -> str:
    """What a scenario is about, as its file says."""
    because = str(json.loads(str(dataset.attrs["scenario_text"]))["because"])
    return say("q6.assumes", title=say.title(dataset), because=say.reason(because))


def _settings(material: Material, say: Voice) -> list[Block]:
    """What each further scenario sets beyond the first, with the reason that its file gives."""
    rows, data = [], []
    for dataset in material.further:
        decisions = material.decisions(dataset)
        data.append(decisions)
        for (name, because), part in decisions.groupby(["parameter", "because"], sort=False):
            parameter = material.parameters[str(name)]
            told = settings(part, parameter, say)
            rows.append((say.title(dataset), say.label(parameter), told, say.reason(str(because))))
    table = Table(
        name="q6_settings",
        title=say("q6.settings", first=say.title(material.base)),
        head=tuple(say(key) for key in ("q6.scenario", "assumption.label", "lever.set", "overrides.because")),
        rows=tuple(rows),
        data=pd.concat(data),
        source=say("source.scenario"),
        widths=(1.0, 1.7, 1.4, 2.9),
        size="fine",
    )
    return [table] if rows else []


def _differences(material: Material, say: Voice) -> Table:
    """What each further scenario has more or less of than the first."""
    targets = [target for name in HEADLINES if (target := material.target_on(name))]
    rows, data = [], []
    origin = year_of(float(material.base.attrs["forecast_origin"]))
    for dataset in material.further:
        for edge in edges_of(material):
            cells = [say.title(dataset), say.edge(edge)]
            for target in targets:
                found = gain(material.base, dataset, target, edge)
                cells.append(say.spread(found, signed=True))
                about = {"scenario": str(dataset.attrs["scenario"]), "target": target.name, "rung": target.rung}
                data.append(about | {"unit": target.unit, "edge": edge} | spread("difference", found))
            money = extra(material.base, dataset, COST, list(range(origin, year_of(edge))))
            about = {"scenario": str(dataset.attrs["scenario"]), "target": COST, "rung": ""}
            data.append(about | {"unit": "VND", "edge": edge} | spread("difference", money))
            rows.append((*cells, say.billions(money, signed=True)))
    labels = [say.named(say.label(target), target.rung) for target in targets]
    return Table(
        name="q6_shocks",
        title=say("q6.table", first=say.title(material.base)),
        head=(say("q6.scenario"), say("q6.when"), *labels, say("q6.money")),
        rows=tuple(rows),
        data=pd.DataFrame(data),
        source=say("source.results"),
        rung=", ".join(dict.fromkeys(target.rung for target in targets if target.rung)),
        widths=(1.1, 0.7, *(1.2,) * len(labels), 1.2),
        numeric=len(labels) + 1,
        size="small",
        note=say("q6.note", year=str(PRICE_YEAR)),
    )


def _chances(material: Material, say: Voice) -> Table:
    """The probability of each target in every scenario."""
    rows, data = [], []
    every = {target.name: [chance(dataset, target) for dataset in material.datasets] for target in material.due}
    beside = [value for values in every.values() for value in values]
    for target in material.due:
        values = every[target.name]
        rows.append((say.named(say.label(target), target.rung), *say.chances(values, beside)))
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

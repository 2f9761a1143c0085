"""Page 2: every official figure in use beside ours, and the pace that was kept, is needed and was kept last year."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import pandas as pd
import yaml

from vimach.analysis.targets import HORIZONS, INTERVAL, at, headline, quantiles
from vimach_reports import catalogue
from vimach_reports.briefing.blocks import Block, Heading, Paragraph, Table
from vimach_reports.briefing.facts import Estimate, Voice, estimate, of_target, spread
from vimach_reports.briefing.material import Material
from vimach_reports.briefing.page_one import HEADLINES

LADDER: Final = {
    "admitted_related": "admitted_to_related_majors",
    "enrolled_dedicated": "enrolled_dedicated",
    "trained_cumulative": "trained_cumulative",
    "hired_first_job": "hired_first_job",
    "employed_in_sector": "employed_in_sector",
    "retained_two_years": "retained_two_years",
}
"""Each rung and the variable that counts it."""


@cache
def read(name: str) -> Mapping[str, Mapping[str, Any]]:
    """A register that lies beside this module: name -> fields."""
    found = yaml.safe_load(files("vimach_reports.briefing").joinpath(f"{name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


@dataclass(frozen=True)
class Reconciled:
    """One official figure, and ours at the same moment."""

    name: str
    value: float
    time: float
    published: str
    ours: Estimate

    @property
    def gap(self) -> Estimate:
        """The official figure less ours."""
        ends = (self.value - end for end in (self.ours.high, self.ours.median, self.ours.low))
        return Estimate(self.name, self.ours.unit, self.ours.rung, self.time, *ends)

    @property
    def place(self) -> str:
        """Where the official figure lies: inside our interval, above or below it."""
        return "below" if self.value < self.ours.low else "above" if self.value > self.ours.high else "inside"


def reconciled(material: Material) -> list[Reconciled]:
    """Every figure of official_figures.yaml; BadInput if its row is not in the evidence."""
    found = []
    for name, figure in read("official_figures").items():
        row = material.row(figure["rows"][0])
        time, values = float(row["year"]), material.base[figure["variable"]]
        edge = float(int(time) + 1) if "period" in values.dims else time  # a year's sum stands at its end
        ours = estimate(material.base, figure["variable"], figure["unit"], figure["rung"], edge)
        found.append(Reconciled(name, float(row["value"]), time, str(row["published_as"]), ours))
    return found


def page_two(material: Material, say: Voice) -> list[Block]:
    """The reconciliation and the pace."""
    return [
        Heading(say("official.title"), page=True),
        Paragraph(say("official.intro", first=say.title(material.base))),
        _figures(material, say),
        Heading(say("ladder.title"), 2),
        _ladder(material, say),
        Heading(say("pace.title"), 2),
        *_pace(material, say),
    ]


def _figures(material: Material, say: Voice) -> Table:
    rows, data = [], []
    for each in reconciled(material):
        figure = read("official_figures")[each.name]
        words = {key: str(figure[key][say.language]) for key in ("what", "who", "counts", "difference")}
        when = catalogue.month(each.time, say.language)
        ours = say.named(say.cell(each.ours), each.ours.rung)
        rows.append(
            (
                f"{say.number(each.value)} {words['what']}",
                say("official.who", office=words["who"], moment=when, published=say.day(each.published)),
                words["counts"],
                ours,
                say(
                    "official.sum",
                    gap=say.spread(each.gap, signed=True),
                    place=say(f"official.{each.place}"),
                    difference=words["difference"],
                ),
            )
        )
        data.append(
            {"figure": each.name, "label_en": figure["what"]["en"], "label_vi": figure["what"]["vi"]}
            | {"official": each.value, "unit": each.ours.unit, "time": each.time, "published": each.published}
            | {"variable": each.ours.label, "rung": each.ours.rung, "row": figure["rows"][0]}
            | {name.removeprefix("ours_"): value for name, value in spread("ours", each.ours).items()}
            | spread("difference", each.gap)
        )
    head = ("official.figure", "official.said", "official.counts", "official.ours", "official.difference")
    return Table(
        name="page2_official_figures",
        title="",
        head=tuple(say(key) for key in head),
        rows=tuple(rows),
        data=pd.DataFrame(data),
        source=say("source.evidence"),
        rung=", ".join(dict.fromkeys(str(row["rung"]) for row in data if row["rung"])),
        widths=(1.0, 1.35, 1.6, 1.35, 1.9),
        note=say("official.note"),
        size="small",
    )


def _ladder(material: Material, say: Voice) -> Table:
    """Every rung of the ladder, at the forecast origin and at each horizon, in both scenarios."""
    origin = float(material.base.attrs["forecast_origin"])
    moments = [(origin, material.base)]
    pair = (material.base, material.other)
    moments += [(edge, each) for edge in HORIZONS if edge <= material.horizon for each in pair]
    rows, data = [], []
    for rung, variable in LADDER.items():
        if variable not in material.base:
            continue
        cells = [say.rung(rung)]
        for edge, dataset in moments:
            found = estimate(dataset, variable, "person", rung, edge)
            cells.append(say.cell(found))
            about = {"variable": variable, "rung": rung, "unit": "person", "edge": edge}
            about |= {"scenario": str(dataset.attrs["scenario"])}
            data.append(about | {"low": found.low, "median": found.median, "high": found.high})
        rows.append(tuple(cells))
    head = (say("table.at", title=say.title(dataset), date=say.edge(edge)) for edge, dataset in moments)
    return Table(
        name="page2_ladder",
        title="",
        head=(say("ladder.rung"), *head),
        rows=tuple(rows),
        data=pd.DataFrame(data),
        source=say("source.results"),
        rung=", ".join(LADDER),
        widths=(1.7, *(1.2,) * len(moments)),
        numeric=len(moments),
        note=say("ladder.note"),
        size="small",
    )


def _pace(material: Material, say: Voice) -> list[Block]:
    origin = float(material.base.attrs["forecast_origin"])
    rows, data, told = [], [], []
    for variable in HEADLINES:
        target = material.target_on(variable)
        if target is None or target.by <= origin:
            continue
        values = headline(material.base, target)
        steps = {
            "last": at(values, origin) - at(values, origin - 1),
            "next": (at(values, target.by) - at(values, origin)) / (target.by - origin),
        }
        about = (target.label.en, target.unit, target.rung, origin)
        last, ahead = (Estimate(*about, *(float(v) for v in quantiles(step, INTERVAL, ""))) for step in steps.values())
        done = of_target(material.base, target, origin)
        pace = (target.value - at(values, origin)) / (target.by - origin)
        needed = Estimate(*about, *(float(v) for v in quantiles(pace, INTERVAL, "")))
        label = say.named(say.label(target), target.rung)
        rows.append((label, say.cell(done), *map(say.cell, (last, ahead, needed))))
        data.append(
            {"target": target.name, "label_en": target.label.en, "label_vi": target.label.vi, "rung": target.rung}
            | {"unit": target.unit, "target_value": target.value, "by": target.by, "edge": origin}
            | spread("done", done) | spread("last_year", last) | spread("model", ahead) | spread("needed", needed)
        )  # fmt: skip
        if needed.low > 0 and last.low > 0:
            low, ratio, high = np.quantile(pace / steps["last"], INTERVAL)
            within = say("between", low=say.number(low, 1), high=say.number(high, 1))
            times = say("with_interval", value=say.number(ratio, 1), interval=within)
            told.append(say("pace.ratio", label=say.label(target), needed=say.spread(needed), ratio=times))
        elif needed.high <= 0:
            told.append(say("pace.done", label=say.label(target)))
    year = str(int(origin) - 1)
    head = (
        say("table.target"),
        say("pace.stands", date=say.edge(origin)),
        say("pace.last", year=year),
        say("pace.model", title=say.title(material.base)),
        say("pace.needed"),
    )
    table = Table(
        name="page2_pace",
        title="",
        head=head,
        rows=tuple(rows),
        data=pd.DataFrame(data),
        source=say("source.results"),
        rung=", ".join(dict.fromkeys(str(row["rung"]) for row in data if row["rung"])),
        widths=(2.2, 1.3, 1.3, 1.3, 1.3),
        numeric=4,
        note=say("pace.note", date=say.edge(origin)),
    )
    return [table, Paragraph(" ".join(told))]

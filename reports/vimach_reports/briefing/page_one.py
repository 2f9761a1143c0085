"""Page 1: one sentence, the sum by hand, the fan, a table, what is added, what it costs and leaves, three caveats."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Final

import pandas as pd
import xarray as xr

from vimach.analysis.compare import COST, DIFFERENCE, FIRST, SECOND, compare
from vimach.analysis.cost import STATE, cost_per_additional
from vimach.analysis.cost_table import PRICE_YEAR
from vimach.analysis.definition import RELATED, chance_by_related_share
from vimach.analysis.targets import HORIZONS
from vimach.parameters.table import Parameter, Target
from vimach.posterior import CALIBRATED
from vimach_reports import catalogue
from vimach_reports.briefing.blocks import Block, Paragraph, Picture, Table
from vimach_reports.briefing.facts import FELT, LIKELY, Voice, chance, extra, gain, half_reached, of_target, year_of
from vimach_reports.briefing.material import Material, rows_of
from vimach_reports.fan import NAME as FAN

HEADLINES: Final = ("trained_cumulative", "employed_in_sector", "design_firms_active", "atp_plants_operating")
OFFICIAL: Final = "semiconductor_engineers_employed_vn_2025p6"
"""The row that the page starts from: engineers, design and packaging together, without technicians."""
GROWTH: Final = 0.11  # a year, of the sum by hand
COUNTED_SHARE: Final = "related_graduates_counted_share"
OLD: Final = 0.75  # years after which the age of the newest count is the first caveat
DECISIONS: Final = 4  # decisions named of one date; the annex has them all
NAMED: Final = 4  # targets named as not improved


def page_one(material: Material, say: Voice) -> list[Block]:
    """The whole page."""
    found = [target for name in HEADLINES if (target := material.target_on(name))]
    return [
        Paragraph(_sentence(material, say), look="lead"),
        Paragraph(_by_hand(material, say), say("hand.lead"), look="formula"),
        Picture(FAN),
        _table(material, found, say),
        Paragraph(_changes(material, found, say), say(_lead(material, found)), "tight"),
        Paragraph(_costs(material, say), say("costs.lead"), "tight"),
        Paragraph(_unmoved(material, say), say("unmoved.lead"), "tight"),
        Paragraph(_decisions(material, say), say("decisions.lead"), "tight"),
        Paragraph(_caveats(material, say), say("caveats.lead"), "tight"),
    ]


def _sentence(material: Material, say: Voice) -> str:
    row = material.row(OFFICIAL)
    start = say(
        "sentence.start",
        official=say.number(float(row["value"])),
        when=catalogue.month(float(row["year"]), say.language),
    )
    due = [target for variable in HEADLINES[:2] if (target := material.target_on(variable))]
    chances = [chance(dataset, target) for target in due for dataset in (material.base, material.other)]
    if len(due) == 2 and max(chances) <= LIKELY:
        clauses = [say("verdict.nothing", one=_goal(due[0], say), two=_goal(due[1], say))]
    else:
        clauses = [_verdict(material, target, say) for target in due]
    return say("sentence.whole", start=start, clauses="; ".join(clauses))


def _goal(target: Target, say: Voice) -> str:
    return say(f"goal.{target.variable}", value=say.number(target.value), date=say.edge(target.by))


def _verdict(material: Material, target: Target, say: Voice) -> str:
    """In which of the two scenarios a target is more likely than not."""
    goal = _goal(target, say)
    likely = [dataset for dataset in (material.base, material.other) if chance(dataset, target) > LIKELY]
    if len(likely) == 1:
        return say("verdict.only", goal=goal, title=say.title(likely[0]))
    return say("verdict.both" if likely else "verdict.neither", goal=goal)


def _by_hand(material: Material, say: Voice) -> str:
    row = material.row(OFFICIAL)
    target = material.target_on("employed_in_sector")
    by = target.by if target else HORIZONS[0]
    start, years = float(row["value"]), by - float(row["year"])
    sum_ = start * (1 + GROWTH) ** years
    told = say(
        "hand.sum",
        start=say.number(start),
        factor=say.number(1 + GROWTH, 2),
        years=say.number(years, 1),
        result=say.count(sum_),
        date=say.edge(by),
        growth=say.percent(GROWTH),
    )
    if target is None:
        return told
    needed = (target.value / start) ** (1 / years) - 1
    run = of_target(material.base, target, by)
    place = "below" if sum_ < run.low else "above" if sum_ > run.high else "inside"
    return " ".join(
        (
            told,
            say("hand.needed", value=say.number(target.value), growth=say.percent(needed)),
            say(f"hand.{place}", title=say.title(material.base), run=say.spread(run)),
        )
    )


def _lead(material: Material, targets: Sequence[Target]) -> str:
    gains = [gain(material.base, material.other, each, material.horizon).median for each in targets]
    return "changes.adds" if min(gains, default=0) >= 0 < max(gains, default=0) else "changes.lead"


def _changes(material: Material, targets: Sequence[Target], say: Voice) -> str:
    parts = []
    for target in targets:
        told = []
        for edge in HORIZONS:
            if edge <= material.horizon:
                found = gain(material.base, material.other, target, edge)
                told.append(say("changes.at", date=say.edge(edge), gain=say.spread(found, signed=True)))
        parts.append(say("changes.part", label=_short(target, say), told=", ".join(told)))
    names = {"first": say.title(material.base), "second": say.title(material.other)}
    return say("changes.whole", parts="; ".join(parts), **names)


def _costs(material: Material, say: Voice) -> str:
    years = [int(year) for year in material.base["period"].to_numpy() if year >= year_of(_origin(material))]
    until = year_of(HORIZONS[0]) - 1
    total = extra(material.base, material.other, COST, years)
    if total.direction != "up":
        return say("costs.unclear", total=say.money_interval(total, signed=True), date=say.edge(material.horizon))
    early = extra(material.base, material.other, COST, [year for year in years if year <= until])
    told = [
        say(
            "costs.more",
            year=str(PRICE_YEAR),
            total=say.money_interval(total),
            date=say.edge(material.horizon),
            early=say.money_interval(early),
            soon=say.edge(HORIZONS[0]),
        )
    ]
    rows = cost_per_additional(material.base, material.other, ["employed_in_sector"], [material.horizon])
    for row in rows_of(rows[rows["cost"] == STATE]):
        head = say.rung("employed_in_sector")
        if row["estimate"] == row["estimate"]:
            ends = say("between", low=say.count(row["low"] / 1e6), high=say.count(row["high"] / 1e6))
            cost = say("with_interval", value=say.count(row["estimate"] / 1e6), interval=ends)
            told.append(say("costs.each", rung=head, date=say.edge(row["edge"]), cost=cost))
        else:
            p = say.chance(float(row["no_gain"]))
            told.append(say("costs.undefined", rung=head, date=say.edge(row["edge"]), p=p))
    return " ".join(told)


def _origin(material: Material) -> float:
    return float(material.base.attrs["forecast_origin"])


def _unmoved(material: Material, say: Voice) -> str:
    """The targets whose probability the second scenario leaves where it was, the least likely ones first."""
    found = []
    for target in material.due:
        before, after = (chance(dataset, target) for dataset in (material.base, material.other))
        if after - before < FELT and before <= 0.95 and _same_words(before, after, say):
            found.append((before, after, target))
    order = {name: place for place, name in enumerate(HEADLINES)}
    found.sort(key=lambda each: (order.get(each[2].variable, len(order)), each[0]))
    if not found:
        return say("unmoved.none", second=say.title(material.other))
    parts = [
        say("unmoved.part", label=_short(target, say), value=say.number(target.value), p=say.chance(before))
        for before, _, target in found[:NAMED]
    ]
    more = len(found) - NAMED
    tail = say("unmoved.more", number=say.number(more)) if more > 0 else ""
    felt = say.trimmed(100 * FELT)
    return say("unmoved.whole", second=say.title(material.other), felt=felt, parts="; ".join(parts) + tail)


def _same_words(before: float, after: float, say: Voice) -> bool:
    """Whether the change is none that words tell; a fall counts as no improvement."""
    one, two = say.chances([before, after])
    return one == two or after < before


def _decisions(material: Material, say: Voice) -> str:
    decisions = material.decisions()
    parts = []
    for starts, rows in decisions.groupby("starts", sort=True, dropna=False):
        names = dict.fromkeys(str(name) for name in rows["parameter"])
        labels = [inline(material.parameters[name], say) for name in names]
        key = "decisions.always" if pd.isna(starts) else "decisions.from"
        when = "" if pd.isna(starts) else say.date(float(str(starts)))
        shown = labels if len(labels) <= DECISIONS + 1 else labels[:DECISIONS]
        if len(shown) < len(labels):
            shown = [*shown, say("decisions.more", number=say.number(len(labels) - len(shown)))]
        parts.append(say(key, when=when, number=say.number(len(labels)), labels=say.listed(shown)))
    if not parts:
        return say("decisions.none", second=say.title(material.other))
    return " ".join(parts) + _milestones(material, say)


def _milestones(material: Material, say: Voice) -> str:
    """The dates of what one firm or nobody has measured: years, no probabilities."""
    parts = [
        say("milestones.part", label=say.label(target), year=median_year(material.base, target, say))
        for target in material.judged
    ]
    return " " + say("milestones.whole", first=say.title(material.base), parts="; ".join(parts)) if parts else ""


def median_year(dataset: xr.Dataset, target: Target, say: Voice) -> str:
    """The year by which half of the runs have reached a target, or that they do not within the run."""
    middle = half_reached(dataset, target)
    last = str(year_of(float(dataset["edge"].to_numpy()[-1])) - 1)
    return str(year_of(middle)) if math.isfinite(middle) else say("years.later", last=last)


def inline(parameter: Parameter, say: Voice) -> str:
    """A label inside a sentence: its first letter small, unless it begins an abbreviation."""
    label = say.label(parameter)
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _caveats(material: Material, say: Voice) -> str:
    return " ".join(f"({place}) {words}" for place, words in enumerate(caveats(material, say), 1))


def caveats(material: Material, say: Voice) -> list[str]:
    """Three at most: the age of the newest count if old, the share of judgment, whose reading; else the status."""
    attrs = material.base.attrs
    found = []
    newest = attrs.get("newest_stock_count")
    if newest is not None and age_of_counts(material) > OLD:
        months = say.number(12 * age_of_counts(material))
        found.append(
            say(
                "caveats.age",
                month=catalogue.month(float(newest), say.language),
                months=months,
                vintage=catalogue.day(str(attrs["data_vintage"]), say.language),
            )
        )
    share, number = say.percent(material.judgment_share()), say.number(len(material.parameters))
    found.append(say("caveats.judgment", share=share, number=number))
    found.append(_reading(material, say))
    if not str(attrs["calibration"]).startswith(CALIBRATED):
        found.append(say("caveats.status", status=catalogue.calibration(material.base, say.language)))
    return found[:3]


def age_of_counts(material: Material) -> float:
    """Years from the newest stock count to the date of the data."""
    vintage = date.fromisoformat(str(material.base.attrs["data_vintage"]))
    moment = vintage.year + (vintage.timetuple().tm_yday - 1) / 365.25
    return moment - float(material.base.attrs.get("newest_stock_count", moment))


def _reading(material: Material, say: Voice) -> str:
    """Whose reading is counted, and what another one would give."""
    target = material.target_on("trained_cumulative")
    if target is None or RELATED not in material.base:
        return say("caveats.reading")
    own = counted_share(material)
    found = rows_of(chance_by_related_share(material.base, target.value, target.by, (own, 2 * own)))
    words = say.chances([float(row["probability"]) for row in found])
    shares, chances = say.either([say.percent(float(row["share"])) for row in found]), say.either(words)
    about = {"goal": _goal(target, say), "title": say.title(material.base)}
    return say("caveats.reading_and", shares=shares, p=chances, **about)


def counted_share(material: Material) -> float:
    """The share of graduates of related majors that the widest count of people trained takes in."""
    number = material.parameters[COUNTED_SHARE].number
    assert number is not None
    return number


def _table(material: Material, targets: Sequence[Target], say: Voice) -> Table:
    edges = [edge for edge in HORIZONS if edge <= material.horizon]
    head = [say("table.target")]
    for edge in edges:
        head += [
            say("table.at", title=say.title(each), date=say.edge(edge)) for each in (material.base, material.other)
        ]
    head += [say("table.chance", title=say.title(dataset)) for dataset in (material.base, material.other)]
    rows, pair = [], (material.base, material.other)
    for target in targets:
        label = say("table.wanted", label=_short(target, say), value=say.number(target.value), date=say.edge(target.by))
        cells = [say.named(label, target.rung)]
        cells += [say.cell(of_target(each, target, edge)) for edge in edges for each in pair]
        cells += say.chances([chance(each, target) for each in pair])
        rows.append(tuple(cells))
    data = compare(material.base, material.other, targets)
    return Table(
        name="page1_targets",
        title=say("table.title"),
        head=tuple(head),
        rows=tuple(rows),
        data=data[data["series"].isin([FIRST, SECOND, DIFFERENCE])],
        source=say("source.results"),
        rung=", ".join(dict.fromkeys(target.rung for target in targets if target.rung)),
        widths=(2.3, *(1.05,) * (2 * len(edges)), 1.1, 1.1),
        size="fine",
        note=say("table.note", reading=catalogue.text("reading.ours", say.language)),
    )


def _short(target: Target, say: Voice) -> str:
    return say.label(target)

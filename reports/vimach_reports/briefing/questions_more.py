"""Questions 3 to 5: where is the bottleneck, does supply match demand, what must be true?"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.switching import MISSED, REACHED
from vimach.analysis.targets import INTERVAL, Array, at, headline
from vimach.analysis.verdicts import SWITCHES
from vimach.posterior import CALIBRATED
from vimach_reports.briefing.blocks import Block, Bullets, Heading, Paragraph, Table
from vimach_reports.briefing.facts import (
    LIKELY,
    Estimate,
    Voice,
    chance,
    estimate,
    is_missing,
    year_of,
)
from vimach_reports.briefing.material import Material
from vimach_reports.briefing.page_one import HEADLINES
from vimach_reports.briefing.questions import edges_of, figure_or
from vimach_reports.hindcast import MODEL, hindcast_table

WORK: Final = "employed_in_sector"
BESIDE: Final = "beside_ladder"
YOUNG: Final = "share_engineers_under_5y_experience_vn_2025"
"""The row that counts how many design engineers are young: one firm's, the only one there is."""
YOUNG_SERIES: Final = "design_share_under_five_years"
SOON: Final = 2028
"""The year beside this one whose bottleneck is asked for."""


def where_is_the_bottleneck(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """Question 3."""
    blocks: list[Block] = [Heading(say("q3.title"), page=True)]
    table = material.table("bottleneck")
    if table is None:
        blocks.append(Paragraph(say("bottleneck.missing"), look="small"))
    else:
        blocks += [Paragraph(_tightest(table, material, say), look="answer"), _bottleneck(table, material, say)]
    points = [_undecided(table, say)] if table is not None else []
    if {"funded_job_gap", "placement_in_the_country"} <= set(material.base):
        points.append(_posts(material, say))
    return [*blocks, figure_or("F5_pipeline", drawn, "figure.pipeline", say), Bullets(tuple(points))]


def binding_years(table: pd.DataFrame, material: Material) -> list[int]:
    """The years whose limits are told: that of the forecast origin, 2028 and 2030."""
    origin = year_of(float(material.base.attrs["forecast_origin"]))
    return [year for year in (origin, SOON, 2030) if year in set(table["year"])]


def tightest(part: pd.DataFrame, say: Voice) -> tuple[str, float]:
    """The limit that most often cuts most, and in which share of runs."""
    top = part.sort_values("first", ascending=False, kind="stable").iloc[0]
    return str(top[f"label_{say.language}"]), float(top["first"])


def _tightest(table: pd.DataFrame, material: Material, say: Voice) -> str:
    told, beside = [], [share for _, _, part in _limits(table, material) for share in part["first"]]
    for year in binding_years(table, material)[:2]:
        whole = table[(table["structure"] == "all") & (table["year"] == year)]
        found = [(str(track), tightest(part, say)) for track, part in whole.groupby("track", sort=False)]
        words = say.chances([share for _, (_, share) in found], beside)
        parts = [
            say("q3.part", track=say(f"track.{track}"), limit=limit[:1].lower() + limit[1:], p=p)
            for (track, (limit, _)), p in zip(found, words, strict=True)
        ]
        told.append(say("q3.answer", year=str(year), parts="; ".join(parts)))
    return " ".join(told)


def _undecided(table: pd.DataFrame, say: Voice) -> str:
    """Whether the tightest limit of 2028 hangs on a structure that no evidence settles for sure."""
    soon = table[table["year"] == SOON]
    same: list[str] = []
    other: list[str] = []
    for track, part in soon.groupby("track", sort=False):
        limits = {tightest(each, say)[0] for _, each in part.groupby("structure", sort=False)}
        (same if len(limits) == 1 else other).append(say(f"track.{track}"))
    if not other:
        return say("q3.same", year=str(SOON))
    key = "q3.other" if same else "q3.all_other"
    return say(key, year=str(SOON), other=say.listed(other), same=say.listed(same))


def _limits(table: pd.DataFrame, material: Material) -> list[tuple[int, str, pd.DataFrame]]:
    """The three limits that most often cut most, for each year that is told and each track."""
    whole = table[(table["structure"] == "all") & table["year"].isin(binding_years(table, material))]
    return [
        (int(part["year"].iloc[0]), str(part["track"].iloc[0]), part.nlargest(3, "first"))
        for _, part in whole.groupby(["year", "track"], sort=False)
    ]


def _bottleneck(table: pd.DataFrame, material: Material, say: Voice) -> Table:
    rows, limits = [], _limits(table, material)
    beside = [share for _, _, top in limits for share in top["first"]]
    for year, track, top in limits:
        words = say.chances(list(top["first"]), beside)
        cells = [
            say("bottleneck.cell", limit=str(limit), p=p)
            for limit, p in zip(top[f"label_{say.language}"], words, strict=True)
        ]
        rows.append((str(year), say(f"track.{track}"), *cells, *[""] * (3 - len(cells))))
    return Table(
        name="q3_bottleneck",
        title=say("bottleneck.title"),
        head=(say("money.year"), say("track.head"), *(say(f"bottleneck.place{place}") for place in (1, 2, 3))),
        rows=tuple(rows),
        data=table,
        source=say("source.results"),
        widths=(0.4, 1.4, 1.85, 1.85, 1.9),
        size="small",
        note=say("bottleneck.note"),
    )


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
                placed=share_cell((placed.low, placed.median, placed.high), say),
            )
        )
    return " ".join(told)


def share_cell(quantiles: Iterable[float], say: Voice) -> str:
    """Low, median and high of a share: "53 % (39 % to 64 %)"."""
    low, median, high = (say.percent(float(share)) for share in quantiles)
    return say("with_interval", value=median, interval=say("between", low=low, high=high))


def does_supply_match(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """Question 4."""
    blocks: list[Block] = [Heading(say("q4.title"), page=True)]
    told = []
    if {"engineers", "vacancies"} <= set(material.base):
        told.append(_open_posts(material, say))
        blocks += [_by(material, dimension, say) for dimension in ("track", "experience", "region")]
    if "share_under_five_years" in material.base:
        told.append(_young(material, say))
    if told:
        blocks.insert(1, Paragraph(" ".join(told), look="answer"))
    return [*blocks, figure_or("F4_gap_map", drawn, "figure.heat", say), Paragraph(say("q4.more"), look="small")]


def _open_posts(material: Material, say: Voice) -> str:
    """How many funded posts stand open, and in which track most."""
    told = []
    for edge in (float(material.base.attrs["forecast_origin"]), *edges_of(material)[:1]):
        tracks = {
            label: _along(material.base, "vacancies", "track", label, edge)
            for label in (str(each) for each in material.base["track"].to_numpy())
        }
        whole = _estimate("vacancies", BESIDE, edge, np.sum(list(tracks.values()), axis=0))
        most = max(tracks, key=lambda label: float(np.median(tracks[label])))
        part = _estimate("vacancies", BESIDE, edge, tracks[most])
        words = {"date": say.edge(edge), "open": say.spread(whole), "track": say(f"track.{most}")}
        told.append(say("q4.answer", part=say.spread(part), **words))
    return " ".join(told)


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
        widths=(1.2, *(1.2 if variable == "engineers" else 1.0 for variable, _ in kinds for _ in moments)),
        numeric=len(head) - 1,
        size="small",
        note=say("q4.regions", **regional(material, say)) if dimension == "region" else "",
    )


def regional(material: Material, say: Voice) -> dict[str, str]:
    """How many regional counts there are, and of which years."""
    number, years = material.regional_shares()
    return {"number": say.number(number), "years": say("between", low=str(years[0]), high=str(years[-1]))
            if len(years) > 1 else str(years[0])}  # fmt: skip


def _young(material: Material, say: Voice) -> str:
    """How many are young, now and at the end of 2030: chosen by whether the share falls, stays or rises."""
    origin, later = float(material.base.attrs["forecast_origin"]), edges_of(material)[0]
    shares = [at(material.base["share_under_five_years"].transpose("edge", "member"), edge) for edge in (origin, later)]
    now, then = (share_cell(np.quantile(share, INTERVAL), say) for share in shares)
    low, _, high = np.quantile(shares[1] - shares[0], INTERVAL)
    key = "q4.young_up" if low > 0 else "q4.young_down" if high < 0 else "q4.young_same"
    told = say(key, now=now, then=then, date=say.edge(origin), later=say.edge(later))
    return f"{told} {_young_count(material, np.quantile(shares[0], INTERVAL), say)}"


def _young_count(material: Material, ours: Iterable[float], say: Voice) -> str:
    """The one count of them beside our interval, how estimates read it, and how past forecasts of it fared."""
    row = material.row(YOUNG)
    low, _, high = ours
    counted = float(row["value"])
    place = say("q4." + ("count_below" if counted < low else "count_above" if counted > high else "count_inside"))
    told = say("q4.young_count", year=str(year_of(float(row["year"]))), share=say.percent(counted), place=place)
    if not material.track_record:
        return told
    forecasts = hindcast_table(pd.DataFrame(material.track_record["forecasts"]))
    held = forecasts.loc[(forecasts["series"] == YOUNG_SERIES) & (forecasts["forecaster"] == MODEL), "covered80"]
    words = {"missed": say.number(int((~held.astype(bool)).sum())), "of": say.number(len(held))}
    return f"{told} {say('q4.young_hindcast', **words)}" if len(held) else told


def what_must_be_true(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """Question 5."""
    blocks: list[Block] = [Heading(say("q5.title"), page=True)]
    table = material.table("switching")
    if table is None:
        blocks.append(Paragraph(say("switching.missing"), look="small"))
    else:
        blocks.append(Paragraph(_turned(table, say.title(material.base), say), look="answer"))
    blocks.append(Bullets((*_conditions(material, say), *_calibrated(material, say))))
    if material.table("indices") is None:
        blocks.append(Paragraph(say("indices.missing"), look="small"))
    return [*blocks, figure_or("F6_sensitivity", drawn, "figure.tornado", say), Paragraph(say("q5.more"), look="small")]


def _calibrated(material: Material, say: Voice) -> list[str]:
    """How likely each structure was as first judged, as the figure has it, and how likely the counts leave it."""
    weights = material.structure_weights()
    if not weights or not str(material.base.attrs["calibration"]).startswith(CALIBRATED):
        return []
    found = {}
    for switch in SWITCHES:
        judged = material.parameters[switch.parameter].number
        if judged is not None:
            found[switch] = [judged, weights[f"{switch.parameter}=1"]]
    parts, beside = [], [value for values in found.values() for value in values]
    for switch, values in found.items():
        before, after = say.chances(values, beside)
        label = getattr(switch.on, say.language)
        parts.append(say("q5.structure", label=label, before=before, after=after))
    return [say("q5.calibrated", parts="; ".join(parts))] if parts else []


def _turned(table: pd.DataFrame, first: str, say: Voice) -> str:
    """How many verdicts of the central run of the first scenario a single assumption turns, either way."""
    met = {verdict: [0, 0] for verdict in (REACHED, MISSED)}
    for _, part in table.groupby("target", sort=False):
        counted = met[str(part["verdict"].iloc[0])]
        counted[0] += 1
        counted[1] += not is_missing(part["parameter"].iloc[0])
    of = say.number(sum(number for number, _ in met.values()))
    (reached, lost), (missed, won) = met[REACHED], met[MISSED]
    words = {"reached": reached, "lost": lost, "missed": missed, "won": won}
    return say("q5.answer", first=first, of=of, **{name: say.number(value) for name, value in words.items()})


def _conditions(material: Material, say: Voice) -> tuple[str, ...]:
    """What each headline target would need, from its distance and the pace."""
    told = []
    origin = float(material.base.attrs["forecast_origin"])
    for variable in HEADLINES:
        target = material.target_on(variable)
        if target is None or target.by <= origin:
            continue
        values = headline(material.base, target)
        now, then = at(values, origin), at(values, target.by)
        label, p = say.named(say.label(target), target.rung), chance(material.base, target)
        words = {"label": label, "p": say.chance(p), "first": say.title(material.base)}
        if p > LIKELY or (now >= target.value).any():  # no way left that a share could be told of
            told.append(say("q5.chance", **words))
        else:
            way = np.quantile((then - now) / (target.value - now), INTERVAL)
            dates = {"date": say.edge(target.by), "origin": say.edge(origin)}
            told.append(say("q5.short", way=share_cell(way, say), **dates, **words))
    return tuple(told)

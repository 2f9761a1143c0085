"""Annexes A to D: the levers, the plants and firms that can be named, the announced targets, the track record."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from vimach.parameters.table import Parameter
from vimach_reports import catalogue
from vimach_reports.briefing.blocks import Block, Bullets, Heading, Paragraph, Picture, Table
from vimach_reports.briefing.facts import Voice, chance, is_missing
from vimach_reports.briefing.material import Material, rows_of
from vimach_reports.briefing.official import read
from vimach_reports.briefing.page_one import median_year
from vimach_reports.briefing.questions_more import regional
from vimach_reports.lever_table import AT, held, settings_of
from vimach_reports.quantity import unit_words

NOW: Final = 2026.0
FEW: Final = 3  # settings of one parameter that are told one by one
LIMITS: Final = (
    "posts", "money", "regions", "chance", "power", "firms", "people", "spinup", "fixed",
)  # fmt: skip
"""What the data cannot say, one string each."""


def levers(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """Annex A: what the second scenario decides."""
    heading, decisions = Heading(say("lever.heading"), page=True), material.decisions()
    if decisions.empty:
        return [heading, Paragraph(say("decisions.none", second=say.title(material.other)))]
    known = settings_of(material.base)
    rows, values = [], []
    for row in rows_of(decisions):
        parameter = material.parameters[row["parameter"]]
        labels = [None if label == "*" else label for label in str(row["labels"]).split()]
        was = set(held(parameter, known.get(parameter.name, ()), labels))
        values.append(was.pop() if len(was) == 1 else math.nan)
        lever = parameter.lever
        rows.append(
            (
                say.label(parameter) + (f" ({labels_of(row, parameter, say)})" if row["labels"] else ""),
                _several(parameter, say) if math.isnan(values[-1]) else _with_unit(values[-1], parameter, say),
                setting(row, parameter, say),
                say(f"status.{lever.status}") if lever else say("status.none"),
                str(getattr(lever.decided_by, say.language)) if lever else say("status.nobody"),
                parameter.grade,
            )
        )
    year = str(int(AT))
    head = catalogue.text("levers.before", say.language, title=say.title(material.base), year=year)
    heads = ("lever.set", "lever.status", "lever.decided_by", "assumption.grade")
    table = Table(
        name="annex_a_levers",
        title=say("lever.title", second=say.title(material.other)),
        head=(say("lever.head"), head, *(say(key) for key in heads)),
        rows=tuple(rows),
        data=_levers_data(decisions, values, material.parameters),
        source=say("source.scenario"),
        widths=(2.4, 1.1, 1.9, 1.3, 1.7, 0.5),
        size="small",
        note=say("lever.note"),
    )
    blocks: list[Block] = [heading, table]
    return [*blocks, Picture("T1_levers")] if "T1_levers" in drawn else blocks


def _levers_data(decisions: pd.DataFrame, before: Sequence[float], parameters: Mapping[str, Parameter]) -> pd.DataFrame:
    """The decisions with what each changes and what is known of each lever, as data."""
    about = []
    for name, was in zip(decisions["parameter"], before, strict=True):
        parameter = parameters[name]
        lever = parameter.lever
        about.append(
            {
                "before": was,
                "label_en": parameter.label.en,
                "label_vi": parameter.label.vi,
                "grade": parameter.grade,
                "source": " ".join(parameter.source),
                "status": lever.status if lever else "",
                "decided_by_en": lever.decided_by.en if lever else "",
                "decided_by_vi": lever.decided_by.vi if lever else "",
                "instrument": lever.instrument if lever else "",
            }
        )
    extra = pd.DataFrame(about, index=decisions.index)
    return pd.concat([decisions, extra], axis=1)


def setting(row: Mapping[str, Any], parameter: Parameter, say: Voice) -> str:
    """What an override sets, and when it acts."""
    if is_missing(row["to"]):
        points = (point.split(": ") for point in str(row["points"]).split(", "))
        told = (
            say("setting.point", year=_moment(float(time), say), to=amount(float(to), parameter, say))
            for time, to in points
        )
        return say("setting.table", points="; ".join(told))
    value = _with_unit(float(row["to"]), parameter, say)
    if is_missing(row["starts"]):
        return value
    starts = say.date(float(row["starts"]))
    if is_missing(row["ends"]):
        return say("setting.step", value=value, starts=starts)
    return say(f"setting.{row['word']}", value=value, starts=starts, ends=_until(float(row["ends"]), say))


def _until(time: float, say: Voice) -> str:
    """The end of a span: that of a year where the next one begins, else the month."""
    return say.edge(time) if time == math.floor(time) else say.date(time)


def _moment(time: float, say: Voice) -> str:
    """A moment of a path: a year where one begins, else with its decimals."""
    return str(int(time)) if time == math.floor(time) else f"{time:g}".replace(".", say.number(0.5, 1)[1])


def settings(rows: pd.DataFrame, parameter: Parameter, say: Voice) -> str:
    """What the overrides of one parameter set, each setting once with the labels that it holds for."""
    holding: dict[str, list[str]] = {}
    for row in rows_of(rows):
        holding.setdefault(setting(row, parameter, say), []).append(labels_of(row, parameter, say))
    if len(holding) > FEW:
        return say("assumption.several", number=say.number(len(holding)))
    return "; ".join(
        value + (f" ({', '.join(labels)})" if any(labels) and len(holding) > 1 else "")
        for value, labels in holding.items()
    )


def labels_of(row: Mapping[str, Any], parameter: Parameter, say: Voice) -> str:
    """The labels that an override holds for, in the reader's language; "" where it holds for all."""
    given = zip(parameter.dimensions, str(row["labels"]).split(), strict=False)
    return ", ".join(label_name(dimension, label, say) for dimension, label in given if label != "*")


def label_name(dimension: str, label: str, say: Voice) -> str:
    """A label of a dimension in words; a plant by its name, one not yet announced by its number."""
    plant = read("named")["plants"].get(label) if dimension == "plant" else None
    if plant is not None:
        return _title(plant, say)
    if dimension == "plant":
        return say("plant.future", number=label.rpartition("_")[2])
    return label if label.isdigit() else say(f"{dimension}.{label}")


def amount(value: float, parameter: Parameter, say: Voice) -> str:
    """A value of a parameter: a share as a percentage, a date as a year, else a number with fitting decimals."""
    if parameter.unit == "1" and "share" in parameter.name:
        return catalogue.text("number.percent", say.language, number=say.trimmed(100 * value))
    if _is_date(value, parameter):
        return say.date(value)
    return say.trimmed(value)


def _is_date(value: float, parameter: Parameter) -> bool:
    return parameter.unit == "year" and 1900 <= value <= 2200


def central(parameter: Parameter, say: Voice) -> str:
    """The central value in a few characters, of a path that of NOW; how many there are where it differs by label."""
    number = _one(parameter)
    return _several(parameter, say) if number is None else _with_unit(number, parameter, say)


def bounds(parameter: Parameter, say: Voice) -> str:
    """The hard bounds; their unit where the central value, several of them, does not name it."""
    low, high = parameter.range
    end = (_with_unit if _one(parameter) is None else amount)(high, parameter, say)
    return say("between", low=amount(low, parameter, say), high=end)


def _one(parameter: Parameter) -> float | None:
    """The one central value, of a path over time that of NOW; None where there are several."""
    if parameter.number is None and len(parameter.value) == 1 and not any(parameter.value[0].labels):
        return float(parameter.value[0].path.at(np.array([NOW]), np.zeros(1))[0])
    return parameter.number


def _with_unit(number: float, parameter: Parameter, say: Voice) -> str:
    value, unit = amount(number, parameter, say), unit_words(parameter.unit, say.language)
    return value if not unit or _is_date(number, parameter) else f"{value} {unit}"


def _several(parameter: Parameter, say: Voice) -> str:
    parts = len(parameter.curve.x) if parameter.curve else len(parameter.value)
    return say("assumption.several", number=say.number(parts))


def named(material: Material, say: Voice) -> list[Block]:
    """Annex B: plants and firms by name."""
    register = read("named")
    plants, firms = [], []
    for plant in register["plants"].values():
        title = _title(plant, say)
        cells = (title, plant["place"][say.language], say(f"owner.{plant['owner']}"))
        plants.append((*cells, say(f"counted.{plant['counted']}"), plant["why"][say.language]))
        _check_rows(plant["rows"], material)
    for firm in register["firms"].values():
        owner = firm["owner"]
        counted = say(f"named.firm_{owner}")
        firms.append((_name(firm, say), say(f"owner.{owner}"), counted, firm["staff"][say.language]))
        _check_rows(firm["rows"], material)
    return [
        Heading(say("named.heading")),
        Table(
            name="annex_b_plants",
            title=say("named.plants"),
            head=tuple(say(f"named.{key}") for key in ("plant", "place", "owner", "counted", "why")),
            rows=tuple(plants),
            data=_register(register["plants"]),
            source=say("source.evidence"),
            widths=(1.6, 1.7, 1.0, 1.0, 2.6),
            size="small",
            note=say("named.plants_note"),
        ),
        Table(
            name="annex_b_firms",
            title=say("named.firms"),
            head=tuple(say(f"named.{key}") for key in ("firm", "owner", "counted", "staff")),
            rows=tuple(firms),
            data=_register(register["firms"]),
            source=say("source.evidence"),
            widths=(1.6, 1.0, 1.6, 2.4),
            size="small",
            note=say("named.firms_note"),
        ),
    ]


def _title(plant: Mapping[str, Any], say: Voice) -> str:
    return say("named.unknown") if plant["name"] == "?" else _name(plant, say)


def _name(entry: Mapping[str, Any], say: Voice) -> str:
    """The name of a plant or firm; one that is the same in both languages is written once."""
    name = entry["name"]
    return str(name[say.language]) if isinstance(name, dict) else str(name)


def _check_rows(rows: Sequence[str], material: Material) -> None:
    for row in rows:
        material.row(row)


def _register(entries: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    lines = []
    for name, entry in entries.items():
        line: dict[str, Any] = {"entry": name}
        for key, value in entry.items():
            if isinstance(value, dict):
                line |= {f"{key}_{language}": words for language, words in value.items()}
            else:
                line[key] = " ".join(value) if isinstance(value, list) else value
        lines.append(line)
    return pd.DataFrame(lines)


def announced(material: Material, say: Voice) -> list[Block]:
    """Annex C: training targets held against the 50,000, and what came of announcements."""
    rows = [
        (
            say(f"training.{row['name']}"),
            f"{row['from']:.0f}–{row['to']:.0f}",
            say(f"training.{row['name']}.counts"),
            say(f"training.degree.{row['degree']}"),
            say.number(row["size"]),
            say.number(row["net"]),
        )
        for row in rows_of(material.training)
    ]
    size, net, degree = (material.training[name] for name in ("size", "net", "degree"))
    stated, most = float(net[degree == "yes"].sum()), float(net[degree != "no"].sum())
    sums = {"before": float(size.sum()), "after": float(net.sum()), "degree": stated, "most": most}
    said = {name: say.number(value) for name, value in sums.items()}
    key = "above" if stated > material.yardstick else "between" if most > material.yardstick else "below"
    ratio = say.number(sums["after"] / material.yardstick, 1)
    words = say(f"training.{key}", yardstick=say.number(material.yardstick), ratio=ratio, **said)
    heads = ("training.who", "training.years", "training.counts", "training.degree", "training.size", "training.net")
    return [
        Heading(say("training.heading")),
        Paragraph(words),
        Table(
            name="annex_c_training_targets",
            title="",
            head=tuple(say(head) for head in heads),
            rows=tuple(rows),
            data=material.training,
            source=say("source.evidence"),
            units={"from": "year", "to": "year"},
            widths=(2.6, 0.9, 2.8, 0.6, 0.7, 0.8),
            numeric=2,
            size="small",
            note=say("training.note"),
        ),
    ]


def track_record(material: Material, drawn: Sequence[str], say: Voice) -> list[Block]:
    """Annex D: how past forecasts fared, and what came of announcements."""
    scored = "scored" if material.track_record else "missing"
    blocks: list[Block] = [Heading(say("track_record.heading")), Paragraph(say(f"track_record.{scored}"))]
    strip, pairs = ([Picture(name)] if name in drawn else [] for name in ("F11_hindcast", "F12_announced"))
    scores = [_scores(pd.DataFrame(material.track_record["goals"]), say)] if material.track_record else []
    blocks += [*strip, *scores, *pairs]  # a figure of a whole page first: what follows it is not left alone on one
    rows = []
    for row in rows_of(material.realised):
        if row["quantity"] not in ("operates_within_3_years", "realisation_ratio", "opening_delay"):
            continue
        decimals = 1 if row["unit"] == "year" else 2
        low, median, high = (say.number(float(row[name]), decimals) for name in ("p05", "median", "p95"))
        spread = say("with_interval", value=median, interval=say("between", low=low, high=high))
        cells = (say(f"realised.{row['quantity']}"), say(f"kind.{row['kind']}"), spread)
        rows.append((*cells, f"{row['n']:.0f}", f"{row['projects']:.0f}"))
    heads = ("realised.what", "realised.kind", "realised.value", "realised.n", "realised.projects")
    blocks.append(
        Table(
            name="annex_d_realised",
            title=say("realised.title"),
            head=tuple(say(head) for head in heads),
            rows=tuple(rows),
            data=material.realised,
            source=say("source.evidence"),
            units={"projects": "project"},
            widths=(2.4, 1.3, 1.6, 0.7, 0.7),
            numeric=2,
            size="small",
            note=say("realised.note"),
        )
    )
    return blocks


def milestones(material: Material, say: Voice) -> list[Block]:
    """The rest of annex D: dates and probabilities that are judgment alone."""
    rows, data = [], []
    pair = (material.base, material.other)
    for target in material.judged:
        values = [chance(dataset, target) for dataset in pair]
        years = [median_year(dataset, target, say) for dataset in pair]
        rows.append((say.label(target), say.edge(target.by), *years, *say.chances(values)))
        for dataset, value in zip(pair, values, strict=True):
            about = {"target": target.name, "label_en": target.label.en, "label_vi": target.label.vi, "by": target.by}
            data.append(about | {"scenario": str(dataset.attrs["scenario"]), "probability": value})
    if not rows:
        return []
    titles = [say.title(dataset) for dataset in pair]
    head = [say("table.target"), say("years.wanted"), *(say("milestones.year", title=title) for title in titles)]
    head += [say("table.chance", title=title) for title in titles]
    return [
        Table(
            name="annex_d_milestones",
            title=say("milestones.title"),
            head=tuple(head),
            rows=tuple(rows),
            data=pd.DataFrame(data),
            source=say("source.results"),
            widths=(1.8, 0.9, 1.2, 1.2, 1.1, 1.1),
            size="small",
            note=say("milestones.note"),
        )
    ]


def _scores(goals: pd.DataFrame, say: Voice) -> Table:
    """What was asked of past forecasts and what was found: a line a goal."""
    rows = []
    for row in rows_of(goals):
        found, low, high = (np.nan if is_missing(row[name]) else float(row[name]) for name in ("found", "low", "high"))
        told = "" if is_missing(found) else say.number(found, 2)
        if told and not is_missing(low):
            interval = say("between", low=say.number(low, 2), high=say.number(high, 2))
            told = say("with_interval", value=told, interval=interval)
        words = (catalogue.text(f"{kind}.{row[kind]}", say.language) for kind in ("goal", "asked", "outcome"))
        label, asked, outcome = words
        rows.append((label, asked, told, say.number(row["n"]), outcome))
    heads = ("what", "asked", "found", "n", "outcome")
    unit = goals["asked"].str.endswith("%").map({True: "%", False: "1"})
    units = {**dict.fromkeys(("found", "low", "high"), "column unit"), "n": "forecast"}
    return Table(
        name="annex_d_scores", title=say("track_record.title"), rows=tuple(rows), data=goals.assign(unit=unit),
        head=tuple(say(f"track_record.{head}") for head in heads), source=say("source.scores"), units=units,
        widths=(3.0, 1.4, 1.6, 0.6, 1.0), numeric=3, size="small",
    )  # fmt: skip


def cannot_say(material: Material, say: Voice) -> list[Block]:
    """Annex E: what the data cannot say."""
    share = say.percent(material.judgment_share())
    counts = regional(material, say)
    points = [say("cannot.judgment", share=share), *(say(f"cannot.{name}", **counts) for name in LIMITS)]
    return [Heading(say("cannot.heading")), Bullets(tuple(points))]

"""Annexes F to H: assumptions with source and grade, overrides with file and line, and where it all comes from."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import pandas as pd

from vimach.parameters.table import Parameter
from vimach_reports import catalogue
from vimach_reports.briefing.annexes import bounds, central, settings
from vimach_reports.briefing.blocks import Block, Bullets, Document, Heading, Paragraph, Table
from vimach_reports.briefing.facts import Voice
from vimach_reports.briefing.material import Material
from vimach_reports.briefing.typeset import breakable

HASHES: Final = "annex_h_provenance"
GRADES = ("A", "B", "C", "D", "J")


def assumptions(material: Material, say: Voice) -> list[Block]:
    """Annex F."""
    parameters = list(material.parameters.values())
    counts = {grade: sum(parameter.grade == grade for parameter in parameters) for grade in GRADES}
    graded = [
        say("grade.count", grade=f"{grade}, {say(f'grade.{grade}')}:", number=say.number(counts[grade]))
        for grade in GRADES
    ]
    rows = [
        (
            say.label(parameter),
            central(parameter, say),
            bounds(parameter, say),
            parameter.grade,
            breakable(", ".join(parameter.source[:2])) + (" …" if len(parameter.source) > 2 else "")
            if parameter.source
            else say("assumption.judged"),
        )
        for parameter in parameters
    ]
    heads = ("assumption.label", "assumption.value", "assumption.range", "assumption.grade", "assumption.source")
    return [
        Heading(say("assumption.heading")),
        Paragraph(say("assumption.intro", counts="; ".join(graded))),
        Table(
            name="annex_f_assumptions",
            title="",
            head=tuple(say(head) for head in heads),
            rows=tuple(rows),
            data=pd.DataFrame([_data(parameter) for parameter in parameters]),
            source=say("source.parameters"),
            units={"values": "value"},
            widths=(3.0, 1.3, 1.5, 0.5, 2.6),
            size="fine",
            note=say("assumption.note"),
        ),
    ]


def _data(parameter: Parameter) -> dict[str, object]:
    return {
        "parameter": parameter.name,
        "label_en": parameter.label.en,
        "label_vi": parameter.label.vi,
        "sector": parameter.sector,
        "value": parameter.number,
        "values": len(parameter.value),
        "unit": parameter.unit,
        "range_low": parameter.range[0],
        "range_high": parameter.range[1],
        "grade": parameter.grade,
        "source": " ".join(parameter.source),
        "judgment": parameter.judgment,
        "note": parameter.note,
    }


def overrides(material: Material, say: Voice) -> list[Block]:
    """Annex G: every number that a scenario sets, with the reason that its file gives."""
    rows = []
    for (name, because), part in material.overrides.groupby(["parameter", "because"], sort=False):
        parameter = material.parameters[str(name)]
        places = _lines(str(place) for place in part["place"])
        rows.append((say.label(parameter), settings(part, parameter, say), say.reason(str(because)), places))
    if not rows:
        return [Heading(say("overrides.heading")), Paragraph(say("overrides.none"))]
    heads = ("lever.head", "lever.set", "overrides.because", "overrides.place")
    return [
        Heading(say("overrides.heading")),
        Table(
            name="annex_g_overrides",
            title="",
            head=tuple(say(head) for head in heads),
            rows=tuple(rows),
            data=material.overrides,
            source=say("source.scenario"),
            widths=(2.0, 1.6, 3.4, 1.7),
            size="small",
            note=say("overrides.note"),
        ),
    ]


def _lines(places: Iterable[str]) -> str:
    """Files with the lines that they have been read at, first to last: "chip_downturn.yaml:17–25"."""
    found: dict[str, list[str]] = {}
    for place in places:
        file, _, line = place.partition(":")
        found.setdefault(file, []).append(line)
    told = []
    for file, lines in found.items():
        numbers = sorted({int(line) for line in lines if line})
        ends = dict.fromkeys(str(number) for number in (*numbers[:1], *numbers[-1:]))
        told.append(":".join(filter(None, (file, "–".join(ends)))))
    return ", ".join(told)


def provenance(material: Material, say: Voice) -> list[Block]:
    """Annex H: versions, seed, data vintage, hashes, and how to rebuild."""
    attrs = material.base.attrs
    facts = [
        ("version", str(attrs["model_version"])),
        ("vintage", catalogue.day(str(attrs["data_vintage"]), say.language)),
        ("origin", say.edge(float(attrs["forecast_origin"]))),
        ("seed", str(attrs["seed"])),
        ("members", say.number(int(attrs["members"]))),
        ("step", say.number(float(attrs["step"]), 4)),
        ("status", catalogue.calibration(material.base, say.language)),
        ("horizon", say.edge(material.horizon)),
    ]
    rows = [(say(f"provenance.{name}"), value) for name, value in facts]
    for each in material.datasets:
        rows.append((say("provenance.scenario", title=say.title(each)), str(each.attrs["scenario_hash"])))
    rows += [(name, _grouped(digest)) for name, digest in material.hashes.items()]
    data = pd.DataFrame(
        [{"fact": name, "value": value} for name, value in (*_plain(material), *material.hashes.items())]
    )
    return [
        Heading(say("provenance.heading")),
        Table(
            name=HASHES,
            title="",
            head=(say("provenance.what"), say("provenance.value")),
            rows=tuple(rows),
            data=data,
            source=say("source.results"),
            widths=(1.4, 3.2),
        ),
        Paragraph(say("provenance.rebuild")),
        Bullets(("vimach verify FOLDER",)),
    ]


def with_files(document: Document, hashed: Mapping[str, str]) -> Document:
    """The document with the hashes of the files that lie beside it among those of annex H."""
    more = tuple((name, _grouped(digest)) for name, digest in hashed.items())
    blocks = (
        replace(block, rows=block.rows + more) if isinstance(block, Table) and block.name == HASHES else block
        for block in document.blocks
    )
    return replace(document, blocks=tuple(blocks))


def _plain(material: Material) -> list[tuple[str, str]]:
    names = ("model_version", "data_vintage", "forecast_origin", "seed", "members", "step", "method", "calibration")
    plain = [(name, str(material.base.attrs.get(name, ""))) for name in names]
    return plain + [(str(each.attrs["scenario"]), str(each.attrs["scenario_hash"])) for each in material.datasets]


def _grouped(digest: str) -> str:
    """A hash in groups of eight, so that it can be read and broken."""
    return " ".join(digest[place : place + 8] for place in range(0, len(digest), 8))

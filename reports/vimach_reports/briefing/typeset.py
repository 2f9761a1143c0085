"""Typesetting: a document becomes a tagged PDF/A file, by the template that lies beside this module.

Fonts are those inside the typesetter, so every machine sets the same lines; nothing is fetched.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from vimach.errors import VimachError
from vimach_reports.briefing.blocks import Document, Heading, written
from vimach_reports.figure import Drawing, svg_bytes

if TYPE_CHECKING:
    import typst

ARCHIVAL: Final = "a-2a"
ACCESSIBLE: Final = "ua-1"
_BREAK = "\N{ZERO WIDTH SPACE}"


class TypesettingFailed(VimachError):
    """The typesetter refused the document or warned of something: no page with a flaw is handed out."""


@dataclass(frozen=True)
class Part:
    """A part of a document that begins its own page: its heading, "" for page 1; its pages, counted from 1.

    `filled` is how much of its last page it fills, 0 to 1.
    """

    heading: str
    first: int
    last: int
    filled: float


def pdf(document: Document, drawings: Mapping[str, Drawing]) -> bytes:
    """The document as PDF/A-2a and PDF/UA-1; `drawings` holds every figure that it shows, by name.

    The date inside is that of the data, so the same input gives the same bytes. TypesettingFailed on an error or a
    warning.
    """
    import typst

    moment = datetime.combine(date.fromisoformat(document.date), datetime.min.time(), UTC)
    try:
        made, warnings = _compiler(document, drawings).compile_with_warnings(
            format="pdf", pdf_standards=[ARCHIVAL, ACCESSIBLE], timestamp=int(moment.timestamp())
        )
    except typst.TypstError as error:
        raise TypesettingFailed(f"the briefing ({document.language}) cannot be typeset: {error}") from error
    if warnings:
        said = "; ".join(str(warning) for warning in warnings)
        raise TypesettingFailed(f"the typesetter warns of the briefing ({document.language}): {said}")
    assert isinstance(made, bytes)
    return made


def parts(document: Document, drawings: Mapping[str, Drawing]) -> list[Part]:
    """The parts that begin a page, in order, and the pages that each takes."""
    heads = ["", *(block.text for block in document.blocks if isinstance(block, Heading) and block.page)]
    ends = json.loads(_compiler(document, drawings).query("<end>", field="value"))
    found, first = [], 1
    for heading, end in zip(heads, ends, strict=True):
        found.append(Part(heading, first, end["page"], end["filled"]))
        first = end["page"] + 1
    return found


def _compiler(document: Document, drawings: Mapping[str, Drawing]) -> "typst.Compiler":
    import typst

    sheets = {name: f"{name}.svg" for name in dict.fromkeys(document.pictures())}
    shown = {name: (file, drawings[name].alt) for name, file in sheets.items()}
    about = {
        "language": document.language,
        "title": document.title,
        "subtitle": document.subtitle,
        "footer": document.footer,
        "description": document.description,
        "date": document.date,
        "blocks": [written(block, shown) for block in document.blocks],
    }
    sources: Any = {
        "main.typ": files("vimach_reports.briefing").joinpath("template.typ").read_bytes(),
        "data.json": json.dumps(about, ensure_ascii=False).encode("utf-8"),
        **{file: svg_bytes(drawings[name]) for name, file in sheets.items()},
    }
    return typst.Compiler(sources, ignore_system_fonts=True)


def breakable(identifier: str) -> str:
    """An identifier that may be broken after an underscore, for a narrow column."""
    return identifier.replace("_", "_" + _BREAK)

"""Typesetting: a document becomes a tagged PDF/A file, by the template that lies beside this module.

Fonts are those inside the typesetter, so every machine sets the same lines; nothing is fetched.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any, Final

from vimach.errors import VimachError
from vimach_reports.briefing.blocks import Document, written
from vimach_reports.figure import Drawing, svg_bytes

ARCHIVAL: Final = "a-2a"
ACCESSIBLE: Final = "ua-1"
_BREAK = "\N{ZERO WIDTH SPACE}"


class TypesettingFailed(VimachError):
    """The typesetter refused the document or warned of something: no page with a flaw is handed out."""


def pdf(document: Document, drawings: Mapping[str, Drawing]) -> bytes:
    """The document as PDF/A-2a and PDF/UA-1; `drawings` holds every figure that it shows, by name.

    The date inside is that of the data, so the same input gives the same bytes. TypesettingFailed on an error or a
    warning.
    """
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
    moment = datetime.combine(date.fromisoformat(document.date), datetime.min.time(), UTC)
    try:
        compiler = typst.Compiler(sources, ignore_system_fonts=True)
        made, warnings = compiler.compile_with_warnings(
            format="pdf", pdf_standards=[ARCHIVAL, ACCESSIBLE], timestamp=int(moment.timestamp())
        )
    except typst.TypstError as error:
        raise TypesettingFailed(f"the briefing ({document.language}) cannot be typeset: {error}") from error
    if warnings:
        said = "; ".join(str(warning) for warning in warnings)
        raise TypesettingFailed(f"the typesetter warns of the briefing ({document.language}): {said}")
    assert isinstance(made, bytes)
    return made


def breakable(identifier: str) -> str:
    """An identifier that may be broken after an underscore, for a narrow column."""
    return identifier.replace("_", "_" + _BREAK)

"""The folder of a briefing: PDF, workbook, figures and tables, and a manifest that names and hashes every file."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from vimach.errors import BadInput, Place, Problem
from vimach.files import write_whole
from vimach_reports.briefing import workbook
from vimach_reports.briefing.blocks import Document, Table
from vimach_reports.briefing.figures import drawings
from vimach_reports.briefing.material import Material
from vimach_reports.briefing.pages import briefing
from vimach_reports.briefing.provenance import with_files
from vimach_reports.briefing.typeset import pdf
from vimach_reports.briefing.workbook import Sheet
from vimach_reports.catalogue import LANGUAGES, Language, text
from vimach_reports.figure import Drawing, save
from vimach_reports.figures import FIGURES
from vimach_reports.writing import csv_bytes

MANIFEST: Final = "manifest.json"
SAID: Final[Mapping[str, type | tuple[type, ...]]] = {
    "model_version": str, "data_vintage": str, "languages": str, "analyses": bool, "posterior": (str, type(None)),
    "settings": dict, "scenarios": list, "files": dict,
}  # fmt: skip
"""What a manifest says, and as what."""


def write(
    material: Material, languages: Sequence[Language], folder: Path, tell: Callable[[str], None] = lambda said: None
) -> list[Path]:
    """Write briefing_LANGUAGE.pdf, briefing.xlsx, figures/ and tables/ into `folder`; returns the files, in order.

    A document is made in both languages whatever is asked for: a string missing in one fails here and not before a
    reader, and the workbook has titles in both.
    """
    drawn: dict[Language, dict[str, Drawing]] = {language: drawings(material, language) for language in LANGUAGES}
    documents = {language: briefing(material, language, list(drawn[language])) for language in LANGUAGES}
    files: list[Path] = []
    for language in languages:
        for drawing in drawn[language].values():
            files += save(drawing, folder / "figures")
    for table in documents["en"].tables():
        files.append(write_whole(folder / "tables" / f"{table.name}.csv", csv_bytes(table.data)))
    book = workbook.workbook(sheets(documents, drawn), str(material.base.attrs["data_vintage"]))
    files.append(write_whole(folder / workbook.FILE, book))
    hashed = _in_short(hashes(folder, list(dict.fromkeys(files))))
    for language in languages:
        tell(text("talk.typesetting", languages[0], file=f"briefing_{language}.pdf"))
        made = pdf(with_files(documents[language], hashed), drawn[language])
        files.append(write_whole(folder / f"briefing_{language}.pdf", made))
    return list(dict.fromkeys(files))


def _in_short(hashed: Mapping[str, str]) -> dict[str, str]:
    """The hashes of files, those of a subfolder as one: what `sha256sum FOLDER/* | sha256sum` prints."""
    inside: dict[str, list[str]] = {}
    for name, digest in hashed.items():
        inside.setdefault(name.rpartition("/")[0], []).append(f"{digest}  {name}\n")
    found = {name: digest for name, digest in hashed.items() if "/" not in name}
    for name, lines in inside.items():
        if name:
            found[f"sha256sum {name}/* | sha256sum"] = hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()
    return found


def sheets(documents: Mapping[Language, Document], drawn: Mapping[Language, Mapping[str, Drawing]]) -> list[Sheet]:
    """One sheet for each figure, then one for each table."""
    found, known = [], {figure.name: figure for figure in FIGURES}
    for name, drawing in drawn["en"].items():
        rungs = list(drawing.table["rung"].dropna()) if "rung" in drawing.table else []
        rung = ", ".join(dict.fromkeys(str(rung) for rung in rungs if rung))
        figure = known[name]
        source = text(f"figure.source.{figure.source}", "en")
        found.append(Sheet(name, drawing.title, drawn["vi"][name].title, drawing.table, source, rung, figure.units))
    titles = {language: _titles(document) for language, document in documents.items()}
    for table in documents["en"].tables():
        english, vietnamese = (titles[language][table.name] for language in LANGUAGES)
        found.append(Sheet(table.name, english, vietnamese, table.data, table.source, table.rung, table.units))
    return found


def _titles(document: Document) -> dict[str, str]:
    """The title of each table: its own, or the heading that it stands under."""
    found, heading = {}, ""
    for block in document.blocks:
        if isinstance(block, Table):
            found[block.name] = block.title or heading
        elif hasattr(block, "level"):
            heading = str(getattr(block, "text", ""))
    return found


def write_manifest(folder: Path, files: Sequence[Path], about: Mapping[str, Any]) -> Path:
    """Write manifest.json: what the folder was made from (`about`) and the SHA-256 hash of every file."""
    content = {**about, "files": hashes(folder, files)}
    written = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    return write_whole(folder / MANIFEST, written.encode("utf-8"))


def hashes(folder: Path, files: Sequence[Path]) -> dict[str, str]:
    """Path inside the folder -> SHA-256, sorted by path."""
    return dict(sorted((file.relative_to(folder).as_posix(), sha256(file)) for file in files))


def sha256(file: Path) -> str:
    """The SHA-256 hash of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder; BadInput if there is none, if it cannot be read, or if it does not say all of SAID."""
    file = folder / MANIFEST
    if not file.is_file():
        raise BadInput(f"{file}: there is no manifest; name a folder that `vimach report` wrote")
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: is damaged: {error}") from error
    missing = [name for name in SAID if not isinstance(found, dict) or name not in found]
    if missing:
        raise BadInput(f"{file}: says nothing of {', '.join(missing)}; it is no manifest of a report")
    wrong = [name for name, kind in SAID.items() if not isinstance(found[name], kind)]
    if wrong:
        raise BadInput([Problem("is not what a report writes", Place(str(file)), name) for name in wrong])
    return dict(found)


@contextmanager
def understood(folder: Path) -> Iterator[None]:
    """BadInput where what is taken from the manifest inside turns out not to be what a report writes."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadInput(Problem(f"is not what a report writes: {error}", Place(str(folder / MANIFEST)))) from error


def differences(folder: Path, hashed: Mapping[str, str]) -> list[str]:
    """What in `folder` is not as `hashed` says: changed, missing, or not listed."""
    found = []
    for name, digest in hashed.items():
        file = folder / name
        if not file.is_file():
            found.append(f"{name}: is missing")
        elif sha256(file) != digest:
            found.append(f"{name}: has changed")
    known = {*hashed, MANIFEST}
    there = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    return [*found, *(f"{name}: is not in the manifest" for name in there if name not in known)]

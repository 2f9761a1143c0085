"""What a page of the briefing is made of: headings, paragraphs, lists, figures and tables, without any look.

The template decides the look. A table carries, beside what is printed, the numbers behind it for CSV and workbook.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import pandas as pd

from vimach_reports.catalogue import Language

Size = Literal["normal", "small", "fine"]
Look = Literal["body", "lead", "answer", "tight", "small", "formula"]


@dataclass(frozen=True)
class Heading:
    """A heading; `page`: it begins a new page."""

    text: str
    level: int = 1
    page: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `lead` are the words set bold at its beginning."""

    text: str
    lead: str = ""
    look: Look = "body"


@dataclass(frozen=True)
class Bullets:
    """A list, numbered or not."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Picture:
    """A figure by the name that it is registered under; its caption and alternative text are its own."""

    name: str


@dataclass(frozen=True)
class Table:
    """A printed table and the numbers behind it.

    `rows` are strings in the reader's language; `data` (the same in every language) goes to CSV and workbook under
    `name`. `rung` says which rungs of the ladder its headcounts stand on, `source` where the numbers come from.
    `widths` are shares of the text width, `numeric` how many of the last columns are set flush right.
    """

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    data: pd.DataFrame = field(repr=False)
    source: str
    rung: str = ""
    widths: tuple[float, ...] = ()
    numeric: int = 0
    note: str = ""
    size: Size = "normal"


Block: TypeAlias = Heading | Paragraph | Bullets | Picture | Table


@dataclass(frozen=True)
class Document:
    """The briefing in one language."""

    language: Language
    title: str
    subtitle: str
    footer: str
    description: str
    date: str
    blocks: tuple[Block, ...]

    def tables(self) -> Iterator[Table]:
        """Every table, in order."""
        return (block for block in self.blocks if isinstance(block, Table))

    def pictures(self) -> Iterator[str]:
        """The names of the figures, in order."""
        return (block.name for block in self.blocks if isinstance(block, Picture))

    def sentences(self) -> Iterator[str]:
        """Everything that is said in words outside tables."""
        for block in self.blocks:
            match block:
                case Heading(text=words):
                    yield words
                case Paragraph(text=words, lead=lead):
                    yield f"{lead} {words}".strip()
                case Bullets(items=items):
                    yield from items
                case _:
                    pass


def written(block: Block, pictures: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """A block as the template reads it; `pictures` gives the file and the alternative text of each figure."""
    match block:
        case Heading(text=words, level=level, page=page):
            return {"kind": "heading", "text": words, "level": level, "page": page}
        case Paragraph(text=words, lead=lead, look=look):
            return {"kind": "paragraph", "text": words, "lead": lead, "look": look}
        case Bullets(items=items, numbered=numbered):
            return {"kind": "bullets", "items": list(items), "numbered": numbered}
        case Picture(name=name):
            file, alt = pictures[name]
            return {"kind": "picture", "file": file, "alt": alt}
        case Table():
            return {
                "kind": "table",
                "title": block.title,
                "head": list(block.head),
                "rows": _rectangle(block),
                "widths": list(block.widths or (1.0,) * len(block.head)),
                "numeric": block.numeric,
                "note": block.note,
                "size": block.size,
            }


def _rectangle(table: Table) -> list[list[str]]:
    wrong = [row for row in table.rows if len(row) != len(table.head)]
    if wrong or (table.widths and len(table.widths) != len(table.head)):
        raise ValueError(f"table {table.name}: a row or its widths do not have {len(table.head)} cells")
    return [list(row) for row in table.rows]


def joined(parts: Sequence[Sequence[Block]]) -> tuple[Block, ...]:
    """Pages one after another."""
    return tuple(block for part in parts for block in part)

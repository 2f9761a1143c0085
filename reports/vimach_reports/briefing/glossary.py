"""Annex J, the glossary: the terms of the catalogue in both languages, and what each means here."""

import unicodedata
from typing import Final

import pandas as pd

from vimach_reports.briefing.blocks import Block, Heading, Table
from vimach_reports.briefing.facts import Voice
from vimach_reports.catalogue import LANGUAGES, Language, entries, text

TERM: Final = "term."
"""Before the name of each term in the catalogue; `meaning.` goes before that of what it means."""


def terms() -> list[str]:
    """The names of the terms, in alphabetical order of the English ones."""
    names = [key.removeprefix(TERM) for key in entries() if key.startswith(TERM)]
    return sorted(names, key=lambda name: text(TERM + name, "en"))


def glossary(say: Voice) -> list[Block]:
    """The annex: one page, in alphabetical order of the reader's language."""
    second: Language = "vi" if say.language == "en" else "en"
    rows = [
        tuple(text(*each) for each in (
            (TERM + name, say.language), (TERM + name, second), (f"meaning.{name}", say.language),
        ))
        for name in terms()
    ]  # fmt: skip
    heads = ("term", "other", "meaning")
    return [
        Heading(text("glossary.heading", say.language), page=True),
        Table(
            name="annex_j_glossary",
            title="",
            head=tuple(text(f"glossary.{head}", say.language) for head in heads),
            rows=tuple(sorted(rows, key=lambda row: _plain(row[0]))),
            data=pd.DataFrame([_data(name) for name in terms()]),
            source=text("glossary.source", say.language),
            widths=(1.5, 1.5, 4.0),
        ),
    ]


def _plain(words: str) -> tuple[str, str]:
    """What words are sorted by: their letters without marks, then as they are."""
    letters = unicodedata.normalize("NFD", words.lower().replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter)), words


def _data(name: str) -> dict[str, str]:
    found = {"term": name}
    for kind in ("term", "meaning"):
        found |= {f"{kind}_{language}": text(f"{kind}.{name}", language) for language in LANGUAGES}
    return found

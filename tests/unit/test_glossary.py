"""The glossary: its terms in both languages, and every printed string keeps to them."""

import re

import pytest
import yaml

from vimach import library
from vimach_reports.briefing.blocks import Heading, Table
from vimach_reports.briefing.facts import Voice
from vimach_reports.briefing.glossary import TERM, glossary, terms
from vimach_reports.catalogue import LANGUAGES, entries, text

OTHERWISE = {
    "run": ("kỳ mô phỏng", "cả kỳ", "chế tạo chip thử nghiệm", "chế thử chip"),
    "trained": ("bồi dưỡng",),
    "track": ("kết quả kiểm nghiệm dự báo", "kết quả dự báo trước đây"),
}
"""What an English word of the glossary is in Vietnamese where it has another sense: a run of test chips, a record."""


def test_every_term_has_a_meaning_in_both_languages() -> None:
    names = terms()
    assert len(names) >= 40
    assert {f"meaning.{name}" for name in names} == {key for key in entries() if key.startswith("meaning.")}
    for language in LANGUAGES:
        words = [text(TERM + name, language) for name in names]
        assert len(set(words)) == len(words) and all(word.strip() for word in words)


@pytest.mark.parametrize("name", terms())
def test_printed_strings_keep_to_the_glossary(name: str) -> None:
    """Where the English string uses the term, the Vietnamese one uses its counterpart."""
    english, vietnamese = (_said(text(TERM + name, language)) for language in LANGUAGES)
    term = re.compile(rf"\b{re.escape(english)}(s|es)?\b")
    accepted = (vietnamese.split("(")[0].strip(), *OTHERWISE.get(name, ()))
    wrong = {
        key: texts["vi"]
        for key, texts in entries().items()
        if not key.startswith(TERM) and term.search(_said(texts["en"]))
        and not any(words in _said(texts["vi"]) for words in accepted)
    }  # fmt: skip
    assert wrong == {}


def _said(words: str) -> str:
    """Small letters, without what the program fills in."""
    return re.sub(r"\{[^}]*\}", " ", words).lower()


@pytest.mark.parametrize("scenario", ["brain_drain", "fab_lapses"])
def test_scenarios_are_printed_by_their_terms(scenario: str) -> None:
    term = {"brain_drain": "skilled_emigration", "fab_lapses": "fab_cancelled"}[scenario]
    file = library.folder("scenarios").joinpath(f"{scenario}.yaml")
    found = yaml.safe_load(file.read_text(encoding="utf-8"))["title"]
    assert {language: _said(found[language]) for language in LANGUAGES} == {
        language: text(TERM + term, language) for language in LANGUAGES
    }


def test_the_annex_holds_every_term_in_alphabetical_order() -> None:
    for language in LANGUAGES:
        heading, table = glossary(Voice(language))
        assert isinstance(heading, Heading) and heading.page and isinstance(table, Table)
        assert {row[0] for row in table.rows} == {text(TERM + name, language) for name in terms()}
        assert len(table.rows) == len(table.data) == len(terms())
    first = [row[0] for row in table.rows]
    assert first.index("đào tạo") < first.index("đòn bẩy") < first.index("giả định"), "đ is sorted as d"

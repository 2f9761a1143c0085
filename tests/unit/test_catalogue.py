"""Every printed string in both languages, and how numbers, money, dates and probabilities are written."""

import re
import string
import unicodedata
from importlib.resources import files

import pytest
import yaml
from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontProperties, findfont

from vimach.errors import BadInput
from vimach_reports import catalogue, style
from vimach_reports.catalogue import LANGUAGES, Language

NAN = float("nan")


def _written() -> dict[str, dict[str, str]]:
    return {key: texts for file in catalogue.FILES for key, texts in yaml.safe_load(_source(file)).items()}


def _source(file: str) -> str:
    return files("vimach_reports").joinpath(file).read_text(encoding="utf-8")


def test_every_key_has_both_languages() -> None:
    for key, texts in _written().items():
        assert set(texts) == set(LANGUAGES), key
        assert all(isinstance(words, str) and words.strip() for words in texts.values()), key


def test_no_key_is_written_twice() -> None:
    keys = [node.value for file in catalogue.FILES for node, _ in yaml.compose(_source(file)).value]
    assert len(keys) == len(set(keys))


def test_both_languages_fill_in_the_same_values() -> None:
    def fields(words: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(words) if name}

    for key, texts in _written().items():
        assert fields(texts["en"]) == fields(texts["vi"]), key


def test_khoang_before_a_number_means_about() -> None:
    """The Vietnamese word for an interval means about as well: before a bare number it is read so."""
    for key, texts in _written().items():
        if re.search(r"khoảng [\d{]", texts["vi"].lower()):
            assert "about" in texts["en"], key


def test_strings_are_composed() -> None:
    for key, texts in _written().items():
        for words in texts.values():
            assert unicodedata.is_normalized("NFC", words), key


@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_the_font_holds_every_letter(weight: str) -> None:
    font = TTFont(findfont(FontProperties(family=[style.FONT], weight=weight), fallback_to_default=False))
    assert font["name"].getDebugName(1) == style.FONT
    numbers = "".join(catalogue.number(-1234.5, language, 1) for language in LANGUAGES)
    letters = {letter for texts in _written().values() for words in texts.values() for letter in words} | set(numbers)
    assert {letter for letter in letters if ord(letter) not in font.getBestCmap()} == set()
    font.close()


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(BadInput, match=r"did you mean 'unit\.person'"):
        catalogue.text("unit.persn", "en")


@pytest.mark.parametrize(
    ("value", "english", "vietnamese"),
    [
        (0.30, "about 3 in 10", "khoảng 3 trên 10"),
        (0.27, "about 1 in 4", "khoảng 1 trên 4"),
        (0.274, "about 1 in 4", "khoảng 1 trên 4"),
        (0.275, "about 3 in 10", "khoảng 3 trên 10"),
        (0.05, "about 1 in 20", "khoảng 1 trên 20"),
        (0.0499, "under 1 in 20", "dưới 1 trên 20"),
        (0.0, "under 1 in 20", "dưới 1 trên 20"),
        (0.5, "about 5 in 10", "khoảng 5 trên 10"),
        (0.95, "about 19 in 20", "khoảng 19 trên 20"),
        (0.951, "over 19 in 20", "hơn 19 trên 20"),
        (1.0, "over 19 in 20", "hơn 19 trên 20"),
        (NAN, "after the run", "sau kỳ mô phỏng"),
    ],
)
def test_probabilities_in_words(value: float, english: str, vietnamese: str) -> None:
    assert catalogue.probability(value, "en") == english
    assert catalogue.probability(value, "vi") == vietnamese


def test_probabilities_side_by_side_share_a_denominator() -> None:
    assert catalogue.probabilities([0.35, 0.4], "en") == ["about 7 in 20", "about 8 in 20"]
    assert catalogue.probabilities([0.3, 0.4], "en") == ["about 3 in 10", "about 4 in 10"]
    assert catalogue.probabilities([0.01, 0.4], "en") == ["under 1 in 20", "about 4 in 10"]


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(BadInput):
        catalogue.probability(1.2, "en")


@pytest.mark.parametrize(
    ("language", "whole", "decimal", "share", "negative", "gain"),
    [("en", "50,000", "1.2", "8.16 %", "−1,200", "+900"), ("vi", "50.000", "1,2", "8,16%", "−1.200", "+900")],
)
def test_numbers(language: Language, whole: str, decimal: str, share: str, negative: str, gain: str) -> None:
    assert catalogue.number(50_000, language) == whole
    assert catalogue.number(1.2, language, 1) == decimal
    assert catalogue.percent(0.0816, language, 2) == share
    assert catalogue.number(-1_200, language) == negative
    assert catalogue.number(900, language, signed=True) == gain
    assert catalogue.number(-0.2, language, signed=True) == "0"


def test_counts_keep_three_digits() -> None:
    assert catalogue.count(48_321, "en") == "48,300"
    assert catalogue.count(123, "en") == "123"
    assert catalogue.count(1_234, "en", scale=48_321, signed=True) == "+1,200"
    assert catalogue.interval(39_123, 58_777, "en") == "39,100 to 58,800"
    assert catalogue.interval(39_123, 58_777, "vi") == "39.100 đến 58.800"


@pytest.mark.parametrize(
    ("dong", "english", "vietnamese"),
    [
        (450e9, "VND 450 billion", "450 tỷ đồng"),
        (1.24e12, "VND 1.2 trillion", "1,2 nghìn tỷ đồng"),
        (26e12, "VND 26.0 trillion", "26,0 nghìn tỷ đồng"),
        (999.9e9, "VND 1.0 trillion", "1,0 nghìn tỷ đồng"),
        (1_234e12, "VND 1,230 trillion", "1.230 nghìn tỷ đồng"),
        (0.0, "VND 0 billion", "0 tỷ đồng"),
    ],
)
def test_money(dong: float, english: str, vietnamese: str) -> None:
    assert catalogue.money(dong, "en") == english
    assert catalogue.money(dong, "vi") == vietnamese


def test_a_number_stays_with_its_unit() -> None:
    for language, words in (
        ("en", ["8.16 %", "VND 450 billion", "VND 1.2 trillion"]),
        ("vi", ["450 tỷ đồng", "1,2 nghìn tỷ đồng"]),
    ):
        for amount in words:
            found = catalogue.unbroken(f"about {amount} a year, {language}")
            assert found == f"about {amount.replace(' ', catalogue.UNBROKEN)} a year, {language}"
    assert catalogue.unbroken("VND 14.3 (10.5 to 18.6) trillion").count(" ") == 3
    assert catalogue.unbroken("in 2030 all of 15 firms") == "in 2030 all of 15 firms"


def test_dates() -> None:
    assert catalogue.edge(2031.0, "en") == "end 2030"
    assert catalogue.edge(2031.0, "vi") == "cuối 2030"
    assert catalogue.edge(2030.5, "en") == "during 2030"
    assert catalogue.day("2026-01-31", "vi") == "31/01/2026"
    assert catalogue.day("2026-01-31", "en") == "2026-01-31"
    assert catalogue.day("spring 2026", "vi") == "spring 2026"


def test_a_month_is_written_as_each_language_writes_dates() -> None:
    assert catalogue.month(2025.75, "en") == "2025-10"
    assert catalogue.month(2025.75, "vi") == "10/2025"
    assert catalogue.month(2026.0, "en") == "2026-01"

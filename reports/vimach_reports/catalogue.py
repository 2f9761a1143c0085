"""Every printed string in English and Vietnamese, and how numbers, money, dates and probabilities are written.

The strings lie in catalogue.yaml and, for the briefing, in briefing/strings.yaml: one key each, both languages side by
side. briefing/glossary.yaml holds the terms that all of them keep to.
"""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

import xarray as xr
import yaml

from vimach.errors import BadInput, Problem, nearest
from vimach.posterior import CALIBRATED

Language = Literal["en", "vi"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

FILES: Final = ("catalogue.yaml", "briefing/strings.yaml", "briefing/glossary.yaml")
REASONS: Final = "briefing/reasons.yaml"
UNBROKEN: Final = "\N{NO-BREAK SPACE}"
_MINUS: Final = "\N{MINUS SIGN}"
_WITH_UNIT: Final = re.compile(
    r"(?<=[\d)]) (?=%|(?:m|b|tr)illion\b|triệu\b|tỷ\b|nghìn tỷ\b|đồng\b)"  # after the number
    r"|(?<=\bVND) (?=[\d−+])|(?<=\bUSD) (?=[\d−+])|(?<=\bTWD) (?=[\d−+])"
    r"|(?<=nghìn) (?=tỷ\b)|(?<=tỷ) (?=đồng\b)|(?<=triệu) (?=đồng\b)"
)
"""The spaces inside an amount: between a number and its unit, and inside the unit."""
_MARKS: Final[Mapping[str, tuple[str, str]]] = {"en": (",", "."), "vi": (".", ",")}  # thousands, decimals
_BILLION: Final = 1e9
_TRILLION: Final = 1e12


@cache
def entries() -> Mapping[str, Mapping[str, str]]:
    """The whole catalogue: key -> language -> string, in Unicode's composed form (NFC)."""
    return {
        key: {language: unicodedata.normalize("NFC", text) for language, text in texts.items()}
        for file in FILES
        for key, texts in yaml.safe_load(files("vimach_reports").joinpath(file).read_text(encoding="utf-8")).items()
    }


def text(key: str, language: Language, **values: str) -> str:
    """The string of `key`, its {names} filled with `values`; BadInput if there is no such key."""
    if key not in entries():
        raise BadInput(Problem("no such string in the catalogue", None, key, nearest(key, entries())))
    return entries()[key][language].format(**values)


@cache
def reasons() -> Mapping[str, str]:
    """The reasons that the scenarios coming with vimach give, in English, and the same in Vietnamese."""
    told = yaml.safe_load(files("vimach_reports").joinpath(REASONS).read_text(encoding="utf-8"))
    return {each["en"]: unicodedata.normalize("NFC", each["vi"]) for each in told}


def reason(because: str, language: Language) -> str:
    """A reason from a scenario file in the reader's language; as it is written, where it is not one of `reasons`."""
    return reasons().get(because, because) if language == "vi" else because


def rung_name(rung: str, language: Language) -> str:
    """The printed name of a rung of the definition ladder; what is no headcount has none and gives ""."""
    return text(f"rung.{rung}", language) if rung else ""


def number(value: float, language: Language, decimals: int = 0, signed: bool = False) -> str:
    """50,000 and 1.2 in English, 50.000 and 1,2 in Vietnamese; `signed` writes the plus of a gain."""
    if math.isnan(value):
        return text("number.none", language)
    thousands, decimal = _MARKS[language]
    plain = f"{abs(value):,.{decimals}f}"
    digits = plain.replace(",", "\0").replace(".", decimal).replace("\0", thousands)
    zero = float(plain.replace(",", "")) == 0
    sign = "" if zero else _MINUS if value < 0 else "+" if signed else ""
    return sign + digits


def unbroken(words: str) -> str:
    """The same words with no line ending between a number and its unit: 8 %, VND 450 billion, 450 tỷ đồng."""
    return _WITH_UNIT.sub(UNBROKEN, words)


def rounded(value: float, scale: float | None = None) -> float:
    """`value` to three significant digits, or to the digits that three would leave in `scale`; whole below 1,000."""
    size = abs(value if scale is None else scale)
    if not math.isfinite(value) or size < 1000:
        return value
    digits = math.floor(math.log10(size)) - 2
    return float(round(value / 10**digits) * 10**digits)


def count(value: float, language: Language, scale: float | None = None, signed: bool = False) -> str:
    """A number of people or things as printed: three significant digits and no decimals."""
    return number(rounded(value, scale), language, 0, signed)


def interval(low: float, high: float, language: Language, scale: float | None = None, signed: bool = False) -> str:
    """Both ends of an interval: "39,100 to 58,800"."""
    ends = (count(end, language, scale, signed) for end in (low, high))
    return text("number.interval", language, **dict(zip(("low", "high"), ends, strict=True)))


def count_within(row: Mapping[Any, Any], language: Language) -> str:
    """A number with its interval, to the digits of the number: "2,040 (1,040 to 3,160)"; a row has low, value, high."""
    low, value, high = (float(row[name]) for name in ("low", "value", "high"))
    return f"{count(value, language)} ({interval(low, high, language, value)})"


def percent(share: float, language: Language, decimals: int = 0) -> str:
    """A share as a percentage: "8.16 %" in English, "8,16%" in Vietnamese."""
    return text("number.percent", language, number=number(100 * share, language, decimals))


def probability(value: float, language: Language) -> str:
    """A probability in words, rounded to 5 points: "about 3 in 10", "under 1 in 20", "over 19 in 20"."""
    return probabilities([value], language)[0]


def probabilities(values: Sequence[float], language: Language) -> list[str]:
    """Probabilities that stand beside one another, so with one denominator: about 7 in 20 and about 8 in 20."""
    wrong = [value for value in values if not (math.isnan(value) or 0 <= value <= 1)]
    if wrong:
        raise BadInput(f"a probability lies between 0 and 1, not at {wrong[0]:g}")
    twentieths = [math.floor(value * 20 + 0.5 + 1e-9) for value in values if 0.05 <= value <= 0.95]
    of = next(size for size in (10, 4, 20) if all(part * size % 20 == 0 for part in twentieths))
    return [_in_words(value, of, language) for value in values]


def _in_words(value: float, of: int, language: Language) -> str:
    if math.isnan(value):
        return text("probability.none", language)
    if value < 0.05:
        return text("probability.under", language)
    if value > 0.95:
        return text("probability.over", language)
    twentieths = math.floor(value * 20 + 0.5 + 1e-9)  # half a step rounds up, whatever the last bits say
    return text("probability.about", language, some=str(twentieths * of // 20), of=str(of))


def money(dong: float, language: Language, signed: bool = False) -> str:
    """An amount in VND: "VND 1.2 trillion" and "VND 450 billion"; "1,2 nghìn tỷ đồng" and "450 tỷ đồng"."""
    return text(_size(dong), language, amount=_amount(dong, dong, language, signed))


def money_interval(low: float, middle: float, high: float, language: Language, signed: bool = False) -> str:
    """An amount with its interval in one unit, that of `middle`: "VND 1.2 (0.9 to 1.6) trillion"."""
    one, two, three = (_amount(dong, middle, language, signed) for dong in (low, middle, high))
    return text(_size(middle), language, amount=f"{two} ({text('number.interval', language, low=one, high=three)})")


def _size(dong: float) -> str:
    return "money.trillion" if abs(dong) >= 0.9995 * _TRILLION else "money.billion"


def _amount(dong: float, scale: float, language: Language, signed: bool) -> str:
    """`dong` in the unit that suits `scale`, with as many digits as that has."""
    large = _size(scale) == "money.trillion"
    amount, of = (each / (_TRILLION if large else _BILLION) for each in (dong, scale))
    return number(rounded(amount, of), language, 1 if large and abs(of) < 100 else 0, signed)


def billions(dong: float, language: Language, signed: bool = False) -> str:
    """An amount in VND billion (tỷ đồng) without the unit, for a table that names it once."""
    return number(dong / _BILLION, language, 0, signed)


def edge(time: float, language: Language) -> str:
    """A date on the time axis: edge 2031.0 is "end 2030"; between two edges, the year that it lies in."""
    key = "time.end" if time == math.floor(time) else "time.during"
    return text(key, language, year=str(math.ceil(time) - 1))


def day(written: str, language: Language) -> str:
    """A date written 2026-01-31, in Vietnamese as 31/01/2026; what is no full date stays as it is."""
    try:
        read = date.fromisoformat(written)
    except ValueError:
        return written
    return read.strftime("%d/%m/%Y") if language == "vi" else written


def month(time: float, language: Language) -> str:
    """The calendar month of a decimal date: 2025-10, in Vietnamese 10/2025."""
    year = math.floor(time)
    place = math.floor((time - year) * 12) + 1
    return f"{place:02}/{year}" if language == "vi" else f"{year}-{place:02}"


def year_reached(time: float, language: Language) -> str:
    """The calendar year of a decimal date, or that it lies beyond the run."""
    return str(math.floor(time)) if math.isfinite(time) else text("time.beyond", language)


def scenario_title(dataset: xr.Dataset, language: Language) -> str:
    """The scenario's printed title; its name where the file gives none."""
    return str(dataset.attrs.get(f"scenario_title_{language}") or dataset.attrs["scenario"])


def calibration(dataset: xr.Dataset, language: Language) -> str:
    """How the numbers came about, as the results say it, in the reader's language."""
    stated = str(dataset.attrs["calibration"])
    if stated.startswith(CALIBRATED):
        return text("calibration.posterior", language, day=day(stated.removeprefix(CALIBRATED), language))
    known = {entries()[key]["en"]: key for key in entries() if key.startswith("calibration.")}
    return text(known[stated], language) if stated in known else stated

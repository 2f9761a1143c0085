"""Numbers of any unit as printed: "4,000 persons/year", "15 %", "60 triệu đồng/người"."""

import math

from vimach_reports.catalogue import Language, entries, number, percent, text


def significant(value: float, language: Language, digits: int = 3) -> str:
    """A number with three significant digits, or all those before the decimal mark; no trailing zeros."""
    if value == 0 or not math.isfinite(value):
        return number(value, language)
    decimals = min(6, max(0, digits - 1 - math.floor(math.log10(abs(value)))))
    while decimals and round(value, decimals) == round(value, decimals - 1):
        decimals -= 1
    return number(value, language, decimals)


def unit_words(unit: str, language: Language) -> str:
    """A unit in the reader's words; "" for a pure number. What the catalogue does not know stays as it is."""
    if unit == "1":
        return ""
    factors = [part.strip() for part in unit.replace("*", "·").split("/")]
    if factors[0] == "1":
        return text("measure.per", language, unit="/".join(_word(part, language) for part in factors[1:]))
    return "/".join(_word(part, language) for part in factors)


def quantity(value: float, unit: str, language: Language, share: bool = False) -> str:
    """A value with its unit; a pure number is a percentage if it is a share."""
    if unit == "1" and share and math.isfinite(value):
        decimals = 0 if abs(100 * value - round(100 * value)) < 0.05 else 1
        return percent(value, language, decimals)
    written, words = significant(value, language), unit_words(unit, language)
    first, *rest = (part.strip() for part in unit.split("/"))
    if f"amount.{first}" in entries():  # English writes the currency before the number
        words = "/".join(_word(part, language) for part in ("", *rest)).lstrip()
        return text(f"amount.{first}", language, number=written) + words
    return f"{written} {words}".rstrip()


def _word(part: str, language: Language) -> str:
    words = ((f"measure.{factor}", factor) for factor in part.split(" · "))
    return " · ".join(text(key, language) if key in entries() else factor for key, factor in words)

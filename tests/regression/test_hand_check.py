"""The page that is checked by hand names the central run's own numbers."""

import re
from pathlib import Path

from .baseline import read

PAGE = (Path(__file__).parents[2] / "docs" / "hand_check.md").read_text(encoding="utf-8")


def _told(row: str) -> float:
    (cell,) = re.findall(rf"^\| {row} \|[^|]+\| ([\d,.]+) \|", PAGE, re.MULTILINE)
    return float(cell.replace(",", ""))


def test_the_page_says_what_the_central_run_says() -> None:
    table = read()
    assert _told("Engineers employed") == round(table["employed_in_sector"][2031.0])
    assert _told("Design firms") == round(table["design_firms_active"][2031.0])
    assert _told("Packaging plants") == round(table["atp_plants_operating"][2031.0], 1)
    assert _told("Trained, headline") == round(table["trained_cumulative"][2031.0])


def test_the_sums_are_right() -> None:
    assert round(15_000 * 1.11**5.4, -2) == 26_400
    assert round(55 * 1.18**5.25) == 131
    assert round(7 + 0.68 * (4 + 2), 1) == 11.1

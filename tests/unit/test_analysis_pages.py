"""Tables of analysis on the terminal: rung, units, both horizons and intervals in each language and at each width."""

import io

import numpy as np
import pandas as pd
import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType
from tests.unit import example_tables

from vimach.analysis.bottleneck import LABELS
from vimach.analysis.verdicts import SWITCHES
from vimach.parameters.table import read_parameters
from vimach_reports import analysis_pages
from vimach_reports.catalogue import LANGUAGES, Language
from vimach_reports.columns import fitted

WIDTHS = (80, 100, 120)


def printed(page: RenderableType, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(page)
    written = console.file
    assert isinstance(written, io.StringIO)
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines())


def movers() -> pd.DataFrame:
    about = {"target": "trained_by_2030", "label_en": "Trained", "label_vi": "Được đào tạo", "by": 2031.0}
    about |= {"rung": "trained_cumulative", "target_value": 50000.0, "unit": "person", "probability_base": 0.02}
    about |= {"low_base": 33000.0, "median_base": 39000.0, "high_base": 45000.0}
    rows = []
    for kind, what, change in (("definition", "wider", 0.4), ("structure", "other", -0.02), ("policy", "none", 0.0)):
        spread = {"low": 40000.0, "median": 48000.0, "high": 55000.0, "probability": 0.02 + change, "change": change}
        ends = {"change_low": change - 0.05, "change_high": change + 0.05, "largest": kind == "definition"}
        rows.append(about | {"kind": kind, "what_en": what, "what_vi": what} | spread | ends)
    still = about | {"target": "still", "label_en": "Still", "label_vi": "Yên", "rung": "", "largest": False}
    rows.append(rows[-1] | still)
    table = pd.DataFrame(rows)
    table.attrs |= {"members": 250, "scenario_title_en": "Baseline", "scenario_title_vi": "Cơ sở"}
    return table


def limits() -> pd.DataFrame:
    structures = ["all", *(f"{switch.parameter}={position}" for switch in SWITCHES for position in (0, 1))]
    rows = [
        {"year": year, "track": "design", "structure": structure, "limit": limit, "label_en": label.en}
        | {"label_vi": label.vi, "held_back": 0.25}
        | {"share": 0.5 * (limit == "places"), "first": float(limit == "places")}
        for structure in structures for year in (2026, 2030, 2035) for limit, label in LABELS.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_and_has_both_horizons(language: Language, width: int) -> None:
    shares = example_tables.attribution()
    shares.attrs["members"] = 250
    labels = {name: (each.label.en, each.label.vi) for name, each in read_parameters().items()}
    later = example_tables.marginal_cost(labels)
    curves = pd.concat([later.assign(edge=2031.0), later])
    curves.attrs = later.attrs | {"present": 2026.0}
    assumptions = example_tables.sensitivity(labels), example_tables.switching(labels)
    pages = (
        analysis_pages.attribution(shares, language, width),
        analysis_pages.bottlenecks(limits(), (2026, 2030, 2035), language, width),
        analysis_pages.marginal_cost(curves, language, width),
        analysis_pages.sensitivity(*assumptions, language, width),
    )
    for page in pages:
        said = printed(page, width)
        assert max(map(cell_len, said.splitlines())) <= width
        assert "2030" in said and "2035" in said
        assert "…" not in said


def test_the_two_blocks_stand_apart_and_what_adds_nothing_has_no_line() -> None:
    shares = example_tables.attribution()
    shares.attrs["members"] = 250
    said = printed(analysis_pages.attribution(shares, "en", 100))
    assert said.index("Decided in Vietnam") < said.index("Money and its spending") < said.index("Decided by others")
    assert "(rung: trained since 1 January 2024)" in said
    shares.loc[shares["kind"] != "base", ["low", "value", "high"]] = 0.0
    assert "set everything alike" in printed(analysis_pages.attribution(shares, "en", 100))


def test_a_verdict_has_rung_interval_chance_and_what_moves_it_most() -> None:
    said = printed(analysis_pages.verdicts(movers(), "en", 100))
    assert "Trained: 50,000 by end 2030 (rung: trained since 1 January 2024)\n moved most by" in said
    assert "Baseline  39,000 (33,000–45,000)  2 %" in said
    assert "wider     48,000 (40,000–55,000)  42 %  +40 (+35 to +45)" in said
    assert "Nothing that was tried moves by a point: Still." in said
    assert "Cơ sở" in printed(analysis_pages.verdicts(movers(), "vi", 100))


def test_the_year_reached_is_told_by_scenario() -> None:
    years = np.arange(2022.0, 2036.0)
    reached = np.clip((years - 2028.0) / 10.0, 0.0, 1.0)
    about = {"scenario": "mine", "target": "trained_by_2030", "label_en": "Trained", "label_vi": "x"}
    about |= {"variable": "trained_cumulative", "rung": "trained_cumulative"}
    table = pd.DataFrame([about | {"year": year, "reached": share} for year, share in zip(years, reached, strict=True)])
    said = printed(analysis_pages.years_reached(table, {"mine": "My own"}, "en", 100))
    assert "My own  20 %      70 %      2033 (2029 to after 2035)" in said


def test_what_binds_under_each_structure_is_told() -> None:
    said = printed(analysis_pages.bottlenecks(limits(), (2026, 2030, 2035), "en", 100))
    assert "Places  50 % (25 %)  50 % (25 %)  50 % (25 %)" in said
    assert "Mentors" not in said  # binds nowhere
    for switch in SWITCHES:
        assert switch.off.en in said and switch.on.en in said


def test_labels_are_folded_and_numbers_are_not() -> None:
    lines = [("", "end 2030"), ("  a label of several words that is long", "1,000,000 (900,000–1,100,000)")]
    shown = [line.plain for line in fitted(lines, 53)]  # type: ignore[union-attr]
    assert shown[1:] == ["  a label of several    1,000,000 (900,000–1,100,000)", "   words that is long"]

"""F11, F12 and the page of a backtest, made from small tables: what they say."""

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from vimach import library
from vimach_calibration.announcements import read_announcements
from vimach_calibration.realisation import estimate, realised_entries
from vimach_reports.announced import announced_table
from vimach_reports.backtest_page import page
from vimach_reports.catalogue import LANGUAGES, Language, entries
from vimach_reports.hindcast import BENCHMARK, MODEL, draw_hindcast, hindcast_table

from . import example_tables

ABOUT: dict[str, Any] = {
    "scenario": "baseline", "scenario_title_en": "Baseline", "scenario_title_vi": "Cơ sở",
    "scenario_hash": "0123456789ab", "seed": 1017, "members": 400, "truths": 10, "model_version": "0.1.0",
    "data_vintage": "2026-07-31",
    "calibration": "calibrated anew for each vintage", "fewest_effective": 40.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def forecasts() -> pd.DataFrame:
    return example_tables.forecasts()


@pytest.fixture(scope="module")
def entries_and_estimates() -> tuple[pd.DataFrame, pd.DataFrame]:
    return realised_entries(read_announcements()), estimate()


def test_the_hindcast_leaves_out_what_was_not_fitted(forecasts: pd.DataFrame) -> None:
    table = hindcast_table(forecasts)
    assert len(table) == 6
    assert list(dict.fromkeys(table["panel"])) == ["employed_design 2025.60", "design_firms_active 2025.60"]
    assert draw_hindcast(forecasts, ABOUT, "en").title.startswith("The 80 % interval held the later count in 4 of 4")


def test_the_hindcast_names_what_its_intervals_missed(forecasts: pd.DataFrame) -> None:
    other = forecasts.assign(series="design_share_under_five_years", unit="1", covered80=False)
    title = draw_hindcast(pd.concat([forecasts, other.head(4)]), ABOUT, "en").title
    assert "in 4 of 6 past forecasts of 3 counts" in title
    assert title.endswith("missed: design engineers with under five years of experience (2 of 2)")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_hindcast_holds_every_count_that_the_goals_are_scored_on(language: Language) -> None:
    record = json.loads(library.folder("estimates").joinpath("track_record.json").read_text(encoding="utf-8"))
    drawing = draw_hindcast(pd.DataFrame(record["forecasts"]), record["about"], language)
    (goal,) = (goal for goal in record["goals"] if goal["goal"] == "real_coverage")
    model = drawing.table[drawing.table["forecaster"] == MODEL]
    held = int(model["covered80"].astype(bool).sum())
    assert (len(model), held) == (goal["n"], round(goal["found"] * goal["n"]))
    of = {"en": f"in {held} of {goal['n']} past", "vi": f"trong {held} trên {goal['n']} dự báo"}[language]
    assert of in drawing.title
    people = drawing.table[drawing.table["unit"] == "person"]
    assert (people["rung"] != "").all(), "a headcount without its rung"


def test_every_entry_of_the_register_is_shown_with_a_label_in_both_languages(
    entries_and_estimates: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    used, estimates = entries_and_estimates
    table = announced_table(used, estimates)
    assert set(used["name"]) <= set(table["name"])
    assert all(f"announced.{name}" in entries() for name in used["name"])
    line = estimates[estimates["quantity"] == "realisation_ratio"].set_index("kind").loc["scholarship"]
    shown = table[(table["kind"] == "scholarship") & (table["name"] == "estimate")].iloc[0]
    assert (shown["ratio"], shown["low"], shown["high"]) == (line["median"], line["p05"], line["p95"])
    assert int(line["n"]) == (used["kind"] == "scholarship").sum()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_filled_from_the_tables(forecasts: pd.DataFrame, language: Language) -> None:
    told = page(_tables(forecasts), 5e-5, ABOUT, language)
    assert told == page(_tables(forecasts), 5e-5, ABOUT, language)
    assert re.search("0[.,]0050 ?%", told)
    assert entries()["outcome.not estimable"][language] in told
    assert entries()["page.thin"][language] in told
    assert "nan" not in told
    assert "{" not in told


def _tables(forecasts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    made = forecasts.assign(panel="as counted so far", levers="from the prior")
    ahead = {f"horizon{year}": 1 for year in range(1, 6)}
    origins = pd.DataFrame([{"origin": "2023-12-31", "series": "employed_design", "scope": "", **ahead}])
    score = {
        "n": 4, "blocks": 2, "outturns": 2, "mape": 6.5, "bias": -0.05, "wis": 0.04, "coverage80": 1.0,
        "coverage80_low": np.nan, "coverage80_high": np.nan, "effective_size": 45.0, "not_estimable": 2,
    }  # fmt: skip
    skill = {"best": "last value", "n": 2, "skill": 0.4, "low": np.nan, "high": np.nan}
    summary, skills = [], []
    for panel, levers in (("real", "as they happened"), ("as counted so far", "from the prior")):
        for series in ("employed_design", "total"):
            where = {"panel": panel, "levers": levers, "series": series}
            summary += [
                {**where, "horizon": "all", "forecaster": name, **score, "n": 4 if name == MODEL else 0}
                for name in (MODEL, BENCHMARK, "Theta")
            ]
            skills += [{**where, "horizon": horizon, **skill} for horizon in ("all", "3 to 5")]
    goals = [
        {"goal": "real_width", "asked": "at most 1.2", "found": np.nan, "low": np.nan, "high": np.nan, "n": 0,
         "outcome": "not estimable"},
        {"goal": "synthetic_skill", "asked": "at least 0.10", "found": 0.4, "low": 0.3, "high": 0.5, "n": 9,
         "outcome": "reached"},
    ]  # fmt: skip
    day = {"levers": "as they happened", "counts": 2, "members": 10_000}
    calibrations = [
        {**day, "origin": "2023-10-28", "effective_size": 6605.3, "not_calibrated": "0 of the 1 counts"},
        {**day, "origin": "2024-12-31", "effective_size": 1278.4, "not_calibrated": ""},
    ]  # fmt: skip
    return {
        "calibrations": pd.DataFrame(calibrations), "questions": _questions(),
        "recalibration": pd.DataFrame([{"not_estimable": "none", "least": 3}]),
        "origins": origins, "forecasts": pd.concat([forecasts, made]), "summary": pd.DataFrame(summary),
        "skills": pd.DataFrame(skills), "goals": pd.DataFrame(goals),
        "enrolled": pd.DataFrame([{"horizon": 1, "allowed": 1.5, "error": 1.1, "n": 30, "effective_size": 20.0}]),
    }  # fmt: skip


def _questions() -> pd.DataFrame:
    lines = [
        {"question": "count", "n": 23, "answers": 4, "brier": 0.169, "plain": 0.25, "due": np.nan, "not_estimable": ""},
        {"question": "announcement", "n": 2, "answers": 2, "due": np.nan, "not_estimable": "N = 2 answers"},
        {"question": "target", "n": 0, "answers": 0, "due": 2028.0, "not_estimable": "none is due"},
    ]
    return pd.DataFrame(lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_what_each_day_was_worth_and_what_failed(forecasts: pd.DataFrame, language: Language) -> None:
    tables = _tables(forecasts)
    told = page(tables, 5e-5, ABOUT, language)
    first = {"en": "For 1 of the 2 days", "vi": "Với 1 trên 2 ngày"}[language]
    assert first in told
    assert re.search("1[.,]278", told)
    assert {"en": "1 of 3 truths could not", "vi": "1 trên 3 chuỗi sự thật không"}[language] in told
    assert "2027" in told
    corrected = {
        "n": 5, "outturns": 4, "learnt": 5, "least": 3, "factor": 0.86, "coverage80_before": 0.8,
        "coverage80_after": 0.6, "score_before": 0.47, "score_after": 0.48, "not_estimable": "",
    }  # fmt: skip
    told = page({**tables, "recalibration": pd.DataFrame([corrected])}, 5e-5, ABOUT, language)
    assert re.search("0[.,]86", told)
    assert re.search("60 ?%", told)

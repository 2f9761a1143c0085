"""The briefing: true whatever the numbers are, in both languages, as an archival PDF, a workbook and a manifest."""

import hashlib
import io
import json
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pikepdf
import pytest
import xarray as xr
from typer.testing import CliRunner

from vimach import reporting
from vimach.analysis.definition import CURVE, SHARES, TRAINED
from vimach.analysis.targets import headline, probability_at
from vimach.analysis.verdicts import LADDER
from vimach.cli import app
from vimach.errors import BadInput
from vimach.files import write_whole
from vimach.paths import Constant
from vimach.posterior import CALIBRATED
from vimach.scenario import Scenario, known_scenarios, read_scenario, restored
from vimach.simulate import Model, Settings
from vimach_calibration.training_targets import read_training_targets
from vimach_reports import catalogue, figures, lever_table
from vimach_reports.briefing import folder as folders
from vimach_reports.briefing import typeset
from vimach_reports.briefing.annexes import announced, bounds, central, label_name, setting
from vimach_reports.briefing.behind import STRUCTURES
from vimach_reports.briefing.blocks import Document, Heading, Paragraph, Table
from vimach_reports.briefing.facts import Estimate, Voice
from vimach_reports.briefing.figures import drawings
from vimach_reports.briefing.material import JUDGED, Material
from vimach_reports.briefing.official import read, reconciled
from vimach_reports.briefing.pages import briefing
from vimach_reports.briefing.questions_more import does_supply_match
from vimach_reports.briefing.workbook import HEAD, Sheet, unit_of, workbook
from vimach_reports.catalogue import LANGUAGES, Language
from vimach_reports.figure import Drawing
from vimach_reports.quantity import unit_words
from vimach_reports.writing import csv_bytes

from . import example_tables

FIGURES = ("F1_fan", "F7_targets")  # as if no others could be drawn
Documents = dict[Language, Document]
Drawn = dict[Language, dict[str, Drawing]]
FACTORS = {"trained_cumulative": 1.05, "employed_in_sector": 1.03, "programme_cost": 1.5, "cost_to_the_economy": 1.3}
each_language = pytest.mark.parametrize("language", LANGUAGES)


def varied(data: xr.Dataset, scenario: Scenario, factors: dict[str, float], since: float = 2028.0) -> xr.Dataset:
    """The results as another scenario might give them: some variables scaled from `since` on."""
    made = data.copy()
    for name, factor in factors.items():
        time = "edge" if "edge" in data[name].dims else "period"
        made[name] = xr.where(data[time] > since - 1, data[name] * factor, data[name], keep_attrs=True)
    about = {"scenario": scenario.name, "scenario_hash": scenario.hash, "scenario_text": scenario.text}
    titles = {"scenario_title_en": scenario.title.en, "scenario_title_vi": scenario.title.vi}
    return made.assign_attrs(data.attrs | about | titles)


@pytest.fixture(scope="module")
def scenarios(model: Model) -> tuple[Scenario, Scenario]:
    first, second = (read_scenario(name, model.table, model.labels) for name in ("baseline", "accelerated_funding"))
    return first, second


@pytest.fixture(scope="module")
def material(model: Model, scenarios: tuple[Scenario, Scenario], ensemble_run: xr.Dataset) -> Material:
    base = ensemble_run.assign_attrs(newest_stock_count=2025.75)
    data = [base, varied(base, scenarios[1], FACTORS)]
    return reporting.material(model, scenarios, data, {}, {"baseline/results.nc": "0" * 64}, Settings(members=20))


def altered(material: Material, scenarios: tuple[Scenario, Scenario], one: Any, two: Any) -> Material:
    base = varied(material.base, scenarios[0], one, since=2016.0)
    return replace(material, datasets=(base, varied(base, scenarios[1], two)))


@pytest.fixture(scope="module")
def drawn(material: Material) -> Drawn:
    return {language: drawings(material, language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def documents(material: Material, drawn: Drawn) -> Documents:
    return {language: briefing(material, language, list(drawn[language])) for language in LANGUAGES}


@pytest.fixture(scope="module")
def written(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("briefing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folders, "save", only_table)
        files = folders.write(material, LANGUAGES, folder)
    about = dict.fromkeys(("model_version", "data_vintage", "languages"), "") | {"analyses": False, "posterior": None}
    folders.write_manifest(folder, files, {**about, "settings": {}, "scenarios": []})
    return folder


def only_table(drawing: Drawing, folder: Path) -> tuple[Path, ...]:
    """A figure without the files of its pictures, whose bytes are tested with the figures."""
    return (write_whole(folder / f"{drawing.name}.csv", csv_bytes(drawing.table)),)


def said(material: Material, language: Language = "en") -> str:
    return "\n".join(briefing(material, language, FIGURES).sentences())


# what is said


def test_both_languages_say_the_same_things(documents: Documents) -> None:
    english, vietnamese = (documents[language] for language in LANGUAGES)
    assert [type(block) for block in english.blocks] == [type(block) for block in vietnamese.blocks]
    for one, two in zip(english.tables(), vietnamese.tables(), strict=True):
        assert (one.name, len(one.rows), len(one.head)) == (two.name, len(two.rows), len(two.head))
        pd.testing.assert_frame_equal(one.data, two.data)


def test_every_part_that_was_asked_for_is_there(documents: Documents) -> None:
    heads = [block.text for block in documents["en"].blocks if isinstance(block, Heading) and block.level == 1]
    assert [head[:2] for head in heads[1:7]] == ["1.", "2.", "3.", "4.", "5.", "6."]
    assert [head[:8] for head in heads[7:]] == [f"Annex {letter}." for letter in "ABCDEFGHIJ"]


@each_language
def test_numbers_are_written_as_the_language_does(documents: Documents, language: Language) -> None:
    quoting = ("annex_g_overrides", "q6_settings")  # reasons as their files give them
    tables = [table for table in documents[language].tables() if table.name not in quoting]
    cells = " ".join(cell for table in tables for row in table.rows for cell in row[1:])
    wrong = {"en": r"\b\d{1,3}\.\d{3}\b(?!\d)", "vi": r"\b\d{1,3},\d{3}\b"}[language]
    assert not [found for found in re.findall(wrong, cells) if not found.startswith("0")]


def test_no_probability_is_printed_as_a_fraction(documents: Documents) -> None:
    assert not re.search(r"probability[^.]{0,40}\b0\.\d", " ".join(documents["en"].sentences()))


@pytest.mark.parametrize(
    ("trained", "employed", "gain", "clause"),
    [
        (0.5, 0.5, 1.0, "neither 50,000 people trained"),
        (5.0, 0.5, 1.0, "50,000 engineers employed by end 2030 is more likely than not in neither scenario"),
        (5.0, 9.0, 1.0, "50,000 engineers employed by end 2030 is more likely than not in both scenarios"),
        (5.0, 1.0, 9.0, "employed by end 2030 is more likely than not in one scenario alone, Accelerated funding"),
        (5.0, 9.0, 0.01, "employed by end 2030 is more likely than not in one scenario alone, Baseline"),
    ],
)
def test_the_first_sentence_follows_the_numbers(
    material: Material, scenarios: tuple[Scenario, Scenario], trained: float, employed: float, gain: float, clause: str
) -> None:
    one = {"trained_cumulative": trained, "employed_in_sector": employed}
    other = altered(material, scenarios, one, {"employed_in_sector": gain})
    assert clause in next(iter(briefing(other, "en", FIGURES).sentences()))


def test_a_scenario_that_adds_nothing_is_not_praised(material: Material, scenarios: tuple[Scenario, Scenario]) -> None:
    less = dict.fromkeys(("trained_cumulative", "employed_in_sector", "design_firms_active"), 0.8)
    words = said(altered(material, scenarios, {}, {**less, "programme_cost": 0.9}))
    assert "What it adds." not in words and "What it changes." in words
    assert "No clear rise of state programme money" in words
    words = said(altered(material, scenarios, {}, {**less, "programme_cost": 1.5}))
    assert "is not defined: over 19 in 20 of the runs gain nobody" in words


@pytest.mark.parametrize("way", ["a copy of the first", "the first with nothing set, against one that sets much"])
def test_a_scenario_that_decides_nothing_has_its_briefing(
    model: Model, material: Material, scenarios: tuple[Scenario, Scenario], way: str
) -> None:
    copy = replace(scenarios[0], name="again")
    read = (scenarios[0], copy) if way.startswith("a copy") else (scenarios[1], scenarios[0])
    data = [varied(material.base, scenario, {}) for scenario in read]
    none = reporting.material(model, read, data, {}, {}, Settings(members=20))
    document = briefing(none, "en", FIGURES)
    words = "\n".join(document.sentences())
    assert none.decisions().empty and list(none.decisions()) == list(none.overrides)
    assert words.count("sets nothing that is not set in the first scenario") == 2, "on page 1 and in annex A"
    assert "What it changes." in words and "What it adds." not in words
    shown = {table.name: table for table in document.tables()}
    assert "annex_a_levers" not in shown
    page = shown["page1_targets"].data
    assert (page.loc[page["series"] == "difference", ["low", "median", "high"]] == 0).all(axis=None)


def test_a_target_that_rises_is_not_among_those_not_improved(
    material: Material, scenarios: tuple[Scenario, Scenario]
) -> None:
    words = said(altered(material, scenarios, {"employed_in_sector": 1.0}, {"employed_in_sector": 9.0}))
    (unmoved,) = [line for line in words.splitlines() if line.startswith("What it hardly improves")]
    assert "Engineers employed" not in unmoved
    assert "raises these probabilities by less than 2.5 points, or lowers them: " in unmoved


@pytest.mark.parametrize(("factor", "relation"), [(0.3, "less than"), (5.0, "more than")])
def test_the_sum_by_hand_is_held_against_the_run(
    material: Material, scenarios: tuple[Scenario, Scenario], factor: float, relation: str
) -> None:
    words = said(altered(material, scenarios, {"employed_in_sector": factor}, {}))
    assert "15,000 × 1.11^5.4 = about 26,400 engineers" in words
    assert f"{relation} the sum by hand" in words


def test_the_age_of_the_counts_is_a_caveat_only_if_they_are_old(material: Material) -> None:
    assert "(1) The newest stock count is of 2025-10, 10 months before the evidence ends" in said(material)
    fresh = [each.assign_attrs(newest_stock_count=2026.4) for each in material.datasets]
    words = said(replace(material, datasets=tuple(fresh)))
    assert "months before the evidence ends" not in words and "(2) Who counts as trained is our reading" in words
    assert "(3) Status of all numbers: " in words


def test_a_figure_or_table_that_is_missing_is_said_to_be(material: Material) -> None:
    words = said(material)
    assert "The figure of the gain by group of levers is not part of this edition." in words
    assert "Which limit binds in which year was not computed for this edition." in words


def movers(change: float, error: float = 0.02, kind: str = "definition", weight: float = np.nan) -> pd.DataFrame:
    row = {"target": "trained_by_2030", "label_en": "Trained", "label_vi": "Đào tạo", "rung": "trained_cumulative"}
    row |= {"unit": "person", "target_value": 5e4, "by": 2031.0, "kind": kind, "what": "6", "what_en": "6 %"}
    row |= {"what_vi": "6%", "probability_base": 0.02, "probability": 0.02 + change, "change": change}
    row |= {"change_low": change - error, "change_high": change + error, "weight": weight}
    return pd.DataFrame([row | {"largest": abs(change) >= 0.01}])


def test_tables_of_analysis_are_said_in_words(material: Material) -> None:
    switching = pd.DataFrame(
        {"target": ["trained_by_2030", "atp_plants_by_2030"], "rung": ["trained_cumulative", ""],
         "verdict": ["missed", "missed"], "parameter": ["", "plant_ramp_time"], "label_en": ["", "Ramp"],
         "label_vi": ["", "Tăng công suất"], "value": [np.nan, 0.9], "switch": [np.nan, 0.6],
         "share_of_way": [np.nan, 0.39]}
    )  # fmt: skip
    bottleneck = pd.DataFrame(
        {"year": 2028, "track": "design", "structure": "all", "limit": ["vacancies", "none"],
         "label_en": ["Entry posts", "None"], "label_vi": ["Vị trí", "Không"], "share": [0.6, np.nan],
         "held_back": [0.2, np.nan], "first": [0.7, 0.3]}
    )  # fmt: skip
    timing = pd.DataFrame(
        {"lever": ["dedicated_places", "conversion_places"], "decided": 2027.0, "last_decision": [2027.0, np.nan],
         "first_year": [2029.0, np.nan], "trained_2030": [-9.9, -10.1]}
    ).assign(employed_2030=1.0, trained_2035=1.0, employed_2035=1.0)  # fmt: skip
    tables = {"movers": movers(0.9), "timing": timing, "switching": switching, "bottleneck": bottleneck}
    full = replace(material, tables=tables)
    words = said(full)
    printed = {table.name: table for table in briefing(full, "en", FIGURES).tables()}
    assert [row[1:] for row in printed["q1_movers"].rows] == [("definition: 6 %", "+90 (+88 to +92)")]
    assert "most, in 2028" not in words and "in 2028, most often: Design – entry posts (about 7 in 10)" in words
    assert printed["q3_bottleneck"].rows[0][2:] == ("Entry posts: about 7 in 10", "None: about 3 in 10", "")
    assert [row[2] for row in printed["annex_i_switching_values"].rows] == ["nothing alone turns it", "Ramp"]
    assert "It misses 2; one assumption or definition turns 1 of these into a success." in words
    few = "1 of 2 add fewer than ten people, trained or employed, by end 2030, whenever decided: seats in conversion"
    assert few in words
    assert "First to be too late are those not decided by 2027: first-year places" in words
    assert "Alone, 1 lower the number trained by end 2030 by ten or more: seats in conversion courses; while" in words
    with pytest.raises(BadInput, match="no page prints a table 'mover'"):
        replace(material, tables={"mover": movers(0.0)})


@pytest.mark.parametrize(("language", "run", "not_calibrated"), [
    ("en", "central run", "as first judged, not calibrated"),
    ("vi", "lượt mô phỏng trung tâm", "theo nhận định ban đầu, chưa hiệu chỉnh"),
])  # fmt: skip
def test_a_number_of_the_central_run_is_said_not_to_be_calibrated(
    whole: Material, language: Language, run: str, not_calibrated: str
) -> None:
    document, central = briefing(whole, language, FIGURES), Voice(language)("source.central")
    sentences = [words for words in document.sentences() if run in words]
    assert len(sentences) == 2 and all(f"({not_calibrated})" in words for words in sentences)
    notes = {table.name: table.note for table in document.tables() if table.source == central}
    assert set(notes) == {"annex_i_timing", "annex_i_switching_values"}
    assert all(not_calibrated in note for note in notes.values())


@pytest.mark.parametrize(("change", "error"), [(0.0, 0.0), (0.02, 0.03)])
def test_a_move_that_luck_explains_is_none(material: Material, change: float, error: float) -> None:
    document = briefing(replace(material, tables={"movers": movers(change, error)}), "en", FIGURES)
    (table,) = [table for table in document.tables() if table.name == "q1_movers"]
    assert [row[1:] for row in table.rows] == [("nothing that was tried moves it clearly", "")]


def test_the_year_is_told_on_every_rung(material: Material, documents: Documents) -> None:
    table = next(each for each in documents["en"].tables() if each.name == "annex_i_years_by_rung")
    rungs = [name for name in (TRAINED, *LADDER) if name in material.base]
    assert len(rungs) > 4 and len(table.rows) == 2 * len(rungs)
    assert set(table.data["target"]) == {target.name for target in material.due}
    target = material.target_on(TRAINED)
    assert target is not None
    told = table.data[(table.data["target"] == target.name) & (table.data["year"] == 2030)]
    assert set(told["variable"]) == set(rungs)
    own = told[(told["variable"] == TRAINED) & (told["scenario"] == "baseline")]["reached"].iloc[0]
    assert own >= probability_at(headline(material.base, target), target, target.by)
    first = next(row for row in table.rows if row[0].startswith("(b)"))
    assert first[1:2] == ("Baseline",) and catalogue.probability(own, "en") in first


def test_money_says_its_prices_its_rate_and_usd(documents: Documents) -> None:
    tables = {table.name: table for table in documents["en"].tables()}
    for name in ("q2_extra_money", "annex_i_payers", "annex_i_cost_of_each"):
        table = tables[name]
        assert "VND of 2025" in table.note and "not discounted" in table.note, name
        data = table.data.dropna(subset=["low"])
        assert (data["price_year"] == 2025).all() and (data["discount_rate"] == 0.0).all()
        assert data["low_usd"].to_numpy() == pytest.approx((data["low"] / data["vnd_per_usd"]).to_numpy())
    life = tables["annex_i_whole_life"]
    assert "VND of 2025, discounted at 8 % a year; 26,000 VND to the USD." in life.note
    assert life.data["place"].nunique() == 3 and (life.data["cost_low"] <= life.data["cost_high"]).all()


def test_the_share_of_related_majors_that_counts_is_a_curve(documents: Documents) -> None:
    table = next(each for each in documents["en"].tables() if each.name == "definition")
    assert len(table.head) == 1 + len(SHARES)
    for _, curve in table.data.groupby("scenario"):
        assert curve["share"].tolist() == list(CURVE) and set(SHARES) <= set(CURVE)
        assert curve["probability"].is_monotonic_increasing


def test_targets_whose_probability_is_judgment_alone_stay_in_their_annex(material: Material) -> None:
    judged = replace(material.due[0], name="a_project", variable=JUDGED[0])
    both = pd.DataFrame({"target": [judged.name, material.due[0].name], "probability": [0.1, 0.2]})
    given = replace(material, targets=(*material.targets, judged), tables={"movers": both})
    found = given.table("movers")
    assert found is not None
    assert found["target"].tolist() == [material.due[0].name]
    assert judged in given.judged
    assert judged not in given.due


def test_further_scenarios_fill_the_page_of_shocks(material: Material, scenarios: tuple[Scenario, Scenario]) -> None:
    slump = varied(material.base, replace(scenarios[0], name="slump"), {"employed_in_sector": 0.5})
    words = said(replace(material, datasets=(*material.datasets, slump)))
    assert "The largest loss of engineers at end 2030 [employed in the sector]: Baseline, −" in words
    assert "No further scenario was given to this report" in said(material)


def test_annex_and_lever_table_tell_the_same_before(model: Model, material: Material, documents: Documents) -> None:
    (annex,) = (table for table in documents["en"].tables() if table.name == "annex_a_levers")
    shown = lever_table.lever_table(material.datasets, model.table).set_index("lever")["first"]
    before = annex.data.set_index("parameter")["before"]
    assert before.to_dict() == shown[before.index].to_dict()
    assert before["dedicated_places"] == pytest.approx(5036.5, abs=1) and before["scholarship_coverage_share"] == 0.3
    cells = {row[0]: row[1] for row in annex.rows}
    assert cells["First-year places in dedicated chip programmes"].startswith("5,03")
    assert annex.head[1] == "Baseline, mid-2030"


def test_what_holds_before_a_decision_is_told_label_by_label(model: Model) -> None:
    planned = model.table["fab_planned"]
    none = {"labels": ["hoa_lac"], "law": "value", "path": {"constant": {"to": 0.0}}}
    assert lever_table.held(planned, [none], ["hoa_lac"]).tolist() == [0.0]
    others = [label for label in model.labels["fab_project"] if label != "hoa_lac"]
    for label in others:
        assert lever_table.held(planned, [none], [label]) == lever_table.held(planned, [], [label])


def test_runs_that_cannot_be_compared_are_refused(material: Material) -> None:
    shorter = material.other.isel(member=slice(12))
    with pytest.raises(BadInput, match="the members differ"):
        replace(material, datasets=(material.base, shorter))
    with pytest.raises(BadInput, match="the model version differs"):
        replace(material, datasets=(material.base, material.other.assign_attrs(model_version="9")))


@pytest.mark.parametrize(
    ("rung", "high", "complaint"),
    [("", 3.0, "headcount without its rung"), ("trained_cumulative", float("nan"), "number without its interval")],
)
def test_a_headline_without_rung_or_interval_is_refused(rung: str, high: float, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        Estimate("trained", "person", rung, 2031.0, 1.0, 2.0, high)


BARE = re.compile(r"(?<![\d.,^/(])[+−]?(\d{1,3}(?:[.,]\d{3})+|\d+[.,]\d(?= times| lần))(?! ?\()")
"""A count of a thousand or more, or a ratio, that no interval follows."""


def bare(sentence: str) -> list[str]:
    """The numbers of a sentence that stand without an interval."""
    return [match[1] for match in BARE.finditer(re.sub(r"(?<= )\([^()]*\)", "()", sentence))]


@each_language
def test_no_number_of_the_main_part_stands_without_its_interval(whole: Material, language: Language) -> None:
    say, document = Voice(language), briefing(whole, language, FIGURES)
    sentences = list(document.sentences())
    main = sentences[: sentences.index(say("lever.heading"))]
    asked = {say.number(target.value) for target in whole.targets} | {say.number(15000), say.number(1000)}
    ours = (sentence for sentence in main if not sentence.startswith(say("hand.lead")))  # a sum has no interval
    assert [(number, sentence) for sentence in ours for number in bare(sentence) if number not in asked] == []


def test_the_scan_finds_a_number_without_its_interval() -> None:
    assert bare("8,880 a year, 2.3 times, +1.790 người") == ["8,880", "2.3", "1.790"]
    assert bare("8,880 (8,610 to 9,070) a year, 2.3 (1.8 to 2.9) times") == []


def test_every_table_of_money_says_its_prices_and_its_rate(whole: Material) -> None:
    tables = {table.name: table for table in briefing(whole, "en", FIGURES).tables()}
    money = [table for table in tables.values() if "unit" in table.data and (table.data["unit"] == "VND").any()]
    assert {table.name for table in money} >= {"q2_extra_money", "q2_gains", "q6_shocks", "annex_i_payers"}
    assert [table.name for table in money if "VND of 2025" not in table.note or "discounted" not in table.note] == []


@each_language
def test_what_lies_between_an_official_figure_and_ours_is_a_number(material: Material, language: Language) -> None:
    say = Voice(language)
    tables = {each.name: each for each in briefing(material, language, FIGURES).tables()}
    table = tables["page2_official_figures"]
    for each, row in zip(reconciled(material), table.rows, strict=True):
        assert row[-1].startswith(f"{say.spread(each.gap, signed=True)}: {say(f'official.{each.place}')};")
        outside = {"above": each.gap.low > 0, "below": each.gap.high < 0, "inside": each.gap.low <= 0 <= each.gap.high}
        assert outside[each.place], each.name
        assert not re.search(r"(?<!counts )\bthe same\b", row[-1]), "the same number, or the same things?"


def test_what_registers_and_sentences_say_of_the_evidence_is_so(material: Material) -> None:
    runs = [plant["name"] for plant in read("named")["plants"].values() if plant["counted"] == "yes"]
    assert (len(runs), len(runs) - runs.count("?")) == (7, 6), "six of the seven can be named"
    enrol = material.parameters["admission_confirmed_share"].number
    assert enrol == pytest.approx(0.8, abs=0.025), "one in five does not enrol"
    assert "7 regional shares of design engineers, of 2022 to 2024" in said(material)
    early = material.observations[material.observations["time"] < 2024]
    assert "6 regional shares of design engineers, of 2022." in said(replace(material, observations=early))


def test_a_path_by_year_is_written_as_the_language_does(model: Model) -> None:
    row = {"to": np.nan, "points": "2030.5: 9000, 2032: 9500.5"}
    places = model.table["dedicated_places"]
    assert setting(row, places, Voice("vi")) == "theo năm: 2030,5: 9.000; 2032: 9.500"
    assert setting(row, places, Voice("en")) == "by year: 2030.5: 9,000; 2032: 9,500"


@pytest.mark.parametrize(("word", "starts", "ends", "english", "vietnamese"), [
    ("pulse", 2027.0, 2029.0, "25 % from 2027 to end 2028", "25% từ 2027 đến cuối 2028"),
    ("pulse", 2027.5, 2028.5, "25 % from 2027-07 to 2028-07", "25% từ 07/2027 đến 07/2028"),
    ("ramp", 2027.0, 2029.0, "25 %, in even steps from 2027 to end 2028", "25%, thay đổi đều từ 2027 đến cuối 2028"),
])  # fmt: skip
def test_a_span_ends_with_the_year_before_the_one_that_begins(
    model: Model, word: str, starts: float, ends: float, english: str, vietnamese: str
) -> None:
    row = {"word": word, "to": 0.25, "starts": starts, "ends": ends}
    slump = model.table["demand_shock_share"]
    assert [setting(row, slump, Voice(language)) for language in LANGUAGES] == [english, vietnamese]


@each_language
def test_every_assumption_has_its_unit_beside_its_value_or_its_bounds(material: Material, language: Language) -> None:
    say = Voice(language)
    for parameter in material.parameters.values():
        told, dated = f"{central(parameter, say)} | {bounds(parameter, say)}", parameter.unit == "year"
        assert dated or unit_words(parameter.unit, language) in told, told


def test_numbers_that_are_calibrated_need_no_caveat_that_says_so(material: Material) -> None:
    fresh = [
        each.assign_attrs(newest_stock_count=2026.4, calibration=f"{CALIBRATED}2026-07-31")
        for each in material.datasets
    ]
    words = said(replace(material, datasets=tuple(fresh)))
    assert "(2) Who counts as trained is our reading" in words and "(3)" not in words


def test_every_table_of_people_names_its_rungs(documents: Documents) -> None:
    for table in documents["en"].tables():
        people = "unit" in table.data and (table.data["unit"] == "person").any() and "low" in table.data
        assert not people or table.rung, table.name


# the registers


def test_official_figures_stand_beside_ours(material: Material) -> None:
    found = {each.name: each for each in reconciled(material)}
    values = (15000, 18000, 137221, 10000, 60, 50, 7, 15)
    assert tuple(each.value for each in found.values()) == values
    assert found["plants_high"].place == "above" and found["plants_low"].place == "inside"


@pytest.mark.parametrize("name", ["named", "official_figures"])
def test_registers_are_written_in_both_languages(name: str) -> None:
    assert not_written(read(name)) == []


def test_a_register_with_an_empty_string_is_noticed() -> None:
    entry = {"why": {"en": "runs", "vi": " "}, "place": {"en": "Ha Noi"}, "rows": ["a", ""]}
    assert not_written({"plant": entry}) == ["plant.why.vi", "plant.place", "plant.rows"]


def not_written(entry: Any, key: str = "") -> list[str]:
    """Where a register says nothing, or says it in one language alone; what is no headcount has no rung."""
    if isinstance(entry, dict):
        alone = [key] if {"en", "vi"} & set(entry) and set(entry) != set(LANGUAGES) else []
        fields = ((name, value) for name, value in entry.items() if name != "rung")
        inside = (not_written(value, f"{key}.{name}".strip(".")) for name, value in fields)
        return [*alone, *(found for part in inside for found in part)]
    texts = entry if isinstance(entry, list) else [entry]
    return [key] if not all(str(text if text is not None else "").strip() for text in texts) else []


def test_plants_are_counted_as_the_model_counts_them(model: Model, material: Material) -> None:
    planned = model.table["plant_still_planned"].value
    runs = {element.labels[0] for element in planned if element.labels and element.path == Constant(0.0)}
    labels = [label for label in model.labels["plant"] if not label.startswith("future_")]
    named = {name: plant["counted"] for name, plant in read("named")["plants"].items() if plant["counted"] != "no"}
    assert named == {label: "yes" if label in runs else "if_built" for label in labels}


def test_every_training_target_has_its_words(material: Material) -> None:
    for name in read_training_targets().targets:
        for language in LANGUAGES:
            assert Voice(language)(f"training.{name}") and Voice(language)(f"training.{name}.counts")


@pytest.mark.parametrize(("part", "words"), [
    (0.9, "{degree}, more than the {yardstick}; with those that state no level, to {most}."),
    (1.1, "{degree}, no more than the {yardstick}; with those that state no level, to {most}, which is more"),
    (9.9, "{degree}; even with those that state no level, {most}, they are no more than the {yardstick}."),
])  # fmt: skip
def test_targets_that_state_no_level_are_no_degree_holders(material: Material, part: float, words: str) -> None:
    """The verdict on the sum of degree holders follows the numbers, with and without those that state no level."""
    sums = read_training_targets().totals().set_index("counted")["after_overlap"]
    yardstick = part * sums["degree"]
    numbers = {"degree": sums["degree"], "most": sums["may"], "yardstick": yardstick}
    paragraph = announced(replace(material, yardstick=yardstick), Voice("en"))[1]
    assert isinstance(paragraph, Paragraph)
    assert words.format(**{name: catalogue.number(value, "en") for name, value in numbers.items()}) in paragraph.text


def test_a_string_that_is_missing_fails_the_build(material: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = {key: texts for key, texts in catalogue.entries().items() if key != "briefing.training.hust"}
    monkeypatch.setattr(catalogue, "entries", lambda: fewer)
    with pytest.raises(BadInput, match=r"briefing\.training\.hust"):
        briefing(material, "vi", FIGURES)


def test_every_reason_of_a_scenario_has_its_vietnamese(model: Model) -> None:
    every = [read_scenario(name, model.table, model.labels) for name in known_scenarios()]
    given = {each for scenario in every for each in (scenario.because, *(o.because for o in scenario.overrides))}
    file = "reports/vimach_reports/briefing/reasons.yaml"
    assert given - set(catalogue.reasons()) == set(), f"to be added to {file}"
    assert set(catalogue.reasons()) - given == set(), f"to go from {file}"
    assert all(words.strip() and words != english for english, words in catalogue.reasons().items())


@each_language
def test_every_label_has_its_words(model: Model, language: Language) -> None:
    for dimension, labels in model.labels.items():
        for label in labels:
            words = label_name(dimension, label, Voice(language))
            assert "_" not in words and (label.isdigit() or words), (dimension, label)
    assert label_name("host", "taiwan", Voice("vi")) == "Đài Loan (Trung Quốc)"


def test_reasons_are_quoted_in_the_readers_language(documents: Documents) -> None:
    (english, vietnamese) = (
        next(table for table in documents[language].tables() if table.name == "annex_g_overrides")
        for language in LANGUAGES
    )
    assert [catalogue.reason(row[2], "vi") for row in english.rows] == [row[2] for row in vietnamese.rows]
    assert catalogue.reason("Own words.", "vi") == "Own words."


def test_a_structure_is_told_with_how_likely_the_counts_leave_it(material: Material) -> None:
    calibrated = [each.assign_attrs(calibration=f"{CALIBRATED}2026-07-31") for each in material.datasets]
    weights = {"capacity_limits_places=0": 0.96, "capacity_limits_places=1": 0.04, "juniors_bind=0": 0.6,
               "juniors_bind=1": 0.4}  # fmt: skip
    tables = [
        movers(-0.7 if name == "capacity_limits_places=1" else 0.0, kind="structure", weight=weight).assign(
            what=name, what_en=name
        )
        for name, weight in weights.items()
    ]
    given = replace(material, datasets=tuple(calibrated), tables={"movers": pd.concat(tables, ignore_index=True)})
    document = briefing(given, "en", FIGURES)
    (table,) = [table for table in document.tables() if table.name == "q1_movers"]
    assert [row[1] for row in table.rows] == ["structure: capacity_limits_places=1 (under 1 in 20)"]
    words = "\n".join(document.sentences())
    assert "Teaching capacity limits places, about 5 in 20 before, under 1 in 20 now" in words
    assert "Employable juniors bind, about 10 in 20 before, about 8 in 20 now" in words
    as_judged = replace(given, datasets=tuple(each.assign_attrs(calibration="prior") for each in calibrated))
    assert "before calibration" not in said(as_judged)


def test_the_count_of_young_engineers_stands_beside_our_share_with_how_forecasts_of_it_fared(
    material: Material,
) -> None:
    forecasts = example_tables.forecasts().assign(series="design_share_under_five_years", covered80=[True, False] * 4)
    given = replace(material, track_record={"forecasts": forecasts.to_dict("records")})
    told = "\n".join(block.text for block in does_supply_match(given, (), Voice("en")) if isinstance(block, Paragraph))
    share = material.row("share_engineers_under_5y_experience_vn_2025")["value"]
    assert f"one firm's in 2025, is {share:.0%}".replace("%", " %") in told
    model = forecasts[forecasts["forecaster"] == "model"]
    missed = int((~model["covered80"]).sum())
    assert f"{missed} of {len(model)} past forecasts missed it" in told
    without = does_supply_match(replace(material, track_record={}), (), Voice("en"))
    assert not any("past forecasts" in block.text for block in without if isinstance(block, Paragraph))


def test_the_share_of_related_graduates_that_is_counted_is_told_with_twice_of_it(
    material: Material, documents: Documents
) -> None:
    share = material.parameters["related_graduates_counted_share"].number
    assert share is not None
    some, more = f"{share * 100:g} %", f"{share * 200:g} %"
    assert f"with {some} or {more} of graduates of related majors counted as well" in said(material)
    (counts,) = [table for table in documents["en"].tables() if table.name == "q1_counts_of_trained"]
    assert counts.rows[-1][0] == f"(d) = (c) and {some} of graduates of related majors"


def test_neither_language_calls_the_money_the_cause(documents: Documents) -> None:
    words = {language: "\n".join(documents[language].sentences()) for language in LANGUAGES}
    assert "state programme money comes with" in words["en"]
    assert "kinh phí chương trình, đi cùng với" in words["vi"] and "kết quả:" not in words["vi"]


@each_language
def test_probabilities_of_one_table_have_one_denominator(whole: Material, language: Language) -> None:
    between = {"en": r"about \d+ in (\d+)", "vi": r"khoảng \d+ trên (\d+)"}[language]
    one = ("q3_bottleneck", "q6_probabilities", "definition", "annex_i_structures", "annex_i_years_by_rung")
    limits = whole.tables["bottleneck"].copy()
    limits.loc[limits["track"] == "fab", "first"] -= 0.15  # 9, 3 and under 1 of 20, beside 6, 3 and 1 of 10
    limits["first"] = limits["first"].clip(lower=0.0)
    document = briefing(replace(whole, tables={**whole.tables, "bottleneck": limits}), language, ())
    shown = {table.name: table for table in document.tables() if table.name in one}
    assert set(shown) == set(one)
    for table in shown.values():
        assert len(set(re.findall(between, " ".join(cell for row in table.rows for cell in row[1:])))) <= 1, table.name
    (answer,) = [words for words in document.sentences() if words.startswith(("The limit that cuts", "Giới hạn ràng"))
                 and "2026" in words]  # fmt: skip
    assert set(re.findall(between, answer)) == {"20"}


def test_the_columns_of_the_pace_stand_under_one_another(documents: Documents) -> None:
    (pace,) = [table for table in documents["en"].tables() if table.name == "page2_pace"]
    assert pace.numeric == len(pace.head) - 1


# the pages


@pytest.fixture(scope="module")
def whole(model: Model, material: Material, scenarios: tuple[Scenario, Scenario]) -> Material:
    """As `make report` has it: every table of analysis, and three shocks."""
    labels = {name: (parameter.label.en, parameter.label.vi) for name, parameter in material.parameters.items()}
    limits = pd.DataFrame({"limit": ["lecturers", "laboratories", "juniors"], "first": [0.6, 0.3, 0.1]})
    limits = limits.assign(label_en=["Lecturers", "Laboratories", "Employable juniors"], share=0.5, held_back=0.3)
    limits = limits.assign(label_vi=["Giảng viên", "Phòng thí nghiệm", "Người mới đủ năng lực"])
    bottleneck = pd.concat(
        limits.assign(structure=structure, year=year, track=track)
        for structure in ("all", *STRUCTURES) for year in (2026, 2028, 2030) for track in ("design", "atp", "fab")
    )  # fmt: skip
    movings = [
        movers(0.5).assign(target=target.name, label_en=target.label.en, label_vi=target.label.vi, rung=target.rung)
        for target in material.due
    ]
    levers = list(dict.fromkeys(material.decisions()["parameter"]))
    timing = pd.DataFrame({"lever": levers, "last_decision": 2028.0, "first_year": 2029.0})
    tables = {
        "attribution": example_tables.attribution(), "indices": example_tables.sensitivity(labels),
        "switching": example_tables.switching(labels), "marginal_cost": example_tables.marginal_cost(labels),
        "movers": pd.concat(movings, ignore_index=True), "bottleneck": bottleneck,
        "timing": timing.assign(trained_2030=1.0, employed_2030=1.0, trained_2035=1.0, employed_2035=1.0),
    }  # fmt: skip
    names = ("chip_downturn", "brain_drain", "fab_lapses")
    shocks = [read_scenario(name, model.table, model.labels) for name in names]
    data = [*material.datasets, *(varied(material.base, each, {"employed_in_sector": 0.9}) for each in shocks)]
    return reporting.material(model, [*scenarios, *shocks], data, tables, {}, Settings(members=20))


@each_language
def test_the_main_part_is_a_page_a_question(whole: Material, language: Language) -> None:
    drawn = drawings(whole, language)
    document = briefing(whole, language, list(drawn))
    *main, _, glossary = typeset.parts(document, drawn)
    assert [part.first for part in main] == [part.last for part in main] == list(range(1, 9))
    assert [part.heading[:2] for part in main[2:]] == ["1.", "2.", "3.", "4.", "5.", "6."]
    assert all(part.filled > 0.6 for part in main), main
    between = catalogue.text("number.interval", language, low="", high="").strip()
    for name in ("F2_waterfall", "F5_pipeline", "F6_sensitivity"):
        assert re.search(rf"\d.*\(.*{between}.*\)", drawn[name].title), drawn[name].title
    assert glossary.first == glossary.last and glossary.filled > 0.6, "the glossary is one page"


# the files


@each_language
def test_the_pdf_is_archival_tagged_and_a4(written: Path, language: Language) -> None:
    with pikepdf.open(written / f"briefing_{language}.pdf") as pdf:
        assert {tuple(round(float(side)) for side in page.mediabox) for page in pdf.pages} == {(0, 0, 595, 842)}
        assert bool(pdf.Root.MarkInfo.Marked) and "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang).startswith(language)
        with pdf.open_metadata() as about:
            assert (about["pdfaid:part"], about["pdfaid:conformance"], about["pdfuaid:part"]) == ("2", "A", "1")
            assert about["dc:title"] and about["xmp:CreateDate"].startswith("2026-07-31")
        fonts = [font for page in pdf.pages for font in page.resources.get("/Font", {}).values()]
        assert fonts and all("LibertinusSerif" in str(font.BaseFont) for font in fonts)
        assert {str(font.Subtype) for font in fonts} == {"/Type0"}
        assert all("/FontFile3" in f.FontDescriptor or "/FontFile2" in f.FontDescriptor
                   for font in fonts for f in font.DescendantFonts)  # fmt: skip
        with pdf.open_outline() as outline:
            second = outline.root[0].destination
        assert pikepdf.Page(second[0]).index == 1, "page 1 must be one page"


def strokes(written_: Any) -> set[float]:
    """Widths in points of all lines that a page strokes."""
    scale, width, kept, found = 1.0, 1.0, [], set()
    for operands, operator in pikepdf.parse_content_stream(written_, "q Q cm w S s B b"):
        match str(operator):
            case "q":
                kept.append((scale, width))
            case "Q":
                scale, width = kept.pop()
            case "cm":
                a, b, c, d = (float(number) for number in operands[:4])
                scale *= abs(a * d - b * c) ** 0.5
            case "w":
                width = float(operands[0])
            case "S" | "s" | "B" | "b":
                found.add(round(scale * width, 3))
    return found


@each_language
def test_no_line_of_a_page_is_thinner_than_half_a_point(written: Path, language: Language) -> None:
    with pikepdf.open(written / f"briefing_{language}.pdf") as pdf:
        found = set().union(*(strokes(page) for page in pdf.pages))
    assert found and min(found) >= 0.499, sorted(found)


def test_alternative_text_of_each_figure_is_in_the_pdf(written: Path, drawn: Drawn) -> None:
    def texts(node: Any) -> list[str]:
        found = [str(node.Alt)] if "/Alt" in node else []
        kids = node.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            found += texts(kid) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid else []
        return found

    wanted = {drawing.alt for drawing in drawn["vi"].values()}
    with pikepdf.open(written / "briefing_vi.pdf") as pdf:
        assert wanted <= set(texts(pdf.Root.StructTreeRoot.K[0]))


def test_the_pdf_names_the_hashes_of_the_files_beside_it(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Document] = []

    def kept(document: Document, _: Any) -> bytes:
        given.append(document)
        return b""

    monkeypatch.setattr(folders, "drawings", lambda *_: {})
    monkeypatch.setattr(folders, "pdf", kept)
    files = folders.write(material, ("en",), tmp_path)
    (table,) = (each for each in given[0].tables() if each.name == "annex_h_provenance")
    shown = {name: digest.replace(" ", "") for name, digest in table.rows}
    assert shown["baseline/results.nc"] == "0" * 64
    assert shown["briefing.xlsx"] == folders.sha256(tmp_path / "briefing.xlsx")
    csv = sorted(file for file in files if file.parent.name == "tables")
    lines = "".join(f"{folders.sha256(file)}  tables/{file.name}\n" for file in csv)
    assert shown["sha256sum tables/* | sha256sum"] == hashlib.sha256(lines.encode()).hexdigest()
    assert "vimach verify FOLDER" in "\n".join(given[0].sentences())


def test_the_same_input_gives_the_same_bytes(
    written: Path, material: Material, drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "drawings", lambda _, language: drawn[language])
    monkeypatch.setattr(folders, "save", only_table)
    folders.write(material, LANGUAGES, tmp_path)
    for name in ("briefing.xlsx", *(f"briefing_{language}.pdf" for language in LANGUAGES)):
        assert (tmp_path / name).read_bytes() == (written / name).read_bytes(), name


def test_no_line_of_the_pdf_can_end_between_a_number_and_its_unit(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, bytes] = {}

    class Setter:
        def __init__(self, sources: dict[str, bytes], **_: Any) -> None:
            given.update(sources)

        def compile_with_warnings(self, **_: Any) -> tuple[bytes, list[str]]:
            return b"", []

    monkeypatch.setattr("typst.Compiler", Setter)
    typeset.pdf(replace(documents["en"], blocks=(Paragraph("64 % of VND 14.3 (10.5 to 18.6) trillion"),)), {})
    (block,) = json.loads(given["data.json"])["blocks"]
    assert block["text"].split(" ") == ["64\xa0%", "of", "VND\xa014.3", "(10.5", "to", "18.6)\xa0trillion"]


def test_a_letter_that_no_font_has_is_an_error(documents: Documents) -> None:
    strange = replace(documents["en"], blocks=(Paragraph("\N{CJK UNIFIED IDEOGRAPH-4E00}"),))
    with pytest.raises(typeset.TypesettingFailed):
        typeset.pdf(strange, {})


def test_the_workbook_has_a_sheet_for_each_table_and_figure(written: Path, drawn: Drawn, documents: Documents) -> None:
    book = openpyxl.load_workbook(written / "briefing.xlsx")
    wanted = [*drawn["en"], *(table.name[:31] for table in documents["en"].tables())]
    assert book.sheetnames == ["contents", *wanted]
    assert book.properties.modified == book.properties.created == datetime(2026, 7, 31)
    page = book["page1_targets"]
    names = [cell.value for cell in page[HEAD - 1]]
    units = dict(zip(names, (cell.value for cell in page[HEAD]), strict=True))
    assert units["median"] == "see column unit" and units["edge"] == "decimal year" and units["probability"] == "1"
    first = dict(zip(names, (cell.value for cell in page[HEAD + 1]), strict=True))
    assert first["rung"] == "trained_cumulative" and isinstance(first["median"], float)
    assert page["B3"].value and page["B4"].value


def test_every_number_of_a_table_has_its_unit(whole: Material) -> None:
    shown = {table.name: table for table in briefing(whole, "en", FIGURES).tables()}
    sheets = {name: Sheet(name, "", "", each.data, "", "", each.units) for name, each in shown.items()}
    assert {name: found for name, sheet in sheets.items() if (found := example_tables.without_unit(sheet))} == {}
    assert unit_of("value", sheets["annex_i_switching_values"]) == "see column parameter_unit"
    assert unit_of("from", sheets["annex_c_training_targets"]) == "year"
    assert unit_of("found", sheets["annex_d_scores"]) == "see column unit"


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    assert rows_of_sheet(pd.DataFrame({"what": ["=1+1", "a"], "value": [1.5, 2.0]})) == [["'=1+1", 1.5], ["a", 2]]


def test_an_infinite_date_lies_beyond_the_run_and_an_infinite_price_is_infinite() -> None:
    data = pd.DataFrame({"year_high": [float("inf")], "high": [float("inf")]})
    assert rows_of_sheet(data, {"high": "VND"}) == [["not within the run", "infinite"]]


def rows_of_sheet(data: pd.DataFrame, units: dict[str, str] | None = None) -> list[list[Any]]:
    sheet = Sheet("s", "S", "S", data, "here", "", units or {})
    book = openpyxl.load_workbook(io.BytesIO(workbook([sheet], "2026-07-31")))
    return [[cell.value for cell in row] for row in book["s"].iter_rows(min_row=HEAD + 1)]


def test_tables_are_csv_for_spreadsheets(written: Path, documents: Documents) -> None:
    for table in documents["en"].tables():
        raw = (written / "tables" / f"{table.name}.csv").read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf"), table.name
    shown = pd.read_csv(written / "tables" / "page2_pace.csv", encoding="utf-8-sig")
    assert next(iter(shown["label_vi"])) == "Đào tạo đại học trở lên"


def test_the_manifest_names_every_file(written: Path, tmp_path: Path) -> None:
    manifest = folders.read_manifest(written)
    assert folders.differences(written, manifest["files"]) == []
    there = {file.relative_to(written).as_posix() for file in written.rglob("*") if file.is_file()}
    assert there == {*manifest["files"], "manifest.json"}
    more = manifest["files"] | {"gone.csv": "0", "briefing.xlsx": "0"}
    assert folders.differences(written, more) == ["briefing.xlsx: has changed", "gone.csv: is missing"]


def test_a_scenario_can_be_restored_from_its_text(scenarios: tuple[Scenario, Scenario]) -> None:
    for scenario in scenarios:
        assert restored(scenario.text) == scenario
    with pytest.raises(BadInput, match="not the text of a scenario"):
        restored('{"name": "x"}')


def test_a_report_can_be_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "FIGURES", figures.FIGURES[:1])  # one stands for all, which are drawn in one way
    command = ["report", "brain_drain", "baseline", "--members", "10", "--until", "2030", "--lang", "en"]
    out = tmp_path / "out"
    runner = CliRunner()
    made = runner.invoke(app, [*command, "--no-analyses", "--quiet", "--out", str(out)])
    assert made.exit_code == 0, made.output
    kept = runner.invoke(app, ["verify", str(out), "--stored", "--json", "--quiet"])
    assert kept.exit_code == 0 and json.loads(kept.stdout)["same"] is True, kept.output
    assert str(tmp_path) not in (out / "manifest.json").read_text(encoding="utf-8")
    (out / "tables" / "page2_pace.csv").write_text("changed", encoding="utf-8")
    changed = runner.invoke(app, ["verify", str(out)])
    assert changed.exit_code == 1 and "tables/page2_pace.csv: has changed" in changed.output


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "there is no manifest"), ("{", "is damaged"), ("[]", "is no manifest of a report")],
)
def test_a_folder_without_a_manifest_is_bad_input(tmp_path: Path, content: str | None, complaint: str) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    found = CliRunner().invoke(app, ["verify", str(tmp_path)])
    assert found.exit_code == 2 and complaint in found.output


def test_tables_refuse_rows_of_another_width() -> None:
    from vimach_reports.briefing.blocks import written as as_data

    table = Table("t", "", ("a", "b"), (("1",),), pd.DataFrame(), "")
    with pytest.raises(ValueError, match="table t"):
        as_data(table, {})

"""What figures beyond F1 and F7 show: their tables add up and say what the results say."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from vimach.errors import BadInput
from vimach.parameters.table import ParameterTable, read_parameters, read_targets
from vimach.posterior import CALIBRATED
from vimach.results import PRIOR
from vimach_reports import (
    definition_curve,
    flow_gap,
    gap_map,
    lever_table,
    marginal_cost,
    sankey,
    sensitivity,
    waterfall,
)
from vimach_reports.catalogue import LANGUAGES, Language
from vimach_reports.frame import apart
from vimach_reports.quantity import quantity, significant, unit_words

from . import example_tables


@pytest.fixture(scope="module")
def parameters() -> ParameterTable:
    return read_parameters()


@pytest.fixture(scope="module")
def labels(parameters: ParameterTable) -> dict[str, tuple[str, str]]:
    return {name: (parameter.label.en, parameter.label.vi) for name, parameter in parameters.items()}


# F5


def test_in_each_stage_of_the_pipeline_all_who_come_leave_or_stay(ensemble_run: xr.Dataset) -> None:
    table = sankey.pipeline_table(ensemble_run)
    for (_, stage), rows in table.groupby(["panel", "stage"]):
        kinds = rows.groupby("kind")["value"].sum()
        into = kinds.get("in", 0.0) + kinds.get("carried", 0.0)
        out = kinds.get("on", 0.0) + kinds.get("lost", 0.0) + kinds.get("stays", 0.0)
        assert into == pytest.approx(out, rel=1e-9), stage
        assert kinds["whole"] == pytest.approx(into, rel=1e-9), stage
        whole = rows[rows["kind"] == "whole"].iloc[0]
        assert whole["low"] < whole["value"] < whole["high"], stage
    carried, on = (table.loc[table["kind"] == kind, "value"].tolist() for kind in ("carried", "on"))
    assert carried == on


def test_who_stays_in_work_is_the_growth_of_the_sector(ensemble_run: xr.Dataset) -> None:
    rows = sankey.pipeline_table(ensemble_run)
    for year in ("2025", "2030"):
        more = rows[(rows["panel"] == year) & (rows["flow"] == "into_stock") & (rows["stage"] == "work")]["value"]
        employed = ensemble_run["employed_in_sector"].mean("member")
        growth = employed.sel(edge=float(year) + 1) - employed.sel(edge=float(year))
        assert float(more.iloc[0]) == pytest.approx(float(growth), rel=1e-6)


def test_a_stage_that_empties_is_fed_by_its_stock(baseline: xr.Dataset) -> None:
    fewer = baseline.assign(chip_entrants=baseline["chip_entrants"] * 0.1)
    rows = sankey.pipeline_table(fewer)
    stock = rows[(rows["stage"] == "study") & (rows["flow"] == "from_stock")]
    assert set(stock["kind"]) == {"in"}
    assert (stock["value"] > 0).all()
    assert sankey.draw_pipeline(fewer, "vi").figure.axes


# F3 and F4


def test_demand_is_replacement_and_growth_and_the_gap_is_supply_less_demand(ensemble_run: xr.Dataset) -> None:
    table = flow_gap.flow_gap_table([ensemble_run])
    wide = table.pivot(index=["panel", "period"], columns="quantity", values="value")
    assert (wide["replacement"] <= wide["demand"] + 1e-9).all()
    np.testing.assert_allclose(wide["gap"], wide["supply"] - wide["demand"], atol=1e-6)
    looking = ensemble_run["people_looking"].sel(track="design", period=2030).mean()
    assert wide.loc[("design", 2030), "supply"] == pytest.approx(float(looking))


def test_the_second_scenario_is_drawn_from_where_it_parts(baseline: xr.Dataset, accelerated: xr.Dataset) -> None:
    table = flow_gap.flow_gap_table([baseline, accelerated])
    assert table.loc[table["series"] == "second", "period"].min() == 2027
    same = flow_gap.flow_gap_table([baseline, baseline])
    assert set(same.loc[same["series"] == "second", "period"]) == {2035}


def test_a_gap_is_what_is_there_less_what_is_wanted(baseline: xr.Dataset) -> None:
    table = gap_map.gap_map_table(baseline)
    row = table[(table["panel"] == "2030") & (table["track"] == "design") & (table["region"] == "south")]
    novice = row[row["experience"] == "novice"].iloc[0]
    cell = {"period": 2030, "track": "design", "region": "south"}
    hired, posts = (baseline[name].sel(cell) for name in ("novice_hires", "posts_for_novices"))
    assert novice["value"] == pytest.approx(float((hired - posts).median()))
    assert novice["adequacy"] == pytest.approx(0.8)
    assert len(table) == 2 * 3 * 3 * 3


def test_a_cell_that_wants_nobody_is_a_dash(baseline: xr.Dataset) -> None:
    idle = baseline.assign({name: baseline[name] * 0 for pair in gap_map.LEVELS.values() for name in pair})
    drawing = gap_map.draw_gap_map(idle, "en")
    assert drawing.table["adequacy"].isna().all()
    assert drawing.title == "In 2030 no region lacks people in any kind of work"
    assert {text.get_text() for axes in drawing.figure.axes for text in axes.texts} == {"–"}


def test_results_without_a_variable_are_told(baseline: xr.Dataset) -> None:
    for draw, name in (
        (lambda data: flow_gap.draw_flow_gap([data], "en"), "people_looking"),
        (lambda data: gap_map.draw_gap_map(data, "en"), "mentors_needed"),
        (lambda data: sankey.draw_pipeline(data, "en"), "chip_graduates"),
    ):
        with pytest.raises(BadInput, match=f"no variable '{name}'; run the scenario again"):
            draw(baseline.drop_vars(name))


# T1


def test_the_lever_table_tells_value_date_cost_and_basis(
    baseline: xr.Dataset, accelerated: xr.Dataset, parameters: ParameterTable
) -> None:
    table = lever_table.lever_table([baseline, accelerated], parameters).set_index("lever")
    assert len(table) == len(parameters.levers)
    assert table.index[table["override"] == 1].tolist() == [
        "conversion_places", "budget_absorption_share", "st_budget_share",
    ]  # fmt: skip
    seats = table.loc["conversion_places"]
    assert (seats["first"], seats["second"], seats["starts"]) == (1500.0, 4000.0, 2028.0)
    assert (seats["cost"], seats["cost_unit"], seats["cost_of"]) == (60.0, "VND million/person", "conversion_unit_cost")
    assert table.loc["st_budget_share", "second"] == pytest.approx(0.03)
    assert table.loc["st_budget_share", "grade"] != "J"
    assert table.loc["st_budget_share", "source"]


def test_the_lever_table_prints_the_rows_of_evidence(
    baseline: xr.Dataset, accelerated: xr.Dataset, parameters: ParameterTable
) -> None:
    drawing = lever_table.draw_lever_table([baseline, accelerated], parameters, "en")
    printed = " ".join(text.get_text() for text in drawing.figure.texts).replace("\N{NO-BREAK SPACE}", " ")
    sources = parameters["st_budget_share"].source
    assert sources and "Rows of evidence: " + "; ".join(f"[{n}] {row}" for n, row in enumerate(sources, 1)) in printed
    assert "[1," in printed, "the lever names its rows"
    reasons = drawing.table.set_index("lever")["judgment"]
    assert reasons["conversion_places"] == parameters["conversion_places"].judgment


def test_a_scenario_that_sets_no_lever_says_so(baseline: xr.Dataset, parameters: ParameterTable) -> None:
    drawing = lever_table.draw_lever_table([baseline], parameters, "en")
    assert drawing.title == "Baseline sets no lever"
    same = lever_table.draw_lever_table([baseline, baseline], parameters, "en")
    assert same.title == "Baseline sets no lever that Baseline does not set so"
    assert not drawing.table["override"].any()
    with pytest.raises(BadInput, match="do not hold the text of their scenario"):
        lever_table.lever_table([baseline.assign_attrs(scenario_text="because: x")], parameters)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lever_at_once_fits_on_the_page(
    baseline: xr.Dataset, accelerated: xr.Dataset, parameters: ParameterTable, language: Language
) -> None:
    settings = [
        {"name": lever.name, "labels": None, "law": "raise_to", "path": {"constant": {"to": lever.range[1]}},
         "because": "a test"}
        for lever in parameters.levers
    ]  # fmt: skip
    full = accelerated.assign_attrs(scenario_text=pd.Series({"overrides": settings}).to_json())
    drawing = lever_table.draw_lever_table([baseline, full], parameters, language)
    assert drawing.figure.get_figheight() * 25.4 <= 230
    assert drawing.table["override"].all()


# F2, F6, F8


def test_the_bars_of_the_waterfall_join_and_end_at_the_difference(
    baseline: xr.Dataset, accelerated: xr.Dataset
) -> None:
    table = waterfall.waterfall_table(example_tables.attribution(), [baseline, accelerated])
    for _, rows in table.groupby("panel"):
        groups = rows[rows["kind"] == "group"]
        assert groups["start"].iloc[0] == 0
        np.testing.assert_allclose(groups["start"].iloc[1:], groups["end"].iloc[:-1], atol=1e-9)
        difference = rows[rows["kind"] == "difference"].iloc[0]
        assert difference["end"] == difference["value"] == pytest.approx(groups["end"].iloc[-1])
    assert set(table["scenario"]) == {"accelerated_funding - baseline"}


def test_the_title_of_the_waterfall_tells_the_numbers_of_its_bars(
    baseline: xr.Dataset, accelerated: xr.Dataset
) -> None:
    table = example_tables.attribution()
    numbers = table["measure"] == "value"
    table.loc[numbers, "low"] = 123.0  # three digits beside a number of four, of which three are told
    drawing = waterfall.draw_waterfall(table, [baseline, accelerated], "en")
    bars = {words.get_text().replace("+", "") for words in drawing.figure.texts if "+" in words.get_text()}
    told = re.findall(r"[\d,]+ \([\d,\N{MINUS SIGN}]+ to [\d,]+\)", drawing.title)
    assert len(told) == 2 and set(told) <= bars


def test_the_waterfall_says_where_groups_are_few(baseline: xr.Dataset, accelerated: xr.Dataset) -> None:
    table = example_tables.attribution()
    for most, said in ((5, True), (8, False)):
        table.attrs["most_groups"] = most
        drawing = waterfall.draw_waterfall(table, [baseline, accelerated], "en")
        assert ("At most 5 groups" in " ".join(text.get_text() for text in drawing.figure.texts)) is said


def test_a_package_that_takes_people_away_is_not_praised(baseline: xr.Dataset, accelerated: xr.Dataset) -> None:
    worse = example_tables.attribution()
    worse.loc[worse["kind"].isin(["group", "difference"]), ["low", "value", "high"]] *= -1
    drawing = waterfall.draw_waterfall(worse, [baseline, accelerated], "en")
    assert drawing.title == "No group of decisions brings more trained since 1 January 2024, end 2030"


def test_the_largest_effects_are_shown_and_the_nearest_turning_point(
    baseline: xr.Dataset, parameters: ParameterTable, labels: dict[str, tuple[str, str]]
) -> None:
    indices, switching = example_tables.sensitivity(labels), example_tables.switching(labels)
    table = sensitivity.sensitivity_table(indices, switching, parameters, baseline, 3)
    trained = table[table["panel"] == "trained_cumulative"]
    assert trained["parameter"].tolist() == ["adjacent_applicants", "quit_rate", "relocation_ratio", "more", "others"]
    more = trained[trained["parameter"] == "more"].iloc[0]
    assert (more["value"], more["label_en"]) == (0.10, "5 more, each at most")  # the largest: effects do not add up
    assert more["later"] == pytest.approx(0.8 * 0.10)
    whole = sensitivity.sensitivity_table(indices, switching, parameters, baseline, 8)
    assert "more" not in set(whole["parameter"])
    assert trained["later"].iloc[0] == pytest.approx(0.8 * 0.31)
    turns = table[table["panel"] == "switching"].set_index("target")
    assert turns.loc["design_firms_100", "parameter"] == "quit_rate"
    assert turns.loc["trained_50000", "parameter"] == ""
    assert table.loc[table["parameter"] == "conversion_places", "owner_vi"].iloc[0].startswith("Bộ Tài chính")


def test_many_turning_points_leave_room_on_the_page(
    baseline: xr.Dataset, parameters: ParameterTable, labels: dict[str, tuple[str, str]]
) -> None:
    one = example_tables.switching(labels).iloc[:1]
    targets = [target for target in read_targets() if target.by <= 2036]
    switching = pd.concat([one.assign(target=target.name) for target in targets], ignore_index=True)
    drawing = sensitivity.draw_sensitivity(
        example_tables.sensitivity(labels), switching, [baseline], targets, parameters, "vi"
    )
    assert drawing.figure.get_figheight() * 25.4 <= 230


def test_every_language_shows_the_same_assumptions(
    baseline: xr.Dataset, parameters: ParameterTable, labels: dict[str, tuple[str, str]]
) -> None:
    indices, one = example_tables.sensitivity(labels), example_tables.switching(labels).iloc[:1]
    targets = [target for target in read_targets() if target.by <= 2031][:5]
    wordy = indices.assign(label_vi=indices["label_vi"] + " cho đến hết dòng thứ hai và cả dòng thứ ba của cột này")
    switching = pd.concat([one.assign(target=target.name) for target in targets], ignore_index=True)
    tables = {
        language: sensitivity.draw_sensitivity(wordy, switching, [baseline], targets, parameters, language).table
        for language in LANGUAGES
    }
    pd.testing.assert_frame_equal(tables["en"], tables["vi"])
    plain = sensitivity.draw_sensitivity(indices, switching, [baseline], targets, parameters, "en").table
    assert len(tables["en"]) < len(plain)  # what one language has no room for, none shows


def test_runs_drawn_from_the_priors_are_called_so_beside_a_calibrated_result(
    baseline: xr.Dataset, parameters: ParameterTable, labels: dict[str, tuple[str, str]]
) -> None:
    calibrated = baseline.assign_attrs(calibration=f"{CALIBRATED}2026-07-31")
    indices = example_tables.sensitivity(labels)
    indices.attrs |= {"calibration": PRIOR, "members": 8448}
    drawing = sensitivity.draw_sensitivity(
        indices, example_tables.switching(labels), [calibrated], (), parameters, "en"
    )
    printed = " ".join(text.get_text() for text in drawing.figure.texts)
    assert "8,448 runs, seed 1017. Status: prior, not calibrated." in printed
    assert "calibrated, data to" not in printed


def test_both_dates_and_both_currencies_are_told_with_their_intervals(
    baseline: xr.Dataset, labels: dict[str, tuple[str, str]]
) -> None:
    late = example_tables.marginal_cost(labels)
    soon = late.assign(edge=2031.0, engineers=0.4 * late["engineers"])
    costs = pd.concat([soon, late], ignore_index=True)
    costs.attrs = late.attrs
    drawing = marginal_cost.draw_marginal_cost(costs, [baseline], "en")
    printed = " ".join(text.get_text() for text in drawing.figure.texts).replace("\N{NO-BREAK SPACE}", " ")
    first = late[late["lever"] == "conversion_places"].iloc[0]
    vnd, usd = first["next_1000"] / 1e9, first["next_1000_usd"] / 1e6
    for date in ("end 2030", "end 2035"):
        assert f"{date}: VND {vnd:,.0f} billion ({0.6 * vnd:,.0f} to {1.8 * vnd:,.0f})," in printed
    assert printed.count(f"USD {usd:.1f} million ({0.6 * usd:.1f} to {1.8 * usd:.1f})") == 2
    told = drawing.title.replace("\N{NO-BREAK SPACE}", " ")
    assert f"VND {vnd:,.0f} billion ({0.6 * vnd:,.0f} to {1.8 * vnd:,.0f}) per 1,000 by end 2035" in told
    assert "prices of 2025, discounted at 8 % a year, 25,000 VND to the USD" in printed
    assert set(drawing.table["edge"]) == {2031.0, 2036.0}
    curves = [[line for line in axes.lines if line.get_zorder() in (3, 4)] for axes in drawing.figure.axes]
    assert [len(each) for each in curves] == [2] * 5
    assert drawing.table["price_year"].eq(2025).all() and drawing.table["discount_rate"].eq(0.08).all()


def test_a_cell_in_which_the_median_run_lacks_nobody_is_a_dash(baseline: xr.Dataset) -> None:
    there, wanted = gap_map.LEVELS["mentor"]
    none = baseline.assign({name: baseline[name] * 0 for pair in gap_map.LEVELS.values() for name in pair})
    members = xr.DataArray(np.arange(baseline.sizes["member"]), dims="member")
    few = none.assign({wanted: none[wanted] + xr.where(members % 5 < 3, 1.2, 0.0)})  # most want one, and have
    few = few.assign({there: few[wanted] * xr.where(members % 5 < 2, 0.4, 1.0)})
    row = gap_map.gap_map_table(few).query("experience == 'mentor'").iloc[-1]
    assert row["value"] == 0.0 and row["adequacy"] < 1.0
    drawing = gap_map.draw_gap_map(few, "en")
    assert {text.get_text() for axes in drawing.figure.axes for text in axes.texts} == {"–"}


def test_an_interval_without_an_upper_end_is_explained_by_one_of_the_map(baseline: xr.Dataset) -> None:
    there, wanted = gap_map.LEVELS["mentor"]
    members = xr.DataArray(np.arange(baseline.sizes["member"]), dims="member")
    wide = baseline.assign({there: baseline[wanted] * (0.19 + 0.02 * members)})
    drawing = gap_map.draw_gap_map(wide, "en")
    cells = [text.get_text() for axes in drawing.figure.axes for text in axes.texts]
    ends = {found[1] for cell in cells if (found := re.search(r"\((\d+)\+\)", cell))}
    key = " ".join(text.get_text() for text in drawing.figure.texts).replace("\N{NO-BREAK SPACE}", " ")
    told = re.search(r"(\d+)\+: from (\d+) % to beyond 200 %\.", key)
    assert told is not None and told[1] == told[2] and told[1] in ends
    assert not re.search(r"over 200", " ".join(cells))


def test_the_cheapest_lever_comes_first_and_one_that_brings_nobody_is_only_named(
    baseline: xr.Dataset, labels: dict[str, tuple[str, str]]
) -> None:
    costs = example_tables.marginal_cost(labels)
    idle = costs[costs["lever"] == "dedicated_places"].index
    costs.loc[idle, ["engineers", "next_1000", "next_1000_low", "next_1000_high"]] = [0.0, np.nan, np.nan, np.nan]
    drawing = marginal_cost.draw_marginal_cost(costs, [baseline], "en")
    levers = list(dict.fromkeys(drawing.table["panel"]))
    assert levers[0] == "conversion_places"
    assert levers[-1] == "dedicated_places"
    assert len(drawing.figure.axes) == 4
    label = labels["dedicated_places"][0]
    printed = [text.get_text() for text in drawing.figure.texts]
    assert any(f"at most 100 people more or beyond this page: {label}." in line for line in printed)
    first = drawing.table.iloc[0]
    assert first["value"] == pytest.approx(costs["next_1000"].iloc[0] / 1e9)


def test_a_lever_without_a_cost_of_its_own_is_ranked_after_those_that_have_one(
    baseline: xr.Dataset, labels: dict[str, tuple[str, str]]
) -> None:
    costs = example_tables.marginal_cost(labels)
    costs.loc[costs["lever"] == "conversion_places", "own_cost"] = False  # the cheapest, if what it needs were all
    drawing = marginal_cost.draw_marginal_cost(costs, [baseline], "en")
    assert list(dict.fromkeys(drawing.table["panel"]))[-1] == "conversion_places"
    assert labels["conversion_places"][0] not in drawing.title and labels["dedicated_places"][0] in drawing.title
    printed = [text.get_text() for text in drawing.figure.texts]
    assert len([line for line in printed if line.startswith("own cost not stated: only what it")]) == 1
    drawing = marginal_cost.draw_marginal_cost(costs.assign(own_cost=False), [baseline], "en")
    assert drawing.title.startswith("No lever whose own cost is stated brings many more people")


def test_twelve_levers_fit_on_a_page(baseline: xr.Dataset, labels: dict[str, tuple[str, str]]) -> None:
    one = example_tables.marginal_cost(labels).iloc[:6]
    many = pd.concat([one.assign(lever=f"lever_{place}") for place in range(15)], ignore_index=True)
    many.attrs = example_tables.marginal_cost(labels).attrs
    drawing = marginal_cost.draw_marginal_cost(many, [baseline], "vi")
    assert drawing.table.groupby("panel")["drawn"].first().sum() == marginal_cost.MOST
    assert len(drawing.figure.axes) == marginal_cost.MOST
    assert drawing.figure.get_figheight() * 25.4 <= 230


def test_a_lever_that_saves_money_is_told_as_free(baseline: xr.Dataset, labels: dict[str, tuple[str, str]]) -> None:
    costs = example_tables.marginal_cost(labels)
    idle = costs[costs["lever"] == "dedicated_places"].index
    costs.loc[idle, ["next_1000", "next_1000_low", "next_1000_high"]] = -1e9
    drawing = marginal_cost.draw_marginal_cost(costs, [baseline], "en")
    label = labels["dedicated_places"][0]
    assert drawing.title == f"{label} brings people employed in the sector at no extra cost, end 2035"
    assert [text.get_text() for text in drawing.figure.axes[0].texts] == ["no extra cost to this payer"]


def test_a_lever_that_brings_fewer_than_are_priced_says_how_many(
    baseline: xr.Dataset, labels: dict[str, tuple[str, str]]
) -> None:
    costs = example_tables.marginal_cost(labels)
    few = costs["lever"] == "conversion_places"
    costs.loc[few, "engineers"] *= 141 / costs.loc[few, "engineers"].max()
    assert costs.loc[~few].groupby("lever")["engineers"].max().min() > marginal_cost.PRICED
    drawing = marginal_cost.draw_marginal_cost(costs, [baseline], "en")
    assert [text.get_text()[:30] for text in drawing.figure.texts if text.get_text().startswith("brings")] == [
        "brings 141 people at most; sat"
    ]


def test_no_lever_that_brings_many_is_said_in_the_title(
    baseline: xr.Dataset, labels: dict[str, tuple[str, str]]
) -> None:
    costs = example_tables.marginal_cost(labels)
    costs["engineers"] /= 1000
    drawing = marginal_cost.draw_marginal_cost(costs, [baseline], "en")
    assert drawing.title == "No lever alone brings many more people employed in the sector, end 2035"
    assert not drawing.figure.axes


def test_a_move_of_several_values_at_once_is_told_as_a_factor(
    baseline: xr.Dataset, parameters: ParameterTable, labels: dict[str, tuple[str, str]]
) -> None:
    switching = example_tables.switching(labels).iloc[[0, 3]]
    switching.loc[:, ["value", "switch", "parameter_unit"]] = [[1.0, 1.2, "1"], [np.nan, 1.6, "year"]]
    drawing = sensitivity.draw_sensitivity(
        example_tables.sensitivity(labels), switching, [baseline], (), parameters, "en"
    )
    printed = " ".join(text.get_text() for text in drawing.figure.texts)
    assert "sectors at home: times 1.2" in printed
    assert "independent work: 1.6 year" in printed


# words


def test_labels_are_moved_apart_in_their_order() -> None:
    tops = apart([10.0, 11.0, 40.0], [4.0, 4.0, 4.0], 0.0, 42.0)
    assert tops == [8.0, 12.0, 38.0]
    assert apart([11.0, 10.0], [4.0, 4.0], 0.0, 50.0) == [12.0, 8.0]
    assert apart([49.0, 49.5], [4.0, 4.0], 0.0, 50.0) == [42.0, 46.0]


@pytest.mark.parametrize(
    ("value", "unit", "share", "english", "vietnamese"),
    [
        (4000.0, "person/year", False, "4,000 person/year", "4.000 người/năm"),
        (60.0, "VND million/person", False, "VND 60 million/person", "60 triệu đồng/người"),
        (0.15, "1", True, "15 %", "15%"),
        (0.025, "1", True, "2.5 %", "2,5%"),
        (0.061, "1/year", False, "0.061 per year", "0,061 mỗi năm"),
        (15000.0, "USD/person", False, "USD 15,000/person", "15.000 USD/người"),
        (1.5, "1", False, "1.5", "1,5"),
        (3.0, "light year", False, "3 light year", "3 light year"),
    ],
)
def test_quantities(value: float, unit: str, share: bool, english: str, vietnamese: str) -> None:
    assert quantity(value, unit, "en", share) == english
    assert quantity(value, unit, "vi", share) == vietnamese


def test_three_digits_are_kept_and_no_zeros_at_the_end() -> None:
    written = [significant(number, "en") for number in (0.5, 12.34, 1234.5, 0.0, -2.0)]
    assert written == ["0.5", "12.3", "1,234", "0", "−2"]
    assert unit_words("1", "en") == ""
    assert unit_words("VND million/person", "vi") == "triệu đồng/người"
    assert unit_words("VND billion * year / prototype", "vi") == "tỷ đồng · năm/nguyên mẫu"


# F13


def test_the_definition_curve_rises_and_its_mark_stands_where_it_passes_one_half(
    baseline: xr.Dataset, accelerated: xr.Dataset
) -> None:
    table = definition_curve.definition_table([baseline, accelerated], read_targets())
    assert list(dict.fromkeys(table["series"])) == ["first", "second"]
    for _, rows in table.groupby("series"):
        curve = rows[rows["quantity"] == "probability"]
        even = float(rows.loc[rows["quantity"] == "even", "share"].iloc[0])
        assert curve["value"].is_monotonic_increasing
        assert (curve["low"] <= curve["value"]).all() and (curve["value"] <= curve["high"]).all()
        assert (curve.loc[curve["share"] < even, "value"] < 0.5).all()
        assert (curve.loc[curve["share"] >= even, "value"] >= 0.5).all()


@pytest.mark.parametrize(
    ("wanted", "words"), [(1.0, "even odds with none of them"), (1e7, "under even odds up to 6 %")]
)
def test_a_curve_that_never_passes_one_half_says_so(baseline: xr.Dataset, wanted: float, words: str) -> None:
    target = next(each for each in read_targets() if each.variable == "trained_cumulative")
    drawing = definition_curve.draw_definition([baseline], [replace(target, value=wanted)], "en")
    assert words in drawing.alt
    assert not [line for line in drawing.figure.axes[0].lines if line.get_marker() != "None"]


def test_a_definition_curve_needs_its_target(baseline: xr.Dataset) -> None:
    with pytest.raises(BadInput, match="needs a target on trained_cumulative"):
        definition_curve.definition_table([baseline], ())

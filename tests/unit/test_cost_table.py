"""The cost table adds up: lines to payers, stages to their wholes; what places cost; printed in two languages."""

import io
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from rich.cells import cell_len
from rich.console import Console, Group

from vimach.analysis.compare import extra_money
from vimach.analysis.cost_table import (
    BESIDE,
    COLUMNS,
    MONEY_TO_PEOPLE,
    PAYERS,
    PLACES,
    PROGRAMME,
    STAGES,
    cost_table,
    has_costs,
    money_to_people,
    rates,
    whole_life,
)
from vimach.errors import BadInput
from vimach.scenario import read_scenario
from vimach.sectors import place_costs
from vimach.simulate import Model, Settings, simulate
from vimach_reports.catalogue import LANGUAGES, Language
from vimach_reports.costs import render, write_costs

Runs = tuple[xr.Dataset, xr.Dataset]


@pytest.fixture(scope="module")
def runs(model: Model, ensemble_run: xr.Dataset) -> Runs:
    scenario = read_scenario("accelerated_funding", model.table, model.labels)
    return ensemble_run, simulate(model, scenario, Settings(members=ensemble_run.sizes["member"]))


@pytest.fixture(scope="module")
def table(runs: Runs) -> pd.DataFrame:
    return cost_table(*runs)


def yearly(rows: pd.DataFrame) -> np.ndarray:
    """The sum of rows by year, shape (years,)."""
    return np.asarray(rows.groupby("year")["vnd"].sum())


@pytest.mark.parametrize("place", [0, 1])
def test_everything_adds_up(runs: Runs, table: pd.DataFrame, place: int) -> None:
    data = runs[place]
    rows = table[table["scenario"] == data.attrs["scenario"]]
    for stage, name in STAGES.items():
        programme = rows[(rows["stage"] == stage) & rows["line"].isin(PROGRAMME)]
        assert yearly(programme) == pytest.approx(data[name].mean("member").values, rel=1e-9), stage
    spent = rows[rows["stage"] == "disbursed"]
    for payer, name in PAYERS.items():
        paid = yearly(spent[spent["payer"] == payer])
        assert paid == pytest.approx(data[name].mean("member").values, rel=1e-9), payer
    assert yearly(spent) == pytest.approx(data["cost_to_the_economy"].mean("member").values, rel=1e-9)
    capital = spent[(spent["kind"] == "capital") & spent["line"].isin(PROGRAMME)]
    assert yearly(capital) == pytest.approx(data["programme_capital_cost"].mean("member").values, rel=1e-9)


def test_the_difference_is_that_of_the_means_and_currencies_are_one_rate(table: pd.DataFrame) -> None:
    assert list(table.columns) == list(COLUMNS)
    first, second, difference = (rows.reset_index() for _, rows in table.groupby("scenario", sort=False))
    assert (difference["vnd"] - (second["vnd"] - first["vnd"])).abs().max() <= 1e-9 * second["vnd"].max()
    assert (table["vnd"] - table["usd"] * table["vnd_per_usd"]).abs().max() < 1.0
    assert (table["vnd"] - table["twd"] * table["vnd_per_twd"]).abs().max() < 1.0
    assert set(table["price_year"]) == {2025}
    keys = ["scenario", "year", "line", "payer", "kind", "stage"]
    assert not table.duplicated(keys).any()
    assert rates().usd.source


def test_every_line_has_one_payer_and_one_kind_and_three_lines_stand_alone(table: pd.DataFrame) -> None:
    assert {"tax_relief_cost", "design_tools_cost", "test_chip_runs_paid"} < set(BESIDE)
    kinds = table.groupby("line")["kind"].nunique()
    assert set(kinds) == {1}
    programme = table[table["line"].isin(PROGRAMME)]
    assert set(programme["payer"]) == {"central budget", "local budgets"}
    assert set(table[table["line"].isin(BESIDE)]["stage"]) == {"disbursed"}


def test_runs_without_costs_and_runs_that_differ_are_refused(runs: Runs, tmp_path: Path) -> None:
    poor = runs[0].drop_vars("scholarships_paid")
    assert not has_costs(poor)
    assert write_costs(poor, runs[1], tmp_path) is None
    with pytest.raises(BadInput, match="seed"):
        cost_table(runs[0].assign_attrs(seed=1), runs[1])


def test_the_file_has_the_same_bytes_twice(runs: Runs, tmp_path: Path) -> None:
    file = write_costs(*runs, tmp_path)
    assert file is not None
    first = file.read_bytes()
    write_costs(*runs, tmp_path)
    assert file.read_bytes() == first


def test_what_turns_money_into_people_says_on_whose_word_the_chip_share_first() -> None:
    found = money_to_people()
    assert tuple(parameter.name for parameter in found) == MONEY_TO_PEOPLE
    assert found[0].name == "chip_share_of_additional"
    assert all(parameter.judgment or parameter.source for parameter in found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_fits_and_says_what_it_must(runs: Runs, language: Language) -> None:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    console.print(Group(*render(extra_money(*runs), *runs, language)), width=100)
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    assert max(cell_len(line) for line in said.splitlines()) <= 100
    assert "2025" in said
    assert "26,000" in said or "26.000" in said
    assert said.count("INTENSE") >= 2
    label = money_to_people()[0].label
    assert (label.en if language == "en" else label.vi) in said
    assert {"en": "not defined", "vi": "không xác định"}[language] in said, "INTENSE takes more than it brings"


def test_a_place_costs_its_capital_and_its_years() -> None:
    life = place_costs.discounted_life_of_a_place(discount_rate=0.1, place_life_time=10.0)
    assert life == pytest.approx((1 - math.exp(-1)) / 0.1)
    laboratories = xr.DataArray([0.0, 1e11], {"laboratory_kind": ["shared", "base"]}, ["laboratory_kind"])
    seats = xr.DataArray([1.0, 500.0], {"laboratory_kind": ["shared", "base"]}, ["laboratory_kind"])
    capital = place_costs.capital_of_university_place(
        laboratory_unit_cost=laboratories, students_per_laboratory=seats, lecturer_training_unit_cost=1e4,
        dong_per_dollar=25e3, students_per_trained_lecturer=25.0, normal_study_time=4.0,
    )  # fmt: skip
    assert float(capital) == (2e8 + 1e7) * 4
    recurrent = place_costs.recurrent_cost_of_university_place(
        tuition_a_year=3e7, design_tool_licence_a_year=3e6, scholarship_a_year=4e7, scholarships_paid_share=0.25,
        normal_study_time=4.0,
    )  # fmt: skip
    assert recurrent == 43e6 * 4


@pytest.mark.parametrize("sharpness", [1.0, 3.0])
def test_one_more_who_looks_adds_what_the_matching_function_says(sharpness: float) -> None:
    """Against the difference quotient of hires in people within reach, posts held."""

    def hires(reach: float) -> float:
        return reach * (1 + (reach / 100.0) ** sharpness) ** (-1 / sharpness)

    reach, step = 150.0, 1e-4
    matched = hires(reach) / reach
    slope = (hires(reach + step) - hires(reach - step)) / (2 * step)
    found = place_costs.found_at_the_margin(matched=matched, sharpness=sharpness, reach_rate=4.0, search_time=0.5)
    assert found == pytest.approx(4.0 * slope / (4.0 * slope + 2.0), rel=1e-6)


@pytest.mark.parametrize(("grants", "engineers"), [(0.25, 5.0), (0.75, 7.0)])
def test_an_intense_place_gains_those_who_return_and_loses_those_who_left(grants: float, engineers: float) -> None:
    """Never more than all return, whatever grants are paid."""
    given = xr.DataArray([0.5, 0.5], {"programme": ["dedicated", "related"]}, ["programme"])
    found = place_costs.engineers_of_intense_place(
        intense_completion_share=1.0, intense_chip_share=0.8, intense_return_share=0.5, return_grants_paid_share=grants,
        experienced_adds_a_hire_share=1.0, programme_of_intense_share=given, graduate_adds_a_hire_share=given / 5,
        discount_rate=0.0, intense_time_away=4.0, discounted_life_of_a_place=10.0,
    )  # fmt: skip
    assert float(found) == pytest.approx(engineers)


def test_places_in_a_run(runs: Runs) -> None:
    found = whole_life(runs[0], 2031.0).set_index("place")
    assert tuple(found.index) == PLACES
    assert found.loc["conversion_place", "estimate"] < found.loc["university_place", "estimate"]
    assert math.isnan(found.loc["intense_place", "estimate"])
    assert (found["cost_low"] < found["cost"]).all()

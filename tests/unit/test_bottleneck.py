"""Bottlenecks: which side of each `minimum` binds, counted by year, track and structure."""

import numpy as np
import pandas as pd
import pytest

from vimach.analysis.bottleneck import LABELS, NAMED, TERMS, records, sides, taken_apart
from vimach.analysis.tables import bottlenecks
from vimach.scenario import Scenario, read_scenario
from vimach.simulate import Model, Settings, simulate

SETTINGS = Settings(members=6, until=2023)


@pytest.fixture(scope="module")
def table(model: Model, baseline_scenario: Scenario) -> pd.DataFrame:
    return bottlenecks(model, baseline_scenario, SETTINGS)


def test_every_limit_has_a_row_for_each_year_track_and_structure(table: pd.DataFrame) -> None:
    sizes = table.groupby(["structure", "year", "track"]).size()
    assert (sizes == len(LABELS)).all()
    assert len(sizes) == 5 * 2 * 3
    assert table["structure"].iloc[0] == "all"


def test_shares_are_shares_and_the_worst_limits_add_up_to_one(table: pd.DataFrame) -> None:
    worst = table.groupby(["structure", "year", "track"])["first"].sum()
    assert worst.to_numpy() == pytest.approx(1.0)
    limits = table[table["limit"] != "none"]
    assert limits[["share", "held_back"]].apply(lambda column: column.between(0.0, 1.0).all()).all()
    assert table.loc[table["limit"] == "none", "share"].isna().all()


def test_a_run_of_the_model_taken_apart_has_the_same_bits(model: Model, baseline_scenario: Scenario) -> None:
    before = len(model.graph.nodes)
    apart = simulate(taken_apart(model), baseline_scenario, SETTINGS, records())
    whole = simulate(model, baseline_scenario, SETTINGS, [*NAMED, *TERMS])
    assert len(model.graph.nodes) == before
    for name in whole:
        assert (apart[name] == whole[name]).all(), name


@pytest.mark.parametrize("equation", ["entering_dedicated", "entering_specialisation"])
def test_of_the_two_sides_the_smaller_holds(model: Model, baseline_scenario: Scenario, equation: str) -> None:
    names = [equation, f"{equation}_limit", f"{equation}_otherwise"]
    data = simulate(taken_apart(model), baseline_scenario, Settings(members=6, until=2017), names)
    own, limit, otherwise = (data[name].to_numpy() for name in names)
    # students enter in a single step of the year, so the sums of the year are those of that step
    assert own == pytest.approx(np.minimum(limit, otherwise))
    assert (own < otherwise).any()


@pytest.mark.parametrize("equation", TERMS)
def test_the_sides_are_those_that_the_equation_compares(model: Model, equation: str) -> None:
    minimum, limiting, other = sides(model.graph, equation, TERMS[equation])
    assert {limiting, other} == set(minimum.arguments)
    assert limiting is not other and limiting.unit == other.unit


def test_an_equation_without_such_a_limit_is_told(model: Model) -> None:
    with pytest.raises(ValueError, match="quitting has no minimum of which one side alone names mentors_available"):
        sides(model.graph, "quitting", "mentors_available")


def test_money_stops_binding_where_there_is_plenty(model: Model, table: pd.DataFrame) -> None:
    rich = read_scenario("baseline", model.table, model.labels, ["programme_budget_extra={raise_to: 20000}"])
    plenty = bottlenecks(model, rich, SETTINGS)
    before, after = (
        each.loc[(each["limit"] == "money") & (each["year"] == 2023), "share"].mean() for each in (table, plenty)
    )
    assert after < before


def test_a_switch_is_felt_where_it_acts(table: pd.DataFrame) -> None:
    rows = table[(table["limit"] == "places") & (table["year"] == 2023) & (table["track"] == "design")]
    cut = rows.set_index("structure")["held_back"]
    assert cut["capacity_limits_places=1"] < cut["capacity_limits_places=0"]

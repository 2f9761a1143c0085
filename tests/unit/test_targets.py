"""Targets: medians, intervals, probabilities and years reached, on numbers worked out by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from vimach.analysis.targets import TARGET_COLUMNS, assess, at, counted, headline, year_reached
from vimach.errors import BadInput
from vimach.parameters.table import Target


def _dataset(values: np.ndarray, variable: str, unit: str, rung: str = "", time: str = "edge") -> xr.Dataset:
    coords = {"edge": [2030.0, 2031.0, 2036.0], "period": [2029, 2030, 2035], "member": np.arange(values.shape[1])}
    array = xr.DataArray(values, dims=(time, "member"), attrs={"unit": unit, "rung": rung})
    return xr.Dataset({variable: array}, coords=coords)


def _plants(end_2030: list[float]) -> xr.Dataset:
    middle = np.array(end_2030)
    return _dataset(np.stack([middle - 4, middle, middle + 10]), "atp_plants_operating", "plant")


@pytest.fixture
def plants(targets: tuple[Target, ...]) -> Target:
    return next(target for target in targets if target.unit == "plant")


@pytest.fixture
def trained(targets: tuple[Target, ...]) -> Target:
    return next(target for target in targets if target.name == "trained_50000")


def test_plants_are_counted_in_whole_numbers(plants: Target) -> None:
    ten = _plants([9.99, 10.0, 10.4, 9.9999999, 11.0, 3.0, 3.0, 3.0, 3.0, 3.0])
    row = assess(ten, [plants]).iloc[0]
    assert row["probability"] == 0.4  # 10.0, 10.4, 11.0 and the ten that misses by the last bits
    assert row[["low", "median", "high"]].tolist() == [3.0, 3.0, 10.0]


def test_people_are_not_rounded(trained: Target) -> None:
    people = np.linspace(40_000.0, 60_000.0, 11)
    table = assess(
        _dataset(np.stack([people, people, people]), "trained_cumulative", "person", "trained_cumulative"), [trained]
    )
    assert table["edge"].tolist() == [2031.0, 2036.0]
    assert table.loc[0, ["low", "median", "high"]].tolist() == [42_000.0, 50_000.0, 58_000.0]
    assert table.loc[0, "probability"] == pytest.approx(6 / 11)


def test_the_probability_by_its_date_and_the_one_at_the_edge_differ(plants: Target) -> None:
    table = assess(_plants([5.0] * 10), [plants]).set_index("edge")
    assert table.loc[2036.0, ["probability", "probability_at_edge"]].tolist() == [0.0, 1.0]


def test_a_level_lost_again_before_the_date_does_not_count(plants: Target) -> None:
    values = np.array([[12.0], [9.0], [9.0]]) * np.ones(10)
    row = assess(_dataset(values, "atp_plants_operating", "plant"), [plants]).iloc[0]
    assert row["probability"] == 0.0
    assert row["year_median"] == 2030.0  # reached at the first edge, all the same


def test_year_reached_lies_on_the_straight_line_between_two_edges(trained: Target) -> None:
    values = np.array([[0.0], [40_000.0], [90_000.0]]) * np.ones(10)
    dataset = _dataset(values, "trained_cumulative", "person", "trained_cumulative")
    assert year_reached(headline(dataset, trained), trained) == pytest.approx(np.full(10, 2032.0))


def test_a_target_not_reached_within_the_run_has_no_year(plants: Target) -> None:
    row = assess(_plants([-50.0] * 10), [plants]).iloc[0]
    assert np.isinf(row["year_low"])


def test_a_flow_over_the_year_2030_is_read_at_end_2030(trained: Target) -> None:
    values = np.array([[1.0], [2.0], [3.0]]) * np.ones(10)
    dataset = _dataset(values, "trained_cumulative", "person", "trained_cumulative", time="period")
    assert at(headline(dataset, trained), 2031.0).tolist() == [2.0] * 10


def test_a_target_after_the_run_has_no_probability(plants: Target) -> None:
    row = assess(_plants([10.0] * 10), [replace(plants, by=2041.0)]).iloc[0]
    assert np.isnan(row["probability"])


def test_values_are_put_into_the_unit_of_the_target(plants: Target) -> None:
    target = replace(plants, variable="wages", unit="VND billion", value=2.0)
    dataset = _dataset(np.full((3, 10), 2e9), "wages", "VND")
    assert assess(dataset, [target]).loc[0, "median"] == pytest.approx(2.0)


def test_headcounts_without_rung_or_interval_are_refused(baseline: xr.Dataset, trained: Target) -> None:
    few = baseline.isel(member=slice(0, 5))
    broken = baseline.assign(trained_cumulative=baseline["trained_cumulative"].where(baseline["member"] > 0))
    cases = [
        (baseline, replace(trained, rung=""), "names no rung"),
        (baseline, replace(trained, rung="hired_first_job"), "not on 'hired_first_job'"),
        (few, trained, "at least 10 members"),
        (broken, trained, "not numbers"),
        (baseline, replace(trained, variable="trained_cumulativ"), "did you mean 'trained_cumulative'"),
        (baseline[["trained_cumulative"]].expand_dims(region=["north"]), trained, "not a national total"),
    ]
    for dataset, target, message in cases:
        with pytest.raises(BadInput, match=message):
            assess(dataset, [target])


def test_all_refusals_come_at_once(baseline: xr.Dataset, trained: Target, plants: Target) -> None:
    wrong = [replace(trained, rung=""), replace(plants, variable="plants")]
    with pytest.raises(BadInput) as refused:
        assess(baseline, wrong)
    assert {problem.key for problem in refused.value.problems} == {"target trained_50000", "target atp_plants_10"}


def test_every_column_is_documented(baseline: xr.Dataset, targets: tuple[Target, ...]) -> None:
    table = assess(baseline, targets)
    assert list(table.columns) == list(TARGET_COLUMNS)
    assert all(TARGET_COLUMNS.values())
    assert isinstance(table, pd.DataFrame)
    assert len(table) == 2 * len(targets)


def test_counting_leaves_people_alone() -> None:
    assert counted(np.array([1.7]), "person").tolist() == [1.7]
    assert counted(np.array([1.7]), "firm").tolist() == [1.0]

"""Two scenarios on the same members: paired differences, extra money, and what cannot be compared."""

import numpy as np
import pytest
import xarray as xr

from vimach.analysis.compare import COMPARE_COLUMNS, MONEY_COLUMNS, compare, extra_money
from vimach.errors import BadInput
from vimach.parameters.table import Target


def test_the_difference_is_taken_member_by_member(
    baseline: xr.Dataset, accelerated: xr.Dataset, targets: tuple[Target, ...]
) -> None:
    table = compare(baseline, accelerated, targets)
    rows = table[(table["target"] == "trained_50000") & (table["edge"] == 2036.0)].set_index("series")
    gain = (accelerated["trained_cumulative"] - baseline["trained_cumulative"]).sel(edge=2036.0).to_numpy()
    wanted = np.quantile(gain, [0.1, 0.5, 0.9])
    assert rows.loc["difference", ["low", "median", "high"]].to_numpy(float) == pytest.approx(wanted)
    width = rows["high"] - rows["low"]
    assert width["difference"] < width["first"] / 2  # the members share their luck


def test_three_rows_for_each_target_and_horizon_in_order(
    baseline: xr.Dataset, accelerated: xr.Dataset, targets: tuple[Target, ...]
) -> None:
    table = compare(baseline, accelerated, targets)
    assert list(table.columns) == list(COMPARE_COLUMNS)
    assert table["series"].tolist() == ["first", "second", "difference"] * (2 * len(targets))
    assert table["target"].drop_duplicates().tolist() == [target.name for target in targets]
    differences = table[table["series"] == "difference"]
    assert differences["probability"].isna().all()
    assert (differences["scenario"] == "accelerated_funding - baseline").all()
    assert not table[["low", "median", "high"]].isna().any().any()


def test_whole_numbers_stay_whole_in_the_difference(
    baseline: xr.Dataset, accelerated: xr.Dataset, targets: tuple[Target, ...]
) -> None:
    table = compare(baseline, accelerated, targets)
    whole = table[table["unit"].isin(["firm", "plant", "laboratory"])][["low", "median", "high"]].to_numpy(float)
    assert (whole == np.floor(whole)).all()


def test_a_scenario_against_itself_gains_nothing(baseline: xr.Dataset, targets: tuple[Target, ...]) -> None:
    table = compare(baseline, baseline, targets)
    assert (table.loc[table["series"] == "difference", ["low", "median", "high"]] == 0).all().all()
    money = extra_money(baseline, baseline)
    assert (money.loc[money["series"] == "difference", ["low", "median", "high"]] == 0).all().all()


def test_extra_money_in_total_and_by_year(baseline: xr.Dataset, accelerated: xr.Dataset) -> None:
    money = extra_money(baseline, accelerated)
    assert list(money.columns) == list(MONEY_COLUMNS)
    extra = money[money["series"] == "difference"].set_index("period")
    assert extra.index.tolist() == ["total", *map(str, range(2015, 2036))]
    assert extra.loc["2027", ["low", "median", "high"]].tolist() == [0.0, 0.0, 0.0]
    by_hand = np.quantile((accelerated["programme_cost"] - baseline["programme_cost"]).sum("period"), [0.1, 0.5, 0.9])
    assert extra.loc["total", ["low", "median", "high"]].to_numpy(float) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("attribute", "value", "words"),
    [("seed", 1, "the seed differs: 1017 and 1"), ("step", 0.125, "the step"), ("model_version", "9", "model version"),
     ("data_vintage", "2027-01-01", "data vintage"), ("model", "9", "the model"), ("posterior", "x", "posterior")],
)  # fmt: skip
def test_runs_that_differ_in_more_than_the_scenario_are_refused(
    baseline: xr.Dataset,
    accelerated: xr.Dataset,
    targets: tuple[Target, ...],
    attribute: str,
    value: object,
    words: str,
) -> None:
    with pytest.raises(BadInput, match=words):
        compare(baseline, accelerated.assign_attrs({attribute: value}), targets)


def test_every_difference_is_named_at_once(
    baseline: xr.Dataset, accelerated: xr.Dataset, targets: tuple[Target, ...]
) -> None:
    other = accelerated.isel(member=slice(0, 20), edge=slice(0, 17), period=slice(0, 16)).assign_attrs(seed=5)
    with pytest.raises(BadInput) as refused:
        compare(baseline, other, targets)
    said = str(refused.value)
    for words in ("seed", "members differ: 200 from 0 to 199 and 20 from 0 to 19", "horizon differ", "periods"):
        assert words in said


def test_a_run_to_2030_is_compared_at_2030_alone(
    baseline: xr.Dataset, accelerated: xr.Dataset, targets: tuple[Target, ...]
) -> None:
    short = [each.isel(edge=slice(0, 17), period=slice(0, 16)) for each in (baseline, accelerated)]
    assert compare(*short, targets)["edge"].unique().tolist() == [2031.0]

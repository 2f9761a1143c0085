"""The words of an equation on plain numbers: the same functions that trace also compute."""

from typing import Any

import numpy as np
import pytest
import xarray as xr

from vimach.graph import EquationError
from vimach.structure import (
    RATIO_FLOOR,
    Cohorts,
    Curve,
    Dimension,
    Outside,
    Route,
    Stock,
    exp,
    log,
    lookup,
    maximum,
    minimum,
    part,
    power,
    ratio,
    total,
)

from .small_models import TRACK

AGE = Dimension("age", ("new", "old"))
PEOPLE = xr.DataArray([[1.0, 2.0], [3.0, 4.0]], dims=("track", "age"), coords={"track": list(TRACK.labels)})
CURVE = Curve((0.0, 1.0, 3.0), (1.0, 2.0, 0.0))


@pytest.mark.parametrize("shape", [float, lambda x: np.array([x]), lambda x: xr.DataArray([x], dims="track")])
def test_minimum_and_maximum_on_floats_arrays_and_labelled_arrays(shape: Any) -> None:
    assert minimum(shape(2.0), 3.0) == 2.0
    assert minimum(4.0, shape(3.0)) == 3.0
    assert maximum(shape(2.0), 3.0) == 3.0
    assert maximum(shape(4.0), 3.0) == 4.0
    assert minimum(5.0, shape(3.0), 4.0) == 3.0
    assert maximum(3.0, shape(3.0), 1.0) == 3.0


def test_labelled_arrays_are_aligned_by_name() -> None:
    by_age = xr.DataArray([10.0, 0.0], dims="age")
    assert minimum(by_age, PEOPLE).transpose("track", "age").values.tolist() == [[1.0, 0.0], [3.0, 0.0]]


@pytest.mark.parametrize("word", [minimum, maximum])
def test_nan_wins_on_either_side(word: Any) -> None:
    assert np.isnan(word(np.nan, 1.0))
    assert np.isnan(word(1.0, np.nan))


def test_total_and_part_by_name_and_by_dimension() -> None:
    assert total(PEOPLE, TRACK).values.tolist() == [4.0, 6.0]
    assert total(PEOPLE, "track", AGE) == 10.0
    assert part(PEOPLE, TRACK, "atp").values.tolist() == [3.0, 4.0]
    assert part(PEOPLE, "track", "design").values.tolist() == [1.0, 2.0]


def test_exp_log_power_on_numbers_and_arrays() -> None:
    assert exp(0.0) == 1.0
    assert log(1.0) == 0.0
    assert power(4.0, 0.5) == pytest.approx(2.0, rel=1e-15)
    assert power(np.array([1.0, 9.0]), 0.5) == pytest.approx([1.0, 3.0], rel=1e-15)


def test_exp_log_power_keep_labels_and_align_by_name() -> None:
    by_age = xr.DataArray([1.0, 2.0], dims="age")
    assert power(PEOPLE, by_age).sel(track="atp").values == pytest.approx([3.0, 16.0], rel=1e-14)
    assert exp(log(PEOPLE)).dims == PEOPLE.dims


def test_ratio_is_a_division_far_from_nothing() -> None:
    assert ratio(10.0, 4.0, 1.0) == pytest.approx(2.5, abs=1e-9)
    assert ratio(0.0, 4.0, 1.0) == pytest.approx(0.0, abs=1e-9)


def test_ratio_goes_over_into_the_alternative_without_a_jump() -> None:
    assert ratio(0.0, 0.0, 0.7) == pytest.approx(0.7, rel=1e-12)
    shrinking = RATIO_FLOOR * 2.0 ** -np.arange(40.0)
    values = ratio(0.2 * shrinking, shrinking, 0.7)
    assert np.all(np.diff(values) > 0.0)
    assert values[0] == pytest.approx((0.2 + 0.7) / 2)
    assert values[-1] == pytest.approx(0.7, rel=1e-12)


def test_ratio_on_labelled_arrays() -> None:
    none = xr.zeros_like(PEOPLE)
    assert np.allclose(ratio(PEOPLE, total(PEOPLE, AGE), 0).sum("age"), 1.0)
    assert np.allclose(ratio(none, none, 0.5), 0.5)


@pytest.mark.parametrize(
    ("x", "y"),
    [(-1.0, 1.0), (0.0, 1.0), (0.25, 1.25), (1.0 - 1e-9, 2.0 - 1e-9), (1.0, 2.0), (1.0 + 1e-9, 2.0 - 1e-9), (2.0, 1.0),
     (3.0 - 1e-9, 1e-9), (3.0, 0.0), (7.0, 0.0)],
)  # fmt: skip
def test_lookup_on_both_sides_of_each_point_and_outside(x: float, y: float) -> None:
    assert lookup(x, CURVE) == pytest.approx(y, abs=1e-12)


def test_the_hinges_of_a_lookup_make_straight_lines() -> None:
    x = np.linspace(-1.0, 4.0, 501)
    assert lookup(x, CURVE) == pytest.approx(np.interp(x, CURVE.x, CURVE.y), abs=1e-14)
    labelled = lookup(xr.DataArray(x, dims="time"), CURVE)
    assert np.array_equal(labelled.values, lookup(x, CURVE))


def test_lookup_wants_a_curve() -> None:
    with pytest.raises(EquationError, match="lookup needs a curve"):
        lookup(1.0, [(0.0, 1.0)])


@pytest.mark.parametrize(
    ("x", "y"), [((0.0,), (1.0,)), ((0.0, 0.0), (1.0, 2.0)), ((1.0, 0.0), (1.0, 2.0)), ((0.0, 1.0), (1.0,))]
)
def test_a_curve_needs_growing_points(x: tuple[float, ...], y: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="at least two points with growing x"):
        Curve(x, y)


def test_routes_parts_and_parts_of_parts() -> None:
    stock, outside = Stock("firm", TRACK, AGE), Outside("elsewhere")
    design, atp = stock.by(TRACK)
    assert [design.where, atp.where] == [((TRACK, "design"),), ((TRACK, "atp"),)]
    assert design.by(AGE)[1].where == ((TRACK, "design"), (AGE, "old"))
    assert outside >> design == Route(outside, design)


def test_stocks_of_the_same_kind_are_not_the_same_stock() -> None:
    assert Stock("firm", TRACK) != Stock("firm", TRACK)
    assert Cohorts("person", years=4).years == 4

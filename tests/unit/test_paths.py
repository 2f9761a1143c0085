"""Paths over time, on both sides of each of their edges."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from vimach.paths import PATHS, Constant, Path_, Pulse, Ramp, Step, Table

TIMES = np.array([2027.0, 2028.0, 2029.0, 2030.0, 2031.0])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (Constant(3.0), [3.0, 3.0, 3.0, 3.0, 3.0]),
        (Step(3.0, 2028.0), [1.0, 3.0, 3.0, 3.0, 3.0]),
        (Ramp(3.0, 2028.0, 2030.0), [1.0, 1.0, 2.0, 3.0, 3.0]),
        (Pulse(3.0, 2028.0, 2030.0), [1.0, 3.0, 3.0, 1.0, 1.0]),
        (Table((2028.0, 2030.0), (3.0, 5.0)), [3.0, 3.0, 4.0, 5.0, 5.0]),
        (Table((2028.0,), (3.0,)), [3.0, 3.0, 3.0, 3.0, 3.0]),
        (Table((2027.0, 2028.0, 2030.0), (0.0, 2.0, 4.0)), [0.0, 2.0, 3.0, 4.0, 4.0]),
    ],
)
def test_values_before_at_and_after_the_edges(path: Path_, expected: list[float]) -> None:
    assert_array_equal(path.at(TIMES, np.array(1.0)), expected)
    assert_array_equal(path.at(TIMES, np.ones(5)), expected)
    by_label = path.at(TIMES, np.ones((5, 2, 3)))
    assert by_label.shape == (5, 2, 3)
    assert_array_equal(by_label[:, 1, 2], expected)
    assert path.at(TIMES, np.ones((1, 2))).shape == (5, 2)


def test_a_ramp_starts_from_what_held_for_each_label() -> None:
    before = np.array([[1.0, 5.0]])
    assert_array_equal(Ramp(3.0, 2028.0, 2030.0).at(TIMES, before)[2], [2.0, 4.0])


def test_a_step_keeps_what_changed_before_it() -> None:
    before = np.arange(5.0)
    assert_array_equal(Step(9.0, 2029.0).at(TIMES, before), [0.0, 1.0, 9.0, 9.0, 9.0])


def test_the_end_of_a_ramp_is_exact() -> None:
    assert Ramp(0.3, 2028.0, 2030.0).at(np.array([2030.0]), np.array([0.1]))[0] == 0.3


def test_the_result_is_not_the_input() -> None:
    before = np.ones(5)
    Step(9.0, 2040.0).at(TIMES, before)[:] = 0.0
    assert_array_equal(before, np.ones(5))


@pytest.mark.parametrize("kind", [Ramp, Pulse])
@pytest.mark.parametrize("ends", [2027.0, 2028.0])
def test_an_end_that_is_not_after_the_start_is_refused(kind: type[Ramp | Pulse], ends: float) -> None:
    with pytest.raises(ValueError, match=f"ends {ends:g} is not after starts 2028"):
        kind(1.0, 2028.0, ends)


@pytest.mark.parametrize("times", [(), (2030.0, 2029.0), (2030.0, 2030.0)])
def test_a_table_needs_times_in_order(times: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"table needs|is not after"):
        Table(times, times)


def test_every_path_has_its_word() -> None:
    assert list(PATHS) == ["constant", "step", "ramp", "pulse", "table"]

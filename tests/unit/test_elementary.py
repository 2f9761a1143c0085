"""exp, log, power and the normal quantile against mpmath, at their edges, and whatever the shape they come in."""

from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vimach.elementary import Array, exp, log, normal_quantile, power

INF, NAN = np.inf, np.nan
TINY = 5e-324
LARGEST = 1.7976931348623157e308


def units_in_the_last_place(result: Array, true: list[mpmath.mpf]) -> float:
    """The largest error, in units of the last place of the true value rounded."""
    return max(
        float(abs(mpmath.mpf(float(got)) - want) / mpmath.mpf(float(np.spacing(abs(float(want))))))
        for got, want in zip(result, true, strict=True)
    )


def relative_error(result: Array, true: list[mpmath.mpf]) -> float:
    return max(float(abs(mpmath.mpf(float(got)) / want - 1)) for got, want in zip(result, true, strict=True))


@pytest.fixture(autouse=True)
def many_digits():
    with mpmath.workprec(200):
        yield


def points(low: float, high: float, count: int = 800) -> Array:
    """A grid with a random offset in each cell."""
    cells = np.arange(count) + np.random.default_rng(20).uniform(size=count)
    return low + (high - low) * cells / count


@pytest.mark.parametrize(
    ("low", "high"), [(-1, 1), (-1e-8, 1e-8), (-50, 50), (-708, 709.78), (0.3465, 0.3467), (-745.1, -708)]
)
def test_exp_is_within_one_unit_in_the_last_place(low, high):
    x = points(low, high)
    assert units_in_the_last_place(exp(x), [mpmath.exp(float(v)) for v in x]) < 0.9


@pytest.mark.parametrize(
    "x",
    [
        points(0.3, 3),
        np.exp(points(-700, 709)),
        1 + points(-1e-3, 1e-3),
        1 + points(-1e-12, 1e-12),
        points(0.7, 0.72),
        points(1.40, 1.42),
        points(1, 1e6) * TINY,
        points(0.9, 1.1) * 2.0**-1022,
    ],
    ids=["usual", "all sizes", "near 1", "nearer 1", "below the fold", "above the fold", "subnormal", "border"],
)
def test_log_is_within_one_unit_in_the_last_place(x):
    x = x[x != 1.0]
    assert units_in_the_last_place(log(x), [mpmath.log(float(v)) for v in x]) < 0.9


@pytest.mark.parametrize(("largest_exponent", "allowed"), [(1, 3e-16), (50, 1e-15), (708, 1e-14)])
@pytest.mark.parametrize(
    "x",
    [
        np.exp(points(-0.4, 0.4)),
        np.exp(points(-3, 3)),
        np.exp(points(-740, 709)),
        np.exp(points(-1e-6, 1e-6)),
        2 + points(0, 1e-5),
        2.0**-1000 * (1 - points(0, 1e-7)),
    ],
    ids=["near 1", "usual", "all sizes", "nearer 1", "just above 2", "just below a power of 2"],
)
def test_power_keeps_its_digits(x, largest_exponent, allowed):
    x = np.random.default_rng(3).permutation(x)
    x = x[x != 1.0]
    y = points(-largest_exponent, largest_exponent)[: x.size] / np.log(x)
    true = [mpmath.mpf(float(a)) ** mpmath.mpf(float(b)) for a, b in zip(x, y, strict=True)]
    assert relative_error(power(x, y), true) < allowed


@pytest.mark.parametrize("u", [points(0, 1), 10.0 ** points(-300, -1), 1 - 10.0 ** points(-15, -1)])
def test_normal_quantile_inverts_the_normal_distribution(u):
    z = normal_quantile(u)
    true = []
    for probability, start in zip(u, z, strict=True):
        guess = mpmath.mpf(float(start))  # one Newton step from an answer good to 1e-15 is exact to 1e-30
        excess = mpmath.erfc(-guess / mpmath.sqrt(2)) / 2 - mpmath.mpf(float(probability))
        true.append(guess - excess / mpmath.npdf(guess))
    assert relative_error(z, true) < 2e-15


@given(st.floats(-745, 709.78))
def test_exp_anywhere(x):
    assert exp(x) == pytest.approx(float(mpmath.exp(x)), rel=1e-14, abs=TINY)


@given(st.floats(TINY, LARGEST))
def test_log_anywhere(x):
    assert log(x) == pytest.approx(float(mpmath.log(x)), rel=1e-14, abs=0)


@given(st.floats(TINY, LARGEST), st.floats(-LARGEST, LARGEST))
def test_power_anywhere(x, y):
    exponent = mpmath.mpf(y) * mpmath.log(x)
    true = float(mpmath.exp(exponent)) if abs(exponent) < 2000 else (INF if exponent > 0 else 0.0)
    assert power(x, y) == pytest.approx(true, rel=1e-13, abs=TINY)


@pytest.mark.parametrize(
    ("function", "argument", "value"),
    [
        (exp, 0.0, 1.0),
        (exp, -0.0, 1.0),
        (exp, 1.0, 2.718281828459045),
        (exp, 709.7827128933840, 1.797693134862273e308),
        (exp, 709.7827128933841, INF),
        (exp, 1e308, INF),
        (exp, INF, INF),
        (exp, -745.1332, TINY),
        (exp, -745.1333, 0.0),
        (exp, -1e308, 0.0),
        (exp, -INF, 0.0),
        (exp, NAN, NAN),
        (exp, TINY, 1.0),
        (log, 1.0, 0.0),
        (log, 2.0, 0.6931471805599453),
        (log, 0.0, -INF),
        (log, -0.0, -INF),
        (log, -TINY, NAN),
        (log, -1.0, NAN),
        (log, -INF, NAN),
        (log, INF, INF),
        (log, NAN, NAN),
        (log, TINY, -744.4400719213812),
        (log, LARGEST, 709.782712893384),
        (normal_quantile, 0.5, 0.0),
        (normal_quantile, 0.975, 1.959963984540054),
        (normal_quantile, 0.0, -INF),
        (normal_quantile, 1.0, INF),
        (normal_quantile, -0.1, NAN),
        (normal_quantile, 1.1, NAN),
        (normal_quantile, NAN, NAN),
    ],
)
def test_special_values(function, argument, value):
    assert function(argument) == pytest.approx(value, rel=3e-16, abs=0, nan_ok=True)
    beside_others = function(np.array([0.5, argument, 0.25]))
    assert same_bits(beside_others, np.array([function(0.5), function(argument), function(0.25)]))


@pytest.mark.parametrize(
    ("x", "y", "value"),
    [
        (0.0, 2.0, 0.0),
        (-0.0, 3.0, 0.0),
        (0.0, TINY, 0.0),
        (0.0, 0.0, 1.0),
        (0.0, -1.0, INF),
        (0.0, INF, 0.0),
        (0.0, -INF, INF),
        (INF, 0.5, INF),
        (INF, 0.0, 1.0),
        (INF, -0.5, 0.0),
        (INF, INF, INF),
        (7.0, 0.0, 1.0),
        (7.0, 1.0, 7.0),
        (1.0, INF, 1.0),
        (1.0, LARGEST, 1.0),
        (2.0, INF, INF),
        (2.0, -INF, 0.0),
        (0.5, INF, 0.0),
        (0.5, -LARGEST, INF),
        (1.0 + 2.0**-52, LARGEST, INF),
        (2.0, 1023.0, 2.0**1023),
        (2.0, 1024.0, INF),
        (2.0, -1074.0, TINY),
        (2.0, -1076.0, 0.0),
        (4.0, 0.5, 2.0),
        (TINY, 0.5, 2.0**-537),
        (-1.0, 2.0, NAN),
        (-1.0, 0.0, NAN),
        (-INF, 1.0, NAN),
        (NAN, 0.0, NAN),
        (1.0, NAN, NAN),
        (0.0, NAN, NAN),
        (NAN, NAN, NAN),
    ],
)
def test_special_powers(x, y, value):
    assert power(x, y) == pytest.approx(value, rel=4e-15, abs=0, nan_ok=True)
    beside_others = power(np.array([0.5, x]), np.array([3.0, y]))
    assert same_bits(beside_others, np.array([power(0.5, 3.0), power(x, y)]))


# Bits noted on one machine; another must find the same.
@pytest.mark.parametrize(
    ("result", "bits"),
    [
        (exp(1.2345), "0x1.b7e47790da685p+1"),
        (log(1.2345), "0x1.af71abe30f48fp-3"),
        (power(1.2345, 67.89), "0x1.8d2a1dd1a793dp+20"),
        (normal_quantile(0.012345), "-0x1.1f84188d86555p+1"),
    ],
)
def test_bits_are_the_same_on_every_machine(result, bits):
    assert result.hex() == bits


def same_bits(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool((a.view(np.int64) == b.view(np.int64)).all())


def square_root(x: Array, out: Array | None = None) -> Array:
    return power(x, 0.5, out=out)


FUNCTIONS: list[Callable[..., Array]] = [exp, log, normal_quantile, square_root]


@pytest.mark.parametrize("function", FUNCTIONS)
class TestShapes:
    x = np.random.default_rng(1).uniform(0, 1, (6, 50))

    def test_out_is_filled_and_returned(self, function):
        out = np.full_like(self.x, NAN)
        assert function(self.x, out=out) is out
        assert same_bits(out, function(self.x))

    def test_out_may_be_the_argument(self, function):
        x = self.x.copy()
        assert same_bits(function(x, out=x), function(self.x))

    def test_out_is_filled_with_unusual_arguments_too(self, function):
        x = np.array([0.5, NAN, 0.0, -1.0, INF, TINY, -1e9])
        assert same_bits(function(x, out=np.empty_like(x)), function(x))

    def test_argument_is_left_alone(self, function):
        x = self.x.copy()
        function(x)
        assert same_bits(x, self.x)

    def test_a_number_does_not_depend_on_its_neighbours(self, function):
        x = np.append(self.x.ravel(), [NAN, 0.0, -1.0, INF, TINY, 1e300, -1e300])
        whole = function(x)
        for start, stop in [(0, 1), (3, 8), (17, 300), (1, 307)]:
            assert same_bits(function(x[start:stop]), whole[start:stop])

    def test_strides_do_not_matter(self, function):
        assert same_bits(np.ascontiguousarray(function(self.x.T)), np.ascontiguousarray(function(self.x).T))
        assert same_bits(function(self.x[:, ::3]), np.ascontiguousarray(function(self.x)[:, ::3]))
        out = np.zeros((50, 6)).T
        assert same_bits(np.ascontiguousarray(function(self.x, out=out)), function(self.x))

    def test_a_number_gives_a_number(self, function):
        for x in (0.25, np.float64(0.25), np.array(0.25)):
            assert type(function(x)) is float
            assert function(x) == function(np.array([0.25]))[0]
        assert type(function(1)) is float

    def test_out_of_no_dimension(self, function):
        out = np.array(NAN)
        assert function(np.array(0.25), out=out) is out
        assert float(out) == function(0.25)

    def test_empty(self, function):
        assert function(np.empty((0, 4))).shape == (0, 4)

    def test_out_of_a_wrong_shape_is_refused(self, function):
        with pytest.raises(ValueError, match="broadcast"):
            function(self.x, out=np.empty(3))


def test_power_broadcasts():
    x, y = np.array([[0.5], [2.0], [0.0]]), np.array([1.0, 2.0, -3.0, 0.1])
    assert np.allclose(power(x[:2], y), x[:2] ** y, rtol=1e-15)
    table = power(x, y)
    assert table.shape == (3, 4)
    assert all(table[i, j] == power(float(x[i, 0]), float(y[j])) for i in range(3) for j in range(4))
    assert power(2.0, y).shape == (4,)
    out = np.empty((3, 4))
    assert power(x, y, out=out) is out


def test_normal_quantile_is_odd_and_rises():
    u = np.arange(1, 1024) / 1024
    z = normal_quantile(u)
    assert same_bits(z[:511], -z[:511:-1])
    assert (np.diff(z) > 0).all()

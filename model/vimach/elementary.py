"""exp, log, power and the normal quantile, with the same bits on every machine.

NumPy's own differ in the last digit between processors. Here each function is one fixed recipe of IEEE operations
(+ - * / sqrt, comparison and select, exact operations on the 64 bits of a number), done in the written order and
rounded one by one: no fused multiply-add, no reordering. Whoever does the same operations gets the same bits.

Selects that serve only unusual arguments (zeros, infinities, NaN, subnormal or huge numbers) are skipped when a whole
array is usual, because they would change nothing; so a number's result never depends on its neighbours.

Methods: argument reduction as in W. J. Cody and W. Waite, *Software Manual for the Elementary Functions* (1980), and
Sun's fdlibm (1993); the polynomials are plain Taylor series, so their coefficients can be checked by eye; `power`
carries the logarithm in two parts, after T. J. Dekker, *Numerische Mathematik* 18 (1971); the normal quantile is
M. J. Wichura's algorithm AS 241, *Applied Statistics* 37 (1988).

Accuracy, held by the tests against mpmath: exp and log within 1 unit in the last place; power within 1e-15 relative
for |y log x| up to 50 and 1e-14 up to overflow; the quantile within 2e-15.
"""

from collections.abc import Callable, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Bits = npt.NDArray[np.int64]

# ln 2 in two parts; the first has 32 significant bits, so its product with an exponent is exact.
LN2_HIGH = float.fromhex("0x1.62e42feep-1")
LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
ONE_BY_LN2 = float.fromhex("0x1.71547652b82fep+0")

# Adding 1.5 * 2^52 rounds a number to the nearest integer and leaves that integer in the lowest bits.
ROUNDER = 1.5 * 2.0**52
ROUNDER_BITS = 0x4338000000000000

MANTISSA_BITS = 52
EXPONENT_BIAS = 1023
SQRT_HALF_BITS = 0x3FE6A09E667F3BCD  # the bits of sqrt(1/2), where the reduced argument of log begins
TOP_26_BITS = ~((1 << 27) - 1)  # keeps 26 significant bits: products of two such numbers are exact
SMALLEST_NORMAL = 2.0**-1022
SUBNORMAL_SHIFT = 54.0  # subnormal numbers are multiplied by 2^54 first
EXP_BOUND = 800.0  # exp is 0 or inf beyond
EXPONENT_BOUND = 2.0**64  # as |log x| is 0 or at least 2^-53, a larger exponent in power changes nothing

# glibc gives freed memory back to the system, page by page, until a large block has been freed once; making and freeing
# one (8 MB, never touched) lets the temporary arrays below reuse warm memory, which makes them four times faster.
np.empty(2**20)

# x coth(x/2) = 2 + x^2/6 - x^4/360 + ...: twice the Bernoulli numbers over factorials, from x^2 on.
COTH_SERIES = (1 / 6, -1 / 360, 1 / 15120, -1 / 604800, 1 / 23950080, -691 / 653837184000)
# log((1+s)/(1-s)) = 2s + s (2/3 s^2 + 2/5 s^4 + ...)
ATANH_SERIES = tuple(2 / n for n in range(3, 23, 2))


@overload
def exp(x: float, out: None = None) -> float: ...
@overload
def exp(x: Array, out: Array | None = None) -> Array: ...
def exp(x: float | Array, out: Array | None = None) -> float | Array:
    """e to the power x, element by element: inf above 709.78, 0 below -745.13, subnormal results right, NaN kept.

    x is a number or an array of any shape; the result goes into `out` (which may be x itself) if given.
    """
    return _apply(_exp, out, x)


@overload
def log(x: float, out: None = None) -> float: ...
@overload
def log(x: Array, out: Array | None = None) -> Array: ...
def log(x: float | Array, out: Array | None = None) -> float | Array:
    """Natural logarithm, element by element: log(0) = -inf, of a negative number NaN, subnormals right, NaN kept.

    x is a number or an array of any shape; the result goes into `out` (which may be x itself) if given.
    """
    return _apply(_log, out, x)


@overload
def power(x: float, y: float, out: None = None) -> float: ...
@overload
def power(x: Array, y: float | Array, out: Array | None = None) -> Array: ...
@overload
def power(x: float, y: Array, out: Array | None = None) -> Array: ...
def power(x: float | Array, y: float | Array, out: Array | None = None) -> float | Array:
    """x to the power y for x >= 0, element by element, with NumPy's broadcasting.

    0 to a positive power is 0, to the power 0 is 1, to a negative power inf; inf behaves as the limit.
    A negative x gives NaN whatever y is, and NaN in either argument gives NaN.
    The logarithm of x is worked out in x's own shape: a small x with a large y is cheaper than the reverse.
    """
    return _apply(_power, out, x, y)


@overload
def normal_quantile(u: float, out: None = None) -> float: ...
@overload
def normal_quantile(u: Array, out: Array | None = None) -> Array: ...
def normal_quantile(u: float | Array, out: Array | None = None) -> float | Array:
    """The z that a standard normal variable stays below with probability u; -inf at 0, inf at 1, NaN outside [0, 1].

    Three rational functions are worked out everywhere and one is selected: meant for draws, not for equations.
    """
    return _apply(_normal_quantile, out, u)


def _apply(recipe: Callable[..., Array], out: Array | None, *arguments: float | Array) -> float | Array:
    """Run a recipe on arrays of at least one dimension, silently; numbers in, number out."""
    arrays = [np.atleast_1d(np.asarray(argument, dtype=np.float64)) for argument in arguments]
    with np.errstate(all="ignore"):
        result = recipe(*arrays, None if out is None else np.atleast_1d(out))
    if out is not None:
        return out
    return result if any(np.ndim(argument) for argument in arguments) else float(result[0])


def _exp(x: Array, out: Array | None) -> Array:
    return _exp_of_sum(_clamped(x, EXP_BOUND), None, out)


def _exp_of_sum(x: Array, extra: Array | None, out: Array | None) -> Array:
    """exp(x + extra) for |x| <= 800 and |extra| far below 1: 2^k exp(r) with |r| <= ln(2) / 2.

    exp(r) = 1 + r + r c / (2 - c) with c = r - (r coth(r/2) - 2); r = high - low keeps the rounding errors apart.
    """
    k = x * ONE_BY_LN2
    k += ROUNDER
    exponent = k.view(np.int64) - ROUNDER_BITS
    k -= ROUNDER
    high = k * LN2_HIGH
    np.subtract(x, high, out=high)
    low = np.multiply(k, LN2_LOW, out=k)
    if extra is not None:
        low -= extra
    r = high - low
    square = r * r
    c = _series(square, COTH_SERIES)
    np.subtract(r, c, out=c)
    r *= c
    np.subtract(2.0, c, out=c)
    r /= c
    low -= r
    low -= high
    np.subtract(1.0, low, out=low)
    # Twice by half the exponent: each factor is a normal number, and a subnormal result is rounded once.
    half = exponent >> 1
    exponent -= half
    low *= _power_of_two(half)
    return np.multiply(low, _power_of_two(exponent), out=out)


def _log(x: Array, out: Array | None) -> Array:
    """k ln 2 + log(m) with m = 1 + f; f is exact and leads the sum, all else is a small correction."""
    k, f = _exponent_and_mantissa(x)
    f -= 1.0
    s = f + 2.0
    np.divide(f, s, out=s)
    correction = _series(s * s, ATANH_SERIES)
    half_square = f * 0.5
    half_square *= f
    correction += half_square
    correction *= s
    np.multiply(k, LN2_LOW, out=s)
    correction += s
    half_square -= correction
    half_square -= f
    k *= LN2_HIGH
    if _all_positive_and_finite(x):
        return np.subtract(k, half_square, out=out)
    k -= half_square
    edges = np.where(x == 0.0, -np.inf, np.where(x == np.inf, np.inf, np.nan))
    return _stored(np.where((x > 0.0) & (x < np.inf), k, edges), out)


def _power(x: Array, y: Array, out: Array | None) -> Array:
    """exp(y log x), the product kept as an exact leading part and a small rest."""
    leading, rest = _log_in_two_parts(x)
    y_used = _clamped(y, EXPONENT_BOUND)
    y_top = _top(y_used)
    exact = y_top * leading
    small = (y_used - y_top) * leading
    small += y_used * rest
    if not _all_within(exact, EXP_BOUND):
        exact = _clamped(exact, EXP_BOUND)
        small = _clamped(small, 1.0)  # below 1e-4 already wherever `exact` was not clamped
    if _all_positive_and_finite(x):
        return _exp_of_sum(exact, small, out)
    result = _exp_of_sum(exact, small, None)
    limit = np.where(y > 0.0, np.abs(x), np.where(y < 0.0, 1.0 / np.abs(x), 1.0))
    result = np.where((x == 0.0) | (x == np.inf), limit, result)
    return _stored(np.where((x >= 0.0) & (y == y), result, np.nan), out)


def _log_in_two_parts(x: Array) -> tuple[Array, Array]:
    """log x as 26 leading bits and a rest, good to about 2^-57; meaningless unless 0 < x < inf.

    With s = f / (2 + f), log(1 + f) = 2s + s R(s^2). R is below 0.02, so only 2s and k ln 2 need the second part.
    """
    k, m = _exponent_and_mantissa(x)
    f = m - 1.0
    divisor = m + 1.0
    divisor_top = _top(divisor)
    np.divide(1.0, divisor, out=divisor)
    s = f * divisor
    s_top = _top(s)
    f -= s_top * divisor_top  # exact, as is what the rounded m + 1 lacks: m - (divisor_top - 1)
    divisor_top -= 1.0
    m -= divisor_top
    m *= s_top
    f -= m
    f *= divisor  # s - s_top
    rest = _series(s * s, ATANH_SERIES)
    rest *= s
    f *= 2.0
    rest += f
    rest += k * LN2_LOW
    k *= LN2_HIGH
    s_top *= 2.0
    leading = k + s_top
    np.subtract(leading, k, out=k)
    s_top -= k  # what the sum `leading` lost
    rest += s_top
    top = _top(leading + rest)
    leading -= top
    rest += leading
    return top, rest


def _normal_quantile(u: Array, out: Array | None) -> Array:
    q = u - 0.5
    r = 0.180625 - q * q
    central = q * (_polynomial(r, AS241_A) / _polynomial(r, AS241_B))
    r = np.sqrt(-_log(np.where(q < 0.0, u, 1.0 - u), None))
    near = r - 1.6
    far = r - 5.0
    tail = np.where(
        r <= 5.0,
        _polynomial(near, AS241_C) / _polynomial(near, AS241_D),
        _polynomial(far, AS241_E) / _polynomial(far, AS241_F),
    )
    tail = np.where(q < 0.0, -tail, tail)
    z = np.where((q >= -0.425) & (q <= 0.425), central, tail)
    edges = np.where(u == 0.0, -np.inf, np.where(u == 1.0, np.inf, np.nan))
    return _stored(np.where((u > 0.0) & (u < 1.0), z, edges), out)


def _exponent_and_mantissa(x: Array) -> tuple[Array, Array]:
    """k and m with x = 2^k m and sqrt(1/2) <= m < sqrt(2), both as numbers; meaningless unless 0 < x < inf."""
    shift: Array | None = None
    if not x.min(initial=1.0) >= SMALLEST_NORMAL:
        shift = np.where(x < SMALLEST_NORMAL, SUBNORMAL_SHIFT, 0.0)
        x = np.where(x < SMALLEST_NORMAL, x * 2.0**SUBNORMAL_SHIFT, x)
    bits = _bits(x)
    exponent = bits - SQRT_HALF_BITS
    exponent >>= MANTISSA_BITS
    m = (bits - (exponent << MANTISSA_BITS)).view(np.float64)
    exponent += ROUNDER_BITS
    k = exponent.view(np.float64)
    k -= ROUNDER
    if shift is not None:
        k -= shift
    return k, m


def _power_of_two(exponent: Bits) -> Array:
    """2^exponent for exponents of normal numbers; overwrites its argument."""
    exponent += EXPONENT_BIAS
    exponent <<= MANTISSA_BITS
    return exponent.view(np.float64)


def _top(x: Array) -> Array:
    """x cut to its 26 leading bits."""
    return (_bits(x) & TOP_26_BITS).view(np.float64)


def _bits(x: Array) -> Bits:
    """The 64 bits of each number, as integers; shares memory with x where it can, so never write into it."""
    return np.ascontiguousarray(x).view(np.int64)


def _series(z: Array, coefficients: Sequence[float]) -> Array:
    """c0 z + c1 z^2 + ..., by Horner's rule."""
    total = z * coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total += coefficient
        total *= z
    return total


def _polynomial(z: Array, coefficients: Sequence[float]) -> Array:
    """c0 + c1 z + c2 z^2 + ..., by Horner's rule."""
    total = _series(z, coefficients[1:])
    total += coefficients[0]
    return total


def _all_within(x: Array, bound: float) -> bool:
    return bool(x.min(initial=0.0) >= -bound and x.max(initial=0.0) <= bound)


def _all_positive_and_finite(x: Array) -> bool:
    return bool(x.min(initial=1.0) > 0.0 and x.max(initial=1.0) < np.inf)


def _clamped(x: Array, bound: float) -> Array:
    """x held within -bound and bound; NaN stays NaN."""
    return x if _all_within(x, bound) else np.minimum(np.maximum(x, -bound), bound)


def _stored(result: Array, out: Array | None) -> Array:
    if out is None:
        return result
    out[...] = result
    return out


# Wichura's PPND16: numerators A, C, E and denominators B, D, F of the centre, the near and the far tail.
AS241_A = (
    3.3871328727963666080,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3,
)
AS241_B = (
    1.0,
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3,
)
AS241_C = (
    1.42343711074968357734,
    4.63033784615654529590,
    5.76949722146069140550,
    3.64784832476320460504,
    1.27045825245236838258,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
)
AS241_D = (
    1.0,
    2.05319162663775882187,
    1.67638483018380384940,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
)
AS241_E = (
    6.65790464350110377720,
    5.46378491116411436990,
    1.78482653991729133580,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7,
)
AS241_F = (
    1.0,
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
)

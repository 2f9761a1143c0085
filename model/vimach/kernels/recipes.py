"""exp, log and power as LLVM functions: the recipes of `vimach.elementary`, operation by operation.

What `elementary` does only where an unusual number is in the array is done here to every vector, as it changes no usual
number; for power, which is the dearest, only where one is in the vector.
"""

from collections.abc import Sequence

from vimach import elementary as e
from vimach.kernels.llvm_text import Text


def declare_recipes(text: Text) -> None:
    """What a module says that calls the functions of another."""
    v, wide = text.numbers, f"<{2 * text.lanes} x double>"
    text.do(f"declare {v} @exp({v})\ndeclare {v} @log({v})\ndeclare {v} @power({v}, {v})")
    text.do(f"declare {wide} @power_pair({wide}, {wide})")


def write_recipes(text: Text) -> None:
    """Writes @exp, @log and @power; and @power_pair on twice as many lanes, as one power alone keeps nobody busy."""
    text.declare_absolute()
    v = text.numbers
    with text.function(f"{v} @exp({v} %x)"):
        text.do(f"ret {v} {_exp_of_sum(text, _clamped(text, '%x', e.EXP_BOUND), None)}")
    with text.function(f"{v} @log({v} %x)"):
        text.do(f"ret {v} {_log(text, '%x')}")
    _write_power(text, "power")
    wide = Text(2 * text.lanes)
    wide.declare_absolute()
    _write_power(wide, "power_pair")
    text.do(str(wide))


def _write_power(text: Text, name: str) -> None:
    v = text.numbers
    with text.function(f"internal {v} @{name}_anywhere({v} %x, {v} %y) noinline"):
        text.do(f"ret {v} {_power(text, '%x', '%y')}")
    with text.function(f"{v} @{name}({v} %x, {v} %y)"):
        usual, result = _usual_power(text, "%x", "%y")
        with text.when(text.all_of(usual), returns=True):
            text.do(f"ret {v} {result}")
        text.do(f"ret {v} {text.set(f'call {v} @{name}_anywhere({v} %x, {v} %y)')}")


def _exp_of_sum(text: Text, x: str, extra: str | None) -> str:
    n = text.number
    k = text.add(text.multiply(x, n(e.ONE_BY_LN2)), n(e.ROUNDER))
    exponent = text.integer("sub", text.as_bits(k), text.whole(e.ROUNDER_BITS))
    k = text.subtract(k, n(e.ROUNDER))
    high = text.subtract(x, text.multiply(k, n(e.LN2_HIGH)))
    low = text.multiply(k, n(e.LN2_LOW))
    if extra is not None:
        low = text.subtract(low, extra)
    r = text.subtract(high, low)
    c = text.subtract(r, _series(text, text.multiply(r, r), e.COTH_SERIES))
    r = text.divide(text.multiply(r, c), text.subtract(n(2.0), c))
    low = text.subtract(n(1.0), text.subtract(text.subtract(low, r), high))
    half = text.integer("ashr", exponent, text.whole(1))
    low = text.multiply(low, _power_of_two(text, half))
    return text.multiply(low, _power_of_two(text, text.integer("sub", exponent, half)))


def _log(text: Text, x: str) -> str:
    n = text.number
    k, m = _exponent_and_mantissa(text, x)
    f = text.subtract(m, n(1.0))
    s = text.divide(f, text.add(f, n(2.0)))
    half_square = text.multiply(text.multiply(f, n(0.5)), f)
    correction = text.add(_series(text, text.multiply(s, s), e.ATANH_SERIES), half_square)
    correction = text.add(text.multiply(correction, s), text.multiply(k, n(e.LN2_LOW)))
    rest = text.subtract(text.subtract(half_square, correction), f)
    result = text.subtract(text.multiply(k, n(e.LN2_HIGH)), rest)
    infinite = text.compare("oeq", x, n(float("inf")))
    edges = text.choose(infinite, n(float("inf")), n(float("nan")))
    edges = text.choose(text.compare("oeq", x, n(0.0)), n(float("-inf")), edges)
    usual = text.both(text.compare("ogt", x, n(0.0)), text.compare("olt", x, n(float("inf"))))
    return text.choose(usual, result, edges)


def _usual_power(text: Text, x: str, y: str) -> tuple[str, str]:
    """Where x is a normal number and the power neither vanishes nor grows beyond all bounds; and the power there."""
    exact, small = _product(text, *_log_in_two_parts(text, x, normal=True), y)
    normal = text.both(text.compare("oge", x, text.number(e.SMALLEST_NORMAL)),
                       text.compare("olt", x, text.number(float("inf"))))  # fmt: skip
    within = text.compare("ole", text.absolute(exact), text.number(e.EXP_BOUND))
    return text.both(normal, within), _exp_of_sum(text, exact, small)


def _product(text: Text, leading: str, rest: str, y: str) -> tuple[str, str]:
    """y log x as an exact leading part and a small rest."""
    y_top = _top(text, y)
    exact = text.multiply(y_top, leading)
    small = text.multiply(text.subtract(y, y_top), leading)
    return exact, text.add(small, text.multiply(y, rest))


def _power(text: Text, x: str, y: str) -> str:
    n = text.number
    exact, small = _product(text, *_log_in_two_parts(text, x), _clamped(text, y, e.EXPONENT_BOUND))
    result = _exp_of_sum(text, _clamped(text, exact, e.EXP_BOUND), _clamped(text, small, 1.0))
    size = text.absolute(x)
    falling = text.choose(text.compare("olt", y, n(0.0)), text.divide(n(1.0), size), n(1.0))
    limit = text.choose(text.compare("ogt", y, n(0.0)), size, falling)
    at_edge = text.either(text.compare("oeq", x, n(0.0)), text.compare("oeq", x, n(float("inf"))))
    result = text.choose(at_edge, limit, result)
    valid = text.both(text.compare("oge", x, n(0.0)), text.compare("oeq", y, y))
    return text.choose(valid, result, n(float("nan")))


def _log_in_two_parts(text: Text, x: str, normal: bool = False) -> tuple[str, str]:
    n = text.number
    k, m = _exponent_and_mantissa(text, x, normal)
    f = text.subtract(m, n(1.0))
    divisor = text.add(m, n(1.0))
    divisor_top = _top(text, divisor)
    inverse = text.divide(n(1.0), divisor)
    s = text.multiply(f, inverse)
    s_top = _top(text, s)
    f = text.subtract(f, text.multiply(s_top, divisor_top))
    m = text.subtract(m, text.subtract(divisor_top, n(1.0)))
    f = text.multiply(text.subtract(f, text.multiply(m, s_top)), inverse)
    rest = text.multiply(_series(text, text.multiply(s, s), e.ATANH_SERIES), s)
    rest = text.add(rest, text.multiply(f, n(2.0)))
    rest = text.add(rest, text.multiply(k, n(e.LN2_LOW)))
    k = text.multiply(k, n(e.LN2_HIGH))
    s_top = text.multiply(s_top, n(2.0))
    leading = text.add(k, s_top)
    rest = text.add(rest, text.subtract(s_top, text.subtract(leading, k)))
    top = _top(text, text.add(leading, rest))
    return top, text.add(rest, text.subtract(leading, top))


def _exponent_and_mantissa(text: Text, x: str, normal: bool = False) -> tuple[str, str]:
    """As in `elementary`; without a look at subnormal numbers where x is known to be `normal`."""
    n = text.number
    shift = ""
    if not normal:
        tiny = text.compare("olt", x, n(e.SMALLEST_NORMAL))
        shift = text.choose(tiny, n(e.SUBNORMAL_SHIFT), n(0.0))
        x = text.choose(tiny, text.multiply(x, n(2.0**e.SUBNORMAL_SHIFT)), x)
    bits = text.as_bits(x)
    exponent = text.integer("sub", bits, text.whole(e.SQRT_HALF_BITS))
    exponent = text.integer("ashr", exponent, text.whole(e.MANTISSA_BITS))
    m = text.as_number(text.integer("sub", bits, text.integer("shl", exponent, text.whole(e.MANTISSA_BITS))))
    k = text.as_number(text.integer("add", exponent, text.whole(e.ROUNDER_BITS)))
    k = text.subtract(k, n(e.ROUNDER))
    return text.subtract(k, shift) if shift else k, m


def _power_of_two(text: Text, exponent: str) -> str:
    biased = text.integer("add", exponent, text.whole(e.EXPONENT_BIAS))
    return text.as_number(text.integer("shl", biased, text.whole(e.MANTISSA_BITS)))


def _top(text: Text, x: str) -> str:
    return text.as_number(text.integer("and", text.as_bits(x), text.whole(e.TOP_26_BITS)))


def _series(text: Text, z: str, coefficients: Sequence[float]) -> str:
    total = text.multiply(z, text.number(coefficients[-1]))
    for coefficient in reversed(coefficients[:-1]):
        total = text.multiply(text.add(total, text.number(coefficient)), z)
    return total


def _clamped(text: Text, x: str, bound: float) -> str:
    """x held within -bound and bound; NaN stays NaN."""
    return text.extreme("olt", text.extreme("ogt", x, text.number(-bound)), text.number(bound))

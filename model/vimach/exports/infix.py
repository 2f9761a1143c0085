"""Expressions as text, with no more brackets than needed to keep the order in which the engine computes."""

from dataclasses import dataclass

SUM, PRODUCT, POWER, ATOM = range(4)
"""How strongly the outermost operation of a text binds."""

_BINDS = {"add": SUM, "subtract": SUM, "multiply": PRODUCT, "divide": PRODUCT, "power": POWER}


@dataclass(frozen=True)
class Infix:
    """A piece of an expression and how strongly its outermost operation binds."""

    text: str
    binds: int = ATOM

    def within(self, binds: int) -> str:
        """The text, in brackets if it binds more weakly than what stands around it."""
        return self.text if self.binds >= binds else f"({self.text})"


def number(value: float) -> Infix:
    """A number in the fewest digits that give the same bits, always with a point or an exponent: 7.0, 1e-09."""
    text = repr(float(value)).replace("e+", "e")
    return Infix(text, ATOM if value >= 0 else SUM)


def joined(op: str, sign: str, left: Infix, right: Infix) -> Infix:
    """Two terms with a sign between them; a sum on the right keeps its brackets, since rounding depends on order."""
    binds = _BINDS[op]
    return Infix(f"{left.within(binds + (op == 'power'))}{sign}{right.within(binds + 1)}", binds)


def summed(sign: str, terms: list[Infix]) -> Infix:
    """The sum of one term or more, from left to right."""
    result = terms[0]
    for term in terms[1:]:
        result = joined("add", sign, result, term)
    return result


def called(name: str, *arguments: Infix) -> Infix:
    """A function of its arguments."""
    return Infix(f"{name}({', '.join(argument.text for argument in arguments)})")

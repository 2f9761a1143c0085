"""One line of the table of sub-models: what was estimated, from how much, how well it fits, and what it supports."""

import math

COLUMNS = ("submodel", "term", "estimate", "p05", "p95", "unit", "n", "method", "diagnostics", "supports")
Line = tuple[object, ...]


def line(
    submodel: str, term: str, interval: tuple[float, float, float], unit: str, count: int, method: str,
    diagnostics: str, supports: str,
) -> Line:  # fmt: skip
    """A line of COLUMNS; `interval` is estimate, p05 and p95, NaN where nothing can be said."""
    return (submodel, term, *interval, unit, count, method, diagnostics, supports)


def not_estimable(submodel: str, term: str, have: int, need: int, what: str = "observations") -> Line:
    """The line of something that the evidence is too thin for."""
    words = f"not estimable: {have} {what}, {need} needed, {need - have} missing"
    return line(submodel, term, (math.nan,) * 3, "", have, "none", "", words)

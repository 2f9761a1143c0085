"""Numbers that the briefing prints, each with its interval and rung, and how they are said in a language.

A sentence about a number is chosen by the number: whether a gain is clear, whether a target is likely. Nothing here
can be printed without an interval, and no headcount without its rung.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.targets import (
    HEADCOUNT,
    INTERVAL,
    Array,
    at,
    counted,
    headline,
    national,
    probability_at,
    quantiles,
    year_reached,
)
from vimach.errors import BadInput
from vimach.parameters.table import Target
from vimach_reports import catalogue
from vimach_reports.catalogue import Language, rung_name, scenario_title

LIKELY = 0.5
FELT = 0.025
"""Change of a probability below which it is said to stand where it was: half of the step that words tell apart."""
Direction = Literal["up", "down", "none", "unclear"]


@dataclass(frozen=True)
class Estimate:
    """A number that may be printed: its median, its 80 % interval, its unit, and for a headcount its rung."""

    label: str
    unit: str
    rung: str
    edge: float
    low: float
    median: float
    high: float

    def __post_init__(self) -> None:
        if self.unit == HEADCOUNT and not self.rung:
            raise BadInput(f"{self.label}: a headcount without its rung may not be printed")
        if not all(math.isfinite(value) for value in (self.low, self.median, self.high)):
            raise BadInput(f"{self.label}: a number without its interval may not be printed")

    @property
    def direction(self) -> Direction:
        """For a difference: up or down if the whole interval says so, none if nothing moves, otherwise unclear."""
        if self.low == self.high == 0.0:
            return "none"
        return "up" if self.low > 0 else "down" if self.high < 0 else "unclear"


def estimate(dataset: xr.Dataset, variable: str, unit: str, rung: str, edge: float) -> Estimate:
    """A national total at an edge."""
    values = counted(at(national(dataset, variable, unit, rung), edge), unit)
    return _estimate(variable, unit, rung, edge, values)


def of_target(dataset: xr.Dataset, target: Target, edge: float) -> Estimate:
    """What a target is held against, at an edge."""
    values = counted(at(headline(dataset, target), edge), target.unit)
    return _estimate(target.name, target.unit, target.rung, edge, values)


def gain(base: xr.Dataset, other: xr.Dataset, target: Target, edge: float) -> Estimate:
    """What `other` has more of at an edge, run by run."""
    one, two = (counted(at(headline(each, target), edge), target.unit) for each in (base, other))
    return _estimate(target.name, target.unit, target.rung, edge, two - one)


def chance(dataset: xr.Dataset, target: Target, edge: float | None = None) -> float:
    """The probability of standing at the target by its date, or at another edge."""
    return probability_at(headline(dataset, target), target, target.by if edge is None else edge)


def half_reached(dataset: xr.Dataset, target: Target) -> float:
    """The decimal year by which half of the runs have reached a target; inf if they do not within the run."""
    years = year_reached(headline(dataset, target), target)
    return float(np.quantile(years, 0.5, method="inverted_cdf"))


def extra(base: xr.Dataset, other: xr.Dataset, variable: str, years: Sequence[int]) -> Estimate:
    """What `other` spends more over some calendar years, run by run, VND."""
    one, two = (each[variable].sel(period=list(years)).sum("period").to_numpy() for each in (base, other))
    return _estimate(variable, "VND", "", float(max(years) + 1), np.asarray(two - one, dtype=float))


def _estimate(label: str, unit: str, rung: str, edge: float, values: Array) -> Estimate:
    low, median, high = (float(value) for value in quantiles(values, INTERVAL, unit))
    return Estimate(label, unit, rung, edge, low, median, high)


def spread(prefix: str, found: Estimate) -> dict[str, float]:
    """An estimate as columns of a table of data."""
    return {f"{prefix}_low": found.low, f"{prefix}_median": found.median, f"{prefix}_high": found.high}


class Voice:
    """Says things in one language: strings of the briefing by their key, numbers as that language writes them."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **values: str) -> str:
        return catalogue.text(f"briefing.{key}", self.language, **values)

    def number(self, value: float, decimals: int = 0) -> str:
        return catalogue.number(value, self.language, decimals)

    def count(self, value: float, scale: float | None = None, signed: bool = False) -> str:
        return catalogue.count(value, self.language, scale, signed)

    def percent(self, share: float, decimals: int = 0) -> str:
        return catalogue.percent(share, self.language, decimals)

    def points(self, change: float) -> str:
        """A change of a probability in percentage points, with its sign."""
        return catalogue.number(100 * change, self.language, signed=True)

    def chance(self, value: float) -> str:
        return catalogue.probability(value, self.language)

    def chances(self, values: Sequence[float], beside: Sequence[float] = ()) -> list[str]:
        """Probabilities with one denominator, which is that of those printed `beside` them, too."""
        return catalogue.probabilities([*values, *beside], self.language)[: len(values)]

    def edge(self, time: float) -> str:
        return catalogue.edge(time, self.language)

    def money(self, dong: float, signed: bool = False) -> str:
        return catalogue.money(dong, self.language, signed)

    def money_interval(self, found: Estimate, signed: bool = False) -> str:
        """Median and interval of an amount: "VND 14.3 (10.5 to 18.6) trillion"."""
        return catalogue.money_interval(found.low, found.median, found.high, self.language, signed)

    def title(self, dataset: xr.Dataset) -> str:
        return scenario_title(dataset, self.language)

    def rung(self, rung: str) -> str:
        return rung_name(rung, self.language)

    def unit(self, unit: str) -> str:
        return catalogue.text(f"unit.{unit}", self.language)

    def label(self, thing: object) -> str:
        """The label of a parameter or target, or of a row that holds label_en and label_vi."""
        label = getattr(thing, "label", None)
        return str(getattr(label, self.language)) if label is not None else ""

    def spread(self, found: Estimate, signed: bool = False) -> str:
        """Median and 80 % interval: "37,300 (30,100 to 45,200)"."""
        return catalogue.within((found.low, found.median, found.high), self.language, signed)

    def cell(self, found: Estimate) -> str:
        """The same, short, for a table: "37,300 (30,100–45,200)"."""
        return catalogue.within((found.low, found.median, found.high), self.language, short=True)

    def billions(self, found: Estimate, signed: bool = False) -> str:
        """An amount in VND billion, for a table or list that names the unit."""
        ends = (found.low, found.median, found.high)
        low, median, high = (self.count(value / 1e9, found.median / 1e9, signed) for value in ends)
        return self("with_interval", value=median, interval=self("between", low=low, high=high))

    def day(self, written: str) -> str:
        """A date as printed; in Vietnamese also one without a day: 10/2025."""
        if self.language == "vi" and len(written) == len("2025-10"):
            return "/".join(reversed(written.split("-")))
        return catalogue.day(written, self.language)

    def trimmed(self, value: float) -> str:
        """A number with as many decimals as it needs, three at most; more where it is smaller than that."""
        decimals = next((few for few in range(4) if math.isclose(value, round(value, few), rel_tol=5e-3)), 3)
        if value and abs(value) < 0.001:
            plain = f"{value:.2g}"
            return plain.replace(".", ",") if self.language == "vi" else plain
        return self.number(value, 0 if abs(value) >= 1000 else decimals)

    def named(self, words: str, rung: str) -> str:
        """A label with the rung that it stands on."""
        return self("on_rung", label=words, rung=self.rung(rung)) if rung else words

    def reason(self, because: str) -> str:
        """The reason that a scenario file gives, in the reader's language where it is known, else as it is written."""
        return catalogue.reason(because, self.language)

    def listed(self, items: Sequence[str]) -> str:
        """Items in a row: "a, b and c"."""
        if len(items) < 2:
            return "".join(items)
        return self("list_and", first=", ".join(items[:-1]), last=items[-1])

    def either(self, items: Sequence[str]) -> str:
        """Two cases in a row: "2 % or 4 %"."""
        return self("list_or", first=items[0], last=items[1])

    def date(self, time: float) -> str:
        """A decimal date from which something acts: a year if it begins with one, else the month."""
        return str(int(time)) if time == math.floor(time) else catalogue.month(time, self.language)


def year_of(time: float) -> int:
    """The calendar year of a moment."""
    return math.floor(time)


def is_missing(value: object) -> bool:
    """Whether a cell of a table is empty."""
    return value is None or value == "" or bool(pd.isna(value))  # type: ignore[call-overload]

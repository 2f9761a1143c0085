"""A first-order outflow and a smoothed report, as lecture slides print them.

Jim Duggan, *CT561 Systems Modelling & Simulation*, lecture slides of the author of *System Dynamics Modeling with R*
(Springer, 2016), https://github.com/JimDuggan/SDMR, commit 89bbfe65c25db5bcca511c10ef6527c8ebe35696: file "archive
2015/Lectures/09 Delays and SMS.pdf", slides "Example 1: Recovery Delay" and "Excel Example - Exponential Smoothing".
"""

from typing import Any

import numpy as np
import pytest

from vimach.structure import Memory, Outside, Stock, flow, initial
from vimach.units import People, PeoplePerYear, Years

from .small_runs import Number, run

# 100 infected, each ill for 5 days on average, day 0 to day 4 in steps of 1/4; four significant digits
PRINTED_INFECTED = (
    100, 95, 90.25, 85.74, 81.45, 77.38, 73.51, 69.83, 66.34, 63.02, 59.87, 56.88, 54.04, 51.33, 48.77, 46.33, 44.01,
)  # fmt: skip

# a reported value that steps from 100 to 200 at time 5, perceived over 5 in steps of 1: times 5 to 15; one decimal
PRINTED_PERCEIVED = (100.0, 120.0, 136.0, 148.8, 159.0, 167.2, 173.8, 179.0, 183.2, 186.6, 189.3)


def recovery() -> dict[str, Any]:
    """The sick, who recover."""
    infected, well = Stock("person"), Outside("well again")

    @initial(infected)
    def infected_at_start(infected_first: People) -> People:
        return infected_first

    @flow(infected >> well)
    def recovering(infected: People, recovery_time: Years) -> PeoplePerYear:
        return infected / recovery_time

    return dict(locals())


def test_recovery_delay_as_printed() -> None:
    numbers = {"infected_first": Number("person", 100.0), "recovery_time": Number("year", 5.0)}
    found = run(recovery(), numbers, steps=16, step=1 / 4)["infected"][:, 0]
    assert list(found) == pytest.approx(PRINTED_INFECTED, rel=0, abs=0.0051)


def test_exponential_smoothing_as_printed() -> None:
    reported = np.where(np.arange(16) < 5, 100.0, 200.0)[:, np.newaxis]
    numbers = {
        "reported": Number("1", reported, varies=True),
        "adjustment_time": Number("year", 5.0),
        "perceived_first": Number("1", 100.0),
    }
    perceived = Memory(of="reported", over="adjustment_time", initial="perceived_first")
    found = run({"perceived": perceived}, numbers, steps=15)["perceived"][5:, 0]
    assert list(found) == pytest.approx(PRINTED_PERCEIVED, rel=0, abs=0.051)

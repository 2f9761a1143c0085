"""The SIR model of an epidemic, as a textbook prints it.

Allen B. Downey, *Modeling and Simulation in Python*, No Starch Press, 2023, ISBN 978-1-7185-0216-1. Read in the
author's online edition, https://allendowney.github.io/ModSimPy/, commit 1bbe632dcfbeecb954bc22e92a3bd06ac90450a2 of
22 May 2025: chapter 11 "Epidemiology", sections "The Update Function", "Running the Simulation" and "Now With a
TimeFrame" and the solution of Exercise 1; chapter 12 "Modeling Vaccination", section "Metrics"; chapter 13 "Sweeping
Parameters", the solution of Exercise 1. The paper edition's pages and digits were not seen.

The book counts shares of a population and days, and updates all three stocks once a day from the day before: Euler's
method. Here one person is the whole population and the engine's year is the book's day. All fourteen printed cases
are members of one run.
"""

from typing import Any

import numpy as np
import pytest

from vimach.structure import Stock, flow, initial
from vimach.units import People, PeoplePerYear, PerYear

from .small_runs import Number, Run, run

DAYS = 7 * 14

# chapter 11, first rows and last row of the results: day, susceptible, infectious, recovered
PRINTED_DAYS = (
    (0, 0.988889, 0.011111, 0.000000),
    (1, 0.985226, 0.011996, 0.002778),
    (2, 0.981287, 0.012936, 0.005777),
    (3, 0.977055, 0.013934, 0.009011),
    (4, 0.972517, 0.014988, 0.012494),
    (98, 0.520568, 0.000666, 0.478766),
)

# contact rate, recovery rate, share immunised, and all who fall ill within DAYS: s(0) - s(98), printed in full
PRINTED_IN_FULL = (
    (1 / 3, 1 / 4, 0.0, 0.468320811028781),  # chapter 12
    (1 / 3, 1 / 4, 0.1, 0.30650802853979753),  # chapter 12
    (1 / 4, 1 / 5, 0.0, 0.3787177442414792),  # chapter 11, Exercise 1
)

# chapter 13, Exercise 1: contact rate and all who fall ill, at the recovery rate 1/2
PRINTED_SWEEP = (
    (0.1, 0.002736), (0.2, 0.007235), (0.3, 0.015929), (0.4, 0.038603), (0.5, 0.132438), (0.6, 0.346765),
    (0.7, 0.530585), (0.8, 0.661553), (0.9, 0.754595), (1.0, 0.821534), (1.1, 0.870219),
)  # fmt: skip

SIX_DECIMALS = 5.1e-7


def epidemic() -> dict[str, Any]:
    """Three stocks and two flows."""
    susceptible, infectious, recovered = Stock("person"), Stock("person"), Stock("person")

    @initial(susceptible)
    def susceptible_at_start(population: People, infectious_first: People, immunised: People) -> People:
        return population - infectious_first - immunised

    @initial(infectious)
    def infectious_at_start(infectious_first: People) -> People:
        return infectious_first

    @initial(recovered)
    def recovered_at_start(immunised: People) -> People:
        return immunised

    @flow(susceptible >> infectious)
    def infecting(contact_rate: PerYear, infectious: People, susceptible: People, population: People) -> PeoplePerYear:
        return contact_rate * infectious * susceptible / population

    @flow(infectious >> recovered)
    def recovering(recovery_rate: PerYear, infectious: People) -> PeoplePerYear:
        return recovery_rate * infectious

    return dict(locals())


@pytest.fixture(scope="module")
def cases() -> Run:
    """The three cases printed in full, then the sweep, as members."""
    contact = [case[0] for case in PRINTED_IN_FULL] + [case[0] for case in PRINTED_SWEEP]
    recovery = [case[1] for case in PRINTED_IN_FULL] + [1 / 2] * len(PRINTED_SWEEP)
    immunised = [case[2] for case in PRINTED_IN_FULL] + [0.0] * len(PRINTED_SWEEP)
    numbers = {
        "population": Number("person", 1.0),
        "infectious_first": Number("person", 1 / 90),
        "immunised": Number("person", immunised),
        "contact_rate": Number("1/year", contact),
        "recovery_rate": Number("1/year", recovery),
    }
    return run(epidemic(), numbers, steps=DAYS, members=len(contact))


def fallen_ill(cases: Run) -> np.ndarray:
    """Of each member, the share of the population that was infected within DAYS."""
    return np.asarray(cases["susceptible"][0] - cases["susceptible"][-1])


@pytest.mark.parametrize("day, susceptible, infectious, recovered", PRINTED_DAYS)
def test_days_as_printed(cases: Run, day: int, susceptible: float, infectious: float, recovered: float) -> None:
    found = [cases[name][day, 0] for name in ("susceptible", "infectious", "recovered")]
    assert found == pytest.approx([susceptible, infectious, recovered], rel=0, abs=SIX_DECIMALS)


def test_all_who_fall_ill_as_printed_in_full(cases: Run) -> None:
    printed = [case[3] for case in PRINTED_IN_FULL]
    assert list(fallen_ill(cases)[: len(printed)]) == pytest.approx(printed, rel=0, abs=1e-12)


def test_all_who_fall_ill_in_the_sweep_as_printed(cases: Run) -> None:
    printed = [ill for _, ill in PRINTED_SWEEP]
    assert list(fallen_ill(cases)[len(PRINTED_IN_FULL) :]) == pytest.approx(printed, rel=0, abs=SIX_DECIMALS)


def test_the_recorded_infections_add_up_to_all_who_fall_ill(cases: Run) -> None:
    np.testing.assert_allclose(cases["infecting"].sum(axis=0), fallen_ill(cases), rtol=0, atol=1e-14)

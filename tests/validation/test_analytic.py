"""Exponential decay and Erlang delays against what mathematics says of them.

Three things are held against each run. The closed form of the step-by-step method itself, which Euler's run must meet
to rounding. The answer of the differential equation, from which it may stray by no more than a bound that is proved
in the test's docstring. And the order: a halved step halves Euler's error.
"""

from itertools import pairwise
from math import comb, factorial
from typing import Any

import numpy as np
import pytest
from scipy.special import gammainc

from vimach.structure import Chain, Memory, Outside, Stock, flow, initial
from vimach.units import People, PeoplePerYear, Years

from .small_runs import Number, Run, run

STEPS_A_YEAR = (16, 32, 64)
YEARS = 10
START, DELAY, STAGES = 1000.0, 4.0, 3


def order(errors: list[float]) -> list[float]:
    """The power of the step with which errors shrink, from each halving."""
    return [float(np.log2(coarse / fine)) for coarse, fine in pairwise(errors)]


# exponential decay


def decaying() -> dict[str, Any]:
    """People who leave at random, after `stay` years on average."""
    people, elsewhere = Stock("person"), Outside("elsewhere")

    @initial(people)
    def at_start(people_at_start: People) -> People:
        return people_at_start

    @flow(people >> elsewhere)
    def leaving(people: People, stay: Years) -> PeoplePerYear:
        return people / stay

    return {"people": people, "elsewhere": elsewhere, "at_start": at_start, "leaving": leaving}


def decay(a_year: int, method: str = "euler") -> tuple[Run, np.ndarray]:
    """The run, and the largest distance of `people` from START exp(-t / DELAY) up to each time."""
    numbers = {"people_at_start": Number("person", START), "stay": Number("year", DELAY)}
    result = run(decaying(), numbers, steps=YEARS * a_year, step=1 / a_year, method=method)
    return result, np.abs(result["people"][:, 0] - START * np.exp(-result.times / DELAY))


def test_decay_is_the_closed_form_of_eulers_method() -> None:
    """x(k) = x(0) (1 - h/T)^k, and the flow is x(k)/T."""
    result, _ = decay(16)
    expected = START * (1 - 1 / 16 / DELAY) ** np.arange(YEARS * 16 + 1)
    np.testing.assert_allclose(result["people"][:, 0], expected, rtol=1e-12)
    np.testing.assert_allclose(result["leaving"][:, 0], expected[:-1] / DELAY, rtol=1e-12)


@pytest.mark.parametrize("a_year", STEPS_A_YEAR)
def test_decay_stays_within_eulers_error_bound(a_year: int) -> None:
    """A step adds at most h^2/2 max|x''| = h^2 x(0) / 2T^2 and magnifies nothing: error <= t h x(0) / 2T^2."""
    result, error = decay(a_year)
    bound = result.times / a_year * START / (2 * DELAY**2)
    assert (error <= bound + 1e-12 * START).all()


def test_decay_has_eulers_order() -> None:
    powers = order([decay(a_year)[1].max() for a_year in STEPS_A_YEAR])
    assert powers == pytest.approx([1, 1], abs=0.02)


def test_decay_by_runge_kutta_has_the_fourth_order() -> None:
    powers = order([decay(a_year, "rk4")[1].max() for a_year in (1, 2, 4)])
    assert powers == pytest.approx([4, 4], abs=0.25)


# Erlang delays


def ageing(starts_empty: bool) -> dict[str, Any]:
    """A pipeline of three equal stages, filled by a flow or at the start."""
    learners = Chain("person", through="study_time", stages=STAGES, starts_empty=starts_empty)
    outside = Outside("elsewhere")
    names: dict[str, Any] = {"learners": learners, "outside": outside}

    @flow(outside >> learners)
    def entering(entrants: PeoplePerYear) -> PeoplePerYear:
        return entrants

    @flow(learners >> outside)
    def finishing(learners_finishing: PeoplePerYear) -> PeoplePerYear:
        return learners_finishing

    @initial(learners)
    def at_start(learners_at_start: People) -> People:
        return learners_at_start

    names |= {"entering": entering, "finishing": finishing}
    return names if starts_empty else names | {"at_start": at_start}


def pulse(a_year: int, years: int = YEARS) -> Run:
    """START people in the first stage at time 0, nobody after them."""
    numbers = {
        "study_time": Number("year", DELAY),
        "entrants": Number("person/year", 0.0),
        "learners_at_start": Number("person", [[START], [0.0], [0.0]], ("learners_stage",)),
    }
    return run(ageing(starts_empty=False), numbers, steps=years * a_year, step=1 / a_year)


def constant_intake(a_year: int) -> Run:
    """START people a year into an empty pipeline."""
    numbers = {"study_time": Number("year", DELAY), "entrants": Number("person/year", START)}
    return run(ageing(starts_empty=True), numbers, steps=YEARS * a_year, step=1 / a_year)


def following() -> dict[str, Any]:
    """A chain of three memories, each following the one before it."""
    first = Memory(of="signal", over="stage_time", initial="signal_at_start")
    second = Memory(of="first", over="stage_time", initial="signal_at_start")
    third = Memory(of="second", over="stage_time", initial="signal_at_start")
    return {"first": first, "second": second, "third": third}


def remembered(a_year: int) -> Run:
    """The signal stands at 1, where 0 was remembered."""
    numbers = {
        "signal": Number("1", 1.0),
        "stage_time": Number("year", DELAY / STAGES),
        "signal_at_start": Number("1", 0.0),
    }
    return run(following(), numbers, steps=YEARS * a_year, step=1 / a_year)


def erlang_density(times: np.ndarray) -> np.ndarray:
    """Of those who entered at time 0, the share that leaves per year at each time."""
    passed = STAGES * times / DELAY
    return STAGES / DELAY * passed ** (STAGES - 1) * np.exp(-passed) / factorial(STAGES - 1)


def erlang_share(times: np.ndarray, stages: int = STAGES) -> np.ndarray:
    """Of those who entered at time 0, the share that has passed `stages` of the STAGES stages by each time."""
    return gammainc(stages, STAGES * times / DELAY)


def erlang_bound(times: np.ndarray, a_year: int) -> np.ndarray:
    """Bound of Euler's error, summed over the stages, per person who is in them.

    With r = n/T the stages obey x' = Ax. Columns of I + hA are shares that add up to 1 or less, so a step magnifies no
    error; it adds at most h^2/2 |A^2||x|, where columns of A^2 are r^2 (1, -2, 1), so |A^2| = 4 r^2. In all 2 t h r^2.
    """
    return 2 * times / a_year * (STAGES / DELAY) ** 2


def test_pulse_through_a_chain_is_the_closed_form_of_eulers_method() -> None:
    """In the last stage after k steps: those who moved on, each time with p = hn/T, in just two of the k (Pascal)."""
    p = STAGES / DELAY / 16
    last = [comb(k, 2) * p**2 * (1 - p) ** (k - 2) if k >= 2 else 0.0 for k in range(YEARS * 16)]
    np.testing.assert_allclose(pulse(16)["finishing"][:, 0], START * STAGES / DELAY * np.array(last), rtol=1e-12)


@pytest.mark.parametrize("a_year", STEPS_A_YEAR)
def test_pulse_through_a_chain_is_an_erlang_density(a_year: int) -> None:
    result = pulse(a_year)
    times = result.times[:-1]
    error = np.abs(result["finishing"][:, 0] - START * erlang_density(times))
    assert (error <= erlang_bound(times, a_year) * START * STAGES / DELAY + 1e-9).all()
    still_there = np.abs(result["learners"].sum(axis=1)[:, 0] - START * (1 - erlang_share(result.times)))
    assert (still_there <= erlang_bound(result.times, a_year) * START + 1e-9).all()


@pytest.mark.parametrize("a_year", STEPS_A_YEAR)
def test_constant_intake_leaves_a_chain_by_the_erlang_share(a_year: int) -> None:
    """Here x' = Ax + u, so x'' = Ax' with |x'| <= START and |A| = 2r: a step adds at most h^2 r START."""
    result = constant_intake(a_year)
    times, r = result.times[:-1], STAGES / DELAY
    error = np.abs(result["finishing"][:, 0] - START * erlang_share(times))
    assert (error <= r * times / a_year * r * START + 1e-9).all()


@pytest.mark.parametrize("a_year", STEPS_A_YEAR)
def test_each_memory_of_a_chain_is_an_erlang_share(a_year: int) -> None:
    """What is still to be learnt, 1 - memory, runs down like people in stages; at first it is 1 in each."""
    result = remembered(a_year)
    for stages, name in enumerate(("first", "second", "third"), 1):
        error = np.abs(result[name][:, 0] - erlang_share(result.times, stages))
        assert (error <= erlang_bound(result.times, a_year) * STAGES + 1e-12).all()


def test_a_chain_and_memories_in_a_row_are_the_same_delay() -> None:
    """A DELAY3 of a constant intake from nothing, and a SMTH3 of 1 from 0, differ by the factor START alone."""
    left, learnt = constant_intake(16)["finishing"][:, 0], remembered(16)["third"][:-1, 0]
    np.testing.assert_allclose(left, START * learnt, rtol=1e-12)


def test_mean_stay_in_a_chain_is_the_delay() -> None:
    """The years that the people of a pulse spend in it, summed step by step, are DELAY each: Euler keeps the mean."""
    assert pulse(16, years=80)["learners"].sum() / 16 / START == pytest.approx(DELAY, rel=1e-12)


@pytest.mark.parametrize("delay", ["pulse", "intake", "memory"])
def test_erlang_delays_have_eulers_order(delay: str) -> None:
    errors = []
    for a_year in STEPS_A_YEAR:
        if delay == "pulse":
            result = pulse(a_year)
            error = result["finishing"][:, 0] - START * erlang_density(result.times[:-1])
        elif delay == "intake":
            result = constant_intake(a_year)
            error = result["finishing"][:, 0] - START * erlang_share(result.times[:-1])
        else:
            result = remembered(a_year)
            error = result["third"][:, 0] - erlang_share(result.times)
        errors.append(float(np.abs(error).max()))
    assert order(errors) == pytest.approx([1, 1], abs=0.1)

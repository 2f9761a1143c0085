"""Two published workforce models: a labour market month by month, and a firm's manpower plan year by year.

Thomas J. Sargent and John Stachurski, *Quantitative Economics with Python* (QuantEcon, online textbook), lecture
"A Lake Model of Employment and Unemployment", https://python.quantecon.org/lake_model.html, in the edition of commit
006b042f640d0ea326fe339e2e25c77a91b90015 of QuantEcon/lecture-python.myst, where it is lecture 47: sections 47.2.2
"Laws of Motion for Stock Variables", 47.3 "Implementation", 47.3.1 "Aggregate Dynamics" and 47.7.2 (the solution of
Exercise 2). Later editions of the lecture may print other digits.

H. Paul Williams, *Model Building in Mathematical Programming*, 5th edition, Wiley, 2013, problem 5 "Manpower
Planning"; the book was not seen. Rules and numbers are those of Gurobi Optimization, *Modeling Examples*, notebook
"Manpower Planning" (2020), sections "Problem Description" and "Analysis", commit
cf8c3e709709f4c7794bc65b13d67586086692fb of Gurobi/modeling-examples.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from vimach.structure import Dimension, Outside, Stock, auxiliary, flow, initial
from vimach.units import People, PeoplePerYear, PerYear, Share

from .small_runs import Number, Run, run

# A lake model: the engine's year is the lecture's month

FINDING, DISMISSAL, ENTRY, EXIT = 0.283, 0.013, 0.0124, 0.00822
NEW_FINDING = 0.2  # Exercise 2

PRINTED_A = ((0.72350626, 0.02529314), (0.28067374, 0.97888686))  # columns: unemployed, employed a month before
PRINTED_A_DISMISSAL_0_03 = ((0.72350626, 0.0421534), (0.28067374, 0.9620266))
PRINTED_EIGENVALUE = 0.6953067378358462  # of A / (1 + g), beside 1
PRINTED_STEADY = (0.08266806, 0.91733194)  # unemployed, employed, as shares
PRINTED_NEW_STEADY = (0.11309573, 0.88690427)
EIGHT_DECIMALS = 5.1e-9


def lakes() -> dict[str, Any]:
    """Two lakes of people; who stays in the labour force may change lakes; all who enter begin unemployed."""
    unemployed, employed, outside = Stock("person"), Stock("person"), Outside("out of the labour force")

    @initial(unemployed)
    def unemployed_at_start(unemployed_first: People) -> People:
        return unemployed_first

    @initial(employed)
    def employed_at_start(employed_first: People) -> People:
        return employed_first

    @flow(outside >> unemployed)
    def entering(entry_rate: PerYear, unemployed: People, employed: People) -> PeoplePerYear:
        return entry_rate * (unemployed + employed)

    @flow(unemployed >> employed)
    def finding_work(staying_share: Share, finding_rate: PerYear, unemployed: People) -> PeoplePerYear:
        return staying_share * finding_rate * unemployed

    @flow(employed >> unemployed)
    def losing_work(staying_share: Share, dismissal_rate: PerYear, employed: People) -> PeoplePerYear:
        return staying_share * dismissal_rate * employed

    @flow(unemployed >> outside)
    def giving_up(exit_rate: PerYear, unemployed: People) -> PeoplePerYear:
        return exit_rate * unemployed

    @flow(employed >> outside)
    def retiring(exit_rate: PerYear, employed: People) -> PeoplePerYear:
        return exit_rate * employed

    @auxiliary
    def unemployment(unemployed: People, employed: People) -> Share:
        return unemployed / (unemployed + employed)

    return dict(locals())


def labour_market(
    months: int,
    unemployed: Sequence[float],
    employed: Sequence[float],
    finding: Sequence[float] = (FINDING,),
    dismissal: Sequence[float] = (DISMISSAL,),
) -> Run:
    """Members start with `unemployed` and `employed` people and may differ in their rates a month."""
    numbers = {
        "unemployed_first": Number("person", unemployed),
        "employed_first": Number("person", employed),
        "finding_rate": Number("1/year", finding),
        "dismissal_rate": Number("1/year", dismissal),
        "entry_rate": Number("1/year", ENTRY),
        "exit_rate": Number("1/year", EXIT),
        "staying_share": Number("1", 1 - EXIT),
    }
    return run(lakes(), numbers, steps=months, members=len(unemployed))


def test_one_month_is_the_printed_matrix() -> None:
    """From (1, 0) and (0, 1) a month leads to the columns of A; two members for each dismissal rate."""
    dismissal = [DISMISSAL, DISMISSAL, 0.03, 0.03]
    result = labour_market(1, [1, 0, 1, 0], [0, 1, 0, 1], dismissal=dismissal)
    found = np.array([result["unemployed"][1], result["employed"][1]])
    printed = np.hstack([PRINTED_A, PRINTED_A_DISMISSAL_0_03])
    np.testing.assert_allclose(found, printed, rtol=0, atol=EIGHT_DECIMALS)


@pytest.mark.parametrize(
    "finding, printed", [(FINDING, PRINTED_STEADY), (NEW_FINDING, PRINTED_NEW_STEADY)], ids=["old law", "new law"]
)
def test_steady_state_as_the_lecture_iterates_it(finding: float, printed: tuple[float, float]) -> None:
    """The lecture repeats the month from (0.5, 0.5) until no share changes by more than 1e-6, and prints that month."""
    unemployment = labour_market(60, [0.5], [0.5], [finding])["unemployment"][:, 0]
    first = int(np.flatnonzero(np.abs(np.diff(unemployment)) <= 1e-6)[0]) + 1
    assert (unemployment[first], 1 - unemployment[first]) == pytest.approx(printed, rel=0, abs=EIGHT_DECIMALS)


def test_unemployment_approaches_its_limit_at_the_printed_rate() -> None:
    """From the lecture's (12, 138) the distance to the limit shrinks each month by the second eigenvalue."""
    unemployment = labour_market(400, [12], [138])["unemployment"][:, 0]
    distance = unemployment[:11] - unemployment[-1]
    # after ten months the distance is 7e-5, a difference of shares that are known to 1e-16
    np.testing.assert_allclose(distance[1:] / distance[:-1], PRINTED_EIGENVALUE, rtol=1e-9)


# A manpower plan

GRADES = ("unskilled", "semiskilled", "skilled")
STRENGTH = (2000.0, 1500.0, 1000.0)
VETERANS_LEAVING = (0.10, 0.05, 0.05)  # a year, and of those trained, in the grade that they enter
RECRUITS_LEAVING = (0.25, 0.20, 0.10)  # in their first year
DOWNGRADED_LEAVING = 0.5

# the printed plan, years 1 and 2
HIRED = ((0.0, 0.0, 0.0), (0.0, 649.3, 500.0))
TRAINED_TO_SEMISKILLED = (200.0, 200.0)
TRAINED_TO_SKILLED = (256.2, 80.3)
DOWNGRADED = (168.4, 0.0)  # skilled to semiskilled
LAID_OFF = ((443.0, 0.0, 0.0), (166.3, 0.0, 0.0))
DEMAND = ((1000.0, 1400.0, 1000.0), (500.0, 2000.0, 1500.0))
OVERMANNED = ((132.0, 18.0, 0.0), (150.0, 0.0, 0.0))
PART_TIME = ((50.0, 50.0, 50.0), (50.0, 0.0, 0.0))  # each does half of the work of one


def firm() -> dict[str, Any]:
    """A firm's workers by grade, with recruitment, wastage, training, downgrading and redundancy."""
    GRADE = Dimension("grade", GRADES)
    workers, outside = Stock("person", GRADE), Outside("not in the firm")
    unskilled, semiskilled, skilled = workers.by(GRADE)

    @initial(workers)
    def workers_at_start(strength: People) -> People:
        return strength

    @flow(outside >> workers)
    def hiring(hired: PeoplePerYear) -> PeoplePerYear:
        return hired

    @flow(workers >> outside)
    def recruits_leaving(hired: PeoplePerYear, recruits_leaving_share: Share) -> PeoplePerYear:
        return hired * recruits_leaving_share

    @flow(workers >> outside)
    def veterans_leaving(workers: People, veterans_leaving_rate: PerYear) -> PeoplePerYear:
        return workers * veterans_leaving_rate

    @flow(workers >> outside)
    def laying_off(laid_off: PeoplePerYear) -> PeoplePerYear:
        return laid_off

    @flow(unskilled >> semiskilled)
    def training_semiskilled(trained_to_semiskilled: PeoplePerYear) -> PeoplePerYear:
        return trained_to_semiskilled

    @flow(semiskilled >> skilled)
    def training_skilled(trained_to_skilled: PeoplePerYear) -> PeoplePerYear:
        return trained_to_skilled

    @flow(semiskilled >> outside)
    def leaving_after_training_semiskilled(
        trained_to_semiskilled: PeoplePerYear, semiskilled_leaving_share: Share
    ) -> PeoplePerYear:
        return trained_to_semiskilled * semiskilled_leaving_share

    @flow(skilled >> outside)
    def leaving_after_training_skilled(
        trained_to_skilled: PeoplePerYear, skilled_leaving_share: Share
    ) -> PeoplePerYear:
        return trained_to_skilled * skilled_leaving_share

    @flow(skilled >> semiskilled)
    def downgrading(downgraded: PeoplePerYear) -> PeoplePerYear:
        return downgraded

    @flow(semiskilled >> outside)
    def leaving_after_downgrading(downgraded: PeoplePerYear, downgraded_leaving_share: Share) -> PeoplePerYear:
        return downgraded * downgraded_leaving_share

    return dict(locals())


def by_year(plan: Any) -> np.ndarray:
    """A plan of two years as an input: one row more, for the edge after the last year, which nothing reads."""
    rows = np.array([*plan, plan[-1]], float)
    return rows[..., np.newaxis]


def test_a_manpower_plan_gives_the_printed_workforce() -> None:
    """The work force is printed as demand + overmanning + half of the part-time, each to 0.1, so it is known to 0.25.

    Year 3 is left out: there the unskilled fall from 675 to 175 in one step, and the engine stops a run in which a
    stock loses more than half of itself in a step.
    """
    numbers = {
        "strength": Number("person", np.array(STRENGTH)[:, np.newaxis], ("grade",)),
        "hired": Number("person/year", by_year(HIRED), ("grade",), varies=True),
        "laid_off": Number("person/year", by_year(LAID_OFF), ("grade",), varies=True),
        "trained_to_semiskilled": Number("person/year", by_year(TRAINED_TO_SEMISKILLED), varies=True),
        "trained_to_skilled": Number("person/year", by_year(TRAINED_TO_SKILLED), varies=True),
        "downgraded": Number("person/year", by_year(DOWNGRADED), varies=True),
        "recruits_leaving_share": Number("1", np.array(RECRUITS_LEAVING)[:, np.newaxis], ("grade",)),
        "veterans_leaving_rate": Number("1/year", np.array(VETERANS_LEAVING)[:, np.newaxis], ("grade",)),
        "semiskilled_leaving_share": Number("1", VETERANS_LEAVING[1]),
        "skilled_leaving_share": Number("1", VETERANS_LEAVING[2]),
        "downgraded_leaving_share": Number("1", DOWNGRADED_LEAVING),
    }
    found = run(firm(), numbers, steps=2)["workers"][1:, :, 0]
    printed = np.array(DEMAND) + np.array(OVERMANNED) + 0.5 * np.array(PART_TIME)
    np.testing.assert_allclose(found, printed, rtol=0, atol=0.25)

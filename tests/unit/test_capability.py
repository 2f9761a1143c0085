"""Self-reliance by stage from round numbers: each ingredient on the side on which it is the scarcer one."""

from typing import Any

import numpy as np
import pytest
import xarray as xr

from vimach.sectors import capability


def by(**labels: tuple[str, ...]) -> Any:
    """Labelled numbers: by(stage=("design", "make"))([1.0, 2.0])."""
    coords = {name: list(own) for name, own in labels.items()}
    return lambda values: xr.DataArray(np.array(values, dtype=float), coords, list(labels))


CHIEFS = by(chief_post=("chief_engineer", "chief_architect"))
STAGES = by(stage=("design", "make", "test"))
GAIN = CHIEFS([0.2, 0.5])


@pytest.mark.parametrize(
    ("seniors", "firms", "architects", "expected"),
    [(500.0, 30.0, 0.0, 0.5), (2000.0, 10.0, 0.0, 0.5), (500.0, 30.0, 1.0, 0.75), (2000.0, 30.0, 1.0, 1.0)],
)
def test_design_is_limited_by_seniors_or_firms_and_raised_by_architects(
    seniors: float, firms: float, architects: float, expected: float
) -> None:
    found = capability.design_capability(
        domestic_design_seniors=seniors, design_seniors_needed=1000.0, grown_domestic_firms=firms,
        research_knowledge_ratio=1.0, domestic_firms_needed=20.0, chiefs_settled=CHIEFS([1.0, architects]),
        capability_gain_from_chiefs=GAIN,
    )  # fmt: skip
    assert float(found) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("fabs", "staffing", "engineers", "expected"),
    [(0.0, 1.0, 1.0, 0.0), (1.0, 0.5, 0.0, 0.5), (1.0, 0.5, 1.0, 0.6), (3.0, 0.5, 0.0, 0.5), (1.0, 0.95, 1.0, 1.0)],
)
def test_making_needs_a_fab_with_staff_and_chief_engineers_help(
    fabs: float, staffing: float, engineers: float, expected: float
) -> None:
    found = capability.make_capability(
        fab_in_trial_production=by(fab_project=("hoa_lac", "second"))([fabs, 0.0]), fabs_needed=1.0,
        fab_staffing_share=staffing, chiefs_settled=CHIEFS([engineers, 1.0]), capability_gain_from_chiefs=GAIN,
    )  # fmt: skip
    assert float(found) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("running", "expected"), [([1.0, 0.0, 0.0], 0.0), ([1.0, 1.0, 0.0], 0.5), ([1.0, 1.0, 1.0], 0.75)]
)
def test_testing_counts_plants_of_vietnamese_owners_only(running: list[float], expected: float) -> None:
    plants = by(plant=("foreign", "domestic", "future"))
    given = {"plant_running": plants(running), "vietnamese_owner_share": plants([0.0, 1.0, 0.5])}
    assert float(capability.test_capability(**given, vietnamese_plants_needed=2.0)) == pytest.approx(expected)
    assert float(capability.test_capability(**given, vietnamese_plants_needed=0.5)) == min(1.0, 4.0 * expected)


@pytest.mark.parametrize("lagging", range(3))
def test_the_country_is_as_able_as_its_weakest_stage(lagging: int) -> None:
    ready = [1.0, 1.0, 1.0]
    assert float(capability.self_reliance(stage_readiness=STAGES(ready))) == 1.0
    ready[lagging] = 0.25
    assert float(capability.self_reliance(stage_readiness=STAGES(ready))) == 0.25


def test_each_stage_has_its_own_number() -> None:
    found = capability.capability(
        design_capability=0.1, make_capability=0.2, test_capability=0.3, is_design_stage=STAGES([1.0, 0.0, 0.0]),
        is_make_stage=STAGES([0.0, 1.0, 0.0]), is_test_stage=STAGES([0.0, 0.0, 1.0]),
    )  # fmt: skip
    assert found.values == pytest.approx([0.1, 0.2, 0.3])


def test_seniors_of_domestic_firms_are_in_proportion_to_firms() -> None:
    firms = by(region=("north", "south"), firm_kind=("foreign_branch", "domestic", "spin_out"))
    growing, mature = firms([[20.0, 4.0, 1.0], [40.0, 2.0, 1.0]]), firms([[20.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    grown = capability.grown_domestic_firms(growing_firms=growing, mature_firms=mature)
    assert float(grown) == 10.0
    everyone = xr.concat([growing, mature], "firm_age")
    seniors = capability.domestic_design_seniors(
        design_seniors=by(region=("north", "south"))([500.0, 400.0]), design_firms=everyone, grown_domestic_firms=grown
    )
    assert float(seniors) == pytest.approx(100.0)


def test_chief_posts_cost_what_is_filled() -> None:
    assert float(capability.chief_posts_cost(chief_posts_filled=CHIEFS([2.0, 1.0]), chief_post_cost=6.0)) == 18.0

"""Equations of fabs with labels: staffing by the scarcer kind, what fabs draw from other tracks, what is planned."""

from typing import Any

import numpy as np
import pytest
import xarray as xr

from vimach.sectors import fab


def by(**labels: tuple[str, ...]) -> Any:
    """Labelled numbers: by(track=("design", "fab"))([1.0, 2.0])."""
    coords = {name: list(own) for name, own in labels.items()}
    return lambda values: xr.DataArray(np.array(values, dtype=float), coords, list(labels))


REGIONS = by(region=("north", "south"))
POSTS = by(region=("north", "south"), track=("design", "atp", "fab"))
CHIEFS = by(chief_post=("chief_engineer", "chief_architect"))


@pytest.mark.parametrize(
    ("engineers", "technicians", "share"),
    [(40.0, 100.0, 0.4), (40.0, 30.0, 0.3), (100.0, 25.0, 0.25), (200.0, 300.0, 1)],
)
def test_the_scarcer_kind_of_staff_decides(engineers: float, technicians: float, share: float) -> None:
    found = fab.fab_staffing_share(
        fab_engineers_wanted=REGIONS([100.0, 0.0]), fab_engineers=REGIONS([engineers, 0.0]),
        technicians_wanted=REGIONS([60.0, 40.0]), technicians=REGIONS([technicians / 2, technicians / 2]),
    )  # fmt: skip
    assert float(found) == pytest.approx(share, abs=1e-8)


@pytest.mark.parametrize(("response", "north", "country"), [(0.5, 0.125, 0.0625), (1.0, 0.25, 0.125), (9.0, 1.0, 1.0)])
def test_fabs_draw_as_many_as_they_have_of_all_posts_times_a_response(
    response: float, north: float, country: float
) -> None:
    posts = POSTS([[200.0, 100.0, 100.0], [300.0, 100.0, 0.0]])
    here = fab.fab_pull_share(posts_opened=posts, fab_pull_ratio=response)
    assert here.values == pytest.approx([north, 0.0], abs=1e-8)
    assert float(fab.fab_pull_of_adjacent(posts_opened=posts, fab_pull_ratio=response)) == pytest.approx(country)


def test_where_no_fab_recruits_nothing_at_all_is_drawn() -> None:
    posts = POSTS([[200.0, 100.0, 0.0], [0.0, 0.0, 0.0]])
    assert fab.fab_pull_share(posts_opened=posts, fab_pull_ratio=1.0).values.tolist() == [0.0, 0.0]
    assert float(fab.fab_pull_of_adjacent(posts_opened=posts, fab_pull_ratio=1.0)) == 0.0


def test_a_split_over_tracks_still_adds_up_when_fabs_have_drawn_their_part() -> None:
    tracks = by(track=("design", "atp", "fab"))
    found = fab.turned_to_fabs(tracks([0.6, 0.4, 0.0]), 0.1, tracks([0.0, 0.0, 1.0]))
    assert found.values == pytest.approx([0.54, 0.36, 0.1])


def test_chief_engineers_save_part_of_the_delay_and_nothing_of_the_plan() -> None:
    given = {"fab_trial_planned": 2028.0, "fab_slippage_time": 2.0, "slippage_cut_by_chief_engineers": 0.25}
    late = fab.fab_trial_production_date(**given, chiefs_settled=CHIEFS([0.0, 1.0]))
    early = fab.fab_trial_production_date(**given, chiefs_settled=CHIEFS([1.0, 0.0]))
    assert (float(late), float(early)) == (2030.0, 2029.5)


def test_staff_of_a_fab_are_engineers_and_technicians_and_nobody_else() -> None:
    projects = by(fab_project=("hoa_lac", "second"))
    jobs = fab.fab_jobs(
        fab_goes_ahead=projects([1.0, 0.0]), fab_recruited_share=projects([0.5, 1.0]),
        fab_staff=projects([600.0, 600.0]),
        fab_region_share=by(fab_project=("hoa_lac", "second"), region=("north", "south"))([[1.0, 0.0], [0.5, 0.5]]),
    )  # fmt: skip
    assert jobs.values.tolist() == [300.0, 0.0]
    split = [f(fab_jobs=jobs, fab_engineer_share=0.45) for f in (fab.fab_engineers_wanted, fab.fab_technicians_wanted)]
    assert (split[0] + split[1]).values == pytest.approx(jobs.values)

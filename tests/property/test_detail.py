"""The ladder, the gaps and replacement demand by region, track and experience add up to their national numbers."""

import numpy as np
import pytest
import xarray as xr

from vimach.sectors import detail

CELLS = {"region", "track", "experience"}
WHOLES = {
    "trained_in_detail": ("trained_cumulative", {"region", "track"}),
    "retained_in_detail": ("retained_two_years", CELLS),
    "vacancies_in_detail": ("funded_job_gap", CELLS),
    "target_gap_in_detail": ("target_gap", CELLS),
    "engineers": ("employed_in_sector", CELLS),
    "first_jobs_counted": ("hired_first_job", {"region", "track", "door"}),
    "admitted_related": ("admitted_to_related_majors", {"region"}),
    "chip_students": ("enrolled_dedicated", {"region"}),
}


@pytest.mark.parametrize("name", WHOLES)
def test_a_number_in_detail_adds_up_to_the_national_one(ensemble_run: xr.Dataset, name: str) -> None:
    whole, dims = WHOLES[name]
    parts, total = ensemble_run[name], ensemble_run[whole]
    assert set(parts.dims) - {"edge", "period", "member"} == dims
    assert parts.sum(sorted(dims)).values == pytest.approx(total.values, rel=1e-9, abs=1e-6)
    assert float(parts.min()) >= 0.0


def test_replacement_demand_by_experience_is_replacement_demand(ensemble_run: xr.Dataset) -> None:
    parts, whole = ensemble_run.replacement_demand_in_detail, ensemble_run.replacement_demand
    assert parts.sum("experience").transpose(*whole.dims).values == pytest.approx(whole.values, rel=1e-9, abs=1e-9)
    leads = parts.sel(experience="lead") - (ensemble_run.quitting + ensemble_run.emigrating.sum("host")).sel(
        experience="lead", drop=True
    )
    assert leads.transpose(*ensemble_run.retiring.dims).values == pytest.approx(
        ensemble_run.retiring.values, rel=1e-9, abs=1e-9
    )


def test_open_posts_by_experience_are_those_of_their_kind(ensemble_run: xr.Dataset) -> None:
    posts, whole = ensemble_run.vacancies_in_detail, ensemble_run.vacancies
    assert posts.sum("experience").transpose(*whole.dims).values == pytest.approx(whole.values, rel=1e-9, abs=1e-9)
    assert float(posts.sel(experience="lead").max()) == 0.0
    assert np.all(posts.sel(experience="novice").sel(track="design", edge=2026.0).values > 0.0)


def test_masters_and_those_moved_in_later_are_split_like_others_of_their_region() -> None:
    tracks = xr.DataArray([30.0, 10.0], {"track": ["design", "atp"]}, ["track"])
    programmes = ["dedicated", "specialisation", "relabelled", "related"]

    def by_programme(*numbers: float) -> xr.DataArray:
        return xr.DataArray(list(numbers), {"programme": programmes}, ["programme"])

    found = detail.trained_in_detail(
        graduates_counted=by_programme(20.0, 10.0, 10.0, 500.0), relabelled_counted=1.0,
        masters_counted=by_programme(1.0, 1.0, 1.0, 8.0), masters_are_counted=1.0, graduates_counted_by_track=tracks,
        track_share_without_posts=0.5, conversions_counted_by_track=tracks * 0 + 4.0, centres_counted=tracks * 0,
    )  # fmt: skip
    assert found.values == pytest.approx([48 * 0.75 + 4, 48 * 0.25 + 4])

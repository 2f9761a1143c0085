"""What a fab, its lapse and the chief posts do to the whole model, and what they leave alone."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from vimach.scenario import read_scenario
from vimach.simulate import Model, Settings, simulate

LAPSES = Path(__file__).parents[2] / "scenarios" / "fab_lapses.yaml"
CHIEFS = "chief_posts_filled={raise_to: {step: {to: 4, starts: 2028.0}}}"
SURE = "fab_realised={value: {hoa_lac: 1}}"


def run(model: Model, name: str, *settings: str, **options: int) -> xr.Dataset:
    """A run of a scenario, central unless members are asked for."""
    scenario = read_scenario(name, model.table, model.labels, settings)
    return simulate(model, scenario, Settings(members=options.get("members", 0)))


@pytest.fixture(scope="module")
def lapsed(model: Model) -> xr.Dataset:
    """The central run in which the fab project lapses."""
    return run(model, str(LAPSES))


@pytest.fixture(scope="module")
def built(model: Model) -> xr.Dataset:
    """The central run in which the fab project is carried through for sure."""
    return run(model, "baseline", SURE)


def until(data: xr.Dataset, name: str, year: int) -> np.ndarray:
    """A variable up to the end of a year, edges or periods."""
    values = data[name]
    span = {"edge": slice(None, year + 1.0)} if "edge" in values.dims else {"period": slice(None, year)}
    return np.asarray(values.sel(span).values)


def test_before_ground_is_broken_the_model_knows_nothing_of_fabs(
    central_run: xr.Dataset, lapsed: xr.Dataset, built: xr.Dataset
) -> None:
    for name in set(central_run.data_vars) - {"fab_goes_ahead"}:  # that one is fate, the same at all times
        for other in (lapsed, built):
            assert np.array_equal(until(central_run, str(name), 2025), until(other, str(name), 2025)), name


@pytest.mark.parametrize("which", ["central_run", "ensemble_run"])
def test_the_fab_track_is_empty_until_a_fab_recruits(which: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(which)
    for name in ("engineers", "job_seekers", "experienced_seekers", "juniors_moving"):
        early = data[name].sel(track="fab", edge=slice(None, 2026.0))
        assert float(np.abs(early).max()) == 0.0, name


def test_a_lapsed_fab_recruits_nobody_and_is_paid_nothing(lapsed: xr.Dataset) -> None:
    assert float(lapsed.fab_jobs.max()) == 0.0
    for name in ("employed_fab", "fabs_in_trial_production", "fab_output", "fab_investment", "fab_subsidy"):
        assert float(np.abs(lapsed[name].sel(fab_project="hoa_lac") if "fab_project" in lapsed[name].dims
                            else lapsed[name]).max()) == 0.0, name  # fmt: skip
    assert float(lapsed.make_capability.max()) == 0.0


def test_posts_of_a_fab_pull_engineers_and_graduates_from_other_tracks(lapsed: xr.Dataset, built: xr.Dataset) -> None:
    gained = {name: float((built[name] - lapsed[name]).sel(edge=2031.0).item())
              for name in ("employed_fab", "employed_design", "employed_atp", "employed_in_sector")}  # fmt: skip
    assert 100.0 < gained["employed_fab"] < 315.0
    assert gained["employed_design"] < 0.0
    assert gained["employed_atp"] < 0.0
    assert 0.0 < gained["employed_in_sector"] < gained["employed_fab"]
    fewer = built.graduates_counted_by_track - lapsed.graduates_counted_by_track
    to_fabs, elsewhere = fewer.sel(edge=2031.0, region="north", track=["fab"]), fewer.sel(edge=2031.0, region="north")
    assert float(to_fabs.sum()) > 10.0
    assert abs(float(elsewhere.sum())) < 0.01 * float(to_fabs.sum()), "graduates are moved, not made"


def test_a_fab_built_in_time_is_supported_by_thirty_percent_of_its_investment(built: xr.Dataset) -> None:
    assert float(built.fab_subsidy.sum()) == pytest.approx(0.3 * 12_800e9, rel=0.01)
    assert float(built.fab_subsidy.sel(period=slice(None, 2027)).sum()) == 0.0
    assert float(np.abs(built.fab_subsidies_paid.sel(edge=2036.0).sum() - built.fab_subsidy.sum())) < 1e6


def test_a_fab_that_comes_too_late_is_not_supported(model: Model) -> None:
    late = run(model, "baseline", SURE, "fab_trial_planned={value: {hoa_lac: 2031.5}}")
    assert float(late.fabs_in_trial_production.sel(edge=2033.0).min()) == pytest.approx(1.0)
    assert float(late.fabs_in_trial_production.sel(edge=2031.0).max()) == 0.0
    assert float(late.fab_subsidy.max()) == 0.0


def test_output_waits_for_staff(built: xr.Dataset, model: Model) -> None:
    unknown = run(model, "baseline", SURE, "fab_pull_ratio={value: 0, certain: true}")
    less = (unknown.fab_output - built.fab_output).sel(fab_project="hoa_lac", edge=slice(2030.0, None))
    assert float(less.max()) < 0.0


@pytest.mark.parametrize("which", ["central_run", "ensemble_run"])
def test_capabilities_are_shares_and_nobody_is_abler_than_the_weakest_stage(
    which: str, request: pytest.FixtureRequest
) -> None:
    data = request.getfixturevalue(which)
    for name in ("capability", "stage_readiness", "self_reliance", "fab_built_share", "fab_recruited_share",
                 "fab_staffing_share", "fab_pull_share", "fab_pull_of_adjacent", "chief_posts_paid_share"):  # fmt: skip
        assert float(data[name].min()) >= 0.0, name
        assert float(data[name].max()) <= 1.0, name
    assert bool((data.self_reliance == data.stage_readiness.min("stage")).all())


def test_the_date_of_trial_production_and_of_self_reliance_have_a_distribution(model: Model) -> None:
    data = run(model, "baseline", members=100)
    date = data.fab_trial_production_date.sel(fab_project="hoa_lac", edge=2031.0)
    assert float(date.min()) >= 2027.95
    assert 2028.3 < float(date.median()) < 2029.2
    fabs = (data.fabs_in_trial_production.sel(edge=[2028.0, 2031.0]) >= 1.0).mean("member").values
    assert 0.0 < fabs[0] < 0.3 < fabs[1] < 0.8
    able = (data.stage_readiness >= 1.0).mean("member").sel(edge=[2026.0, 2028.0, 2036.0])
    assert bool((able.diff("edge") >= 0.0).all())
    assert 0.0 <= float((data.self_reliance.sel(edge=2028.0) >= 1.0).mean()) < 0.2


# the lever


def test_chief_engineers_bring_trial_production_forward_and_not_at_once(model: Model, central_run: xr.Dataset) -> None:
    moved = run(model, "baseline", CHIEFS)
    sooner = (moved.fab_trial_production_date - central_run.fab_trial_production_date).sel(fab_project="hoa_lac")
    assert float(sooner.sel(edge=2028.0).max()) == 0.0
    assert -0.2 * 0.97 <= float(sooner.sel(edge=2036.0).min()) < -0.1


def test_chief_posts_that_money_cannot_pay_change_nothing(model: Model) -> None:
    broke = (
        "programme_budget_base={value: 0, certain: true}",
        "chip_share_of_additional={value: 0.005, certain: true}",
    )
    poor, poor_with = run(model, "baseline", *broke), run(model, "baseline", *broke, CHIEFS)
    rich, rich_with = run(model, "baseline"), run(model, "baseline", CHIEFS)
    small = float((poor_with.design_capability - poor.design_capability).sel(edge=2030.0).item())
    large = float((rich_with.design_capability - rich.design_capability).sel(edge=2030.0).item())
    assert 0.0 <= small < 0.5 * large

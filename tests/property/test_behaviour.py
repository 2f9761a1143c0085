"""What the whole model must do whatever its numbers are, and what levers must do where they act at all."""

from itertools import pairwise

import numpy as np
import pytest
import xarray as xr

from vimach.ensemble import Block, inputs
from vimach.kernels.array import Array, ArrayKernel, Schedule
from vimach.scenario import Scenario, read_scenario
from vimach.simulate import Model, Settings, simulate

from .placement import believed_in_the_country, done_looking, placed

RUNS = pytest.mark.parametrize("run", ["central_run", "ensemble_run"])
BY_DOOR, SMALL = "door", 1e-6


def changed(model: Model, *settings: str, **options: int) -> xr.Dataset:
    """The central run of the baseline with --set settings on top."""
    scenario = read_scenario("baseline", model.table, model.labels, settings)
    return simulate(model, scenario, Settings(members=0, **options))


# stocks


@RUNS
def test_no_stock_is_ever_negative(model: Model, run: str, request: pytest.FixtureRequest) -> None:
    """Nothing clips them: a clipped stock would not balance against its flows, which test_conservation checks."""
    data = request.getfixturevalue(run)
    for name, state in model.graph.states.items():
        assert float(data[name].min()) >= -1e-9 * float(data[name].max()), f"{state.kind} {name}"


@RUNS
def test_no_flow_runs_backwards(model: Model, run: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(run)
    for name in model.graph.by_kind("flow"):
        assert float(data[name].min()) >= -1e-9 * float(data[name].max()), name


@RUNS
def test_the_shadow_of_engineers_is_equal_to_them(run: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(run)
    together = data.engineers_by_tenure.sum("tenure").transpose(*data.engineers.dims)
    assert together.values == pytest.approx(data.engineers.values, rel=1e-9, abs=1e-9)


@RUNS
def test_the_counts_of_people_trained_are_nested_and_never_fall(run: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(run)
    nested = ["trained_in_programmes", "trained_cumulative", "trained_with_intense", "trained_with_related"]
    for smaller, larger in pairwise(nested):
        assert bool((data[smaller] <= data[larger] + SMALL).all()), (smaller, larger)
    assert bool((data.trained_relabelled <= data.trained_in_programmes + SMALL).all())
    for name in (*nested, "hired_first_job", "lecturers_trained_in_depth", "master_learners"):
        assert float(data[name].diff("edge").min()) >= -SMALL, name


# matching


@RUNS
def test_hires_exceed_neither_seekers_nor_posts(run: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(run)
    assert bool((data.novice_hires <= data.junior_reach + SMALL).all())
    assert bool((data.novice_hires.sum(BY_DOOR) <= data.posts_for_novices + SMALL).all())
    assert bool((data.lateral_hires <= data.posts_for_experienced + SMALL).all())
    assert float(data.job_seekers.min()) >= 0.0
    assert float(data.experienced_seekers.min()) >= 0.0


@RUNS
def test_shares_are_shares(run: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(run)
    for name in ("placement_share", "fill_share", "senior_fill_share", "funded_share", "teaching_adequacy",
                 "well_taught_share", "intake_let_in", "share_under_five_years", "atp_staffing_share"):  # fmt: skip
        assert float(data[name].min()) >= 0.0, name
        assert float(data[name].max()) <= 1.0 + SMALL, name


# the school calendar


def graduates(model: Model, scenario: Scenario, until: float) -> Array:
    """Graduates of dedicated programmes and specialisations from 2015 to `until`, by member."""
    steps = round((until - 2015.0) * 16)
    schedule = Schedule(2015.0, 1 / 16, steps, (0, steps))
    given = inputs(model.table, model.graph.dimensions, scenario, Block(1017, 0, 20), schedule)
    recording = ArrayKernel(model.graph, ["graduating"]).run(given, schedule)
    assert recording.failures == []
    programmes = [model.labels["programme"].index(name) for name in ("dedicated", "specialisation")]
    axis = [dim.name for dim in model.graph.variables["graduating"].node.dims].index("programme")
    counted = np.take(recording.periods["graduating"][0], programmes, axis=axis)
    return np.asarray(counted.sum(axis=(0, 1)))


def test_of_the_intake_of_2024_almost_nobody_graduates_before_mid_2028(
    model: Model, baseline_scenario: Scenario, ensemble_run: xr.Dataset
) -> None:
    """A run without the intake of 2024 tells who came from it; relabelled students are a programme of their own."""
    without = read_scenario("baseline", model.table, model.labels, (
        "dedicated_places={lower_to: {pulse: {to: 0, starts: 2024.0, ends: 2025.0}}}",
        "specialisation_places={pulse: {to: 0, starts: 2024.0, ends: 2025.0}}",
    ))  # fmt: skip
    intake = (ensemble_run.entering_dedicated + ensemble_run.entering_specialisation).sel(period=2024).sum("region")
    assert float(intake.min()) > 500.0
    share = {
        until: (graduates(model, baseline_scenario, until) - graduates(model, without, until)) / intake.values
        for until in (2028.5, 2028.75)
    }
    assert np.abs(share[2028.5]).max() < 0.01
    assert share[2028.75].min() > 0.2, "and in the summer of 2028 a good part of it does"


# Euler's method


SMOOTH = ("employed_in_sector", "employed_design", "design_firms_active", "retained_two_years", "hired_first_job")
HEADLINES = (*SMOOTH, "employed_atp", "employed_technicians", "enrolled_dedicated")


@pytest.fixture(scope="module")
def halved(model: Model, baseline_scenario: Scenario) -> list[xr.Dataset]:
    """Central runs to the end of 2030 with steps of 1/16, 1/32 and 1/64."""
    return [
        simulate(model, baseline_scenario, Settings(members=0, until=2030, step=step), records=HEADLINES)
        for step in (1 / 16, 1 / 32, 1 / 64)
    ]


def order(coarse: Array, middle: Array, fine: Array) -> float:
    """The power of the step with which the difference shrinks, measured by the largest difference."""
    return float(np.log2(np.abs(coarse - middle).max() / np.abs(middle - fine).max()))


@pytest.mark.parametrize("name", HEADLINES)
def test_eulers_order_is_one_along_the_way(name: str, halved: list[xr.Dataset]) -> None:
    """Measured on the largest difference over all edges from 2016 to 2031."""
    assert order(*(data[name].values for data in halved)) == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("name", SMOOTH)
def test_eulers_order_is_one_at_the_end_of_2030(name: str, halved: list[xr.Dataset]) -> None:
    """Not for staff of plants: there the error crosses nothing around 2029 (kinks where plants open), and at one date
    near the crossing a quotient of errors tells nothing. Along the way theirs is one as well."""
    assert order(*(data[name].sel(edge=2031.0).values for data in halved)) == pytest.approx(1.0, abs=0.2)


# levers


def test_intense_lowers_employment_until_the_first_bonds_end(model: Model, central_run: xr.Dataset) -> None:
    without = changed(
        model, "intense_places_announced={value: {constant: 0}, certain: true}", "intense_places_taken_up={value: 0}"
    )
    first_back = int(central_run.period[central_run.ending_bond.sum("region").squeeze("member") > 0][0])
    assert first_back == 2028, "two years of study and two of work after the intake of 2024"
    gained = (central_run.employed_in_sector - without.employed_in_sector).squeeze("member")
    assert np.all(gained.sel(edge=slice(None, 2024.0)).values == 0.0)
    before = gained.sel(edge=slice(2025.5, first_back + 0.5)).values
    assert np.all(before < 0.0)
    assert np.all(np.diff(before) < 0.0), "more so each year"


def test_more_seats_in_conversion_courses_without_more_jobs_lower_placement(
    model: Model, central_run: xr.Dataset
) -> None:
    more = changed(model, "conversion_places={raise_to: {step: {to: 8000, starts: 2026.0}}}")
    gained = placed(more, "region", "track") - placed(central_run, "region", "track")
    assert np.all(gained.sel(period=slice(None, 2025)).values == 0.0)
    assert np.all(gained.sel(period=slice(2026, None)).values < 0.0)
    believed = believed_in_the_country(more, central_run) - believed_in_the_country(central_run, central_run)
    assert np.all(believed.sel(edge=slice(2028.0, None)).values < 0.0), "and what people believe, later"


def test_more_places_in_dedicated_programmes_lower_placement_where_teaching_is_no_limit(model: Model) -> None:
    """Where teaching is the limit, more students are only taught worse: as many as before are fit for chip work."""
    taught = (
        "students_taught_without_programme={value: 40000, certain: true}",
        "lecturers_2015={value: 4000, certain: true}",
        "students_per_lecturer={value: 40, certain: true}", "sharing_gain_share={value: 1, certain: true}",
    )  # fmt: skip
    places = "dedicated_places={raise_to: {step: {to: 9000, starts: 2026.0}}}"
    few, many = changed(model, *taught), changed(model, *taught, places)
    assert float(many.teaching_adequacy.min()) == pytest.approx(1.0)
    gained = (placed(many, "region", "track") - placed(few, "region", "track")).sel(period=slice(2031, None))
    assert np.all(gained.values < 0.0), "when the intake of 2026 has graduated"
    # a region's own average may rise: more of its juniors are then trained for the track in which posts stand open
    alike = (placed(many) - placed(few)).where(done_looking(few) > 1.0, 0.0).sel(period=slice(2031, None))
    assert np.all(alike.values <= 0.0), "no region and track is left out"
    early = (many.placement_share - few.placement_share).sel(edge=slice(None, 2030.0))
    assert float(np.abs(early).max()) < 0.001


def test_where_teaching_is_the_limit_more_places_thin_it_out(model: Model, central_run: xr.Dataset) -> None:
    many = changed(model, "dedicated_places={raise_to: {step: {to: 9000, starts: 2026.0}}}")
    assert float(central_run.teaching_adequacy.sel(edge=2030.0).max()) < 1.0
    adequacy = (many.teaching_adequacy - central_run.teaching_adequacy).squeeze()
    assert np.all(adequacy.sel(edge=slice(2027.0, None)).values < 0.0)
    students = float((many.enrolled_dedicated / central_run.enrolled_dedicated).sel(edge=2031.0).max())
    fit = float((many.effective_chip_graduates / central_run.effective_chip_graduates).sel(period=2030).max())
    assert students > 1.1
    assert fit < students, "a smaller part of them is fit for chip work"

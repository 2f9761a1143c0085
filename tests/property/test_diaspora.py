"""Engineers abroad: who goes and who comes adds up by host, and what they do at home shows in the first year."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from vimach.scenario import read_scenario
from vimach.sectors import diaspora
from vimach.simulate import Model, Settings, simulate

SCENARIOS = Path(__file__).parents[2] / "scenarios"
RUNS = pytest.mark.parametrize("run", ["central_run", "ensemble_run"])
JOINING = (
    "joining_as_independent", "joining_as_senior", "returners_joining_as_independent", "returners_joining_as_senior",
)  # fmt: skip


def changed(model: Model, *settings: str, scenario: str = "baseline") -> xr.Dataset:
    """A central run with --set settings on top of a scenario."""
    return simulate(model, read_scenario(scenario, model.table, model.labels, settings), Settings(members=0))


def by(data: xr.Dataset, name: str, *kept: str) -> xr.DataArray:
    """A variable summed over all dimensions but time, member and those kept."""
    variable = data[name]
    return variable.sum([dim for dim in variable.dims if dim not in ("edge", "period", "member", *kept)])


def per_period(stock: xr.DataArray) -> xr.DataArray:
    """What a stock gained in each period."""
    gained = stock.diff("edge").rename(edge="period")
    return gained.assign_coords(period=np.arange(2015, 2015 + gained.sizes["period"]))


def apart(found: xr.DataArray, wanted: xr.DataArray) -> float:
    """The largest difference, in persons."""
    return float(np.abs(found - wanted).max())


# what must add up


def test_hosts_share_all_emigrants(model: Model) -> None:
    assert model.table["emigrant_host_share"].central(model.labels).sum() == pytest.approx(1.0, abs=1e-12)
    assert model.table["track_of_returners_share"].central(model.labels).sum() == pytest.approx(1.0, abs=1e-12)


@RUNS
def test_engineers_abroad_are_who_came_less_who_went_in_each_host(run: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(run)
    in_taiwan = xr.DataArray([1.0, 0.0, 0.0, 0.0, 0.0], {"host": data.host.values}, ["host"])
    entered = data.leaving_for_host + data.students_staying_abroad + by(data, "staying_after_bond") * in_taiwan
    left = data.coming_home + data.leaving_chips_abroad + data.retiring_abroad
    assert apart(per_period(data.engineers_abroad), entered - left) < 1e-8


@RUNS
def test_engineers_at_home_are_hires_through_all_doors_less_exits(run: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(run)
    hired = by(data, "starting_work", "track") + by(data, "taking_industry_posts", "track")
    hired = hired + sum(by(data, name, "track") for name in JOINING)
    gone = sum(by(data, name, "track") for name in ("quitting", "emigrating", "retiring", "joining_faculty"))
    assert apart(per_period(by(data, "engineers", "track")), hired - gone) < 1e-8
    assert apart(by(data, "lateral_hires", "track"), sum(by(data, name, "track") for name in JOINING)) < 1e-8


@RUNS
def test_counts_of_those_who_left_and_came_are_sums_over_hosts(run: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(run)
    since = slice(2024, None)
    home = by(data, "coming_home") + by(data, "returning_from_intense")
    last = data.isel(edge=-1)
    assert apart(last.returned_engineers, home.sel(period=since).sum("period")) < 1e-8
    assert apart(last.emigrated_engineers, by(data, "emigrating").sel(period=since).sum("period")) < 1e-8
    assert apart(last.connectors, last.connectors_active.sum("host")) < 1e-8
    assert apart(last.engineers_abroad_total, last.engineers_abroad.sum("host")) < 1e-8


def test_connectors_are_neutral_at_the_level_of_2025(central_run: xr.Dataset) -> None:
    now = central_run.sel(edge=2026.0).squeeze("member")
    assert float(now.connectors) == pytest.approx(100.0, rel=0.02)
    for name in ("connector_teaching_ratio", "connector_mentoring_ratio"):
        assert float(now[name]) == pytest.approx(1.0, abs=0.001)
    assert now.connector_entry_ratio.values == pytest.approx([1.0, 1.0, 1.0], abs=0.002)
    assert np.all(central_run.connector_entry_ratio.sel(firm_kind=["domestic", "spin_out"]).values == 1.0)


# the pull of hosts


def test_a_host_that_pulls_draws_to_itself_and_takes_nobody_from_others(model: Model, central_run: xr.Dataset) -> None:
    pulling = changed(model, "foreign_pull_ratio={value: {japan: {step: {to: 2, starts: 2027.0}}}}")
    more = (pulling.leaving_for_host / central_run.leaving_for_host).squeeze("member")
    assert np.all(more.sel(period=slice(None, 2026)).values == 1.0)
    assert float(more.sel(period=2027, host="japan")) == pytest.approx(2.0, abs=0.02)
    assert more.sel(period=2027).drop_sel(host="japan").values == pytest.approx(np.ones(4), abs=0.01)


# what they do at home, and from where they are


RETURN = "return_rate={value: {all: {step: {to: 0.1, starts: 2028.0}}}}"
NO_SENIORS = "returner_senior_share={value: {all: 0}, certain: true}"
FEW_MENTORS = "mentoring_share={value: 0.1, certain: true}"


def test_returners_mentor_from_the_first_year_and_not_if_none_is_a_senior(model: Model) -> None:
    def gain(*wire: str) -> tuple[xr.DataArray, xr.DataArray]:
        """What many more returners from 2028 on add to mentors and to novices who become independent."""
        many, few = changed(model, *wire, RETURN), changed(model, *wire)
        mentors = by(many, "mentors_available") - by(few, "mentors_available")
        independent = by(many, "becoming_independent") - by(few, "becoming_independent")
        return mentors.squeeze("member"), independent.squeeze("member")

    mentors, independent = gain(FEW_MENTORS)
    assert np.all(mentors.sel(edge=slice(None, 2028.0)).values == 0.0)
    assert float(mentors.sel(edge=2029.0)) > 1.0
    assert float(independent.sel(period=2028)) > 0.5, "where mentors are the limit"
    mentors, independent = gain(FEW_MENTORS, NO_SENIORS)
    assert float(mentors.sel(edge=2029.0)) <= 0.1
    assert float(independent.sel(period=2028)) <= 0.1


def test_in_the_central_baseline_mentors_are_no_limit(model: Model, central_run: xr.Dataset) -> None:
    """So more mentors, at home or abroad, do nothing but where a first plant or fab has just opened."""
    old = ["design", "atp"]
    novices = by(central_run.sel(experience="novice", track=old), "engineers", "track")
    room = by(central_run.sel(track=old), "mentors_available", "track") * model.table["novices_per_mentor"].number
    assert bool((novices < room).sel(edge=slice(2022.0, None)).all())


MONEY = "programme_budget_extra={raise_to: {step: {to: 20000, starts: 2027.0}}}"
CONNECT = "connector_programme_share={raise_to: {step: {to: 0.1, starts: 2028.0}}}"
NO_ENTRY = "connector_elasticity_of_entry={value: 0, certain: true}"
NO_TEACHING = "connector_elasticity_of_teaching={value: 0, certain: true}"
NO_MENTORING = "connector_elasticity_of_mentoring={value: 0, certain: true}"


def test_connectors_bring_branches_in_the_first_year_and_nothing_with_the_wire_cut(model: Model) -> None:
    def engaged(*wire: str) -> tuple[xr.Dataset, xr.Dataset]:
        """With the programme and without it, where money is no limit."""
        return changed(model, MONEY, *wire, CONNECT), changed(model, MONEY, *wire)

    def gain(runs: tuple[xr.Dataset, xr.Dataset], name: str) -> xr.DataArray:
        return (by(runs[0], name, "firm_kind") - by(runs[1], name, "firm_kind")).squeeze("member")

    entering = gain(engaged(NO_TEACHING, NO_MENTORING), "entering_firms")
    assert np.all(entering.sel(period=slice(None, 2027)).values == 0.0)
    assert float(entering.sel(period=2028, firm_kind="foreign_branch")) > 0.1
    assert float(np.abs(entering.sel(period=2028, firm_kind=["domestic", "spin_out"])).max()) < 0.02
    cut = engaged(NO_TEACHING, NO_MENTORING, NO_ENTRY)
    for name in ("entering_firms", "employed_in_sector", "trained_cumulative", "coming_home"):
        assert np.all(gain(cut, name).values == 0.0), name
    assert float(gain(cut, "programme_cost").sel(period=2028)) > 1e9, "though it is paid for"


def test_paid_posts_bring_people_home_in_their_first_year_and_to_all_ends(
    model: Model, central_run: xr.Dataset
) -> None:
    opened = changed(model, "diaspora_posts_a_year={raise_to: {step: {to: 100, starts: 2028.0}}}")
    brought = by(opened, "brought_home").squeeze("member")
    assert np.all(by(central_run, "brought_home").values == 0.0)
    assert float(brought.sel(period=2028)) > 20.0
    more = (opened.returned_engineers - central_run.returned_engineers).squeeze("member")
    assert float(more.sel(edge=2029.0)) == pytest.approx(float(brought.sel(period=2028)), rel=0.05)
    where = opened.where_returners_work_share.sum(["region", "track"])
    assert float(np.abs(where.sel(edge=slice(None, 2035.0)) - 1.0).max()) < 1e-9
    ends = by(opened, "taking_industry_posts") + by(opened, "taking_teaching_posts")
    assert apart(ends, by(opened, "brought_home")) < 1e-8


# scenarios


def test_the_three_scenarios_move_what_their_stories_say(model: Model, central_run: xr.Dataset) -> None:
    runs = {name: changed(model, scenario=str(SCENARIOS / f"{name}.yaml"))
            for name in ("diaspora_return", "brain_drain", "intense_at_scale")}  # fmt: skip
    gained = {name: (data - central_run).squeeze("member").sel(edge=2031.0) for name, data in runs.items()}
    assert float(gained["diaspora_return"].returned_engineers) > 50.0
    assert float(gained["diaspora_return"].employed_in_sector) > 0.0
    assert float(gained["brain_drain"].emigrated_engineers) > 500.0
    assert float(gained["brain_drain"].employed_in_sector) < -100.0
    assert float(gained["intense_at_scale"].trained_with_intense) > 100.0
    leaving = runs["intense_at_scale"].leaving_for_intense
    national = leaving.sum([dim for dim in leaving.dims if dim != "period"]).sel(period=slice(2026, None))
    assert national.values == pytest.approx(880.0), "all places, every year"
    freed = by(runs["intense_at_scale"], "ending_bond") - by(central_run, "ending_bond")
    first = int(freed.period[np.abs(freed.squeeze("member")) > 1e-6][0])
    assert first == 2030, "intake 2026, two years of study, two of bonded work"


# equations on round numbers


def test_return_follows_posts_and_pay_and_is_one_at_the_reference() -> None:
    given = {"return_elasticity_of_posts": 0.5, "return_elasticity_of_pay": 1.0}
    found = diaspora.return_pull_ratio(
        perceived_senior_posts=1.0, pay_of_experienced=1.0, foreign_pay_ratio=1.0, **given
    )
    assert found == pytest.approx(1.0, rel=1e-12)
    found = diaspora.return_pull_ratio(
        perceived_senior_posts=4.0, pay_of_experienced=1.0, foreign_pay_ratio=2.0, **given
    )
    assert found == pytest.approx(1.0, rel=1e-12), "four times the posts make up for half the pay"


def test_whoever_returns_is_a_senior_or_not() -> None:
    levels = xr.DataArray([0.0, 1.0], {"seniority": ["independent", "senior"]}, ["seniority"])
    found = diaspora.seniority_of_returners_share(returner_senior_share=0.25, is_senior=levels)
    assert found.values.tolist() == [0.75, 0.25]


def test_what_is_not_paid_brings_nobody_and_engages_nobody() -> None:
    assert diaspora.brought_home(diaspora_posts_filled=60.0, diaspora_post_additional_share=0.5, funded_share=0) == 0
    unpaid = diaspora.connectors_active(
        engineers_abroad=1000.0, connector_share=0.25, connector_programme_share=0.5, funded_share=0
    )
    assert unpaid == 250.0

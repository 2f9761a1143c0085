"""Workforce, labour market and design firms a second time, in plain NumPy, written from the equation book alone.

The book is what `vimach export equations` prints. Nothing of the package is imported here, and nothing was taken from
it: a name, a start, a term or a convention that stands below stands in the book. An equation that changes in the
model, for good reasons or bad, must be read in the book and changed here by hand.

`run` gives every variable of the three sectors and every state that one of their flows moves. What other sectors send
is given at each step.
"""

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import xarray as xr

Array = np.ndarray[Any, np.dtype[np.float64]]
Points = tuple[Sequence[float], Sequence[float]]
N = None  # an axis of length one

# Dimensions

LABELS = {
    "region": ("north", "central", "south"),
    "programme": ("dedicated", "specialisation", "relabelled", "related"),
    "door": ("dedicated", "related", "conversion"),
    "track": ("design", "atp", "fab"),
    "experience": ("novice", "independent", "senior", "lead"),
    "tenure": ("first_year", "second_year", "two_years_or_more"),
    "firm_kind": ("foreign_branch", "domestic", "spin_out"),
    "firm_age": ("new", "growing", "mature"),
    "host": ("taiwan", "korea", "japan", "united_states", "other"),
    "seniority": ("independent", "senior"),
}
NORTH, CENTRAL, SOUTH = range(3)
DEDICATED, RELATED, CONVERSION = range(3)
DESIGN = 0
NOVICE, INDEPENDENT, SENIOR, LEAD = range(4)
FIRST_YEAR, SECOND_YEAR, TWO_YEARS_OR_MORE = range(3)
NEW, GROWING, MATURE = range(3)
TAIWAN, KOREA, JAPAN, UNITED_STATES, OTHER = range(5)

# What is given: names by their dimensions, in the order in which the book writes these

READ = {
    # from places, regions, macro and funding
    "work_region_share": "region track", "design_region_share": "region", "plants_region_share": "region",
    "students_region_share": "region", "moving_north_to_central": "track experience",
    "moving_north_to_south": "track experience", "moving_central_to_north": "track experience",
    "moving_central_to_south": "track experience", "moving_south_to_north": "track experience",
    "moving_south_to_central": "track experience", "parents_hiring_ratio": "", "parents_entry_ratio": "",
    "home_demand_ratio": "", "competing_demand_ratio": "", "adjacent_engineers_interested": "", "funded_share": "",
    "retention_paid_share": "",
    # from education, faculty, conversion and partnerships
    "seeking_first_job": "region programme door track", "seeking_elsewhere": "region programme door track",
    "seeking_after_conversion": "region track", "seeking_after_centre": "region track",
    "moving_to_industry": "region track", "trained_moving_to_industry": "region track",
    "doctors_into_teaching": "region", "recruiting_lecturers": "region", "training_lecturers": "region",
    "lecturers_retiring": "region", "branch_entry_ratio": "firm_kind",
    # from scholarships and diaspora
    "returning_from_intense": "region track", "staying_after_bond": "region", "pull_of_host": "host",
    "returning": "region track host seniority", "returned_seekers": "region track seniority",
    "returners_joining_as_independent": "region track", "returners_joining_as_senior": "region track",
    "taking_industry_posts": "region track host", "taking_teaching_posts": "region host",
    "students_staying_abroad": "host", "leaving_chips_abroad": "host", "retiring_abroad": "host",
    "connector_mentoring_ratio": "", "connector_entry_ratio": "firm_kind",
    # from plants, fabs, the investment climate and research
    "growth_posts_of_atp": "region", "growth_posts_of_fab": "region", "fab_pull_of_adjacent": "",
    "technicians_wanted": "region", "technicians_region_share": "region", "investment_climate_effect": "firm_kind",
    "research_growth_ratio": "", "research_knowledge_ratio": "", "start_ups_from_research": "region firm_kind",
}  # fmt: skip

PARAMETERS = {
    # labour market
    "in_design": "track", "in_atp": "track", "in_fab": "track", "juniors_bind": "",
    "novice_post_share_if_posts_bind": "track", "novice_post_share_if_juniors_bind": "track", "team_ratio_effect": "",
    "vacancy_time": "", "door_preference": "door", "junior_search_time": "", "experienced_search_time": "",
    "search_time": "", "matching_sharpness": "", "track_of_adjacent_share": "track",
    "pay_elasticity_of_lateral_entry": "", "track_share_without_posts": "track", "move_rate": "",
    "job_seekers_2015": "door track", "experienced_seekers_2015": "track", "perception_time": "",
    "plan_adjustment_time": "", "placement_share_2015": "", "fill_share_2015": "", "senior_fill_share_2015": "",
    "pay_adjustment_time": "", "pay_ratio_2015": "", "moving_time": "", "juniors_moving_2015": "door track",
    # workforce
    "lateral_senior_share": "", "mentoring_share": "", "novices_per_mentor": "", "time_to_independent": "",
    "time_to_senior": "", "time_to_lead": "", "is_novice": "experience", "quit_rate": "experience",
    "pay_elasticity_of_quits": "", "retention_effect": "", "emigration_rate": "experience", "time_as_lead": "",
    "academia_rate": "", "technician_hiring_time": "", "technician_graduates": "", "technicians_trained_extra": "",
    "technician_quit_rate": "", "engineers_2015": "track", "experience_share_2015": "experience",
    "technicians_2015": "", "tenure_step_time": "", "lecturers_2015": "", "engineers_abroad_2015": "host",
    "counting_base_date": "",
    # design firms
    "design_engineers_reference": "", "pool_elasticity": "", "firms_at_half_entry": "", "firm_entry_base": "firm_kind",
    "exposed_to_parents_share": "firm_kind", "entry_luck": "", "spin_out_rate": "", "founded_by_seniors": "firm_kind",
    "time_as_new_firm": "", "time_as_growing_firm": "", "firm_exit_rate": "firm_age", "exit_luck": "",
    "fill_elasticity": "", "pay_brake_elasticity": "", "posts_of_new_firm": "", "posts_of_growing_firm": "",
    "plan_growth_rate": "", "growth_luck": "", "engineers_per_firm_without_firms": "", "design_firms_2015": "",
    "firm_kind_share": "firm_kind", "firm_age_share": "firm_age",
}  # fmt: skip

PER_YEAR = {
    "quitting", "emigrating", "leaving_for_host", "retiring", "joining_faculty", "replacement_demand", "starting_work",
    "joining_as_independent", "joining_as_senior", "becoming_independent", "becoming_senior", "becoming_lead",
    "hiring_technicians", "technicians_quitting", "posts_opened", "posts_for_novices", "posts_for_experienced",
    "junior_reach", "novice_hires", "experienced_reach", "lateral_hires", "arriving_to_seek", "giving_up",
    "adjacent_engineers_applying", "experienced_giving_up", "moves_between_firms", "growth_posts_of_design",
    "entering_firms", "new_firms_growing", "growing_firms_maturing", "closing_firms",
}  # fmt: skip
"""What is counted per year: people or firms a year."""


def ratio(a: Array, b: Array, c: Array | float) -> Array:
    """a / b, going over into c where b falls to nothing."""
    return np.asarray((a + 1e-9 * c) / (b + 1e-9))


# Starts


def start(v: SimpleNamespace) -> dict[str, Array]:
    """The states at the start, by name."""
    engineers = (v.engineers_2015 * v.work_region_share)[:, :, N] * v.experience_share_2015
    by_tenure = np.zeros((*engineers.shape[:-1], 3, engineers.shape[-1]))
    by_tenure[:, :, :, TWO_YEARS_OR_MORE] = engineers
    kinds = v.design_firms_2015 * v.design_region_share[:, N] * v.firm_kind_share
    regions, tracks, members = v.work_region_share.shape
    by_region, by_track = np.ones((regions, members)), np.ones((regions, tracks, members))
    return {
        "engineers": engineers,
        "engineers_by_tenure": by_tenure,
        "technicians": v.technicians_2015 * v.plants_region_share,
        "lecturers": v.lecturers_2015 * v.students_region_share,
        "engineers_abroad": v.engineers_abroad_2015,
        "job_seekers": v.job_seekers_2015 * v.work_region_share[:, N],
        "experienced_seekers": v.experienced_seekers_2015 * v.work_region_share,
        "juniors_moving": v.juniors_moving_2015,
        "first_jobs_counted": np.zeros((regions, *v.job_seekers_2015.shape)),
        "design_firms": kinds[:, :, N] * v.firm_age_share,
        "perceived_placement": v.placement_share_2015 * by_region,
        "perceived_fill": v.fill_share_2015 * by_track,
        "perceived_senior_fill": v.senior_fill_share_2015 * by_track,
        "pay_of_novices": v.pay_ratio_2015 * by_region,
        "pay_of_experienced": v.pay_ratio_2015 * by_region,
    }


# Equations at one time; each function adds to `v` what the book defines, under the book's names


def parts(v: SimpleNamespace) -> None:
    """States under one label."""
    v.northern_engineers, v.central_engineers, v.southern_engineers = v.engineers[[NORTH, CENTRAL, SOUTH]]
    v.novices, v.independents = v.engineers[:, :, NOVICE], v.engineers[:, :, INDEPENDENT]
    v.seniors, v.leads = v.engineers[:, :, SENIOR], v.engineers[:, :, LEAD]
    v.dedicated_seekers, v.related_seekers = v.job_seekers[:, DEDICATED], v.job_seekers[:, RELATED]
    v.conversion_seekers = v.job_seekers[:, CONVERSION]
    v.new_firms, v.growing_firms = v.design_firms[:, :, NEW], v.design_firms[:, :, GROWING]
    v.mature_firms = v.design_firms[:, :, MATURE]
    v.engineers_in_taiwan, v.engineers_in_korea, v.engineers_in_japan = v.engineers_abroad[[TAIWAN, KOREA, JAPAN]]
    v.engineers_in_united_states, v.engineers_elsewhere_abroad = v.engineers_abroad[[UNITED_STATES, OTHER]]


def leaving_and_rising(v: SimpleNamespace) -> None:
    """Workforce: what needs nothing of the labour market but pay."""
    v.engineers_by_track = v.engineers.sum(axis=2)
    v.pay_by_experience = v.pay_of_novices[:, N] * v.is_novice + v.pay_of_experienced[:, N] * (1 - v.is_novice)
    not_retained = 1 - np.minimum(1, v.retention_paid_share * v.retention_effect)
    pay_effect = v.competing_demand_ratio * v.pay_by_experience ** (0 - v.pay_elasticity_of_quits)
    v.quitting = v.engineers * v.quit_rate * pay_effect[:, N] * not_retained
    v.emigrating = v.engineers[:, :, :, N] * v.emigration_rate[:, N] * v.pull_of_host * not_retained
    v.leaving_for_host = v.emigrating.sum(axis=(0, 1, 2))
    v.retiring = v.leads / v.time_as_lead
    v.joining_faculty = v.seniors * v.academia_rate
    v.replacement_demand = (v.quitting + v.emigrating.sum(axis=3)).sum(axis=2) + v.retiring + v.joining_faculty
    v.mentors_available = (v.seniors + v.leads) * v.mentoring_share * v.connector_mentoring_ratio
    v.becoming_independent = np.minimum(v.novices, v.mentors_available * v.novices_per_mentor) / v.time_to_independent
    v.becoming_senior = v.independents / v.time_to_senior
    v.becoming_lead = v.seniors / v.time_to_lead
    v.technicians_quitting = v.technicians * v.technician_quit_rate
    v.hiring_technicians = np.minimum(
        np.maximum(0, (v.technicians_wanted - v.technicians) / v.technician_hiring_time + v.technicians_quitting),
        (v.technician_graduates + v.technicians_trained_extra * v.funded_share) * v.technicians_region_share,
    )


def design_firms(v: SimpleNamespace) -> None:
    """Design firms: plans, entry, ageing and closing."""
    v.design_engineers = v.engineers_by_track[:, DESIGN]
    dear = v.pay_of_experienced ** (0 - v.pay_brake_elasticity)
    v.plan_brake = v.perceived_fill[:, DESIGN] ** v.fill_elasticity * dear
    posts_of_young_firms = v.new_firms * v.posts_of_new_firm + v.growing_firms * v.posts_of_growing_firm
    growth = v.plan_growth_rate * v.parents_hiring_ratio * v.home_demand_ratio * v.research_growth_ratio
    posts = posts_of_young_firms.sum(axis=1) + v.design_engineers * growth
    v.growth_posts_of_design = posts * v.growth_luck * v.plan_brake
    v.design_seniors = v.seniors[:, DESIGN] + v.leads[:, DESIGN]
    pool = v.design_engineers / (v.design_engineers_reference * v.design_region_share)
    v.engineer_pool_effect = pool**v.pool_elasticity
    all_firms = v.design_firms.sum(axis=(1, 2))
    v.crowding = 1 / (1 + all_firms / (v.firms_at_half_entry * v.design_region_share))
    v.entering_firms = (
        v.firm_entry_base * v.design_region_share[:, N] * (1 - v.exposed_to_parents_share * (1 - v.parents_entry_ratio))
        * v.engineer_pool_effect[:, N] * (v.branch_entry_ratio * v.connector_entry_ratio)
        + v.design_seniors[:, N] * v.spin_out_rate * v.founded_by_seniors
    ) * v.crowding[:, N] * v.investment_climate_effect * v.research_knowledge_ratio * v.entry_luck  # fmt: skip
    v.new_firms_growing = v.new_firms / v.time_as_new_firm
    v.growing_firms_maturing = v.growing_firms / v.time_as_growing_firm
    v.closing_firms = v.design_firms * v.firm_exit_rate * v.exit_luck
    v.engineers_per_firm = ratio(v.design_engineers, all_firms, v.engineers_per_firm_without_firms)


def posts(v: SimpleNamespace) -> None:
    """Labour market: posts, by region and track."""
    v.posts_opened = np.maximum(
        0,
        v.growth_posts_of_design[:, N] * v.in_design + v.growth_posts_of_atp[:, N] * v.in_atp
        + v.growth_posts_of_fab[:, N] * v.in_fab + v.replacement_demand,
    )  # fmt: skip
    if_posts, if_juniors = v.novice_post_share_if_posts_bind, v.novice_post_share_if_juniors_bind
    v.novice_post_share = if_posts * (1 - v.juniors_bind) + if_juniors * v.juniors_bind
    teams_complete = 1 - v.team_ratio_effect * (1 - v.perceived_senior_fill)
    v.posts_for_novices = v.posts_opened * v.novice_post_share * teams_complete
    in_all_tracks = v.posts_for_novices.sum(axis=1, keepdims=True)
    v.open_posts_share = ratio(v.posts_for_novices, in_all_tracks, v.track_share_without_posts)
    v.posts_for_experienced = v.posts_opened * (1 - v.novice_post_share)
    both = v.posts_for_novices + v.posts_for_experienced
    v.posts_region_share = ratio(both, both.sum(axis=0), v.work_region_share)
    v.vacancies = both * v.vacancy_time


def matching(v: SimpleNamespace) -> None:
    """Labour market: who is hired, moves, applies or gives up, and where pay goes."""
    sharp, fall = v.matching_sharpness, 0 - 1 / v.matching_sharpness
    v.junior_reach = v.job_seekers * v.door_preference[:, N] / v.junior_search_time
    crowd = ratio(v.junior_reach.sum(axis=1), v.posts_for_novices, 1)
    v.novice_hires = v.junior_reach * ((1 + crowd**sharp) ** fall)[:, N]
    v.starting_work = v.novice_hires
    seekers = v.experienced_seekers + v.returned_seekers.sum(axis=2)
    v.experienced_reach = seekers / v.experienced_search_time
    v.experienced_match_share = (1 + ratio(v.experienced_reach, v.posts_for_experienced, 1) ** sharp) ** fall
    v.lateral_hires = v.experienced_reach * v.experienced_match_share
    joining = v.experienced_seekers / v.experienced_search_time * v.experienced_match_share
    v.joining_as_independent = joining * (1 - v.lateral_senior_share)
    v.joining_as_senior = joining * v.lateral_senior_share
    v.arriving_to_seek = v.juniors_moving / v.moving_time * v.posts_region_share[:, N]
    v.giving_up = v.job_seekers / v.search_time
    tracks = v.track_of_adjacent_share * (1 - v.fab_pull_of_adjacent) + v.in_fab * v.fab_pull_of_adjacent
    pay_effect = v.pay_of_experienced**v.pay_elasticity_of_lateral_entry
    v.adjacent_engineers_applying = v.adjacent_engineers_interested * tracks * v.posts_region_share * pay_effect[:, N]
    v.experienced_giving_up = v.experienced_seekers / v.search_time
    tightness = ratio(v.posts_for_novices.sum(axis=1), v.junior_reach.sum(axis=(1, 2)), 1)
    v.novice_pay_wanted = np.interp(tightness, *v.pay_by_tightness)
    tightness = ratio(v.posts_for_experienced.sum(axis=1), v.experienced_reach.sum(axis=1), 1)
    v.experienced_pay_wanted = np.interp(tightness, *v.pay_by_tightness)
    placed = v.novice_hires.sum(axis=(1, 2))
    v.placement_share = ratio(placed, placed + v.giving_up.sum(axis=(1, 2)), 1)
    filled = v.novice_hires.sum(axis=1) + v.lateral_hires
    v.fill_share = np.minimum(1, ratio(filled, v.posts_for_novices + v.posts_for_experienced, 1))
    v.senior_fill_share = np.minimum(1, ratio(v.lateral_hires, v.posts_for_experienced, 1))
    v.moves_between_firms = v.engineers_by_track * v.move_rate


EQUATIONS: tuple[Callable[[SimpleNamespace], None], ...] = (parts, leaving_and_rising, design_firms, posts, matching)

# Changes a year


def changes(v: SimpleNamespace) -> dict[str, Array]:
    """What each state gains a year, by name."""
    since = (v.calendar >= v.counting_base_date) * 1.0
    seekers = v.seeking_first_job.sum(axis=1) + v.arriving_to_seek - v.giving_up - v.starting_work
    seekers[:, CONVERSION] += v.seeking_after_conversion + v.seeking_after_centre
    abroad = (
        v.students_staying_abroad - v.leaving_chips_abroad - v.retiring_abroad - v.returning.sum(axis=(0, 1, 3))
        - v.taking_industry_posts.sum(axis=(0, 1)) - v.taking_teaching_posts.sum(axis=0) + v.leaving_for_host
    )  # fmt: skip
    abroad[TAIWAN] += v.staying_after_bond.sum(axis=0)
    firms = -v.closing_firms
    firms[:, :, NEW] += v.entering_firms - v.new_firms_growing + v.start_ups_from_research
    firms[:, :, GROWING] += v.new_firms_growing - v.growing_firms_maturing
    firms[:, :, MATURE] += v.growing_firms_maturing
    return {
        "engineers": change_of_engineers(v),
        "engineers_by_tenure": change_of_engineers_by_tenure(v),
        "technicians": v.hiring_technicians - v.technicians_quitting,
        "lecturers": v.doctors_into_teaching + v.recruiting_lecturers - v.training_lecturers
        - v.moving_to_industry.sum(axis=1) - v.lecturers_retiring + v.joining_faculty.sum(axis=1),
        "engineers_abroad": abroad,
        "job_seekers": seekers,
        "experienced_seekers": v.trained_moving_to_industry + v.moving_to_industry + v.returning_from_intense
        + v.adjacent_engineers_applying - v.experienced_giving_up - v.joining_as_independent - v.joining_as_senior,
        "juniors_moving": v.seeking_elsewhere.sum(axis=(0, 1)) - v.arriving_to_seek.sum(axis=0),
        "first_jobs_counted": v.starting_work * since,
        "design_firms": firms,
        "perceived_placement": (v.placement_share - v.perceived_placement) / v.perception_time,
        "perceived_fill": (v.fill_share - v.perceived_fill) / v.plan_adjustment_time,
        "perceived_senior_fill": (v.senior_fill_share - v.perceived_senior_fill) / v.plan_adjustment_time,
        "pay_of_novices": (v.novice_pay_wanted - v.pay_of_novices) / v.pay_adjustment_time,
        "pay_of_experienced": (v.experienced_pay_wanted - v.pay_of_experienced) / v.pay_adjustment_time,
    }  # fmt: skip


def moves(v: SimpleNamespace) -> list[tuple[int, int, Array]]:
    """Moves between regions: from, to, engineers a year by track and experience."""
    return [
        (NORTH, CENTRAL, v.moving_north_to_central), (NORTH, SOUTH, v.moving_north_to_south),
        (CENTRAL, NORTH, v.moving_central_to_north), (CENTRAL, SOUTH, v.moving_central_to_south),
        (SOUTH, NORTH, v.moving_south_to_north), (SOUTH, CENTRAL, v.moving_south_to_central),
    ]  # fmt: skip


def change_of_engineers(v: SimpleNamespace) -> Array:
    """By region, track and experience."""
    change: Array = -v.quitting - v.emigrating.sum(axis=3)
    for here, there, moving in moves(v):
        change[here] -= moving
        change[there] += moving
    change[:, :, NOVICE] += v.starting_work.sum(axis=1) - v.becoming_independent
    change[:, :, INDEPENDENT] += (
        v.returners_joining_as_independent + v.joining_as_independent + v.becoming_independent - v.becoming_senior
    )
    change[:, :, SENIOR] += (
        v.returners_joining_as_senior + v.taking_industry_posts.sum(axis=2) + v.joining_as_senior
        + v.becoming_senior - v.becoming_lead - v.joining_faculty
    )  # fmt: skip
    change[:, :, LEAD] += v.becoming_lead - v.retiring
    return change


def change_of_engineers_by_tenure(v: SimpleNamespace) -> Array:
    """By region, track, experience and tenure: who moves or leaves is as any other of the same place."""
    share = v.engineers_by_tenure / np.maximum(v.engineers[:, :, :, N], 1e-12)
    change: Array = -(v.quitting + v.emigrating.sum(axis=3))[:, :, :, N] * share
    for here, there, moving in moves(v):
        moved = moving[:, :, N] * share[here]
        change[here] -= moved
        change[there] += moved
    promotions = (
        (NOVICE, INDEPENDENT, v.becoming_independent), (INDEPENDENT, SENIOR, v.becoming_senior),
        (SENIOR, LEAD, v.becoming_lead),
    )  # fmt: skip
    for below, above, rising in promotions:
        risen = rising[:, :, N] * share[:, :, below]
        change[:, :, below] -= risen
        change[:, :, above] += risen
    change[:, :, LEAD] -= v.retiring[:, :, N] * share[:, :, LEAD]
    change[:, :, SENIOR] -= v.joining_faculty[:, :, N] * share[:, :, SENIOR]
    change[:, :, NOVICE, FIRST_YEAR] += v.starting_work.sum(axis=1)
    change[:, :, INDEPENDENT, FIRST_YEAR] += v.returners_joining_as_independent + v.joining_as_independent
    change[:, :, SENIOR, FIRST_YEAR] += v.returners_joining_as_senior + v.joining_as_senior
    change[:, :, SENIOR, FIRST_YEAR] += v.taking_industry_posts.sum(axis=2)
    for sooner, later in ((FIRST_YEAR, SECOND_YEAR), (SECOND_YEAR, TWO_YEARS_OR_MORE)):
        ageing = v.engineers_by_tenure[:, :, :, sooner] * (1 / v.tenure_step_time)
        change[:, :, :, sooner] -= ageing
        change[:, :, :, later] += ageing
    return change


# The run


def arranged(values: xr.DataArray, dims: str) -> Array:
    """An array (time if it has one, *dims, member) with the labels in the book's order."""
    own = dims.split()
    chosen = values.sel({dim: list(LABELS[dim]) for dim in own})
    return np.asarray(chosen.transpose(*(["time"] if "time" in values.dims else []), *own, "member").values)


def run(
    given: Mapping[str, xr.DataArray], curves: Mapping[str, Points], begin: float, years: int, steps_per_year: int = 16
) -> dict[str, Array]:
    """Every variable by name, axes as the book writes them and members last.

    `given` holds what `READ` and `PARAMETERS` name, with dimensions by name and a dimension "member"; what changes
    has a dimension "time", a value for each step and for the end. `curves` holds x and y of `pay_by_tightness`.
    Stocks and auxiliaries come at the start of each year and at the end, (years + 1, ...); what is counted per year
    comes as the sum over each year, (years, ...).
    """
    step, steps = 1 / steps_per_year, years * steps_per_year
    arrays = {name: arranged(given[name], dims) for name, dims in {**READ, **PARAMETERS}.items()}
    moving = {name: values for name, values in arrays.items() if "time" in given[name].dims}
    v = SimpleNamespace(**arrays, **curves, calendar=begin)
    known, told = set(vars(v)), dict[str, list[Array]]()
    for count in range(steps + 1):
        v.calendar = begin + count * step
        vars(v).update({name: values[count] for name, values in moving.items()})
        if count == 0:
            states = start(v)
        vars(v).update(states)
        for equations in EQUATIONS:
            equations(v)
        for name in vars(v).keys() - known:
            value, so_far = vars(v)[name], told.setdefault(name, [])
            if name not in PER_YEAR:
                so_far += [value] if count % steps_per_year == 0 else []
            elif count < steps:
                so_far += [np.zeros_like(value)] if count % steps_per_year == 0 else []
                so_far[-1] += value * step
        states = {name: states[name] + change * step for name, change in changes(v).items()}
    return {name: np.stack(values) for name, values in told.items()}

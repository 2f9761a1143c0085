"""Fabs: projects through their milestones, the staff they need, what they produce, and the state's share of the cost.

Ground is broken, the building goes up, trial production begins late, output ramps up as far as staff allow. Whether a
project lapses and how late it is are drawn before the run, so the date of trial production has a distribution. A
project that lapses never recruits: this flatters a lapse, since people hired early would have to find other work.
"""

from vimach.sectors import places
from vimach.sectors.places import CHIEF_POST, EXPERIENCE, FAB_PROJECT, REGION, TRACK
from vimach.structure import auxiliary, flow, maximum, minimum, part, ratio, total
from vimach.units import (
    Dong,
    DongPerFab,
    DongPerYear,
    Fabs,
    People,
    PeoplePerFab,
    PeoplePerYear,
    Ratio,
    Share,
    Years,
)


@auxiliary
def fab_goes_ahead(fab_planned: Fabs, fab_realised: Share) -> Fabs:
    """1 where a fab project is carried through: what is on the list, as far as such plans came about so far."""
    return fab_planned * fab_realised


@auxiliary
def fab_trial_production_date(
    fab_trial_planned: Years, fab_slippage_time: Years, slippage_cut_by_chief_engineers: Share, chiefs_settled: Share
) -> Years:
    """When each fab begins trial production if it is built: as planned plus slippage, which chief engineers shorten."""
    cut = slippage_cut_by_chief_engineers * part(chiefs_settled, CHIEF_POST, "chief_engineer")
    return fab_trial_planned + fab_slippage_time * (1 - cut)


@auxiliary
def fab_built_share(fab_ground_broken: Years, fab_trial_production_date: Years, calendar: Years) -> Share:
    """How much of each fab stands: 0 when ground is broken, 1 when trial production begins; a steady pace."""
    return minimum(1, maximum(0, (calendar - fab_ground_broken) / (fab_trial_production_date - fab_ground_broken)))


@auxiliary
def fab_in_trial_production(
    fab_trial_production_date: Years, fab_switch_time: Years, fab_goes_ahead: Fabs, calendar: Years
) -> Fabs:
    """1 from the date of trial production on, 0 before and for a project that lapses. No fab closes in this model."""
    return fab_goes_ahead * minimum(
        1, maximum(0, (calendar - fab_trial_production_date + fab_switch_time) / fab_switch_time)
    )


@auxiliary
def fab_recruited_share(
    fab_ground_broken: Years, fab_trial_production_date: Years, fab_recruiting_lead_time: Years, fab_ramp_time: Years,
    calendar: Years,
) -> Share:  # fmt: skip
    """Of a fab's staff at planned size, the share wanted by now: from some time before trial production to its ramp's
    end, and nobody before ground is broken."""
    begin = maximum(fab_ground_broken, fab_trial_production_date - fab_recruiting_lead_time)
    return minimum(1, maximum(0, (calendar - begin) / (fab_trial_production_date + fab_ramp_time - begin)))


@auxiliary
def fab_jobs(
    fab_goes_ahead: Fabs, fab_recruited_share: Share, fab_staff: PeoplePerFab, fab_region_share: Share
) -> People:
    """Engineers and technicians that fabs would employ by now, by region; operators are not counted."""
    return total(fab_goes_ahead * fab_recruited_share * fab_staff * fab_region_share, FAB_PROJECT)


@auxiliary
def fab_engineers_wanted(fab_jobs: People, fab_engineer_share: Share) -> People:
    """Engineers wanted by fabs."""
    return fab_jobs * fab_engineer_share


@auxiliary
def fab_technicians_wanted(fab_jobs: People, fab_engineer_share: Share) -> People:
    """Technicians wanted by fabs; they come from the same schools as those of plants."""
    return fab_jobs * (1 - fab_engineer_share)


@auxiliary
def fab_engineers(engineers: People) -> People:
    """Engineers of fabs at work, by region."""
    return part(total(engineers, EXPERIENCE), TRACK, "fab")


@auxiliary
def growth_posts_of_fab(fab_engineers_wanted: People, fab_engineers: People, fab_staffing_time: Years) -> PeoplePerYear:
    """Posts that fabs open to reach their staffing."""
    return (fab_engineers_wanted - fab_engineers) / fab_staffing_time


@auxiliary
def fab_staffing_share(
    fab_engineers_wanted: People, fab_engineers: People, technicians_wanted: People, technicians: People
) -> Share:
    """Of the staff that fabs want by now, the share that is there; the scarcer kind decides, the same in all fabs."""
    engineers_there = minimum(1, ratio(total(fab_engineers, REGION), total(fab_engineers_wanted, REGION), 1))
    return minimum(engineers_there, minimum(1, ratio(total(technicians, REGION), total(technicians_wanted, REGION), 1)))


@auxiliary
def fab_output(
    fab_in_trial_production: Fabs, fab_trial_production_date: Years, fab_ramp_time: Years, fab_staffing_share: Share,
    calendar: Years,
) -> Fabs:  # fmt: skip
    """Output of each fab, 1 = as planned: ramp of the process and missing staff together."""
    ramp = minimum(1, maximum(0, (calendar - fab_trial_production_date) / fab_ramp_time))
    return fab_in_trial_production * ramp * fab_staffing_share


@auxiliary
def fab_investment(fab_built_share: Share, fab_goes_ahead: Fabs, fab_registered_capital: DongPerFab) -> Dong:
    """Money put into fabs so far, were all registered capital spent at the pace of building; nobody has audited any."""
    return total(fab_built_share * fab_goes_ahead * fab_registered_capital, FAB_PROJECT)


@auxiliary
def fab_subsidy_due(
    fab_in_trial_production: Fabs, fab_trial_production_date: Years, fab_subsidy_deadline: Years,
    fab_switch_time: Years, fab_subsidy_share: Share, fab_registered_capital: DongPerFab, fab_subsidy_cap: DongPerFab,
) -> Dong:  # fmt: skip
    """What the state owes each fab: a share of its investment, capped, if it produces before the deadline.

    Trial production is read as the production and acceptance that the law asks for: the earliest reading.
    """
    in_time = minimum(
        1, maximum(0, (fab_subsidy_deadline - fab_trial_production_date + fab_switch_time) / fab_switch_time)
    )
    support = minimum(fab_subsidy_share * fab_registered_capital, fab_subsidy_cap)
    return fab_in_trial_production * in_time * support


@flow(places.treasury >> places.fab_subsidies_paid)
def paying_fab_subsidy(fab_subsidy_due: Dong, fab_subsidies_paid: Dong, fab_subsidy_time: Years) -> DongPerYear:
    """Support paid by the central budget under a law of its own; no part of the chip programme or of its limits."""
    return maximum(0, fab_subsidy_due - fab_subsidies_paid) / fab_subsidy_time


@auxiliary
def fab_pull_share(posts_opened: PeoplePerYear, fab_pull_ratio: Ratio) -> Share:
    """Of those who prepare for or look for chip work in a region, the share turned to fabs: as many as fabs have of
    all posts there, times a response; nobody while no fab recruits."""
    fabs = ratio(part(posts_opened, TRACK, "fab"), total(posts_opened, TRACK), 0)
    return minimum(1, fabs * fab_pull_ratio)


@auxiliary
def fab_pull_of_adjacent(posts_opened: PeoplePerYear, fab_pull_ratio: Ratio) -> Share:
    """The same for engineers of adjacent industry, who look at the whole country."""
    posts = total(posts_opened, REGION)
    return minimum(1, ratio(part(posts, TRACK, "fab"), total(posts, TRACK), 0) * fab_pull_ratio)


def turned_to_fabs(track_share: Share, fab_pull: Share, in_fab: Share) -> Share:
    """A split over tracks after fabs drew their part: all other tracks give in proportion, so it still adds up."""
    return track_share * (1 - fab_pull) + in_fab * fab_pull


@auxiliary
def fabs_in_trial_production(fab_in_trial_production: Fabs) -> Fabs:
    """Fabs that have begun trial production; the target says small-scale fab and not how much it must produce."""
    return total(fab_in_trial_production, FAB_PROJECT)


@auxiliary
def employed_fab(fab_engineers: People) -> People:
    """Fab engineers at work, in the whole country."""
    return total(fab_engineers, REGION)


@auxiliary
def fab_subsidy(paying_fab_subsidy: DongPerYear) -> DongPerYear:
    """State money paid to fabs, by the central budget; stands beside the cost of the chip programme, never inside."""
    return total(paying_fab_subsidy, FAB_PROJECT)

"""Detail: the ladder, the two gaps and replacement demand by region, track and experience. Nothing here feeds back.

Each adds up to its national number. Where a dimension has no meaning it is left out rather than invented: an
applicant or student has no track before the end of his studies and no experience at all, so admitted and enrolled stand
by region only (`admitted_related`, `chip_students`), people trained by region and track, and first jobs, which are all
novices, by region, track and door (`first_jobs_counted`). Engineers at work stand in `engineers`, net-new completers in
`conversions_counted_by_track` and `centres_counted`.
"""

from vimach.sectors.places import HOST, PROGRAMME, TENURE, TRACK
from vimach.structure import auxiliary, part, ratio, total
from vimach.units import People, PeoplePerYear, Share, Years


@auxiliary
def trained_in_detail(
    graduates_counted: People, relabelled_counted: Share, masters_counted: People, masters_are_counted: Share,
    graduates_counted_by_track: People, track_share_without_posts: Share, conversions_counted_by_track: People,
    centres_counted: People,
) -> People:  # fmt: skip
    """Rung trained_cumulative by region and track.

    Graduates of chip programmes are split by what their programmes prepared for; those moved in after entry and masters
    of other first degrees, of whom only the region is known, like the others of their region.
    """
    first = part(graduates_counted, PROGRAMME, "dedicated") + part(graduates_counted, PROGRAMME, "specialisation")
    later = part(graduates_counted, PROGRAMME, "relabelled") * relabelled_counted
    masters = part(masters_counted, PROGRAMME, "related") * masters_are_counted
    by_track = graduates_counted_by_track
    split = ratio(by_track, total(by_track, TRACK), track_share_without_posts)
    return (first + later + masters) * split + conversions_counted_by_track + centres_counted


@auxiliary
def retained_in_detail(engineers_by_tenure: People) -> People:
    """Rung retained_two_years by region, track and experience: at work, and joined two years ago or more."""
    return part(engineers_by_tenure, TENURE, "two_years_or_more")


@auxiliary
def replacement_demand_in_detail(
    quitting: PeoplePerYear, emigrating: PeoplePerYear, retiring: PeoplePerYear, joining_faculty: PeoplePerYear,
    lead_stage: Share, senior_stage: Share,
) -> PeoplePerYear:  # fmt: skip
    """Posts to refill each year by the experience of those who leave; leads retire, seniors turn to teaching."""
    return quitting + total(emigrating, HOST) + retiring * lead_stage + joining_faculty * senior_stage


@auxiliary
def vacancies_in_detail(
    posts_for_novices: PeoplePerYear, posts_for_experienced: PeoplePerYear, vacancy_time: Years, is_novice: Share,
    lateral_senior_share: Share, senior_stage: Share, independent_stage: Share,
) -> People:  # fmt: skip
    """The funded-job gap by region, track and experience: posts open at one time.

    Posts for the experienced are for independents and seniors, in the mix in which they are hired. Leads have none:
    firms raise them from their own seniors.
    """
    experienced = senior_stage * lateral_senior_share + independent_stage * (1 - lateral_senior_share)
    return (posts_for_novices * is_novice + posts_for_experienced * experienced) * vacancy_time


@auxiliary
def target_gap_in_detail(target_gap: People, engineers: People, employed_in_sector: People) -> People:
    """The target gap by region, track and experience, shared out like those at work: the Decision names no split."""
    return target_gap * ratio(engineers, employed_in_sector, 0)

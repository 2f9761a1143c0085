"""Diaspora: Vietnamese chip engineers abroad by host; who goes, who comes home, and who helps from where he is.

The stock was never counted: its level is judged and wide, its changes are better founded. Two groups help at home.
Returners come for good, more often as seniors than other newcomers; senior posts and pay at home bring them, and they
mentor. Connectors stay abroad, where they teach and mentor from afar and bring their firms.
"""

from vimach.sectors import places
from vimach.sectors.fab import turned_to_fabs
from vimach.sectors.places import EXPERIENCE, HOST, REGION, SENIORITY, TRACK
from vimach.structure import auxiliary, flow, initial, minimum, power, total
from vimach.units import (
    DongPerPerson,
    DongPerPersonYear,
    DongPerYear,
    People,
    PeoplePerYear,
    PerYear,
    Ratio,
    Share,
    Years,
)


@initial(places.engineers_abroad)
def engineers_abroad_at_start(engineers_abroad_2015: People) -> People:
    """Vietnamese chip engineers abroad in 2015, by host; never counted, a judged number."""
    return engineers_abroad_2015 * 1


# who goes


@auxiliary
def pull_of_host(foreign_pull_ratio: Ratio, emigrant_host_share: Share) -> Ratio:
    """How much of the usual emigration each host draws: its share of emigrants times its own pull; the sum is 1 at
    the pull of 2015. A host that pulls harder draws more people, and takes none from the other hosts."""
    return foreign_pull_ratio * emigrant_host_share


@auxiliary
def leaving_for_host(emigrating: PeoplePerYear) -> PeoplePerYear:
    """Engineers who leave work at home, by the host they go to."""
    return total(emigrating, REGION, TRACK, EXPERIENCE)


@flow(places.foreign_universities >> places.engineers_abroad)
def students_staying_abroad(
    vietnamese_students_abroad: People, stem_share_of_students_abroad: Share, study_time_abroad: Years,
    chip_share_of_students_abroad: Share,
) -> PeoplePerYear:  # fmt: skip
    """Vietnamese graduates of universities abroad who begin chip work there.

    As many finish as if numbers had always been those of today, so that while numbers grow people finish too early.
    Those who come home at once are not seen here: they are among the applicants of adjacent industry. INTENSE students
    are inside the counts of students in Taiwan as well, a double count of about one in a hundred.
    """
    return (
        vietnamese_students_abroad * stem_share_of_students_abroad / study_time_abroad * chip_share_of_students_abroad
    )


@flow(places.engineers_abroad >> places.abroad)
def leaving_chips_abroad(engineers_abroad: People, leaving_chips_abroad_rate: PerYear) -> PeoplePerYear:
    """Engineers abroad who take other work there."""
    return engineers_abroad * leaving_chips_abroad_rate


@flow(places.engineers_abroad >> places.retirement)
def retiring_abroad(engineers_abroad: People, retiring_abroad_rate: PerYear) -> PeoplePerYear:
    """Engineers abroad who stop working."""
    return engineers_abroad * retiring_abroad_rate


# who comes home


@auxiliary
def senior_posts_ratio(posts_for_experienced: PeoplePerYear, senior_posts_reference: PeoplePerYear) -> Ratio:
    """Posts at home for engineers who can work alone, against those of 2022: what those abroad hear of, with delay."""
    return total(posts_for_experienced, REGION, TRACK) / senior_posts_reference


@auxiliary
def return_pull_ratio(
    perceived_senior_posts: Ratio, return_elasticity_of_posts: Share, pay_of_experienced: Ratio,
    foreign_pay_ratio: Ratio, return_elasticity_of_pay: Share,
) -> Ratio:  # fmt: skip
    """How posts and pay at home, against pay in each host, speed return; 1 at the posts of 2022 and the pay of 2015."""
    posts = power(perceived_senior_posts, return_elasticity_of_posts)
    return posts * power(pay_of_experienced / foreign_pay_ratio, return_elasticity_of_pay)


@auxiliary
def seniority_of_returners_share(returner_senior_share: Share, is_senior: Share) -> Share:
    """How those who come home from each host split into seniors and others who can work alone."""
    return returner_senior_share * is_senior + (1 - returner_senior_share) * (1 - is_senior)


@auxiliary
def where_returners_work_share(
    track_of_returners_share: Share, fab_pull_of_adjacent: Share, in_fab: Share, posts_region_share: Share
) -> Share:
    """Track and region in which those who come home look for work: where posts are; fabs draw as many of them as of
    engineers of adjacent industry, who look at the whole country too."""
    return turned_to_fabs(track_of_returners_share, fab_pull_of_adjacent, in_fab) * posts_region_share


@flow(places.engineers_abroad >> places.returned_seekers)
def returning(
    engineers_abroad: People, return_rate: PerYear, return_pull_ratio: Ratio, where_returners_work_share: Share,
    seniority_of_returners_share: Share,
) -> PeoplePerYear:  # fmt: skip
    """Engineers who come home to look for work, by host, region, track and seniority."""
    return (
        engineers_abroad * return_rate * return_pull_ratio * where_returners_work_share * seniority_of_returners_share
    )


@flow(places.returned_independents >> places.independents)
def returners_joining_as_independent(
    returned_independents: People, experienced_search_time: Years, experienced_match_share: Share
) -> PeoplePerYear:
    """Returners hired for work on their own, on equal terms with engineers of adjacent industry."""
    return returned_independents / experienced_search_time * experienced_match_share


@flow(places.returned_seniors >> places.seniors)
def returners_joining_as_senior(
    returned_seniors: People, experienced_search_time: Years, experienced_match_share: Share
) -> PeoplePerYear:
    """Returners hired as seniors, who can mentor from the first day."""
    return returned_seniors / experienced_search_time * experienced_match_share


@flow(places.returned_seekers >> places.other_sectors)
def returners_giving_up(returned_seekers: People, search_time: Years) -> PeoplePerYear:
    """Returners who found no chip post and take other work at home; that some leave again is not modelled."""
    return returned_seekers / search_time


# paid posts for those who come home


@auxiliary
def host_of_takers_share(engineers_abroad: People, return_rate: PerYear) -> Share:
    """Where paid posts find their people: in proportion to those who come home from each host anyway."""
    usual = engineers_abroad * return_rate
    return usual / total(usual, HOST)


@auxiliary
def diaspora_posts_filled(
    diaspora_posts_a_year: PeoplePerYear, diaspora_post_filled_share: Share, host_of_takers_share: Share,
    engineers_abroad: People, diaspora_post_ceiling_rate: PerYear,
) -> PeoplePerYear:  # fmt: skip
    """Paid posts for which somebody comes, by host, were they all paid; never more than a share of those abroad."""
    sought = diaspora_posts_a_year * diaspora_post_filled_share * host_of_takers_share
    return minimum(sought, engineers_abroad * diaspora_post_ceiling_rate)


@auxiliary
def brought_home(
    diaspora_posts_filled: PeoplePerYear, diaspora_post_additional_share: Share, funded_share: Share
) -> PeoplePerYear:
    """People on paid posts who would not have come otherwise; the others are among those returning already."""
    return diaspora_posts_filled * diaspora_post_additional_share * funded_share


@flow(places.engineers_abroad >> places.seniors)
def taking_industry_posts(
    brought_home: PeoplePerYear, diaspora_posts_teaching_share: Share, where_returners_work_share: Share
) -> PeoplePerYear:
    """Experts who take a paid post in a firm or research centre; all are seniors, and the post is beside others."""
    return brought_home * (1 - diaspora_posts_teaching_share) * where_returners_work_share


@flow(places.engineers_abroad >> places.trained_lecturers)
def taking_teaching_posts(
    brought_home: PeoplePerYear, diaspora_posts_teaching_share: Share, students_region_share: Share
) -> PeoplePerYear:
    """Experts who take a paid post at a university, where they teach as well as lecturers trained in depth."""
    return brought_home * diaspora_posts_teaching_share * students_region_share


@auxiliary
def coming_home(
    returning: PeoplePerYear, taking_industry_posts: PeoplePerYear, taking_teaching_posts: PeoplePerYear
) -> PeoplePerYear:
    """Everybody who comes home from chip work abroad, by host, but for INTENSE graduates at the end of their bond."""
    posts = total(taking_industry_posts, REGION, TRACK) + total(taking_teaching_posts, REGION)
    return total(returning, REGION, TRACK, SENIORITY) + posts


@auxiliary
def diaspora_posts_cost(diaspora_posts_filled: PeoplePerYear, diaspora_post_unit_cost: DongPerPerson) -> DongPerYear:
    """Paid posts, as wanted; each is paid in full when it is filled, whoever takes it."""
    return total(diaspora_posts_filled, HOST) * diaspora_post_unit_cost


# who helps from abroad


@auxiliary
def connector_share(
    connectors_engaged_2025: People, engineers_abroad_2015: People, diaspora_growth_ratio: Ratio
) -> Share:
    """Of engineers abroad, the share who are active for Vietnam: those counted at the end of 2025 over the stock."""
    return connectors_engaged_2025 / (total(engineers_abroad_2015, HOST) * diaspora_growth_ratio)


@auxiliary
def connectors_active(
    engineers_abroad: People, connector_share: Share, connector_programme_share: Share, funded_share: Share
) -> People:
    """Experts abroad who help from there, by host: of their own accord, and through a programme that is paid."""
    return engineers_abroad * (connector_share + connector_programme_share * funded_share)


@auxiliary
def connector_ratio(connectors_active: People, connectors_engaged_2025: People) -> Ratio:
    """Connectors against those of the end of 2025: 1 then, in the central run, whose other numbers hold their help."""
    return total(connectors_active, HOST) / connectors_engaged_2025


@auxiliary
def connector_teaching_ratio(connector_ratio: Ratio, connector_elasticity_of_teaching: Share) -> Ratio:
    """What connectors add to teaching; 1 at the level of 2025."""
    return power(connector_ratio, connector_elasticity_of_teaching)


@auxiliary
def connector_mentoring_ratio(connector_ratio: Ratio, connector_elasticity_of_mentoring: Share) -> Ratio:
    """What connectors add to the mentoring of novices; 1 at the level of 2025."""
    return power(connector_ratio, connector_elasticity_of_mentoring)


@auxiliary
def connector_entry_ratio(
    connector_ratio: Ratio, connector_elasticity_of_entry: Share, opened_by_connectors_share: Share
) -> Ratio:
    """What connectors add to the entry of firms, by kind; only branches of firms abroad are theirs to bring."""
    return 1 + opened_by_connectors_share * (power(connector_ratio, connector_elasticity_of_entry) - 1)


@auxiliary
def connector_programme_cost(
    engineers_abroad: People, connector_programme_share: Share, connector_unit_cost: DongPerPersonYear
) -> DongPerYear:
    """Visits, distance courses and a desk for experts who stay abroad, as wanted."""
    return total(engineers_abroad, HOST) * connector_programme_share * connector_unit_cost

"""Workforce: engineers at work, by region, track and experience; how they join, learn, rise and leave.

A novice needs a mentor. When seniors are few, novices wait, whatever the number of graduates. Technicians stand apart.
"""

from vimach.sectors import places
from vimach.sectors.places import EXPERIENCE, HOST
from vimach.structure import auxiliary, flow, initial, maximum, minimum, power, total
from vimach.units import People, PeoplePerYear, PerYear, Ratio, Share, Years


@initial(places.engineers)
def engineers_at_start(engineers_2015: People, work_region_share: Share, experience_share_2015: Share) -> People:
    """Headcount of 2015 by track, split by experience; nothing of this was observed."""
    return engineers_2015 * work_region_share * experience_share_2015


@initial(places.technicians)
def technicians_at_start(technicians_2015: People, plants_region_share: Share) -> People:
    """Technicians of 2015 in assembly, test and packaging."""
    return technicians_2015 * plants_region_share


@flow(places.job_seekers >> places.novices)
def starting_work(novice_hires: PeoplePerYear) -> PeoplePerYear:
    """First jobs filled, by the door through which people come; never more than posts or seekers."""
    return novice_hires


@flow(places.experienced_seekers >> places.independents)
def joining_as_independent(
    experienced_seekers: People, experienced_search_time: Years, experienced_match_share: Share,
    lateral_senior_share: Share,
) -> PeoplePerYear:  # fmt: skip
    """Engineers from adjacent industry who join able to work alone; those home from abroad come by their own door."""
    return experienced_seekers / experienced_search_time * experienced_match_share * (1 - lateral_senior_share)


@flow(places.experienced_seekers >> places.seniors)
def joining_as_senior(
    experienced_seekers: People, experienced_search_time: Years, experienced_match_share: Share,
    lateral_senior_share: Share,
) -> PeoplePerYear:  # fmt: skip
    """Engineers from adjacent industry who join as seniors."""
    return experienced_seekers / experienced_search_time * experienced_match_share * lateral_senior_share


@auxiliary
def mentors_available(
    seniors: People, leads: People, mentoring_share: Share, connector_mentoring_ratio: Ratio
) -> People:
    """Seniors and leads whose week has room for novices; experts abroad who mentor from afar stretch it a little."""
    return (seniors + leads) * mentoring_share * connector_mentoring_ratio


@flow(places.novices >> places.independents)
def becoming_independent(
    novices: People, mentors_available: People, novices_per_mentor: Ratio, time_to_independent: Years
) -> PeoplePerYear:
    """Novices finishing onboarding, never faster than mentors allow."""
    return minimum(novices, mentors_available * novices_per_mentor) / time_to_independent


@flow(places.independents >> places.seniors)
def becoming_senior(independents: People, time_to_senior: Years) -> PeoplePerYear:
    """Promotion by experience. No ceiling on senior posts: this flatters the years after 2030."""
    return independents / time_to_senior


@flow(places.seniors >> places.leads)
def becoming_lead(seniors: People, time_to_lead: Years) -> PeoplePerYear:
    """Seniors taking charge of a team or an architecture."""
    return seniors / time_to_lead


@auxiliary
def pay_by_experience(pay_of_novices: Ratio, pay_of_experienced: Ratio, is_novice: Share) -> Ratio:
    """Pay against the rest of the economy, 1 = as in 2015."""
    return pay_of_novices * is_novice + pay_of_experienced * (1 - is_novice)


@flow(places.engineers >> places.other_sectors)
def quitting(
    engineers: People, quit_rate: PerYear, pay_by_experience: Ratio, pay_elasticity_of_quits: Share,
    competing_demand_ratio: Ratio, retention_paid_share: Share, retention_effect: Ratio,
) -> PeoplePerYear:  # fmt: skip
    """Leaving for other work at home; rarer with experience and good pay, commoner when software and AI hire."""
    pull = competing_demand_ratio * power(pay_by_experience, 0 - pay_elasticity_of_quits)
    return engineers * quit_rate * pull * (1 - minimum(1, retention_paid_share * retention_effect))


@flow(places.engineers >> places.engineers_abroad)
def emigrating(
    engineers: People, emigration_rate: PerYear, pull_of_host: Ratio, retention_paid_share: Share,
    retention_effect: Ratio,
) -> PeoplePerYear:  # fmt: skip
    """Leaving for chip work abroad, by host, whose pull is given; pay abroad acts on those who come home."""
    return engineers * emigration_rate * pull_of_host * (1 - minimum(1, retention_paid_share * retention_effect))


@flow(places.leads >> places.retirement)
def retiring(leads: People, time_as_lead: Years) -> PeoplePerYear:
    """Leads who stop working."""
    return leads / time_as_lead


@flow(places.seniors >> places.lecturers)
def joining_faculty(seniors: People, academia_rate: PerYear) -> PeoplePerYear:
    """Seniors who turn to teaching; every track feeds the lecturers of its region."""
    return seniors * academia_rate


@auxiliary
def replacement_demand(
    quitting: PeoplePerYear, emigrating: PeoplePerYear, retiring: PeoplePerYear, joining_faculty: PeoplePerYear
) -> PeoplePerYear:
    """Posts to refill each year before the sector grows by one person, by region and track."""
    return total(quitting + total(emigrating, HOST), EXPERIENCE) + retiring + joining_faculty


@auxiliary
def engineers_by_track(engineers: People) -> People:
    """Engineers at work by region and track; technicians are counted elsewhere."""
    return total(engineers, EXPERIENCE)


@flow(places.vocational_schools >> places.technicians)
def hiring_technicians(
    technicians_wanted: People, technicians: People, technician_hiring_time: Years, technician_graduates: PeoplePerYear,
    technicians_trained_extra: PeoplePerYear, technicians_region_share: Share, technician_quit_rate: PerYear,
    funded_share: Share,
) -> PeoplePerYear:  # fmt: skip
    """Technicians hired to fill plants, never more than schools and courses supply."""
    wanted = (technicians_wanted - technicians) / technician_hiring_time + technicians * technician_quit_rate
    supply = (technician_graduates + technicians_trained_extra * funded_share) * technicians_region_share
    return minimum(maximum(0, wanted), supply)


@flow(places.technicians >> places.other_sectors)
def technicians_quitting(technicians: People, technician_quit_rate: PerYear) -> PeoplePerYear:
    """Technicians who leave the sector."""
    return technicians * technician_quit_rate

"""Conversion: short courses that turn adjacent engineers into chip engineers.

A course counts a new person only if he did not work in the sector before; upskilling of the sector's own staff is
kept apart. A seat is not a job: completers look for work like anybody else.
"""

from vimach.sectors import places
from vimach.sectors.fab import turned_to_fabs
from vimach.structure import auxiliary, flow, initial, minimum
from vimach.units import People, PeoplePerYear, Ratio, Share, Years


@initial(places.conversion_trainees)
def conversion_trainees_at_start(conversion_trainees_2015: People, design_region_share: Share) -> People:
    """Trainees of 2015: none worth counting."""
    return conversion_trainees_2015 * design_region_share


@auxiliary
def conversion_applicants(
    conversion_applicants_at_pay: PeoplePerYear, design_region_share: Share, pay_of_novices: Ratio
) -> PeoplePerYear:
    """Adjacent engineers who would take a seat; far more than there are seats."""
    return conversion_applicants_at_pay * design_region_share * pay_of_novices


@flow(places.adjacent_industry >> places.conversion_trainees)
def entering_conversion(
    conversion_places: PeoplePerYear,
    design_region_share: Share,
    conversion_applicants: PeoplePerYear,
    funded_share: Share,
) -> PeoplePerYear:
    """Trainees who begin a course: seats, never more than applicants."""
    return minimum(conversion_places * design_region_share * funded_share, conversion_applicants)


@auxiliary
def completing_conversion(
    conversion_trainees: People, conversion_time: Years, conversion_completion_share: Share
) -> PeoplePerYear:
    """Completed courses, of all kinds."""
    return conversion_trainees / conversion_time * conversion_completion_share


@auxiliary
def completing_net_new(
    completing_conversion: PeoplePerYear, conversion_net_new_share: Share, conversion_degree_share: Share
) -> PeoplePerYear:
    """Completers who hold a degree and did not work in the sector before: the only ones that a target may count."""
    return completing_conversion * conversion_net_new_share * conversion_degree_share


@auxiliary
def completing_by_track(
    completing_net_new: PeoplePerYear, track_of_conversion_share: Share, fab_pull_share: Share, in_fab: Share
) -> PeoplePerYear:
    """Countable completers by the kind of work that the course prepares for."""
    return completing_net_new * turned_to_fabs(track_of_conversion_share, fab_pull_share, in_fab)


@flow(places.conversion_trainees >> places.conversion_seekers)
def seeking_after_conversion(completing_by_track: PeoplePerYear, conversion_seeking_share: Share) -> PeoplePerYear:
    """Completers fit for chip work who look for it."""
    return completing_by_track * conversion_seeking_share


@flow(places.conversion_trainees >> places.adjacent_industry)
def returning_after_conversion(
    conversion_trainees: People, conversion_time: Years, completing_net_new: PeoplePerYear,
    conversion_seeking_share: Share,
) -> PeoplePerYear:  # fmt: skip
    """Trainees who go back: those who fail, those who already worked in the sector, those who do not look."""
    return conversion_trainees / conversion_time - completing_net_new * conversion_seeking_share

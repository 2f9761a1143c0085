"""Partnerships: what the United States and the Republic of Korea offer beside money of our own.

All is proposed without size and so nothing in the baseline. Partners pay a share; where our own share is not paid,
the seats are not filled.
"""

from vimach.sectors import places
from vimach.structure import auxiliary, flow, minimum
from vimach.units import (
    DollarsPerPerson,
    DongPerDollar,
    DongPerPerson,
    DongPerYear,
    People,
    PeoplePerYear,
    Ratio,
    Share,
    Years,
)


@auxiliary
def matched_to_posts_share(
    curriculum_matching_share: Share, demand_matching_share: Share, funded_share: Share
) -> Share:
    """Graduates whose studies follow open posts, by our own curricula or through the partner's matching."""
    return 1 - (1 - curriculum_matching_share) * (1 - demand_matching_share * funded_share)


@flow(places.adjacent_industry >> places.centre_trainees)
def entering_centres(
    korean_centre_seats: PeoplePerYear, design_region_share: Share, conversion_applicants: PeoplePerYear,
    funded_share: Share,
) -> PeoplePerYear:  # fmt: skip
    """Trainees who begin at a training centre: seats, never more than adjacent engineers who would take one."""
    return minimum(korean_centre_seats * design_region_share * funded_share, conversion_applicants)


@auxiliary
def completing_at_centres(
    centre_trainees: People, centre_time: Years, centre_net_new_share: Share, track_of_centres_share: Share
) -> PeoplePerYear:
    """Completers with a degree who are new to the sector, by kind of work: the only ones that a target may count."""
    return centre_trainees / centre_time * centre_net_new_share * track_of_centres_share


@flow(places.centre_trainees >> places.conversion_seekers)
def seeking_after_centre(completing_at_centres: PeoplePerYear, centre_seeking_share: Share) -> PeoplePerYear:
    """Completers fit for chip work who look for it; a seat is not a job."""
    return completing_at_centres * centre_seeking_share


@flow(places.centre_trainees >> places.adjacent_industry)
def returning_after_centre(
    centre_trainees: People, centre_time: Years, centre_net_new_share: Share, centre_seeking_share: Share
) -> PeoplePerYear:
    """Trainees who go back to where they worked, in the sector or beside it."""
    return centre_trainees / centre_time * (1 - centre_net_new_share * centre_seeking_share)


@auxiliary
def branch_entry_ratio(korean_branch_gain: Ratio, korean_part_of_entry: Share) -> Ratio:
    """Firm entry with more branches of Korean firms, by kind; 1 without them."""
    return 1 + korean_branch_gain * korean_part_of_entry


@auxiliary
def us_partnership_cost(
    us_faculty_seats: PeoplePerYear, us_faculty_unit_cost: DollarsPerPerson, dong_per_dollar: DongPerDollar,
    demand_matching_share: Share, demand_matching_cost: DongPerYear,
) -> DongPerYear:  # fmt: skip
    """Faculty upgrading and demand matching with the United States, as wanted, whoever pays."""
    return us_faculty_seats * us_faculty_unit_cost * dong_per_dollar + demand_matching_share * demand_matching_cost


@auxiliary
def korean_partnership_cost(
    korean_centre_seats: PeoplePerYear, centre_unit_cost: DongPerPerson, joint_research: DongPerYear
) -> DongPerYear:
    """Training centres and joint research with the Republic of Korea, as wanted, whoever pays."""
    return korean_centre_seats * centre_unit_cost + joint_research


@auxiliary
def partnership_cost(
    us_partnership_cost: DongPerYear, us_partner_share: Share, korean_partnership_cost: DongPerYear,
    korean_partner_share: Share,
) -> DongPerYear:  # fmt: skip
    """The state's own share of partnerships, as wanted."""
    return us_partnership_cost * (1 - us_partner_share) + korean_partnership_cost * (1 - korean_partner_share)


@auxiliary
def paid_by_partners(
    us_partnership_cost: DongPerYear, us_partner_share: Share, korean_partnership_cost: DongPerYear,
    korean_partner_share: Share, funded_share: Share,
) -> DongPerYear:  # fmt: skip
    """What foreign partners pay; never money of the programme."""
    return (us_partnership_cost * us_partner_share + korean_partnership_cost * korean_partner_share) * funded_share

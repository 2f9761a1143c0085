"""Scholarships: INTENSE, two years of study in Taiwan and two of bonded work, announced and realised.

Its students leave the pool of recent graduates at home, so the scheme lowers employment at home until the first bonds
end. Four years pass between intake and freedom to return: few intakes after 2026 can be back by 2030.
"""

from vimach.sectors import places
from vimach.sectors.fab import turned_to_fabs
from vimach.sectors.places import HOST
from vimach.structure import auxiliary, flow, minimum, part
from vimach.units import People, PeoplePerYear, PerYear, Ratio, Share


@auxiliary
def intense_wanted(
    intense_places_taken_up: PeoplePerYear, intense_places_announced: PeoplePerYear,
    scholarship_realisation_ratio: Share, students_region_share: Share, perceived_return_pay: Ratio,
    pay_elasticity_of_returners: Share,
) -> PeoplePerYear:  # fmt: skip
    """Places counted, and places announced times the share taken up so far; poor returns for those who came home
    discourage applicants."""
    filled = intense_places_taken_up + intense_places_announced * scholarship_realisation_ratio
    return filled * students_region_share * (1 + pay_elasticity_of_returners * (perceived_return_pay - 1))


@flow(places.recent_graduates >> places.intense_students)
def leaving_for_intense(
    intense_wanted: PeoplePerYear, programme_of_intense_share: Share, recent_graduates: People,
    intense_ceiling_rate: PerYear,
) -> PeoplePerYear:  # fmt: skip
    """Graduates who go in autumn, never more than a share of those there are."""
    return minimum(intense_wanted * programme_of_intense_share, recent_graduates * intense_ceiling_rate)


@auxiliary
def intense_graduating(
    intense_students_finishing: PeoplePerYear, intense_completion_share: Share, intense_chip_share: Share
) -> PeoplePerYear:
    """Degrees in chip or electronics fields; the nested count of people trained takes these."""
    return intense_students_finishing * intense_completion_share * intense_chip_share


@flow(places.intense_students >> places.intense_bonded)
def beginning_bond(intense_graduating: PeoplePerYear) -> PeoplePerYear:
    """Graduates in chip fields who work off their bond in Taiwan."""
    return intense_graduating


@flow(places.intense_students >> places.abroad)
def intense_elsewhere(intense_students_finishing: PeoplePerYear, intense_graduating: PeoplePerYear) -> PeoplePerYear:
    """Students of other fields and those who did not finish; they do not come back to chips in this model."""
    return intense_students_finishing - intense_graduating


@flow(places.intense_bonded >> places.intense_free_to_return)
def ending_bond(intense_bonded_finishing: PeoplePerYear) -> PeoplePerYear:
    """Free to return, two years after the degree."""
    return intense_bonded_finishing


@flow(places.intense_free_to_return >> places.experienced_seekers)
def returning_from_intense(
    intense_free_to_return: People, intense_leaving_rate: PerYear, intense_return_share: Share,
    return_grants_paid_share: Share, track_of_returners_share: Share, fab_pull_share: Share, in_fab: Share,
) -> PeoplePerYear:  # fmt: skip
    """Engineers who come home to look for work; an incentive adds to the share who do."""
    share = minimum(1, intense_return_share + return_grants_paid_share)
    track = turned_to_fabs(track_of_returners_share, fab_pull_share, in_fab)
    return intense_free_to_return * intense_leaving_rate * share * track


@flow(places.intense_free_to_return >> places.engineers_in_taiwan)
def staying_after_bond(
    intense_free_to_return: People, intense_leaving_rate: PerYear, intense_return_share: Share,
    return_grants_paid_share: Share,
) -> PeoplePerYear:  # fmt: skip
    """Engineers who settle in Taiwan; from then on they are engineers abroad like others."""
    share = minimum(1, intense_return_share + return_grants_paid_share)
    return intense_free_to_return * intense_leaving_rate * (1 - share)


@auxiliary
def return_pay_ratio(pay_of_experienced: Ratio, foreign_pay_ratio: Ratio) -> Ratio:
    """What a returner earns at home against what he leaves in Taiwan, both against 2015."""
    return pay_of_experienced / part(foreign_pay_ratio, HOST, "taiwan")

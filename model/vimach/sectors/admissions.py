"""Admissions: from school leavers to the four kinds of study programme.

Base rates are inputs with a history. The dedicated share answers, with delay, to what applicants believe of jobs and
pay. Where capacity limits places rather than quality, intake settles about a fifth above what can be taught properly,
and swings where places are adjusted within a year.
"""

from vimach.sectors import places
from vimach.structure import auxiliary, flow, maximum, minimum, power, ratio
from vimach.units import People, PeoplePerYear, PerYear, Ratio, Share, Years


@auxiliary
def related_entrants(
    university_entrants: PeoplePerYear, related_major_share: Share, students_region_share: Share
) -> PeoplePerYear:
    """Entrants to the 38 majors related to chips, those of dedicated programmes among them."""
    return university_entrants * related_major_share * students_region_share


@auxiliary
def admitted_related(related_entrants: PeoplePerYear, admission_confirmed_share: Share) -> PeoplePerYear:
    """People admitted to related majors, the official headline; about one in five does not take up the place."""
    return related_entrants / admission_confirmed_share


@auxiliary
def attractiveness(
    perceived_placement: Share, placement_share_2015: Share, placement_elasticity: Share,
    pay_of_novices: Ratio, pay_elasticity_of_applications: Share,
    scholarships_paid_share: Share, scholarship_effect: Share,
) -> Ratio:  # fmt: skip
    """How applications to chip programmes answer to jobs, pay and scholarships; 1 under the beliefs of 2015."""
    jobs = power(perceived_placement / placement_share_2015, placement_elasticity)
    wages = power(pay_of_novices, pay_elasticity_of_applications)
    return jobs * wages * (1 + scholarships_paid_share * scholarship_effect)


@auxiliary
def dedicated_applicants(
    related_entrants: PeoplePerYear, dedicated_preference_share: Share, attractiveness: Ratio
) -> PeoplePerYear:
    """Qualified people who would enter a dedicated programme if there were a place."""
    return related_entrants * minimum(1, dedicated_preference_share * attractiveness)


@auxiliary
def specialisation_applicants(
    related_entrants: PeoplePerYear, specialisation_preference_share: Share, attractiveness: Ratio
) -> PeoplePerYear:
    """Qualified people who would choose a chip specialisation inside a related major."""
    return related_entrants * minimum(1, specialisation_preference_share * attractiveness)


@auxiliary
def intake_let_in(
    teaching_capacity: People, chip_students: People, places_adjustment_time: Years,
    dedicated_applicants: PeoplePerYear, specialisation_applicants: PeoplePerYear,
    capacity_limits_places: Share, normal_study_time: Years,
) -> Share:  # fmt: skip
    """Share of applicants let in by capacity: 1 where capacity limits quality, less where it limits places.

    A switch, not an estimate: a hard cap cannot hold an intake of 10,000 beside a few thousand well-taught graduates.
    """
    taught_properly = teaching_capacity / normal_study_time
    room = maximum(0, taught_properly + (teaching_capacity - chip_students) / places_adjustment_time)
    let_in = minimum(1, ratio(room, dedicated_applicants + specialisation_applicants, 1))
    return 1 - capacity_limits_places * (1 - let_in)


@flow(places.schools >> places.dedicated_students)
def entering_dedicated(
    dedicated_applicants: PeoplePerYear,
    dedicated_places: PeoplePerYear,
    students_region_share: Share,
    intake_let_in: Share,
) -> PeoplePerYear:
    """First-year students of programmes made for chips: applicants, never more than places."""
    return minimum(dedicated_applicants * intake_let_in, dedicated_places * students_region_share)


@flow(places.schools >> places.specialisation_students)
def entering_specialisation(
    specialisation_applicants: PeoplePerYear, specialisation_places: PeoplePerYear, students_region_share: Share,
    intake_let_in: Share,
) -> PeoplePerYear:  # fmt: skip
    """First-year students of chip specialisations inside related majors: applicants, never more than places."""
    return minimum(specialisation_applicants * intake_let_in, specialisation_places * students_region_share)


@flow(places.schools >> places.related_students)
def entering_related(
    related_entrants: PeoplePerYear, dedicated_applicants: PeoplePerYear, specialisation_applicants: PeoplePerYear,
    dedicated_places: PeoplePerYear, specialisation_places: PeoplePerYear, students_region_share: Share,
    intake_let_in: Share,
) -> PeoplePerYear:  # fmt: skip
    """First-year students of all other related majors, most of whom will never work on chips."""
    dedicated = minimum(dedicated_applicants * intake_let_in, dedicated_places * students_region_share)
    specialised = minimum(specialisation_applicants * intake_let_in, specialisation_places * students_region_share)
    return maximum(0, related_entrants - dedicated - specialised)


@flow(places.related_students >> places.relabelled_students)
def relabelling(related_students: People, relabelling_rate: PerYear, relabelling_years: Share) -> PeoplePerYear:
    """Students of years 2 to 4 moved into a chip specialisation after entry; the wave of 2024 and what followed."""
    return related_students * relabelling_rate * relabelling_years

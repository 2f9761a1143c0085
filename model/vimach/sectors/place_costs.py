"""Whole-life costs: what a place for engineers costs over its life, and how many engineers it brings who would not be.

A place takes one person a year. Costs and people of later years are discounted alike, so that their ratio is what the
average engineer costs. One person more who looks for work adds less than the average, since he also takes posts that
others would have filled: the matching function says how much less. Nothing here feeds back into the model.
"""

from vimach.sectors.places import DOOR, LABORATORY_KIND, PROGRAMME, REGION, TRACK
from vimach.structure import auxiliary, exp, minimum, part, power, ratio, total
from vimach.units import (
    DollarsPerPerson,
    DongPerDollar,
    DongPerLaboratory,
    DongPerPerson,
    DongPerPersonYear,
    DongPerPlaceYear,
    DongPerTaiwanDollar,
    People,
    PeoplePerLaboratory,
    PeoplePerYear,
    PerYear,
    Ratio,
    Share,
    TaiwanDollarsPerPersonYear,
    Years,
)


@auxiliary
def discounted_life_of_a_place(discount_rate: PerYear, place_life_time: Years) -> Years:
    """Years of a place's life, each worth less the later it comes."""
    return (1 - exp(0 - discount_rate * place_life_time)) / discount_rate


# what one person more who looks for work adds


def found_at_the_margin(matched: Share, sharpness: Share, reach_rate: PerYear, search_time: Years) -> Share:
    """Of one person more who looks, the part of a hire that he adds before he would give up.

    The matched share is (1 + x^s)^(-1/s) for x people to a post; hires then grow with people by its power 1 + s.
    """
    added = reach_rate * power(matched, 1 + sharpness)
    return added / (added + 1 / search_time)


@auxiliary
def junior_adds_a_hire_share(
    novice_hires: PeoplePerYear, junior_reach: PeoplePerYear, job_seekers: People, matching_sharpness: Share,
    door_preference: Ratio, junior_search_time: Years, search_time: Years,
) -> Share:  # fmt: skip
    """Hires that one junior more who looks for chip work adds, by door, where juniors look today."""
    matched = ratio(total(novice_hires, DOOR), total(junior_reach, DOOR), 0)
    found = found_at_the_margin(matched, matching_sharpness, door_preference / junior_search_time, search_time)
    return ratio(total(found * job_seekers, REGION, TRACK), total(job_seekers, REGION, TRACK), 0)


@auxiliary
def experienced_adds_a_hire_share(
    experienced_match_share: Share, experienced_seekers: People, matching_sharpness: Share,
    experienced_search_time: Years, search_time: Years,
) -> Share:  # fmt: skip
    """Hires that one engineer more with experience who looks for chip work adds."""
    rate = 1 / experienced_search_time
    found = found_at_the_margin(experienced_match_share, matching_sharpness, rate, search_time)
    return ratio(total(found * experienced_seekers, REGION, TRACK), total(experienced_seekers, REGION, TRACK), 0)


@auxiliary
def graduate_adds_a_hire_share(
    seeking_chip_work_share: Share, well_taught_share: Share, students_region_share: Share, door_of_programme: Share,
    junior_adds_a_hire_share: Share,
) -> Share:  # fmt: skip
    """Hires that one graduate more adds, by programme: fit for chip work, looking for it, not in another's place."""
    fit = total(seeking_chip_work_share * well_taught_share * students_region_share, REGION)
    return total(fit * door_of_programme * junior_adds_a_hire_share, DOOR)


# a first-year place in a dedicated programme


@auxiliary
def capital_of_university_place(
    laboratory_unit_cost: DongPerLaboratory, students_per_laboratory: PeoplePerLaboratory,
    lecturer_training_unit_cost: DollarsPerPerson, dong_per_dollar: DongPerDollar,
    students_per_trained_lecturer: Ratio, normal_study_time: Years,
) -> DongPerPlaceYear:  # fmt: skip
    """Room in a base laboratory and a share of a lecturer trained in depth, for the students of all study years."""
    laboratory = part(laboratory_unit_cost / students_per_laboratory, LABORATORY_KIND, "base")
    lecturer = lecturer_training_unit_cost * dong_per_dollar / students_per_trained_lecturer
    return (laboratory + lecturer) * normal_study_time


@auxiliary
def recurrent_cost_of_university_place(
    tuition_a_year: DongPerPersonYear, design_tool_licence_a_year: DongPerPersonYear,
    scholarship_a_year: DongPerPersonYear, scholarships_paid_share: Share, normal_study_time: Years,
) -> DongPerPerson:  # fmt: skip
    """Fees, which pay for teaching, design tools, and scholarships as far as paid, for one student's studies."""
    each_year = tuition_a_year + design_tool_licence_a_year + scholarship_a_year * scholarships_paid_share
    return each_year * normal_study_time


@auxiliary
def whole_life_cost_of_university_place(
    capital_of_university_place: DongPerPlaceYear, recurrent_cost_of_university_place: DongPerPerson,
    discounted_life_of_a_place: Years,
) -> DongPerPlaceYear:  # fmt: skip
    """Capital and all recurrent cost of a dedicated place over its life, whoever pays, discounted."""
    return capital_of_university_place + recurrent_cost_of_university_place * discounted_life_of_a_place


@auxiliary
def engineers_of_university_place(
    completion_share: Share, graduate_adds_a_hire_share: Share, discount_rate: PerYear, normal_study_time: Years,
    discounted_life_of_a_place: Years,
) -> Years:  # fmt: skip
    """Engineers that a dedicated place adds over its life, discounted, beyond what related majors would have given.

    Who takes the place would otherwise have studied a related major. Unit: people for each person a year.
    """
    more = part(graduate_adds_a_hire_share, PROGRAMME, "dedicated")
    more = more - part(graduate_adds_a_hire_share, PROGRAMME, "related")
    return completion_share * more * exp(0 - discount_rate * normal_study_time) * discounted_life_of_a_place


# a place in a conversion course


@auxiliary
def whole_life_cost_of_conversion_place(
    conversion_unit_cost: DongPerPerson, discounted_life_of_a_place: Years
) -> DongPerPlaceYear:
    """A place in conversion courses kept for a place's life; its price holds rooms and licences, so no capital."""
    return conversion_unit_cost * discounted_life_of_a_place


@auxiliary
def engineers_of_conversion_place(
    conversion_completion_share: Share, conversion_net_new_share: Share, conversion_degree_share: Share,
    conversion_seeking_share: Share, junior_adds_a_hire_share: Share, discounted_life_of_a_place: Years,
) -> Years:  # fmt: skip
    """Engineers that a conversion place adds over its life, discounted; people for each person a year."""
    look = conversion_completion_share * conversion_net_new_share * conversion_degree_share * conversion_seeking_share
    return look * part(junior_adds_a_hire_share, DOOR, "conversion") * discounted_life_of_a_place


# an INTENSE place


@auxiliary
def whole_life_cost_of_intense_place(
    intense_support_a_year: TaiwanDollarsPerPersonYear, intense_study_time: Years,
    dong_per_taiwan_dollar: DongPerTaiwanDollar, discounted_life_of_a_place: Years,
) -> DongPerPlaceYear:  # fmt: skip
    """An INTENSE place kept for a place's life, paid by Taiwan (China) and its firms; what else it costs is unknown."""
    return intense_support_a_year * intense_study_time * dong_per_taiwan_dollar * discounted_life_of_a_place


@auxiliary
def engineers_of_intense_place(
    intense_completion_share: Share, intense_chip_share: Share, intense_return_share: Share,
    return_grants_paid_share: Share, experienced_adds_a_hire_share: Share, programme_of_intense_share: Share,
    graduate_adds_a_hire_share: Share, discount_rate: PerYear, intense_time_away: Years,
    discounted_life_of_a_place: Years,
) -> Years:  # fmt: skip
    """Engineers at home that an INTENSE place adds over its life, discounted: those who return and are hired, less
    those whom the same graduates would have added had they stayed. Below zero where the country loses."""
    back = intense_completion_share * intense_chip_share * minimum(1, intense_return_share + return_grants_paid_share)
    hired = back * experienced_adds_a_hire_share * exp(0 - discount_rate * intense_time_away)
    stayed = total(programme_of_intense_share * graduate_adds_a_hire_share, PROGRAMME)
    return (hired - stayed) * discounted_life_of_a_place

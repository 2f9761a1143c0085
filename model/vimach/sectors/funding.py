"""Funding: state money for the chip programme, what of it is disbursed, and what each part of the programme costs.

Money limits the programme twice: by what is allocated, and by what can be spent in time. What is not spent lapses.
What estimates and decisions announce is allocated as far as such announcements were so far.
Of the state's additional money for science and technology only the chip share counts, and no evidence gives that share.
"""

from vimach.sectors import places
from vimach.sectors.places import FIRM_KIND, LABORATORY_KIND, REGION, TRACK
from vimach.structure import auxiliary, flow, initial, maximum, minimum, ratio, total
from vimach.units import (
    DollarsPerPerson,
    Dong,
    DongPerDollar,
    DongPerFirmYear,
    DongPerLaboratory,
    DongPerPerson,
    DongPerPersonYear,
    DongPerYear,
    Firms,
    Laboratories,
    People,
    PeoplePerYear,
    PerYear,
    Share,
    Years,
)


@initial(places.programme_funds)
def programme_funds_at_start(programme_funds_2015: Dong) -> Dong:
    """Programme money at hand in 2015: none."""
    return programme_funds_2015


@auxiliary
def programme_money_announced(
    state_spending: DongPerYear, st_budget_share: Share, st_share_reference: Share, chip_share_of_additional: Share,
    programme_budget_extra: DongPerYear,
) -> DongPerYear:  # fmt: skip
    """New money that estimates and decisions name: the chip share of additional science money, and lines of its own."""
    additional = state_spending * maximum(0, st_budget_share - st_share_reference)
    return additional * chip_share_of_additional + programme_budget_extra


@flow(places.treasury >> places.programme_funds)
def allocating(
    programme_budget_base: DongPerYear, state_spending: DongPerYear, st_addition_so_far: Share,
    chip_share_of_additional: Share, programme_money_announced: DongPerYear, programme_realisation_ratio: Share,
) -> DongPerYear:  # fmt: skip
    """Money for the chip programme: its own lines, the chip share of what science and technology gained so far, and
    of what is announced the share that such announcements handed out."""
    gained = state_spending * st_addition_so_far * chip_share_of_additional
    return programme_budget_base + gained + programme_money_announced * programme_realisation_ratio


@auxiliary
def disbursable(programme_funds: Dong, budget_time: Years, budget_absorption_share: Share) -> DongPerYear:
    """What can be spent a year: allocated is not disbursed."""
    return programme_funds / budget_time * budget_absorption_share


@auxiliary
def lecturer_training_cost(
    lecturer_seats: PeoplePerYear, lecturer_training_unit_cost: DollarsPerPerson, dong_per_dollar: DongPerDollar
) -> DongPerYear:
    """Training of lecturers in depth, as wanted."""
    return lecturer_seats * lecturer_training_unit_cost * dong_per_dollar


@auxiliary
def lecturer_pay_cost(
    lecturers: People, trained_lecturers: People, lecturer_pay: DongPerPersonYear, lecturer_pay_topup_share: Share
) -> DongPerYear:
    """Pay top-ups for lecturers, as wanted."""
    return total(lecturers + trained_lecturers, REGION) * lecturer_pay * lecturer_pay_topup_share


@auxiliary
def laboratory_cost(
    laboratories_in_appraisal: Laboratories, laboratory_appraisal_time: Years, appraisal_time_saved: Years,
    shortest_appraisal_time: Years, laboratory_unit_cost: DongPerLaboratory,
) -> DongPerYear:  # fmt: skip
    """Laboratories approved, as wanted, paid when approved."""
    time = maximum(shortest_appraisal_time, laboratory_appraisal_time - appraisal_time_saved)
    return total(laboratories_in_appraisal * laboratory_unit_cost, REGION, LABORATORY_KIND) / time


@auxiliary
def conversion_cost(conversion_places: PeoplePerYear, conversion_unit_cost: DongPerPerson) -> DongPerYear:
    """Conversion courses, as wanted."""
    return conversion_places * conversion_unit_cost


@auxiliary
def scholarship_cost(
    chip_students: People, scholarship_coverage_share: Share, scholarship_a_year: DongPerPersonYear
) -> DongPerYear:
    """Domestic scholarships for students of chip programmes, as wanted."""
    return total(chip_students, REGION) * scholarship_coverage_share * scholarship_a_year


@auxiliary
def incentive_cost(
    new_firms: Firms, growing_firms: Firms, firms_supported_share: Share, incentive_per_firm: DongPerFirmYear
) -> DongPerYear:
    """Support to young design firms, as wanted."""
    covered = (new_firms + growing_firms) * firms_supported_share
    return total(covered, REGION, FIRM_KIND) * incentive_per_firm


@auxiliary
def retention_cost(
    engineers_by_track: People, retention_pay_share: Share, retention_pay: DongPerPersonYear
) -> DongPerYear:
    """Retention pay for engineers, as wanted."""
    return total(engineers_by_track, REGION, TRACK) * retention_pay_share * retention_pay


@auxiliary
def return_incentive_cost(
    intense_free_to_return: People,
    intense_leaving_rate: PerYear,
    return_incentive_share: Share,
    return_incentive_unit_cost: DongPerPerson,
) -> DongPerYear:
    """Grants to bring people home, as wanted; the unit cost is for each person more who comes, not for each grant."""
    more_returning = total(intense_free_to_return, REGION) * intense_leaving_rate * return_incentive_share
    return more_returning * return_incentive_unit_cost


@auxiliary
def technician_training_cost(
    technicians_trained_extra: PeoplePerYear, technician_training_unit_cost: DongPerPerson
) -> DongPerYear:
    """Courses for technicians beyond what schools supply, as wanted."""
    return technicians_trained_extra * technician_training_unit_cost


@auxiliary
def diaspora_cost(diaspora_posts_cost: DongPerYear, connector_programme_cost: DongPerYear) -> DongPerYear:
    """Posts for engineers from abroad, and the programme for those who help from there, as wanted."""
    return diaspora_posts_cost + connector_programme_cost


@auxiliary
def programme_cost_wanted(
    lecturer_training_cost: DongPerYear, lecturer_pay_cost: DongPerYear, laboratory_cost: DongPerYear,
    conversion_cost: DongPerYear, scholarship_cost: DongPerYear, incentive_cost: DongPerYear,
    retention_cost: DongPerYear, return_incentive_cost: DongPerYear, technician_training_cost: DongPerYear,
    chief_posts_cost: DongPerYear, diaspora_cost: DongPerYear, research_programme_cost: DongPerYear,
    partnership_cost: DongPerYear,
) -> DongPerYear:  # fmt: skip
    """What the whole programme would cost if every part were paid in full."""
    teaching = lecturer_training_cost + lecturer_pay_cost + laboratory_cost + conversion_cost + scholarship_cost
    people = retention_cost + return_incentive_cost + technician_training_cost + chief_posts_cost + diaspora_cost
    return teaching + people + incentive_cost + research_programme_cost + partnership_cost


@auxiliary
def funded_share(disbursable: DongPerYear, programme_cost_wanted: DongPerYear) -> Share:
    """Of what the programme wants, the share that money allows."""
    return minimum(1, ratio(disbursable, programme_cost_wanted, 1))


@auxiliary
def scholarships_paid_share(scholarship_coverage_share: Share, funded_share: Share) -> Share:
    """Share of chip students whose scholarship is really paid."""
    return scholarship_coverage_share * funded_share


@auxiliary
def pay_topup_paid_share(lecturer_pay_topup_share: Share, funded_share: Share) -> Share:
    """Top-up of lecturers' pay that is really paid."""
    return lecturer_pay_topup_share * funded_share


@auxiliary
def retention_paid_share(retention_pay_share: Share, funded_share: Share) -> Share:
    """Retention pay that is really paid, as a share of pay."""
    return retention_pay_share * funded_share


@auxiliary
def return_grants_paid_share(return_incentive_share: Share, funded_share: Share) -> Share:
    """What grants that are really paid add to the share who come home."""
    return return_incentive_share * funded_share


@flow(places.programme_funds >> places.suppliers)
def disbursing(disbursable: DongPerYear, programme_cost_wanted: DongPerYear) -> DongPerYear:
    """Money spent on the programme: what is wanted, never more than can be spent."""
    return minimum(disbursable, programme_cost_wanted)


@flow(places.programme_funds >> places.treasury)
def lapsing(programme_funds: Dong, budget_time: Years, disbursing: DongPerYear) -> DongPerYear:
    """Money allocated and not spent in time, given back."""
    return programme_funds / budget_time - disbursing

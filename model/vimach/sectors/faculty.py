"""Faculty: lecturers, their training in depth, laboratories, and what the two can teach properly.

Teaching capacity is the smaller of what lecturers and laboratories allow. Industry pay pulls lecturers away; shared
lecturers, courses and laboratories stretch what there is.
"""

from vimach.sectors import places
from vimach.sectors.fab import turned_to_fabs
from vimach.sectors.places import LABORATORY_KIND
from vimach.structure import auxiliary, flow, initial, maximum, minimum, power, ratio, total
from vimach.units import (
    Laboratories,
    LaboratoriesPerYear,
    People,
    PeoplePerLaboratory,
    PeoplePerYear,
    PerYear,
    Ratio,
    Share,
    Years,
)


@initial(places.lecturers)
def lecturers_at_start(lecturers_2015: People, students_region_share: Share) -> People:
    """Lecturers of chip subjects in 2015, not trained in depth; never counted, a judged number."""
    return lecturers_2015 * students_region_share


@initial(places.trained_lecturers)
def trained_lecturers_at_start(trained_lecturers_2015: People, students_region_share: Share) -> People:
    """Lecturers trained in depth by earlier programmes."""
    return trained_lecturers_2015 * students_region_share


@initial(places.laboratories_in_appraisal)
def laboratories_in_appraisal_at_start(
    laboratories_submitted_2015: Laboratories, students_region_share: Share
) -> Laboratories:
    """Laboratory projects submitted at the start: none."""
    return laboratories_submitted_2015 * students_region_share


@initial(places.laboratories_open)
def laboratories_at_start(laboratories_2015: Laboratories, students_region_share: Share) -> Laboratories:
    """Laboratories of the programme open at the start: none; older ones are in `students_taught_without_programme`."""
    return laboratories_2015 * students_region_share


@flow(places.academia >> places.lecturers)
def recruiting_lecturers(
    lecturers: People, trained_lecturers: People, lecturer_recruitment_rate: PerYear, pay_topup_paid_share: Share,
    recruitment_effect_of_topup: Ratio,
) -> PeoplePerYear:  # fmt: skip
    """Lecturers who come from other fields and from abroad; a pay top-up brings more."""
    drawn = 1 + pay_topup_paid_share * recruitment_effect_of_topup
    return (lecturers + trained_lecturers) * lecturer_recruitment_rate * drawn


@auxiliary
def lecturer_seats(
    lecturers_trained_so_far: PeoplePerYear, lecturers_trained_a_year: PeoplePerYear,
    training_target_realisation_ratio: Share,
) -> PeoplePerYear:  # fmt: skip
    """Our own seats for training in depth: of the past, and announced as far as such targets were reached so far."""
    return lecturers_trained_so_far + lecturers_trained_a_year * training_target_realisation_ratio


@flow(places.lecturers >> places.trained_lecturers)
def training_lecturers(
    lecturers: People, lecturer_seats: PeoplePerYear, us_faculty_seats: PeoplePerYear, students_region_share: Share,
    funded_share: Share, shortest_training_time: Years,
) -> PeoplePerYear:  # fmt: skip
    """Training in depth: funded seats, our own and partners', never more than lecturers who can be freed."""
    seats = lecturer_seats + us_faculty_seats
    return minimum(seats * students_region_share * funded_share, lecturers / shortest_training_time)


@auxiliary
def moving_to_industry_rate(
    lecturer_quit_rate: PerYear, pay_of_experienced: Ratio, pay_topup_paid_share: Share,
    pay_elasticity_of_lecturers: Share,
) -> PerYear:  # fmt: skip
    """The yearly share of lecturers who move to industry, driven by the gap between industry and university pay."""
    gap = pay_of_experienced / (1 + pay_topup_paid_share)
    return lecturer_quit_rate * power(gap, pay_elasticity_of_lecturers)


@flow(places.trained_lecturers >> places.experienced_seekers)
def trained_moving_to_industry(
    trained_lecturers: People, moving_to_industry_rate: PerYear, track_of_lecturers_share: Share, fab_pull_share: Share,
    in_fab: Share,
) -> PeoplePerYear:  # fmt: skip
    """Trained lecturers who look for industry posts."""
    track = turned_to_fabs(track_of_lecturers_share, fab_pull_share, in_fab)
    return trained_lecturers * moving_to_industry_rate * track


@flow(places.lecturers >> places.experienced_seekers)
def moving_to_industry(
    lecturers: People, moving_to_industry_rate: PerYear, track_of_lecturers_share: Share, fab_pull_share: Share,
    in_fab: Share,
) -> PeoplePerYear:  # fmt: skip
    """Other lecturers who look for industry posts."""
    track = turned_to_fabs(track_of_lecturers_share, fab_pull_share, in_fab)
    return lecturers * moving_to_industry_rate * track


@flow(places.lecturers >> places.retirement)
def lecturers_retiring(lecturers: People, lecturer_career_time: Years) -> PeoplePerYear:
    """Lecturers who stop working."""
    return lecturers / lecturer_career_time


@flow(places.trained_lecturers >> places.retirement)
def trained_lecturers_retiring(trained_lecturers: People, lecturer_career_time: Years) -> PeoplePerYear:
    """Trained lecturers who stop working."""
    return trained_lecturers / lecturer_career_time


@flow(places.plans >> places.laboratories_in_appraisal)
def submitting_laboratories(
    laboratories_submitted_a_year: LaboratoriesPerYear, laboratories_announced_a_year: LaboratoriesPerYear,
    programme_realisation_ratio: Share, laboratory_kind_share: Share, students_region_share: Share,
) -> LaboratoriesPerYear:  # fmt: skip
    """Laboratory projects handed in for appraisal, by kind: of the past, and announced as far as realised so far."""
    submitted = laboratories_submitted_a_year + laboratories_announced_a_year * programme_realisation_ratio
    return submitted * laboratory_kind_share * students_region_share


@flow(places.laboratories_in_appraisal >> places.laboratories_building)
def approving_laboratories(
    laboratories_in_appraisal: Laboratories, laboratory_appraisal_time: Years, appraisal_time_saved: Years,
    shortest_appraisal_time: Years, funded_share: Share,
) -> LaboratoriesPerYear:  # fmt: skip
    """Projects appraised and paid for; the money may lag behind the plans."""
    time = maximum(shortest_appraisal_time, laboratory_appraisal_time - appraisal_time_saved)
    return laboratories_in_appraisal / time * funded_share


@flow(places.laboratories_building >> places.laboratories_open)
def opening_laboratories(laboratories_building_finishing: LaboratoriesPerYear) -> LaboratoriesPerYear:
    """Laboratories that begin to teach."""
    return laboratories_building_finishing


@auxiliary
def taught_by_lecturers(
    lecturers: People, trained_lecturers: People, students_per_lecturer: Ratio, students_per_trained_lecturer: Ratio,
    connector_teaching_ratio: Ratio,
) -> People:  # fmt: skip
    """Students whom the lecturers can teach properly at one time; experts abroad who teach from afar add a little."""
    taught = lecturers * students_per_lecturer + trained_lecturers * students_per_trained_lecturer
    return taught * connector_teaching_ratio


@auxiliary
def taught_in_laboratories(
    laboratories_open: Laboratories, students_per_laboratory: PeoplePerLaboratory,
    students_taught_without_programme: People, students_region_share: Share,
) -> People:  # fmt: skip
    """Students for whom there is room in laboratories: those of the programme, and older ones."""
    older = students_taught_without_programme * students_region_share
    return total(laboratories_open * students_per_laboratory, LABORATORY_KIND) + older


@auxiliary
def teaching_capacity(taught_by_lecturers: People, taught_in_laboratories: People, sharing_gain_share: Share) -> People:
    """Students taught properly: the smaller of lecturers' and laboratories' limits, stretched by sharing."""
    return minimum(taught_by_lecturers, taught_in_laboratories) * (1 + sharing_gain_share)


@auxiliary
def teaching_adequacy(teaching_capacity: People, chip_students: People) -> Share:
    """The share of chip students who are taught properly."""
    return minimum(1, ratio(teaching_capacity, chip_students, 1))

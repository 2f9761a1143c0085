"""Education: students by programme and study year, graduates, late students, master's and doctoral candidates.

Years are promoted whole each summer: of an autumn intake nobody is done before the fourth summer. Graduating on time
and completing at all are different numbers; who is late goes on, and finishes or leaves. Masters return to the pool of
recent graduates under the programme of their first degree.
"""

from vimach.sectors import places
from vimach.sectors.fab import turned_to_fabs
from vimach.sectors.places import DOOR, PROGRAMME, TRACK
from vimach.structure import auxiliary, flow, initial, maximum, part, total
from vimach.units import People, PeoplePerYear, PerYear, Ratio, Share, Years


@initial(places.bachelor_students)
def bachelor_students_at_start(
    bachelor_students_2015: People, students_region_share: Share, study_year_share: Share
) -> People:
    """Students of 2015 by programme, spread over four study years."""
    return bachelor_students_2015 * students_region_share * study_year_share


@initial(places.late_students)
def late_students_at_start(
    bachelor_students_2015: People, students_region_share: Share, late_share_2015: Ratio
) -> People:
    """Students of 2015 beyond their normal time, in proportion to those within it."""
    return bachelor_students_2015 * students_region_share * late_share_2015


@initial(places.recent_graduates)
def recent_graduates_at_start(
    bachelor_students_2015: People, students_region_share: Share, recent_share_2015: Ratio
) -> People:
    """Graduates of 2014 who have not yet decided what to do, in proportion to students."""
    return bachelor_students_2015 * students_region_share * recent_share_2015


@initial(places.master_students)
def master_students_at_start(
    master_students_2015: People, students_region_share: Share, master_year_share: Share
) -> People:
    """Master's students of 2015 in chip fields, by the programme of their first degree."""
    return master_students_2015 * students_region_share * master_year_share


@initial(places.doctoral_students)
def doctoral_students_at_start(
    doctoral_students_2015: People, students_region_share: Share, doctoral_year_share: Share
) -> People:
    """Doctoral candidates of 2015 in chip fields."""
    return doctoral_students_2015 * students_region_share * doctoral_year_share


@flow(places.bachelor_students >> places.recent_graduates)
def graduating_on_time(bachelor_students_finishing: PeoplePerYear, on_time_share: Share) -> PeoplePerYear:
    """Degrees after four years, in the summer."""
    return bachelor_students_finishing * on_time_share


@flow(places.bachelor_students >> places.late_students)
def running_late(bachelor_students_finishing: PeoplePerYear, on_time_share: Share) -> PeoplePerYear:
    """Not done after four years. Those who drop out earlier are counted here too, so enrolment is a little high."""
    return bachelor_students_finishing * (1 - on_time_share)


@auxiliary
def late_completion_share(completion_share: Share, on_time_share: Share) -> Share:
    """Of late students, the share who will finish, so that on time and late together make the eventual completion."""
    return maximum(0, completion_share - on_time_share) / (1 - on_time_share)


@flow(places.late_students >> places.recent_graduates)
def graduating_late(late_students: People, late_study_time: Years, late_completion_share: Share) -> PeoplePerYear:
    """Degrees after more than four years."""
    return late_students / late_study_time * late_completion_share


@flow(places.late_students >> places.other_sectors)
def dropping_out(late_students: People, late_study_time: Years, late_completion_share: Share) -> PeoplePerYear:
    """Leaving without a degree."""
    return late_students / late_study_time * (1 - late_completion_share)


@auxiliary
def graduating(graduating_on_time: PeoplePerYear, graduating_late: PeoplePerYear) -> PeoplePerYear:
    """First degrees by programme and region."""
    return graduating_on_time + graduating_late


@auxiliary
def graduating_by_track(
    graduating: PeoplePerYear, track_of_graduates_share: Share, chip_programme: Share
) -> PeoplePerYear:
    """First degrees from chip programmes by the kind of work that they prepare for."""
    return total(graduating * track_of_graduates_share * chip_programme, PROGRAMME)


@auxiliary
def chip_students(dedicated_students: People, specialisation_students: People, relabelled_students: People) -> People:
    """Students of all years in dedicated programmes and specialisations, those moved in after entry among them."""
    return total(dedicated_students + specialisation_students + relabelled_students, "bachelor_students_year")


@auxiliary
def well_taught_share(
    employable_ceiling_share: Share,
    teaching_while_studying: Share,
    chip_programme: Share,
    juniors_bind: Share,
    quality_if_juniors_bind: Ratio,
) -> Share:
    """Graduates with skills that a chip firm would pay for: a ceiling by programme, lowered where teaching is thin.

    Related majors are taught by others, so crowding in chip programmes does not touch them. If employable juniors are
    what is short before 2028, fewer graduates are ready than the ceiling says.
    """
    teaching = 1 - chip_programme * (1 - teaching_while_studying)
    structure = 1 - juniors_bind * (1 - quality_if_juniors_bind)
    return employable_ceiling_share * teaching * structure


@auxiliary
def effective_chip_graduates(graduating: PeoplePerYear, well_taught_share: Share) -> PeoplePerYear:
    """Well-taught graduates of dedicated programmes and specialisations a year; related majors not counted."""
    well_taught = graduating * well_taught_share
    return total(well_taught, PROGRAMME) - part(well_taught, PROGRAMME, "related")


@flow(places.recent_graduates >> places.master_students)
def entering_master(recent_graduates: People, master_entry_rate: PerYear) -> PeoplePerYear:
    """Graduates who begin a master's degree in a chip field in autumn."""
    return recent_graduates * master_entry_rate


@flow(places.master_students >> places.doctoral_students)
def entering_doctoral(master_students_finishing: PeoplePerYear, doctoral_entry_share: Share) -> PeoplePerYear:
    """Masters who go on to a doctorate."""
    return master_students_finishing * doctoral_entry_share


@flow(places.master_students >> places.recent_graduates)
def master_finishing(
    master_students_finishing: PeoplePerYear, doctoral_entry_share: Share, master_completion_share: Share
) -> PeoplePerYear:
    """Master's degrees taken to the labour market."""
    return master_students_finishing * (1 - doctoral_entry_share) * master_completion_share


@flow(places.master_students >> places.other_sectors)
def master_dropping_out(
    master_students_finishing: PeoplePerYear, doctoral_entry_share: Share, master_completion_share: Share
) -> PeoplePerYear:
    """Leaving a master's course without the degree."""
    return master_students_finishing * (1 - doctoral_entry_share) * (1 - master_completion_share)


@flow(places.doctoral_students >> places.lecturers)
def doctors_into_teaching(
    doctoral_students_finishing: PeoplePerYear, doctoral_completion_share: Share, doctors_teaching_share: Share
) -> PeoplePerYear:
    """New doctors who teach."""
    return doctoral_students_finishing * doctoral_completion_share * doctors_teaching_share


@flow(places.doctoral_students >> places.other_sectors)
def doctors_elsewhere(
    doctoral_students_finishing: PeoplePerYear, doctoral_completion_share: Share, doctors_teaching_share: Share
) -> PeoplePerYear:
    """Candidates who leave, and new doctors who work elsewhere."""
    return doctoral_students_finishing * (1 - doctoral_completion_share * doctors_teaching_share)


@auxiliary
def track_of_graduates_share(
    track_of_programme_share: Share, matched_to_posts_share: Share, open_posts_share: Share, fab_pull_share: Share,
    in_fab: Share,
) -> Share:  # fmt: skip
    """Which kind of work graduates prepare for; matching of curricula moves a share of them to where posts are open."""
    prepared = turned_to_fabs(track_of_programme_share, fab_pull_share, in_fab)
    return prepared * (1 - matched_to_posts_share) + matched_to_posts_share * open_posts_share


@auxiliary
def ready_for_first_job(
    recent_graduates: People, decision_time: Years, seeking_chip_work_share: Share, well_taught_share: Share,
    track_of_graduates_share: Share, door_of_programme: Share,
) -> PeoplePerYear:  # fmt: skip
    """Graduates fit for chip work who look for it, by track and by the door through which they come."""
    ready = recent_graduates / decision_time * seeking_chip_work_share * well_taught_share
    return ready * track_of_graduates_share * door_of_programme


@flow(places.recent_graduates >> places.juniors_moving)
def seeking_elsewhere(ready_for_first_job: PeoplePerYear, juniors_moving_share: Share) -> PeoplePerYear:
    """Graduates fit for chip work who look for it outside the region in which they studied."""
    return ready_for_first_job * juniors_moving_share


@flow(places.recent_graduates >> places.job_seekers)
def seeking_first_job(ready_for_first_job: PeoplePerYear, juniors_moving_share: Share) -> PeoplePerYear:
    """Graduates fit for chip work who look for it in their own region."""
    return ready_for_first_job * (1 - juniors_moving_share)


@flow(places.recent_graduates >> places.other_sectors)
def working_elsewhere(
    recent_graduates: People, decision_time: Years, ready_for_first_job: PeoplePerYear
) -> PeoplePerYear:
    """Graduates who do not look for chip work, or could not do it."""
    return recent_graduates / decision_time - total(ready_for_first_job, TRACK, DOOR)

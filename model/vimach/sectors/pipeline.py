"""Pipeline: yearly counts of people on their way from admission to work, and of those who are lost on it.

Counted for the whole country, or by track and region where the labour market is looked at. Nothing here feeds back.
"""

from vimach.sectors.places import DOOR, EXPERIENCE, HOST, PROGRAMME, REGION, SENIORITY, TRACK
from vimach.structure import auxiliary, total
from vimach.units import People, PeoplePerYear, Ratio, Share

# study


@auxiliary
def chip_entrants(
    entering_dedicated: PeoplePerYear, entering_specialisation: PeoplePerYear, relabelling: PeoplePerYear
) -> PeoplePerYear:
    """People who enter a dedicated programme or a chip specialisation, those moved in after entry among them."""
    moved_in = total(relabelling, REGION, "bachelor_students_year")
    return total(entering_dedicated, REGION) + total(entering_specialisation, REGION) + moved_in


@auxiliary
def chip_graduates(graduating: PeoplePerYear, chip_programme: Share) -> PeoplePerYear:
    """First degrees from dedicated programmes and chip specialisations."""
    return total(graduating * chip_programme, REGION, PROGRAMME)


@auxiliary
def chip_dropouts(dropping_out: PeoplePerYear, chip_programme: Share) -> PeoplePerYear:
    """Students of dedicated programmes and chip specialisations who leave without a degree."""
    return total(dropping_out * chip_programme, REGION, PROGRAMME)


# the first job


@auxiliary
def graduates_looking(ready_for_first_job: PeoplePerYear, chip_programme: Share) -> PeoplePerYear:
    """Graduates of chip programmes, masters among them, who are fit for chip work and begin to look for it."""
    return total(ready_for_first_job * chip_programme, REGION, PROGRAMME, DOOR, TRACK)


@auxiliary
def graduates_elsewhere(working_elsewhere: PeoplePerYear, chip_programme: Share) -> PeoplePerYear:
    """Graduates of chip programmes who do not look for chip work, or could not do it."""
    return total(working_elsewhere * chip_programme, REGION, PROGRAMME)


@auxiliary
def related_graduates_looking(ready_for_first_job: PeoplePerYear, chip_programme: Share) -> PeoplePerYear:
    """Graduates of other related majors who are fit for chip work and begin to look for it."""
    return total(ready_for_first_job * (1 - chip_programme), REGION, PROGRAMME, DOOR, TRACK)


@auxiliary
def converted_looking(seeking_after_conversion: PeoplePerYear, seeking_after_centre: PeoplePerYear) -> PeoplePerYear:
    """People who begin to look for chip work after a conversion course or a training centre."""
    return total(seeking_after_conversion + seeking_after_centre, REGION, TRACK)


@auxiliary
def juniors_giving_up(giving_up: PeoplePerYear) -> PeoplePerYear:
    """Juniors who looked for chip work and took other work."""
    return total(giving_up, REGION, TRACK, DOOR)


# those with experience


@auxiliary
def experienced_hired(lateral_hires: PeoplePerYear, taking_industry_posts: PeoplePerYear) -> PeoplePerYear:
    """Engineers with experience who join: from adjacent industry, from teaching, from abroad, and on paid posts."""
    return total(lateral_hires, REGION, TRACK) + total(taking_industry_posts, REGION, TRACK, HOST)


# leaving


@auxiliary
def quitting_the_sector(quitting: PeoplePerYear) -> PeoplePerYear:
    """Engineers who leave for other work at home."""
    return total(quitting, REGION, TRACK, EXPERIENCE)


@auxiliary
def emigrating_engineers(leaving_for_host: PeoplePerYear) -> PeoplePerYear:
    """Engineers who leave for chip work abroad."""
    return total(leaving_for_host, HOST)


@auxiliary
def retiring_or_teaching(retiring: PeoplePerYear, joining_faculty: PeoplePerYear) -> PeoplePerYear:
    """Engineers who retire or turn to teaching."""
    return total(retiring + joining_faculty, REGION, TRACK)


# what is needed, by track


@auxiliary
def people_looking(
    ready_for_first_job: PeoplePerYear, seeking_after_conversion: PeoplePerYear, seeking_after_centre: PeoplePerYear,
    adjacent_engineers_applying: PeoplePerYear, moving_to_industry: PeoplePerYear,
    trained_moving_to_industry: PeoplePerYear, returning_from_intense: PeoplePerYear, returning: PeoplePerYear,
    taking_industry_posts: PeoplePerYear,
) -> PeoplePerYear:  # fmt: skip
    """People fit for chip work who begin to look for it, or come for a paid post, by track: the supply of a year."""
    juniors = total(ready_for_first_job, REGION, PROGRAMME, DOOR)
    converted = total(seeking_after_conversion + seeking_after_centre, REGION)
    at_home = total(adjacent_engineers_applying + moving_to_industry + trained_moving_to_industry, REGION)
    home = total(returning_from_intense, REGION) + total(returning, REGION, HOST, SENIORITY)
    return juniors + converted + at_home + home + total(taking_industry_posts, REGION, HOST)


@auxiliary
def mentors_needed(novices: People, novices_per_mentor: Ratio) -> People:
    """Mentors whom all novices would need to learn at full speed, by region and track."""
    return novices / novices_per_mentor

"""Indicators: the ladder of definitions, the nested counts of people trained, gaps, and what targets are held against.

Every headcount names its rung. Nothing here feeds back into the model.
"""

from vimach.sectors.places import (
    DOOR,
    EXPERIENCE,
    FIRM_AGE,
    FIRM_KIND,
    HOST,
    LABORATORY_KIND,
    PLANT,
    PROGRAMME,
    REGION,
    TENURE,
    TRACK,
)
from vimach.structure import auxiliary, maximum, part, ratio, total
from vimach.units import DongPerYear, Firms, Laboratories, People, PeoplePerYear, Plants, Share


@auxiliary
def admitted_to_related_majors(admitted_related: PeoplePerYear) -> PeoplePerYear:
    """Rung admitted_related: people admitted a year to majors related to chips, in the whole country."""
    return total(admitted_related, REGION)


@auxiliary
def enrolled_dedicated(chip_students: People) -> People:
    """Rung enrolled_dedicated: students of dedicated programmes and specialisations, and those moved in later."""
    return total(chip_students, REGION)


@auxiliary
def trained_relabelled(graduates_counted: People, relabelled_counted: Share) -> People:
    """Graduates who were moved into a specialisation after entry; inside count (a), listed apart."""
    return total(part(graduates_counted, PROGRAMME, "relabelled"), REGION) * relabelled_counted


@auxiliary
def trained_in_programmes(
    graduates_counted: People, trained_relabelled: People, masters_counted: People, masters_are_counted: Share
) -> People:
    """Count (a): graduates of dedicated programmes and specialisations, and masters with another first degree."""
    graduates = total(graduates_counted, REGION)
    first = part(graduates, PROGRAMME, "dedicated") + part(graduates, PROGRAMME, "specialisation")
    masters = part(total(masters_counted, REGION), PROGRAMME, "related") * masters_are_counted
    return first + trained_relabelled + masters


@auxiliary
def trained_by_conversion(conversions_counted: People, centres_counted: People) -> People:
    """Completers of conversion courses and training centres with a degree who were new to the sector."""
    return total(conversions_counted, REGION) + total(centres_counted, REGION, TRACK)


@auxiliary
def trained_cumulative(trained_in_programmes: People, trained_by_conversion: People) -> People:
    """Count (b), the headline: (a) and net-new conversion completers with a degree, since the base date."""
    return trained_in_programmes + trained_by_conversion


@auxiliary
def trained_with_intense(
    trained_cumulative: People, intense_counted: People, programme_of_intense_share: Share, intense_is_counted: Share
) -> People:
    """Count (c): (b) and INTENSE graduates in chip fields whose first degree was not counted before."""
    not_yet_counted = part(programme_of_intense_share, PROGRAMME, "related")
    return trained_cumulative + total(intense_counted, REGION) * not_yet_counted * intense_is_counted


@auxiliary
def trained_with_related(
    trained_with_intense: People, graduates_counted: People, related_graduates_counted_share: Share
) -> People:
    """Count (d): (c) and a stated share of all graduates of related majors."""
    related = total(part(graduates_counted, PROGRAMME, "related"), REGION)
    return trained_with_intense + related * related_graduates_counted_share


@auxiliary
def graduates_of_related_majors(graduates_counted: People) -> People:
    """Graduates of related majors outside chip programmes since the base date: what count (d) takes a share of."""
    return total(part(graduates_counted, PROGRAMME, "related"), REGION)


@auxiliary
def trained_for_design(
    graduates_counted_by_track: People, conversions_counted_by_track: People, centres_counted: People
) -> People:
    """Of the headline, those whose programme or course prepares for design; masters of related majors are left out."""
    trained = graduates_counted_by_track + conversions_counted_by_track + centres_counted
    return total(part(trained, TRACK, "design"), REGION)


@auxiliary
def hired_first_job(first_jobs_counted: People) -> People:
    """Rung hired_first_job: first chip jobs filled since the base date."""
    return total(first_jobs_counted, REGION, TRACK, DOOR)


@auxiliary
def employed_in_sector(engineers: People) -> People:
    """Rung employed_in_sector: engineers at work at one time; technicians are counted beside, never inside."""
    return total(engineers, REGION, TRACK, EXPERIENCE)


@auxiliary
def retained_two_years(engineers_by_tenure: People) -> People:
    """Rung retained_two_years: engineers at work who joined the sector two years ago or more."""
    return total(part(engineers_by_tenure, TENURE, "two_years_or_more"), REGION, TRACK, EXPERIENCE)


@auxiliary
def employed_design(design_engineers: People) -> People:
    """Design engineers at work."""
    return total(design_engineers, REGION)


@auxiliary
def employed_atp(atp_engineers: People) -> People:
    """Engineers at work in assembly, test, packaging, equipment and materials."""
    return total(atp_engineers, REGION)


@auxiliary
def employed_technicians(technicians: People) -> People:
    """Technicians at work; never part of a count of engineers."""
    return total(technicians, REGION)


@auxiliary
def design_firms_active(design_firms: Firms) -> Firms:
    """Design firms, foreign branches among them; the target does not say whether branches count."""
    return total(design_firms, REGION, FIRM_KIND, FIRM_AGE)


@auxiliary
def atp_plants_operating(plant_running: Plants) -> Plants:
    """Assembly, test and packaging plants in operation, makers of boards and equipment left out."""
    return total(plant_running, PLANT)


@auxiliary
def base_laboratories_open(laboratories_open: Laboratories) -> Laboratories:
    """Base laboratories of universities that teach."""
    return total(part(laboratories_open, LABORATORY_KIND, "base"), REGION)


@auxiliary
def shared_laboratories_open(laboratories_open: Laboratories) -> Laboratories:
    """Shared national laboratories that teach."""
    return total(part(laboratories_open, LABORATORY_KIND, "shared"), REGION)


@auxiliary
def lecturers_trained_in_depth(lecturers_counted: People) -> People:
    """Lecturers trained in depth since the base date."""
    return total(lecturers_counted, REGION)


@auxiliary
def master_learners(master_learners_counted: People) -> People:
    """People who began a master's degree in a chip field since the base date: learners, not degrees."""
    return total(master_learners_counted, PROGRAMME, REGION)


@auxiliary
def doctoral_candidates(doctoral_candidates_counted: People) -> People:
    """People who began a doctorate in a chip field since the base date: candidates, not degrees."""
    return total(doctoral_candidates_counted, PROGRAMME, REGION)


@auxiliary
def target_gap(employed_target: People, employed_in_sector: People) -> People:
    """People missing to the stock that Decision 1018 wants; says nothing of whether anybody would pay them."""
    return maximum(0, employed_target - employed_in_sector)


@auxiliary
def funded_job_gap(vacancies: People) -> People:
    """Posts that firms and plants pay for and are filling at one time; those given up unfilled are not among them."""
    return total(vacancies, REGION, TRACK)


@auxiliary
def share_under_five_years(engineers: People, independents_under_five_years: Share) -> Share:
    """Design engineers with less than five years' experience: novices and three quarters of independents."""
    design = total(part(engineers, TRACK, "design"), REGION)
    young = part(design, EXPERIENCE, "novice") + part(design, EXPERIENCE, "independent") * independents_under_five_years
    return young / total(design, EXPERIENCE)


@auxiliary
def programme_cost(disbursing: DongPerYear) -> DongPerYear:
    """State money spent on the chip programme."""
    return disbursing * 1


@auxiliary
def placement_in_the_country(novice_hires: PeoplePerYear, giving_up: PeoplePerYear) -> Share:
    """Of juniors who stop looking, the share who found chip work, over all regions."""
    hired, gone = total(novice_hires, REGION, TRACK, DOOR), total(giving_up, REGION, TRACK, DOOR)
    return ratio(hired, hired + gone, 1)


@auxiliary
def engineers_abroad_total(engineers_abroad: People) -> People:
    """Vietnamese chip engineers at work abroad, all hosts; never counted, a judged number."""
    return total(engineers_abroad, HOST)


@auxiliary
def emigrated_engineers(emigrants_counted: People) -> People:
    """Engineers who left chip work at home for chip work abroad since the base date."""
    return total(emigrants_counted, HOST)


@auxiliary
def returned_engineers(returners_counted: People, intense_returners_counted: People) -> People:
    """Engineers who came home from chip work abroad since the base date, INTENSE graduates after their bond too."""
    return total(returners_counted, HOST) + total(intense_returners_counted, REGION, TRACK)


@auxiliary
def connectors(connectors_active: People) -> People:
    """Experts abroad who teach, mentor or bring firms without coming home, all hosts."""
    return total(connectors_active, HOST)

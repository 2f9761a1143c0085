"""Regions: how what is known for the country is shared between North, Central and South.

Regional counts are few and old. Each share is a judged weight with a wide range, drawn for each region by itself and
made to add up; what then differs between regions (posts, seekers, pay, firms, plants) the model works out.
"""

from vimach.sectors import places
from vimach.sectors.places import REGION, TRACK
from vimach.structure import auxiliary, flow, part, total
from vimach.units import People, PeoplePerYear, PerYear, Share


@auxiliary
def students_region_share(students_region_weight: Share) -> Share:
    """Where students, lecturers and laboratories are."""
    return students_region_weight / total(students_region_weight, REGION)


@auxiliary
def work_region_share(work_region_weight: Share) -> Share:
    """Where engineers of each track worked at the start, and where posts are if there are none yet."""
    return work_region_weight / total(work_region_weight, REGION)


@auxiliary
def design_region_share(work_region_share: Share) -> Share:
    """Where design firms are founded and conversion courses are held."""
    return part(work_region_share, TRACK, "design")


@auxiliary
def plants_region_share(work_region_share: Share) -> Share:
    """Where technicians were at the start."""
    return part(work_region_share, TRACK, "atp")


@auxiliary
def region_pull_rate(region_move_rate: PerYear, posts_region_share: Share) -> PerYear:
    """Yearly share of engineers who move to each region: they go where the posts of their track are."""
    return region_move_rate * posts_region_share


@auxiliary
def moving_in_net(engineers: People, region_pull_rate: PerYear) -> PeoplePerYear:
    """Engineers who move to each region less those who move away; nothing in the country as a whole."""
    arriving = region_pull_rate * (total(engineers, REGION) - engineers)
    return arriving - engineers * (total(region_pull_rate, REGION) - region_pull_rate)


@flow(places.northern_engineers >> places.central_engineers)
def moving_north_to_central(northern_engineers: People, region_pull_rate: PerYear) -> PeoplePerYear:
    """Engineers who change region, from North to Centre, without leaving the sector."""
    return northern_engineers * part(region_pull_rate, REGION, "central")


@flow(places.northern_engineers >> places.southern_engineers)
def moving_north_to_south(northern_engineers: People, region_pull_rate: PerYear) -> PeoplePerYear:
    """Engineers who change region, from North to South, without leaving the sector."""
    return northern_engineers * part(region_pull_rate, REGION, "south")


@flow(places.central_engineers >> places.northern_engineers)
def moving_central_to_north(central_engineers: People, region_pull_rate: PerYear) -> PeoplePerYear:
    """Engineers who change region, from Centre to North, without leaving the sector."""
    return central_engineers * part(region_pull_rate, REGION, "north")


@flow(places.central_engineers >> places.southern_engineers)
def moving_central_to_south(central_engineers: People, region_pull_rate: PerYear) -> PeoplePerYear:
    """Engineers who change region, from Centre to South, without leaving the sector."""
    return central_engineers * part(region_pull_rate, REGION, "south")


@flow(places.southern_engineers >> places.northern_engineers)
def moving_south_to_north(southern_engineers: People, region_pull_rate: PerYear) -> PeoplePerYear:
    """Engineers who change region, from South to North, without leaving the sector."""
    return southern_engineers * part(region_pull_rate, REGION, "north")


@flow(places.southern_engineers >> places.central_engineers)
def moving_south_to_central(southern_engineers: People, region_pull_rate: PerYear) -> PeoplePerYear:
    """Engineers who change region, from South to Centre, without leaving the sector."""
    return southern_engineers * part(region_pull_rate, REGION, "central")

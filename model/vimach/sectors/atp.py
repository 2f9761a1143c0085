"""Assembly, test and packaging: known plants with their dates, slots for plants not yet announced, jobs and staff.

A plant opens at its announced date plus its slippage and ramps up; whether an announced plant is built at all, and
when it closes, is drawn before the run. Jobs follow the chip cycle; missing staff slow the ramp.
"""

from vimach.sectors.places import EXPERIENCE, PLANT, REGION, TRACK
from vimach.structure import auxiliary, maximum, minimum, part, ratio, total
from vimach.units import Dollars, DollarsPerPlant, People, PeoplePerPlant, PeoplePerYear, Plants, Ratio, Share, Years


@auxiliary
def plant_opening(plant_announced_opening: Years, plant_wait_time: Years, plant_delay: Years) -> Years:
    """The date on which each plant opens: as announced plus delay; a plant not yet announced waits, then is built."""
    return plant_announced_opening + plant_wait_time + plant_delay


@auxiliary
def plant_built_share(plant_opening: Years, plant_building_time: Years, calendar: Years) -> Share:
    """How much of each plant stands: 0 before ground is broken, 1 when it opens."""
    return minimum(1, maximum(0, (calendar - plant_opening + plant_building_time) / plant_building_time))


@auxiliary
def plant_running(
    plant_opening: Years, plant_life_time: Years, plants_seen_until: Years, plant_switch_time: Years, calendar: Years,
    plant_goes_ahead: Plants,
) -> Plants:  # fmt: skip
    """1 where a plant runs, 0 where it does not: built at all, open, not yet closed.

    Plants that run today have not closed before today: their remaining life counts from then.
    """
    closing = maximum(plant_opening, plants_seen_until) + plant_life_time
    opened = minimum(1, maximum(0, (calendar - plant_opening) / plant_switch_time))
    closed = minimum(1, maximum(0, (calendar - closing) / plant_switch_time))
    return plant_goes_ahead * (opened - closed)


@auxiliary
def plant_on_line(plant_running: Plants, plant_opening: Years, plant_ramp_time: Years, calendar: Years) -> Plants:
    """The share of each running plant that is up to its planned size, were staff no limit."""
    return plant_running * minimum(1, maximum(0, (calendar - plant_opening) / plant_ramp_time))


@auxiliary
def atp_jobs(
    plant_on_line: Plants, plant_staff: PeoplePerPlant, plant_region_share: Share, chip_demand_ratio: Ratio,
    cycle_effect_on_jobs: Share,
) -> People:  # fmt: skip
    """Engineers and technicians that plants would employ, by region; operators are not counted."""
    cycle = 1 + cycle_effect_on_jobs * (chip_demand_ratio - 1)
    return total(plant_on_line * plant_staff * plant_region_share, PLANT) * cycle


@auxiliary
def atp_engineers_planned(atp_jobs: People, atp_engineer_share: Share, equipment_and_materials_ratio: Ratio) -> People:
    """Engineers whom plants, and makers of equipment and materials, would employ if technicians were no limit."""
    return atp_jobs * atp_engineer_share * (1 + equipment_and_materials_ratio)


@auxiliary
def technicians_planned(atp_jobs: People, atp_engineer_share: Share, fab_technicians_wanted: People) -> People:
    """Technicians whom plants and fabs would employ if engineers were no limit."""
    return atp_jobs * (1 - atp_engineer_share) + fab_technicians_wanted


@auxiliary
def atp_engineers(engineers: People) -> People:
    """Engineers of assembly, test, packaging, equipment and materials at work, by region."""
    return part(total(engineers, EXPERIENCE), TRACK, "atp")


@auxiliary
def atp_engineers_there(atp_engineers: People, atp_engineers_planned: People) -> Share:
    """Of the engineers planned, the share at work."""
    return minimum(1, ratio(atp_engineers, atp_engineers_planned, 1))


@auxiliary
def technicians_region_share(technicians_planned: People, plants_region_share: Share) -> Share:
    """Where vocational schools and courses send technicians: where plants want them."""
    return ratio(technicians_planned, total(technicians_planned, REGION), plants_region_share)


@auxiliary
def technicians_there(technicians: People, technicians_planned: People) -> Share:
    """Of the technicians planned, the share at work."""
    return minimum(1, ratio(technicians, technicians_planned, 1))


@auxiliary
def atp_engineers_wanted(
    atp_engineers_planned: People, technicians_there: Share, staffing_effect_on_ramp: Share
) -> People:
    """Engineers wanted now: lines without technicians are not run up, so they open no posts for engineers."""
    return atp_engineers_planned * (1 - staffing_effect_on_ramp * (1 - technicians_there))


@auxiliary
def technicians_wanted(
    technicians_planned: People, atp_engineers_there: Share, staffing_effect_on_ramp: Share
) -> People:
    """Technicians wanted now: lines without engineers are not run up, so they open no posts for technicians."""
    return technicians_planned * (1 - staffing_effect_on_ramp * (1 - atp_engineers_there))


@auxiliary
def growth_posts_of_atp(atp_engineers_wanted: People, atp_engineers: People, staffing_time: Years) -> PeoplePerYear:
    """Posts that plants open to reach their staffing; negative when jobs shrink: then fewer leavers are replaced."""
    return (atp_engineers_wanted - atp_engineers) / staffing_time


@auxiliary
def atp_staffing_share(atp_engineers_there: Share, technicians_there: Share) -> Share:
    """Of the staff planned, the share that is there; the scarcer kind decides."""
    return minimum(atp_engineers_there, technicians_there)


@auxiliary
def atp_utilisation(
    chip_demand_ratio: Ratio, atp_staffing_share: Share, plant_on_line: Plants, plant_running: Plants
) -> Share:
    """Share of installed capacity in use: ramp, chip cycle and missing staff together."""
    ramp = ratio(total(plant_on_line, PLANT), total(plant_running, PLANT), 0)
    return minimum(1, ramp * chip_demand_ratio) * atp_staffing_share


@auxiliary
def atp_capital(plant_built_share: Share, plant_goes_ahead: Plants, plant_capital: DollarsPerPlant) -> Dollars:
    """Capital spent on plants so far; registered capital is larger and no measure of it."""
    return total(plant_built_share * plant_goes_ahead * plant_capital, PLANT)

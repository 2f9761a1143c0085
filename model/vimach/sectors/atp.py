"""Assembly, test and packaging: known plants with their dates, slots for plants not yet announced, jobs and staff.

A plant opens at its announced date plus its slippage and ramps up; whether an announced plant is built at all, and
when it closes, is drawn before the run. Jobs follow the chip cycle; missing staff slow the ramp.
"""

from vimach.sectors.places import EXPERIENCE, PLANT, TRACK
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
def atp_engineers_wanted(atp_jobs: People, atp_engineer_share: Share, equipment_and_materials_ratio: Ratio) -> People:
    """Engineers wanted by plants, and by makers of equipment and materials, which counts since 2025 include."""
    return atp_jobs * atp_engineer_share * (1 + equipment_and_materials_ratio)


@auxiliary
def technicians_wanted(atp_jobs: People, atp_engineer_share: Share) -> People:
    """Technicians wanted by plants."""
    return atp_jobs * (1 - atp_engineer_share)


@auxiliary
def atp_engineers(engineers: People) -> People:
    """Engineers of assembly, test, packaging, equipment and materials at work, by region."""
    return part(total(engineers, EXPERIENCE), TRACK, "atp")


@auxiliary
def growth_posts_of_atp(atp_engineers_wanted: People, atp_engineers: People, staffing_time: Years) -> PeoplePerYear:
    """Posts that plants open to reach their staffing; negative when jobs shrink: then fewer leavers are replaced."""
    return (atp_engineers_wanted - atp_engineers) / staffing_time


@auxiliary
def atp_staffing_share(
    atp_engineers_wanted: People, atp_engineers: People, technicians_wanted: People, technicians: People
) -> Share:
    """Of the staff wanted, the share that is there; the scarcer kind decides."""
    engineers_there = minimum(1, ratio(atp_engineers, atp_engineers_wanted, 1))
    return minimum(engineers_there, minimum(1, ratio(technicians, technicians_wanted, 1)))


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

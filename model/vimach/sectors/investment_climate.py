"""Investment climate: permits, green lane, ready land, sandbox and the floors of incentives; on firms and on plants.

Each part is nothing, or as the law stands, in the baseline. Plants that run or have their permits cannot gain.
What is announced of plants passes through the law of announcements here: a chance to be built, and a delay.
"""

from vimach.sectors.places import PLANT
from vimach.structure import auxiliary, lookup, total
from vimach.units import Curve, DongPerPlantYear, DongPerYear, PerYear, Plants, Ratio, Share, Years


@auxiliary
def firms_supported_share(
    incentive_coverage_share: Share, incentive_floor_ratio: Ratio, firms_above_floor: Curve, floor_take_up_share: Share
) -> Share:
    """Young design firms with state support: taken in whatever their size, or because a lower floor lets them in."""
    let_in = lookup(incentive_floor_ratio, firms_above_floor) * floor_take_up_share
    return incentive_coverage_share + (1 - incentive_coverage_share) * let_in


@auxiliary
def investment_climate_effect(
    firms_supported_share: Share, funded_share: Share, entry_gain_from_incentives: Ratio, permit_time_saved: Years,
    permit_elasticity: PerYear, sandbox_share: Share, sandbox_gain: Ratio, open_to_sandbox: Share,
) -> Ratio:  # fmt: skip
    """What incentives, faster permits and a sandbox add to firm entry, by kind; 1 without them."""
    incentives = 1 + firms_supported_share * funded_share * entry_gain_from_incentives
    permits = 1 + permit_time_saved * permit_elasticity
    return incentives * permits * (1 + sandbox_share * sandbox_gain * open_to_sandbox)


@auxiliary
def plant_delay(
    plant_slippage_time: Years, permit_time_saved: Years, ready_land_share: Share, slippage_cut_by_land: Share,
    plant_not_yet_permitted_share: Share,
) -> Years:  # fmt: skip
    """Delay of each plant beyond its announced date; faster permits and ready land help those at the beginning."""
    slippage = plant_slippage_time * (1 - ready_land_share * slippage_cut_by_land * plant_not_yet_permitted_share)
    return slippage - permit_time_saved * plant_not_yet_permitted_share


@auxiliary
def plants_newly_supported_share(
    incentive_floor_ratio: Ratio, plants_above_floor: Curve, floor_take_up_share: Share
) -> Share:
    """New plants that a lower floor lets into the support fund; those above the floor in force have it already."""
    return lookup(incentive_floor_ratio, plants_above_floor) * floor_take_up_share


@auxiliary
def plant_goes_ahead(
    plant_planned: Plants, plant_still_planned: Share, plant_realised: Share, plant_not_yet_permitted_share: Share,
    green_lane_share: Share, green_lane_gain: Share, plants_newly_supported_share: Share, support_gain: Share,
) -> Plants:  # fmt: skip
    """1 where a plant is built at all; green lane and support save a part of those that would have lapsed.

    The part saved is a mean, so counts of plants are then no whole numbers.
    """
    lapsing_still = (1 - green_lane_share * green_lane_gain) * (1 - plants_newly_supported_share * support_gain)
    lapsed = plant_still_planned * (1 - plant_realised)
    return plant_planned * (1 - lapsed + lapsed * plant_not_yet_permitted_share * (1 - lapsing_still))


@auxiliary
def support_fund_cost(
    plants_newly_supported_share: Share, plant_running: Plants, plant_not_yet_permitted_share: Share,
    support_per_plant: DongPerPlantYear,
) -> DongPerYear:  # fmt: skip
    """What the support fund pays to plants that a lower floor lets in: money of the fund, not of the programme."""
    let_in = total(plant_running * plant_not_yet_permitted_share, PLANT) * plants_newly_supported_share
    return let_in * support_per_plant

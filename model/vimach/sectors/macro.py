"""Macro: growth of the economy, other technologies that want the same people, and the world's demand for chips.

All of it comes from outside the model: paths as observed to 2025 and judged after it, and shocks that a scenario dates.
Growth counts from the end of 2025; what stood before is in the observed paths of the sectors themselves.
"""

from vimach.structure import auxiliary, power
from vimach.units import DongPerYear, PeoplePerYear, PerYear, Ratio, Share, Years


@auxiliary
def growth_rate(growth_observed_rate: PerYear, growth_ahead_rate: PerYear) -> PerYear:
    """Growth of the economy in constant prices: observed to 2025, an input after it."""
    return growth_observed_rate + growth_ahead_rate


@auxiliary
def activity_ahead(activity_since_2025: Ratio, growth_ahead_rate: PerYear, activity_reading_time: Years) -> Ratio:
    """Where activity is heading: it moves by its growth. With it the memory `activity_since_2025` is an index."""
    return activity_since_2025 * (1 + growth_ahead_rate * activity_reading_time)


@auxiliary
def state_spending(state_budget: DongPerYear, activity_since_2025: Ratio, budget_elasticity: Share) -> DongPerYear:
    """State budget in prices of 2026: approved estimates to 2026, then with activity.

    Unit costs are held at their prices too, so prices play no part; in current prices the budget would grow faster.
    """
    return state_budget * power(activity_since_2025, budget_elasticity)


@auxiliary
def adjacent_engineers_interested(
    adjacent_applicants: PeoplePerYear, activity_since_2025: Ratio, adjacent_elasticity: Share
) -> PeoplePerYear:
    """Engineers of adjacent industry who would move to chips; their number follows the economy."""
    return adjacent_applicants * power(activity_since_2025, adjacent_elasticity)


@auxiliary
def competing_demand_ratio(
    activity_since_2025: Ratio, competing_elasticity: Share, ai_pull_ratio: Ratio, strategic_technologies_ratio: Ratio
) -> Ratio:
    """Pull of other work on the same people, 1 = as in 2015: growth, AI, ten other technologies."""
    return power(activity_since_2025, competing_elasticity) * ai_pull_ratio * strategic_technologies_ratio


@auxiliary
def seeking_chip_work_share(
    chip_seeking_share: Share, competing_demand_ratio: Ratio, competing_effect_on_seeking: Share
) -> Share:
    """Fit graduates who look for chip work: competing demand lowers the odds, so that a share stays a share."""
    against = (1 - chip_seeking_share) * power(competing_demand_ratio, competing_effect_on_seeking)
    return chip_seeking_share / (chip_seeking_share + against)


@auxiliary
def demand_after_shocks_ratio(
    demand_shock_share: Share, tariff_shock_share: Share, tariff_exposed_share: Share
) -> Ratio:
    """What shocks leave of the demand for chips made or designed in Vietnam; 1 without a shock."""
    return (1 - demand_shock_share) * (1 - tariff_shock_share * tariff_exposed_share)


@auxiliary
def home_demand_ratio(growth_rate: PerYear, usual_growth_rate: PerYear, home_market_share: Share) -> Ratio:
    """What growth of the economy adds to planned growth of design firms: only work for the home market answers."""
    return 1 + home_market_share * (growth_rate / usual_growth_rate - 1)


@auxiliary
def chip_demand_ratio(chip_cycle_ratio: Ratio, demand_after_shocks_ratio: Ratio) -> Ratio:
    """Demand for the work of plants against its trend: the chance of each year, and dated shocks."""
    return chip_cycle_ratio * demand_after_shocks_ratio


@auxiliary
def parents_entry_ratio(
    foreign_parents_ratio: Ratio, relocation_ratio: Ratio, demand_after_shocks_ratio: Ratio,
    shock_elasticity_of_entry: Share,
) -> Ratio:  # fmt: skip
    """Foreign parents' spending on new sites, with work that they move here and what a shock takes away."""
    return foreign_parents_ratio * relocation_ratio * power(demand_after_shocks_ratio, shock_elasticity_of_entry)


@auxiliary
def parents_hiring_ratio(
    foreign_parents_growth_ratio: Ratio, relocation_ratio: Ratio, relocation_effect_on_hiring: Share,
    demand_after_shocks_ratio: Ratio, shock_elasticity_of_hiring: Share,
) -> Ratio:  # fmt: skip
    """Foreign parents' hiring plans at sites that they have, with relocation and shocks."""
    moved = power(relocation_ratio, relocation_effect_on_hiring)
    return foreign_parents_growth_ratio * moved * power(demand_after_shocks_ratio, shock_elasticity_of_hiring)

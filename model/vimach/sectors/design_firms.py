"""Design firms: foreign branches, domestic start-ups and spin-outs; how they enter, age, hire and close.

Firms go where engineers are, seniors found firms, and crowding slows entry. A firm plans from the people it has, and
plans less when its posts stay unfilled and pay rises.
"""

from vimach.sectors import places
from vimach.sectors.places import EXPERIENCE, FIRM_AGE, FIRM_KIND, TRACK
from vimach.structure import auxiliary, flow, initial, part, power, ratio, total
from vimach.units import (
    Firms,
    FirmsPerPersonYear,
    FirmsPerYear,
    People,
    PeoplePerFirm,
    PeoplePerFirmYear,
    PeoplePerYear,
    PerYear,
    Ratio,
    Share,
    Years,
)


@initial(places.design_firms)
def design_firms_at_start(
    design_firms_2015: Firms, design_region_share: Share, firm_kind_share: Share, firm_age_share: Share
) -> Firms:
    """Firms of 2015 by kind and age; the first count is of 2022."""
    return design_firms_2015 * design_region_share * firm_kind_share * firm_age_share


@auxiliary
def design_engineers(engineers: People) -> People:
    """Design engineers at work, by region."""
    return part(total(engineers, EXPERIENCE), TRACK, "design")


@auxiliary
def design_seniors(seniors: People, leads: People) -> People:
    """Design engineers able to lead others."""
    return part(seniors + leads, TRACK, "design")


@auxiliary
def engineer_pool_effect(
    design_engineers: People, design_engineers_reference: People, design_region_share: Share, pool_elasticity: Share
) -> Ratio:
    """Firms follow engineers: 1 at the pool of 2022."""
    return power(design_engineers / (design_engineers_reference * design_region_share), pool_elasticity)


@auxiliary
def crowding(design_firms: Firms, firms_at_half_entry: Firms, design_region_share: Share) -> Share:
    """What is left of entry as firms become many: half at `firms_at_half_entry`."""
    firms = total(design_firms, FIRM_KIND, FIRM_AGE)
    return 1 / (1 + firms / (firms_at_half_entry * design_region_share))


@flow(places.investors >> places.new_firms)
def entering_firms(
    firm_entry_base: FirmsPerYear, design_region_share: Share, parents_entry_ratio: Ratio,
    exposed_to_parents_share: Share, engineer_pool_effect: Ratio,
    crowding: Share, investment_climate_effect: Ratio, research_knowledge_ratio: Ratio, branch_entry_ratio: Ratio,
    connector_entry_ratio: Ratio, entry_luck: Ratio, design_seniors: People,
    spin_out_rate: FirmsPerPersonYear, founded_by_seniors: Share,
) -> FirmsPerYear:  # fmt: skip
    """Firms that begin, by kind; foreign branches follow their parents' spending and experts abroad who bring them,
    spin-outs the number of seniors."""
    parents = 1 - exposed_to_parents_share * (1 - parents_entry_ratio)
    brought = branch_entry_ratio * connector_entry_ratio
    invested = firm_entry_base * design_region_share * parents * engineer_pool_effect * brought
    founded = design_seniors * spin_out_rate * founded_by_seniors
    return (invested + founded) * crowding * investment_climate_effect * research_knowledge_ratio * entry_luck


@flow(places.new_firms >> places.growing_firms)
def new_firms_growing(new_firms: Firms, time_as_new_firm: Years) -> FirmsPerYear:
    """Firms that outgrow their first years."""
    return new_firms / time_as_new_firm


@flow(places.growing_firms >> places.mature_firms)
def growing_firms_maturing(growing_firms: Firms, time_as_growing_firm: Years) -> FirmsPerYear:
    """Firms that settle."""
    return growing_firms / time_as_growing_firm


@flow(places.design_firms >> places.closed)
def closing_firms(design_firms: Firms, firm_exit_rate: PerYear, exit_luck: Ratio) -> FirmsPerYear:
    """Firms that close or leave; none has been recorded in Vietnam, so the rate is judged."""
    return design_firms * firm_exit_rate * exit_luck


@auxiliary
def plan_brake(
    perceived_fill: Share, fill_elasticity: Share, pay_of_experienced: Ratio, pay_brake_elasticity: Share
) -> Ratio:
    """How far unfilled posts and dear engineers make firms plan less; design only."""
    fill = part(perceived_fill, TRACK, "design")
    return power(fill, fill_elasticity) * power(pay_of_experienced, 0 - pay_brake_elasticity)


@auxiliary
def growth_posts_of_design(
    new_firms: Firms, growing_firms: Firms, posts_of_new_firm: PeoplePerFirmYear,
    posts_of_growing_firm: PeoplePerFirmYear, design_engineers: People, plan_growth_rate: PerYear,
    parents_hiring_ratio: Ratio, home_demand_ratio: Ratio, research_growth_ratio: Ratio,
    growth_luck: Ratio, plan_brake: Ratio,
) -> PeoplePerYear:  # fmt: skip
    """Posts that design firms open to grow: young firms by the firm, all firms in proportion to their people."""
    young = total(new_firms * posts_of_new_firm + growing_firms * posts_of_growing_firm, FIRM_KIND)
    planned = design_engineers * plan_growth_rate * parents_hiring_ratio * home_demand_ratio * research_growth_ratio
    return (young + planned) * growth_luck * plan_brake


@auxiliary
def engineers_per_firm(
    design_engineers: People, design_firms: Firms, engineers_per_firm_without_firms: PeoplePerFirm
) -> PeoplePerFirm:
    """Design engineers for each design firm."""
    return ratio(design_engineers, total(design_firms, FIRM_KIND, FIRM_AGE), engineers_per_firm_without_firms)

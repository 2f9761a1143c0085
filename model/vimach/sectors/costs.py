"""Costs: who pays for chip engineers, what is capital and what recurrent, and the whole bill beside the state's.

Nothing here limits anything; money that limits the programme stands in `funding`. Prices are those of their year's
budget, in VND of 2025 for unit costs; nothing is discounted.
"""

from vimach.sectors.places import DOOR, REGION, TRACK
from vimach.structure import auxiliary, total
from vimach.units import (
    DongPerPerson,
    DongPerPersonYear,
    DongPerTaiwanDollar,
    DongPerYear,
    People,
    PeoplePerYear,
    Share,
    TaiwanDollarsPerPersonYear,
)


@auxiliary
def programme_capital_cost(laboratory_cost: DongPerYear, funded_share: Share) -> DongPerYear:
    """Programme money spent on things that last: laboratories."""
    return laboratory_cost * funded_share


@auxiliary
def programme_recurrent_cost(disbursing: DongPerYear, programme_capital_cost: DongPerYear) -> DongPerYear:
    """Programme money spent on what must be paid again each year."""
    return disbursing - programme_capital_cost


@auxiliary
def tax_relief_cost(
    engineers_by_track: People, tax_relief_covered_share: Share, tax_relief_a_year: DongPerPersonYear
) -> DongPerYear:
    """Income tax that the state forgoes for chip engineers under the law in force: a line of its own."""
    return total(engineers_by_track, REGION, TRACK) * tax_relief_covered_share * tax_relief_a_year


@auxiliary
def design_tools_cost(chip_students: People, design_tool_licence_a_year: DongPerPersonYear) -> DongPerYear:
    """Licences of design tools for students, mostly given by their makers: a line of its own."""
    return total(chip_students, REGION) * design_tool_licence_a_year


@auxiliary
def cost_to_central_budget(
    disbursing: DongPerYear, local_budget_share: Share, tax_relief_cost: DongPerYear, test_chip_runs_cost: DongPerYear
) -> DongPerYear:
    """What the central budget pays or forgoes: its part of the programme, tax relief, test-chip runs."""
    return disbursing * (1 - local_budget_share) + tax_relief_cost + test_chip_runs_cost


@auxiliary
def cost_to_local_budgets(disbursing: DongPerYear, local_budget_share: Share) -> DongPerYear:
    """What provinces and cities pay of the programme."""
    return disbursing * local_budget_share


@auxiliary
def cost_to_families(chip_students: People, tuition_a_year: DongPerPersonYear) -> DongPerYear:
    """Fees of students of chip programmes; living costs are left out, they would be paid in any field."""
    return total(chip_students, REGION) * tuition_a_year


@auxiliary
def cost_to_firms(novice_hires: PeoplePerYear, onboarding_cost: DongPerPerson) -> DongPerYear:
    """What firms spend on novices before these earn their pay."""
    return total(novice_hires, REGION, TRACK, DOOR) * onboarding_cost


@auxiliary
def cost_to_foreign_partners(
    intense_students: People,
    intense_support_a_year: TaiwanDollarsPerPersonYear,
    dong_per_taiwan_dollar: DongPerTaiwanDollar,
    design_tools_cost: DongPerYear,
) -> DongPerYear:
    """INTENSE, paid by Taiwan and its firms, and design tools given by their makers."""
    students = total(intense_students, REGION, "intense_students_year")
    return students * intense_support_a_year * dong_per_taiwan_dollar + design_tools_cost


@auxiliary
def cost_to_the_state(cost_to_central_budget: DongPerYear, cost_to_local_budgets: DongPerYear) -> DongPerYear:
    """Central and local budgets together, tax relief and test-chip runs among them."""
    return cost_to_central_budget + cost_to_local_budgets


@auxiliary
def cost_to_the_economy(
    cost_to_the_state: DongPerYear,
    cost_to_families: DongPerYear,
    cost_to_firms: DongPerYear,
    cost_to_foreign_partners: DongPerYear,
) -> DongPerYear:
    """What all payers spend; scholarships are in the state's part and not taken off the families' fees."""
    return cost_to_the_state + cost_to_families + cost_to_firms + cost_to_foreign_partners

"""Costs: who pays for chip engineers and for what, what is capital and what recurrent, and the whole bill.

Nothing here limits anything; money that limits the programme stands in `funding`. Unit costs are in VND of 2025 and
held there; nothing is discounted. Investment of firms and plants is left out, as is pay.
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

# the programme: its stages, and its lines as paid; money that is short cuts all lines alike


@auxiliary
def programme_money_estimated(
    programme_budget_base: DongPerYear, state_spending: DongPerYear, st_addition_so_far: Share,
    chip_share_of_additional: Share, programme_money_announced: DongPerYear,
) -> DongPerYear:  # fmt: skip
    """First stage: what estimates and decisions name for the programme, before any of it is handed out."""
    gained = state_spending * st_addition_so_far * chip_share_of_additional
    return programme_budget_base + gained + programme_money_announced


@auxiliary
def programme_money_allocated(allocating: DongPerYear) -> DongPerYear:
    """Second stage: what is handed out to those who may spend it; `programme_cost` is the third, what is spent."""
    return allocating * 1


@auxiliary
def lecturer_training_paid(lecturer_training_cost: DongPerYear, funded_share: Share) -> DongPerYear:
    """Training of lecturers in depth, as paid."""
    return lecturer_training_cost * funded_share


@auxiliary
def lecturer_pay_topup_paid(lecturer_pay_cost: DongPerYear, funded_share: Share) -> DongPerYear:
    """Pay top-ups for lecturers, as paid."""
    return lecturer_pay_cost * funded_share


@auxiliary
def laboratories_paid(laboratory_cost: DongPerYear, funded_share: Share) -> DongPerYear:
    """Laboratories, as paid; the only capital of the programme."""
    return laboratory_cost * funded_share


@auxiliary
def conversion_paid(conversion_cost: DongPerYear, funded_share: Share) -> DongPerYear:
    """Conversion courses, as paid."""
    return conversion_cost * funded_share


@auxiliary
def scholarships_paid(scholarship_cost: DongPerYear, funded_share: Share) -> DongPerYear:
    """Domestic scholarships, as paid."""
    return scholarship_cost * funded_share


@auxiliary
def firm_incentives_paid(incentive_cost: DongPerYear, funded_share: Share) -> DongPerYear:
    """Support to young design firms, as paid."""
    return incentive_cost * funded_share


@auxiliary
def retention_pay_paid(retention_cost: DongPerYear, funded_share: Share) -> DongPerYear:
    """Retention pay, as paid."""
    return retention_cost * funded_share


@auxiliary
def return_grants_paid(return_incentive_cost: DongPerYear, funded_share: Share) -> DongPerYear:
    """Grants to bring people home, as paid."""
    return return_incentive_cost * funded_share


@auxiliary
def technician_training_paid(technician_training_cost: DongPerYear, funded_share: Share) -> DongPerYear:
    """Courses for technicians, as paid."""
    return technician_training_cost * funded_share


@auxiliary
def chief_posts_paid(chief_posts_cost: DongPerYear, funded_share: Share) -> DongPerYear:
    """Posts of chief engineers and architects, as paid."""
    return chief_posts_cost * funded_share


@auxiliary
def diaspora_paid(diaspora_cost: DongPerYear, funded_share: Share) -> DongPerYear:
    """Posts and programme for experts abroad, as paid."""
    return diaspora_cost * funded_share


@auxiliary
def research_paid(research_programme_cost: DongPerYear, funded_share: Share) -> DongPerYear:
    """The programme's own research, as paid."""
    return research_programme_cost * funded_share


@auxiliary
def partnerships_paid(partnership_cost: DongPerYear, funded_share: Share) -> DongPerYear:
    """The state's share of partnerships, as paid."""
    return partnership_cost * funded_share


@auxiliary
def programme_capital_cost(laboratories_paid: DongPerYear) -> DongPerYear:
    """Programme money spent on things that last: laboratories."""
    return laboratories_paid * 1


@auxiliary
def programme_recurrent_cost(disbursing: DongPerYear, programme_capital_cost: DongPerYear) -> DongPerYear:
    """Programme money spent on what must be paid again each year."""
    return disbursing - programme_capital_cost


# what stands beside the programme


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
def test_chip_runs_paid(test_chip_runs_cost: DongPerYear) -> DongPerYear:
    """Test-chip runs for universities: a line of its own."""
    return test_chip_runs_cost * 1


@auxiliary
def fab_support_paid(fab_subsidy: DongPerYear) -> DongPerYear:
    """Support to fabs under their law: capital, and a line of its own."""
    return fab_subsidy * 1


@auxiliary
def plant_support_paid(support_fund_cost: DongPerYear) -> DongPerYear:
    """What the support fund pays to plants that a lower floor lets in."""
    return support_fund_cost * 1


@auxiliary
def intense_support_cost(
    intense_students: People, intense_support_a_year: TaiwanDollarsPerPersonYear,
    dong_per_taiwan_dollar: DongPerTaiwanDollar,
) -> DongPerYear:  # fmt: skip
    """INTENSE, paid by Taiwan (China) and its firms."""
    return total(intense_students, REGION, "intense_students_year") * intense_support_a_year * dong_per_taiwan_dollar


# payers


@auxiliary
def cost_to_central_budget(
    disbursing: DongPerYear, local_budget_share: Share, tax_relief_cost: DongPerYear, test_chip_runs_paid: DongPerYear,
    fab_support_paid: DongPerYear, plant_support_paid: DongPerYear,
) -> DongPerYear:  # fmt: skip
    """What the central budget pays or forgoes: its part of the programme, tax relief, test chips, plants and fabs."""
    firms = fab_support_paid + plant_support_paid
    return disbursing * (1 - local_budget_share) + tax_relief_cost + test_chip_runs_paid + firms


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
    intense_support_cost: DongPerYear, design_tools_cost: DongPerYear, paid_by_partners: DongPerYear
) -> DongPerYear:
    """INTENSE, design tools given by their makers, and partners' share of partnerships."""
    return intense_support_cost + design_tools_cost + paid_by_partners


@auxiliary
def cost_to_the_state(cost_to_central_budget: DongPerYear, cost_to_local_budgets: DongPerYear) -> DongPerYear:
    """Central and local budgets together, with tax relief, test-chip runs and support to fabs and plants."""
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

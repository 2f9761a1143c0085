"""Research: money for chip research, the knowledge that it leaves, prototypes and patents, and firms founded on them.

Knowledge is a stock in dong, as in national accounts: research at what it cost, entered when it is finished and written
off as it goes out of date. So the law of conservation checks it; its dong are never money again. Firms pay for research
as they grow, which closes the loop: knowledge, start-ups, engineers, firms' research, knowledge.
"""

from vimach.sectors import places
from vimach.structure import auxiliary, flow, initial, minimum, power, ratio, total
from vimach.units import (
    Dong,
    DongPerPersonYear,
    DongPerPrototype,
    DongPerYear,
    DongYearsPerPrototype,
    Firms,
    FirmsPerPrototype,
    FirmsPerYear,
    People,
    Prototypes,
    PrototypesPerYear,
    Ratio,
    Share,
    Years,
)


@auxiliary
def usual_research(
    research_background: DongPerYear, design_engineers_reference: People, research_paid_by_firms: DongPerPersonYear
) -> DongPerYear:
    """Research a year before the programme: other public money, and firms with the engineers of 2022."""
    return research_background + design_engineers_reference * research_paid_by_firms


@auxiliary
def usual_knowledge(usual_research: DongPerYear, knowledge_life_time: Years) -> Dong:
    """The knowledge that usual research keeps up: the mark at which effects of knowledge are one."""
    return usual_research * knowledge_life_time


@initial(places.research_underway)
def research_underway_at_start(usual_research: DongPerYear, research_time: Years, research_stage_share: Share) -> Dong:
    """Research begun before 2015 and not finished."""
    return usual_research * research_time * research_stage_share


@initial(places.research_knowledge)
def knowledge_at_start(usual_knowledge: Dong) -> Dong:
    """Knowledge of 2015: what usual research keeps up; nothing of it was observed."""
    return usual_knowledge


@initial(places.prototypes)
def prototypes_at_start(
    usual_knowledge: Dong, knowledge_behind_prototype: DongYearsPerPrototype, commercialisation_time: Years
) -> Prototypes:
    """Prototypes and patents of 2015 that wait for a use."""
    return usual_knowledge / knowledge_behind_prototype * commercialisation_time


@auxiliary
def research_cost(
    programme_budget_base: DongPerYear, research_part_of_programme: Share, research_contracts: DongPerYear
) -> DongPerYear:
    """Research in the programme, as wanted: its part of approved lines, and flexible contracts."""
    return programme_budget_base * research_part_of_programme + research_contracts


@auxiliary
def research_by_firms(design_engineers: People, research_paid_by_firms: DongPerPersonYear) -> DongPerYear:
    """Research that firms pay universities and institutes for, in proportion to their engineers."""
    return total(design_engineers * research_paid_by_firms, places.REGION)


@flow(places.research_funders >> places.research_underway)
def beginning_research(
    research_background: DongPerYear, research_by_firms: DongPerYear, research_cost: DongPerYear,
    joint_research: DongPerYear, funded_share: Share,
) -> DongPerYear:  # fmt: skip
    """Research begun, at cost: usual public money, firms, and what the programme and its partners really pay."""
    return research_background + research_by_firms + (research_cost + joint_research) * funded_share


@flow(places.research_underway >> places.research_knowledge)
def finishing_research(research_underway_finishing: DongPerYear) -> DongPerYear:
    """Research finished: years after its money."""
    return research_underway_finishing


@flow(places.research_knowledge >> places.obsolete)
def knowledge_ageing(research_knowledge: Dong, knowledge_life_time: Years) -> DongPerYear:
    """Knowledge that goes out of date."""
    return research_knowledge / knowledge_life_time


@auxiliary
def research_knowledge_ratio(
    research_knowledge: Dong, usual_knowledge: Dong, knowledge_elasticity_of_entry: Share
) -> Ratio:
    """What knowledge adds to firm entry of every kind: firms come where there is research; 1 at usual knowledge."""
    return power(research_knowledge / usual_knowledge, knowledge_elasticity_of_entry)


@auxiliary
def research_growth_ratio(
    research_knowledge: Dong, usual_knowledge: Dong, knowledge_elasticity_of_growth: Share
) -> Ratio:
    """What knowledge adds to the growth that firms plan, through better products; 1 at usual knowledge."""
    return power(research_knowledge / usual_knowledge, knowledge_elasticity_of_growth)


@auxiliary
def challenge_cost(commissioned_challenges: DongPerYear) -> DongPerYear:
    """Challenges that the state commissions, as wanted."""
    return commissioned_challenges * 1


@flow(places.workshops >> places.prototypes)
def making_prototypes(
    research_knowledge: Dong, knowledge_behind_prototype: DongYearsPerPrototype, challenge_cost: DongPerYear,
    challenge_unit_cost: DongPerPrototype, funded_share: Share,
) -> PrototypesPerYear:  # fmt: skip
    """Prototypes and patents worth trying: from knowledge, and from challenges that the state pays for."""
    return research_knowledge / knowledge_behind_prototype + challenge_cost * funded_share / challenge_unit_cost


@auxiliary
def venture_wanted(
    prototypes: Prototypes, commercialisation_time: Years, venture_unit_cost: DongPerPrototype
) -> DongPerYear:
    """Venture capital that all prototypes which are decided on would take a year."""
    return prototypes / commercialisation_time * venture_unit_cost


@auxiliary
def venture_cost(venture_fund: DongPerYear, venture_wanted: DongPerYear) -> DongPerYear:
    """Venture capital with state money, as wanted: the fund, never more than there are prototypes to put it into."""
    return minimum(venture_fund, venture_wanted)


@auxiliary
def commercialised_share(
    commercialised_share_alone: Share, commercialised_share_with_venture: Share, venture_cost: DongPerYear,
    venture_wanted: DongPerYear, funded_share: Share,
) -> Share:  # fmt: skip
    """Of prototypes that are decided on, the share that comes into use; more where venture capital is paid."""
    backed = ratio(venture_cost, venture_wanted, 0) * funded_share
    return commercialised_share_alone + backed * (commercialised_share_with_venture - commercialised_share_alone)


@flow(places.prototypes >> places.in_use)
def commercialising(
    prototypes: Prototypes, commercialisation_time: Years, commercialised_share: Share
) -> PrototypesPerYear:
    """Prototypes that come into use, in firms that exist or in new ones."""
    return prototypes / commercialisation_time * commercialised_share


@flow(places.prototypes >> places.obsolete)
def abandoning_prototypes(
    prototypes: Prototypes, commercialisation_time: Years, commercialised_share: Share
) -> PrototypesPerYear:
    """Prototypes that nobody takes up."""
    return prototypes / commercialisation_time * (1 - commercialised_share)


@flow(places.investors >> places.new_firms)
def start_ups_from_research(
    commercialising: PrototypesPerYear, start_ups_per_prototype: FirmsPerPrototype, founded_from_research: Share,
    design_region_share: Share, entry_luck: Ratio,
) -> FirmsPerYear:  # fmt: skip
    """Domestic design firms founded on research, where design is."""
    return commercialising * start_ups_per_prototype * founded_from_research * design_region_share * entry_luck


@auxiliary
def research_programme_cost(
    research_cost: DongPerYear, challenge_cost: DongPerYear, venture_cost: DongPerYear
) -> DongPerYear:
    """Research, challenges and venture capital of the programme, as wanted."""
    return research_cost + challenge_cost + venture_cost


@auxiliary
def start_ups(start_ups_counted: Firms) -> Firms:
    """Design firms founded on research since the base date, closed ones among them."""
    return total(start_ups_counted, places.REGION, places.FIRM_KIND)

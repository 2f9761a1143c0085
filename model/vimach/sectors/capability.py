"""Self-reliance per stage, and the posts of chief engineer and chief architect of national projects.

For each stage - design, make, test - a number from 0 to 1 from stated ingredients, and a threshold above which the
country is called able. Both are readings, not measurements. The two chief posts are an input of their own, decided by
the Government: they are neither the senior nor the lead stage inside firms, and are counted among no engineers.
"""

from vimach.sectors.places import CHIEF_POST, FAB_PROJECT, FIRM_AGE, FIRM_KIND, PLANT, REGION, STAGE
from vimach.structure import auxiliary, minimum, part, ratio, total
from vimach.units import DongPerPersonYear, DongPerYear, Fabs, Firms, People, Plants, Ratio, Share


@auxiliary
def chief_posts_cost(chief_posts_filled: People, chief_post_cost: DongPerPersonYear) -> DongPerYear:
    """Pay and means of chief engineers and chief architects, as wanted."""
    return total(chief_posts_filled, CHIEF_POST) * chief_post_cost


@auxiliary
def chief_posts_paid_share(chief_posts_filled: People, funded_share: Share, chief_posts_wanted: People) -> Share:
    """Of the chief posts that national projects need, the share that is filled and paid."""
    return minimum(1, chief_posts_filled * funded_share / chief_posts_wanted)


@auxiliary
def grown_domestic_firms(growing_firms: Firms, mature_firms: Firms) -> Firms:
    """Design firms of Vietnamese owners past their first years: domestic founders and spin-outs."""
    grown = total(growing_firms + mature_firms, REGION)
    return part(grown, FIRM_KIND, "domestic") + part(grown, FIRM_KIND, "spin_out")


@auxiliary
def domestic_design_seniors(design_seniors: People, design_firms: Firms, grown_domestic_firms: Firms) -> People:
    """Seniors and leads in those firms, were they spread like firms; branches are larger, so this flatters."""
    firms = total(design_firms, REGION, FIRM_KIND, FIRM_AGE)
    return total(design_seniors, REGION) * ratio(grown_domestic_firms, firms, 0)


@auxiliary
def design_capability(
    domestic_design_seniors: People, design_seniors_needed: People, grown_domestic_firms: Firms,
    research_knowledge_ratio: Ratio, domestic_firms_needed: Firms, chiefs_settled: Share,
    capability_gain_from_chiefs: Share,
) -> Share:  # fmt: skip
    """Seniors or firms with knowledge, whichever is scarcer against the need; chief architects make more of both."""
    people = domestic_design_seniors / design_seniors_needed
    firms = grown_domestic_firms * research_knowledge_ratio / domestic_firms_needed
    gain = part(chiefs_settled * capability_gain_from_chiefs, CHIEF_POST, "chief_architect")
    return minimum(1, minimum(people, firms) * (1 + gain))


@auxiliary
def make_capability(
    fab_in_trial_production: Fabs, fabs_needed: Fabs, fab_staffing_share: Share, chiefs_settled: Share,
    capability_gain_from_chiefs: Share,
) -> Share:  # fmt: skip
    """A fab in trial production, as far as it is staffed; chief engineers make more of its staff.

    Nothing is said of yield, or of which chips a 32-nanometre line can make: this flatters.
    """
    fabs = minimum(1, total(fab_in_trial_production, FAB_PROJECT) / fabs_needed)
    gain = part(chiefs_settled * capability_gain_from_chiefs, CHIEF_POST, "chief_engineer")
    return minimum(1, fabs * fab_staffing_share * (1 + gain))


@auxiliary
def test_capability(plant_running: Plants, vietnamese_owner_share: Share, vietnamese_plants_needed: Plants) -> Share:
    """Test and packaging plants of Vietnamese owners that run, against the number that would do."""
    return minimum(1, total(plant_running * vietnamese_owner_share, PLANT) / vietnamese_plants_needed)


@auxiliary
def capability(
    design_capability: Share, make_capability: Share, test_capability: Share, is_design_stage: Share,
    is_make_stage: Share, is_test_stage: Share,
) -> Share:  # fmt: skip
    """Self-reliance by stage, from 0 (nothing of what the stage needs) to 1 (all of it)."""
    made = design_capability * is_design_stage + make_capability * is_make_stage
    return made + test_capability * is_test_stage


@auxiliary
def stage_readiness(capability: Share, capability_threshold: Share) -> Share:
    """How near each stage is to what we read as able: 1 from the date on which it is able."""
    return minimum(1, capability / capability_threshold)


@auxiliary
def self_reliance(stage_readiness: Share) -> Share:
    """The stage furthest from able: 1 once the country can design, make and test. The goal is 2027, by our reading."""
    design, make = part(stage_readiness, STAGE, "design"), part(stage_readiness, STAGE, "make")
    return minimum(design, minimum(make, part(stage_readiness, STAGE, "test")))

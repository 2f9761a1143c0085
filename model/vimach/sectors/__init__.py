"""The model: one page of equations per sector, over one map of places. Read `places` first."""

from types import ModuleType

from vimach.sectors import (
    admissions,
    atp,
    capability,
    conversion,
    costs,
    design_firms,
    detail,
    diaspora,
    education,
    fab,
    faculty,
    funding,
    indicators,
    investment_climate,
    labour_market,
    macro,
    partnerships,
    pipeline,
    place_costs,
    places,
    regions,
    research,
    scholarships,
    workforce,
)

SECTORS: tuple[ModuleType, ...] = (
    regions, macro, admissions, education, faculty, conversion, scholarships, diaspora, labour_market, workforce,
    design_firms, atp, fab, investment_climate, research, partnerships, funding, costs, place_costs, capability,
    indicators, detail, pipeline,
)  # fmt: skip
"""The sectors in reading order."""

MODULES: tuple[ModuleType, ...] = (places, *SECTORS)
"""What the dry run reads."""

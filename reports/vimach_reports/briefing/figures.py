"""Which figures the briefing shows, by the name that its pages ask for, and how each is drawn from the material.

A drawer returns None where what it draws is not there; the page then says so in a sentence.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from vimach_reports import fan, small_multiples
from vimach_reports.briefing.material import Material
from vimach_reports.catalogue import Language
from vimach_reports.figure import Drawing

Drawer: TypeAlias = Callable[[Material, Language], Drawing | None]


def _fan(material: Material, language: Language) -> Drawing:
    pair = (material.base, material.other)
    return fan.draw_fan(pair, material.targets, language, material.observations)


def _targets(material: Material, language: Language) -> Drawing:
    return small_multiples.draw_small_multiples((material.base, material.other), material.targets, language)


DRAWERS: Final[Mapping[str, Drawer]] = {fan.NAME: _fan, "F7_targets": _targets}


def drawings(material: Material, language: Language) -> dict[str, Drawing]:
    """Every figure that can be drawn, by name."""
    found = {name: draw(material, language) for name, draw in DRAWERS.items()}
    return {name: drawing for name, drawing in found.items() if drawing is not None}

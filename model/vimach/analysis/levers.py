"""How each lever is pulled: the paths that the scenarios of the repository give it."""

from dataclasses import dataclass
from typing import Final

from vimach.scenario import Override, read_scenario
from vimach.simulate import Model

PULLED_IN: Final = ("accelerated_funding", "hundred_thousand")
"""Scenarios in which levers are pulled: the first decides, and the second pulls all that it leaves alone."""


@dataclass(frozen=True)
class Pull:
    """A lever's accelerated path as the overrides of a scenario, and the scenario's name."""

    scenario: str
    overrides: tuple[Override, ...]


def pulls(model: Model) -> dict[str, Pull]:
    """The accelerated path of each lever, by its name; a lever that neither scenario pulls is left out."""
    found: dict[str, Pull] = {}
    for scenario in PULLED_IN:
        overrides = read_scenario(scenario, model.table, model.labels).overrides
        for lever in model.table.levers:
            own = tuple(override for override in overrides if override.name == lever.name)
            if own and lever.name not in found:
                found[lever.name] = Pull(scenario, own)
    return found

"""Levers by dose: 0 leaves a lever as a scenario has it, 1 moves it to the end of its range, from its first year on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vimach.ensemble import CENTRAL, Block, Draw
from vimach.errors import Place
from vimach.graph import Dimension
from vimach.parameters.table import Parameter
from vimach.paths import Step
from vimach.scenario import Law, Override, Scenario
from vimach.simulate import Model

_JUDGED_AT = 2035.5


@dataclass(frozen=True)
class Dial:
    """A lever with its central setting under a scenario and the end of its range that it can be moved to."""

    lever: Parameter
    central: float
    end: float

    @property
    def name(self) -> str:
        """Name of the parameter."""
        return self.lever.name

    @property
    def first_year(self) -> float:
        """The year from which it can act."""
        assert self.lever.lever is not None
        return self.lever.lever.first_year

    def setting(self, dose: float) -> float:
        """The setting at a dose, in the parameter's unit."""
        return self.central + dose * (self.end - self.central)

    def override(self, dose: float) -> Override:
        """What sets the lever to a dose; a member that draws better keeps its own."""
        law: Law = "raise_to" if self.end >= self.central else "lower_to"
        path = Step(self.setting(dose), self.first_year)
        return Override(self.name, None, law, False, path, "a dose of an analysis", Place(""))


def dial(model: Model, scenario: Scenario, name: str) -> Dial:
    """The dial of a lever, from its setting late in the run; it turns up, but for a lever that starts at the top."""
    lever = model.table[name]
    block = Block(0, CENTRAL, 1)
    dims: Sequence[Dimension] = [model.graph.dimension(each) for each in lever.dimensions]
    draw = Draw(lever, dims, block)
    times = np.array([_JUDGED_AT])
    alone, central = (
        float(np.mean(draw.values([o for o in overrides if o.name == name], times))) / draw.scale
        for overrides in ((), scenario.overrides)
    )
    low, high = lever.range
    return Dial(lever, central, low if alone >= high else high)


def pulled(dials: Mapping[str, Dial], doses: Mapping[str, float]) -> list[Override]:
    """The overrides of these doses; a dose of 0 is none."""
    return [dials[name].override(dose) for name, dose in doses.items() if dose > 0.0]

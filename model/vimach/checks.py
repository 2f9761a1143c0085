"""What `vimach validate` checks beyond what readers and the dry run refuse by themselves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from vimach import units
from vimach.cautions import cautions
from vimach.errors import BadInput, ModelError, Place, Problem, nearest
from vimach.kernels.array import is_rate
from vimach.parameters.table import Target
from vimach.scenario import read_scenario

if TYPE_CHECKING:
    from vimach.simulate import Model

Read = TypeVar("Read")


@dataclass
class Checks:
    """What was found: `passed` tells what was checked, `cautions` what may not be meant, `problems` what is wrong."""

    passed: dict[str, str] = field(default_factory=dict)
    cautions: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def try_(self, action: Callable[[], Read]) -> Read | None:
        """The result of `action`, or None and its problems noted, each once."""
        try:
            return action()
        except (BadInput, ModelError) as error:
            self.problems += [problem for problem in error.problems if problem not in self.problems]
            return None

    def model(self, model: "Model") -> None:
        """Tells what the dry run saw, and checks that levers move what there is."""
        graph = model.graph
        kinds = {name: len(graph.by_kind(*of)) for name, of in _KINDS.items()}
        counted = ", ".join(f"{number} {name}" for name, number in kinds.items())
        self.passed["equations"] = f"{counted}; {len(graph.nodes)} operations; units, names and routes agree"
        self.passed["parameters"] = (
            f"{len(model.table)}, of them {len(model.table.levers)} levers; every label has a value"
        )
        for parameter in model.table.levers:
            for move in parameter.lever.moves if parameter.lever else ():
                for verb, name in (("moves", move.output), ("is held by", move.held_by)):
                    if name and name not in graph.variables:
                        hint = nearest(name, graph.variables)
                        message = f"{verb} {name!r}, which is no variable"
                        self.problems.append(Problem(message, parameter.place, parameter.name, hint))

    def targets(self, model: "Model", targets: Sequence[Target]) -> None:
        """Each target's variable must be a national total of its unit."""
        for target in targets:
            self.problems += _target_problems(model, target)
        self.passed["targets"] = f"{len(targets)}, each on a national total of its unit"

    def sources(self, model: "Model", targets: Sequence[Target], evidence: Mapping[str, Any]) -> None:
        """Each source of a parameter, unit cost or target must be a row of the evidence."""
        for key, place, ids in _sources(model, targets):
            for row in ids:
                if row not in evidence:
                    message = f"no row of the evidence has the id {row!r}"
                    self.problems.append(Problem(message, place, key, nearest(row, evidence)))
        self.passed["evidence"] = f"{len(evidence)} rows; every source named is one of them"

    def scenario(self, model: "Model", word: str, until: int) -> None:
        """A scenario must read without a fault; what may not be meant, in a run to the end of `until`, is told."""
        scenario = self.try_(lambda: read_scenario(word, model.table, model.labels, (), model.graph.variables))
        if scenario is not None:
            self.cautions += cautions(model, scenario, until)
            self.passed[f"scenario {scenario.name}"] = f"{len(scenario.names)} settings, hash {scenario.hash}"


_KINDS = {
    "stocks": ("stock", "cohorts", "chain"),
    "flows": ("flow",),
    "auxiliaries": ("auxiliary",),
    "memories": ("memory",),
    "tallies": ("tally", "shadow"),
}


def _target_problems(model: "Model", target: Target) -> Iterator[Problem]:
    variable = model.graph.variables.get(target.variable)
    if variable is None:
        hint = nearest(target.variable, model.graph.variables)
        yield Problem(f"no variable {target.variable!r}", target.place, f"{target.name}.variable", hint)
        return
    if variable.node.dims:
        dims = ", ".join(dimension.name for dimension in variable.node.dims)
        yield Problem(f"{variable.name} is no national total: by {dims}", target.place, f"{target.name}.variable")
    unit = variable.node.unit * units.unit("year") if is_rate(variable) else variable.node.unit
    try:
        units.factor(units.text(unit), target.unit)
    except BadInput as error:
        yield Problem(str(error), target.place, f"{target.name}.unit")
    if target.unit == "person" and not target.rung:
        yield Problem("is missing; a headcount names its rung", target.place, f"{target.name}.rung")


def _sources(model: "Model", targets: Sequence[Target]) -> Iterator[tuple[str, Place, tuple[str, ...]]]:
    for parameter in model.table.values():
        yield f"{parameter.name}.source", parameter.place, parameter.source
        if parameter.lever and parameter.lever.unit_cost:
            yield f"{parameter.name}.lever.unit_cost", parameter.place, parameter.lever.unit_cost.source
    for target in targets:
        yield f"{target.name}.source", target.place, target.source

"""What the modules of a model declare, by name and with where it stands, before anything is traced."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from vimach.errors import Place, Problem
from vimach.graph import Dimension
from vimach.structure import Chain, Cohorts, Curve, Memory, Outside, Part, Shadow, Stock, Tally

CALENDAR = "calendar"
INTAKE, PROMOTION, STEPS = "school_intake", "school_promotion", "steps_per_year"
ENGINES_OWN = (CALENDAR, INTAKE, PROMOTION, STEPS)
"""Names that the engine supplies."""


class Given(Protocol):
    """What the dry run needs to know of a parameter."""

    @property
    def unit(self) -> str: ...
    @property
    def dimensions(self) -> tuple[str, ...]: ...
    @property
    def curve(self) -> Curve | None: ...


@dataclass
class Declarations:
    """Everything that the modules declare, by name, with where it stands."""

    dims: dict[str, Dimension] = field(default_factory=dict)
    places: dict[str, Any] = field(default_factory=dict)
    equations: dict[str, Callable[..., Any]] = field(default_factory=dict)
    initials: list[Callable[..., Any]] = field(default_factory=list)
    where: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, name: str, value: Any, where: str) -> None:
        """Notes one place or equation; a name or a place met twice is a problem."""
        if name in self.where and self.places.get(name, self.equations.get(name)) is not value:
            self.problems.append(Problem(f"declared twice, in {self.where[name]} and in {where}", key=name))
        if name in ENGINES_OWN:
            self.problems.append(Problem("this name is the engine's own", key=name))
        other = next((known for known, place in self.places.items() if place is value and known != name), None)
        if other is not None:
            self.problems.append(Problem(f"is the same place as {other}; a place has one name", key=name))
        (self.equations if callable(value) else self.places)[name] = value
        self.where[name] = where


def collect(*modules: Any) -> Declarations:
    """Reads modules (or mappings of names, for small models) and lists what they declare."""
    found = Declarations()
    for module in modules:
        names = module if isinstance(module, Mapping) else vars(module)
        home = "" if isinstance(module, Mapping) else module.__name__
        for name, value in names.items():
            if isinstance(value, Dimension):
                if found.dims.setdefault(value.name, value) != value:
                    found.problems.append(Problem(f"dimension {value.name} is declared twice with other labels"))
            elif isinstance(value, Stock | Part | Outside | Memory | Tally | Shadow):
                found.add(name, value, home or "places")
            elif callable(value) and hasattr(value, "vimach") and home in ("", value.__module__):
                if value.vimach.kind == "initial":
                    found.initials.append(value)
                else:
                    found.add(name, value, str(place_of(value)))
    return found


def place_of(function: Callable[..., Any]) -> Place:
    """Where an equation stands, without the path of this machine."""
    return Place(f"{function.__module__.replace('.', '/')}.py", function.__code__.co_firstlineno)


@cache
def arguments_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names that an equation reads, in order."""
    return tuple(inspect.signature(function).parameters)


def inner_dimension(name: str, place: Any) -> Dimension | None:
    """The study years of cohorts, the stages of a chain; None for any other place."""
    if isinstance(place, Cohorts):
        return Dimension(f"{name}_year", tuple(str(n + 1) for n in range(place.years)))
    if isinstance(place, Chain):
        return Dimension(f"{name}_stage", tuple(str(n + 1) for n in range(place.stages)))
    return None

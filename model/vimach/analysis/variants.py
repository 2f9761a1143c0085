"""Scenarios between two others, or with a lever more, and runs of many of them that share their past."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from math import floor
from typing import TypeAlias

import xarray as xr

from vimach.analysis.targets import Array
from vimach.ensemble import Sample
from vimach.errors import BadInput, Problem, nearest
from vimach.paths import Constant, Table
from vimach.scenario import Override, Scenario
from vimach.simulate import Model, Settings, simulate

Run: TypeAlias = Callable[[Scenario], xr.Dataset]
"""Simulates a scenario, with the same members each time."""


def differing(base: Scenario, other: Scenario) -> tuple[str, ...]:
    """The parameters that two scenarios do not set alike, in the order in which `other`, then `base`, names them."""
    names = dict.fromkeys(override.name for override in (*other.overrides, *base.overrides))
    return tuple(name for name in names if _effects(base, name) != _effects(other, name))


def between(base: Scenario, other: Scenario, names: Collection[str]) -> Scenario:
    """`base`, but with the parameters of `names` set as in `other`."""
    kept = [override for override in base.overrides if override.name not in names]
    return replace(base, overrides=(*kept, *(override for override in other.overrides if override.name in names)))


def with_more(base: Scenario, more: Iterable[Override]) -> Scenario:
    """`base` with more overrides on top."""
    return replace(base, overrides=(*base.overrides, *more))


def parting(scenarios: Iterable[Scenario], base: Scenario, start: int) -> int:
    """The calendar year before which all the scenarios are as `base`, and `start` if there is none."""
    dates = [
        _parts_from(override.path)
        for scenario in scenarios
        for name in differing(base, scenario)
        for each in (base, scenario)
        for override in each.overrides
        if override.name == name
    ]
    return max(start, floor(min((start if date is None else date for date in dates), default=start)))


def runs_from(
    model: Model, base: Scenario, settings: Settings, records: Iterable[str], year: int,
    progress: Callable[[int], None] = lambda members: None,
) -> Run:  # fmt: skip
    """Runs scenarios that are as `base` before `year`: that past is simulated once, and each run goes on from there.

    The bits are those of whole runs; the datasets begin at `year`.
    """
    kept = tuple(dict.fromkeys(records))
    settings = replace(settings, sample=settings.sample and _remembering(settings.sample))
    missing = [name for name in kept if name not in model.graph.variables]
    if missing:
        known = model.graph.variables
        raise BadInput([Problem("no variable has this name", None, name, nearest(name, known)) for name in missing])
    if year <= settings.start:
        return lambda scenario: simulate(model, scenario, settings, kept, progress)
    past = simulate(model, base, replace(settings, until=year - 1), list(model.graph.states))
    later = replace(settings, start=year)
    return lambda scenario: simulate(model, scenario, later, kept, progress, past)


@dataclass(frozen=True, eq=False)
class _Remembering(Sample):
    """A sample that looks its quantiles up once: members far apart take longer to find than a run takes."""

    found: dict[tuple[str, int, int], Array] = field(default_factory=dict)

    def uniforms(self, name: str, first: int, count: int) -> Array:
        key = (name, first, count)
        if key not in self.found:
            self.found[key] = super().uniforms(name, first, count)
        return self.found[key]


def _remembering(sample: Sample) -> Sample:
    return _Remembering(sample.seed, sample.members, sample.quantiles, sample.attributes)


def _effects(scenario: Scenario, name: str) -> list[tuple[object, ...]]:
    """What a scenario does to a parameter, whatever its reasons."""
    return [(o.labels, o.law, o.certain, o.path) for o in scenario.overrides if o.name == name]


def _parts_from(path: object) -> float | None:
    """The date before which a path changes nothing; None if there is none."""
    match path:
        case Constant() | Table():
            return None
        case _:
            return float(path.starts)  # type: ignore[attr-defined]

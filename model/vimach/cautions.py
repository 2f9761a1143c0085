"""What is no fault in a scenario and yet may not be meant: a lever that rewrites history, a setting without effect."""

import numpy as np

from vimach.ensemble import CENTRAL, Block, Draw
from vimach.errors import Problem
from vimach.kernels.array import Array
from vimach.parameters.table import Parameter
from vimach.scenario import Override, Scenario
from vimach.simulate import Model, Settings
from vimach.vintage import vintage


def cautions(model: Model, scenario: Scenario, until: int) -> list[Problem]:
    """Warnings, each with its place, about the settings of a scenario in a usual run to the end of `until`.

    Each setting is held against those written before it, at the central values: a lever that moves before the forecast
    origin, a path that begins after the run, `raise_to` or `lower_to` that moves nothing.
    """
    times = Settings(until=until).schedule().times[:-1]
    dimensions = {dimension.name: dimension for dimension in model.graph.dimensions}
    found = []
    for name in dict.fromkeys(override.name for override in scenario.overrides):
        parameter = model.table[name]
        draw = Draw(parameter, [dimensions[each] for each in parameter.dimensions], Block(0, CENTRAL, 1))
        overrides = [override for override in scenario.overrides if override.name == name]
        values = [draw.values(overrides[:count], times) / draw.scale for count in range(len(overrides) + 1)]
        for override, before, after in zip(overrides, values, values[1:], strict=False):
            here = (slice(None), *draw.where(override.labels))
            if words := _odd(parameter, override, before[here], after[here], times):
                found.append(Problem(f"warning: {words}", override.place, f"set.{name}"))
    return found


def _odd(parameter: Parameter, override: Override, before: Array, after: Array, times: Array) -> str:
    """What is odd about an override that makes `after` of a parameter's central values `before`, or ""."""
    starts, unit = getattr(override.path, "starts", times[0]), "" if parameter.unit == "1" else f" {parameter.unit}"
    acting, changed = times >= starts, np.argwhere(before != after)
    if not acting.any():
        return f"starts in {starts:g}, which a run until {times[-1] // 1:g} never reaches"
    if not len(changed):
        if override.law == "value":
            return ""
        held = before[acting]
        known = f"{held.min():g}{unit} or more" if override.law == "raise_to" else f"{held.max():g}{unit} or less"
        return f"{override.law} changes nothing at the central values, which are {known} without it"
    first, origin = tuple(changed[0]), vintage().forecast_origin
    if not parameter.lever or times[first[0]] >= origin:
        return ""
    moved = f"{before[first]:g} becomes {after[first]:g}{unit} in {times[first[0]]:g}"
    return f"rewrites history: {moved}; write a decision still to be taken as a step or ramp from {origin:g} on"

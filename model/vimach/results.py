"""Results: labels put back on bare arrays, and datasets written and read as netCDF.

Stocks and auxiliaries stand on edges (2031.0 is the end of 2030), flows are sums over calendar years. Nothing in a
file tells the clock, the machine, a path or a user.
"""

import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from vimach import units
from vimach.errors import BadInput, Problem
from vimach.graph import Graph, Variable
from vimach.kernels.array import Array, Recording, Schedule
from vimach.scenario import Scenario

if TYPE_CHECKING:
    from vimach.simulate import Model, Settings


def dataset(
    model: "Model", scenario: Scenario, settings: "Settings", schedule: Schedule, recordings: list[Recording]
) -> xr.Dataset:
    """One labelled dataset from the recordings of all blocks, members in order."""
    graph = model.graph
    edges = schedule.times[list(schedule.edges)]
    variables: dict[str, Any] = {}
    for kind, first in (("edges", "edge"), ("periods", "period")):
        for name in getattr(recordings[0], kind):
            variable = graph.variables[name]
            dims = (first, *(dim.name for dim in variable.node.dims), "member")
            values = np.concatenate([getattr(recording, kind)[name] for recording in recordings], axis=-1)
            variables[name] = (dims, values, _about(variable, first == "period"))
    used = {dim for dims, _, _ in variables.values() for dim in dims}
    coordinates: dict[str, Any] = {
        "edge": ("edge", edges, {"long_name": "time in decimal years; 2031.0 is the end of 2030"}),
        "period": ("period", np.floor(edges[:-1]).astype(np.int64), {"long_name": "calendar year"}),
        "member": ("member", np.arange(max(settings.members, 1), dtype=np.int64)),
    }
    for dimension in graph.dimensions:
        if dimension.name in used:
            coordinates[dimension.name] = (dimension.name, np.array(dimension.labels, dtype=object))
    return xr.Dataset(variables, coordinates, _provenance(model, scenario, settings))


def _about(variable: Variable, summed: bool) -> dict[str, Any]:
    unit = variable.node.unit * units.unit("year") if summed else variable.node.unit
    meaning = " ".join(variable.meaning.split())
    rung = meaning.removeprefix("Rung ").split(":")[0] if meaning.startswith("Rung ") else ""
    about = {"unit": units.text(unit), "kind": variable.kind, "sector": variable.sector}
    return {**about, "meaning": meaning, "rung": rung}


def _provenance(model: "Model", scenario: Scenario, settings: "Settings") -> dict[str, Any]:
    from vimach.vintage import vintage

    data = vintage()
    origins = {
        name: {"grade": p.grade, "source": list(p.source), "judgment": p.judgment} for name, p in model.table.items()
    }
    return {
        "scenario": scenario.name,
        "scenario_title_en": scenario.title.en,
        "scenario_title_vi": scenario.title.vi,
        "scenario_hash": scenario.hash,
        "scenario_text": scenario.text,
        "seed": settings.seed,
        "members": settings.members,
        "start": settings.start,
        "until": settings.until,
        "step": settings.step,
        "method": settings.method,
        "model_version": version("vimach"),
        "data_vintage": data.read_up_to,
        "forecast_origin": data.forecast_origin,
        "calibration": "prior, not calibrated",
        "origins": json.dumps(origins, ensure_ascii=False, sort_keys=True),
    }


def states_at(data: xr.Dataset, model: "Model", settings: "Settings") -> dict[str, Array]:
    """The states of an earlier run at the edge `settings.start`, by name, shape (*dimensions, member).

    BadInput if that run had other members, another seed, step or version, lacks the edge, or did not keep every state.
    """
    asked = {"members": settings.members, "seed": settings.seed, "step": settings.step, "method": settings.method}
    asked["model_version"] = version("vimach")
    problems = [
        f"the saved run has {name} {data.attrs.get(name)!r}, this one {value!r}"
        for name, value in asked.items()
        if data.attrs.get(name) != value
    ]
    if settings.start not in data["edge"]:
        problems.append(f"the saved run has no edge {settings.start}")
    missing = [name for name in model.graph.states if name not in data]
    if missing:
        problems.append(f"the saved run did not keep {', '.join(missing[:3])}; it needs --outputs all")
    if problems:
        raise BadInput([Problem(problem, key="--state") for problem in problems])
    then = data.sel(edge=float(settings.start))
    dims = {name: [dim.name for dim in state.node.dims] for name, state in model.graph.states.items()}
    return {name: then[name].transpose(*own, "member").to_numpy() for name, own in dims.items()}


KEPT = ("indicators", "costs", "place_costs")
DETAIL = (
    "engineers", "graduates_counted", "vacancies", "vacancies_in_detail", "replacement_demand",
    "replacement_demand_in_detail", "trained_in_detail", "design_firms", "paid_by_partners",
)  # fmt: skip
"""Beside the indicators, what tells region, track, experience and programme apart."""


def headlines(graph: Graph) -> list[str]:
    """The variables that a planner reads: of the sectors KEPT, and DETAIL; small enough for thousands of members."""
    indicators = [name for name, variable in graph.variables.items() if variable.sector in KEPT]
    return [*indicators, *DETAIL]


def write(data: xr.Dataset, file: Path) -> None:
    """Writes a dataset as netCDF, under a temporary name first: a killed run leaves no half file."""
    temporary = file.with_name(f".{file.name}.part")
    try:
        data.to_netcdf(temporary, engine="h5netcdf")
        temporary.replace(file)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise BadInput(f"{file}: cannot be written: {error.strerror or error}") from error


def read(file: Path) -> xr.Dataset:
    """Reads a dataset that `write` wrote; BadInput if there is none or if it is damaged."""
    if not file.is_file():
        raise BadInput(f"{file}: there is no such file; run the scenario first")
    try:
        with xr.open_dataset(file, engine="h5netcdf") as data:
            return data.load()
    except OSError as error:
        raise BadInput(f"{file}: is not a result file, or is damaged; run the scenario again") from error

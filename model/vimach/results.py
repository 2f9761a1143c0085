"""Results: labels put back on bare arrays, and datasets written and read as netCDF.

Stocks and auxiliaries stand on edges (2031.0 is the end of 2030), flows are sums over calendar years, or over steps
where every step is kept. Nothing in a file tells the clock, the machine, a path or a user.

xarray is imported where labelled arrays are made: a plain run writes its file without any, and would wait for them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vimach import netcdf, units
from vimach.ensemble import Block
from vimach.errors import BadInput, Problem
from vimach.files import whole as whole  # vimach_calibration.sbc, bound to its table, takes it from here
from vimach.graph import Graph, Variable
from vimach.kernels.array import Array, Recording, Schedule
from vimach.netcdf import Coordinate, Field, Frame
from vimach.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

    from vimach.simulate import Model, Settings

PRIOR = "prior, not calibrated"
"""What results say of themselves when every number is drawn from its prior."""
TYPES = {"double": np.float64, "single": np.float32}
"""What a number is kept as, by the name of its precision."""


def frame(
    model: "Model", scenario: Scenario, settings: "Settings", schedule: Schedule,
    recorded: tuple[Sequence[str], Sequence[str]], first: int | None = None,
) -> Frame:  # fmt: skip
    """The dataset of a run without its numbers, from the start of the year `first` on (None: all of it).

    `recorded` names the variables on edges and those over periods.
    """
    graph = model.graph
    start = settings.start if first is None else max(settings.start, first)
    edges = schedule.times[list(schedule.edges)]
    edges = edges[edges >= start]
    every = settings.save_per == "step"
    starts: Any = edges[:-1] if every else np.floor(edges[:-1]).astype(np.int64)
    coordinates = {
        "edge": Coordinate(edges, {"long_name": "time in decimal years; 2031.0 is the end of 2030"}),
        "period": Coordinate(starts, {"long_name": "start of the step in decimal years" if every else "calendar year"}),
        "member": Coordinate(np.arange(max(settings.members, 1), dtype=np.int64), {}),
    }
    variables: dict[str, Field] = {}
    for names, when in zip(recorded, ("edge", "period"), strict=True):
        for name in names:
            variable = graph.variables[name]
            dims = (when, *(dim.name for dim in variable.node.dims), "member")
            variables[name] = Field(dims, _about(variable, when == "period"))
    used = {dim for field in variables.values() for dim in field.dims}
    for dimension in graph.dimensions:
        if dimension.name in used:
            coordinates[dimension.name] = Coordinate(np.array(dimension.labels, dtype=object), {})
    told = _provenance(model, scenario, settings) | {"start": start}
    return Frame(coordinates, variables, np.dtype(TYPES[settings.precision]), told)


def filled(frame: Frame, recording: Recording) -> "xr.Dataset":
    """The dataset of a frame with the numbers of all its members."""
    import xarray as xr

    found = kept(frame, recording)
    variables = {name: (field.dims, found[name], field.attributes) for name, field in frame.variables.items()}
    coordinates = {name: (name, values, attributes) for name, (values, attributes) in frame.coordinates.items()}
    return xr.Dataset(variables, coordinates, frame.attributes)


def kept(frame: Frame, recording: Recording) -> dict[str, Array]:
    """What the frame keeps of a recording: its last edges and periods, in its precision.

    BadInput if a number is too large for single precision.
    """
    found: dict[str, Array] = {}
    for name, values in (recording.edges | recording.periods).items():
        last = values[values.shape[0] - frame.shape(name)[0] :]
        with np.errstate(over="ignore"):
            found[name] = last.astype(frame.dtype, copy=False)
        if frame.dtype == np.float32 and np.any(np.isinf(found[name]) & np.isfinite(last)):
            raise BadInput(Problem(f"{name} grows too large for single precision", key="--precision"))
    return found


def joined(recordings: Sequence[Recording]) -> Recording:
    """The recordings of neighbouring blocks as one, members in order."""
    if len(recordings) == 1:
        return recordings[0]
    edges, periods = (
        {name: np.concatenate([each[name] for each in parts], axis=-1) for name in parts[0]}
        for parts in ([each.edges for each in recordings], [each.periods for each in recordings])
    )
    return Recording(edges, periods, [failure for recording in recordings for failure in recording.failures])


def since(first: int, data: "xr.Dataset") -> "xr.Dataset":
    """The results from the start of `first` on."""
    if first <= data.attrs["start"]:
        return data
    later = data.isel(edge=data["edge"].values >= first, period=data["period"].values >= first)
    return later.assign_attrs(start=first)


def annual(data: "xr.Dataset") -> "xr.Dataset":
    """Results of every step as yearly ones: edges of whole years, flows summed over each year in the order of time.

    In double precision these are the bits of a run that kept years only; in single, steps were rounded before they are
    summed. Steps are read one at a time, so that a file need not fit.
    """
    if data.attrs.get("save_per", "year") == "year":
        return data
    yearly = data.assign_attrs(save_per="year")
    if "edge" in data.dims:
        yearly = yearly.isel(edge=data["edge"].values % 1.0 == 0.0)
    if "period" not in data.dims:
        return yearly
    years = np.floor(data["period"].values).astype(np.int64)
    calendar = ("period", np.unique(years), {"long_name": "calendar year"})
    yearly = yearly.drop_dims("period").assign_coords(period=calendar)
    for name, variable in data.data_vars.items():
        if "period" in variable.dims:
            total = np.zeros((yearly.sizes["period"], *variable.shape[1:]))
            for step, year in enumerate(years - years[0]):
                total[year] += variable[step].values
            yearly[name] = (variable.dims, total.astype(variable.dtype), variable.attrs)
    return yearly


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
        "save_per": settings.save_per,
        "precision": settings.precision,
        "model_version": version("vimach"),
        "model": model.digest,
        "data_vintage": data.read_up_to,
        "forecast_origin": data.forecast_origin,
        "calibration": PRIOR,
        "origins": json.dumps(origins, ensure_ascii=False, sort_keys=True),
        **(settings.sample.attributes if settings.sample and settings.members else {}),
    }


class States:
    """The states of an earlier run at the edge `settings.start`, to go on from; read block by block.

    BadInput if that run had other members, another seed, step, model or posterior, lacks the edge, did not keep every
    state or kept it in single precision.
    """

    def __init__(self, data: "xr.Dataset", model: "Model", settings: "Settings") -> None:
        asked: dict[str, Any] = {"members": settings.members, "seed": settings.seed}
        asked |= {"step": settings.step, "method": settings.method}
        asked |= {"model_version": version("vimach"), "model": model.digest, "calibration": PRIOR, "posterior": None}
        asked |= settings.sample.attributes if settings.sample else {}
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
        if any(variable.dtype != np.float64 for variable in data.values()):
            problems.append("the saved run was kept in single precision, which cannot be gone on with exactly")
        if problems:
            raise BadInput([Problem(problem, key="--state") for problem in problems])
        self.then = data.sel(edge=float(settings.start))
        self.dims = {name: [dim.name for dim in state.node.dims] for name, state in model.graph.states.items()}

    def of(self, block: Block) -> dict[str, Array]:
        """The states of one block by name, shape (*dimensions, member)."""
        first = max(block.first, 0)
        part = self.then.isel(member=slice(first, first + block.count))
        return {name: part[name].transpose(*own, "member").to_numpy() for name, own in self.dims.items()}


KEPT = ("indicators", "costs", "place_costs", "pipeline")
DETAIL = (
    "engineers", "graduates_counted", "vacancies", "vacancies_in_detail", "replacement_demand",
    "replacement_demand_in_detail", "trained_in_detail", "design_firms", "paid_by_partners", "posts_opened",
    "posts_for_novices", "posts_for_experienced", "novice_hires", "lateral_hires", "mentors_available",
)  # fmt: skip
"""Beside the indicators, what tells region, track, experience and programme apart."""


def headlines(graph: Graph) -> list[str]:
    """The variables that a planner reads: of the sectors KEPT, and DETAIL; small enough for thousands of members."""
    told = [name for name, variable in graph.variables.items() if variable.sector in KEPT]
    indicators = [name for name in told if graph.variables[name].kind not in ("parameter", "part")]
    return [*indicators, *DETAIL]


def write(data: "xr.Dataset", file: Path) -> None:
    """Writes a dataset as netCDF, whole or not at all; OSError if it cannot be written."""
    with whole(file) as temporary, netcdf.disk(temporary) as disk:
        data.to_netcdf(disk, engine="h5netcdf")


def write_parts(frame: Frame, file: Path, parts: Iterable[tuple[int, Mapping[str, Array]]]) -> None:
    """Writes the dataset of a frame, whole or not at all, members part by part: (first member, values by name).

    The bytes do not depend on how the members are parted. OSError if the file cannot be written.
    """
    with whole(file) as temporary:
        netcdf.write(frame, temporary, parts)


@contextmanager
def opened(file: Path) -> Iterator["xr.Dataset"]:
    """A dataset that `write` wrote, its numbers read when they are asked for; BadInput as with `read`."""
    import xarray as xr

    with _readable(file):
        data = xr.open_dataset(file, engine="h5netcdf", cache=False)
    with data:
        yield data


def read(file: Path) -> "xr.Dataset":
    """Reads a dataset that `write` wrote; BadInput if there is none or if it is damaged."""
    with opened(file) as data:
        try:
            return data.load()
        except OSError as error:
            raise BadInput(f"{file}: is damaged; run the scenario again") from error


def attributes(file: Path) -> dict[str, Any]:
    """What a dataset says of itself; nothing else of the file is read. BadInput as with `read`."""
    with _readable(file):
        return netcdf.attributes(file)


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    """BadInput where a file that is opened inside is not there or holds no results."""
    if not file.is_file():
        raise BadInput(f"{file}: there is no such file; run the scenario first")
    try:
        yield
    except OSError as error:
        raise BadInput(f"{file}: is not a result file, or is damaged; run the scenario again") from error

"""Simulation: from a scenario and a seed to a dataset.

Members run in blocks, blocks on threads; neither changes a bit. `simulate` holds every member; `sweep` keeps none.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from math import frexp
from typing import TYPE_CHECKING

import numpy as np

from vimach import results, units
from vimach.declarations import CALENDAR, PROMOTION
from vimach.dry_run import dry_run
from vimach.ensemble import CENTRAL, Block, Sample, inputs
from vimach.errors import BadInput, Problem, RunFailed, nearest
from vimach.graph import Delay, Graph
from vimach.identity import digest
from vimach.kernels.array import METHODS, Array, Inputs, Recording, Schedule
from vimach.kernels.choice import KERNELS, kernel_for
from vimach.kernels.sheet import Sheet
from vimach.netcdf import Frame
from vimach.parameters.table import ParameterTable, check_labels, read_parameters
from vimach.scenario import Scenario
from vimach.sectors import MODULES

if TYPE_CHECKING:
    import xarray as xr

BLOCK = 512
"""Members that a kernel runs at once: whole vectors, and few enough for a step's buffers to stay near the processor."""
CHECKED = 10_000
"""Members whose delays are checked at once."""


@dataclass(frozen=True)
class Model:
    """The graph of the equations and the parameters that they were traced over."""

    graph: Graph
    table: ParameterTable

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """The labels of each dimension, by its name."""
        return {dimension.name: dimension.labels for dimension in self.graph.dimensions}

    @cached_property
    def digest(self) -> str:
        """One word for the equations and the parameters: two models with the same word give the same numbers."""
        return digest(self.graph, self.table)

    @property
    def moving(self) -> tuple[str, ...]:
        """The parameters that change during a run whatever the scenario."""
        return tuple(name for name, parameter in self.table.items() if parameter.varies or parameter.redrawn)


@cache
def built_in() -> Model:
    """The model of this version; ModelError or BadInput if its equations or parameters are wrong."""
    table = read_parameters()
    graph = dry_run(MODULES, table)
    model = Model(graph, table)
    if problems := check_labels(table, model.labels):
        raise BadInput(problems)
    return model


@dataclass(frozen=True)
class Settings:
    """How to run: members (0 for the central run alone), seed, years from start to end inclusive, step, method.

    `save_per` is "year" or "step": at which edges values are kept, and over what flows are summed. `precision` is
    that of what is kept, "double" or "single"; all computing is done in double. Neither threads nor kernel changes a
    bit of the results. With a `sample` the members are its first ones instead of those that the seed draws.
    """

    members: int = 1000
    seed: int = 1017
    start: int = 2015
    until: int = 2035
    step: float = 1 / 16
    method: str = "euler"
    threads: int = 0
    kernel: str = "auto"
    save_per: str = "year"
    precision: str = "double"
    sample: Sample | None = None

    def schedule(self) -> Schedule:
        """The steps and yearly edges; BadInput lists what is wrong with the settings."""
        problems = []
        if frexp(self.step)[0] != 0.5 or self.step > 1:
            problems.append(Problem(f"{self.step:g} is not 1/2^k of a year; write 1/16, 1/32, ...", key="--step"))
        if self.method not in METHODS:
            message, hint = f"no method {self.method!r}; known: {', '.join(METHODS)}", nearest(self.method, METHODS)
            problems.append(Problem(message, key="--method", suggestion=hint))
        if self.kernel not in KERNELS:
            message, hint = f"no kernel {self.kernel!r}; known: {', '.join(KERNELS)}", nearest(self.kernel, KERNELS)
            problems.append(Problem(message, key="--kernel", suggestion=hint))
        if self.until < self.start:
            problems.append(Problem(f"ends in {self.until}, before it starts in {self.start}", key="--until"))
        if self.members < 0:
            problems.append(Problem("cannot be negative", key="--members"))
        if self.threads < 0:
            problems.append(Problem("cannot be negative", key="--threads"))
        if problems:
            raise BadInput(problems)
        years, steps = self.until - self.start + 1, round(1 / self.step)
        every = 1 if self.save_per == "step" else steps
        return Schedule(float(self.start), self.step, years * steps, tuple(range(0, years * steps + 1, every)))


class Simulation:
    """One scenario ready to run, any block of its members at any time, in any thread.

    `records` names the variables to keep (None: all). BadInput if one does not exist, or if the method or the step does
    not suit the model.
    """

    def __init__(
        self, model: Model, scenario: Scenario, settings: Settings, records: Iterable[str] | None = None
    ) -> None:
        self.model, self.scenario, self.settings = model, scenario, settings
        self.records = None if records is None else tuple(records)
        known = model.graph.variables
        if wrong := [name for name in self.records or () if name not in known]:
            raise BadInput(
                [Problem("no variable has this name", key=name, suggestion=nearest(name, known)) for name in wrong]
            )
        self.schedule = settings.schedule()
        _suits_school_calendar(model.graph, settings)
        self.kernel = kernel_for(settings.kernel, model.graph, self.records, model.moving)

    def frame(self, first: int | None = None) -> Frame:
        """The dataset of the run without its numbers, from the start of the year `first` on (None: all of it)."""
        recorded = ([v.name for v in self.kernel.at_edges], [v.name for v in self.kernel.over_periods])
        return results.frame(self.model, self.scenario, self.settings, self.schedule, recorded, first)

    @property
    def bytes_a_member(self) -> int:
        """What one member takes while it is computed: every edge from the start, in double precision, whatever is kept
        of that."""
        edges = len(self.schedule.edges)
        counts = ((edges, self.kernel.at_edges), (edges - 1, self.kernel.over_periods))
        return 8 * sum(count * variable.node.size for count, kept in counts for variable in kept)

    def blocks(self, size: int) -> list[Block]:
        """All members in blocks of `size`; the central run is a block of its own."""
        if self.settings.members == 0:
            return [Block(self.settings.seed, CENTRAL, 1)]
        return list(_parts(Block(self.settings.seed, 0, self.settings.members), size))

    def check(self, blocks: Iterable[Block]) -> None:
        """BadInput where a delay that these members draw is too short for the step; nothing else is drawn."""
        graph = self.model.graph
        delays = [*graph.delays, *_dividing_times(graph)]
        needed = {node.payload for node in graph.walk([delay.time for delay in delays]) if node.op == "input"}
        table = ParameterTable(parameter for name, parameter in self.model.table.items() if name in needed)
        for block in _joined(blocks, CHECKED):
            sample = self.settings.sample
            given = inputs(table, graph.dimensions, self.scenario, block, self.schedule, sample=sample)
            check_delays(graph, delays, given, self.schedule, max(block.first, 0))

    def run(
        self, block: Block, start: Mapping[str, Array] | None = None, progress: Callable[[int], None] = lambda _: None
    ) -> Recording:
        """The recording of one block, failures counted through the whole ensemble; `start` holds states to go on from.

        `progress` is told how many members each finished part had; what it raises ends the run.
        """
        recordings = []
        for part in _parts(block, BLOCK):
            given = inputs(
                self.model.table, self.model.graph.dimensions, self.scenario, part, self.schedule,
                self.settings.method == "rk4", self.settings.sample,
            )  # fmt: skip
            if start:
                members = slice(part.first - block.first, part.first - block.first + part.count)
                given = replace(given, start={name: values[..., members] for name, values in start.items()})
            recording = self.kernel.run(given, self.schedule, self.settings.method)
            first = max(part.first, 0)
            failures = [replace(failure, member=failure.member + first) for failure in recording.failures]
            recordings.append(replace(recording, failures=failures))
            progress(part.count)
        return results.joined(recordings)


def simulate(
    model: Model, scenario: Scenario, settings: Settings, records: Iterable[str] | None = None,
    progress: Callable[[int], None] = lambda members: None, state: "xr.Dataset | None" = None,
) -> "xr.Dataset":  # fmt: skip
    """Runs a scenario and returns its dataset; `progress` is told how many members each finished block had.

    `records` names the variables to keep (None: all). `state` is the dataset of an earlier run of the same members,
    from whose edge at `settings.start` this run goes on; unbroken and restarted runs give the same bits.
    Raises BadInput where a step is too long for a delay, RunFailed (with the other members' results) where one breaks.
    """
    simulation = Simulation(model, scenario, settings, records)
    blocks = simulation.blocks(BLOCK)
    saved = None if state is None else results.States(state, model, settings)
    simulation.check(blocks)  # a bad draw is told now, not after minutes

    def one(block: Block) -> Recording:
        return simulation.run(block, saved.of(block) if saved else None, progress)

    with ThreadPoolExecutor(threads(settings)) as pool:
        recordings = list(pool.map(one, blocks))
    dataset = results.filled(simulation.frame(), results.joined(recordings))
    if failures := [failure for recording in recordings for failure in recording.failures]:
        broken = {failure.member for failure in failures}
        kept = [member for member in dataset.member.values.tolist() if member not in broken]
        raise RunFailed(failures, dataset.sel(member=kept))
    return dataset


def threads(settings: Settings) -> int:
    """How many blocks run at once."""
    return settings.threads or os.cpu_count() or 1


def _parts(block: Block, size: int) -> Iterator[Block]:
    """A block in parts of `size` members."""
    for done in range(0, block.count, size):
        yield Block(block.seed, block.first + done, min(size, block.count - done))


def _joined(blocks: Iterable[Block], most: int) -> Iterator[Block]:
    """Neighbouring blocks made one, up to `most` members."""
    held: Block | None = None
    for block in blocks:
        if held and held.first + held.count == block.first and held.count + block.count <= most:
            held = Block(held.seed, held.first, held.count + block.count)
            continue
        if held:
            yield held
        held = block
    if held:
        yield held


def _suits_school_calendar(graph: Graph, settings: Settings) -> None:
    """BadInput if the model promotes study years and the method or step cannot do that."""
    if not any(node.op == "series" and node.payload == PROMOTION for node in graph.nodes):
        return
    if settings.method != "euler":
        message = "is for smooth models; this one promotes study years in single steps: use euler"
        raise BadInput(Problem(f"{settings.method} {message}", key="--method"))
    if settings.step > 1 / 16:
        raise BadInput(Problem("the school calendar needs a step of 1/16 or less", key="--step"))


@lru_cache(maxsize=8)
def _dividing_times(graph: Graph) -> list[Delay]:
    """Times that divide something with a stock in it: smooth delays of order one, whoever wrote them."""
    stocky: set[int] = set()
    for node in graph.nodes:
        if node.op == "state" or any(argument.number in stocky for argument in node.arguments):
            stocky.add(node.number)
    found: dict[int, Delay] = {}
    for name, variable in graph.variables.items():
        for node in graph.walk([variable.node]):
            if node.op == "divide" and node.arguments[1].unit == units.unit("year"):
                top, time = node.arguments
                if top.number in stocky and time.number not in stocky:
                    found.setdefault(time.number, Delay(name, time, 1))
    return list(found.values())


def check_delays(graph: Graph, delays: Sequence[Delay], given: Inputs, schedule: Schedule, first: int) -> None:
    """BadInput where a delay is shorter than three steps per order.

    It names the member, the parameter, its value, and the largest step that would do.
    """
    now = np.array([schedule.start])
    buffers = {name: np.array(values[0]) for name, values in given.varying.items()}
    leaves = {**given.fixed, **buffers, CALENDAR: now}
    sheet = Sheet(graph, [delay.time for delay in delays], leaves, {*buffers, CALENDAR})
    moving = any(sheet.moving[delay.time.number] for delay in delays)
    sheet.settle()
    for step in range(schedule.steps + 1 if moving else 1):
        now[0] = schedule.times[step]
        for name, values in given.varying.items():
            buffers[name][...] = values[step]
        sheet.fill()
        short = [delay for delay in delays if not (sheet[delay.time] >= 3 * delay.order * schedule.step).all()]
        if short:
            problems = [_too_short(delay, sheet[delay.time], schedule, first) for delay in short]
            raise BadInput(list(dict.fromkeys(problems)))


def _too_short(delay: Delay, times: Array, schedule: Schedule, first: int) -> Problem:
    member = int(np.unravel_index(np.argmin(times), times.shape)[-1])
    time = float(times.min())
    names = sorted({node.payload for node in delay.time.graph.walk([delay.time]) if node.op == "input"})
    largest = 2.0 ** np.floor(np.log2(time / (3 * delay.order))) if time > 0 else 0.0
    advice = f"the largest step that would do is 1/{1 / largest:g}" if largest else "it must be positive"
    short = f"{time:g} year is too short for a step of 1/{1 / schedule.step:g} ({delay.name})"
    return Problem(f"member {first + member}: {short}; {advice}", key=", ".join(names))

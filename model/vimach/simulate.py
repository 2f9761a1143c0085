"""Simulation: from a scenario and a seed to a dataset.

Members run in blocks, blocks on threads; neither changes a bit.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from math import frexp

import numpy as np
import xarray as xr

from vimach import results, units
from vimach.declarations import CALENDAR, PROMOTION
from vimach.dry_run import dry_run
from vimach.ensemble import CENTRAL, Block, Drawn, Sample, inputs
from vimach.errors import BadInput, Failure, Problem, RunFailed, nearest
from vimach.graph import Delay, Graph
from vimach.kernels.array import METHODS, Array, ArrayKernel, Inputs, Recording, Schedule, Sheet
from vimach.parameters.table import ParameterTable, check_labels, read_parameters
from vimach.scenario import Scenario
from vimach.sectors import MODULES

BLOCK = 125
"""Members to a block: small enough for the buffers of a step to stay near the processor."""


@dataclass(frozen=True)
class Model:
    """The graph of the equations and the parameters that they were traced over."""

    graph: Graph
    table: ParameterTable

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """The labels of each dimension, by its name."""
        return {dimension.name: dimension.labels for dimension in self.graph.dimensions}


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

    With a `sample` the members are its first ones instead of those that the seed draws.
    """

    members: int = 1000
    seed: int = 1017
    start: int = 2015
    until: int = 2035
    step: float = 1 / 16
    method: str = "euler"
    threads: int = 0
    sample: Sample | None = None

    def schedule(self) -> Schedule:
        """The steps and yearly edges; BadInput lists what is wrong with step, years, members, method or threads."""
        problems = []
        if frexp(self.step)[0] != 0.5 or self.step > 1:
            problems.append(Problem(f"{self.step:g} is not 1/2^k of a year; write 1/16, 1/32, ...", key="--step"))
        if self.method not in METHODS:
            message, hint = f"no method {self.method!r}; known: {', '.join(METHODS)}", nearest(self.method, METHODS)
            problems.append(Problem(message, key="--method", suggestion=hint))
        if self.until < self.start:
            problems.append(Problem(f"ends in {self.until}, before it starts in {self.start}", key="--until"))
        if self.members < 0:
            problems.append(Problem("cannot be negative", key="--members"))
        if self.threads < 0:
            problems.append(Problem("cannot be negative", key="--threads"))
        if problems:
            raise BadInput(problems)
        years, steps = self.until - self.start + 1, round(1 / self.step)
        return Schedule(float(self.start), self.step, years * steps, tuple(range(0, years * steps + 1, steps)))


def simulate(
    model: Model, scenario: Scenario, settings: Settings, records: Iterable[str] | None = None,
    progress: Callable[[int], None] = lambda members: None, state: xr.Dataset | None = None,
    drawn: Drawn | None = None,
) -> xr.Dataset:  # fmt: skip
    """Runs a scenario and returns its dataset; `progress` is told how many members each finished block had.

    `records` names the variables to keep (None: all). `state` is the dataset of an earlier run of the same members,
    from whose edge at `settings.start` this run goes on; unbroken and restarted runs give the same bits.
    Runs of many scenarios with the same settings may share what is `drawn`, to draw each number once.
    Raises BadInput where a step is too long for a delay, RunFailed (with the other members' results) where one breaks.
    """
    graph, schedule = model.graph, settings.schedule()
    _suits_school_calendar(graph, settings)
    blocks, kernel = _blocks(settings), ArrayKernel(graph, records)
    delays = [*graph.delays, *_dividing_times(graph)]
    saved = {} if state is None else results.states_at(state, model, settings)

    def prepared(block: Block) -> Inputs:
        smooth = settings.method == "rk4"
        given = inputs(model.table, graph.dimensions, scenario, block, schedule, smooth, settings.sample, drawn)
        check_delays(graph, delays, given, schedule, max(block.first, 0))
        members = slice(max(block.first, 0), max(block.first, 0) + block.count)
        return replace(given, start={name: values[..., members] for name, values in saved.items()})

    def one(block: Block) -> Recording:
        recording = kernel.run(prepared(block), schedule, settings.method)
        progress(block.count)
        return recording

    if len(blocks) > 1:  # all are drawn and checked before the first is run: a bad draw is told now, not after minutes
        for block in blocks:
            prepared(block)
    with ThreadPoolExecutor(settings.threads or os.cpu_count() or 1) as pool:
        recordings = list(pool.map(one, blocks))
    dataset = results.dataset(model, scenario, settings, schedule, recordings)
    if failures := _failures(blocks, recordings):
        broken = {failure.member for failure in failures}
        kept = [member for member in dataset.member.values.tolist() if member not in broken]
        raise RunFailed(failures, dataset.sel(member=kept))
    return dataset


def _suits_school_calendar(graph: Graph, settings: Settings) -> None:
    """BadInput if the model promotes study years and the method or step cannot do that."""
    if not any(node.op == "series" and node.payload == PROMOTION for node in graph.nodes):
        return
    if settings.method != "euler":
        message = "is for smooth models; this one promotes study years in single steps: use euler"
        raise BadInput(Problem(f"{settings.method} {message}", key="--method"))
    if settings.step > 1 / 16:
        raise BadInput(Problem("the school calendar needs a step of 1/16 or less", key="--step"))


def _blocks(settings: Settings) -> list[Block]:
    if settings.members == 0:
        return [Block(settings.seed, CENTRAL, 1)]
    firsts = range(0, settings.members, BLOCK)
    return [Block(settings.seed, first, min(BLOCK, settings.members - first)) for first in firsts]


def _failures(blocks: Sequence[Block], recordings: Sequence[Recording]) -> list[Failure]:
    """The failures of all blocks, members counted through the whole ensemble."""
    return [
        replace(failure, member=failure.member + max(block.first, 0))
        for block, recording in zip(blocks, recordings, strict=True)
        for failure in recording.failures
    ]


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

"""Contenders and their races: our kernels, two other engines and a hand-written program, in turns on the same model."""

import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import hand_written
from vimach import results
from vimach.dry_run import dry_run
from vimach.ensemble import CENTRAL, Block, inputs
from vimach.exports.xmile import xmile
from vimach.graph import Graph
from vimach.kernels.array import ArrayKernel, Inputs, Schedule
from vimach.kernels.native import NativeKernel
from vimach.scenario import Scenario
from vimach.simulate import BLOCK, Model, Settings

PIPELINE = Path(__file__).parents[1] / "tests" / "validation" / "data" / "pipeline.xmile"


@dataclass
class Contender:
    """Something that is timed; `work` does `members` runs. Seconds of each turn are kept.

    One with its own `clock` returns its seconds. A `dear` one takes its turn in every other round only, and needs none
    to warm up.
    """

    name: str
    members: int
    work: Callable[[], Any]
    clock: bool = False
    dear: bool = False
    turns: list[float] = field(default_factory=list)

    def turn(self) -> None:
        """Works once and notes the seconds."""
        before = time.perf_counter()
        told = self.work()
        self.turns.append(told if self.clock else time.perf_counter() - before)

    @property
    def each(self) -> float:
        """Median seconds for one member."""
        return statistics.median(self.turns) / self.members


Times = dict[str, float]
"""Median seconds a member by contender."""


def race(contenders: Sequence[Contender], rounds: int, turns: dict[str, int] | None = None) -> Times:
    """All take turns, after one round that warms up and does not count; `turns` is told how many each took."""
    for number in range(rounds + 1):
        for contender in contenders:
            if not contender.dear or number % 2:
                contender.turn()
        if number == 0:
            for contender in contenders:
                contender.turns.clear()
    if turns is not None:
        turns.update({contender.name: len(contender.turns) for contender in contenders})
    return {contender.name: contender.each for contender in contenders}


# other engines


def by_simlin(file: Path, parameter: str, value: float) -> Callable[[], object]:
    """One run in simlin's leanest way: put back, set a value, run to the end, read one value."""
    import simlin

    simulation = simlin.load(file).simulate()

    def once() -> float:
        simulation.reset()
        simulation.set_value(parameter, value)
        simulation.run_to_end()
        return float(simulation.get_value(parameter))

    return once


def by_pysd(file: Path, folder: Path) -> Callable[[], object]:
    """One run of PySD's translation at its leanest: it hands back one value, by the year."""
    copy = folder / file.name
    copy.write_bytes(file.read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pysd

        translated = pysd.read_xmile(str(copy))
        whole = translated.run(progress=False)
    first, last = whole.index[[0, -1]]
    years = np.arange(first, last + 0.5)

    def once() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return translated.run(progress=False, return_columns=list(whole.columns[:1]), return_timestamps=years)

    return once


# our kernels


def on_threads(
    kernel: Any, blocks: Sequence[Inputs], schedule: Schedule, threads: int, method: str
) -> Callable[[], object]:
    """All blocks on so many threads."""

    def once() -> object:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(lambda block: kernel.run(block, schedule, method), blocks))

    return once


def ours(
    graph: Graph, blocks: Sequence[Inputs], schedule: Schedule, records: Sequence[str] | None, *,
    moving: Sequence[str] = (), method: str = "euler",
) -> list[Contender]:  # fmt: skip
    """Both kernels at one and two threads on the same blocks."""
    kernels = {"array": ArrayKernel(graph, records), "native": NativeKernel(graph, records, moving)}
    members = sum(block.members for block in blocks)
    found = []
    for name, kernel in kernels.items():
        for threads in (1, 2):
            work = on_threads(kernel, blocks, schedule, threads, method)
            found.append(Contender(f"{name}, {threads} thread{'s' * (threads > 1)}", members, work))
    return found


@dataclass(frozen=True)
class Case:
    """The full model under one scenario."""

    model: Model
    scenario: Scenario
    settings: Settings

    @property
    def schedule(self) -> Schedule:
        return self.settings.schedule()

    def block(self, first: int, count: int) -> Inputs:
        """The inputs of some members."""
        dimensions = self.model.graph.dimensions
        block = Block(self.settings.seed, first, count)
        return inputs(self.model.table, dimensions, self.scenario, block, self.schedule)


def headline_records(case: Case) -> list[str]:
    """What a run keeps by default."""
    return results.headlines(case.model.graph)


def on_full_model(case: Case, folder: Path, blocks: int) -> list[Contender]:
    """The whole model: both kernels on so many blocks as a run has them, and simlin and PySD on its export."""
    file = folder / "vimach.xmile"
    text = xmile(case.model.graph, case.block(CENTRAL, 1), case.schedule, case.scenario.title.en, "0", {})
    file.write_text(text, encoding="utf-8")
    drawn = [case.block(BLOCK * number, BLOCK) for number in range(blocks)]
    graph, moving = case.model.graph, case.model.moving
    contenders = ours(graph, drawn, case.schedule, headline_records(case), moving=moving)
    return [*contenders, Contender("simlin, lean", 1, by_simlin(file, "time_to_independent", 2.5))]


def pysd_on_full_model(folder: Path) -> Contender:
    """PySD on the export that `on_full_model` left: one run takes longer than all others together."""
    return Contender("PySD", 1, by_pysd(folder / "vimach.xmile", folder), dear=True)


def on_peer_model(folder: Path) -> list[Contender]:
    """The workforce pipeline of 60 variables, 480 steps: all engines, and a program written by hand."""
    from tests.validation import pipeline_model

    members = 1024
    steps = hand_written.YEARS * hand_written.STEPS_A_YEAR
    step = 1 / hand_written.STEPS_A_YEAR
    schedule = Schedule(hand_written.START, step, steps, tuple(range(0, steps + 1, hand_written.STEPS_A_YEAR)))
    numbers = pipeline_model.numbers(schedule.times, {})
    graph = dry_run([pipeline_model], numbers)
    plain = {name: n for name, n in numbers.items() if n.curve is None}
    spread = 1 + 0.1 * np.linspace(-1, 1, members)
    fixed = {name: np.atleast_1d(np.asarray(n.value, float)) for name, n in plain.items() if not n.varies}
    fixed["study_time"] = fixed["study_time"] * spread
    varying = {name: np.asarray(n.value, float) for name, n in plain.items() if n.varies}
    halfway = {name: values.copy() for name, values in varying.items()}  # the policy is what it was at the step's start
    halves = [
        Inputs(members // 2, {name: cut(values, half) for name, values in fixed.items()}, varying, halfway)
        for half in (slice(0, members // 2), slice(members // 2, None))
    ]
    contenders = ours(graph, halves, schedule, ["students", "junior_engineers", "senior_engineers"])
    contenders += [replace(c, name=f"{c.name}, rk4", turns=[]) for c in ours(
        graph, halves, schedule, ["students", "junior_engineers", "senior_engineers"], method="rk4"
    ) if c.name.startswith("native, 1")]  # fmt: skip
    given = {name: np.full(members, float(n.value)) for name, n in pipeline_model.constants({}).items()}
    contenders.append(Contender("written by hand in NumPy", members, lambda: hand_written.workforce(given)))
    contenders.append(Contender("simlin, lean", 1, by_simlin(PIPELINE, "study_time", 4.1)))
    return [*contenders, Contender("PySD", 1, by_pysd(PIPELINE, folder))]


def cut(values: np.ndarray, members: slice) -> np.ndarray:
    """Some members of an array whose last axis is the members, or one for all."""
    return values[..., members] if values.shape[-1] > 1 else values

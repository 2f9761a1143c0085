"""A sweep: scenarios by blocks of members, on threads here or on workers elsewhere, each finished block kept at once.

Blocks are independent: what a member draws depends on the seed, the name and the member alone. So neither the order,
the size nor the place of a block changes a bit of the results.
"""

import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from vimach import results
from vimach.ensemble import Block
from vimach.errors import BadInput, Interrupted, NotKept, Problem, RunFailed
from vimach.identity import word
from vimach.kernels.array import Array, Recording
from vimach.scenario import Scenario
from vimach.simulate import BLOCK, Model, Settings, Simulation
from vimach.store import Store

if TYPE_CHECKING:
    import xarray as xr

MOST_FILES = 1000
"""Blocks grow so that a run has no more than this many, as long as they fit in SPACE."""
SPACE = 2**28
"""Bytes that the values of all blocks which a process has under way may take, however many cores there are."""


@dataclass(frozen=True)
class Work:
    """One block of one scenario, with the states it goes on from, if any."""

    simulation: Simulation
    block: Block
    start: Mapping[str, Array] | None = None


class Executor(Protocol):
    """Where blocks are run; `sharing` is how many at once share the memory of one process."""

    sharing: int

    def run(self, works: Iterable[Work]) -> Generator[tuple[Work, Recording], None, None]:
        """Runs every block, in any order, and hands each over as it is done; holds only a few at any time."""


class Threads:
    """Runs blocks on threads of this process."""

    def __init__(self, count: int) -> None:
        self.count = self.sharing = count

    def run(self, works: Iterable[Work]) -> Generator[tuple[Work, Recording], None, None]:
        """Runs every block; when the caller turns away, blocks under way end at the next part of theirs."""
        stopping = threading.Event()

        def go_on(_: int) -> None:
            if stopping.is_set():
                raise _Stopped

        waiting, pending = iter(works), dict[Future[Recording], Work]()
        with ThreadPoolExecutor(self.count) as pool:

            def submit(most: int) -> None:
                for work in islice(waiting, most):
                    pending[pool.submit(work.simulation.run, work.block, work.start, go_on)] = work

            try:
                submit(self.count + 1)  # one more than can run, so that no thread waits while a block is kept
                while pending:
                    wait(pending, timeout=1.0, return_when=FIRST_COMPLETED)  # timed, or Windows holds Ctrl-C back
                    for future in [each for each in pending if each.done()]:
                        submit(1)
                        yield pending.pop(future), future.result()
            finally:
                stopping.set()
                pool.shutdown(wait=False, cancel_futures=True)


class _Stopped(Exception):
    """A block was given up because nobody waits for it."""


@dataclass(frozen=True)
class Keeping:
    """Where and how results are kept.

    `first` is the first year kept; `attributes` are added to those of every results.nc; `resume` goes on with
    unfinished runs, `overwrite` drops them; `together` writes no results.nc before every scenario is done.
    """

    out: Path
    first: int
    attributes: Mapping[str, Any]
    resume: bool = False
    overwrite: bool = False
    together: bool = False


def sweep(
    model: Model, scenarios: Sequence[Scenario], settings: Settings, records: Iterable[str] | None, keeping: Keeping,
    executor: Executor, progress: Callable[[int], None] = lambda members: None, state: "xr.Dataset | None" = None,
) -> list[Path]:  # fmt: skip
    """Runs every scenario and gives the results.nc of each, OUT/SCENARIO/results.nc, in their order.

    Whoever calls holds OUT for himself (vimach.files.locked), until all is written that belongs to the results.
    `progress` is told how many members are kept more, those of an earlier run first. Raises BadInput before the first
    block is run; RunFailed if members broke; Interrupted or NotKept, with what is kept, on Ctrl-C and where a file
    cannot be written.
    """
    records = None if records is None else tuple(records)
    simulations = [Simulation(model, scenario, settings, records) for scenario in scenarios]
    saved = None if state is None else results.States(state, model, settings)
    identity = {"state": "" if state is None else word(sorted(state.attrs.items()))}
    with ExitStack() as stack:
        stores = [_store(simulation, keeping, identity, executor.sharing) for simulation in simulations]
        runs = list(zip(simulations, stores, strict=True))
        for store in stores:
            stack.callback(store.tidy)
        try:
            _open(stores, keeping)
        except OSError as error:
            raise NotKept(f"{keeping.out}: {error.strerror or error}; {_told(stores)}") from error
        for simulation, store in runs:
            simulation.check(store.missing)  # a bad draw is told now, not after minutes
            progress(sum(block.count for block in store.blocks) - sum(block.count for block in store.missing))
        of = {id(simulation): store for simulation, store in runs}
        works = (
            Work(simulation, block, saved.of(block) if saved else None)
            for simulation, store in runs
            for block in store.missing
        )
        try:
            with closing(executor.run(works)) as done:
                for work, recording in done:
                    store = of[id(work.simulation)]
                    store.keep(work.block, recording)
                    progress(work.block.count)
                    if not store.missing:
                        _check_members(store, len(stores))
                    if not (store.missing or keeping.together):
                        store.finish()
            for store in stores:  # what a killed run left complete was not yet looked at
                _check_members(store, len(stores))
            for store in stores:
                store.finish()
        except KeyboardInterrupt:
            raise Interrupted(f"interrupted; {_told(stores)}") from None
        except (OSError, NotKept) as error:
            raise NotKept(f"{_why(error)}; {_told(stores)}") from error
    return [store.file for store in stores]


def block_size(simulation: Simulation, sharing: int) -> int:
    """Members to a block that is kept: at least what a kernel runs at once, unless what is recorded would not fit."""
    wanted = BLOCK * max(1, -(-simulation.settings.members // (BLOCK * MOST_FILES)))
    each = SPACE // max(2, sharing)
    return max(1, min(wanted, each // max(simulation.bytes_a_member, 1)))


def _store(simulation: Simulation, keeping: Keeping, identity: Mapping[str, Any], sharing: int) -> Store:
    frame = simulation.frame(keeping.first)
    frame = replace(frame, attributes={**frame.attributes, **keeping.attributes})
    size = block_size(simulation, sharing)
    return Store(keeping.out / simulation.scenario.name, frame, identity, simulation.blocks, size)


def _open(stores: Sequence[Store], keeping: Keeping) -> None:
    """Opens all stores; BadInput lists what is wrong with any of them."""
    problems: list[Problem] = []
    for store in stores:
        try:
            store.open(keeping.resume, keeping.overwrite)
        except BadInput as error:
            problems += error.problems
    if problems:
        raise BadInput(problems)


def _check_members(store: Store, scenarios: int) -> None:
    """RunFailed if a member broke; there will be no results.nc, and the blocks go, for they would break again."""
    if failures := store.failures():
        store.drop()
        raise RunFailed(failures, scenario=str(store.frame.attributes["scenario"]) if scenarios > 1 else "")


def _why(error: Exception) -> str:
    """What went wrong, and where if that is known."""
    if not isinstance(error, OSError):
        return str(error)
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def _told(stores: Sequence[Store]) -> str:
    """What is kept, in words."""
    kept = "; ".join(store.told for store in stores if store.told)
    return f"{kept}; --resume goes on from there" if kept else "no block was finished, and nothing is kept"

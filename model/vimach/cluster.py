"""Blocks run by the workers of a dask.distributed cluster that is there already; needs the extra `distributed`.

A worker gets the scenario, the settings and the block with what a posterior says of the block's members, and draws and
runs it with the model of its own installation.
So each must have the same model: it is asked before the sweep, and again with each block, for workers come and go.
"""

import asyncio
import threading
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import CancelledError
from dataclasses import replace
from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING, Any

from vimach.ensemble import Block
from vimach.errors import BadInput, NotKept, Problem
from vimach.kernels.array import Array, Recording
from vimach.scenario import Scenario
from vimach.simulate import Settings, Simulation, built_in
from vimach.sweep import Work

if TYPE_CHECKING:
    from distributed import Future

KEY = "--dask"
PATIENCE = 5.0
"""Seconds to wait for a scheduler to answer."""
AHEAD = 2
"""Blocks sent for each thread of a worker: one to run and one to go on with."""

_first = threading.Lock()


class Cluster:
    """The workers of one scheduler; BadInput if it does not answer, has no workers, or one of another model."""

    sharing = 1  # a worker has one thread (docs/distributed.md)

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            message = "needs the package distributed; install it with: pip install 'vimach[distributed]'"
            raise BadInput(Problem(message, key=KEY)) from error
        try:
            asyncio.run(_greet(address))
        except Exception as error:  # what a stranger answers may break anything
            raise BadInput(Problem(f"no scheduler answers at {address!r}", key=KEY)) from error
        self.client: Client = Client(address, timeout=PATIENCE, set_as_default=False)
        try:
            self._check_workers(address)
        except BaseException:
            self.close()
            raise

    def run(self, works: Iterable[Work]) -> Generator[tuple[Work, Recording], None, None]:
        """Runs every block on some worker; a block whose worker dies is run by another."""
        from distributed import as_completed

        waiting, pending, model = iter(works), dict[Any, Work](), built_in().digest
        done = as_completed(loop=self.client.loop)

        def submit(most: int) -> None:
            for work in islice(waiting, most):
                future = self._sent(work, model)
                pending[future] = work
                done.add(future)

        try:
            submit(AHEAD * sum(self.client.nthreads().values()))
            while pending:
                future = next(done)
                recording = self._received(future)
                submit(1)
                yield pending.pop(future), recording
        finally:
            self.client.cancel(list(pending))

    def close(self) -> None:
        """Leaves the cluster."""
        self.client.close(timeout=PATIENCE)

    def _sent(self, work: Work, model: str) -> "Future[Recording]":
        simulation, settings, block = work.simulation, work.simulation.settings, work.block
        if settings.sample:  # the whole of it would be a hundred megabytes for each block of a million members
            settings = replace(settings, sample=settings.sample.only(block.first, block.count))
        what = (simulation.scenario, settings, simulation.records)
        return self.client.submit(run_block, model, *what, block, work.start, pure=False)

    @staticmethod
    def _received(future: "Future[Recording]") -> Recording:
        from distributed import KilledWorker

        try:
            recording = future.result()
        except KilledWorker as error:
            raise NotKept("one block killed several workers in turn; their logs say why") from error
        except (CancelledError, asyncio.CancelledError, OSError) as error:
            raise NotKept("the scheduler has gone") from error
        assert isinstance(recording, Recording)
        return recording

    def _check_workers(self, address: str) -> None:
        found: Mapping[str, Any] = self.client.run(own_model, on_error="return")
        if not found:
            raise BadInput(Problem(f"the scheduler at {address} has no workers", key=KEY))
        here, about = own_model(), self.client.scheduler_info(n_workers=-1)["workers"]
        problems = [
            Problem(f"worker {about[worker]['name']} has {_words(its)}, this is {_words(here)}", key=KEY)
            for worker, its in sorted(found.items())
            if its != here
        ]
        if problems:
            raise BadInput(problems)


async def _greet(address: str) -> None:
    """Raises, and soon, unless a scheduler answers; a client that fails to connect is slow to give up."""
    from distributed import connect

    comm = await connect(address, timeout=PATIENCE)
    try:
        await comm.write({"op": "identity", "reply": True})
        answer = await asyncio.wait_for(comm.read(), PATIENCE)
        if answer["type"] != "Scheduler":
            raise ValueError(answer["type"])
    finally:
        comm.abort()


def own_model() -> tuple[str, str]:
    """The version and the digest of the model that is installed where this runs."""
    with _first:  # a worker has several threads, and one tracing of the model is enough
        return version("vimach"), built_in().digest


def run_block(
    model: str, scenario: Scenario, settings: Settings, records: tuple[str, ...] | None, block: Block,
    start: Mapping[str, Array] | None,
) -> Recording:  # fmt: skip
    """One block, run by a worker; BadInput names the worker if its model is not the one with the digest `model`."""
    if own_model()[1] != model:
        from distributed import get_worker

        raise BadInput(Problem(f"worker {get_worker().name} has another model than who sent the block", key=KEY))
    return Simulation(built_in(), scenario, settings, records).run(block, start)


def _words(model: object) -> str:
    if isinstance(model, tuple):
        return f"vimach {model[0]} (model {model[1]})"
    return f"no vimach that works ({type(model).__name__}: {model})"

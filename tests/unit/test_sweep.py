"""Sweeps: scenarios by blocks of members, on threads and on a real cluster, one of whose workers is killed."""

import os
import pickle
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from math import prod
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from distributed import KilledWorker
from distributed.client import FutureCancelledError
from typer.testing import CliRunner

from vimach import cluster, results, simulate, sweep
from vimach.cli import app
from vimach.cluster import Cluster, own_model, run_block
from vimach.ensemble import Sample
from vimach.errors import BadInput, NotKept
from vimach.kernels.array import ArrayKernel, Recording
from vimach.scenario import Scenario, read_scenario
from vimach.simulate import Model, Settings, Simulation
from vimach.sweep import Keeping, Threads, Work

SETTINGS = Settings(members=6, until=2015)
RECORDS = ("engineers", "quitting")
ESTIMATED = {"quit_rate": np.linspace(0.2, 0.8, 6), "emigration_rate": np.linspace(0.9, 0.1, 6)}
DRAWN = replace(SETTINGS, sample=Sample(7, np.array([3, 3, 4, 9, 0, 2]), ESTIMATED, {"calibration": "made up"}))
"""Six members of a posterior."""


def swept(model: Model, scenarios: list[Scenario], out: Path, executor: Any, **options: Any) -> list[Path]:
    """A sweep into a new folder."""
    for each in scenarios:
        (out / each.name).mkdir(parents=True)
    progress = options.pop("progress", lambda _: None)
    settings = options.pop("settings", SETTINGS)
    return sweep.sweep(model, scenarios, settings, RECORDS, Keeping(out, 2015, {}), executor, progress, **options)


# on threads


def test_blocks_of_all_scenarios_are_one_stream(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "BLOCK", 4)
    both = [read_scenario(name, model.table, model.labels) for name in ("baseline", "accelerated_funding")]
    told: list[int] = []
    files = swept(model, both, tmp_path, Threads(2), progress=told.append)
    assert files == [tmp_path / each.name / "results.nc" for each in both]
    assert told[:2] == [0, 0]
    assert sorted(told[2:]) == [2, 2, 4, 4]


@pytest.mark.parametrize(
    ("members", "records", "per", "cores", "size"),
    [
        (1000, RECORDS, "year", 2, 125),
        (125_000, RECORDS, "year", 2, 125),
        (1_000_000, RECORDS, "year", 2, 1000),
        (1_000_000, None, "year", 2, 273),
        (1_000_000, None, "year", 16, 34),
        (1000, None, "step", 1, 17),
    ],
)
def test_blocks_are_few_and_fit_in_memory(
    model: Model, baseline_scenario: Scenario, monkeypatch: pytest.MonkeyPatch, members: int,
    records: tuple[str, ...] | None, per: str, cores: int, size: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(sweep, "BLOCK", 125)
    settings = Settings(members=members, save_per=per)
    simulation = Simulation(model, baseline_scenario, settings, records)
    found = sweep.block_size(simulation, cores)
    assert found == size or (records is None and 0.5 * size < found < 1.5 * size)  # the whole model grows
    values = simulation.frame().variables
    kept = 8 * sum(prod(simulation.frame().shape(name)[:-1]) for name in values)
    assert simulation.bytes_a_member == kept  # of a run that keeps all years in double precision
    assert found * kept * max(cores, 2) <= sweep.SPACE


def test_the_plan_of_a_great_sweep_counts_the_bytes_that_are_kept(model: Model) -> None:
    kernel = ArrayKernel(model.graph, results.headlines(model.graph))
    kept = (kernel.at_edges, kernel.over_periods)
    edges, years = (sum(variable.node.size for variable in each) for each in kept)
    page = (Path(__file__).parents[2] / "docs" / "distributed.md").read_text(encoding="utf-8")
    assert f"({len(kept[0])} variables on edges, {len(kept[1])} over years, all labels)" in page
    assert f"({edges} x 22 + {years} x 21) numbers x 8 bytes = {8 * (22 * edges + 21 * years):,} bytes" in page


# on a cluster

PROCESS = """
import asyncio, sys
import vimach.cluster
from distributed import Scheduler, Worker

async def serve():
    kind, *where = sys.argv[1:]
    if kind == "scheduler":
        server = Scheduler(host="127.0.0.1", port=0, dashboard=False)
    else:
        server = Worker(*where, name=kind, nthreads=1, dashboard=False)
    async with server:
        print(server.address, flush=True)
        await server.finished()

if sys.argv[1] == "stranger":
    vimach.cluster.version = lambda _: "9.9"
asyncio.run(serve())
"""


class Process:
    """A scheduler or a worker on this machine; `address` waits until it serves."""

    def __init__(self, *words: str) -> None:
        command = [sys.executable, "-c", PROCESS, *words]
        self.running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    @property
    def address(self) -> str:
        """Where it serves."""
        assert self.running.stdout is not None
        return self.running.stdout.readline().strip()

    def kill(self) -> None:
        """Ends it with SIGKILL, and waits until it is gone."""
        with self.running:
            self.running.kill()


@contextmanager
def serving(*workers: str) -> Iterator[tuple[str, list[Process]]]:
    """A scheduler's address and its workers, by their names."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(cluster, "PATIENCE", 60.0)  # the machine may have much else to do
        scheduler = Process("scheduler")
        stack.callback(scheduler.kill)
        address = scheduler.address
        processes = [Process(name, address) for name in workers]
        for process in processes:
            stack.callback(process.kill)
        for process in processes:
            assert process.address, "a worker did not start"
        yield address, processes


def test_a_killed_worker_costs_nothing_and_changes_no_bit(
    model: Model, baseline_scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here,) = swept(model, [baseline_scenario], tmp_path / "here", Threads(1), settings=DRAWN)
    monkeypatch.setattr(sweep, "BLOCK", 1)
    with serving("one", "two") as (address, (victim, _)), closing(Cluster(address)) as there:
        kept: list[int] = []

        def progress(members: int) -> None:
            kept.append(members)
            if sum(kept) == 1 and members:
                assert victim.running.poll() is None
                victim.kill()

        (file,) = swept(model, [baseline_scenario], tmp_path / "there", there, progress=progress, settings=DRAWN)
    assert sum(kept) == 6
    assert file.read_bytes() == here.read_bytes()


def test_a_cluster_that_cannot_run_this_model_is_refused(tmp_path: Path) -> None:
    with serving("stranger") as (address, _):
        words = ["run", "baseline", "--members", "10", "--out", str(tmp_path / "out"), "--dask"]
        here, digest = own_model()
        refused = CliRunner().invoke(app, [*words, address])
        assert refused.exit_code == 2
        said = f"--dask: worker stranger has vimach 9.9 (model {digest}), this is vimach {here} (model {digest})\n"
        assert refused.stderr == said
    assert not (tmp_path / "out").exists()


def test_a_scheduler_without_workers_is_refused() -> None:
    with serving() as (address, _), pytest.raises(BadInput, match="has no workers"):
        Cluster(address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "127.0.0.1:99999", ""])
def test_an_address_where_no_scheduler_answers_is_refused_soon(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.2)
    with pytest.raises(BadInput, match="--dask: no scheduler answers at"):
        Cluster(address)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KilledWorker("block", None, 3), "one block killed several workers in turn"),
        (FutureCancelledError("block", "scheduler-connection-lost"), "the scheduler has gone"),
        (OSError("closed"), "the scheduler has gone"),
    ],
)
def test_a_cluster_that_is_lost_is_told_with_what_is_kept(
    model: Model, baseline_scenario: Scenario, tmp_path: Path, error: Exception, words: str
) -> None:
    class Lost(Threads):
        def run(self, works: Iterable[Work]) -> Generator[tuple[Work, Recording], None, None]:
            for work in works:
                future: Any = Future()
                future.set_exception(error)
                yield work, Cluster._received(future)

    with pytest.raises(NotKept, match=f"^{words}.*; no block was finished, and nothing is kept$"):
        swept(model, [baseline_scenario], tmp_path, Lost(1))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BadInput, match=r"--dask: needs the package distributed; .*pip install 'vimach\[distributed\]'"):
        Cluster("tcp://127.0.0.1:1")


class Noting(Cluster):
    """A cluster without workers, which keeps what is sent to them."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.client: Any = SimpleNamespace(submit=lambda _, *what, pure: self.sent.append(pickle.dumps(what)))


@pytest.mark.parametrize("settings", [SETTINGS, DRAWN], ids=["prior", "posterior"])
def test_a_worker_runs_what_is_run_here(model: Model, baseline_scenario: Scenario, settings: Settings) -> None:
    block, there = simulate.Block(1017, 2, 2), Noting()
    simulation = Simulation(model, baseline_scenario, settings, RECORDS)
    there._sent(Work(simulation, block), model.digest)
    mine, its = simulation.run(block), run_block(*pickle.loads(there.sent[0]))
    assert its.failures == mine.failures
    for name in RECORDS:
        assert ((its.edges | its.periods)[name] == (mine.edges | mine.periods)[name]).all()


def test_what_a_worker_is_sent_grows_with_the_block_alone(model: Model, baseline_scenario: Scenario) -> None:
    members, there = 100_000, Noting()
    quantiles = {f"parameter_{number}": np.full(members, 0.5) for number in range(16)}
    settings = Settings(members=members, sample=Sample(7, np.arange(members), quantiles))
    simulation = Simulation(model, baseline_scenario, settings, RECORDS)
    for count in (1, 256):
        there._sent(Work(simulation, simulate.Block(1017, members - count, count)), model.digest)
    one, many = map(len, there.sent)
    assert one < 10_000
    assert many - one < 150 * 256


def test_the_digest_is_the_same_in_another_process_and_follows_every_number(model: Model) -> None:
    code = "from vimach import simulate; print(simulate.built_in().digest)"
    seeded = os.environ | {"PYTHONHASHSEED": "7"}
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=seeded, check=True)
    assert other.stdout.strip() == model.digest
    changed = dict(model.table) | {"quit_rate": replace(model.table["quit_rate"], range=(0.0, 0.9))}
    assert replace(model, table=simulate.ParameterTable(changed.values())).digest != model.digest

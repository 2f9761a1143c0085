"""`make bench`: how fast the kernels are, against two other engines and a hand-written program, in one run.

Machines differ and are noisy, so contenders take turns and ratios of medians are what is gated; seconds are printed
with the machine that they were measured on. Writes results.json and README.md beside this file.

Run from the root of a checkout: `python -m benchmarks [--quick]`.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import hand_written
from benchmarks.table import missed, written
from vimach import results
from vimach.dry_run import dry_run
from vimach.ensemble import CENTRAL, Block, inputs
from vimach.exports.xmile import xmile
from vimach.graph import Graph
from vimach.kernels.array import ArrayKernel, Inputs, Schedule
from vimach.kernels.native import NativeKernel
from vimach.parameters.table import read_parameters
from vimach.scenario import Scenario, read_scenario
from vimach.sectors import MODULES
from vimach.simulate import Model, Settings, built_in, simulate

HERE = Path(__file__).parent
PIPELINE = HERE.parent / "tests" / "validation" / "data" / "pipeline.xmile"
ROUNDS = 5


@dataclass
class Contender:
    """Something that runs a model; `work` does `members` runs of `steps` steps. Seconds of each turn are kept."""

    name: str
    members: int
    work: Callable[[], object]
    turns: list[float] = field(default_factory=list)

    def turn(self) -> None:
        """Works once and notes the seconds."""
        before = time.perf_counter()
        self.work()
        self.turns.append(time.perf_counter() - before)

    @property
    def each(self) -> float:
        """Median seconds for one member."""
        return statistics.median(self.turns) / self.members


def race(contenders: Sequence[Contender], rounds: int) -> dict[str, float]:
    """Median seconds a member by contender; all take turns, after one turn that does not count."""
    for number in range(rounds + 1):
        for contender in contenders:
            contender.turn()
        if number == 0:
            for contender in contenders:
                contender.turns.clear()
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
    """One run of PySD's translation."""
    copy = folder / file.name
    copy.write_bytes(file.read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pysd

        translated = pysd.read_xmile(str(copy))

    def once() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return translated.run(progress=False)

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
    moving: Sequence[str] = (), method: str = "euler", array_blocks: int | None = None,
) -> list[Contender]:  # fmt: skip
    """Both kernels at one and two threads on the same blocks; the array kernel may do with fewer of them."""
    kernels = {"array": ArrayKernel(graph, records), "native": NativeKernel(graph, records, moving)}
    found = []
    for name, kernel in kernels.items():
        own = blocks[:array_blocks] if name == "array" else blocks
        members = sum(block.members for block in own)
        for threads in (1, 2):
            work = on_threads(kernel, own, schedule, threads, method)
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


def full_model(case: Case, folder: Path, rounds: int) -> dict[str, float]:
    """Seconds a member on the whole model to 2035, ours and the others' on its export."""
    file = folder / "vimach.xmile"
    central = case.block(CENTRAL, 1)
    text = xmile(case.model.graph, central, case.schedule, case.scenario.title.en, "0", {})
    file.write_text(text, encoding="utf-8")
    blocks = [case.block(first, 128) for first in (0, 128, 256, 384)]
    graph, moving = case.model.graph, case.model.moving
    contenders = ours(graph, blocks, case.schedule, headline_records(case), moving=moving, array_blocks=2)
    contenders.append(Contender("simlin, lean", 1, by_simlin(file, "time_to_independent", 2.5)))
    found = race(contenders, rounds)
    pysd = Contender("PySD", 1, by_pysd(file, folder))
    pysd.turn()  # one turn: it takes longer than all others together
    return found | {"PySD": pysd.each}


def peer_model(folder: Path, rounds: int) -> dict[str, float]:
    """Seconds a member on the workforce pipeline of 60 variables, 480 steps, with a program written by hand."""
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
    contenders.append(Contender("PySD", 1, by_pysd(PIPELINE, folder)))
    return race(contenders, rounds)


def cut(values: np.ndarray, members: slice) -> np.ndarray:
    """Some members of an array whose last axis is the members, or one for all."""
    return values[..., members] if values.shape[-1] > 1 else values


# whole processes, memory, growth


def process(*words: str, cache: Path | None = None) -> tuple[float, float]:
    """Seconds and peak memory (MB) of a `vimach` command as a whole process."""
    code = (
        "import resource, subprocess, sys, time\n"
        "before = time.perf_counter()\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)\n"
        "if done.returncode: sys.exit(done.stderr)\n"
        "print(time.perf_counter() - before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)\n"
    )
    environment = os.environ | ({} if cache is None else {"VIMACH_CACHE": str(cache)})
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # byte code is cached, as in any installation
    command = [sys.executable, "-c", code, str(Path(sys.executable).with_name("vimach")), *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit(done.stderr)
    took, peak = done.stdout.split()
    return float(took), float(peak)


def seconds(work: Callable[[], object], rounds: int) -> float:
    """Median seconds of some work."""
    contender = Contender("", 1, work)
    for _ in range(rounds):
        contender.turn()
    return statistics.median(contender.turns)


def native_seconds(case: Case, members: int, rounds: int) -> float:
    """Seconds of a warm run of so many members, inputs drawn before, on one thread."""
    kernel = NativeKernel(case.model.graph, headline_records(case), case.model.moving)
    block = case.block(0, members)
    kernel.run(block, case.schedule)
    return seconds(lambda: kernel.run(block, case.schedule), rounds)


@contextmanager
def silence() -> Iterator[None]:
    """Nothing but results is printed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def limit() -> float:
    """Billions of floating-point operations a second on one core: products and sums in registers, nothing else."""
    import ctypes

    import llvmlite.binding as llvm

    lanes, chains, turns = 8, 12, 2_000_000
    kind = f"<{lanes} x double>"
    names = range(chains)
    spread = "<" + ", ".join(["double 1.0"] * lanes) + ">"
    lines = [f"define double @go({kind} %a, {kind} %b) {{", "entry:", "  br label %loop", "loop:"]
    lines.append("  %n = phi i64 [ 0, %entry ], [ %n1, %loop ]")
    lines += [f"  %x{k} = phi {kind} [ {spread}, %entry ], [ %z{k}, %loop ]" for k in names]
    lines += [f"  %y{k} = fmul {kind} %x{k}, %a\n  %z{k} = fadd {kind} %y{k}, %b" for k in names]
    lines += ["  %n1 = add i64 %n, 1", f"  %more = icmp slt i64 %n1, {turns}"]
    lines += ["  br i1 %more, label %loop, label %out", "out:"]
    lines.append(f"  %s0 = fadd {kind} %z0, %z0")
    lines += [f"  %s{k} = fadd {kind} %s{k - 1}, %z{k}" for k in names if k]
    lines += [f"  %r = extractelement {kind} %s{chains - 1}, i32 0", "  ret double %r", "}"]
    wrapper = [
        "define double @call() {",
        f"  %a = insertelement {kind} undef, double 0x3FEFFFFFF0000000, i32 0",
        f"  %a8 = shufflevector {kind} %a, {kind} undef, <{lanes} x i32> zeroinitializer",
        f"  %r = call double @go({kind} %a8, {kind} {spread})", "  ret double %r", "}",
    ]  # fmt: skip
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    module = llvm.parse_assembly("\n".join([*lines, *wrapper]))
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=2
    )
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    call = ctypes.CFUNCTYPE(ctypes.c_double)(engine.get_function_address("call"))
    call()
    return 2 * lanes * chains * turns / seconds(call, 5) / 1e9


GIVEN = ("parameter", "part", "calendar")


def equations(case: Case) -> int:
    """Scalar equations of one step: every cell of every stock, flow, auxiliary, memory and tally."""
    told = [variable for variable in case.model.graph.variables.values() if variable.kind not in GIVEN]
    return sum(int(np.prod([len(dim) for dim in variable.node.dims], dtype=int)) for variable in told)


def compiled(model: Model) -> float:
    """Seconds from equations and parameters as text to machine code, with nothing in the cache."""
    before = time.perf_counter()
    table = read_parameters()
    graph = dry_run(MODULES, table)
    with tempfile.TemporaryDirectory() as empty:
        os.environ["VIMACH_CACHE"] = empty
        NativeKernel(graph, results.headlines(graph), model.moving)
        del os.environ["VIMACH_CACHE"]
    return time.perf_counter() - before


def about_the_machine() -> dict[str, object]:
    """What seconds depend on."""
    import llvmlite

    processor = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.is_file():
        lines = information.read_text(encoding="utf-8").splitlines()
        processor = next((line.split(": ")[1] for line in lines if line.startswith("model name")), processor)
    return {
        "processor": processor, "cores": os.cpu_count(), "system": platform.system(),
        "python": platform.python_version(), "numpy": np.__version__, "llvmlite": llvmlite.__version__,
    }  # fmt: skip


def measured(rounds: int) -> dict[str, Any]:
    """Everything, in one run."""
    model = built_in()
    build = statistics.median(compiled(model) for _ in range(rounds))
    case = Case(model, read_scenario("baseline", model.table, model.labels), Settings())
    with tempfile.TemporaryDirectory() as name, silence():
        folder = Path(name)
        full = full_model(case, folder, rounds)
        peer = peer_model(folder, rounds)
        one = ["run", "baseline", "--members", "1", "--quiet", "--out", str(folder / "one")]
        cold = process(*one, cache=folder / "cache")[0]
        cached = statistics.median(process(*one, cache=folder / "cache")[0] for _ in range(rounds))
        help_ = statistics.median(process("--help")[0] for _ in range(rounds))
        many = process(
            "run", "baseline", "--members", "100000", "--outputs", ",".join(forty(case)), "--quiet",
            "--out", str(folder / "many"),
        )  # fmt: skip
    ten_thousand = seconds(lambda: simulate(model, case.scenario, Settings(members=10_000), ["employed_in_sector"]), 1)
    short = replace(case, settings=Settings(until=2026))
    size = equations(case)
    steps = case.schedule.steps
    return {
        "machine": about_the_machine(),
        "headlines": {
            "native against array, per core": full["array, 1 thread"] / full["native, 1 thread"],
            "native against simlin, per core": full["simlin, lean"] / full["native, 1 thread"],
            "native against PySD, per core": full["PySD"] / full["native, 1 thread"],
            "two threads against one, native": full["native, 1 thread"] / full["native, 2 threads"],
            "Euler against RK4, peer model, native": peer["native, 1 thread, rk4"] / peer["native, 1 thread"],
            "scalar equations a second, per core (1e9)": size * steps / full["native, 1 thread"] / 1e9,
            "build, nothing cached (s)": build,
            "vimach run baseline --members 1, cold, whole process (s)": cold,
            "vimach run baseline --members 1, cached, whole process (s)": cached,
            "vimach --help (s)": help_,
            "43 members to the end of 2026, warm, drawn before (s)": native_seconds(short, 43, rounds),
            "43 members to the end of 2026, drawn and labelled (s)": seconds(
                lambda: simulate(model, case.scenario, Settings(members=43, until=2026), headline_records(case)), rounds
            ),
            "10,000 members, whole model, two threads (s)": ten_thousand,
            "100,000 members x 40 outputs, whole process (s)": many[0],
            "100,000 members x 40 outputs, peak memory (MB)": many[1],
        },
        "size": {"equations": size, "steps": steps},
        "full model": full,
        "peer model": peer,
        "by members": {str(n): native_seconds(case, n, rounds) / n for n in (1, 8, 64, 512, 4096)},
        "by years": {
            str(year): native_seconds(replace(case, settings=Settings(until=year)), 512, rounds) / 512
            for year in (2025, 2035, 2045)
        },
        "limit": limit(),
    }


def forty(case: Case) -> list[str]:
    """Forty outputs: the indicators first."""
    return headline_records(case)[:40]


def main() -> int:
    """Measures, writes results.json and README.md, prints the page; 1 if a ratio falls short by more than the slack."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    options.add_argument("--quick", action="store_true", help="one turn each, for trying the benchmark itself")
    found = measured(1 if options.parse_args().quick else ROUNDS)
    (HERE / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8", newline="\n")
    page = written(found)
    (HERE / "README.md").write_text(page, encoding="utf-8", newline="\n")
    print(page)
    short = missed(found["headlines"])
    for name in short:
        print(f"falls short: {name}", file=sys.stderr)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())

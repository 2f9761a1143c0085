"""`make bench`: how fast the kernels are, against two other engines and a hand-written program, in one run.

Machines differ and are noisy, so contenders take turns and ratios of medians are what is gated; seconds are printed
with the machine that they were measured on. Writes results.json and README.md beside this file.

Run from the root of a checkout: `python -m benchmarks [--quick]`.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import market
from benchmarks.race import Case, Contender, headline_records, on_full_model, on_peer_model, pysd_on_full_model, race
from benchmarks.table import missed, written
from vimach import results
from vimach.dry_run import dry_run
from vimach.graph import Graph
from vimach.kernels.blueprint import Drawing
from vimach.kernels.compiling import machine
from vimach.kernels.native import NativeKernel
from vimach.parameters.table import read_parameters
from vimach.posterior import read_posterior
from vimach.scenario import read_scenario
from vimach.sectors import MODULES
from vimach.simulate import BLOCK, Model, Settings, Simulation, built_in, simulate
from vimach.sweep import Threads, Work

HERE = Path(__file__).parent
ROUNDS = 5


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


def native(name: str, case: Case, members: int) -> Contender:
    """A warm run of so many members, inputs drawn before, on one thread."""
    kernel = NativeKernel(case.model.graph, headline_records(case), case.model.moving)
    block, schedule = case.block(0, members), case.schedule
    return Contender(name, members, lambda: kernel.run(block, schedule))


def of_places(name: str, places: int, members: int) -> tuple[Contender, int]:
    """A warm run of a market of so many places; and its scalar equations."""
    graph, schedule = market.market(places), Settings().schedule()
    kernel, block = NativeKernel(graph, ["workers"]), market.given(places, members, schedule)
    return Contender(name, members, lambda: kernel.run(block, schedule)), equations(graph)


def streamed(case: Case, members: int) -> Callable[[], object]:
    """So many members of the posterior drawn and computed on two threads, handed over and dropped."""
    posterior = read_posterior(case.model)
    assert posterior is not None, "no posterior is committed"
    settings = Settings(members, threads=2, sample=posterior.sample(members, 1017))
    simulation = Simulation(case.model, case.scenario, settings, headline_records(case))

    def once() -> None:
        with closing(Threads(2).run(Work(simulation, block) for block in simulation.blocks(BLOCK))) as done:
            for _ in done:
                pass

    return once


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
    fastest = Contender("", 1, call)
    race([fastest], 5)
    return 2 * lanes * chains * turns / fastest.each / 1e9


GIVEN = ("parameter", "part", "calendar")


def equations(graph: Graph) -> int:
    """Scalar equations of one step: every cell of every stock, flow, auxiliary, memory and tally."""
    told = [variable for variable in graph.variables.values() if variable.kind not in GIVEN]
    return sum(variable.node.size for variable in told)


def compiled(model: Model) -> float:
    """Seconds from equations and parameters as text to machine code, with nothing in the cache."""
    machine.cache_clear()
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


def of_a_step(case: Case) -> dict[str, int]:
    """Of the native kernel's code for one step: how many of the scalar equations it works out (the others are inputs'
    alone, or only shown), its operations, and how many of these are powers."""
    drawing = Drawing(case.model.graph, headline_records(case), case.model.moving, machine().lanes)
    scalars, done = drawing.program.scalars, set(drawing.orders["step"])
    told = [name for name, variable in case.model.graph.variables.items() if variable.kind not in GIVEN]
    cells = {int(cell) for name in told for cell in drawing.program.variables[name].ravel()}
    return {
        "equations": sum(number in done or scalars[number].op == "state" for number in cells),
        "operations": len(done), "powers": sum(scalars[number].op == "power" for number in done),
    }  # fmt: skip


TEN_THOUSAND = "10,000 members of the posterior, headlines, two threads"
BEFORE = "43 members to the end of 2026, warm, drawn before (s)"
LABELLED = "43 members to the end of 2026, drawn and labelled (s)"
FORTY = "100,000 members x 40 outputs"


def starts(case: Case, folder: Path) -> list[Contender]:
    """What a user waits for: builds, whole processes, ten thousand members, and forty-three."""
    fresh = count()

    def waited(*words: str, cache: Path | None = None) -> float:
        out = ("--quiet", "--out", str(folder / "out")) if words[0] == "run" else ()
        return process(*words, *out, cache=cache)[0]

    model, short = case.model, replace(case, settings=Settings(until=2026))
    one, kept = ("run", "baseline", "--members", "1"), headline_records(case)
    many = ("run", "baseline", "--members", "10000", "--threads", "2")
    of_43 = native(BEFORE, short, 43)
    return [
        Contender("build, nothing cached (s)", 1, lambda: compiled(model), clock=True),
        Contender("vimach run baseline --members 1, cold, whole process (s)", 1,
                  lambda: waited(*one, cache=folder / f"empty {next(fresh)}"), clock=True),
        Contender("vimach run baseline --members 1, cached, whole process (s)", 1,
                  lambda: waited(*one, cache=folder / "cache"), clock=True),
        Contender("vimach --help (s)", 1, lambda: waited("--help"), clock=True),
        replace(of_43, members=1),
        Contender(LABELLED, 1, lambda: simulate(model, case.scenario, replace(short.settings, members=43), kept)),
        Contender(f"{TEN_THOUSAND}, drawn and computed (s)", 1, streamed(case, 10_000), dear=True),
        Contender(f"{TEN_THOUSAND}, whole process, results.nc written (s)", 1, lambda: waited(*many), True, dear=True),
    ]  # fmt: skip


def growth(case: Case, rounds: int, turns: dict[str, int]) -> dict[str, Any]:
    """Seconds a member by members, by years and by size of the model, all in one race."""
    members = {str(number): native(f"{number} members", case, number) for number in (1, 8, 64, 512, 4096)}
    years = {str(year): native(f"until {year}", replace(case, settings=Settings(until=year)), 512)
             for year in (2025, 2035, 2045)}  # fmt: skip
    sizes = [of_places(f"{places} places", places, 512) for places in (3, 10, 30, 100, 300)]
    contenders = [*members.values(), *years.values(), *(contender for contender, _ in sizes)]
    found = race(contenders, rounds, turns)
    return {
        "by members": {number: found[each.name] for number, each in members.items()},
        "by years": {year: found[each.name] for year, each in years.items()},
        "by size": {str(size): found[each.name] for each, size in sizes},
    }


def measured(rounds: int) -> dict[str, Any]:
    """Everything, in one run."""
    model = built_in()
    case = Case(model, read_scenario("baseline", model.table, model.labels), Settings())
    turns: dict[str, dict[str, int]] = {"full model": {}, "peer model": {}, "headlines": {}, "growth": {}}
    with tempfile.TemporaryDirectory() as name, silence():
        folder = Path(name)
        contenders = on_full_model(case, folder, blocks=2)
        full = race([*contenders, pysd_on_full_model(folder)], rounds, turns["full model"])
        peer = race(on_peer_model(folder), rounds, turns["peer model"])
        waits = race(starts(case, folder), rounds, turns["headlines"])
        outputs = ("--outputs", ",".join(headline_records(case)[:40]))
        many = process("run", "baseline", "--members", "100000", *outputs, "--quiet", "--out", str(folder / "many"))
    size, steps, one = equations(model.graph), case.schedule.steps, full["native, 1 thread"]
    step = of_a_step(case)
    turns["headlines"] |= {f"{FORTY}, whole process (s)": 1, f"{FORTY}, peak memory (MB)": 1}
    return {
        "machine": about_the_machine(),
        "headlines": {
            "native against array, per core": full["array, 1 thread"] / one,
            "native against simlin, per core": full["simlin, lean"] / one,
            "native against PySD, per core": full["PySD"] / one,
            "two threads against one, native": one / full["native, 2 threads"],
            "Euler against RK4, peer model, native": peer["native, 1 thread, rk4"] / peer["native, 1 thread"],
            "scalar equations of the model a second, per core (1e9)": size * steps / one / 1e9,
            "the same, of those that its code works out at every step (1e9)": step["equations"] * steps / one / 1e9,
            **waits,
            f"{FORTY}, whole process (s)": many[0],
            f"{FORTY}, peak memory (MB)": many[1],
        },
        "size": {"equations": size, "steps": steps, "of a step": step},
        "full model": full,
        "peer model": peer,
        **growth(case, rounds, turns["growth"]),
        "turns": turns,
        "limit": limit(),
    }


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

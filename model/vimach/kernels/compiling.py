"""From a graph to machine code for the processor at hand, by LLVM through llvmlite; from the cache if it is there.

Importing this module without llvmlite raises ImportError; on a processor that LLVM does not know `Machine` raises
UnknownProcessor.
"""

import gc
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from vimach import elementary, passes
from vimach.errors import UnknownProcessor
from vimach.graph import Graph
from vimach.kernels import array, blueprint, llvm_text, recipes, time_loop
from vimach.kernels.array import recorded
from vimach.kernels.blueprint import CHUNK, PARTS, Blueprint, Drawing
from vimach.kernels.llvm_text import Text
from vimach.kernels.object_cache import ObjectCache, default_folder
from vimach.kernels.time_loop import TimeLoop

HOT, COLD = 1, 0
"""LLVM's own levels for what is done at each step and for what is done now and then; 2 takes longer than 1 and gains
nothing on straight lines of vector operations."""

CHUNKS_IN_A_MODULE = 8
"""So that LLVM can work on one module while the text of the next is written."""


class Machine:
    """The processor at hand as a target; makes object code from LLVM text, and loads it."""

    def __init__(self) -> None:
        self.cpu, self.triple = llvm.get_host_cpu_name(), llvm.get_process_triple()
        if self.cpu in ("", "generic"):
            raise UnknownProcessor(f"LLVM does not know this processor ({self.triple})")
        try:
            llvm.initialize_native_target()
            llvm.initialize_native_asmprinter()
            self.features = _features()
            self.targets = {level: self._target(level) for level in (HOT, COLD)}
        except RuntimeError as error:
            raise UnknownProcessor(f"LLVM cannot write code for {self.cpu} ({self.triple}): {error}") from error
        self.loops: dict[int, bytes] = {}

    def _target(self, level: int) -> Any:
        target = llvm.Target.from_triple(self.triple)
        return target.create_target_machine(cpu=self.cpu, features=self.features, opt=level, jit=True)

    @property
    def identity(self) -> tuple[str, ...]:
        """What object code depends on beside its text."""
        return self.triple, self.cpu, self.features, llvmlite.__version__, str(llvm.llvm_version_info)

    @property
    def lanes(self) -> int:
        """How many numbers a register holds. Wider vectors gain little, and splitting them takes LLVM seconds."""
        has = set(self.features.split(","))
        return 8 if "+avx512f" in has else 4 if "+avx" in has else 2

    def compiled(self, text: str, level: int) -> bytes:
        """Object code of one module."""
        module = llvm.parse_assembly(text)
        module.verify()
        return bytes(self.targets[level].emit_object(module))

    def loop(self, lanes: int) -> bytes:
        """Object code of what no graph changes: exp, log and power, and the time loop. Made once in a process."""
        if lanes not in self.loops:
            text = Text(lanes)
            recipes.write_recipes(text)
            TimeLoop(text).write()
            self.loops[lanes] = self.compiled(str(text), HOT)
        return self.loops[lanes]

    def loaded(self, objects: Sequence[bytes], function: str) -> tuple[Any, int]:
        """The engine that holds the code of all modules, and the address of a function."""
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), self._target(HOT))  # its own
        for code in objects:
            engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        return engine, engine.get_function_address(function)


def _features() -> str:
    """What the processor can do beside what its name tells; nothing where LLVM cannot ask it, as on some of ARM."""
    try:
        return str(llvm.get_host_cpu_features().flatten())
    except RuntimeError:
        return ""


@cache
def machine() -> Machine:
    """The processor at hand; UnknownProcessor if LLVM does not know it."""
    return Machine()


@dataclass(frozen=True)
class Code:
    """The machine code of one graph: its blueprint, the address of `run`, and what keeps the code in memory."""

    plan: Blueprint
    address: int
    engine: Any


def code_of(graph: Graph, records: Iterable[str] | None, moving: Iterable[str], lanes: int) -> Code:
    """The code of a graph, from the cache or made now."""
    moving = sorted(moving)
    store, key = ObjectCache(default_folder()), _key(graph, records, moving, lanes)
    if found := store.get(key):
        plan, objects = Blueprint(**found[0]), found[1]
    else:
        with _no_collections():
            plan, objects = _made(graph, records, moving, lanes)
        store.put(key, vars(plan), objects)
    engine, address = machine().loaded(objects, "run")
    return Code(plan, address, engine)


@contextmanager
def _no_collections() -> Iterator[None]:
    """Python's search for cyclic garbage is off: among the many small things that all stay it finds none, and takes as
    long as the drawing itself."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _made(
    graph: Graph, records: Iterable[str] | None, moving: Iterable[str], lanes: int
) -> tuple[Blueprint, list[bytes]]:
    """Blueprint and object code; LLVM compiles a module in one thread while the next is written in this one, and the
    loop, which knows no graph, while this one is drawn."""
    made: list[Future[bytes]] = []
    with ThreadPoolExecutor(1) as compiler:  # no more than one: llvmlite lets in one thread at a time
        made.append(compiler.submit(machine().loop, lanes))
        drawing = Drawing(graph, records, moving, lanes)
        for part in PARTS:
            chunks = list(enumerate(passes.chunks(drawing.orders[part], CHUNK)))
            for module in passes.chunks(chunks, CHUNKS_IN_A_MODULE):
                text = Text(lanes)
                recipes.declare_recipes(text)
                for number, chunk in module:
                    drawing.write_chunk(text, part, number, chunk)
                made.append(compiler.submit(machine().compiled, str(text), HOT if part == "step" else COLD))
        text = Text(lanes)
        drawing.write_parts(text)
        made.append(compiler.submit(machine().compiled, str(text), COLD))
    return drawing.plan, [future.result() for future in made]


def _key(graph: Graph, records: Iterable[str] | None, moving: Iterable[str], lanes: int) -> str:
    """The hash of all that object code depends on: the graph, what is recorded, the processor, LLVM, our own code."""
    hashed = hashlib.sha256()
    hashed.update(_our_code())
    at_edges, over_periods = recorded(graph, records)
    told = [lanes, moving, [v.name for v in at_edges], [v.name for v in over_periods], machine().identity]
    hashed.update(repr(told).encode())
    hashed.update(passes.fingerprint(graph).encode())
    return hashed.hexdigest()


@cache
def _our_code() -> bytes:
    """The text of every module that decides what object code is."""
    modules = (passes, elementary, array, blueprint, llvm_text, recipes, time_loop)
    return b"".join(Path(file).read_bytes() for file in (__file__, *(str(module.__file__) for module in modules)))

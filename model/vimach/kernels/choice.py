"""Which kernel runs a graph: the native one where it can, the reference kernel elsewhere; the bits are the same."""

import sys
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Protocol

from vimach.errors import BadInput, Problem, UnknownProcessor
from vimach.graph import Graph, Variable
from vimach.kernels.array import ArrayKernel, Inputs, Recording, Schedule

KERNELS = ("auto", "native", "array")
"""The native kernel if it can run here, else the reference; the native one or none; the reference."""


class Kernel(Protocol):
    """What runs a graph, and the variables that it records."""

    at_edges: list[Variable]
    over_periods: list[Variable]

    def run(self, inputs: Inputs, schedule: Schedule, method: str = "euler") -> Recording:
        """Simulates every member; a member that breaks is named in `failures`, the others are not touched by it."""


def kernel_for(choice: str, graph: Graph, records: Iterable[str] | None, moving: Iterable[str]) -> Kernel:
    """The kernel of that name for a graph; `records` and `moving` as in NativeKernel. Kernels are kept for the next
    run, so a graph that has been run must not be changed.

    BadInput if "native" is asked for and cannot run here; under "auto" one line on stderr says so, once.
    """
    records = None if records is None else tuple(records)
    if choice == "array":
        return ArrayKernel(graph, records)
    try:
        return _native(graph, records, tuple(moving))
    except (ImportError, OSError, UnknownProcessor) as error:
        reason = f"the native kernel cannot run here: {error}"
        if choice == "native":
            raise BadInput(Problem(f"{reason}; write --kernel auto", key="--kernel")) from error
        _say(f"{reason}; the NumPy kernel does, with the same results, many times slower")
        return ArrayKernel(graph, records)


@lru_cache(maxsize=32)
def _native(graph: Graph, records: tuple[str, ...] | None, moving: tuple[str, ...]) -> Kernel:
    from vimach.kernels.native import NativeKernel

    return NativeKernel(graph, records, moving)


@cache
def _say(line: str) -> None:
    """Says a line, once in a process."""
    print(line, file=sys.stderr)

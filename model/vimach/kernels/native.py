"""The native kernel: the graph as machine code for the processor at hand, with the bits of the reference kernel.

Members are lanes of vectors and whole runs are made vector by vector. A member that may have failed is run again by the
reference kernel, which knows what to say of it.
"""

import ctypes
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from vimach.declarations import CALENDAR, PROMOTION
from vimach.graph import Graph
from vimach.kernels.array import Array, ArrayKernel, Inputs, Recording, Schedule
from vimach.kernels.compiling import code_of, machine
from vimach.kernels.time_loop import JOB, may_halve

Words = npt.NDArray[np.int64]


class NativeKernel:
    """Runs one graph. `records` as in ArrayKernel; `moving` names inputs that may well move during a run.

    `lanes` is the number of members to a vector, 0 for what the processor's registers hold; no bit depends on it.
    """

    def __init__(
        self, graph: Graph, records: Iterable[str] | None = None, moving: Iterable[str] = (), lanes: int = 0
    ) -> None:
        self.reference = ArrayKernel(graph, records)
        self.at_edges, self.over_periods = self.reference.at_edges, self.reference.over_periods
        self.code = code_of(graph, records, moving, lanes or machine().lanes)
        self.plan = self.code.plan
        self.function = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self.code.address)

    def run(self, inputs: Inputs, schedule: Schedule, method: str = "euler") -> Recording:
        """Simulates every member; a member that breaks is named in `failures`, the others are not touched by it.

        KeyError or ValueError where inputs are missing or misshapen.
        """
        self.reference.check(inputs, schedule, method)
        some_start = 0 < len(inputs.start) < len(self.plan.states)  # the others' starts may depend on them
        jumps = method == "rk4" and not self.plan.smooth
        if some_start or jumps or (schedule.edges[0], schedule.edges[-1]) != (0, schedule.steps):
            return self.reference.run(inputs, schedule, method)
        job = _Job(self, inputs, schedule, method)
        self.function(job.words.ctypes.data)
        again = set(np.flatnonzero(np.isnan(job.flags)).tolist())
        for members in inputs.held.values():  # whoever reads another member's value does not fit into a lane
            again.update(members.keys(), members.values())
        if again:
            self._again(sorted(again), job.recording, inputs, schedule, method)
        return job.recording

    def _again(self, members: list[int], recording: Recording, inputs: Inputs, schedule: Schedule, method: str) -> None:
        """Runs some members by the reference kernel, and puts its numbers and what failed in place of our own."""

        def own(arrays: Mapping[str, Array]) -> dict[str, Array]:
            return {name: array[..., members] if array.shape[-1] > 1 else array for name, array in arrays.items()}

        place = {member: number for number, member in enumerate(members)}
        held = {name: {place[a]: place[b] for a, b in pairs.items()} for name, pairs in inputs.held.items()}
        fixed, varying, halfway, start = map(own, (inputs.fixed, inputs.varying, inputs.halfway, inputs.start))
        given = Inputs(len(members), fixed, varying, halfway, start, held)
        found = self.reference.run(given, schedule, method)
        for arrays, others in ((recording.edges, found.edges), (recording.periods, found.periods)):
            for name, values in others.items():
                arrays[name][..., members] = values
        recording.failures.extend(replace(failure, member=members[failure.member]) for failure in found.failures)

    @cached_property
    def may_halve(self) -> Array:
        return np.array(may_halve(self.plan))

    @cached_property
    def rates(self) -> Words:
        return np.array(self.plan.rates, dtype=np.int64)

    @cached_property
    def starts(self) -> Words:
        return np.array(self.plan.starts, dtype=np.int64)

    @cached_property
    def watched(self) -> Words:
        return np.array(self.plan.watched, dtype=np.int64)


class _Job:
    """The words of one run, and all that they point at."""

    def __init__(self, kernel: NativeKernel, inputs: Inputs, schedule: Schedule, method: str) -> None:
        self.kernel, self.plan, self.inputs, self.schedule = kernel, kernel.plan, inputs, schedule
        self.kept: list[object] = []
        dims = {v.name: v.node.shape for v in (*kernel.at_edges, *kernel.over_periods)}
        count, members = len(schedule.edges), inputs.members
        self.recording = Recording(
            {name: np.empty((count, *dims[name], members)) for name in self.plan.edges},
            {name: np.zeros((count - 1, *dims[name], members)) for name in self.plan.periods},
            [],
        )
        self.varying = {**inputs.varying, CALENDAR: schedule.times[:, np.newaxis]}
        self.halfway = {**inputs.halfway, CALENDAR: schedule.halfway[:, np.newaxis]}
        self.flags = np.zeros(members)
        slow = method == "rk4"
        varying = self._gathered(self.varying)
        edge_of_step = np.full(schedule.steps + 1, -1, dtype=np.int64)
        edge_of_step[list(schedule.edges)] = np.arange(count)
        promotes = np.zeros(schedule.steps + 1, dtype=np.int64)
        if PROMOTION in inputs.varying:
            pulses = inputs.varying[PROMOTION]
            promotes[:] = pulses.any(axis=tuple(range(1, pulses.ndim)))
        static = {leaf[1] for leaf in self.plan.leaves if leaf[0] == "input"} - set(self.plan.moving)
        fixed, given = self._gathered(inputs.fixed), self._started()
        edges, periods = self._recorded("edges"), self._recorded("periods")
        plan = self.plan
        values = {
            "rows": self._aligned(plan.all_rows * plan.lanes), "members": members, "steps": schedule.steps,
            "step": _bits(schedule.step), "states": len(plan.guards), "summed_flows": plan.summed_flows,
            "before": plan.before, "summed_rates": plan.summed_rates,
            "fixed": self._at(fixed), "fixed_count": len(fixed),
            "varying": self._at(varying), "varying_count": len(varying),
            "halfway": self._at(self._gathered(self.halfway)) if slow else 0,
            "given": self._at(given), "given_count": len(given),
            "resettle": int(bool(static & set(inputs.varying))), "runge_kutta": int(slow),
            "edge_of_step": self._at(edge_of_step), "promotes": self._at(promotes),
            "may_halve": self._at(kernel.may_halve), "rates": self._at(kernel.rates),
            "starts": self._at(kernel.starts),
            "edges": self._at(edges), "edges_count": len(edges), "periods": self._at(periods),
            "periods_count": len(periods), "watched": self._at(kernel.watched),
            "watched_count": len(kernel.watched), "flags": self._at(self.flags),
        }  # fmt: skip
        self.words = np.array([values[name] for name in JOB], dtype=np.int64)

    def _at(self, array: npt.NDArray[np.float64] | Words) -> int:
        """The address of an array, which is kept alive."""
        self.kept.append(array)
        return _address(array)

    def _aligned(self, size: int) -> int:
        """The address of memory for so many numbers, on a line of the cache."""
        address = self._at(np.empty(size + 16))
        return address + -address % 128

    def _gathered(self, values: Mapping[str, Array]) -> Words:
        """For each cell of the leaves in `values`: row, address, bytes per step, bytes per member."""
        steps = values is not self.inputs.fixed
        entries: list[tuple[int, int, int, int]] = []
        offsets: dict[str, tuple[list[int], int, int]] = {}
        for _, name, cell, row in self.plan.leaves:
            if name not in values:
                continue
            if name not in offsets:
                array = np.asarray(values[name], dtype=np.float64)
                self.kept.append(array)
                by_step, *strides = array.strides if steps else (0, *array.strides)
                shape = array.shape[1:-1] if steps else array.shape[:-1]
                by_member = strides[-1] if array.shape[-1] > 1 else 0
                offsets[name] = (_cells(_address(array), shape, strides[:-1]), by_step, by_member)
            cells, by_step, by_member = offsets[name]
            entries.append((row, cells[cell], by_step, by_member))
        return np.array(entries, dtype=np.int64).reshape(-1, 4)

    def _started(self) -> Words:
        """For each cell of the states of an earlier run: row, address, 0, bytes per member."""
        entries: list[tuple[int, int, int, int]] = []
        row = 0
        for name, size in self.plan.states:
            if name in self.inputs.start:
                array = np.asarray(self.inputs.start[name], dtype=np.float64)
                self.kept.append(array)
                by_member = array.strides[-1] if array.shape[-1] > 1 else 0
                cells = _cells(_address(array), array.shape[:-1], array.strides[:-1])
                entries.extend((row + k, cell, 0, by_member) for k, cell in enumerate(cells))
            row += size
        return np.array(entries, dtype=np.int64).reshape(-1, 4)

    def _recorded(self, kind: str) -> Words:
        """For each cell that is recorded: row, address at the first edge, bytes per edge."""
        entries: list[tuple[int, int, int]] = []
        for name, rows in getattr(self.plan, kind).items():
            array = getattr(self.recording, kind)[name]
            first, by_cell = _address(array), array.strides[-2] if array.ndim > 2 else 0
            entries.extend((row, first + cell * by_cell, array.strides[0]) for cell, row in enumerate(rows))
        return np.array(entries, dtype=np.int64).reshape(-1, 3)


def _cells(address: int, shape: tuple[int, ...], strides: Iterable[int]) -> list[int]:
    """The address of each cell of an array."""
    addresses = [address]
    for length, stride in zip(shape, strides, strict=True):
        addresses = [first + step * stride for first in addresses for step in range(length)]
    return addresses


def _address(array: npt.NDArray[np.float64] | Words) -> int:
    return int(array.__array_interface__["data"][0])


def _bits(number: float) -> int:
    return int(np.float64(number).view(np.int64))

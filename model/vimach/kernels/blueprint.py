"""The blueprint of a native kernel: which row of memory holds which number, and the text of all operations on rows.

A row holds one scalar for as many members as a vector has lanes. The operations fall into four parts: `settle`, once in
a run; `start`, once; `step`, at every moment; `edge`, only where results are recorded. Each part is cut into chunks,
because LLVM takes more than twice the time for twice the length; what one chunk makes and another reads has a row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count, zip_longest

from vimach import passes
from vimach.graph import Graph, State
from vimach.kernels.array import recorded
from vimach.kernels.llvm_text import Text

PARTS = ("step", "edge", "settle", "start")
CHUNK = 300
"""Operations in a chunk."""

_SIMPLE = {"add": "fadd", "subtract": "fsub", "multiply": "fmul", "divide": "fdiv"}
_EXTREME = {"minimum": "olt", "maximum": "ogt"}


@dataclass
class Blueprint:
    """Rows by what they hold; all that a run must know, as plain lists and numbers.

    States stand in the rows from 0 on, in the order of `states`. `leaves` are (kind, name, cell, row).
    """

    lanes: int
    rows: int = 0
    states: list[tuple[str, int]] = field(default_factory=list)  # name, cells
    guards: list[int] = field(default_factory=list)  # of each state's row: 1 may not halve, 2 nor unless promoted
    leaves: list[tuple[str, str, int, int]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    rates: list[int] = field(default_factory=list)
    edges: dict[str, list[int]] = field(default_factory=dict)
    periods: dict[str, list[int]] = field(default_factory=dict)
    watched: list[int] = field(default_factory=list)
    moving: list[str] = field(default_factory=list)
    chunks: dict[str, int] = field(default_factory=dict)  # of each part

    @property
    def smooth(self) -> bool:
        """Whether nobody is promoted in single steps; only then Runge and Kutta's method is of use."""
        return 2 not in self.guards

    @property
    def summed_flows(self) -> int:
        """The first of the rows that sum flows over a period; after them come states before a step and summed rates."""
        return self.rows

    @property
    def before(self) -> int:
        """The first of the rows that keep the states as they were before a step."""
        return self.rows + sum(len(rows) for rows in self.periods.values())

    @property
    def summed_rates(self) -> int:
        """The first of the rows that sum the rates of the moments of a step."""
        return self.before + len(self.guards)

    @property
    def all_rows(self) -> int:
        """All rows that a run needs."""
        return self.summed_rates + len(self.guards)


class Drawing:
    """Draws the blueprint of one graph: hands out rows and writes chunks."""

    def __init__(self, graph: Graph, records: Iterable[str] | None, moving: Iterable[str], lanes: int) -> None:
        self.program = program = passes.scalarised(graph)
        self.graph = graph
        self.plan = Blueprint(lanes, moving=sorted(moving))
        self.row_of: dict[int, int] = {}
        self.constants: list[int] = []
        self.states = graph.ordered_states()
        at_edges, over_periods = recorded(graph, records)
        self.at_edges = {v.name: _cells(program.variables[v.name]) for v in at_edges}
        self.over_periods = {v.name: _cells(program.variables[v.name]) for v in over_periods}
        self.rates = [cell for state in self.states for cell in _cells(program.rates[state.name])]
        self.starts = [cell for state in self.states for cell in _cells(program.starts[state.name])]
        self.orders, self.watched = self._parts(self.plan.moving)
        self._lay_out()

    def _parts(self, moving: Sequence[str]) -> tuple[dict[str, list[int]], list[int]]:
        """The operations of each part, in order, and the scalars to watch at edges."""
        program = self.program
        settled = passes.settled(program, moving)
        shown = [cell for cells in program.variables.values() for cell in _cells(cells)]
        in_step = [*self.rates, *(cell for cells in self.over_periods.values() for cell in cells)]
        step = passes.needed(program, in_step, settled, pairs=True)
        start = passes.needed(program, self.starts, settled)
        known = list(settled)
        for number in step:
            known[number] = True
        edge = passes.needed(program, shown, known)
        read = {a for number in (*step, *edge, *start) for a in program.scalars[number].arguments if settled[a]}
        read |= {number for number in (*shown, *self.rates, *self.starts) if settled[number]}
        settle = passes.needed(program, sorted(read))
        watched = passes.to_watch(program, shown, self.rates, (*settle, *step, *edge))
        return {"settle": settle, "start": start, "step": step, "edge": edge}, watched

    def _lay_out(self) -> None:
        """Rows, those of states and steps first, and which operations need one."""
        plan, scalars = self.plan, self.program.scalars
        plan.states = [(state.name, state.node.size) for state in self.states]
        plan.guards = [guard for state in self.states for guard in [_guard(state)] * state.node.size]
        plan.rows = len(plan.guards)
        row = 0
        numbers = {scalar.payload: number for number, scalar in enumerate(scalars) if scalar.op == "state"}
        for name, size in plan.states:
            for cell in range(size):
                if (name, cell) in numbers:
                    self.row_of[numbers[name, cell]] = row + cell
            row += size
        kept = {*self.rates, *self.starts, *self.watched}
        for cells in (*self.at_edges.values(), *self.over_periods.values()):
            kept.update(cells)
        for part in PARTS:
            pieces = list(passes.chunks(self.orders[part], CHUNK))
            plan.chunks[part] = len(pieces)
            for piece in pieces:
                inside = set(piece)
                for number in piece:
                    for argument in scalars[number].arguments:
                        if argument not in inside and scalars[argument].op != "constant":
                            self.row(argument)
        for number in sorted(kept):
            self.row(number)
        plan.rates = [self.row_of[number] for number in self.rates]
        plan.starts = [self.row_of[number] for number in self.starts]
        plan.watched = [self.row_of[number] for number in self.watched]
        plan.edges = {name: [self.row_of[cell] for cell in cells] for name, cells in self.at_edges.items()}
        plan.periods = {name: [self.row_of[cell] for cell in cells] for name, cells in self.over_periods.items()}

    def row(self, number: int) -> int:
        """The row of a scalar; its first asker is given a new one."""
        if number not in self.row_of:
            self.row_of[number] = self.plan.rows
            self.plan.rows += 1
            op, arguments, payload = self.program.scalars[number]
            if op == "constant":
                self.constants.append(number)
            elif not arguments:
                self.plan.leaves.append((op, *payload, self.row_of[number]))
        return self.row_of[number]

    # text

    def write_parts(self, text: Text) -> None:
        """Each part as a function that calls its chunks, and @constants, which fills the rows of constants."""
        for part in PARTS:
            chunks = range(self.plan.chunks[part])
            for number in chunks:
                text.do(f"declare void @{part}{number}(ptr, ptr)")
            with text.function(f"void @{part}(ptr %rows)"):
                for number in chunks:
                    text.do(f"call void @{part}{number}(ptr %rows, ptr %rows)")
                text.do("ret void")
        with text.function("void @constants(ptr %rows)"):
            for number in self.constants:
                value = text.number(self.program.scalars[number].payload)
                text.store(text.numbers, value, "%rows", self.row_of[number] * 8 * text.lanes)
            text.do("ret void")

    def write_chunk(self, text: Text, part: str, number: int, order: Sequence[int]) -> None:
        """One chunk as a function of the rows: loads at first use, operations in order, stores of what others read.

        It stores into no row that it loads from. Two names for the rows tell LLVM so, which need not keep loads and
        stores in order then: a fifth of its time.
        """
        scalars, width = self.program.scalars, 8 * text.lanes
        v, lines, numbers = text.numbers, text.lines, count()

        def set_(value: str) -> str:  # LLVM reads values with numbers for names in half the time
            name = f"%{next(numbers)}"
            lines.append(f"{name} = {value}")
            return name

        memory = "ptr noalias readonly %rows, ptr noalias writeonly %made"
        lines.append(f"define void @{part}{number}({memory}) nounwind {{\nentry:")
        names: dict[int, str] = {}
        waiting: tuple[int, list[str]] | None = None  # a power whose partner comes next
        for scalar, following in zip_longest(order, order[1:]):
            op, arguments, _ = scalars[scalar]
            operands = []
            for a in arguments:
                if a not in names:
                    if scalars[a].op == "constant":
                        names[a] = text.number(scalars[a].payload)
                    else:
                        place = set_(f"getelementptr i8, ptr %rows, i64 {self.row_of[a] * width}")
                        names[a] = set_(f"load {v}, ptr {place}, align {width}")
                operands.append(names[a])
            done = [scalar]
            if op in _SIMPLE:
                names[scalar] = set_(f"{_SIMPLE[op]} {v} {operands[0]}, {operands[1]}")
            elif op in _EXTREME:  # adding 0 turns -0 into 0: which of two zeros is the lesser is nobody's choice
                names[scalar] = set_(f"fadd {v} {text.extreme(_EXTREME[op], *operands)}, zeroinitializer")
            elif op == "since":
                names[scalar] = set_(f"uitofp {text.truths} {text.compare('oge', *operands)} to {v}")
            elif waiting:
                done = [waiting[0], scalar]
                names.update(zip(done, text.power_pair(waiting[1], operands), strict=True))
                waiting = None
            elif op == "power" and following is not None and self._goes_with(scalar, following):
                waiting = scalar, operands
                continue
            else:
                names[scalar] = set_(f"call {v} @{op}({', '.join(f'{v} {operand}' for operand in operands)})")
            for each in done:
                if each in self.row_of:
                    place = set_(f"getelementptr i8, ptr %made, i64 {self.row_of[each] * width}")
                    lines.append(f"store {v} {names[each]}, ptr {place}, align {width}")
        lines.append("ret void\n}")

    def _goes_with(self, power: int, following: int) -> bool:
        """Whether the next operation is a power too, and does not read this one."""
        op, arguments, _ = self.program.scalars[following]
        return op == "power" and power not in arguments


def _cells(cells: passes.Cells) -> list[int]:
    return [int(cell) for cell in cells.ravel()]


def _guard(state: State) -> int:
    if state.kind != "stock":
        return 0
    return 2 if any(change.promotion for change in state.changes) else 1

"""LLVM's language, written line by line: vectors of one number for each of a few members, loops and branches.

No line carries a flag of fast mathematics, so LLVM neither reorders nor fuses: each operation is rounded as written.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager


class Text:
    """Lines of LLVM for vectors of `lanes` members; each method writes operations and returns the result's name."""

    def __init__(self, lanes: int) -> None:
        self.lanes = lanes
        self.numbers, self.bits, self.truths = f"<{lanes} x double>", f"<{lanes} x i64>", f"<{lanes} x i1>"
        self.lines: list[str] = []
        self.names = 0

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def name(self) -> str:
        """A name that nothing has yet."""
        self.names += 1
        return f"%t{self.names}"

    def set(self, value: str) -> str:
        """A new name for the result of one instruction."""
        name = self.name()
        self.lines.append(f"{name} = {value}")
        return name

    def do(self, line: str) -> None:
        """An instruction without a result."""
        self.lines.append(line)

    # numbers

    def number(self, value: float) -> str:
        """The same number in every lane."""
        return f"splat (double 0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X})"

    def whole(self, value: int) -> str:
        """The same integer in every lane."""
        return f"splat (i64 {value})"

    def add(self, a: str, b: str) -> str:
        return self.set(f"fadd {self.numbers} {a}, {b}")

    def subtract(self, a: str, b: str) -> str:
        return self.set(f"fsub {self.numbers} {a}, {b}")

    def multiply(self, a: str, b: str) -> str:
        return self.set(f"fmul {self.numbers} {a}, {b}")

    def divide(self, a: str, b: str) -> str:
        return self.set(f"fdiv {self.numbers} {a}, {b}")

    def compare(self, how: str, a: str, b: str) -> str:
        """Whether a is `how` b: olt, ole, ogt, oge, oeq, or uno (either is NaN)."""
        return self.set(f"fcmp {how} {self.numbers} {a}, {b}")

    def choose(self, truth: str, a: str, b: str) -> str:
        return self.set(f"select {self.truths} {truth}, {self.numbers} {a}, {self.numbers} {b}")

    def both(self, a: str, b: str) -> str:
        return self.set(f"and {self.truths} {a}, {b}")

    def either(self, a: str, b: str) -> str:
        return self.set(f"or {self.truths} {a}, {b}")

    def all_of(self, truths: str) -> str:
        """One bit: whether all lanes are true."""
        bits = self.set(f"bitcast {self.truths} {truths} to i{self.lanes}")
        return self.set(f"icmp eq i{self.lanes} {bits}, -1")

    def extreme(self, how: str, a: str, b: str) -> str:
        """The lesser (olt) or greater (ogt) of two; NaN if either is NaN; of two zeros either."""
        chosen = self.choose(self.compare(how, a, b), a, b)
        return self.choose(self.compare("uno", a, a), a, chosen)

    def absolute(self, a: str) -> str:
        return self.set(f"call {self.numbers} @llvm.fabs.v{self.lanes}f64({self.numbers} {a})")

    def declare_absolute(self) -> None:
        """What a module says that takes absolute values."""
        self.do(f"declare {self.numbers} @llvm.fabs.v{self.lanes}f64({self.numbers})")

    def power_pair(self, operands: list[str], others: list[str]) -> tuple[str, str]:
        """Two powers by one call of @power_pair, which works on twice as many lanes."""
        lanes, wide = self.lanes, f"<{2 * self.lanes} x double>"
        every = [f"i32 {lane}" for lane in range(2 * lanes)]
        joined = [
            self.set(f"shufflevector {self.numbers} {a}, {self.numbers} {b}, <{2 * lanes} x i32> <{', '.join(every)}>")
            for a, b in zip(operands, others, strict=True)
        ]
        both = self.set(f"call {wide} @power_pair({', '.join(f'{wide} {each}' for each in joined)})")
        first, second = (
            self.set(f"shufflevector {wide} {both}, {wide} poison, <{lanes} x i32> <{', '.join(half)}>")
            for half in (every[:lanes], every[lanes:])
        )
        return first, second

    # the bits of numbers

    def as_bits(self, a: str) -> str:
        return self.set(f"bitcast {self.numbers} {a} to {self.bits}")

    def as_number(self, a: str) -> str:
        return self.set(f"bitcast {self.bits} {a} to {self.numbers}")

    def integer(self, op: str, a: str, b: str) -> str:
        """add, sub, and, shl or ashr of 64-bit integers."""
        return self.set(f"{op} {self.bits} {a}, {b}")

    # memory

    def at(self, pointer: str, offset: str | int) -> str:
        """The address `offset` bytes beyond a pointer."""
        return self.set(f"getelementptr i8, ptr {pointer}, i64 {offset}")

    def load(self, kind: str, pointer: str, offset: str | int = 0) -> str:
        return self.set(f"load {kind}, ptr {self.at(pointer, offset) if offset != 0 else pointer}, align 8")

    def store(self, kind: str, value: str, pointer: str, offset: str | int = 0) -> None:
        self.do(f"store {kind} {value}, ptr {self.at(pointer, offset) if offset != 0 else pointer}, align 8")

    # the flow of control

    def scalar(self, op: str, a: str | int, b: str | int) -> str:
        """add, sub or mul of single 64-bit integers."""
        return self.set(f"{op} i64 {a}, {b}")

    @contextmanager
    def function(self, head: str) -> Iterator[None]:
        """A function around what is written inside."""
        self.do(f"define {head} nounwind {{")
        yield
        self.do("}")

    @contextmanager
    def loop(self, first: str | int, count: str) -> Iterator[str]:
        """A loop around what is written inside: its counter goes from `first` up to just before `count`."""
        with self._loop(first, count) as (_, counter):
            yield counter

    @contextmanager
    def fold(self, kind: str, start: str, first: str | int, count: str) -> Iterator[tuple[str, str, str]]:
        """A loop that carries a value along. Gives the counter, the value, and the name that its successor must get;
        after the loop the value has what the last round gave it."""
        self.names += 1
        value, following = f"%c{self.names}", f"%d{self.names}"
        with self._loop(first, count, (value, kind, start, following)) as (_, counter):
            yield counter, value, following

    @contextmanager
    def _loop(
        self, first: str | int, count: str, carried: tuple[str, str, str, str] | None = None
    ) -> Iterator[tuple[str, str]]:
        self.names += 1
        label, counter, following = f"loop{self.names}", f"%i{self.names}", f"%j{self.names}"
        self.do(f"br label %{label}.before\n{label}.before:\nbr label %{label}.head\n{label}.head:")
        self.do(f"{counter} = phi i64 [ {first}, %{label}.before ], [ {following}, %{label}.next ]")
        if carried:
            value, kind, start, after = carried
            self.do(f"{value} = phi {kind} [ {start}, %{label}.before ], [ {after}, %{label}.next ]")
        more = self.set(f"icmp slt i64 {counter}, {count}")
        self.do(f"br i1 {more}, label %{label}.body, label %{label}.after\n{label}.body:")
        yield label, counter
        self.do(f"br label %{label}.next\n{label}.next:\n{following} = add i64 {counter}, 1")
        self.do(f"br label %{label}.head\n{label}.after:")

    @contextmanager
    def when(self, truth: str, returns: bool = False) -> Iterator[None]:
        """What is written inside is done if `truth` (one bit) holds; it `returns` where it ends the function."""
        self.names += 1
        label = f"when{self.names}"
        self.do(f"br i1 {truth}, label %{label}.yes, label %{label}.after\n{label}.yes:")
        yield
        if not returns:
            self.do(f"br label %{label}.after")
        self.do(f"{label}.after:")

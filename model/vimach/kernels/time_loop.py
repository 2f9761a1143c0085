"""The time loop as LLVM: members by the vector, and for each vector the whole run from start to end.

The loop is the same for every graph, whose own code it calls part by part. `run` takes a job: 64-bit words, in the
order of JOB, most of them counts, rows, and addresses of tables of 64-bit words. An entry of a table of gathered values
is (row, address, bytes per step, bytes per member), of recorded ones (row, address, bytes per edge).
"""

from vimach.kernels.array import HALF_TOLERANCE, LARGEST
from vimach.kernels.blueprint import PARTS, Blueprint
from vimach.kernels.llvm_text import Text

JOB = (
    "rows", "members", "steps", "step", "states", "summed_flows", "before", "summed_rates", "fixed", "fixed_count",
    "varying", "halfway", "varying_count", "given", "given_count", "resettle", "runge_kutta", "edge_of_step",
    "promotes", "may_halve", "rates", "starts", "edges", "edges_count", "periods", "periods_count", "watched",
    "watched_count", "flags",
)  # fmt: skip


class TimeLoop:
    """Writes @run, which calls @constants and each of PARTS."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.width, self.v = 8 * text.lanes, text.numbers
        self.job: dict[str, str] = {}

    def write(self) -> None:
        """Declares what a graph brings and writes the functions of the loop."""
        text = self.text
        text.do("declare void @llvm.prefetch(ptr, i32, i32, i32)")
        for part in ("constants", *PARTS):
            text.do(f"declare void @{part}(ptr)")
        self._lanes()
        self._tables()
        with text.function("void @run(ptr %job)"):
            self._run()
            text.do("ret void")

    # from arrays to vectors and back

    def _lanes(self) -> None:
        """@get and @put: lanes at equal distances; past the last member @get repeats it and @put stops."""
        text, v, lanes = self.text, self.v, self.text.lanes
        with text.function(f"internal {v} @get(ptr %from, i64 %stride, i64 %count)"):
            text.do(f"%held = alloca {v}, align {self.width}")
            whole = text.set(f"icmp eq i64 %count, {lanes}")
            near = text.set("icmp eq i64 %stride, 8")
            with text.when(text.set(f"and i1 {whole}, {near}"), returns=True):
                text.do(f"ret {v} {text.load(v, '%from')}")
            with text.loop(0, str(lanes)) as lane:
                past = text.set(f"icmp sge i64 {lane}, %count")
                last = text.scalar("sub", "%count", 1)
                own = text.set(f"select i1 {past}, i64 {last}, i64 {lane}")
                value = text.load("double", "%from", text.scalar("mul", own, "%stride"))
                text.store("double", value, "%held", text.scalar("mul", lane, 8))
            text.do(f"ret {v} {text.load(v, '%held')}")
        with text.function(f"internal void @put({v} %value, ptr %to, i64 %count)"):
            text.do(f"%held = alloca {v}, align {self.width}")
            with text.when(text.set(f"icmp eq i64 %count, {lanes}"), returns=True):
                text.store(v, "%value", "%to")
                text.do("ret void")
            text.store(v, "%value", "%held")
            with text.loop(0, "%count") as lane:
                offset = text.scalar("mul", lane, 8)
                text.store("double", text.load("double", "%held", offset), "%to", offset)
            text.do("ret void")

    def _tables(self) -> None:
        """@gather, @record, @watch: what is done to each entry of a table."""
        text, v = self.text, self.v
        head = "ptr %rows, ptr %table, i64 %entries"
        with text.function(f"internal void @gather({head}, i64 %time, i64 %member, i64 %count)"):
            with text.loop(0, "%entries") as entry:
                row, address, by_time, by_member = self._entry("%table", entry, 4)
                offset = text.scalar("add", text.scalar("mul", by_time, "%time"),
                                     text.scalar("mul", by_member, "%member"))  # fmt: skip
                source = text.at(text.set(f"inttoptr i64 {address} to ptr"), offset)
                value = text.set(f"call {v} @get(ptr {source}, i64 {by_member}, i64 %count)")
                text.do(f"call void @llvm.prefetch(ptr {text.at(source, by_time)}, i32 0, i32 3, i32 1)")
                self._to(row, value)
            text.do("ret void")
        with text.function(f"internal void @record({head}, i64 %edge, i64 %member, i64 %count)"):
            with text.loop(0, "%entries") as entry:
                row, address, by_edge = self._entry("%table", entry, 3)
                self._put(self._from(row), address, by_edge, "%edge")
            text.do("ret void")
        with text.function(f"internal {v} @watch({head})"):
            with text.fold(v, text.number(0.0), 0, "%entries") as (entry, total, following):
                (row,) = self._entry("%table", entry, 1)
                value = self._from(row)  # x - x is 0, and NaN where x is not finite
                text.do(f"{following} = fadd {v} {total}, {text.subtract(value, value)}")
            text.do(f"ret {v} {total}")

    def _entry(self, table: str, entry: str, words: int) -> list[str]:
        first = self.text.scalar("mul", entry, 8 * words)
        start = self.text.at(table, first)
        return [self.text.load("i64", start, 8 * word) for word in range(words)]

    def _from(self, row: str | int) -> str:
        return self.text.load(self.v, "%rows", self.text.scalar("mul", row, self.width))

    def _to(self, row: str | int, value: str) -> None:
        self.text.store(self.v, value, "%rows", self.text.scalar("mul", row, self.width))

    def _put(self, value: str, address: str, by_edge: str, edge: str) -> None:
        text = self.text
        offset = text.scalar("add", text.scalar("mul", by_edge, edge), text.scalar("mul", "%member", 8))
        target = text.at(text.set(f"inttoptr i64 {address} to ptr"), offset)
        text.do(f"call void @put({self.v} {value}, ptr {target}, i64 %count)")

    # the loop

    def _run(self) -> None:
        text, v = self.text, self.v
        for place, name in enumerate(JOB):
            kind = "double" if name == "step" else "i64"
            self.job[name] = text.load(kind, "%job", 8 * place)
        for name in ("rows", "fixed", "varying", "halfway", "given", "edge_of_step", "promotes", "may_halve", "rates",
                     "starts", "edges", "periods", "watched", "flags"):  # fmt: skip
            text.do(f"%{name} = inttoptr i64 {self.job[name]} to ptr")
        text.do(f"%flag = alloca {v}, align {self.width}")
        text.do("call void @constants(ptr %rows)")
        groups = text.scalar("sdiv", text.scalar("add", self.job["members"], text.lanes - 1), text.lanes)
        with text.loop(0, groups) as group:
            text.do(f"%member = mul i64 {group}, {text.lanes}")
            left = text.scalar("sub", self.job["members"], "%member")
            full = text.set(f"icmp sgt i64 {left}, {text.lanes}")
            text.do(f"%count = select i1 {full}, i64 {text.lanes}, i64 {left}")
            self._members()

    def _members(self) -> None:
        """The whole run of one vector of members."""
        text, v, job = self.text, self.v, self.job
        text.store(v, text.number(0.0), "%flag")
        text.do(f"call void @gather(ptr %rows, ptr %fixed, i64 {job['fixed_count']}, i64 0, i64 %member, i64 %count)")
        self._inputs("%varying", "0")
        text.do("call void @settle(ptr %rows)")
        text.do("call void @start(ptr %rows)")
        with text.loop(0, job["states"]) as state:
            (row,) = self._entry("%starts", state, 1)
            self._to(state, self._from(row))
        text.do(f"call void @gather(ptr %rows, ptr %given, i64 {job['given_count']}, i64 0, i64 %member, i64 %count)")
        self._empty(job["summed_flows"], job["before"])
        with text.loop(0, text.scalar("add", job["steps"], 1)) as step:
            self._moment("%varying", step)
            edge = text.load("i64", "%edge_of_step", text.scalar("mul", step, 8))
            with text.when(text.set(f"icmp sge i64 {edge}, 0")):
                self._at_edge(edge)
            with text.when(text.set(f"icmp slt i64 {step}, {job['steps']}")):
                self._advance(step)
        text.do("%flags_here = getelementptr double, ptr %flags, i64 %member")
        text.do(f"call void @put({v} {text.load(v, '%flag')}, ptr %flags_here, i64 %count)")

    def _inputs(self, table: str, step: str) -> None:
        """The inputs of one moment."""
        arguments = f"i64 {self.job['varying_count']}, i64 {step}, i64 %member, i64 %count"
        self.text.do(f"call void @gather(ptr %rows, ptr {table}, {arguments})")

    def _moment(self, table: str, step: str) -> None:
        """Everything at one time; settled operations anew if what they read moves in this run."""
        text = self.text
        self._inputs(table, step)
        with text.when(text.set(f"icmp ne i64 {self.job['resettle']}, 0")):
            text.do("call void @settle(ptr %rows)")
        text.do("call void @step(ptr %rows)")

    def _in_all_lanes(self, value: str) -> str:
        text = self.text
        one = text.set(f"insertelement {self.v} poison, double {value}, i64 0")
        return text.set(f"shufflevector {self.v} {one}, {self.v} poison, <{text.lanes} x i32> zeroinitializer")

    def _empty(self, first: str, end: str) -> None:
        """Zeros in the rows from the first up to just before the end."""
        with self.text.loop(first, end) as row:
            self._to(row, self.text.number(0.0))

    def _at_edge(self, edge: str) -> None:
        text, job, v = self.text, self.job, self.v
        text.do("call void @edge(ptr %rows)")
        arguments = f"i64 {edge}, i64 %member, i64 %count"
        text.do(f"call void @record(ptr %rows, ptr %edges, i64 {job['edges_count']}, {arguments})")
        for table, entries in (("%watched", job["watched_count"]), ("%rates", job["states"])):
            found = text.set(f"call {v} @watch(ptr %rows, ptr {table}, i64 {entries})")
            self._raise_flag(found)
        with text.fold(v, text.number(0.0), job["summed_flows"], job["before"]) as (row, total, following):
            value = self._from(row)  # a flow may have been infinite, or no number, between two edges
            text.do(f"{following} = fadd {v} {total}, {text.subtract(value, value)}")
        self._raise_flag(total)
        with text.when(text.set(f"icmp sgt i64 {edge}, 0")):
            over = text.scalar("sub", edge, 1)
            with text.loop(0, job["periods_count"]) as entry:
                _, address, by_edge = self._entry("%periods", entry, 3)
                total = text.scalar("add", entry, job["summed_flows"])
                self._put(self._from(total), address, by_edge, over)
        self._empty(job["summed_flows"], job["before"])

    def _raise_flag(self, not_zero: str) -> None:
        """A flag is NaN in the lanes of members that must be looked at by the reference kernel, 0 in others."""
        text, v = self.text, self.v
        text.store(v, text.add(text.load(v, "%flag"), not_zero), "%flag")

    def _collect(self, weight: str) -> None:
        """Adds flows, times the weight of this moment, to their sums over the period."""
        text, job = self.text, self.job
        with text.loop(0, job["periods_count"]) as entry:
            row, _, _ = self._entry("%periods", entry, 3)
            total = text.scalar("add", entry, job["summed_flows"])
            self._to(total, text.add(self._from(total), text.multiply(self._from(row), weight)))

    # a step

    def _advance(self, step: str) -> None:
        text = self.text
        slow = text.set(f"icmp ne i64 {self.job['runge_kutta']}, 0")
        text.do(f"br i1 {slow}, label %rk4, label %euler\neuler:")
        self._euler(step)
        text.do("br label %advanced\nrk4:")
        self._runge_kutta(step)
        text.do("br label %advanced\nadvanced:")

    def _euler(self, step: str) -> None:
        text = self.text
        size = self._in_all_lanes(self.job["step"])
        self._collect(size)
        limits = self._limits(step)
        with text.fold(text.truths, "splat (i1 true)", 0, self.job["states"]) as (state, good, following):
            before = self._from(state)
            after = text.add(before, text.multiply(self._rate(state), size))
            self._to(state, after)
            self._judge(before, after, limits, state, good, following)
        self._flag_unless(good)

    def _runge_kutta(self, step: str) -> None:
        text, job = self.text, self.job
        h = job["step"]
        with text.loop(0, job["states"]) as state:
            self._to(text.scalar("add", state, job["before"]), self._from(state))
        end = text.scalar("add", job["summed_rates"], job["states"])
        self._empty(job["summed_rates"], end)
        following = text.scalar("add", step, 1)
        moments = (
            (1.0, step, "%varying", 0.0), (2.0, step, "%halfway", 0.5),
            (2.0, step, "%halfway", 0.5), (1.0, following, "%varying", 1.0),
        )  # fmt: skip
        for weight, at, table, reach in moments:
            if reach:
                stride = self._in_all_lanes(text.set(f"fmul double {reach}, {h}"))
                with text.loop(0, job["states"]) as state:
                    start = self._from(text.scalar("add", state, job["before"]))
                    self._to(state, text.add(start, text.multiply(stride, self._rate(state))))
                self._moment(table, at)
            share = text.set(f"fdiv double {text.set(f'fmul double {weight}, {h}')}, 6.0")
            self._collect(self._in_all_lanes(share))
            with text.loop(job["summed_rates"], end) as row:
                rate = self._rate(text.scalar("sub", row, job["summed_rates"]))
                self._to(row, text.add(self._from(row), text.multiply(text.number(weight), rate)))
        sixth = self._in_all_lanes(text.set(f"fdiv double {h}, 6.0"))
        limits = self._limits(step)
        with text.fold(text.truths, "splat (i1 true)", 0, self.job["states"]) as (state, good, following):
            before = self._from(text.scalar("add", state, job["before"]))
            change = text.multiply(sixth, self._from(text.scalar("add", state, job["summed_rates"])))
            after = text.add(before, change)
            self._to(state, after)
            self._judge(before, after, limits, state, good, following)
        self._flag_unless(good)

    def _rate(self, state: str) -> str:
        (row,) = self._entry("%rates", state, 1)
        return self._from(row)

    def _limits(self, step: str) -> str:
        """By how much each state may fall below half of itself in this step: a little, or without limit."""
        text = self.text
        promotes = text.load("i64", "%promotes", text.scalar("mul", step, 8))
        return text.at("%may_halve", text.scalar("mul", promotes, text.scalar("mul", self.job["states"], 8)))

    def _judge(self, before: str, after: str, limits: str, state: str, good: str, following: str) -> None:
        """`following` is `good` where the state is neither beyond all numbers nor less than it may be."""
        text = self.text
        limit = self._in_all_lanes(text.load("double", limits, text.scalar("mul", state, 8)))
        least = text.subtract(text.multiply(text.number(0.5), before), limit)
        small = text.compare("ole", text.absolute(after), text.number(LARGEST))
        fine = text.both(small, text.compare("oge", after, least))
        text.do(f"{following} = and {text.truths} {good}, {fine}")

    def _flag_unless(self, good: str) -> None:
        self._raise_flag(self.text.choose(good, self.text.number(0.0), self.text.number(float("nan"))))


def may_halve(plan: Blueprint) -> list[list[float]]:
    """By how much each state may fall below half of itself in a step: in usual ones, and in one of promotion."""
    free = float("inf")
    return [[HALF_TOLERANCE if guard in guarded else free for guard in plan.guards] for guarded in ((1, 2), (1,))]

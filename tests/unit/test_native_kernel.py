"""The native kernel on small models, held to the bits of the reference; a poisoned member."""

import gc
import platform
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from vimach import elementary, ensemble
from vimach.declarations import PROMOTION
from vimach.dry_run import dry_run
from vimach.graph import Graph, Variable
from vimach.kernels import compiling, native
from vimach.kernels.array import Array, ArrayKernel, Inputs, Recording, Schedule
from vimach.kernels.choice import kernel_for
from vimach.kernels.native import NativeKernel
from vimach.scenario import Scenario
from vimach.simulate import Model, Settings
from vimach.structure import (
    Chain,
    Cohorts,
    Curve,
    Memory,
    Outside,
    Shadow,
    Stock,
    Tally,
    auxiliary,
    exp,
    flow,
    initial,
    log,
    lookup,
    maximum,
    minimum,
    part,
    power,
    ratio,
    total,
)
from vimach.units import Curve as CurveText
from vimach.units import People, PeoplePerYear, PerYear, Ratio, Share, Years, dimensionless, unit

from .small_models import ONCE, TENURE, TRACK, Number, both, named, operations

Different = Callable[..., list[str]]
INF, NAN = np.inf, np.nan
TINY, LARGEST = 5e-324, 1.7976931348623157e308


def everything() -> Graph:
    """One model with all that a model can have."""
    outside = Outside("elsewhere")
    students, staff = Cohorts("person", years=2, starts_empty=True), Stock("person", TRACK)
    queue = Chain("person", TRACK, through="wait_time", stages=2)
    tenure = Shadow(of=staff, by=TENURE, through="wait_time")
    belief = Memory(of="crowding", over="wait_time", initial="first_belief")
    counted = Tally(of="hiring", since="count_from")

    @initial(staff)
    def staff_at_start(first: People) -> People:
        return first

    @initial(queue)
    def queue_at_start(staff: People, equal_stages: Share) -> People:
        return staff * equal_stages

    @auxiliary
    def crowding(staff: People, room: People, effect: CurveText) -> Ratio:
        return lookup(total(staff, TRACK) / room, effect) * exp(-part(staff, TRACK, "atp") / room)

    @auxiliary
    def pay(belief: Ratio, elasticity: Ratio) -> Ratio:
        return power(maximum(0.1, belief), elasticity) + log(1 + belief)

    @flow(outside >> students)
    def entering(intake: PeoplePerYear) -> PeoplePerYear:
        return intake

    @flow(students >> outside)
    def finishing(students_finishing: PeoplePerYear) -> PeoplePerYear:
        return students_finishing

    @flow(outside >> queue)
    def applying(wave: PeoplePerYear, pay: Ratio, share: Share) -> PeoplePerYear:
        return wave * pay * share

    @flow(queue >> staff)
    def hiring(queue_finishing: PeoplePerYear) -> PeoplePerYear:
        return queue_finishing

    @flow(staff >> outside)
    def quitting(staff: People, quit_rate: PerYear, crowding: Ratio, calendar: Years, rush: Years) -> PeoplePerYear:
        return staff * quit_rate * minimum(2, 1 + crowding) * ratio(calendar, rush, 1)

    declared = named(
        staff_at_start, queue_at_start, crowding, pay, entering, finishing, applying, hiring, quitting,
        outside=outside, students=students, staff=staff, queue=queue, tenure=tenure, belief=belief, counted=counted,
        TRACK=TRACK, TENURE=TENURE,
    )  # fmt: skip
    numbers = {
        "wait_time": Number("year"), "first_belief": Number("1"), "count_from": Number("year"),
        "first": Number("person", ("track",)), "equal_stages": Number("1", ("queue_stage",)),
        "room": Number("person"), "effect": Number("1", curve=Curve((0.0, 1.0, 2.0), (0.2, 1.0, 1.3))),
        "elasticity": Number("1"), "intake": Number("person/year"), "wave": Number("person/year"),
        "share": Number("1", ("track",)), "quit_rate": Number("1/year", ("track",)), "rush": Number("year"),
    }  # fmt: skip
    return dry_run([declared], numbers)


def given(members: int, schedule: Schedule) -> Inputs:
    """Inputs of `everything`: some move, some differ between members."""
    luck = np.random.default_rng(11)
    fixed = {
        "steps_per_year": np.array([1 / schedule.step]), "wait_time": luck.uniform(1.0, 3.0, members),
        "first_belief": np.array([0.7]), "count_from": np.array([2024.5]),
        "first": luck.uniform(20.0, 60.0, (2, members)), "equal_stages": np.array([[0.25], [0.1]]),
        "room": luck.uniform(40.0, 90.0, members), "elasticity": luck.uniform(-1.0, 2.0, members),
        "share": luck.uniform(0.1, 0.6, (2, members)), "quit_rate": np.array([[0.1], [0.3]]),
        "rush": np.array([2020.0]),
    }  # fmt: skip
    varying = ensemble.calendar(schedule)
    varying["intake"] = luck.uniform(50.0, 80.0, (schedule.steps + 1, members))
    varying["wave"] = np.linspace(10.0, 90.0, schedule.steps + 1)[:, None]
    return Inputs(members, fixed, varying)


# the same bits


@pytest.mark.parametrize("lanes", [2, 4, 8, 16])
def test_all_that_a_model_can_have_gives_the_bits_of_the_reference(different: Different, lanes: int) -> None:
    schedule = Schedule(2024.0, 1 / 16, 48, (0, 16, 32, 48))
    array, found = both(everything(), given(11, schedule), schedule, lanes=lanes, moving=("wave",))
    assert array.failures == found.failures == []
    assert different(array, found) == []
    assert min(array.edges["counted"][-1].min(), array.periods["finishing"][-1].min()) > 0.0


def test_a_run_may_record_every_step_or_only_its_ends(different: Different) -> None:
    for edges in (tuple(range(33)), (0, 32)):
        schedule = Schedule(2024.0, 1 / 16, 32, edges)
        assert different(*both(everything(), given(3, schedule), schedule)) == []


def test_a_run_goes_on_from_the_states_of_another() -> None:
    graph, schedule = everything(), Schedule(2024.0, 1 / 16, 32, (0, 16, 32))
    whole = ArrayKernel(graph).run(given(5, schedule), schedule)
    later = Schedule(2025.0, 1 / 16, 16, (0, 16))
    inputs = given(5, schedule)
    rest = Inputs(5, inputs.fixed, {name: values[16:] for name, values in inputs.varying.items()},
                  start={name: whole.edges[name][1] for name in graph.states})  # fmt: skip
    found = NativeKernel(graph).run(rest, later)
    for name, values in found.edges.items():
        assert np.array_equal(values.view(np.int64), whole.edges[name][1:].view(np.int64)), name


def test_a_run_that_is_given_some_starts_works_out_the_others_from_them(different: Different) -> None:
    schedule = Schedule(2024.0, 1 / 16, 16, (0, 16))
    inputs = replace(given(4, schedule), start={"staff": np.full((2, 4), 33.0)})
    array, found = both(everything(), inputs, schedule)
    assert different(array, found) == []
    assert found.edges["queue"][0, 0, 0, 0] == 33.0 * 0.25


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="names of other processors")
@pytest.mark.parametrize("cpu", ["x86-64", "haswell"])
def test_a_lesser_processor_gives_the_same_bits(
    cpu: str, different: Different, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling.llvm, "get_host_cpu_name", lambda: cpu)
    features = compiling.llvm.FeatureMap(avx=cpu == "haswell")
    monkeypatch.setattr(compiling.llvm, "get_host_cpu_features", lambda: features)
    other = cache(compiling.Machine)
    for module in (compiling, native):
        monkeypatch.setattr(module, "machine", other)
    schedule = Schedule(2024.0, 1 / 16, 32, (0, 16, 32))
    assert different(*both(everything(), given(11, schedule), schedule)) == []


def test_a_settled_number_that_a_scenario_moves_is_worked_out_anew(different: Different) -> None:
    schedule = Schedule(2024.0, 1 / 16, 16, (0, 16))
    inputs = given(4, schedule)
    inputs.varying["room"] = np.linspace(40.0, 90.0, 17)[:, None] + np.zeros(4)
    assert different(*both(everything(), inputs, schedule)) == []


@pytest.mark.parametrize("collects", [True, False])
def test_a_build_leaves_the_search_for_cyclic_garbage_as_it_was(
    collects: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VIMACH_CACHE", str(tmp_path))
    (gc.enable if collects else gc.disable)()
    try:
        NativeKernel(everything())
        assert gc.isenabled() is collects
    finally:
        gc.enable()


def test_members_that_read_another_one_are_those_of_the_reference(different: Different) -> None:
    schedule = Schedule(2024.0, 1 / 16, 32, (0, 16, 32))
    inputs = replace(given(9, schedule), held={"crowding": {2: 7, 5: 0}})
    array, found = both(everything(), inputs, schedule)
    assert different(array, found) == []
    alone, _ = both(everything(), given(9, schedule), schedule)
    assert different(alone, found) != []


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"fixed": {"first": np.zeros((2, 4))}}, ValueError, "first has 4 members, not 5 or one for all"),
        ({"varying": {"wave": np.zeros((16, 1))}}, ValueError, "wave has values at 16 times, not at 17"),
        ({"start": {"staff": np.zeros((2, 9))}}, ValueError, "staff has 9 members"),
        ({"varying": {}}, KeyError, "wave|intake|school"),
        ({"fixed": {"first": np.zeros((3, 5))}}, ValueError, r"first has the shape \(3,\) .*, not \(2,\)"),
        ({"fixed": {"first": np.zeros(5)}}, ValueError, r"first has the shape \(\)"),
        ({"varying": {"wave": np.zeros((17, 2, 1))}}, ValueError, r"wave has the shape \(2,\)"),
        ({"start": {"staff": np.zeros((4, 5))}}, ValueError, r"staff has the shape \(4,\)"),
        ({"start": {"stuff": np.zeros((2, 5))}}, KeyError, "stuff"),
        ({"varying": {"wave": np.zeros((18, 1))}}, ValueError, "wave has values at 18 times, not at 17"),
        ({"varying": {PROMOTION: np.eye(17, 5)}}, ValueError, "differs by member; all share one calendar"),
    ],
)
@pytest.mark.parametrize("kernel", [ArrayKernel, NativeKernel])
def test_what_is_not_there_is_not_read(
    kernel: type[ArrayKernel | NativeKernel], change: dict[str, Any], error: type[Exception], words: str
) -> None:
    schedule = Schedule(2024.0, 1 / 16, 16, (0, 16))
    inputs = given(5, schedule)
    parts = {kind: {**getattr(inputs, kind), **new} if new else {} for kind, new in change.items()}
    if "start" in parts:  # a state for every name, so that nothing is left to the reference
        parts["start"] |= {name: np.zeros(1) for name in everything().states if name != "staff"}
    with pytest.raises(error, match=words):
        kernel(everything()).run(replace(inputs, **parts), schedule)


@pytest.mark.parametrize("kernel", [ArrayKernel, NativeKernel])
def test_what_moves_must_be_known_half_a_step_later_too(kernel: type[ArrayKernel | NativeKernel]) -> None:
    graph, wave = operations(sum=("add", "a", "b")), np.zeros((ONCE.steps + 1, 1))
    inputs = Inputs(3, {}, {"a": wave, "b": wave}, halfway={"a": wave})
    with pytest.raises(KeyError, match="b, half a step later"):
        kernel(graph).run(inputs, ONCE, "rk4")


def test_the_zero_of_an_extreme_has_no_sign() -> None:
    graph = operations(least=("minimum", "a", "b"), most=("maximum", "a", "b"))
    zeros = {"a": np.array([0.0, -0.0, 0.0, -0.0]), "b": np.array([0.0, 0.0, -0.0, -0.0])}
    for recording in both(graph, Inputs(4, zeros), ONCE):
        assert not np.signbit([recording.edges["least"], recording.edges["most"]]).any()


@pytest.mark.parametrize(
    ("op", "constant", "x", "expected"),
    [("multiply", -0.0, 1.0, -0.0), ("add", -0.0, -0.0, -0.0), ("divide", 2.0**-1030, 2.0**-1031, 0.5)],
)
def test_constants_at_the_edge_of_all_numbers(op: str, constant: float, x: float, expected: float) -> None:
    """A result beside them shows that 0.0 is not taken for -0.0, and no reciprocal is infinite."""
    graph = Graph([])
    leaf, zero = graph.leaf("input", "x", (), dimensionless()), graph.constant(0.0)
    made = graph.make(op, (leaf, graph.constant(constant)), (), dimensionless())
    graph.variables["shown"] = Variable("shown", "auxiliary", made)
    graph.variables["other"] = Variable("other", "auxiliary", graph.make(op, (leaf, zero), (), dimensionless()))
    for recording in both(graph, Inputs(1, {"x": np.array([x])}), ONCE):
        assert str(recording.edges["shown"].item()) == str(expected)


# exp, log and power


def of_functions(x: Array, y: Array) -> dict[str, Array]:
    """exp and log of x, and x to the power y, by the native kernel."""
    graph = operations(exp=("exp", "x"), log=("log", "x"), power=("power", "x", "y"))
    kernel = NativeKernel(graph)
    kernel.reference = Silent(graph)
    edges = kernel.run(Inputs(len(x), {"x": x, "y": y}), ONCE).edges
    return {name: values[0] for name, values in edges.items()}


class Silent(ArrayKernel):
    """Finds nothing wrong with a number that is not finite."""

    def run(self, inputs: Inputs, schedule: Schedule, method: str = "euler") -> Recording:
        return Recording({}, {}, [])


UNUSUAL = [
    0.0, -0.0, 1.0, 2.0, -1.0, INF, -INF, NAN, TINY, -TINY, 3e-310, 2.0**-1022, LARGEST, 709.7827, 709.79, -745.2,
]  # fmt: skip


def test_exp_log_and_power_have_the_bits_of_the_reference(different: Different) -> None:
    luck = np.random.default_rng(8)
    sizes = np.exp(luck.uniform(-740, 709, 999))
    x = np.concatenate([np.repeat(UNUSUAL, len(UNUSUAL)), luck.uniform(0, 5, 999), sizes])
    y = np.concatenate([np.tile(UNUSUAL, len(UNUSUAL)), luck.uniform(-9, 9, 999), luck.uniform(-2, 2, 999)])
    found = of_functions(x, y)
    expected = {"exp": elementary.exp(x), "log": elementary.log(x), "power": elementary.power(x, y)}
    assert different(Recording(expected, {}, []), Recording(found, {}, [])) == []


def test_exp_log_and_power_are_right_to_fourteen_digits() -> None:
    luck = np.random.default_rng(9)
    x, y = np.concatenate([np.linspace(0.01, 20, 200), luck.uniform(0.001, 100, 200)]), luck.uniform(-4, 4, 400)
    found = of_functions(x, y)
    with mpmath.workprec(100):
        exact = {
            "exp": [mpmath.exp(float(v)) for v in x], "log": [mpmath.log(float(v)) for v in x],
            "power": [mpmath.mpf(float(v)) ** mpmath.mpf(float(w)) for v, w in zip(x, y, strict=True)],
        }  # fmt: skip
        for name, values in exact.items():
            errors = [abs(mpmath.mpf(float(v)) / w - 1) for v, w in zip(found[name], values, strict=True)]
            assert max(errors) < 1e-14, name


def test_no_multiplication_is_fused_with_an_addition() -> None:
    """x x - y is 0 after rounding, and not where x x keeps all its digits."""
    graph = operations(square=("multiply", "x", "x"))
    square, y = graph.variables["square"].node, graph.leaf("input", "y", (), dimensionless())
    graph.variables["fused"] = Variable("fused", "auxiliary", graph.same_unit("subtract", square, y))
    x = 1.0 + 2.0**-30
    recording = NativeKernel(graph, ["fused"]).run(Inputs(1, {"x": np.array([x]), "y": np.array([x * x])}), ONCE)
    assert recording.edges["fused"].item() == 0.0


# a poisoned member


@pytest.mark.parametrize("kernel", ["array", "native"])
@pytest.mark.parametrize(
    ("name", "where", "told"),
    [
        ("quit_rate", (..., 3), "quit_rate is not a number at t = 2015"),
        ("test_chip_runs_cost", (5, ..., 3), "test_chip_runs_cost is not a number at t = 2015.31"),  # no edge sees it
    ],
)
def test_a_poisoned_parameter_is_named_and_no_other_member_is_touched(
    name: str, where: Any, told: str, kernel: str, model: Model, baseline_scenario: Scenario
) -> None:
    schedule = Settings(until=2016).schedule()
    block = ensemble.Block(1017, 0, 5)
    inputs = ensemble.inputs(model.table, model.graph.dimensions, baseline_scenario, block, schedule)
    runner = kernel_for(kernel, model.graph, None, model.moving)
    sound = runner.run(inputs, schedule)
    assert sound.failures == []
    values = {**inputs.fixed, **inputs.varying}[name]
    poisoned = np.broadcast_to(values, (*values.shape[:-1], 5)).copy()
    poisoned[where] = NAN
    kind = "fixed" if name in inputs.fixed else "varying"
    broken = runner.run(replace(inputs, **{kind: getattr(inputs, kind) | {name: poisoned}}), schedule)
    assert [str(failure) for failure in broken.failures] == [f"member 3: {told}"]
    for own, others in ((broken.edges, sound.edges), (broken.periods, sound.periods)):
        for output in own:
            kept = (np.delete(values[output], 3, axis=-1).view(np.int64) for values in (own, others))
            assert np.array_equal(*kept), output


@pytest.mark.parametrize("kernel", [ArrayKernel, NativeKernel])
@pytest.mark.parametrize(
    ("method", "table", "told"),
    [
        ("euler", "varying", ["member 1: number is not a number at t = 2"]),
        ("rk4", "halfway", ["member 1: flow is not a number at t = 4"]),
        ("euler", "sum", ["member 1: flow is infinite at t = 4"]),
    ],
)
def test_a_flow_that_is_not_finite_between_two_edges_is_named(
    kernel: type[ArrayKernel] | type[NativeKernel], method: str, table: str, told: list[str]
) -> None:
    """Each step's number may be finite and their sum not; halfway through a step no variable can be named."""
    graph = Graph([])
    number = graph.leaf("input", "number", (), dimensionless())
    graph.variables["number"] = Variable("number", "parameter", number)
    flow = graph.product("multiply", number, graph.constant(1.0, unit("person/year")))
    graph.variables["flow"] = Variable("flow", "flow", flow)
    values, middle = np.ones((2, 5, 2))
    if table == "sum":
        values[1:3, 1] = 1.7e308
    else:
        (values if table == "varying" else middle)[2, 1] = NAN
    inputs = Inputs(2, {}, {"number": values}, {"number": middle})
    found = kernel(graph).run(inputs, Schedule(0.0, 1.0, 4, (0, 4)), method)
    assert [str(failure) for failure in found.failures] == told
    assert found.periods["flow"][0, 0] == 4.0


def test_flows_are_summed_over_recorded_periods_only() -> None:
    graph = operations(flow=("multiply", "a", "b"))
    node = graph.make("multiply", graph.variables["flow"].node.arguments, (), unit("person/year"))
    graph.variables["flow"] = Variable("flow", "flow", node)
    inputs, schedule = Inputs(1, {"a": np.array([2.0]), "b": np.array([3.0])}), Schedule(0.0, 1.0, 8, (2, 4, 7))
    for kernel in (ArrayKernel(graph), NativeKernel(graph)):
        assert kernel.run(inputs, schedule).periods["flow"].tolist() == [[12.0], [18.0]]

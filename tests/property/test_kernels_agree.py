"""Both kernels give the same bits, whatever the graph, and whoever runs beside a member, on how many lanes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vimach import ensemble
from vimach.analysis.proving import side_by_side
from vimach.kernels.array import ArrayKernel
from vimach.kernels.native import NativeKernel
from vimach.scenario import known_scenarios, read_scenario
from vimach.simulate import Model, Settings

from .random_graphs import SCHEDULE, RandomGraph, both, only

Different = Callable[..., list[str]]


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.integers(1, 40), st.sampled_from(["euler", "rk4"]), st.sampled_from([2, 4, 8, 16]))
def test_any_graph_by_any_method_on_any_lanes(
    different: Different, seed: int, size: int, method: str, lanes: int
) -> None:
    drawn = RandomGraph(seed, size)
    inputs = drawn.given(members=int(drawn.luck.integers(1, 20)))
    moving = [name for name in drawn.inputs if drawn.luck.random() < 0.5]
    array, native = both(drawn.graph, inputs, SCHEDULE, method, lanes, moving)
    assert different(array, native) == []
    assert array.failures == native.failures


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_any_company_and_order_of_members(different: Different, seed: int) -> None:
    drawn = RandomGraph(seed, 25)
    inputs = drawn.given(members=21)
    kernel = NativeKernel(drawn.graph)
    whole = kernel.run(inputs, SCHEDULE)
    failed = {failure.member: failure for failure in whole.failures}
    blocks = [np.arange(1), np.arange(3, 14), drawn.luck.permutation(21)]
    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(lambda members: kernel.run(only(inputs, members), SCHEDULE), blocks))
    for members, part in zip(blocks, parts, strict=True):
        assert different(whole, part, members) == []
        told = {int(members[f.member]): (f.variable, f.time, f.reason) for f in part.failures}
        assert told == {m: (f.variable, f.time, f.reason) for m, f in failed.items() if m in members}


def test_every_output_of_every_scenario(different: Different, model: Model) -> None:
    """The reference runs all scenarios at once, the native kernel one by one."""
    schedule, block = Settings(until=2031).schedule(), ensemble.Block(1017, 40, 3)
    scenarios = [read_scenario(name, model.table, model.labels) for name in known_scenarios()]
    inputs = [ensemble.inputs(model.table, model.graph.dimensions, s, block, schedule) for s in scenarios]
    array = ArrayKernel(model.graph).run(side_by_side(inputs), schedule)
    native = NativeKernel(model.graph, moving=model.moving)
    assert array.failures == []
    for number, own in enumerate(inputs):
        members = slice(number * block.count, (number + 1) * block.count)
        assert different(array, native.run(own, schedule), members) == [], scenarios[number].name

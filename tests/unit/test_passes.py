"""Each pass over the graph, on graphs small enough to see what it does."""

import pytest

from vimach import passes
from vimach.graph import Change, Dimension, Graph, Node, State, Variable
from vimach.simulate import Model
from vimach.units import dimensionless

PLACE = Dimension("place", ("x", "y", "z"))


@pytest.fixture
def graph() -> Graph:
    return Graph([PLACE])


def leaf(graph: Graph, name: str, op: str = "input", by_place: bool = False) -> Node:
    return graph.leaf(op, name, [PLACE] if by_place else [], dimensionless())


def program(graph: Graph, **variables: Node) -> passes.Program:
    graph.variables.update({name: Variable(name, "auxiliary", node) for name, node in variables.items()})
    return passes.scalarised(graph)


def written(program: passes.Program, number: int) -> str:
    """A scalar as an expression."""
    op, arguments, payload = program.scalars[number]
    if op == "constant":
        return f"{payload:g}"
    if not arguments:
        return f"{payload[0]}{payload[1] or ''}"
    operands = [written(program, argument) for argument in arguments]
    return f"{op}({', '.join(sorted(operands) if op in ('add', 'multiply') else operands)})"


def test_arrays_become_scalars_and_sums_are_written_from_the_left(graph: Graph) -> None:
    a, b = leaf(graph, "a", by_place=True), leaf(graph, "b")
    found = program(graph, sum=graph.total(a * b, PLACE), last=graph.pick(a, PLACE, "z"))
    assert written(found, int(found.variables["sum"])) == "add(add(multiply(a, b), multiply(a1, b)), multiply(a2, b))"
    assert written(found, int(found.variables["last"])) == "a2"


def test_common_subexpressions_are_worked_out_once_though_the_arrays_differ(graph: Graph) -> None:
    a, b = leaf(graph, "a", by_place=True), leaf(graph, "b")
    found = program(graph, whole=a * b, part=b * graph.pick(a, PLACE, "y"))
    assert int(found.variables["part"]) == int(found.variables["whole"][1])
    assert [scalar.op for scalar in found.scalars].count("multiply") == 3


def test_a_difference_is_not_turned_round(graph: Graph) -> None:
    a, b = leaf(graph, "a"), leaf(graph, "b")
    found = program(graph, one=a - b, other=b - a)
    assert int(found.variables["one"]) != int(found.variables["other"])


@pytest.mark.parametrize(
    ("value", "inverse"),
    [
        (1.0, 1.0),
        (4.0, 0.25),
        (-0.5, -2.0),
        (3.0, None),
        (0.0, None),
        (2.0**1023, None),
        (2.0**-1023, 2.0**1023),
        (2.0**-1030, None),
        (-5e-324, None),
    ],
)
def test_only_powers_of_two_have_an_exact_reciprocal(value: float, inverse: float | None) -> None:
    assert passes.exact_reciprocal(value) == inverse


def test_a_division_by_a_power_of_two_becomes_a_multiplication_and_one_by_one_nothing(graph: Graph) -> None:
    a = leaf(graph, "a")
    found = program(graph, quarter=a / 4, third=a / 3, same=a / 1)
    texts = {name: written(found, int(cell)) for name, cell in found.variables.items()}
    assert texts == {"quarter": "multiply(0.25, a)", "third": "divide(a, 3)", "same": "a"}


def test_the_two_zeros_are_two_constants_in_graph_and_program(graph: Graph) -> None:
    a = leaf(graph, "a")
    found = program(graph, plus=a * 0.0, minus=a * -0.0, same=a * 0.0)
    assert {name: written(found, int(cell)) for name, cell in found.variables.items()} == {
        "plus": "multiply(0, a)", "minus": "multiply(-0, a)", "same": "multiply(0, a)",
    }  # fmt: skip


def test_rates_are_summed_from_zero_in_the_order_of_the_changes(graph: Graph) -> None:
    stock, a = leaf(graph, "stock", "state", by_place=True), leaf(graph, "a", by_place=True)
    part = graph.pick(a, PLACE, "y")
    changes = [Change("grows", 1, a), Change("shrinks", -1, part, ((PLACE, "z"),))]
    graph.states["stock"] = State("stock", "stock", stock, [((), a)], changes)
    found = passes.scalarised(graph)
    texts = [written(found, int(cell)) for cell in found.rates["stock"]]
    assert texts == ["add(0, a)", "add(0, a1)", "subtract(add(0, a2), a1)"]


def test_a_start_that_reads_another_state_reads_its_start(graph: Graph) -> None:
    first, second = leaf(graph, "first", "state"), leaf(graph, "second", "state")
    graph.states["second"] = State("second", "stock", second, [((), first * 3)])
    graph.states["first"] = State("first", "stock", first, [((), leaf(graph, "a"))])
    found = passes.scalarised(graph)
    assert written(found, int(found.starts["second"])) == "multiply(3, a)"


def test_settled_is_what_neither_states_nor_time_nor_moving_inputs_reach(graph: Graph) -> None:
    a, b, stock, time = leaf(graph, "a"), leaf(graph, "b"), leaf(graph, "s", "state"), leaf(graph, "t", "time")
    found = program(graph, still=a * 3, moved=a * b, stocky=a + stock, timely=a + time)
    settled = passes.settled(found, ["b"])
    told = {name: settled[int(cell)] for name, cell in found.variables.items()}
    assert told == {"still": True, "moved": False, "stocky": False, "timely": False}


def test_no_operation_of_the_model_is_of_time_alone(model: Model) -> None:
    """Else it could be done once a step for all members; where members draw, it is of time and their own numbers."""
    found = passes.scalarised(model.graph)
    reads: list[frozenset[str]] = []
    for op, arguments, _ in found.scalars:
        leaf = frozenset([op] if op in passes.LEAVES else [])
        reads.append(leaf.union(*(reads[argument] for argument in arguments)))
    alone = [each for each, scalar in zip(reads, found.scalars, strict=True)
             if scalar.arguments and each and each <= {"time", "series"}]  # fmt: skip
    assert alone == []


def test_needed_leaves_out_dead_and_known_operations_and_goes_depth_first(graph: Graph) -> None:
    a, b = leaf(graph, "a"), leaf(graph, "b")
    found = program(graph, dead=a - b, root=(a + b) * graph.elementary("exp", a / b), known=a / b)
    root, known = int(found.variables["root"]), int(found.variables["known"])
    order = [found.scalars[number].op for number in passes.needed(found, [root])]
    assert order == ["add", "divide", "exp", "multiply"]
    is_known = [number == known for number in range(len(found.scalars))]
    order = [found.scalars[number].op for number in passes.needed(found, [root], is_known)]
    assert order == ["add", "exp", "multiply"]


def test_powers_of_neighbouring_cells_stand_side_by_side(graph: Graph) -> None:
    a, b = leaf(graph, "a", by_place=True), leaf(graph, "b")
    powers = graph.elementary("power", a + b, b)
    total = graph.total(powers, PLACE)
    found = program(graph, root=total, tower=graph.elementary("power", total, b))
    order = passes.needed(found, [int(cell) for cell in found.variables.values()], pairs=True)
    first, second, *_ = sorted(number for number in order if found.scalars[number].op == "power")
    assert order.index(second) == order.index(first) + 1
    assert sorted(order) == sorted(passes.needed(found, [int(cell) for cell in found.variables.values()]))
    place = {number: position for position, number in enumerate(order)}
    for number in order:
        arguments = found.scalars[number].arguments
        assert all(place[argument] < place[number] for argument in arguments if argument in place)


def test_to_watch_skips_what_a_watched_number_would_betray(graph: Graph) -> None:
    a, b = leaf(graph, "a"), leaf(graph, "b")
    inner, divisor = a + b, a - b
    least = graph.same_unit("minimum", a * a, b)
    found = program(graph, inner=inner, divisor=divisor, ratio=inner / divisor, hidden=a * a, least=least)
    cell = {name: int(cell) for name, cell in found.variables.items()}
    watched = passes.to_watch(found, cell.values(), [], range(len(found.scalars)))
    assert set(watched) == {cell["divisor"], cell["ratio"], cell["hidden"], cell["least"]}


def test_equal_graphs_have_one_fingerprint_and_others_another() -> None:
    def made(rate: float, label: str) -> str:
        graph = Graph([PLACE])
        a = leaf(graph, "a", by_place=True)
        program(graph, shown=graph.pick(a, PLACE, label) * rate)
        return passes.fingerprint(graph)

    assert made(2.0, "x") == made(2.0, "x")
    assert len({made(2.0, "x"), made(2.5, "x"), made(2.0, "y")}) == 3

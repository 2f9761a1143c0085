"""The equation book is read back: every printed equation, computed as text, gives what the engine computes.

At some moments of one run each equation is worked out from the values of the names in it, and so is the next value of
each state from its change a year. So no sign, label or limit of the book differs from what a run does.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from vimach import simulate
from vimach.ensemble import CENTRAL, Block, inputs
from vimach.exports.equations import equation_book
from vimach.graph import Node
from vimach.kernels.array import ArrayKernel, Schedule
from vimach.scenario import read_scenario

TOLERANCE = 1e-11  # of the largest |value| of each variable
STEP = 1 / 16
MOMENTS = (0, 9 * 16 + 9, 9 * 16 + 11, 11 * 16 + 9, 14 * 16 + 3)
"""Steps of the start, of promotion, of intake, of a later promotion, and of no event late in the run."""
WORDS = {"minimum": np.minimum, "maximum": np.maximum, "exp": np.exp, "ln": np.log}
NAME = re.compile(r"Σ (?P<dims>[\w, ]+) \(|(?<![\w.])(?P<name>[A-Za-z_]\w*)(?:\[(?P<index>[^\]]*)\])?(?P<call>\()?")
TERM = re.compile(
    r"(?P<sign>[+-] )?(?P<text>.*?)(?:\s+at (?P<at>\w+ \w+(?:, \w+ \w+)*))?"
    r"(?:\s+\(\w+ (?:following|promoted|ageing)\b[^)]*\))?"
)
"""A term of a change or a start: sign, equation, labels, and what moves by itself."""


@cache
def entries() -> dict[str, str]:
    """The printed equation of each variable."""
    model = simulate.built_in()
    text = equation_book(model.graph, model.table, {}, lambda parameter: "")
    return dict(re.findall(r"^### (\w+)\n.*?```text\n(.*?)```", text, re.MULTILINE | re.DOTALL))


@cache
def values() -> Mapping[str, xr.DataArray]:
    """What every name is at the moments, and, under `after NAME`, what each state is one step later."""
    model = simulate.built_in()
    graph, edges = model.graph, tuple(edge for moment in MOMENTS for edge in (moment, moment + 1))
    schedule = Schedule(2015.0, STEP, edges[-1], edges)
    scenario = read_scenario("accelerated_funding", model.table, model.labels)
    given = inputs(model.table, graph.dimensions, scenario, Block(1017, CENTRAL, 1), schedule)
    recording = ArrayKernel(graph).run(given, schedule)
    assert recording.failures == []
    now, after = np.arange(len(MOMENTS)) * 2, np.arange(len(MOMENTS)) * 2 + 1
    found = {name: array[now] for name, array in recording.edges.items()}
    found |= {f"after {name}": recording.edges[name][after] for name in graph.states}
    found |= {name: array[now] / STEP for name, array in recording.periods.items()}
    found |= {name: array[list(MOMENTS)] for name, array in given.varying.items()}
    found |= {name: np.stack([array] * len(MOMENTS)) for name, array in given.fixed.items()}
    found["calendar"] = schedule.times[list(MOMENTS), None]
    dims = {name: [dim.name for dim in variable.node.dims] for name, variable in graph.variables.items()}
    labels = {dim.name: list(dim.labels) for dim in graph.dimensions}
    known = {}
    for name, array in found.items():
        own = dims.get(name.removeprefix("after "), [])
        coords = {dim: labels[dim] for dim in own}
        known[name] = xr.DataArray(array[..., 0], dims=["moment", *own], coords=coords)
    for name, variable in graph.variables.items():
        if variable.kind == "part":
            known[name] = _part(variable.node, known)
    return known


def _part(node: Node, known: Mapping[str, xr.DataArray]) -> xr.DataArray:
    if node.op != "pick":
        return known[str(node.payload)]
    dimension, label = node.payload
    return _part(node.arguments[0], known).sel({dimension.name: label}, drop=True)


def worked_out(text: str, more: Mapping[str, xr.DataArray]) -> Any:
    """A printed expression's value at the moments; `more` are the names after "where"."""
    known, curves = values(), simulate.built_in().table

    def indexed(name: str, index: str) -> xr.DataArray:
        array = more[name] if name in more else known[name]
        own = [dim for dim in array.dims if dim != "moment"]
        wanted = index.split(", ") if index else []
        return array.sel({dim: one for dim, one in zip(own, wanted, strict=True) if dim != one}, drop=True)

    def word(name: str) -> Any:
        if name == "ratio":
            return lambda a, b, c: (a + 1e-9 * c) / (b + 1e-9)
        if name == "since":
            return lambda date: 1.0 * (known["calendar"] >= date)
        curve = None if name in WORDS else curves[name].curve
        return WORDS[name] if curve is None else lambda x: x.copy(data=np.interp(x, curve.x, curve.y))

    def python(found: re.Match[str]) -> str:
        if found["dims"]:
            return f"total({found['dims'].split(', ')!r})("
        if found["call"]:
            return f"word({found['name']!r})("
        return f"indexed({found['name']!r}, {found['index'] or ''!r})"

    said = NAME.sub(python, text).replace("×", "*").replace("^", "**")
    return eval(said, {"indexed": indexed, "word": word, "total": lambda dims: lambda x: x.sum(dims)})


def one_line(text: str) -> str:
    return " ".join(text.split())


def by_equation(name: str, text: str) -> Any:
    """The value of a variable by its printed equation."""
    equation, *where = text.split("\n  where ")
    more: dict[str, xr.DataArray] = {}
    for line in where:
        local, _, expression = one_line(line).partition(" = ")
        found = worked_out(expression, more)
        more[local.partition("[")[0]] = found.transpose("moment", *re.findall(r"\w+", local.partition("[")[2]))
    said, _, expression = one_line(equation).partition(" = ")
    assert said.partition("[")[0] == name
    return worked_out(expression, more)


def summed(lines: str, like: xr.DataArray) -> xr.DataArray:
    """The sum of the terms of a change or a start."""
    result = xr.zeros_like(like)
    for line in re.split(r"\n  (?! )", f"\n{lines.rstrip()}")[1:]:
        term = TERM.fullmatch(one_line(line).removesuffix(" elsewhere"))
        assert term, line
        there = xr.ones_like(like)
        for dim, label in (one.split(" ") for one in (term["at"] or "").split(", ") if one):
            there = there * (like[dim] == label)
        value = worked_out(term["text"], {}) * there
        result = result - value if term["sign"] == "- " else result + value
    return result.transpose(*like.dims)


def off(found: Any, expected: xr.DataArray) -> bool:
    difference, largest = abs(found - expected).max(), abs(expected).max()
    return not difference <= TOLERANCE * max(float(largest), 1e-9)


def _wrong() -> Iterator[str]:
    known, graph = values(), simulate.built_in().graph
    for name, text in entries().items():
        if name not in graph.states:
            if off(by_equation(name, text), known[name]):
                yield name
            continue
        change, start = text.partition(" a year =\n")[2].split("start =\n")
        if off(known[name] + summed(change, known[name]) * STEP, known[f"after {name}"]):
            yield f"change of {name}"
        if off(summed(start, known[name]).isel(moment=0), known[name].isel(moment=0)):
            yield f"start of {name}"


def test_every_printed_equation_gives_what_the_engine_computes() -> None:
    assert list(_wrong()) == []
    graph = simulate.built_in().graph
    assert set(entries()) == {name for name, v in graph.variables.items() if v.kind not in ("parameter", "calendar")}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("replacement_demand", "+ joining_faculty", "- joining_faculty"),
        ("engineers", "retiring[region, track]   at experience lead", "retiring[region, track]   at experience senior"),
        ("mentors_available", "+ leads[region, track]", "+ novices[region, track]"),
        ("pay_of_novices", "  pay_ratio_2015", "  fill_share_2015"),
    ],
)
def test_a_misprint_is_seen(name: str, old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = entries()[name]
    assert text.count(old) == 1
    monkeypatch.setitem(globals(), "entries", lambda: {name: text.replace(old, new)})
    assert len(list(_wrong())) == 1

"""The exported model on two other engines, PySD and simlin, against our own: every cell of every variable, every step.

Nothing is sampled and nothing is left out: each cell that our engine knows must be a column of both results, and what
the file has beside them is named in `OWN`. Rates are compared at all times but the last, where no step is taken.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vimach import simulate
from vimach.ensemble import CENTRAL, Block, inputs
from vimach.exports.xmile import cell_name, cells, xmile
from vimach.graph import Node
from vimach.kernels.array import ArrayKernel, Inputs, Schedule
from vimach.scenario import read_scenario

from .test_pipeline import by_pysd, by_simlin

Runner = Callable[[str, str], pd.DataFrame]

TOLERANCE = 1e-9  # of the largest |value| of each column
DRAWN = 7  # any member

OWN = re.compile(
    r"school_intake|school_promotion|steps_per_year"  # the engine's own inputs
    r"|since_\w+"  # whether a date has come
    r"|\w+_(further_)?digits"  # an input whose table needs more digits than one table keeps
    r"|\w+_term_[0-9]+(_\w+)?"  # a part of an equation that stands in it more than once
    r"|\w+_(promoted|ageing)_from_\w+|\w+_following_\w+|\w+_by_\w+"  # what moves by itself, follows, counts or shadows
    r"|initial_time|final_time|time_step|saveper|dt"  # the other engines' clocks
)
"""What is in the file or in the other engines' results beside our variables."""


@dataclass(frozen=True)
class Case:
    """A scenario with settings on top, run to the end of a year; `member` is that of a drawn block, or CENTRAL."""

    scenario: str = "baseline"
    settings: tuple[str, ...] = ()
    until: int = 2030
    member: int = CENTRAL


CASES = {
    "baseline": Case(until=2035),
    "accelerated funding": Case("accelerated_funding"),
    "other numbers, a drawn member": Case(
        settings=("novices_per_mentor=3.5", "time_to_independent=1.4", "search_time=0.8"), member=DRAWN
    ),
}
EDITED = {"novices_per_mentor": 3.25, "time_to_independent": 2.5, "late_study_time": 1.75}
"""Numbers set in the scenario and then, as the member has them, in the text of the file made without them."""
START, MORE = "lecturers", 1350
"""A stock that starts with more people, set in the scenario by the parameter that gives the start."""


@dataclass(frozen=True)
class Told:
    """A case as text for the other engines, and as columns of our own run."""

    text: str
    times: np.ndarray
    columns: Mapping[str, np.ndarray]


@cache
def told(case: Case) -> Told:
    """Our run and our export of a case."""
    model = simulate.built_in()
    scenario = read_scenario(case.scenario, model.table, model.labels, case.settings)
    schedule = simulate.Settings(members=0, until=case.until).schedule()
    block = Block(1017, case.member, 1)
    given = inputs(model.table, model.graph.dimensions, scenario, block, schedule)
    text = xmile(model.graph, given, schedule, scenario.title.en, "0", {})
    return Told(text, schedule.times, dict(_columns(model, given, schedule)))


def _columns(model: simulate.Model, given: Inputs, schedule: Schedule) -> Iterator[tuple[str, np.ndarray]]:
    """Every cell of every variable by its name in the file: at all times, or at all but the last for rates."""
    graph, steps = model.graph, schedule.steps
    every = replace(schedule, edges=tuple(range(steps + 1)))
    recording = ArrayKernel(graph).run(given, every)
    assert recording.failures == []
    known = {name: values[..., 0] for name, values in recording.edges.items()}
    known |= {name: values[..., 0] / schedule.step for name, values in recording.periods.items()}
    known |= {name: np.broadcast_to(values[..., 0], (steps + 1, *values.shape[:-1]))
              for name, values in given.fixed.items()}  # fmt: skip
    known |= {name: values[..., 0] for name, values in given.varying.items()} | {"calendar": schedule.times}

    def of(node: Node) -> np.ndarray:
        if node.op != "pick":
            return known[node.payload]
        dimension, label = node.payload
        return np.take(of(node.arguments[0]), dimension.index(label), 1 + node.arguments[0].dims.index(dimension))

    for name, variable in graph.variables.items():
        values = of(variable.node) if variable.kind == "part" else known[name]
        for cell in cells(variable.node.dims):
            index = (slice(None), *(dim.index(cell[dim]) for dim in variable.node.dims))
            yield cell_name(name, variable.node.dims, cell), values[index]


def differences(found: pd.DataFrame, ours: Told) -> dict[str, float]:
    """Of each column, the largest |difference| as a share of its largest |value|.

    KeyError if a column is missing, ValueError if the times differ or a value is not finite.
    """
    if found.index.tolist() != ours.times.tolist():
        raise ValueError("the runs have different times")
    worst = {}
    for name, expected in ours.columns.items():
        values = found[name.lower()].to_numpy()[: len(expected)]
        if not (np.isfinite(values).all() and np.isfinite(expected).all()):
            raise ValueError(f"{name} is not finite")
        largest, difference = np.abs(expected).max(), np.abs(values - expected).max()
        worst[name] = float(difference / largest if largest else difference)
    return worst


def too_far(found: pd.DataFrame, ours: Told) -> dict[str, float]:
    """The columns beyond the tolerance."""
    return {name: share for name, share in differences(found, ours).items() if not share <= TOLERANCE}


@pytest.fixture
def run_by(tmp_path: Path) -> Runner:
    """Runs a text on one of the engines."""

    def run(engine: str, text: str) -> pd.DataFrame:
        file = tmp_path / "model.xmile"
        file.write_text(text, encoding="utf-8")
        return {"pysd": by_pysd, "simlin": by_simlin}[engine](file)

    return run


@pytest.mark.parametrize("engine", ["pysd", "simlin"])
@pytest.mark.parametrize("case", CASES)
def test_equal_on_every_cell(case: str, engine: str, run_by: Runner) -> None:
    ours = told(CASES[case])
    assert too_far(run_by(engine, ours.text), ours) == {}


@pytest.mark.parametrize("engine", ["pysd", "simlin"])
def test_equal_after_edits_of_the_text(engine: str, run_by: Runner) -> None:
    drawn = Case(until=2035, member=DRAWN)
    settings = [f"{name}={value}" for name, value in (EDITED | {f"{START}_2015": MORE}).items()]
    before, ours = told(drawn), told(replace(drawn, settings=tuple(settings)))
    text = before.text
    for name in EDITED:
        text = edited(text, "aux", name, ours.columns[name][0])
    for name, values in ours.columns.items():
        if re.fullmatch(rf"{START}_[a-z]+", name) and f'<stock name="{name}">' in text:
            text = edited(text, "stock", name, values[0])
    # in the file the start is now a number of its own, and what it was made of is as before
    assert list(too_far(run_by(engine, text), ours)) == [f"{START}_2015"]
    moved = [name for name in ours.columns if not np.allclose(ours.columns[name], before.columns[name], rtol=1e-3)]
    assert len(moved) > 100  # the edits are not idle


def edited(text: str, tag: str, name: str, value: float) -> str:
    """The text with another number, or a number instead of an equation."""
    pattern = rf'(<{tag} name="{name}">\n(?:<doc>[^<]*</doc>\n)?<eqn>)[^<]*'
    text, count = re.subn(pattern, rf"\g<1>{float(value)!r}", text)
    assert count == 1, f"{name} is not in the file"
    return text


def test_nothing_else_is_in_the_file() -> None:
    ours = told(CASES["baseline"])
    names = re.findall(r'<(?:aux|stock|flow) name="([^"]+)">', ours.text)
    assert [name for name in names if name not in ours.columns and not OWN.fullmatch(name)] == []
    assert set(ours.columns) <= set(names)


def test_the_comparison_finds_what_is_wrong(run_by: Runner) -> None:
    ours = told(CASES["other numbers, a drawn member"])
    found = run_by("simlin", ours.text)
    column = next(name for name in ours.columns if name.startswith("engineers_"))
    with pytest.raises(KeyError, match=column):
        differences(found.drop(columns=column), ours)
    with pytest.raises(ValueError, match="different times"):
        differences(found.iloc[:-1], ours)
    found.loc[2025.0, column] *= 1 + 1e-7
    assert list(too_far(found, ours)) == [column]
    found.loc[2025.0, column] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        differences(found, ours)

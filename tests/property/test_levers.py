"""Each lever alone: what its YAML says of it, at baseline and in its regime, and that it has no wire but its own.

A new lever is tested without a line here: its path comes from the scenarios, what it moves from its YAML, its wires
from the equations that read it. After numbers have changed, `python -m tests.property.restate` states anew what is
measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest

from vimach.analysis.levers import Pull, pulls
from vimach.analysis.proving import side_by_side
from vimach.explain import explain
from vimach.kernels.array import Array
from vimach.names import Names
from vimach.parameters.table import Parameter, read_parameters
from vimach.scenario import Scenario
from vimach.sectors import MODULES
from vimach.simulate import Model

from .pulled import (
    BASELINE,
    HEADLINES,
    SCHEDULE,
    UNSAID,
    YEARS,
    Case,
    Effect,
    Hold,
    central,
    effects,
    lifted,
    moves_of,
    recorded,
    scenarios_of,
    settings,
    spoken_of,
)

LEVERS = [lever.name for lever in read_parameters().levers]
EACH = pytest.mark.parametrize("name", LEVERS)

Found = Mapping[Case, Mapping[str, Effect]]


@pytest.fixture(scope="module")
def names(model: Model) -> Names:
    return Names(model.graph, MODULES)


@pytest.fixture(scope="module")
def pulled(model: Model) -> dict[str, Pull]:
    """The accelerated path of each lever."""
    return pulls(model)


@pytest.fixture(scope="module")
def regimes(model: Model) -> dict[str, Scenario]:
    """The scenarios that levers name."""
    return scenarios_of(model, [at for lever in model.table.levers for at in settings(lever)])


@pytest.fixture(scope="module")
def found(model: Model, pulled: dict[str, Pull], regimes: dict[str, Scenario]) -> Found:
    """What each lever adds in each scenario that it names."""
    cases = [(at, lever.name) for lever in model.table.levers for at in settings(lever)]
    return effects(model, regimes, pulled, cases)


# what the YAML says


@EACH
def test_a_lever_moves_what_it_says_which_way_and_from_which_year(model: Model, found: Found, name: str) -> None:
    lever = model.table[name]
    for at in settings(lever):
        for output in spoken_of(lever):
            said = [move for move in moves_of(lever) if (move.at, move.output) == (at, output)]
            effect = found[at, name][output]
            measured = "\n".join([f"{output} at {at} is measured as", *effect.statements(output, at)])
            if any(move.held_by for move in said):
                assert len(said) == 1, f"{output} at {at} moves and does not move"
                assert not effect.felt(UNSAID).any(), measured
            elif said:
                assert [(move.since, move.direction) for move in said] == effect.turns(), measured


@EACH
def test_no_headline_moves_that_a_lever_does_not_speak_of(model: Model, found: Found, name: str) -> None:
    lever = model.table[name]
    for at in settings(lever):
        said = {move.output for move in moves_of(lever) if move.at == at}
        for output in (headline for headline in HEADLINES if headline not in said):
            effect = found[at, name][output]
            assert not effect.felt(UNSAID).any(), "\n".join(effect.statements(output, at))


@EACH
def test_what_moves_in_the_regime_moves_at_baseline_or_is_held(model: Model, name: str) -> None:
    moves = moves_of(model.table[name])
    in_regime = {move.output for move in moves if move.at != BASELINE and not move.held_by}
    assert in_regime, "the regime is the one in which its own limit binds"
    assert in_regime <= {move.output for move in moves if move.at == BASELINE}
    held = {move.output for move in moves if move.held_by}
    assert held <= in_regime, "what is held at baseline shows where it is not"


@EACH
def test_explain_names_the_limit_that_holds_a_lever_at_baseline(model: Model, names: Names, name: str) -> None:
    told = explain(name, model, (), {}, names)["held by"]
    for limit in {move.held_by for move in moves_of(model.table[name]) if move.held_by}:
        equation, _ = names.meeting(name, limit)
        assert equation, f"no equation that {name} reaches reads {limit}"
        assert any(line.startswith(f"{equation}: ") and limit in line for line in told), told


def test_a_lever_held_at_baseline_shows_once_that_limit_alone_is_lifted(
    model: Model, pulled: dict[str, Pull], regimes: dict[str, Scenario]
) -> None:
    holds: dict[Hold, set[str]] = {}
    for lever in model.table.levers:
        for move in (move for move in moves_of(lever) if move.held_by):
            (regime,) = (at for at in settings(lever) if at != BASELINE)
            holds.setdefault(Hold(move.held_by, lever.name, regime), set()).add(move.output)
    shown = lifted(model, regimes, pulled, list(holds))
    hidden = [(hold, output) for hold, found in shown.items() for output in holds[hold]
              if not found[output].felt().any()]  # fmt: skip
    assert hidden == []


@EACH
def test_nothing_at_all_moves_before_a_lever_does(
    model: Model, pulled: dict[str, Pull], regimes: dict[str, Scenario], found: Found, name: str
) -> None:
    lever = model.table[name]
    assert lever.lever is not None
    for at in settings(lever):
        both = side_by_side([central(model, regimes[at], pull) for pull in (pulled[name], None)]).varying[name]
        differs = (both[..., 0] != both[..., -1]).reshape(len(both), -1).any(axis=1)
        acts = int(SCHEDULE.times[differs][0])
        assert acts >= lever.lever.first_year
        for output, effect in found[at, name].items():
            assert not effect.added[: YEARS.index(acts)].any(), (output, at)


# its wires


@dataclass(frozen=True)
class Wires:
    """Levers pulled at baseline with wires cut: all variables, shape (year, cell, run); run 0 is the baseline.

    A wire is an equation that reads the lever. `cut` is the run with all wires of a lever cut, `alone` the runs with
    all but one.
    """

    values: Mapping[str, Array]
    cut: Mapping[str, int]
    alone: Mapping[tuple[str, str], int]

    def moved(self, run: int) -> list[str]:
        """The variables that are not the same to the bit as at baseline."""
        return [name for name, values in self.values.items() if not np.array_equal(values[..., run], values[..., 0])]


def wires_of(model: Model, lever: Parameter) -> list[str]:
    """The equations that read a lever."""
    return [name for name, variable in model.graph.variables.items() if lever.name in variable.uses]


@pytest.fixture(scope="module")
def wires(model: Model, pulled: dict[str, Pull], regimes: dict[str, Scenario]) -> Wires:
    """Everything with each lever pulled and its wires cut, in one run."""
    baseline = regimes[BASELINE]
    given, held = [central(model, baseline)], dict[str, dict[int, int]]()
    cut, alone = {}, {}
    for lever in model.table.levers:
        own, with_lever = wires_of(model, lever), central(model, baseline, pulled[lever.name])
        for left in (None, *own):
            for wire in own:
                if wire != left:
                    held.setdefault(wire, {})[len(given)] = 0
            (cut if left is None else alone)[lever.name if left is None else (lever.name, left)] = len(given)
            given.append(with_lever)
    return Wires(recorded(model, given, held), cut, alone)


@EACH
def test_with_its_wires_cut_a_lever_does_exactly_nothing(wires: Wires, name: str) -> None:
    assert wires.moved(wires.cut[name]) == []


OF_THE_PAST = {"chip_share_of_additional": {"allocating", "programme_money_estimated"}}
"""Wires that carry a lever's number only into years before anybody can pull it: what science money gained so far."""


@EACH
def test_each_wire_of_a_lever_carries_something(wires: Wires, name: str) -> None:
    own = {wire: run for (lever, wire), run in wires.alone.items() if lever == name}
    assert own, "no equation reads it"
    assert {wire for wire, run in own.items() if not wires.moved(run)} == OF_THE_PAST.get(name, set())

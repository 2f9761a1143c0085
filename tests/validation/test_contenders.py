"""What the benchmark races and gates: the program written by hand computes the model it races, and turns are fair."""

from itertools import count

import numpy as np
import pytest
from benchmarks import market, ratios
from benchmarks.hand_written import START, STEPS_A_YEAR, YEARS, workforce
from benchmarks.race import Contender, race
from benchmarks.table import GATED, OF_A_POWER, SLACK, missed, verdict

from vimach.dry_run import dry_run
from vimach.kernels.array import ArrayKernel, Inputs, Schedule
from vimach.kernels.llvm_text import Text
from vimach.kernels.native import NativeKernel
from vimach.kernels.recipes import write_recipes

from . import pipeline_model
from .test_pipeline import CASES

GOOD = dict(GATED)


def test_a_power_is_counted_by_the_operations_of_its_recipe() -> None:
    text = Text(8)
    write_recipes(text)
    usual = str(text).partition(" @power(")[2].partition("\n}")[0].split("\n")
    assert sum(" = f" in line and " = fcmp" not in line for line in usual) == OF_A_POWER


@pytest.mark.parametrize("case", list(CASES))
def test_the_program_written_by_hand_computes_the_model_that_it_races(case: str) -> None:
    steps = YEARS * STEPS_A_YEAR
    schedule = Schedule(START, 1 / STEPS_A_YEAR, steps, (0, steps))
    numbers = pipeline_model.numbers(schedule.times, CASES[case])
    study_times = np.array([3.5, 4.0, 4.4])
    plain = {name: np.atleast_1d(np.asarray(n.value, float)) for name, n in numbers.items() if n.curve is None}
    fixed = {name: plain[name] for name in plain if not numbers[name].varies} | {"study_time": study_times}
    varying = {name: plain[name] for name in plain if numbers[name].varies}
    names = ["trainees", "junior_engineers", "senior_engineers"]
    recording = ArrayKernel(dry_run([pipeline_model], numbers), names).run(Inputs(3, fixed, varying), schedule)
    given = {name: np.full(3, float(n.value)) for name, n in pipeline_model.constants(CASES[case]).items()}
    found = workforce(given | {"study_time": study_times})
    assert recording.failures == []
    assert found == pytest.approx(sum(recording.edges[name][-1] for name in names), rel=1e-9)


def test_a_market_of_any_size_runs_on_both_kernels_with_the_same_bits() -> None:
    schedule = Schedule(2015.0, 1 / 16, 32, (0, 16, 32))
    graph, given = market.market(4), market.given(4, 5, schedule)
    array, native = (kernel(graph).run(given, schedule) for kernel in (ArrayKernel, NativeKernel))
    assert array.failures == native.failures == []
    assert np.array_equal(array.edges["workers"], native.edges["workers"])
    assert np.ptp(array.edges["workers"][-1]) > 0.0


def test_contenders_take_turns_and_dear_ones_fewer() -> None:
    log: list[str] = []
    ticks = count(1)
    turns: dict[str, int] = {}
    found = race(
        [Contender("cheap", 2, lambda: log.append("c") or next(ticks), clock=True),
         Contender("dear", 1, lambda: log.append("d") or 10.0, clock=True, dear=True)], 5, turns,
    )  # fmt: skip
    assert "".join(log) == "ccdccdccd"
    assert turns == {"cheap": 5, "dear": 3}
    assert found == {"cheap": 4 / 2, "dear": 10.0}


def test_a_ratio_is_missed_where_it_falls_short_by_more_than_the_slack() -> None:
    assert missed(GOOD) == []
    first = next(iter(GATED))
    assert missed(GOOD | {first: SLACK * GATED[first]}) == []
    assert missed(GOOD | {first: 0.99 * SLACK * GATED[first]}) == [first]
    assert missed(GOOD | {first: float("nan")}) == [first]
    assert missed(GOOD | {first: 0.5 * GATED[first]}, slack=0.4) == []
    assert (verdict(first, GATED[first]), verdict("vimach --help (s)", 0.3)) == (
        f"at least {GATED[first]:g}: reached", "at most 0.25: missed",
    )  # fmt: skip


@pytest.mark.parametrize(("factor", "code"), [(1.0, 0), (0.1, 1)])
def test_the_quick_check_fails_where_a_ratio_is_lost(
    factor: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ratios, "measured", lambda: GOOD | {"native against simlin, per core": 45.0 * factor})
    assert ratios.main() == code
    assert capsys.readouterr().out.count("falls short") == code

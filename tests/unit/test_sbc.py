"""Simulation-based calibration: counts made of truths, refits that find them again, and what is asked of many."""

import csv
import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from vimach import library
from vimach.ensemble import Sample
from vimach.errors import BadInput, Place
from vimach.scenario import Scenario
from vimach.simulate import Model
from vimach_calibration import sbc
from vimach_calibration.calibrate import Calibrator, Plan
from vimach_calibration.coordinates import Coordinate
from vimach_calibration.expressions import Number, Variable
from vimach_calibration.observations import Count, Observations
from vimach_calibration.sbc import Bench, Refit, _told, go, headed, judged, real_bench, verdict, worded

TRUTHS = 30
FIVE = 5


class Made:
    """Runs that cost nothing: each variable is the exponential of a sum of a few draws."""

    def __init__(self, axes: Sequence[Coordinate]) -> None:
        self.axes = axes

    def __call__(self, sample: Sample, progress: object = None) -> xr.Dataset:
        scores = [axis.values(sample.uniforms(axis.name, 0, len(sample))) for axis in self.axes]
        edges = np.arange(2020.0, 2032.0)
        found = {}
        for number, name in enumerate(sbc.HEADLINES):
            level = 0.3 * scores[number % 3] + 0.03 * scores[3]
            growth = 0.03 * scores[(number + 1) % 3] * (edges[:, None] - 2024.0)
            found[name] = (("edge", "member"), 1000.0 * np.exp(level + growth))
        return xr.Dataset(found, {"edge": edges, "period": np.arange(2020, 2031), "member": np.arange(len(sample))})


def counts() -> Observations:
    """A count of each headline in three years."""
    found = [
        Count(name, Variable(name, (), Place("")), time, 0.0, 950.0, 1050.0, 0.1, 1.0, (f"{name}{time}",))
        for name in sbc.HEADLINES
        for time in (2022.5, 2024.0, 2025.5)
    ]
    return Observations(None, tuple(found), (), ())


@pytest.fixture
def bench(model: Model, baseline_scenario: Scenario) -> Bench:
    """A bench whose runs are made up: three numbers that are estimated and one that keeps its prior."""
    calibrator = Calibrator(model, baseline_scenario, counts().counts, Plan(trials=400, effective=20.0))
    names = ("firm_entry_base", "plant_staff", "quit_rate", "search_time")
    axes = tuple(next(axis for axis in calibrator.axes if axis.name == name) for name in names)
    made: Any = Made(axes)
    calibrator.axes, calibrator.switches, calibrator.history, calibrator.forecast = axes, (), made, made
    return Bench(calibrator, counts(), axes[:3], TRUTHS)


def test_a_number_is_told_in_the_words_of_the_real_count() -> None:
    count = Count("x", Number(1.0), 2024.0, 0.0, 45.0, 55.0, 0.1, 0.045, ())
    assert (worded(count, math.log(50.0)).low, worded(count, math.log(50.0)).high) == (45.0, 55.0)
    more = worded(count, math.log(56.0))
    assert (more.low, more.high) == pytest.approx((55.0, 55.0 * 55 / 45))
    over = replace(count, high=math.inf)
    assert (worded(over, math.log(46.0)).low, worded(over, math.log(46.0)).high) == (45.0, math.inf)
    assert (worded(over, math.log(44.0)).low, worded(over, math.log(44.0)).high) == (0.045, 45.0)


def test_five_refits_are_made_kept_and_resumed(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, head = tmp_path / "sbc.csv", headed(bench)
    refits = go(bench, FIVE, file, head, resume=False, say=lambda words: None)
    assert [refit.truth for refit in refits] == list(range(FIVE))
    assert min(refit.effective for refit in refits) > 20
    whole = file.read_bytes()
    file.write_bytes(b"".join(whole.splitlines(keepends=True)[:5]))  # killed after three of them
    monkeypatch.setattr(Bench, "refit", lambda self, truth: refits[truth] if truth > 2 else pytest.fail("again"))
    assert go(bench, FIVE, file, head, resume=True, say=lambda words: None)[-1].truth == FIVE - 1
    assert file.read_bytes() == whole
    with pytest.raises(BadInput, match="was left by another model, calibration, plan or seed"):
        go(bench, FIVE, file, head + ".", resume=True, say=lambda words: None)
    with pytest.raises(BadInput, match="is there already"):
        go(bench, FIVE, file, head, resume=False, say=lambda words: None)
    file.write_bytes(whole[:-4].rpartition(b",")[0])
    with pytest.raises(BadInput, match="a line is broken"):
        go(bench, FIVE, file, head, resume=True, say=lambda words: None)


def test_the_refits_of_a_right_calibration_cover_nine_truths_in_ten(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sbc, "FEWEST_EFFECTIVE", 20.0)
    refits = [bench.refit(truth) for truth in range(TRUTHS)]
    assert min(refit.effective for refit in refits) > 20
    table = judged(refits, bench.quantities)
    assert 0.8 < table["coverage_90"].mean() < 0.98
    assert table["p_uniform"].min() > 0.01


def test_a_refit_that_does_not_meet_its_counts_has_failed(bench: Bench) -> None:
    bench.calibrator.plan = replace(bench.calibrator.plan, effective=1e9)
    refit = bench.refit(0)
    assert refit.effective == 0.0
    assert np.isnan(refit.ranks).all()


def test_uniform_ranks_pass_and_narrow_intervals_do_not() -> None:
    names = ["a", "b"]
    even = [(number + 0.5) / 200 for number in range(200)]
    good = [Refit(n, 500.0, (even[n], even[(n * 7) % 200])) for n in range(200)]
    assert [line.rsplit(": ", 1)[-1] for line in verdict(judged(good, names), 0)[1:]] == ["met", "met", "met"]
    narrow = [Refit(n, 500.0, (rank, even[n])) for n, rank in enumerate(np.where(np.array(even) < 0.5, 0.02, 0.98))]
    table = judged(narrow, names)
    assert table["coverage_90"].tolist() == [0.0, 0.9]
    assert [line.rsplit(": ", 1)[-1] for line in verdict(table, 0)[1:]] == ["missed", "missed", "missed"]


def test_a_refit_worth_too_little_is_not_judged() -> None:
    table = judged([Refit(0, 500.0, (0.5,)), Refit(1, 399.0, (0.5,))], ["a"])
    assert table["refits"].tolist() == [1]


def test_five_refits_of_the_model_itself_are_worth_something() -> None:
    bench = real_bench(FIVE, Plan(trials=400, effective=1.0))
    for truth in range(FIVE):
        refit = bench.refit(truth)
        assert refit.effective > 3
        assert all(0.0 <= rank <= 1.0 for rank in refit.ranks)
        assert len(refit.ranks) == len(bench.quantities)


def test_comments_do_not_change_the_hash_of_the_code() -> None:
    assert _told("def f():\n    'says'\n    return 1  # one\n") == _told("def f():\n    return 1\n")
    assert _told("def f():\n    return 1\n") != _told("def f():\n    return 2\n")


def test_the_committed_table_is_of_this_model_and_this_code() -> None:
    folder = Path(str(library.folder("estimates")))
    first, names, *lines = csv.reader((folder / "sbc.csv").read_text(encoding="utf-8").splitlines())
    bench = real_bench(200, Plan(trials=20_000))
    assert "".join(first) == "# " + headed(bench), "`python -m vimach_calibration.sbc` makes it anew, in an hour"
    assert tuple(names[2:]) == bench.quantities
    assert [int(line[0]) for line in lines] == list(range(200))


def test_the_committed_table_is_the_one_that_its_page_speaks_of() -> None:
    folder = Path(str(library.folder("estimates")))
    text = (folder / "sbc.csv").read_text(encoding="utf-8")
    page = (folder / "sbc.md").read_text(encoding="utf-8")
    assert hashlib.sha256(text.encode()).hexdigest()[:16] in page
    assert len(list(csv.reader(text.splitlines()))) - 2 >= 1

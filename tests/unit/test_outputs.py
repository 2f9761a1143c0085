"""What is kept of a run: years or every step, double or single precision, members or quantiles, in bounded memory."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from vimach import results, simulate, store, sweep
from vimach.analysis.quantiles import over_members
from vimach.analysis.targets import national
from vimach.errors import BadInput
from vimach.kernels.array import Recording
from vimach.simulate import Model, Settings
from vimach.sweep import Keeping, Threads

from .smooth_model import scenario, smooth_model

SETTINGS = Settings(members=20, until=2017)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A smooth model."""
    return smooth_model(tmp_path_factory.mktemp("parameters"))


def run(model: Model, folder: Path, settings: Settings, *words: str) -> xr.Dataset:
    """The smooth model in memory."""
    return simulate.simulate(model, scenario(model, folder, *words), settings)


# every step


def test_every_step_made_yearly_has_the_bits_of_a_yearly_run(small: Model, tmp_path: Path) -> None:
    yearly, steps = (run(small, tmp_path, replace(SETTINGS, save_per=per)) for per in ("year", "step"))
    assert {"edge": 49, "period": 48, "member": 20}.items() <= steps.sizes.items()
    assert steps["edge"].values[:3].tolist() == [2015.0, 2015.0625, 2015.125]
    assert steps["period"].values[-1] == 2017.9375
    assert np.array_equal(steps["edge"].values[:-1], steps["period"].values)
    change = steps["people"].diff("edge").values
    assert change == pytest.approx(-steps["leaving"].values, rel=1e-9)
    xr.testing.assert_identical(results.annual(steps), yearly)
    assert results.annual(yearly) is yearly


def test_every_step_since_a_year(small: Model, tmp_path: Path) -> None:
    steps = run(small, tmp_path, replace(SETTINGS, save_per="step"))
    late = results.since(2017, steps)
    assert late["edge"].values[0] == late["period"].values[0] == 2017.0
    assert late.sizes["period"] == 16
    xr.testing.assert_identical(results.annual(late), results.since(2017, results.annual(steps)))


def test_every_step_is_not_taken_for_years(small: Model, tmp_path: Path) -> None:
    steps = run(small, tmp_path, replace(SETTINGS, save_per="step"))
    with pytest.raises(BadInput, match="hold every step"):
        national(steps, "people", "person", "a rung")


# single precision


def test_single_precision_is_the_nearest_number(small: Model, tmp_path: Path) -> None:
    double, single = (run(small, tmp_path, replace(SETTINGS, precision=word)) for word in ("double", "single"))
    for name, values in double.items():
        assert single[name].dtype == np.float32
        assert np.array_equal(single[name].values, values.values.astype(np.float32)), name


def test_a_number_too_large_for_single_precision_is_not_made_infinite(small: Model, tmp_path: Path) -> None:
    settings = replace(SETTINGS, precision="single")
    frame = simulate.Simulation(small, scenario(small, tmp_path), settings).frame()
    huge = {"leaving": np.full(frame.shape("leaving"), 1e39)}
    with pytest.raises(BadInput, match="--precision: leaving grows too large for single precision"):
        results.kept(frame, Recording({}, huge, []))


def test_a_run_kept_in_single_precision_cannot_be_gone_on_with(small: Model, tmp_path: Path) -> None:
    saved = run(small, tmp_path, replace(SETTINGS, precision="single"))
    with pytest.raises(BadInput, match="--state: the saved run was kept in single precision"):
        simulate.simulate(small, scenario(small, tmp_path), replace(SETTINGS, start=2017), state=saved)


# quantiles


def test_quantiles_are_those_of_the_members(small: Model, tmp_path: Path) -> None:
    data = run(small, tmp_path, SETTINGS)
    found = over_members(data, (0.1, 0.5))
    assert found["people"].dims == ("quantile", "edge")
    assert found["leaving"].dims == ("quantile", "period")
    assert found["people"].attrs == data["people"].attrs
    assert np.array_equal(found["people"].values, np.quantile(data["people"].values, [0.1, 0.5], axis=-1))
    with pytest.raises(BadInput, match="at least 10 members"):
        over_members(data.isel(member=slice(9)))


# memory


def test_memory_does_not_grow_with_members(small: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TOGETHER", 2**16)
    monkeypatch.setattr(sweep, "BLOCK", 50)
    settings = Settings(members=250, until=2015, step=1 / 4, save_per="step")
    slow = "wait_time={value: 30, certain: true}"
    read = [scenario(small, tmp_path, slow)]
    peaks, sizes = [], []
    over_members(run(small, tmp_path, settings, slow))  # what is imported on the way is no part of the measure
    for times in (4, 12):
        out = tmp_path / f"out {len(peaks)}"
        (out / "test").mkdir(parents=True)
        tracemalloc.start()
        (file,) = sweep.sweep(
            small, read, replace(settings, members=250 * times), None, Keeping(out, 2015, {}), Threads(1)
        )
        with results.opened(file) as data:
            over_members(data)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        sizes.append(file.stat().st_size)
    assert peaks[1] - peaks[0] < (sizes[1] - sizes[0]) / 4

"""The built-in model, traced once, and its runs, made once for all tests that read them. Nobody changes them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import settings

from vimach.kernels.array import Array, Recording
from vimach.scenario import Scenario, read_scenario
from vimach.simulate import Model, Settings, built_in, simulate

settings.register_profile("unhurried", deadline=None)  # no test is timed
settings.load_profile("unhurried")

MEMBERS = 20


@pytest.fixture(scope="session", autouse=True)
def object_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of object code that the processes of one test run share, and that touches no user's own."""
    folder = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIMACH_CACHE", str(folder / "cache"))
        yield folder / "cache"


def same_bits(one: Array, other: Array) -> bool:
    """Whether two arrays have the same bits, or NaN in the same places: one NaN is like another."""
    a, b = np.ascontiguousarray(one).view(np.int64), np.ascontiguousarray(other).view(np.int64)
    return bool(((a == b) | (np.isnan(one) & np.isnan(other))).all())


@pytest.fixture(scope="session")
def different() -> Callable[..., list[str]]:
    """A function of two recordings and of the members of the first that the second has: the outputs that differ."""

    def of(one: Recording, other: Recording, members: Any = slice(None)) -> list[str]:
        pairs = [(one.edges, other.edges), (one.periods, other.periods)]
        assert all(list(own) == list(others) for own, others in pairs)
        return [n for own, others in pairs for n in own if not same_bits(own[n][..., members], others[n])]

    return of


@pytest.fixture(scope="session")
def model() -> Model:
    """The built-in model."""
    return built_in()


@pytest.fixture(scope="session")
def baseline_scenario(model: Model) -> Scenario:
    """The baseline scenario."""
    return read_scenario("baseline", model.table, model.labels)


@pytest.fixture(scope="session")
def central_run(model: Model, baseline_scenario: Scenario) -> xr.Dataset:
    """The baseline with every number at its central value, 2015 to 2035."""
    return simulate(model, baseline_scenario, Settings(members=0))


@pytest.fixture(scope="session")
def ensemble_run(model: Model, baseline_scenario: Scenario) -> xr.Dataset:
    """Twenty members of the baseline, 2015 to 2035."""
    return simulate(model, baseline_scenario, Settings(members=MEMBERS))

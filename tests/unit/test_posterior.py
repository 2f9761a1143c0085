"""The posterior: what is committed, when it is refused, and that runs draw from it."""

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from vimach import library, request
from vimach.cli import app
from vimach.draws import uniforms
from vimach.ensemble import CENTRAL, Sample
from vimach.errors import BadInput
from vimach.files import locked
from vimach.parameters.table import ParameterTable
from vimach.posterior import (
    ABOUT,
    LINES,
    PAGE,
    Posterior,
    Provenance,
    calibrated,
    fingerprint,
    read_posterior,
    write_posterior,
)
from vimach.scenario import Scenario
from vimach.simulate import Model, Settings, simulate
from vimach.terminal import Terminal
from vimach_calibration import bank
from vimach_calibration.calibrate import CalibrationFailed, Calibrator, Plan
from vimach_calibration.expressions import Number
from vimach_calibration.likelihood import Likelihood
from vimach_calibration.observations import Count

KEPT = ["employed_design"]


@pytest.fixture
def estimates(tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a posterior of eight entries, five of them different, in place of the committed one."""
    about = Provenance(
        model=fingerprint(model), scenario="x", counts="x", data_to="2025-12-26", seed=1017, trials=20, effective=5.0,
        entries=8, version="0", lines="x",
    )  # fmt: skip
    members = np.array([0, 2, 2, 3, 5, 5, 5, 9])
    write_posterior(Posterior(about, members, {"quit_rate": np.linspace(0.1, 0.8, 8)[members % 5]}), tmp_path)
    real = library.folder
    monkeypatch.setattr(library, "folder", lambda name: tmp_path if name == "estimates" else real(name))
    monkeypatch.setattr(library, "own", lambda _: tmp_path)
    return tmp_path


def vimach(*words: str | Path) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_what_is_written_is_read_again(estimates: Path, model: Model) -> None:
    found = read_posterior(model)
    assert found is not None
    assert found.members.tolist() == [0, 2, 2, 3, 5, 5, 5, 9]
    assert found.about.effective == 5.0
    assert (estimates / LINES).read_text(encoding="utf-8").splitlines()[:3] == [
        "member,times,quit_rate", "0,1,0.1000000", "2,2,0.3000000",
    ]  # fmt: skip
    before = [(estimates / name).read_bytes() for name in (LINES, ABOUT)]
    write_posterior(found, estimates)
    assert [(estimates / name).read_bytes() for name in (LINES, ABOUT)] == before


def test_the_page_takes_its_place_with_the_posterior_or_not_at_all(
    estimates: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read_posterior(model)
    assert found is not None
    write_posterior(found, estimates, "trust it\n")
    assert (estimates / PAGE).read_bytes() == b"trust it\n"
    before = {file.name: file.read_bytes() for file in estimates.iterdir()}

    def full(handle: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        write_posterior(replace(found, members=found.members + 1), estimates, "do not\n")
    assert {file.name: file.read_bytes() for file in estimates.iterdir()} == before


def test_no_posterior_is_no_error(tmp_path: Path, model: Model) -> None:
    assert read_posterior(model, tmp_path) is None


def test_lines_that_somebody_changed_are_refused(estimates: Path, model: Model) -> None:
    text = (estimates / LINES).read_text(encoding="utf-8").replace("0.1000000", "0.1000001")
    (estimates / LINES).write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=r"posterior\.csv: does not belong to posterior\.yaml"):
        read_posterior(model)


def test_a_posterior_of_other_numbers_is_refused_but_not_one_of_other_words(estimates: Path, model: Model) -> None:
    assert fingerprint(changed(model, note="said better")) == fingerprint(model)
    with pytest.raises(BadInput, match=r"posterior\.yaml: was made for other equations or numbers"):
        read_posterior(changed(model, range=(0.0, 0.999)))


def changed(model: Model, **said: Any) -> Model:
    """The model with something else said of one parameter."""
    every = (replace(each, **said) if each.name == "quit_rate" else each for each in model.table.values())
    return Model(model.graph, ParameterTable(every))


def test_runs_draw_from_the_posterior_by_default(estimates: Path, tmp_path: Path) -> None:
    for words, stated in (((), "calibrated, data to 2025-12-26"), (("--prior",), "prior, not calibrated")):
        result = vimach("run", "baseline", "--members", "8", "--until", "2015", *words, "--out", tmp_path, "--json")
        assert result.exit_code == 0, result.stderr
        assert json.loads(result.stdout)[0]["calibration"] == stated


def test_runs_draw_from_the_posterior_of_a_folder(estimates: Path, tmp_path: Path, model: Model) -> None:
    other = tmp_path / "other"
    other.mkdir()
    found = read_posterior(model, estimates)
    assert found is not None
    write_posterior(replace(found, members=found.members + 100), other)
    words = ["run", "baseline", "--members", "4", "--until", "2016", "--outputs", "headline", "--posterior"]
    assert vimach(*words, other, "--out", tmp_path / "runs").exit_code == 0
    with xr.open_dataset(tmp_path / "runs" / "baseline" / "results.nc") as data:
        assert data.attrs["posterior"] in (other / ABOUT).read_text(encoding="utf-8")
        assert data.attrs["posterior"] not in (estimates / ABOUT).read_text(encoding="utf-8")
    nothing = vimach(*words, tmp_path / "nothing", "--out", tmp_path / "more")
    assert nothing.exit_code == 2
    assert "--posterior: " in nothing.stderr and "holds no posterior" in nothing.stderr
    both = vimach(*words, other, "--prior", "--out", tmp_path / "more")
    assert both.exit_code == 2
    assert "leave out one" in both.stderr


def test_a_stale_posterior_is_told_and_the_prior_is_used(estimates: Path, tmp_path: Path) -> None:
    about = (estimates / ABOUT).read_text(encoding="utf-8")
    model = next(line for line in about.splitlines() if line.startswith("model:"))
    (estimates / ABOUT).write_text(about.replace(model, "model: '0123456789abcdef'"), encoding="utf-8")
    result = vimach("run", "baseline", "--members", "8", "--until", "2015", "--out", tmp_path, "--json")
    assert "was made for other equations or numbers" in result.stderr
    assert "drawn from its prior" in result.stderr
    assert json.loads(result.stdout)[0]["calibration"] == "prior, not calibrated"


# members of a sample


def test_a_member_of_a_sample_is_that_member_of_the_ensemble(model: Model, baseline_scenario: Scenario) -> None:
    prior = simulate(model, baseline_scenario, Settings(members=10, until=2015), KEPT)
    sample = Sample(1017, np.array([2, 2, 9]))
    found = simulate(model, baseline_scenario, Settings(members=3, seed=5, until=2015, sample=sample), KEPT)
    assert np.array_equal(found["employed_design"], prior["employed_design"].isel(member=[2, 2, 9]))


def test_members_far_apart_draw_what_members_side_by_side_do() -> None:
    far = np.array([30_000, 3, 17, 30_000, CENTRAL])
    drawn = Sample(7, far).uniforms("quit_rate", 0, 5)
    every = uniforms(7, "quit_rate", 0, 30_001)
    assert np.array_equal(drawn, [every[30_000], every[3], every[17], every[30_000], 0.5])
    assert np.array_equal(Sample(7, far).part(1, 2).uniforms("quit_rate", 0, 2), drawn[1:3])


def test_fewer_members_of_a_posterior_are_the_first_of_more(model: Model) -> None:
    posterior = read_posterior(model)
    assert posterior is not None
    few, many = (posterior.sample(members, 1017) for members in (20, len(posterior.members) + 20))
    assert np.array_equal(few.members, many.members[:20])
    assert np.array_equal(few.members, many.members[-20:])  # all came once, and begin again
    for name, values in few.quantiles.items():
        assert np.array_equal(values, many.quantiles[name][:20]), name


def test_a_quantile_replaces_the_draw_and_the_central_run_knows_of_no_sample(
    model: Model, baseline_scenario: Scenario
) -> None:
    quantiles = {"quit_rate": np.array([0.01, 0.99])}
    central = Sample(1017, np.array([CENTRAL, CENTRAL]), quantiles)
    found = simulate(model, baseline_scenario, Settings(members=2, until=2015, sample=central), KEPT)
    few, many = found["employed_design"].sel(edge=2016.0).to_numpy()
    assert few > many
    runs = [
        simulate(model, baseline_scenario, Settings(members=0, until=2015, sample=sample), KEPT)
        for sample in (None, central)
    ]
    assert runs[0].identical(runs[1])
    middle = float(runs[0]["employed_design"].sel(edge=2016.0).item())
    assert many < middle < few


# the bank


class Counted:
    """Runs that cost nothing, and are broken off after a while."""

    def __init__(self, last: int = 100) -> None:
        self.last, self.done = last, 0

    def identity(self, sample: Sample) -> str:
        return "these"

    def __call__(self, sample: Sample, progress: Any = None) -> xr.Dataset:
        if self.done == self.last:
            raise KeyboardInterrupt
        self.done += 1
        return xr.Dataset({"x": ("member", sample.members * 2.0)}, {"member": np.arange(len(sample))})


def test_a_bank_that_was_broken_off_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank, "BLOCK", 3)
    sample = Sample(1, np.arange(10))
    whole: Any = Counted()
    expected = bank.build(whole, sample, tmp_path / "other")
    killed: Any = Counted(last=2)
    with pytest.raises(KeyboardInterrupt):
        bank.build(killed, sample, tmp_path)
    (tmp_path / "these" / "000000003.nc").write_bytes(b"half a file")
    resumed: Any = Counted()
    assert bank.build(resumed, sample, tmp_path, resume=True).identical(expected)
    assert (whole.done, resumed.done) == (4, 3)  # the first block is kept, the damaged one is not
    again: Any = Counted()
    assert bank.build(again, sample, tmp_path).identical(expected)
    assert again.done == 4


# the command


def test_a_calibration_without_counts_is_refused(tmp_path: Path) -> None:
    result = vimach("calibrate", "--as-of", "2022-06-30", "--out", tmp_path / "new")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "--as-of: 0 of the 2 counts that an estimate needs were published by 2022-06-30: Design engineers at work",
        "--as-of: 0 of the 1 counts that an estimate needs were published by 2022-06-30: Design firms, branches of "
        "foreign firms included",
    ]
    assert not list(tmp_path.iterdir())


def test_a_calibration_as_of_a_day_that_was_not_read_is_refused(tmp_path: Path) -> None:
    result = vimach("calibrate", "--as-of", "2100-01-01", "--out", tmp_path / "new")
    assert result.exit_code == 2
    assert "--as-of: the evidence was read up to " in result.stderr
    assert not list(tmp_path.iterdir())


WORDS = ("calibrate", "--trials", "200", "--entries", "40", "--effective", "1")
RUN = bank.Runs.__call__


def counted(patch: pytest.MonkeyPatch, last: int = 10**9) -> list[int]:
    """The blocks that calibrations run from now on; they are broken off after `last` of them."""
    done: list[int] = []

    def call(self: bank.Runs, sample: Sample, progress: Any = lambda members: None) -> xr.Dataset:
        if len(done) == last:
            raise KeyboardInterrupt
        if len(sample) == bank.BLOCK:
            done.append(len(sample))
        return RUN(self, sample, progress)

    patch.setattr(bank, "BLOCK", 50)
    patch.setattr(bank.Runs, "__call__", call)
    return done


@dataclass(frozen=True)
class Calibrated:
    """A small calibration: its folder, what was told, and how many blocks were run."""

    folder: Path
    told: dict[str, Any]
    blocks: int


@pytest.fixture(scope="module")
def small_calibration(tmp_path_factory: pytest.TempPathFactory) -> Calibrated:
    folder = tmp_path_factory.mktemp("calibrated")
    with pytest.MonkeyPatch.context() as patch:
        done = counted(patch)
        result = vimach(*WORDS, "--out", folder, "--json")
    assert result.exit_code == 0, result.output
    return Calibrated(folder, json.loads(result.stdout), len(done))


def test_a_calibration_gives_a_posterior_that_runs_can_draw_from(small_calibration: Calibrated, model: Model) -> None:
    told, found = small_calibration.told, read_posterior(model, small_calibration.folder)
    assert found is not None
    assert (len(found.members), found.about.trials) == (40, 200)
    assert found.about.effective == pytest.approx(told["effective"], abs=0.06)
    assert tuple(found.quantiles) == tuple(told["estimated"])
    assert len(told["estimated"]) <= 15
    page = (small_calibration.folder / "calibration.md").read_text(encoding="utf-8")
    assert "200 members weighted are worth" in page


def test_a_calibration_that_was_broken_off_goes_on_and_gives_the_same_bytes(
    small_calibration: Calibrated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIMACH_CACHE", str(tmp_path / "cache"))
    out = tmp_path / "out"
    counted(monkeypatch, small_calibration.blocks - 2)
    assert vimach(*WORDS, "--quiet", "--out", out).exit_code == 130
    assert not list(out.glob("posterior*"))
    done = counted(monkeypatch)
    assert vimach(*WORDS, "--quiet", "--out", tmp_path / "another").exit_code == 0
    assert len(done) == small_calibration.blocks, "what waits for one folder is not taken, nor dropped, for another"
    done.clear()
    assert vimach(*WORDS, "--quiet", "--out", out, "--resume").exit_code == 0
    assert len(done) == 2, "only what was not there is run"
    folders = (small_calibration.folder, out)
    once, again = ({file.name: file.read_bytes() for file in each.iterdir()} for each in folders)
    assert again == once
    assert not list((tmp_path / "cache" / "calibration").iterdir()), "what is done is not kept"


def test_two_calibrations_do_not_write_into_one_folder(tmp_path: Path) -> None:
    with locked(tmp_path):
        result = vimach(*WORDS, "--out", tmp_path)
    assert (result.exit_code, result.stderr) == (2, f"--out: {tmp_path} is in use by another run of vimach\n")


def test_a_calibration_needs_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIMACH_CACHE", str(tmp_path / "file" / "cache"))
    (tmp_path / "file").write_text("no folder")
    result = vimach(*WORDS, "--laplace", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "the cache cannot be written: --resume will find nothing" in result.stderr


def test_a_posterior_worth_nothing_is_refused(estimates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {file.name: file.read_bytes() for file in estimates.iterdir()}
    monkeypatch.setattr(Likelihood, "total", lambda self, logs: np.full(logs.shape[1], -np.inf))
    result = vimach("calibrate", "--trials", "100", "--effective", "1")
    assert result.exit_code == 1
    assert {file.name: file.read_bytes() for file in estimates.iterdir()} == before


def test_a_count_after_the_runs_is_named(model: Model, baseline_scenario: Scenario) -> None:
    late = Count("plants", Number(1.0), 2031.5, 0.0, 9.0, 10.0, 0.1, 0.01, ())
    with pytest.raises(BadInput, match="plants: has a count after 2030, where the runs end"):
        Calibrator(model, baseline_scenario, [late], Plan())
    soon = Calibrator(model, baseline_scenario, [replace(late, time=2026.5)], Plan())
    assert (soon.history.until, soon.forecast.until) == (2026, 2030)
    flow = Calibrator(model, baseline_scenario, [replace(late, time=2026.0)], Plan())
    assert flow.history.until == 2026, "a flow of 2026 is whole at its end"


def test_a_calibration_that_fails_leaves_the_old_estimate(estimates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {file.name: file.read_bytes() for file in estimates.iterdir()}

    def fails(*_: Any) -> None:
        raise CalibrationFailed("the fit did not converge; the old estimate stays")

    monkeypatch.setattr(Calibrator, "run", fails)
    result = vimach("calibrate")
    assert (result.exit_code, result.stderr) == (1, "the fit did not converge; the old estimate stays\n")
    assert {file.name: file.read_bytes() for file in estimates.iterdir()} == before


@pytest.mark.parametrize(("members", "said"), [(4, ""), (5, "the posterior has 4 members: 5 members repeat them")])
def test_who_asks_for_more_members_than_there_are_is_told(
    members: int, said: str, model: Model, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    four = SimpleNamespace(members=np.arange(4), sample=lambda *_: Sample(1, np.arange(members)))
    monkeypatch.setattr("vimach.posterior.read_posterior", lambda *_: four)
    found = request.drawn(Settings(members=members), model, Terminal())
    assert found.sample is not None and len(found.sample) == members
    told = capsys.readouterr().err
    assert told.startswith(said) and bool(told) == bool(said)
    assert request.drawn(Settings(members=members), model, Terminal(), prior=True).sample is None


def test_commands_and_python_draw_the_same_members(model: Model) -> None:
    one, two = calibrated(model, Settings(members=30)), request.drawn(Settings(members=30), model, Terminal())
    assert one.sample is not None and two.sample is not None
    assert one.sample.members.tolist() == two.sample.members.tolist()
    assert all((values == two.sample.quantiles[name]).all() for name, values in one.sample.quantiles.items())
    assert calibrated(model, Settings(members=0)) == Settings(members=0)


def test_without_a_posterior_of_this_model_python_is_warned(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = changed(model, range=(0.0, 0.999))
    with pytest.warns(UserWarning, match="(?s)other equations or numbers.*every number is drawn from its prior"):
        assert calibrated(other, Settings(members=30)).sample is None
    with pytest.raises(BadInput, match="holds no posterior"):
        calibrated(model, Settings(members=30), tmp_path)
    monkeypatch.setattr("vimach.posterior.read_posterior", lambda *_: None)
    with pytest.warns(UserWarning, match="no posterior comes with"):
        assert calibrated(model, Settings(members=30)).sample is None

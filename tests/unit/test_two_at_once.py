"""Two commands at once: a folder is one command's from its first file to its last, and two writers never meet."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from vimach import posterior, publishing, results
from vimach.cli import app
from vimach.errors import BadInput
from vimach.files import locked, whole, write_whole
from vimach.posterior import LINES, Posterior, Provenance, fingerprint, read_posterior, write_posterior
from vimach.simulate import Model


def vimach(*words: str | Path) -> Any:
    """One call in this process."""
    return CliRunner().invoke(app, [str(word) for word in words])


def test_two_writers_of_one_file_have_names_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    with whole(file) as mine, ThreadPoolExecutor(1) as other:
        mine.write_bytes(b"mine, half")
        other.submit(write_whole, file, b"another's").result()
        assert file.read_bytes() == b"another's"
        mine.write_bytes(b"mine, whole")
    assert file.read_bytes() == b"mine, whole"
    assert [each.name for each in tmp_path.iterdir()] == ["table.csv"]


def test_what_a_killed_writer_left_goes_when_the_folder_is_held_again(tmp_path: Path) -> None:
    inside = tmp_path / "baseline"
    inside.mkdir()
    left = [tmp_path / ".summary.csv.123.140.part", inside / ".results.nc.123.140.part"]
    others = [tmp_path / ".film.part", inside / "results.nc"]
    for file in (*left, *others):
        file.touch()
    with locked(tmp_path):
        assert [file.exists() for file in (*left, *others)] == [False, False, True, True]


def test_what_another_writes_in_a_folder_inside_that_it_holds_stays(tmp_path: Path) -> None:
    inside = tmp_path / "as-of-2024-12-31"
    inside.mkdir()
    with locked(inside), whole(inside / "posterior.csv") as part:
        part.write_bytes(b"half")
        with locked(tmp_path):
            assert part.read_bytes() == b"half"


@contextmanager
def ends_there(patch: pytest.MonkeyPatch, name: str, out: Path) -> Iterator[None]:
    """The command in the block comes as far as `name`, and nobody else can have its folder then."""
    seen = []

    def held(*_: Any, **__: Any) -> None:
        with pytest.raises(BadInput, match="is in use by another run"), locked(out):
            pass
        seen.append(name)
        raise BadInput("far enough")

    with patch.context() as patched:
        patched.setattr(publishing, name, held)
        yield
    assert seen == [name]


@pytest.mark.parametrize(
    ("words", "last"),
    [
        (["run", "baseline"], "tell_results"),
        (["compare", "baseline", "accelerated_funding", "--no-shares"], "write_comparison"),
        (["report", "baseline", "accelerated_funding", "--no-analyses"], "write_tables"),
    ],
)
def test_a_folder_is_held_until_all_is_written_that_belongs_to_the_results(
    words: list[str], last: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with ends_there(monkeypatch, last, tmp_path):
        result = vimach(*words, "--members", "10", "--until", "2031", "--out", tmp_path)
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, "far enough")
    with locked(tmp_path):
        pass


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["register", "--members", "10", "--prior", "--register"], "--register"),
        (["backtest", "--out"], "--out"),
        (["export", "schema", "--out"], "--out"),
    ],
)
def test_who_comes_second_is_refused_before_the_work(words: list[str], key: str, tmp_path: Path) -> None:
    with locked(tmp_path):
        result = vimach(*words, tmp_path)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == f"{key}: {tmp_path} is in use by another run of vimach"


# a posterior that is replaced


@pytest.fixture
def pair(model: Model, tmp_path: Path) -> Path:
    """A folder with a posterior of four entries."""
    about = Provenance(
        model=fingerprint(model), scenario="x", counts="x", data_to="2025-12-26", seed=1017, trials=20, effective=5.0,
        entries=4, version="0", lines="x",
    )  # fmt: skip
    write_posterior(Posterior(about, np.array([0, 1, 2, 3]), {"quit_rate": np.linspace(0.1, 0.7, 4)}), tmp_path)
    return tmp_path


def test_a_pair_of_which_one_half_is_new_is_read_again(
    model: Model, pair: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_text = (pair / LINES).read_bytes()
    (pair / LINES).write_bytes(b"the old one")
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        (pair / LINES).write_bytes(whole_text)

    monkeypatch.setattr(posterior.time, "sleep", sleep)
    found = read_posterior(model, pair)
    assert found is not None and len(found.members) == 4
    assert len(waits) == 1


@pytest.mark.parametrize("value", [np.nan, -0.1, 1.1])
def test_what_is_no_quantile_is_refused(model: Model, pair: Path, value: float) -> None:
    found = read_posterior(model, pair)
    assert found is not None
    write_posterior(replace(found, quantiles={"quit_rate": np.array([0.1, 0.2, 0.3, value])}), pair)
    with pytest.raises(BadInput, match=r"posterior\.csv: holds what is no quantile: quit_rate"):
        read_posterior(model, pair)


def test_a_forecast_is_not_registered_with_a_posterior_that_came_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = posterior.read_posterior, iter(range(9))

    def read(*words: Any) -> Posterior | None:
        found = real(*words)
        assert found is not None
        return found if next(calls) == 0 else replace(found, about=replace(found.about, lines="newer"))

    monkeypatch.setattr(posterior, "read_posterior", read)
    result = vimach("register", "--members", "10", "--register", tmp_path)
    assert result.exit_code == 2
    assert "another posterior was written meanwhile" in result.stderr
    assert not list(tmp_path.iterdir())


# a disk that is full


@pytest.mark.parametrize("size", [20_000, 60_000])
def test_a_dataset_that_does_not_fit_on_the_disk_is_told_and_the_old_one_stands(size: int, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="there no limit on the size of a file can be set")
    xr = pytest.importorskip("xarray")
    data = xr.Dataset({"x": (("edge", "member"), np.random.default_rng(1).random((50, 400)))})
    file = tmp_path / "quantiles.nc"
    results.write(data, file)
    before = file.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            results.write(data, file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert file.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == [file.name]

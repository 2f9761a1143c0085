"""The store: blocks whole or not there, one run at a time in a folder, the same results whatever happened between."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from vimach import files, results, store, sweep
from vimach.cli import app
from vimach.errors import BadInput, Interrupted, NotKept, RunFailed
from vimach.simulate import Model, Settings, Simulation, simulate
from vimach.sweep import Keeping, Threads

from .smooth_model import scenario, smooth_model

SETTINGS = Settings(members=30, until=2017)
Swept = Callable[..., Path]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A smooth model."""
    return smooth_model(tmp_path_factory.mktemp("parameters"))


@pytest.fixture
def swept(small: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Swept:
    """Runs the smooth model as a sweep of one scenario in blocks of eight; gives the results file."""
    monkeypatch.setattr(sweep, "BLOCK", 8)

    def run(folder: str = "out", *words: str, settings: Settings = SETTINGS, **options: Any) -> Path:
        out, saved = tmp_path / folder, options.pop("state", None)
        (out / "test").mkdir(parents=True, exist_ok=True)
        progress = options.pop("progress", lambda _: None)
        read = [scenario(small, tmp_path, *words)]
        keeping = Keeping(out, options.pop("first", 2015), {}, **options)
        return sweep.sweep(small, read, settings, None, keeping, Threads(1), progress, saved)[0]

    return run


def names(folder: Path) -> list[str]:
    """The files in a folder and below, sorted."""
    return sorted(str(file.relative_to(folder).as_posix()) for file in folder.rglob("*") if file.is_file())


def failing(monkeypatch: pytest.MonkeyPatch, call: int, fail: Callable[[], object]) -> None:
    """Writing the block number `call` does `fail` after half of it was written."""
    real, calls = np.savez, iter(range(1000))

    def savez(out: Any, **values: Any) -> None:
        if next(calls) == call:
            out.write(b"half a block")
            out.flush()
            fail()
        real(out, **values)

    monkeypatch.setattr(np, "savez", savez)


def full() -> None:
    """What a full disk says."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


# what stands at the end


def test_only_the_results_stand_and_they_are_those_of_a_run_in_memory(
    swept: Swept, small: Model, tmp_path: Path
) -> None:
    file = swept()
    assert names(tmp_path / "out") == ["test/results.nc"]
    whole = simulate(small, scenario(small, tmp_path), SETTINGS)
    kept = results.read(file)
    xr.testing.assert_equal(kept, whole)
    assert {**whole.attrs, "run": kept.attrs["run"]} == kept.attrs
    results.write(whole, tmp_path / "whole.nc")
    xr.testing.assert_identical(kept.drop_attrs(deep=False), results.read(tmp_path / "whole.nc").drop_attrs(deep=False))


def test_bytes_do_not_depend_on_blocks_threads_or_parts(
    swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = swept("one").read_bytes()
    monkeypatch.setattr(sweep, "BLOCK", 7)
    monkeypatch.setattr(store, "TOGETHER", 1)
    monkeypatch.setattr(sweep, "Threads", Threads)
    assert swept("two", settings=SETTINGS).read_bytes() == one


def test_a_sweep_goes_on_from_a_file_block_by_block(swept: Swept) -> None:
    later = Settings(members=30, start=2016, until=2017)
    with results.opened(swept("whole")) as whole:
        on = results.read(swept("on", settings=later, first=2016, state=whole))
        since = results.since(2016, whole.load())
    assert on.attrs["run"] != since.attrs["run"]
    xr.testing.assert_equal(on, since)


def test_a_member_that_breaks_leaves_no_file(swept: Swept, tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=r"^member \d+: people lost more than half"):
        swept("out", "leaving_rate={value: 6}")
    assert names(tmp_path / "out") == []


def test_a_member_that_broke_before_the_kill_is_not_forgotten(
    swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sweep, "_check_members", lambda *_: full())
        with pytest.raises(NotKept, match="4 of 4 blocks"):
            swept("out", "leaving_rate={value: 6}")
    with pytest.raises(RunFailed, match="people lost more than half"):
        swept("out", "leaving_rate={value: 6}", resume=True)
    assert names(tmp_path / "out") == []


def test_a_delay_too_short_is_told_before_the_first_block(
    swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Simulation, "run", lambda *_: pytest.fail("it ran"))
    with pytest.raises(BadInput, match=r"wait_time: member 0: 0\.333333 year is too short"):
        swept("out", "wait_time={value: 4, certain: true}")
    assert names(tmp_path / "out") == []


# what dies on the way


def test_a_full_disk_keeps_the_blocks_before_it(swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with monkeypatch.context() as patched:
        failing(patched, 2, full)
        with pytest.raises(NotKept) as caught:
            swept()
    assert caught.value.exit_code == 1
    blocks = tmp_path / "out" / "test" / "blocks"
    assert str(caught.value) == (
        f"No space left on device; 2 of 4 blocks are kept in {blocks}; --resume goes on from there"
    )
    assert names(blocks) == ["000000000.npz", "000000008.npz", "manifest.json"]
    told: list[int] = []
    assert swept(resume=True, progress=told.append).read_bytes() == swept("unbroken").read_bytes()
    assert told == [16, 8, 6]
    assert names(tmp_path / "out") == ["test/results.nc"]


def test_a_disk_that_is_full_before_the_first_block_says_where_and_that_nothing_is_kept(
    swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(store.Store, "open", lambda *_: full())
        with pytest.raises(NotKept) as caught:
            swept()
    out = tmp_path / "out"
    assert str(caught.value) == f"{out}: No space left on device; no block was finished, and nothing is kept"
    assert names(out) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there no limit on the size of a file can be set")
def test_a_disk_that_fills_while_results_are_put_together_keeps_all_blocks(swept: Swept, tmp_path: Path) -> None:
    import resource

    swept("unbroken")
    size = (tmp_path / "unbroken" / "test" / "results.nc").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size - 5000, hard))
    try:
        with pytest.raises(NotKept, match="4 of 4 blocks are kept"):
            swept(settings=SETTINGS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(names(tmp_path / "out")) == 5
    assert swept(resume=True).read_bytes() == swept("unbroken", overwrite=True).read_bytes()


def test_blocks_that_somebody_took_away_are_not_promised(
    swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = tmp_path / "out"

    def take_away() -> None:
        shutil.rmtree(out)
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(out / "test"))

    failing(monkeypatch, 2, take_away)
    with pytest.raises(NotKept) as caught:
        swept()
    missing = f"{out / 'test'}: No such file or directory"
    assert str(caught.value) == f"{missing}; no block was finished, and nothing is kept"


def test_control_c_keeps_the_blocks_before_it(swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with monkeypatch.context() as patched:
        failing(patched, 1, lambda: signal.raise_signal(signal.SIGINT))
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may start its jobs deaf to Ctrl-C
        try:
            with pytest.raises(Interrupted, match=r"^interrupted; 1 of 4 blocks are kept in .*; --resume") as caught:
                swept()
        finally:
            signal.signal(signal.SIGINT, before)
    assert caught.value.exit_code == 130
    assert names(tmp_path / "out") == ["test/blocks/000000000.npz", "test/blocks/manifest.json"]
    assert swept(resume=True).read_bytes() == swept("unbroken").read_bytes()


KILLED = """
import sys
import numpy as np
from vimach import sweep
from vimach.cli import main
sweep.BLOCK = 4
real, calls = np.savez, iter(range(9))
def savez(out, **values):
    if next(calls) == 1:
        out.write(b"half a block")
        out.flush()
        print("writing", flush=True)
        sys.stdin.read()
    real(out, **values)
np.savez = savez
main()
"""


def test_a_killed_run_shuts_others_out_and_can_be_gone_on_with(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["run", "baseline", "--members", "12", "--until", "2015", "--outputs", "engineers,quitting", "--quiet"]
    words += ["--threads", "1"]

    def vimach(*more: str) -> Any:
        return CliRunner().invoke(app, [*words, "--out", str(out), *more])

    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", KILLED, *words, "--out", str(out)], text=True, **pipes) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "writing\n"
        second = vimach()
        run.kill()
    assert (second.exit_code, second.stderr) == (2, f"--out: {out} is in use by another run of vimach\n")
    (torn,) = (name for name in names(out) if name.endswith(".part"))
    assert torn.startswith(f"baseline/blocks/.000000004.npz.{run.pid}.")
    left = [".vimach.lock", torn, "baseline/blocks/000000000.npz", "baseline/blocks/manifest.json"]
    assert names(out) == left

    blocks = f"--out: {out / 'baseline' / 'blocks'} holds 1 of 3 blocks of an unfinished run"
    assert vimach().stderr == f"{blocks}; --resume completes it, --overwrite starts again\n"
    other = vimach("--resume", "--seed", "5")
    differs = "that differs in seed (1017 there, 5 here); choose another --out, or --overwrite to drop them\n"
    assert (other.exit_code, other.stderr) == (2, f"{blocks} {differs}")

    done = vimach("--resume")
    assert done.exit_code == 0, done.stderr
    assert names(out) == ["baseline/results.nc"]
    resumed = (out / "baseline" / "results.nc").read_bytes()
    assert vimach().exit_code == 0
    assert (out / "baseline" / "results.nc").read_bytes() == resumed


# what is found in the folder


def unfinished(swept: Swept, monkeypatch: pytest.MonkeyPatch, folder: Path, after: int = 2) -> Path:
    """A run that ended when some of its blocks were kept; gives their folder."""
    with monkeypatch.context() as patched:
        failing(patched, after, full)
        with pytest.raises(NotKept):
            swept()
    return folder / "out" / "test" / "blocks"


DIRECTORY = b"PK\x01\x02"
"""What each entry of a zip file's directory starts with."""


@pytest.mark.parametrize(
    ("near", "place", "bit"),
    [(b"", 700, 1), (DIRECTORY, 6, 128), (DIRECTORY, 8, 1), (DIRECTORY, 10, 1), (b"'shape': (", 10, 64)],
    ids=["number", "version", "encrypted", "compression", "shape"],
)
def test_a_damaged_block_is_run_again(
    swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, near: bytes, place: int, bit: int
) -> None:
    blocks = unfinished(swept, monkeypatch, tmp_path)
    file = blocks / "000000008.npz"
    whole = bytearray(file.read_bytes())
    whole[whole.index(near) + place] ^= bit
    file.write_bytes(whole)
    told: list[int] = []
    assert swept(resume=True, progress=told.append).read_bytes() == swept("unbroken").read_bytes()
    assert told == [8, 8, 8, 6]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"settings": Settings(members=30, until=2018)}, r"until \(2017 there, 2018 here\)"),
        ({"settings": Settings(members=30, until=2017, precision="single")}, "precision"),
        ({"settings": Settings(members=30, until=2017, step=1 / 32)}, "step"),
    ],
)
def test_an_unfinished_run_of_other_inputs_is_neither_mixed_nor_dropped(
    swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: dict[str, Any], word: str
) -> None:
    blocks = unfinished(swept, monkeypatch, tmp_path)
    for resume in (True, False):
        with pytest.raises(BadInput, match=f"2 of 4 blocks of an unfinished run that differs in .*{word}"):
            swept(**change, resume=resume)
    assert names(blocks) == ["000000000.npz", "000000008.npz", "manifest.json"]
    assert swept(**change, overwrite=True).is_file()
    assert not blocks.exists()


def test_the_scenario_and_the_model_are_part_of_what_is_run(
    swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    unfinished(swept, monkeypatch, tmp_path)
    with pytest.raises(BadInput, match="differs in scenario_hash"):
        swept("out", "leaving_rate={value: 0.3}", resume=True)
    (tmp_path / "fresh").mkdir()
    with monkeypatch.context() as patched:
        patched.setattr("vimach.simulate.digest", lambda *_: "another model")
        fresh = smooth_model(tmp_path / "fresh")
        assert fresh.digest == "another model"
        with pytest.raises(BadInput, match=r"differs in model \('[0-9a-f]{16}' there, 'another model' here\)"):
            read = [scenario(fresh, tmp_path)]
            sweep.sweep(fresh, read, SETTINGS, None, Keeping(tmp_path / "out", 2015, {}, resume=True), Threads(1))


def test_a_finished_scenario_is_not_run_again(swept: Swept) -> None:
    before = swept().stat()
    told: list[int] = []
    assert swept(resume=True, progress=told.append).stat().st_mtime_ns == before.st_mtime_ns
    assert told == [30]


def test_blocks_left_behind_by_a_finished_run_hinder_nobody(
    swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(store.Store, "drop", lambda _: None)
        swept()
    assert len(names(tmp_path / "out")) == 6
    swept(settings=Settings(members=30, until=2016))
    assert names(tmp_path / "out") == ["test/results.nc"]


def test_a_folder_without_a_block_is_no_unfinished_run(
    swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocks = unfinished(swept, monkeypatch, tmp_path, after=0)
    assert not blocks.exists()
    blocks.mkdir()
    (blocks / "manifest.json").write_text("{", encoding="utf-8")
    assert swept().is_file()


@pytest.mark.parametrize("size", [7, 9, 16])
def test_blocks_of_another_size_than_the_manifest_says_are_run_again(
    swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, size: int
) -> None:
    blocks = unfinished(swept, monkeypatch, tmp_path, after=3)
    manifest = json.loads((blocks / "manifest.json").read_text(encoding="utf-8"))
    (blocks / "manifest.json").write_text(json.dumps(manifest | {"block": size}), encoding="utf-8")
    assert swept(resume=True).read_bytes() == swept("unbroken").read_bytes()


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"run": 1}', '{"run": [], "block": 8}', '{"run": {"members": 30}, "block": "8"}',
             '{"run": {"members": 30}, "block": 0}'],
)  # fmt: skip
def test_blocks_of_nobody_knows_what_are_neither_used_nor_dropped(
    swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    blocks = unfinished(swept, monkeypatch, tmp_path)
    (blocks / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="holds 2 blocks and no manifest that can be read; --overwrite drops them"):
        swept(resume=True)
    assert len(names(blocks)) == 3


def test_a_manifest_says_what_is_run(swept: Swept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocks = unfinished(swept, monkeypatch, tmp_path)
    told = json.loads((blocks / "manifest.json").read_text(encoding="utf-8"))
    assert told["block"] == 8
    asked = {"seed": 1017, "members": 30, "until": 2017, "precision": "double", "save_per": "year", "state": ""}
    assert asked.items() <= told["run"].items()
    assert {"model", "model_version", "scenario_hash", "step", "method", "outputs"} <= set(told["run"])


def test_a_lock_is_given_back(tmp_path: Path) -> None:
    for _ in range(2):
        with files.locked(tmp_path), pytest.raises(BadInput, match="in use by another run"), files.locked(tmp_path):
            pass
    assert names(tmp_path) == []

"""What other systems do, made to happen here: files that others hold, names without case, no home, quiet processors."""

import errno
import os
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vimach import files, request, sweep
from vimach.errors import BadInput, NotKept
from vimach.kernels import compiling, native, object_cache
from vimach.kernels.array import Inputs
from vimach.simulate import Model, Settings
from vimach.sweep import Keeping, Threads

from .small_models import ONCE, both, operations
from .smooth_model import scenario, smooth_model

# files that others hold: Windows neither removes nor replaces them


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[int]]:
    """Makes so many renames fail as they do on Windows; notes each attempt."""

    def fail(times: int) -> list[int]:
        attempts: list[int] = []
        real = Path.replace

        def replace(self: Path, target: Path) -> Path:
            attempts.append(1)
            if len(attempts) <= times:
                raise PermissionError(errno.EACCES, "Access is denied")
            return real(self, target)

        monkeypatch.setattr(Path, "replace", replace)
        monkeypatch.setattr(files, "PAUSES", (0.0, 0.0, 0.0))
        return attempts

    return fail


def write(file: Path) -> None:
    """Writes a file whole or not at all."""
    with files.whole(file) as temporary:
        temporary.write_text("new", encoding="utf-8")


def test_a_file_that_is_held_for_a_moment_is_replaced_with_patience(
    held: Callable[[int], list[int]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(files, "WINDOWS", True)
    (tmp_path / "results.nc").write_text("old", encoding="utf-8")
    attempts = held(2)
    write(tmp_path / "results.nc")
    assert len(attempts) == 3
    assert (tmp_path / "results.nc").read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize(("windows", "tries"), [(True, 4), (False, 1)])
def test_a_file_that_stays_held_is_left_as_it_was(
    held: Callable[[int], list[int]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, windows: bool, tries: int
) -> None:
    monkeypatch.setattr(files, "WINDOWS", windows)
    (tmp_path / "results.nc").write_text("old", encoding="utf-8")
    attempts = held(99)
    with pytest.raises(PermissionError):
        write(tmp_path / "results.nc")
    assert len(attempts) == tries
    assert [(file.name, file.read_text(encoding="utf-8")) for file in tmp_path.iterdir()] == [("results.nc", "old")]


@pytest.mark.skipif(sys.platform == "win32", reason="there no folder is forced to the disk")
def test_a_file_system_that_cannot_force_folders_to_the_disk_will_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = os.fsync

    def fsync(handle: int) -> None:
        if os.path.isdir(f"/dev/fd/{handle}"):  # noqa: PTH112
            raise OSError(errno.EINVAL, "Invalid argument")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    write(tmp_path / "file")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "new"


def swept(model: Model, folder: Path, **options: Any) -> Path:
    """A run of the smooth model in four blocks; gives its results."""
    (folder / "out" / "test").mkdir(parents=True, exist_ok=True)
    settings = Settings(members=32, until=2015, seed=options.pop("seed", 1017))
    progress, keeping = options.pop("progress", lambda _: None), Keeping(folder / "out", 2015, {}, **options)
    return sweep.sweep(model, [scenario(model, folder)], settings, None, keeping, Threads(1), progress)[0]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A smooth model, whose runs have blocks of eight."""
    monkeypatch.setattr(sweep, "BLOCK", 8)
    return smooth_model(tmp_path)


def stubborn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of blocks stay as they are when they shall be removed."""

    def rmtree(folder: Path, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            raise PermissionError(errno.EACCES, "Access is denied")

    monkeypatch.setattr(shutil, "rmtree", rmtree)


def test_blocks_that_cannot_be_removed_end_no_run(
    small: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stubborn(monkeypatch)
    first = swept(small, tmp_path).read_bytes()
    assert len([*(tmp_path / "out" / "test" / "blocks").iterdir()]) == 5
    assert swept(small, tmp_path, seed=3).read_bytes() != first


def interrupt(kept: int) -> Callable[[int], None]:
    """A progress that ends a run after its first block; `kept` members may be there before."""
    told: list[int] = []

    def progress(members: int) -> None:
        told.append(members)
        if sum(told) > kept:
            raise OSError(errno.ENOSPC, "No space left on device")

    return progress


def test_a_block_of_another_run_that_cannot_be_dropped_at_once_is_never_taken_for_this_one(
    small: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = swept(small, tmp_path, seed=3)
    unbroken = whole.read_bytes()
    whole.unlink()
    for stays in range(2):
        with monkeypatch.context() as patched:
            if stays:
                stubborn(patched)
            with pytest.raises(NotKept):
                swept(small, tmp_path, seed=(1, 3)[stays], overwrite=True, progress=interrupt(8 * (1 - stays)))
    assert swept(small, tmp_path, seed=3, resume=True).read_bytes() == unbroken


def test_a_stale_block_that_somebody_holds_ends_the_run_before_it_begins(
    small: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(NotKept):
        swept(small, tmp_path, progress=interrupt(0))
    stubborn(monkeypatch)

    def unlink(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(errno.EACCES, "Access is denied")

    with monkeypatch.context() as patched:
        real = Path.unlink
        patched.setattr(Path, "unlink", lambda self, **how: (unlink if self.suffix == ".npz" else real)(self, **how))
        with pytest.raises(BadInput, match=r"^--out: .*000000000\.npz cannot be removed: Access is denied$"):
            swept(small, tmp_path, overwrite=True)


# the lock


def test_a_folder_that_cannot_be_locked_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be locked: No such file"), files.locked(tmp_path / "nowhere"):
        pass


@pytest.mark.parametrize("ending", ["dropped by the next run", "held by the next run"])
def test_the_next_run_may_hold_or_have_dropped_the_file_of_a_lock(
    ending: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(files, "WINDOWS", True)
    with files.locked(tmp_path):
        if ending.startswith("dropped"):
            (tmp_path / files.LOCK).unlink()
        else:
            monkeypatch.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(PermissionError()))


# names of folders


@pytest.mark.parametrize("name", ["Baseline", "BASELINE"])
def test_scenarios_that_would_share_a_folder_are_refused(name: str, model: Model, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.yaml"
    file.write_text("extends: baseline\nbecause: a test\n", encoding="utf-8")
    with pytest.raises(BadInput, match=f"{name}: two scenarios have this name"):
        request.scenarios_of(model, ["baseline", str(file)], ())


def test_names_are_compared_however_their_accents_are_written() -> None:
    composed, taken_apart = "Kịch bản", "Ki\u0323ch ba\u0309n"
    assert composed != taken_apart
    assert request._in_folders(composed) == request._in_folders(taken_apart)


def test_a_run_does_not_write_over_what_it_goes_on_from(tmp_path: Path) -> None:
    file = tmp_path / "baseline" / "results.nc"

    def written(names: list[str], state: Path) -> None:
        with request.writing(tmp_path, names, state):
            pass

    written(["baseline"], file)
    file.touch()
    with pytest.raises(BadInput, match=r"^--state: .*results\.nc is what this run would write; choose another --out$"):
        written(["brain_drain", "baseline"], file.parent / ".." / "baseline" / "results.nc")
    written(["brain_drain"], file)


# caches and processors


@pytest.mark.parametrize(
    ("system", "place"),
    [("win32", "local/vimach/Cache"), ("darwin", "home/Library/Caches/vimach"), ("linux", "home/.cache/vimach")],
)
def test_each_system_has_its_place_for_caches(
    system: str, place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("VIMACH_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    with monkeypatch.context() as patched:
        patched.setattr(sys, "platform", system)
        found = object_cache.default_folder()
    assert found == tmp_path / place


def no_home() -> Path:
    """What Path.home does for a user without one."""
    raise RuntimeError("Could not determine home directory.")


def agrees() -> bool:
    """Whether the native kernel says of an operation what the reference says."""
    array, found = both(operations(shown=("exp", "x")), Inputs(3, {"x": np.array([0.3, 1.0, 2.0])}), ONCE)
    return np.array_equal(array.edges["shown"], found.edges["shown"])


def test_a_user_without_a_home_has_the_native_kernel_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VIMACH_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    assert agrees()


def test_a_processor_that_tells_its_name_alone_has_the_native_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def features() -> None:
        raise RuntimeError("LLVM cannot tell")

    monkeypatch.setattr(compiling.llvm, "get_host_cpu_features", features)
    other = cache(compiling.Machine)
    for module in (compiling, native):
        monkeypatch.setattr(module, "machine", other)
    assert (other().features, other().lanes) == ("", 2)
    assert agrees()

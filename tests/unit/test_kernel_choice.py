"""Which kernel runs, where the native one cannot, and what becomes of its object code."""

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vimach.errors import BadInput, UnknownProcessor
from vimach.kernels import choice, compiling, native
from vimach.kernels.array import ArrayKernel, Inputs
from vimach.kernels.choice import kernel_for
from vimach.kernels.object_cache import KEPT, ObjectCache

from .small_models import ONCE, both, operations

# the cache


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of one's own."""
    monkeypatch.setenv("VIMACH_CACHE", str(tmp_path))
    return tmp_path / "kernels"


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Notes each time that code is made rather than found."""
    made: list[int] = []
    real = compiling._made

    def noted(*arguments: Any) -> Any:
        made.append(1)
        return real(*arguments)

    monkeypatch.setattr(compiling, "_made", noted)
    return made


def agrees(op: str = "exp") -> bool:
    """Whether the native kernel says of an operation what the reference says."""
    array, found = both(operations(shown=(op, "x")), Inputs(3, {"x": np.array([0.3, 1.0, 2.0])}), ONCE)
    return np.array_equal(array.edges["shown"], found.edges["shown"])


def test_code_is_made_once_and_then_found(folder: Path, builds: list[int]) -> None:
    assert agrees() and agrees()
    assert builds == [1]
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("harm", ["flipped", "cut", "empty", "foreign"])
def test_an_entry_that_is_not_what_was_put_there_is_made_anew(folder: Path, builds: list[int], harm: str) -> None:
    assert agrees()
    (entry,) = folder.iterdir()
    whole = entry.read_bytes()
    if harm == "foreign":  # whole, but put under another name
        assert agrees("log")
        (other,) = set(folder.iterdir()) - {entry}
        other.replace(entry)
    else:
        flipped = whole[:3000] + bytes([whole[3000] ^ 1]) + whole[3001:]
        entry.write_bytes({"flipped": flipped, "cut": whole[:-700], "empty": b""}[harm])
    builds.clear()
    assert agrees()
    assert builds == [1]
    assert entry.read_bytes() == whole


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_folder_that_others_can_write_into_is_as_good_as_none(folder: Path, builds: list[int]) -> None:
    folder.mkdir()
    folder.chmod(0o777)
    assert agrees() and agrees()
    assert builds == [1, 1]
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_as_good_as_none(folder: Path, builds: list[int]) -> None:
    folder.write_text("a file where a folder belongs", encoding="utf-8")
    assert agrees() and agrees()
    assert builds == [1, 1]


def test_the_oldest_entries_go_first(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path)
    for number in range(KEPT + 3):
        cache.put(f"{number:064}", {}, [b"code"])
        os.utime(cache.folder / f"{number:064}", (number, number))
    assert cache.get(f"{0:064}") is None
    assert cache.get(f"{KEPT:064}") == ({}, [b"code"])
    assert len(list(cache.folder.iterdir())) <= KEPT + 1


# where it cannot run


@pytest.fixture
def no_llvmlite(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without llvmlite."""
    for name in [name for name in sys.modules if name.startswith("llvmlite")] + ["llvmlite"]:
        monkeypatch.setitem(sys.modules, name, None)
    for module in ("native", "compiling"):
        monkeypatch.delitem(sys.modules, f"vimach.kernels.{module}")
        monkeypatch.delattr(f"vimach.kernels.{module}")
    choice._say.cache_clear()


def test_without_llvmlite_the_array_kernel_runs_and_one_line_says_so(
    no_llvmlite: None, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = operations(shown=("exp", "x"))
    assert isinstance(kernel_for("auto", graph, None, ()), ArrayKernel)
    assert isinstance(kernel_for("auto", graph, None, ()), ArrayKernel)
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("the native kernel cannot run here: ") and "llvmlite" in line


def test_who_asks_for_the_native_kernel_is_told_why_not(no_llvmlite: None) -> None:
    with pytest.raises(BadInput, match=r"--kernel: the native kernel cannot run here: .*llvmlite"):
        kernel_for("native", operations(shown=("exp", "x")), None, ())


def test_an_unknown_processor_has_no_native_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling.llvm, "get_host_cpu_name", lambda: "generic")
    with pytest.raises(UnknownProcessor, match="does not know this processor"):
        compiling.Machine()


def test_kernels_are_kept_for_the_next_run() -> None:
    graph = operations(value_1=("exp", "x"), value_2=("log", "x"))
    first = kernel_for("native", graph, ["value_1"], [])
    assert isinstance(first, native.NativeKernel)
    assert kernel_for("auto", graph, ["value_1"], []) is first
    assert kernel_for("auto", graph, ["value_2"], []) is not first

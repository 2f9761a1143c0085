"""What every file of the repository must be, whatever it says."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MACHINE = re.compile(r"(?<![\w.:/])/(home|Users|root|work|mnt)/\w|[A-Z]:\\+Users\\", re.ASCII)
"""Folders of somebody's machine. This file is left out of the search."""
BINARY = {".png", ".pdf", ".nc", ".gz", ".ico"}


def tracked() -> list[Path]:
    """The files under version control and those that would be; a checkout without git skips the tests."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(words, cwd=ROOT, capture_output=True, check=True).stdout.decode("utf-8")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    """Text files with their text; reading fails on what is not UTF-8."""
    return [(path, path.read_text(encoding="utf-8")) for path in tracked() if path.suffix not in BINARY]


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    here = Path(__file__).resolve()
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path, text in texts() if path != here
        for number, line in enumerate(text.splitlines(), 1) if MACHINE.search(line)
    ]  # fmt: skip
    assert found == []


def test_pages_of_the_model_are_short() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "model").rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > 400} == {}

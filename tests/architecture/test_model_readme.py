"""The checklist for a new sector or lever names files, modules, commands and keys that there are."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vimach.cli import app
from vimach.parameters.shapes import Lever, Move

ROOT = Path(__file__).parents[2]
LIST = (
    (ROOT / "model" / "README.md")
    .read_text(encoding="utf-8")
    .split("## Adding a sector or a lever")[1]
    .split("\n## ")[0]
)


@pytest.mark.parametrize("file", sorted(set(re.findall(r"`((?:\w+/)+[\w.]+\.\w+)`", LIST))))
def test_files_named_exist(file: str) -> None:
    assert (ROOT / file).is_file() or (ROOT / "model" / file).is_file()


@pytest.mark.parametrize("module", sorted(set(re.findall(r"`python -m ([\w.]+)", LIST))))
def test_modules_named_can_be_run(module: str) -> None:
    found = find_spec(module)
    assert found is not None and found.origin is not None
    assert '__name__ == "__main__"' in Path(found.origin).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`vimach ([^`]+)`", LIST))))
def test_commands_named_have_these_options(command: str) -> None:
    name, *words = command.split()
    result = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert [word for word in words if word.startswith("--") and word not in result.stdout] == []


def test_keys_named_are_those_of_a_lever() -> None:
    keys = re.findall(r"`(\w+):", LIST.split("A lever is")[1])
    known = {*Lever.__dataclass_fields__, *Move.__dataclass_fields__, "lever"}
    assert keys and set(keys) <= known


def test_every_step_that_a_test_asks_for_is_in_the_list() -> None:
    """Tests of committed files say in their hints what to run."""
    hints = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        if file != Path(__file__).resolve():
            hints |= set(
                re.findall(
                    r"python -m (tests[\w.]+|vimach_calibration\.(?:fit|sbc))\b", file.read_text(encoding="utf-8")
                )
            )
    assert len(hints) == 5
    assert [hint for hint in sorted(hints) if f"python -m {hint}" not in LIST] == []

"""Imports point down: equations and engine know nothing of calibration, reports, or the command line."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "model" / "vimach"
ABOVE = ("vimach_reports", "vimach_calibration")


def imported(file: Path) -> Iterator[str]:
    """The full names of what a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}: imports are written in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def test_the_contracts_of_import_linter_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True, no_logo=True) == 0


def test_only_the_roof_reaches_up_and_only_inside_functions() -> None:
    """Not even for annotations, which the contracts leave out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    allowed = project["tool"]["importlinter"]["contracts"][0]["ignore_imports"]
    roof = {MODEL / f"{line.split(' -> ')[0].removeprefix('vimach.')}.py" for line in allowed}
    assert {file for file in files(MODEL) if any(name.startswith(ABOVE) for name in imported(file))} == roof
    for file in sorted(roof):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        at_top = [node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)]
        assert [module for module in at_top if module.startswith((*ABOVE, "numpy", "xarray"))] == [], file.name


def test_equations_use_nothing_but_places_words_and_units() -> None:
    allowed = ("vimach.sectors", "vimach.structure", "vimach.units", "types.ModuleType")
    for file in files(MODEL / "sectors"):
        assert [name for name in imported(file) if not name.startswith(allowed)] == [], file.name


def test_source_roots_hold_one_package_each_and_no_loose_module() -> None:
    for root in ("model", "calibration", "reports"):
        assert not list((ROOT / root).glob("*.py")), root

"""Imports point down: equations and engine know nothing of calibration, reports, or the command line."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "model" / "vimach"
ROOF = (
    "cli.py", "publishing.py", "reporting.py", "analysis_commands.py", "backtest_command.py", "calibrate_command.py",
    "reach_command.py", "register_command.py",
)  # fmt: skip


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


@pytest.mark.parametrize("file", [file for file in files(MODEL) if file.name not in ROOF], ids=lambda file: file.stem)
def test_no_module_of_the_model_but_the_roof_reaches_up_or_draws(file: Path) -> None:
    above = ("vimach_reports", "vimach_calibration", "vimach.cli", "matplotlib", "statsmodels")
    assert [name for name in imported(file) if name.startswith(above)] == []


@pytest.mark.parametrize("name", ROOF)
def test_the_roof_imports_reports_and_calibration_only_inside_functions(name: str) -> None:
    tree = ast.parse((MODEL / name).read_text(encoding="utf-8"))
    at_top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [node.module or "" for node in at_top if isinstance(node, ast.ImportFrom)]
    assert not [name for name in names if name.startswith(("vimach_reports", "vimach_calibration", "numpy", "xarray"))]


def test_equations_use_nothing_but_places_words_and_units() -> None:
    allowed = ("vimach.sectors", "vimach.structure", "vimach.units", "types.ModuleType")
    for file in files(MODEL / "sectors"):
        assert [name for name in imported(file) if not name.startswith(allowed)] == [], file.name


def test_source_roots_hold_one_package_each_and_no_loose_module() -> None:
    for root in ("model", "calibration", "reports"):
        assert not list((ROOT / root).glob("*.py")), root

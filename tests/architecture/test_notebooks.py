"""Every notebook runs from top to bottom, is kept without outputs, and is listed in its README."""

import json
from pathlib import Path

import matplotlib as mpl
import pytest
import xarray as xr

from vimach.posterior import CALIBRATED

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def cells(file: Path) -> list[dict[str, object]]:
    read = json.loads(file.read_text(encoding="utf-8"))
    return [cell for cell in read["cells"] if cell["cell_type"] == "code"]


def test_the_readme_lists_them() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert len(NOTEBOOKS) == 4
    assert all(f"`{file.name}`" in readme for file in NOTEBOOKS)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_no_outputs_are_kept(file: Path) -> None:
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells(file))


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_it_runs(file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Cell by cell in one namespace, with as few members as an interval needs."""
    monkeypatch.chdir(tmp_path)
    mpl.use("agg")
    names: dict[str, object] = {"__name__": "notebook"}
    for cell in cells(file):
        source = "".join(cell["source"]).replace("MEMBERS = 20", "MEMBERS = 10")  # type: ignore[arg-type]
        exec(compile(source, file.name, "exec"), names)
    assert list(tmp_path.iterdir()) == []
    runs = [each for each in names.values() if isinstance(each, xr.Dataset) and each.sizes["member"] > 1]
    assert all(run.attrs["calibration"].startswith(CALIBRATED) for run in runs), "as the commands run them"
    assert len(runs) == (2 if "MEMBERS" in names else 0)

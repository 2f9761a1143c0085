"""Where the data folders are found: beside the package, or in the checkout of an editable installation."""

import json
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from vimach import library
from vimach.cli import app
from vimach.errors import BadInput
from vimach_calibration import announcements, evidence, fit, submodels


def pretend(monkeypatch: pytest.MonkeyPatch, package: Path, record: dict[str, Any] | None) -> None:
    """Let the package lie in the folder `package`, installed with this `direct_url.json`."""
    text = None if record is None else json.dumps(record)
    monkeypatch.setattr(library, "files", lambda _: package)
    monkeypatch.setattr(library, "distribution", lambda _: SimpleNamespace(read_text=lambda _: text))


def test_every_folder_is_found_here() -> None:
    assert all(library.folder(name).is_dir() for name in library.PLACES)
    assert all(library.file(name).is_file() for name in library.FILES)


def test_a_wheel_carries_its_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "builtin" / "scenarios").mkdir(parents=True)
    (tmp_path / "builtin" / "fit.yaml").touch()
    pretend(monkeypatch, tmp_path, None)
    assert library.folder("scenarios") == tmp_path / "builtin" / "scenarios"
    assert library.file("fit.yaml") == tmp_path / "builtin" / "fit.yaml"
    with pytest.raises(FileNotFoundError, match=r"carries no likelihood\.yaml"):
        library.file("likelihood.yaml")


def test_a_checkout_is_where_the_installer_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = tmp_path / "một checkout"
    (checkout / "calibration" / "evidence").mkdir(parents=True)
    (checkout / "calibration" / "fit.yaml").touch()
    pretend(monkeypatch, tmp_path / "package", {"url": checkout.as_uri(), "dir_info": {"editable": True}})
    assert library.folder("evidence") == checkout / "calibration" / "evidence"
    assert library.file("fit.yaml") == checkout / "calibration" / "fit.yaml"


@pytest.mark.parametrize("record", [None, {"url": "file:///somewhere", "dir_info": {}}, {"url": "https://x/y.whl"}])
def test_nothing_else_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: dict[str, Any] | None
) -> None:
    pretend(monkeypatch, tmp_path, record)
    with pytest.raises(FileNotFoundError, match="carries no scenarios"):
        library.folder("scenarios")


def test_an_unknown_folder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileNotFoundError, match="no folder 'figures'"):
        library.folder("figures")
    with pytest.raises(FileNotFoundError, match=r"no file 'scenarios', only fit\.yaml"):
        library.file("scenarios")


# what may be written in


def test_only_a_checkout_is_written_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, tmp_path, {"url": tmp_path.as_uri(), "dir_info": {"editable": True}})
    assert library.own("estimates") == tmp_path / "calibration" / "estimates"
    (tmp_path / "builtin" / "estimates").mkdir(parents=True)
    pretend(monkeypatch, tmp_path, None)
    assert isinstance(library.folder("estimates"), Path), "a wheel's folder is a path like any other"
    with pytest.raises(BadInput, match="the estimates of an installed vimach cannot be changed"):
        library.own("estimates")


@pytest.mark.parametrize("words", [["calibrate"], ["register"], ["backtest", "--keep"]])
def test_a_command_that_would_change_a_wheel_is_refused(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, tmp_path, None)
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert "the estimates of an installed vimach cannot be changed" in result.stderr


@pytest.mark.parametrize("module", [announcements, evidence, fit, submodels])
def test_a_module_that_would_change_a_wheel_is_refused(
    module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, tmp_path, None)
    assert module.main() == 2
    assert "of an installed vimach cannot be changed" in capsys.readouterr().err

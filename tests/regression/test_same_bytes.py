"""Same input, same bytes: every file of a comparison, whatever the threads."""

from pathlib import Path

from typer.testing import CliRunner

from vimach.cli import app


def _files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_a_second_comparison_writes_the_same_bytes(tmp_path: Path) -> None:
    for folder, threads in (("one", "1"), ("two", "2")):
        arguments = ["compare", "baseline", "accelerated_funding", "--members", "10", "--threads", threads, "--quiet"]
        done = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / folder)])
        assert done.exit_code == 0, done.output
    one, two = _files(tmp_path / "one"), _files(tmp_path / "two")
    assert {"summary.csv", "fit.csv", "F1_fan.csv", "F1_fan_vi.pdf", "F7_targets_en.svg"} <= set(one)
    assert {"baseline/results.nc", "accelerated_funding/results.nc"} <= {name.replace("\\", "/") for name in one}
    assert [name for name in one if one[name] != two[name]] == []

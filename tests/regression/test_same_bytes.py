"""Same input, same bytes: every file of a comparison, whatever the threads."""

from pathlib import Path

from typer.testing import CliRunner

from vimach.cli import app

TWO_LEVERS = """\
extends: baseline
title: {en: Two levers, vi: Hai đòn bẩy}
because: of two groups, so that a share of the difference takes four runs
set:
  conversion_places: {raise_to: {ramp: {to: 4000 person/year, starts: 2027.0, ends: 2028.0}}, because: a test}
  retention_pay_share: {raise_to: {step: {to: 10 %, starts: 2028.0}}, because: a test}
"""


def _files(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_second_comparison_writes_the_same_bytes(tmp_path: Path) -> None:
    scenario = tmp_path / "two_levers.yaml"
    scenario.write_text(TWO_LEVERS, encoding="utf-8")
    for threads in ("1", "2"):
        arguments = ["compare", "baseline", str(scenario), "--members", "10", "--threads", threads, "--quiet"]
        done = CliRunner().invoke(app, [*arguments, "--lang", "en", "--out", str(tmp_path / threads)])
        assert done.exit_code == 0, done.output
    one, two = _files(tmp_path / "1"), _files(tmp_path / "2")
    assert {"summary.csv", "fit.csv", "attribution.csv", "F1_fan.csv", "F1_fan_en.pdf", "F7_targets_en.svg"} <= set(one)
    assert {"baseline/results.nc", "two_levers/results.nc"} <= set(one)
    assert set(one) == set(two) and [name for name in one if one[name] != two[name]] == []

"""The README is a promise: what it names exists, what it counts is counted, its scenario runs."""

import re
from collections import Counter
from pathlib import Path

import pytest

from vimach.posterior import CALIBRATED
from vimach.scenario import read_scenario
from vimach.simulate import built_in

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_scenario_of_ten_lines_is_read(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    file = tmp_path / "my_scenario.yaml"
    file.write_text(block, encoding="utf-8")
    model = built_in()
    scenario = read_scenario(str(file), model.table, model.labels)
    assert {override.name for override in scenario.overrides} == {"conversion_places", "plant_announced_opening"}


def test_without_make_the_same_report_is_made() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (scenarios,) = re.findall(r"^SCENARIOS := (.*)$", makefile, re.MULTILINE)
    (recipe,) = re.findall(r"^report:.*\n\t\$\(BIN\)/(.*)$", makefile, re.MULTILINE)
    (told,) = re.findall(r"^\.venv\\Scripts\\(vimach report .*)$", README, re.MULTILINE)
    assert told.replace("\\", "/") == recipe.replace("$(SCENARIOS)", scenarios)


def test_it_is_told_where_the_command_is() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    folders = re.findall(r"^BIN := (.*)$", makefile, re.MULTILINE)
    assert folders == [".venv/Scripts", ".venv/bin"]
    assert all(f"{folder}/activate" in README.replace("\\", "/") for folder in folders)


def test_the_lines_of_python_run_and_are_calibrated(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(block.replace("members=1000", "members=10, until=2031"), "README.md", "exec"), {})
    calibration, _, median = capsys.readouterr().out.strip().rpartition(" ")
    assert calibration.startswith(CALIBRATED)
    assert 15_000 < float(median) < 40_000


def test_the_grades_are_counted() -> None:
    told = {grade: int(count) for grade, count in re.findall(r"^\| ([ABCDJ]) \|.*\| (\d+) \|$", README, re.MULTILINE)}
    assert told == Counter(parameter.grade for parameter in built_in().table.values())


def test_the_ladder_names_variables_with_their_rung() -> None:
    ladder = re.findall(r"^\| (\w+) \| [^|]+ \| `(\w+)` \|$", README, re.MULTILINE)
    assert len(ladder) == 5
    for rung, name in ladder:
        assert built_in().graph.variables[name].meaning.startswith(f"Rung {rung}:")


def test_the_hand_of_the_modeller_names_initial_stocks_and_ten_parameters() -> None:
    told = README.split("initial stocks were set")[1].split("Nothing is")[0]
    initial, moved = (re.findall(r"`(\w+)`", part) for part in told.split("ten parameters were"))
    assert len(moved) == 10
    assert set(initial) | set(moved) <= set(built_in().table)
    marked = {p.name for p in built_in().table.values() if "Moved inside its range" in p.note}
    assert marked == set(moved)


@pytest.mark.parametrize("file", re.findall(r"`((?:model|docs|scenarios|calibration)/[\w./]+)`", README))
def test_files_named_exist(file: str) -> None:
    assert (ROOT / file).exists()


def test_the_sum_by_hand() -> None:
    assert round(15_000 * 1.11**5.4, -2) == 26_400
    assert "15,000 x 1.11^5.4 is about 26,400" in README


def test_prior_and_posterior_of_the_newest_total_are_those_of_the_calibration() -> None:
    """The README rounds to a thousand what `vimach calibrate` wrote."""
    page = (ROOT / "calibration" / "estimates" / "calibration.md").read_text(encoding="utf-8")
    row = r"^\| employed_in_sector \| 2025\.6 \| ([\d,]+) [^|]*\| ([\d,]+) "
    ((prior, posterior),) = re.findall(row, page, re.MULTILINE)
    told = re.findall(r"about (\d\d,000)(?: engineers where| *\.)", README.replace("\n", " "))
    assert told == [f"{round(int(each.replace(',', '')), -3):,}" for each in (prior, posterior)]

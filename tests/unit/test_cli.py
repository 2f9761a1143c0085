"""The command line: exit codes, words without traceback, data apart from talk, and nothing lost on the way."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from rich.cells import cell_len
from typer.testing import CliRunner

from vimach import cli, library, publishing, results, simulate, sweep
from vimach.checks import Checks
from vimach.cli import app
from vimach.errors import Failure
from vimach.parameters.table import Move, ParameterTable, read_targets
from vimach.results import since
from vimach.scenario import read_scenario
from vimach.terminal import Terminal
from vimach_calibration.evidence import read_evidence
from vimach_calibration.news import newest_count

COMMANDS = ("run", "compare", "validate", "list", "explain", "calibrate", "register", "score")
HEAVY = {"numpy", "pandas", "xarray", "matplotlib", "scipy", "pint", "yaml", "rich"}
MEMBERS = ("--members", "10", "--until", "2031")


def vimach(*words: str | Path) -> Any:
    """One call in this process; stdout and stderr apart."""
    return CliRunner().invoke(app, [str(word) for word in words])


def told(result: Any, code: int) -> str:
    """What stderr says of a call that ended with `code`: words and no traceback, and nothing on stdout."""
    assert result.exit_code == code, result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    return result.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A scenario that changes one number of the baseline."""
    file = tmp_path / "slower.yaml"
    text = "extends: baseline\ntitle: {en: Slower, vi: Chậm hơn}\nbecause: a test\n"
    file.write_text(text + "set:\n  time_to_independent: {value: 3.2, because: a test}\n", encoding="utf-8")
    return file


@pytest.fixture
def no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is a failure of the test."""
    monkeypatch.setattr(sweep, "sweep", lambda *_, **__: pytest.fail("it ran"))


def breaking(what: Failure | BaseException, scenario: str = "baseline") -> Callable[..., Any]:
    """A `Simulation.run` in which a member breaks, or that raises, for one scenario."""
    real = simulate.Simulation.run

    def run(simulation: simulate.Simulation, *words: Any) -> Any:
        recording = real(simulation, *words)
        if simulation.scenario.name != scenario:
            return recording
        if isinstance(what, BaseException):
            raise what
        return replace(recording, failures=[what])

    return run


def left_in(folder: Path) -> list[Path]:
    """The files in a folder and below."""
    return [file for file in folder.rglob("*") if file.is_file()]


# help


def _fresh(code: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, env=os.environ | environment, check=False)


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["explain", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    code = f"""
import sys
from vimach.cli import main
sys.argv = ["vimach", *{words!r}]
try:
    main()
except SystemExit as end:
    assert not end.code
print(*sorted({{name.split(".")[0] for name in sys.modules}} & {HEAVY!r}), file=sys.stderr)
"""
    call = _fresh(code)
    assert (call.returncode, call.stderr.decode().strip()) == (0, "")


def test_a_plain_run_waits_for_no_package_that_only_tables_and_figures_need(tmp_path: Path) -> None:
    code = f"""
import sys
from vimach.cli import main
sys.argv = ["vimach", "run", "baseline", "--members", "1", "--quiet", "--out", {str(tmp_path)!r}]
try:
    main()
except SystemExit as end:
    assert not end.code
print(*sorted({{name.split(".")[0] for name in sys.modules}}))
"""
    call = _fresh(code)
    assert call.returncode == 0, call.stderr.decode()
    unwanted = {"dask", "h5netcdf", "matplotlib", "openpyxl", "pandas", "statsmodels", "typst", "xarray"}
    assert unwanted & set(call.stdout.decode().split()) == set()
    with results.opened(tmp_path / "baseline" / "results.nc") as data:
        assert data.attrs["members"] == data.sizes["member"] == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str) -> None:
    result = vimach(command, "--help")
    assert result.exit_code == 0
    assert f"Examples:\n    vimach {command}" in result.stdout


def test_no_command_shows_help() -> None:
    assert "Commands:" in vimach().output


def test_the_version() -> None:
    assert vimach("--version").stdout.startswith("vimach ")


# bad input


@pytest.mark.usefixtures("no_run")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "baselin"], "did you mean 'baseline'?"),
        (["run", "baseline", "--step", "1/10"], "--step: 0.1 is not 1/2^k"),
        (["run", "baseline", "--step", "nan"], "--step: 'nan' is not a step"),
        (["run", "baseline", "--step", "1/0"], "--step: '1/0' is not a step"),
        (["run", "baseline", "--until", "2010"], "--until: ends in 2010, before it starts in 2015"),
        (["run", "baseline", "--from", "2014"], "--from: 2014 is not between 2015"),
        (["run", "baseline", "--members", "-1"], "--members"),
        (["run", "baseline", "--method", "heun"], "heun"),
        (["run", "baseline", "--set", "quit_rat=1"], "quit_rate"),
        (["run", "baseline", "--set", "time_to_independent=200"], "outside the range"),
        (["run", "baseline", "baseline"], "two scenarios have this name"),
        (["run", "baseline", "--dask", "no address"], "--dask: no scheduler answers at 'no address'"),
        (["run", "baseline", "--resume", "--overwrite"], "--overwrite: drops what --resume would go on with"),
        (["run", "baseline", "--outputs", "engineers,quiting"], "--outputs: 'quiting' is none of headline, all, or"),
        (["run", "baseline", "--outputs", "quit_rate"], "--outputs: 'quit_rate' is none of"),
        (["run", "baseline", "--save-per", "month"], "month"),
        (["run", "baseline", "--precision", "half"], "half"),
        (["run", "baseline", "--kernel", "numpy"], "--kernel"),
        (["run", "baseline", "--members", "9", "--quantiles"], "--quantiles: needs --members 10 or more"),
        (["run", "baseline", "--lang", "fr"], "fr"),
        (["run"], "SCENARIO"),
        (["compare", "baseline", "accelerated_funding", "--members", "9"], "--members"),
        (["compare", "baseline", "accelerated_funding", "--until", "2026"], "--until: the run must reach"),
        (["compare", "baseline"], "OTHER"),
        (["list", "lever"], "lever"),
        (["explain", "quiting"], "did you mean 'quitting'?"),
        (["validate", "nowhere.yaml"], "no such file: nowhere.yaml"),
        (["export"], "export"),
    ],
)
def test_bad_input_ends_with_2_and_words(tmp_path: Path, words: list[str], expected: str) -> None:
    out = ["--out", str(tmp_path / "out")] if words[0] in ("run", "compare") else []
    assert expected in told(vimach(*words, *out), 2)
    assert not (tmp_path / "out").exists()


def test_method_rk4_is_refused_by_a_model_with_study_years(tmp_path: Path) -> None:
    assert "use euler" in told(vimach("run", "baseline", "--method", "rk4", "--out", tmp_path), 2)


def test_all_problems_of_all_scenarios_come_at_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("extends: baseline\nbecase: x\nset: []\n", encoding="utf-8")
    said = told(vimach("run", tmp_path / "one.yaml", tmp_path / "two.yaml", "--out", tmp_path / "out"), 2)
    assert f"{tmp_path / 'one.yaml'}:2:1: becase: " in said
    assert f"{tmp_path / 'two.yaml'}:2:1: becase: " in said
    assert "did you mean 'because'?" in said


@pytest.mark.usefixtures("no_run")
@pytest.mark.parametrize("words", [["run", "baseline"], ["compare", "baseline", "accelerated_funding"]])
@pytest.mark.parametrize("blocked", [".", "baseline"])
def test_an_unwritable_out_is_found_before_the_run(tmp_path: Path, words: list[str], blocked: str) -> None:
    file = tmp_path / "out" / blocked
    file.parent.mkdir(exist_ok=True)
    file = tmp_path / "taken" if blocked == "." else file
    file.write_text("a file stands here", encoding="utf-8")
    out = file if blocked == "." else file.parent
    said = told(vimach(*words, "--out", out), 2)
    assert said.startswith("--out: ")
    assert "cannot be written" in said


# runs


def test_a_sweep_writes_results_and_prints_targets(tmp_path: Path, copy: Path) -> None:
    result = vimach("run", "baseline", copy, *MEMBERS, "--prior", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    assert "Slower" in result.stdout
    assert result.stdout.count(": ") >= 10 and result.stdout.count("by end 2030") >= 10
    assert "prior, not calibrated" in result.stdout
    assert max(cell_len(line) for line in result.stdout.splitlines()) <= 100
    found = sorted(str(file.relative_to(tmp_path / "out")) for file in (tmp_path / "out").rglob("*.*"))
    assert found == [f"baseline{os.sep}results.nc", f"slower{os.sep}results.nc"]


def test_what_is_kept_is_what_was_asked_for(tmp_path: Path) -> None:
    asked = ("--outputs", "engineers, employed_in_sector", "--save-per", "step", "--precision", "single", "--quantiles")
    result = vimach("run", "baseline", *MEMBERS, "--from", "2029", *asked, "--out", tmp_path, "--json")
    assert result.exit_code == 0, result.stderr
    (data,) = json.loads(result.stdout)
    assert {row["target"] for row in data["targets"]} == {"employed_by_2030"}
    kept, beside = results.read(Path(data["file"])), results.read(Path(data["quantiles"]))
    assert set(kept.data_vars) == set(beside.data_vars) == {"engineers", "employed_in_sector"}
    assert kept["engineers"].dtype == np.float32
    assert kept["edge"].values.tolist() == np.arange(2029, 2032 + 1 / 32, 1 / 16).tolist()
    middle = np.median(kept["engineers"].values.astype(float), axis=-1)
    assert np.array_equal(beside["engineers"].sel(quantile=0.5).values, middle)


def test_without_a_targets_variable_there_is_no_table(tmp_path: Path) -> None:
    result = vimach("run", "baseline", *MEMBERS, "--outputs", "quitting", "--out", tmp_path)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert "no target is held against a variable that is kept" in result.stderr


def test_json_is_all_there_is_on_stdout(tmp_path: Path) -> None:
    result = vimach("run", "baseline", *MEMBERS, "--out", tmp_path, "--json")
    data = json.loads(result.stdout)
    assert data[0]["scenario"] == "baseline"
    assert data[0]["targets"][0]["target_value"] == 50000.0
    assert "wrote" in result.stderr


def test_quiet_says_nothing(tmp_path: Path) -> None:
    result = vimach("run", "baseline", *MEMBERS, "--out", tmp_path, "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_a_central_run_has_no_intervals_to_print_and_tells_its_settings(tmp_path: Path) -> None:
    options = ("--members", "0", "--until", "2020", "--from", "2019", "--set", "time_to_independent=3")
    result = vimach("run", "baseline", *options, "--out", tmp_path)
    assert result.exit_code == 0, result.stderr
    data = results.read(tmp_path / "baseline" / "results.nc")
    assert data.sizes["member"] == 1
    assert data["edge"].values.tolist() == [2019.0, 2020.0, 2021.0]
    assert "--set time_to_independent=3" in data.attrs["scenario_text"]


def test_a_central_run_prints_values_alone_and_few_members_print_no_table(tmp_path: Path) -> None:
    alone = vimach("run", "baseline", "--members", "0", "--until", "2030", "--out", tmp_path)
    assert "Targets: values of the central run" in alone.stdout
    said = " ".join(alone.stdout.split())
    assert "All numbers: central run alone, every assumption as first judged, not calibrated." in said
    assert " in 20" not in said and "–" not in said and "runs, seed" not in said
    value = float(results.read(tmp_path / "baseline" / "results.nc")["design_firms_active"].sel(edge=2031.0).item())
    assert f"Design firms: 100 by end 2030 {int(value)} " in said
    few = vimach("run", "baseline", "--members", "2", "--until", "2030", "--out", tmp_path)
    assert few.stdout == "" and "no table of targets: its intervals need at least 10 members" in few.stderr


def test_a_run_that_ends_early_says_so(tmp_path: Path) -> None:
    result = vimach("run", "baseline", "--members", "10", "--until", "2018", "--out", tmp_path)
    assert "ends before the first target" in result.stdout


def test_results_that_start_later_have_the_same_numbers() -> None:
    model = simulate.built_in()
    whole = simulate.simulate(
        model, read_scenario("baseline", model.table, model.labels), simulate.Settings(members=0, until=2024)
    )
    late = since(2020, whole)
    assert late["edge"].values.tolist() == [2020.0, 2021.0, 2022.0, 2023.0, 2024.0, 2025.0]
    assert late["period"].values.tolist() == [2020, 2021, 2022, 2023, 2024]
    assert late.attrs["start"] == 2020
    assert late["engineers"].equals(whole["engineers"].sel(edge=late["edge"]))


def test_a_failing_run_ends_with_1_and_leaves_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    failure = Failure(7, "engineers[vietnam, design, lead]", 2027.5, "is infinite")
    monkeypatch.setattr(simulate.Simulation, "run", breaking(failure))
    said = told(vimach("run", "baseline", *MEMBERS, "--out", tmp_path), 1)
    assert said == "member 7: engineers[vietnam, design, lead] is infinite at t = 2027.5\n"
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("failing", ["baseline", "accelerated_funding"])
def test_a_comparison_of_which_one_run_fails_writes_no_results(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, failing: str
) -> None:
    monkeypatch.setattr(simulate.Simulation, "run", breaking(Failure(0, "leads", 2020.0, "is infinite"), failing))
    said = told(vimach("compare", "baseline", "accelerated_funding", *MEMBERS, "--out", tmp_path), 1)
    assert said == f"{failing}: member 0: leads is infinite at t = 2020\n"
    assert {file.parent.name for file in left_in(tmp_path)} <= {"blocks"}  # of the other, if it came so far
    assert not (tmp_path / failing / "blocks").exists()


def test_control_c_ends_with_130(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(simulate.Simulation, "run", breaking(KeyboardInterrupt()))
    said = told(vimach("run", "baseline", *MEMBERS, "--out", tmp_path), 130)
    assert said == "interrupted; no block was finished, and nothing is kept\n"
    assert left_in(tmp_path) == []


# compare


def test_compare_writes_all_that_make_report_promises(
    tmp_path: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vimach_reports.figure._bytes", lambda *_: b"")  # files are counted here, pictures not seen
    result = vimach("compare", "baseline", copy, *MEMBERS, "--lang", "vi", "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.stderr
    out = tmp_path / "out"
    found = sorted(file.relative_to(out).as_posix() for file in out.rglob("*") if file.is_file())
    figures = ("F1_fan", "F3_flow_gap", "F4_gap_map", "F5_pipeline", "F7_targets", "F13_definition", "T1_levers")
    drawn = [f"{name}{end}" for name in figures for end in (".csv", "_vi.pdf", "_vi.svg", "_vi.png")]
    tables = ("attribution", "costs", "fit", "provinces", "summary")
    others = ["baseline/results.nc", "slower/results.nc", *(f"{name}.csv" for name in tables)]
    assert found == sorted(drawn + others)
    data = json.loads(result.stdout)
    assert {row["about"] for row in data["summary"]} == {"extra_money", "target"}
    assert {row["outcome"] for row in data["fit"]} <= {"ok", "missed", "not observed", "outside the run"}
    assert "lượt mô phỏng trong" in result.stderr  # how long it took
    tables = [file.read_bytes() for file in out.glob("*.csv")]
    assert all(table.startswith(b"\xef\xbb\xbf") for table in tables), "a spreadsheet would garble Vietnamese"
    assert not any(b"seconds" in table for table in tables)
    stored = [out / name / "results.nc" for name in ("baseline", "slower")]
    monkeypatch.setattr("vimach_reports.figures.FIGURES", ())  # from here on, tables and words
    again = vimach("compare", *stored, "--lang", "vi", "--out", tmp_path / "again")
    assert again.exit_code == 0, again.stderr
    assert (tmp_path / "again" / "summary.csv").read_bytes() == (out / "summary.csv").read_bytes()
    assert "P đúng hạn" in again.stdout and "fit.csv" not in again.stderr
    with results.opened(stored[1]) as data:
        results.write(data.isel(member=slice(9)).assign_attrs(model_version="9"), tmp_path / "other.nc")
    refused = told(vimach("compare", stored[0], tmp_path / "other.nc", "--out", tmp_path / "again"), 2)
    assert "the model version differs: 0.1.0 and 9" in refused and "the members differ: " in refused
    assert "baseline: is a scenario" in told(vimach("compare", "baseline", tmp_path / "other.nc"), 2)


def test_results_of_run_are_compared_with_the_newest_count_noted_if_they_are_of_todays_evidence(
    ensemble_run: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[publishing.Compared] = []
    monkeypatch.setattr(publishing, "write_comparison", lambda each, *_: found.append(each))
    assert "newest_stock_count" not in ensemble_run.attrs
    for name, vintage in (("now", ensemble_run.attrs["data_vintage"]), ("before", "2020-01-01")):
        file = tmp_path / f"{name}.nc"
        results.write(ensemble_run.assign_attrs(data_vintage=vintage), file)
        assert vimach("compare", file, file, "--out", tmp_path / name).exit_code == 0
    now, before = ([each.attrs.get("newest_stock_count") for each in (pair.first, pair.second)] for pair in found)
    assert now == [newest_count()] * 2
    assert before == [None, None]


# validate


def test_validate_tells_what_it_checked() -> None:
    result = vimach("validate")
    assert result.exit_code == 0, result.stderr
    for word in ("equations", "parameters", "targets", "evidence", "statements", "scenario baseline"):
        assert f"{word}: " in result.stdout


def test_validate_tells_counts_left_out_and_a_problem_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = library.folder
    for file in real("evidence").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    for module in ("vimach_calibration.evidence", "vimach_calibration.crosswalk"):
        monkeypatch.setattr(f"{module}.folder", lambda name: tmp_path if name == "evidence" else real(name))
    row = "early,employed_design,design,Vietnam,2027.5,9000,,,{},observed,x,,2026-08-12,B,employed_in_sector,,,en,\n"
    figures = tmp_path / "new_figures.csv"
    with figures.open("a", encoding="utf-8", newline="") as file:
        file.write(row.format("engineers"))
    said = f"{figures}:2: early: published before it was observed; left out"
    assert "".join(said.split()) in "".join(vimach("validate").stdout.split()), "wherever the lines break"
    with figures.open("a", encoding="utf-8", newline="") as file:
        file.write(row.format("engineers"))
    result = vimach("validate")
    assert result.exit_code == 2
    assert result.stderr.count("id 'early' is already used") == 1


def test_validate_tells_all_problems_with_their_places(tmp_path: Path, copy: Path) -> None:
    bad = tmp_path / "bad.yaml"
    text = "extends: baseline\nbecause: x\nset:\n  quit_rat: {value: 1, because: x}\n  time_to_senior: {value: 3,5}\n"
    text += "  employed_in_sector: {value: 1, because: x}\n"
    bad.write_text(text, encoding="utf-8")
    said = told(vimach("validate", copy, bad), 2)
    assert f"{bad}:4:3: set.quit_rat: unknown parameter; did you mean" in said
    assert f"{bad}:5:" in said
    computed = "is computed by the model, not set; `vimach explain employed_in_sector` tells from what"
    assert f"{bad}:6:3: set.employed_in_sector: {computed}" in said
    assert computed in told(vimach("run", "baseline", "--set", "employed_in_sector=1"), 2)
    assert json.loads(vimach("validate", copy, "--json").stdout)["checked"][0]["what"] == "scenario slower"


def test_settings_are_counted_once_however_many_labels_they_have() -> None:
    listed = {row["name"]: row["settings"] for row in json.loads(vimach("list", "scenarios", "--json").stdout)}
    checked = json.loads(vimach("validate", *listed, "--json").stdout)["checked"]
    assert {each["what"]: each["found"].split()[0] for each in checked} == {
        f"scenario {name}": str(settings) for name, settings in listed.items()
    }


def test_a_source_that_is_no_row_is_a_problem_with_its_place() -> None:
    model, targets, rows = simulate.built_in(), read_targets(), read_evidence()
    known, missing = Checks(), Checks()
    known.sources(model, targets, rows)
    missing.sources(model, targets, {name: row for name, row in rows.items() if name != targets[0].source[0]})
    assert known.problems == []
    assert any(problem.key == f"{targets[0].name}.source" for problem in missing.problems)
    assert "no row of the evidence has the id" in str(missing.problems[0])


def test_a_lever_that_moves_or_is_held_by_what_is_not_there_is_a_problem() -> None:
    model, found = simulate.built_in(), Checks()
    name = "lecturers_trained_a_year"
    lever = model.table[name].lever
    assert lever is not None
    moves = (Move("lecturers_traned", "none", "baseline", held_by="taught_in_laboratoris"),)
    wrong = replace(model.table[name], lever=replace(lever, moves=moves))
    found.model(replace(model, table=ParameterTable([wrong])))
    told = {str(problem).partition(f"{name}: ")[2] for problem in found.problems}
    assert told == {
        "moves 'lecturers_traned', which is no variable; did you mean 'lecturers_trained_so_far'?",
        "is held by 'taught_in_laboratoris', which is no variable; did you mean 'taught_in_laboratories'?",
    }


# list and explain


@pytest.mark.parametrize("subject", ["scenarios", "levers", "parameters", "targets", "variables", "evidence"])
def test_lists_fit_a_page_and_come_as_data(subject: str, monkeypatch: pytest.MonkeyPatch) -> None:
    timing = cache(partial(cli._timing, terminal=Terminal(json=True)))  # the runs of each lever alone, made once
    monkeypatch.setattr(cli, "_timing", lambda scenario, _: timing(scenario))
    shown = vimach("list", subject)
    assert shown.exit_code == 0, shown.stderr
    assert max(cell_len(line) for line in shown.stdout.splitlines()) <= 100
    rows = json.loads(vimach("list", subject, "--json").stdout)
    assert f"{len(rows)} {subject}" in shown.stdout
    assert ("timing is of the central run alone" in shown.stdout) == (subject == "levers")


@pytest.mark.parametrize("scenario", ["baseline", "chip_downturn"])
def test_a_scenario_that_pulls_no_lever_has_no_timing(scenario: str) -> None:
    said = told(vimach("list", "levers", "--timing", scenario), 2)
    assert said == f"--timing: {scenario} pulls no lever\n"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("becoming_independent", ["vimach/sectors/workforce.py:", "minimum(novices", "time_to_independent", "novices"]),
        ("engineers", ["+ starting_work", "starts as", "used by"]),
        ("time_to_independent", ["words read: not kept when the row was", "range", "grade", "becoming_independent"]),
        ("lecturers_trained_a_year", ["decided by", "moves", "training_lecturers: the smaller of"]),
        ("employed_by_2030", ["50,000 person by end 2030", "not computed here", "employed_in_sector"]),
    ],
)
def test_explain_tells_where_a_number_comes_from(name: str, expected: list[str]) -> None:
    result = vimach("explain", name)
    assert result.exit_code == 0, result.stderr
    assert max(cell_len(line) for line in result.stdout.splitlines()) <= 100
    assert [words for words in expected if words not in result.stdout] == []
    assert json.loads(vimach("explain", name, "--json").stdout)["name"] == name


def test_words_come_as_utf_8_whatever_the_terminal_says() -> None:
    code = "import sys; from vimach.cli import main; sys.argv = ['vimach', 'explain', 'time_to_independent']; main()"
    result = _fresh(code, PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert result.returncode == 0, result.stderr
    assert "Thời gian" in result.stdout.decode("utf-8")


@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_who_listens_to_nothing_gets_the_work_done(closed: str) -> None:
    code = "from vimach.cli import main; sys.argv = ['vimach', 'list', 'targets']; main()"
    result = _fresh(f"import sys; sys.{closed} = None; {code}")
    assert (result.returncode, result.stderr) == (0, b"")
    assert bool(result.stdout) == (closed == "stderr")


def test_a_path_that_is_no_text_is_told_by_its_own_bytes() -> None:
    code = "import sys; from vimach.cli import main; sys.argv = ['vimach', 'validate', 'k\\udcffch.yaml']; main()"
    result = _fresh(code)
    assert result.returncode == 2
    assert b"k\xffch.yaml" in result.stderr and b"Traceback" not in result.stderr

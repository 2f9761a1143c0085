"""Parameter and target files: what they mean, and what is said of each way to get them wrong."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vimach.errors import BadInput
from vimach.fields import Label
from vimach.parameters.table import ParameterTable, check_labels, read_parameters, read_targets

GOOD = """\
hiring_time:
  label: {en: Time to hire, vi: Thời gian tuyển dụng}
  unit: year
  value: 2.0
  range: [0.5, 5]
  distribution: {family: lognormal, p05: 1.5, p95: 2.67}
  source: [a_row]
  grade: C
"""
TRACK = {"track": ("design", "atp", "fab"), "region": ("north", "south")}


def table_of(folder: Path, text: str, name: str = "work.yaml") -> ParameterTable:
    (folder / name).write_text(text, encoding="utf-8")
    return read_parameters(folder)


def complaints(folder: Path, text: str, name: str = "work.yaml") -> list[str]:
    """All problems, with the folder's path left out."""
    with pytest.raises(BadInput) as caught:
        table_of(folder, text, name)
    return [str(problem).replace(f"{folder / name}:", "") for problem in caught.value.problems]


def changed(line: str, new: str) -> str:
    """GOOD with the line that starts like `line` replaced."""
    lines = [new if old.strip().startswith(line) else old for old in GOOD.splitlines()]
    assert lines != GOOD.splitlines()
    return "\n".join(lines) + "\n"


def test_a_parameter_holds_what_its_file_says(tmp_path: Path) -> None:
    parameter = table_of(tmp_path, GOOD)["hiring_time"]
    assert parameter.label == Label("Time to hire", "Thời gian tuyển dụng")
    assert (parameter.sector, parameter.unit, parameter.range) == ("work", "year", (0.5, 5.0))
    assert (parameter.number, parameter.grade, parameter.source) == (2.0, "C", ("a_row",))
    assert parameter.distribution is not None
    assert_allclose(parameter.distribution.quantile(np.array([0.05, 0.5, 0.95])), [1.5, 2.0, 2.67], rtol=1e-12)
    assert (parameter.place.line, parameter.place.column) == (1, 1)
    assert parameter.lever is None


def with_value(value: str, dimensions: str = "[track]") -> str:
    text = changed("value:", f"  value: {value}\n  dimensions: {dimensions}")
    return text.replace("distribution: {family: lognormal, p05: 1.5, p95: 2.67}", "certain: by law")


@pytest.mark.parametrize(
    ("value", "dimensions", "expected"),
    [
        ("2.0", "[track]", [2.0, 2.0, 2.0]),
        ("{design: 1, atp: 2, fab: 30 month}", "[track]", [1.0, 2.0, 2.5]),
        ("{design: 1, all: 2}", "[track]", [1.0, 2.0, 2.0]),
        ("{north: 1, south: {design: 2, all: 3}}", "[region, track]", [[1.0, 1.0, 1.0], [2.0, 3.0, 3.0]]),
        ("{all: {design: 2, atp: 3, fab: 4}}", "[region, track]", [[2.0, 3.0, 4.0], [2.0, 3.0, 4.0]]),
    ],
)
def test_central_values_by_label(tmp_path: Path, value: str, dimensions: str, expected: list[float]) -> None:
    table = table_of(tmp_path, with_value(value, dimensions))
    assert check_labels(table, TRACK) == []
    parameter = table["hiring_time"]
    assert not parameter.varies
    assert_array_equal(parameter.central(TRACK), expected)
    assert_array_equal(parameter.central(TRACK, np.array([2020.0, 2030.0])), [expected, expected])


def test_central_values_over_time(tmp_path: Path) -> None:
    table = table_of(tmp_path, with_value("{all: 1, fab: {table: {2020.0: 2, 2022: 3}}}"))
    parameter = table["hiring_time"]
    assert parameter.varies
    assert parameter.number is None
    times = np.array([2019.0, 2021.0, 2030.0])
    assert_array_equal(parameter.central(TRACK, times), [[1.0, 1.0, 2.0], [1.0, 1.0, 2.5], [1.0, 1.0, 3.0]])
    with pytest.raises(ValueError, match="hiring_time is a path over time"):
        parameter.central(TRACK)


LEVER = """\
  lever:
    status: budgeted
    decided_by: {en: Ministry, vi: Bộ}
    instrument: a decision
    first_year: 2028
    moves: [{output: trained_cumulative, direction: up, from: 2031, at: baseline}]
    unit_cost: {value: 168, unit: VND million per person, judgment: a guess}
"""


def test_a_lever_says_who_can_move_it(tmp_path: Path) -> None:
    table = table_of(tmp_path, GOOD + LEVER)
    lever = table["hiring_time"].lever
    assert lever is not None
    assert table.levers == (table["hiring_time"],)
    assert (lever.moves[0].output, lever.moves[0].since) == ("trained_cumulative", 2031.0)
    assert lever.unit_cost.value == 168.0


@pytest.mark.parametrize(
    ("line", "new", "said"),
    [
        ("unit:", "  unti: year", ["1:1: hiring_time.unit: is missing", "3:3: hiring_time.unti: unknown key; known:"]),
        ("unit:", "  unit: yaer", ["3:9: hiring_time.unit: unknown unit 'yaer'; did you mean 'year'?"]),
        ("unit:", "  unit: ''", ["3:9: hiring_time.unit: is blank; write a text"]),
        ("unit:", "  unit: year\n  unit: month", ["4:3: unit: written twice, first in line 3"]),
        (
            "label:",
            "  label: Time",
            ["2:10: hiring_time.label: a text where a mapping (lines of `key: value`) belongs"],
        ),
        ("label:", "  label: {en: T}", ["2:3: hiring_time.label.vi: is missing"]),
        ("label:", "  label: {en: T, vi: ' '}", ["2:22: hiring_time.label.vi: is blank; write a text"]),
        ("label:", "  label: {en: [T], vi: T}", ["2:15: hiring_time.label.en: a list where a text belongs"]),
        ("value:", "  value: 7", ["4:10: hiring_time.value: 7 is outside the range 0.5 to 5 year"]),
        ("value:", "  value: 3 person", ["4:10: hiring_time.value: unit 'person' cannot be turned into 'year'"]),
        ("value:", "  value: [1]", ["4:10: hiring_time.value: a list where a number belongs"]),
        ("value:", "  value: {}", ["4:10: hiring_time.value: is empty; write a number, a path or values by label"]),
        (
            "value:",
            "  value: {a: 1}",
            ["4:11: hiring_time.value.a: has no place here: the parameter has no dimensions"],
        ),
        ("value:", "  value: {tabel: {2020: 1}}", ["4:11: hiring_time.value.tabel: has no place here"]),
        (
            "value:",
            "  value: {table: {2020: 1, 2019: 2}}",
            ["4:18: hiring_time.value.table: time 2019 is not after 2020"],
        ),
        ("value:", "  value: {table: {20: 1}}", ["4:19: hiring_time.value.table.20: 20 is not a year between"]),
        (
            "value:",
            "  value: {table: {2020: 1}}",
            ["6:3: hiring_time.distribution: a distribution is of a single number"],
        ),
        ("range:", "  range: [5, 1]", ["5:10: hiring_time.range: low bound 5 is not below high bound 1"]),
        ("range:", "  range: [5]", ["5:10: hiring_time.range: has too few or too many items"]),
        ("range:", "  range: 0 to 5", ["5:10: hiring_time.range: a text where a list belongs"]),
        ("range:", "  range: [0, .inf]", ["5:14: hiring_time.range[1]: '.inf' is not allowed; write a finite number"]),
        ("grade:", "  grade: E", ["8:10: hiring_time.grade: 'E' is not allowed; write A, B, C, D or J"]),
        ("grade:", "  grade: J", ["1:1: hiring_time.judgment: is missing; grade J needs it"]),
        ("source:", "  judgment: so", ["8:3: hiring_time.grade: must be J for a judgment without a source"]),
        ("source:", "  note: so", ["1:1: hiring_time.source: is missing", "8:3: hiring_time.grade: must be J"]),
        ("distribution:", "  note: so", ["1:1: hiring_time.certain: is missing"]),
        (
            "distribution:",
            "  distribution: {family: lognrmal}",
            ["6:26: hiring_time.distribution.family: unknown family"],
        ),
        (
            "distribution:",
            "  distribution: {family: normal, p05: 1}",
            ["6:17: hiring_time.distribution: normal needs p95"],
        ),
        (
            "distribution:",
            "  distribution: {family: normal, p05: 2.5, p95: 3}",
            ["6:17: hiring_time.distribution: normal needs p05 < median < p95, not 2.5 < 2 < 3"],
        ),
        (
            "distribution:",
            "  distribution: {family: uniform, low: 1, high: 4}",
            ["6:17: hiring_time.distribution: this uniform has the median 2.5, more than 1 % away from 2"],
        ),
        (
            "distribution:",
            "  factor: {family: normal, p05: 2, p95: 3}",
            ["6:11: hiring_time.factor: normal needs p05 < median < p95, not 2 < 1 < 3"],
        ),
        ("grade:", "  grade: C\n  certain: so", ["9:3: hiring_time.certain: does not go beside a distribution"]),
        ("grade:", "  grade: C\n  counting: yes", ["9:13: hiring_time.counting: 'yes' is neither true nor false"]),
        (
            "grade:",
            "  grade: C\n  redrawn: weekly",
            ["9:12: hiring_time.redrawn: 'weekly' is not allowed; write yearly"],
        ),
        (
            "grade:",
            "  grade: C\n  independent: true",
            ["9:3: hiring_time.independent: means nothing without dimensions"],
        ),
    ],
)
def test_one_wrong_field(tmp_path: Path, line: str, new: str, said: list[str]) -> None:
    found = complaints(tmp_path, changed(line, new))
    assert len(found) == len(said), found
    for complaint, beginning in zip(found, said, strict=True):
        assert complaint.startswith(beginning), found


def test_a_misspelt_key_is_told_the_nearest(tmp_path: Path) -> None:
    assert complaints(tmp_path, changed("unit:", "  unit: year\n  nte: x"))[0].endswith("did you mean 'note'?")
    assert complaints(tmp_path, GOOD + LEVER.replace("from:", "form:"))[-1].endswith("did you mean 'from'?")


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("", "is empty; write a number"),
        ("3,5", "'3,5' has a comma; write 3.5"),
        ("'3,5'", "'3,5' has a comma; write 3.5"),
        ("50,000", "'50,000' has a comma; write 50000, or 50.0 if the comma is the decimal sign"),
        ("1,234.5", "'1,234.5' has a comma; write 1234.5"),
        ("1,234,567", "'1,234,567' has a comma; write 1234567"),
        ("1.234.567", "'1.234.567' has points between thousands; write 1234567"),
        ("1_000", "'1_000' has an underscore; write 1000"),
        ("1 000", "'1 000' has a space inside the number; write it without"),
        ("no", "'no' is not a number; write it in digits, such as 0 or 1"),
        ("Yes", "'Yes' is not a number; write it in digits, such as 0 or 1"),
        ("true", "'true' is not a number; write it in digits, such as 0 or 1"),
        (".nan", "'.nan' is not allowed; write a finite number"),
        ("NaN", "'NaN' is not allowed; write a finite number"),
        ("-.inf", "'-.inf' is not allowed; write a finite number"),
        ("1e999", "'1e999' is too large"),
        ("0x10", "'0x10' is not decimal; write the number in digits 0 to 9"),
        ("010", "'010' has a leading zero; write 10"),
        ("-010", "'-010' has a leading zero; write -10"),
        ("12:30", "'12:30' is not a number; write digits and a decimal point, such as 3.5"),
        ("many", "'many' is not a number; write digits and a decimal point, such as 3.5"),
        ("~", "is empty; write a number"),
    ],
)
def test_what_is_no_number_is_told_how_to_write_one(tmp_path: Path, written: str, advice: str) -> None:
    (said,) = complaints(tmp_path, changed("value:", f"  value: {written}"))
    assert said.endswith(f"hiring_time.value: {advice}")
    (said,) = complaints(
        tmp_path, changed("value:", "  value: 2").replace("p05: 1.5", f'p05: "{written.strip(chr(39))}"')
    )
    assert "hiring_time.distribution.p05: " in said


@pytest.mark.parametrize(
    ("written", "value"), [("5", 5.0), ("-3.2", -3.2), ("1e2", 100.0), (".5", 0.5), ("5.", 5.0), ("57 %", 0.57)]
)
def test_numbers_as_people_write_them(tmp_path: Path, written: str, value: float) -> None:
    text = changed("value:", f"  value: {written}").replace("[0.5, 5]", "[-10, 1e3]").replace("year", "'1'")
    table = table_of(tmp_path, text.replace("distribution: {family: lognormal, p05: 1.5, p95: 2.67}", "certain: so"))
    assert table["hiring_time"].number == value


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("one: 3\ntwo: [1]\n3x: &y {label: {en: a}}\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("", encoding="utf-8")
    found = "\n".join(complaints(tmp_path, changed("unit:", "  unit: yaer").replace("value: 2.0", "value: no")))
    for said in (
        "a.yaml:1:6: one: a text where a mapping",
        "a.yaml:2:6: two: a list where a mapping",
        "a.yaml:3:5: anchor &y",
        "a.yaml:3:1: 3x: a name is lower-case letters, digits and _",
        "a.yaml:3:9: 3x.label.vi: is missing",
        "a.yaml:3:1: 3x.value: is missing",
        "b.yaml:1:1: the file is empty",
        "3:9: hiring_time.unit: unknown unit 'yaer'",
        "4:10: hiring_time.value: 'no' is not a number",
    ):
        assert said in found


def test_a_name_declared_in_two_files_names_both_places(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text(GOOD, encoding="utf-8")
    (said,) = complaints(tmp_path, GOOD)
    assert said == f"1:1: hiring_time: declared twice, first at {tmp_path / 'first.yaml'}:1:1"


def test_what_is_counted_says_so(tmp_path: Path) -> None:
    (said,) = complaints(tmp_path, GOOD, "counting.yaml")
    assert said == "1:1: hiring_time.counting: is missing; everything in counting.yaml has counting: true"
    assert table_of(tmp_path, GOOD + "  counting: true\n", "counting.yaml")["hiring_time"].counting


def test_a_lever_s_mistakes_are_found_deep_down(tmp_path: Path) -> None:
    text = LEVER.replace("budgeted", "lawful").replace("up", "upwards").replace("judgment: a guess", "source: []")
    assert [said.split(";")[0] for said in complaints(tmp_path, GOOD + text)] == [
        "10:13: hiring_time.lever.status: 'lawful' is not allowed",
        "14:53: hiring_time.lever.moves[0].direction: 'upwards' is not allowed",
        "15:16: hiring_time.lever.unit_cost: has neither source nor judgment",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("from: 2031, ", "", "14:13: hiring_time.lever.moves[0]: has no year, or a limit that holds it"),
        ("baseline}", "baseline, held_by: places}", "14:13: hiring_time.lever.moves[0]: has no year, or a limit"),
        ("up, from: 2031", "none", "14:13: hiring_time.lever.moves[0]: has a year or no limit"),
        ("up, ", "none, held_by: places, ", "14:13: hiring_time.lever.moves[0]: has a year or no limit"),
        ("{value: 168, unit: VND million per person, judgment: a guess}", "{judgment: a guess}",
         "15:16: hiring_time.lever.unit_cost: is missing; write the parameter that holds the cost, value and unit, or"),
        ("    unit_cost: {value: 168, unit: VND million per person, judgment: a guess}\n", "",
         "9:3: hiring_time.lever.unit_cost: is missing"),
    ],
)  # fmt: skip
def test_a_lever_says_from_when_or_why_not_and_what_it_costs_or_why_nothing(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    (found,) = complaints(tmp_path, GOOD + LEVER.replace(old, new))
    assert found.startswith(said)
    held = LEVER.replace("up, from: 2031", "none, held_by: places").replace("value: 168, unit: VND million per person, "
                         "judgment: a guess", "none: a rule")  # fmt: skip
    lever = table_of(tmp_path, GOOD + held)["hiring_time"].lever
    assert lever is not None
    assert (lever.moves[0].held_by, lever.moves[0].since, lever.unit_cost.none) == ("places", None, "a rule")


@pytest.mark.parametrize(
    ("value", "dimensions", "said"),
    [
        (
            "{desgn: 1, all: 2}",
            "[track]",
            ":4:11: hiring_time.value.desgn: unknown label of track; known: all, design,",
        ),
        ("{design: 1}", "[track]", ":1:1: hiring_time.value: no value for atp, fab"),
        ("{north: {design: 1, all: 2}}", "[region, track]", "no value for south design, south atp, south fab"),
        (
            "{design: 1, all: 2}",
            "[region, track]",
            "a label of track, but region stands first; write all: {design: ...}",
        ),
        ("2", "[trakc]", "hiring_time.dimensions: unknown dimension 'trakc'; did you mean 'track'?"),
    ],
)
def test_labels_are_checked_against_the_model(tmp_path: Path, value: str, dimensions: str, said: str) -> None:
    (problem,) = check_labels(table_of(tmp_path, with_value(value, dimensions)), TRACK)
    assert said in str(problem)


TARGET = """\
trained_50000:
  label: {en: Trained, vi: Được đào tạo}
  variable: trained_cumulative
  rung: trained_cumulative
  value: 50000
  unit: person
  by: 2031.0
  source: [target_trained]
"""


def test_targets(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text(TARGET, encoding="utf-8")
    (target,) = read_targets(tmp_path)
    assert (target.name, target.value, target.unit, target.by) == ("trained_50000", 50000.0, "person", 2031.0)
    assert len(read_parameters(tmp_path)) == 0


def test_wrong_targets(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text(
        TARGET.replace("50000\n", "50,000\n").replace("by:", "buy:"), encoding="utf-8"
    )
    with pytest.raises(BadInput) as caught:
        read_targets(tmp_path)
    said = str(caught.value).replace(str(tmp_path / "targets.yaml"), "")
    assert ":5:10: trained_50000.value: '50,000' has a comma" in said
    assert ":1:1: trained_50000.by: is missing" in said
    assert ":7:3: trained_50000.buy: unknown key" in said
    with pytest.raises(BadInput, match="cannot be read: no such file"):
        read_targets(tmp_path / "elsewhere")

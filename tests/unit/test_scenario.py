"""Scenario files: layers, laws, paths and units, and what is said of each way to get them wrong."""

import json
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from vimach import library, scenario
from vimach.ensemble import CENTRAL, Block, Draw
from vimach.errors import BadInput
from vimach.fields import Label
from vimach.graph import Dimension
from vimach.parameters.shapes import Lever
from vimach.parameters.table import Parameter, ParameterTable
from vimach.paths import Constant, Path_, Pulse, Ramp, Step, Table
from vimach.scenario import Scenario, read_scenario
from vimach.values import Element

from .small_models import LEVER

DIMENSIONS = {"track": ("design", "atp", "fab"), "experience": ("novice", "senior")}


def parameter(
    name: str, unit: str, high: float, dimensions: tuple[str, ...] = (), lever: Lever | None = None
) -> Parameter:
    value = (Element((), Constant(0.5)),)
    return Parameter(name, unit, value, (0.0, high), Label(name, name), dimensions=dimensions, lever=lever)


TABLE = ParameterTable(
    [
        parameter("hiring_time", "year", 5.0),
        parameter("quit_rate", "1/year", 1.0, ("track", "experience")),
        parameter("absorption_share", "1", 1.0, lever=LEVER),
        parameter("lecturers_a_year", "person/year", 500.0, lever=LEVER),
    ]
)

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a scenario file, with a reason on top unless it has one; gives its path."""

    def writing(text: str, name: str = "s.yaml", because: str = "because: it is a test\n") -> Path:
        file = tmp_path / name
        file.write_text(because + text, encoding="utf-8")
        return file

    return writing


@pytest.fixture
def builtin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of the built-in scenarios."""
    folder = tmp_path / "builtin"
    folder.mkdir()
    monkeypatch.setattr(library, "folder", lambda _: folder)
    return folder


def complaints(file: Path | str, *extra: str) -> list[str]:
    """All problems, with the path of the folder left out."""
    with pytest.raises(BadInput) as caught:
        read_scenario(file, TABLE, DIMENSIONS, extra)
    folder = f"{Path(file).parent}/"
    return [str(problem).replace(folder, "") for problem in caught.value.problems]


def paths(found: Scenario) -> list[tuple[str, Path_]]:
    return [(override.name, override.path) for override in found.overrides]


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("3", Constant(3.0)),
        ("30 month", Constant(2.5)),
        ("{constant: 3}", Constant(3.0)),
        ("{step: {to: 3, starts: 2028}}", Step(3.0, 2028.0)),
        ("{ramp: {to: 12 month, starts: 2028.0, ends: 2030.5}}", Ramp(1.0, 2028.0, 2030.5)),
        ("{pulse: {ends: 2030.0, starts: 2028.0, to: 3}}", Pulse(3.0, 2028.0, 2030.0)),
        ("{table: {2028.0: 1, 2030: 24 month}}", Table((2028.0, 2030.0), (1.0, 2.0))),
    ],
)
def test_paths_in_the_unit_of_the_parameter(write: Write, written: str, path: Path_) -> None:
    found = read_scenario(write(f"set:\n  hiring_time: {{value: {written}, because: so}}\n"), TABLE, DIMENSIONS)
    (override,) = found.overrides
    assert (override.name, override.labels, override.law, override.certain) == ("hiring_time", None, "value", False)
    assert (override.path, override.because) == (path, "so")
    assert (override.place.line, override.place.column) == (3, 24)


@pytest.mark.parametrize(("written", "share"), [("85 %", 0.85), ("85%", 0.85), ("57 percent", 0.57), (".85", 0.85)])
def test_a_lever_is_raised_or_lowered(write: Write, written: str, share: float) -> None:
    for law in ("raise_to", "lower_to"):
        text = f"set:\n  absorption_share: {{{law}: {{step: {{to: {written}, starts: 2028.0}}}}, because: so}}\n"
        (override,) = read_scenario(write(text), TABLE, DIMENSIONS).overrides
        assert (override.law, override.path) == (law, Step(share, 2028.0))


def test_a_lever_may_be_set_for_certain(write: Write) -> None:
    text = "set:\n  absorption_share: {value: 85 %, certain: true, because: so}\n"
    (override,) = read_scenario(write(text), TABLE, DIMENSIONS).overrides
    assert override.certain
    assert override.law == "value"


def test_elements_by_label_with_all_first(write: Write) -> None:
    text = "set:\n  quit_rate: {value: {fab: {senior: 8 %/year}, all: {all: 0.1}, atp: 0.2}, because: so}\n"
    found = read_scenario(write(text), TABLE, DIMENSIONS)
    assert [(override.labels, override.path) for override in found.overrides] == [
        (None, Constant(0.1)),
        (("fab", "senior"), Constant(0.08)),
        (("atp", None), Constant(0.2)),
    ]


def test_layers_apply_in_written_order_and_each_once(write: Write, builtin: Path) -> None:
    setting = "set: {{hiring_time: {{value: {}, because: so}}}}\n"
    write(setting.format(1), "builtin/base.yaml")
    write("extends: base\n" + setting.format(2), "left.yaml")
    write("extends: base\n" + setting.format(3), "right.yaml")
    top = write("extends: [left.yaml, right.yaml]\n" + setting.format(4), "top.yaml")
    found = read_scenario(top, TABLE, DIMENSIONS, ["hiring_time=5", "absorption_share={raise_to: 85 %}"])
    assert found.layers == (
        "base",
        "left",
        "right",
        "top",
        "--set hiring_time=5",
        "--set absorption_share={raise_to: 85 %}",
    )
    numbers = [Constant(float(value)) for value in (1, 2, 3, 4, 5)]
    assert paths(found) == [*(("hiring_time", number) for number in numbers), ("absorption_share", Constant(0.85))]
    assert found.overrides[0].place.file == "scenarios/base.yaml"
    assert found.overrides[4].because == "command line"
    assert str(found.overrides[4].place) == "--set hiring_time=5"


def numbers_under(found: Scenario) -> dict[str, list[float]]:
    """Every number of every parameter under a scenario, at three dates, in a central run."""
    times, block = np.array([2020.0, 2028.5, 2035.0]), Block(0, CENTRAL, 1)
    told = {}
    for name, each in TABLE.items():
        draw = Draw(each, [Dimension(dim, DIMENSIONS[dim]) for dim in each.dimensions], block)
        told[name] = draw.values([o for o in found.overrides if o.name == name], times).ravel().tolist()
    return told


def test_layers_that_set_different_keys_may_stand_in_any_order(write: Write) -> None:
    layers = {
        "posts.yaml": "hiring_time: {value: {ramp: {to: 2, starts: 2027.0, ends: 2030.0}}, because: so}",
        "fab.yaml": "quit_rate: {value: {fab: {all: 8 %/year}}, because: so}",
        "design.yaml": "quit_rate: {value: {design: {senior: 0.2}}, because: so}",
        "money.yaml": "absorption_share: {raise_to: {step: {to: 90 %, starts: 2028.0}}, because: so}",
    }
    for name, setting in layers.items():
        write(f"set:\n  {setting}\n", name)
    found = [
        numbers_under(read_scenario(write(f"extends: [{', '.join(order)}]\n", "top.yaml"), TABLE, DIMENSIONS))
        for order in permutations(layers)
    ]
    assert all(each == found[0] for each in found)
    write("set:\n  hiring_time: {value: 3, because: so}\n", "later.yaml")
    one, other = (
        numbers_under(read_scenario(write(f"extends: [{both}]\n", "top.yaml"), TABLE, DIMENSIONS))
        for both in ("posts.yaml, later.yaml", "later.yaml, posts.yaml")
    )
    assert one["hiring_time"] != other["hiring_time"], "of the same key the last one written holds"


def test_the_head_is_that_of_the_top_layer(write: Write) -> None:
    write("title: {en: Low, vi: Thấp}\n", "low.yaml")
    found = read_scenario(write("extends: low.yaml\n"), TABLE, DIMENSIONS)
    assert (found.name, found.title, found.because) == ("s", Label("s", "s"), "it is a test")
    titled = read_scenario(write("title: {en: Top, vi: Đỉnh}\n"), TABLE, DIMENSIONS)
    assert titled.title == Label("Top", "Đỉnh")


def test_text_and_hash_depend_on_the_meaning_only(write: Write, tmp_path: Path) -> None:
    first = read_scenario(write("set:\n  hiring_time: {value: 30 month, because: so}\n"), TABLE, DIMENSIONS)
    (tmp_path / "else where").mkdir()
    text = "# a remark\nset:\n\n  hiring_time:\n    because: 'so'\n    value: {constant: 2.5}\n"
    same = read_scenario(write(text, "else where/s.yaml"), TABLE, DIMENSIONS)
    other = read_scenario(write("set:\n  hiring_time: {value: 31 month, because: so}\n"), TABLE, DIMENSIONS)
    assert (first.text, first.hash, len(first.hash)) == (same.text, same.hash, 12)
    assert first == same
    assert first.hash != other.hash
    assert str(tmp_path) not in first.text
    assert json.loads(first.text)["overrides"][0]["path"] == {"constant": {"to": 2.5}}


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (
            "hiring_tim: {value: 3, because: so}",
            ["3:3: set.hiring_tim: unknown parameter; did you mean 'hiring_time'?"],
        ),
        ("hiring_time: 3", ["3:16: set.hiring_time: a text where a mapping belongs; write {value: ..., because: ...}"]),
        ("hiring_time: [3]", ["3:16: set.hiring_time: a list where a mapping belongs"]),
        ("hiring_time: {value: 3}", ["3:3: set.hiring_time.because: is missing"]),
        ("absorption_share: {value: 80 %, certain: true}", ["3:3: set.absorption_share.because: is missing"]),
        ("hiring_time: {value: 3, because: }", ["3:27: set.hiring_time.because: is blank; write a text"]),
        ("hiring_time: {value: 3, because: ' '}", ["3:36: set.hiring_time.because: is blank; write a text"]),
        ("hiring_time: {because: so}", ["3:3: set.hiring_time: says nothing to do; write one of value, raise_to"]),
        (
            "hiring_time: {vlaue: 3, because: so}",
            ["3:17: set.hiring_time.vlaue: unknown key; known: ", "3:3: set.hiring_time: says nothing to do"],
        ),
        ("hiring_time: {value: 3, value: 4, because: so}", ["3:27: value: written twice, first in line 3"]),
        (
            "hiring_time: {value: 3 person, because: so}",
            ["3:24: set.hiring_time.value: unit 'person' cannot be turned"],
        ),
        ("hiring_time: {value: 3 yaers, because: so}", ["3:24: set.hiring_time.value: unknown unit 'yaers'; did you"]),
        ("hiring_time: {value: 70 month, because: so}", ["3:24: set.hiring_time.value: 5.83333 is outside the range"]),
        ("hiring_time: {value: -1, because: so}", ["3:24: set.hiring_time.value: -1 is outside the range 0 to 5 year"]),
        (
            "hiring_time: {value: 3,000 month, because: so}",
            ["3:24: value: a comma ends the entry and so splits 3,000 month; write 3000 month or 3.0 month"],
        ),
        (
            "hiring_time: {value: 3,5, because: so}",
            ["3:24: value: a comma ends the entry and so splits 3,5; write 35 or 3.5"],
        ),
        ('hiring_time: {value: "3,5", because: so}', ["3:24: set.hiring_time.value: '3,5' has a comma; write 3.5"]),
        ("hiring_time: {value: no, because: so}", ["3:24: set.hiring_time.value: 'no' is not a number"]),
        ("hiring_time: {value: .nan, because: so}", ["3:24: set.hiring_time.value: '.nan' is not allowed"]),
        ("hiring_time: {value: .inf, because: so}", ["3:24: set.hiring_time.value: '.inf' is not allowed"]),
        ("hiring_time: {value: , because: so}", ["3:17: set.hiring_time.value: is empty; write a number"]),
        ("hiring_time: {value: [3], because: so}", ["3:24: set.hiring_time.value: a list where a number belongs"]),
        ("hiring_time: {value: &x 3, because: so}", ["3:24: anchor &x"]),
        ("hiring_time: {value: !!int 3, because: so}", ["3:24: tag tag:yaml.org,2002:int"]),
        (
            "hiring_time: {value: 3, certain: yes, because: so}",
            ["3:36: set.hiring_time.certain: 'yes' is neither true"],
        ),
        (
            "hiring_time: {value: {design: 3}, because: so}",
            ["3:25: set.hiring_time.value.design: has no place here: the parameter has no dimensions"],
        ),
        ("hiring_time: {raise_to: 3, because: so}", ["3:27: set.hiring_time.raise_to: raise_to is for levers only"]),
        (
            "absorption_share: {value: 1, because: so}",
            ["3:29: set.absorption_share.value: is a lever, and a plain value"],
        ),
        (
            "absorption_share: {raise_to: 1, certain: true, because: so}",
            ["3:32: set.absorption_share.raise_to: certain: true goes with value, not with raise_to"],
        ),
        (
            "absorption_share: {raise_to: 1, lower_to: 0, because: so}",
            ["3:3: set.absorption_share: has raise_to and lower_to; write one of value, raise_to, lower_to"],
        ),
        (
            "absorption_share: {raise_to: 85, because: so}",
            ["3:32: set.absorption_share.raise_to: 85 is outside the range 0 to 1"],
        ),
        (
            "quit_rate: {value: {desgn: 0.1}, because: so}",
            ["3:23: set.quit_rate.value.desgn: unknown label of track; known: all, design, atp, fab; did you mean"],
        ),
        (
            "quit_rate: {value: {senior: 0.1}, because: so}",
            ["3:23: set.quit_rate.value.senior: a label of experience, but track stands first; write all: {senior:"],
        ),
        (
            "quit_rate: {value: {fab: {seniors: 0.1}}, because: so}",
            ["3:29: set.quit_rate.value.fab.seniors: unknown label of experience; known: all, novice, senior; did you"],
        ),
        (
            "quit_rate: {value: {fab: {senior: {x: 1}}}, because: so}",
            ["3:38: set.quit_rate.value.fab.senior.x: has no place here: the parameter has only the dimensions track,"],
        ),
    ],
)
def test_one_wrong_setting(write: Write, setting: str, said: list[str]) -> None:
    found = complaints(write(f"set:\n  {setting}\n"))
    assert len(found) == len(said), found
    for complaint, beginning in zip(found, said, strict=True):
        assert complaint.startswith(f"s.yaml:{beginning}"), found


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("3.000 person/year", "3.000 reads as 3 in English and as 3000 in Vietnamese: write 3000 or 3.0"),
        ("2.500", "2.500 reads as 2.5 in English and as 2500 in Vietnamese: write 2500 or 2.5"),
        ("{step: {to: 100.120 person/year, starts: 2028.0}}", "100.120 reads as 100.12 in English"),
        ("{table: {2028: 100.000}}", "100.000 reads as 100 in English and as 100000 in Vietnamese"),
    ],
)
def test_a_point_that_may_part_thousands_is_refused(write: Write, written: str, said: str) -> None:
    (found,) = complaints(write(f"set:\n  lecturers_a_year: {{raise_to: {written}, because: so}}\n"))
    assert found.startswith("s.yaml:3:")
    assert said in found


@pytest.mark.parametrize(
    ("name", "law", "written", "number"),
    [
        ("lecturers_a_year", "raise_to", "300", 300.0),
        ("lecturers_a_year", "raise_to", "2.5", 2.5),
        ("lecturers_a_year", "raise_to", "2.125", 2.125),
        ("hiring_time", "value", "0.500 year", 0.5),
        ("absorption_share", "raise_to", "85.000 %", 0.85),
        ("absorption_share", "raise_to", "1.000", 1.0),
    ],
)
def test_a_point_that_can_only_be_decimal_is_read(
    write: Write, name: str, law: str, written: str, number: float
) -> None:
    found = read_scenario(write(f"set:\n  {name}: {{{law}: {written}, because: so}}\n"), TABLE, DIMENSIONS)
    assert paths(found) == [(name, Constant(number))]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("{stepp: {to: 3, starts: 2028}}", ["25: stepp: has no place here", "did you mean 'step'?"]),
        (
            "{step: {to: 3, start: 2028}}",
            ["unknown key; step has to, starts; did you mean 'starts'?", "starts: is missing"],
        ),
        ("{step: 3}", ["31: step: a text where a mapping ({to: number, starts: year}) belongs"]),
        ("{step: {to: 3, starts: 28}}", ["47: step.starts: 28 is not a year between 1900 and 2200"]),
        ("{step: {to: 3, starts: 2028-01-01}}", ["step.starts: '2028-01-01' is a date", "write 2028.0 for the start"]),
        ("{step: {to: 3, starts: 01/2028}}", ["'01/2028' is a date; a time is a decimal year: write 2028.0 for the"]),
        ("{step: {to: 3, starts: 31.07.2028}}", ["'31.07.2028' is a date; a time is a decimal year: write 2028.5 "]),
        ("{step: {to: 3, starts: 2028-02}}", ["'2028-02' is a date", "write 2028.083 for the start of that month"]),
        ("{step: {to: 3, starts: 13/2028}}", ["'13/2028' is not a number", "such as 2028.5"]),
        ("{step: {to: 3, starts: [1]}}", ["step.starts: a list where a time in decimal years belongs"]),
        ("{ramp: {to: 3, starts: 2030, ends: 2029}}", ["59: ramp.ends: ends 2029 is not after starts 2030"]),
        ("{pulse: {to: 3, starts: 2030, ends: 2030.0}}", ["60: pulse.ends: ends 2030 is not after starts 2030"]),
        ("{ramp: {to: 9, starts: 2030}}", ["ramp.to: 9 is outside the range 0 to 5 year", "ramp.ends: is missing"]),
        ("{table: {}}", ["32: table: a table needs at least one time"]),
        ("{table: {2030: 1, 2030.0: 2}}", ["32: table: time 2030 is not after 2030"]),
        ("{table: {2030: 9}}", ["39: table.2030: 9 is outside the range 0 to 5 year"]),
        ("{constant: 3, step: {to: 3, starts: 2028}}", ["38: step: does not go beside constant; a path is one of"]),
    ],
)
def test_wrong_paths(write: Write, path: str, said: list[str]) -> None:
    text = f"set:\n  hiring_time: {{value: {path}, because: so}}\n"
    found = "\n".join(complaints(write(text))).replace("set.hiring_time.value.", "")
    assert all(part in found for part in said), found


def test_every_place_tells_what_to_write_for_a_lever(write: Write) -> None:
    (said,) = complaints(write("set:\n  lecturers_a_year: {value: 260 person/year, because: so}\n"))
    assert all(word in said for word in ("raise_to:", "lower_to:", "certain: true"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("set: {}\n", "1:1: because: is missing"),
        ("because:\n", "1:1: because: is blank; write a text"),
        ("because: so\nset: [a]\n", "2:6: set: a list where a mapping (lines of `key: value`) belongs"),
        ("because: so\nset:\n", "2:1: set: nothing where a mapping (lines of `key: value`) belongs"),
        ("because: so\nextend: base\n", "2:1: extend: unknown key; known: because, extends, title, set; did you mean"),
        ("because: so\nextends: {a: b}\n", "2:10: extends: a mapping where a list belongs; write [a, b]"),
        ("because: so\ntitle: Top\n", "2:8: title: a text where a mapping (lines of `key: value`) belongs"),
        ("", "1:1: the file is empty"),
        ("- a\n", "1:1: a list where a mapping (lines of `key: value`) belongs"),
        ("because: so\n---\nset: {}\n", "2:1: a second document; a file holds one"),
        ("because: so\nset: " + "{a: " * 30, "2:79: nested deeper than 20 levels"),
    ],
)
def test_wrong_files(write: Write, text: str, said: str) -> None:
    (found,) = complaints(write(text, because=""))
    assert found.startswith(f"s.yaml:{said}"), found


def test_bytes_that_are_no_utf_8(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_bytes("because: lý do\n".encode("latin-1"))
    (found,) = complaints(tmp_path / "s.yaml")
    assert found.startswith("s.yaml:1:11: not UTF-8")


def test_circles_are_named_as_a_whole(write: Write) -> None:
    write("extends: b.yaml\n", "a.yaml")
    write("extends: [c.yaml]\n", "b.yaml")
    write("extends: a.yaml\n", "c.yaml")
    assert complaints(write("extends: a.yaml\n")) == ["c.yaml:2:10: extends: extends in a circle: a → b → c → a"]
    assert complaints(write("extends: s.yaml\n")) == ["s.yaml:2:10: extends: extends in a circle: s → s"]


def test_missing_layers_name_what_there_is(write: Write, builtin: Path) -> None:
    write("", "builtin/baseline.yaml")
    write("", "builtin/low.yaml")
    write("", "mine.yaml")
    assert complaints("basline") == ["no scenario 'basline'; known: baseline, low; did you mean 'baseline'?"]
    assert complaints(write("extends: [lo, mine, other.yaml]\n")) == [
        "s.yaml:2:11: extends: no scenario 'lo'; known: baseline, low; did you mean 'low'?",
        "s.yaml:2:15: extends: no scenario 'mine'; write mine.yaml for the file; known: baseline, low",
        "s.yaml:2:21: extends: no such file: other.yaml",
    ]
    assert scenario.known_scenarios() == ("baseline", "low")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("hiring_time", "--set hiring_time: write NAME=VALUE"),
        ("=3", "--set =3: write NAME=VALUE"),
        ("hiring_time=", "--set hiring_time=: set.hiring_time.value: is empty; write a number"),
        ("hiring_time=3,5", "--set hiring_time=3,5: set.hiring_time.value: '3,5' has a comma; write 3.5"),
        ("hiring_time=*x", "--set hiring_time=*x: alias *x; write the value out"),
        ("hirng_time=3", "--set hirng_time=3: set.hirng_time: unknown parameter; did you mean 'hiring_time'?"),
        ("absorption_share=1", "--set absorption_share=1: set.absorption_share.value: is a lever"),
        ("hiring_time={a: [}", "--set hiring_time={a: [}: not valid YAML: "),
    ],
)
def test_wrong_settings_of_the_command_line(write: Write, word: str, said: str) -> None:
    assert complaints(write(""), word)[0].startswith(said)


def test_all_problems_of_all_layers_come_at_once(write: Write) -> None:
    write("set: {hiring_tme: {value: 3, because: so}}\n", "low.yaml")
    top = write("extends: [low.yaml, none.yaml]\ntitel: x\nset:\n  quit_rate: {value: no, becuse: so}\n")
    found = "\n".join(complaints(top, "x=1"))
    for said in (
        "low.yaml:2:7: set.hiring_tme: unknown parameter",
        "s.yaml:2:21: extends: no such file: none.yaml",
        "s.yaml:3:1: titel: unknown key; known: because, extends, title, set; did you mean 'title'?",
        "s.yaml:5:22: set.quit_rate.value: 'no' is not a number",
        "s.yaml:5:3: set.quit_rate.because: is missing",
        "s.yaml:5:26: set.quit_rate.becuse: unknown key",
        "--set x=1: set.x: unknown parameter",
    ):
        assert said in found

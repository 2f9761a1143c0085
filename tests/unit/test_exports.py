"""Exports: nothing of the model is left out, and the same model gives the same bytes."""

import json
import re
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font
from typer.testing import CliRunner

from vimach import simulate, wording
from vimach.cli import app
from vimach.dry_run import dry_run
from vimach.ensemble import CENTRAL, Block, inputs
from vimach.errors import ModelError
from vimach.exports.diagram import WIDTH, diagram, sectors_of
from vimach.exports.equations import equation_book
from vimach.exports.infix import Infix, joined, number, summed
from vimach.exports.tables import DIGITS, knots, split
from vimach.exports.xmile import cell_name, cells, xmile
from vimach.kernels.array import Inputs, Schedule
from vimach.paths import Constant
from vimach.scenario import read_scenario
from vimach.structure import (
    Chain,
    Dimension,
    Memory,
    Outside,
    Stock,
    auxiliary,
    flow,
    initial,
    lookup,
    minimum,
    ratio,
    total,
)
from vimach.structure import Curve as Points
from vimach.units import Curve, People, PeoplePerYear, Share, Years

from .small_models import Number, named

SPACE = "{http://docs.oasis-open.org/xmile/ns/XMILE/v1.0}"
KIND = Dimension("kind", ("red", "blue"))
outside, people = Outside("elsewhere"), Stock("person", KIND)
learners = Chain("person", through="study_time", stages=2, starts_empty=True)
belief = Memory(KIND, of="crowding", over="study_time", initial="half")


@initial(people)
def people_at_start(first_people: People) -> People:
    """Ten of each."""
    return first_people


@flow(outside >> learners)
def arriving(arrivals: PeoplePerYear) -> PeoplePerYear:
    """Newcomers."""
    return arrivals


@flow(learners >> outside)
def leaving(learners_finishing: PeoplePerYear) -> PeoplePerYear:
    """Learners who are done."""
    return learners_finishing


@flow(people >> outside)
def going(people: People, stay_time: Years, belief: Share) -> PeoplePerYear:
    """People who go, sooner where it is crowded."""
    return minimum(people, people * (belief + (1 - belief) / 2)) / stay_time


@auxiliary
def crowding(people: People, half: Share) -> Share:
    """Where people are."""
    return ratio(people, total(people, KIND), half)


@auxiliary
def mood(people: People, answer: Curve) -> Share:
    """How it feels."""
    everybody = total(people, KIND)
    return lookup(ratio(everybody, everybody + everybody, 1), answer)


SMALL = named(
    people_at_start, arriving, leaving, going, crowding,
    outside=outside, people=people, learners=learners, belief=belief, KIND=KIND,
)  # fmt: skip
NUMBERS = {
    "first_people": Number("person", ("kind",)), "arrivals": Number("person/year"), "study_time": Number("year"),
    "stay_time": Number("year", ("kind",)), "half": Number("1"),
}  # fmt: skip
SCHEDULE = Schedule(2024.0, 1 / 16, 32, (0, 16, 32))


def small() -> str:
    """The small model as XMILE, with arrivals that step up."""
    fixed = {"first_people": [[10.0], [20.0]], "study_time": [2.0], "stay_time": [[4.0], [0.1 + 0.2]], "half": [0.5]}
    arrivals = np.where(SCHEDULE.times < 2025, 1.0, 1 / 3)[:, None]
    given = Inputs(1, {name: np.array(value) for name, value in fixed.items()}, {"arrivals": arrivals})
    return xmile(dry_run([SMALL], NUMBERS), given, SCHEDULE, "Small & <sweet>", "1", {"half": "một nửa < 1"})


def elements(text: str) -> dict[str, ElementTree.Element]:
    """The elements of an XMILE text by name; a name that stands twice fails."""
    variables = ElementTree.fromstring(text.encode("utf-8")).find(f"{SPACE}model/{SPACE}variables")
    assert variables is not None
    names = [element.attrib["name"].lower() for element in variables]
    assert len(names) == len(set(names))
    return {element.attrib["name"]: element for element in variables}


def told(element: ElementTree.Element, part: str) -> str:
    """The text of one part of an element."""
    return element.findtext(f"{SPACE}{part}") or ""


@pytest.fixture(scope="module")
def model() -> simulate.Model:
    return simulate.built_in()


def exported(model: simulate.Model) -> str:
    scenario = read_scenario("accelerated_funding", model.table, model.labels)
    schedule = simulate.Settings(members=0).schedule()
    given = inputs(model.table, model.graph.dimensions, scenario, Block(1017, CENTRAL, 1), schedule)
    return xmile(model.graph, given, schedule, scenario.title.vi, "1", {n: p.label.vi for n, p in model.table.items()})


# expressions


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (joined("subtract", " - ", Infix("a"), joined("add", " + ", Infix("b"), Infix("c"))), "a - (b + c)"),
        (joined("add", " + ", joined("add", " + ", Infix("a"), Infix("b")), Infix("c")), "a + b + c"),
        (joined("divide", " / ", Infix("a"), joined("divide", " / ", Infix("b"), Infix("c"))), "a / (b / c)"),
        (joined("multiply", " * ", joined("subtract", " - ", Infix("a"), Infix("b")), Infix("c")), "(a - b) * c"),
        (joined("power", "^", joined("power", "^", Infix("a"), Infix("b")), Infix("c")), "(a^b)^c"),
        (joined("power", "^", number(-2.0), number(-1.0)), "(-2.0)^(-1.0)"),
        (joined("multiply", " * ", Infix("a"), summed(" + ", [Infix("b"), Infix("c")])), "a * (b + c)"),
    ],
)
def test_brackets_keep_the_order_of_computing(written: Infix, expected: str) -> None:
    assert written.text == expected


@pytest.mark.parametrize("value", [7.0, 0.1 + 0.2, 1e-9, 1.5e22, 1 / 3])
def test_numbers_keep_their_bits_and_look_like_real_numbers(value: float) -> None:
    text = number(value).text
    assert float(text) == value
    assert "." in text or "e" in text
    assert "+" not in text


# tables over time


def test_a_table_has_points_only_where_the_line_bends() -> None:
    times = np.arange(2020.0, 2022.01, 1 / 16)
    ramp = np.interp(times, [2020.5, 2021.0], [1.0, 3.0])
    assert knots(times, ramp) == ([2020.0, 2020.5, 2021.0, 2022.0], [1.0, 1.0, 3.0, 3.0])
    jump = np.where(times < 2021, 0.0, 1.0)
    assert knots(times, jump) == ([2020.0, 2020.9375, 2021.0, 2022.0], [0.0, 0.0, 1.0, 1.0])


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e15])
def test_a_table_keeps_every_value(scale: float) -> None:
    times = np.arange(0.0, 4.0, 1 / 16)
    values = scale * np.sin(times) * np.where(times > 2, 1e-4, 1.0)
    kept, points = knots(times, values)
    parts = split(points)
    assert parts is not None
    pairs = zip(parts.leading, parts.further, strict=True)
    whole = [(leading + further * 10.0**-DIGITS) * parts.scale for leading, further in pairs]
    assert np.interp(times, kept, whole) == pytest.approx(values, rel=0, abs=1e-13 * scale)
    for value in (*parts.leading, *parts.further):
        assert round(value, DIGITS) == value


def test_short_digits_need_no_second_table() -> None:
    assert split([0.25, 1e12, 0.0045]) is None


# XMILE


def test_states_become_stocks_with_flows() -> None:
    found = elements(small())
    first, second = found["learners_stage_1"], found["learners_stage_2"]
    assert [flow.text for flow in first.iter(f"{SPACE}inflow")] == ["arriving"]
    assert [flow.text for flow in first.iter(f"{SPACE}outflow")] == ["learners_ageing_from_1_to_2"]
    assert [flow.text for flow in second.iter(f"{SPACE}inflow")] == ["learners_ageing_from_1_to_2"]
    assert [flow.text for flow in second.iter(f"{SPACE}outflow")] == ["leaving"]
    assert told(found["learners_stage_1"], "eqn") == "0.0"
    assert told(found["people_red"], "eqn") == "first_people_red"
    belief_flow = found["belief_following_crowding_blue"]
    assert told(belief_flow, "eqn") == "(crowding_blue - belief_blue) / study_time"


def test_inputs_are_numbers_or_tables() -> None:
    found = elements(small())
    assert told(found["stay_time_blue"], "eqn") == "0.30000000000000004"
    assert told(found["half"], "doc") == "một nửa < 1"
    assert found["half"].find(f"{SPACE}gf") is None
    tables = {name for name, element in found.items() if element.find(f"{SPACE}gf") is not None}
    assert tables == {"arrivals_digits", "arrivals_further_digits"}


def test_two_cells_of_one_name_are_refused() -> None:
    both = {**SMALL, "people_red": Stock("person", starts_empty=True)}
    given = Inputs(1, {name: np.ones((*(2 for _ in number.dimensions), 1)) for name, number in NUMBERS.items()})
    with pytest.raises(ModelError, match="people_red: two cells would have this name"):
        xmile(dry_run([both], NUMBERS), given, SCHEDULE, "", "1", {})


def test_every_cell_of_the_model_is_an_element(model: simulate.Model) -> None:
    found = elements(exported(model))
    variables = model.graph.variables.values()
    expected = {cell_name(v.name, v.node.dims, cell) for v in variables for cell in cells(v.node.dims)}
    assert expected <= set(found)


def test_the_model_stays_in_the_common_subset(model: simulate.Model) -> None:
    found = elements(exported(model))
    for name, element in found.items():
        equation = told(element, "eqn")
        words = set(re.findall(r"[A-Za-z_]\w*", re.sub(r"[0-9.]+e-?[0-9]+", "", equation)))
        if name.startswith("since_"):
            assert words - set(found) == {"IF", "THEN", "ELSE"}
        elif element.find(f"{SPACE}gf") is not None or name == "calendar":
            assert equation == "TIME"
        else:
            assert words - set(found) <= {"MIN", "MAX", "EXP", "LN"}
    known = {*model.table, "school_intake", "school_promotion"}
    tables = {name for name, element in found.items() if element.find(f"{SPACE}gf") is not None}
    assert not [name for name in tables if not any(name == one or name.startswith(f"{one}_") for one in known)]


def test_a_flow_leaves_one_stock_and_enters_one(model: simulate.Model) -> None:
    found = elements(exported(model))
    for side in ("inflow", "outflow"):
        ends = [flow.text for element in found.values() for flow in element.iter(f"{SPACE}{side}")]
        assert len(ends) == len(set(ends))
        assert all(found[str(name)].tag == f"{SPACE}flow" for name in ends)


# the book of equations


def book(model: simulate.Model) -> str:
    return equation_book(model.graph, model.table, {"workforce": "People at work."}, lambda parameter: "a number")


def test_every_name_has_its_place_in_the_book(model: simulate.Model) -> None:
    text = book(model)
    headings = re.findall(r"^#{3,4} (\w+)$", text, re.MULTILINE)
    assert len(headings) == len(set(headings))
    assert set(headings) == {*model.graph.variables, *model.table} - {"calendar"}
    assert set(re.findall(r"\]\(#(\w+)\)", text)) <= set(headings)
    assert not [line for line in text.splitlines() if line.startswith("Used by: nothing") and "result" not in line]


def entry(text: str, name: str) -> str:
    """What stands under a name."""
    return text.split(f"### {name}\n", 1)[1].split("\n### ", 1)[0]


def test_equations_as_mathematics(model: simulate.Model) -> None:
    text = book(model)
    rate = entry(text, "becoming_independent")
    assert "becoming_independent[region, track] = minimum(novices[region, track], mentors_available" in rate
    assert ") / time_to_independent\n" in rate
    assert "flow from novices to independents, person/year, by region x track" in rate
    stock = entry(text, "engineers")
    assert "  + Σ door (starting_work[region, door, track])   at experience novice\n" in stock
    assert "  - retiring[region, track]   at experience lead\n" in stock
    assert "ratio(" in entry(text, "teaching_adequacy")
    assert "1e-09" not in text
    assert "0 - " not in text and "× 1\n" not in text


def test_a_curve_is_called_by_its_name(model: simulate.Model) -> None:
    assert "] = pay_by_tightness(x1[region])\n  where x1[region] = ratio(" in entry(book(model), "novice_pay_wanted")
    other = replace(model.table["pay_by_tightness"], curve=Points((0.0, 0.5, 1.0, 2.0, 4.0), (0.85, 0.9, 1, 1.1, 1.25)))
    text = equation_book(model.graph, {**model.table, other.name: other}, {}, lambda parameter: "a number")
    assert "] = 0.85 + (minimum(maximum(x1[region], 0), 0.5)" in entry(text, "novice_pay_wanted")  # not that curve


def test_users_are_those_who_show_the_name(model: simulate.Model) -> None:
    text = book(model)
    assert "[starting_work](#starting_work)" in entry(text, "novice_hires")
    assert "[engineers](#engineers)" not in entry(text, "novice_hires")
    assert "[engineers](#engineers)" in entry(text, "starting_work")


def test_numbers_have_all_their_digits(model: simulate.Model) -> None:
    for parameter in model.table.values():
        text = wording.value(parameter, wording.exact)
        told = {float(one.replace(",", "")) for one in re.findall(r"(?<!\w)-?[0-9][0-9,.]*(?:e-?[0-9]+)?\b", text)}
        meant = [*parameter.curve.x, *parameter.curve.y] if parameter.curve else []
        for element in parameter.value:
            path = element.path
            meant += [path.to] if isinstance(path, Constant) else [*path.times, *path.values]
        assert set(meant) <= told, parameter.name


def test_a_term_that_repeats_is_told_once() -> None:
    numbers = {**NUMBERS, "answer": Number("1", curve=Points((0.0, 1.0, 2.0), (1.0, 2.0, 2.5)))}
    text = equation_book(dry_run([SMALL | named(mood)], numbers), {}, {}, str)
    assert "\n  where x" in entry(text, "mood")
    assert entry(text, "mood").count("ratio(") == 1


# diagrams


SIZES = {"title": (15, "bold"), "head": (11, "bold"), "name": (10, "bold")}


@cache
def advance(letter: str, weight: str) -> float:
    """How wide a letter of DejaVu Sans is at size 1."""
    font = FT2Font(findfont(FontProperties(family="DejaVu Sans", weight=weight)))
    font.set_size(100, 72)
    return font.load_char(ord(letter)).linearHoriAdvance / 65536 / 100


def box(text: ElementTree.Element) -> tuple[float, float, float, float]:
    """Left, right, top and bottom of a line of text, as wide as DejaVu Sans makes it."""
    kinds = text.attrib.get("class", "").split()
    size, weight = next((SIZES[kind] for kind in kinds if kind in SIZES), (10, "normal"))
    width = size * sum(advance(letter, weight) for letter in text.text or "")
    x, y = float(text.attrib["x"]), float(text.attrib["y"])
    left = x - width / 2 if "mid" in kinds else x
    return left, left + width, y - 0.75 * size, y + 0.2 * size


def test_no_word_of_a_diagram_lies_on_another_or_beyond_the_frame(model: simulate.Model) -> None:
    for sector in sectors_of(model.graph):
        picture = ElementTree.fromstring(diagram(model.graph, sector, "What it is, told in a sentence of some length."))
        texts = [(box(text), text.text) for text in picture.iter("{http://www.w3.org/2000/svg}text")]
        for (left, right, top, bottom), words in texts:
            assert left >= 0 and right <= WIDTH and top >= 0 and bottom <= float(picture.attrib["height"]), words
        for ((left, right, top, bottom), words), ((left2, right2, top2, bottom2), others) in combinations(texts, 2):
            apart = left >= right2 or left2 >= right or top >= bottom2 or top2 >= bottom
            assert apart, (sector, words, others)


def test_diagrams_show_every_flow_belief_and_count(model: simulate.Model) -> None:
    drawn = ""
    for sector in sectors_of(model.graph):
        picture = ElementTree.fromstring(diagram(model.graph, sector))
        drawn += " ".join(text.text or "" for text in picture.iter("{http://www.w3.org/2000/svg}text")) + " "
    words = drawn.split()
    for name in model.graph.by_kind("flow", "memory", "tally", "shadow"):
        assert set(name.split("_")) <= set(words), name


# the command


@pytest.mark.parametrize("form", ["xmile", "equations", "diagram"])
def test_the_same_model_gives_the_same_bytes(form: str, tmp_path: Path) -> None:
    words = ["export", form, "--json", "--until", "2026", "--set", "quit_rate=0.08", "--out"]
    found = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        result = CliRunner().invoke(app, [*words, str(folder)])
        assert result.exit_code == 0, result.stderr
        files = [Path(written["file"]) for written in json.loads(result.stdout)]
        found.append({file.relative_to(folder).as_posix(): file.read_bytes() for file in files})
        assert {file for file in folder.rglob("*") if file.is_file()} == set(files)
    assert found[0] == found[1]
    for content in found[0].values():
        text = content.decode("utf-8")
        assert str(tmp_path) not in text and str(Path(__file__).parents[2]) not in text
        assert "\r" not in text and "np.float64" not in text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["xmile", "--set", "quit_rat=1"], "did you mean 'quit_rate'"),
        (["xmile", "--until", "2001"], "--until"),
        (["xmile", "--scenario", "baselin"], "did you mean 'baseline'"),
        (["xmil"], "xmile"),
    ],
)
def test_bad_input_is_told_in_words(words: list[str], expected: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["export", *words, "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert expected in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []

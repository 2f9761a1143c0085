"""Checks as data: how they are read, what is said of each slip, and what each law finds on a model of two towns."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vimach import library
from vimach.analysis.proving import Verdict, prove
from vimach.analysis.statements import COMPARING, LAWS, Checklist, read_checklist
from vimach.dry_run import dry_run
from vimach.errors import BadInput
from vimach.fields import Label
from vimach.parameters.shapes import Lever
from vimach.parameters.table import Parameter, ParameterTable
from vimach.paths import Constant
from vimach.simulate import Model
from vimach.structure import Dimension, Outside, Stock, Tally, auxiliary, flow, initial, ratio
from vimach.units import People, PeoplePerYear, PerYear, Share
from vimach.values import Element

from .small_models import LEVER, named

TOWN = Dimension("town", ("north", "south"))
people, elsewhere = Stock("person", TOWN), Outside("elsewhere")
arrived = Tally(of="arriving")


@initial(people)
def people_at_start(people_2015: People) -> People:
    return people_2015 * 1


@flow(elsewhere >> people)
def arriving(arrivals: PeoplePerYear) -> PeoplePerYear:
    return arrivals * 1


@flow(people >> elsewhere)
def leaving(people: People, leaving_rate: PerYear) -> PeoplePerYear:
    return people * leaving_rate


@auxiliary
def share_at_home(people: People, people_2015: People) -> Share:
    return ratio(people, people + people_2015, 0)


def parameter(name: str, unit: str, value: float, dims: tuple[str, ...] = (), lever: Lever | None = None) -> Parameter:
    element = (Element((), Constant(value)),)
    return Parameter(name, unit, element, (0.0, 1000.0), Label(name, name), dimensions=dims, lever=lever)


@pytest.fixture(scope="module")
def towns() -> Model:
    """100 people in each of two towns; 20 arrive a year, a tenth leaves."""
    size = parameter("people_2015", "person", 100.0, ("town",))
    arrivals = parameter("arrivals", "person/year", 20.0, ("town",), LEVER)
    table = ParameterTable([size, arrivals, parameter("leaving_rate", "1/year", 0.1)])
    module = named(
        people_at_start, arriving, leaving, share_at_home,
        TOWN=TOWN, people=people, elsewhere=elsewhere, arrived=arrived,
    )  # fmt: skip
    return Model(dry_run([module], table), table)


@pytest.fixture
def builtin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of built-in scenarios that holds a baseline."""
    folder = tmp_path / "builtin"
    folder.mkdir()
    (folder / "baseline.yaml").write_text("because: a test\n", encoding="utf-8")
    monkeypatch.setattr(library, "folder", lambda _: folder)
    return folder


SCENARIOS = """
scenarios:
  more:
    extends: baseline
    because: a test
    set: {arrivals: {raise_to: {step: {to: 40, starts: 2020.0}}, because: a test}}
  emptying: {extends: baseline, because: a test, set: {arrivals: {lower_to: 0, because: a test}}}
  nobody:
    extends: baseline
    because: a test
    set: {people_2015: {value: 0, because: a test}, arrivals: {lower_to: 0, because: a test}}
checks:
"""

Read = Callable[[str], Checklist]


@pytest.fixture
def read(towns: Model, builtin: Path, tmp_path: Path) -> Read:
    """Reads checks written in one line each, beside the scenarios above."""

    def reading(text: str) -> Checklist:
        file = tmp_path / "checks.yaml"
        file.write_text(f"{SCENARIOS}{text}\n", encoding="utf-8")
        return read_checklist(towns, file)

    return reading


def one(towns: Model, read: Read, law: str) -> Verdict:
    (verdict,) = prove(towns, read(f"  a: {{says: it holds, {law}}}"))
    return verdict


# laws


HOLDING = (
    "balance: {of: people, gains: arriving, losses: leaving}",
    "balance: {of: people, gains: arriving, losses: leaving}, in: every scenario, luck: true",
    "balance: {of: people.north, gains: arriving.north, losses: [leaving.town=north]}",
    "balance: {of: arrived, gains: arriving}",
    "equal: {left: leaving, right: people * leaving_rate}",
    "equal: {left: [leaving, leaving], right: 2 * people * leaving_rate}",
    "equal: {left: leaving / leaving_rate, right: people}, from: 2016.5",
    "at_most: {left: leaving, right: 1.1 * people * leaving_rate}",
    "at_most: {left: arriving / leaving_rate, right: 2 * people}",
    "between: {of: [people, share_at_home], low: 0}",
    "between: {of: share_at_home, low: 0, high: 1}",
    "between: {of: people, high: 140}, before: 2020.0",
    "between: {of: [every stock, every flow], low: 0}, in: every scenario",
    "zero: [people, leaving, every flow], in: nobody",
    "rises: [people, arrived]",
    "falls: people, in: [emptying, nobody]",
    "lower: people, in: baseline, against: more, from: 2020.0625",
    "lower: people, in: baseline, against: more, from: 2030.0, by_at_least: 10 %",
    "higher: [people, arriving], in: more, against: baseline, from: 2020.0625",
    "higher: people, in: more, against: nobody",
    "unchanged: [people, arriving], in: more, against: baseline, before: 2020.0",
    "unchanged: people, in: baseline, against: more, allowed: 0.5, luck: true",
)
FAILING = (
    "balance: {of: people, gains: arriving}",
    "balance: {of: people, gains: arriving, losses: [leaving, leaving]}, in: [more, nobody]",
    "equal: {left: leaving, right: 1.00000001 * people * leaving_rate}",
    "at_most: {left: arriving / leaving_rate, right: 1.9 * people}",
    "between: {of: [share_at_home, people], low: 0, high: 1}",
    "between: {of: people, high: 99.9}",
    "zero: [leaving, people], in: baseline",
    "rises: [arrived, people], in: [more, emptying]",
    "falls: people, in: [nobody, baseline]",
    "lower: people, in: baseline, against: more, from: 2019.0",
    "lower: people, in: baseline, against: more, from: 2030.0, by_at_least: 90 %",
    "higher: people, in: [baseline, more], against: baseline, from: 2021.0",
    "higher: people, in: nobody, against: nobody",
    "unchanged: people, in: more, against: baseline",
)


@pytest.mark.parametrize("law", HOLDING)
def test_what_holds(law: str, towns: Model, read: Read) -> None:
    verdict = one(towns, read, law)
    assert verdict.holds, verdict


@pytest.mark.parametrize("law", FAILING)
def test_what_does_not_hold(law: str, towns: Model, read: Read) -> None:
    verdict = one(towns, read, law)
    assert not verdict.holds
    assert verdict.where


def test_every_law_is_tried() -> None:
    for tried in (HOLDING, FAILING):
        assert {law.split(":")[0] for law in tried} == set(LAWS)


def test_the_worst_place_is_named(towns: Model, read: Read) -> None:
    verdict = one(towns, read, "between: {of: people.south, high: 100}, in: [baseline, more], before: 2021.0")
    assert verdict.where == "more, 2020.94"
    assert verdict.worst == pytest.approx(62.7, abs=0.5)  # 300 - 260.7 e^-0.094 above 100, but for the step
    assert verdict.tested == "baseline, more before 2021"


def test_a_statement_is_repeated_over_what_its_terms_share(towns: Model, read: Read) -> None:
    verdict = one(towns, read, "equal: {left: leaving, right: people * leaving_rate}")
    assert verdict.statement.dims == ("town",)
    assert verdict.tested == "baseline by town"


def test_a_run_that_breaks_breaks_its_statements_only(towns: Model, read: Read, tmp_path: Path) -> None:
    """A rate of 12 a year takes more than half of a stock in one sixteenth of a year."""
    text = SCENARIOS.replace("scenarios:\n", (
        "scenarios:\n  quick: {extends: baseline, because: a test, set: {leaving_rate: {value: 12, because: a test}}}\n"
    ))  # fmt: skip
    file = tmp_path / "quick.yaml"
    file.write_text(text + "  a: {says: a, in: quick, rises: arrived}\n  b: {says: b, rises: arrived}\n", "utf-8")
    a, b = prove(towns, read_checklist(towns, file))
    assert not a.holds
    assert "quick: people[north] lost more than half" in a.broken
    assert b.holds


# reading


def complaints(read: Read, text: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read(text)
    return [str(problem).split("checks.yaml:", 1)[1] for problem in caught.value.problems]


LINE = SCENARIOS.count("\n") + 1


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("says: x, rises: peple", "checks.a.rises: no variable or parameter 'peple'; did you mean 'people'?"),
        ("says: x, rises: people.nort", "checks.a.rises: people: 'nort' is no label; did you mean 'north'?"),
        ("says: x, rises: people.city=north", "checks.a.rises: people: 'city=north' is no label"),
        ("says: x, rises: 0x1 * people", "checks.a.rises: '0x1' is not decimal"),
        ("says: x, rises: people, in: mor", "checks.a.in: no scenario 'mor', here or built in; did you mean 'more'?"),
        ("says: x, lower: people", "checks.a.against: lower needs a scenario to be held against"),
        ("says: x, rises: people, against: more", "checks.a.against: rises compares nothing"),
        ("says: x, rises: people, by_at_least: 1", "checks.a.by_at_least: goes with lower and higher only"),
        ("says: x, lower: people, against: more, allowed: 1", "checks.a.allowed: has no place beside lower"),
        ("says: x, rises: people, from: 2030, before: 2030", "checks.a: from 2030 and before 2030 leave nothing"),
        ("says: x, rises: people, before: 2040", "checks.a: from 2015 and before 2040 leave nothing"),
        ("says: x, between: {of: people}", "checks.a.between: has neither low nor high"),
        ("says: x", "checks.a: says nothing to test; write one of balance"),
        ("says: x, rises: people, falls: people", "checks.a: has rises and falls; write one of"),
        ("rises: people", "checks.a.says: is missing"),
        ("says: x, rise: people", "checks.a.rise: unknown key; known:"),
        ("says: x, rises: people, luck: yes", "checks.a.luck: 'yes' is neither true nor false"),
        ("says: x, equal: {left: people, right: leaving}", "checks.a.right: leaving is in person/year, where person"),
        ("says: x, balance: {of: people, gains: people}", "checks.a.gains: people is in person, where person/year"),
        ("says: x, balance: {gains: arriving}", "checks.a.balance.of: is missing"),
        ("says: x, rises: people, allowed: -1", "checks.a.allowed: -1 is outside the range"),
    ],
)  # fmt: skip
def test_slips_are_told(written: str, said: str, read: Read) -> None:
    (complaint,) = complaints(read, f"  a: {{{written}}}")
    assert complaint.startswith(f"{LINE}:")
    assert said in complaint


def test_all_slips_are_told_at_once(read: Read) -> None:
    found = complaints(read, "  a: {says: x, rises: peple}\n  b: {says: y}\n  c: text")
    assert [words.split(":")[0] for words in found] == [str(LINE), str(LINE + 1), str(LINE + 2)]


def test_a_scenario_written_inside_is_read_as_strictly(towns: Model, builtin: Path, tmp_path: Path) -> None:
    file = tmp_path / "checks.yaml"
    bad = SCENARIOS.replace("arrivals: {raise_to", "arival: {raise_to").replace("  nobody:", "  baseline:")
    file.write_text(bad + "  a: {says: x, rises: people}\n", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_checklist(towns, file)
    told = "\n".join(str(problem) for problem in caught.value.problems)
    assert "set.arival: unknown parameter; did you mean 'arrivals'?" in told
    assert "scenarios.baseline: a built-in scenario has this name" in told


def test_statements_are_chosen_by_name(read: Read) -> None:
    checklist = read("  a: {says: x, rises: people}\n  bee: {says: y, rises: people, in: more}")
    chosen = checklist.chosen(["bee"])
    assert [statement.name for statement in chosen.statements] == ["bee"]
    assert list(chosen.scenarios) == ["more"]
    with pytest.raises(BadInput, match="did you mean 'bee'"):
        checklist.chosen(["be"])


def test_reading_leaves_the_graph_alone(towns: Model, read: Read) -> None:
    before = len(towns.graph.nodes)
    read("  a: {says: x, rises: people.north}")
    assert len(towns.graph.nodes) == before


def test_comparing_laws_are_laws() -> None:
    unknown: set[Any] = set(COMPARING) - set(LAWS)
    assert not unknown

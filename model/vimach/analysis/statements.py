"""Checks as data: statements that the model must keep, as a file such as scenarios/checks.yaml holds them.

A statement has a law, the terms that the law is about, and the scenarios that it is tested in. A term is a variable or
parameter, under one label where that is added behind a dot: `engineers`, `engineers.design`, `engineers.track=design`.
Terms may be multiplied and divided (`programme_funds / budget_time`, `0.9 * junior_reach`); `every stock` and
`every flow` stand for all of a kind.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any

import pint
from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass as block

from vimach import library, units, yaml_reader
from vimach.errors import BadInput, Place, Problem, nearest
from vimach.fields import STRICT, Flag, Listed, Number, Text, Year, fill
from vimach.graph import Dimension
from vimach.scenario import CHECKS, Scenario, known_scenarios, read_scenario, scenario_inside
from vimach.simulate import Model
from vimach.values import Measure, number
from vimach.yaml_reader import Block, Scalar, texts

LAWS: Mapping[str, str] = {
    "balance": "what a stock gains is what flows in, less what flows out, in every step",
    "equal": "the sum of the terms on the left is that of the terms on the right, at every moment",
    "at_most": "the sum of the terms on the left is no larger than that on the right, at every moment",
    "between": "each term stays between two numbers, in its own unit",
    "zero": "each term is nothing, in its own unit",
    "rises": "no term ever falls",
    "falls": "no term ever rises",
    "lower": "each term is lower than in the scenario it is held against, by a share of it",
    "higher": "each term is higher than in the scenario it is held against, by a share of it",
    "unchanged": "each term is the same as in the scenario it is held against",
}
"""What can be said. Where nothing else is stated, misses are shares of the largest number met."""

COMPARING = ("lower", "higher", "unchanged")
SUMMING = {"balance": ("of", "gains", "losses"), "equal": ("left", "right"), "at_most": ("left", "right")}
FIRST, LAST = 2015.0, 2036.0
"""The span that is tested; a moment at LAST itself is not."""

EXACT, LEAST = 1e-9, 1e-6
EVERY_SCENARIO = "every scenario"
_KINDS = {"every stock": ("stock", "cohorts", "chain", "shadow", "memory", "tally"), "every flow": ("flow",)}
_DIGIT = re.compile(r"\d")


def _portion(given: Any) -> Any:
    return Measure("1", (0.0, 1000.0)).read(given) if isinstance(given, str) else given


Portion = Annotated[float, BeforeValidator(_portion)]  # 0.1 or 10 %


@dataclass(frozen=True)
class Factor:
    """A variable or parameter, under one label of some of its dimensions."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Term:
    """A number times factors, divided by others; `dims` are the dimensions left, `unit` that of the whole."""

    text: str
    number: float
    factors: tuple[Factor, ...]
    divisors: tuple[Factor, ...]
    dims: tuple[str, ...]
    unit: pint.Unit
    place: Place

    @property
    def names(self) -> set[str]:
        """The variables and parameters that the term reads."""
        return {factor.name for factor in (*self.factors, *self.divisors)}


@dataclass(frozen=True)
class Statement:
    """One thing that the model must keep.

    `sides` holds the terms: under "of", "gains", "losses", "left" or "right" for laws that sum them, else under "of".
    `scenarios` are where it is tested, `against` what a comparing law holds them against; `since` to `before`, the end
    left out, is when. `luck` asks for an ensemble instead of the central run. A miss up to `allowed` is none: it is
    negative where a law wants a distance.
    """

    name: str
    says: str
    says_vi: str
    law: str
    sides: Mapping[str, tuple[Term, ...]]
    scenarios: tuple[str, ...]
    against: str
    since: float
    before: float
    luck: bool
    allowed: float
    low: float
    high: float
    place: Place

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms, in the order of writing."""
        return tuple(term for side in self.sides.values() for term in side)

    @property
    def dims(self) -> tuple[str, ...]:
        """What the statement is repeated over: the dimensions that all its terms have."""
        return tuple(dim for dim in self.terms[0].dims if all(dim in term.dims for term in self.terms))

    @property
    def runs(self) -> tuple[str, ...]:
        """The scenarios that the statement needs."""
        return tuple(dict.fromkeys((*self.scenarios, *([self.against] if self.against else []))))


@dataclass(frozen=True)
class Checklist:
    """Statements in written order, and the scenarios that they name."""

    statements: tuple[Statement, ...]
    scenarios: Mapping[str, Scenario]

    def chosen(self, names: Sequence[str]) -> "Checklist":
        """The statements of these names, all if there are none; BadInput names those that are not there."""
        known = [statement.name for statement in self.statements]
        unknown = [name for name in names if name not in known]
        if unknown:
            raise BadInput([Problem("no check has this name", None, name, nearest(name, known)) for name in unknown])
        kept = tuple(statement for statement in self.statements if not names or statement.name in names)
        needed = dict.fromkeys(run for statement in kept for run in statement.runs)
        return Checklist(kept, {name: self.scenarios[name] for name in needed})


@block(frozen=True, config=STRICT)
class _File:
    """The file as written; scenarios and checks are read apart."""

    checks: dict[str, Any]
    scenarios: dict[str, Any] = Field(default_factory=dict)


@block(frozen=True, config=STRICT)
class _Balance:
    of: Listed
    gains: Listed = ()
    losses: Listed = ()


@block(frozen=True, config=STRICT)
class _Sides:
    left: Listed
    right: Listed


@block(frozen=True, config=STRICT)
class _Bounds:
    of: Listed
    low: Number | None = None
    high: Number | None = None


@block(frozen=True, config=STRICT)
class _Written:
    """One statement as written; its terms are read apart."""

    says: Text
    says_vi: Text = ""
    inside: Annotated[Listed, Field(alias="in")] = ("baseline",)
    against: Text | None = None
    since: Annotated[Year, Field(alias="from")] = FIRST
    before: Year = LAST
    luck: Flag = False
    allowed: Portion | None = None
    by_at_least: Portion | None = None
    balance: _Balance | None = None
    equal: _Sides | None = None
    at_most: _Sides | None = None
    between: _Bounds | None = None
    zero: Listed | None = None
    rises: Listed | None = None
    falls: Listed | None = None
    lower: Listed | None = None
    higher: Listed | None = None
    unchanged: Listed | None = None


def read_checklist(model: Model, file: Path | Traversable | None = None) -> Checklist:
    """The statements of `file`, those that come with vimach by default; BadInput lists all that is wrong."""
    problems: list[Problem] = []
    source = library.folder("scenarios").joinpath(CHECKS) if file is None else file
    shown = f"scenarios/{CHECKS}" if file is None else str(file)
    root = yaml_reader.read(source, shown, problems)
    written = None if root is None else fill(_File, root, "", problems)
    read = _Reader(model, problems).checklist(root) if root and written else Checklist((), {})
    if problems:
        raise BadInput(list(dict.fromkeys(problems)))
    return read


class _Reader:
    """Reads the two blocks of a file against the model."""

    def __init__(self, model: Model, problems: list[Problem]) -> None:
        self.model, self.problems = model, problems
        self.variables = {n: v for n, v in model.graph.variables.items() if v.kind != "calendar"}
        self.own: dict[str, Scenario | None] = {}
        self.built_in: dict[str, Scenario | None] = {}

    def checklist(self, root: Block) -> Checklist:
        own, checks = root.get("scenarios"), root.get("checks")
        for entry in own.entries if isinstance(own, Block) else ():
            self._scenario(entry.key, entry.value)
        found = [self._statement(e.key, e.value) for e in checks.entries] if isinstance(checks, Block) else []
        scenarios = {name: read for name, read in (self.own | self.built_in).items() if read}
        return Checklist(tuple(statement for statement in found if statement), scenarios)

    def _complain(self, message: str, place: Place, key: str, hint: str = "") -> None:
        self.problems.append(Problem(message, place, key, hint))

    # scenarios

    def _scenario(self, key: Scalar, node: yaml_reader.Node) -> None:
        name = key.text
        self.own[name] = None
        if name in known_scenarios():
            self._complain("a built-in scenario has this name", key.place, f"scenarios.{name}")
        elif not isinstance(node, Block):
            self._complain(f"{node.kind} where a mapping belongs", node.place, f"scenarios.{name}")
        else:
            table, variables = self.model.table, self.model.graph.variables
            try:
                self.own[name] = scenario_inside(name, node, table, self.model.labels, variables)
            except BadInput as error:
                self.problems += error.problems

    def _named(self, node: Scalar, key: str) -> tuple[str, ...]:
        """The scenarios that a word stands for."""
        if node.text == EVERY_SCENARIO:
            names = [*known_scenarios(), *self.own]
        elif node.text in (*known_scenarios(), *self.own):
            names = [node.text]
        else:
            known = [*known_scenarios(), *self.own, EVERY_SCENARIO]
            self._complain(f"no scenario {node.text!r}, here or built in", node.place, key, nearest(node.text, known))
            return ()
        for name in names:
            if name not in self.own and name not in self.built_in:
                self.built_in[name] = read_scenario(name, self.model.table, self.model.labels)
        return tuple(names)

    # statements

    def _statement(self, key: Scalar, node: yaml_reader.Node) -> Statement | None:
        where = f"checks.{key.text}"
        written = fill(_Written, node, where, self.problems, key.place)
        if written is None or not isinstance(node, Block):
            return None
        laws = [law for law in LAWS if node.entry(law)]
        if len(laws) != 1:
            found = f"has {' and '.join(laws)}" if laws else "says nothing to test"
            self._complain(f"{found}; write one of {', '.join(LAWS)}", key.place, where)
            return None
        law = laws[0]
        inside = [name for word in texts(node.get("in")) for name in self._named(word, f"{where}.in")]
        against = [name for word in texts(node.get("against")) for name in self._named(word, f"{where}.against")]
        self._fits(written, law, key.place, where)
        sides = self._sides(node, law, where)
        bounds = written.between
        return Statement(
            key.text, written.says, written.says_vi, law, sides, tuple(inside) or self._named(_BASELINE, where),
            against[0] if against else "", written.since, written.before, written.luck, _allowed(written, law),
            -float("inf") if bounds is None or bounds.low is None else bounds.low,
            float("inf") if bounds is None or bounds.high is None else bounds.high, key.place,
        )  # fmt: skip

    def _fits(self, written: _Written, law: str, place: Place, key: str) -> None:
        """Whether what goes beside the law suits it."""
        if (law in COMPARING) != (written.against is not None):
            message = f"{law} needs a scenario to be held against" if law in COMPARING else f"{law} compares nothing"
            self._complain(message, place, f"{key}.against")
        if written.by_at_least is not None and law not in ("lower", "higher"):
            self._complain("goes with lower and higher only", place, f"{key}.by_at_least")
        if written.allowed is not None and law in ("lower", "higher"):
            self._complain("has no place beside lower and higher; write by_at_least", place, f"{key}.allowed")
        if written.between and (written.between.low is None) and (written.between.high is None):
            self._complain("has neither low nor high", place, f"{key}.between")
        if not FIRST <= written.since < written.before <= LAST:
            message = f"from {written.since:g} and before {written.before:g} leave nothing of {FIRST:g} to {LAST:g}"
            self._complain(message, place, key)

    def _sides(self, node: Block, law: str, where: str) -> dict[str, tuple[Term, ...]]:
        held = node.get(law)
        sides = {}
        for side in SUMMING.get(law, ("of",)):
            key = f"{where}.{law}.{side}" if isinstance(held, Block) else f"{where}.{law}"
            words = texts(held.get(side) if isinstance(held, Block) else held)
            sides[side] = tuple(term for word in words for term in self._terms(word, key))
        if law in SUMMING:
            self._one_unit(sides, where)
        return sides

    def _one_unit(self, sides: Mapping[str, tuple[Term, ...]], where: str) -> None:
        """Terms that are summed or compared are of one unit; flows are of a stock's unit a year."""
        terms = [(term, side) for side, listed in sides.items() for term in listed]
        for term, side in terms:
            flows = units.unit("year") if side in ("gains", "losses") else units.dimensionless()
            if term.unit * flows != terms[0][0].unit:
                first = units.text(terms[0][0].unit / flows)
                message = f"{term.text} is in {units.text(term.unit)}, where {first} belongs"
                self._complain(message, term.place, f"{where}.{side}")

    # terms

    def _terms(self, word: Scalar, key: str) -> Iterator[Term]:
        """The terms that a word stands for: one, or all of a kind."""
        if word.text in _KINDS:
            for name in self.model.graph.by_kind(*_KINDS[word.text]):
                yield from self._terms(Scalar(name, word.place), key)
            return
        parts = re.split(r"\s*([*/])\s*", f"*{word.text}")[1:]
        count = 1.0
        above: list[Factor] = []
        below: list[Factor] = []
        for sign, text in zip(parts[::2], parts[1::2], strict=True):
            if _DIGIT.match(text):
                try:
                    count = count * number(text) if sign == "*" else count / number(text)
                except (ValueError, ZeroDivisionError) as error:
                    self._complain(str(error), word.place, key)
                    return
            elif factor := self._factor(text, word.place, key):
                (above if sign == "*" else below).append(factor)
            else:
                return
        parts_of = [*above, *below]
        unit = reduce(lambda a, b: a * b, (self._unit(factor) for factor in above), units.dimensionless())
        unit = reduce(lambda a, b: a / b, (self._unit(factor) for factor in below), unit)
        dims = [dim for factor in parts_of for dim in self._dims(factor)]
        ordered = tuple(dim.name for dim in self.model.graph.ordered(dims))
        yield Term(word.text, count, tuple(above), tuple(below), ordered, unit, word.place)

    def _factor(self, text: str, place: Place, key: str) -> Factor | None:
        """A name with its labels; a part of a stock becomes the stock under the part's labels."""
        name, *labels = text.split(".")
        variable = self.variables.get(name)
        if variable is None:
            known = [*self.variables, *_KINDS]
            self._complain(f"no variable or parameter {name!r}", place, key, nearest(name, known))
            return None
        where = []
        for word in labels:
            *dimension, label = word.split("=", 1)
            dims = [dim for dim in variable.node.dims if not dimension or dim.name == dimension[0]]
            owners = [dim.name for dim in dims if label in dim.labels]
            if len(owners) != 1:
                known = [one for dim in variable.node.dims for one in dim.labels]
                told = (
                    f"is a label of {' and of '.join(owners)}; write {owners[0]}={label}" if owners else "is no label"
                )
                self._complain(f"{name}: {word!r} {told}", place, key, "" if owners else nearest(label, known))
                return None
            where.append((owners[0], label))
        node = variable.node
        while variable.kind == "part" and node.op == "pick":
            dimension, label = node.payload
            where.append((dimension.name, label))
            (node,) = node.arguments
            name = str(node.payload)
        return Factor(name, tuple(where))

    def _dims(self, factor: Factor) -> list[Dimension]:
        fixed = [name for name, _ in factor.labels]
        return [dim for dim in self.variables[factor.name].node.dims if dim.name not in fixed]

    def _unit(self, factor: Factor) -> pint.Unit:
        return self.variables[factor.name].node.unit


_BASELINE = Scalar("baseline", Place(""))


def _allowed(written: _Written, law: str) -> float:
    if law in ("lower", "higher"):
        return -(LEAST if written.by_at_least is None else written.by_at_least)
    if written.allowed is not None:
        return written.allowed
    return 0.0 if law == "unchanged" else EXACT

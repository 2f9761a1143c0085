"""Other economies: a folder each, with economy.yaml (what is counted, what is estimated) and series.csv (the counts).

Adding an economy is adding a folder; no code names one.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from pydantic.dataclasses import dataclass as block

from vimach.errors import BadInput, Place, Problem, nearest
from vimach.fields import STRICT, Label, Number, Text, fill
from vimach.library import folder
from vimach.values import number
from vimach.yaml_reader import Block
from vimach_calibration.announcements import decimal_day
from vimach_calibration.evidence import GRADES, last_day
from vimach_calibration.sources import read_tree

SERIES = {"design_firms": "firm", "engineers": "person"}
"""The stocks of the model that a series may count, with their units."""
COLUMNS = ("series", "time", "value", "scope", "published", "source_title", "source_url", "grade", "note")
FILES = ("economy.yaml", "series.csv")
SOONEST = 0.1
"""A count of a year may be told a few weeks before it ends (years)."""
AT_START = 0.5
"""Two series begin together if their first counts lie no further apart (years)."""

_WORDS = ("label", "counts", "note", "estimated", "given")
Shape = TypeVar("Shape")


@block(frozen=True, config=STRICT)
class Counted:
    """Who counts what, and when; `sd` is the standard deviation of a count on the log scale."""

    counted_by: Text
    when: Text
    what: Text
    sd: Number


@block(frozen=True, config=STRICT)
class Estimated:
    """What is thought of a parameter before the counts: lognormal with this median, 90 percent from p05 to p95."""

    median: Number
    p05: Number
    p95: Number
    because: Text


@block(frozen=True, config=STRICT)
class Setting:
    """A parameter set for this economy."""

    value: Number
    because: Text


@dataclass(frozen=True)
class Count:
    """One count: the moment in decimal years, the number, and the scope (definition) under which it was counted."""

    series: str
    time: float
    value: float
    scope: str
    origin: Place


@dataclass(frozen=True)
class Economy:
    """One member of the panel. A parameter that has dimensions is written as a multiple of Vietnam's central values."""

    name: str
    label: Label
    note: str
    counts: Mapping[str, Counted]
    estimated: Mapping[str, Estimated]
    given: Mapping[str, float]
    series: tuple[Count, ...]

    @property
    def start(self) -> float:
        """When the first count was taken."""
        return min(count.time for count in self.series)

    def starts_with(self, series: str) -> bool:
        """Whether the first count of a series tells how things stood at the start."""
        return self.of(series)[0].time <= self.start + AT_START

    def until(self, time: float) -> "Economy":
        """What was counted up to `time`."""
        return replace(self, series=tuple(count for count in self.series if count.time <= time))

    def of(self, series: str) -> tuple[Count, ...]:
        """The counts of one series, in order of time."""
        return tuple(count for count in self.series if count.series == series)


def read_economies(known: Iterable[str], source: Path | Traversable | None = None) -> tuple[Economy, ...]:
    """Every economy of `source`, by default those that come with vimach, in alphabetical order.

    `known` are the parameters that an economy may set or estimate. BadInput lists every problem with file and line:
    missing files or keys, unknown parameters or series, counts that are none, out of order, doubled or alone.
    """
    source = folder("economies") if source is None else source
    problems: list[Problem] = []
    allowed = tuple(known)
    folders = sorted((entry for entry in source.iterdir() if entry.is_dir()), key=lambda entry: entry.name)
    economies = [_economy(place, allowed, problems) for place in folders]
    if problems:
        raise BadInput(problems)
    return tuple(economies)


def _economy(place: Path | Traversable, known: tuple[str, ...], problems: list[Problem]) -> Economy:
    file = place.joinpath("economy.yaml")
    tree = read_tree(file, _WORDS, problems, texts_at=("note",))
    label = fill(Label, tree["label"], "label", problems)
    estimated = _entries(Estimated, tree["estimated"], "estimated", known, problems)
    given = _entries(Setting, tree["given"], "given", known, problems)
    counts = _entries(Counted, tree["counts"], "counts", tuple(SERIES), problems)
    _check(tree, estimated, given, counts, problems)
    economy = Economy(
        place.name,
        label or Label("?", "?"),
        getattr(tree["note"], "text", ""),
        counts,
        estimated,
        {name: setting.value for name, setting in given.items()},
        _Series(place.joinpath("series.csv"), tuple(counts), problems).counts(),
    )
    if economy.of("design_firms") and not economy.starts_with("design_firms"):
        words = "design_firms begins after the other series, so nothing tells how many there were at the start"
        problems.append(Problem(words, economy.of("design_firms")[0].origin, "series"))
    return economy


def _entries(
    shape: type[Shape], node: object, key: str, known: tuple[str, ...], problems: list[Problem]
) -> dict[str, Shape]:
    found: dict[str, Shape] = {}
    for entry in node.entries if isinstance(node, Block) else ():
        name = entry.key.text
        if name not in known:
            problems.append(Problem(f"unknown; known: {', '.join(known)}", entry.key.place, f"{key}.{name}",
                                    nearest(name, known)))  # fmt: skip
        filled = fill(shape, entry.value, f"{key}.{name}", problems, entry.key.place)
        if filled is not None:
            found[name] = filled
    return found


def _check(
    tree: Mapping[str, object], estimated: Mapping[str, Estimated], given: Mapping[str, Setting],
    counts: Mapping[str, Counted], problems: list[Problem],
) -> None:  # fmt: skip
    def complain(word: str, name: str, message: str) -> None:
        node = tree[word]
        entry = node.entry(name) if isinstance(node, Block) else None
        problems.append(Problem(message, entry.key.place if entry else None, f"{word}.{name}"))

    for name, prior in estimated.items():
        if not 0 < prior.p05 < prior.median < prior.p95:
            complain("estimated", name, "p05, median and p95 are not positive and rising")
    for name in given:
        if name in estimated:
            complain("given", name, "is estimated as well; write it once")
    for name, counted in counts.items():
        if not 0 < counted.sd < 1:
            complain("counts", name, f"sd {counted.sd:g} is not between 0 and 1")
    if not estimated:
        problems.append(Problem("nothing is estimated", getattr(tree["estimated"], "place", None), "estimated"))


class _Series:
    """The reading of one series.csv."""

    def __init__(self, file: Path | Traversable, declared: tuple[str, ...], problems: list[Problem]) -> None:
        self.file, self.declared, self.problems = file, declared, problems

    def complain(self, line: int, message: str, key: str = "", suggestion: str = "") -> None:
        self.problems.append(Problem(message, Place(str(self.file), line), key, suggestion))

    def counts(self) -> tuple[Count, ...]:
        """The counts, series by series in order of time; whatever is wrong goes to the problems."""
        try:
            lines = csv.reader(io.StringIO(self.file.read_text(encoding="utf-8"), newline=""), strict=True)
            if tuple(next(lines, [])) != COLUMNS:
                self.complain(1, f"the columns must be {','.join(COLUMNS)}")
                return ()
            found = [count for fields in lines if (count := self.count(fields, lines.line_num)) is not None]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            self.complain(0, f"cannot be read as UTF-8 CSV: {error}")
            return ()
        for series in self.declared:
            self.check([count for count in found if count.series == series], series)
        return tuple(found)

    def count(self, fields: list[str], line: int) -> Count | None:
        before = len(self.problems)
        if len(fields) != len(COLUMNS):
            self.complain(line, f"{len(fields)} fields where {len(COLUMNS)} belong")
            return None
        cells = dict(zip(COLUMNS, fields, strict=True))
        if cells["series"] not in self.declared:
            words = f"{cells['series']!r} is not under `counts` of economy.yaml"
            self.complain(line, words, "series", nearest(cells["series"], self.declared))
        for column in ("published", "source_title", "source_url"):
            if not cells[column].strip():
                self.complain(line, "is missing; a count without a source is not used", column)
        if cells["grade"] not in GRADES:
            self.complain(line, f"{cells['grade']!r} is not one of {', '.join(GRADES)}", "grade")
        time, value = (self.number(cells[column], column, line) for column in ("time", "value"))
        if len(self.problems) > before or time is None or value is None:
            return None
        if value <= 0:
            self.complain(line, "a count is a number above zero", "value")
            return None
        self.published(cells["published"], time, line)
        return Count(cells["series"], time, value, cells["scope"], Place(str(self.file), line))

    def published(self, text: str, time: float, line: int) -> None:
        try:
            if decimal_day(last_day(text)) < time - SOONEST:
                self.complain(line, f"published {text}, before the time it speaks of ({time:g})", "published")
        except ValueError as error:
            self.complain(line, str(error), "published")

    def number(self, text: str, column: str, line: int) -> float | None:
        try:
            return number(text)
        except ValueError as error:
            self.complain(line, str(error), column)
            return None

    def check(self, counts: list[Count], series: str) -> None:
        """Whether the series has more than one point, each later than the one before, and scopes in one piece."""
        if len(counts) < 2:
            self.complain(counts[0].origin.line if counts else 0, f"{series} has {len(counts)} counts; two are needed")
        for before, count in pairwise(counts):
            if count.time <= before.time:
                self.complain(count.origin.line, f"{count.time:g} does not come after {before.time:g}", "time")
        scopes = [count.scope for count in counts]
        for count, later in pairwise(counts):
            if later.scope != count.scope and later.scope in scopes[: counts.index(later)]:
                self.complain(later.origin.line, f"scope {later.scope!r} was given up before; name it anew", "scope")

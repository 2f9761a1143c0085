"""YAML files as trees of text with places; the only module that touches PyYAML.

Scalars stay text (`no`, `010` and `12:30` are traps of YAML's own types) and every node knows where it was written.
What makes a file mean something other than what it shows is refused: aliases, anchors, tags, duplicate keys,
several documents.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from vimach.errors import BadInput, Place, Problem

DEEPEST = 20  # levels of nesting; a scenario needs six

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads about ten times faster
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NULLS = ("~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, as written but for its quotes; "" where nothing was written."""

    text: str
    place: Place
    kind = "a text"


@dataclass(frozen=True, slots=True)
class Listing:
    """A YAML list."""

    items: tuple["Node", ...]
    place: Place
    kind = "a list"


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value` of a mapping."""

    key: Scalar
    value: "Node"


@dataclass(frozen=True, slots=True)
class Block:
    """A YAML mapping, in written order; its keys are unique."""

    entries: tuple[Entry, ...]
    place: Place
    kind = "a mapping"

    def entry(self, key: str) -> Entry | None:
        """The entry under `key`, or None."""
        return next((entry for entry in self.entries if entry.key.text == key), None)

    def get(self, key: str) -> "Node | None":
        """The value under `key`, or None."""
        entry = self.entry(key)
        return entry.value if entry else None


Node: TypeAlias = Scalar | Listing | Block


def read(file: Path | Traversable, shown: str = "") -> Block:
    """The mapping that `file` holds; `shown` is its name in messages. BadInput lists all that is wrong with the file."""
    shown = shown or str(file)
    try:
        data = file.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise BadInput(Problem(f"cannot be read: {reason}", Place(shown))) from error
    node = parse(data, Place(shown, 1, 1))
    if isinstance(node, Block):
        return node
    if isinstance(node, Scalar) and not node.text:
        raise BadInput(Problem("the file is empty", node.place))
    raise BadInput(Problem(f"{node.kind} where a mapping (lines of `key: value`) belongs", node.place))


def parse(data: bytes | str, start: Place) -> Node:
    """The tree of one YAML text. `start.line` 0 means that places inside are not counted (a word of a command line)."""
    text = _decoded(data, start) if isinstance(data, bytes) else data
    if found := _UNPRINTABLE.search(text):
        place = _place_in(text, found.start(), start)
        raise BadInput(Problem(f"unprintable character U+{ord(found.group()):04X}", place))
    builder = _Builder(start)
    try:
        node = builder.document(iter(yaml.parse(text, Loader=_LOADER)))
    except yaml.MarkedYAMLError as error:
        place = builder.place(error.problem_mark or error.context_mark)
        reason = "; ".join(part for part in (error.context, error.problem) if part)
        builder.complain(f"not valid YAML: {reason}", place)
    except yaml.YAMLError as error:
        builder.complain(f"not valid YAML: {error}", start)
    if builder.problems:
        raise BadInput(builder.problems)
    return node


def _decoded(data: bytes, start: Place) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place_in(data[: error.start].decode("utf-8"), None, start)
        raise BadInput(Problem("not UTF-8; save the file with the encoding UTF-8", place)) from error


def _place_in(text: str, end: int | None, start: Place) -> Place:
    if not start.line:
        return start
    before = text[:end]
    return Place(start.file, before.count("\n") + 1, len(before) - before.rfind("\n"))


class _TooDeep(yaml.MarkedYAMLError):
    pass


class _Builder:
    """Builds the tree from the parser's events: composed nodes would no longer show anchors, aliases and tags."""

    def __init__(self, start: Place) -> None:
        self.start = start
        self.problems: list[Problem] = []

    def place(self, mark: Any) -> Place:
        if mark is None or not self.start.line:
            return self.start
        return Place(self.start.file, mark.line + 1, mark.column + 1)

    def complain(self, message: str, place: Place, key: str = "") -> None:
        self.problems.append(Problem(message, place, key))

    def document(self, events: Iterator[Any]) -> Node:
        node: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent) and node is not None:
                self.complain("a second document; a file holds one", self.place(event.start_mark))
                return node
            if isinstance(event, yaml.NodeEvent):
                node = self.node(event, events, 1)
        return node or Scalar("", self.start)

    def node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        place = self.place(event.start_mark)
        if depth > DEEPEST:
            raise _TooDeep(problem=f"nested deeper than {DEEPEST} levels", problem_mark=event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            self.complain(f"alias *{event.anchor}; write the value out", place)
            return Scalar("", place)
        if event.anchor is not None:
            self.complain(f"anchor &{event.anchor}; write the value out where it is used", place)
        if event.tag is not None:
            self.complain(f"tag {event.tag}; write the value without a tag", place)
        if isinstance(event, yaml.ScalarEvent):
            nothing = event.style is None or event.style == ""
            return Scalar("" if nothing and event.value in _NULLS else event.value, place)
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(tuple(self.items(events, depth)), place)
        return Block(tuple(self.entries(events, depth)), place)

    def items(self, events: Iterator[Any], depth: int) -> Iterator[Node]:
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            yield self.node(event, events, depth + 1)

    def entries(self, events: Iterator[Any], depth: int) -> Iterator[Entry]:
        first: dict[str, Place] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self.node(event, events, depth + 1)
            value = self.node(next(events), events, depth + 1)
            if not isinstance(key, Scalar) or not key.text.strip():
                found = "nothing" if isinstance(key, Scalar) else key.kind
                self.complain(f"a key must be a text, found {found}", key.place)
            elif key.text in first:
                self.complain(f"written twice, first in line {first[key.text].line}", key.place, key.text)
            else:
                first[key.text] = key.place
                yield Entry(key, value)

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
from typing import Any, ClassVar, TypeAlias

import yaml

from vimach.errors import Place, Problem

DEEPEST = 20  # levels of nesting; a scenario needs six

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads about ten times faster
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DIGITS = re.compile("[-+]?[0-9]+")
_REST = re.compile(r"([0-9]+)(\s*[^\s0-9.].*)?", re.DOTALL)
_NULLS = ("~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, as written but for its quotes; "" where nothing was written."""

    text: str
    place: Place
    kind: ClassVar[str] = "a text"


@dataclass(frozen=True, slots=True)
class Listing:
    """A YAML list."""

    items: tuple["Node", ...]
    place: Place
    kind: ClassVar[str] = "a list"


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
    kind: ClassVar[str] = "a mapping"

    def entry(self, key: str) -> Entry | None:
        """The entry under `key`, or None."""
        return next((entry for entry in self.entries if entry.key.text == key), None)

    def get(self, key: str) -> "Node | None":
        """The value under `key`, or None."""
        entry = self.entry(key)
        return entry.value if entry else None


Node: TypeAlias = Scalar | Listing | Block


def texts(node: Node | None) -> tuple[Scalar, ...]:
    """The texts written in a node that is a text or a list; others in the list, and blank ones, are left out."""
    items = node.items if isinstance(node, Listing) else (node,)
    return tuple(item for item in items if isinstance(item, Scalar) and item.text.strip())


def read(file: Path | Traversable, shown: str, problems: list[Problem]) -> Block | None:
    """The mapping that `file`, named `shown` in messages, holds; None if it cannot be read.

    All that is wrong is appended to `problems`. A tree is returned wherever there is one, so that what its fields hold
    can be checked as well.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        problems.append(Problem(f"cannot be read: {reason}", Place(shown)))
        return None
    node = parse(data, Place(shown, 1, 1), problems)
    if node is None or isinstance(node, Block):
        return node
    empty = isinstance(node, Scalar) and not node.text
    message = "the file is empty" if empty else f"{node.kind} where a mapping (lines of `key: value`) belongs"
    problems.append(Problem(message, node.place))
    return None


def parse(data: bytes | str, start: Place, problems: list[Problem]) -> Node | None:
    """The tree of one YAML text, None if it has none; all that is wrong is appended to `problems`.

    `start.line` 0 means that places inside are not counted (a word of a command line).
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _end(error.object[: error.start].decode("utf-8-sig"), start)
        problems.append(Problem("not UTF-8; save the file with the encoding UTF-8", place))
        return None
    if found := _UNPRINTABLE.search(text):
        place = _end(text[: found.start()], start)
        problems.append(Problem(f"unprintable character U+{ord(found.group()):04X}", place))
        return None
    builder = _Builder(start, problems)
    try:
        return builder.document(iter(yaml.parse(text, Loader=_LOADER)))
    except _TooDeep as error:
        builder.complain(f"nested deeper than {DEEPEST} levels", error.place)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        builder.complain(f"not valid YAML: {_reason(error, text)}", builder.place(mark))
    except yaml.YAMLError as error:
        builder.complain(f"not valid YAML: {error}", start)
    return None


def _reason(error: yaml.MarkedYAMLError, text: str) -> str:
    """Why a text is no YAML; the three commonest slips in plain words."""
    mark = error.problem_mark
    character = text[mark.index : mark.index + 1] if mark else ""
    if character == "\t":
        return "a tab; indent with spaces"
    if character and character in "@`%":
        return f"a text cannot begin with {character}; put it in quotes"
    if (error.problem or "").startswith("mapping values are not allowed"):
        return "a second `: ` in one line; put the text in quotes, or break the line"
    return "; ".join(part for part in (error.context, error.problem) if part)


def _end(text: str, start: Place) -> Place:
    """The place just behind `text`, which begins at `start`."""
    if not start.line:
        return start
    return Place(start.file, text.count("\n") + 1, len(text) - text.rfind("\n"))


def _split(before: Node, key: Scalar, value: Node) -> str:
    """What a comma inside a number has done, or "": YAML reads {to: 3,5 year} as {to: 3, 5 year: nothing}."""
    rest = _REST.fullmatch(key.text)
    if not (rest and isinstance(value, Scalar) and not value.text):
        return ""
    if not (isinstance(before, Scalar) and _DIGITS.fullmatch(before.text)):
        return ""
    head, (digits, unit) = before.text, rest.groups("")
    whole, decimal = f"{head}{digits}{unit}", f"{head}.{digits.rstrip('0') or '0'}{unit}"
    return f"a comma ends the entry and so splits {head},{key.text}; write {whole} or {decimal}"


class _TooDeep(Exception):
    def __init__(self, place: Place) -> None:
        self.place = place


class _Builder:
    """Builds the tree from the parser's events: composed nodes would no longer show anchors, aliases and tags."""

    def __init__(self, start: Place, problems: list[Problem]) -> None:
        self.start = start
        self.problems = problems

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
            raise _TooDeep(place)
        if isinstance(event, yaml.AliasEvent):
            self.complain(f"alias *{event.anchor}; write the value out", place)
            return Scalar(f"*{event.anchor}", place)
        if event.anchor is not None:
            self.complain(f"anchor &{event.anchor}; write the value out where it is used", place)
        if event.tag is not None:
            self.complain(f"tag {event.tag}; write the value without a tag", place)
        if isinstance(event, yaml.ScalarEvent):
            plain = not event.style  # written without quotes
            return Scalar("" if plain and event.value in _NULLS else event.value, place)
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(tuple(self.items(events, depth)), place)
        return Block(tuple(self.entries(events, depth)), place)

    def items(self, events: Iterator[Any], depth: int) -> Iterator[Node]:
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            yield self.node(event, events, depth + 1)

    def entries(self, events: Iterator[Any], depth: int) -> Iterator[Entry]:
        first: dict[str, Place] = {}
        last: Entry | None = None
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self.node(event, events, depth + 1)
            inner = next(events)
            value = self.node(inner, events, depth + 1)
            if isinstance(value, Scalar) and inner.start_mark.index == inner.end_mark.index:
                value = Scalar("", key.place)  # nothing was written, and the two loaders see it at different columns
            if not isinstance(key, Scalar) or not key.text.strip():
                found = "nothing" if isinstance(key, Scalar) else key.kind
                self.complain(f"a key must be a text, found {found}", key.place)
            elif key.text in first:
                self.complain(f"written twice, first in line {first[key.text].line}", key.place, key.text)
            else:
                first[key.text] = key.place
                if last and (message := _split(last.value, key, value)):
                    self.complain(message, last.value.place, last.key.text)
                else:
                    last = Entry(key, value)
                    yield last

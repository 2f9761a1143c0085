"""A value as written in YAML: a number with or without a unit, a path over time, or either by label."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TypeAlias

from vimach.errors import BadInput, Place, Problem, nearest
from vimach.paths import PATHS, Constant, Path_, Table
from vimach.units import factor
from vimach.yaml_reader import Block, Node, Scalar

ALL = "all"  # the key that stands for every label
FIRST_YEAR, LAST_YEAR = 1900.0, 2200.0  # a time outside is a slip of the pen

_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_MEASURED = re.compile(r"([^\s%]*)\s*(.*)", re.DOTALL)
_EITHER_POINT = re.compile(r"[-+]?[1-9][0-9]{0,2}\.[0-9]{2}0")  # nobody writes a third decimal to say that it is 0
_MONTH = re.compile(  # 1/2028, 31.1.2028, 2028-01, 2028-01-31
    r"(?:[0-9]{1,2}[/.-])?(0?[1-9]|1[0-2])[/.-]([0-9]{4})|([0-9]{4})[/-](0?[1-9]|1[0-2])(?:[/-][0-9]{1,2})?"
)
_WORDS = ("yes", "no", "true", "false", "on", "off", "y", "n")


def number(text: str) -> float:
    """The finite number that `text` writes in plain decimal digits; ValueError says what to write instead."""
    text = text.strip()
    if _NUMBER.fullmatch(text) and not re.match(r"[-+]?0[0-9]", text):
        value = float(text)
        if math.isfinite(value):
            return value
        raise ValueError(f"{text!r} is too large")
    raise ValueError(_advice(text))


def _advice(text: str) -> str:
    bare = text.lstrip("+-").lower()
    if not text:
        return "is empty; write a number"
    if bare in _WORDS:
        return f"{text!r} is not a number; write it in digits, such as 0 or 1"
    if bare.lstrip(".") in ("nan", "inf", "infinity"):
        return f"{text!r} is not allowed; write a finite number"
    if re.match(r"0[0-9]", bare):
        return f"{text!r} has a leading zero; write {text.replace(bare, bare.lstrip('0') or '0')}"
    if re.fullmatch(r"0[xob][0-9a-f_]+", bare):
        return f"{text!r} is not decimal; write the number in digits 0 to 9"
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", bare):
        one = text.count(",") == 1 and "." not in text
        point = f", or {float(text.replace(',', '.'))} if the comma is the decimal sign" if one else ""
        return f"{text!r} has a comma; write {text.replace(',', '')}{point}"
    if re.fullmatch(r"[0-9]*,[0-9]+", bare):
        return f"{text!r} has a comma; write {text.replace(',', '.')}"
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3}){2,}", bare):
        return f"{text!r} has points between thousands; write {text.replace('.', '')}"
    if re.fullmatch(r"[0-9][0-9_]*(\.[0-9_]*)?", bare):
        return f"{text!r} has an underscore; write {text.replace('_', '')}"
    return f"{text!r} is not a number; write digits and a decimal point, such as 3.5"


def decimal_year(text: str) -> float:
    """A time in decimal years (2031.0 is the end of 2030); ValueError says what to write instead."""
    try:
        year = number(text)
    except ValueError as error:
        if found := _MONTH.fullmatch(text.strip()):
            month, of = (int(found[1] or found[4]), int(found[2] or found[3]))
            words = f"{text!r} is a date; a time is a decimal year: write {of + (month - 1) / 12:.7}"
            raise ValueError(f"{words} for the start of that month") from error
        raise ValueError(f"{error}; a time is a decimal year, such as 2028.5") from error
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"{text} is not a year between {FIRST_YEAR:g} and {LAST_YEAR:g}; write one such as 2028.5")
    return year


@dataclass(frozen=True)
class Measure:
    """What a quantity is measured in, and the bounds it must lie in, in that unit; None where either is not known."""

    unit: str | None
    range: tuple[float, float] | None = None

    def read(self, text: str) -> float:
        """The number of "3.2", "260 person/year" or "85 %" in this measure's unit; ValueError says what is wrong."""
        value = self._converted(text.strip())
        if self.range and not self.range[0] <= value <= self.range[1]:
            low, high = self.range
            unit = "" if self.unit in (None, "1") else f" {self.unit}"
            raise ValueError(f"{value:g} is outside the range {low:g} to {high:g}{unit}")
        return value

    def _converted(self, text: str) -> float:
        found = _MEASURED.fullmatch(text)
        head, written = found.groups() if found else (text, "")
        if not written or not head:
            return self._plain(text)
        if re.match(r"[0-9,.]", written) and not re.match(r"1\s*/", written):
            raise ValueError(f"{text!r} has a space inside the number; write it without")
        value = self._plain(head)
        if self.unit is None:
            return value
        try:
            scale = factor(written, self.unit)
            # Dividing by 100 rounds once; multiplying by 0.01, itself rounded, would turn 57 % into 0.5700000000000001.
            return value * scale if scale >= 1.0 else value / factor(self.unit, written)
        except BadInput as error:
            raise ValueError(str(error)) from error

    def _plain(self, text: str) -> float:
        """The number, where it means the same in English and in Vietnamese; a share has no thousands."""
        value = number(text)
        if self.unit not in (None, "1") and _EITHER_POINT.fullmatch(text):
            whole = text.replace(".", "")
            reads = f"{text} reads as {value:g} in English and as {whole} in Vietnamese"
            raise ValueError(f"{reads}: write {whole} or {value}")
        return value


@dataclass(frozen=True)
class Element:
    """A path for some labels, outermost dimension first; None, or nothing, stands for every label.

    `place` is where the path was written, `label_places` where each label was.
    """

    labels: tuple[str | None, ...]
    path: Path_
    place: Place = field(default=Place(""), compare=False)
    label_places: tuple[Place, ...] = field(default=(), compare=False)

    def named(self, count: int) -> tuple[str | None, ...]:
        """The labels, filled up to `count` dimensions."""
        return self.labels + (None,) * (count - len(self.labels))


Labels: TypeAlias = Mapping[str, tuple[str, ...]]  # of each dimension


def wrong_label(label: str, depth: int, names: tuple[str, ...], known: Labels) -> tuple[str, str] | None:
    """What is wrong with `label` at `depth` of the dimensions `names`, and the nearest right word, or None.

    The labels of a dimension that is not in `known` are not checked.
    """
    if depth >= len(names):
        has = f"only the dimensions {', '.join(names)}" if names else "no dimensions; write one number or a path"
        return f"has no place here: the parameter has {has}", nearest(label, PATHS)
    labels = known.get(names[depth])
    if label == ALL or labels is None or label in labels:
        return None
    for other in names:
        if label in known.get(other, ()):
            return f"a label of {other}, but {names[depth]} stands first; write {ALL}: {{{label}: ...}}", ""
    return f"unknown label of {names[depth]}; known: {ALL}, {', '.join(labels)}", nearest(label, [*labels, *PATHS])


@dataclass(frozen=True)
class ValueReader:
    """Reads value nodes in one measure; what is wrong is appended to `problems`.

    `names` are the dimensions of the parameter, outermost first; `known` gives the labels of those to be checked.
    """

    measure: Measure
    problems: list[Problem]
    names: tuple[str, ...] = ()
    known: Labels = field(default_factory=dict)

    def elements(
        self, node: Node, key: str, labels: tuple[str | None, ...] = (), places: tuple[Place, ...] = ()
    ) -> Iterator[Element]:
        """The elements of `node`; `all` comes first, so that a later, named label stands."""
        if not isinstance(node, Block) or any(entry.key.text in PATHS for entry in node.entries):
            if path := self.path(node, key):
                yield Element(labels, path, node.place, places)
            return
        if not node.entries:
            self._complain("is empty; write a number, a path or values by label", node, key)
        for entry in sorted(node.entries, key=lambda entry: entry.key.text != ALL):
            label, inside = entry.key.text, f"{key}.{entry.key.text}"
            if wrong := wrong_label(label, len(labels), self.names, self.known):
                self._complain(wrong[0], entry.key, inside, wrong[1])
            else:
                deeper = (*labels, None if label == ALL else label)
                yield from self.elements(entry.value, inside, deeper, (*places, entry.key.place))

    def path(self, node: Node, key: str) -> Path_ | None:
        """The path that `node` writes, or None if it is wrong."""
        if not isinstance(node, Block):
            value = self._value(node, key)
            return None if value is None else Constant(value)
        found = next(entry for entry in node.entries if entry.key.text in PATHS)
        for entry in node.entries:
            if entry is not found:
                message = f"does not go beside {found.key.text}; a path is one of {', '.join(PATHS)}"
                self._complain(message, entry.key, f"{key}.{entry.key.text}")
        word, key = found.key.text, f"{key}.{found.key.text}"
        if word == Constant.word:
            value = self._value(found.value, key)
            return None if value is None else Constant(value)
        if not isinstance(found.value, Block):
            self._complain(f"{found.value.kind} where a mapping ({_shape(word)}) belongs", found.value, key)
            return None
        return self._table(found.value, key) if word == Table.word else self._timed(word, found.value, key)

    def _timed(self, word: str, block: Block, key: str) -> Path_ | None:
        known = [field.name for field in fields(PATHS[word])]
        numbers: dict[str, float | None] = {}
        for entry in block.entries:
            name, inside = entry.key.text, f"{key}.{entry.key.text}"
            if name not in known:
                self._complain(f"unknown key; {word} has {', '.join(known)}", entry.key, inside, nearest(name, known))
            else:
                numbers[name] = self._value(entry.value, inside) if name == "to" else self._time(entry.value, inside)
        for name in known:
            if name not in numbers:
                self._complain(f"is missing; write {_shape(word)}", block, f"{key}.{name}")
        if any(numbers.get(name) is None for name in known):
            return None
        try:
            return PATHS[word](**{name: numbers[name] for name in known})  # type: ignore[arg-type]
        except ValueError as error:
            self._complain(str(error), block.get("ends") or block, f"{key}.ends")
            return None

    def _table(self, block: Block, key: str) -> Path_ | None:
        points = [
            (self._time(entry.key, f"{key}.{entry.key.text}"), self._value(entry.value, f"{key}.{entry.key.text}"))
            for entry in block.entries
        ]
        whole = [(time, value) for time, value in points if time is not None and value is not None]
        if len(whole) < len(points):
            return None
        try:
            return Table(tuple(time for time, _ in whole), tuple(value for _, value in whole))
        except ValueError as error:
            self._complain(str(error), block, key)
            return None

    def _value(self, node: Node, key: str) -> float | None:
        if not isinstance(node, Scalar):
            self._complain(f"{node.kind} where a number belongs", node, key)
            return None
        try:
            return self.measure.read(node.text)
        except ValueError as error:
            self._complain(str(error), node, key)
            return None

    def _time(self, node: Node, key: str) -> float | None:
        if not isinstance(node, Scalar):
            self._complain(f"{node.kind} where a time in decimal years belongs", node, key)
            return None
        try:
            return decimal_year(node.text)
        except ValueError as error:
            self._complain(str(error), node, key)
            return None

    def _complain(self, message: str, node: Node, key: str, suggestion: str = "") -> None:
        self.problems.append(Problem(message, node.place, key, suggestion))


def _shape(word: str) -> str:
    """How a path is written, for messages."""
    if word == Table.word:
        return "{2020.0: number, 2030.0: number}"
    parts = (f"{field.name}: {'number' if field.name == 'to' else 'year'}" for field in fields(PATHS[word]))
    return "{" + ", ".join(parts) + "}"

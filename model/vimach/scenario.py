"""Scenarios: layers of YAML, read into one frozen list of overrides. The only reader of scenario files."""

import hashlib
import json
import os
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic.dataclasses import dataclass as block

from vimach import library, yaml_reader
from vimach.errors import BadInput, Place, Problem, nearest
from vimach.fields import STRICT, Flag, Label, Listed, Text, fill
from vimach.parameters.table import Parameter, ParameterTable
from vimach.paths import PATHS, Path_
from vimach.values import Labels, Measure, ValueReader
from vimach.yaml_reader import Block, Entry, Scalar, texts

Law = Literal["value", "raise_to", "lower_to"]
LAWS: tuple[Law, ...] = get_args(Law)
SUFFIXES = (".yaml", ".yml")
CHECKS = "checks.yaml"
"""Lies among the scenarios and is none: it holds what `vimach check` tests them for."""


@dataclass(frozen=True)
class Override:
    """One thing that a scenario does to one parameter, or to some labels of it.

    `value` replaces the central value and keeps each member's relative deviation, unless `certain`; `raise_to` and
    `lower_to` give each member the larger or smaller of its own draw and the path. The path is in the parameter's
    unit. `labels` has one entry for each dimension, None standing for every label; None alone for all.
    """

    name: str
    labels: tuple[str | None, ...] | None
    law: Law
    certain: bool
    path: Path_
    because: str
    place: Place = field(compare=False)


@dataclass(frozen=True)
class Scenario:
    """What shall hold: overrides in the order in which they apply, later ones upon earlier ones.

    `layers` are the names of the files and settings read, lowest first, each once. `text` is canonical: equal for
    files that mean the same, whatever their layout, comments, units or place; `hash` identifies it.
    """

    name: str
    title: Label
    because: str
    layers: tuple[str, ...]
    overrides: tuple[Override, ...]
    text: str
    hash: str

    @property
    def names(self) -> frozenset[str]:
        """The parameters that are set, each once however many labels of it are."""
        return frozenset(override.name for override in self.overrides)


@block(frozen=True, config=STRICT)
class _File:
    """A scenario file as written; the entries of `set` are read apart."""

    because: Text
    extends: Listed = ()
    title: Label | None = None
    set: dict[str, Any] | None = None


@block(frozen=True, config=STRICT)
class _Setting:
    """One entry of `set` as written; its path is read apart."""

    because: Text
    value: Any = None
    raise_to: Any = None
    lower_to: Any = None
    certain: Flag = False


@dataclass(frozen=True)
class _Layer:
    """One file read: its head and its `set` block."""

    name: str
    title: Label
    because: str
    settings: tuple[Entry, ...]


def read_scenario(
    name_or_path: str | Path,
    table: ParameterTable,
    dimensions: Labels,
    extra: Sequence[str] = (),
    variables: Container[str] = (),
) -> Scenario:
    """The scenario of that name, or in that file, with NAME=VALUE settings on top; BadInput lists all that is wrong.

    A word with a path separator or a YAML suffix is a file, any other the name of a built-in scenario.
    `dimensions` gives the labels of each dimension; whoever sets one of the `variables` is told that it is computed.
    """
    layers = _Layers([], {})
    top = layers.add(str(name_or_path), Path(), None, {})
    return _assembled(layers, top, _SettingReader(table, dimensions, variables, layers.problems), extra)


def scenario_inside(
    name: str, node: Block, table: ParameterTable, dimensions: Labels, variables: Container[str] = ()
) -> Scenario:
    """The scenario written as the block `node` inside another file, under `name`; BadInput lists all that is wrong.

    The block holds what a scenario file holds; paths in `extends` begin at the folder of the built-in scenarios.
    """
    layers = _Layers([], {})
    top = layers.layer(node, name, library.folder("scenarios"), {name: name})
    layers.read[name] = top
    return _assembled(layers, top, _SettingReader(table, dimensions, variables, layers.problems), ())


def _assembled(layers: "_Layers", top: "_Layer | None", reader: "_SettingReader", extra: Sequence[str]) -> Scenario:
    """One scenario out of the layers read, with `extra` settings on top."""
    problems = layers.problems
    overrides = [found for layer in layers.read.values() if layer for found in reader.overrides(layer.settings)]
    overrides += [found for word in extra for found in reader.overrides(_settings_of(word, problems))]
    if problems or top is None:
        raise BadInput(problems)
    names = tuple(layer.name for layer in layers.read.values() if layer) + tuple(f"--set {word}" for word in extra)
    text = _canonical(top, names, overrides)
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]
    return Scenario(top.name, top.title, top.because, names, tuple(overrides), text, digest)


def restored(text: str, places: Sequence[Place] = ()) -> Scenario:
    """The scenario that `Scenario.text` tells, without its files; `places` are those of its overrides, if known.

    BadInput if the text is none.
    """
    try:
        told = json.loads(text)
        where = [*places, *(Place(told["name"]) for _ in told["overrides"][len(places) :])]
        overrides = tuple(_restored(each, place) for each, place in zip(told["overrides"], where, strict=True))
        title = Label(told["title"]["en"], told["title"]["vi"])
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]
        return Scenario(told["name"], title, told["because"], tuple(told["layers"]), overrides, text, digest)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"this is not the text of a scenario: {error}") from error


def _restored(told: Mapping[str, Any], place: Place) -> Override:
    ((word, given),) = told["path"].items()
    numbers: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    labels = tuple(told["labels"]) if told["labels"] is not None else None
    path = PATHS[word](**numbers)
    return Override(told["name"], labels, told["law"], told["certain"], path, told["because"], place)


def known_scenarios() -> tuple[str, ...]:
    """The names of the built-in scenarios."""
    try:
        names = (file.name for file in library.folder("scenarios").iterdir())
    except FileNotFoundError:
        return ()
    return tuple(sorted(Path(name).stem for name in names if name.endswith(".yaml") and name != CHECKS))


def _canonical(top: _Layer, layers: tuple[str, ...], overrides: list[Override]) -> str:
    """JSON (and so YAML): the numbers are in the units of the parameters and exact."""
    settings = [
        {
            "name": override.name,
            "labels": override.labels,
            "law": override.law,
            "certain": override.certain,
            "path": {override.path.word: asdict(override.path)},
            "because": override.because,
        }
        for override in overrides
    ]
    head = {"name": top.name, "title": {"en": top.title.en, "vi": top.title.vi}, "because": top.because}
    return json.dumps({**head, "layers": layers, "overrides": settings}, ensure_ascii=False, indent=1)


@dataclass
class _Layers:
    """The files of a scenario, lowest first. A file that two others extend is read once, where it is first named."""

    problems: list[Problem]
    read: dict[str, _Layer | None]

    def add(
        self, word: str, beside: Path | Traversable, place: Place | None, chain: Mapping[str, str]
    ) -> _Layer | None:
        """Read the scenario `word` and all that it extends.

        `beside` is the folder and `place` the spot where the word was written; `chain` holds the files on the way
        there, identity -> name.
        """
        key = "extends" if place else ""
        found = _find(word, beside)
        if isinstance(found, Problem):
            self.problems.append(Problem(found.message, place, key, found.suggestion))
            return None
        file, shown = found
        name = Path(file.name).stem
        identity = str(file.resolve()) if isinstance(file, Path) else str(file)
        if identity in chain:
            circle = [*list(chain.values())[list(chain).index(identity) :], name]
            self.problems.append(Problem(f"extends in a circle: {' → '.join(circle)}", place, key))
        elif identity not in self.read:
            layer = self._layer(file, shown, {**chain, identity: name})
            self.read[identity] = layer
        return self.read.get(identity)

    def _layer(self, file: Path | Traversable, shown: str, chain: Mapping[str, str]) -> _Layer | None:
        root = yaml_reader.read(file, shown, self.problems)
        if root is None:
            return None
        folder = file.parent if isinstance(file, Path) else library.folder("scenarios")
        return self.layer(root, Path(file.name).stem, folder, chain)

    def layer(self, root: Block, name: str, folder: Path | Traversable, chain: Mapping[str, str]) -> _Layer:
        """The layer that `root` holds; what it extends, beside `folder`, is read before it."""
        written = fill(_File, root, "", self.problems)
        for node in texts(root.get("extends")):
            self.add(node.text, folder, node.place, chain)
        settings = root.get("set")
        entries = settings.entries if isinstance(settings, Block) else ()
        title = (written and written.title) or Label(name, name)
        return _Layer(name, title, written.because if written else "", entries)


def _find(word: str, beside: Path | Traversable) -> tuple[Path | Traversable, str] | Problem:
    """The file that `word` names and how to show it, or what is wrong."""
    if word.endswith(SUFFIXES) or "/" in word or os.sep in word:
        file = beside.joinpath(word)
        return (file, str(file)) if file.is_file() else Problem(f"no such file: {file}", None)
    known = known_scenarios()
    if word in known:
        file = library.folder("scenarios").joinpath(f"{word}.yaml")
        return file, f"scenarios/{word}.yaml"
    near = beside.joinpath(f"{word}.yaml")
    hint = f"; write {word}.yaml for the file" if near.is_file() else ""
    return Problem(f"no scenario {word!r}{hint}; known: {', '.join(known) or 'none'}", None, "", nearest(word, known))


def _settings_of(word: str, problems: list[Problem]) -> tuple[Entry, ...]:
    """NAME=VALUE as an entry of `set`; VALUE is a bare value, or what a file has behind `NAME:`, reason or none."""
    place = Place(f"--set {word}")
    name, sign, value = (part.strip() for part in word.partition("="))
    if not (name and sign):
        problems.append(Problem("write NAME=VALUE", place))
        return ()
    node = yaml_reader.parse(value, place, problems)
    if node is None:
        return ()
    entries = node.entries if isinstance(node, Block) and any(node.entry(law) for law in LAWS) else ()
    entries = entries or (Entry(Scalar("value", place), node),)
    if "because" not in [entry.key.text for entry in entries]:
        entries += (Entry(Scalar("because", place), Scalar("command line", place)),)
    return (Entry(Scalar(name, place), Block(entries, place)),)


@dataclass(frozen=True)
class _SettingReader:
    """Reads the entries of `set` against the parameters; the names of variables only serve to refuse them."""

    table: ParameterTable
    dimensions: Labels
    variables: Container[str]
    problems: list[Problem]

    def overrides(self, settings: tuple[Entry, ...]) -> Iterator[Override]:
        for entry in settings:
            parameter = self.table.get(entry.key.text)
            if parameter is None:
                self._unknown(entry.key.text, entry.key.place)
            elif isinstance(entry.value, Block):
                yield from self._setting(entry, entry.value, parameter)
            else:
                message = f"{entry.value.kind} where a mapping belongs; write {{value: ..., because: ...}}"
                self._complain(message, entry.value.place, f"set.{parameter.name}")

    def _unknown(self, name: str, place: Place) -> None:
        if name in self.variables:
            message = f"is computed by the model, not set; `vimach explain {name}` tells from what"
            self._complain(message, place, f"set.{name}")
        else:
            self._complain("unknown parameter", place, f"set.{name}", nearest(name, self.table))

    def _setting(self, entry: Entry, block: Block, parameter: Parameter) -> Iterator[Override]:
        key = f"set.{parameter.name}"
        written = fill(_Setting, block, key, self.problems, entry.key.place)
        laws = [law for law in LAWS if block.entry(law)]
        if len(laws) != 1:
            found = f"has {' and '.join(laws)}" if laws else "says nothing to do"
            self._complain(f"{found}; write one of {', '.join(LAWS)}", entry.key.place, key)
            return
        law = laws[0]
        node = block.get(law)
        assert node is not None
        certain = block.get("certain")
        # read here: `written` is None when another key is wrong, which says nothing of this one
        is_certain = isinstance(certain, Scalar) and certain.text == "true"
        if problem := _unlawful(parameter, law, is_certain):
            self._complain(problem, node.place, f"{key}.{law}")
        measure, names = Measure(parameter.unit, parameter.range), parameter.dimensions
        reader = ValueReader(measure, self.problems, names, self.dimensions)
        for element in reader.elements(node, f"{key}.{law}"):
            if written:
                labels = element.named(len(names)) if any(element.labels) else None
                yield Override(parameter.name, labels, law, is_certain, element.path, written.because, element.place)

    def _complain(self, message: str, place: Place, key: str, suggestion: str = "") -> None:
        self.problems.append(Problem(message, place, key, suggestion))


def _unlawful(parameter: Parameter, law: Law, certain: bool) -> str:
    """Why this law does not suit the parameter, or ""."""
    if parameter.lever and law == "value" and not certain:
        return (
            "is a lever, and a plain value would make members that draw well do worse; write raise_to: or lower_to: "
            "(the better of a member's own draw and the target), or add certain: true to give exactly this value"
        )
    if not parameter.lever and law != "value":
        return f"{law} is for levers only, and {parameter.name} is none; write value:"
    if law != "value" and certain:
        return f"certain: true goes with value, not with {law}"
    return ""

"""The parameters of the model: each number's unit, bounds, distribution, source and grade, read from YAML."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import product
from pathlib import Path

import numpy as np

from vimach.errors import BadInput, Place, Problem, nearest
from vimach.fields import Label, fill, is_unit
from vimach.parameters.distributions import Distribution, distribution
from vimach.parameters.shapes import Aim, Lever, Move, Spread, UnitCost, Written
from vimach.paths import Constant, Floats
from vimach.structure import Curve
from vimach.values import Element, Labels, Measure, ValueReader, number, wrong_label
from vimach.yaml_reader import Block, Entry, Scalar, read, texts

TARGETS, COUNTING = "targets.yaml", "counting.yaml"


@dataclass(frozen=True)
class Target:
    """A number that a decision promises: `variable` shall reach `value` (in `unit`) by the edge `by`."""

    name: str
    label: Label
    variable: str
    value: float
    unit: str
    by: float
    source: tuple[str, ...]
    rung: str = ""
    note: str = ""
    place: Place = field(default=Place(""), compare=False)


@dataclass(frozen=True)
class Parameter:
    """One number of the model, or one by label, or a path over time, with all that is known about it.

    `value` holds its elements in order of precedence: a later element overrides an earlier one for its labels.
    `distribution` is that of the number itself, `factor` that of a common factor with median 1; `chance` makes the
    value the probability of a yes, drawn as 0 or 1, and a factor beside it is doubt about that probability. With none
    of them the number is certain and `certain` says why.
    `range` are hard bounds in `unit`. A `curve` stands in place of a value and is read by `lookup`.
    `announced` is the kind of announcement that the value stands for after the forecast origin; a parameter that
    `realises` this kind says what share of it comes about, or how late.
    """

    name: str
    unit: str
    value: tuple[Element, ...]
    range: tuple[float, float]
    label: Label
    sector: str = ""
    dimensions: tuple[str, ...] = ()
    distribution: Distribution | None = None
    factor: Distribution | None = None
    chance: bool = False
    curve: Curve | None = None
    certain: str = ""
    independent: bool = False
    redrawn: bool = False
    source: tuple[str, ...] = ()
    judgment: str = ""
    grade: str = "J"
    note: str = ""
    counting: bool = False
    announced: str = ""
    realises: str = ""
    lever: Lever | None = None
    place: Place = field(default=Place(""), compare=False)

    @property
    def number(self) -> float | None:
        """The one number that holds for every label at every time; None if there are several."""
        return _single(self.value)

    @property
    def varies(self) -> bool:
        """Whether the central value changes over time."""
        return any(not isinstance(element.path, Constant) for element in self.value)

    def central(self, dims: Labels, times: Floats | None = None) -> Floats:
        """The central value in `unit`: shape (T, *dimensions) at `times` (T,), or (*dimensions) without times.

        `dims` gives the labels of each dimension. ValueError if a value over time is asked for without times.
        Labels that no element covers are NaN; check_labels finds them beforehand.
        """
        if times is None and self.varies:
            raise ValueError(f"{self.name} is a path over time; its value needs times")
        moments = np.zeros(1) if times is None else np.asarray(times, dtype=np.float64)
        shape = tuple(len(dims[name]) for name in self.dimensions)
        values = np.full((len(moments), *shape), np.nan)
        for element in self.value:
            where = (slice(None), *_positions(element.named(len(shape)), self.dimensions, dims))
            values[where] = element.path.at(moments, values[where])
        return values[0] if times is None else values


def _positions(labels: tuple[str | None, ...], dimensions: tuple[str, ...], dims: Labels) -> Iterator[int | slice]:
    for label, dimension in zip(labels, dimensions, strict=True):
        yield slice(None) if label is None else dims[dimension].index(label)


class ParameterTable(Mapping[str, Parameter]):
    """All parameters by name, in the order they were read; immutable."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self._by_name = {parameter.name: parameter for parameter in parameters}

    def __getitem__(self, name: str) -> Parameter:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    @property
    def levers(self) -> tuple[Parameter, ...]:
        """The parameters that somebody can decide."""
        return tuple(parameter for parameter in self.values() if parameter.lever)


def read_parameters(folder: Path | Traversable | None = None) -> ParameterTable:
    """The parameters of every YAML file in `folder` (None: those of vimach); BadInput lists all that is wrong."""
    problems: list[Problem] = []
    found: dict[str, Parameter] = {}
    for file, shown in _yaml_files(folder):
        sector = Path(file.name).stem
        for entry in _entries(file, shown, problems):
            parameter = _parameter(entry, sector, problems)
            if entry.key.text in found:
                first = found[entry.key.text].place
                problems.append(Problem(f"declared twice, first at {first}", entry.key.place, entry.key.text))
            elif parameter:
                found[entry.key.text] = parameter
    if problems:
        raise BadInput(problems)
    return ParameterTable(found.values())


def read_targets(folder: Path | Traversable | None = None) -> tuple[Target, ...]:
    """The targets of targets.yaml in `folder` (None: those of vimach); BadInput lists all that is wrong."""
    problems: list[Problem] = []
    targets = []
    file = (folder or _built_in()).joinpath(TARGETS)
    for entry in _entries(file, _shown(file, folder), problems):
        aim = fill(Aim, entry.value, entry.key.text, problems, entry.key.place)
        if aim:
            written = {item.name: getattr(aim, item.name) for item in fields_of(aim)}
            targets.append(Target(name=entry.key.text, place=entry.key.place, **written))
    if problems:
        raise BadInput(problems)
    return tuple(targets)


def check_labels(table: ParameterTable, dimensions: Labels) -> list[Problem]:
    """What is wrong with the dimensions and labels of the parameters: unknown ones, and labels without a value."""
    problems = []
    for parameter in table.values():
        unknown = [name for name in parameter.dimensions if name not in dimensions]
        for name in unknown:
            key = f"{parameter.name}.dimensions"
            problems.append(Problem(f"unknown dimension {name!r}", parameter.place, key, nearest(name, dimensions)))
        if not unknown:
            problems += _label_problems(parameter, dimensions)
    return problems


def _label_problems(parameter: Parameter, dimensions: Labels) -> Iterable[Problem]:
    key, names = f"{parameter.name}.value", parameter.dimensions
    problems = [
        Problem(wrong[0], place, f"{key}.{label}", wrong[1])
        for element in parameter.value
        for depth, (label, place) in enumerate(zip(element.labels, element.label_places, strict=True))
        if label and (wrong := wrong_label(label, depth, names, dimensions))
    ]
    if problems:
        return dict.fromkeys(problems)  # a label with several values below it is wrong once
    missing = (
        []
        if parameter.curve
        else [
            " ".join(labels)
            for labels in product(*(dimensions[name] for name in names))
            if not any(_covers(element.named(len(names)), labels) for element in parameter.value)
        ]
    )
    return [Problem(f"no value for {', '.join(missing)}", parameter.place, key)] if missing else []


def _covers(named: tuple[str | None, ...], labels: tuple[str, ...]) -> bool:
    return all(name is None or name == label for name, label in zip(named, labels, strict=True))


def _parameter(entry: Entry, sector: str, problems: list[Problem]) -> Parameter | None:
    name, place, before = entry.key.text, entry.key.place, len(problems)
    if not (name.isidentifier() and name.isascii() and name == name.lower()):
        problems.append(Problem("a name is lower-case letters, digits and _", place, name))
    written = fill(Written, entry.value, name, problems, place)
    if not isinstance(entry.value, Block):
        return None
    value = _value(entry.value, name, place, problems)
    if written is None or len(problems) > before:
        return None
    parameter = Parameter(
        name=name,
        unit=written.unit,
        value=value,
        range=written.range,
        label=written.label,
        sector=sector,
        dimensions=written.dimensions,
        distribution=_distribution(entry.value, name, "distribution", written.distribution, _single(value), problems),
        factor=_distribution(entry.value, name, "factor", written.factor, 1.0, problems),
        chance=written.chance,
        curve=_curve(entry.value, name, problems),
        certain=written.certain,
        independent=written.independent,
        redrawn=written.redrawn is not None,
        source=written.source,
        judgment=written.judgment,
        grade=written.grade,
        note=written.note,
        counting=written.counting,
        announced=written.announced or "",
        realises=written.realises or "",
        lever=written.lever,
        place=place,
    )
    problems += _contradictions(parameter, entry.value)
    return parameter if len(problems) == before else None


def _single(value: tuple[Element, ...]) -> float | None:
    """The number of a value that is one number."""
    if len(value) == 1 and not any(value[0].labels) and isinstance(value[0].path, Constant):
        return value[0].path.to
    return None


def _value(block: Block, name: str, place: Place, problems: list[Problem]) -> tuple[Element, ...]:
    """The value of a parameter, read even if other fields are wrong, so that all problems come at once."""
    node, measure = block.get("value"), _measure(block, name, problems)
    if node is None and block.get("curve") is None:
        problems.append(Problem("is missing; write value, or curve: {x: y, ...}", place, f"{name}.value"))
    dimensions = tuple(dimension.text for dimension in texts(block.get("dimensions")))
    return tuple(ValueReader(measure, problems, dimensions).elements(node, f"{name}.value")) if node else ()


def _curve(block: Block, name: str, problems: list[Problem]) -> Curve | None:
    """The points of a curve, x: y, both pure numbers, y within the range."""
    node = block.get("curve")
    if node is None:
        return None
    if not isinstance(node, Block):
        problems.append(Problem("write the points as x: y", node.place, f"{name}.curve"))
        return None
    measure, points = _measure(block, name, []), []
    for entry in node.entries:
        try:
            written = entry.value.text if isinstance(entry.value, Scalar) else ""
            points.append((number(entry.key.text), measure.read(written)))
        except ValueError as error:
            problems.append(Problem(str(error), entry.key.place, f"{name}.curve.{entry.key.text}"))
    if len(points) < len(node.entries):
        return None
    try:
        return Curve(tuple(x for x, _ in points), tuple(y for _, y in points))
    except ValueError as error:
        problems.append(Problem(str(error), node.place, f"{name}.curve"))
        return None


def _measure(block: Block, name: str, problems: list[Problem]) -> Measure:
    """Unit and range as far as they can be read; what cannot, `fill` has told already."""
    bounds = block.get("range")
    unit = next((written.text for written in texts(block.get("unit")) if is_unit(written.text)), None)
    try:
        low, high = (number(item.text) for item in texts(bounds))
    except ValueError:
        return Measure(unit)
    if low < high:
        return Measure(unit, (low, high))
    place = (bounds or block).place
    problems.append(Problem(f"low bound {low:g} is not below high bound {high:g}", place, f"{name}.range"))
    return Measure(unit)


def _distribution(
    block: Block, name: str, key: str, spread: Spread | None, median: float | None, problems: list[Problem]
) -> Distribution | None:
    if spread is None or median is None:
        return None
    numbers = {word: getattr(spread, word) for word in ("p05", "p95", "low", "mode", "high")}
    try:
        given = {word: quantile for word, quantile in numbers.items() if quantile is not None}
        return distribution(spread.family, median, **given)
    except ValueError as error:
        place = (block.get(key) or block).place
        problems.append(Problem(str(error), place, f"{name}.{key}"))
        return None


def _contradictions(parameter: Parameter, block: Block) -> Iterator[Problem]:
    """What the fields of a parameter say against one another."""
    spreads = [key for key in ("distribution", "factor") if block.entry(key)]
    drawn = bool(spreads) or parameter.chance
    bodies = [key for key in ("value", "curve") if block.entry(key)]
    checks = (
        (parameter.number is None and "distribution" in spreads, "distribution",
         "a distribution is of a single number; write factor for a value by label or over time"),
        (len(bodies) == 2, "value", "does not go beside curve; write one of the two"),
        (parameter.chance and "distribution" in spreads, "chance",
         "does not go beside a distribution; doubt about a probability is a factor"),
        (parameter.chance and not (parameter.range[0] >= 0.0 and parameter.range[1] <= 1.0), "chance",
         "needs a range within 0 and 1: its value is a probability"),
        (len(spreads) == 2, "factor", "does not go beside distribution; write one of the two"),
        (not drawn and not parameter.certain.strip(), "certain",
         "is missing; write a distribution, a factor, chance: true or why the number is certain"),
        (drawn and bool(block.entry("certain")), "certain", "does not go beside a distribution or factor"),
        (not drawn and parameter.independent, "independent", "means nothing for a certain number"),
        (not drawn and parameter.redrawn, "redrawn", "means nothing for a certain number"),
        (parameter.independent and not parameter.dimensions, "independent", "means nothing without dimensions"),
        (not (parameter.source or parameter.judgment.strip()), "source",
         "is missing; write source: [id of evidence] or judgment: why this number"),
        (parameter.grade != "J" and not parameter.source, "grade", "must be J for a judgment without a source"),
        (parameter.grade == "J" and not parameter.judgment.strip(), "judgment", "is missing; grade J needs it"),
        (parameter.sector == Path(COUNTING).stem and not parameter.counting, "counting",
         f"is missing; everything in {COUNTING} has counting: true"),
    )  # fmt: skip
    for wrong, key, message in checks:
        if wrong:
            place = found.key.place if (found := block.entry(key)) else parameter.place
            yield Problem(message, place, f"{parameter.name}.{key}")


def _built_in() -> Traversable:
    return files("vimach").joinpath("parameters")


def _yaml_files(folder: Path | Traversable | None) -> Iterator[tuple[Path | Traversable, str]]:
    for file in sorted((folder or _built_in()).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml") and file.name != TARGETS:
            yield file, _shown(file, folder)


def _shown(file: Path | Traversable, folder: Path | Traversable | None) -> str:
    """How the file is named in messages and results: a built-in one without the path of this machine."""
    return f"vimach/parameters/{file.name}" if folder is None else str(file)


def _entries(file: Path | Traversable, shown: str, problems: list[Problem]) -> tuple[Entry, ...]:
    root = read(file, shown, problems)
    return root.entries if root else ()


__all__ = [
    "Label", "Lever", "Move", "Parameter", "ParameterTable", "Target", "UnitCost",
    "check_labels", "read_parameters", "read_targets",
]  # fmt: skip

"""The parameters of the model: each number's unit, bounds, distribution, source and grade, read from YAML."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass as block

from vimach.errors import BadInput, Place, Problem, nearest
from vimach.fields import STRICT, Flag, Label, Listed, Number, Text, Unit, Year, fill
from vimach.parameters.distributions import Distribution
from vimach.paths import Constant, Floats
from vimach.values import Element, Measure, ValueReader
from vimach.yaml_reader import Block, Entry, read

TARGETS, COUNTING = "targets.yaml", "counting.yaml"


def _sourced(given: "UnitCost") -> "UnitCost":
    if not (given.source or given.judgment):
        raise ValueError("has neither source nor judgment; write where the number comes from")
    return given


@block(frozen=True, config=STRICT)
class Move:
    """An output that a lever is expected to move: which way, from what time, and at which setting of the others."""

    output: Text
    direction: Literal["up", "down"]
    since: Year = Field(alias="from")
    at: Text


@block(frozen=True, config=STRICT)
class UnitCost:
    """What one unit of a lever costs."""

    value: Number
    unit: Unit
    source: Listed = ()
    judgment: str = ""


@block(frozen=True, config=STRICT)
class Lever:
    """What makes a parameter a lever: who can move it, with which instrument, from which year, to what end."""

    status: Literal["law", "budgeted", "announced_with_size", "proposed_without_size", "evidence_only"]
    decided_by: Label
    instrument: Text
    first_year: Year
    moves: tuple[Move, ...] = ()
    unit_cost: Annotated[UnitCost, AfterValidator(_sourced)] | None = None


@block(frozen=True, config=STRICT)
class _Spread:
    family: Literal["lognormal", "normal", "logitnormal", "uniform", "triangular"]
    p05: Number | None = None
    p95: Number | None = None
    low: Number | None = None
    mode: Number | None = None
    high: Number | None = None


@block(frozen=True, config=STRICT)
class _Written:
    """One parameter as written; `value` is read apart, in its unit and range."""

    label: Label
    unit: Unit
    value: Any
    range: tuple[Number, Number]
    grade: Literal["A", "B", "C", "D", "J"]
    dimensions: Listed = ()
    distribution: _Spread | None = None
    factor: _Spread | None = None
    certain: str = ""
    independent: Flag = False
    redrawn: Literal["yearly"] | None = None
    source: Listed = ()
    judgment: str = ""
    note: str = ""
    counting: Flag = False
    lever: Lever | None = None


@block(frozen=True, config=STRICT)
class _Aim:
    """One target as written."""

    label: Label
    variable: Text
    value: Number
    unit: Unit
    by: Year
    source: Listed
    rung: str = ""
    note: str = ""


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
    place: Place = Place("")


@dataclass(frozen=True)
class Parameter:
    """One number of the model, or one by label, or a path over time, with all that is known about it.

    `value` holds its elements in order of precedence: a later element overrides an earlier one for its labels.
    `distribution` is that of the number itself, `factor` that of a common factor with median 1; with neither, the
    number is certain and `certain` says why. `range` are hard bounds in `unit`.
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
    certain: str = ""
    independent: bool = False
    redrawn: bool = False
    source: tuple[str, ...] = ()
    judgment: str = ""
    grade: str = "J"
    note: str = ""
    counting: bool = False
    lever: Lever | None = None
    place: Place = field(default=Place(""), compare=False)

    @property
    def number(self) -> float | None:
        """The one number that holds for every label at every time; None if there are several."""
        only = self.value[0] if len(self.value) == 1 else None
        if only and not only.labels and isinstance(only.path, Constant):
            return only.path.to
        return None

    @property
    def varies(self) -> bool:
        """Whether the central value changes over time."""
        return any(not isinstance(element.path, Constant) for element in self.value)

    def central(self, dims: Mapping[str, tuple[str, ...]], times: Floats | None = None) -> Floats:
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


def _positions(
    labels: tuple[str | None, ...], dimensions: tuple[str, ...], dims: Mapping[str, tuple[str, ...]]
) -> Iterator[int | slice]:
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
        for entry in _entries(file, shown, problems):
            parameter = _parameter(entry, Path(file.name).stem, problems)
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
        aim = fill(_Aim, entry.value, entry.key.text, problems, entry.key.place)
        if aim:
            written = {item.name: getattr(aim, item.name) for item in fields_of(aim)}  # type: ignore[arg-type]
            targets.append(Target(name=entry.key.text, place=entry.key.place, **written))
    if problems:
        raise BadInput(problems)
    return tuple(targets)


def check_labels(table: ParameterTable, dimensions: Mapping[str, tuple[str, ...]]) -> list[Problem]:
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


def label_problems(
    element: Element, key: str, names: tuple[str, ...], dimensions: Mapping[str, tuple[str, ...]]
) -> Iterator[Problem]:
    """What is wrong with the labels of one element of a value with the dimensions `names`."""
    if len(element.labels) > len(names):
        has = f"has only the dimensions {', '.join(names)}" if names else "has no dimensions; write one number or a path"
        yield Problem(has, element.place, ".".join([key, *(label or "all" for label in element.labels)]))
        return
    for depth, (label, name) in enumerate(zip(element.labels, names, strict=False)):
        known = dimensions.get(name)
        if label is None or known is None or label in known:
            continue
        inside = ".".join([key, *(part or "all" for part in element.labels[: depth + 1])])
        message = f"unknown label of {name}; known: all, {', '.join(known)}"
        for other in names:
            if label in dimensions.get(other, ()):
                message = f"a label of {other}, but {name} comes first; write all: {{{label}: ...}}"
        yield Problem(message, element.place, inside, nearest(label, known))


def _label_problems(parameter: Parameter, dimensions: Mapping[str, tuple[str, ...]]) -> list[Problem]:
    key = f"{parameter.name}.value"
    problems = [
        problem for element in parameter.value for problem in label_problems(element, key, parameter.dimensions, dimensions)
    ]
    if problems:
        return problems
    count = len(parameter.dimensions)
    missing = [
        " ".join(labels)
        for labels in product(*(dimensions[name] for name in parameter.dimensions))
        if not any(_covers(element.named(count), labels) for element in parameter.value)
    ]
    return [Problem(f"no value for {', '.join(missing)}", parameter.place, key)] if missing else []


def _covers(named: tuple[str | None, ...], labels: tuple[str, ...]) -> bool:
    return all(name is None or name == label for name, label in zip(named, labels, strict=True))


def _parameter(entry: Entry, sector: str, problems: list[Problem]) -> Parameter | None:
    name, before = entry.key.text, len(problems)
    if not (name.isidentifier() and name.isascii() and name == name.lower()):
        problems.append(Problem("a name is lower-case letters, digits and _", entry.key.place, name))
    written = fill(_Written, entry.value, name, problems, entry.key.place)
    if written is None:
        return None
    assert isinstance(entry.value, Block)
    value = _value(entry.value, written, name, problems)
    if len(problems) > before:
        return None
    centre = value[0].path.to if len(value) == 1 and isinstance(value[0].path, Constant) else None
    parameter = Parameter(
        name=name,
        unit=written.unit,
        value=value,
        range=written.range,
        label=written.label,
        sector=sector,
        dimensions=written.dimensions,
        distribution=_distribution(entry, "distribution", written.distribution, centre, problems),
        factor=_distribution(entry, "factor", written.factor, 1.0, problems),
        certain=written.certain,
        independent=written.independent,
        redrawn=written.redrawn is not None,
        source=written.source,
        judgment=written.judgment,
        grade=written.grade,
        note=written.note,
        counting=written.counting,
        lever=written.lever,
        place=entry.key.place,
    )
    problems += _contradictions(parameter, entry)
    return parameter if len(problems) == before else None


def _value(written: Block, fields: _Written, name: str, problems: list[Problem]) -> tuple[Element, ...]:
    node = written.get("value")
    assert node is not None
    low, high = fields.range
    if not low < high:
        place = (written.get("range") or written).place
        problems.append(Problem(f"low bound {low:g} is not below high bound {high:g}", place, f"{name}.range"))
        return ()
    return tuple(ValueReader(Measure(fields.unit, fields.range), problems).elements(node, f"{name}.value"))


def _distribution(
    entry: Entry, key: str, spread: _Spread | None, median: float | None, problems: list[Problem]
) -> Distribution | None:
    if spread is None or median is None:
        return None
    numbers = {name: getattr(spread, name) for name in ("p05", "p95", "low", "mode", "high")}
    try:
        given = {name: value for name, value in numbers.items() if value is not None}
        return Distribution(family=spread.family, median=median, **given)
    except (ValueError, TypeError) as error:
        assert isinstance(entry.value, Block)
        node = entry.value.get(key) or entry.value
        problems.append(Problem(str(error), node.place, f"{entry.key.text}.{key}"))
        return None


def _contradictions(parameter: Parameter, entry: Entry) -> Iterator[Problem]:
    """What the fields of a parameter say against one another."""
    assert isinstance(entry.value, Block)
    block = entry.value
    spreads = [key for key in ("distribution", "factor") if block.entry(key)]
    drawn = bool(spreads)
    checks = (
        (parameter.number is None and "distribution" in spreads, "distribution",
         "a distribution is of a single number; write factor for a value by label or over time"),
        (len(spreads) == 2, "factor", "does not go beside distribution; write one of the two"),
        (not drawn and not parameter.certain.strip(), "certain",
         "is missing; write a distribution, a factor or why the number is certain"),
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
            place = found.key.place if (found := block.entry(key)) else entry.key.place
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
    try:
        return read(file, shown).entries
    except BadInput as error:
        problems += error.problems
        return ()

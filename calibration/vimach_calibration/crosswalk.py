"""The crosswalk: which spellings mean the same unit or place, and which rows make up which observed series.

It holds every judgment made about the raw rows, so that the rows themselves are never edited.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path

from vimach.errors import BadInput, Place
from vimach.library import folder
from vimach.units import factor
from vimach.yaml_reader import Block, Node
from vimach_calibration.yaml_fields import Fields

REGIONS = ("north", "central", "south", "national", "abroad", "several")
DEFAULT_SD = 0.10
"""Standard deviation on the log scale of a rounded head count that offices repeat."""

_JUDGMENTS = ("repeats", "dated", "spread", "scope", "derived")


@dataclass(frozen=True)
class Unit:
    """A unit of vimach.units and the factor to it; `known` is False for units that the model has no word for."""

    name: str
    factor: float = 1.0
    known: bool = True


@dataclass(frozen=True)
class Locality:
    """A place: its name in print, its region of the model, and the province that holds it since July 2025."""

    name: str
    region: str
    since_july_2025: str = ""


@dataclass(frozen=True)
class Match:
    """Rows of a series: quantity, segment and printed place each out of a set; `scope` names their definition."""

    quantities: tuple[str, ...]
    segments: tuple[str, ...]
    places: tuple[str, ...]
    scope: str = ""


@dataclass(frozen=True)
class Note:
    """A judgment on one row: why, where it was written, and what it refers to."""

    because: str
    origin: Place
    others: tuple[str, ...] = ()
    time: float | None = None


@dataclass(frozen=True)
class SeriesRule:
    """How one observed series is made; see the comments of crosswalk.yaml for each field."""

    name: str
    unit: str
    measure: str
    matches: tuple[Match, ...]
    origin: Place
    sd: float = DEFAULT_SD
    announced: bool = False
    repeats: Mapping[str, Note] = field(default_factory=dict)
    dated: Mapping[str, Note] = field(default_factory=dict)
    spread: Mapping[str, Note] = field(default_factory=dict)
    scope: Mapping[str, Note] = field(default_factory=dict)
    derived: Mapping[str, Note] = field(default_factory=dict)
    fresh: tuple[str, ...] = ()

    def judged(self) -> dict[str, Place]:
        """Every row id that the rule names, with the place where it does."""
        groups = (self.repeats, self.dated, self.spread, self.scope, self.derived)
        named = {row: note.origin for group in groups for row, note in group.items()}
        named |= {other: note.origin for group in groups for note in group.values() for other in note.others}
        return named | dict.fromkeys(self.fresh, self.origin)


@dataclass(frozen=True)
class Crosswalk:
    """Units and places by spelling, series by name, and the span within which an equal number is a repeat (years)."""

    units: Mapping[str, Unit]
    places: Mapping[str, Locality]
    series: Mapping[str, SeriesRule]
    repeats_within_years: float

    @property
    def quantities(self) -> frozenset[str]:
        """The quantity names that feed some series."""
        rules = self.series.values()
        return frozenset(name for rule in rules for match in rule.matches for name in match.quantities)


def read_crosswalk(file: Path | Traversable | None = None) -> Crosswalk:
    """The crosswalk of `file`, by default the one that comes with vimach; BadInput lists all that is wrong in it."""
    fields = Fields()
    tree = fields.tree(folder("evidence").joinpath("crosswalk.yaml") if file is None else file)
    keys = ("units", "kept_as_written", "places", "repeats_within_years", "series")
    fields.block(tree, "", keys, keys)
    places = fields.block(tree.get("places"), "places")
    series = fields.block(tree.get("series"), "series")
    crosswalk = Crosswalk(
        units=_units(tree, fields),
        places={entry.key.text: _locality(fields, entry.value, entry.key.text) for entry in places.entries},
        series={entry.key.text: _rule(fields, entry.value, entry.key.text) for entry in series.entries},
        repeats_within_years=fields.number(tree.get("repeats_within_years"), "repeats_within_years") or 0.0,
    )
    fields.finish()
    return crosswalk


def _units(tree: Block, fields: Fields) -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for entry in fields.block(tree.get("units"), "units").entries:
        spelling, pair = entry.key.text, fields.items(entry.value, entry.key.text)
        if len(pair) != 2:
            fields.complain(entry.value.place, "a unit is written [unit, factor]", spelling)
            continue
        name, scale = fields.text(pair[0], spelling), fields.number(pair[1], spelling) or 1.0
        units[spelling] = Unit(name, scale)
        try:
            factor(name, name)
        except BadInput as error:
            fields.complain(pair[0].place, str(error), spelling)
    kept = tree.get("kept_as_written")
    return units | {spelling: Unit(spelling, known=False) for spelling in fields.texts(kept, "kept_as_written")}


def _locality(fields: Fields, node: Node, key: str) -> Locality:
    block = fields.block(node, key, ("name", "region", "since_july_2025"), ("name", "region"))
    region = fields.one_of(block.get("region"), f"{key}.region", REGIONS)
    merged = fields.text(block.get("since_july_2025"), f"{key}.since_july_2025")
    return Locality(fields.text(block.get("name"), f"{key}.name"), region, merged)


def _rule(fields: Fields, node: Node, name: str) -> SeriesRule:
    required = ("unit", "measure", "matches")
    block = fields.block(node, name, (*required, "sd", "announced", "fresh", *_JUDGMENTS), required)
    sd = fields.number(block.get("sd"), f"{name}.sd")
    return SeriesRule(
        name=name,
        unit=fields.text(block.get("unit"), f"{name}.unit"),
        measure=fields.one_of(block.get("measure"), f"{name}.measure", ("stock", "flow")),
        matches=tuple(_match(fields, item, name) for item in fields.items(block.get("matches"), f"{name}.matches")),
        origin=block.place,
        sd=DEFAULT_SD if sd is None else sd,
        announced=fields.one_of(block.get("announced"), f"{name}.announced", ("true", "false")) == "true",
        fresh=fields.texts(block.get("fresh"), f"{name}.fresh"),
        **{kind: _notes(fields, block, name, kind) for kind in _JUDGMENTS},
    )


def _match(fields: Fields, node: Node, name: str) -> Match:
    block = fields.block(node, name, ("quantity", "segment", "place", "scope"), ("quantity", "segment", "place"))
    return Match(
        quantities=fields.texts(block.get("quantity"), f"{name}.quantity"),
        segments=fields.texts(block.get("segment"), f"{name}.segment"),
        places=fields.texts(block.get("place"), f"{name}.place"),
        scope=fields.text(block.get("scope"), f"{name}.scope"),
    )


_NOTE_KEYS = {"repeats": ("because", "ids"), "dated": ("because", "time"), "spread": ("because", "with")}


def _notes(fields: Fields, rule: Block, name: str, kind: str) -> dict[str, Note]:
    notes = {}
    for entry in fields.block(rule.get(kind), f"{name}.{kind}").entries:
        row, place = entry.key.text, entry.key.place
        if kind not in _NOTE_KEYS:  # a scope or derived note is a reason alone
            notes[row] = Note(fields.text(entry.value, row), place)
            continue
        block = fields.block(entry.value, row, _NOTE_KEYS[kind], _NOTE_KEYS[kind])
        other = block.get("with")
        others = (fields.text(other, row),) if other is not None else fields.texts(block.get("ids"), row)
        notes[row] = Note(fields.text(block.get("because"), row), place, others, fields.number(block.get("time"), row))
    return notes

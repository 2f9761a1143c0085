"""Training targets that provinces, universities and firms announced, and what is left of their sum without overlap."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass as block

from vimach.errors import BadInput, Problem, nearest
from vimach.fields import STRICT, Listed, Number, Text, Year, fill
from vimach.library import folder
from vimach.yaml_reader import Block, Entry
from vimach_calibration.evidence import EvidenceTable, read_evidence
from vimach_calibration.sources import cited, numbers_of, place_of, read_tree, said, same


@block(frozen=True, config=STRICT)
class Yardstick:
    """What the targets are held against (persons)."""

    size: Number
    source: Listed


@block(frozen=True, config=STRICT)
class TrainingTarget:
    """One announced target, in persons over the calendar years `first` to `last`.

    `inside` names the entry that already contains `inside_share` of it; `degree`: whether it counts people with a
    bachelor's degree or higher, where its source says.
    """

    label: Text
    by: Literal["province", "university", "firm", "partner"]
    region: Literal["north", "central", "south", "national"]
    first: Annotated[Year, Field(alias="from")]
    last: Annotated[Year, Field(alias="to")]
    counts: Text
    degree: Literal["yes", "no", "not stated"]
    size: Number
    source: Listed
    inside: Text | None = None
    inside_share: Number = 1.0
    overlap: Text | None = None

    @property
    def net(self) -> float:
        """Persons that no other entry contains."""
        return self.size * (1 - self.inside_share) if self.inside else self.size


@dataclass(frozen=True)
class TrainingTargets:
    """The targets by name, in written order, and the yardstick in persons."""

    yardstick: float
    targets: Mapping[str, TrainingTarget]

    def frame(self) -> pd.DataFrame:
        """One line a target: size, overlap (which entry contains it, and how much), net size, sources."""
        lines = [
            (name, target.label, target.by, target.region, int(target.first), int(target.last), target.counts,
             target.degree, target.size, target.inside or "", target.inside_share if target.inside else 0.0,
             target.net, " ".join(target.source))
            for name, target in self.targets.items()
        ]  # fmt: skip
        columns = (
            "name", "label", "by", "region", "from", "to", "counts", "degree", "size", "inside", "inside_share", "net",
            "source",
        )  # fmt: skip
        return pd.DataFrame(lines, columns=list(columns))

    def totals(self) -> pd.DataFrame:
        """Persons before and after overlap, and as a multiple of the yardstick: all; those that state a degree; those
        that may count degree holders, which are these and those that state no level."""
        table = self.frame()
        lines = []
        kinds = {"all": table["degree"].notna(), "degree": table["degree"] == "yes", "may": table["degree"] != "no"}
        for name, which in kinds.items():
            chosen = table[which]
            before, after = float(chosen["size"].sum()), float(chosen["net"].sum())
            lines.append((name, len(chosen), before, after, before / self.yardstick, after / self.yardstick))
        columns = ("counted", "targets", "before_overlap", "after_overlap", "before_ratio", "after_ratio")
        return pd.DataFrame(lines, columns=list(columns))


def read_training_targets(
    file: Path | Traversable | None = None, table: EvidenceTable | None = None
) -> TrainingTargets:
    """The targets of `file`, by default the ones of the evidence, their sources looked up in `table`.

    BadInput lists every problem with file, line and column: an unknown source, a size that no source gives, years in
    the wrong order, an overlap with an entry that does not exist, or in a circle.
    """
    table = read_evidence() if table is None else table
    problems: list[Problem] = []
    file = folder("evidence").joinpath("training_targets.yaml") if file is None else file
    tree = read_tree(file, ("yardstick", "targets"), problems)
    held, listed = tree["yardstick"], tree["targets"]
    yardstick = fill(Yardstick, held, "yardstick", problems) if isinstance(held, Block) else None
    if yardstick and isinstance(held, Block):
        _check_size(yardstick.size, held, "yardstick", table, problems)
    targets = {}
    entries = listed.entries if isinstance(listed, Block) else ()
    for entry in entries:
        target = fill(TrainingTarget, entry.value, entry.key.text, problems, entry.key.place)
        if target is not None and isinstance(entry.value, Block):
            targets[entry.key.text] = target
            _check(entry, entry.value, target, table, problems)
    for entry in entries:
        _check_overlap(entry, targets, problems)
    if problems or yardstick is None:
        raise BadInput(problems)
    return TrainingTargets(yardstick.size, targets)


def _check(entry: Entry, holder: Block, target: TrainingTarget, table: EvidenceTable, problems: list[Problem]) -> None:
    def complain(message: str, *path: str) -> None:
        problems.append(Problem(message, place_of(entry, *path), ".".join((entry.key.text, *path))))

    _check_size(target.size, holder, entry.key.text, table, problems)
    if target.last < target.first:
        complain("ends before it begins", "to")
    if not 0 <= target.inside_share <= 1:
        complain("a share lies between 0 and 1", "inside_share")
    elif target.inside_share != 1 and not (target.inside and target.overlap):
        complain("a part needs `inside` (of what) and `overlap` (why this part)", "inside_share")


def _check_size(size: float, holder: Block, key: str, table: EvidenceTable, problems: list[Problem]) -> None:
    """Whether one of the sources gives `size`, in persons."""
    rows = cited(holder, f"{key}.source", table, problems)
    given = [number for number, unit in numbers_of(rows) if unit == "person"]
    if rows and not any(same(size, number) for number in given) and not said(size, rows):
        written = holder.entry("size")
        place = written.key.place if written else holder.place
        problems.append(Problem(f"{size:g} persons stand in none of the sources", place, f"{key}.size"))


def _check_overlap(entry: Entry, targets: Mapping[str, TrainingTarget], problems: list[Problem]) -> None:
    """Whether the entries that contain this one exist and do not lead back to it."""
    name, met = entry.key.text, [entry.key.text]
    target = targets.get(name)
    while target is not None and target.inside:
        place = place_of(entry, "inside")
        if target.inside in met:
            problems.append(Problem(f"lies inside itself: {' > '.join([*met, target.inside])}", place, name))
            return
        if target.inside not in targets:
            if len(met) == 1:
                hint = nearest(target.inside, targets)
                problems.append(Problem(f"there is no entry {target.inside!r}", place, f"{name}.inside", hint))
            return
        met.append(target.inside)
        target = targets[target.inside]

"""Provinces: the map of 34 since July 2025, the old names on it, and the sharing out of national numbers."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

import pandas as pd
import xarray as xr
from pydantic.dataclasses import dataclass as block

from vimach.errors import BadInput, Place, Problem, nearest
from vimach.fields import STRICT, Label, Listed, Number, Text, fill
from vimach.library import folder
from vimach.yaml_reader import Block, Entry, Scalar
from vimach_calibration.evidence import EvidenceTable, read_evidence
from vimach_calibration.sources import cited, place_of, read_tree

QUANTITIES = ("design_engineers", "atp_engineers", "firms", "students")
VARIABLES = {
    "design_engineers": "employed_design", "atp_engineers": "employed_atp", "firms": "design_firms_active",
    "students": "enrolled_dedicated",
}  # fmt: skip
"""The national stock of the model that each quantity shares out."""
SHOWN = (2031.0, 2036.0)
"""End 2030 and end 2035."""
OTHER = "other"
"""The provinces that an allocation does not name, together."""


@block(frozen=True, config=STRICT)
class Province:
    """A province of the new map; `holds` are the old provinces merged into it beside the one of its own name."""

    name: Label
    region: Literal["north", "central", "south"]
    holds: Listed = ()


@block(frozen=True, config=STRICT)
class Share:
    """A province's share of the country, between `low` and `high`."""

    share: Number
    low: Number
    high: Number
    judgment: Text
    source: Listed = ()


@dataclass(frozen=True)
class Provinces:
    """`map`: the provinces by key. `allocation`: by quantity, then by key of a province or OTHER."""

    merged_on: date
    map: Mapping[str, Province]
    allocation: Mapping[str, Mapping[str, Share]]

    def now(self, place: str) -> str:
        """The key of the province that holds `place`, an old or a new name in English; BadInput if there is none."""
        for key, province in self.map.items():
            if place in (key, province.name.en, province.name.vi, *province.holds):
                return key
        known = [name for province in self.map.values() for name in (province.name.en, *province.holds)]
        raise BadInput(Problem(f"no province is or was called {place!r}", suggestion=nearest(place, known)))

    def total(self, values: Mapping[str, float], day: date) -> dict[str, float]:
        """Numbers by place, as counted on `day`, added up by province of the new map.

        Before the mergers the parts are added. Since then a name covers all that was merged into it, so a number for
        a part beside one for the whole would count people twice: BadInput.
        """
        sums: dict[str, float] = {}
        whole = {key for place in values if (key := self.now(place)) and place not in self.map[key].holds}
        for place, value in values.items():
            key = self.now(place)
            if day >= self.merged_on and place in self.map[key].holds and key in whole:
                name = self.map[key].name.en
                raise BadInput(f"{place} is inside {name} since {self.merged_on}; its number is already in that one")
            sums[key] = sums.get(key, 0.0) + value
        return sums

    def allocate(self, quantity: str, total: float) -> pd.DataFrame:
        """`total` shared out by province: columns province, region, value, low, high. BadInput if not in QUANTITIES.

        The ends are those of each share alone; they do not add up to the total.
        """
        if quantity not in self.allocation:
            raise BadInput(Problem(f"no allocation of {quantity!r}", suggestion=nearest(quantity, self.allocation)))
        lines = [
            (key, "several" if key == OTHER else self.map[key].region, *(total * end for end in ends))
            for key, part in self.allocation[quantity].items()
            for ends in [(part.share, part.low, part.high)]
        ]
        return pd.DataFrame(lines, columns=["province", "region", "value", "low", "high"])

    def frame(self) -> pd.DataFrame:
        """The whole table: one line a quantity and province."""
        lines = [
            (quantity, key, part.share, part.low, part.high, " ".join(part.source), part.judgment)
            for quantity, parts in self.allocation.items()
            for key, part in parts.items()
        ]
        return pd.DataFrame(lines, columns=["quantity", "province", "share", "low", "high", "source", "judgment"])


def shared_out(runs: Iterable[xr.Dataset], provinces: Provinces) -> pd.DataFrame:
    """Medians of national stocks at SHOWN, shared out by province: a line a scenario, variable, edge and province.

    `low` and `high` are the ends of the judged share of that median; the spread of runs is not in them, and the ends do
    not add up to the nation. Edges beyond the run, and variables that it did not keep, are left out.
    """
    parts = []
    for run in runs:
        for quantity, variable in VARIABLES.items():
            for edge in SHOWN:
                if variable not in run or edge not in run["edge"]:
                    continue
                values = run[variable].sel(edge=edge)
                national = values.sum([dim for dim in values.dims if dim != "member"])
                part = provinces.allocate(quantity, float(national.median()))
                names = [provinces.map[key].name if key in provinces.map else None for key in part["province"]]
                about = {"scenario": run.attrs["scenario"], "variable": variable, "edge": edge}
                about["unit"] = values.attrs["unit"]
                labels = {f"name_{lang}": [getattr(name, lang, "") for name in names] for lang in ("en", "vi")}
                parts.append(part.assign(**about, **labels))
    columns = [
        "scenario", "variable", "unit", "edge", "province", "name_en", "name_vi", "region", "value", "low", "high",
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def read_provinces(file: Path | Traversable | None = None, table: EvidenceTable | None = None) -> Provinces:
    """The map and allocation of `file`, by default the ones of the evidence, sources looked up in `table`.

    BadInput lists every problem with file, line and column: a name on the map twice, an unknown province or source,
    a share outside its range, shares that do not sum to 1.
    """
    table = read_evidence() if table is None else table
    problems: list[Problem] = []
    words = ("merged_on", "provinces", "allocation")
    file = folder("evidence").joinpath("provinces.yaml") if file is None else file
    tree = read_tree(file, words, problems, texts_at=("merged_on",))
    merged_on = _day(tree["merged_on"], problems)
    provinces, seen = {}, dict[str, str]()
    for entry in _entries(tree["provinces"]):
        province = fill(Province, entry.value, entry.key.text, problems, entry.key.place)
        if province is None:
            continue
        provinces[entry.key.text] = province
        for name in (province.name.en, *province.holds):
            if name in seen:
                message = f"{name!r} is already on the map, in {seen[name]}"
                problems.append(Problem(message, place_of(entry, "holds"), entry.key.text))
            seen.setdefault(name, entry.key.text)
    allocation = {entry.key.text: _parts(entry, provinces, table, problems) for entry in _entries(tree["allocation"])}
    _check_names(tree["allocation"], allocation, problems)
    if problems:
        raise BadInput(problems)
    return Provinces(merged_on, provinces, allocation)


def _entries(node: Block | Scalar) -> tuple[Entry, ...]:
    return node.entries if isinstance(node, Block) else ()


def _day(node: Block | Scalar, problems: list[Problem]) -> date:
    written = node.text if isinstance(node, Scalar) else ""
    try:
        return date.fromisoformat(written)
    except ValueError:
        problems.append(Problem(f"{written!r} is not a date such as 2025-07-01", node.place, "merged_on"))
        return date.max


def _check_names(node: Block | Scalar, found: Mapping[str, object], problems: list[Problem]) -> None:
    for entry in _entries(node):
        if entry.key.text not in QUANTITIES:
            hint = nearest(entry.key.text, QUANTITIES)
            problems.append(Problem(f"is none of {', '.join(QUANTITIES)}", entry.key.place, entry.key.text, hint))
    for name in QUANTITIES:
        if name not in found:
            problems.append(Problem("is missing", node.place, f"allocation.{name}"))


def _parts(
    quantity: Entry, provinces: Mapping[str, Province], table: EvidenceTable, problems: list[Problem]
) -> dict[str, Share]:
    """The shares of one quantity, checked."""
    if not isinstance(quantity.value, Block):
        message = f"{quantity.value.kind} where a mapping of provinces belongs"
        problems.append(Problem(message, quantity.value.place, quantity.key.text))
        return {}
    parts = {}
    for entry in quantity.value.entries:
        key = f"{quantity.key.text}.{entry.key.text}"
        if entry.key.text not in provinces and entry.key.text != OTHER:
            hint = nearest(entry.key.text, [*provinces, OTHER])
            problems.append(Problem("is no province of the new map", entry.key.place, key, hint))
        part = fill(Share, entry.value, key, problems, entry.key.place)
        if part is None or not isinstance(entry.value, Block):
            continue
        parts[entry.key.text] = part
        cited(entry.value, f"{key}.source", table, problems)
        if not 0 <= part.low <= part.share <= part.high <= 1:
            message = f"low {part.low:g}, share {part.share:g} and high {part.high:g} do not rise within 0 to 1"
            problems.append(Problem(message, place_of(entry, "share"), key))
    _check_sum(quantity, parts, problems)
    return parts


def _check_sum(quantity: Entry, parts: Mapping[str, Share], problems: list[Problem]) -> None:
    whole = math.fsum(part.share for part in parts.values())
    place: Place = quantity.key.place
    if OTHER not in parts:
        problems.append(Problem(f"{OTHER!r} is missing", place, quantity.key.text))
    elif abs(whole - 1) > 1e-9:
        problems.append(Problem(f"the shares sum to {whole:.10g}, not 1", place, quantity.key.text))

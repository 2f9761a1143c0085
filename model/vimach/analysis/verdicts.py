"""What moves a verdict most, the definition, the structure of the model or policy; and when each target is reached.

Definition: other readings of what is counted. Structure: switches that no evidence settles for sure, each way. Policy:
other scenarios. All are held against the same members of the same scenario.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.definition import RELATED, TRAINED
from vimach.analysis.targets import (
    INTERVAL,
    at,
    counted,
    describe,
    headline,
    met,
    paired_change,
    quantiles,
    year_reached,
)
from vimach.analysis.variants import Run, with_more
from vimach.ensemble import Block, inputs
from vimach.errors import Place
from vimach.fields import Label
from vimach.parameters.table import ParameterTable, Target
from vimach.paths import Constant
from vimach.scenario import Override, Scenario
from vimach.simulate import Model, Settings

DEFINITION, STRUCTURE, POLICY = "definition", "structure", "policy"
NOTICED: Final = 0.01
"""Change of a probability below which nothing moves it."""
DESIGN_FIRMS, TECHNICIANS, BRANCH = "design_firms", "employed_technicians", "foreign_branch"
FIRST_YEAR: Final = 2022
"""The year in which tables begin; earlier ones are a run-up."""
LADDER: Final = (
    "trained_in_programmes", "trained_with_intense", "trained_with_related", "hired_first_job", "employed_in_sector",
    "retained_two_years",
)  # fmt: skip
"""Other rungs on which a target of people trained is held, too."""
SHARES: Final = (0.04, 0.06)
"""Shares of related graduates that might be counted beside all of count (c)."""

MOVER_COLUMNS: Final[Mapping[str, str]] = {
    "target": "name of the target in targets.yaml",
    "label_en": "its English label",
    "label_vi": "its Vietnamese label",
    "rung": "the rung that a headcount stands on",
    "unit": "unit of target_value",
    "target_value": "what the target asks for",
    "by": "its date as an edge",
    "kind": "definition, structure or policy",
    "what": "the other reading, the switch and its position, or the scenario",
    "what_en": "the same in English words",
    "what_vi": "the same in Vietnamese words",
    "rung_read": "the rung that this reading of the target stands on",
    "low_base": "10 % quantile of the target's variable at its date under the base scenario",
    "median_base": "its median",
    "high_base": "its 90 % quantile",
    "low": "10 % quantile under the alternative",
    "median": "its median",
    "high": "its 90 % quantile",
    "probability_base": "share of members of the base scenario that reach the target by its date",
    "probability": "the same under the alternative",
    "change": "probability less probability_base",
    "change_low": "lower end of the 80 % interval of change, by the luck of the members, who are the same in both",
    "change_high": "upper end",
    "weight": "structure: share of the members, as drawn, in which the switch stands so; empty for the other kinds",
    "largest": "whether this kind moves the verdict most; nowhere if nothing moves it by a percentage point",
}
YEAR_COLUMNS: Final[Mapping[str, str]] = {
    "scenario": "name of the scenario",
    "scenario_hash": "its hash",
    "target": "name of the target in targets.yaml",
    "label_en": "its English label",
    "label_vi": "its Vietnamese label",
    "variable": "the variable that is held against it",
    "rung": "its rung, if it is a headcount",
    "unit": "unit of target_value",
    "target_value": "what the target asks for",
    "by": "its date as an edge",
    "year": "calendar year in which it is first reached; empty: not within the run",
    "first_reached": "share of members that first reach it in this year",
    "reached": "share that has reached it by the end of this year",
}


@dataclass(frozen=True)
class Switch:
    """A structure that no evidence settles for sure: a chance parameter, and what each position means."""

    parameter: str
    off: Label
    on: Label


SWITCHES: Final = (
    Switch(
        "juniors_bind",
        Label("Entry posts bind", "Vị trí cho người mới là ràng buộc"),
        Label("Employable juniors bind", "Người mới đủ năng lực là ràng buộc"),
    ),
    Switch(
        "capacity_limits_places",
        Label("Teaching capacity limits quality", "Năng lực giảng dạy giới hạn chất lượng"),
        Label("Teaching capacity limits places", "Năng lực giảng dạy giới hạn chỉ tiêu"),
    ),
)
COUNTING: Final[Mapping[str, tuple[float, Label]]] = {
    "counting_base_date": (2024.72, Label("Counted from the Decision's date", "Tính từ ngày ban hành Quyết định")),
    "relabelled_counted": (0.0, Label("Students moved in later not counted", "Không tính sinh viên chuyển ngành sau")),
    "masters_are_counted": (0.0, Label("Masters not counted", "Không tính thạc sĩ")),
}
"""Rules of counting and their other reading; they move the counts of people trained."""


def movers(
    base: Scenario, others: Sequence[Scenario], targets: Sequence[Target], run: Run,
    weights: Mapping[str, float], progress: Callable[[int], None] = lambda runs: None,
) -> pd.DataFrame:  # fmt: skip
    """The probability of each target under every other definition, structure and scenario; MOVER_COLUMNS.

    `weights` are those of `structure_weights`.
    """

    def told(scenario: Scenario) -> xr.Dataset:
        data = run(scenario)
        progress(1)
        return data

    start = told(base)
    structures = [
        (f"{switch.parameter}={position}", label, told(with_more(base, [fixed(switch.parameter, position)])))
        for switch in SWITCHES
        for position, label in ((0, switch.off), (1, switch.on))
    ]
    countings = [
        (name, label, told(with_more(base, [fixed(name, value)]))) for name, (value, label) in COUNTING.items()
    ]
    policies = [(scenario.name, scenario.title, told(scenario)) for scenario in others]
    rows = []
    for target in targets:
        before = headline(start, target)
        found = [(DEFINITION, *reading) for reading in _readings(start, target)]
        if target.variable.startswith("trained"):
            found += [(DEFINITION, name, label, headline(data, target)) for name, label, data in countings]
        found += [(STRUCTURE, name, label, headline(data, target)) for name, label, data in structures]
        found += [(POLICY, name, label, headline(data, target)) for name, label, data in policies]
        rows += _rows(target, before, found)
    for row in rows:
        row["weight"] = weights.get(str(row["what"]), float("nan"))
    return pd.DataFrame(rows, columns=list(MOVER_COLUMNS))


def runs_of_movers(others: int) -> int:
    """How many runs a table of movers takes."""
    return 1 + 2 * len(SWITCHES) + len(COUNTING) + others


def records(targets: Sequence[Target]) -> list[str]:
    """The variables that the tables here read."""
    return list(dict.fromkeys([*(t.variable for t in targets), *LADDER, RELATED, DESIGN_FIRMS, TECHNICIANS]))


def structure_weights(model: Model, scenario: Scenario, settings: Settings) -> dict[str, float]:
    """The share of the members, as drawn, in which each switch stands so: 0.4 of them, say, for "juniors_bind=1"."""
    table = ParameterTable(model.table[switch.parameter] for switch in SWITCHES)
    block = Block(settings.seed, 0, settings.members)
    given = inputs(table, (), scenario, block, settings.schedule(), sample=settings.sample)
    found: dict[str, float] = {}
    for name in table:
        on = float(np.mean(given.fixed[name] if name in given.fixed else given.varying[name]))
        found |= {f"{name}=0": 1.0 - on, f"{name}=1": on}
    return found


def fixed(name: str, value: float) -> Override:
    """A parameter held at exactly this value, in its own unit."""
    return Override(name, None, "value", True, Constant(float(value)), "held for an analysis", Place(""))


def years_reached(datasets: Sequence[xr.Dataset], targets: Sequence[Target]) -> pd.DataFrame:
    """In which year each target is first reached, by scenario and rung, as shares of members; YEAR_COLUMNS.

    A target of people trained stands on the neighbouring rungs of the ladder, too, as far as the results hold them.
    """
    rows = []
    for data in datasets:
        for target in targets:
            rungs = [name for name in LADDER if name in data] if target.variable == TRAINED else []
            for each in (target, *(_on(target, name, data) for name in rungs)):
                rows += _years(data, each)
    return pd.DataFrame(rows, columns=list(YEAR_COLUMNS))


def _on(target: Target, variable: str, data: xr.Dataset) -> Target:
    return replace(target, variable=variable, rung=str(data[variable].attrs.get("rung", "")) or target.rung)


def _readings(data: xr.Dataset, target: Target) -> list[tuple[str, Label, xr.DataArray]]:
    """Other readings of a target that the same run answers: name, label and values by edge and member."""
    if target.variable == TRAINED:
        wider = headline(data, _on(target, "trained_with_intense", data))
        related = data[RELATED].transpose("edge", "member")
        labels = {
            "trained_in_programmes": Label("Without conversion courses", "Không tính khóa chuyển đổi"),
            "trained_with_intense": Label("With INTENSE graduates", "Tính cả người tốt nghiệp INTENSE"),
            "trained_with_related": _related(0.02),
            "employed_in_sector": Label("At work in the sector", "Đang làm việc trong ngành"),
        }
        found = [(name, label, headline(data, _on(target, name, data))) for name, label in labels.items()]
        for share in SHARES:
            found.append((f"related {share * 100:g} %", _related(share), wider + share * related.to_numpy()))
        return found
    if target.variable == "employed_in_sector":
        label = Label("Technicians counted too", "Tính cả kỹ thuật viên")
        technicians = data[TECHNICIANS].transpose("edge", "member").to_numpy()
        return [("with_technicians", label, headline(data, target) + technicians)]
    if target.variable == "design_firms_active":
        label = Label("Branches of foreign firms not counted", "Không tính chi nhánh doanh nghiệp nước ngoài")
        firms = data[DESIGN_FIRMS].sum("region").sum("firm_age")
        branches = firms.sel(firm_kind=BRANCH, drop=True).transpose("edge", "member").to_numpy()
        return [("without_branches", label, headline(data, target) - branches)]
    return []


def _related(share: float) -> Label:
    percent = f"{share * 100:g}"
    return Label(f"{percent} % of related graduates counted", f"Tính thêm {percent}% người tốt nghiệp ngành liên quan")


def readings(data: xr.Dataset, target: Target) -> list[tuple[str, Label, xr.DataArray]]:
    """The same, without those that count a share of graduates of related majors: these are all of one kind."""
    return [reading for reading in _readings(data, target) if "related" not in reading[0]]


def _rows(
    target: Target, before: xr.DataArray, found: Sequence[tuple[str, str, Label, xr.DataArray]]
) -> list[dict[str, object]]:
    about = {name: value for name, value in describe(target).items() if name in MOVER_COLUMNS}
    reached = met(before, target, target.by)
    about |= {"probability_base": float(reached.mean())} | _spread(before, target, "_base")
    rows: list[dict[str, object]] = []
    reach: dict[str, float] = {}
    for kind, what, label, values in found:
        then = met(values, target, target.by)
        change, low, high = paired_change(reached, then)
        row = about | {"kind": kind, "what": what, "what_en": label.en, "what_vi": label.vi}
        row["rung_read"] = str(values.attrs.get("rung", "")) or target.rung
        row |= _spread(values, target)
        row |= {"probability": float(then.mean()), "change": change, "change_low": low, "change_high": high}
        rows.append(row)
        reach[kind] = max(reach.get(kind, 0.0), abs(change))
    most = max(reach, key=lambda kind: reach[kind])
    for row in rows:
        row["largest"] = row["kind"] == most and reach[most] >= NOTICED
    return rows


def _spread(values: xr.DataArray, target: Target, of: str = "") -> dict[str, float]:
    """The 80 % interval of the target's variable at its date."""
    found = quantiles(counted(at(values, target.by), target.unit), INTERVAL, target.unit)
    return {f"{name}{of}": float(value) for name, value in zip(("low", "median", "high"), found, strict=True)}


def _years(data: xr.Dataset, target: Target) -> list[dict[str, object]]:
    values = headline(data, target)
    edges = values["edge"].to_numpy()
    years = np.ceil(year_reached(values, target)) - 1.0  # reached during 2030 is known at the edge 2031.0
    about = {"scenario": str(data.attrs["scenario"]), "scenario_hash": str(data.attrs["scenario_hash"])}
    row: dict[str, object] = about | {name: value for name, value in describe(target).items() if name in YEAR_COLUMNS}
    found = [
        row | {"year": float(edge - 1.0), "first_reached": float(np.mean(years == edge - 1.0))}
        | {"reached": float(np.mean(years <= edge - 1.0))}
        for edge in edges[edges > FIRST_YEAR]
    ]  # fmt: skip
    found[0]["first_reached"] = found[0]["reached"]  # what held before is told with the first year
    never = float(np.mean(np.isinf(years)))
    return [*found, row | {"year": float("nan"), "first_reached": never, "reached": 1.0 - never}]

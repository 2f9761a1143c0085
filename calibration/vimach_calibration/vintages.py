"""What was known when: counts as they stood on a day, the days on which that changed, and what could be forecast.

A row dated by its year counts as published on 31 December, by its month on the last day; a row without a date is never
known. A figure about an earlier year that first came out later is unknown until then.
"""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from vimach_calibration.crosswalk import read_crosswalk
from vimach_calibration.evidence import EvidenceTable, read_evidence
from vimach_calibration.series import COUNTS, build_series, printed_too_early

NEAREST = 0.5
"""A count less than half a year ahead of the origin, or behind it, is no forecast."""


@dataclass(frozen=True)
class Target:
    """One count to be forecast: series and scope, its moment (decimal years), the count and its sd in logs, and the day
    on which it came out. `moment` is where a flow's year ends, else `time`."""

    series: str
    scope: str
    time: float
    moment: float
    value: float
    sd: float
    unit: str
    published: date


class Vintages:
    """The evidence as it stood on each day, for the series named in `scored`: (series, scope)."""

    def __init__(self, scored: set[tuple[str, str]], table: EvidenceTable | None = None) -> None:
        self.scored = scored
        self.table = read_evidence() if table is None else table
        self._crosswalk = read_crosswalk()
        self._seen: dict[date, pd.DataFrame] = {}

    def known(self, day: date) -> pd.DataFrame:
        """Counts of all series as of `day`, each once; columns of vimach_calibration.series.

        One printed before the moment it speaks of is none.
        """
        if day not in self._seen:
            series = build_series(self.table.as_of(day), self._crosswalk)
            sound = [line["status"] in COUNTS and not _too_early(line) for line in series.to_dict("records")]
            self._seen[day] = series[np.array(sound, dtype=bool)].reset_index(drop=True)
        return self._seen[day]

    def history(self, day: date, series: str, scope: str) -> pd.DataFrame:
        """The counts of one series known on `day`, in order of time; of two at one moment the later published."""
        rows = self.known(day)
        rows = rows[(rows["series"] == series) & (rows["scope"] == scope)]
        return rows.sort_values(["time", "published"], kind="stable").drop_duplicates("time", keep="last")

    def origins(self) -> list[date]:
        """The days on which what is known of the scored series changed, in order."""
        whole = build_series(self.table, self._crosswalk)
        of_scored = whole["series"].isin({series for series, _ in self.scored})
        ids = " ".join(whole.loc[of_scored, "ids"]).split()
        days = sorted({day for name in ids if (day := self.table[name].published)})
        found: list[date] = []
        before: tuple[object, ...] = ()
        for day in days:
            now = tuple(self._of_scored(self.known(day)).itertuples(index=False, name=None))
            if now != before:
                found.append(day)
                before = now
        return found

    def targets(self) -> list[Target]:
        """Every dated count of the scored series, as it stands in the newest vintage."""
        newest = max(row.published for row in self.table.values() if row.published)
        rows = self.known(newest)
        rows = rows[[pair in self.scored for pair in zip(rows["series"], rows["scope"], strict=True)]]
        return [_target(row) for row in rows.to_dict("records")]

    def _of_scored(self, rows: pd.DataFrame) -> pd.DataFrame:
        chosen = [pair in self.scored for pair in zip(rows["series"], rows["scope"], strict=True)]
        return rows.loc[chosen, ["series", "scope", "time", "value"]]


def _too_early(line: Mapping[Hashable, Any]) -> bool:
    return printed_too_early(line["published"], line["time"], line["timing"], line["measure"] == "flow")


def _target(row: Mapping[object, object]) -> Target:
    time = float(str(row["time"]))
    published = row["published"]
    assert isinstance(published, date)
    return Target(
        str(row["series"]), str(row["scope"]), time, time + (row["measure"] == "flow"), float(str(row["value"])),
        float(str(row["sd"])), str(row["unit"]), published,
    )  # fmt: skip


def decimal(day: date) -> float:
    """A day as decimal years: its end, so that 31 December is the edge of the next year."""
    length = date(day.year + 1, 1, 1) - date(day.year, 1, 1)
    return day.year + day.timetuple().tm_yday / length.days


def horizon(origin: date, target: Target) -> int:
    """Whole years from origin to the moment of a target, rounded; 0 if it is no forecast.

    That is so if the count came out by then, or speaks of a moment less than NEAREST ahead.
    """
    ahead = target.moment - decimal(origin)
    return 0 if target.published <= origin or ahead < NEAREST else math.floor(ahead + 0.5)

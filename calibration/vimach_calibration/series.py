"""The observed series: the rows of the evidence, each count once.

A number that offices and papers quote again is one observation. It keeps the ids of all its quotes; the repeats are
also listed on lines of their own, to be seen but never counted again.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from vimach.errors import BadInput, Problem, nearest
from vimach.files import write_whole
from vimach.library import folder, own
from vimach.units import factor
from vimach_calibration.crosswalk import Crosswalk, SeriesRule, read_crosswalk
from vimach_calibration.evidence import RUNGS, EvidenceRow, EvidenceTable, read_evidence

COLUMNS = (
    "series", "measure", "scope", "time", "timing", "value", "low", "high", "unit", "sd", "status", "grade",
    "published", "ids", "note",
)  # fmt: skip
STATUSES = ("used", "range", "recycled", "scope")
COUNTS = ("used", "range")
"""The statuses that the model is held against: a number, and the middle of a range."""

_STANDING = {
    "used": "a count of its own",
    "range": "a count of its own, as a range",
    "recycled": "no count of its own, so not counted again",
    "scope": "set aside, never used",
}
_PLAN = "a plan, forecast or norm, not a count"


@dataclass
class _Observation:
    """One count: the row that dates it, its scope, and the rows that repeat it with the reason for thinking so."""

    row: EvidenceRow
    scope: str
    time: float
    value: float
    repeats: list[tuple[EvidenceRow, str]] = field(default_factory=list)


def build_series(table: EvidenceTable | None = None, crosswalk: Crosswalk | None = None) -> pd.DataFrame:
    """The observed series, columns as in COLUMNS, sorted by series (in the crosswalk's order), time and status.

    `time` is the moment of a stock (decimal years, 2025.0 = end 2024) or the calendar year of a flow; `timing` is how
    far the moment may lie on either side (years); `sd` is the standard deviation of the observation on the log scale.
    `published` is the first day on which the figure for that time could be known, or missing. `ids` are joined by
    spaces, the row that dates the count first. Pass `table.as_of(day)` for the series as they looked on that day.
    """
    table = read_evidence() if table is None else table
    crosswalk = crosswalk or read_crosswalk()
    lines = [line for rule in crosswalk.series.values() for line in _Series(rule, crosswalk, table).lines()]
    return pd.DataFrame(lines, columns=list(COLUMNS))


def standing(row: str) -> tuple[list[str], list[str]]:
    """What becomes of a row: in each series that it falls in its status and why; and the rungs on which it is counted.

    A row that is set aside counts something else than its series, so it gives no rung.
    """
    series = build_series()
    own = series[series["ids"].str.split().str[0] == row]
    told = []
    for line in own.to_dict("records"):
        because = f" ({line['note']})" if line["note"] else ""
        told.append(f"{line['series']}, {line['status']}: {_STANDING[line['status']]}{because}")
    rungs = own.loc[own["series"].isin(RUNGS) & (own["status"] != "scope"), "series"]
    return told, rungs.tolist()


def check_judgments(table: EvidenceTable, crosswalk: Crosswalk) -> None:
    """BadInput if the crosswalk judges a row that does not exist or that its series does not hold."""
    problems = []
    for rule in crosswalk.series.values():
        for name, place in rule.judged().items():
            if name not in table:
                problems.append(Problem("no row has this id", place, name, nearest(name, table)))
            elif _scope(rule, table[name]) is None:
                problems.append(Problem(f"the row does not belong to {rule.name}", place, name))
    if problems:
        raise BadInput(problems)


def _scope(rule: SeriesRule, row: EvidenceRow) -> str | None:
    """The scope under which `row` belongs to the series, or None if it does not."""
    for match in rule.matches:
        if row.quantity in match.quantities and row.segment in match.segments and row.place in match.places:
            return match.scope
    newest = rule.matches[-1]  # a new figure may name the series itself; it then counts by the newest definition
    return newest.scope if row.quantity == rule.name and row.place in newest.places else None


class _Series:
    """The making of one series."""

    def __init__(self, rule: SeriesRule, crosswalk: Crosswalk, table: EvidenceTable) -> None:
        self.rule, self.window, self.table = rule, crosswalk.repeats_within_years, table
        self.members = {row.id: (row, scope) for row in table.values() if (scope := _scope(rule, row)) is not None}

    def lines(self) -> list[tuple[object, ...]]:
        """The lines of the series: its counts, their repeats, and what is shown but not used."""
        aside = list(self.set_aside())
        known = {row.id for row, _, _ in aside}
        lines = [self.line(row, self.time(row), status, note) for row, status, note in aside]
        for count in self.observations([row for row, _ in self.members.values() if row.id not in known]):
            lines.append(self.count(count))
            for row, because in count.repeats:
                lines.append(self.line(row, self.time(row), "recycled", f"repeats {count.row.id}: {because}"))
        return sorted(lines, key=lambda line: (line[3], STATUSES.index(str(line[10])), line[13]))

    def set_aside(self) -> Iterator[tuple[EvidenceRow, str, str]]:
        """Rows that are shown and never used, with their status and the reason."""
        for row, _ in self.members.values():
            if row.id in self.rule.scope:
                yield row, "scope", self.rule.scope[row.id].because
            elif row.id in self.rule.derived:
                yield row, "recycled", self.rule.derived[row.id].because
            elif row.kind not in ("observed", "estimate") and not self.rule.announced:
                yield row, "scope", _PLAN

    def observations(self, rows: Iterable[EvidenceRow]) -> list[_Observation]:
        """One observation per count: first the groups that are listed, then by rule."""
        left = {row.id: row for row in rows}
        counts = []
        for head, note in self.rule.repeats.items():
            group = [left.pop(name) for name in (head, *note.others) if name in left]
            if not group:
                continue
            if group[0].id != head:  # seen from before the row that dates the count was out
                group.sort(key=self.time)
            count = self.observation(group[0])
            count.repeats += [(row, note.because) for row in group[1:]]
            counts.append(count)
        for row in sorted(left.values(), key=self.time):
            found = None if row.id in self.rule.fresh else self.repeated(row, counts)
            if found:
                found.repeats.append((row, "the same number"))
            else:
                counts.append(self.observation(row))
        return counts

    def observation(self, row: EvidenceRow) -> _Observation:
        return _Observation(row, self.members[row.id][1], self.time(row), self.centre(row))

    def repeated(self, row: EvidenceRow, counts: Iterable[_Observation]) -> _Observation | None:
        """The count that `row` quotes again: the same number and scope, in the same year or shortly after."""
        value, scope, time = self.centre(row), self.members[row.id][1], self.time(row)
        longest = self.window if self.rule.measure == "stock" else 0.0
        for count in counts:
            if (count.value, count.scope) == (value, scope) and 0 <= time - count.time <= longest:
                return count
        return None

    def time(self, row: EvidenceRow) -> float:
        """The moment of a stock, a bare year meaning its middle; the calendar year of a flow."""
        note = self.rule.dated.get(row.id)
        if note and note.time is not None:
            return note.time
        if self.rule.measure == "flow":
            return float(int(row.year))
        return row.year + 0.5 if row.whole_year else row.year

    def unit(self, row: EvidenceRow) -> tuple[str, float]:
        """The unit in which the row is shown, and the factor to it."""
        # the yearly rate of a flow is its sum over the calendar year
        written = row.unit.removesuffix("/year") if self.rule.measure == "flow" else row.unit
        try:
            return self.rule.unit, factor(written, self.rule.unit)
        except BadInput as error:
            if row.id in self.rule.scope:  # another thing was counted: shown as it is
                return written, 1.0
            raise BadInput(Problem(f"{error} of {self.rule.name}", row.origin, "unit")) from error

    def centre(self, row: EvidenceRow) -> float:
        """The number, or the middle of the range."""
        given = [row.value] if row.value is not None else [n for n in (row.low, row.high) if n is not None]
        return self.unit(row)[1] * sum(given) / len(given)

    def count(self, count: _Observation) -> tuple[object, ...]:
        rows = [count.row, *(row for row, _ in count.repeats)]
        status, note = ("used", "") if count.row.value is not None else ("range", "middle of the range")
        spread = self.rule.spread.get(count.row.id)
        others = [self.table[name] for name in spread.others if name in self.table] if spread else []
        if spread and others:
            status, note = "range", spread.because
        elif count.row.id in self.rule.dated:
            note = self.rule.dated[count.row.id].because
        return self.line(count.row, count.time, status, note, rows, others)

    def line(
        self, row: EvidenceRow, time: float, status: str, note: str,
        quotes: Iterable[EvidenceRow] = (), others: Iterable[EvidenceRow] = (),
    ) -> tuple[object, ...]:  # fmt: skip
        """One line of the series; `others` disagree with `row` and widen it to a range."""
        ends = [self.centre(disputed) for disputed in (row, *others)]
        low, high = (min(ends), max(ends)) if len(ends) > 1 else (self.end(row, row.low), self.end(row, row.high))
        rows = list(quotes) or [row]
        flow = self.rule.measure == "flow"
        return (
            self.rule.name,
            self.rule.measure,
            self.members[row.id][1],
            time,
            0.5 if row.whole_year and not flow and row.id not in self.rule.dated else 0.0,
            sum((min(ends), max(ends))) / 2,
            low,
            high,
            self.unit(row)[0],
            self.rule.sd,
            status,
            row.grade,
            first_known(rows, time),
            " ".join(quote.id for quote in rows),
            note,
        )

    def end(self, row: EvidenceRow, number: float | None) -> float | None:
        return None if number is None else self.unit(row)[1] * number


def first_known(rows: Iterable[EvidenceRow], time: float) -> date | None:
    """The first publication that is not earlier than the moment it speaks of; else the first of all; else None."""
    days = sorted(row.published for row in rows if row.published)
    after = [day for day in days if day.year + (day.timetuple().tm_yday / 366) >= time]
    return next(iter(after or days), None)


def printed_too_early(published: object, time: float, timing: float, flow: bool) -> bool:
    """Whether a count was printed before it can have been made; a month of slack for dates read off decimals."""
    if not isinstance(published, date):
        return False
    if flow:
        return published.year < int(time)
    return published.year + published.timetuple().tm_yday / 366 < time - timing - 1 / 12


def as_csv(series: pd.DataFrame) -> str:
    """The series as the text of series.csv: same table, same bytes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in series.itertuples(index=False):
        writer.writerow([_cell(item) for item in line])
    return out.getvalue()


def _cell(item: object) -> str:
    if item is None or item is pd.NaT or item != item:
        return ""
    return f"{item:.10g}" if isinstance(item, float) else str(item)


def read_series(file: Path | None = None) -> pd.DataFrame:
    """The committed series.csv as a table: dates as dates, empty cells as missing numbers or empty texts."""
    numbers = ("time", "timing", "value", "low", "high", "sd")
    texts = {name: str for name in COLUMNS if name not in numbers}
    with (file or folder("evidence").joinpath("series.csv")).open(encoding="utf-8") as source:
        table = pd.read_csv(source, dtype=texts, keep_default_na=False, na_values={n: [""] for n in ("low", "high")})
    table["published"] = [date.fromisoformat(day) if day else None for day in table["published"]]
    return table


def rebuild(target: Path | None = None) -> None:
    """Write series.csv and datapackage.json from the rows of `target` (default: the evidence of this checkout) and
    print, line by line, what changed in the series."""
    from vimach_calibration.datapackage import as_json  # it describes this module's columns

    target = target or own("evidence")
    crosswalk = read_crosswalk(target / "crosswalk.yaml")
    table = read_evidence(target, crosswalk)
    check_judgments(table, crosswalk)
    file = target / "series.csv"
    before = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    text = as_csv(build_series(table, crosswalk))
    write_whole(file, text.encode())
    write_whole(target / "datapackage.json", as_json().encode())
    after = text.splitlines()
    changes = [f"- {line}" for line in before if line not in after]
    changes += [f"+ {line}" for line in after if line not in before]
    print("\n".join(changes) if changes else "series.csv: no change")

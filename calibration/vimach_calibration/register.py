"""The forecast register: forecasts frozen with what they were made from, scored by the counts that came later.

Each entry is one CSV file, numbered, never changed: a head that tells what it was made from and which rows of the
evidence were known, and for each term of the likelihood quantiles over the members at the end of each year (over the
year for a flow). The head holds a hash of all the rest, so that a changed entry is refused.
"""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.targets import INTERVAL, SAMPLING
from vimach.errors import BadInput, Place, Problem
from vimach.files import write_whole
from vimach_calibration.expressions import Change
from vimach_calibration.observations import Count, Term

HEAD = ("model", "scenario", "posterior", "counts", "plan", "data_to", "seed", "members", "version", "rows", "hash")
"""`posterior` is its hash, `counts` that of the counts it was calibrated to, `plan` how that was done; all three "none"
where the forecast is of the priors. `rows` are those of the evidence that were known."""
REASONS = {
    "model": "the model's equations or numbers", "scenario": "the scenario",
    "counts": "the counts that the posterior was calibrated to", "plan": "how it was calibrated",
    "seed": "the seed", "members": "the number of members",
}  # fmt: skip
RECALIBRATED, UNUSED, NOTHING = "the posterior, made anew", "nothing yet: not calibrated to the rows", "nothing"


@dataclass(frozen=True)
class Entry:
    """One forecast: its number, its head, and columns term, time, low, median, high."""

    number: int
    head: Mapping[str, str]
    forecasts: pd.DataFrame

    @property
    def rows(self) -> set[str]:
        """The rows of the evidence that were known."""
        return set(self.head["rows"].split())


def forecast(run: xr.Dataset, terms: Sequence[Term]) -> pd.DataFrame:
    """Quantiles over the members of `run` for every term, one line for each year from the forecast origin on."""
    lines = []
    for term in terms:
        if isinstance(term.model, Change):
            continue
        for time in run["edge"].to_numpy():
            if time >= float(run.attrs["forecast_origin"]):
                found = term.model.at(float(time), run)
                if np.isfinite(found).all():
                    lines.append((term.name, float(time), *np.quantile(found, INTERVAL)))
    return pd.DataFrame(lines, columns=["term", "time", "low", "median", "high"])


def freeze(folder: Path, head: Mapping[str, str], forecasts: pd.DataFrame) -> Path | None:
    """Writes the next entry; None, and no file, if it would say what the last one says."""
    entries = read_register(folder)
    body = _body(forecasts)
    told = {name: str(head[name]) for name in HEAD if name != "hash"}
    told["hash"] = _hash(told, body)
    if entries and entries[-1].head["hash"] == told["hash"]:
        return None
    file = folder / f"{len(entries) + 1:04d}.csv"
    text = "".join(f"# {name}: {told[name]}\n" for name in HEAD) + body
    return write_whole(file, text.encode("utf-8"))


def read_register(folder: Path) -> tuple[Entry, ...]:
    """All entries in order; BadInput names those that are damaged, changed or missing in the row of numbers."""
    entries, problems = [], []
    for number, file in enumerate(sorted(folder.glob("[0-9]*.csv")), start=1):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        head = dict(line[2:].rstrip("\n").split(": ", 1) for line in lines[: len(HEAD)] if ": " in line)
        body = "".join(lines[len(HEAD) :])
        if file.stem != f"{number:04d}":
            problems.append(Problem(f"entry {number:04d} is missing", Place(str(file))))
        elif tuple(head) != HEAD or head["hash"] != _hash({n: head[n] for n in HEAD if n != "hash"}, body):
            problems.append(Problem("is not what was frozen", Place(str(file))))
        else:
            entries.append(Entry(number, head, pd.read_csv(io.StringIO(body))))
    if problems:
        raise BadInput(problems)
    return tuple(entries)


def scores(entries: Sequence[Entry], counts: Sequence[Count]) -> pd.DataFrame:
    """Every count that an entry did not know, against its forecast there; the error of a count is added.

    A count was known if any of its rows was: a row that quotes it again may come to date it and then stands first.
    `low` and `high` are the 80 % interval of what would be published, `error` the count over the median less 1.
    """
    lines = []
    for entry in entries:
        for count in counts:
            if entry.rows.intersection(count.ids):
                continue
            mine = entry.forecasts[entry.forecasts["term"] == count.term]
            if mine.empty or not mine["time"].min() <= count.time <= mine["time"].max():
                continue
            low, middle, high = (float(np.interp(count.time, mine["time"], mine[c])) for c in ("low", "median", "high"))
            below, above = (np.hypot(np.log(end / middle), SAMPLING * count.sd) for end in (low, high))
            ends = middle * np.exp(-below), middle * np.exp(above)
            inside = bool(ends[0] <= count.high and count.low <= ends[1])
            lines.append((entry.number, count.term, count.time, count.value, middle, *ends, inside,
                          count.value / middle - 1.0, count.ids[0]))  # fmt: skip
    columns = ["entry", "term", "time", "published", "median", "low", "high", "inside", "error", "row"]
    return pd.DataFrame(lines, columns=columns)


def revisions(entries: Sequence[Entry], time: float) -> pd.DataFrame:
    """How the median of each term at `time` moved from entry to entry, and what had changed in between."""
    lines = []
    for before, after in pairwise(entries):
        why = _why(before, after)
        added, gone = sorted(after.rows - before.rows), sorted(before.rows - after.rows)
        rows = ", ".join([*(f"+{row}" for row in added), *(f"-{row}" for row in gone)])
        pair = before.forecasts.merge(after.forecasts, on=["term", "time"], suffixes=("_before", "_after"))
        for line in pair[pair["time"] == time].to_dict("records"):
            moved = float(line["median_after"]) / float(line["median_before"]) - 1.0
            lines.append((after.number, line["term"], line["median_before"], line["median_after"], moved, why, rows))
    return pd.DataFrame(lines, columns=["entry", "term", "before", "after", "change", "because", "rows"])


def passed_over(entries: Sequence[Entry], counts: Sequence[Count]) -> list[str]:
    """Counts that the newest entry did not know and cannot be scored by, each with the reason."""
    found = []
    for count in counts if entries else ():
        mine = entries[-1].forecasts
        mine = mine[mine["term"] == count.term]
        if entries[-1].rows.intersection(count.ids):
            continue
        if mine.empty:
            found.append(f"{count.ids[0]}: {count.term} is not forecast, so it is not scored")
        elif not mine["time"].min() <= count.time <= mine["time"].max():
            span = f"{mine['time'].min():g} to {mine['time'].max():g}"
            found.append(f"{count.ids[0]}: {count.time:g} is not within {span}, so it is not scored")
    return found


def _why(before: Entry, after: Entry) -> str:
    """What can have moved the forecast. Rows move it only through a posterior that was calibrated to them."""
    changed = [name for name in REASONS if before.head[name] != after.head[name]]
    words = [REASONS[name] for name in changed]
    if before.head["posterior"] != after.head["posterior"] and not {"model", "counts", "plan"} & set(changed):
        words.append(RECALIBRATED)
    if words:
        return "; ".join(words)
    return UNUSED if before.rows != after.rows else NOTHING


def _body(forecasts: pd.DataFrame) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(forecasts.columns)
    for line in forecasts.itertuples(index=False):
        writer.writerow([line[0], *(f"{number:.6g}" for number in line[1:])])
    return out.getvalue()


def _hash(told: Mapping[str, str], body: str) -> str:
    return hashlib.sha256((repr(sorted(told.items())) + body).encode("utf-8")).hexdigest()[:16]

"""The sub-models: count regression of firm entry, trends of the drivers, regressions on announcements, and the panel.

`python -m vimach_calibration.submodels` writes their tables to calibration/estimates: submodels.csv, panel.csv,
panel_errors.csv, and submodels.md to be read. Every line says from how much it was estimated, how well it fits and what
it supports, or how much is missing.
"""

import hashlib
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

import pandas as pd

from vimach.errors import VimachError
from vimach.files import write_whole
from vimach.library import folder, own
from vimach.vintage import vintage
from vimach_calibration import drivers, entry_regression, register_regression
from vimach_calibration.announcements import Register
from vimach_calibration.economies import FILES, Economy, read_economies
from vimach_calibration.evidence import NEW_FILE, RAW_FILES, EvidenceTable
from vimach_calibration.panel import panel
from vimach_calibration.panel_fit import errors, parameters
from vimach_calibration.submodel_table import COLUMNS

READ = (*RAW_FILES, NEW_FILE, "announcements.yaml", "crosswalk.yaml", "vintage.yaml")
"""Files of the evidence that the sub-models read."""
YEARS = ("first_target", "last_target")


@dataclass(frozen=True)
class Tables:
    """What the command writes, but for the page."""

    submodels: pd.DataFrame
    panel: pd.DataFrame
    panel_errors: pd.DataFrame

    def named(self) -> dict[str, pd.DataFrame]:
        """Each table by the name of its file."""
        return {f"{name}.csv": table for name, table in vars(self).items()}


def build(
    table: EvidenceTable | None = None, register: Register | None = None, economies: Sequence[Economy] | None = None
) -> Tables:
    """All tables, from the evidence that comes with vimach or from what is given instead."""
    members = read_economies(panel().parameters) if economies is None else economies
    lines = [*entry_regression.lines(members), *drivers.lines(table), *register_regression.lines(register)]
    return Tables(pd.DataFrame(lines, columns=list(COLUMNS)), parameters(members), errors(members))


def evidence_hash(evidence: Path | Traversable | None = None, economies: Path | Traversable | None = None) -> str:
    """SHA-256 of what the tables are made from: names and bytes of the files, the economies in alphabetical order."""
    evidence = folder("evidence") if evidence is None else evidence
    economies = folder("economies") if economies is None else economies
    places = sorted((entry for entry in economies.iterdir() if entry.is_dir()), key=lambda entry: entry.name)
    files = [(name, evidence.joinpath(name)) for name in READ]
    files += [(f"{place.name}/{name}", place.joinpath(name)) for place in places for name in FILES]
    digest = hashlib.sha256()
    for name, file in files:
        data = file.read_bytes()
        digest.update(f"{name} {len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def as_csv(table: pd.DataFrame, evidence: str) -> str:
    """A table as CSV with the hash of the evidence in its last column: LF, four digits, years with one decimal."""
    shown = table.assign(evidence=evidence[:12])
    for name in shown.columns:
        shown[name] = [_cell(name, value) for value in shown[name]]
    return shown.to_csv(index=False, lineterminator="\n")


def _cell(name: str, value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.1f}" if name in YEARS else f"{float(f'{value:.4g}'):.10g}"
    return str(value)


def as_page(tables: Tables, economies: Sequence[Economy], evidence: str) -> str:
    """The page to read: every table with its words."""
    parts = [
        "# Sub-models and the panel of other economies",
        "",
        f"Made by `python -m vimach_calibration.submodels`; do not edit. Evidence {evidence[:12]}, read up to "
        f"{vintage().read_up_to}. Intervals run from p05 to p95.",
        "",
        "## What each sub-model supports",
        "",
        *_rows(tables.submodels, ("submodel", "term", "estimate", "p05", "p95", "unit", "n", "supports")),
        "",
        "## Diagnostics",
        "",
        *_rows(_distinct(tables.submodels), ("submodel", "term", "method", "diagnostics")),
        "",
        "## The panel: parameters",
        "",
        "`learned` is the share of the prior's variance that the counts took away; near 0 the number is the prior's.",
        "",
        *_rows(tables.panel, tuple(tables.panel.columns)),
        "",
        "## The panel: errors out of sample",
        "",
        "Mean absolute errors as shares of the count. Origins are years of counts, not days of publication.",
        "",
        *_rows(tables.panel_errors, tuple(tables.panel_errors.columns)),
        "",
        "## The panel: who counts what",
        "",
        *(line for economy in economies for line in _members(economy)),
    ]
    return "\n".join(parts) + "\n"


def _rows(table: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """A table in Markdown."""
    lines = [" | ".join(columns), " | ".join("---" for _ in columns)]
    for row in table.to_dict("records"):
        lines.append(" | ".join(_cell(name, row[name]).replace("|", "/") for name in columns))
    return [f"| {line} |" for line in lines]


def _distinct(table: pd.DataFrame) -> pd.DataFrame:
    """The lines with diagnostics, each diagnostic once."""
    return table[table["diagnostics"] != ""].drop_duplicates(["submodel", "diagnostics"])


def _members(economy: Economy) -> list[str]:
    lines = [f"### {economy.label.en}", ""]
    for name, counted in economy.counts.items():
        counts = economy.of(name)
        lines += [
            f"- `{name}`, {len(counts)} counts from {counts[0].time:.1f} to {counts[-1].time:.1f}. "
            f"{_sentence(counted.counted_by)} {_sentence(counted.when)} {_sentence(counted.what)}"
        ]
    return [*lines, f"- {_sentence(economy.note)}", ""]


def _sentence(text: str) -> str:
    return text.strip().rstrip(".") + "."


def files(tables: Tables, economies: Sequence[Economy], evidence: str) -> Mapping[str, str]:
    """What is written, by name of the file."""
    texts = {name: as_csv(table, evidence) for name, table in tables.named().items()}
    return {**texts, "submodels.md": as_page(tables, economies, evidence)}


def main() -> int:
    """Write the tables and the page to calibration/estimates; the exit code, 2 if a file is wrong."""
    try:
        target = own("estimates")
        economies = read_economies(panel().parameters)
        written = files(build(economies=economies), economies, evidence_hash())
    except VimachError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for name, text in written.items():
        write_whole(target / name, text.encode())
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

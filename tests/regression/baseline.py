"""The central run of the baseline in a few numbers, in one file that is compared in tests.

After a deliberate change of equations or parameters, `python -m tests.regression.baseline` writes the file anew; the
difference between the two files then shows what the change did, and belongs in the same commit.
"""

import csv
from pathlib import Path

import xarray as xr

from vimach.scenario import read_scenario
from vimach.simulate import Settings, built_in, simulate

FILE = Path(__file__).with_name("baseline.csv")
EDGES = (2016.0, 2021.0, 2026.0, 2031.0, 2036.0)
HEADLINES = (
    "enrolled_dedicated", "trained_in_programmes", "trained_relabelled", "trained_cumulative", "trained_with_related",
    "hired_first_job", "employed_in_sector", "retained_two_years", "employed_design", "employed_atp",
    "employed_technicians", "design_firms_active", "atp_plants_operating", "lecturers_trained_in_depth",
    "funded_job_gap",
)  # fmt: skip

Table = dict[str, dict[float, float]]


def measured(data: xr.Dataset) -> Table:
    """The numbers of a central run, by variable and edge."""
    return {name: {edge: float(data[name].sel(edge=edge).item()) for edge in EDGES} for name in HEADLINES}


def write(table: Table) -> None:
    """Writes the file: twelve digits, more than the comparison asks for."""
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["variable", *(f"{edge:g}" for edge in EDGES)])
        writer.writerows([name, *(f"{value:.12g}" for value in row.values())] for name, row in table.items())


def read() -> Table:
    """The numbers in the file, by variable and edge."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["variable"]: {edge: float(row[f"{edge:g}"]) for edge in EDGES} for row in rows}


if __name__ == "__main__":
    model = built_in()
    write(measured(simulate(model, read_scenario("baseline", model.table, model.labels), Settings(members=0))))

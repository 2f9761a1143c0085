"""A planner enters a new official figure as one CSV row; the next run shows what it changed."""

import csv
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from vimach.library import folder
from vimach_calibration.evidence import read_evidence
from vimach_calibration.news import newest_count, news
from vimach_calibration.series import build_series, read_series

ROW = {
    "id": "design_engineers_employed_vn_2026p5", "quantity": "design_engineers_employed", "segment": "design",
    "region": "Vietnam", "year": "2026.5", "value": "7800", "unit": "engineers", "kind": "observed",
    "source_title": "A ministry's report", "published": "2026-08-15", "grade": "B", "rung": "employed_in_sector",
}  # fmt: skip


@pytest.fixture
def run() -> xr.Dataset:
    """A central run in which design engineers grow from 7,000 at the end of 2025 to 8,000 at the end of 2026."""
    return xr.Dataset(
        {"employed_design": (("edge", "member"), np.array([[7000.0], [8000.0]]))}, {"edge": [2026.0, 2027.0]}
    )


def copied(source: Path | Traversable, target: Path) -> Path:
    for file in source.iterdir():
        if file.name.endswith((".csv", ".yaml", ".json")):
            (target / file.name).write_bytes(file.read_bytes())
    return target


def with_row(target: Path, **changed: str) -> Path:
    evidence = copied(folder("evidence"), target)
    file = evidence / "new_figures.csv"
    with file.open(encoding="utf-8", newline="") as source:
        columns = next(csv.reader(source))
    with file.open("a", encoding="utf-8", newline="") as out:
        csv.DictWriter(out, columns, lineterminator="\n").writerow(ROW | changed)
    return evidence


def test_the_committed_rows_bring_no_news(run: xr.Dataset) -> None:
    assert news(run) == []


def test_one_row_is_told_with_what_the_model_gives_there(tmp_path: Path, run: xr.Dataset) -> None:
    built = build_series(read_evidence(with_row(tmp_path)))
    (told,) = news(run, built, read_series())
    assert (told.series, told.value, told.model) == ("employed_design", 7800.0, 7500.0)
    assert "7,800 person" in str(told)
    assert "the central run gives 7,500, -3.8%" in str(told)


def test_a_new_stock_count_moves_the_date_of_the_page(tmp_path: Path) -> None:
    assert newest_count() < 2026.0
    assert newest_count(build_series(read_evidence(with_row(tmp_path)))) == 2026.5


def test_a_moment_outside_the_run_is_said(tmp_path: Path, run: xr.Dataset) -> None:
    built = build_series(read_evidence(with_row(tmp_path, year="2040.5")))
    (told,) = news(run, built, read_series())
    assert told.model is None
    assert "nothing to hold against it" in str(told)

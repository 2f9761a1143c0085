"""The summary of a comparison as summary.csv: what the second scenario costs more, by year, then every target."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd
import xarray as xr

from vimach.analysis.definition import TRAINED
from vimach.files import write_whole
from vimach_reports.catalogue import text
from vimach_reports.writing import csv_bytes

NAME = "summary.csv"
COLUMNS: Final[Mapping[str, str]] = {
    "about": "extra_money or target",
    "target": "name of the target; empty for money",
    "label_en": "English label",
    "label_vi": "Vietnamese label",
    "variable": "variable of the dataset",
    "rung": "rung of the definition ladder; empty for what is no headcount",
    "unit": "unit of target_value, low, median and high",
    "target_value": "what the target asks for",
    "by": "its date as an edge: 2031.0 is the end of 2030",
    "period": "money: the calendar year, or total; target: the last year of the edge",
    "edge": "date as an edge; empty for money",
    "series": "first, second, or difference (second minus first, run by run)",
    "scenario": "name of the scenario",
    "scenario_hash": "its hash",
    "low": "10 % quantile over runs",
    "median": "median over runs",
    "high": "90 % quantile over runs",
    "probability": "share of runs that reach the target by its date",
    "probability_at_edge": "share of runs at the target at this edge",
    "year_low": "10 % quantile of the year first reached; inf = not within the run",
    "year_median": "its median",
    "year_high": "its 90 % quantile",
    "change": "difference: probability of the second scenario less that of the first",
    "change_low": "lower end of its 80 % interval, by the luck of the runs, which are the same in both",
    "change_high": "upper end",
    "calibration": "status of the numbers",
    "reading": "whose reading of the Decision the trained are counted by; empty for other rungs",
    "model_version": "version of vimach",
    "data_vintage": "date of the newest evidence",
    "seed": "seed of the draws",
    "members": "number of runs",
}
_RUN = ("calibration", "model_version", "data_vintage", "seed", "members")


def summary_table(table: pd.DataFrame, extra: pd.DataFrame, dataset: xr.Dataset) -> pd.DataFrame:
    """Money, then targets, one number and its interval a row (COLUMNS).

    `table` comes from vimach.analysis.compare.compare, `extra` from its extra_money, `dataset` is either scenario's.
    """
    cost = extra.assign(about="extra_money", variable="programme_cost")
    people = table.assign(about="target", period=(table["edge"] - 1).astype(int).astype(str))
    reading = text("reading.ours", "en")
    people["reading"] = [reading if rung == TRAINED else "" for rung in people["rung"]]
    records = cost.to_dict("records") + people.to_dict("records")
    run = {name: dataset.attrs[name] for name in _RUN}
    return pd.DataFrame([record | run for record in records], columns=list(COLUMNS))


def write_summary(table: pd.DataFrame, extra: pd.DataFrame, dataset: xr.Dataset, folder: Path) -> Path:
    """Write summary.csv into `folder`, whole or not at all; returns its path."""
    return write_whole(folder / NAME, csv_bytes(summary_table(table, extra, dataset)))

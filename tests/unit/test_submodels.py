"""The sub-models against hand computations and simulated truth, and the committed tables against the command."""

import csv
import io
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vimach.errors import Place
from vimach.library import folder
from vimach_calibration import drivers, entry_regression, register_regression
from vimach_calibration.announcements import Announcement, read_announcements
from vimach_calibration.economies import Count, Economy, read_economies
from vimach_calibration.evidence import EvidenceTable, read_evidence
from vimach_calibration.panel import panel
from vimach_calibration.submodel_table import COLUMNS, Line
from vimach_calibration.submodels import as_csv, build, evidence_hash, files

Lines = dict[tuple[str, str, str], dict[str, object]]


def keyed(lines: list[Line]) -> Lines:
    found = [dict(zip(COLUMNS, line, strict=True)) for line in lines]
    return {(str(line["submodel"]), str(line["term"]), str(line["method"])): line for line in found}


@pytest.fixture(scope="module")
def economies() -> tuple[Economy, ...]:
    return read_economies(panel().parameters)


@pytest.fixture(scope="module")
def table() -> EvidenceTable:
    return read_evidence()


# --- firm entry ---


def counted(economy: Economy, name: str, values: list[float]) -> Economy:
    series = tuple(Count("design_firms", 2000.0 + i, value, "", Place("")) for i, value in enumerate(values))
    return replace(economy, name=name, series=series)


def grown(start: float, entries: list[int]) -> list[float]:
    """Counts that these entries give, as the regression reckons them back."""
    rate, values = entry_regression.exit_rate(), [start]
    for entry in entries:
        values.append((values[-1] * (1 - rate / 2) + entry) / (1 + rate / 2))
    return values


def test_entries_are_reckoned_from_counts_and_exits(economies: tuple[Economy, ...]) -> None:
    made = counted(economies[0], "made", grown(100, [12, 0, 7, 30]))
    assert [step.entries for step in entry_regression.steps([made])] == [12, 0, 7, 30]
    fell = counted(economies[0], "fell", [100, 90, 91, 92])
    found = [(step.entries, step.below) for step in entry_regression.steps([fell])]
    assert found == [(0, True), (3, False), (3, False)]  # one more firm, and two exits in 90 firms


@pytest.mark.parametrize(("swing", "verdict"), [(0.0, "no more than counting chance"), (0.8, "far more than counting")])
def test_dispersion_is_found_where_there_is_some(
    economies: tuple[Economy, ...], swing: float, verdict: str
) -> None:  # fmt: skip
    random = np.random.default_rng(5)
    luck = np.exp(swing * random.standard_normal(60) - swing**2 / 2)
    made = counted(economies[0], "made", grown(400, random.poisson(30 * luck).tolist()))
    found = keyed(list(entry_regression.lines([made])))
    poisson = found["firm entry on the panel", "power of the number of firms", "Poisson"]
    assert verdict in str(poisson["supports"])
    binomial = found.get(("firm entry on the panel", "yearly swing (sd of log)", "negative binomial"))
    if swing:
        assert binomial is not None
        assert float(str(binomial["p05"])) < swing < float(str(binomial["p95"]))


def test_too_few_steps_are_said_with_the_number_missing(economies: tuple[Economy, ...]) -> None:
    (line,) = keyed(list(entry_regression.lines([counted(economies[0], "made", [10, 12, 13, 15])]))).values()
    assert line["supports"] == "not estimable: 3 observations, 6 needed, 3 missing"
    assert math.isnan(float(str(line["estimate"])))


# --- drivers ---


def test_a_random_walk_with_drift_by_hand() -> None:
    """With every year counted the drift is the mean step and its doubt that of a mean; forecasts add the shocks."""
    from scipy.stats import t as student

    logs = np.array([0.0, 0.2, 0.1, 0.5, 0.4, 0.9, 1.1])
    trend = drivers.fitted({2010 + i: math.exp(x) for i, x in enumerate(logs)}, "random walk with drift")
    steps = np.diff(logs)
    assert trend.drift == pytest.approx(steps.mean(), rel=1e-6)
    assert trend.shock == pytest.approx(steps.std(ddof=1), rel=1e-3)
    assert trend.drift_sd == pytest.approx(steps.std(ddof=1) / math.sqrt(6), rel=1e-3)
    sd = steps.std(ddof=1) * math.sqrt(3 + 9 / 6)
    reach = student.ppf(0.95, 5) * sd
    middle = logs[-1] + 3 * steps.mean()
    np.testing.assert_allclose(trend.ahead[3], np.exp([middle, middle - reach, middle + reach]), rtol=1e-3)


def test_missing_years_stay_missing_and_a_local_trend_needs_ten() -> None:
    random = np.random.default_rng(3)
    years = [2000, 2001, 2003, 2004, 2005, 2007, 2008, 2009, 2010, 2012, 2013, 2014]
    counts = {year: math.exp(0.05 * (year - 2000) + 0.02 * random.standard_normal()) for year in years}
    for method in drivers.METHODS:
        low, high = drivers.fitted(counts, method).ahead[1][1:]
        assert low < math.exp(0.05 * 15) < high


def test_only_comparable_counts_make_a_driver(table: EvidenceTable) -> None:
    korea = next(driver for driver in drivers.DRIVERS if "Korea" in driver.name)
    assert drivers.observed(korea, table) == {2018: 27061, 2019: 37426, 2022: 37940, 2023: 43300}
    found = keyed(list(drivers.lines(table)))
    entrants = found["university entrants", "random walk with drift", "none"]
    assert entrants["supports"] == "not estimable: 2 years, 6 needed, 4 missing"
    drift = "random walk with drift: drift of the log"
    taiwan = found["students in Taiwan (China)", drift, "state space, exact diffuse"]
    assert taiwan["estimate"] == pytest.approx(math.log(39695 / 7339) / 7, rel=1e-3)


# --- announcements ---


def test_each_project_counts_once_in_the_realised_share() -> None:
    found = keyed(list(register_regression.lines()))
    share = found["realisation of announcements", "firm: mean share", register_regression.METHOD]
    register = read_announcements()
    ratios = [register[name].ratio for name in ("marvell_staff", "renesas_staff", "synopsys_staff", "qorvo_hiring")]
    assert share["estimate"] == pytest.approx(math.prod(filter(None, ratios)) ** (1 / 4))
    scholarship = found["realisation of announcements", "scholarship: mean share", register_regression.METHOD]
    assert scholarship["n"] == 1  # four readings of one scheme
    assert "single project" in str(scholarship["supports"])
    assert all(line["supports"] for line in found.values())


def test_waits_that_end_late_are_told_from_those_that_end_soon() -> None:
    waits = [("plant", 1.1 + i, True) for i in range(4)] + [("firm", 0.5 + i / 4, True) for i in range(4)]
    found = keyed(list(register_regression._delay_lines([*waits, ("plant", 9.0, False)])))
    rate = found["delay of announcements", "rate of ending, plants over others", "Cox, ties by Efron"]
    assert float(str(rate["estimate"])) < 1
    mean = found["delay of announcements", "mean wait, all kinds", "exponential, right-censored, Jeffreys"]
    total = sum(years for _, years, _ in waits) + 9.0
    assert total / 9 < float(str(mean["estimate"])) < total / 7.9
    apart = [("plant", 4.0 + i, True) for i in range(4)] + [("firm", 0.5 + i / 4, True) for i in range(4)]
    assert "do not overlap" in str(list(register_regression._delay_lines(apart))[-1][-1])
    (nothing, _) = register_regression._delay_lines([("plant", 2.0, False)])
    assert "not estimable: 0 ended waits" in str(nothing[-1])


def test_without_projects_the_shares_are_not_estimable() -> None:
    (line,) = register_regression._ratio_lines(list[Announcement]())
    assert "not estimable: 0 projects" in str(line[-1])


# --- the command ---


def near(one: str, other: str) -> bool:
    """Whether two cells say the same: texts alike, numbers to a thousandth (processors differ in the last digits)."""
    try:
        return float(one) == pytest.approx(float(other), rel=2e-3, abs=1e-9)
    except ValueError:
        return one == other


def test_the_committed_tables_are_what_the_command_makes(economies: tuple[Economy, ...], table: EvidenceTable) -> None:
    made = files(build(table=table, economies=economies), economies, evidence_hash())
    for name in ("submodels.csv", "panel.csv", "panel_errors.csv"):
        committed = folder("estimates").joinpath(name).read_text(encoding="utf-8")
        pairs = zip(csv.reader(io.StringIO(committed)), csv.reader(io.StringIO(made[name])), strict=True)
        cells = [both for old, new in pairs for both in zip(old, new, strict=True)]
        wrong = [both for both in cells if not near(*both)]
        assert wrong == [], f"{name}: run python -m vimach_calibration.submodels"
    page = folder("estimates").joinpath("submodels.md").read_text(encoding="utf-8")
    assert f"Evidence {evidence_hash()[:12]}" in page
    assert [line.split("|")[1:3] for line in page.splitlines()] == [
        line.split("|")[1:3] for line in made["submodels.md"].splitlines()
    ]


def test_the_hash_follows_every_byte(tmp_path: Path, copied: Callable[[str], Path]) -> None:
    evidence, economies = copied("evidence"), copied("economies")
    before = evidence_hash(evidence, economies)
    assert before == evidence_hash()
    file = economies / "korea" / "series.csv"
    file.write_bytes(file.read_bytes() + b"\n")
    assert evidence_hash(evidence, economies) != before


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[str], Path]:
    def copy(name: str) -> Path:
        return Path(shutil.copytree(str(folder(name)), tmp_path / name))

    return copy


def test_a_table_is_written_with_four_digits_and_plain_years(economies: tuple[Economy, ...]) -> None:
    import pandas as pd

    shown = as_csv(pd.DataFrame({"first_target": [2019.9], "value": [123456.7], "gone": [math.nan]}), "abcdef" * 4)
    assert shown == "first_target,value,gone,evidence\n2019.9,123500,,abcdefabcdef\n"

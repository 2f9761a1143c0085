"""The fit: statements of fit.yaml, read strictly, and held against a small made-up run."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from vimach.errors import BadInput
from vimach_calibration.evidence import read_evidence
from vimach_calibration.fit import COLUMNS, Statement, evaluate, read_statements, write_fit
from vimach_calibration.series import read_series

EDGES = np.arange(2022.0, 2027.0)
PERIODS = np.arange(2022, 2026)


@pytest.fixture
def run() -> xr.Dataset:
    """Engineers grow by 100 novices a year from 300 and 100 independents in each of two tracks; firms by 1 from 10."""
    engineers = np.empty((5, 2, 2, 1))
    engineers[:, :, 0, 0] = (300 + 100 * (EDGES - 2022))[:, None]
    engineers[:, :, 1, 0] = 100
    hires = np.array([[40, 10], [50, 20], [60, 30], [70, 40]], dtype=float)[:, :, None]
    labels = {"track": ["design", "atp"], "experience": ["novice", "independent"], "member": [0]}
    return xr.Dataset(
        {
            "engineers": (("edge", "track", "experience", "member"), engineers),
            "firms": (("edge", "member"), (10 + EDGES - 2022)[:, None]),
            "hires": (("period", "track", "member"), hires),
        },
        coords={"edge": EDGES, "period": PERIODS, **labels},
    )


@pytest.fixture
def observed() -> pd.DataFrame:
    """Two counts of one series, a repeat and a row of another scope."""
    rows = [
        ("staff", "old", 2022.5, 450.0, 0.1, "used", "a b"),
        ("staff", "old", 2023.0, 450.0, 0.1, "recycled", "b"),
        ("staff", "new", 2024.0, 900.0, 0.1, "range", "c"),
        ("staff", "new", 2026.0, 999.0, 0.1, "used", "d"),
    ]
    return pd.DataFrame(rows, columns=["series", "scope", "time", "value", "sd", "status", "ids"])


Statements = Callable[[str], tuple[Statement, ...]]


@pytest.fixture
def statements(tmp_path: Path, observed: pd.DataFrame) -> Statements:
    """Reads one statement `s` whose fields besides wording and unit are the given lines."""

    def write(lines: str) -> tuple[Statement, ...]:
        file = tmp_path / "fit.yaml"
        body = "".join(f"    {line.strip()}\n" for line in lines.strip().splitlines())
        file.write_text(f"statements:\n  s:\n    wording: a wording\n    unit: person\n{body}", encoding="utf-8")
        return read_statements(file, observed)

    return write


def test_a_stock_between_edges_is_interpolated_and_summed_over_the_dimensions_not_named(
    statements: Statements, run: xr.Dataset
) -> None:
    listed = statements(
        "model: {variable: engineers, track: design}\nobserved: 450\nat: [2022.5]\nwithin: {absolute: 1}"
    )
    line = evaluate(listed, run).iloc[0]
    assert (line["model"], line["residual"], line["outcome"]) == (450, 0, "ok")


def test_a_flow_is_taken_by_calendar_year(statements: Statements, run: xr.Dataset) -> None:
    listed = statements("model: {variable: hires}\nat: [2022, 2025.7]\nwithin: {between: [0, 100]}")
    table = evaluate(listed, run)
    assert table["model"].tolist() == [50, 110]
    assert table["outcome"].tolist() == ["ok", "missed"]
    assert table["residual"].tolist() == [0, 10]


def test_counts_of_a_series_are_met_one_by_one_without_repeats(statements: Statements, run: xr.Dataset) -> None:
    listed = statements(
        """model: {variable: engineers, track: design}
        observed: {series: staff, from: 2022.0, until: 2026.0}
        within: {sd: 2}"""
    )
    table = evaluate(listed, run)
    assert table["observed"].tolist() == [450, 900]
    assert table["ids"].tolist() == ["a b", "c"]
    assert table["outcome"].tolist() == ["ok", "missed"]
    assert table["high"].tolist()[0] == pytest.approx(450 * math.exp(0.2))
    assert table["tolerance"].tolist()[0] == "2 sd of 0.1 (log)"


def test_a_scope_selects_among_the_counts(statements: Statements) -> None:
    (statement,) = statements(
        """model: {variable: engineers}
        observed: {series: staff, scope: new, from: 2022.0, until: 2026.0}
        within: {sd: 2}"""
    )
    assert [found.value for found in statement.observations] == [900]


@pytest.mark.parametrize(
    ("within", "low", "high"),
    [
        ("{factor: 2}", 250, 1000),
        ("{absolute: 1}", 499, 501),
        ("{sd: 1, of: 0.5}", 500 / math.exp(0.5), 500 * math.exp(0.5)),
        ("{between: [~, 0]}", math.nan, 0),
        ("{between: [3, ~]}", 3, math.nan),
    ],
)
def test_tolerances(statements: Statements, run: xr.Dataset, within: str, low: float, high: float) -> None:
    listed = statements(f"model: {{variable: firms}}\nobserved: 500\nat: [2024]\nwithin: {within}")
    line = evaluate(listed, run).iloc[0]
    assert [line["low"], line["high"]] == pytest.approx([low, high], nan_ok=True)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("{ratio: [{variable: engineers}, {variable: firms}]}", 1000 / 11),
        ("{product: [0.5, {variable: firms}]}", 5.5),
        ("{sum: [1, {variable: firms}, {variable: firms}]}", 23),
        ("{change: {variable: firms}, from: 2022.5, until: 2025.0}", 2.5),
        ("{ratio: [{variable: engineers, track: atp, experience: novice}, {variable: engineers, track: atp}]}", 0.8),
    ],
)
def test_expressions(statements: Statements, run: xr.Dataset, model: str, expected: float) -> None:
    listed = statements(f"model: {model}\nat: [2023.0]\nwithin: {{between: [0, 1]}}")
    assert evaluate(listed, run)["model"].tolist() == [pytest.approx(expected)]


def test_what_has_no_count_is_printed_as_not_observed(statements: Statements, run: xr.Dataset) -> None:
    table = evaluate(statements("model: {variable: hires, track: atp}\nat: [2023]\nnot_observed: true"), run)
    assert table[["model", "outcome"]].to_numpy().tolist() == [[20, "not observed"]]
    assert table["residual"].isna().all()


def test_a_time_outside_the_run_is_said_so(statements: Statements, run: xr.Dataset) -> None:
    listed = statements("model: {variable: firms}\nobserved: 1\nat: [2021.0, 2031]\nwithin: {factor: 2}")
    assert evaluate(listed, run)["outcome"].tolist() == ["outside the run", "outside the run"]


def test_a_run_may_come_without_members_but_not_with_many(statements: Statements, run: xr.Dataset) -> None:
    listed = statements("model: {variable: firms}\nobserved: 10\nat: [2022.0]\nwithin: {factor: 2}")
    assert evaluate(listed, run.isel(member=0, drop=True))["outcome"].tolist() == ["ok"]
    with pytest.raises(BadInput, match="has one member, this dataset has 2"):
        evaluate(listed, xr.concat([run, run.assign_coords(member=[1])], dim="member", join="outer"))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("{variable: enginers}", "the run has no variable 'enginers'; did you mean 'engineers'?"),
        ("{variable: engineers, trak: design}", "engineers has no dimension 'trak'; did you mean 'track'?"),
        ("{variable: engineers, track: desing}", "track has no label 'desing'; did you mean 'design'?"),
    ],
)
def test_names_the_run_does_not_have_are_refused_with_their_place(
    statements: Statements, run: xr.Dataset, model: str, message: str
) -> None:
    with pytest.raises(BadInput) as refused:
        evaluate(statements(f"model: {model}\nat: [2023]\nwithin: {{factor: 2}}"), run)
    assert message in str(refused.value)
    assert "fit.yaml:5:" in str(refused.value)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("model: 1\nat: [2023]", "'within' is missing"),
        ("model: 1\nat: [2023]\nwithin: {about: 2}", "about: unknown key"),
        ("model: 1\nat: [2023]\nwithin: {between: [1]}", "write sd, factor, absolute or between"),
        ("model: 1\nwithin: {factor: 2}", "no time"),
        ("model: {mean: []}\nat: [2023]\nwithin: {factor: 2}", "write a number or one of variable, sum"),
        ("model: {ratio: [1]}\nat: [2023]\nwithin: {factor: 2}", "a ratio has two parts"),
        ("model: {change: 1}\nat: [2023]\nwithin: {factor: 2}", "'from' is missing"),
        ("model: 1\nobserved: {series: stff, from: 2022.0, until: 2026.0}\nwithin: {sd: 2}", "did you mean 'staff'?"),
        ("model: 1\nobserved: 5,000\nat: [2023]\nwithin: {sd: 2}", "'5,000' has a comma; write 5000"),
        ("at: [2023]\nwithin: {factor: 2}", "'model' is missing"),
        ("model: ~\nat: [2023]\nwithin: {factor: 2}", "write a number or one of"),
    ],
)
def test_a_wrong_statement_is_refused_with_its_place(statements: Statements, lines: str, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        statements(lines)
    assert message in str(refused.value)
    assert all(problem.place and problem.place.line for problem in refused.value.problems)


def test_the_table_is_written_as_csv(statements: Statements, run: xr.Dataset, tmp_path: Path) -> None:
    listed = statements("model: {variable: firms}\nobserved: 10\nat: [2022.0]\nwithin: {absolute: 1}")
    write_fit(evaluate(listed, run), tmp_path / "fit.csv")
    lines = (tmp_path / "fit.csv").read_bytes().decode("utf-8").split("\n")
    assert lines[0].split(",") == list(COLUMNS)
    assert lines[1] == "s,2022,10,9,11,within 1,person,10,0,ok,,a wording"


# --- the committed statements ---


@pytest.fixture(scope="module")
def committed() -> dict[str, Statement]:
    return {statement.name: statement for statement in read_statements()}


def test_the_committed_statements_rest_on_rows_that_exist(committed: dict[str, Statement]) -> None:
    table = read_evidence()
    for statement in committed.values():
        for found in statement.observations:
            assert all(name in table for name in found.ids), statement.name
            assert bool(found.ids) == statement.observed, statement.name


def test_every_count_of_the_headline_series_is_met(committed: dict[str, Statement]) -> None:
    series = read_series()
    held = series[series["status"].isin(["used", "range"]) & (series["time"] < 2026)]
    met = {name for statement in committed.values() for found in statement.observations for name in found.ids}
    for name in (
        "employed_design",
        "employed_atp",
        "design_firms_active",
        "atp_plants_operating",
        "enrolled_dedicated",
    ):
        assert set(" ".join(held[held["series"] == name]["ids"]).split()) <= met


def test_numbers_derived_by_hand_follow_from_the_counts(committed: dict[str, Statement]) -> None:
    series = read_series()
    held = series[series["status"].isin(["used", "range"])]
    engineers, firms = (held[held["series"] == n]["value"].tolist() for n in ("employed_design", "design_firms_active"))
    observed = {name: statement.observations[0].value for name, statement in committed.items()}
    assert observed["engineers_per_firm_2022"] == pytest.approx(engineers[0] / firms[0], abs=0.5)
    assert observed["engineers_per_firm_2024"] == pytest.approx(engineers[2] / firms[2], abs=0.5)
    assert observed["engineers_per_firm_2025"] == pytest.approx(engineers[3] / firms[3], abs=0.5)
    assert observed["design_engineers_2022_2024"] == engineers[2] - engineers[0]
    assert observed["design_engineers_2024_2025"] == engineers[3] - engineers[2]

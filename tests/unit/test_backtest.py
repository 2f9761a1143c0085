"""The backtest on small made-up banks: what is forecast from where, how it is weighted, summed and told."""

import json
from collections.abc import Mapping
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import xarray as xr

from vimach.errors import BadInput
from vimach_calibration import summaries, synthetic
from vimach_calibration.backtest import COPIES, MODEL, Belief, hindcast, published
from vimach_calibration.conditioning import Counts
from vimach_calibration.ensemble_bank import EnsembleBank, Series, expressions
from vimach_calibration.importance import Weights
from vimach_calibration.samples import Samples
from vimach_calibration.track_record import Plan, TrackRecord
from vimach_calibration.vintages import Target, Vintages

Array = npt.NDArray[np.float64]
DESIGN: Series = ("employed_design", "")
PANEL = synthetic.Panel(
    "as counted so far", 2026.0, dict.fromkeys(synthetic.SCORED, (2022.5, 2023.5, 2024.5, 2025.5)),
    dict.fromkeys(synthetic.SCORED, 0.05),
)  # fmt: skip


class Growing:
    """Members that grow at their own steady rates from 2022 on."""

    def __init__(self, rates: Array) -> None:
        self.rates, self.series = rates, set(synthetic.SCORED)

    def paths(self, series: Series, times: Array) -> Array:
        level = {"design_firms_active": 30.0}.get(series[0], 5000.0)
        return np.asarray(level * np.exp(np.outer(self.rates, np.asarray(times) - 2022)))

    def given(self, counts: Counts, members: int) -> tuple["Growing", Weights]:
        logs = np.zeros(len(self.rates))
        for series, (times, values) in counts.items():
            there = np.isfinite(values)
            gaps = np.log(self.paths(series, times[there]) / values[there])
            logs -= np.square(gaps / 0.2).sum(axis=1) / 2
        return self, Weights(logs)


class Told(Vintages):
    """Vintages without evidence: counts of design engineers in three years, each out at the end of its year."""

    def __init__(self) -> None:
        self.scored = {DESIGN}
        self.counts = {2023: 5500.0, 2024: 6050.0, 2025: 6655.0}

    def known(self, day: date) -> pd.DataFrame:
        rows = [
            {"series": "employed_design", "scope": "", "time": year + 1.0, "value": value, "sd": 0.1}
            for year, value in self.counts.items()
            if date(year, 12, 31) <= day
        ]
        return pd.DataFrame(rows, columns=["series", "scope", "time", "value", "sd"])

    def history(self, day: date, series: str, scope: str) -> pd.DataFrame:
        return self.known(day)

    def origins(self) -> list[date]:
        return [date(year, 12, 31) for year in self.counts]

    def targets(self) -> list[Target]:
        return [
            Target(*DESIGN, year + 1.0, year + 1.0, value, 0.1, "person", date(year, 12, 31))
            for year, value in self.counts.items()
        ]


@pytest.fixture(scope="module")
def bank() -> Growing:
    return Growing(0.1 + 0.05 * np.random.default_rng(1).standard_normal(2000))


def believed(bank: Growing, day: date) -> dict[str, Belief]:
    known = Told().known(day)
    counts = {DESIGN: (known["time"].to_numpy(float), known["value"].to_numpy(float))}
    return {"as they happened": Belief(*bank.given(counts, 0), len(known))}


@pytest.fixture(scope="module")
def real(bank: Growing) -> pd.DataFrame:
    return hindcast(lambda day: believed(bank, day), Told())


@pytest.fixture(scope="module")
def made(bank: Growing) -> pd.DataFrame:
    truths = Growing(0.1 + 0.05 * np.random.default_rng(2).standard_normal(6))
    return synthetic.forecasts(PANEL, bank, 400, truths, 6)


def test_each_later_count_is_forecast_from_each_earlier_day(real: pd.DataFrame) -> None:
    model = real[real["forecaster"] == MODEL]
    assert list(zip(model["origin"], model["time"], model["horizon"], model["known"], strict=True)) == [
        ("2023-12-31", 2025.0, 1, 1), ("2023-12-31", 2026.0, 2, 1), ("2024-12-31", 2026.0, 1, 2),
    ]  # fmt: skip
    plain = real[real["forecaster"] == "last value"]
    assert list(plain["not_estimable"]) == ["1 points, 2 needed"] * 2 + [""]
    assert plain["median"].iloc[2] == pytest.approx(6050)
    assert set(real["block"]) == {"employed_design 2025", "employed_design 2026"}


def test_counts_known_at_the_origin_pull_the_forecast(bank: Growing, real: pd.DataFrame) -> None:
    prior = float(np.median(bank.paths(DESIGN, np.array([2026.0]))))
    found = real[real["forecaster"] == MODEL]["median"].to_numpy(float)
    assert abs(found[2] - 6655) < abs(prior - 6655)


def test_a_published_count_carries_its_error_and_a_forecast_its_weights() -> None:
    exact = Samples(np.full((4000, 1), 100.0), np.ones(4000))
    seen = published(exact, 0.1)
    assert np.std(np.log(seen.values)) == pytest.approx(0.1, rel=0.03)
    assert len(seen.values) == COPIES * 4000
    assert np.array_equal(seen.values, published(exact, 0.1).values)
    assert not np.array_equal(seen.values, published(exact, 0.1, 1).values)
    lopsided = published(Samples(np.array([[1.0], [2.0]]), np.array([1.0, 1e-12])), 0.0)
    assert lopsided.values.tolist() == [[1.0]] * COPIES


def test_bank_reads_what_the_statements_read(ensemble_run: xr.Dataset) -> None:
    outputs = expressions()
    assert DESIGN in outputs
    bank, times = EnsembleBank(ensemble_run, outputs), np.array([2022.5, 2024.0, 2025.6])
    one = ensemble_run.isel(member=[3]).squeeze("member")
    for series, expression in outputs.items():
        found = bank.paths(series, times)
        assert found.shape == (ensemble_run.sizes["member"], 3)
        assert found[3] == pytest.approx([float(expression.at(time, one)) for time in times], rel=1e-12), series


def test_a_forecast_worth_too_few_members_is_counted_and_not_scored(bank: Growing) -> None:
    asked: list[int] = []

    class Lopsided(Growing):
        def given(self, counts: Counts, members: int) -> tuple[Growing, Weights]:
            asked.append(members)
            return self, Weights(np.where(np.arange(len(self.rates)) < 12, 0.0, -np.inf))

    few = Lopsided(bank.rates)
    made = synthetic.forecasts(PANEL, few, 100, bank, 1)
    assert asked == [100, 400]
    assert set(made.loc[made["forecaster"] == MODEL, "not_estimable"]) == {"worth 12 members, 40 needed"}
    assert (made.loc[made["forecaster"] == "last value", "not_estimable"] == "").all()
    line = _one(summaries.summary(made), series="total", horizon="all", forecaster=MODEL)
    assert (line["n"], line["not_estimable"]) == (0, 20)
    real = hindcast(lambda day: {"as announced": Belief(*few.given({}, 1), 0)}, Told())
    assert set(real.loc[real["forecaster"] == MODEL, "not_estimable"]) == {"worth 12 members, 40 needed"}


def test_synthetic_totals_are_sums_and_every_truth_is_forecast(made: pd.DataFrame) -> None:
    model = made[made["forecaster"] == MODEL]
    assert len(model) == 6 * 5 * 4
    wide = model.pivot(index=["block", "horizon"], columns=["series", "scope"], values="observed")
    assert wide[synthetic.ENGINEERS].to_numpy() == pytest.approx(
        (wide[DESIGN] + wide["employed_atp", "wide"]).to_numpy()
    )


def test_gaps_spare_the_newest_count() -> None:
    panel = synthetic.long_panel(2031.0, years=10, missing=0.9)
    truth = {series: np.ones(10) for series in synthetic.SCORED}
    counts = panel.counts(truth, np.random.default_rng(1))
    for times, values in counts.values():
        assert times[-1] == 2031.0
        assert np.isfinite(values[-1])
        assert np.isnan(values).any()


def test_sums_and_skill_by_hand(made: pd.DataFrame) -> None:
    summary, skills = summaries.summary(made), summaries.skills(made)
    rows = made[(made["series"] == "design_firms_active") & (made["horizon"] == 3)]
    model, walk = (rows[rows["forecaster"] == name] for name in (MODEL, "random walk with drift"))
    where = {"series": "design_firms_active", "horizon": "3"}
    line = _one(summary, **where, forecaster=MODEL)
    assert line["n"] == line["blocks"] == line["outturns"] == 6
    assert line["mae"] == pytest.approx(model["error"].abs().mean())
    assert line["coverage80"] == pytest.approx(model["covered80"].astype(float).mean())
    assert sum(map(int, str(line["pit"]).split())) == 6
    skill = _one(skills, **where)
    assert skill["width_ratio"] == pytest.approx(model["width"].sum() / walk["width"].sum())
    losses = [
        rows[rows["forecaster"] == name]["wis"].sum()
        for name in ("last value", "random walk with drift", "ARIMA", "equal-weight mean")
    ]
    assert skill["skill"] == pytest.approx(1 - model["wis"].sum() / min(losses))
    assert skill["low"] <= skill["skill"] <= skill["high"]
    assert np.isnan(_one(summary, series="total", horizon="all", forecaster=MODEL)["mae"])


def test_two_counts_give_no_interval(real: pd.DataFrame) -> None:
    line = _one(summaries.summary(real), series="total", horizon="all", forecaster=MODEL)
    assert (line["n"], line["blocks"], line["outturns"]) == (3, 2, 2)
    assert np.isnan([line["coverage80_low"], line["coverage80_high"]]).all()


def test_scores_as_json_hold_no_nan(real: pd.DataFrame) -> None:
    tables = [pd.DataFrame({"found": [np.nan, 1 / 3]})] * 8
    record = TrackRecord(*tables[:2], real, *tables[2:], 0.0, {"seed": 1})
    told = json.loads(record.json())
    assert told["goals"] == [{"found": None}, {"found": 0.3333333333}]
    assert record.json() == record.json()


def test_too_few_members_draws_or_truths_are_refused() -> None:
    with pytest.raises(BadInput, match=r"--members.*at least") as error:
        Plan(members=3, draws=0, truths=1)
    assert "--draws" in str(error.value)
    assert "--truths" in str(error.value)


def _one(table: pd.DataFrame, **where: str) -> Mapping[str, object]:
    (row,) = table[np.logical_and.reduce([table[key] == word for key, word in where.items()])].to_dict("records")
    return {str(name): value for name, value in row.items()}

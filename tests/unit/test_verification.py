"""Brier scores of yes/no questions and recalibration, by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from vimach.parameters.table import read_targets
from vimach_calibration.verification import TRUST, questions, recalibration
from vimach_calibration.vintages import Target


def asked(answers: int) -> pd.DataFrame:
    lines = [
        {"series": "x", "scope": "", "time": 2024.0 + n, "probability": 0.2, "event": n == 0} for n in range(answers)
    ]
    return pd.DataFrame(lines, columns=["series", "scope", "time", "probability", "event"])


ANNOUNCED = pd.DataFrame(
    [("a", 2020.0, 1.0), ("b", 2021.0, 0.5), ("c", 2022.0, 0.2), ("c", 2022.5, 1.2), ("d", 2023.0, 0.9)],
    columns=["project", "counted", "ratio"],
)


def test_brier_scores_are_means_of_squares_beside_the_plain_answer() -> None:
    table = questions(asked(4), ANNOUNCED, list(read_targets()), 2026.5).set_index("question")
    assert table.loc["count", ["n", "answers"]].tolist() == [4, 4]
    assert table.loc["count", "brier"] == pytest.approx((0.8**2 + 3 * 0.2**2) / 4)
    assert table.loc["count", "plain"] == 0.25
    # only the last entry has three other projects before it, two of their four entries kept: 2.5 / 5; one is too few
    assert table.loc["announcement", ["n", "answers"]].tolist() == [1, 1]
    assert table.loc["announcement", "not_estimable"] == "N = 1 answers"
    assert np.isnan(table.loc["announcement", "brier"])
    assert table.loc["target", "due"] == 2028.0
    assert table.loc["target", "not_estimable"] == "none is due"


def test_announcements_are_judged_by_earlier_ones_of_other_projects() -> None:
    later = pd.DataFrame([(name, 2024.0, ratio) for name, ratio in (("e", 1.0), ("f", 0.1))], columns=ANNOUNCED.columns)
    table = questions(asked(2), pd.concat([ANNOUNCED, later]), list(read_targets()), 2026.5).set_index("question")
    assert table.loc["count", "not_estimable"] == "N = 2 answers"
    shares = [2.5 / 5, 2.5 / 6, 2.5 / 6]
    expected = (shares[0] ** 2 + (1 - shares[1]) ** 2 + shares[2] ** 2) / 3
    assert table.loc["announcement", "brier"] == pytest.approx(expected)
    assert table.loc["announcement", "plain"] == pytest.approx(2 / 3)


def forecast(origin: str, time: float, pit: float) -> dict[str, object]:
    quantiles = {"q10": 80.0, "median": 100.0, "q90": 125.0, "observed": 130.0}
    where = {"series": "x", "scope": "", "forecaster": "model", "not_estimable": ""}
    return {**where, **quantiles, "origin": origin, "time": time, "pit": pit}


def test_a_spread_is_corrected_by_outturns_that_were_out_by_the_origin() -> None:
    when = {2023.0: date(2023, 6, 1), 2024.0: date(2024, 1, 1), 2024.5: date(2024, 2, 1), 2026.0: date(2026, 1, 1)}
    targets = [Target("x", "", time, time, 130.0, 0.1, "person", out) for time, out in when.items()]
    # surprises of one and a half standard deviations, each count forecast twice: three outturns, not six
    days, times = ("2022-01-01", "2022-02-01"), (2023.0, 2024.0, 2024.5)
    early = [forecast(day, time, 0.9331928) for day in days for time in times]
    made = pd.DataFrame([*early, forecast("2024-06-30", 2026.0, 0.95)])
    found = recalibration(made, targets)
    factor = np.sqrt((TRUST + 3 * 1.5**2) / (TRUST + 3))
    assert found["factor"] == pytest.approx(factor)
    assert (found["n"], found["outturns"], found["learnt"]) == (1, 1, 3)
    assert (found["coverage80_before"], found["coverage80_after"]) == (0.0, 1.0)
    width = np.log(125 / 100)
    assert found["score_before"] == pytest.approx(2 * width + 10 * (np.log(1.3) - width))
    assert found["score_after"] == pytest.approx(2 * factor * width + 10 * max(np.log(1.3) - factor * width, 0.0))
    too_soon = recalibration(made[made["origin"] < "2024"], targets)
    assert too_soon["n"] == 0
    assert "at no origin were 3 outturns" in str(too_soon["not_estimable"])

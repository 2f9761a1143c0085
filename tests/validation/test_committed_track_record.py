"""The committed record of past forecasts is of the model as it stands, and says what the briefing prints."""

import json
from datetime import date
from pathlib import Path

from vimach.simulate import built_in
from vimach_calibration.vintages import Vintages

RECORD = json.loads((Path(__file__).parents[2] / "calibration" / "estimates" / "track_record.json").read_text("utf-8"))


def test_it_is_of_these_equations_and_numbers() -> None:
    assert RECORD["about"]["model"] == built_in().digest, "`vimach backtest --keep` makes it anew"


def test_nothing_scored_was_known_when_it_was_forecast() -> None:
    assert len(RECORD["forecasts"]) > 0
    vintages = Vintages({(row["series"], row["scope"]) for row in RECORD["forecasts"]})
    for row in RECORD["forecasts"]:
        known = vintages.history(date.fromisoformat(row["origin"]), row["series"], row["scope"])
        assert row["time"] not in known["time"].to_list()
        assert row["horizon"] >= 1
        assert row["q10"] <= row["median"] <= row["q90"]


def test_every_goal_has_an_outcome() -> None:
    assert {row["outcome"] for row in RECORD["goals"]} <= {"reached", "missed", "not estimable"}
    assert {row["goal"] for row in RECORD["goals"]} >= {"real_coverage", "synthetic_coverage", "synthetic_skill"}

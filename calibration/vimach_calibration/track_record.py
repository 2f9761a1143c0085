"""The whole backtest: real vintages, synthetic panels, students already enrolled, and what was asked of each number."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from vimach.ensemble import Sample
from vimach.errors import BadInput, Problem, RunFailed
from vimach.parameters.table import read_targets
from vimach.scenario import Scenario
from vimach.simulate import Model, Settings, simulate
from vimach.vintage import vintage
from vimach_calibration import backtest, enrolled, summaries, synthetic, verification
from vimach_calibration.announcements import read_announcements
from vimach_calibration.conditioning import Conditioning
from vimach_calibration.coordinates import coordinates
from vimach_calibration.ensemble_bank import EnsembleBank, expressions, variables
from vimach_calibration.past_calibrations import PastCalibrations
from vimach_calibration.realisation import realised_entries
from vimach_calibration.vintages import Vintages, decimal

HAPPENED, ANNOUNCED = "as they happened", "as announced"
FEWEST_MEMBERS, FEWEST_TRUTHS = 50, 5
_LONG_ORIGIN: Final = 2031.0
_ENROLLED: Final = (400, 60)  # members and truths at most
_FIRST_YEAR: Final = 2015
BY_VINTAGE: Final = "calibrated anew for each vintage"

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Plan:
    """How much is done: members that each past calibration weights, members for each synthetic truth, truths of the
    first synthetic panel and of the long one, seed."""

    members: int = 10_000
    draws: int = 2_000
    truths: int = 40
    long_truths: int = 12
    seed: int = 1017

    def __post_init__(self) -> None:
        few = (
            ("--members", self.members, FEWEST_MEMBERS), ("--draws", self.draws, FEWEST_MEMBERS),
            ("--truths", self.truths, FEWEST_TRUTHS),
        )  # fmt: skip
        if problems := [Problem(f"at least {least}", key=name) for name, given, least in few if given < least]:
            raise BadInput(problems)


@dataclass(frozen=True)
class TrackRecord:
    """Tables: `origins` (what the vintages allow), `calibrations` (what each day's is worth), `forecasts` (one a line),
    `summary`, `skills`, `questions` (Brier scores), `recalibration`, `enrolled`, `goals`; `apart`, the largest relative
    difference that the levers make to any forecast; `about`, where all this is from."""

    origins: pd.DataFrame
    calibrations: pd.DataFrame
    forecasts: pd.DataFrame
    summary: pd.DataFrame
    skills: pd.DataFrame
    questions: pd.DataFrame
    recalibration: pd.DataFrame
    enrolled: pd.DataFrame
    goals: pd.DataFrame
    apart: float
    about: Mapping[str, Any]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """What is written as CSV, by the stem of the file."""
        names = (
            "origins", "calibrations", "forecasts", "summary", "skills", "questions", "recalibration", "enrolled",
            "goals",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}

    def json(self) -> str:
        """Everything but the single forecasts: same record, same text."""
        told: dict[str, Any] = {"about": dict(self.about), "levers_apart": _plain(self.apart)}
        told |= {name: _records(each) for name, each in self.tables.items() if name != "forecasts"}
        return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"


def kept(record: TrackRecord) -> str:
    """What a briefing prints of a record, as text: where it is from, the goals, and the forecasts of real counts."""
    made = record.forecasts
    real = made[(made["panel"] == "real") & (made["levers"] == HAPPENED) & (made["not_estimable"] == "")]
    told = {"about": dict(record.about), "goals": _records(record.goals), "forecasts": _records(real)}
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"


def what_vintages_allow() -> tuple[Vintages, pd.DataFrame]:
    """The vintages of the evidence and what can be forecast from each; needs no run."""
    found = Vintages(set(expressions()))
    return found, backtest.origins(found)


def track_record(
    model: Model, happened: Scenario, announced: Scenario, plan: Plan, vintages: Vintages, origins: pd.DataFrame,
    progress: Progress = lambda members: None, say: Callable[[str], None] = lambda words: None,
) -> TrackRecord:  # fmt: skip
    """Calibrates for each vintage and scores everything. `progress` is told of members run and truths forecast."""
    kept, outputs = variables(), expressions()
    newest = vintages.origins()[-1]
    last = int(_LONG_ORIGIN) + max(backtest.HORIZONS) - 1

    def run(sample: Sample, until: int) -> EnsembleBank:
        settings = Settings(members=len(sample), seed=sample.seed, until=until, sample=sample)
        try:
            return EnsembleBank(simulate(model, happened, settings, kept), outputs)
        except RunFailed as error:
            return EnsembleBank(error.results.reindex(member=np.arange(len(sample))), outputs)

    past = PastCalibrations(
        model, {HAPPENED: happened, ANNOUNCED: announced}, plan.members, plan.seed, newest.year, progress=progress,
        say=say,
    )  # fmt: skip
    real = backtest.hindcast(past.on, vintages)
    apart = max(backtest.agreement(past.prior[HAPPENED], past.prior[ANNOUNCED], vintages).values())
    # another seed: a truth may not be a member of the ensemble that forecasts it
    truths = simulate(model, happened, Settings(members=plan.truths, seed=plan.seed + 1, until=last), kept)
    panels = (
        (synthetic.thin_panel(vintages.known(newest), set(outputs), vintage().forecast_origin), plan.truths),
        (synthetic.long_panel(_LONG_ORIGIN), min(plan.long_truths, plan.truths)),
    )
    made = []
    for panel, count in panels:
        say(f"forecasting {count} synthetic truths, {panel.name}")
        axes = coordinates(model, _FIRST_YEAR, int(panel.origin) - 1)
        until = int(panel.origin) + max(backtest.HORIZONS) - 1
        conditioning = Conditioning(run, axes, panel.counted, panel.sd, until, plan.seed)
        bank = EnsembleBank(truths, outputs)
        made.append(synthetic.forecasts(panel, conditioning, plan.draws, bank, count, progress))
    say("following students already enrolled")
    members, others = (min(most, own) for most, own in zip(_ENROLLED, (plan.members, plan.truths), strict=True))
    followed = enrolled.errors(
        enrolled.simulated(model, happened, members, plan.seed),
        enrolled.simulated(model, happened, others, plan.seed + 1),
    )
    say("adding up")
    summary = pd.concat(map(summaries.summary, (real, *made)), ignore_index=True)
    skills = pd.concat(map(summaries.skills, (real, *made)), ignore_index=True)
    goals = _goals(summary, skills, followed, panels[0][0].name)
    names = (
        "scenario", "scenario_title_en", "scenario_title_vi", "scenario_hash", "seed", "members", "model_version",
        "data_vintage", "calibration",
    )  # fmt: skip
    about = {name: truths.attrs[name] for name in names}
    about |= {"members": plan.members, "seed": plan.seed, "truths": plan.truths, "model": model.digest}
    about |= {"calibration": BY_VINTAGE, "fewest_effective": backtest.FEWEST_EFFECTIVE}
    scored = pd.concat([real, *made], ignore_index=True)
    asked, corrected = _verified(real, vintages)
    return TrackRecord(origins, past.table(), scored, summary, skills, asked, corrected, followed, goals, apart, about)


def _verified(real: pd.DataFrame, vintages: Vintages) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Brier scores and recalibration of the model's forecasts of real counts with levers as they happened."""
    mine = real[(real["forecaster"] == backtest.MODEL) & (real["levers"] == HAPPENED) & (real["not_estimable"] == "")]
    register = read_announcements()
    entries = realised_entries(register)
    entries = entries.assign(project=[register[name].project for name in entries["name"]])
    known_to = decimal(date.fromisoformat(vintage().read_up_to))
    asked = verification.questions(mine, entries, read_targets(), known_to)
    return asked, pd.DataFrame([verification.recalibration(mine, vintages.targets())])


def _goals(summary: pd.DataFrame, skills: pd.DataFrame, followed: pd.DataFrame, panel: str) -> pd.DataFrame:
    """What was asked, what was found, on how many forecasts, and whether it is reached."""
    real, made = (
        _one(summary, panel=name, levers=levers, series=summaries.TOTAL, horizon=summaries.ALL, forecaster="model")
        for name, levers in (("real", HAPPENED), (panel, "from the prior"))
    )
    real_skill, made_skill, ahead = (
        _one(skills, panel=name, levers=levers, series=summaries.TOTAL, horizon=horizon)
        for name, levers, horizon in (
            ("real", HAPPENED, summaries.ALL),
            (panel, "from the prior", summaries.ALL),
            (panel, "from the prior", summaries.LONG),
        )
    )
    low, high = real["coverage80_low"], real["coverage80_high"]
    held = None if math.isnan(low) else bool(low <= 0.8 <= high)
    lines = [
        _goal("real_coverage", "interval holds 0.80", real["coverage80"], low, high, real["n"], held),
        _width("real_width", real_skill),
        _goal(
            "synthetic_coverage", "0.75 to 0.85", made["coverage80"], made["coverage80_low"], made["coverage80_high"],
            made["n"], 0.75 <= made["coverage80"] <= 0.85,
        ),
        _width("synthetic_width", made_skill),
        _goal(
            "synthetic_skill", "at least 0.10", ahead["skill"], ahead["low"], ahead["high"], ahead["n"],
            None if math.isnan(ahead["skill"]) else bool(ahead["skill"] >= 0.10),
        ),
    ]  # fmt: skip
    for row in followed.to_dict("records"):
        asked, error = f"at most {row['allowed']:g} %", float(row["error"])
        name = f"enrolled_{row['horizon']}"
        lines.append(_goal(name, asked, error, math.nan, math.nan, row["n"], error <= float(row["allowed"])))
    return pd.DataFrame(lines)


def _width(name: str, row: Mapping[str, Any]) -> dict[str, object]:
    found = float(row["width_ratio"])
    outcome = None if math.isnan(found) else found <= 1.2
    return _goal(name, "at most 1.2", found, row["width_low"], row["width_high"], row["width_n"], outcome)


def _goal(
    name: str, asked: str, found: float, low: float, high: float, n: int, outcome: bool | None
) -> dict[str, object]:
    word = {True: "reached", False: "missed", None: "not estimable"}[outcome]
    return {"goal": name, "asked": asked, "found": found, "low": low, "high": high, "n": n, "outcome": word}


def _one(table: pd.DataFrame, **where: str) -> dict[str, Any]:
    """The one line with these words."""
    chosen = np.logical_and.reduce([table[column] == word for column, word in where.items()])
    (row,) = table[chosen].to_dict("records")
    return {str(name): value for name, value in row.items()}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): _plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    """A number with ten digits, or null where there is none; other things as they are."""
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.10g}") if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value

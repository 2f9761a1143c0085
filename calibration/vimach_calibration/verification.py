"""Two further tests of past forecasts: Brier scores of yes/no questions, and recalibration on past forecasts only.

Each says on how many answers it rests; where there are too few it is not estimable, with the reason.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import ndtri  # type: ignore[import-untyped]

from vimach.parameters.table import Target as Goal
from vimach_calibration.backtest import MODEL
from vimach_calibration.scores import brier, interval_score
from vimach_calibration.vintages import Target

FEWEST_ANSWERS: Final = 3
"""Nothing is learnt from fewer earlier answers."""
TRUST: Final = 5.0
"""So many made-up outturns, met as the forecast says, stand beside the real ones when a spread is corrected."""
FURTHEST: Final = 3.0  # normal score at most: an outturn outside all members is no infinite surprise


def questions(
    forecasts: pd.DataFrame, announced: pd.DataFrame, goals: Sequence[Goal], counted_to: float
) -> pd.DataFrame:
    """Brier scores, a line a kind of question: question, n, answers (distinct outturns or projects), brier, plain
    (the score of the plain answer beside it), due (when the first falls due that is still open), not_estimable.

    A "count" is asked to lie a fifth above the newest one known, an "announcement" to be kept in full, a "target" of
    the plan to be reached; the plain answers are even odds, and always.

    `forecasts` are the model's real ones, with levers as they happened; `announced` comes from
    realisation.realised_entries, with the project of each; `goals` are the plan's, and
    counts reach to `counted_to`.
    """
    asked = forecasts[forecasts["probability"].astype(float).notna()]
    outturns = asked[["series", "scope", "time"]].drop_duplicates()
    lines = [
        _line(
            "count", len(outturns),
            asked["probability"].tolist(), asked["event"].astype(bool).tolist(), [0.5] * len(asked),
        )
    ]  # fmt: skip
    told = _kept_promises(announced)
    lines.append(
        _line(
            "announcement", told["project"].nunique(), told["probability"].tolist(),
            told["event"].tolist(), [1.0] * len(told),
        )
    )  # fmt: skip
    first = min(goal.by for goal in goals)
    because = "none is due" if first > counted_to else "those due were not counted"
    lines.append({**_line("target", 0, [], [], []), "due": first, "not_estimable": because})
    return pd.DataFrame(lines)


def _line(
    question: str, answers: int, said: Sequence[float], happened: Sequence[bool], plain: Sequence[float]
) -> dict[str, object]:
    scores = [
        float(np.mean([brier(p, event) for p, event in zip(each, happened, strict=True)])) if happened else np.nan
        for each in (said, plain)
    ]
    because = "" if answers >= FEWEST_ANSWERS else f"N = {answers} answers"
    found = dict(zip(("brier", "plain"), scores if not because else (np.nan, np.nan), strict=True))
    return {
        "question": question, "n": len(happened), "answers": answers, **found, "due": np.nan, "not_estimable": because
    }  # fmt: skip


def _kept_promises(announced: pd.DataFrame) -> pd.DataFrame:
    """Each entry with the probability that it is kept in full, by those of other projects that were counted before it
    was: (kept + 1/2) / (all + 1). Only where there are FEWEST_ANSWERS such projects."""
    lines = []
    for row in announced.to_dict("records"):
        before = announced[(announced["counted"] < row["counted"]) & (announced["project"] != row["project"])]
        if before["project"].nunique() >= FEWEST_ANSWERS:
            share = (float((before["ratio"] >= 1.0).sum()) + 0.5) / (len(before) + 1.0)
            lines.append({"project": row["project"], "probability": share, "event": bool(row["ratio"] >= 1.0)})
    return pd.DataFrame(lines, columns=["project", "probability", "event"])


def recalibration(forecasts: pd.DataFrame, targets: Sequence[Target]) -> dict[str, object]:
    """The 80 % intervals of the model's real forecasts before and after correcting their spread (in logs) by how far
    outturns published by each origin lay from earlier forecasts of them.

    n and outturns of the forecasts that could be corrected, learnt (outturns to learn from at the newest of them),
    least (that were needed), factor (mean, of the spread), coverage and interval score (logs) before and after,
    not_estimable.
    """
    out: Mapping[object, date] = {(target.series, target.scope, target.time): target.published for target in targets}
    made = forecasts[(forecasts["forecaster"] == MODEL) & (forecasts["not_estimable"] == "")].copy()
    made["out"] = [out[row.series, row.scope, row.time] for row in made.itertuples()]
    made["surprise"] = ndtri(made["pit"].astype(float).clip(1e-9, 1 - 1e-9)).clip(-FURTHEST, FURTHEST)
    lines = []
    for origin, rows in made.groupby("origin", sort=True):
        past = made[(made["out"] <= date.fromisoformat(str(origin))) & (made["origin"] < origin)]
        squares = past.groupby(["series", "scope", "time"])["surprise"].apply(lambda each: float(np.mean(each**2)))
        if len(squares) < FEWEST_ANSWERS:
            continue
        factor = float(np.sqrt((TRUST + squares.sum()) / (TRUST + len(squares))))
        for row in rows.to_dict("records"):
            middle, low, high, seen = (np.log(float(row[name])) for name in ("median", "q10", "q90", "observed"))
            ends = {"before": (low, high), "after": tuple(middle + factor * (end - middle) for end in (low, high))}
            line = {"outturn": (row["series"], row["scope"], row["time"]), "learnt": len(squares), "factor": factor}
            for when, (bottom, top) in ends.items():
                line[f"coverage80_{when}"] = float(bottom <= seen <= top)
                line[f"score_{when}"] = interval_score(bottom, top, seen, 0.8)
            lines.append(line)
    names = ["factor", *(f"{what}_{when}" for what in ("coverage80", "score") for when in ("before", "after"))]
    if not lines:
        because = f"N = 0: at no origin were {FEWEST_ANSWERS} outturns of earlier forecasts known"
        none = {"n": 0, "outturns": 0, "learnt": 0, "least": FEWEST_ANSWERS}
        return {**none, **dict.fromkeys(names, np.nan), "not_estimable": because}
    table = pd.DataFrame(lines)
    means = {name: float(table[name].mean()) for name in names}
    counted = {"n": len(table), "outturns": int(table["outturn"].nunique()), "learnt": int(table["learnt"].max())}
    return {**counted, "least": FEWEST_ANSWERS, **means, "not_estimable": ""}

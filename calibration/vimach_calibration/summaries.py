"""Sums of scored forecasts: by series and in total, by horizon and over all, with skill against the benchmarks."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pandas as pd

from vimach_calibration.backtest import FORECASTERS, HORIZONS, MODEL
from vimach_calibration.scores import BANDS, Ratio, ratio_of_sums

TOTAL: Final = "total"
ALL: Final = "all"
LONG: Final = "3 to 5"
DRIFT: Final = "random walk with drift"
COMMON: Final = 0.5
"""A benchmark that could be fitted to less than this share of a group's forecasts is not among those to beat."""
PIT_BINS: Final = 5

Group = tuple[Mapping[str, str], pd.DataFrame]


def summary(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Mean scores of each forecaster: panel, levers, series (or total), horizon (or all), then one column a score.

    `mae` is empty where units are mixed; `coverage80_low` and `_high` are the block-bootstrap interval; `pit` counts
    the forecasts in PIT_BINS equal bins; `effective_size` is the median of the forecasts', `effective_least` the least.
    """
    lines = []
    for head, group in _groups(forecasts):
        for forecaster in FORECASTERS:
            rows = group[group["forecaster"] == forecaster]
            scored = rows[rows["not_estimable"] == ""]
            lines.append({**head, "forecaster": forecaster, **_means(rows, scored)})
    return pd.DataFrame(lines)


def _means(rows: pd.DataFrame, scored: pd.DataFrame) -> dict[str, object]:
    found: dict[str, object] = {"n": len(scored), "not_estimable": len(rows) - len(scored)}
    found["blocks"] = scored["block"].nunique()
    whose = "panel" if (scored["panel"] == "real").all() else "block"  # a truth's outturns are its own
    found["outturns"] = len(scored[["series", "scope", "time", whose]].drop_duplicates())
    one_unit = scored["unit"].nunique() == 1
    found["mae"] = float(scored["error"].abs().mean()) if one_unit else np.nan
    named = {"mape": "percentage", "mase": "scaled", "bias": "log_error"}
    for name in ("mape", "mase", "crps", "wis", "bias", "width"):
        found[name] = float(scored[named.get(name, name)].astype(float).mean())
    inside = {band: scored[f"covered{100 * band:g}"].astype(float) for band in BANDS}
    found |= {f"coverage{100 * band:g}": float(each.mean()) for band, each in inside.items()}
    held = ratio_of_sums(inside[0.8].tolist(), [1.0] * len(scored), scored["block"].tolist())
    found |= {"coverage80_low": held.low, "coverage80_high": held.high}
    asked = scored[scored["probability"].astype(float).notna()]
    found |= {"brier": float(asked["brier"].astype(float).mean()), "n_brier": len(asked)}
    sizes = scored["effective_size"].astype(float)
    found |= {"effective_size": float(sizes.median()), "effective_least": float(sizes.min())}
    found["pit"] = " ".join(map(str, np.histogram(scored["pit"].astype(float), PIT_BINS, (0.0, 1.0))[0].tolist()))
    return found


def skills(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Skill of the model, 1 - WIS / WIS(best benchmark), and its width against that of a random walk with drift.

    The best benchmark is the one that leaves the model least skill on the forecasts both made. `low` and `high` are
    block-bootstrap intervals; what cannot be estimated is empty, and `n` says on how many forecasts a number rests.
    """
    lines = []
    for head, group in _groups(forecasts):
        keys = ["series", "scope", "origin", "time", "block", "levers"]
        made = group[group["not_estimable"] == ""].set_index(keys)
        model = made[made["forecaster"] == MODEL]
        losses = {name: on_common(model, made[made["forecaster"] == name], "wis") for name in FORECASTERS[1:]}
        against = {name: each for name, each in losses.items() if len(each) >= max(1, COMMON * len(model))}
        sums = {name: each[["above", "below"]].sum() for name, each in against.items()}
        best = max(sums, key=lambda name: float(sums[name]["above"] / sums[name]["below"]), default="")
        skill = _ratio(losses[best]).less_than_one() if best else Ratio(np.nan, np.nan, np.nan, 0, 0)
        width = _ratio(on_common(model, made[made["forecaster"] == DRIFT], "width"))
        lines.append(
            {
                **head, "best": best, "n": skill.n, "blocks": skill.blocks, "skill": skill.value, "low": skill.low,
                "high": skill.high, "width_n": width.n, "width_ratio": width.value, "width_low": width.low,
                "width_high": width.high,
            }
        )  # fmt: skip
    return pd.DataFrame(lines)


def on_common(one: pd.DataFrame, other: pd.DataFrame, column: str) -> pd.DataFrame:
    """A score of one forecaster (above) and of another (below), with its block, on the forecasts that both made."""
    both = pd.concat([one[column].rename("above"), other[column].rename("below")], axis=1, join="inner")
    return both.astype(float).reset_index()[["above", "below", "block"]]


def _ratio(both: pd.DataFrame) -> Ratio:
    return ratio_of_sums(both["above"].tolist(), both["below"].tolist(), both["block"].tolist())


def _groups(forecasts: pd.DataFrame) -> Iterator[Group]:
    """Each panel's forecasts by levers, series and horizon, the total last and all horizons last."""
    for (panel, levers), part in forecasts.groupby(["panel", "levers"], sort=False):
        series = part["series"].where(part["scope"] == "", part["series"] + " (" + part["scope"] + ")")
        for name in (*dict.fromkeys(series), TOTAL):
            chosen = part if name == TOTAL else part[series == name]
            there = [year for year in HORIZONS if (chosen["horizon"] == year).any()]
            spans = {str(year): [year] for year in there}
            if sum(year >= 3 for year in there) > 1:
                spans[LONG] = [year for year in there if year >= 3]
            for span, years in (spans | {ALL: there}).items():
                head = {"panel": str(panel), "levers": str(levers), "series": str(name), "horizon": span}
                yield head, chosen[chosen["horizon"].isin(years)]

"""The page of text of a backtest: every sentence is filled from the tables, none is written by hand."""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from vimach_reports.catalogue import Language, day, entries, number, percent, text
from vimach_reports.hindcast import series_label

FEW_RUNS: Final = 100.0
"""Below so many equally weighted runs the tails of a forecast are not to be trusted."""
_REAL, _MADE = {"panel": "real", "levers": "as they happened"}, {"levers": "from the prior"}
_SAME: Final = 1e-3
Tables = Mapping[str, pd.DataFrame]


def page(tables: Tables, apart: float, about: Mapping[str, Any], language: Language) -> str:
    """The page as Markdown: vintages, levers, real and synthetic counts, enrolled students, what was asked, cautions.

    `tables` are those of a track record, `apart` the largest difference that the levers make, `about` its run.
    """
    parts = [
        f"# {text('page.title', language)}", _about(about, language),
        f"## {text('page.vintages_title', language)}", _vintages(tables, language),
        _calibrations(tables["calibrations"], language), _levers(apart, language),
        f"## {text('page.real_title', language)}", _real(tables, language), _benchmarks(tables, language),
    ]  # fmt: skip
    for panel in dict.fromkeys(tables["summary"]["panel"]):
        if panel != "real":
            parts += _made(tables, str(panel), about, language)
    parts += [f"## {text('page.questions_title', language)}", _questions(tables["questions"], language)]
    parts.append(_recalibrated(tables["recalibration"].iloc[0], language))
    parts += [f"## {text('page.enrolled_title', language)}", _enrolled(tables["enrolled"], language)]
    parts += [f"## {text('page.goals_title', language)}", _goals(tables["goals"], language)]
    parts += [f"## {text('page.caution_title', language)}", text("hindcast.not_blind", language)]
    return "\n\n".join(parts) + "\n"


def _about(about: Mapping[str, Any], language: Language) -> str:
    stated = str(about["calibration"])
    known = {entries()[key]["en"]: key for key in entries() if key.startswith("calibration.")}
    return text(
        "page.about", language, title=str(about[f"scenario_title_{language}"]), hash=str(about["scenario_hash"]),
        members=number(int(about["members"]), language), truths=number(int(about["truths"]), language),
        seed=str(about["seed"]), version=str(about["model_version"]), vintage=day(str(about["data_vintage"]), language),
        status=text(known[stated], language) if stated in known else stated,
    )  # fmt: skip


def _vintages(tables: Tables, language: Language) -> str:
    origins = tables["origins"]
    ahead = {year: int(origins[f"horizon{year}"].sum()) for year in range(1, 6)}
    whole = _rows(tables["summary"], **_REAL, series="total", horizon="all", forecaster="model").iloc[0]
    return text(
        "page.vintages", language, first=day(str(origins["origin"].min()), language),
        last=day(str(origins["origin"].max()), language),
        series=str(len(origins[["series", "scope"]].drop_duplicates())),
        origins=str(origins["origin"].nunique()), n=str(sum(ahead.values())), one=str(ahead[1]), two=str(ahead[2]),
        more=str(ahead[3] + ahead[4] + ahead[5]), outturns=str(int(whole["outturns"])),
    )  # fmt: skip


def _calibrations(table: pd.DataFrame, language: Language) -> str:
    """Which days were calibrated, and what that was worth."""
    own = table[table["levers"] == _REAL["levers"]]
    done, weighted = own[own["not_calibrated"] == ""], own[own["not_calibrated"] != ""]
    said = []
    if len(done):
        ends = {"least": done["effective_size"].min(), "most": done["effective_size"].max()}
        said.append(
            text(
                "page.calibrations", language, done=str(len(done)), days=str(len(own)),
                members=number(int(done["members"].max()), language),
                **{name: number(float(round(size)), language) for name, size in ends.items()},
            )
        )  # fmt: skip
    if len(weighted):
        days = ", ".join(day(str(origin), language) for origin in weighted["origin"])
        said.append(text("page.uncalibrated", language, days=days))
    return " ".join(said)


def _questions(table: pd.DataFrame, language: Language) -> str:
    lines = [text("page.questions_table", language), "|---|" + "---:|" * 4]
    for row in table.to_dict("records"):
        if not row["not_estimable"]:
            scores = (number(row[name], language, 3) for name in ("brier", "plain"))
            cells = [str(row["n"]), str(row["answers"]), *scores]
        else:
            due = math.isfinite(row["due"])
            # edge 2028.0 is the end of 2027
            because = (
                text("question.not_due", language, year=str(math.ceil(row["due"]) - 1)) if due
                else text("question.too_few", language, n=str(row["answers"]))
            )  # fmt: skip
            cells = [str(row["n"]), str(row["answers"]), text("page.question_unknown", language, because=because), ""]
        asked = text(f"question.{row['question']}", language)
        lines.append(f"| {' | '.join([asked, *cells])} |")
    return "\n".join(lines)


def _recalibrated(row: "pd.Series[Any]", language: Language) -> str:
    if row["not_estimable"]:
        return text("page.not_recalibrated", language, least=str(int(row["least"])))
    shares = {when: percent(float(row[f"coverage80_{when}"]), language) for when in ("before", "after")}
    scores = {f"score_{when}": number(float(row[f"score_{when}"]), language, 2) for when in ("before", "after")}
    return text(
        "page.recalibrated", language, n=str(int(row["n"])), outturns=str(int(row["outturns"])),
        factor=number(float(row["factor"]), language, 2), **shares, **scores,
    )  # fmt: skip


def _levers(apart: float, language: Language) -> str:
    key = "page.levers_same" if apart < _SAME else "page.levers_apart"
    said = text(key, language, apart=percent(apart, language, 4))
    return f"{said} {text('page.register', language)}"


def _real(tables: Tables, language: Language) -> str:
    head = text("page.real_table", language)
    lines = [head, "|---|" + "---:|" * 6 + "---|"]
    for row in _rows(tables["summary"], **_REAL, horizon="all", forecaster="model").to_dict("records"):
        skill = _rows(tables["skills"], **_REAL, series=str(row["series"]), horizon="all").iloc[0]
        cells = [
            _name(str(row["series"]), language), str(row["n"]), str(row["outturns"]),
            percent(row["mape"] / 100, language, 1), number(row["bias"], language, 2, signed=True),
            number(row["wis"], language, 3), percent(row["coverage80"], language), _skill(skill, language),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _name(written: str, language: Language) -> str:
    """A series as the summary writes it, "employed_atp (wide)", in words."""
    series, _, scope = written.removesuffix(")").partition(" (")
    return series_label(series, scope, language)


def _skill(row: "pd.Series[Any]", language: Language) -> str:
    if not row["best"] or math.isnan(float(row["skill"])):
        return text("page.no_skill", language)
    words = {"skill": number(float(row["skill"]), language, 2), "best": text(f"benchmark.{row['best']}", language)}
    words["n"] = str(int(row["n"]))
    if math.isnan(float(row["low"])):
        return text("page.skill_bare", language, **words)
    ends = {name: number(float(row[name]), language, 2) for name in ("low", "high")}
    return text("page.skill", language, **words, **ends)


def _benchmarks(tables: Tables, language: Language) -> str:
    rows = _rows(tables["summary"], **_REAL, series="total", horizon="all")
    rows = rows[rows["forecaster"] != "model"]
    said = {}
    for key, chosen in (("fitted", rows[rows["n"] > 0]), ("unfitted", rows[rows["n"] == 0])):
        names = [
            text(f"benchmark.{row['forecaster']}", language) + (f" (N {row['n']})" if row["n"] else "")
            for row in chosen.to_dict("records")
        ]
        said[key] = ", ".join(names) or text("page.none", language)
    return text("page.benchmarks", language, **said)


def _made(tables: Tables, panel: str, about: Mapping[str, Any], language: Language) -> list[str]:
    whole = _rows(tables["summary"], panel=panel, **_MADE, series="total", horizon="all", forecaster="model").iloc[0]
    ahead = _rows(tables["skills"], panel=panel, **_MADE, series="total", horizon="3 to 5").iloc[0]
    size = float(whole["effective_size"])
    ends = {name: float(whole[f"coverage80_{name}"]) for name in ("low", "high")}
    span = text("page.no_interval", language)
    if math.isfinite(ends["low"]):
        span = text("number.interval", language, **{name: percent(end, language) for name, end in ends.items()})
    said = text(
        "page.made", language, n=number(int(whole["n"]), language), truths=number(int(whole["blocks"]), language),
        mape=percent(float(whole["mape"]) / 100, language, 1), skill=_skill(ahead, language),
        size=number(size, language), coverage=percent(float(whole["coverage80"]), language), span=span,
    )  # fmt: skip
    title = text("page.made_title", language, panel=text(f"panel.{panel}", language))
    if size < FEW_RUNS:
        said += f" {text('page.thin', language)}"
    if left := int(whole["not_estimable"]):
        asked = round(int(whole["blocks"]) * (1 + left / int(whole["n"])))  # a truth fails as a whole
        words = {"failed": asked - int(whole["blocks"]), "asked": asked, "least": int(about["fewest_effective"])}
        said += " " + text("page.failed", language, **{name: str(n) for name, n in words.items()})
    return [f"## {title}", said]


def _enrolled(table: pd.DataFrame, language: Language) -> str:
    return "\n".join(
        "- " + text(
            "page.enrolled", language, horizon=str(row["horizon"]), error=percent(row["error"] / 100, language, 1),
            allowed=percent(row["allowed"] / 100, language, 1), n=str(row["n"]),
        )
        for row in table.to_dict("records")
    )  # fmt: skip


def _goals(goals: pd.DataFrame, language: Language) -> str:
    lines = [text("page.goals_table", language), "|---|---|---:|---:|---|"]
    for row in goals.to_dict("records"):
        found = text("number.none", language) if math.isnan(row["found"]) else number(row["found"], language, 2)
        if not math.isnan(row["low"]):
            ends = {name: number(row[name], language, 2) for name in ("low", "high")}
            found += f" ({text('number.interval', language, **ends)})"
        words = (text(f"{kind}.{row[name]}", language) for kind, name in (("goal", "goal"), ("asked", "asked")))
        cells = [*words, found, number(row["n"], language), text(f"outcome.{row['outcome']}", language)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _rows(table: pd.DataFrame, **where: str) -> pd.DataFrame:
    return table[np.logical_and.reduce([table[column] == word for column, word in where.items()])]

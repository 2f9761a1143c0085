"""F12, announced against realised: one pair of bars a programme, the announced size as 100 %."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes

from vimach_reports import style
from vimach_reports.catalogue import Language, entries, money, number, percent, text
from vimach_reports.figure import MARGIN, PLACES, Drawing, Page, balance, line_height, origin, printed, wrap

NAME: Final = "F12_announced"
COLUMNS: Final[Mapping[str, str]] = {
    "name": "entry of the register, or estimate",
    "kind": "plant, programme, scholarship, training target, firm; all",
    "label_en": "English label",
    "label_vi": "Vietnamese label",
    "unit": "unit of announced and realised; empty for an estimate",
    "announced": "announced size",
    "realised": "what was there when all should have been",
    "ratio": "realised over announced; of an estimate, the median for one new announcement",
    "low": "5 % quantile of an estimate",
    "high": "95 % quantile of an estimate",
    "due": "for when, in decimal years",
    "counted": "when counted, in decimal years",
    "n": "entries behind an estimate",
}
UNITS: Final[Mapping[str, str]] = {
    "announced": "column unit", "realised": "column unit", **dict.fromkeys(("ratio", "low", "high"), "1"),
    "due": "decimal year", "counted": "decimal year", "n": "entry",
}  # fmt: skip
_ESTIMATE: Final = "estimate"
_LABELS, _PLOT = 61.0, 51.0  # mm; what is left holds the numbers
_ROW, _HEAD = 6.6, 7.2  # mm: a pair of bars, the heading of a kind
_TICKS: Final = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)
_WIDEST: Final = 1.35  # of the announced size: where the axis ends


def announced_table(used: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """What F12 shows (COLUMNS): entries by kind, each kind followed by its estimate for one new announcement.

    `used` comes from vimach_calibration.realisation.realised_entries, `estimates` from its estimate.
    """
    ratios = estimates[estimates["quantity"] == "realisation_ratio"].set_index("kind")
    rows: list[dict[str, object]] = []
    for kind, part in used.groupby("kind", sort=False):
        for row in part.to_dict("records"):
            labels = {f"label_{language}": _label(str(row["name"]), language) for language in ("en", "vi")}
            rows.append({**{str(name): value for name, value in row.items()}, **labels})
        rows.append(_estimate(str(kind), ratios))
    return pd.DataFrame([*rows, _estimate("all", ratios)], columns=list(COLUMNS))


def _estimate(kind: str, ratios: pd.DataFrame) -> dict[str, object]:
    found = ratios.loc[kind]
    labels = {f"label_{language}": text(f"announced.kind.{kind}", language) for language in ("en", "vi")}
    numbers = {"ratio": found["median"], "low": found["p05"], "high": found["p95"], "n": found["n"]}
    return {"name": _ESTIMATE, "kind": kind, "unit": "", **labels, **numbers}


def _label(name: str, language: str) -> str:
    key = f"announced.{name}"
    return entries()[key][language] if key in entries() else name


def draw_announced(
    used: pd.DataFrame, estimates: pd.DataFrame, about: Mapping[str, Any], language: Language
) -> Drawing:
    """F12; `about` holds the version of the model and the vintage of the evidence. Save it with `figure.save`."""
    table = announced_table(used, estimates)
    pairs = table[table["name"] != _ESTIMATE]
    full = int((pairs["ratio"] >= 1).sum())
    title = text("announced.title", language, full=str(full), n=str(len(pairs)))
    small_print = origin(about, language, text("announced.source", language))
    with printed():
        page = _page(table, title, small_print, language)
    return Drawing(NAME, language, page.figure, table, title, _alt(table, title, language))


def _page(table: pd.DataFrame, title: str, small_print: str, language: Language) -> Page:
    room = style.FULL_WIDTH - 2 * MARGIN
    head = balance(title, room, style.LARGE, "bold")
    how, foot = wrap(text("announced.key", language), room), wrap(small_print, room)
    small = line_height(style.SMALL)
    kinds = [(str(kind), rows) for kind, rows in table.groupby("kind", sort=False)]
    tall = sum(_HEAD + _ROW * (len(rows) - 1) for _, rows in kinds)
    top = MARGIN + len(head) * line_height(style.LARGE) + len(how) * small + 3
    page = Page(style.FULL_WIDTH, top + tall + 8 + len(foot) * small + MARGIN)
    below = page.text(MARGIN, MARGIN, head, style.LARGE, bold=True)
    page.text(MARGIN, below + 0.5, how, colour=style.GREY)
    page.text(MARGIN, page.height - MARGIN - len(foot) * small, foot, colour=style.GREY)
    axes = page.axes(MARGIN + _LABELS, top, _PLOT, tall)
    at = 0.0
    for _, rows in kinds:
        estimate = rows[rows["name"] == _ESTIMATE].iloc[0]
        middle = at + 0.5 * _HEAD
        page.text(MARGIN, top + middle - small / 2, [str(estimate[f"label_{language}"])], bold=True)
        page.text(MARGIN + _LABELS + _PLOT + 2, top + middle - small / 2, [_new_one(estimate, language)], bold=True)
        _interval(axes, estimate, middle)
        at += _HEAD
        for row in rows[rows["name"] != _ESTIMATE].to_dict("records"):
            middle = at + 0.5 * _ROW
            lines = wrap(str(row[f"label_{language}"]), _LABELS - 3)
            page.text(MARGIN, top + middle - len(lines) * small / 2, lines)
            page.text(MARGIN + _LABELS + _PLOT + 2, top + middle - small / 2, [_sizes(row, language)])
            _pair(axes, float(row["ratio"]), middle)
            at += _ROW
    _scales(axes, tall, language)
    return page


def _pair(axes: Axes, ratio: float, middle: float) -> None:
    axes.barh(middle - 1.1, 1.0, height=1.9, facecolor="white", edgecolor=style.GREY, linewidth=style.MEDIUM, zorder=2)
    axes.barh(middle + 1.1, ratio, height=1.9, facecolor=style.FIRST, linewidth=0, zorder=3)


def _interval(axes: Axes, row: "pd.Series[Any]", middle: float) -> None:
    """The estimate for one new announcement: median and 90 % interval, cut where the axis ends."""
    low, mid, high = (min(float(row[name]), _WIDEST) for name in ("low", "ratio", "high"))
    axes.plot([low, high], [middle, middle], color=style.SECOND, linewidth=style.HEAVY, zorder=4)
    axes.plot(
        [mid], [middle], linestyle="none", marker="D", markersize=3.5, markerfacecolor="white",
        markeredgecolor=style.SECOND, markeredgewidth=style.MEDIUM, zorder=5,
    )  # fmt: skip


def _scales(axes: Axes, tall: float, language: Language) -> None:
    axes.set_xlim(0, _WIDEST)
    axes.set_ylim(tall, 0)
    axes.axvline(1.0, color=style.GREY, linewidth=style.THIN, linestyle=(0, (1, 2)), zorder=1)
    axes.set_xticks(_TICKS, [percent(share, language) for share in _TICKS])
    axes.set_yticks([])
    axes.yaxis.set_gid(PLACES)
    axes.spines["left"].set_visible(False)


def _sizes(row: Mapping[Any, Any], language: Language) -> str:
    said = (_amount(float(row[name]), str(row["unit"]), language) for name in ("announced", "realised"))
    return text("announced.sizes", language, **dict(zip(("announced", "realised"), said, strict=True)))


def _amount(value: float, unit: str, language: Language) -> str:
    if unit == "VND":
        return money(value, language)
    if unit == "USD":
        return text("announced.usd", language, amount=number(value / 1e6, language))
    return percent(value, language, 2) if unit == "1" else number(value, language)


def _new_one(row: "pd.Series[Any]", language: Language) -> str:
    shares = {name: percent(float(row[name]), language) for name in ("low", "ratio", "high")}
    return text("announced.new_one", language, **shares)


def _alt(table: pd.DataFrame, title: str, language: Language) -> str:
    sentences = [title]
    for row in table.to_dict("records"):
        label = str(row[f"label_{language}"])
        if row["name"] == _ESTIMATE:
            share = _new_one(pd.Series({str(name): value for name, value in row.items()}), language)
        else:
            share = percent(float(row["ratio"]), language)
        sentences.append(f"{label}: {share}.")
    return " ".join(sentences)

"""T1, the lever table: what was assumed? Each lever that a scenario sets, its value in 2030 and its basis.

Read from the scenarios that the results carry and from the parameters; levers that nobody sets are named below.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from vimach.errors import BadInput
from vimach.parameters.table import Parameter
from vimach.paths import PATHS, Path_
from vimach_reports import style
from vimach_reports.catalogue import UNBROKEN, Language, month, percent, scenario_title, text
from vimach_reports.figure import MARGIN, Drawing, Page, caption, line_height, printed, wrap
from vimach_reports.frame import ROOM, framed, spare
from vimach_reports.quantity import quantity, significant, unit_words

NAME = "T1_levers"
AT: Final = 2030.5  # middle of 2030
COLUMNS: Final[Mapping[str, str]] = {
    "lever": "name of the parameter",
    "label_en": "English label",
    "label_vi": "Vietnamese label",
    "unit": "unit of first and second",
    "first": "central value in the middle of 2030 in the first scenario; of several labels the least",
    "second": "the same in the second scenario",
    "override": "1 where the second scenario (the only one, if there is one) sets the lever, otherwise 0",
    "law": "raise_to, lower_to or value",
    "starts": "date from which the setting acts",
    "cost": "cost of one unit of the lever, in cost_unit; empty where none is stated",
    "cost_unit": "its unit",
    "cost_of": "the parameter that holds it",
    "source": "evidence that the lever's own value rests on",
    "grade": "its grade: A to D evidence, J judgment",
    "judgment": "reason for what is judged of it",
    "decided_by_en": "who decides",
    "decided_by_vi": "who decides, in Vietnamese",
    "because": "reason that the scenario gives for its setting",
    "scenario": "name of the second (or only) scenario",
    "scenario_hash": "its hash",
}
UNITS: Final[Mapping[str, str]] = {
    "first": "column unit", "second": "column unit", "override": "1", "starts": "decimal year",
    "cost": "column cost_unit",
}  # fmt: skip
_COLUMNS: Final = (  # what stands in them, left edge in mm, whether numbers stand right-aligned at their end
    ("lever", 0.0, 55.0), ("first", 56.0, 71.0), ("second", 72.5, 89.5), ("unit", 92.0, 111.0),
    ("starts", 112.0, 120.0), ("cost", 121.5, 150.0), ("basis", 151.5, 166.0),
)  # fmt: skip
_NUMBERS: Final = frozenset({"first", "second"})
_GAP = 1.0  # mm between rows


def lever_table(datasets: Sequence[xr.Dataset], parameters: Mapping[str, Parameter]) -> pd.DataFrame:
    """What T1 shows (COLUMNS): every lever, those that the last scenario sets in its order first."""
    if not 1 <= len(datasets) <= 2:
        raise BadInput(f"the lever table shows one or two scenarios, not {len(datasets)}")
    settings = [settings_of(dataset) for dataset in datasets]
    last = settings[-1]
    own = {name for name in last if len(datasets) == 1 or last[name] != settings[0].get(name)}
    names = [name for name in last if name in own and parameters[name].lever]
    names += [name for name, parameter in parameters.items() if parameter.lever and name not in names]
    rows = [
        _row(parameters, name, [each.get(name, []) for each in settings], name in own) | _about(datasets[-1])
        for name in names
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def draw_lever_table(
    datasets: Sequence[xr.Dataset], parameters: Mapping[str, Parameter], language: Language, source: str = ""
) -> Drawing:
    """T1 for one scenario or two; save it with `figure.save`."""
    table = lever_table(datasets, parameters)
    titles = [scenario_title(each, language) for each in datasets]
    shown, rest = table[table["override"] == 1], table[table["override"] == 0]
    title, how = _title(shown, titles, language), text("levers.key", language)
    small_print = caption(datasets, language, source)
    heads = _heads(titles, language)
    numbers = _numbered(shown)
    cells = [
        _cells(row, parameters[str(row["lever"])], len(titles), numbers, language) for row in shown.to_dict("records")
    ]
    small = line_height(style.SMALL)
    deep = [max(map(len, each.values())) * small + _GAP for each in (heads, *cells)]
    room = spare(title, how, small_print)
    while True:  # what does not fit is named below the table
        fitting = len(deep) - 1
        foot = _foot(numbers, shown.iloc[:fitting], shown.iloc[fitting:], rest, language)
        body = sum(deep) + 2 + len(foot) * small
        if body <= room or len(deep) == 1:
            break
        deep.pop()
    with printed():
        page, top = framed(title, how, small_print, body)
        _row_of(page, top, heads, bold=True)
        for each, above in zip(cells, np.cumsum(deep)[:-1], strict=False):
            rule = {"color": style.FAINT, "linewidth": style.THIN}
            page.line(MARGIN, style.FULL_WIDTH - MARGIN, top + float(above) - _GAP / 2, **rule)
            _row_of(page, top + float(above), each)
        page.text(MARGIN, top + sum(deep) + 1, foot, colour=style.GREY)
    return Drawing(NAME, language, page.figure, table, title, _alt(shown, parameters, titles, language))


def _title(shown: pd.DataFrame, titles: Sequence[str], language: Language) -> str:
    title = titles[-1]
    if shown.empty and len(titles) > 1:
        return text("levers.title_same", language, title=title, first=titles[0])
    if shown.empty:
        return text("levers.title_none", language, title=title)
    judged = percent(float((shown["grade"] == "J").mean()), language)
    return text("levers.title", language, title=title, number=str(len(shown)), share=judged)


def _sources(row: Mapping[Any, Any]) -> list[str]:
    return [source for source in str(row["source"]).split(", ") if source]


def _numbered(shown: pd.DataFrame) -> dict[str, int]:
    """The rows of evidence that the levers rest on, numbered in the order in which they are met."""
    met = (source for row in shown.to_dict("records") for source in _sources(row))
    return {source: place for place, source in enumerate(dict.fromkeys(met), 1)}


def _foot(
    numbers: Mapping[str, int], fitting: pd.DataFrame, more: pd.DataFrame, rest: pd.DataFrame, language: Language
) -> list[str]:
    lines: list[str] = []
    cited = {source for row in fitting.to_dict("records") for source in _sources(row)}
    if cited:
        said = "; ".join(f"[{number}]{UNBROKEN}{source}" for source, number in numbers.items() if source in cited)
        lines += wrap(text("levers.sources", language, sources=said), ROOM)
    for key, rows in (("levers.more", more), ("levers.unset", rest)):
        if len(rows):
            lines += wrap(text(key, language, levers="; ".join(rows[f"label_{language}"])), ROOM)
    return lines


def settings_of(dataset: xr.Dataset) -> dict[str, list[Mapping[str, Any]]]:
    """The overrides of a scenario by parameter, as its canonical text holds them."""
    try:
        written = json.loads(str(dataset.attrs["scenario_text"]))["overrides"]
    except (json.JSONDecodeError, KeyError, TypeError):
        raise BadInput("these results do not hold the text of their scenario") from None
    found: dict[str, list[Mapping[str, Any]]] = {}
    for override in written:
        found.setdefault(str(override["name"]), []).append(override)
    return found


def _path(override: Mapping[str, Any]) -> Path_:
    ((word, numbers),) = override["path"].items()
    given: dict[str, Any] = {name: tuple(n) if isinstance(n, list) else n for name, n in numbers.items()}
    return PATHS[word](**given)


def held(
    parameter: Parameter, overrides: Sequence[Mapping[str, Any]], labels: Sequence[str | None] = (), at: float = AT
) -> npt.NDArray[np.float64]:
    """The central values at the date `at` after the overrides (as `settings_of` gives them), in the parameter's unit.

    One of each element that tells of `labels`: outermost dimension first, None or nothing for every label.
    """
    elements = [element for element in parameter.value if _meet(element.labels, labels)]
    whole = [place for place, element in enumerate(elements) if _covers(element.labels, labels)]
    values = []
    for element in elements[whole[-1] if whole else 0 :]:  # later elements override earlier ones
        value = element.path.at(np.array([at]), np.zeros(1))[0]
        for override in overrides:
            its = override["labels"] or ()
            if _meet(its, labels) and _meet(its, element.labels):
                wanted = _path(override).at(np.array([at]), np.array([[value]]))[0, 0]
                law = {"raise_to": max, "lower_to": min}.get(str(override["law"]))
                value = law(value, wanted) if law else wanted
        values.append(float(value))
    return np.array(values)


def _meet(one: Sequence[str | None], other: Sequence[str | None]) -> bool:
    """Whether two choices of labels have a combination in common."""
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=False))


def _covers(one: Sequence[str | None], other: Sequence[str | None]) -> bool:
    """Whether a choice of labels holds every combination of another."""
    wanted = [*other, *[None] * (len(one) - len(other))]
    return all(a is None or a == b for a, b in zip(one, wanted, strict=False))


def _row(
    parameters: Mapping[str, Parameter], name: str, settings: Sequence[Sequence[Mapping[str, Any]]], own: bool
) -> dict[str, object]:
    parameter = parameters[name]
    lever = parameter.lever
    assert lever is not None
    cost = lever.unit_cost
    of = parameters.get(cost.parameter) if cost and cost.parameter else None
    price, price_unit = (of.number, of.unit) if of else (cost.value, cost.unit) if cost else (None, "")
    row: dict[str, object] = {
        "lever": name, "label_en": parameter.label.en, "label_vi": parameter.label.vi, "unit": parameter.unit,
        "override": int(own), "cost": price, "cost_unit": price_unit, "cost_of": of.name if of else "",
        "source": ", ".join(parameter.source), "grade": parameter.grade, "judgment": parameter.judgment,
        "decided_by_en": lever.decided_by.en, "decided_by_vi": lever.decided_by.vi,
    }  # fmt: skip
    values = (float(held(parameter, each).min()) for each in settings)
    row |= dict(zip(("first", "second"), values, strict=False))
    if own:
        numbers = next(iter(settings[-1][-1]["path"].values()))
        since = numbers.get("starts", numbers["times"][0] if "times" in numbers else None)
        row |= {"law": settings[-1][-1]["law"], "starts": since, "because": settings[-1][-1]["because"]}
    return row


def _about(dataset: xr.Dataset) -> dict[str, object]:
    return {name: str(dataset.attrs[name]) for name in ("scenario", "scenario_hash")}


def _heads(titles: Sequence[str], language: Language) -> dict[str, list[str]]:
    words = {name: text(f"levers.{name}", language) for name, _, _ in _COLUMNS if name not in _NUMBERS}
    words |= dict(zip(("first", "second"), titles, strict=False))
    room = {name: right - left for name, left, right in _COLUMNS}
    return {name: wrap(said, room[name], style.SMALL, "bold") for name, said in words.items()}


def _cells(
    row: Mapping[Any, Any], parameter: Parameter, scenarios: int, sources: Mapping[str, int], language: Language
) -> dict[str, list[str]]:
    share = parameter.unit == "1" and parameter.range[1] <= 2.0
    numbers = {name: _number(row[name], share, language) for name in ("first", "second")[:scenarios]}
    basis = text("levers.judgment" if row["grade"] == "J" else "levers.evidence", language, grade=row["grade"])
    cited = ", ".join(str(sources[source]) for source in _sources(row))
    words = numbers | {
        "lever": row[f"label_{language}"],
        "unit": text("levers.share", language) if share else unit_words(row["unit"], language),
        "starts": _date(row["starts"], language),
        "cost": _cost(row, language),
        "basis": f"{basis} [{cited}]" if cited else basis,
    }
    return {name: wrap(words[name], right - left) for name, left, right in _COLUMNS if name in words}


def _date(starts: float | None, language: Language) -> str:
    """A year, or the month of a date inside one; a dash where a setting holds from the beginning."""
    if starts is None or starts != starts:
        return "–"
    return f"{starts:.0f}" if starts == int(starts) else month(starts, language)


def _number(value: float, share: bool, language: Language) -> str:
    return quantity(value, "1", language, share=True) if share else significant(value, language)


def _cost(row: Mapping[Any, Any], language: Language) -> str:
    if row["cost"] is None or row["cost"] != row["cost"]:
        return text("levers.no_cost", language)
    if row["cost_unit"] == "VND" and row["cost"] == 1:
        return text("levers.itself", language)
    return quantity(float(row["cost"]), str(row["cost_unit"]), language)


def _row_of(page: Page, top: float, cells: Mapping[str, Sequence[str]], bold: bool = False) -> None:
    for name, left, right in _COLUMNS:
        if name in _NUMBERS:
            strong = bold or name == "second"
            page.text(MARGIN + right, top, cells.get(name, []), bold=strong, align="right")
        else:
            page.text(MARGIN + left, top, cells.get(name, []), bold=bold)


def _alt(shown: pd.DataFrame, parameters: Mapping[str, Parameter], titles: Sequence[str], language: Language) -> str:
    sentences = [text("levers.alt_title", language, title=titles[-1], number=str(len(shown)))]
    for row in shown.to_dict("records"):
        cells = _cells(row, parameters[str(row["lever"])], len(titles), _numbered(shown), language)
        values = " → ".join(cells[name][0] for name in ("first", "second") if name in cells)
        sentences.append(f"{row[f'label_{language}']}: {values}.")
    return " ".join(sentences)

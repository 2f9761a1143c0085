"""F6, which assumption matters: Sobol' indices for what moves the outcome, and the values at which verdicts turn.

Above, the share of an output's spread that goes when one assumption is known (total effect), with who owns the number.
Below, for each target, the assumption or definition that alone turns its verdict with the smallest move.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from vimach.analysis.sensitivity import OTHERS
from vimach.analysis.switching import DEFINITION
from vimach.errors import BadInput
from vimach.parameters.table import Parameter, Target
from vimach_reports import style
from vimach_reports.catalogue import LANGUAGES, UNBROKEN, Language, edge, entries, number, percent, rung_name, text
from vimach_reports.figure import MARGIN, Drawing, Page, caption, line_height, printed, wrap
from vimach_reports.frame import ROOM, framed, spare
from vimach_reports.quantity import quantity, significant

NAME = "F6_sensitivity"
MOST: Final = (5, 4, 3, 2)
"""Assumptions shown of each output: as many as fit on the page in every language, so that all show the same ones."""
MORE: Final = "more"
"""What has one, but no bar: told by the largest of them, since total effects do not add up."""
COLUMNS: Final[Mapping[str, str]] = {
    "panel": "output of the indices, or switching",
    "label_en": "English label of the assumption or definition; empty for a target that none turns",
    "label_vi": "its Vietnamese label",
    "rung": "rung of the output or target; empty for what is no headcount",
    "unit": "unit of the output or target",
    "parameter": "its name; more: the largest of those not shown; others: those without an index, together",
    "grade": "A to D evidence, J judgment",
    "owner_en": "who decides a lever",
    "owner_vi": "the same in Vietnamese",
    "edge": "date of the output or target as an edge: 2031.0 is the end of 2030",
    "low": "indices: 5 % end of the interval of the total effect",
    "value": "indices: total effect, a share of the variance; switching: share of the way to the end of the range",
    "high": "indices: 95 % end",
    "later": "indices: total effect at the last date of the table",
    "target": "switching: name of the target",
    "verdict": "switching: reached or missed in the central run",
    "kind": "switching: assumption or definition; empty for a target that none turns",
    "central": "switching: the assumption's central value; empty for a definition that is another reading",
    "switch": "switching: the value at which the verdict turns",
    "parameter_unit": "switching: unit of central and switch",
    "scenario": "name of the scenario",
    "scenario_hash": "its hash",
}
UNITS: Final[Mapping[str, str]] = {
    "edge": "decimal year", **dict.fromkeys(("low", "value", "high", "later"), "1"),
    **dict.fromkeys(("central", "switch"), "column parameter_unit"),
}  # fmt: skip
_LABEL, _OWNER, _BAR = 79.0, 37.0, 46.0  # mm: names, who owns the number, bars
_PAD = 0.9  # mm between rows
_HEAD = line_height(style.NORMAL) + 1.0  # mm for the name of an output


def sensitivity_table(
    indices: pd.DataFrame, switching: pd.DataFrame, parameters: Mapping[str, Parameter], dataset: xr.Dataset,
    most: int = MOST[0],
) -> pd.DataFrame:  # fmt: skip
    """What F6 shows (COLUMNS): the largest total effects of each output at the first date, then one row a target."""
    if indices.empty:
        raise BadInput("the table of Sobol' indices is empty")
    rows: list[dict[str, object]] = []
    first, last = float(indices["edge"].min()), float(indices["edge"].max())
    for output, part in indices.groupby("output", sort=False):
        later = part[part["edge"] == last].set_index("factor")["total"]
        now = part[part["edge"] == first]
        now = now.assign(later=now["factor"].map(later)).sort_values("total", ascending=False, kind="stable")
        named, others = now[now["factor"] != OTHERS], now[now["factor"] == OTHERS]
        for row in pd.concat([named.head(most), _largest(named.iloc[most:]), others]).to_dict("records"):
            numbers = {"low": row["total_low"], "value": row["total"], "high": row["total_high"], "later": row["later"]}
            rows.append(_about(row, row["factor"], parameters) | {"panel": output, "edge": first} | numbers)
    for target, part in switching.groupby("target", sort=False):
        row = part.sort_values("share_of_way", kind="stable").iloc[0].to_dict()
        about = _about(row, row["parameter"], parameters) | {"panel": "switching", "target": target}
        numbers = {"edge": row["by"], "value": row["share_of_way"], "central": row["value"], "switch": row["switch"]}
        words = {name: row[name] for name in ("verdict", "kind", "parameter_unit")}
        rows.append(about | numbers | words)
    run = {name: str(dataset.attrs[name]) for name in ("scenario", "scenario_hash")}
    return pd.DataFrame([row | run for row in rows], columns=list(COLUMNS))


def _largest(rest: pd.DataFrame) -> pd.DataFrame:
    """One row for the assumptions that have no bar, with the numbers of the largest; none where all have one."""
    labels = {f"label_{each}": text("sensitivity.more", each, count=number(len(rest), each)) for each in LANGUAGES}
    return rest.head(1).assign(factor=MORE, grade="", later=rest["later"].max(), **labels)


@dataclass(frozen=True)
class _Layout:
    """All that is printed in one language with so many assumptions of each output, and the room that it takes."""

    table: pd.DataFrame
    outputs: pd.DataFrame
    turns: pd.DataFrame
    title: str
    key: str
    switching_key: str
    small_print: str
    names: list[list["_Name"]]
    said: list[list[str]]

    @property
    def heights(self) -> list[float]:
        """Of each output, in mm."""
        return [_HEAD + sum(map(_deepest, each)) + 1.5 for each in self.names]

    @property
    def switch_head(self) -> float:
        """Of the words above the turning points, in mm."""
        return _HEAD + len(wrap(self.switching_key, ROOM)) * line_height(style.SMALL) + 0.5

    @property
    def body(self) -> float:
        """Of all between head and small print, in mm."""
        return sum(self.heights) + self.switch_head + sum(map(_tall, self.said))

    @property
    def fits(self) -> bool:
        """Whether there is room for it on its page."""
        return self.body <= spare(self.title, self.key, self.small_print, style.WITH_AN_ANSWER)


def draw_sensitivity(
    indices: pd.DataFrame, switching: pd.DataFrame, datasets: Sequence[xr.Dataset], targets: Sequence[Target],
    parameters: Mapping[str, Parameter], language: Language, source: str = "",
) -> Drawing:  # fmt: skip
    """F6 of the first scenario of `datasets`; save it with `figure.save`."""

    def layout(most: int, language: Language) -> _Layout:
        table = sensitivity_table(indices, switching, parameters, datasets[0], most)
        return _layout(table, indices, datasets[0], targets, parameters, language, source)

    most = next((each for each in MOST if all(layout(each, every).fits for every in LANGUAGES)), MOST[-1])
    laid = layout(most, language)
    with printed():
        page, top = framed(laid.title, laid.key, laid.small_print, laid.body)
        parts = [rows for _, rows in laid.outputs.groupby("panel", sort=False)]
        for rows, each, height in zip(parts, laid.names, laid.heights, strict=True):
            page.text(MARGIN, top, [_output(rows, language)], style.NORMAL, bold=True)
            _bars(page, top + _HEAD, rows, each, float(laid.outputs["high"].max()), language)
            top += height
        page.text(MARGIN, top, [text("sensitivity.switching", language)], style.NORMAL, bold=True)
        page.text(MARGIN, top + line_height(style.NORMAL), wrap(laid.switching_key, ROOM), colour=style.GREY)
        _turns(page, top + laid.switch_head, laid.turns, laid.said, language)
    return Drawing(NAME, language, page.figure, laid.table, laid.title, _alt(laid.outputs, laid.said, language))


def _layout(
    table: pd.DataFrame, indices: pd.DataFrame, dataset: xr.Dataset, targets: Sequence[Target],
    parameters: Mapping[str, Parameter], language: Language, source: str,
) -> _Layout:  # fmt: skip
    """The words of a table of F6 in one language."""
    labels = {target.name: _asked(target, language) for target in targets}
    members, status = int(indices.attrs.get("members", 0)), str(indices.attrs.get("calibration", ""))
    first, last = (edge(float(end), language) for end in (indices["edge"].min(), indices["edge"].max()))
    outputs, turns = table[table["panel"] != "switching"], table[table["panel"] == "switching"]
    trained = bool((table["rung"] == "trained_cumulative").any())
    return _Layout(
        table, outputs, turns,
        title=_title(outputs, first, language),
        key=text("sensitivity.key", language, first=first, last=last),
        switching_key=text("sensitivity.switching_key", language),
        small_print=caption([dataset], language, source, trained, members, status),
        names=[
            [_name(row, language) for row in rows.to_dict("records")]
            for _, rows in outputs.groupby("panel", sort=False)
        ],
        said=[_said(row, labels, parameters, language) for row in turns.to_dict("records")],
    )  # fmt: skip


def _about(row: Mapping[Any, Any], parameter: str, parameters: Mapping[str, Parameter]) -> dict[str, object]:
    lever = parameters[parameter].lever if parameter in parameters else None
    owner = {f"owner_{language}": getattr(lever.decided_by, language) if lever else "" for language in ("en", "vi")}
    kept = {name: row[name] for name in ("label_en", "label_vi", "rung", "unit", "grade")}
    return kept | {"parameter": parameter} | owner


def _output(rows: pd.DataFrame, language: Language) -> str:
    rung, unit = str(rows["rung"].iloc[0]), str(rows["unit"].iloc[0])
    key = f"output.{rows['panel'].iloc[0]}"
    name = rung_name(rung, language) or text(key if key in entries() else f"unit.{unit}", language)
    return name[0].upper() + name[1:]


def _asked(target: Target, language: Language) -> str:
    words = {"value": number(target.value, language), "date": edge(target.by, language)}
    return f"{getattr(target.label, language)} ({text('targets.asked', language, **words)})"


_Name = tuple[list[str], list[str]]


def _name(row: Mapping[Any, Any], language: Language) -> _Name:
    """The lines of an assumption's label, and those of who owns it."""
    return wrap(str(row[f"label_{language}"]), _LABEL - 2), wrap(_owner(row, language), _OWNER - 2)


def _deepest(name: _Name) -> float:
    return max(map(_tall, name))


def _tall(lines: Sequence[str]) -> float:
    return len(lines) * line_height(style.SMALL) + _PAD


def _owner(row: Mapping[Any, Any], language: Language) -> str:
    """Who decides a lever; what any other number rests on."""
    if row["parameter"] in ("", MORE, OTHERS):
        return ""
    owner = str(row[f"owner_{language}"]).replace(";", ",").split(",")[0]  # the first of several
    if owner:
        return owner
    return text("levers.judgment" if row["grade"] == "J" else "levers.evidence", language, grade=str(row["grade"]))


def _bars(
    page: Page, top: float, rows: pd.DataFrame, names: Sequence[_Name], highest: float, language: Language
) -> None:
    """Total effects of one output: bar, thin line for its interval, and a diamond for the last date."""
    tall = sum(map(_deepest, names))
    axes = page.axes(MARGIN + _LABEL + _OWNER, top, _BAR - 8, tall)
    above = 0.0
    for row, (label, owner) in zip(rows.to_dict("records"), names, strict=True):
        page.text(MARGIN, top + above, label)
        page.text(MARGIN + _LABEL, top + above, owner, colour=style.GREY)
        middle = above + line_height(style.SMALL) / 2
        colour = style.FIRST_BANDS[0] if row["parameter"] in (MORE, OTHERS) else style.FIRST_BANDS[2]
        axes.add_patch(Rectangle((0, middle - 1.1), row["value"], 2.2, facecolor=colour, linewidth=0, zorder=2))
        axes.plot([row["low"], row["high"]], [middle, middle], color=style.BLACK, linewidth=style.MEDIUM, zorder=3)
        axes.plot([row["later"]], [middle], linestyle="none", marker="D", markersize=3, markerfacecolor="white",
                  markeredgecolor=style.BLACK, markeredgewidth=style.MEDIUM, zorder=4)  # fmt: skip
        page.text(MARGIN + ROOM, top + above, [percent(row["value"], language)], align="right")
        above += _deepest((label, owner))
    _bare(axes, max(highest, 0.05), tall)


def _bare(axes: Axes, right: float, tall: float) -> None:
    axes.set_xlim(0, right)
    axes.set_ylim(tall, 0)
    axes.axvline(0, color=style.GREY, linewidth=style.THIN, zorder=1)
    axes.set_axis_off()


def _said(
    row: Mapping[Any, Any], labels: Mapping[str, str], parameters: Mapping[str, Parameter], language: Language
) -> list[str]:
    """A target, its verdict in the central run, and what turns it."""
    target = labels.get(str(row["target"]), str(row["target"]))
    verdict = text(f"sensitivity.{row['verdict']}", language)
    if not row["parameter"]:
        return wrap(text("sensitivity.none", language, target=target, verdict=verdict), _LABEL + _OWNER - 4)
    parameter = parameters.get(str(row["parameter"]))
    factor = parameter is not None and parameter.number is None and row["central"] == 1  # on several values at once
    share = row["parameter_unit"] == "1" and (parameter.range[1] <= 1.0 if parameter else row["kind"] == DEFINITION)
    switch = quantity(row["switch"], row["parameter_unit"], language, share)
    central = quantity(row["central"], "1", language, share)
    words = {"label": row[f"label_{language}"], "from": central, "to": switch}
    key = "sensitivity.turns" if row["central"] == row["central"] else "sensitivity.turns_to"  # labels: no one centre
    if row["kind"] == DEFINITION and row["switch"] != row["switch"]:  # another reading: the label says it all
        key = "sensitivity.turns_reading"
    if factor:
        key, words["to"] = "sensitivity.turns_factor", significant(row["switch"], language)
    said = text(key, language, target=target, verdict=verdict, **words)
    return wrap(said, _LABEL + _OWNER - 4)


def _turns(page: Page, top: float, rows: pd.DataFrame, said: Sequence[Sequence[str]], language: Language) -> None:
    """How far each target's nearest turning point lies: from the centre (left) to the end of the range (right)."""
    tall = sum(_tall(lines) for lines in said)
    axes = page.axes(MARGIN + _LABEL + _OWNER, top, _BAR - 8, tall)
    above = 0.0
    for row, lines in zip(rows.to_dict("records"), said, strict=True):
        page.text(MARGIN, top + above, lines)
        middle = above + line_height(style.SMALL) / 2
        if row["parameter"]:
            axes.plot([0, row["value"]], [middle, middle], color=style.SECOND, linewidth=style.THICK, zorder=2)
            axes.plot([row["value"]], [middle], linestyle="none", marker="o", markersize=4, markerfacecolor="white",
                      markeredgecolor=style.SECOND, markeredgewidth=style.HEAVY, zorder=3)  # fmt: skip
            page.text(MARGIN + ROOM, top + above, [percent(row["value"], language)], align="right")
        above += _tall(lines)
    _bare(axes, 1.05, tall)


def _title(outputs: pd.DataFrame, date: str, language: Language) -> str:
    """The assumption that matters most for the first output: the message."""
    rows = outputs[outputs["panel"] == outputs["panel"].iloc[0]]
    best = rows[rows["parameter"] != OTHERS].iloc[0]
    name = _output(rows, language)
    low, share, high = (percent(float(best[end]), language).replace(" ", UNBROKEN) for end in ("low", "value", "high"))
    share += f" ({text('number.interval', language, low=low, high=high)})"
    return text(
        "sensitivity.title", language, output=name, date=date, share=share, label=str(best[f"label_{language}"])
    )


def _alt(outputs: pd.DataFrame, said: Sequence[Sequence[str]], language: Language) -> str:
    sentences = [text("sensitivity.alt_title", language)]
    for _, rows in outputs.groupby("panel", sort=False):
        shares = [f"{row[f'label_{language}']} {percent(row['value'], language)}" for row in rows.to_dict("records")]
        sentences.append(f"{_output(rows, language)}: {'; '.join(shares)}.")
    return " ".join([*sentences, *(" ".join(lines) + "." for lines in said)])

"""Tables of analysis on the terminal: what a reader wants of each first; the whole of it stands in a file beside it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

from vimach.analysis.attribution import DIFFERENCE, GROUP, VALUE
from vimach.analysis.bottleneck import ALL, FELT, NONE
from vimach.analysis.cost import PEOPLE, STATE
from vimach.analysis.cost_table import PRICE_YEAR, rates
from vimach.analysis.lever_groups import OTHERS, OURS
from vimach.analysis.reach import NOT_REACHABLE
from vimach.analysis.sensitivity import OTHERS as ALL_OTHERS
from vimach.analysis.targets import INTERVAL, is_whole
from vimach.analysis.verdicts import DEFINITION, NOTICED, SWITCHES
from vimach.parameters.table import read_parameters, read_targets
from vimach_reports.catalogue import (
    Language,
    count,
    edge,
    entries,
    interval,
    number,
    percent,
    rung_name,
    text,
    within,
)
from vimach_reports.columns import Line, fitted, plain, room_for
from vimach_reports.judged import JUDGED
from vimach_reports.quantity import quantity, significant, unit_words

Row: TypeAlias = Mapping[str, Any]
WIDTH: Final = 120
_BILLION, _MILLION = 1e9, 1e6
SHOWN: Final = 0.05
"""People, firms or plants below which a share is nothing."""
TURNS: Final = 3
"""Assumptions told for each verdict, the smallest moves first."""
FELT_INDEX: Final = 0.01
"""Total index below which an assumption is left to the file."""


# what makes a difference


def attribution(table: pd.DataFrame, language: Language, width: int) -> RenderableType:
    """Every target that the two scenarios part, with the share of each group at each horizon."""
    values = table[table["measure"] == VALUE]
    parted = [
        str(target)
        for target, rows in values[values["kind"] == DIFFERENCE].groupby("target", sort=False)
        if _largest(rows) >= SHOWN
    ]
    if not parted:
        return Text(text("summary.movers_none", language), style="bold")
    still = [str(target) for target in values["target"].drop_duplicates() if target not in parted]
    names = ", ".join(_target(target, language) for target in still)
    more = [Text(text("pages.not_parted", language, targets=names), style="dim")] if still else []
    return Group(*shares(values, parted, language, width), *more)


def shares(values: pd.DataFrame, targets: Sequence[str], language: Language, width: int) -> list[RenderableType]:
    """Shapley shares of the groups of levers in the difference to each target, ours and others' apart."""
    dates = [float(date) for date in values["edge"].drop_duplicates()]
    lines: list[Line] = [("", *(edge(date, language) for date in dates))]
    for target in targets:
        rows = values[values["target"] == target]
        lines.append(_headed(_target(target, language), str(rows["rung"].iloc[0]), language))
        for block in (OURS, OTHERS):
            own = rows[(rows["kind"] == GROUP) & (rows["block"] == block)]
            if len(own):
                lines.append((f" {text(f'waterfall.{block}', language)}",))
            for _, group in own.groupby("group", sort=False):
                if _largest(group) >= SHOWN:  # a group that adds nothing has no line
                    lines.append(_share(f"  {group[f'label_{language}'].iloc[0]}", group, dates, language))
        whole = rows[rows["kind"] == DIFFERENCE]
        lines.append(_share(f" {text('summary.difference', language)}", whole, dates, language))
    members = number(int(values.attrs["members"]), language)
    head = Text(text("summary.movers_title", language, members=members), style="bold")
    return [head, *fitted(lines, min(width, WIDTH))]


def _target(name: str, language: Language) -> str:
    """The label of a target, or its name if none of the targets has it."""
    label = next((each.label for each in read_targets() if each.name == name), None)
    return getattr(label, language) if label else name


def _largest(rows: pd.DataFrame) -> float:
    return float(np.abs(rows[["low", "high"]].to_numpy(dtype=np.float64)).max())


def _headed(label: str, rung: str, language: Language) -> Text:
    line = Text.assemble((label, "bold"))
    return line.append(f" ({text('summary.rung', language, rung=rung_name(rung, language))})") if rung else line


def _share(label: str, rows: pd.DataFrame, dates: Sequence[float], language: Language) -> Line:
    cells = []
    for date in dates:
        row = rows[rows["edge"] == date].iloc[0]
        if is_whole(str(row["unit"])):
            low, mean, high = (number(float(row[name]), language, 1, signed=True) for name in ("low", "value", "high"))
            cells.append(f"{mean} ({text('number.interval', language, low=low, high=high)})")
        else:
            cells.append(within([float(row[name]) for name in ("low", "value", "high")], language, signed=True))
    return (label, *cells)


# what moves verdicts, and when targets are reached


def verdicts(table: pd.DataFrame, language: Language, width: int) -> RenderableType:
    """What moves the chance of each target, the kind that moves it most named beside it."""
    lines: list[Line] = [("", text("pages.value", language), "P", text("pages.change", language))]
    still = []
    for _, rows in table.groupby("target", sort=False):
        first = rows.iloc[0]
        moving = rows[rows["change"].abs() >= NOTICED]
        moving = moving.sort_values("change", key=lambda change: -change.abs(), kind="stable")
        if moving.empty:
            still.append(str(first[f"label_{language}"]))
            continue
        asked = text(
            "targets.asked", language, value=number(float(first["target_value"]), language),
            date=edge(float(first["by"]), language),
        )  # fmt: skip
        kind = text(f"briefing.movers.{rows.loc[rows['largest'], 'kind'].iloc[0]}", language)
        lines.append(_headed(f"{first[f'label_{language}']}: {asked}", str(first["rung"]), language))
        lines.append(Text(f" {text('pages.most', language, kind=kind)}"))
        base = str(table.attrs.get(f"scenario_title_{language}") or table.attrs.get("scenario", ""))
        spread = _spread(first, ("low_base", "median_base", "high_base"), language)
        lines.append((f"  {base}", spread, percent(float(first["probability_base"]), language), ""))
        for row in moving.to_dict("records"):
            ends = interval(100 * row["change_low"], 100 * row["change_high"], language, signed=True)
            moved = number(100 * row["change"], language, signed=True)
            chance = percent(row["probability"], language)
            cells = (_spread(row, ("low", "median", "high"), language), chance, f"{moved} ({ends})")
            lines.append((f"  {row[f'what_{language}']}", *cells))
    members = number(int(table.attrs["members"]), language)
    head = Text(text("pages.verdicts", language, members=members), style="bold")
    more = [Text(text("pages.nothing_moves", language, targets=", ".join(still)), style="dim")] if still else []
    return Group(head, *fitted(lines, min(width, WIDTH)), *more)


def years_reached(table: pd.DataFrame, titles: Mapping[str, str], language: Language, width: int) -> RenderableType:
    """In which year each target is reached, by scenario, and the chance at each horizon, on the target's own rung.

    `titles` are those of the scenarios, by name.
    """
    ends = [year for year in (2030, 2035) if year in set(table["year"])]
    last = int(table["year"].max())
    heads = (*(edge(year + 1.0, language) for year in ends), text("pages.year", language))
    lines: list[Line] = [("", *heads)]
    for _, rows in table.groupby("target", sort=False):
        first = rows.iloc[0]
        label = _headed(str(first[f"label_{language}"]), str(first["rung"]), language)
        judged = first["variable"] in JUDGED
        lines.append(label.append(f" ({text('basis.judgment', language)})") if judged else label)
        for name, own in rows[rows["variable"] == first["variable"]].groupby("scenario", sort=False):
            known = own.dropna(subset=["year"]).set_index("year")["reached"]
            low, middle, high = (_when(known, level, last, language) for level in INTERVAL)
            said = middle if low == high else f"{middle} ({text('number.interval', language, low=low, high=high)})"
            lines.append((f"  {titles[str(name)]}", *(percent(float(known[year]), language) for year in ends), said))
    return Group(Text(text("pages.years", language), style="bold"), *fitted(lines, min(width, WIDTH)))


def _when(reached: "pd.Series[float]", level: float, last: int, language: Language) -> str:
    there = reached.index[reached >= level]
    return str(int(there[0])) if len(there) else text("briefing.years.later", language, last=str(last))


def _spread(row: Any, names: tuple[str, str, str], language: Language) -> str:
    return within([float(row[name]) for name in names], language, short=True)


def _range(low: str, high: str, language: Language) -> str:
    return text("number.range", language, low=low, high=high)


# what binds


def bottlenecks(table: pd.DataFrame, years: Sequence[int], language: Language, width: int) -> RenderableType:
    """In how many runs each limit binds and how much it cuts, by track; then what cuts most under each structure."""
    whole = table[table["structure"] == ALL]
    lines: list[Line] = [("", *map(str, years))]
    for track, rows in whole.groupby("track", sort=False):
        lines.append(Text(text(f"track.{track}", language), style="bold"))
        for _, own in rows[rows["limit"] != NONE].groupby("limit", sort=False):
            by_year = own[own["year"].isin(years)]
            if by_year["share"].max() > 0.0:
                cells = (f"{percent(share, language)} ({percent(cut, language)})" for share, cut in _pairs(by_year))
                lines.append((f"  {own[f'label_{language}'].iloc[0]}", *cells))
    worst: list[Line] = [("", *map(str, years))]
    for track, rows in table.groupby("track", sort=False):
        worst.append(Text(text(f"track.{track}", language), style="bold"))
        for structure, own in rows.groupby("structure", sort=False):
            cells = (_worst(own[own["year"] == year], language) for year in years)
            worst.append((f"  {_structure(str(structure), language)}", *cells))
    heads = [text(key, language, felt=percent(FELT, language)) for key in ("pages.bottlenecks", "pages.worst")]
    first, second = (Text(head, style="bold") for head in heads)
    width = min(width, WIDTH)
    return Group(first, *fitted(lines, width), Text(), second, *fitted(worst, width))


def _pairs(rows: pd.DataFrame) -> Iterator[tuple[float, float]]:
    return zip(rows["share"].tolist(), rows["held_back"].tolist(), strict=True)


def _worst(rows: pd.DataFrame, language: Language) -> str:
    top = rows.iloc[int(rows["first"].argmax())]
    return f"{top[f'label_{language}']} {percent(float(top['first']), language)}"


def _structure(name: str, language: Language) -> str:
    if name == ALL:
        return text("pages.as_drawn", language)
    parameter, _, position = name.partition("=")
    switch = next(each for each in SWITCHES if each.parameter == parameter)
    label = switch.on if position == "1" else switch.off
    return label.en if language == "en" else label.vi


# what the next thousand cost


def marginal_cost(table: pd.DataFrame, language: Language, width: int) -> RenderableType:
    """For each lever and setting: engineers more, and what the next 1,000 cost the state, at each horizon."""
    seen = table[(table["cost"] == STATE) & (table["variable"] == PEOPLE[1])]
    dates = [float(date) for date in seen["edge"].drop_duplicates()]
    about = {"year": str(table.attrs["price_year"]), "rate": percent(float(table.attrs["discount_rate"]), language, 1)}
    about |= {"present": str(int(table.attrs["present"])), "usd": number(float(table.attrs["vnd_per_usd"]), language)}
    head = Text(text("pages.marginal", language, **about), style="bold")
    width, together = min(width, WIDTH), _curves(seen, dates, language)
    if room_for(together) <= width:
        return Group(head, *fitted(together, width))
    return Group(head, *(line for date in dates for line in fitted(_curves(seen, [date], language), width)))


def _curves(seen: pd.DataFrame, dates: Sequence[float], language: Language) -> list[Line]:
    """The curve of each lever, three columns for each date."""
    more, *units = (text(key, language) for key in ("pages.more", "pages.billion", "pages.usd"))
    lines: list[Line] = [("", *(head for date in dates for head in (f"{edge(date, language)}: {more}", *units)))]
    for _, rows in seen.groupby("lever", sort=False):
        label, unit = rows[f"label_{language}"].iloc[0], unit_words(str(rows["setting_unit"].iloc[0]), language)
        most = float(rows["setting"].abs().max())
        lines.append(Text(f"{label}, {unit}" if unit else str(label), style="bold"))
        for _, points in rows.groupby("dose", sort=False):
            setting = number(float(points["setting"].iloc[0]), language, 0 if most >= 100 else 2)
            cells = (cell for date in dates for cell in _price(points[points["edge"] == date].iloc[0], language))
            lines.append((f"  {setting}", *cells))
        for date in dates:
            end = float(rows.loc[rows["edge"] == date, "saturation"].iloc[0])
            lines.append(Text(f"  {edge(date, language)}: {_saturation(end, language)}", style="dim"))
    return lines


def _price(row: Any, language: Language) -> Iterator[str]:
    """Engineers more; the next 1,000 in VND billion with interval; in USD million."""
    yield count(float(row["engineers"]), language, signed=True)
    low, mean, high = (float(row[name]) / _BILLION for name in ("next_1000_low", "next_1000", "next_1000_high"))
    if np.isnan(mean):
        yield from ("", "")
        return
    least, most = (count(end, language) if np.isfinite(end) else "\N{INFINITY}" for end in (low, high))
    yield f"{count(mean, language)} ({_range(least, most, language)})"
    yield count(float(row["next_1000_usd"]) / _MILLION, language)


def _saturation(people: float, language: Language) -> str:
    if np.isnan(people):
        return text("marginal.open", language)
    return text("marginal.saturates", language, people=count(people, language))


# what reaches a target


def reach(answer: Mapping[str, Any], language: Language) -> RenderableType:
    """Whether and how a target is reached, how surely, and at what cost."""
    date = edge(answer["by"], language)
    asked = text("targets.asked", language, value=number(answer["value"], language), date=date)
    lines: list[RenderableType] = [_headed(f"{answer[f'label_{language}']}: {asked}", answer["rung"], language)]
    verdict = str(answer["verdict"])
    if verdict == NOT_REACHABLE:
        year = answer["earliest_year"]
        key, when = ("pages.earliest", str(year)) if year else ("pages.never", edge(answer["until"] + 1.0, language))
        verdict_said = text(key, language, date=date, year=when)
    else:
        verdict_said = text(f"pages.{verdict.replace(' ', '_')}", language)
    low, high = (percent(answer[f"probability_{end}"], language) for end in ("low", "high"))
    chances = {name: percent(answer[f"probability_{name}"], language) for name in ("before", "wanted")}
    after = f"{percent(answer['probability'], language)} ({_range(low, high, language)})"
    lines.append(Text(verdict_said, style="bold"))
    lines.append(Text(text("pages.chances", language, after=after, **chances)))
    if answer["levers"]:
        best = verdict == NOT_REACHABLE
        lines.append(Text(text("pages.best_found" if best else "pages.levers", language), style="bold"))
    for lever in answer["levers"]:
        share = lever["unit"] == "1" and lever["setting"] <= 1.0
        measured = quantity(lever["setting"], lever["unit"], language, share)
        way = {"year": f"{lever['first_year']:g}", "share": percent(lever["share_of_range"], language)}
        name = f"{lever[f'label_{language}']} ({lever['name']})"
        lines.append(Text(f"  {text('pages.lever', language, name=name, setting=measured, **way)}"))
    if answer["costs"]:
        usd = rates().vnd_per_usd
        about = {"date": date, "year": str(PRICE_YEAR), "usd": number(usd, language)}
        lines.append(Text(text("pages.reach_cost", language, **about), style="bold"))
        for cost in answer["costs"]:
            low, median, high = (count(cost[each] / _BILLION, language) for each in ("low", "median", "high"))
            name = text(f"summary.{cost['name']}", language)
            dollars = count(cost["median"] / usd / _MILLION, language)
            lines.append(Text(plain(f"  {name}: {median} ({_range(low, high, language)}); {dollars}")))
    return Group(*lines)


# which assumptions matter


def sensitivity(found: pd.DataFrame, turned: pd.DataFrame, language: Language, width: int) -> RenderableType:
    """Sobol' indices, first and total, of each output at each date; then what alone turns each verdict."""
    width = min(width, WIDTH)
    shown: list[RenderableType] = [Text(text("pages.sensitivity", language), style="bold")]
    dates = [float(date) for date in found["edge"].drop_duplicates()]
    lines: list[Line] = [("", *(edge(date, language) for date in dates))]
    for output, rows in found.groupby("output", sort=False):
        key, rung = f"output.{output}", rung_name(str(rows["rung"].iloc[0]), language)
        name = text(key, language) if key in entries() else rung or str(output)
        lines.append(Text(name, style="bold"))
        for factor, own in rows.groupby("factor", sort=False):
            if own["total"].max() >= FELT_INDEX or factor == ALL_OTHERS:
                cells = (_index(own[own["edge"] == date].iloc[0], language) for date in dates)
                lines.append((f"  {own[f'label_{language}'].iloc[0]}", *cells))
    return Group(*shown, *fitted(lines, width), Text(), *_turns(turned, language))


def _index(row: Any, language: Language) -> str:
    first, total, low, high = (
        number(float(row[name]), language, 2) for name in ("first", "total", "total_low", "total_high")
    )
    return f"{first}; {total} ({_range(low, high, language)})"


def _turns(turned: pd.DataFrame, language: Language) -> list[RenderableType]:
    lines: list[RenderableType] = [Text(text("sensitivity.switching", language), style="bold")]
    for name, rows in turned.groupby("target", sort=False):
        verdict = text(f"sensitivity.{rows['verdict'].iloc[0]}", language)
        said = {"target": _target(str(name), language), "verdict": verdict}
        moves = rows[rows["parameter"] != ""]
        if moves.empty:
            lines.append(Text(text("sensitivity.none", language, **said)))
            continue
        more = len(moves) - TURNS
        lines.append(Text(text("pages.turns", language, **said)))
        lines += [Text(f"  {_turn(row, language)}") for row in moves.head(TURNS).to_dict("records")]
        lines += [Text(f"  {text('pages.more_turns', language, number=str(more))}", style="dim")] if more > 0 else []
    return lines


def _turn(row: Mapping[Any, Any], language: Language) -> str:
    """An assumption with the value at which it turns a verdict, from its central one if it has one."""
    label, unit = row[f"label_{language}"], str(row["parameter_unit"])
    if row["kind"] == DEFINITION:  # a rule of counting, or the share of some people who are counted
        return str(label) if np.isnan(row["switch"]) else f"{label}: {quantity(row['switch'], unit, language, True)}"
    parameter = read_parameters()[str(row["parameter"])]
    if np.isnan(row["quantile"]):  # a chance comes true, or does not
        return f"{label}: {text('pages.yes' if row['switch'] else 'pages.no', language)}"
    if parameter.factor and not parameter.chance:
        return f"{label}: \N{MULTIPLICATION SIGN} {significant(row['switch'], language)}"
    share = unit == "1" and parameter.range[1] <= 1.0
    start, end = (quantity(float(row[name]), unit, language, share) for name in ("value", "switch"))
    return f"{label}: {start} → {end}"

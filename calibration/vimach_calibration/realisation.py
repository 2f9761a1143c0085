"""How much of what is announced comes about, and how late: estimated from the register of announcements.

The samples are tiny (two plants, four firms, one scholarship scheme), so every line says what it rests on, and its
interval is for one new announcement of that kind, not for an average: it holds the scatter between projects. It is too
narrow where several entries are readings of one project (`n` above `projects`).
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from vimach.vintage import vintage
from vimach_calibration.announcements import THINGS, Announcement, Register, read_announcements

COLUMNS = (
    "quantity", "kind", "n", "projects", "median", "p05", "p95", "unit", "method", "supports", "entries",
)  # fmt: skip
ON_TIME = 3.0
"""A plant counts as operating if it opens within so many years of its first planned date."""
LAPSING = ("scholarship", "training target")
"""Kinds whose places lapse with their year: what is not filled then is not filled late."""
JEFFREYS = 0.5  # the shape that an uninformed rate or share starts from
LEVEL = 0.10  # what lies outside p05 to p95

LOGS = "OLS on logs"

Line = tuple[object, ...]
Interval = tuple[float, float, float]  # median, p05, p95


def estimate(register: Register | None = None, day: date | None = None) -> pd.DataFrame:
    """The table of realisation, columns as in COLUMNS, from what was known on `day` (default: `read_up_to`).

    `operates_within_3_years` is a share of projects; `realisation_ratio` realised over announced size;
    `opening_delay` and `delay` years beyond the announced date, `opening_delay_if_realised` that of projects that
    operate within three years, which goes with the share of those that do: neither counts the other's failures;
    `lead_time` years from announcement to opening; `ramp_time` years from opening to the planned size
    at a steady pace. `median`, `p05` and `p95` are NaN where nothing can be said.
    """
    day = day or date.fromisoformat(vintage().read_up_to)
    known = (read_announcements() if register is None else register).as_of(day)
    used = [entry for entry in known.values() if not entry.not_used]
    things = [entry for entry in used if entry.unit in THINGS]
    lines = [*_shares(_chains(things, known)), *_ratios(used), *_delays(_chains(used, known))]
    lines += [*_lead_times(things), *_ramps(used)]
    return pd.DataFrame(lines, columns=list(COLUMNS))


def realised_entries(register: Register) -> pd.DataFrame:
    """The entries behind `realisation_ratio`, by kind: name, kind, unit, announced, realised, ratio, due, counted."""
    entries = [entry for entry in register.values() if _has_ratio(entry)]
    kinds = list(dict.fromkeys(entry.kind for entry in entries))
    lines = [
        (e.name, e.kind, e.unit, e.size, e.realised_size, e.ratio, e.due, e.realised_date)
        for e in sorted(entries, key=lambda entry: kinds.index(entry.kind))
    ]
    return pd.DataFrame(lines, columns=["name", "kind", "unit", "announced", "realised", "ratio", "due", "counted"])


def _has_ratio(entry: Announcement) -> bool:
    return entry.ratio is not None and entry.unit not in THINGS and _is_due(entry) and not entry.not_used


def write_estimate(table: pd.DataFrame, file: Path) -> None:
    """Write the table as CSV: UTF-8, LF, four significant digits."""
    table.to_csv(file, index=False, encoding="utf-8", lineterminator="\n", float_format="%.4g")


Chain = tuple[Announcement, ...]


def _chains(entries: Sequence[Announcement], known: Register) -> list[Chain]:
    """Each first plan with the plans that replaced it, in order."""
    later = {entry.replaced_by for entry in entries}
    chains = []
    for entry in entries:
        if entry.name in later:
            continue
        chain = [entry]
        while chain[-1].replaced_by:
            chain.append(known[chain[-1].replaced_by])
        chains.append(tuple(chain))
    return chains


def _shares(chains: Sequence[Chain]) -> Iterator[Line]:
    for worst in (False, True):
        for kinds in (("plant",), ("fab",), THINGS):
            fates = [(chain[0], _operates(chain, worst)) for chain in chains if chain[0].kind in kinds]
            settled = [(entry, fate) for entry, fate in fates if fate is not None]
            yes, count, chosen = sum(fate for _, fate in settled), len(settled), [entry for entry, _ in settled]
            words = f"{yes} of {count} settled projects; {len(fates) - count} not settled yet are left out"
            if worst:
                words = f"worst case: {yes} of {count}, every plan that is due and silent taken to have failed"
            quantity = "operates_within_3_years" + ("_worst_case" if worst else "")
            yield _line(quantity, " or ".join(kinds), chosen, _share(yes, count), "1", "Jeffreys", words)


def _operates(chain: Chain, silence_fails: bool) -> bool | None:
    """Whether a plan came to operate within ON_TIME of its first date; None while that is open or unheard of."""
    first, last = chain[0], chain[-1]
    if last.realised_date is not None:
        return first.due is None or last.realised_date <= first.due + ON_TIME
    if last.status == "lapsed":
        return False
    if first.due is not None and last.due is not None and last.due > first.due + ON_TIME:
        return False  # put off by more, on its owner's word
    return False if silence_fails and last.status == "silent" else None


def _share(yes: int, count: int) -> Interval:
    from scipy.stats import beta  # type: ignore[import-untyped]
    from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

    if not count:
        return math.nan, math.nan, math.nan
    low, high = proportion_confint(yes, count, alpha=LEVEL, method="jeffreys")
    return float(beta.ppf(0.5, yes + JEFFREYS, count - yes + JEFFREYS)), float(low), float(high)


def _ratios(used: Iterable[Announcement]) -> Iterator[Line]:
    """Log ratios by kind: each kind its own mean, one scatter for all."""
    from statsmodels.api import OLS  # type: ignore[import-untyped]

    entries = [entry for entry in used if _has_ratio(entry)]
    kinds = list(dict.fromkeys(entry.kind for entry in entries))
    if len(entries) <= len(kinds):
        return
    design = pd.DataFrame({kind: [float(entry.kind == kind) for entry in entries] for kind in kinds})
    logs = pd.Series([math.log(entry.ratio or math.nan) for entry in entries])
    each, pooled = OLS(logs, design).fit(), OLS(logs, pd.Series(1.0, index=logs.index, name="all")).fit()
    for number, kind in enumerate(kinds):
        chosen = [entry for entry in entries if entry.kind == kind]
        row = pd.DataFrame([[float(other == number) for other in range(len(kinds))]], columns=kinds)
        words = f"ratios {_ratio_list(chosen)}; mean of this kind, scatter of all kinds"
        words += "; only of plants that were built" if kind == "plant" else ""
        yield _line("realisation_ratio", kind, chosen, _predicted(each, row), "1", LOGS, words)
    words = f"ratios {_ratio_list(entries)}; kinds taken alike"
    interval = _predicted(pooled, pd.DataFrame({"all": [1.0]}))
    yield _line("realisation_ratio", "all", entries, interval, "1", LOGS, words)


def _is_due(entry: Announcement) -> bool:
    """Whether the count came when all should be there: counts on the way say how fast, not how much."""
    if entry.status == "realised" or entry.realised_date is None:
        return entry.status == "realised"
    if entry.kind == "plant":
        return entry.due is not None and entry.realised_date >= entry.due
    return entry.due is None or entry.realised_date >= entry.due


def _predicted(fit: object, row: pd.DataFrame) -> Interval:
    """Median and interval for one new case, back from logs."""
    frame = fit.get_prediction(row).summary_frame(alpha=LEVEL)  # type: ignore[attr-defined]
    mean, low, high = (float(frame[name].iloc[0]) for name in ("mean", "obs_ci_lower", "obs_ci_upper"))
    return math.exp(mean), math.exp(low), math.exp(high)


def _delays(chains: Iterable[Chain]) -> Iterator[Line]:
    """Waiting beyond the first date, exponential, cut off where the register ends; early counts as none."""
    groups: dict[str, list[tuple[Announcement, float, bool]]] = {}
    for chain in chains:
        first, found = chain[0], _waited(chain)
        if found and first.kind not in LAPSING and (first.kind not in THINGS or first.unit in THINGS):
            groups.setdefault(first.kind, []).append((first, *found))
    for kind, waits in groups.items():
        ended, time = sum(there for _, _, there in waits), sum(waited for _, waited, _ in waits)
        each = ", ".join(f"{'' if there else '> '}{waited:.1f}" for _, waited, there in waits)
        words = f"waits of {each} years; {ended} ended" + ("" if ended else ", so nothing can be said")
        interval = (_waiting(ended, time, 0.5), _waiting(ended, time, LEVEL / 2), _waiting(ended, time, 1 - LEVEL / 2))
        quantity = "opening_delay" if kind in THINGS else "delay"
        method = "exponential, right-censored, Jeffreys"
        chosen = [entry for entry, _, _ in waits]
        yield _line(quantity, kind, chosen, interval, "year", method, words)
        if kind in THINGS and ended:
            soon = _waited_less(ended, time, ON_TIME)
            low, middle, high = (_waiting(ended, time, soon * level) for level in (LEVEL / 2, 0.5, 1 - LEVEL / 2))
            words += f"; of those that open within {ON_TIME:g} years of plan"
            yield _line(f"{quantity}_if_realised", kind, chosen, (middle, low, high), "year", method, words)


def _waited(chain: Chain) -> tuple[float, bool] | None:
    """Years beyond the first date and whether all was there then; None where nothing was seen after that date."""
    first, last = chain[0], chain[-1]
    if first.due is None:
        return None
    if last.status == "realised" and last.realised_date is not None:
        return max(last.realised_date - first.due, 0.0), True
    # put off on its owner's word, or counted late and still short: a lower bound
    until = last.due if last is not first else last.realised_date
    return (until - first.due, False) if until is not None and until > first.due else None


def _waiting(ended: int, time: float, level: float) -> float:
    """Quantile of one new wait: exponential with a rate of Gamma(ended + 1/2, time); NaN if none ended."""
    return math.nan if not ended or time <= 0 else time * math.expm1(-math.log1p(-level) / (ended + JEFFREYS))


def _waited_less(ended: int, time: float, years: float) -> float:
    """The chance that one new wait ends within so many years; the inverse of `_waiting`."""
    return -math.expm1(-(ended + JEFFREYS) * math.log1p(years / time))


def _lead_times(things: Iterable[Announcement]) -> Iterator[Line]:
    def years(entry: Announcement) -> float | None:
        whole = entry.realised_date is not None and entry.on is not None and entry.kind == "plant"
        return (entry.realised_date or 0.0) - (entry.on or 0.0) if whole else None

    yield from _log_line("lead_time", things, years, "from announcement to opening")


def _ramps(used: Sequence[Announcement]) -> Iterator[Line]:
    opened = {
        entry.project: entry.realised_date
        for entry in used
        if entry.unit in THINGS and entry.kind == "plant" and entry.realised_date is not None
    }

    def years(entry: Announcement) -> float | None:
        start = opened.get(entry.project)
        if start is None or entry.realised_date is None or entry.kind != "plant" or entry.unit in (*THINGS, "USD"):
            return None
        return (entry.realised_date - start) / min(entry.ratio or math.nan, 1.0)

    yield from _log_line("ramp_time", used, years, "from opening to the planned size, at the pace until the count")


def _log_line(
    quantity: str, entries: Iterable[Announcement], years: Callable[[Announcement], float | None], what: str
) -> Iterator[Line]:
    """One line of positive times: their geometric mean, and the interval of a new one."""
    from statsmodels.api import OLS

    found = [(entry, time) for entry in entries if (time := years(entry)) is not None and time > 0]
    if len(found) < 2:
        return
    logs = pd.Series([math.log(time) for _, time in found])
    fit = OLS(logs, pd.Series(1.0, index=logs.index, name="all")).fit()
    words = f"{what}: {', '.join(f'{time:.1f}' for _, time in found)} years"
    interval = _predicted(fit, pd.DataFrame({"all": [1.0]}))
    yield _line(quantity, "plant", [entry for entry, _ in found], interval, "year", LOGS, words)


def _line(
    quantity: str, kind: str, chosen: Sequence[Announcement], interval: Interval, unit: str, method: str, words: str
) -> Line:
    projects = len({entry.project for entry in chosen})
    names = " ".join(entry.name for entry in chosen)
    return (quantity, kind, len(chosen), projects, *interval, unit, method, words, names)


def _ratio_list(chosen: Sequence[Announcement]) -> str:
    return ", ".join(f"{entry.ratio:.2f}" for entry in chosen)

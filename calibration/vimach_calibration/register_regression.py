"""Regressions on the register of announcements: what share comes about and how late, with what they rest on.

They use the entries that `vimach_calibration.realisation` uses and ask how far its numbers can be trusted: whether
kinds differ, whether size or notice matter, how much a single project carries, and whether waits end at a steady rate.
"""

import math
import warnings
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from vimach_calibration.announcements import Announcement, Register, read_announcements
from vimach_calibration.realisation import JEFFREYS, estimate
from vimach_calibration.submodel_table import Line, line, not_estimable

LEVEL = 0.10
RATIO, DELAY = "realisation of announcements", "delay of announcements"
METHOD = "OLS on logs of project means, a mean for each kind"
Wait = tuple[str, float, bool]  # kind, years beyond the first date, whether the wait ended


def lines(register: Register | None = None) -> Iterator[Line]:
    """The lines of the realised share, then those of the delay."""
    register = read_announcements() if register is None else register
    table = estimate(register)
    names = table[(table["quantity"] == "realisation_ratio") & (table["kind"] == "all")]["entries"]
    yield from _ratio_lines([register[name] for name in " ".join(names).split()])
    late = table[table["quantity"].isin(["opening_delay", "delay"])]["entries"]
    yield from _delay_lines([_wait(register, register[name]) for name in " ".join(late).split()])


# the realised share


def _ratio_lines(entries: Sequence[Announcement]) -> Iterator[Line]:
    """Kinds against one another, each with its interval, then what might tilt the share inside a kind."""
    from statsmodels.api import OLS  # type: ignore[import-untyped]

    projects = _projects(entries)
    kinds = list(dict.fromkeys(projects["kind"]))
    need = 2 * len(kinds)
    if not kinds or len(projects) < need:
        yield not_estimable(RATIO, "mean by kind", len(projects), need, "projects")
        return
    fit = OLS(projects["log"], _marks(projects["kind"], kinds)).fit()
    told = _checks(fit)
    test, chance, _ = fit.compare_f_test(OLS(projects["log"], np.ones(len(projects))).fit())
    words = "kinds differ, so one share for all would mislead" if chance < LEVEL else "kinds are not told apart"
    yield line(RATIO, "scatter of the log between projects of a kind", (math.sqrt(fit.scale), math.nan, math.nan), "1",
               len(projects), METHOD, f"kinds alike: F = {test:.1f}, p = {chance:.2g}; {told}", words)  # fmt: skip
    intervals = fit.conf_int(LEVEL)
    for kind in kinds:
        of_kind = projects[projects["kind"] == kind]
        low, high = intervals.loc[kind]
        words = "less than announced" if high < 0 else "what was announced lies inside the interval"
        words += "; a single project, its scatter borrowed from other kinds" if len(of_kind) == 1 else ""
        shares = ", ".join(f"{math.exp(log):.2f}" for log in of_kind["log"])
        yield line(RATIO, f"{kind}: mean share", (math.exp(fit.params[kind]), math.exp(low), math.exp(high)), "1",
                   len(of_kind), METHOD, f"projects at {shares}; {told}", words)  # fmt: skip
    counted = [entry for entry in entries if entry.unit == "person"]
    yield _tilt("log of the planned size, plans counted in people", counted, [math.log(e.size) for e in counted], "1")
    told_ahead = [entry for entry in entries if entry.due is not None and entry.on is not None]
    yield _tilt("years of notice", told_ahead, [(e.due or 0.0) - (e.on or 0.0) for e in told_ahead], "1/year")


def _projects(entries: Sequence[Announcement]) -> pd.DataFrame:
    """Each project once, with the mean log of its shares: its entries are readings of one thing."""
    frame = pd.DataFrame(
        [(entry.kind, entry.project, math.log(entry.ratio or math.nan)) for entry in entries],
        columns=["kind", "project", "log"],
    )
    return frame.groupby(["kind", "project"], sort=False)["log"].mean().reset_index()


def _marks(given: pd.Series, kinds: Sequence[str]) -> pd.DataFrame:
    """A column of noughts and ones for each kind."""
    return pd.DataFrame({kind: (given == kind).astype(float) for kind in kinds})


def _checks(fit: object) -> str:
    """Normality and influence of a regression, in words."""
    from scipy.stats import shapiro  # type: ignore[import-untyped]

    residuals = np.asarray(fit.resid)  # type: ignore[attr-defined]
    normal = f"Shapiro-Wilk p = {shapiro(residuals).pvalue:.2g}"
    hat = fit.get_influence().hat_matrix_diag  # type: ignore[attr-defined]
    alone = int((hat > 1 - 1e-9).sum())
    return f"{normal}; fitted exactly because alone: {alone}" if alone else normal


def _tilt(term: str, entries: Sequence[Announcement], values: Sequence[float], unit: str) -> Line:
    """Whether the share goes with `values` inside a kind; errors clustered by project."""
    from statsmodels.api import OLS

    kinds = sorted({entry.kind for entry in entries})
    need = 2 * (len(kinds) + 1)
    if len(entries) < need:
        return not_estimable(RATIO, term, len(entries), need, "entries with it known")
    logs = np.array([math.log(entry.ratio or math.nan) for entry in entries])
    data = _marks(pd.Series([entry.kind for entry in entries]), kinds).assign(tilt=list(values))
    groups = pd.factorize(pd.Series([entry.project for entry in entries]))[0]
    fit = OLS(logs, data).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    low, high = fit.conf_int(LEVEL).loc["tilt"]
    told = f"p = {fit.pvalues['tilt']:.2g}, errors clustered in {groups.max() + 1} projects; {_checks(fit)}"
    words = "no tilt shown" if low < 0 < high else "a tilt inside kinds, from few projects"
    return line(RATIO, term, (float(fit.params["tilt"]), float(low), float(high)), unit, len(entries),
                "OLS on logs, a mean for each kind", told, words)  # fmt: skip


# the delay


def _wait(register: Register, first: Announcement) -> Wait:
    """The wait of a first plan; the date of a plan that replaced it is a lower bound."""
    last = first
    while last.replaced_by:
        last = register[last.replaced_by]
    due = first.due or math.nan
    if last.status == "realised" and last.realised_date is not None:
        return first.kind, max(last.realised_date - due, 0.0), True
    until = last.due if last is not first else last.realised_date
    return first.kind, (until or due) - due, False


def _delay_lines(waits: Sequence[Wait]) -> Iterator[Line]:
    """The mean wait of all kinds, and whether plants wait longer than others."""
    from scipy.stats import gamma

    ended, time = sum(there for _, _, there in waits), sum(years for _, years, _ in waits)
    told = f"{ended} of {len(waits)} waits ended in {time:.1f} years of waiting"
    if not ended or time <= 0:
        yield not_estimable(DELAY, "mean wait, all kinds", ended, 1, "ended waits")
    else:
        mean, low, high = (time / float(gamma.ppf(share, ended + JEFFREYS)) for share in (0.5, 0.95, 0.05))
        width = f"p95 is {high / low:.0f} times p05, so only the order of size"
        yield line(DELAY, "mean wait, all kinds", (mean, low, high), "year", len(waits),
                   "exponential, right-censored, Jeffreys", told, width)  # fmt: skip
    yield _cox(waits, ended, told)


def _cox(waits: Sequence[Wait], ended: int, told: str) -> Line:
    """How much faster waits for plants end than those for others; the baseline counts as one unknown."""
    term, need = "rate of ending, plants over others", 4
    plants = np.array([float(kind == "plant") for kind, _, _ in waits])
    if ended < need or plants.all() or not plants.any():
        return not_estimable(DELAY, term, ended, need, "ended waits")
    from statsmodels.duration.hazard_regression import PHReg  # type: ignore[import-untyped]

    years, there = np.array([years for _, years, _ in waits]), np.array([float(there) for _, _, there in waits])
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        fit = PHReg(years, plants[:, None], status=there, ties="efron").fit()
    if heard:  # one side always ends first: the likelihood has no top
        return line(DELAY, term, (math.nan,) * 3, "1", len(waits), "Cox, ties by Efron", f"{told}; no maximum found",
                    "not estimable: the waits of the two sides do not overlap")  # fmt: skip
    low, high = fit.conf_int(LEVEL)[0]
    words = "no difference shown" if low < 0 < high else "plants differ from others"
    interval = (math.exp(float(fit.params[0])), math.exp(low), math.exp(high))
    told += f"; p = {fit.pvalues[0]:.2g}"
    return line(DELAY, term, interval, "1", len(waits), "Cox, ties by Efron", told, words)

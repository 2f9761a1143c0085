"""What is made of a finished run, and what the model is checked against: the part of the roof that is no command.

Beside `cli` this module alone may call on reports and calibration, and it too imports them inside its functions.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vimach import request

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from vimach.checks import Checks
    from vimach.parameters.table import Target
    from vimach.scenario import Scenario
    from vimach.simulate import Model, Settings
    from vimach.terminal import Terminal


def titles(scenarios: Sequence["Scenario"]) -> str:
    """What a sweep is about, in a few words."""
    if len(scenarios) > 2:
        return f"{len(scenarios)} scenarios"
    return " and ".join(scenario.title.en for scenario in scenarios)


def told(
    file: Path, targets: Sequence["Target"], terminal: "Terminal", lang: request.Languages, quantiles: bool
) -> dict[str, Any]:
    """What one results file tells: its targets, shown and returned as data; and its quantiles beside it, if wanted."""
    from vimach import results
    from vimach.analysis.quantiles import over_members

    with results.opened(file) as data:
        found = targets_of(data, targets, terminal, lang) | {"file": str(file)}
        if quantiles:
            beside = file.with_name("quantiles.nc")
            results.write(over_members(data), beside)
            found["quantiles"] = str(beside)
    for written in ("file", "quantiles")[: 1 + quantiles]:
        terminal.say(f"wrote {found[written]}")
    return found


def targets_of(
    data: "xr.Dataset", targets: Sequence["Target"], terminal: "Terminal", lang: request.Languages
) -> dict[str, Any]:
    """A scenario's targets, shown as a table and returned as data; those whose variable is not kept are left out."""
    from vimach.analysis.targets import assess
    from vimach.results import annual
    from vimach_reports.target_table import render

    about = {name: data.attrs[name] for name in ("scenario", "scenario_hash", "calibration", "members", "seed")}
    kept = [target for target in targets if target.variable in data]
    if data.sizes["member"] < request.FEWEST:
        terminal.say(f"{data.sizes['member']} members are too few for intervals: no table of targets")
        return about
    if targets and not kept:
        terminal.say("no target is held against a variable that is kept: no table of targets")
        return about
    yearly = annual(data[list(dict.fromkeys(target.variable for target in kept))])
    table = assess(yearly, kept)
    terminal.show(render(table, yearly, lang.each[0]))
    return about | {"targets": table.to_dict("records")}


def held_against_counts(model: "Model", scenario: "Scenario", settings: "Settings") -> tuple["pd.DataFrame", list[str]]:
    """The central run of a scenario against what was observed, and what figures entered since then say of it."""
    from dataclasses import replace

    from vimach import simulate
    from vimach_calibration.fit import evaluate, read_statements
    from vimach_calibration.news import news

    central = simulate.simulate(model, scenario, replace(settings, members=0, precision="double"))
    return evaluate(read_statements(), central), [str(item) for item in news(central)]


def report(
    one: "xr.Dataset", two: "xr.Dataset", targets: Sequence["Target"], fit: "pd.DataFrame", out: Path,
    lang: request.Languages, terminal: "Terminal",
) -> None:  # fmt: skip
    """Figures, summary.csv, costs.csv and fit.csv, and the summary on the terminal."""
    from vimach.parameters.table import read_parameters
    from vimach_reports.figure import save
    from vimach_reports.figures import Material, drawings

    terminal.say("drawing figures")
    for drawing in drawings(Material((one, two), targets, read_parameters(), observations()), lang.each):
        save(drawing, out)
    write_tables(one, two, targets, fit, out)
    summary = summed_up(one, two, targets, lang, terminal)
    terminal.answer({"summary": summary.to_dict("records"), "fit": fit.to_dict("records")})


def write_tables(
    one: "xr.Dataset", two: "xr.Dataset", targets: Sequence["Target"], fit: "pd.DataFrame", out: Path
) -> list[Path]:
    """summary.csv, costs.csv where costs were kept, provinces.csv and fit.csv."""
    from vimach.analysis import compare as analysis
    from vimach_calibration.fit import write_fit
    from vimach_calibration.provinces import read_provinces, shared_out
    from vimach_reports.costs import write_costs
    from vimach_reports.summary import write_summary
    from vimach_reports.writing import csv_bytes, write_whole

    summary = write_summary(analysis.compare(one, two, targets), analysis.extra_money(one, two), one, out)
    costs = write_costs(one, two, out)
    write_fit(fit, out / "fit.csv")
    provinces = write_whole(out / "provinces.csv", csv_bytes(shared_out((one, two), read_provinces())))
    return [summary, *([costs] if costs else []), provinces, out / "fit.csv"]


def summed_up(
    one: "xr.Dataset", two: "xr.Dataset", targets: Sequence["Target"], lang: request.Languages, terminal: "Terminal"
) -> "pd.DataFrame":
    """The summary, on the terminal and as a table."""
    from vimach.analysis import compare as analysis
    from vimach_reports.summary import print_summary, summary_table

    table, extra = analysis.compare(one, two, targets), analysis.extra_money(one, two)
    if not (terminal.json or terminal.quiet):
        print_summary(terminal.out, table, extra, one, two, lang.each[0])
    return summary_table(table, extra, one)


def observations() -> "pd.DataFrame":
    """What was counted, each count once, as the fan shows it: columns series, time and value.

    The official total of engineers is a sum of counts that stand in the series already, so nothing is fitted to it; but
    a reader looks for it, so its first quote is drawn.
    """
    from vimach_calibration.series import COUNTS, build_series

    series = build_series()
    totals = (series["series"] == "employed_in_sector") & (series["status"] == "recycled")
    first = series.index.isin(series[totals].nsmallest(1, "time").index)
    return series.loc[series["status"].isin(COUNTS) | first, ["series", "time", "value"]]


def say_time(terminal: "Terminal", seconds: float, settings: "Settings", out: Path) -> None:
    """Seconds and cores are told, never written: files do not depend on the machine."""
    import os

    cores = os.cpu_count() or 1
    members = f"2 x {settings.members:,} members"
    terminal.say(f"{members} in {seconds:.1f} s on {cores} core{'s' * (cores > 1)}; results in {out}")


# checking


def check_model(found: "Checks", model: "Model") -> None:
    """Everything that comes with vimach, but for its scenarios."""
    from vimach.analysis.statements import read_checklist
    from vimach.errors import BadInput
    from vimach.parameters.table import read_targets
    from vimach.posterior import read_posterior
    from vimach_calibration.announcements import read_announcements
    from vimach_calibration.crosswalk import read_crosswalk
    from vimach_calibration.evidence import read_evidence
    from vimach_calibration.fit import read_statements
    from vimach_calibration.observations import observations
    from vimach_calibration.provinces import read_provinces
    from vimach_calibration.series import check_judgments
    from vimach_calibration.training_targets import read_training_targets

    found.model(model)
    targets = found.try_(read_targets)
    if targets is not None:
        found.targets(model, targets)
    evidence = found.try_(read_evidence)
    if evidence is not None:
        found.try_(lambda: check_judgments(evidence, read_crosswalk()))
        found.sources(model, targets or (), evidence)
    checklist = found.try_(lambda: read_checklist(model))
    if checklist is not None:
        found.passed["checks"] = f"{len(checklist.statements)} that `vimach check` tests"
    for read in (read_announcements, read_provinces, read_training_targets):
        found.try_(read)
    observed = found.try_(observations)
    if observed is not None:
        left_out = "; ".join(observed.excluded) or "none left out"
        found.passed["counts"] = f"{len(observed.counts)} that estimates rest on; {left_out}"
    try:
        posterior = read_posterior(model)
        found.passed["posterior"] = f"{posterior.about.entries:,} members" if posterior else "none; runs use the prior"
    except BadInput as error:  # no fault of the model: runs use the prior and say so
        found.passed["posterior"] = str(error)
    statements = found.try_(read_statements)
    if statements is not None:
        found.passed["statements"] = f"{len(statements)} that the central run is held against"

"""What is made of a finished run, and what the model is checked against: the part of the roof that is no command.

Like the commands it may call on reports and calibration, and it too imports them inside its functions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vimach import request
from vimach.files import write_whole

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from vimach.checks import Checks
    from vimach.parameters.table import Target
    from vimach.scenario import Scenario
    from vimach.simulate import Model, Settings
    from vimach.terminal import Terminal


STORED = ".nc"
"""How the name of a file of results ends."""


@dataclass(frozen=True, eq=False)
class Compared:
    """Two results held against each other, worked out once: every target, the extra money by year, what makes them."""

    first: "xr.Dataset" = field(repr=False)
    second: "xr.Dataset" = field(repr=False)
    targets: "pd.DataFrame" = field(repr=False)
    money: "pd.DataFrame" = field(repr=False)
    shares: "pd.DataFrame | None" = field(repr=False)


def compared(
    one: "xr.Dataset", two: "xr.Dataset", targets: Sequence["Target"], shares: "pd.DataFrame | None" = None
) -> Compared:
    """The second result held against the first, with the share of each group of levers if that was worked out."""
    from vimach.analysis import compare as analysis

    return Compared(one, two, analysis.compare(one, two, targets), analysis.extra_money(one, two), shares)


def titles(scenarios: Sequence["Scenario"]) -> str:
    """What a sweep is about, in a few words."""
    if len(scenarios) > 2:
        return f"{len(scenarios)} scenarios"
    return " and ".join(scenario.title.en for scenario in scenarios)


def talk(lang: request.Languages, key: str, **values: object) -> str:
    """A line that a command says of its work, in the reader's language."""
    from vimach_reports.catalogue import text

    return text(f"talk.{key}", lang.each[0], **{name: str(value) for name, value in values.items()})


def noted() -> dict[str, Any]:
    """What the evidence of this version adds to the attributes of results, for the captions of figures."""
    from vimach_calibration.news import newest_count

    return {"newest_stock_count": newest_count()}


def tell_results(
    file: Path, targets: Sequence["Target"], terminal: "Terminal", lang: request.Languages, quantiles: bool
) -> dict[str, Any]:
    """What one results file tells: its targets, shown and returned as data; and its quantiles beside it, if wanted."""
    from vimach import results

    about = results.attributes(file)
    found = {name: about[name] for name in ("scenario", "scenario_hash", "calibration", "members", "seed")}
    if 0 < about["members"] < request.FEWEST:
        terminal.say(talk(lang, "few_members", fewest=request.FEWEST))
    else:
        found |= _targets_of(file, targets, terminal, lang)
    found["file"] = str(file)
    if quantiles:
        from vimach.analysis.quantiles import over_members

        beside = file.with_name("quantiles.nc")
        with results.opened(file) as data:
            results.write(over_members(data), beside)
        found["quantiles"] = str(beside)
    for written in ("file", "quantiles")[: 1 + quantiles]:
        terminal.say(talk(lang, "wrote", files=found[written]))
    return found


def _targets_of(
    file: Path, targets: Sequence["Target"], terminal: "Terminal", lang: request.Languages
) -> dict[str, Any]:
    """A scenario's targets, shown as a table and returned as data; those whose variable is not kept are left out."""
    from vimach.analysis.targets import assess, central_values
    from vimach.results import annual, opened
    from vimach_reports.target_table import render

    with opened(file) as data:
        kept = [target for target in targets if target.variable in data]
        if targets and not kept:
            terminal.say(talk(lang, "none_kept"))
            return {}
        yearly = annual(data[list(dict.fromkeys(target.variable for target in kept))])
        table = (assess if data.attrs["members"] else central_values)(yearly, kept)
        terminal.show(render(table, yearly, lang.each[0], terminal.out.width))
    return {"targets": table.to_dict("records")}


def held_against_counts(model: "Model", scenario: "Scenario", settings: "Settings") -> tuple["pd.DataFrame", list[str]]:
    """The central run of a scenario against what was observed, and what figures entered since then say of it."""
    from dataclasses import replace

    from vimach import simulate
    from vimach_calibration.fit import evaluate, read_statements
    from vimach_calibration.news import news

    central = simulate.simulate(model, scenario, replace(settings, members=0, precision="double"))
    return evaluate(read_statements(), central), [str(item) for item in news(central)]


def compare_stored(base: str, other: str, answer: request.Answer, terminal: "Terminal", details: bool) -> None:
    """Two results of earlier runs held against each other; BadInput if they differ in more than their scenario."""
    from vimach import results
    from vimach.analysis.compare import check_comparable
    from vimach.errors import BadInput, Problem
    from vimach.parameters.table import read_targets
    from vimach.vintage import vintage

    for word in (base, other):
        if not word.endswith(STORED):
            raise BadInput(Problem("is a scenario; name two scenarios, or the results of two runs", None, word))
    with results.opened(Path(base)) as one, results.opened(Path(other)) as two:
        check_comparable(one, two)
        if one.attrs["data_vintage"] == vintage().read_up_to:  # `vimach run` does not note it
            one, two = (each.assign_attrs(noted()) for each in (one, two))
        targets = [target for target in read_targets() if target.by <= float(one["edge"][-1])]
        with request.writing(answer.out):
            write_comparison(compared(one, two, targets), targets, None, answer, terminal, details)


def attributed(
    model: "Model", base: "Scenario", other: "Scenario", settings: "Settings", targets: Sequence["Target"],
    terminal: "Terminal", lang: request.Languages, exact: bool = False,
) -> "pd.DataFrame":  # fmt: skip
    """Which groups of levers make the difference; with `exact` in up to twelve groups."""
    from vimach.analysis import tables
    from vimach.analysis.attribution import MOST_GROUPS

    most = tables.most_groups(model, base, settings, targets, exact)
    terminal.say(talk(lang, "sharing_slow" if most < MOST_GROUPS else "sharing", most=most))
    with terminal.progress("attribution", tables.attribution_steps(model, base, other, most)) as progress:
        return tables.attribution(model, base, other, settings, targets, most, progress)


def write_comparison(
    found: Compared, targets: Sequence["Target"], fit: "pd.DataFrame | None", answer: request.Answer,
    terminal: "Terminal", details: bool,
) -> None:  # fmt: skip
    """Figures, tables as CSV, and the comparison on the terminal."""
    from vimach.parameters.table import read_parameters
    from vimach_reports.figure import save
    from vimach_reports.figures import FigureData, drawings, fitting
    from vimach_reports.summary import summary_table
    from vimach_reports.writing import csv_bytes

    terminal.say(talk(answer.lang, "drawing"))
    runs, out = (found.first, found.second), answer.out
    data, languages = FigureData(runs, targets, read_parameters(), counts_shown()), answer.lang.each
    with terminal.progress("figures", len(fitting(data)) * len(languages)) as progress:
        for drawing in drawings(data, languages):
            save(drawing, out)
            progress(1)
    written = write_tables(found, fit, out)
    shares = {}
    if found.shares is not None:
        written.append(write_whole(out / "attribution.csv", csv_bytes(found.shares, digits=None)))
        shares = {"attribution": found.shares.to_dict("records")}
    show(found, answer.lang, terminal, details)
    names = ", ".join([talk(answer.lang, "figures"), *sorted(file.name for file in written)])
    terminal.say(talk(answer.lang, "wrote_in", files=names, folder=out))
    summary = summary_table(found.targets, found.money, found.first)
    met = {} if fit is None else {"fit": fit.to_dict("records")}
    terminal.answer({"summary": summary.to_dict("records")} | met | shares)


def write_tables(found: Compared, fit: "pd.DataFrame | None", out: Path) -> list[Path]:
    """summary.csv, costs.csv where costs were kept, provinces.csv, and fit.csv where there was a central run."""
    from vimach_calibration.provinces import read_provinces, shared_out
    from vimach_reports.costs import write_costs
    from vimach_reports.summary import write_summary
    from vimach_reports.writing import csv_bytes

    pair = (found.first, found.second)
    summary = write_summary(found.targets, found.money, found.first, out)
    costs = write_costs(*pair, out)
    provinces = write_whole(out / "provinces.csv", csv_bytes(shared_out(pair, read_provinces())))
    met = [] if fit is None else [write_whole(out / "fit.csv", csv_bytes(fit))]
    return [summary, *([costs] if costs else []), provinces, *met]


def show(found: Compared, lang: request.Languages, terminal: "Terminal", details: bool = False) -> None:
    """The comparison on the terminal; with `details` every target and all that is known of costs, too."""
    from rich.console import Group

    from vimach_reports import comparison, costs

    language, runs = lang.each[0], (found.first, found.second)
    width = terminal.out.width
    terminal.show(comparison.render(found.targets, found.shares, *runs, language, width, details))
    if details:
        terminal.show(Group(*costs.render(found.money, *runs, language)))


def counts_shown() -> "pd.DataFrame":
    """What was counted, each count once, as the fan shows it: columns series, time and value.

    The official total of engineers is a sum of counts that stand in the series already, so nothing is fitted to it; but
    a reader looks for it, so its first quote is drawn.
    """
    from vimach_calibration.series import COUNTS, build_series

    series = build_series()
    totals = (series["series"] == "employed_in_sector") & (series["status"] == "recycled")
    first = series.index.isin(series[totals].nsmallest(1, "time").index)
    return series.loc[series["status"].isin(COUNTS) | first, ["series", "time", "value"]]


def counted(row: str) -> dict[str, list[str]]:
    """What becomes of a row of the evidence: its series and rung, the terms of the likelihood and the statements about
    the central run that hold it."""
    from vimach_calibration.fit import read_statements
    from vimach_calibration.observations import observations
    from vimach_calibration.series import standing

    terms = [count.term for count in observations().counts if row in count.ids]
    statements = read_statements()
    held = [each.name for each in statements if any(row in observed.ids for observed in each.observations)]
    series, rungs = standing(row)
    shown = {name: told for name, told in (("rung", rungs), ("series", series)) if told}
    return shown | {"likelihood": list(dict.fromkeys(terms)), "fit": held}


def say_time(terminal: "Terminal", seconds: float, settings: "Settings", answer: request.Answer) -> None:
    """Seconds and cores are told, never written: files do not depend on the machine."""
    import os

    from vimach_reports.catalogue import number

    language = answer.lang.each[0]
    about = {"members": number(settings.members, language), "seconds": number(seconds, language, 1)}
    about |= {"cores": str(os.cpu_count() or 1), "folder": str(answer.out)}
    terminal.say(talk(answer.lang, "time", scenarios=2, **about))


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

"""The commands `vimach report` and `vimach verify`: the briefing as a folder, and the proof that it can be made again.

Part of the roof: it may call on reports and calibration, and imports them, like all that is heavy, inside functions.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vimach import publishing, request
from vimach.errors import BadInput, Place, Problem, VimachError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from vimach.scenario import Scenario
    from vimach.simulate import Model, Settings
    from vimach.sweep import Executor, Keeping
    from vimach.terminal import Terminal
    from vimach_reports.briefing.material import Material

TRAJECTORIES, ROWS = 10, 256
"""Of the screening and of each Sobol' sample."""


class NotTheSame(VimachError):
    """A folder is not what its manifest says, or cannot be made again byte for byte."""


@request.shared
def report(
    base: request.Base,
    others: Annotated[
        list[str], typer.Argument(metavar="OTHER...", help="Scenarios held against it; the first is argued for.")
    ],
    members: request.Compared = 1000,
    step: request.Step = "1/16",
    set_: request.Set = None,
    analyses: Annotated[
        bool, typer.Option("--analyses/--no-analyses", help="Also what needs runs of its own, such as timing.")
    ] = True,
    *,
    ensemble: request.Ensemble,
    broken: request.Broken,
    answer: request.Answer,
) -> None:
    """Write the briefing for a decision: what OTHER adds to BASE, costs and leaves, and how surely.

    Writes to OUT: briefing_en.pdf and briefing_vi.pdf, briefing.xlsx (a sheet for each table and figure), tables as
    CSV, figures as PDF, SVG, PNG and CSV, summary.csv, costs.csv, provinces.csv and fit.csv as `vimach compare` does,
    the results of each scenario, and manifest.json with the hash of every file. Prints the summary. Scenarios after
    the first OTHER stand on the page of shocks. A report that was broken off goes on with --resume; the runs of its
    analyses are made again.

    \b
    Examples:
      vimach report baseline accelerated_funding
      vimach report baseline mine.yaml chip_downturn brain_drain --lang vi --out my-report
      vimach verify my-report
    """
    from contextlib import ExitStack
    from time import perf_counter

    from vimach import simulate
    from vimach.terminal import Terminal

    terminal = Terminal(answer.json, answer.quiet)
    settings = request.settings_of(
        members, ensemble.seed, request.BASE_YEAR, ensemble.until, step, request.Method.euler, ensemble.threads,
        kernel=ensemble.kernel,
    )  # fmt: skip
    model = simulate.built_in()
    read = request.scenarios_of(model, [base, *others], set_ or [], terminal, ensemble.until)
    request.check_horizon(settings)
    keeping = request.keeping(answer.out, request.BASE_YEAR, broken, publishing.noted(), together=True)
    settings = request.drawn(settings, model, terminal, ensemble.prior, ensemble.posterior)
    started = perf_counter()
    with ExitStack() as stack:
        with request.executor(broken.dask, settings) as executor:
            stack.enter_context(request.writing(answer.out, [scenario.name for scenario in read]))
            _run(model, read, settings, keeping, executor, terminal)
        files, found = _make(model, read, settings, answer.lang, analyses, answer.out, terminal)
    publishing.show(found, answer.lang, terminal)
    seconds = f"{perf_counter() - started:.0f}"
    terminal.say(publishing.talk(answer.lang, "report", files=len(files), folder=answer.out, seconds=seconds))
    terminal.answer({"folder": str(answer.out), "files": sorted(files)})


def verify(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that `vimach report` wrote.")],
    stored: Annotated[
        bool, typer.Option("--stored", help="Make it from the stored results, without running again.")
    ] = False,
    posterior: request.Drawn = None,
    threads: request.Threads = 0,
    json: request.Json = False,
    quiet: request.Quiet = False,
) -> None:
    """Make a report again from its manifest and compare every byte; exit code 1 if one differs.

    First the files are held against the hashes of manifest.json. Then the scenarios, told by the results, are run
    again and everything is made anew. Nothing in FOLDER is changed, and no scenario file is needed.

    \b
    Examples:
      vimach verify vimach-out
      vimach verify vimach-out --stored
    """
    from shutil import copyfile
    from tempfile import TemporaryDirectory

    from vimach import simulate
    from vimach.store import RESULTS
    from vimach.terminal import Terminal
    from vimach_reports.briefing import folder as folders

    terminal = Terminal(json, quiet)
    manifest = folders.read_manifest(folder)
    changed = folders.differences(folder, manifest["files"])
    for extra in (each for each in changed if each.endswith("not in the manifest")):
        terminal.say(extra)
    found = [each for each in changed if not each.endswith("not in the manifest")]
    if found:
        raise NotTheSame("\n".join(found))
    terminal.say(f"{len(manifest['files'])} files are as the manifest says")
    model = simulate.built_in()
    with folders.understood(folder):
        settings, lang = _settings(manifest, threads), request.Languages(manifest["languages"])
        read = _told(folder, manifest, model)
    settings = request.drawn(settings, model, terminal, manifest["posterior"] is None, posterior)
    if _posterior(settings) != manifest["posterior"]:
        message = f"{folder} was drawn from posterior {manifest['posterior']}: name its folder"
        raise BadInput(Problem(message, None, "--posterior"))
    with TemporaryDirectory() as temporary:
        again = Path(temporary)
        for scenario in read:
            (again / scenario.name).mkdir()
            if stored:
                copyfile(folder / scenario.name / RESULTS, again / scenario.name / RESULTS)
        if not stored:
            keeping = request.keeping(again, request.BASE_YEAR, request.Broken(), publishing.noted())
            with request.executor(None, settings) as executor:
                _run(model, read, settings, keeping, executor, terminal)
        made, _ = _make(model, read, settings, lang, manifest["analyses"], again, terminal)
        found = [f"{name}: comes out otherwise" for name, hash_ in manifest["files"].items() if made.get(name) != hash_]
        found += [f"{name}: comes out, and is not in the manifest" for name in made if name not in manifest["files"]]
    if found:
        raise NotTheSame("\n".join(found))
    terminal.show(f"{folder}: {len(made)} files made again, the same bytes")
    terminal.answer({"folder": str(folder), "files": len(made), "same": True})


def _run(
    model: "Model", read: "Sequence[Scenario]", settings: "Settings", keeping: "Keeping", executor: "Executor",
    terminal: "Terminal",
) -> None:  # fmt: skip
    """The results of every scenario, in the folder that they are kept in."""
    from vimach.parameters.table import read_targets
    from vimach.sweep import sweep

    records = request.kept("headline", model, request.due(read_targets(), settings))
    with terminal.progress(publishing.titles(read), len(read) * settings.members) as progress:
        sweep(model, read, settings, records, keeping, executor, progress)


def _make(
    model: "Model", read: "Sequence[Scenario]", settings: "Settings", lang: request.Languages, analyses: bool,
    out: Path, terminal: "Terminal",
) -> tuple[dict[str, str], publishing.Compared]:  # fmt: skip
    """Everything else that a report holds, written beside the results in `out`: each file's hash, and the summary."""
    from vimach import results
    from vimach.parameters.table import read_targets
    from vimach.store import RESULTS
    from vimach_reports.briefing import folder as folders

    stored_in = [out / scenario.name / RESULTS for scenario in read]
    data = [results.read(file) for file in stored_in]
    files = list(stored_in)
    fit, _ = publishing.held_against_counts(model, read[0], settings)
    targets = request.due(read_targets(), settings)
    tables = _tables(model, read, settings, lang, terminal) if analyses else {}
    found = publishing.compared(data[0], data[1], targets, tables.get("attribution"))
    files += publishing.write_tables(found, fit, out)
    hashed = folders.hashes(out, files)
    made = folders.write(material(model, read, data, tables, hashed, settings), lang.each, out, terminal.say)
    files += made
    folders.write_manifest(out, files, _about(read, data, settings, lang, analyses))
    return folders.hashes(out, files), found


def _tables(
    model: "Model", read: "Sequence[Scenario]", settings: "Settings", lang: request.Languages, terminal: "Terminal"
) -> "dict[str, pd.DataFrame]":
    """The tables of analysis that need runs of their own, by their name in the briefing."""
    from dataclasses import replace

    from vimach.analysis import tables
    from vimach.analysis.marginal_cost import with_a_price
    from vimach.analysis.sensitivity import OUTPUTS, drawn
    from vimach.analysis.timing import lever_timing, levers_pulled
    from vimach.parameters.table import read_targets

    base, other = read[0], read[1]
    few = replace(settings, members=min(settings.members, request.PAIRED))
    targets = request.due(read_targets(), settings)
    names = list(OUTPUTS)
    priced = [name for name in with_a_price(model, []) if name in other.names]
    found = {}
    with terminal.progress("each lever alone", len(levers_pulled(model, base, other))) as progress:
        found["timing"] = lever_timing(model, base, other, progress)
    found["attribution"] = publishing.attributed(model, base, other, few, targets, terminal, lang)
    with terminal.progress("bottlenecks", tables.bottleneck_steps()) as progress:
        found["bottleneck"] = tables.bottlenecks(model, base, few, progress)
    with terminal.progress("verdicts", tables.verdict_steps([other])) as progress:
        found["movers"] = tables.verdicts(model, base, [other], settings, targets, progress)
    if priced:
        with terminal.progress("marginal cost", tables.marginal_cost_steps(priced)) as progress:
            found["marginal_cost"] = tables.marginal_costs(model, base, few, priced, progress)
    with terminal.progress("screening", TRAJECTORIES * (len(drawn(model)) + 1)) as progress:
        screened = tables.screening(model, base, few, names, TRAJECTORIES, progress)
    with terminal.progress("Sobol' indices", ROWS * (tables.SCREENED + 3)) as progress:
        found["indices"] = tables.indices(model, base, few, names, screened, ROWS, progress)
    with terminal.progress("switching values", tables.switch_steps(model)) as progress:
        found["switching"] = tables.switches(model, base, few, targets, progress)
    return found


def material(
    model: "Model", read: "Sequence[Scenario]", data: "Sequence[xr.Dataset]", tables: "Mapping[str, pd.DataFrame]",
    hashed: Mapping[str, str], settings: "Settings",
) -> "Material":  # fmt: skip
    """What the briefing is made from: the results, and the evidence that comes with vimach."""
    import json

    from vimach import library
    from vimach.analysis.verdicts import years_reached
    from vimach.parameters.table import read_targets
    from vimach_calibration.announcements import read_announcements
    from vimach_calibration.evidence import read_evidence
    from vimach_calibration.realisation import estimate, realised_entries
    from vimach_calibration.training_targets import read_training_targets
    from vimach_reports.briefing.material import Material

    estimates = library.folder("estimates")
    file = estimates.joinpath("track_record.json")
    track_record = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if track_record and track_record["about"]["model"] != model.digest:
        track_record = {}  # of other equations or numbers
    evidence, training = read_evidence(), read_training_targets()
    targets = request.due(read_targets(), settings)
    return Material(
        datasets=tuple(data),
        targets=targets,
        parameters=model.table,
        overrides=overrides_of(read, model),
        observations=publishing.counts_shown(),
        evidence=evidence.frame().set_index("id"),
        training=training.frame(),
        yardstick=training.yardstick,
        announcements=realised_entries(read_announcements()),
        realised=estimate(),
        track_record=track_record,
        tables={**tables, "years_reached": years_reached(data[:2], targets)},
        hashes=hashed,
    )


def overrides_of(read: "Iterable[Scenario]", model: "Model") -> "pd.DataFrame":
    """Every override of the scenarios as a row, with its reason, file and line; the file without its folder."""
    import pandas as pd

    from vimach.paths import Table
    from vimach_reports.briefing.material import OVERRIDES

    rows = []
    for scenario in read:
        for override in scenario.overrides:
            path = override.path
            knots = zip(path.times, path.values, strict=True) if isinstance(path, Table) else ()
            points = ", ".join(f"{time:g}: {to:g}" for time, to in knots)
            rows.append(
                {
                    "scenario": scenario.name,
                    "parameter": override.name,
                    "labels": " ".join(label or "*" for label in override.labels or ()),
                    "law": override.law,
                    "word": path.word,
                    "to": getattr(path, "to", None),
                    "starts": getattr(path, "starts", None),
                    "ends": getattr(path, "ends", None),
                    "points": points,
                    "unit": model.table[override.name].unit,
                    "because": override.because,
                    "place": shown(override.place),
                }
            )
    numbers = {"to": float, "starts": float, "ends": float}
    return pd.DataFrame(rows, columns=list(OVERRIDES)).astype(numbers)


def shown(place: Place) -> str:
    """File and line without the folders of somebody's machine."""
    return f"{Path(place.file).name}:{place.line}" if place.line else Path(place.file).name


def _about(
    read: "Sequence[Scenario]", data: "Sequence[xr.Dataset]", settings: "Settings", lang: request.Languages,
    analyses: bool,
) -> dict[str, Any]:  # fmt: skip
    """What a manifest says beside the hashes: all that is needed to make the folder again."""
    attrs = data[0].attrs
    return {
        "model_version": attrs["model_version"],
        "data_vintage": attrs["data_vintage"],
        "calibration": attrs["calibration"],
        "languages": lang.value,
        "analyses": analyses,
        "posterior": _posterior(settings),
        "settings": {name: getattr(settings, name) for name in ("members", "seed", "start", "until", "step", "method")},
        "scenarios": [
            {
                "name": scenario.name,
                "hash": scenario.hash,
                "places": [[Path(override.place.file).name, override.place.line] for override in scenario.overrides],
            }
            for scenario in read
        ],
    }


def _posterior(settings: "Settings") -> str | None:
    """The hash of the posterior that members are drawn from; None if from their priors."""
    return settings.sample.attributes["posterior"] if settings.sample else None


def _settings(manifest: Mapping[str, Any], threads: int) -> "Settings":
    """The settings of the report; BadInput if another version or other evidence made it, TypeError if they are none."""
    from importlib.metadata import version

    from vimach.simulate import Settings
    from vimach.vintage import vintage

    here = {"model_version": version("vimach"), "data_vintage": vintage().read_up_to}
    problems = [
        Problem(f"the report was made with {manifest.get(name)}, this is {value}", None, name)
        for name, value in here.items()
        if manifest.get(name) != value
    ]
    if problems:
        raise BadInput(problems)
    settings = Settings(**manifest["settings"], threads=threads)
    for name, value in manifest["settings"].items():
        if type(value) is not type(getattr(Settings, name)):
            raise TypeError(f"{value!r} is no {name}")
    settings.schedule()  # that names what is wrong
    return settings


def _told(folder: Path, manifest: Mapping[str, Any], model: "Model") -> "list[Scenario]":
    """The scenarios as the stored results tell them; ValueError if they are too few to be held against each other."""
    from vimach import results
    from vimach.scenario import restored
    from vimach.store import RESULTS

    read, problems = [], []
    if len(manifest["scenarios"]) < 2:
        raise ValueError("a report has two scenarios or more")
    for about in manifest["scenarios"]:
        with results.opened(folder / about["name"] / RESULTS) as stored:
            text = str(stored.attrs["scenario_text"])
        scenario = restored(text, [Place(*place) for place in about["places"]])
        problems += [
            Problem("is a parameter that this model does not have", None, override.name)
            for override in scenario.overrides
            if override.name not in model.table
        ]
        if scenario.hash != about["hash"]:
            problems.append(Problem("the results are of another scenario", None, about["name"]))
        read.append(scenario)
    if problems:
        raise BadInput(problems)
    return read

"""The command `vimach backtest`: what would have been forecast before, held against what was counted later.

Nothing heavy is imported before the command runs, so that help comes at once.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vimach import request
from vimach.files import write_whole

if TYPE_CHECKING:
    import pandas as pd

    from vimach_calibration.track_record import TrackRecord


def backtest(
    members: Annotated[int, typer.Option(help="Members that the calibration of each past day weights.")] = 10_000,
    truths: Annotated[int, typer.Option(help="Synthetic truths drawn from the prior.")] = 40,
    draws: Annotated[int, typer.Option(help="Members that are weighted for each synthetic truth.")] = 2_000,
    seed: request.Seed = 1017,
    out: request.Out = Path("vimach-out"),
    lang: request.Lang = request.Languages.both,
    keep: Annotated[
        bool, typer.Option("--keep", help="Also keep track_record.json with the estimates, for the briefing.")
    ] = False,
    json: request.Json = False,
    quiet: request.Quiet = False,
) -> None:
    """Score past forecasts: vintages first, then the model against plain benchmarks, on real and synthetic counts.

    For each past day the model is calibrated with the rows published by then, as `calibrate --as-of` does. Writes into
    OUT/backtest the tables as CSV, scores.json, the figures F11 (past forecasts and outturns) and F12 (announced and
    realised), and a page of text.

    \b
    Examples:
      vimach backtest
      vimach backtest --members 1000 --draws 400 --truths 5 --lang vi
      vimach backtest --keep
    """
    from contextlib import ExitStack
    from time import perf_counter

    from vimach import library, simulate
    from vimach.terminal import Terminal
    from vimach_calibration.observations import observations
    from vimach_calibration.track_record import Plan, kept, track_record, what_vintages_allow

    estimates = library.own("estimates") if keep else None
    terminal, plan = Terminal(json, quiet), Plan(members, draws, truths, min(truths, 12), seed)
    model = simulate.built_in()
    happened, announced = request.scenarios_of(model, ["baseline", "as_announced"], ())
    folder = out / "backtest"
    vintages, origins = what_vintages_allow()
    for words in observations().excluded:
        terminal.say(words)
    terminal.show(_listed(origins))
    started = perf_counter()
    calibrated = 6 * (3 * members + members // 4)  # about as many days, three runs each and a trial
    total = calibrated + 2 * members + truths + plan.long_truths
    with ExitStack() as stack:
        stack.enter_context(request.writing(out, [folder.name]))
        if estimates:
            stack.enter_context(request.writing(estimates, key="--keep"))
        with terminal.progress("backtest", total) as progress:
            record = track_record(model, happened, announced, plan, vintages, origins, progress, terminal.say)
        _write(record, folder, lang)
        if estimates:
            write_whole(estimates / "track_record.json", kept(record).encode())
    terminal.show(_calibrations(record.calibrations))
    terminal.show(_goals(record.goals))
    terminal.answer({"folder": str(folder), "goals": record.goals.to_dict("records")})
    terminal.say(f"backtest in {perf_counter() - started:.0f} s; results in {folder}")


def _listed(origins: "pd.DataFrame") -> str:
    """What the vintages allow: a line an origin and series with forecasts."""
    years = [name for name in origins.columns if name.startswith("horizon")]
    lines = [f"{'origin':11} {'series':36} {'known':>5}  forecasts at 1 to 5 years"]
    for row in origins.to_dict("records"):
        if any(row[name] for name in years):
            name = f"{row['series']} {row['scope']}".strip()
            counts = " ".join(f"{row[year]:2}" for year in years)
            lines.append(f"{row['origin']:11} {name:36} {row['known']:5}  {counts}")
    sums = " ".join(f"{origins[year].sum():2}" for year in years)
    return "\n".join([*lines, f"{'all':54}  {sums}"])


def _calibrations(table: "pd.DataFrame") -> str:
    """What the model of each past day rests on and is worth."""
    lines = [f"{'origin':11} {'levers':18} {'counts':>6} {'estimated':>9} {'effective':>9}  not calibrated because"]
    for row in table.to_dict("records"):
        lines.append(
            f"{row['origin']:11} {row['levers']:18} {row['counts']:6} {row['estimated']:9} "
            f"{row['effective_size']:9.0f}  {row['not_calibrated']}".rstrip()
        )
    return "\n".join(lines)


def _goals(goals: "pd.DataFrame") -> str:
    """What was asked and what was found."""
    lines = [f"{'':20} {'asked':20} {'found':>7} {'90 % interval':>15} {'N':>6}  outcome"]
    for row in goals.to_dict("records"):
        found = "" if row["found"] != row["found"] else f"{row['found']:.3f}"
        within = "" if row["low"] != row["low"] else f"{row['low']:.3f} to {row['high']:.3f}"
        lines.append(f"{row['goal']:20} {row['asked']:20} {found:>7} {within:>15} {row['n']:6}  {row['outcome']}")
    return "\n".join(lines)


def _write(record: "TrackRecord", folder: Path, lang: request.Languages) -> None:
    """Tables, scores, figures and the page, each whole or not at all."""
    from vimach_calibration.announcements import read_announcements
    from vimach_calibration.realisation import estimate, realised_entries
    from vimach_reports.announced import draw_announced
    from vimach_reports.backtest_page import page
    from vimach_reports.figure import save
    from vimach_reports.hindcast import draw_hindcast
    from vimach_reports.writing import csv_bytes

    for name, table in record.tables.items():
        write_whole(folder / f"{name}.csv", csv_bytes(table))
    write_whole(folder / "scores.json", record.json().encode())
    entries, estimates = realised_entries(read_announcements()), estimate()
    for language in lang.each:
        save(draw_hindcast(record.forecasts, record.about, language), folder)
        save(draw_announced(entries, estimates, record.about, language), folder)
        words = page(record.tables, record.apart, record.about, language)
        write_whole(folder / f"backtest_{language}.md", words.encode())

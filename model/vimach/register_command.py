"""The commands `vimach register` and `vimach score`: forecasts frozen, and held against what was counted later.

Nothing heavy is imported before a command runs, so that help comes at once.
"""

from pathlib import Path
from typing import Annotated

import typer

from vimach import request
from vimach.errors import BadInput

Folder = Annotated[
    Path | None, typer.Option("--register", help="Its folder; otherwise calibration/estimates/register.")
]


def register(
    members: request.Compared = 1000,
    seed: request.Seed = 1017,
    prior: request.Prior = False,
    folder: Folder = None,
    json: request.Json = False,
    quiet: request.Quiet = False,
) -> None:
    """Freeze the forecast of the baseline as it stands, with hashes of all that it was made from.

    Writes the next numbered entry; an entry is never changed, and one that was is refused. Nothing is written if
    nothing has changed since the last.

    \b
    Examples:
      vimach register
    """
    from importlib.metadata import version

    from vimach import library
    from vimach.posterior import fingerprint, read_posterior
    from vimach.scenario import read_scenario
    from vimach.simulate import Settings, built_in, simulate
    from vimach.terminal import Terminal
    from vimach_calibration.bank import every_variable
    from vimach_calibration.observations import observations
    from vimach_calibration.register import forecast, freeze

    place = folder or library.own("estimates") / "register"
    terminal, model = Terminal(json, quiet), built_in()
    scenario = read_scenario("baseline", model.table, model.labels)
    settings = request.drawn(Settings(members=members, seed=seed), model, terminal, prior)
    used = read_posterior(model) if settings.sample else None  # one that does not fit has been told of, and left out
    about = used.about if used else None
    observed = observations()
    names = {variable.name for variable in every_variable([term.model for term in observed.terms])}
    with request.writing(place, key="--register"):
        with terminal.progress("forecast", settings.members) as progress:
            run = simulate(model, scenario, settings, names, progress)
        posterior = run.attrs.get("posterior", "none")
        if about and about.lines != posterior:
            raise BadInput("another posterior was written meanwhile, of which this forecast is not; register it again")
        head = {
            "model": fingerprint(model),
            "scenario": scenario.hash,
            "posterior": posterior,
            "counts": about.counts if about else "none",
            "plan": f"{about.trials} trials, {about.entries} entries, seed {about.seed}" if about else "none",
            "data_to": run.attrs["data_vintage"],
            "seed": settings.seed,
            "members": settings.members,
            "version": version("vimach"),
            "rows": " ".join(sorted({row for count in observed.counts for row in count.ids})),
        }
        file = freeze(place, head, forecast(run, observed.terms))
    terminal.show(f"wrote {file}" if file else "nothing has changed since the last entry")
    terminal.answer({"file": str(file) if file else None, **head})


def score(folder: Folder = None, json: request.Json = False, quiet: request.Quiet = False) -> None:
    """Hold the register against counts that came later, and tell how forecasts for the end of 2030 were revised.

    A count is scored by every entry that did not know its row; errors of counting are added to the forecast.

    \b
    Examples:
      vimach score
      vimach score --json
    """
    from vimach import library
    from vimach.terminal import Terminal
    from vimach_calibration.observations import observations
    from vimach_calibration.register import passed_over, read_register, revisions, scores

    terminal = Terminal(json, quiet)
    place = folder or Path(str(library.folder("estimates"))) / "register"
    entries, counts = read_register(place), observations().counts
    scored, revised, over = scores(entries, counts), revisions(entries, 2031.0), passed_over(entries, counts)
    inside = int(scored["inside"].sum())
    terminal.say(
        f"{len(entries)} entries; {len(scored)} counts scored, {inside} of them in the 80 % interval" if entries
        else f"no forecast is frozen in {place}; `vimach register` freezes one"
    )  # fmt: skip
    for words in over:
        terminal.say(words)
    for table in (scored, revised):
        if len(table):
            shown = table.assign(**{str(name): [_printed(str(name), cell) for cell in table[name]] for name in table})
            terminal.show(shown.to_string(index=False) + "\n")
    terminal.answer({"scores": scored.to_dict("records"), "revisions": revised.to_dict("records"), "not_scored": over})


def _printed(column: str, cell: object) -> str:
    """A number with the digits that are worth printing; other things as they are."""
    if not isinstance(cell, float):
        return str(cell)
    if column in ("error", "change"):
        return f"{cell:+.1%}"
    if column == "time":
        return f"{cell:.2f}"
    return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"

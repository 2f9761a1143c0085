"""What stands below numbers on the terminal: how they came about, and which runs they were made from."""

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.text import Text

from vimach.analysis.definition import TRAINED
from vimach_reports.catalogue import Language, Signed, calibration, day, number, scenario_title, text


def status(
    runs: Sequence[Signed], language: Language, rungs: Iterable[str] = (), details: Sequence[str] = ()
) -> list[RenderableType]:
    """The last lines of a page, below an empty one. The runs, or the tables of them, differ but in their scenarios.

    `rungs` are those that numbers stand on: of one it must be said whose reading it is. `details` are more to say.
    """
    attrs = runs[0].attrs
    said = [text("summary.note_calibration", language, status=calibration(runs[0], language))]
    if TRAINED in rungs:
        said.append(text("summary.note_reading", language, reading=text("reading.ours", language)))
    drawn = text("status.drawn", language, members=number(int(attrs["members"]), language), seed=str(attrs["seed"]))
    named = [(scenario_title(run, language), run.attrs["scenario_hash"]) for run in runs]
    named += [(run.attrs[f"other_title_{language}"], run.attrs["other_hash"]) for run in runs if "other" in run.attrs]
    about = {
        "scenarios": ", ".join(f"{title} {hash_}" for title, hash_ in named),
        "drawn": drawn if attrs["members"] else "",
        "version": str(attrs["model_version"]),
        "vintage": day(str(attrs["data_vintage"]), language),
    }
    whole = " ".join((*details, text("status.run", language, **about)))
    return [Text(), Text(" ".join(said), style="bold"), Text(whole, style="dim")]

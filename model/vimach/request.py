"""What the user asks for: the options that commands share, and what is checked before anything runs.

Nothing heavy is imported before a function is called, so that help comes at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import wraps
from inspect import Parameter, Signature, signature
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast
from unicodedata import normalize

import typer

from vimach.errors import BadInput, Problem, nearest
from vimach.files import locked

if TYPE_CHECKING:
    from vimach.parameters.table import Target
    from vimach.scenario import Scenario as Read
    from vimach.simulate import Model, Settings
    from vimach.sweep import Executor, Keeping
    from vimach.terminal import Terminal

Language = Literal["en", "vi"]

BASE_YEAR = 2015
"""The year whose stocks the model starts from; a run always starts there."""
FEWEST = 10
"""With fewer members there is no 80 % interval."""
PAIRED = 250
"""Members of runs that are many: the first of the headline run."""


class Method(StrEnum):
    """How a step is taken."""

    euler = "euler"
    rk4 = "rk4"


class Kernel(StrEnum):
    """What does the arithmetic; the results are the same to the bit."""

    auto = "auto"
    native = "native"
    array = "array"


class Languages(StrEnum):
    """What figures and tables are written in."""

    en = "en"
    vi = "vi"
    both = "both"

    @property
    def each(self) -> tuple[Language, ...]:
        """The languages one by one; the first is that of the terminal."""
        match self:
            case Languages.en:
                return ("en",)
            case Languages.vi:
                return ("vi",)
            case _:
                return ("en", "vi")


class SavePer(StrEnum):
    """How often values are kept."""

    year = "year"
    step = "step"


class Precision(StrEnum):
    """What kept values are stored as."""

    double = "double"
    single = "single"


class Subject(StrEnum):
    """What can be listed."""

    scenarios = "scenarios"
    levers = "levers"
    parameters = "parameters"
    targets = "targets"
    variables = "variables"
    evidence = "evidence"


Scenario = Annotated[str, typer.Argument(metavar="SCENARIO", help="Name of a scenario, or path of a YAML file.")]
Base = Annotated[str, typer.Argument(metavar="BASE", help="Name of a scenario, or path of a YAML file.")]
Other = Annotated[str, typer.Argument(metavar="OTHER", help="The scenario to hold against it.")]
Paired = Annotated[int, typer.Option("--members", min=FEWEST, help="Members of each run.")]
Members = Annotated[int, typer.Option(min=0, help="Members of the ensemble; 0 is the central run alone.")]
Compared = Annotated[int, typer.Option("--members", min=FEWEST, help="Members of the ensemble.")]
Seed = Annotated[int, typer.Option(help="Seed of all draws; the same seed gives the same numbers.")]
From = Annotated[int, typer.Option("--from", help="First year of the results; a run itself starts in 2015.")]
Until = Annotated[int, typer.Option(max=2100, help="Last year; its end is the last date of the results.")]
Step = Annotated[str, typer.Option(metavar="1/N", help="Step in years: 1/16, 1/32, ...")]
How = Annotated[Method, typer.Option(help="How steps are taken; rk4 is for models without study years.")]
By = Annotated[
    Kernel, typer.Option("--kernel", help="Machine code (native) or NumPy (array): the same results, to the bit.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A setting on top of the scenario; may be given again."),
]
Threads = Annotated[int, typer.Option(min=0, help="Blocks of members run at once; 0 is one for each core.")]
Out = Annotated[Path, typer.Option(help="Folder for results; made if it is not there.")]
Lang = Annotated[Languages, typer.Option(help="Language of figures and tables; with both the terminal is English.")]
Kept = Annotated[
    str,
    typer.Option(
        "--outputs",
        metavar="headline|all|NAME,...",
        help="Variables to keep: the indicators, all (some 530 MB for 1,000 members), or these, comma between them.",
    ),
]
Often = Annotated[SavePer, typer.Option("--save-per", help="Keep values at the ends of years, or at every step.")]
Stored = Annotated[Precision, typer.Option(help="Of what is kept; single halves the files and cannot be restarted.")]
Quantiles = Annotated[bool, typer.Option("--quantiles", help="Write quantiles.nc too: quantiles over the members.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what an interrupted run left in OUT.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Drop what an interrupted run left in OUT.")]
Dask = Annotated[
    str | None, typer.Option("--dask", metavar="ADDRESS", help="Run on this dask.distributed scheduler's workers.")
]
Timing = Annotated[
    str | None,
    typer.Option("--timing", metavar="SCENARIO", help="Levers are timed as SCENARIO pulls them [accelerated path]."),
]
State = Annotated[
    Path | None, typer.Option("--state", help="Results of an earlier run (--outputs all) to go on from, at --from.")
]
Drawn = Annotated[
    Path | None,
    typer.Option(
        "--posterior", metavar="FOLDER", help="Draw from the posterior that `vimach calibrate --out` left in FOLDER."
    ),
]
Prior = Annotated[bool, typer.Option("--prior", help="Draw every number from its prior, not from the posterior.")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON on stdout; all talk goes to stderr.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only (and the data, with --json).")]


@dataclass(frozen=True)
class Runs:
    """How runs are made: options of every command that makes many."""

    seed: Seed = 1017
    until: Until = 2035
    threads: Threads = 0
    kernel: By = Kernel.auto


@dataclass(frozen=True)
class Ensemble(Runs):
    """The same, and what their members are drawn from: options of every command that runs an ensemble."""

    prior: Prior = False
    posterior: Drawn = None


@dataclass(frozen=True)
class Further(Ensemble):
    """The same where it is asked how long something takes."""

    until: Until = 2040


@dataclass(frozen=True)
class Broken:
    """What becomes of a run that is broken off, and where it runs: options of every command that runs a sweep."""

    resume: Resume = False
    overwrite: Overwrite = False
    dask: Dask = None


@dataclass(frozen=True)
class Voice:
    """In which language and form an answer is told: options of every command that tells numbers."""

    lang: Lang = Languages.both
    json: Json = False
    quiet: Quiet = False


@dataclass(frozen=True)
class Answer(Voice):
    """The same, and where files go: options of every command that writes tables."""

    out: Out = Path("vimach-out")


def shared(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of the bundles above in place of its parameters of these types."""
    taken: dict[str, type[Any]] = {}
    parameters: list[Parameter] = []
    for each in signature(command).parameters.values():
        if not is_dataclass(each.annotation):
            parameters.append(each.replace(kind=Parameter.KEYWORD_ONLY))
            continue
        taken[each.name] = cast("type[Any]", each.annotation)
        parameters += [
            Parameter(field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=field.type)
            for field in fields(each.annotation)
        ]

    @wraps(command)
    def whole(**given: Any) -> None:
        bundles = {
            name: kind(**{field.name: given.pop(field.name) for field in fields(kind)}) for name, kind in taken.items()
        }
        command(**given, **bundles)

    whole.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return whole


def settings_of(
    members: int, seed: int, first: int, until: int, step: str, method: Method, threads: int, restarted: bool = False,
    kernel: Kernel = Kernel.auto, save_per: SavePer = SavePer.year, precision: Precision = Precision.double,
) -> "Settings":  # fmt: skip
    """The settings of a run; BadInput lists what is wrong with them. A restarted run begins at `first`."""
    from vimach.simulate import Settings

    problems = []
    try:
        top, _, bottom = step.partition("/")
        size = float(top) / float(bottom or 1)
    except (ValueError, ZeroDivisionError):
        size = 0.0
    if not (isfinite(size) and size > 0):
        raise BadInput(Problem(f"{step!r} is not a step; write 1/16, 1/32, ...", None, "--step"))
    if not BASE_YEAR <= first <= until:
        message = f"{first} is not between {BASE_YEAR}, where the model starts, and {until}"
        problems.append(Problem(message, None, "--from"))
    begun = first if restarted else BASE_YEAR
    settings = Settings(
        members, seed, begun, until, size, method.value, threads, kernel.value, save_per.value, precision.value
    )
    try:
        settings.schedule()
    except BadInput as error:
        problems += error.problems
    if problems:
        raise BadInput(problems)
    return settings


def drawn(
    settings: "Settings", model: "Model", terminal: "Terminal", prior: bool = False, folder: Path | None = None
) -> "Settings":
    """The settings with members of the committed posterior; of the prior if asked for, or said so if it must be.

    BadInput if there is no posterior of this model in the `folder` asked for.
    """
    from vimach.posterior import calibrated

    if folder and prior:
        raise BadInput(Problem("a number is drawn from a posterior or from its prior: leave out one", None, "--prior"))
    return settings if prior else calibrated(model, settings, folder, terminal.say)


def scenarios_of(
    model: "Model", words: Sequence[str], extra: Sequence[str], terminal: "Terminal | None" = None, until: int = 2035
) -> list["Read"]:
    """The scenarios; BadInput lists the problems of all of them, and a name that stands for two.

    What may not be meant in runs to the end of `until` is said on the terminal, if there is one.
    """
    from vimach.cautions import cautions
    from vimach.scenario import read_scenario

    read: list[Read] = []
    problems: list[Problem] = []
    for word in words:
        try:
            scenario = read_scenario(word, model.table, model.labels, extra, model.graph.variables)
        except BadInput as error:
            problems += error.problems
            continue
        if _in_folders(scenario.name) in [_in_folders(other.name) for other in read]:
            problems.append(Problem("two scenarios have this name, and results go by name", None, scenario.name))
        read.append(scenario)
    if problems:
        raise BadInput(list(dict.fromkeys(problems)))
    if terminal:
        for caution in dict.fromkeys(found for scenario in read for found in cautions(model, scenario, until)):
            terminal.say(str(caution))
    return read


def _in_folders(name: str) -> str:
    """A name as Windows and macOS tell folders apart: without case, however its accents are written."""
    return normalize("NFC", normalize("NFC", name).casefold())


def check_horizon(settings: "Settings") -> None:
    """BadInput if the run ends before the first date of every table: there would be nothing to compare."""
    from vimach.analysis.targets import HORIZONS

    first = min(HORIZONS)
    if settings.until + 1 < first:
        message = f"the run must reach the end of {first - 1:g}, the first date of every table"
        raise BadInput(Problem(message, None, "--until"))


def due(targets: "Sequence[Target]", settings: "Settings") -> "tuple[Target, ...]":
    """The targets whose date the run reaches; those of later phases wait for a longer horizon."""
    return tuple(target for target in targets if target.by <= settings.until + 1)


@contextmanager
def writing(out: Path, names: Sequence[str] = (), state: Path | None = None, key: str = "--out") -> Iterator[None]:
    """Makes the folders `out` and `names` inside, and holds them for this command from its first file to its last.

    BadInput, before a minute's work instead of after it, if they cannot be written or another command holds them, and
    if the file that a run goes on from is one that it writes: its earlier years would be lost.
    """
    if state:
        from vimach.store import RESULTS

        if any(file.exists() and state.samefile(file) for file in (out / name / RESULTS for name in names)):
            raise BadInput(Problem(f"{state} is what this run would write; choose another --out", None, "--state"))
    _make(out, key)
    with locked(out, key):
        for name in names:
            _make(out / name, key)
        yield


def _make(folder: Path, key: str) -> None:
    """Makes a folder and tries to write in it."""
    from tempfile import TemporaryFile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise BadInput(Problem(f"{folder} cannot be written: {error.strerror or error}", None, key)) from error


def kept(outputs: str, model: "Model", targets: "Sequence[Target]", shown: bool = False) -> list[str] | None:
    """The variables to keep: None for all, every indicator and whatever a target is held against, or those named.

    What is `shown` in figures needs the indicators, beside those named. BadInput lists the names that are none.
    """
    if outputs == "all":
        return None
    from vimach.results import headlines

    indicators = [*headlines(model.graph), *(target.variable for target in targets)]
    if outputs == "headline":
        return indicators
    names = [name.strip() for name in outputs.split(",")]
    known = [name for name, v in model.graph.variables.items() if v.kind not in ("parameter", "part", "calendar")]
    unknown = [name for name in names if name not in known]
    if unknown:
        words = "headline, all, or names of `vimach list variables`"
        raise BadInput(
            [Problem(f"{name!r} is none of {words}", None, "--outputs", nearest(name, known)) for name in unknown]
        )
    return [*names, *(indicators if shown else ())]


def keeping(
    out: Path, first: int, broken: Broken, attributes: "Mapping[str, Any] | None" = None, together: bool = False
) -> "Keeping":
    """Where and how results are kept; BadInput if what was left there shall be both kept and dropped."""
    from vimach.sweep import Keeping

    if broken.resume and broken.overwrite:
        raise BadInput(Problem("drops what --resume would go on with; give one of them", None, "--overwrite"))
    return Keeping(out, first, attributes or {}, broken.resume, broken.overwrite, together)


@contextmanager
def executor(dask: str | None, settings: "Settings") -> "Iterator[Executor]":
    """Who runs the blocks: threads of this process, or the workers of the scheduler at `dask`."""
    if dask is None:
        from vimach.simulate import threads
        from vimach.sweep import Threads

        yield Threads(threads(settings))
        return
    from vimach.cluster import Cluster

    with closing(Cluster(dask)) as cluster:
        yield cluster

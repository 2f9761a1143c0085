"""The posterior: members of the prior ensemble chosen by how well they meet the counts, as committed by a calibration.

Two files under calibration/estimates. `posterior.csv` has one line for each member that was chosen: its number in the
prior ensemble, how many times it was chosen, and the quantiles of the estimated parameters, which replace those it
would draw. `posterior.yaml` tells what they were made from.
"""

import csv
import hashlib
import io
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pydantic.dataclasses import dataclass as block

from vimach import library
from vimach.draws import uniforms
from vimach.ensemble import Sample
from vimach.errors import BadInput, Place, Problem
from vimach.fields import STRICT, Label, Text, fill
from vimach.files import together
from vimach.identity import digest
from vimach.parameters.table import ParameterTable
from vimach.yaml_reader import read

if TYPE_CHECKING:
    from vimach.simulate import Model, Settings

CALIBRATED = "calibrated, data to "
"""What results say of themselves when they are drawn from a posterior; the day follows, as in 2025-12-31."""
LINES, ABOUT, PAGE = "posterior.csv", "posterior.yaml", "calibration.md"
PAUSES = (0.05, 0.2, 0.0)
"""Seconds to wait, after each attempt, where half of a pair of files seems to be new."""
PLACES = 7
"""Decimals of a quantile in the file; what is simulated is what is written."""


@block(frozen=True, config=STRICT)
class Provenance:
    """What a posterior was made from, and how well it stands.

    `model` and `counts` are hashes; `data_to` is the day of the newest count; of `trials` members weighted, `effective`
    is what they are worth; `entries` were chosen out of them.
    """

    model: Text
    scenario: Text
    counts: Text
    data_to: Text
    seed: int
    trials: int
    effective: float
    entries: int
    version: Text
    lines: Text


@dataclass(frozen=True, eq=False)
class Posterior:
    """Members of the prior ensemble, each as often as it was chosen, with the quantiles of what was estimated."""

    about: Provenance
    members: npt.NDArray[np.int64]
    quantiles: dict[str, npt.NDArray[np.float64]]

    def sample(self, members: int, seed: int) -> Sample:
        """So many entries, by the luck of `seed`; with more members than entries, all of them come again.

        Fewer members are the first of more: member 17 is the same in a run of 250 and in one of 1,000.
        """
        order = np.argsort(uniforms(seed, "posterior", 0, len(self.members)), kind="stable")
        chosen = np.resize(order, members)
        attributes = {"calibration": f"{CALIBRATED}{self.about.data_to}", "posterior": self.about.lines}
        quantiles = {name: values[chosen] for name, values in self.quantiles.items()}
        return Sample(self.about.seed, self.members[chosen], quantiles, attributes)


def fingerprint(model: "Model") -> str:
    """One word for the equations and the numbers of a model; labels, notes and sources do not change it."""
    bare = (
        replace(parameter, label=Label("-", "-"), source=(), judgment="", certain="", grade="J", note="", lever=None)
        for parameter in model.table.values()
    )
    return digest(model.graph, ParameterTable(bare))


def read_posterior(model: "Model", source: Path | Traversable | None = None) -> Posterior | None:
    """The committed posterior (`source`: the folder it stands in); None if there is none.

    BadInput if its files are wrong, do not belong together, or were made for other equations or numbers than these.
    """
    source = library.folder("estimates") if source is None else source
    if not source.joinpath(ABOUT).is_file():
        return None
    for pause in PAUSES:
        about, text = _pair(source)
        if _hash(text) == about.lines:
            break
        time.sleep(pause)  # a calibration may be putting the other half in its place
    else:
        raise BadInput(Problem(f"does not belong to {ABOUT}; run `vimach calibrate`", Place(LINES)))
    if about.model != fingerprint(model):
        message = "was made for other equations or numbers than the model's; run `vimach calibrate`"
        raise BadInput(Problem(message, Place(ABOUT)))
    header, *rows = csv.reader(io.StringIO(text))
    table = np.array(rows, dtype=np.float64)
    times = table[:, 1].astype(np.int64)
    quantiles = {name: np.repeat(table[:, column], times) for column, name in enumerate(header) if column > 1}
    if wrong := [name for name, values in quantiles.items() if not ((values >= 0.0) & (values <= 1.0)).all()]:
        raise BadInput(Problem(f"holds what is no quantile: {', '.join(wrong)}", Place(LINES)))
    return Posterior(about, np.repeat(table[:, 0].astype(np.int64), times), quantiles)


def _pair(source: Path | Traversable) -> tuple[Provenance, str]:
    """What posterior.yaml says, and the text of posterior.csv; BadInput if the first is wrong."""
    problems: list[Problem] = []
    root = read(source.joinpath(ABOUT), ABOUT, problems)
    about = fill(Provenance, root, "", problems) if root else None
    if about is None:
        raise BadInput(problems)
    lines = source.joinpath(LINES)
    return about, lines.read_text(encoding="utf-8") if lines.is_file() else ""


def calibrated(
    model: "Model", settings: "Settings", source: Path | Traversable | None = None,
    say: Callable[[str], object] = warnings.warn,
) -> "Settings":  # fmt: skip
    """The settings with members of the committed posterior, by the luck of their seed, as every command runs them.

    Without this, members draw every number from its prior. They do so too where there is no posterior or where it is
    of other equations or numbers, and that is said, as is when members are more than the posterior has. A central run
    draws nothing. BadInput if a folder `source` is given that holds no posterior of this model.
    """
    if settings.members == 0:
        return settings
    try:
        posterior = read_posterior(model, source)
    except BadInput as error:
        if source is not None:
            raise
        say(f"{error}\nuntil then every number is drawn from its prior")
        return settings
    if posterior is None and source is not None:
        raise BadInput(Problem(f"{source} holds no posterior; `calibrate --out` writes one", None, "--posterior"))
    if posterior is None:
        say("no posterior comes with this installation: every number is drawn from its prior")
        return settings
    if settings.members > len(posterior.members):
        again = f"{settings.members:,} members repeat them; --prior draws as many different ones"
        say(f"the posterior has {len(posterior.members):,} members: {again}")
    return replace(settings, sample=posterior.sample(settings.members, settings.seed))


def write_posterior(posterior: Posterior, folder: Path, page: str | None = None) -> None:
    """Writes both files, and the page that tells how far to trust them: whoever reads half a pair is told so."""
    text = as_lines(posterior)
    about = replace(posterior.about, lines=_hash(text))
    told = [f"{field.name}: {_told(getattr(about, field.name))}" for field in fields(about)]
    head = "# What posterior.csv was made from. Written by `vimach calibrate`, never by hand."
    contents = {LINES: text, ABOUT: "\n".join([head, *told, ""])} | ({} if page is None else {PAGE: page})
    with together(*(folder / name for name in contents)) as parts:
        for part, content in zip(parts, contents.values(), strict=True):
            part.write_bytes(content.encode("utf-8"))


def as_lines(posterior: Posterior) -> str:
    """The text of posterior.csv: one line for each different entry, in rising order."""
    names = list(posterior.quantiles)
    every = zip(posterior.members.tolist(), *(posterior.quantiles[name].tolist() for name in names), strict=True)
    times: dict[tuple[Any, ...], int] = {}
    for entry in every:
        times[entry] = times.get(entry, 0) + 1
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["member", "times", *names])
    for entry in sorted(times):
        writer.writerow([entry[0], times[entry], *(f"{quantile:.{PLACES}f}" for quantile in entry[1:])])
    return out.getvalue()


def _told(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]

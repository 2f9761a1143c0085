"""Runs kept for the calibration: what the counts and the headlines need of each member, block by block, in a cache.

A block depends on nothing but its members, so a bank that was broken off is completed with the blocks that are there,
and neither the size of the machine nor the order of the work changes a bit.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
import xarray as xr

from vimach import results
from vimach.ensemble import Sample
from vimach.errors import BadInput, Place, RunFailed
from vimach.kernels.object_cache import default_folder
from vimach.posterior import fingerprint
from vimach.scenario import Scenario
from vimach.simulate import Model, Settings, simulate
from vimach_calibration.expressions import Expression, Variable

BLOCK = 500
"""Members to a block of the bank: some seconds of work, which is what a kill can cost."""
FIRST_EDGE = 2020.0
"""Nothing before it is kept; the first count is of 2022."""


@dataclass(frozen=True)
class Runs:
    """How the model is run for a calibration: under one scenario, to the end of one year, keeping some variables."""

    model: Model
    scenario: Scenario
    until: int
    kept: tuple[Variable, ...]
    threads: int = 0

    def __call__(self, sample: Sample, progress: Callable[[int], None] = lambda members: None) -> xr.Dataset:
        """What is kept of the runs of `sample`; a member whose run broke is NaN throughout."""
        names = {variable.name for variable in self.kept}
        settings = Settings(
            members=len(sample), seed=sample.seed, until=self.until, threads=self.threads, sample=sample
        )  # fmt: skip
        try:
            data = simulate(self.model, self.scenario, settings, names, progress)
        except RunFailed as error:
            data = error.results.reindex(member=np.arange(len(sample)))
        return self.reduced(data)

    def reduced(self, data: xr.Dataset) -> xr.Dataset:
        """Only the dimensions by which some label is asked for, and only the years that count."""
        found = {}
        for name in dict.fromkeys(variable.name for variable in self.kept):
            asked = {dim for variable in self.kept if variable.name == name for dim, _ in variable.labels}
            rest = [str(dim) for dim in data[name].dims if dim not in {*asked, "edge", "period", "member"}]
            found[name] = data[name].sum(rest, skipna=False)
        return xr.Dataset(found).sel(edge=slice(FIRST_EDGE, None), period=slice(int(FIRST_EDGE), None))

    def identity(self, sample: Sample) -> str:
        """One word for these runs of that sample."""
        told = {
            "model": fingerprint(self.model),
            "scenario": self.scenario.hash,
            "until": self.until,
            "kept": sorted({f"{variable.name} {variable.labels}" for variable in self.kept}),
            "seed": sample.seed,
        }
        parts = [json.dumps(told, sort_keys=True).encode(), sample.members.astype("<i8").tobytes()]
        for name in sorted(sample.quantiles):
            parts += [name.encode(), sample.quantiles[name].astype("<f8").tobytes()]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()[:24]


def build(
    runs: Runs, sample: Sample, folder: Path | None, resume: bool = False,
    progress: Callable[[int], None] = lambda members: None,
) -> xr.Dataset:  # fmt: skip
    """The runs of `sample`, each block kept in `folder` (None: nowhere) as soon as it is done.

    With `resume` the blocks left by a run that was broken off are taken as they are; without, they are dropped. What
    cannot be kept (a full disk) is not: it would have to be run again.
    """
    place = folder / runs.identity(sample) if folder else None
    if place and not resume:
        forget(place)
    blocks = []
    for first in range(0, len(sample), BLOCK):
        part = sample.part(first, BLOCK)
        file = place / f"{first:09d}.nc" if place else None
        found = _left(file) if file and resume else None
        if found is None:
            found = runs(part, progress)
            if file:
                _keep(found, file)
        else:
            progress(len(part))
        blocks.append(found)
    return xr.concat(blocks, "member").assign_coords(member=np.arange(len(sample)))


def _keep(found: xr.Dataset, file: Path) -> None:
    """Puts a block on the disk if it can be put there."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        results.write(found, file)


def _left(file: Path) -> xr.Dataset | None:
    """A block that an earlier run left; None if there is none, or if it is damaged."""
    if not file.exists():
        return None
    try:
        return results.read(file)
    except BadInput:
        return None


def cache(*request: object) -> Path | None:
    """The user's folder for the runs of one request, which tells where its answer goes: two never share a folder.

    None where no folder can be made: what is broken off there starts again.
    """
    place = hashlib.sha256(repr([str(part) for part in request]).encode()).hexdigest()[:24]
    folder = default_folder() / "calibration" / place
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


def forget(folder: Path | None) -> None:
    """Drop everything in `folder`: what it was kept for is done."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def every_variable(expressions: Iterable[Expression], totals: Sequence[str] = ()) -> tuple[Variable, ...]:
    """The variables that expressions read, and national totals."""
    read = [variable for expression in expressions for variable in expression.variables()]
    nowhere = Place("")
    placeless = [replace(variable, origin=nowhere) for variable in read]
    return tuple(dict.fromkeys([*placeless, *(Variable(name, (), nowhere) for name in totals)]))

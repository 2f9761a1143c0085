"""The store of a run: its finished blocks on disk until results.nc stands, so that what dies loses nothing.

A folder `blocks` beside results.nc holds a manifest, which says what is being run, and a file for each finished block.
A file is written under a temporary name, forced to the disk and renamed: it is whole or not there. The members of
results.nc are filled in block by block, and the folder goes when that file stands.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from vimach import files, results
from vimach.ensemble import Block
from vimach.errors import BadInput, Failure, Problem
from vimach.identity import word
from vimach.kernels.array import Array, Recording
from vimach.netcdf import Frame

RESULTS, BLOCKS, MANIFEST = "results.nc", "blocks", "manifest.json"
FAILURES = " failures"
"""The entry of a block file beside its variables; no variable has a space in its name."""
TOGETHER = 2**26
"""Bytes of finished blocks that are put into results.nc at once."""


class Store:
    """The blocks of one run in `folder`/blocks, and at last `folder`/results.nc.

    `frame` is the dataset to be filled; `identity` says what decides its numbers beside the frame's own attributes.
    `parted` gives all members in blocks of a size: of `size`, or of that of the blocks that are there. `stands` tells
    whether results.nc is there, and so no block any more.
    """

    def __init__(
        self, folder: Path, frame: Frame, identity: Mapping[str, Any], parted: Callable[[int], list[Block]], size: int
    ) -> None:
        told = {name: value for name, value in frame.attributes.items() if name not in ("origins", "scenario_text")}
        self.identity = json.loads(json.dumps({**told, **identity, "outputs": sorted(frame.variables)}))
        self.run = word(sorted(self.identity.items()))
        self.frame = replace(frame, attributes={**frame.attributes, "run": self.run})
        self.folder, self.file, self.parted = folder / BLOCKS, folder / RESULTS, parted
        self.size, self.blocks = size, parted(size)
        self.finished: set[int] = set()
        self.taken = self.stands = False

    def open(self, resume: bool, overwrite: bool) -> None:
        """Takes up what is there, or makes the folder; BadInput if that would lose or mix another run's blocks.

        With `resume` whole blocks of the same run are kept, with `overwrite` all are dropped, with neither they are
        refused. A results.nc of the same run needs no block again with `resume`.
        """
        if resume and _run_of(self.file) == self.run:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.finished, self.stands = {block.first for block in self.blocks}, True
            return
        found = {} if overwrite else self._manifest()
        held = 0 if overwrite else len(list(self.folder.glob("*.npz")))
        if held and not (found and _superseded(self.file, found)):
            self._refuse_others(found, held, resume)
            self.size, self.blocks = found["block"], self.parted(found["block"])
            self.finished = {block.first for block in self.blocks if self._is_whole(block)}
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.taken = True
        self.folder.mkdir(exist_ok=True)
        whole = {self._file(block) for block in self.blocks if block.first in self.finished}
        torn = files.left_behind(self.folder)
        for stale in {*torn, *self.folder.glob("*.npz")} - whole:  # and what is damaged, or another run's
            try:
                stale.unlink()
            except OSError as error:
                raise BadInput(Problem(f"{stale} cannot be removed: {error.strerror or error}", key="--out")) from error
        manifest = {"run": self.identity, "block": self.size}
        with files.whole(self.folder / MANIFEST) as file:
            file.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")

    @property
    def missing(self) -> list[Block]:
        """The blocks that are not yet kept, in order."""
        return [block for block in self.blocks if block.first not in self.finished]

    @property
    def told(self) -> str:
        """How much is kept, in words; empty if nothing is, or if somebody took the folder away."""
        if self.stands:
            return f"{self.file} is whole"
        kept = sum(self._file(block).is_file() for block in self.blocks if block.first in self.finished)
        return f"{kept} of {len(self.blocks)} blocks are kept in {self.folder}" if kept else ""

    def keep(self, block: Block, recording: Recording) -> None:
        """Puts a finished block on the disk; OSError if that fails, and then nothing of it is left there."""
        failures = json.dumps([asdict(failure) for failure in recording.failures]).encode()
        told = {FAILURES: np.frombuffer(failures, np.uint8)}
        values: dict[str, Any] = results.kept(self.frame, recording) | told
        with files.whole(self._file(block)) as file, file.open("wb") as out:
            np.savez(out, **values)
        self.finished.add(block.first)

    def failures(self) -> list[Failure]:
        """The members that broke, of all blocks."""
        return [failure for block in self.blocks if not self.stands for failure in _failures(self._file(block))]

    def finish(self) -> None:
        """Makes results.nc of the blocks, all of which must be there, and drops them."""
        if not self.stands:
            results.write_parts(self.frame, self.file, self._parts())
            self.stands = True
            self.drop()

    def drop(self) -> None:
        """Drops all blocks."""
        shutil.rmtree(self.folder, ignore_errors=True)  # a file that others hold open may stay, and hinders nobody

    def tidy(self) -> None:
        """Drops the folder if it is this run's and no block is kept in it."""
        if self.taken and not self.finished:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, block: Block) -> Path:
        return self.folder / f"{max(block.first, 0):09d}.npz"

    def _manifest(self) -> dict[str, Any]:
        """The manifest that is there: what is run, and members to a block; empty if there is none that can be read."""
        try:
            found = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        match found:
            case {"run": {"members": int()}, "block": int(size)} if size > 0:
                return dict(found)
            case _:
                return {}

    def _refuse_others(self, found: Mapping[str, Any], held: int, resume: bool) -> None:
        """BadInput unless the blocks that are there are of this run and may be gone on with."""
        if not found:
            told = f"{self.folder} holds {held} blocks and no manifest that can be read; --overwrite drops them"
            raise BadInput(Problem(told, key="--out"))
        there, here = found["run"], self.identity
        differ = [
            f"{name} ({there.get(name)!r} there, {here.get(name)!r} here)" if name != "outputs" else name
            for name in dict.fromkeys([*there, *here])
            if there.get(name) != here.get(name)
        ]
        whole = -(-max(there["members"], 1) // found["block"])
        what = f"{self.folder} holds {held} of {whole} blocks of an unfinished run"
        if differ:
            advice = "choose another --out, or --overwrite to drop them"
            raise BadInput(Problem(f"{what} that differs in {', '.join(differ)}; {advice}", key="--out"))
        if not resume:
            raise BadInput(Problem(f"{what}; --resume completes it, --overwrite starts again", key="--out"))

    def _is_whole(self, block: Block) -> bool:
        """Whether a block is there and undamaged; all of it is read, for its checksums."""
        try:
            values = _read(self._file(block))
        except Exception:  # a flipped bit may break anything: a number, a header, the size of an array
            return False
        numbers = [values.get(name) for name in self.frame.variables]
        return FAILURES in values and all(found is not None and found.shape[-1] == block.count for found in numbers)

    def _parts(self) -> Iterator[tuple[int, dict[str, Array]]]:
        """The members of all blocks, TOGETHER bytes at once: (first member, values by name)."""
        waiting: list[dict[str, Array]] = []
        first = size = 0
        for block in self.blocks:
            values = _read(self._file(block))
            if waiting and size + sum(array.nbytes for array in values.values()) > TOGETHER:
                yield first, _side_by_side(waiting)
                waiting, size, first = [], 0, block.first
            waiting.append(values)
            size += sum(array.nbytes for array in values.values())
        yield first, _side_by_side(waiting)


def _read(file: Path) -> dict[str, Array]:
    with file.open("rb") as whole, np.load(whole, allow_pickle=False) as found:  # NumPy leaves damaged ones open
        return {name: found[name] for name in found.files}


def _failures(file: Path) -> list[Failure]:
    with file.open("rb") as whole, np.load(whole, allow_pickle=False) as found:
        return [Failure(**failure) for failure in json.loads(found[FAILURES].tobytes())]


def _side_by_side(parts: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    names = [name for name in parts[0] if name != FAILURES]
    return {name: np.concatenate([part[name] for part in parts], axis=-1) for name in names}


def _run_of(file: Path) -> str:
    """The run that a results.nc is of; empty if there is none."""
    try:
        return str(results.attributes(file).get("run", ""))
    except BadInput:
        return ""


def _superseded(file: Path, manifest: Mapping[str, Any]) -> bool:
    """Whether the run of a manifest has its results.nc, so that its blocks are only what a killed run left behind."""
    return _run_of(file) == word(sorted(manifest["run"].items()))

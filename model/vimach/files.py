"""How a file is written: whole and on the disk, or not at all."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

WINDOWS = sys.platform == "win32"
PAUSES = (0.1, 0.4, 1.5)
"""Seconds between attempts to rename a file that somebody holds."""


def write_whole(file: Path, content: bytes) -> Path:
    """Writes `content` to `file`, whose folder is made if need be; gives `file`.

    OSError if it cannot be written; an older file is as it was then.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with whole(file) as temporary:
        temporary.write_bytes(content)
    return file


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """A temporary name beside `file`, to be written: it becomes `file` when all of it is on the disk.

    OSError if it cannot be written; nothing is left behind then.
    """
    with together(file) as (temporary,):
        yield temporary


@contextmanager
def together(*files: Path) -> Iterator[tuple[Path, ...]]:
    """As `whole`, for files of one folder that belong together: none takes its place before all are on the disk."""
    parts = tuple(file.with_name(f".{file.name}.part") for file in files)
    try:
        yield parts
        for part in parts:
            with part.open("rb+") as written:
                os.fsync(written.fileno())
        for part, file in zip(parts, files, strict=True):
            _rename(part, file)
        if not WINDOWS:  # where a folder cannot be opened
            folder = os.open(files[0].parent, os.O_RDONLY)
            with suppress(OSError):  # some file systems cannot force a folder to the disk
                os.fsync(folder)
            os.close(folder)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


def _rename(temporary: Path, file: Path) -> None:
    """Puts `temporary` in the place of `file`; on Windows with patience, as others may hold either for a moment."""
    for pause in PAUSES if WINDOWS else ():
        with suppress(PermissionError):
            temporary.replace(file)
            return
        time.sleep(pause)
    temporary.replace(file)

"""How files are written: whole and on the disk, or not at all; and a folder by one process at a time."""

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import get_ident

from vimach.errors import BadInput, Problem

WINDOWS = sys.platform == "win32"
LOCK = ".vimach.lock"
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
    mine = f"{os.getpid()}.{get_ident()}"  # who else writes the same file has a name of his own
    parts = tuple(file.with_name(f".{file.name}.{mine}.part") for file in files)
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


def left_behind(folder: Path) -> Iterator[Path]:
    """What processes that were killed left of files which they were writing in a folder; live ones write there, too."""
    return folder.glob(".*.[0-9]*.[0-9]*.part")


@contextmanager
def locked(folder: Path, key: str = "--out") -> Iterator[None]:
    """Holds a folder for this process alone; BadInput, which names the option `key`, if another process holds it.

    The operating system keeps the lock and drops it when the process dies in whatever way, so none is ever stale. What
    a dead one left half written there, and in the folders inside that nobody else has locked, is removed.
    """
    file = folder / LOCK
    while True:
        try:
            handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise BadInput(Problem(f"{folder} cannot be locked: {error.strerror or error}", key=key)) from error
        try:
            _lock(handle)
            if WINDOWS or os.path.samestat(os.fstat(handle), file.stat()):
                break
        except FileNotFoundError:  # whoever held it dropped it meanwhile
            pass
        except OSError as error:
            os.close(handle)
            held = error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
            why = "is in use by another run of vimach" if held else f"cannot be locked: {error.strerror or error}"
            raise BadInput(Problem(f"{folder} {why}", key=key)) from error
        os.close(handle)
    try:
        inside = (each for each in folder.iterdir() if each.is_dir() and not (each / LOCK).exists())
        for place in (folder, *inside):
            for part in left_behind(place):
                with suppress(OSError):
                    part.unlink(missing_ok=True)
        yield
    finally:
        if WINDOWS:  # there an open file cannot be removed, nor one that the next run has opened
            os.close(handle)
            with suppress(PermissionError):
                file.unlink(missing_ok=True)
        else:
            file.unlink(missing_ok=True)
            os.close(handle)


def _lock(handle: int) -> None:
    """Locks an open file at once or raises OSError."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _rename(temporary: Path, file: Path) -> None:
    """Puts `temporary` in the place of `file`; on Windows with patience, as others may hold either for a moment."""
    for pause in PAUSES if WINDOWS else ():
        with suppress(PermissionError):
            temporary.replace(file)
            return
        time.sleep(pause)
    temporary.replace(file)

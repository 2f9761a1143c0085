"""Object code on disk, by the hash of all that it depends on; whatever is not whole, or not ours, is not there."""

import hashlib
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import get_ident
from typing import Any

KEPT = 64
"""Entries; those not used for longest go first. Each is a few hundred kB."""

_MAGIC = b"vimach object code\n"


def default_folder() -> Path:
    """VIMACH_CACHE, or the place that the system gives to caches of the user; else one that keeps nothing."""
    if given := os.environ.get("VIMACH_CACHE"):
        return Path(given)
    try:
        return _of_user()
    except RuntimeError:  # a user without a home
        return Path(os.devnull)


def _of_user() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "vimach" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "vimach"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vimach"


class ObjectCache:
    """Entries of one folder, which belongs to the user alone: code from it is run.

    A folder that cannot be written, or that others can write into, is as good as none.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "kernels"

    def get(self, key: str) -> tuple[dict[str, Any], list[bytes]] | None:
        """The description and the objects that were put under `key`; None if they are not there, whole and as put."""
        try:
            if not self._private():
                return None
            entry = (self.folder / key).read_bytes()
            os.utime(self.folder / key)
        except OSError:
            return None
        start = len(_MAGIC) + 32
        if not entry.startswith(_MAGIC) or hashlib.sha256(entry[start:]).digest() != entry[len(_MAGIC) : start]:
            return None
        head, _, rest = entry[start:].partition(b"\n")
        told = json.loads(head)
        if told["key"] != key:
            return None
        objects = []
        for size in told["sizes"]:
            objects.append(rest[:size])
            rest = rest[size:]
        return told["description"], objects

    def put(self, key: str, description: dict[str, Any], objects: list[bytes]) -> None:
        """Keeps an entry, if the folder lets it; a reader finds it whole or not at all."""
        told = {"key": key, "sizes": [len(code) for code in objects], "description": description}
        body = json.dumps(told, separators=(",", ":")).encode() + b"\n" + b"".join(objects)
        temporary = self.folder / f".{key}.{os.getpid()}.{get_ident()}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._private():
                return
            temporary.write_bytes(_MAGIC + hashlib.sha256(body).digest() + body)
            temporary.replace(self.folder / key)
            self._thin_out()
        except OSError:
            with suppress(OSError):
                temporary.unlink()

    def _private(self) -> bool:
        about = self.folder.stat()
        return sys.platform == "win32" or (about.st_uid == os.getuid() and not about.st_mode & 0o022)

    def _thin_out(self) -> None:
        entries = sorted(self.folder.iterdir(), key=lambda entry: entry.stat().st_mtime_ns, reverse=True)
        for entry in entries[KEPT:]:
            entry.unlink(missing_ok=True)

"""How a file is written: whole or not at all, and with the same bytes for the same content."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

import pandas as pd


def write_whole(path: Path, content: bytes) -> Path:
    """Write `content` under a temporary name beside `path`, then rename: a killed run leaves no half file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as temporary:
        temporary.write(content)
    unfinished = Path(temporary.name)
    try:
        unfinished.chmod(0o666 & ~_umask())  # temporary files start out private
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    return path


def csv_bytes(table: pd.DataFrame) -> bytes:
    """A table as UTF-8 CSV with a byte order mark, so that spreadsheets show Vietnamese, and LF line ends."""
    text = table.to_csv(index=False, lineterminator="\n", float_format="%.10g", na_rep="")
    return text.encode("utf-8-sig")


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current

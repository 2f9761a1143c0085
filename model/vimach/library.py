"""Where the data folders that come with vimach lie: built-in scenarios, evidence, other economies and estimates."""

import json
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

PLACES = {
    "scenarios": "scenarios",
    "evidence": "calibration/evidence",
    "economies": "calibration/economies",
    "estimates": "calibration/estimates",
}


def folder(name: str) -> Traversable:
    """The folder `name`, one of PLACES, in an installed package or in the checkout it was installed from.

    In a checkout the packaged copies are stale or absent, so the installer's own record says where the checkout is;
    nothing is searched for. FileNotFoundError if this installation carries no such folder.
    """
    if name not in PLACES:
        raise FileNotFoundError(f"vimach has no folder {name!r}, only {', '.join(PLACES)}")
    packaged = files("vimach").joinpath("builtin", name)
    if packaged.is_dir():
        return packaged
    checkout = _checkout()
    if checkout and (checkout / PLACES[name]).is_dir():
        return checkout / PLACES[name]
    raise FileNotFoundError(f"the installed vimach carries no {name}; install it again from its wheel or checkout")


def _checkout() -> Path | None:
    """The root of the repository of an editable installation."""
    try:
        record = json.loads(distribution("vimach").read_text("direct_url.json") or "{}")
    except PackageNotFoundError:
        return None
    if not record.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(urlsplit(record["url"]).path))

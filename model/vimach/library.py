"""Where the data that come with vimach lie: scenarios, evidence, other economies, estimates, what they rest on."""

import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from vimach.errors import BadInput

PLACES = {
    "scenarios": "scenarios",
    "evidence": "calibration/evidence",
    "economies": "calibration/economies",
    "estimates": "calibration/estimates",
}
FILES = {"fit.yaml": "calibration/fit.yaml", "likelihood.yaml": "calibration/likelihood.yaml"}


def folder(name: str) -> Traversable:
    """The folder `name`, one of PLACES, in an installed package or in the checkout it was installed from.

    In a checkout the packaged copies are stale or absent, so the installer's own record says where the checkout is;
    nothing is searched for. FileNotFoundError if this installation carries no such folder.
    """
    return _found(name, PLACES, "folder")


def own(name: str) -> Path:
    """The folder `name` of the checkout, to be written in; BadInput where vimach was installed from a wheel."""
    checkout = _checkout()
    if checkout is None:
        raise BadInput(f"the {name} of an installed vimach cannot be changed: name a folder, or work in a checkout")
    return checkout / PLACES[name]


def file(name: str) -> Traversable:
    """The file `name`, one of FILES, found as folders are. FileNotFoundError if this installation carries none."""
    return _found(name, FILES, "file")


def _found(name: str, places: Mapping[str, str], kind: str) -> Traversable:
    if name not in places:
        raise FileNotFoundError(f"vimach has no {kind} {name!r}, only {', '.join(places)}")
    packaged = files("vimach").joinpath("builtin", name)
    if packaged.is_dir() or packaged.is_file():
        return packaged
    checkout = _checkout()
    if checkout and (checkout / places[name]).exists():
        return checkout / places[name]
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

"""How far the evidence reaches: the forecast origin and the date up to which sources were read."""

from dataclasses import dataclass
from functools import cache

from pydantic.dataclasses import dataclass as block

from vimach import library
from vimach.errors import BadInput, Problem
from vimach.fields import STRICT, Text, Year, fill
from vimach.yaml_reader import read


@block(frozen=True, config=STRICT)
class _Written:
    forecast_origin: Year
    read_up_to: Text


@dataclass(frozen=True)
class Vintage:
    """`forecast_origin` in decimal years; `read_up_to` as an ISO date."""

    forecast_origin: float
    read_up_to: str


@cache
def vintage() -> Vintage:
    """The vintage of the evidence that comes with this version; BadInput if its file is wrong."""
    problems: list[Problem] = []
    root = read(library.folder("evidence").joinpath("vintage.yaml"), "calibration/evidence/vintage.yaml", problems)
    written = fill(_Written, root, "", problems) if root else None
    if written is None:
        raise BadInput(problems)
    return Vintage(written.forecast_origin, written.read_up_to)

"""`make ratios`: are our kernels still many times faster than the others? Some seconds, wide slack, at every push.

The whole model to 2020 against the array kernel and simlin, the peer's model against PySD. Nothing is written.
"""

import sys
import tempfile
import warnings
from pathlib import Path

from benchmarks.race import Case, on_full_model, on_peer_model, race
from benchmarks.table import GATED, missed, number
from vimach.scenario import read_scenario
from vimach.simulate import Settings, built_in

WIDE = 0.4
"""What a loaded machine may leave of a ratio that is wanted."""
ROUNDS = 3


def measured() -> dict[str, float]:
    """The ratios that are gated."""
    model = built_in()
    case = Case(model, read_scenario("baseline", model.table, model.labels), Settings(until=2020))
    wanted = ("array, 1 thread", "native, 1 thread", "simlin, lean", "PySD")
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(name)
        full = race([c for c in on_full_model(case, folder, 1) if c.name in wanted], ROUNDS)
        peer = race([c for c in on_peer_model(folder) if c.name in wanted], ROUNDS)
    return {
        "native against array, per core": full["array, 1 thread"] / full["native, 1 thread"],
        "native against simlin, per core": full["simlin, lean"] / full["native, 1 thread"],
        "native against PySD, per core": peer["PySD"] / peer["native, 1 thread"],
    }


def main() -> int:
    """Prints the ratios; 1 if one falls short by more than the slack."""
    found = measured()
    short = missed(found, WIDE)
    for name, value in found.items():
        told = "falls short" if name in short else "fine"
        print(f"{name}: {number(value)}, wanted {GATED[name]:g}, at least {WIDE * GATED[name]:g} here: {told}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())

"""Writes anew in the parameters' YAML what levers move, as measured: a deliberate step after numbers have changed.

`python -m tests.property.restate [LEVER ...]`. Outputs and scenarios stay those that the YAML names, headlines that
move come in, and what moves nowhere goes. Where an output stands still at baseline and no limit was named, `held_by` is
left as a question that the tests do not accept.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from vimach.analysis.levers import pulls
from vimach.parameters.table import Parameter
from vimach.simulate import built_in

from .pulled import BASELINE, HEADLINES, UNSAID, Case, Effect, effects, moves_of, scenarios_of, settings, spoken_of

PARAMETERS = Path(__file__).parents[2] / "model" / "vimach" / "parameters"
BLOCK = re.compile(r"^    moves:\n(?:      .*\n)*", re.MULTILINE)


def lines(lever: Parameter, found: Mapping[Case, Mapping[str, Effect]]) -> list[str]:
    """The `moves` of one lever, line by line."""
    at = settings(lever)
    headlines = [name for name in HEADLINES if any(found[one, lever.name][name].felt(UNSAID).any() for one in at)]
    outputs = list(dict.fromkeys([*spoken_of(lever), *headlines]))
    limits = {move.output: move.held_by for move in moves_of(lever) if move.held_by}
    regime = {name for one in at if one != BASELINE for name in outputs if found[one, lever.name][name].turns()}
    said = []
    for one in at:
        for name in outputs:
            effect = found[one, lever.name][name]
            still = not effect.felt(UNSAID).any() if name in limits else not effect.turns()
            if one == BASELINE and still and name in regime:
                limit = limits.get(name, "WHICH LIMIT?")
                said.append(f"{{output: {name}, direction: none, at: {one}, held_by: {limit}}}")
            else:
                said += effect.statements(name, one)
    return said


def main(names: list[str]) -> None:
    """Rewrites the `moves` of these levers, of all if none is named."""
    model = built_in()
    levers = [lever for lever in model.table.levers if not names or lever.name in names]
    cases = [(at, lever.name) for lever in levers for at in settings(lever)]
    found = effects(model, scenarios_of(model, [at for at, _ in cases]), pulls(model), cases)
    for lever in levers:
        file, new = PARAMETERS / f"{lever.sector}.yaml", "".join(f"      - {line}\n" for line in lines(lever, found))
        text = file.read_text(encoding="utf-8")
        block = BLOCK.search(text, f"\n{text}".index(f"\n{lever.name}:\n"))
        assert block is not None
        text = f"{text[: block.start()]}    moves:\n{new}{text[block.end() :]}"
        file.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])

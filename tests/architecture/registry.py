"""The names of the model, in one file that is compared in tests: nothing appears or vanishes unnoticed.

After a deliberate change, `python -m tests.architecture.registry` writes the file anew.
"""

from collections.abc import Iterator
from pathlib import Path

from vimach.parameters.table import read_targets
from vimach.simulate import Model, built_in

FILE = Path(__file__).with_name("registry.txt")
KINDS = {
    "stocks": ("stock", "cohorts", "chain"), "memories": ("memory",), "tallies": ("tally",), "shadows": ("shadow",),
    "flows": ("flow",), "auxiliaries": ("auxiliary",),
}  # fmt: skip


def lines(model: Model) -> Iterator[str]:
    """Headings, and the names below them with dimensions and unit, in alphabetical order."""
    for heading, kinds in KINDS.items():
        yield f"# {heading}"
        for name, variable in sorted(model.graph.by_kind(*kinds).items()):
            yield " ".join([name, *(dim.name for dim in variable.node.dims)])
    yield "# parameters"
    yield from (" ".join([name, *sorted(model.table[name].dimensions)]) for name in sorted(model.table))
    yield "# levers"
    yield from sorted(parameter.name for parameter in model.table.levers)
    yield "# targets"
    yield from sorted(f"{target.name} {target.variable}" for target in read_targets())


def text(model: Model) -> str:
    """The whole file."""
    return "\n".join(lines(model)) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(built_in()), encoding="utf-8", newline="\n")

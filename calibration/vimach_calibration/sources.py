"""What the registers beside the evidence share: a file of named entries, each resting on rows of the evidence."""

from collections.abc import Iterable, Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from vimach.errors import BadInput, Place, Problem, nearest
from vimach.yaml_reader import Block, Entry, Scalar, read, texts
from vimach_calibration.evidence import EvidenceRow, EvidenceTable

CLOSE = 1e-9
"""Two numbers whose relative difference is below this are the same number, written twice."""


def read_tree(
    file: Path | Traversable, words: tuple[str, ...], problems: list[Problem], texts_at: tuple[str, ...] = ()
) -> dict[str, Block | Scalar]:
    """What stands under `words`, all required and no other allowed, at the top of `file`: texts at those of
    `texts_at`, mappings at the others.

    BadInput at once if the file is no mapping; what is wrong with its words goes to `problems`, and an empty block
    or text stands in.
    """
    tree = read(file, str(file), problems)
    if tree is None:
        raise BadInput(problems)
    for entry in tree.entries:
        if entry.key.text not in words:
            problems.append(Problem("unknown key", entry.key.place, entry.key.text, nearest(entry.key.text, words)))
    found: dict[str, Block | Scalar] = {}
    for word in words:
        node, shape = tree.get(word), Scalar if word in texts_at else Block
        if isinstance(node, shape):
            found[word] = node
            continue
        message = "is missing" if node is None else f"{node.kind} where {shape.kind} belongs"
        problems.append(Problem(message, tree.place if node is None else node.place, word))
        found[word] = Scalar("", tree.place) if shape is Scalar else Block((), tree.place)
    return found


def cited(holder: Block, key: str, table: EvidenceTable, problems: list[Problem]) -> tuple[EvidenceRow, ...]:
    """The rows that the ids under `source` of `holder` name; ids that name none go to `problems`."""
    rows = []
    for written in texts(holder.get("source")):
        if written.text in table:
            rows.append(table[written.text])
        else:
            hint = nearest(written.text, table)
            problems.append(Problem(f"no row of the evidence is called {written.text!r}", written.place, key, hint))
    return tuple(rows)


def numbers_of(rows: Iterable[EvidenceRow]) -> Iterator[tuple[float, str]]:
    """Every number that the rows give for their quantity, the middle of a range included, with its unit."""
    for row in rows:
        given = [number for number in (row.value, row.low, row.high) if number is not None]
        if row.value is None and row.low is not None and row.high is not None:
            given.append((row.low + row.high) / 2)
        yield from ((number, row.unit) for number in given)


def said(number: float, rows: Iterable[EvidenceRow]) -> bool:
    """Whether the note of one of the rows writes `number`, plainly or with a comma before the thousands."""
    spellings = {f"{number:g}", f"{number:,.0f}" if number == int(number) else f"{number:g}"}
    words = {word.strip(".,;:()%") for row in rows for word in row.note.replace("-", " ").replace("/", " ").split()}
    return not spellings.isdisjoint(words)


def same(one: float, other: float) -> bool:
    """Whether two numbers are the same one, rounding of units apart."""
    return abs(one - other) <= CLOSE * max(abs(one), abs(other))


def place_of(entry: Entry, *path: str) -> Place:
    """Where the key at `path` inside an entry was written; the entry itself, if there is none."""
    place, node = entry.key.place, entry.value
    for word in path:
        found = node.entry(word) if isinstance(node, Block) else None
        if found is None:
            return place
        place, node = found.key.place, found.value
    return place

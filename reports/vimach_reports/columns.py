"""Lines of cells in columns, for a terminal of any width: labels are folded, numbers are not."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Final, TypeAlias

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text

Line: TypeAlias = tuple[str, ...] | Text
"""Cells, the first of them a label; or a line of text between the rows."""
GAP, LABEL = 2, 20
"""Columns between two others, and the fewest that a label gets."""
MINUS: Final = "\N{MINUS SIGN}"


def widths(lines: Sequence[Line]) -> list[int]:
    """How wide each column is at its widest cell."""
    rows = [line for line in lines if not isinstance(line, Text)]
    return [max(cell_len(row[place]) for row in rows if place < len(row)) for place in range(max(map(len, rows)))]


def room_for(lines: Sequence[Line]) -> int:
    """The fewest columns of a terminal in which nothing but a long label is folded."""
    label, *others = widths(lines)
    return min(label, LABEL) + sum(others) + GAP * len(others)


def fitted(lines: Sequence[Line], width: int) -> list[RenderableType]:
    """Rows of cells in columns as wide as their widest cell, between lines of text; the first row is bold.

    The first column gets what the others leave; longer labels go on below.
    """
    wide = widths(lines)
    wide[0] = min(wide[0], max(LABEL, width - sum(wide[1:]) - GAP * (len(wide) - 1)))
    shown: list[RenderableType] = []
    for place, line in enumerate(lines):
        if isinstance(line, Text):
            shown.append(line)
            continue
        label, *below = _wrapped(plain(line[0]), wide[0]) or [""]
        row = Text(style="" if place else "bold")
        for words, own in zip((label, *line[1:]), wide, strict=False):
            cell = Text(plain(words))
            cell.truncate(own, pad=True)
            row.append_text(cell).append(" " * GAP)
        row.rstrip()
        shown += [row, *(Text(words, style=row.style) for words in below)]
    return shown


def _wrapped(label: str, width: int) -> list[str]:
    indent = " " * (len(label) - len(label.lstrip()))
    return wrap(label.strip(), max(width, LABEL), initial_indent=indent, subsequent_indent=f"{indent} ")


def plain(words: str) -> str:
    """For terminals whose character set has no minus sign."""
    return words.replace(MINUS, "-")

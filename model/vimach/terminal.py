"""The terminal: answers on stdout, talk and progress on stderr, and no progress where nobody watches."""

import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

WIDTH = 100
"""Columns of text that goes to a file or another program."""


@dataclass(frozen=True)
class Terminal:
    """Where a command writes: `json` puts data in place of tables, `quiet` leaves out tables, talk and progress."""

    json: bool = False
    quiet: bool = False

    @property
    def out(self) -> Console:
        """The console of stdout; words are printed as they are, without markup."""
        return _console(sys.stdout)

    def show(self, shown: RenderableType) -> None:
        """Print a table or text on stdout, unless data or nothing is wanted."""
        if self.json or self.quiet:
            return
        console = self.out
        with console.capture() as capture:
            console.print(shown)
        lines = capture.get().splitlines()
        print("\n".join(line.rstrip() for line in lines))  # tables fill their lines with spaces

    def answer(self, data: Any) -> None:
        """Print data on stdout as JSON if it is wanted; what is no finite number becomes null."""
        if self.json:
            print(json.dumps(plain(data), ensure_ascii=False, indent=1, allow_nan=False), file=sys.stdout)

    def say(self, words: str) -> None:
        """Talk: a line on stderr."""
        if not self.quiet:
            print(words, file=sys.stderr)

    @contextmanager
    def progress(self, words: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar on stderr while the block runs; gives the function that is told how much more is done."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        hidden = self.quiet or not sys.stderr.isatty()
        with Progress(*columns, console=_console(sys.stderr), transient=True, disable=hidden) as bar:
            task = bar.add_task(words, total=total)
            yield lambda done: bar.advance(task, done)


def _console(stream: Any) -> Console:
    # a pipe has no width of its own; 80 columns, rich's guess, would cut what fits on a page
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def plain(data: Any) -> Any:
    """`data` as JSON can hold it: mappings, lists, texts, finite numbers and null."""
    match data:
        case None | bool() | str() | int():
            return data
        case float():
            return float(data) if math.isfinite(data) else None
        case Mapping():
            return {str(key).replace(" ", "_"): plain(value) for key, value in data.items()}
        case Sequence() | set() | frozenset():
            return [plain(value) for value in data]
        case _ if hasattr(data, "item"):  # a NumPy number
            return plain(data.item())
        case _:
            return str(data)

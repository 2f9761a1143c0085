"""The exceptions of vimach, one tree.

VimachError
├── BadInput      a file, option or number from the user is wrong        (exit 2)
├── ModelError    the equations contradict one another                   (exit 2)
├── RunFailed     a run broke: a name, a member and a time are given     (exit 1)
├── NotKept       a result could not be kept, or its maker was lost      (exit 1)
└── Interrupted   Ctrl-C during a sweep; tells what is kept              (exit 130)
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Place:
    """Where something was read: file, line and column, both counted from 1; 0 where unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(parts)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, under which key, what, and the nearest valid name if there is one."""

    message: str
    place: Place | None = None
    key: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        head = ": ".join(str(part) for part in (self.place, self.key, self.message) if part)
        return f"{head}; did you mean {self.suggestion!r}?" if self.suggestion else head


def nearest(name: str, candidates: Iterable[str]) -> str:
    """The candidate most like `name`, else the shortest that begins with it, or "" if none is near."""
    known = list(candidates)
    longer = sorted((each for each in known if name and each.startswith(name)), key=len)
    found = [*difflib.get_close_matches(name, known, n=1, cutoff=0.6), *longer]
    return found[0] if found else ""


class VimachError(Exception):
    """Anything that vimach reports to its user in words; `exit_code` is what the command line returns."""

    exit_code = 1


class _Problems(VimachError):
    exit_code = 2

    def __init__(self, problems: Sequence[Problem] | Problem | str) -> None:
        if isinstance(problems, str):
            problems = Problem(problems)
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class BadInput(_Problems):
    """What the user gave is wrong; lists every problem found, not only the first."""


class ModelError(_Problems):
    """The equations do not fit together: unit, dimension, name, order or conservation."""


@dataclass(frozen=True)
class Failure:
    """One member's failure: the first variable or flow that went wrong, what happened, and the model time."""

    member: int
    variable: str
    time: float
    reason: str

    def __str__(self) -> str:
        return f"member {self.member}: {self.variable} {self.reason} at t = {self.time:g}"


class RunFailed(VimachError):
    """A run broke in at least one member. `results` holds the other members' numbers, unaffected."""

    def __init__(self, failures: Sequence[Failure], results: Any = None, scenario: str = "") -> None:
        self.failures = tuple(failures)
        self.results = results
        head = f"{scenario}: " if scenario else ""
        shown = [f"{head}{failure}" for failure in self.failures[:5]]
        more = len(self.failures) - len(shown)
        if more > 0:
            shown.append(f"... and {more} more members")
        super().__init__("\n".join(shown))


class UnknownProcessor(VimachError):
    """LLVM does not know the processor at hand."""


class NotKept(VimachError):
    """A finished block or a file could not be written, or whoever ran the blocks is gone; says what is kept."""


class Interrupted(VimachError):
    """The user broke off a sweep; says what is kept."""

    exit_code = 130

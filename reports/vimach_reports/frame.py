"""What every full-width figure has: a title that says the message, how to read it, and where the numbers come from."""

from collections.abc import Sequence

from vimach_reports import style
from vimach_reports.figure import MARGIN, Page, balance, line_height, wrap

ROOM = style.FULL_WIDTH - 2 * MARGIN  # mm


def framed(title: str, how: str, small_print: str, body: float) -> tuple[Page, float]:
    """A page with `body` mm between its head (title, how to read it) and its small print.

    Returns the page and where the body begins, in mm from the upper edge.
    """
    head, key, foot = _broken(title, how, small_print)
    page = Page(style.FULL_WIDTH, body + _frame(head, key, foot))
    below = page.text(MARGIN, MARGIN, head, style.LARGE, bold=True)
    below = page.text(MARGIN, below + 0.5, key, colour=style.GREY)
    page.text(MARGIN, below + 2 + body + 2, foot, colour=style.GREY)
    return page, below + 2


def spare(title: str, how: str, small_print: str, tallest: float = style.TALLEST) -> float:
    """What a figure of the greatest height leaves for the body between head and small print, in mm."""
    return tallest - _frame(*_broken(title, how, small_print))


def _broken(title: str, how: str, small_print: str) -> tuple[list[str], list[str], list[str]]:
    return balance(title, ROOM, style.LARGE, "bold"), wrap(how, ROOM), wrap(small_print, ROOM)


def _frame(head: Sequence[str], key: Sequence[str], foot: Sequence[str]) -> float:
    small = line_height(style.SMALL)
    return 2 * MARGIN + len(head) * line_height(style.LARGE) + 0.5 + (len(key) + len(foot)) * small + 4


def apart(middles: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Upper edges of labels that want their middles at `middles`, moved so that none overlaps another.

    All lie between `low` and `high` (downwards) where there is room; they keep their order.
    """
    order = sorted(range(len(middles)), key=lambda place: middles[place])
    tops = {place: middles[place] - heights[place] / 2 for place in order}
    below = low
    for place in order:
        tops[place] = max(tops[place], below)
        below = tops[place] + heights[place]
    above = high
    for place in reversed(order):
        tops[place] = min(tops[place], above - heights[place])
        above = tops[place]
    return [tops[place] for place in range(len(middles))]

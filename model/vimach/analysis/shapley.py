"""Exact Shapley values: how a difference between two states is shared among the players that make it."""

from collections.abc import Callable
from math import factorial

import numpy as np

from vimach.analysis.targets import Array


def shapley(players: int, worth: Callable[[frozenset[int]], Array]) -> Array:
    """The Shapley value of each player, shape (players, *shape of a worth).

    `worth` is asked once for each of the 2^players coalitions. Values add up to worth(all) - worth(none); players that
    are alike get the same, and a player that changes nothing gets nothing.
    """
    worths = [worth(_members(number, players)) for number in range(2**players)]
    values = []
    for player in range(players):
        gained = np.zeros_like(np.asarray(worths[0], dtype=np.float64))
        for number in range(2**players):
            if not number >> player & 1:
                gained += _weight(players, number.bit_count()) * (worths[number | 1 << player] - worths[number])
        values.append(gained)
    return np.stack(values) if values else np.zeros((0, *np.shape(worths[0])))


def _members(number: int, players: int) -> frozenset[int]:
    return frozenset(player for player in range(players) if number >> player & 1)


def _weight(players: int, before: int) -> float:
    return factorial(before) * factorial(players - 1 - before) / factorial(players)

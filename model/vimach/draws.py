"""Draws: one number per member and name, the same whoever asks for it, in whatever block and order.

The generator is Philox, which turns a key and a counter into random bits without any state: the key comes from the seed
and the name, the counter is the member. So scenarios share their luck, and any block can be made anywhere.
"""

import hashlib

import numpy as np
import numpy.typing as npt

WORDS_PER_MEMBER = 4  # one step of Philox's counter; the first word is used


def words(seed: int, name: str, first: int, count: int) -> npt.NDArray[np.uint64]:
    """64 random bits for each member from `first` on, shape (count,).

    The key is the first 16 bytes, lowest first, of the SHA-256 of "seed/name" in UTF-8.
    Raises ValueError if `first` or `count` is negative.
    """
    if first < 0 or count < 0:
        raise ValueError(f"members are counted from 0: first = {first}, count = {count}")
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    generator = np.random.Philox(key=int.from_bytes(digest[:16], "little"), counter=first)
    # A copy, so that a kept array does not keep the three unused words of each member alive.
    return generator.random_raw(WORDS_PER_MEMBER * count)[::WORDS_PER_MEMBER].astype(np.uint64)


def uniforms(seed: int, name: str, first: int, count: int) -> npt.NDArray[np.float64]:
    """Uniform draws for members first, first + 1, ..., strictly inside (0, 1), shape (count,).

    The top 52 bits of each word choose one of 2^52 equal cells; the draw is the middle of the cell, which float64 holds
    exactly (with 53 bits the last middle would be rounded to 1). Raises ValueError if `first` or `count` is negative.
    """
    cells = (words(seed, name, first, count) >> np.uint64(12)).astype(np.float64)
    return np.asarray((cells + 0.5) * 2.0**-52)

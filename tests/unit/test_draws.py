"""Draws: pinned, alike in every block, and uniform."""

import numpy as np
import pytest

from vimach.draws import uniforms, words


@pytest.mark.parametrize(("first", "count"), [(0, 1), (0, 7), (3, 4), (99, 1), (50, 50), (10, 0)])
def test_any_block_gives_the_same_numbers(first, count):
    whole = uniforms(1017, "quit_rate", 0, 100)
    assert (uniforms(1017, "quit_rate", first, count) == whole[first : first + count]).all()
    assert uniforms(1017, "quit_rate", first, count).shape == (count,)


def test_members_far_apart():
    far = 2**70
    assert (uniforms(1, "a", far, 5)[2:] == uniforms(1, "a", far + 2, 3)).all()


def test_seed_and_name_decide():
    assert not np.intersect1d(uniforms(1, "a", 0, 100), uniforms(2, "a", 0, 100)).size
    assert not np.intersect1d(uniforms(1, "a", 0, 100), uniforms(1, "b", 0, 100)).size


def test_values_are_pinned():
    """A change here changes every published number: NumPy's Philox, the key or the mapping has changed."""
    assert words(1017, "quit_rate", 0, 3).tolist() == [
        4443640071499359346,
        8525730106998433405,
        17756978792414308862,
    ]
    assert words(1017, "quit_rate", 10**12, 1).tolist() == [15627955381999366216]
    assert words(1, "tỷ lệ", 0, 1).tolist() == [7380006257248254544]
    assert [u.hex() for u in uniforms(1017, "quit_rate", 0, 3)] == [
        "0x1.ed57d8d01b494p-3",
        "0x1.d945e971b9faap-2",
        "0x1.ecdaec432bffdp-1",
    ]


@pytest.mark.parametrize(("word", "draw"), [(0, 2.0**-53), (2**64 - 1, 1 - 2.0**-53), (2**63, 0.5 + 2.0**-53)])
def test_draws_stay_strictly_inside(monkeypatch, word, draw):
    monkeypatch.setattr("vimach.draws.words", lambda *_: np.array([word], dtype=np.uint64))
    assert uniforms(1, "a", 0, 1) == draw


def test_draws_are_uniform_and_unrelated():
    draws = np.array([uniforms(1017, f"name_{i}", 0, 2000) for i in range(20)])
    counts = np.histogram(draws, bins=100, range=(0, 1))[0]
    chi_square = ((counts - 400) ** 2 / 400).sum()
    assert 62 < chi_square < 149  # 99 degrees of freedom: all but 2 in 1,000
    between = np.corrcoef(draws) - np.eye(20)
    assert np.abs(between).max() < 5 / np.sqrt(2000)
    assert abs(np.corrcoef(draws[:, 1:].ravel(), draws[:, :-1].ravel())[0, 1]) < 4 / np.sqrt(40000)


@pytest.mark.parametrize(("first", "count"), [(-1, 3), (0, -1)])
def test_negative_members_are_refused(first, count):
    with pytest.raises(ValueError, match="counted from 0"):
        uniforms(1, "a", first, count)

"""What is kept within bounds, while threads ask at once."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from zhike.kernel.kept import Kept


def test_made_once_and_anew_when_asked() -> None:
    kept: Kept[list[int]] = Kept(2)
    first = kept.of("a", lambda: [1])
    assert kept.of("a", lambda: [2]) is first
    assert kept.of("a", lambda: [3], anew=True) == [3] == kept.of("a", lambda: [4])


def test_no_more_than_so_many() -> None:
    kept: Kept[int] = Kept(2)
    for key in range(5):
        assert kept.of(key, lambda key=key: key + 1) == key + 1
        assert len(kept._known) <= 2


@pytest.fixture
def hurried():
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_threads_get_the_value_of_their_key(hurried: None) -> None:
    kept: Kept[int] = Kept(3)

    def ask(thread: int) -> bool:
        keys = [(thread * 7 + turn) % 5 for turn in range(5000)]
        return all(kept.of(key, lambda key=key: key + 1) == key + 1 for key in keys)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8)))

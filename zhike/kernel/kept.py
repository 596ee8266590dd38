"""What was worked out once and is kept for the next who asks, within bounds."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by key; all go where there would be too many. Threads may ask at once: two may make the same value."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[Hashable, T] = {}

    def of(self, key: Hashable, make: Callable[[], T], *, anew: bool = False) -> T:
        """The value of a key, made where there is none yet, or anew."""
        found = None if anew else self._known.get(key)
        if found is None:
            found = make()
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[key] = found
        return found

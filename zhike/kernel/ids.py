"""Keys: UUID version 7 (RFC 9562), ordered by time, so that new rows lie together in their index."""

from __future__ import annotations

import os
import time
import uuid

# Version 7, variant of the RFC; everything else is free.
_SHAPE = (0x7 << 76) | (0x2 << 62)
_FREE = ~((0xF << 76) | (0x3 << 62))


def uuid7(at_ms: int | None = None, *, noise: bytes | None = None) -> uuid.UUID:
    """A new key.

    Args:
        at_ms: milliseconds since 1970 to carry instead of now (for back-dated samples).
        noise: ten bytes instead of random ones (for samples that can be made again).
    """
    stamp = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    value = int.from_bytes(stamp.to_bytes(6, "big") + (noise or os.urandom(10)), "big")
    return uuid.UUID(int=value & _FREE | _SHAPE)


def uuid7s(count: int) -> list[uuid.UUID]:
    """New keys of one moment, in ascending order: rows that are written together stand together in every index."""
    return [uuid.UUID(int=value) for value in _of_one_moment(count)]


def uuid7_texts(count: int) -> list[str]:
    """The same as 32 digits each, where nobody needs objects."""
    return [f"{value:032x}" for value in _of_one_moment(count)]


def _of_one_moment(count: int) -> list[int]:
    stamp, noise = (time.time_ns() // 1_000_000) << 80, os.urandom(10 * count)
    parts = (int.from_bytes(noise[at : at + 10], "big") for at in range(0, 10 * count, 10))
    return sorted((stamp | part) & _FREE | _SHAPE for part in parts)

"""Keys: UUID version 7 (RFC 9562), ordered by time, so that new rows lie together in their index."""

from __future__ import annotations

import os
import time
import uuid


def uuid7(at_ms: int | None = None, *, noise: bytes | None = None) -> uuid.UUID:
    """A new key.

    Args:
        at_ms: milliseconds since 1970 to carry instead of now (for back-dated samples).
        noise: ten bytes instead of random ones (for samples that can be made again).
    """
    stamp = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    value = int.from_bytes(stamp.to_bytes(6, "big") + (noise or os.urandom(10)), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)

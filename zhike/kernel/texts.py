"""What PostgreSQL keeps of a text: everything but zero bytes and lone surrogates, which JSON can bring in."""

from __future__ import annotations

import re
from typing import Any

_UNKEPT = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any) -> Any:
    """A JSON value with such characters taken out of its texts."""
    if isinstance(value, str):
        return _UNKEPT.sub("", value)
    if isinstance(value, list):
        return [storable(one) for one in value]
    if isinstance(value, dict):
        return {storable(name): storable(one) for name, one in value.items()}
    return value

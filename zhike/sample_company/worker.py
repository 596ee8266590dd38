"""A process that makes rows. Imports nothing of Django before it is set up."""

from __future__ import annotations

import pickle
from typing import Any

_plan: Any = None


def packed(plan: Any) -> bytes:
    """A plan as a new process can be given it: opened only when Django is ready there."""
    return pickle.dumps(plan)


def start(plan: bytes) -> None:
    global _plan
    import django

    django.setup()
    _plan = pickle.loads(plan)  # noqa: S301 - from our own parent process


def make(number: int) -> tuple[str, ...]:
    from zhike.sample_company import chunks

    return chunks.make(_plan, number)


def live(items: Any) -> dict[str, str]:
    from zhike.sample_company.year import load

    return load.texts_of(_plan, items)

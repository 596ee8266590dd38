"""Back in time: within `at`, now is another moment, for every verb that asks for the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The verbs of the product, carried out at a moment of the past. For one thread, as the making of a sample is.

    The database's own clock goes on: what its triggers date (the ledger of owners) is not back-dated by this.
    """
    before = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = before

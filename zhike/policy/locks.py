"""One lock for what is in force: publishing and starting a run follow one another."""

from __future__ import annotations

from django.db import connection

_KEY = 7_015_001


def lock_force() -> None:
    """Until the end of the transaction nobody else publishes or starts a run."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_KEY])

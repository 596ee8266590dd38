"""Whose turn it is: two imports of one type never check for duplicates past each other.

``turn`` belongs to who checks and writes. Its holder may let several connections write for him; each of them has
a share of ``writing`` until its transaction is over. Who takes the turn waits until all shares are given back, so
that not even the last commit of a holder who was killed is missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_TURN, _WRITING = 1, 2
_KEY = "hashtextextended(%s, %s)"


def take(record_type: str) -> None:
    """Take the turn until the transaction is over."""
    _ask("SELECT pg_advisory_xact_lock({key})", record_type, _TURN)
    _ask("SELECT pg_advisory_xact_lock({key})", record_type, _WRITING)


def share(record_type: str) -> None:
    """Write for the holder of the turn, until the transaction is over."""
    _ask("SELECT pg_advisory_xact_lock_shared({key})", record_type, _WRITING)


@contextmanager
def held(record_type: str) -> Iterator[None]:
    """Hold the turn over several transactions of other connections."""
    _ask("SELECT pg_advisory_lock({key})", record_type, _TURN)
    try:
        _ask("SELECT pg_advisory_lock({key})", record_type, _WRITING)
        _ask("SELECT pg_advisory_unlock({key})", record_type, _WRITING)
        yield
    finally:
        _ask("SELECT pg_advisory_unlock({key})", record_type, _TURN)


def wanted(record_type: str) -> bool:
    """Whether somebody else waits for the turn."""
    return bool(
        _ask(
            """SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objsubid = 1
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND ((classid::bigint << 32) | objid::bigint) = {key})""",
            record_type,
            _TURN,
        )
    )


def _ask(sql: str, record_type: str, which: int) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(key=_KEY), [f"import {record_type}", which])
        row = cursor.fetchone()
    return row[0] if row else None

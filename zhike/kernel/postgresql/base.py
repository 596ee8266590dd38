"""Django's engine for PostgreSQL, with three things that every page would pay for otherwise.

- Whether a kept connection is alive is asked of the socket, not of the server by a statement of its own.
- Moments are read by psycopg's C code; Django's loader is Python and called for each of them.
- `prepared_cursor`: statements that the server parses and plans once for a connection, which takes longer than
  to run them. An option ``prepare=false`` of `DATABASE_URL` turns it off, for a pooler that gives each transaction
  another connection.
"""

from __future__ import annotations

import select
from functools import cache
from typing import Any, cast

import psycopg
from django.db.backends.postgresql import base
from psycopg.adapt import AdaptersMap
from psycopg.pq import Format

MOST_PREPARED = 500  # statements of one connection; those not asked for longest make room


class PreparedCursor(psycopg.Cursor[Any]):
    """Every statement is prepared at its first call."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        return super().execute(query, params, prepare=True, **kwargs)


@cache
def _adapters(django: AdaptersMap) -> AdaptersMap:
    """Django's adapters, and psycopg's own loader of moments."""
    ours = AdaptersMap(django)
    psycopgs = psycopg.adapters.get_loader(psycopg.adapters.types["timestamptz"].oid, Format.TEXT)
    ours.register_loader("timestamptz", cast(Any, psycopgs))
    return ours


class DatabaseWrapper(base.DatabaseWrapper):
    """See the module."""

    prepares = True

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        self.prepares = str(params.pop("prepare", "true")).lower() != "false"
        params["context"] = _adapters(params["context"])
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        if self.prepares:
            # Only statements of a `PreparedCursor`: Django's own cursor never prepares.
            connection.prepare_threshold = 5
            connection.prepared_max = MOST_PREPARED
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor. Django would look whether its loader of moments knows the zone: it is UTC on all of ours."""
        return self.connection.cursor() if name is None else super().create_cursor(name)

    def prepared_cursor(self) -> Any:
        """A cursor for statements that come again and again with other values."""
        if not self.prepares:
            return self.cursor()
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(PreparedCursor(self.connection))  # type: ignore[attr-defined]

    def is_usable(self) -> bool:
        """A server that went away has closed the connection, so that its end can be read. Nothing to read: alive."""
        if self.connection is None or self.connection.closed:
            return False
        something_to_read = select.poll()
        something_to_read.register(self.connection.fileno(), select.POLLIN)
        return not something_to_read.poll(0) or bool(super().is_usable())

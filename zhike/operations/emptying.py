"""Tables emptied after a test that commits: what it filled, instead of all there are.

Django truncates every table and then looks through all modules for permissions to make anew: with our number of
tables more than a second each time. Deleting what is there takes a few milliseconds. Triggers and foreign keys are
off meanwhile, as they are for TRUNCATE, which needs a right that the tests' own server gives (`allow`).
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# Made by migrations and the same for every test; without them nothing has to be looked through again.
KEPT = {"django_content_type", "auth_permission"}


def allow(connection: psycopg.Connection) -> None:
    """Let the tests' role switch triggers off (PostgreSQL 15; as a superuser)."""
    connection.execute("GRANT SET ON PARAMETER session_replication_role TO zhike")


def filled(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables with rows, quoted, but for those that are kept."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    quoted = [connection.ops.quote_name(name) for name in names if name not in KEPT]
    parts = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in quoted]  # noqa: S608 - names of ours
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return [row[0] for row in cursor.fetchall()]


def may_empty(connection: BaseDatabaseWrapper) -> bool:
    """Whether this server gave us the right."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
        return bool(cursor.fetchone()[0])


def empty(connection: BaseDatabaseWrapper) -> None:
    """Delete every row of every table that is not kept."""
    tables = filled(connection)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608


def empty_quickly() -> None:
    """Have tests that commit be cleaned up that way, where the server allows it."""
    from django.test import TransactionTestCase

    thorough = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def tear_down(case: Any) -> None:
        names = case._databases_names(include_mirrors=False)
        if case.available_apps is None and all(may_empty(connections[name]) for name in names):
            for name in names:
                empty(connections[name])
        else:
            thorough(case)

    TransactionTestCase._fixture_teardown = tear_down  # type: ignore[attr-defined]

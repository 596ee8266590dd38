"""The database engine: a lost connection is noticed, statements are prepared, moments are what Django makes of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from zhike.kernel.postgresql.base import DatabaseWrapper
from zhike.kernel.prepared import Prepared, prepared_cursor
from zhike.staff.models import User


@pytest.fixture
def other(db: Any) -> Any:
    """A connection of its own, which may be ended."""
    wrapper = DatabaseWrapper(connection.settings_dict, "default")
    wrapper.connect()
    yield wrapper
    wrapper.close()


def test_an_ended_connection_is_noticed_without_a_statement(other: Any) -> None:
    assert other.is_usable()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert not other.is_usable()
    other.health_check_enabled, other.health_check_done = True, False
    with other.prepared_cursor() as cursor:  # connects again
        assert cursor.execute("SELECT 1").fetchone() == (1,)


def test_a_notice_that_waits_to_be_read_is_no_end(other: Any) -> None:
    with other.cursor() as cursor:
        cursor.execute("LISTEN test_usable")
    with psycopg.connect(**_plain(other)) as speaker:
        speaker.execute("NOTIFY test_usable")
    assert other.is_usable()


def _plain(wrapper: Any) -> dict[str, Any]:
    params = wrapper.get_connection_params()
    return {name: params[name] for name in ("dbname", "user", "host", "port") if name in params}


def test_statements_are_prepared_unless_it_is_turned_off(other: Any) -> None:
    def prepared(wrapper: Any) -> list[Any]:
        with wrapper.prepared_cursor() as cursor:
            cursor.execute("SELECT %s::int AS asked_often", [1])
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE %s", ["%asked_often"])
            return list(cursor.fetchall())

    assert len(prepared(other)) == 1
    settings = other.settings_dict | {"OPTIONS": other.settings_dict["OPTIONS"] | {"prepare": "false"}}
    without = DatabaseWrapper(settings, "default")
    try:
        assert prepared(without) == []
    finally:
        without.close()


@pytest.mark.django_db
def test_moments_are_in_utc_by_either_cursor() -> None:
    for cursor in (connection.cursor(), prepared_cursor()):
        with cursor:
            cursor.execute("SELECT '2026-01-31 08:00:00.000001+08'::timestamptz")
            (found,) = cursor.fetchone()
            assert found == datetime(2026, 1, 31, 0, 0, 0, 1, tzinfo=UTC)
            assert found.tzinfo is UTC


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_inside_of_a_transaction_only() -> None:
    locked = Prepared(lambda name: User.objects.filter(username=name).select_for_update(of=("self",)))
    with transaction.atomic():
        assert locked("nobody") == []
    with pytest.raises(TransactionManagementError):
        locked("nobody")

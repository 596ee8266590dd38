"""Customer numbers: ``C{year}{at least six digits}``, taken from a sequence, so that nobody waits for anybody."""

from __future__ import annotations

from django.db import connection

from zhike.customers.models.customer import NextCustomerNumber


def reserve(count: int) -> list[str]:
    """The next numbers; one statement however many. A number whose customer is not saved is never used again."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NextCustomerNumber.template} FROM generate_series(1, %s)", [count])  # noqa: S608
        return [number for (number,) in cursor.fetchall()]

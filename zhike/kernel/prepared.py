"""Querysets that are compiled once: for the statements that stand behind every page.

Django makes the SQL of a queryset anew each time, which costs more than a good index look-up takes: 0.3 to 3 ms.
The first call here compiles with placeholders, the others only fill them in. Rows, related rows and converted
values are Django's own. What may change the SQL's shape (None, another column) needs another `Prepared`.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.lookups import Lookup


@models.ForeignKey.register_lookup
@models.Field.register_lookup
class AnyOf(Lookup):  # type: ignore[type-arg]
    """``pk__any_of=keys``: one parameter for any number of values, so that the SQL is the same for all."""

    lookup_name = "any_of"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:
        return "%s", [value]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, params = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.db_type(connection)  # type: ignore[union-attr]
        return f"{left} = ANY(%s::{kind}[])", [*params, self.rhs]


class _Text(str):
    __slots__ = ()


class _Keys:
    """A list: Django would copy a real one."""


def placeholder(like: Any) -> Any:
    """A value of the same type that is itself and no other, so that it is found again among the parameters.

    Raises:
        TypeError: a type that Django turns into another object on the way to the database.
    """
    match like:
        case uuid.UUID():
            return uuid.UUID(int=0)
        case str():
            return _Text("?")
        case datetime():
            return datetime(2000, 1, 1, tzinfo=UTC)
        case list():
            return _Keys()
    raise TypeError(f"no placeholder for {type(like).__name__}")


class Statement:
    """SQL with places to fill."""

    def __init__(self, sql: str, params: Sequence[Any], slots: Sequence[Any]) -> None:
        """A compiled statement.

        Args:
            params: parameters as compiled, placeholders among them.
            slots: the placeholders, in the order in which `fill` gets their values.

        Raises:
            ValueError: a placeholder got lost on the way: its value would never be looked at.
        """
        self.sql = sql
        self._params = list(params)
        self._places = [(i, n) for i, one in enumerate(params) for n, slot in enumerate(slots) if one is slot]
        self._slots = len(slots)
        if {n for _i, n in self._places} != set(range(len(slots))):
            raise ValueError(f"a placeholder is not among the parameters of {sql}")

    def fill(self, values: Sequence[Any]) -> list[Any]:
        """The parameters for these values."""
        if len(values) != self._slots:
            raise ValueError(f"{len(values)} values for {self._slots} places")
        params = self._params.copy()
        for i, n in self._places:
            params[i] = values[n]
        return params

    def fetch(self, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """All rows, as the driver gives them."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.fill(values))
            return list(cursor.fetchall())


class _Query:
    """A query whose SQL is known; for all else the one that it was compiled from."""

    def __init__(self, compiler: Any) -> None:
        self._compiler = compiler

    def get_compiler(self, using: str) -> Any:
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._compiler.query, name)


class Prepared:
    """A function from values to a queryset, called once.

    ``Prepared(lambda key: Thing.objects.filter(pk=key))(pk)`` gives the list of rows, or of what its ``values`` are.
    Values are keys, texts, moments and (by ``any_of``) lists of keys; never None.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Any]]) -> None:
        self._build = build
        self._compiled: tuple[Statement, Any, type[Any]] | None = None
        self._counting: Statement | None = None

    def __call__(self, *values: Any) -> list[Any]:
        statement, compiler, iterable = self._compiled or self._compile(values)
        compiler = copy.copy(compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # that of this thread
        filled = statement.sql, tuple(statement.fill(values))
        compiler.as_sql = lambda *args, **kwargs: filled
        query = _Query(compiler)
        known = SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})
        return list(iterable(known))

    def count(self, *values: Any) -> int:
        """How many rows there are."""
        if self._counting is None:
            slots = [placeholder(value) for value in values]
            sql, params = self._build(*slots).values("pk").query.sql_with_params()
            self._counting = Statement(f"SELECT COUNT(*) FROM ({sql}) AS counted", params, slots)  # noqa: S608
        return int(self._counting.fetch(values)[0][0])

    def _compile(self, values: Sequence[Any]) -> tuple[Statement, Any, type[Any]]:
        slots = [placeholder(value) for value in values]
        rows = self._build(*slots)
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        self._compiled = Statement(sql, params, slots), compiler, rows._iterable_class
        return self._compiled

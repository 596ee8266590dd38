"""Querysets that are compiled once: for the statements that stand behind every page.

Django makes the SQL of a queryset anew each time, which costs more than a good index look-up takes: 0.3 to 3 ms.
The first call here compiles with placeholders, the others only fill them in; the server too parses and plans it
once for a connection. Columns, related rows and converted values are Django's. What may change the SQL's shape
(None, another column) needs another `Prepared`.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.base import ModelState
from django.db.models.lookups import Lookup
from django.db.models.query import ModelIterable
from django.db.transaction import TransactionManagementError

from zhike.kernel.postgresql.base import DatabaseWrapper


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
        case date():
            return date(2000, 1, 1)
        case list():
            return _Keys()
    raise TypeError(f"no placeholder for {type(like).__name__}")


Answer = Callable[[], list[tuple[Any, ...]]]  # fetches the rows of a question that was sent


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
        self.params = list(params)
        self._places = [(i, n) for i, one in enumerate(params) for n, slot in enumerate(slots) if one is slot]
        self._slots = len(slots)
        if {n for _i, n in self._places} != set(range(len(slots))):
            raise ValueError(f"a placeholder is not among the parameters of {sql}")

    def fill(self, values: Sequence[Any]) -> list[Any]:
        """The parameters for these values."""
        if len(values) != self._slots:
            raise ValueError(f"{len(values)} values for {self._slots} places")
        params = self.params.copy()
        for i, n in self._places:
            params[i] = values[n]
        return params

    def fetch(self, values: Sequence[Any], *, once: bool = False) -> list[tuple[Any, ...]]:
        """All rows, as the driver gives them. ``once``: this statement will hardly come again, so that the server
        need not keep its plan."""
        return self.send(values, once=once)()

    def send(self, values: Sequence[Any], *, once: bool = False) -> Answer:
        """Ask, and give what fetches the rows: among `pipelined` questions the server answers the next meanwhile."""
        cursor = connection.cursor() if once else prepared_cursor()
        try:
            cursor.execute(self.sql, self.fill(values))
        except BaseException:
            cursor.close()
            raise

        def fetch() -> list[tuple[Any, ...]]:
            with cursor:
                return list(cursor.fetchall())

        return fetch


@contextmanager
def pipelined() -> Iterator[None]:
    """Questions of the block go to the server one behind the other; none waits for the answer of the one before.

    For questions only: what fails is told when its rows are fetched, and fails those behind it. No transaction may
    begin inside, which a test that has one around itself does not see; pages that ask this way are opened by a browser.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    token = _answers.set([])
    try:
        with connection.wrap_database_errors, cast(Any, connection.connection).pipeline():
            yield
    finally:
        _answers.reset(token)


_answers: ContextVar[list[tuple[Any, Sequence[Any], Answer]]] = ContextVar("answers")  # sent, not fetched


def prepared_cursor() -> Any:
    """A cursor whose statements are parsed and planned once."""
    return cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS]).prepared_cursor()


class _Query:
    """A query whose SQL is known; for all else the one that it was compiled from."""

    def __init__(self, compiler: Any) -> None:
        self._compiler = compiler

    def get_compiler(self, using: str) -> Any:
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._compiler.query, name)


class Rows:
    """What the rows of a compiled queryset become: its objects, or what its ``values`` are."""

    def __init__(self, queryset: models.QuerySet[Any], compiler: Any) -> None:
        """``compiler``: has compiled the queryset."""
        self._iterable = queryset._iterable_class
        self._compiler = compiler
        if self._iterable is ModelIterable:
            self._maker = _Maker(compiler.klass_info, compiler.select)
            self._converters = compiler.get_converters([column[0] for column in compiler.select])
            self._annotated = list((compiler.annotation_col_map or {}).items())

    def of(self, rows: Iterable[Sequence[Any]]) -> list[Any]:
        """The objects of what the driver gave."""
        compiler = copy.copy(self._compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # that of this thread
        if self._iterable is ModelIterable:
            return self._objects(compiler.apply_converters(rows, self._converters) if self._converters else rows)
        compiler.execute_sql = lambda *args, **kwargs: [rows]
        query = _Query(compiler)
        known: Any = SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})
        return list(iter(self._iterable(known)))  # type: ignore[call-overload]

    def _objects(self, rows: Iterable[Sequence[Any]]) -> list[Any]:
        found: list[Any] = []
        known: dict[Any, Any] = {}
        for row in rows:
            one = self._maker.make(row, known)
            for name, place in self._annotated:
                setattr(one, name, row[place])
            found.append(one)
        return found


class _Maker:
    """Makes objects of one model, with what they point at.

    Which column goes where is worked out once, and a record that many rows point at is made once; Django does both
    for each row. Django's signals of a new object are left out: none of our models listens to them.
    """

    def __init__(self, info: dict[str, Any], select: Sequence[Any]) -> None:
        fields = info["select_fields"]
        self.model = info["model"]
        self.names = [select[place][0].target.attname for place in fields]
        self.places = slice(fields[0], fields[-1] + 1) if _run(fields) else None
        self.fields = fields
        self.key = fields[self.names.index(self.model._meta.pk.attname)]
        self.related = [
            (each["local_setter"], each["remote_setter"], _Maker(each, select))
            for each in info.get("related_klass_infos", ())
        ]

    def make(self, row: Sequence[Any], known: dict[Any, Any]) -> Any:
        one = self.model.__new__(self.model)
        one.__dict__.update(
            zip(self.names, row[self.places] if self.places else [row[n] for n in self.fields], strict=True)
        )
        state = one._state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        for of_row, of_other, maker in self.related:
            other = maker.shared(row, known)
            of_row(one, other)
            if other is not None:
                of_other(other, one)
        return one

    def shared(self, row: Sequence[Any], known: dict[Any, Any]) -> Any:
        """The object for those rows that have the same, None for those that have none."""
        key = row[self.key]
        if key is None:
            return None
        if (self, key) not in known:
            known[self, key] = self.make(row, known)
        return known[self, key]


def _run(places: Sequence[int]) -> bool:
    """Whether the columns stand side by side."""
    return list(places) == list(range(places[0], places[0] + len(places)))


class Prepared:
    """A function from values to a queryset, called once.

    ``Prepared(lambda key: Thing.objects.filter(pk=key))(pk)`` gives the list of rows, or of what its ``values`` are.
    Values are keys, texts, moments, days and (by ``any_of``) lists of keys; never None.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Any]]) -> None:
        self._build = build
        self._compiled: tuple[Statement, Rows] | None = None
        self._locks = False
        self._counting: Statement | None = None

    def __call__(self, *values: Any) -> list[Any]:
        statement, rows = self._compiled or self._compile(values)
        if self._locks and connection.get_autocommit():
            raise TransactionManagementError("rows are locked inside of a transaction only")
        sent = _answers.get([])
        for place, (asked, of, answer) in enumerate(sent):
            if asked is self and of == values:
                del sent[place]
                return rows.of(answer())
        return rows.of(statement.fetch(values))

    def ahead(self, *values: Any) -> None:
        """Send the question that a later call with these values asks.

        Raises:
            LookupError: not in a block of `pipelined` questions.
        """
        statement, _rows = self._compiled or self._compile(values)
        _answers.get().append((self, values, statement.send(values)))

    def count(self, *values: Any) -> int:
        """How many rows there are."""
        if self._counting is None:
            slots = [placeholder(value) for value in values]
            sql, params = self._build(*slots).values("pk").query.sql_with_params()
            self._counting = Statement(f"SELECT COUNT(*) FROM ({sql}) AS counted", params, slots)  # noqa: S608
        return int(self._counting.fetch(values)[0][0])

    def _compile(self, values: Sequence[Any]) -> tuple[Statement, Rows]:
        slots = [placeholder(value) for value in values]
        queryset = self._build(*slots)
        self._locks = queryset.query.select_for_update
        self._compiled = compiled(queryset, slots)
        return self._compiled


def compiled(queryset: models.QuerySet[Any], slots: Sequence[Any]) -> tuple[Statement, Rows]:
    """The statement of a queryset that was built with placeholders, and what its rows become."""
    compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
    sql, params = compiler.as_sql()
    return Statement(sql, params, slots), Rows(queryset, compiler)

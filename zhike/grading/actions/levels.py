"""Putting customers into levels, many at once: close the period that was, open the new one, keep the column of the
list. The only code that writes grades."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from zhike.customers.models import Customer
from zhike.grading.models import Grade
from zhike.grading.rules.schemes import BY_CODE, UNRATED
from zhike.history import reactions
from zhike.history.action import action, origin, via
from zhike.history.models import Event
from zhike.kernel.ids import uuid7
from zhike.records.importing.bulk import insert, maker
from zhike.staff.models import User


class NewLevel(NamedTuple):
    """``level`` empty: none any more. ``at``: from when on."""

    customer_id: uuid.UUID
    level: str
    at: datetime
    reasons: Sequence[str] = ()
    facts: dict[str, Any] = {}
    decision_id: uuid.UUID | None = None
    assessment_id: uuid.UUID | None = None
    override_id: uuid.UUID | None = None


_STATEMENTS = (
    """CREATE TEMP TABLE IF NOT EXISTS new_level (
           id uuid, customer_id uuid PRIMARY KEY, level text, at timestamptz, reasons jsonb, facts jsonb,
           decision_id uuid, assessment_id uuid, override_id uuid) ON COMMIT DROP""",
    "TRUNCATE new_level",
)
_LOCK = """
    SELECT c.id FROM customers_customer c JOIN new_level n ON n.customer_id = c.id ORDER BY c.id FOR NO KEY UPDATE OF c
"""
_SAME = """
    DELETE FROM new_level n USING grading_grade g
    WHERE g.customer_id = n.customer_id AND g.scheme = %(scheme)s AND g.until IS NULL AND g.level = n.level
      AND g.source = %(source)s AND g.override_id IS NOT DISTINCT FROM n.override_id
"""
# What was decided for a day that is past does not undo what has been decided since; at the same moment it replaces it.
_LATER = """
    DELETE FROM new_level n USING grading_grade g
    WHERE g.customer_id = n.customer_id AND g.scheme = %(scheme)s AND g.since > n.at
"""
_DROP = """
    DELETE FROM grading_grade g USING new_level n
    WHERE g.customer_id = n.customer_id AND g.scheme = %(scheme)s AND g.since = n.at
"""
_CLOSE = """
    UPDATE grading_grade g SET until = n.at, updated_at = now(), version = g.version + 1 FROM new_level n
    WHERE g.customer_id = n.customer_id AND g.scheme = %(scheme)s AND g.since < n.at
      AND (g.until IS NULL OR g.until > n.at)
"""
_OPEN = """
    INSERT INTO grading_grade (id, created_at, updated_at, version, customer_id, scheme, level, since, source, reasons,
                               facts, decision_id, assessment_id, override_id, decided_by_id)
    SELECT n.id, now(), now(), 1, n.customer_id, %(scheme)s, n.level, n.at, %(source)s, n.reasons, n.facts,
           n.decision_id, n.assessment_id, n.override_id, %(by)s
    FROM new_level n WHERE n.level <> ''
"""
_COLUMNS = """
    UPDATE customers_customer c SET
        grade = CASE WHEN %(scheme)s = 'ABC_GRADE' THEN n.level ELSE c.grade END,
        segments = (SELECT coalesce(array_agg(s), '{}') FROM unnest(c.segments) s WHERE s NOT LIKE %(prefix)s)
                   || CASE WHEN n.level = '' THEN '{}'::varchar[] ELSE ARRAY[%(word)s || n.level]::varchar[] END
    FROM new_level n WHERE n.customer_id = c.id
"""


def set_levels(scheme: str, levels: Iterable[NewLevel], *, source: str, by: User | None = None) -> int:
    """Give customers their levels; who has it already from the same source keeps the period he has.

    Returns:
        How many changed.
    """
    rows = {one.customer_id: one for one in levels}
    if not rows:
        return 0
    values = {"scheme": scheme, "source": source, "by": by.pk if by else None, "prefix": f"{scheme}:%",
              "word": f"{scheme}:"}  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement)
        with cursor.copy("COPY new_level FROM STDIN") as copy:  # type: ignore[attr-defined]
            for one in rows.values():
                copy.write_row(_cells(one))
        cursor.execute(_LOCK)
        cursor.execute(_SAME, values)
        for statement in (_LATER, _DROP, _CLOSE, _OPEN, _COLUMNS):
            cursor.execute(statement, values)
        cursor.execute("SELECT customer_id FROM new_level")
        changed = {key: rows[key] for (key,) in cursor.fetchall()}
    if BY_CODE[scheme].told:
        _tell(scheme, changed, by)
    return len(changed)


def _cells(one: NewLevel) -> tuple[Any, ...]:
    return (
        uuid7(), one.customer_id, one.level, one.at, json.dumps(list(one.reasons)),
        json.dumps(one.facts, cls=DjangoJSONEncoder), one.decision_id, one.assessment_id, one.override_id,
    )  # fmt: skip


def _tell(scheme: str, changed: dict[Any, NewLevel], by: User | None) -> None:
    """One event for each customer, on its timeline, of the moment from which the level holds."""
    make = maker(Event)
    events = []
    for customer in Customer.objects.filter(pk__in=changed).only("pk", "name", "short_name"):
        event, new = make(), changed[customer.pk]
        event.at, event.action, event.via = new.at, "grading.level.change", via.get()
        event.actor_id = by.pk if by else None
        event.subject_type, event.subject_id = "customers.customer", customer.pk
        event.subject_label, event.thread_id = str(customer)[:120], customer.pk
        event.data = origin.get() | {"scheme": scheme, "level": new.level or UNRATED}
        events.append(event)
    insert(events)
    if events and "grading.level.change" in reactions.reactions():
        reactions.tell(events[-1], [one.subject_id for one in events])


@action("grading.level.change", needs=None)
def change_level(
    *, by: User | None, scheme: str, levels: Iterable[NewLevel], source: str = Grade.Source.SETTING
) -> int:
    """`set_levels` as a verb, for jobs and commands."""
    return set_levels(scheme, levels, source=source, by=by)

"""Putting customers into levels, many at once: close the period that was, open the new one, keep the column of the
list. The only code that writes grades."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from zhike.grading.models import Grade
from zhike.grading.rules.schemes import BY_CODE, UNRATED
from zhike.history import reactions
from zhike.history.action import action, origin, via
from zhike.history.models import Event
from zhike.kernel.ids import uuid7s
from zhike.records.importing.bulk import copy_in, copy_to
from zhike.records.importing.keys import proven
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
           id uuid, customer_id uuid, level text, since timestamptz, reasons jsonb, facts jsonb,
           decision_id uuid, assessment_id uuid, override_id uuid) ON COMMIT DROP""",
    "TRUNCATE new_level",
)
_NAMES = ("id", "customer_id", "level", "since", "reasons", "facts", "decision_id", "assessment_id", "override_id")
_COPIED = tuple(field for field in Grade._meta.concrete_fields if field.attname in _NAMES)
_LOCK = """
    SELECT c.id FROM customers_customer c JOIN new_level n ON n.customer_id = c.id ORDER BY c.id FOR NO KEY UPDATE OF c
"""
# On the first night of a policy nobody has a period that the others would have to look at.
_ANY = """
    SELECT EXISTS (
        SELECT FROM new_level n JOIN grading_grade g ON g.customer_id = n.customer_id AND g.scheme = %(scheme)s)
"""
_SAME = """
    DELETE FROM new_level n USING grading_grade g
    WHERE g.customer_id = n.customer_id AND g.scheme = %(scheme)s AND g.until IS NULL AND g.level = n.level
      AND g.source = %(source)s AND g.override_id IS NOT DISTINCT FROM n.override_id
"""
# What was decided for a day that is past does not undo what has been decided since; at the same moment it replaces it.
_LATER = """
    DELETE FROM new_level n USING grading_grade g
    WHERE g.customer_id = n.customer_id AND g.scheme = %(scheme)s AND g.since > n.since
"""
_DROP = """
    DELETE FROM grading_grade g USING new_level n
    WHERE g.customer_id = n.customer_id AND g.scheme = %(scheme)s AND g.since = n.since
"""
_CLOSE = """
    UPDATE grading_grade g SET until = n.since, updated_at = now(), version = g.version + 1 FROM new_level n
    WHERE g.customer_id = n.customer_id AND g.scheme = %(scheme)s AND g.since < n.since
      AND (g.until IS NULL OR g.until > n.since)
"""
_OPEN = """
    INSERT INTO grading_grade (id, created_at, updated_at, version, customer_id, scheme, level, since, source, reasons,
                               facts, decision_id, assessment_id, override_id, decided_by_id)
    SELECT n.id, now(), now(), 1, n.customer_id, %(scheme)s, n.level, n.since, %(source)s, n.reasons, n.facts,
           n.decision_id, n.assessment_id, n.override_id, %(by)s
    FROM new_level n WHERE n.level <> ''
"""
_COLUMNS = """
    UPDATE customers_customer c SET
        grade = CASE WHEN %(scheme)s = 'ABC_GRADE' THEN n.level ELSE c.grade END,
        segments = (SELECT coalesce(array_agg(s), '{}') FROM unnest(c.segments) s WHERE s NOT LIKE %(prefix)s)
                   || CASE WHEN n.level = '' THEN '{}'::varchar[] ELSE ARRAY[%(word)s || n.level]::varchar[] END
    FROM new_level n WHERE n.customer_id = c.id RETURNING c.id, c.short_name, c.name
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
        columns = _columns(list(rows.values()), by)
        copy_to("new_level", lambda field: columns[field.attname], _COPIED)
        cursor.execute(_LOCK)
        cursor.execute(_ANY, values)
        if cursor.fetchone()[0]:
            for statement in (_SAME, _LATER, _DROP, _CLOSE):
                cursor.execute(statement, values)
        with proven(Grade, lambda field: columns[field.attname], Grade._meta.concrete_fields):
            cursor.execute(_OPEN, values)
        cursor.execute(_COLUMNS, values)
        changed = cursor.fetchall()
    if BY_CODE[scheme].told:
        _tell(scheme, [(rows[key], short or name) for key, short, name in changed], by)
    return len(changed)


def _columns(rows: Sequence[NewLevel], by: User | None) -> dict[str, list[Any]]:
    """The columns of the new periods."""
    customers, levels, moments, reasons, facts, decisions, assessments, overrides = map(list, zip(*rows, strict=True))
    return {
        "id": uuid7s(len(rows)), "customer_id": customers, "level": levels, "since": moments,
        "reasons": list(map(list, reasons)), "facts": facts, "decision_id": decisions, "assessment_id": assessments,
        "override_id": overrides, "decided_by_id": [by.pk if by else None],
    }  # fmt: skip


def _tell(scheme: str, changed: Sequence[tuple[NewLevel, str]], by: User | None) -> None:
    """One event for each customer, on its timeline, of the moment from which the level holds."""
    if not changed:
        return
    keys = [new.customer_id for new, _name in changed]
    data = origin.get() | {"scheme": scheme}
    columns: dict[str, list[Any]] = {
        "id": uuid7s(len(changed)), "at": [new.at for new, _name in changed],
        "subject_id": keys, "thread_id": keys, "subject_label": [name[:120] for _new, name in changed],
        "data": [data | {"level": new.level or UNRATED} for new, _name in changed],
    }  # fmt: skip
    alike = {"action": "grading.level.change", "via": via.get(), "actor_id": by.pk if by else None,
             "subject_type": "customers.customer"}  # fmt: skip
    columns |= {name: [value] * len(keys) for name, value in alike.items()}
    copy_in(Event, lambda field: columns[field.attname])
    if "grading.level.change" in reactions.reactions():
        reactions.tell(Event(**{name: values[-1] for name, values in columns.items()}), keys)


@action("grading.level.change", needs=None)
def change_level(
    *, by: User | None, scheme: str, levels: Iterable[NewLevel], source: str = Grade.Source.SETTING
) -> int:
    """`set_levels` as a verb, for jobs and commands."""
    return set_levels(scheme, levels, source=source, by=by)

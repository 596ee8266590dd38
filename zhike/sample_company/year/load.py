"""The year of everybody, chunk by chunk, and what follows from it in the tables of other modules."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from django.db import connection, models

from zhike.activities.models import FollowUpRecord
from zhike.history.models import Event
from zhike.kernel.clock import business_date
from zhike.ownership.clauses.reclaim import ReclaimKind
from zhike.ownership.models import (
    Appeal,
    CustomerLock,
    Extension,
    OwnershipRecord,
    PickEvent,
    PoolStay,
    Registration,
    ReleaseNotice,
)
from zhike.policy.kinds import kind_of
from zhike.policy.models import Decision
from zhike.sample_company.activities import INTERACTION_COLUMNS
from zhike.sample_company.load import copy_in, defaulted
from zhike.sample_company.year import nights
from zhike.sample_company.year.lives import life_of
from zhike.sample_company.year.rows import COLUMNS, Texts, Writer, empty
from zhike.sample_company.year.subjects import House, Subject, subjects_of

SIZE = 5_000
MODELS: dict[str, type[models.Model]] = {
    "ledger": OwnershipRecord, "stay": PoolStay, "pick": PickEvent, "notice": ReleaseNotice, "decision": Decision,
    "registration": Registration, "extension": Extension, "appeal": Appeal, "lock": CustomerLock, "event": Event,
}  # fmt: skip
_TEMPORARY = """
CREATE TEMP TABLE met (customer_id uuid, author_id uuid, at timestamptz);
CREATE TEMP TABLE wrote (customer_id uuid, author_id uuid, since timestamptz, until timestamptz);
CREATE TEMP TABLE lived (customer_id uuid PRIMARY KEY);
CREATE TEMP TABLE pooled (customer_id uuid PRIMARY KEY, company_id uuid, since timestamptz);
"""


def build(houses: list[House], seed: int, now: datetime) -> None:
    """Walk everybody's year and write it down."""
    began, today = min(one.began for one in houses), business_date(now)
    nights.begin(began, today)
    texts = empty()
    for subject, house, history in _everybody({one.key: one for one in houses}, now):
        Writer(life_of(house, subject, history, seed, now), texts).write()
    with connection.cursor() as cursor:
        # Rows that wait for their foreign keys to be checked would stand in the way of the defaults.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_TEMPORARY)
        for name in ("met", "wrote", "lived", "pooled"):
            _copy(cursor, name, texts)
        for statement in _BEFORE:
            cursor.execute(statement)
        with defaulted(FollowUpRecord, set(INTERACTION_COLUMNS)):
            cursor.execute(_MET)
        with ExitStack() as stack:
            for name, model in MODELS.items():
                stack.enter_context(defaulted(model, set(COLUMNS[name])))
            for name, model in MODELS.items():
                copy_in(model, COLUMNS[name], texts[name])
        for statement in _AFTER:
            cursor.execute(statement)
    nights.finish(began, today)


def _everybody(houses: dict[uuid.UUID, House], now: datetime) -> Iterator[tuple[Subject, House, Any]]:
    after, today = uuid.UUID(int=0), business_date(now)
    kind = kind_of(ReclaimKind)
    since = min(one.began for one in houses.values())
    while True:
        subjects = subjects_of(list(houses), after, SIZE)
        histories = {one.subject_id: one for one in kind.histories([one.key for one in subjects], since, today)}
        for subject in subjects:
            if subject.key in histories:
                yield subject, houses[subject.company], histories[subject.key]
        if len(subjects) < SIZE:
            return
        after = subjects[-1].key


def _copy(cursor: Any, name: str, texts: Texts) -> None:
    with cursor.copy(f"COPY {name} ({', '.join(COLUMNS[name])}) FROM STDIN") as copy:
        for text in texts[name]:
            copy.write(text)


# The ledger of those with a story is written anew: the trigger knew only their present owner.
_BEFORE = (
    """UPDATE customers_customer c SET owner_id = NULL, org_unit_id = p.company_id, company_id = p.company_id
       FROM pooled p WHERE c.id = p.customer_id""",
    "DELETE FROM ownership_ownershiprecord o USING lived WHERE o.customer_id = lived.customer_id",
    """UPDATE customers_contact x SET owner_id = NULL, org_unit_id = p.company_id, company_id = p.company_id
       FROM pooled p WHERE x.customer_id = p.customer_id""",
    """UPDATE activities_task t SET trashed_at = p.since FROM pooled p
       WHERE t.customer_id = p.customer_id AND t.completed_at IS NULL""",
    """UPDATE activities_followuprecord f SET author_id = w.author_id FROM wrote w
       WHERE f.customer_id = w.customer_id AND f.happened_at >= w.since AND f.happened_at < w.until
         AND f.author_id <> w.author_id""",
    """UPDATE history_event e SET actor_id = w.author_id FROM wrote w
       WHERE e.thread_id = w.customer_id AND e.at >= w.since AND e.at < w.until AND e.actor_id <> w.author_id
         AND e.action IN ('customers.customer.create', 'customers.contact.create', 'activities.interaction.create')""",
)
_MET = """
INSERT INTO activities_followuprecord (id, created_at, updated_at, company_id, org_unit_id, owner_id, search_tokens,
  customer_id, contact_id, author_id, happened_at, method, content, result, next_step, effective, shortfall)
SELECT pg_temp.key_at(m.at, c.id::text || 'met' || m.at), m.at, m.at, c.company_id, c.org_unit_id, c.owner_id, t.tokens, c.id,
  p.id, m.author_id, m.at, t.method, t.content, t.result, t.next_step, true, ''
FROM met m JOIN customers_customer c ON c.id = m.customer_id
LEFT JOIN customers_contact p ON p.customer_id = c.id AND p.is_primary
JOIN (SELECT talk.*, row_number() OVER (ORDER BY n) - 1 AS place, count(*) OVER () AS many FROM talk
      WHERE result <> 'NO_ANSWER') t ON t.place = floor(pg_temp.share(c.id::text || m.at) * t.many)::int
"""
_AFTER = (
    """INSERT INTO history_event (id, at, action, actor_id, via, subject_type, subject_id, subject_label, thread_id, data)
       SELECT pg_temp.key_at(f.happened_at, f.id::text || 'met'), f.happened_at, 'activities.interaction.create', f.author_id, 'PAGE',
              'activities.followuprecord', f.id, '', f.customer_id, '{}'::jsonb
       FROM activities_followuprecord f JOIN met m ON m.customer_id = f.customer_id AND m.at = f.happened_at
            AND m.author_id = f.author_id""",
    """UPDATE customers_customer c SET last_contact_at = m.at
       FROM (SELECT customer_id, max(at) AS at FROM met GROUP BY 1) m
       WHERE c.id = m.customer_id AND (c.last_contact_at IS NULL OR c.last_contact_at < m.at)""",
    """SELECT setval('registration_no_seq', greatest((SELECT max(right(reg_no, -5)::bigint) FROM ownership_registration), 1))""",
    "DROP TABLE met, wrote, lived, pooled",
)

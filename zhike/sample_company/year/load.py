"""The year of everybody, chunk by chunk, and what follows from it in the tables of other modules."""

from __future__ import annotations

import sys
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from multiprocessing import get_context
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
from zhike.sample_company import worker
from zhike.sample_company.activities import INTERACTION_COLUMNS
from zhike.sample_company.load import copy_in, defaulted
from zhike.sample_company.year import nights, waiting
from zhike.sample_company.year.lives import life_of
from zhike.sample_company.year.rows import COLUMNS, Writer, empty
from zhike.sample_company.year.subjects import House, Subject, subjects_of

SIZE = 5_000
MODELS: dict[str, type[models.Model]] = {
    "ledger": OwnershipRecord, "stay": PoolStay, "pick": PickEvent, "notice": ReleaseNotice, "decision": Decision,
    "registration": Registration, "extension": Extension, "appeal": Appeal, "lock": CustomerLock, "event": Event,
}  # fmt: skip
# What statements for a whole chunk read; the chunk before is gone from them.
_TEMPORARY = """
CREATE TEMP TABLE met (customer_id uuid, author_id uuid, at timestamptz);
CREATE TEMP TABLE wrote (customer_id uuid, author_id uuid, since timestamptz, until timestamptz);
CREATE TEMP TABLE lived (customer_id uuid PRIMARY KEY);
CREATE TEMP TABLE pooled (customer_id uuid PRIMARY KEY, company_id uuid, since timestamptz);
CREATE TEMP TABLE said AS SELECT row_number() OVER (ORDER BY n) - 1 AS place, talk.* FROM talk WHERE result <> 'NO_ANSWER';
CREATE UNIQUE INDEX ON said (place);
ANALYZE said;
"""
_NAMES = ("met", "wrote", "lived", "pooled")
Item = tuple[Subject, uuid.UUID, Any]
Chunk = dict[str, str]


@dataclass(frozen=True)
class Years:
    """All that the chunks share. ``most``: so many customers have a year, the first by key."""

    houses: dict[uuid.UUID, House]
    seed: int
    now: datetime
    most: int | None = None

    @property
    def began(self) -> date:
        return min(one.began for one in self.houses.values())


def build(years: Years, *, processes: int) -> None:
    """Walk everybody's year and write it down, chunk by chunk.

    Args:
        processes: that walk beside this one; 0: this one does.
    """
    today = business_date(years.now)
    nights.begin(years.began, today)
    with connection.cursor() as cursor, ExitStack() as stack:
        # Rows that wait for their foreign keys to be checked would stand in the way of the defaults.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_TEMPORARY)
        stack.enter_context(defaulted(FollowUpRecord, set(INTERACTION_COLUMNS)))
        for name, model in MODELS.items():
            stack.enter_context(defaulted(model, set(COLUMNS[name])))
        for texts in _made(years, processes):
            _write(cursor, texts)
        cursor.execute(_NUMBERS)
        cursor.execute("DROP TABLE met, wrote, lived, pooled, said")
    waiting.build(years.began, today)
    nights.finish(years.began, today)


def texts_of(years: Years, items: Sequence[Item]) -> Chunk:
    """The rows of some customers, by table."""
    texts = empty()
    for subject, company, history in items:
        Writer(life_of(years.houses[company], subject, history, years.seed, years.now), texts).write()
    return {name: "".join(lines) for name, lines in texts.items()}


def _made(years: Years, processes: int) -> Iterator[Chunk]:
    if not processes:
        yield from (texts_of(years, items) for items in _everybody(years))
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), worker.start, (worker.packed(years),)) as pool:
        # A few ahead, not all: what is made waits in memory until the database has taken what came before.
        waiting: deque[Future[Chunk]] = deque()
        for items in _everybody(years):
            waiting.append(pool.submit(worker.live, items))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _everybody(years: Years) -> Iterator[list[Item]]:
    """Customers with their histories. What an earlier chunk wrote concerns none of a later one."""
    after, today, left = uuid.UUID(int=0), business_date(years.now), years.most or sys.maxsize
    kind = kind_of(ReclaimKind)
    while left:
        subjects = subjects_of(list(years.houses), after, min(SIZE, left))
        left -= len(subjects)
        histories = {one.subject_id: one for one in kind.histories([one.key for one in subjects], years.began, today)}
        yield [(one, one.company, histories[one.key]) for one in subjects if one.key in histories]
        if len(subjects) < SIZE:
            return
        after = subjects[-1].key


def _write(cursor: Any, texts: Chunk) -> None:
    cursor.execute("TRUNCATE met, wrote, lived, pooled")
    for name in _NAMES:
        with cursor.copy(f"COPY {name} ({', '.join(COLUMNS[name])}) FROM STDIN") as copy:
            copy.write(texts.get(name, ""))
        cursor.execute(f"ANALYZE {name}")
    for statement in (*_BEFORE, _MET):
        cursor.execute(statement)
    for name, model in MODELS.items():
        copy_in(model, COLUMNS[name], [texts.get(name, "")])
    for statement in _AFTER:
        cursor.execute(statement)


# The ledger of those with a story is written anew: the trigger knew only their present owner.
_BEFORE = (
    """UPDATE customers_customer c SET owner_id = NULL, org_unit_id = p.company_id, company_id = p.company_id
       FROM pooled p WHERE c.id = p.customer_id""",
    "DELETE FROM ownership_ownershiprecord o USING lived WHERE o.customer_id = lived.customer_id",
    """UPDATE customers_contact x SET owner_id = NULL, org_unit_id = p.company_id, company_id = p.company_id
       FROM pooled p WHERE x.customer_id = p.customer_id""",
    """UPDATE activities_followuprecord f SET owner_id = NULL, org_unit_id = p.company_id, company_id = p.company_id
       FROM pooled p WHERE f.customer_id = p.customer_id""",
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
JOIN said t ON t.place = floor(pg_temp.share(c.id::text || m.at) * (SELECT count(*) FROM said))::bigint
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
)
_NUMBERS = """
SELECT setval('registration_no_seq', greatest((SELECT max(right(reg_no, -5)::bigint) FROM ownership_registration), 1))
"""

"""Sample contact records and tasks: made by the database, from a pool of texts made here."""

from __future__ import annotations

import random
from datetime import datetime

from django.db import connection

from zhike.activities.models import FollowUpRecord, Task, TaskCompletion
from zhike.sample_company import names
from zhike.sample_company.load import defaulted, vector
from zhike.search.tokens import tokens

POOL = 1500
METHODS = ("PHONE", "PHONE", "PHONE", "WECHAT", "WECHAT", "VISIT", "VISIT", "MEETING", "EMAIL", "WECOM")
# (code, effective)
RESULTS = (
    ("INTERESTED", 4),
    ("TALKED", 5),
    ("APPOINTMENT", 2),
    ("QUOTE_WANTED", 2),
    ("AGREED", 1),
    ("HESITATING", 2),
    ("NOT_INTERESTED", 1),
    ("NO_ANSWER", 2),
)
TASKS = (
    "发送报价单",
    "准备演示方案",
    "寄送样品",
    "跟进合同审批",
    "确认收货情况",
    "整理拜访纪要",
    "预约决策人",
    "催收尾款",
    "更新客户档案",
    "准备续约方案",
)

# A key that carries a moment, the same for the same salt: samples are reproducible. Each argument stands there once,
# and `extract` is called stable: so PostgreSQL puts the expression in the place of the call, which is three times as quick.
KEY_AT = """
CREATE OR REPLACE FUNCTION pg_temp.key_at(moment timestamptz, salt text) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT (lpad(to_hex(floor(extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '7'
          || overlay(left(md5(salt), 18) PLACING 'a' FROM 4 FOR 0))::uuid
$$"""
# 0 ≤ share < 1, the same for the same salt.
SHARE = """
CREATE OR REPLACE FUNCTION pg_temp.share(salt text) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT (hashtextextended(salt, 7) & 1048575) / 1048576.0::float8
$$"""


def build(rng: random.Random, now: datetime, *, per_customer: int) -> None:
    """Contact records from each customer's creation to its last contact, and tasks around today.

    Args:
        per_customer: contact records of a customer, on average.
    """
    with connection.cursor() as cursor:
        cursor.execute(KEY_AT)
        cursor.execute(SHARE)
        _pools(cursor, rng)
        cursor.execute("ANALYZE customers_customer")
        _interactions(cursor, per_customer)
        _tasks(cursor, now)


def _pools(cursor: object, rng: random.Random) -> None:
    talk = []
    for number in range(POOL):
        who = rng.choice(names.SURNAMES) + rng.choice(("经理", "总", "主任", "工", "姐", "主管"))
        content = rng.choice(names.CONTACTED).format(who=who, topic=rng.choice(names.TOPICS))
        result = rng.choice([code for code, weight in RESULTS for _ in range(weight)])
        talk.append(
            (
                number,
                rng.choice(METHODS),
                content,
                result,
                rng.choice(names.NEXT_STEPS),
                vector(tokens([content[:200]])),
            )
        )
    todo = [(number, title, vector(tokens([title]))) for number, title in enumerate(TASKS)]
    run = cursor.execute  # type: ignore[attr-defined]
    run(
        "CREATE TEMP TABLE talk (n int PRIMARY KEY, method text, content text, result text, next_step text, tokens tsvector)"
    )
    cursor.executemany("INSERT INTO talk VALUES (%s, %s, %s, %s, %s, %s::tsvector)", talk)  # type: ignore[attr-defined]
    run("CREATE TEMP TABLE todo (n int PRIMARY KEY, title text, tokens tsvector)")
    cursor.executemany("INSERT INTO todo VALUES (%s, %s, %s::tsvector)", todo)  # type: ignore[attr-defined]
    run("ANALYZE talk")


INTERACTION_COLUMNS = (
    "id", "created_at", "updated_at", "company_id", "org_unit_id", "owner_id", "search_tokens", "customer_id", "contact_id",
    "author_id", "happened_at", "method", "content", "result", "next_step", "effective", "shortfall",
)  # fmt: skip
TASK_COLUMNS = (
    "id", "created_at", "updated_at", "company_id", "org_unit_id", "owner_id", "creator_id", "search_tokens", "customer_id",
    "title", "due_on", "original_due_on", "due_by", "priority", "completed_at", "progress",
)  # fmt: skip
COMPLETION_COLUMNS = ("id", "created_at", "updated_at", "task_id", "completed_at", "completed_by_id")


def _interactions(cursor: object, per_customer: int) -> None:
    with defaulted(FollowUpRecord, set(INTERACTION_COLUMNS)):
        cursor.execute(  # type: ignore[attr-defined]
            f"""INSERT INTO {FollowUpRecord._meta.db_table} ({", ".join(INTERACTION_COLUMNS)})
                SELECT pg_temp.key_at(at, c.id::text || i), at, at, c.company_id, c.org_unit_id, c.owner_id, t.tokens, c.id,
                       p.id, c.owner_id, at, t.method, t.content, t.result, t.next_step, t.result <> 'NO_ANSWER',
                       CASE WHEN t.result = 'NO_ANSWER' THEN 'FAILED' ELSE '' END
                FROM customers_customer c
                LEFT JOIN customers_contact p ON p.customer_id = c.id AND p.is_primary
                CROSS JOIN LATERAL (SELECT 1 + floor(pg_temp.share(c.id::text) * (2 * %s - 1))::int AS many) m
                CROSS JOIN LATERAL generate_series(1, m.many) AS i
                CROSS JOIN LATERAL (SELECT c.created_at + (c.last_contact_at - c.created_at) * (i / m.many::float8) AS at) w
                JOIN talk t ON t.n = floor(pg_temp.share(c.id::text || 't' || i) * {POOL})::int
                WHERE c.last_contact_at IS NOT NULL""",  # noqa: S608
            [per_customer],
        )


def _tasks(cursor: object, now: datetime) -> None:
    """One customer in five has a task: most done, the rest due from three weeks ago to three weeks ahead."""
    with defaulted(Task, set(TASK_COLUMNS)):
        cursor.execute(  # type: ignore[attr-defined]
            f"""INSERT INTO {Task._meta.db_table} ({", ".join(TASK_COLUMNS)})
                SELECT pg_temp.key_at(due - interval '7 days', c.id::text || 'task'), due - interval '7 days',
                       coalesce(done, due - interval '7 days'), c.company_id, c.org_unit_id, c.owner_id, c.owner_id, t.tokens,
                       c.id, t.title, (due AT TIME ZONE 'Asia/Shanghai')::date, (due AT TIME ZONE 'Asia/Shanghai')::date,
                       ((due AT TIME ZONE 'Asia/Shanghai')::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai',
                       CASE WHEN pg_temp.share(c.id::text || 'p') < 0.15 THEN 'HIGH' ELSE 'NORMAL' END,
                       done, CASE WHEN done IS NULL THEN 0 ELSE 100 END
                FROM customers_customer c
                CROSS JOIN LATERAL (SELECT pg_temp.share(c.id::text || 'd') AS d) s
                CROSS JOIN LATERAL (SELECT CASE WHEN s.d < 0.25 THEN %s::timestamptz + interval '21 days' * (s.d * 8 - 1)
                       ELSE c.created_at + (%s::timestamptz - c.created_at) * s.d END AS due) u
                CROSS JOIN LATERAL (SELECT CASE WHEN s.d >= 0.25 OR (due < %s AND pg_temp.share(c.id::text || 'f') < 0.7)
                       THEN least(due, %s::timestamptz) END AS done) f
                JOIN todo t ON t.n = floor(pg_temp.share(c.id::text || 'k') * {len(TASKS)})::int
                WHERE pg_temp.share(c.id::text || 'has') < 0.2""",  # noqa: S608
            [now, now, now, now],
        )
    with defaulted(TaskCompletion, set(COMPLETION_COLUMNS)):
        cursor.execute(  # type: ignore[attr-defined]
            f"""INSERT INTO {TaskCompletion._meta.db_table} ({", ".join(COMPLETION_COLUMNS)})
                SELECT gen_random_uuid(), completed_at, completed_at, id, completed_at, owner_id
                FROM {Task._meta.db_table} WHERE completed_at IS NOT NULL"""  # noqa: S608
        )

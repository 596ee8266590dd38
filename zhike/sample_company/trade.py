"""Sample purchases, receivables and receipts, made by the database; judgements, and the grades that follow."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection

from zhike.grading.actions.assessments import compute, open_run
from zhike.grading.actions.effect import advance
from zhike.grading.actions.nightly import grade_by_settings
from zhike.grading.clauses.rubric import RubricKind
from zhike.grading.models import Judgement, PurchaseRecord, Receipt, Receivable
from zhike.grading.rules.matrix import ATTRACTIVENESS, STRENGTH
from zhike.kernel.clock import business_date, start_of_day
from zhike.policy import force
from zhike.sample_company.load import defaulted, vector
from zhike.sample_company.moment import at
from zhike.search.tokens import tokens
from zhike.staff.models import OrgUnit, User

# (product, category, unit)
GOODS = (
    ("深沟球轴承", "轴承", "套"), ("圆锥滚子轴承", "轴承", "套"), ("热轧钢板", "钢材", "吨"), ("不锈钢管", "钢材", "吨"),
    ("伺服电机", "电气", "台"), ("变频器", "电气", "台"), ("液压泵", "液压", "台"), ("密封圈", "备件", "箱"),
    ("工业润滑油", "耗材", "桶"), ("年度维保服务", "服务", "项"), ("铝型材", "型材", "吨"), ("数控刀具", "刀具", "盒"),
)  # fmt: skip
CHANNELS = ("DIRECT", "DIRECT", "DIRECT", "TENDER", "DISTRIBUTION", "ONLINE", "PHONE")
# Looked at again this long ago, so that levels have a history.
EARLIER = (timedelta(days=180), timedelta(days=90))
# Days of January on which the year before is computed, and goes to sales, to finance, to approval, and into effect.
ASSESSED = (6, 8, 13, 16, 20)
_COMMON = ("id", "created_at", "updated_at", "company_id", "org_unit_id", "owner_id", "search_tokens", "number",
           "customer_id", "amount")  # fmt: skip
PURCHASE_COLUMNS = (*_COMMON, "purchased_on", "product", "category", "quantity", "unit", "tonnes", "margin", "channel",
                    "payment_method", "seller_id")  # fmt: skip
RECEIVABLE_COLUMNS = (*_COMMON, "purchase_id", "booked_on", "due_on", "settled_amount", "open_amount")
RECEIPT_COLUMNS = (*_COMMON, "receivable_id", "received_on", "method")
JUDGEMENT_COLUMNS = ("id", "created_at", "updated_at", "customer_id", "factor", "value", "judged_on", "by_id")


def build(now: datetime, most: int = 1000) -> None:
    """Who bought, bought between once and every other week; sums of a year lie between 20,000 and 30 million yuan.
    Most pay within their term, some late, a few not all.

    Args:
        most: purchases of one customer at most, so that a very large sample stays quick.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE goods (n int PRIMARY KEY, product text, category text, unit text, tokens tsvector)"
        )
        cursor.executemany(
            "INSERT INTO goods VALUES (%s, %s, %s, %s, %s::tsvector)",
            [(n, *one, vector(tokens([one[0], one[1]]))) for n, one in enumerate(GOODS)],
        )
        _purchases(cursor, now, most)
        _receivables(cursor, now)
        _receipts(cursor, now)
        _judgements(cursor, now)
        cursor.execute("SELECT setval('purchase_number_seq', 1 + (SELECT count(*) FROM grading_purchaserecord))")
        cursor.execute("SELECT setval('receivable_number_seq', 1 + (SELECT count(*) FROM grading_receivable))")
        cursor.execute("SELECT setval('receipt_number_seq', 1 + (SELECT count(*) FROM grading_receipt))")
        for table in (PurchaseRecord, Receivable, Receipt):
            cursor.execute(f"ANALYZE {table._meta.db_table}")


def _purchases(cursor: object, now: datetime, most: int) -> None:
    with defaulted(PurchaseRecord, set(PURCHASE_COLUMNS)):
        cursor.execute(  # type: ignore[attr-defined]
            f"""INSERT INTO grading_purchaserecord ({", ".join(PURCHASE_COLUMNS)})
                SELECT pg_temp.key_at(at, id::text || 'p' || i), at, at, company_id, org_unit_id, owner_id,
                       tokens || array_to_tsvector(ARRAY['cp' || number]), 'P' || number, id, amount,
                       (at AT TIME ZONE 'Asia/Shanghai')::date, product, category,
                       CASE WHEN unit = '吨' THEN round(amount / 4800, 3) ELSE 1 + floor(a * 40) END, unit,
                       CASE WHEN unit = '吨' THEN round(amount / 4800, 3) END,
                       round((amount * (0.02 + 0.3 * pg_temp.share(id::text || 'm')
                              - CASE WHEN pg_temp.share(id::text || 'loss') < 0.04 THEN 0.35 ELSE 0 END))::numeric, 2),
                       (ARRAY['{"','".join(CHANNELS)}'])[1 + floor(pg_temp.share(id::text || 'c') * {len(CHANNELS)})::int],
                       CASE WHEN pg_temp.share(id::text || 'w') < 0.8 THEN 'TRANSFER' ELSE 'ACCEPTANCE' END, owner_id
                FROM (
                    SELECT c.*, w.at, i, g.product, g.category, g.unit, g.tokens, a,
                           round((y.scale / 12 * (0.3 + 1.4 * a))::numeric, 2) AS amount,
                           to_char(w.at, 'YYYY') || lpad((row_number() OVER (ORDER BY w.at, c.id, i))::text, 7, '0') AS number
                    FROM customers_customer c
                    CROSS JOIN LATERAL (SELECT 20000 * power(10, 3.2 * power(pg_temp.share(c.id::text || 's'), 1.6)) AS scale,
                                        least(%s, 1 + floor(pg_temp.share(c.id::text || 'n') * 2
                                                  * extract(epoch FROM %s - c.created_at) / 86400 / 30))::int AS many) y
                    CROSS JOIN LATERAL generate_series(1, y.many) AS i
                    CROSS JOIN LATERAL (SELECT c.created_at + (%s::timestamptz - c.created_at)
                        * CASE c.status WHEN 'ACTIVE' THEN 1 WHEN 'INACTIVE' THEN 0.6 ELSE 0.3 END
                        * ((i - 0.6 * pg_temp.share(c.id::text || 'at' || i)) / y.many) AS at,
                        pg_temp.share(c.id::text || 'a' || i) AS a) w
                    JOIN goods g ON g.n = floor(pg_temp.share(c.id::text || 'g' || (i %% 3)) * {len(GOODS)})::int
                    WHERE c.status IN ('ACTIVE', 'INACTIVE', 'LOST')
                ) AS made""",  # noqa: S608
            [most, now, now],
        )


# When what is owed by `v` is paid, and how much of it: seven in ten pay within the term, two late, one never the last part.
_PAYS = """
    CROSS JOIN LATERAL (SELECT pg_temp.share(v.customer_id::text || 'pays') AS manner,
                        pg_temp.share(v.id::text || 'd') AS d) s
    CROSS JOIN LATERAL (SELECT v.booked_on + CASE
        WHEN manner < 0.7 THEN (d * (v.due_on - v.booked_on))::int
        ELSE (v.due_on - v.booked_on) + (20 + 130 * d)::int END AS received,
        round(v.amount * CASE WHEN manner > 0.9 THEN 0.7 ELSE 1 END, 2) AS paid) r
"""


def _receivables(cursor: object, now: datetime) -> None:
    """With what their receipts will settle."""
    with defaulted(Receivable, set(RECEIVABLE_COLUMNS)):
        cursor.execute(  # type: ignore[attr-defined]
            f"""INSERT INTO grading_receivable ({", ".join(RECEIVABLE_COLUMNS)})
                SELECT id, created_at, created_at, company_id, org_unit_id, owner_id, array_to_tsvector(ARRAY['car' || digits]),
                       'AR' || digits, customer_id, amount, purchase_id, booked_on, due_on, settled, amount - settled
                FROM (SELECT pg_temp.key_at(created_at, id::text || 'ar') AS id, created_at, company_id, org_unit_id, owner_id,
                             substr(number, 2) AS digits, customer_id, amount, id AS purchase_id, purchased_on AS booked_on,
                             purchased_on + 30 * (1 + floor(pg_temp.share(customer_id::text || 'due') * 3)::int) AS due_on
                      FROM grading_purchaserecord OFFSET 0) v {_PAYS}
                CROSS JOIN LATERAL (SELECT CASE WHEN received <= %s::date THEN paid ELSE 0 END AS settled) AS e""",  # noqa: S608
            [now],
        )


def _receipts(cursor: object, now: datetime) -> None:
    with defaulted(Receipt, set(RECEIPT_COLUMNS)):
        cursor.execute(  # type: ignore[attr-defined]
            f"""INSERT INTO grading_receipt ({", ".join(RECEIPT_COLUMNS)})
                SELECT pg_temp.key_at(received::timestamptz, v.id::text || 'rc'), received, received, v.company_id, v.org_unit_id,
                       v.owner_id, array_to_tsvector(ARRAY['crc' || substr(v.number, 3)]), 'RC' || substr(v.number, 3),
                       v.customer_id, paid, v.id, received, 'TRANSFER'
                FROM grading_receivable v {_PAYS}
                WHERE received <= %s::date""",  # noqa: S608
            [now],
        )


def _judgements(cursor: object, now: datetime) -> None:
    """Every tenth buyer has been judged, the larger the more attractive."""
    factors = [*((code, "x") for code in ATTRACTIVENESS), *((code, "y") for code in STRENGTH)]
    with defaulted(Judgement, set(JUDGEMENT_COLUMNS)):
        cursor.execute(  # type: ignore[attr-defined]
            f"""INSERT INTO grading_judgement ({", ".join(JUDGEMENT_COLUMNS)})
                SELECT gen_random_uuid(), %s, %s, c.id, f.code,
                       greatest(0, least(10, round((
                           CASE f.axis WHEN 'x' THEN 2 + 6 * pg_temp.share(c.id::text || 's')
                           ELSE 2 + 6 * pg_temp.share(c.id::text || 'y') END
                           + 3 * (pg_temp.share(c.id::text || f.code) - 0.5))::numeric, 1))),
                       (%s::timestamptz - interval '100 days')::date, c.owner_id
                FROM customers_customer c
                CROSS JOIN unnest(%s::text[], %s::text[]) AS f(code, axis)
                WHERE c.status IN ('ACTIVE', 'INACTIVE') AND pg_temp.share(c.id::text || 'judged') < 0.1""",  # noqa: S608
            [now, now, now, [code for code, _axis in factors], [axis for _code, axis in factors]],
        )


def grade(today: date | None = None) -> None:
    """The last year assessed in January and in effect since, and every other scheme today and twice before."""
    day = today or business_date()
    year = day.year if day > date(day.year, 1, ASSESSED[-1]) else day.year - 1
    boss = User.objects.filter(roles__is_administrator=True).order_by("pk").first()
    if boss is None:
        return
    units = [OrgUnit.objects.get(parent=None)]
    units += OrgUnit.objects.filter(
        kind=OrgUnit.Kind.COMPANY, pk__in=[one.org_unit_id for one in force.table(RubricKind)]
    )
    for unit in units:
        _assess(unit, year, boss)
    for before in EARLIER:
        grade_by_settings(day - before)
    grade_by_settings(day)


def _assess(unit: OrgUnit, year: int, boss: User) -> None:
    """Computed, looked at by sales and finance, approved, in effect: each on its day."""
    steps = iter(start_of_day(date(year, 1, day)) + timedelta(hours=10) for day in ASSESSED)
    with at(next(steps)):
        run = compute(open_run(by=boss, until=date(year - 1, 12, 31), org_unit=unit))
    for moment in steps:
        with at(moment):
            run = advance(run, by=boss)

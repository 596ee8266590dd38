"""The sums of won deals: parts joined, everything added up anew, compared with the deals."""

from __future__ import annotations

from django.db import connection, transaction

# One at a time folds or rebuilds.
_LOCK = 7_023_815_001

_KEYS = "level, period, owner_id, org_unit_id, company_id, currency"

# Every sum of some deals; {deals} has the columns of an opportunity and `sign`, 1 or -1.
SUMS = """
    SELECT CASE WHEN grouping(owner_id) = 1 THEN 'UNIT' WHEN grouping(month) = 1 THEN 'OWNER' ELSE 'CELL' END AS level,
        coalesce(month, year) AS period, owner_id, org_unit_id, company_id, currency,
        sum(sign)::bigint AS deals, sum(sign * coalesce(closed_value, 0)) AS value
    FROM (
        SELECT *, date_trunc('month', closed_on)::date AS month, date_trunc('year', closed_on)::date AS year
        FROM ({deals}) AS deal
        WHERE state = 'WON' AND trashed_at IS NULL
    ) AS won
    GROUP BY GROUPING SETS (
        (month, owner_id, org_unit_id, company_id, currency),
        (year, owner_id, org_unit_id, company_id, currency),
        (month, org_unit_id, company_id, currency)
    )
    HAVING sum(sign) <> 0 OR sum(sign * coalesce(closed_value, 0)) <> 0
"""
ALL_DEALS = SUMS.format(deals="SELECT 1 AS sign, * FROM sales_opportunity")

_FOLD = f"""
    WITH fresh AS (
        DELETE FROM sales_wonsum WHERE NOT folded RETURNING {_KEYS}, deals, value
    ), earlier AS (
        DELETE FROM sales_wonsum AS sum USING (SELECT DISTINCT {_KEYS} FROM fresh) AS touched
        WHERE sum.folded AND sum.level = touched.level AND sum.period = touched.period
            AND sum.org_unit_id = touched.org_unit_id AND sum.company_id = touched.company_id
            AND sum.currency = touched.currency AND sum.owner_id IS NOT DISTINCT FROM touched.owner_id
        RETURNING sum.level, sum.period, sum.owner_id, sum.org_unit_id, sum.company_id, sum.currency,
            sum.deals, sum.value
    )
    INSERT INTO sales_wonsum ({_KEYS}, deals, value, folded)
    SELECT {_KEYS}, sum(deals), sum(value), true
    FROM (SELECT * FROM fresh UNION ALL SELECT * FROM earlier) AS part
    GROUP BY {_KEYS} HAVING sum(deals) <> 0 OR sum(value) <> 0
    ORDER BY {_KEYS}
"""  # noqa: S608
_FILL = f"""
    INSERT INTO sales_wonsum ({_KEYS}, deals, value, folded)
    SELECT {_KEYS}, deals, value, true FROM ({ALL_DEALS}) AS every ORDER BY {_KEYS}
"""  # noqa: S608
_WRONG = f"""
    WITH kept AS (
        SELECT {_KEYS}, sum(deals)::bigint AS deals, sum(value) AS value FROM sales_wonsum
        GROUP BY {_KEYS} HAVING sum(deals) <> 0 OR sum(value) <> 0
    ), true_ones AS ({ALL_DEALS})
    SELECT count(DISTINCT ({_KEYS})) FROM (
        (TABLE kept EXCEPT TABLE true_ones) UNION ALL (TABLE true_ones EXCEPT TABLE kept)
    ) AS wrong
"""  # noqa: S608


def fold() -> int:
    """Join the parts of each sum; how many sums there were to join. A reader sees them before or after."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_FOLD)
        return cursor.rowcount


def rebuild() -> int:
    """Add up every deal anew; how many sums there are. Opportunities cannot be written meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("LOCK TABLE sales_opportunity IN SHARE MODE")
        cursor.execute("DELETE FROM sales_wonsum")
        cursor.execute(_FILL)
        return cursor.rowcount


def wrong() -> int:
    """How many sums differ from the deals. There is none, unless somebody switched triggers off."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG)
        return int(cursor.fetchone()[0])

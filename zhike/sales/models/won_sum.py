"""What was won, summed: the report reads a few thousand rows where half a million deals would be added up.

Rows are only ever added. Triggers on `sales_opportunity` add, in the transaction of the change, what each statement
changed in the sums (counts and values may be negative), so that no writer can forget it and nobody waits for anybody;
`actions.won_sums.fold` joins the parts
of each sum. The sum over the rows of a key is always that of the deals one sees.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.db.models import Q

from zhike.access.rights import Reach

# The largest owners' cells, and the sums of all: {rows} are conditions on the sums.
_REPORT = """
    WITH best AS MATERIALIZED (
        SELECT owner_id FROM sales_wonsum
        WHERE level = 'OWNER' AND period = %(year)s AND currency = %(currency)s AND owner_id IS NOT NULL AND {rows}
        GROUP BY owner_id HAVING sum(deals) <> 0 ORDER BY sum(value) DESC, owner_id LIMIT %(most)s
    )
    SELECT owner_id, period, currency, sum(deals)::bigint, sum(value) FROM sales_wonsum
    WHERE level = 'CELL' AND owner_id = ANY(ARRAY(SELECT owner_id FROM best))
        AND period BETWEEN %(year)s AND %(last)s AND currency = %(currency)s AND {rows}
    GROUP BY 1, 2, 3 HAVING sum(deals) <> 0
    UNION ALL
    SELECT NULL, period, currency, sum(deals)::bigint, sum(value) FROM (
        SELECT period, currency, deals, value FROM sales_wonsum
        WHERE level = 'UNIT' AND period BETWEEN %(year)s AND %(last)s AND {places}
        UNION ALL
        SELECT period, currency, deals, value FROM sales_wonsum
        WHERE level = 'CELL' AND period BETWEEN %(year)s AND %(last)s AND {elsewhere}
    ) AS part
    GROUP BY 2, 3 HAVING sum(deals) <> 0
"""

Found = list[tuple[Any, datetime.date, str, int, Decimal]]


class WonSumQuerySet(models.QuerySet[Any]):
    """Named questions."""

    def by_month_and_owner(self, reach: Reach, *, units: list[Any], year: int, currency: str, most: int) -> Found:
        """(owner, month, currency, count, value) of a year: the ``most`` owners with the greatest value in a
        currency, and of all owners together (owner None) in every currency.

        Args:
            reach: whose deals may be seen.
            units: only those of these; empty: of all.
        """
        params: dict[str, Any] = {
            "year": datetime.date(year, 1, 1), "last": datetime.date(year, 12, 31), "currency": currency,
            "most": most, "me": reach.user_id, "chosen": units,
            "units": list(reach.org_unit_ids), "companies": list(reach.company_ids),
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_REPORT.format(**_conditions(reach, chosen=bool(units))), params)
            return list(cursor.fetchall())


def _conditions(reach: Reach, *, chosen: bool) -> dict[str, str]:
    """Which sums a reach has: of its places, and one's own deals in other places (these have no sum by unit)."""
    narrow = "org_unit_id = ANY(%(chosen)s::uuid[])" if chosen else "true"
    if reach.everything:
        return {"rows": narrow, "places": narrow, "elsewhere": "false"}
    if reach.nothing:
        return {"rows": "false", "places": "false", "elsewhere": "false"}
    places = [
        condition
        for keys, condition in (
            (reach.org_unit_ids, "org_unit_id = ANY(%(units)s::uuid[])"),
            (reach.company_ids, "company_id = ANY(%(companies)s::uuid[])"),
        )
        if keys
    ]
    there = f"({' OR '.join(places)})" if places else "false"
    return {
        "rows": f"{narrow} AND (owner_id = %(me)s OR {there})",
        "places": f"{narrow} AND {there}",
        "elsewhere": f"{narrow} AND owner_id = %(me)s AND NOT {there}",
    }


class WonSum(models.Model):
    """A part of a sum of won deals. ``period``: the first day of the month, of the year at the level OWNER."""

    class Level(models.TextChoices):
        CELL = "CELL", "by month, owner and unit"
        OWNER = "OWNER", "by year, owner and unit"
        UNIT = "UNIT", "by month and unit"

    level = models.CharField(max_length=5, choices=Level)
    period = models.DateField()
    # Plain keys: what is added must not wait for a user's row, nor look anything up.
    owner_id = models.UUIDField(null=True)
    org_unit_id = models.UUIDField()
    company_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    deals = models.BigIntegerField()
    value = models.DecimalField(max_digits=24, decimal_places=2)
    folded = models.BooleanField(db_default=False)

    objects = WonSumQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        indexes = [
            models.Index("level", "period", "org_unit_id", name="won_sum_unit"),
            models.Index("owner_id", "period", name="won_sum_owner", condition=Q(level="CELL")),
            models.Index("level", "period", name="won_sum_fresh", condition=Q(folded=False)),
            # Which owners won most is read from the index alone: five thousand rows that lie apart in the table.
            models.Index(
                fields=["period", "currency", "owner_id"],
                include=["org_unit_id", "company_id", "deals", "value"],
                condition=Q(level="OWNER"),
                name="won_sum_best",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.period} {self.value}"

"""Won amount by month and owner."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, F, Sum
from django.db.models.functions import TruncMonth
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from zhike.access.take import require
from zhike.kernel.clock import business_date
from zhike.sales.models import Opportunity
from zhike.sales.pages.columns import Whose, choices, choose, narrowed
from zhike.sales.pages.links import list_of, where
from zhike.staff.models import User
from zhike.web import pages

MOST_OWNERS = 50
YEARS_BACK = 12
SOMEBODY = str(uuid.UUID(int=0))

# One pass over the index: the cells, then the largest owners' cells and the sums of all.
_REPORT = """
    WITH cell AS MATERIALIZED ({cells}),
    best AS (
        SELECT owner_id FROM cell WHERE currency = %s GROUP BY owner_id ORDER BY sum(value) DESC NULLS LAST LIMIT %s
    )
    SELECT owner_id, month, currency, n, value FROM cell
    WHERE currency = %s AND owner_id IN (SELECT owner_id FROM best)
    UNION ALL
    SELECT NULL, month, currency, sum(n)::bigint, sum(value) FROM cell GROUP BY month, currency
"""


@dataclass
class Cell:
    """Deals won, and what they brought. ``href``: the list of them."""

    count: int = 0
    value: Decimal = Decimal(0)
    href: str = ""


@dataclass
class Row:
    """One owner's months; ``owner`` None: all owners."""

    owner: User | None
    months: list[Cell]
    total: Cell


@dataclass
class WonPage:
    """What `sales/won.html` gets."""

    year: int
    years: list[int]
    whose: Whose
    choices: list[Whose]
    currency: str
    currencies: list[tuple[str, Decimal]]
    rows: list[Row] = field(default_factory=list)
    total: Row | None = None


@require_safe
def won(request: HttpRequest) -> HttpResponse:
    """The report of one calendar year."""
    user: Any = request.user
    require(user, "sales.opportunity.view")
    this_year = business_date().year
    year = int(request.GET["year"]) if request.GET.get("year", "").isdigit() else this_year
    options = choices(user)
    page = WonPage(
        year=min(max(year, 1970), 9998),
        years=list(range(this_year, this_year - YEARS_BACK, -1)),
        whose=choose(request.GET.get("whose", options[-1 if len(options) == 1 else 1].code), options),
        choices=options,
        currency="".join(filter(str.isalpha, request.GET.get("currency", "")))[:3] or "CNY",
        currencies=[],
    )
    fill(page, user)
    return pages.render(request, "sales/won.html", page)


def fill(page: WonPage, user: User) -> None:
    """Ask once and spread the answer over the table."""
    found = ask(page, user)
    sums: dict[str, Decimal] = {}
    for owner_id, _month, currency, _n, value in found:
        if owner_id is None:
            sums[currency] = sums.get(currency, Decimal(0)) + (value or Decimal(0))
    page.currencies = sorted(sums.items(), key=lambda pair: -pair[1])
    if page.currency not in sums and page.currencies:
        page.currency = page.currencies[0][0]
        found = ask(page, user)
    owners = User.objects.in_bulk({row[0] for row in found if row[0]})
    rows: dict[Any, Row] = {}
    links, links_of_all = deals_by_period(page, SOMEBODY), deals_by_period(page, None)
    for owner_id, month, currency, n, value in found:
        if currency != page.currency:
            continue
        if owner_id not in rows:
            rows[owner_id] = new_row(owners.get(owner_id), links_of_all if owner_id is None else links)
        row = rows[owner_id]
        row.months[month.month - 1].count, row.months[month.month - 1].value = n, value or Decimal(0)
        row.total.count, row.total.value = row.total.count + n, row.total.value + (value or Decimal(0))
    page.total = rows.pop(None, None)
    page.rows = sorted(rows.values(), key=lambda row: -row.total.value)


def ask(page: WonPage, user: User) -> list[tuple[Any, datetime.date, str, int, Decimal | None]]:
    """(owner, month, currency, count, value); of all owners together without an owner."""
    first, last = datetime.date(page.year, 1, 1), datetime.date(page.year, 12, 31)
    rows = narrowed(Opportunity.objects.all(), user, page.whose).won().filter(closed_on__range=(first, last))
    cells = (
        rows.order_by()
        .annotate(month=TruncMonth("closed_on"))
        .values("owner_id", "month", "currency")
        .annotate(n=Count("*"), value=Sum("closed_value"))
        .values_list("owner_id", F("month"), F("currency"), F("n"), F("value"))
    )
    sql, params = cells.query.sql_with_params()
    text = _REPORT.format(cells=f"SELECT * FROM ({sql}) AS x(owner_id, month, currency, n, value)")  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(text, [*params, page.currency, MOST_OWNERS, page.currency])
        return list(cursor.fetchall())


def new_row(owner: User | None, links: list[str]) -> Row:
    """An empty row; each cell knows the list behind it. ``links``: those of the year and its months."""
    if owner is not None:
        links = [link.replace(SOMEBODY, str(owner.pk)) for link in links]
    return Row(owner, [Cell(href=link) for link in links[1:]], Cell(href=links[0]))


def deals_by_period(page: WonPage, owner: str | None) -> list[str]:
    """The lists of deals of the whole year and of each month. Made once: a key replaces `SOMEBODY` in each row."""
    year = datetime.date(page.year, 1, 1), datetime.date(page.year, 12, 31)
    return [deals(page, owner, *period) for period in (year, *(month_of(page.year, month) for month in range(1, 13)))]


def month_of(year: int, month: int) -> tuple[datetime.date, datetime.date]:
    first = datetime.date(year, month, 1)
    return first, (first + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)


def deals(page: WonPage, owner: str | None, first: datetime.date, last: datetime.date) -> str:
    """The list of the deals in a cell."""
    conditions = [
        where("state", "in", ["WON"]),
        where("closed_on", "between", [first.isoformat(), last.isoformat()]),
        where("currency", "is", page.currency),
    ]
    if owner is not None:
        conditions.append(where("owner", "in", [owner]))
    elif page.whose.code == "me":
        conditions.append(where("owner", "in", ["me"]))
    if page.whose.unit is not None:
        conditions.append(where("org_unit", "below", [str(page.whose.unit.pk)]))
    return list_of(*conditions, sort="-closed_on")

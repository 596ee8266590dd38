"""Won amount by month and owner."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from zhike.access.take import require
from zhike.kernel.clock import business_date
from zhike.sales.models import WonSum
from zhike.sales.models.won_sum import Found
from zhike.sales.pages.columns import Whose, choices, choose, reach_of, units_of
from zhike.sales.pages.links import list_of, where
from zhike.staff.models import User
from zhike.web import pages
from zhike.web.formats import money, short_money

MOST_OWNERS = 50
YEARS_BACK = 12
SOMEBODY = str(uuid.UUID(int=0))


@dataclass
class Cell:
    """Deals won, and what they brought. ``href``: the list of them; ``text``, ``title``: as shown."""

    count: int = 0
    value: Decimal = Decimal(0)
    href: str = ""
    text: str = ""
    title: str = ""


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
            sums[currency] = sums.get(currency, Decimal(0)) + value
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
        row.months[month.month - 1] = filled(row.months[month.month - 1].href, n, value, currency)
        row.total.count, row.total.value = row.total.count + n, row.total.value + value
    page.total = rows.pop(None, None)
    page.rows = sorted(rows.values(), key=lambda row: -row.total.value)


def ask(page: WonPage, user: User) -> Found:
    """(owner, month, currency, count, value); of all owners together without an owner."""
    units = units_of(page.whose)
    reach = reach_of(user, page.whose, units)
    return WonSum.objects.by_month_and_owner(
        reach, units=units, year=page.year, currency=page.currency, most=MOST_OWNERS
    )


def filled(href: str, n: int, value: Decimal, currency: str) -> Cell:
    """A cell as shown: worked out here, as there are hundreds on the page."""
    return Cell(n, value, href, short_money(value, currency), f"{money(value, currency)} · {number_of_deals(n)}")


def number_of_deals(n: int) -> str:
    """“3 deals”."""
    return ngettext("%(num)s deal", "%(num)s deals", n) % {"num": n}


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

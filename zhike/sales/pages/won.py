"""Won amount by month and owner."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from markupsafe import Markup

from zhike.access.take import require
from zhike.kernel.clock import business_date
from zhike.kernel.prepared import Prepared
from zhike.records.links import where
from zhike.sales.models import WonSum
from zhike.sales.models.won_sum import Found
from zhike.sales.pages.columns import Whose, choices, choose, reach_of, units_of
from zhike.sales.pages.links import list_of
from zhike.staff.models import User
from zhike.web import pages
from zhike.web.formats import money, short_money
from zhike.web.jinja import engine
from zhike.web.patterns import Pattern, mark

FIRST_OWNERS, MOST_OWNERS = 20, 200
YEARS_BACK = 12
SOMEBODY = str(uuid.UUID(int=0))


@dataclass
class Cell:
    """Deals won, and what they brought. ``href``: the list of them; ``drawn``: the cell of a month as markup."""

    count: int = 0
    value: Decimal = Decimal(0)
    href: str = ""
    drawn: str = ""


@dataclass
class Row:
    """One owner's months; ``owner`` None: all owners."""

    owner: User | None
    months: list[Cell]
    total: Cell

    @property
    def cells(self) -> Markup:
        """The months as markup."""
        return Markup("".join(month.drawn for month in self.months))  # noqa: S704 - drawn by the template


@dataclass
class WonPage:
    """What `sales/won.html` gets."""

    year: int
    years: list[int]
    whose: Whose
    choices: list[Whose]
    currency: str
    currencies: list[tuple[str, Decimal]]
    most: int
    rows: list[Row] = field(default_factory=list)
    total: Row | None = None

    @property
    def more(self) -> str:
        """Where further owners are shown; empty: these are all, or as many as the report shows."""
        if len(self.rows) < self.most or self.most >= MOST_OWNERS:
            return ""
        asked = {"year": self.year, "whose": self.whose.code, "currency": self.currency, "owners": MOST_OWNERS}
        return "?" + urlencode(asked)


@require_safe
def won(request: HttpRequest) -> HttpResponse:
    """The report of one calendar year."""
    user: Any = request.user
    require(user, "sales.opportunity.view")
    this_year = business_date().year
    asked = pages.whole_number(request.GET.get("year"))
    year = this_year if asked is None else asked
    options = choices(user)
    page = WonPage(
        year=min(max(year, 1970), 9998),
        years=list(range(this_year, this_year - YEARS_BACK, -1)),
        whose=choose(request.GET.get("whose", options[-1 if len(options) == 1 else 1].code), options),
        choices=options,
        currency="".join(filter(str.isalpha, request.GET.get("currency", "")))[:3] or "CNY",
        currencies=[],
        most=MOST_OWNERS if request.GET.get("owners") == str(MOST_OWNERS) else FIRST_OWNERS,
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
    owners = {user.pk: user for user in _named(list({row[0] for row in found if row[0]}))}
    rows: dict[Any, Row] = {}
    draw = Draw(page.currency)
    links, links_of_all = deals_by_period(page, SOMEBODY), deals_by_period(page, None)
    for owner_id, month, currency, n, value in found:
        if currency != page.currency:
            continue
        if owner_id not in rows:
            rows[owner_id] = new_row(owners.get(owner_id), links_of_all if owner_id is None else links, draw.empty)
        row = rows[owner_id]
        href = row.months[month.month - 1].href
        row.months[month.month - 1] = Cell(n, value, href, draw(href, n, value))
        row.total.count, row.total.value = row.total.count + n, row.total.value + value
    page.total = rows.pop(None, None)
    page.rows = sorted(rows.values(), key=lambda row: -row.total.value)


def ask(page: WonPage, user: User) -> Found:
    """(owner, month, currency, count, value); of all owners together without an owner."""
    units = units_of(page.whose)
    reach = reach_of(user, page.whose, units)
    return WonSum.objects.by_month_and_owner(reach, units=units, year=page.year, currency=page.currency, most=page.most)


_named = Prepared(lambda keys: User.objects.filter(pk__any_of=keys).only("name"))


class Draw:
    """Draws the months' cells of a page, of which there are hundreds."""

    def __init__(self, currency: str) -> None:
        parts: Any = engine().get_template("sales/parts.html").module
        self.currency, self.empty = currency, str(parts.won_nothing())
        self.pattern, self.deals = Pattern(parts.won_month(mark)), cache(number_of_deals)

    def __call__(self, href: str, n: int, value: Decimal) -> str:
        title = f"{money(value, self.currency)} · {self.deals(n)}"
        return self.pattern.fill(
            {"href": href, "title": escape(title), "text": escape(short_money(value, self.currency))}
        )


def number_of_deals(n: int) -> str:
    """“3 deals”."""
    return ngettext("%(num)s deal", "%(num)s deals", n) % {"num": n}


def new_row(owner: User | None, links: list[str], nothing: str) -> Row:
    """A row of empty cells; each knows the list behind it. ``links``: those of the year and its months, as markup."""
    if owner is not None:
        links = [link.replace(SOMEBODY, str(owner.pk)) for link in links]
    year, *months = [Cell(href=Markup(link), drawn=nothing) for link in links]  # noqa: S704 - escaped
    return Row(owner, months, year)


def deals_by_period(page: WonPage, owner: str | None) -> list[str]:
    """The lists of deals of the whole year and of each month. Made once: a key replaces `SOMEBODY` in each row."""
    year = datetime.date(page.year, 1, 1), datetime.date(page.year, 12, 31)
    periods = (year, *(month_of(page.year, month) for month in range(1, 13)))
    return [escape(deals(page, owner, *period)) for period in periods]


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

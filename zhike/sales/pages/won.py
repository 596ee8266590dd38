"""Won amount by month and owner."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
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


@dataclass
class Cell:
    """Deals won, and what they brought. ``drawn``: the cell of a month as markup."""

    count: int = 0
    value: Decimal = Decimal(0)
    drawn: str = ""


@dataclass
class Row:
    """One owner's months; ``owner`` None: all owners. ``href``: where the year's deals are listed."""

    owner: User | None
    href: str
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
    def asked(self) -> dict[str, Any]:
        """What the page was asked for, for addresses."""
        return {"year": self.year, "whose": self.whose.code, "currency": self.currency}

    @property
    def more(self) -> str:
        """Where further owners are shown; empty: these are all, or as many as the report shows."""
        if len(self.rows) < self.most or self.most >= MOST_OWNERS:
            return ""
        return "?" + urlencode(self.asked | {"owners": MOST_OWNERS})


@require_safe
def won(request: HttpRequest) -> HttpResponse:
    """The report of one calendar year."""
    page = page_asked(request)
    fill(page, request.user)  # type: ignore[arg-type]
    return pages.render(request, "sales/won.html", page)


@require_safe
def deals(request: HttpRequest) -> HttpResponse:
    """The list of the deals in a cell: of an owner (nobody given: of all) in a month (none given: in the year).

    Cells name what they are; the list's filter, five hundred characters of an address, is made when one is opened.
    """
    page = page_asked(request)
    month = pages.whole_number(request.GET.get("month"))
    owner = pages.key_of(request.GET.get("owner"))
    period = month_of(page.year, month) if month and month <= 12 else year_of(page.year)
    return redirect(list_of(*conditions(page, owner, *period), sort="-closed_on"))


def page_asked(request: HttpRequest) -> WonPage:
    """The page without its figures; what cannot be meant is taken for the usual."""
    user: Any = request.user
    require(user, "sales.opportunity.view")
    this_year = business_date().year
    asked = pages.whole_number(request.GET.get("year"))
    options = choices(user)
    return WonPage(
        year=min(max(this_year if asked is None else asked, 1970), 9998),
        years=list(range(this_year, this_year - YEARS_BACK, -1)),
        whose=choose(request.GET.get("whose", options[-1 if len(options) == 1 else 1].code), options),
        choices=options,
        currency="".join(filter(str.isalpha, request.GET.get("currency", "")))[:3] or "CNY",
        currencies=[],
        most=MOST_OWNERS if request.GET.get("owners") == str(MOST_OWNERS) else FIRST_OWNERS,
    )


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
    draw = Draw(page)
    for owner_id, month, currency, n, value in found:
        if currency != page.currency:
            continue
        if owner_id not in rows:
            rows[owner_id] = draw.row(owners.get(owner_id))
        row = rows[owner_id]
        row.months[month.month - 1] = Cell(n, value, draw.month(row, month.month, n, value))
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

    def __init__(self, page: WonPage) -> None:
        parts: Any = engine().get_template("sales/parts.html").module
        self.currency, self.empty = page.currency, str(parts.won_nothing())
        self.address = f"{reverse('sales:won-deals')}?{urlencode(page.asked)}"
        self.pattern, self.deals = Pattern(parts.won_month(mark)), cache(number_of_deals)

    def row(self, owner: User | None) -> Row:
        """A row of empty cells."""
        href = f"{self.address}&owner={owner.pk}" if owner else self.address
        return Row(owner, href, [Cell(drawn=self.empty) for _ in range(12)], Cell())

    def month(self, row: Row, month: int, n: int, value: Decimal) -> str:
        """The cell of a month with deals."""
        title = f"{money(value, self.currency)} · {self.deals(n)}"
        text = short_money(value, self.currency)
        href = f"{row.href}&month={month}"
        return self.pattern.fill({"href": escape(href), "title": escape(title), "text": escape(text)})


def number_of_deals(n: int) -> str:
    """“3 deals”."""
    return ngettext("%(num)s deal", "%(num)s deals", n) % {"num": n}


def year_of(year: int) -> tuple[datetime.date, datetime.date]:
    return datetime.date(year, 1, 1), datetime.date(year, 12, 31)


def month_of(year: int, month: int) -> tuple[datetime.date, datetime.date]:
    first = datetime.date(year, month, 1)
    return first, (first + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)


def conditions(
    page: WonPage, owner: uuid.UUID | None, first: datetime.date, last: datetime.date
) -> Iterator[dict[str, Any]]:
    """Which opportunities stand behind a cell."""
    yield where("state", "in", ["WON"])
    yield where("closed_on", "between", [first.isoformat(), last.isoformat()])
    yield where("currency", "is", page.currency)
    if owner is not None:
        yield where("owner", "in", [str(owner)])
    elif page.whose.code == "me":
        yield where("owner", "in", ["me"])
    if page.whose.unit is not None:
        yield where("org_unit", "below", [str(page.whose.unit.pk)])

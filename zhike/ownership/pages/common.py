"""What the pages of ownership share."""

from __future__ import annotations

import uuid
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from zhike.access.take import see
from zhike.customers.models import Customer
from zhike.kernel.errors import NotFound, Refused
from zhike.staff.models import User
from zhike.web import pages


def by(request: HttpRequest) -> User:
    """Who asks: signed in, as the middleware has seen to."""
    return request.user  # type: ignore[return-value]


def customer_of(request: HttpRequest, pk: uuid.UUID) -> Customer:
    return see(Customer, pk, by=by(request))


def dialog(request: HttpRequest, template: str, page: Any) -> HttpResponse:
    """A dialog put on the page; without scripts, a page of its own."""
    context = {"page": page} if isinstance(page, dict) else page
    response = pages.render(request, template, context, block="dialog")
    if request.headers.get("HX-Request") == "true":
        response["HX-Retarget"], response["HX-Reswap"] = "#dialogs", "innerHTML"
    return response


def person(request: HttpRequest, name: str, *, needed: bool = True) -> User | None:
    """Somebody chosen in a form.

    Raises:
        Refused: nobody, or somebody who has left.
    """
    key = pages.key_of(request.POST.get(name))
    found = User.objects.active().select_related("org_unit").filter(pk=key).first() if key else None
    if found is None and (needed or request.POST.get(name)):
        raise Refused(_("Some fields are not right."), fields={name: _("Choose somebody.")})
    return found


def people(limit: int = 2000) -> list[tuple[Any, str]]:
    """Who can be chosen, with the department."""
    rows = User.objects.active().select_related("org_unit").order_by("name")[:limit]
    return [(row.pk, f"{row.name} · {row.org_unit}") for row in rows]


def keys(request: HttpRequest, name: str) -> list[uuid.UUID]:
    """Ticked rows; what is no key is left out."""
    return [key for value in request.POST.getlist(name) if (key := pages.key_of(value)) is not None]


def found(rows: Any, pk: Any) -> Any:
    """A row that needs no scope of its own.

    Raises:
        NotFound: there is none.
    """
    row = rows.filter(pk=pk).first() if pk else None
    if row is None:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    return row


def decimal(text: str, name: str) -> Decimal | None:
    """A number as people type it.

    Raises:
        Refused: it is none.
    """
    plain = text.replace(",", "").replace("，", "").strip()
    if not plain:
        return None
    try:
        value = Decimal(plain)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise Refused(_("Some fields are not right."), fields={name: _("This is no number.")})
    return value

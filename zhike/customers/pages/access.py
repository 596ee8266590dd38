"""What a page asks before it shows anything."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from zhike.access.models import OwnedRecord
from zhike.access.rights import rights_of
from zhike.access.scoped import Scoped
from zhike.access.take import see
from zhike.customers.models import Contact, Customer


def customer_of(request: HttpRequest, pk: UUID) -> Customer:
    """The customer with what its page shows of others.

    Raises:
        NotFound: there is none, or the user may not see it.
    """
    user: Any = request.user
    return next(iter(_shown(user, pk)), None) or see(Customer, pk, by=user)


_shown = Scoped(
    Customer,
    lambda rows, pk: (
        rows.filter(pk=pk)
        .select_related("owner", "org_unit", "company")
        .defer("search_tokens", "company__path", "org_unit__path")
    ),
)


def contact_of(request: HttpRequest, pk: UUID) -> Contact:
    """The contact with its customer.

    Raises:
        NotFound: there is none, or the user may not see it.
    """
    user: Any = request.user
    rows = Contact.objects.visible_to(user).select_related("customer", "owner", "org_unit", "company", "reports_to")
    return rows.filter(pk=pk).first() or see(Contact, pk, by=user)


def lookup(what: str) -> str:
    """Where records, users or departments are found by typing."""
    try:
        return reverse("records:lookup", args=[what])
    except NoReverseMatch:
        return ""


def verbs_on(row: OwnedRecord, user: Any, verbs: tuple[str, ...]) -> dict[str, bool]:
    """Which verbs the user may do to this row. Shares are asked for only where the scope does not reach."""
    rights = rights_of(user)
    reaches = {verb: rights.reach(row.permission(verb)) for verb in verbs}
    found = {verb: reach.covers(row) for verb, reach in reaches.items()}
    doubtful = [verb for verb, allowed in found.items() if not allowed and not reaches[verb].nothing]
    shared = row.shared_with(user.pk, write=True) if doubtful else None
    if shared is not None and _is_shared(row, shared):
        found |= dict.fromkeys(doubtful, True)
    return found


def _is_shared(row: OwnedRecord, shared: Any) -> bool:
    return type(row).objects.filter(pk=row.pk, pk__in=shared).exists()

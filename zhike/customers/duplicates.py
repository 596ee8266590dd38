"""Customers that somebody may already be: asked before a customer is made (domain rules R3.22 to R3.25)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from zhike.customers.models import Contact, Customer
from zhike.customers.rules import names
from zhike.staff.models import User

LIMIT = 8


@dataclass(frozen=True)
class Candidate:
    """A customer that may be the same.

    Attributes:
        by: what they share, the strongest first: NAME, PHONE, EMAIL, ALIKE.
        visible: the person may open it. Of one he may not, only its name and owner are shown.
    """

    customer: Customer
    by: tuple[str, ...]
    visible: bool = True


def candidates(
    *, by: User, name: str = "", phones: Iterable[str] = (), emails: Iterable[str] = (), limit: int = LIMIT
) -> list[Candidate]:
    """Customers of the person's company, and others he may see, that share a name, a phone or an e-mail.

    Likeliest first. Phones as they are kept.
    """
    phone_keys = {f"t:{phone}" for phone in phones}
    email_keys = {f"m:{email.lower()}" for email in emails}
    full, core = names.name_key(name), names.core_name(name)
    keys = sorted(phone_keys | email_keys)
    condition = Q(name_key=full) | Q(core_name=core) if full else Q(pk__in=[])
    if keys:
        contacts = Contact.objects.filter(match_keys__overlap=keys, trashed_at=None).values("customer_id")
        condition |= Q(match_keys__overlap=keys) | Q(pk__in=contacts)
    rows = list(
        Customer.objects.kept().filter(condition).defer("search_tokens").select_related("owner")[: limit * 4]
    )
    seen = set(
        Customer.objects.visible_to(by).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)
    )
    rows = [row for row in rows if row.pk in seen or row.company_id == by.company_id]
    of_contacts: dict[object, set[str]] = {}
    for contact in (
        Contact.objects.filter(customer__in=rows, match_keys__overlap=keys, trashed_at=None) if keys else ()
    ):
        of_contacts.setdefault(contact.customer_id, set()).update(contact.match_keys)
    found = []
    for row in rows:
        shared = set(row.match_keys) | of_contacts.get(row.pk, set())
        ways = {
            "NAME": bool(full) and row.name_key == full,
            "PHONE": bool(shared & phone_keys),
            "EMAIL": bool(shared & email_keys),
            "ALIKE": bool(full) and row.name_key != full and row.core_name == core,
        }
        found.append(Candidate(row, tuple(way for way, fits in ways.items() if fits), row.pk in seen))
    order = ["NAME", "PHONE", "EMAIL", "ALIKE"]
    return sorted(found, key=lambda each: [order.index(way) for way in each.by])[:limit]

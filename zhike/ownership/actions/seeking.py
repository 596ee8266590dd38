"""Whether the customer who is to be registered is there already: by code, by phone and name, by part of a phone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from zhike.customers.actions.duplicates import find, keys_of_values
from zhike.customers.models import Customer
from zhike.customers.rules import cleaning, names
from zhike.customers.rules.duplicates import Level
from zhike.ownership.models import Registration
from zhike.ownership.rules.partial import fits, hidden_of, keys_of, partial
from zhike.staff.models import User


@dataclass(frozen=True)
class Sought:
    """What was said of a customer at the desk.

    Attributes:
        values: the fields of a new customer, without phones of which digits are hidden.
        customer: the one who is there already.
        partial: phones with hidden digits, ``138****1234``.
    """

    values: dict[str, Any]
    customer: Customer | None = None
    reach: Literal["FULL", "PARTIAL", "NONE"] = "FULL"
    partial: list[str] = field(default_factory=list)


def look_for(new: dict[str, Any], *, by: User | None) -> Sought:
    """The customer that is there already; else what a new one would be made of."""
    values = dict(new)
    phones = [str(one) for one in values.pop("phones", None) or []]
    hidden = [one for one in map(partial, phones) if one]
    whole = [one for one in phones if not partial(one)]
    if whole:
        values["phones"] = whole
    person = values.get("kind") == Customer.Kind.PERSON
    clean, faults = cleaning.clean(dict(values), person=person)
    if faults:  # the verb that makes the customer says what is wrong
        return Sought(values, partial=hidden)
    reach: Literal["FULL", "PARTIAL", "NONE"] = (
        "FULL" if clean.get("phones") or clean.get("uscc") else "PARTIAL" if hidden else "NONE"
    )
    known = _sure(clean) or _by_hidden(clean, hidden)
    return Sought(values, known, reach, hidden)


def _sure(clean: dict[str, Any]) -> Customer | None:
    """By credit code, or by phone and name."""
    sure = [
        one for one in find(keys_of_values(clean), by=None)
        if one.level is Level.HARD or (one.level is Level.STRONG and {"name", "phone"} <= set(one.reasons))
    ]  # fmt: skip
    return Customer.objects.get(pk=sure[0].key) if sure else None


def _by_hidden(clean: dict[str, Any], hidden: list[str]) -> Customer | None:
    """The same name, and a phone that fits: either side may have hidden digits."""
    key = names.name_key(clean.get("name", ""))
    if not key:
        return None
    same_name = Customer.objects.kept().filter(name_key=key).defer("search_tokens").order_by("created_at")[:50]
    rows = list(same_name)
    for one in rows:
        if any(fits(phone, each) for phone in one.phones for each in hidden):
            return one
    asked = keys_of([*hidden, *(found for phone in clean.get("phones") or () if (found := hidden_of(phone)))])
    if not rows or not asked:
        return None
    stated = Registration.objects.filter(customer__in=[one.pk for one in rows], stated_keys__overlap=asked)
    wanted = set(stated.values_list("customer_id", flat=True))
    return next((one for one in rows if one.pk in wanted), None)

"""Many customers or contacts changed at once by an import: the set-based twins of their `update`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from zhike.customers.models import Contact, Customer
from zhike.customers.models.columns import reached_by
from zhike.customers.rules import cleaning, completeness
from zhike.history.action import action
from zhike.records.importing.bulk import settle_index
from zhike.records.importing.changing import change_rows
from zhike.records.importing.importer import Change
from zhike.staff.models import User

# What these mean for other rows, only the verb knows.
_CUSTOMERS_ALONE = frozenset({"owner", "parent", "referrer"})
_CONTACTS_ALONE = frozenset({"is_primary", "reports_to"})


@action("customers.customer.import_changes", needs="customers.customer.change")
def change_customers(*, by: User, changes: list[Change]) -> list[Change]:
    """Change customers that are allowed and locked, as `update` would.

    Returns:
        Those that take the verb itself: it moves other rows too, or refuses them in its words.
    """
    clean, alone = _sorted(changes, lambda one: one.row.is_person)
    doubtful = _known_otherwise(clean) | _with_new_contacts(clean)
    together: list[Change] = []
    for one in clean:
        (alone if one.row.pk in doubtful or _takes_the_verb(one) else together).append(one)
    return alone + change_rows("customers.customer.update", "customers", together, by=by)


@action("customers.contact.import_changes", needs="customers.contact.change")
def change_contacts(*, by: User, changes: list[Change]) -> list[Change]:
    """Change contacts that are allowed and locked, as `update_contact` would.

    Returns:
        Those that take the verb itself.
    """
    clean, alone = _sorted(changes, lambda one: True)
    together: list[Change] = []
    for one in clean:
        (alone if one.values.keys() & _CONTACTS_ALONE else together).append(one)
    return alone + change_rows("customers.contact.update", "contacts", together, by=by)


def _sorted(changes: list[Change], is_person: Callable[[Change], bool]) -> tuple[list[Change], list[Change]]:
    """Those with their values as they are kept, and those with a fault."""
    clean: list[Change] = []
    wrong: list[Change] = []
    for one in changes:
        values, faults = cleaning.clean(one.values, person=is_person(one))
        if faults:
            wrong.append(one)
        else:
            clean.append(one._replace(values=values))
    return clean, wrong


def _takes_the_verb(change: Change) -> bool:
    row, values = change.row, change.values
    if values.keys() & _CUSTOMERS_ALONE:
        return True
    active = Customer.Status.ACTIVE
    if values.get("status") != active or row.status == active:
        return False
    return bool(completeness.missing_when_active(row.kind, lambda name: values.get(name, getattr(row, name))))


def _known_otherwise(changes: Iterable[Change]) -> set[Any]:
    """Rows that get a credit code, or are persons who get a name or a mobile, that another customer has or gets."""
    codes: dict[str, set[Any]] = {}
    mobiles: dict[str, set[Any]] = {}
    for row, values in ((one.row, one.values) for one in changes):
        if (code := values.get("uscc")) and code != row.uscc:
            codes.setdefault(code, set()).add(row.pk)
        if row.is_person and values.keys() & {"name", "phones"}:
            for phone in values.get("phones", row.phones):
                if phone.startswith("+861"):
                    mobiles.setdefault(f"t:{phone}", set()).add(row.pk)
    there = Customer.objects.kept().exclude(uscc="").filter(uscc__any_of=list(codes)).order_by()
    for code, key in there.values_list("uscc", "pk") if codes else ():
        codes[code].add(key)
    for key, match_keys in _reached(mobiles):
        for mobile in mobiles.keys() & set(match_keys):
            mobiles[mobile].add(key)
    return {key for keys in (*codes.values(), *mobiles.values()) if len(keys) > 1 for key in keys}


def _reached(mobiles: Iterable[str]) -> list[tuple[Any, list[str]]]:
    """Customers, with the keys by which they or their contacts have one of these mobiles."""
    wanted = list(mobiles)
    if not wanted:
        return []
    settle_index("customer_match")
    settle_index("contact_match")
    found: list[tuple[Any, list[str]]] = []
    for model, key in ((Customer, "pk"), (Contact, "customer_id")):
        rows = model.objects.kept().filter(pk__in=reached_by(model, wanted)).order_by()
        found += rows.values_list(key, "match_keys")
    return found


def _with_new_contacts(changes: Iterable[Change]) -> set[Any]:
    """Rows with a person whom the customer does not have yet; that makes a contact, by its own verb."""
    wanted = {
        (one.row.pk, child.get("name")) for one in changes for child in one.draft.children.values() if child.get("name")
    }
    rows = Contact.objects.kept().filter(customer_id__any_of=list({key for key, _name in wanted})).order_by()
    there = set(rows.values_list("customer_id", "name")) if wanted else set()
    return {key for key, name in wanted if (key, name) not in there}

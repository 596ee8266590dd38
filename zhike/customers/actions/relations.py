"""Relations between customers: the group of the customer and the family of a person."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from zhike.customers.actions.writing import cleaned, must_see
from zhike.customers.models import Customer, CustomerRelation, FamilyRelation
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date
from zhike.kernel.errors import Refused
from zhike.records.verbs import check
from zhike.staff.models import User

_TREE_LOCK = 0x6B7265  # one change of the customers' tree at a time: a cycle needs two


@action("customers.relation.set", needs="customers.customer.change")
def set_relation(
    customer: Customer,
    *,
    by: User | None,
    parent: Customer,
    event: EventDraft,
    type: str = CustomerRelation.Type.CONTROLLED,
    share_pct: Decimal | None = None,
    valid_from: date | None = None,
) -> CustomerRelation:
    """Say how the customer belongs to another one. A new control parent ends the former one that day.

    Raises:
        Refused: it would be its own ancestor, or the group would be deeper than eight levels.
    """
    must_see(parent, "parent", by=by)
    since = valid_from or business_date()
    same = _open_relations(customer).filter(parent=parent, type=type, share_pct=share_pct).first()
    if same is not None:
        event.silent = True
        return same
    if type in CustomerRelation.CONTROL:
        _check_tree(customer, parent)
        _end(_open_relations(customer).filter(type__in=CustomerRelation.CONTROL), since)
    else:
        _end(_open_relations(customer).filter(type=type, parent=parent), since)
    relation = CustomerRelation(parent=parent, child=customer, type=type, share_pct=share_pct, valid_from=since)
    check(relation)
    relation.save()
    if type in CustomerRelation.CONTROL:
        customer.parent = parent
        customer.version += 1
        customer.save()
    event.data |= {"parent_name": str(parent), "type": str(type)}
    return relation


@action("customers.relation.end", needs="customers.customer.change")
def end_relation(
    customer: Customer,
    *,
    by: User | None,
    relation: CustomerRelation,
    event: EventDraft,
    valid_to: date | None = None,
) -> Customer:
    """The customer no longer belongs to the other one; the past stays.

    Raises:
        Refused: the relation is one of another customer.
    """
    if relation.child_id != customer.pk:
        raise Refused(_("This relation belongs to another customer."))
    if relation.valid_to is not None:
        event.silent = True
        return customer
    _end(CustomerRelation.objects.filter(pk=relation.pk), valid_to or business_date())
    if relation.type in CustomerRelation.CONTROL:
        customer.parent = None
        customer.version += 1
        customer.save()
    event.data |= {"parent_name": str(relation.parent), "type": relation.type}
    return customer


def group_links(customer: Customer, most: int = 500) -> list[CustomerRelation]:
    """The control relations in force of the whole group that the customer stands in: two queries."""
    root = max(_line(customer.pk, "parent_id", "child_id").items(), key=lambda item: item[1])[0]
    keys = set(_line(root, "child_id", "parent_id"))
    rows = CustomerRelation.objects.filter(child_id__in=keys, valid_to=None, type__in=CustomerRelation.CONTROL)
    return list(rows[:most])


def place_under(customer: Customer, parent: Customer | None) -> None:
    """The ``parent`` field of a form or an import: a control relation from today, or none."""
    today = business_date()
    _end(_open_relations(customer).filter(type__in=CustomerRelation.CONTROL), today)
    if parent is not None:
        _check_tree(customer, parent)
        CustomerRelation.objects.create(
            parent=parent, child=customer, type=CustomerRelation.Type.CONTROLLED, valid_from=today
        )
    customer.parent = parent
    customer.save(update_fields=["parent", "updated_at"])


@action("customers.family.set", needs="customers.customer.change")
def set_family_relation(
    customer: Customer,
    *,
    by: User | None,
    relation: str,
    event: EventDraft,
    relative: Customer | None = None,
    relative_name: str = "",
    relative_phone: str = "",
    evidence: str = "",
) -> FamilyRelation:
    """Declare a relative of a person: another customer, or a name and a phone.

    Raises:
        Refused: one of the two is no person, or they are already related.
    """
    must_see(relative, "relative", by=by)
    if not customer.is_person or (relative is not None and not relative.is_person):
        raise Refused(_("Only persons have relatives."), fields={"relative": _("Choose a customer who is a person.")})
    known = _family_between(customer, relative)
    if known is not None:
        event.silent = True
        return known
    phones = cleaned({"phones": [relative_phone]}, person=True)["phones"]
    row = FamilyRelation(
        person=customer,
        relative=relative,
        relative_name=relative_name.strip(),
        relative_phone=phones[0] if phones else "",
        relation=relation,
        evidence=evidence.strip(),
        recorded_by=by,
    )
    check(row)
    row.save()
    event.data |= {"relation": str(relation), "relative": str(relative or relative_name)}
    return row


@action("customers.family.remove", needs="customers.customer.change")
def remove_family_relation(
    customer: Customer, *, by: User | None, relation: FamilyRelation, event: EventDraft
) -> Customer:
    """Take back a declared relative."""
    rows = FamilyRelation.objects.filter(Q(person=customer) | Q(relative=customer), pk=relation.pk)
    gone, _rows = rows.delete()
    event.silent = not gone
    event.data |= {"relative": str(relation.relative or relation.relative_name)}
    return customer


def _family_between(person: Customer, relative: Customer | None) -> FamilyRelation | None:
    if relative is None:
        return None
    either = Q(person=person, relative=relative) | Q(person=relative, relative=person)
    return FamilyRelation.objects.filter(either).first()


def _open_relations(customer: Customer) -> Any:
    return CustomerRelation.objects.filter(child=customer, valid_to=None)


def _end(relations: Any, day: date) -> None:
    for relation in relations:
        relation.valid_to = max(day, relation.valid_from)
        relation.save()


def _check_tree(customer: Customer, parent: Customer) -> None:
    """Neither a cycle nor more than eight levels, under one lock for the whole forest (R2.1)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])
    above = _line(parent.pk, "parent_id", "child_id")
    if customer.pk in above:
        raise Refused(_("Some fields are not right."), fields={"parent": _("A company cannot stand above itself.")})
    below = _line(customer.pk, "child_id", "parent_id")
    if max(above.values()) + max(below.values()) > CustomerRelation.MAX_DEPTH:
        raise Refused(
            _("Some fields are not right."),
            fields={"parent": _("A group has at most %d levels.") % CustomerRelation.MAX_DEPTH},
        )


def _line(start: Any, to: str, since: str) -> dict[Any, int]:
    """Key to level (1: the start itself) of everything reached over control relations in force."""
    sql = f"""
        WITH RECURSIVE line(id, level) AS (
            SELECT %s::uuid, 1
            UNION
            SELECT r.{to}, level + 1 FROM customers_customerrelation r JOIN line ON r.{since} = line.id
            WHERE r.valid_to IS NULL AND r.type = ANY(%s) AND level < 20
        ) SELECT id, max(level) FROM line GROUP BY id"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [start, [str(one) for one in CustomerRelation.CONTROL]])
        return dict(cursor.fetchall())

"""The group of the customer, its relatives and who referred it; and the forms that change them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from markupsafe import Markup

from zhike.access.take import see
from zhike.customers.actions import relations
from zhike.customers.models import Customer, CustomerRelation, FamilyRelation
from zhike.customers.pages.access import customer_of, lookup, verbs_on
from zhike.customers.pages.forms import FamilyForm, RelationForm, values_of
from zhike.customers.rules.groups import Node, grow
from zhike.web.jinja import render_to_string
from zhike.web.pages import go, render

MOST = 200


@dataclass(frozen=True)
class Relations:
    """``tree``: the whole group that the customer stands in, as far as the reader may see it."""

    customer: Customer
    tree: list[Node]
    others: list[CustomerRelation]
    family: list[tuple[FamilyRelation, Customer | None, str]]
    referred: list[Customer]
    visible: set[Any]
    may_change: bool


def relations_of(customer: Customer, user: Any) -> Relations:
    """The relations of a customer. Customers that the user may not see are only counted to exist."""
    links = relations.group_links(customer)
    others = list(
        CustomerRelation.objects.filter(Q(parent=customer) | Q(child=customer), valid_to=None)
        .exclude(type__in=CustomerRelation.CONTROL)
        .select_related("parent", "child")[:MOST]
    )
    family = list(
        FamilyRelation.objects.filter(Q(person=customer) | Q(relative=customer)).select_related("person", "relative")
    )
    keys = {key for link in links for key in (link.parent_id, link.child_id)}
    keys |= {key for one in others for key in (one.parent_id, one.child_id)}
    keys |= {key for one in family for key in (one.person_id, one.relative_id) if key}
    seen = {row.pk: row for row in Customer.objects.visible_to(user).filter(pk__in=keys)} if keys else {}
    referred = list(Customer.objects.visible_to(user).filter(referrer=customer, trashed_at=None)[:20])
    return Relations(
        customer=customer,
        tree=grow(customer.pk, [(one.parent_id, one.child_id, one.get_type_display()) for one in links], seen),
        others=others,
        family=[(one, *_relative(one, customer, seen)) for one in family],
        referred=referred,
        visible=set(seen),
        may_change=verbs_on(customer, user, ("change",))["change"] and customer.trashed_at is None,
    )


def _relative(relation: FamilyRelation, customer: Customer, seen: dict[Any, Customer]) -> tuple[Customer | None, str]:
    """The other one of the two, and what he is to this customer: read in both directions (R1.21)."""
    words = dict(FamilyRelation.Relation.choices)
    if relation.person_id == customer.pk:
        return seen.get(relation.relative_id), str(words[relation.relation])
    turned = {"PARENT": "CHILD", "CHILD": "PARENT"}.get(relation.relation, relation.relation)
    return seen.get(relation.person_id), str(words[turned])


def panel(request: HttpRequest, row: Customer) -> str:
    """The part of the customer page that shows them."""
    return Markup(render_to_string(request, "customers/relations.html", {"relations": relations_of(row, request.user)}))  # noqa: S704 - our own template


@require_http_methods(["GET", "POST"])
def new_relation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Place the customer under another one, or relate it otherwise."""
    customer = customer_of(request, pk)
    if request.method == "GET":
        return render(
            request,
            "customers/relation_form.html",
            {"customer": customer, "form": RelationForm(), "lookup": lookup("customers")},
        )
    values = values_of(RelationForm(request.POST))
    parent = see(Customer, values.pop("parent"), by=request.user)  # type: ignore[arg-type]
    relations.set_relation(customer, by=request.user, parent=parent, **values)
    return go(request, "customers:customer", pk, toast=_("The relation was saved."))


@require_POST
def end_relation(request: HttpRequest, pk: UUID, relation_pk: UUID) -> HttpResponse:
    relation = get_object_or_404(CustomerRelation, pk=relation_pk, child_id=pk)
    relations.end_relation(customer_of(request, pk), by=request.user, relation=relation)
    return go(request, "customers:customer", pk, toast=_("The relation was ended."))


@require_http_methods(["GET", "POST"])
def new_relative(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Declare a relative of a person."""
    customer = customer_of(request, pk)
    if request.method == "GET":
        return render(
            request,
            "customers/family_form.html",
            {"customer": customer, "form": FamilyForm(), "lookup": lookup("customers")},
        )
    values = values_of(FamilyForm(request.POST))
    key = values.pop("relative")
    relative = see(Customer, key, by=request.user) if key else None  # type: ignore[arg-type]
    relations.set_family_relation(customer, by=request.user, relative=relative, **values)
    return go(request, "customers:customer", pk, toast=_("The relative was recorded."))


@require_POST
def remove_relative(request: HttpRequest, pk: UUID, relation_pk: UUID) -> HttpResponse:
    relation = get_object_or_404(FamilyRelation.objects.select_related("relative"), pk=relation_pk)
    relations.remove_family_relation(customer_of(request, pk), by=request.user, relation=relation)
    return go(request, "customers:customer", pk, toast=_("The relative was taken off."))

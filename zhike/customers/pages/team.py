"""Who works on a customer: owner, collaborators; transfer, share, unshare, confirm, delete, restore."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from markupsafe import Markup

from zhike.customers.actions import customers, sharing, transferring
from zhike.customers.models import Collaborator, Customer
from zhike.customers.pages.access import customer_of, lookup, verbs_on
from zhike.customers.pages.forms import ShareForm, TransferForm, values_of
from zhike.kernel.clock import now
from zhike.kernel.prepared import Prepared
from zhike.staff.models import User
from zhike.web.jinja import render_to_string
from zhike.web.pages import go, render

_in_force = Prepared(
    lambda key, at: Collaborator.objects.in_force(at).filter(customer=key).select_related("user").order_by("created_at")
)


def panel(request: HttpRequest, row: Customer) -> str:
    """The part of the customer page with owner and collaborators."""
    context = {
        "customer": row,
        "collaborators": _in_force(row.pk, now()),
        "may": verbs_on(row, request.user, ("share", "assign")),
    }
    return Markup(render_to_string(request, "customers/team.html", context))  # noqa: S704 - our own template


@require_http_methods(["GET", "POST"])
def share(request: HttpRequest, pk: UUID) -> HttpResponse:
    customer = customer_of(request, pk)
    if request.method == "GET":
        return render(
            request, "customers/share_form.html", {"customer": customer, "form": ShareForm(), "lookup": lookup("users")}
        )
    values = values_of(ShareForm(request.POST))
    user = _colleague(values.pop("user"))
    sharing.share(customer, by=request.user, user=user, **values)
    return go(request, "customers:customer", pk, toast=_("Shared with %s.") % user.name)


@require_POST
def unshare(request: HttpRequest, pk: UUID, user_pk: UUID) -> HttpResponse:
    user = get_object_or_404(User, pk=user_pk)
    sharing.unshare(customer_of(request, pk), by=request.user, user=user)
    return go(request, "customers:customer", pk, toast=_("No longer shared with %s.") % user.name)


@require_http_methods(["GET", "POST"])
def transfer(request: HttpRequest, pk: UUID) -> HttpResponse:
    customer = customer_of(request, pk)
    if request.method == "GET":
        return render(
            request,
            "customers/transfer_form.html",
            {"customer": customer, "form": TransferForm(), "lookup": lookup("users")},
        )
    values = values_of(TransferForm(request.POST))
    to = _colleague(values.pop("to"))
    transferring.transfer(customer, by=request.user, to=to, **values)
    # Whoever gives a customer away may not see it any more.
    return go(request, reverse("records:list", args=["customers"]), toast=_("Given to %s.") % to.name)


@require_POST
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    customers.confirm(customer_of(request, pk), by=request.user)
    return go(request, "customers:customer", pk, toast=_("Confirmed: the record is right as of today."))


def _colleague(key: Any) -> User:
    return get_object_or_404(User.objects.active(), pk=key)

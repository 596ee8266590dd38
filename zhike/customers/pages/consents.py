"""Consent per purpose and channel: the present state, all that was said, and the two verbs."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from markupsafe import Markup

from zhike.customers.actions import consents
from zhike.customers.models import ConsentRecord, Contact, Customer
from zhike.customers.pages.access import customer_of, verbs_on
from zhike.customers.pages.forms import ConsentForm, values_of
from zhike.kernel.clock import now
from zhike.kernel.errors import Denied
from zhike.web.jinja import render_to_string
from zhike.web.pages import go, render


@require_safe
def page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The consent of the customer and its contacts, with the whole record."""
    customer = customer_of(request, pk)
    rows = ConsentRecord.objects.filter(customer=customer).select_related("contact", "operator")
    context = {
        "customer": customer,
        "current": [(one, one.holds(now())) for one in rows.current()],
        "rows": list(rows.order_by("-happened_at", "-id")[:200]),
        "may_change": verbs_on(customer, request.user, ("change",))["change"] and customer.trashed_at is None,
    }
    return render(request, "customers/consents.html", context)


def panel(request: HttpRequest, row: Customer) -> str:
    """The part of the customer page that says what was agreed to."""
    current = ConsentRecord.objects.filter(customer=row).select_related("contact").current()
    context = {"customer": row, "current": [(one, one.holds(now())) for one in current]}
    return Markup(render_to_string(request, "customers/consent_panel.html", context))  # noqa: S704 - our own template


@require_http_methods(["GET", "POST"])
def grant(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record that somebody agreed."""
    customer = customer_of(request, pk)
    if not verbs_on(customer, request.user, ("change",))["change"]:
        raise Denied(_("You may see this record but not change it."))
    people = Contact.objects.visible_to(request.user).filter(customer=customer, trashed_at=None)  # type: ignore[arg-type]
    if request.method == "GET":
        context = {"customer": customer, "form": ConsentForm(), "people": [(one.pk, one.name) for one in people[:100]]}
        return render(request, "customers/consent_form.html", context)
    values = values_of(ConsentForm(request.POST))
    key = values.pop("contact")
    contact = get_object_or_404(people, pk=key) if key else None
    details = {name: value for name, value in values.items() if value}
    consents.grant_consent(customer, by=request.user, contact=contact, source_ip=_address(request), **details)
    return go(request, "customers:consents", pk, toast=_("The consent was recorded."))


@require_POST
def withdraw(request: HttpRequest, pk: UUID, consent_pk: UUID) -> HttpResponse:
    """Record that somebody withdrew: as easy as granting (R1.29)."""
    row = get_object_or_404(ConsentRecord.objects.select_related("contact"), pk=consent_pk, customer_id=pk)
    consents.withdraw_consent(
        customer_of(request, pk),
        by=request.user,
        purpose=row.purpose,
        channel=row.channel,
        contact=row.contact,
        source_ip=_address(request),
    )
    return go(request, "customers:consents", pk, toast=_("The withdrawal was recorded."))


def _address(request: HttpRequest) -> str | None:
    return request.META.get("REMOTE_ADDR") or None

"""A new customer with its first contact, warned of duplicates while it is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.access.take import require
from zhike.customers.actions import customers, duplicates
from zhike.kernel.errors import Message, Refused
from zhike.records.description import Section
from zhike.records.forms import RecordForm, field_names, sections_for
from zhike.records.pages.forms import preset, section_applies
from zhike.records.registry import describe
from zhike.records.widgets import Control, controls
from zhike.web.pages import go, render, wants_fragment

_CONTACT = ("name", "title", "department", "phones", "emails")
_PREFIX = "contact-"
_START = {"kind": "ENTERPRISE", "status": "PROSPECT"}
# Sections that a new customer hardly ever needs at once stand folded.
_LATER = frozenset({"buying_motive", "acquisition_channel", "tags"})
_REASON = "duplicate_reason"


@dataclass(frozen=True)
class NewCustomer:
    """The form: what is asked at once and what later, what was typed of the first contact, what is wrong.

    ``reason`` why it is no duplicate is asked for only where there is one.
    """

    of: Any
    first: list[tuple[Section, list[Control]]]
    later: list[tuple[Section, list[Control]]]
    reason: Control | None
    contact: dict[str, list[str]]
    message: Message
    errors: dict[str, Message]

    @property
    def texts(self) -> list[tuple[str, Message]]:
        """The messages for the head of the form, without scripts."""
        return [("", text) for text in self.errors.values()]


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Create a customer and, if there is one, its first contact."""
    user: Any = request.user
    require(user, "customers.customer.create")
    if request.method == "GET":
        return _show(request)
    try:
        values = _customer_form(request).values()
        contact = {name: value for name, value in _contact_form(request).values().items() if value}
        made = customers.create(by=user, contacts=[contact] if contact.get("name") else [], **values)
    except Refused as refused:
        fields = {name.replace("contacts.0.", _PREFIX): text for name, text in refused.fields.items()}
        refused = Refused(refused.message, fields=fields, code=refused.code, **refused.data)
        if wants_fragment(request):
            raise refused from None
        return _show(request, refused)
    return go(request, "customers:customer", made.pk, toast=_("“%s” was created.") % made)


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """What may be the same customer, from what has been typed so far."""
    values = {
        "kind": request.POST.get("kind", ""),
        "name": request.POST.get("name", ""),
        "uscc": request.POST.get("uscc", ""),
        "phones": [*request.POST.getlist("phones"), *request.POST.getlist("contact-phones")],
        "emails": request.POST.getlist("emails"),
        "website": request.POST.get("website", ""),
        "region_code": request.POST.get("region_code", ""),
    }
    told: dict[str, Any] = {"duplicates": [], "used_up": ""}
    try:
        told["duplicates"] = duplicates.check(by=request.user, values=values)
    except Refused as refused:
        if refused.code != "check_limit":
            raise
        told["used_up"] = refused.message  # said once in its place, not with every letter
    return render(request, "customers/duplicates.html", told, block=None)


def _sections(request: HttpRequest) -> list[Section]:
    return sections_for(describe("customers"), request.user)  # type: ignore[arg-type]


def _customer_form(request: HttpRequest) -> RecordForm:
    names = [name for one in _sections(request) if section_applies(request, one) for name in one.fields]
    return RecordForm(describe("customers"), names, request.user, data=request.POST, files=request.FILES)  # type: ignore[arg-type]


def _contact_form(request: HttpRequest) -> RecordForm:
    user: Any = request.user
    form = RecordForm(describe("contacts"), list(_CONTACT), user, data=request.POST, prefix=_PREFIX[:-1])
    form.fields["name"].required = False
    return form


def _show(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    of = describe("customers")
    sections = _sections(request)
    form = RecordForm(
        of,
        field_names(sections),
        request.user,  # type: ignore[arg-type]
        data=request.POST if refused else None,
        initial=_START | {"owner": request.user.pk} | preset(request, of, sections),
    )
    errors = dict(refused.fields) if refused else {}
    drawn = controls(form, errors)
    shown = [(section, [drawn[name] for name in section.fields if name != _REASON]) for section in sections]
    context = NewCustomer(
        of=of,
        first=[one for one in shown if not _LATER & set(one[0].fields)],
        later=[one for one in shown if _LATER & set(one[0].fields)],
        reason=drawn.get(_REASON),
        contact={name: [one for one in request.POST.getlist(_PREFIX + name) if one] for name in _CONTACT},
        message=refused.message if refused else "",
        errors=errors,
    )
    return render(request, "customers/new.html", context, status=refused.status if refused else 200)

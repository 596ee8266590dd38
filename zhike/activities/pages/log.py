"""Logging a contact in five seconds: a dialog from anywhere, a page without scripts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.access.rights import FULL
from zhike.access.take import require, see
from zhike.activities.actions import interactions
from zhike.activities.models import FollowUpRecord, Task
from zhike.activities.pages.forms import LogForm
from zhike.activities.panels import hidden_fields
from zhike.activities.rules.due import quick_dates
from zhike.activities.rules.effective import Method, Result
from zhike.customers.models import Contact, Customer
from zhike.kernel.clock import business_date
from zhike.kernel.errors import NotFound
from zhike.kernel.work_calendar import current
from zhike.records.naming import named
from zhike.records.registry import describe
from zhike.staff.models import User
from zhike.web import pages
from zhike.web.formats import day

BIG = (Method.PHONE, Method.WECHAT, Method.VISIT, Method.MEETING)
ICONS = {
    Method.PHONE: "phone", Method.VISIT: "walk", Method.MEETING: "users", Method.WECHAT: "brand-wechat",
    Method.WECOM: "messages", Method.CHAT: "message-circle", Method.EMAIL: "mail", Method.SMS: "message",
    Method.VIDEO: "video", Method.EXHIBITION: "building-community", Method.RECEPTION: "building-store",
    Method.OTHER: "dots",
}  # fmt: skip
STEPS = (
    gettext_lazy("Send the quote"),
    gettext_lazy("Send samples"),
    gettext_lazy("Arrange a visit"),
    gettext_lazy("Confirm the contract"),
    gettext_lazy("Collect the payment"),
)
_RECENT = 30


@dataclass
class People:
    """Whom one may have met at the customer, and what was said the last times."""

    customer: Customer | None = None
    contacts: list[Contact] = field(default_factory=list)
    chosen: UUID | None = None
    last: list[FollowUpRecord] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    titles_hidden: bool = False

    @property
    def choices(self) -> list[tuple[UUID, str]]:
        return [(one.pk, f"{named(one)} {'' if self.titles_hidden else one.title}".strip()) for one in self.contacts]


@dataclass
class LogPage:
    """The form, with what is known already."""

    people: People
    recent: list[tuple[UUID, str]]
    quick: list[tuple[str, str]]
    task: Task | None
    about_type: str
    about_id: str
    about: Any
    method: str
    back: str

    big = [(code.value, code.label, ICONS[code]) for code in BIG]
    more = [(code.value, code.label, ICONS[code]) for code in Method if code not in BIG]
    results = Result.choices
    purposes = FollowUpRecord.Purpose.choices
    steps = STEPS


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest) -> HttpResponse:
    """The form, and taking it."""
    if request.method == "POST":
        return _take(request)
    require(request.user, "activities.interaction.create")  # type: ignore[arg-type]
    return pages.render(request, "activities/log.html", _page(request), block="dialog")


def _page(request: HttpRequest) -> LogPage:
    by: User = request.user  # type: ignore[assignment]
    asked = request.GET
    task = see(Task, _key(asked.get("task")), by=by) if asked.get("task") else None
    about_type, about_id = asked.get("about_type", ""), asked.get("about_id", "")
    if task is not None and task.about_id and not about_type:
        about_type, about_id = task.about_type, str(task.about_id)
    about = describe(about_type).rows(by).filter(pk=_key(about_id)).first() if about_type else None
    contact = _key(asked.get("contact")) or (task.contact_id if task else None)
    customer = (
        _key(asked.get("customer")) or (task.customer_id if task else None) or getattr(about, "customer_id", None)
    )
    people = _people(customer, by, contact)
    return LogPage(
        people=people,
        recent=[(row.pk, named_for(row, by)) for row in recent_customers(by)] if people.customer is None else [],
        quick=[
            (each.day.isoformat(), f"{each.label} {day(each.day)}") for each in quick_dates(business_date(), current())
        ],
        task=task,
        about_type=about_type if about is not None else "",
        about_id=about_id if about is not None else "",
        about=about,
        method=asked.get("method") or (task.method if task else "") or Method.PHONE,
        back=asked.get("next", ""),
    )


def _key(text: str | None) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        raise NotFound(_("Not found: it does not exist, or you may not see it.")) from None


def _people(key: UUID | None, by: User, chosen: UUID | None = None) -> People:
    customer = Customer.objects.visible_to(by).filter(pk=key, trashed_at=None).first() if key else None
    if customer is None:
        return People()
    contacts = list(
        Contact.objects.visible_to(by)
        .filter(customer=customer, trashed_at=None, status=Contact.Status.ACTIVE)
        .order_by("-is_primary", "pinyin_key")[:12]
    )
    met = FollowUpRecord.objects.visible_to(by).filter(customer=customer, trashed_at=None)
    last = met.select_related("author", "contact")
    return People(
        customer,
        contacts,
        chosen or next((one.pk for one in contacts if one.is_primary or len(contacts) == 1), None),
        list(last.order_by("-happened_at", "-id").defer("search_tokens")[:3]),
        hidden_fields(by),
        describe("contacts").right_of(by, "title") in ("HIDDEN", "MASKED"),
    )


def recent_customers(by: User) -> list[Customer]:
    """Those one has to do with now: the customers last met by oneself, then those last touched."""
    met = FollowUpRecord.objects.filter(author=by, trashed_at=None).order_by("-happened_at", "-id")
    keys = list(dict.fromkeys(met.exclude(customer=None).values_list("customer_id", flat=True)[:60]))[:_RECENT]
    own = Customer.objects.filter(owner=by, trashed_at=None).order_by("-updated_at").values_list("pk", flat=True)
    if len(keys) < _RECENT:
        keys = list(dict.fromkeys([*keys, *own[: _RECENT - len(keys)]]))
    rows = Customer.objects.visible_to(by).filter(pk__in=keys, trashed_at=None).defer("search_tokens", "custom")
    by_key = {row.pk: row for row in rows}
    return [by_key[key] for key in keys if key in by_key]


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The part of the form that depends on the customer."""
    found = _people(_key(request.GET.get("customer")), request.user)  # type: ignore[arg-type]
    return pages.render(request, "activities/log_people.html", {"people": found}, block=None)


@require_safe
def customers(request: HttpRequest) -> JsonResponse:
    """Customers by two characters, pinyin, initials or phone tail; the recent ones without any."""
    by: User = request.user  # type: ignore[assignment]
    text = request.GET.get("q", "").strip()
    if not text:
        rows = recent_customers(by)[:12]
    elif query := describe("customers").query(text, by):
        found = Customer.objects.visible_to(by).filter(search_tokens__asks=query, trashed_at=None)
        rows = list(found.order_by("-updated_at").defer("search_tokens", "custom")[:12])
    else:
        rows = []
    answer = [{"value": str(row.pk), "label": named_for(row, by), "hint": _hint(row, by)} for row in rows]
    return JsonResponse(answer, safe=False)


def named_for(customer: Customer, by: User) -> str:
    return describe("customers").title_from(customer.name, by)


def _hint(customer: Customer, by: User) -> str:
    return customer.short_name if describe("customers").right_of(by, "short_name") in (FULL, "READ_ONLY") else ""


def _changed(row: FollowUpRecord) -> dict[str, Any]:
    """What other parts of the page fetch themselves again."""
    return {"interactions-changed": str(row.customer_id), "tasks-changed": True, "timeline-changed": True}


def _take(request: HttpRequest) -> HttpResponse:
    values = LogForm(request.POST, by=request.user).values()  # type: ignore[arg-type]
    row = interactions.create(by=request.user, **values)
    address = row.customer and describe("customers").address(row.customer)
    return pages.done(
        request,
        _told(row),
        undo=reverse("activities:log-undo", args=[row.pk]),
        back=_back(request, address or reverse("activities:todo")),
        **_changed(row),
    )


def _told(row: FollowUpRecord) -> str:
    if row.effective:
        return _("Recorded")
    return _("Recorded, but not an effective contact: %s") % row.get_shortfall_display()


def _back(request: HttpRequest, otherwise: str) -> str:
    asked = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if asked and safe else resolve_url(otherwise)


@require_POST
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back what was just logged."""
    row = see(FollowUpRecord, pk, by=request.user)  # type: ignore[arg-type]
    interactions.trash(row, by=request.user)
    return pages.done(request, _("Taken back"), back=reverse("activities:todo"), **_changed(row))

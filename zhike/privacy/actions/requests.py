"""A request is taken down, the person's identity checked, the request answered (R1.30)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.access.models import Grant
from zhike.access.take import allowed, see
from zhike.customers.models import Contact, Customer
from zhike.history.action import EventDraft, action
from zhike.kernel import work_calendar
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Conflict, Refused
from zhike.notices.actions import notify
from zhike.notices.models import Notice
from zhike.privacy.models import PrivacyRequest
from zhike.privacy.rules import ANSWER_WORKDAYS, REMIND_WORKDAYS
from zhike.records.verbs import check_version, write
from zhike.staff.models import User

State = PrivacyRequest.State
ANSWER = PrivacyRequest.permission("answer")


@action("privacy.request.create", needs="privacy.request.create")
def create(
    *, by: User | None, customer: Customer, contact: Contact | None = None, kind: str, **values: Any
) -> PrivacyRequest:
    """Take down what a person asks about his data; those who answer are told.

    Raises:
        Refused: the customer is no person and no contact was named, or the day lies ahead.
        NotFound: the user may not see the person.
    """
    if by is not None:
        see(Customer, customer.pk, by=by)
        if contact is not None:
            see(Contact, contact.pk, by=by)
    if contact is not None and contact.customer_id != customer.pk:
        raise Refused(_("Some fields are not right."), fields={"contact": _("This contact is another customer's.")})
    if contact is None and not customer.is_person:
        raise Refused(
            _("Some fields are not right."), fields={"contact": _("Only persons have such rights: choose the contact.")}
        )
    values.pop("owner", None)
    received = values.setdefault("received_on", business_date()) or business_date()
    if received > business_date():
        raise Refused(_("Some fields are not right."), fields={"received_on": _("This day lies ahead.")})
    row = PrivacyRequest(customer=customer, contact=contact)
    row.belongs_to(by or customer.owner)  # type: ignore[arg-type]
    row.company_id, row.org_unit_id = customer.company_id, customer.org_unit_id
    row.due_on = due(received)
    write(row, {**values, "kind": kind}, by=by)
    notify(
        officers(row),
        gettext_lazy("A person asked about personal data; the answer is due on %(day)s."),
        {"day": row.due_on.isoformat()}, link=f"/privacy-requests/{row.pk}/", kind=Notice.Kind.TASK, by=by,
    )  # fmt: skip
    return row


def due(received: date) -> date:
    """The last day for the answer."""
    return work_calendar.current().add_workdays(received, ANSWER_WORKDAYS)


@action("privacy.request.update", needs="privacy.request.change")
def update(
    row: PrivacyRequest, *, by: User | None, event: EventDraft, expected_version: int | None = None, **values: Any
) -> PrivacyRequest:
    """Correct what was taken down, as long as it is not answered."""
    check_version(row, expected_version)
    _open(row)
    values = {
        name: value for name, value in values.items() if name in ("kind", "wording", "received_on", "tags", "custom")
    }
    if values.get("received_on"):
        row.due_on = due(values["received_on"])
    return write(row, values, by=by)  # type: ignore[return-value]


@action("privacy.request.check_identity", needs="privacy.request.answer")
def check_identity(row: PrivacyRequest, *, by: User, event: EventDraft, how: str) -> PrivacyRequest:
    """Note how it was made sure that the request comes from the person.

    Raises:
        Refused: nothing is said about it, or the request is answered already.
    """
    _open(row)
    if not how.strip():
        raise Refused(_("Some fields are not right."), fields={"how": _("Say how it was checked.")})
    row.state, row.checked_by = State.IN_PROGRESS, by
    return write(row, {"identity": how.strip()[:200]})  # type: ignore[return-value]


@action("privacy.request.close", needs="privacy.request.answer")
def close(row: PrivacyRequest, *, by: User, event: EventDraft, state: str, answer: str) -> PrivacyRequest:
    """Answer the person and end the request.

    Raises:
        Refused: no such result, no answer (a rejection shows its reason), or identity was never checked.
    """
    _open(row)
    if state not in PrivacyRequest.CLOSED:
        raise Refused(_("Some fields are not right."), fields={"state": _("Choose a result.")})
    if not answer.strip():
        raise Refused(_("Some fields are not right."), fields={"answer": _("Write down what the person was told.")})
    if state != State.REJECTED:
        checked(row)
    row.state, row.closed_at, row.closed_by = state, now(), by
    row = write(row, {"answer": answer.strip()[:2000]})  # type: ignore[assignment]
    notify(
        [row.owner], gettext_lazy("The request about personal data that you took down is answered."),
        link=f"/privacy-requests/{row.pk}/", by=by,
    )  # fmt: skip
    return row


def checked(row: PrivacyRequest) -> None:
    """Raises:
    Refused: nobody made sure who asks.
    """
    if row.checked_by_id is None:
        raise Refused(_("Check first that the request comes from the person."), code="identity")


def _open(row: PrivacyRequest) -> None:
    if row.is_closed:
        raise Conflict(_("This request is answered already."), current=row.version)


def officers(row: PrivacyRequest) -> list[User]:
    """Who may answer this request; administrators only where nobody else may."""
    roles = Grant.objects.filter(permission=ANSWER).values("role_id")
    people = User.objects.active().select_related("org_unit")
    found = [one for one in people.filter(role_assignments__role__in=roles).distinct() if allowed([row], one, ANSWER)]
    return found or list(people.filter(role_assignments__role__is_administrator=True).distinct())


def remind(today: date | None = None) -> int:
    """Tell those who answer what has waited for two thirds of the time, and what is overdue.

    Returns:
        How many requests they were told of.
    """
    today = today or business_date()
    before = work_calendar.current().add_workdays(today, ANSWER_WORKDAYS - REMIND_WORKDAYS)
    waiting = PrivacyRequest.objects.kept().exclude(state__in=PrivacyRequest.CLOSED).filter(due_on__in=(before, today))
    for row in waiting:
        notify(
            officers(row), gettext_lazy("A request about personal data is to be answered by %(day)s."),
            {"day": row.due_on.isoformat()}, link=f"/privacy-requests/{row.pk}/", kind=Notice.Kind.TASK,
        )  # fmt: skip
    return len(waiting)

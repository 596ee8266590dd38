"""Consent of a person: given and withdrawn, each a row of its own (R1.25–R1.29)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from zhike.customers.models import ConsentRecord, Contact, Customer
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.records.verbs import check
from zhike.staff.models import User


@action("customers.consent.grant", needs="customers.customer.change")
def grant_consent(
    customer: Customer,
    *,
    by: User | None,
    purpose: str,
    method: str,
    event: EventDraft,
    channel: str = ConsentRecord.Channel.ANY,
    contact: Contact | None = None,
    expires_at: datetime | None = None,
    **details: Any,
) -> ConsentRecord:
    """Record that the person agreed. ``details``: legal_basis, notice_version, notice_hash, evidence, source_ip.

    Raises:
        Refused: marketing and profiling on another basis than consent, or the moment of expiry is past.
    """
    basis = details.get("legal_basis") or ConsentRecord.LegalBasis.CONSENT
    if purpose in ConsentRecord.NEED_CONSENT and basis != ConsentRecord.LegalBasis.CONSENT:
        raise Refused(
            _("Some fields are not right."),
            fields={"legal_basis": _("Marketing and profiling always need consent.")},
        )
    if expires_at is not None and expires_at <= now():
        raise Refused(_("Some fields are not right."), fields={"expires_at": _("This moment is past.")})
    return _add(
        customer, event, by=by, contact=contact, purpose=purpose, channel=channel, method=method,
        status=ConsentRecord.Status.GRANTED, expires_at=expires_at, **details,
    )  # fmt: skip


@action("customers.consent.withdraw", needs="customers.customer.change")
def withdraw_consent(
    customer: Customer,
    *,
    by: User | None,
    purpose: str,
    event: EventDraft,
    method: str = ConsentRecord.Method.ORAL,
    channel: str = ConsentRecord.Channel.ANY,
    contact: Contact | None = None,
    **details: Any,
) -> ConsentRecord:
    """Record that the person withdrew. Earlier processing stays valid; nothing is sent from now on."""
    return _add(
        customer, event, by=by, contact=contact, purpose=purpose, channel=channel, method=method,
        status=ConsentRecord.Status.WITHDRAWN, **details,
    )  # fmt: skip


def _add(customer: Customer, event: EventDraft, *, by: User | None, **values: Any) -> ConsentRecord:
    contact: Contact | None = values["contact"]
    if contact is not None and contact.customer_id != customer.pk:
        raise Refused(_("This contact belongs to another customer."))
    row = ConsentRecord(customer=customer, operator=by, **values)
    last = (
        ConsentRecord.objects.filter(customer=customer, contact=contact, purpose=row.purpose, channel=row.channel)
        .order_by("-happened_at", "-id")
        .first()
    )
    if last is not None and (last.status, last.expires_at) == (row.status, row.expires_at) and not row.evidence:
        event.silent = True  # said twice: nothing new
        return last
    check(row)
    row.save()
    event.data |= {
        "purpose": row.purpose,
        "channel": row.channel,
        "status": row.status,
        "contact": str(contact or ""),
    }
    return row

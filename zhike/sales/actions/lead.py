"""Create, change, qualify and convert leads (domain rule R6.1)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from zhike.activities.actions.moving import move_back_to_lead, move_to_customer
from zhike.activities.models import FollowUpRecord
from zhike.customers.actions.duplicates import Duplicate, find, keys_of_values
from zhike.customers.models import Contact, Customer
from zhike.customers.rules.cleaning import clean
from zhike.history.action import EventDraft, action
from zhike.history.models import Event
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.records.registry import describe_model
from zhike.records.verbs import check_version, own, write
from zhike.sales.actions import opportunity as opportunities
from zhike.sales.models import Lead, LeadConversion, Opportunity
from zhike.staff.models import User


@action("sales.lead.create", needs="sales.lead.create")
def create(*, by: User, event: EventDraft, owner: User | None = None, **values: Any) -> Lead:
    """A new lead."""
    lead = Lead()
    own(lead, owner or by, by=by)
    return write(lead, _normalised(values))  # type: ignore[return-value]


@action("sales.lead.update", needs="sales.lead.change")
def update(lead: Lead, *, by: User, event: EventDraft, expected_version: int | None = None, **values: Any) -> Lead:
    """Change its fields."""
    check_version(lead, expected_version)
    owner = values.pop("owner", lead.owner)
    if owner is not None and owner.pk != lead.owner_id:
        own(lead, owner, by=by)
    return write(lead, _normalised(values))  # type: ignore[return-value]


@action("sales.lead.follow", needs="sales.lead.change")
def follow(lead: Lead, *, by: User, event: EventDraft) -> Lead:
    """Somebody works on it now; also brings an invalid one back."""
    if lead.state == Lead.State.QUALIFIED:
        raise Refused(_("This lead is already converted."))
    event.silent = lead.state == Lead.State.FOLLOWING
    return write(lead, {"state": Lead.State.FOLLOWING, "invalid_reason": ""})  # type: ignore[return-value]


@action("sales.lead.invalidate", needs="sales.lead.change")
def invalidate(lead: Lead, *, by: User, event: EventDraft, reason: str) -> Lead:
    """There is nothing in it."""
    _check_in_work(lead)
    if not reason.strip():
        raise Refused(_("Say why it is invalid."), fields={"reason": _("A reason is needed.")})
    return write(lead, {"state": Lead.State.INVALID, "invalid_reason": reason.strip()})  # type: ignore[return-value]


@action("sales.lead.transfer", needs="sales.lead.assign")
def transfer(lead: Lead, *, by: User, event: EventDraft, owner: User, reason: str = "") -> Lead:
    """Give it to somebody else."""
    event.silent = owner.pk == lead.owner_id
    event.data |= {"from": str(lead.owner or ""), "to": str(owner), "reason": reason}
    own(lead, owner, by=by)
    return write(lead, {})  # type: ignore[return-value]


@action("sales.lead.convert", needs="sales.lead.convert")
def convert(
    lead: Lead,
    *,
    by: User,
    event: EventDraft,
    customer: Customer | None = None,
    contact: Contact | None = None,
    opportunity_name: str = "",
    opportunity: dict[str, Any] | None = None,
    kind: str = "",
    duplicate_reason: str = "",
    expected_version: int | None = None,
) -> Lead:
    """Make it a customer with a contact and, with a name for one, an opportunity.

    Args:
        customer: an existing customer to link to; without one a new one is made. The customers' own verb refuses
            what is there already (`duplicates_of` tells beforehand).
        contact: an existing contact of that customer.
        opportunity: further values of the opportunity.
        kind: ENTERPRISE or PERSON for a new customer; by default an enterprise if the lead names a company.
        duplicate_reason: why the new customer is another one than the likely duplicate.
    """
    check_version(lead, expected_version)
    _check_in_work(lead)
    conversion = LeadConversion(lead=lead, converted_by=by, state_before=lead.state)
    if customer is None:
        customer = _make_customer(lead, by=by, kind=kind, duplicate_reason=duplicate_reason)
        contact = customer.contacts.first()
        conversion.created_customer, conversion.created_contact = True, contact is not None
    elif contact is None and customer.kind == Customer.Kind.ENTERPRISE:
        contact = describe_model(Contact).create(by=by, customer=customer, **_contact_values(lead))
        conversion.created_contact = True
    elif contact is not None and contact.customer_id != customer.pk:
        raise Refused(_("This contact belongs to another customer."), fields={"contact": _("Choose another one.")})
    conversion.customer, conversion.contact = customer, contact
    if opportunity_name.strip():
        conversion.opportunity = _make_opportunity(lead, conversion, opportunity_name, opportunity or {}, by=by)
    write(lead, {"state": Lead.State.QUALIFIED, "converted_to": customer})
    move_to_customer(about_id=lead.pk, customer_id=customer.pk, by=by)
    conversion.save()  # last: what comes after it is somebody's work
    event.data |= {"customer": str(customer), "opportunity": opportunity_name.strip()}
    return lead


@action("sales.lead.undo_conversion", needs="sales.lead.convert")
def undo_conversion(lead: Lead, *, by: User, event: EventDraft) -> Lead:
    """Take the conversion back within 24 hours, and what it made with it, unless others already use that."""
    conversion = lead.conversions.filter(undone_at=None).first()
    if conversion is None:
        raise Refused(_("This lead is not converted."))
    if not conversion.may_be_undone():
        raise Refused(_("A conversion can be taken back for 24 hours only."))
    _check_unused(conversion)
    move_back_to_lead(about_id=lead.pk, customer_id=conversion.customer_id, lead=lead, by=by)
    for row in conversion.made:
        describe_model(row).trash(row, by=None)
    conversion.undone_at, conversion.undone_by = now(), by
    conversion.save()
    event.thread_id = conversion.customer_id
    return write(lead, {"state": conversion.state_before, "converted_to": None})  # type: ignore[return-value]


def duplicates_of(lead: Lead, *, by: User, kind: str = "") -> list[Duplicate]:
    """Customers that the lead may already be, surest first, by the customers' own check (R3.24)."""
    values = customer_values(lead, kind)
    return find(keys_of_values(values, values.pop("contacts", [])), by=by)


def customer_values(lead: Lead, kind: str = "") -> dict[str, Any]:
    """What a new customer gets from the lead, its contact included."""
    kind = kind or (Customer.Kind.ENTERPRISE if lead.company_name else Customer.Kind.PERSON)
    values: dict[str, Any] = {"kind": kind, "acquisition_channel": lead.source}
    if kind == Customer.Kind.PERSON:
        return values | {name: getattr(lead, name) for name in ("name", "phones", "emails", "handles")}
    return values | {"name": lead.company_name or lead.name, "contacts": [_contact_values(lead)]}


def _check_in_work(lead: Lead) -> None:
    if not lead.is_in_work:
        raise Refused(_("This lead is no longer being worked on (%s).") % lead.get_state_display(), code="closed")


def _check_unused(conversion: LeadConversion) -> None:
    """What was made may have been used by others since."""
    if conversion.created_customer:
        others = Opportunity.objects.kept().filter(customer_id=conversion.customer_id)
        if conversion.opportunity_id:
            others = others.exclude(pk=conversion.opportunity_id)
        contacts = Contact.objects.filter(customer_id=conversion.customer_id, trashed_at=None)
        # Contact records by when they were written: their event stands at the day of the meeting.
        met = FollowUpRecord.objects.filter(customer_id=conversion.customer_id, created_at__gt=conversion.updated_at)
        told = Event.objects.filter(
            thread_id=conversion.customer_id, at__gt=conversion.updated_at, actor__isnull=False
        ).exclude(action__startswith="sales.lead.")
        if (
            others.exists()
            or contacts.exclude(pk=conversion.contact_id).exists()
            or met.filter(trashed_at=None).exists()
            or told.exists()
        ):
            raise Refused(_("Others have worked with the new customer since. It cannot be taken back."))
    if conversion.opportunity is not None and not conversion.opportunity.is_open:
        raise Refused(_("The new opportunity is already closed. It cannot be taken back."))


def _make_customer(lead: Lead, *, by: User, kind: str, duplicate_reason: str) -> Customer:
    return describe_model(Customer).create(  # type: ignore[no-any-return]
        by=by, owner=lead.owner, duplicate_reason=duplicate_reason, **customer_values(lead, kind)
    )


def _contact_values(lead: Lead) -> dict[str, Any]:
    return {name: getattr(lead, name) for name in ("name", "title", "phones", "emails", "handles")}


def _make_opportunity(
    lead: Lead, conversion: LeadConversion, name: str, values: dict[str, Any], *, by: User
) -> Opportunity:
    given = {"source": lead.source, "need": lead.interest} | values
    return opportunities.create(
        by=by,
        owner=lead.owner,
        name=name.strip(),
        customer=conversion.customer,
        contact=conversion.contact,
        **given,
    )


def _normalised(values: dict[str, Any]) -> dict[str, Any]:
    """Phones, e-mails and accounts as they are kept.

    Raises:
        Refused: one of them is none.
    """
    reachable: dict[str, Any] = {name: values[name] for name in ("phones", "emails", "handles") if name in values}
    cleaned, faults = clean(reachable, person=True)
    if faults:
        raise Refused(_("Some fields are not right."), fields=dict(faults))
    return values | cleaned

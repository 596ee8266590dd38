"""What is kept about a person, and what is left of it when it is erased (R1.31, R1.32).

Amounts, dates, keys and who did something stay: they are needed for vouchers and statistics and point at nobody
once names, ways to reach, and free text are gone. Consents stay as they are: they prove what was allowed.
A module that keeps something new about persons adds a line here.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.activities.models import FollowUpRecord, Task, TaskCompletion
from zhike.customers.models import ConsentRecord, Contact, Customer, FamilyRelation
from zhike.grading.models import Assessment, GradeOverride, Judgement, PurchaseRecord, Receipt, Receivable
from zhike.notes.models import Attachment, Comment
from zhike.ownership.models import (
    Appeal,
    ClashCase,
    ClashEvidence,
    ClashParty,
    CustomerLock,
    Deposit,
    Extension,
    OwnershipRecord,
    PoolStay,
    ProxyService,
    Referral,
    Registration,
    Violation,
)
from zhike.privacy.person import Holding, Person
from zhike.records.files import folder
from zhike.records.models import BulkItem, ImportRow
from zhike.records.models.stored_file import StoredFile
from zhike.sales.models import Lead, Opportunity, OpportunityClosure, StageChange

_REACH: dict[str, Any] = {"phones": [], "emails": [], "handles": [], "custom": {}, "tags": []}
_CONTACT: dict[str, Any] = _REACH | {
    "gender": "", "department": "", "title": "", "roles": [], "attitude": "", "influence": None, "reports_to": None,
    "is_primary": False, "status": Contact.Status.DISABLED, "status_reason": "", "preferred_channel": "",
    "preferred_time": "", "do_not_contact": True, "remark": "", "birthday": "",
}  # fmt: skip
_CUSTOMER: dict[str, Any] = _REACH | {
    "short_name": "", "address_detail": "", "addresses": [], "website": "", "uscc": "", "taxpayer_id": "",
    "legal_representative": "", "gender": "", "birthday": "", "marital_status": "", "occupation": "",
    "buying_motive": "", "preferred_colours": [], "preferred_fabrics": [], "special_needs": "", "source_detail": "",
    "referrer": None, "remark": "", "duplicate_reason": "", "next_contact_at": None,
}  # fmt: skip
_TALK = ("preparation", "content", "feedback", "next_step", "no_next_reason")


def subjects(person: Person) -> list[uuid.UUID]:
    """Keys of the records about him, whose comments, files, imports and events are his too."""
    keys = [person.record.pk]
    for holding in (TALKS, TASKS, LEADS, *DEALS):
        keys += holding.rows(person).values_list("pk", flat=True)
    return keys


def _leads(person: Person) -> Any:
    made = Q(conversions__contact=person.contact) if person.contact else Q(conversions__customer=person.customer)
    return Lead.objects.filter(made).distinct()


def _of_customer(model: Any, at: str = "customer") -> Callable[[Person], Any]:
    """Rows of a customer who is the person; what a company bought is nobody's personal data."""
    return lambda one: model.objects.filter(**{at: one.customer}) if one.is_customer else model.objects.none()


def _referrals(person: Person) -> Any:
    """Those that brought him, and those that wait for somebody with his phone."""
    reached = Q(phone__in=person.record.phones) if person.record.phones else Q(pk__in=())
    return Referral.objects.filter(reached | Q(customer=person.customer) if person.is_customer else reached)


def _family(person: Person) -> Any:
    reached = Q(relative_phone__in=person.record.phones) if person.record.phones else Q(pk__in=())
    mine = Q(person=person.customer) | Q(relative=person.customer)
    return FamilyRelation.objects.filter(reached | mine if person.is_customer else reached)


def _imported(person: Person) -> Q:
    of_record = Q(record_id__in=subjects(person))
    return of_record | Q(made__contains=[["contacts", str(person.contact.pk)]]) if person.contact else of_record


def _delete_attachment(row: Attachment) -> None:
    row.file.delete(save=False)


def _delete_stored(row: StoredFile) -> None:
    (folder() / row.path).unlink(missing_ok=True)


MASTER_CONTACT = Holding(
    _("Contact"), lambda one: Contact.objects.filter(pk__in=[one.contact.pk] if one.contact else []),
    ("name", "gender", "department", "title", "phones", "emails", "handles", "birthday", "preferred_channel",
     "preferred_time", "do_not_contact", "remark", "custom", "tags", "created_at"),
    _CONTACT, derived=True,
)  # fmt: skip
MASTER_CUSTOMER = Holding(
    _("Customer"), lambda one: Customer.objects.filter(pk__in=[one.customer.pk] if one.is_customer else []),
    ("customer_no", "name", "phones", "emails", "handles", "region_code", "address_detail", "addresses", "gender",
     "birthday", "marital_status", "occupation", "preferred_colours", "preferred_fabrics", "special_needs", "remark",
     "custom", "tags", "created_at"),
    _CUSTOMER, derived=True,
)  # fmt: skip
TALKS = Holding(
    _("Contact records"), lambda one: FollowUpRecord.objects.filter(one.at), ("happened_at", "method", *_TALK),
    dict.fromkeys(_TALK, "") | {"custom": {}, "tags": []}, derived=True,
)  # fmt: skip
TASKS = Holding(
    _("Tasks"), lambda one: Task.objects.filter(one.at), ("title", "description", "due_on", "completed_at"),
    {"title": "—", "description": "", "custom": {}, "tags": []}, derived=True,
)  # fmt: skip
LEADS = Holding(
    _("Leads"), _leads, ("name", "company_name", "title", "phones", "emails", "handles", "interest", "note"),
    _REACH | {"name": "—", "company_name": "", "title": "", "interest": "", "note": "", "invalid_reason": ""},
    derived=True,
)  # fmt: skip
# What a customer who is a person did with us: texts go, amounts and dates stay.
DEALS = (
    Holding(
        _("Opportunities"), _of_customer(Opportunity),
        ("name", "state", "amount", "started_on", "closed_on", "need", "note"),
        {"name": "—", "need": "", "decision_process": "", "note": "", "custom": {}, "tags": []}, derived=True,
    ),
    Holding(
        _("Registrations"), _of_customer(Registration),
        ("reg_no", "type", "status", "registered_at", "stated_name", "project", "evidence"),
        {"stated_name": "", "stated_keys": [], "project": "", "evidence": "", "ended_note": "", "custom": {},
         "tags": []},
        derived=True,
    ),
    Holding(
        _("Deposits"), _of_customer(Deposit), ("kind", "status", "amount", "receipt_no", "arrived_at", "note"),
        {"note": "", "custom": {}, "tags": []}, derived=True,
    ),
    Holding(
        _("Purchases"), _of_customer(PurchaseRecord), ("number", "purchased_on", "product", "amount", "note"),
        {"note": "", "custom": {}, "tags": []}, derived=True,
    ),
    Holding(
        _("Receivables"), _of_customer(Receivable), ("number", "amount", "due_on", "note"),
        {"note": "", "custom": {}, "tags": []}, derived=True,
    ),
    Holding(
        _("Receipts"), _of_customer(Receipt), ("number", "amount", "received_on", "payer_name", "note"),
        {"payer_name": "", "note": "", "custom": {}, "tags": []}, derived=True,
    ),
    Holding(
        _("Clashes"), _of_customer(ClashCase),
        cleared={"subject": "—", "description": "", "ruling": "", "appeal": "", "facts": {}, "custom": {}, "tags": []},
        derived=True,
    ),
)  # fmt: skip
HOLDINGS: tuple[Holding, ...] = (
    MASTER_CONTACT,
    MASTER_CUSTOMER,
    TALKS,
    TASKS,
    LEADS,
    Holding(
        _("Results of tasks"), lambda one: TaskCompletion.objects.filter(task__in=TASKS.rows(one)), cleared={"note": ""}
    ),
    Holding(
        _("Comments"),
        lambda one: Comment.objects.filter(subject_id__in=subjects(one)),
        ("created_at", "text"),
        {"text": "—"},
    ),
    Holding(
        _("Files"),
        lambda one: Attachment.objects.filter(subject_id__in=subjects(one)),
        ("name", "size", "created_at"),
        {"name": "—", "size": 0, "sha256": "", "file": ""},
        bytes_of=_delete_attachment,
    ),
    Holding(
        _("Files in fields"),
        lambda one: StoredFile.objects.filter(record_id__in=subjects(one)),
        ("name", "size"),
        {"name": "—", "size": 0, "sha256": ""},
        bytes_of=_delete_stored,
    ),
    *DEALS,
    Holding(
        _("Opportunities"),
        lambda one: Opportunity.objects.filter(contact=one.contact) if one.contact else Opportunity.objects.none(),
        ("name", "state", "amount", "started_on", "closed_on"),
    ),
    Holding(
        _("Closings"),
        _of_customer(OpportunityClosure, "opportunity__customer"),
        cleared={"note": "", "reopen_reason": ""},
    ),
    Holding(_("Changes of stage"), _of_customer(StageChange, "opportunity__customer"), cleared={"reason": ""}),
    Holding(_("Referral"), _referrals, ("registered_at", "brought_at"), {"name": "—", "phone": ""}),
    Holding(
        _("Family relations"), _family, ("relation",), {"relative_name": "—", "relative_phone": "", "evidence": ""}
    ),
    Holding(_("Parties of clashes"), _of_customer(ClashParty, "clash__customer"), cleared={"claim": ""}),
    Holding(_("Evidence in clashes"), _of_customer(ClashEvidence, "clash__customer"), cleared={"text": "—"}),
    Holding(_("Owners"), _of_customer(OwnershipRecord), cleared={"acquired_note": "", "end_note": ""}),
    Holding(_("Time in pools"), _of_customer(PoolStay), cleared={"note": ""}),
    Holding(_("Locks"), _of_customer(CustomerLock), cleared={"reason": ""}),
    Holding(_("Extensions"), _of_customer(Extension), cleared={"reason": "—", "note": ""}),
    Holding(_("Appeals"), _of_customer(Appeal), cleared={"reason": "—", "note": ""}),
    Holding(_("Services for colleagues"), _of_customer(ProxyService), cleared={"note": ""}),
    Holding(
        _("Violations"),
        _of_customer(Violation),
        cleared={"description": "—", "cancelled_note": "", "custom": {}, "tags": []},
        derived=True,
    ),
    Holding(_("Assessments"), _of_customer(Assessment), cleared={"adjust_reason": ""}),
    Holding(_("Levels by hand"), _of_customer(GradeOverride), cleared={"reason": "—", "answer": ""}),
    Holding(_("Judgements"), _of_customer(Judgement), cleared={"note": ""}),
    Holding(
        _("Consents"),
        lambda one: ConsentRecord.objects.filter(customer=one.customer, contact=one.contact),
        ("purpose", "channel", "status", "legal_basis", "method", "happened_at", "expires_at"),
    ),
    Holding(
        _("Rows of imported files"),
        lambda one: ImportRow.objects.filter(_imported(one)),
        cleared={"cells": [], "before": None, "made": None, "problems": None, "fault": None},
    ),
    Holding(
        _("Work on many records"),
        lambda one: BulkItem.objects.filter(row_id__in=subjects(one)),
        cleared={"before": {}, "after": {}, "reason": ""},
    ),
)

"""Locks, extensions, appeals, and giving back exactly what a release took (R3.19, R3.20; due process)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.access.rights import rights_of
from zhike.access.take import take
from zhike.activities.actions.moving import follow_customers
from zhike.activities.models import Task
from zhike.customers.models import Customer
from zhike.history.action import EventDraft, action, record
from zhike.kernel import work_calendar
from zhike.kernel.clock import now
from zhike.kernel.errors import Denied, NotFound, Refused
from zhike.notices.actions import notify
from zhike.notices.models import Notice
from zhike.ownership import terms
from zhike.ownership.actions.ledger import because, locked, locked_people
from zhike.ownership.actions.pools import contacts_follow
from zhike.ownership.clauses.params import Capacity, Reclaim
from zhike.ownership.models import Appeal, CustomerLock, Extension, OwnershipRecord, PoolStay, Registration
from zhike.ownership.models.keeping import AppealQuerySet
from zhike.policy.people import holders
from zhike.records.naming import naming
from zhike.staff.models import User


@action("ownership.customer.lock", needs="ownership.customer.lock")
def lock(customer: Customer, *, by: User, event: EventDraft, reason: str = "") -> CustomerLock:
    """Keep a customer from being taken back for a time.

    Raises:
        Refused: it is not one's own, locked already, or one has locked as many as one may.
    """
    if customer.owner_id != by.pk:
        raise Refused(_("Only the owner locks a customer."))
    _end_expired(customer)
    locked_people([by])
    rule = terms.terms(Capacity, by.org_unit_id)
    mine = CustomerLock.objects.in_force(now()).filter(owner=by)
    if mine.filter(customer=customer).exists():
        raise Refused(_("This customer is locked already."), code="locked")
    if mine.count() >= rule.max_locked:
        raise Refused(_("You may lock %d customers. Unlock another one first.") % rule.max_locked, code="lock_limit")
    row = CustomerLock.objects.create(
        customer=customer, owner=by, reason=reason.strip()[:300], expires_at=now() + timedelta(days=rule.lock_days)
    )
    event.data |= {"until": row.expires_at.isoformat(), "reason": row.reason}
    return row


def _end_expired(customer: Customer) -> None:
    over = CustomerLock.objects.filter(customer=customer, ended_at=None, expires_at__lte=now())
    over.update(ended_at=F("expires_at"))


@action("ownership.customer.unlock", needs="ownership.customer.lock")
def unlock(customer: Customer, *, by: User, event: EventDraft) -> Customer:
    """End a lock: one's own, or as a supervisor."""
    found = CustomerLock.objects.in_force(now()).filter(customer=customer).first()
    if found is None:
        event.silent = True
        return customer
    if found.owner_id != by.pk:
        take(Customer, customer.pk, by=by, to="ownership.customer.unlock")
    found.ended_at, found.ended_by = now(), by
    found.save()
    return customer


@action("ownership.customer.ask_extension", needs="ownership.customer.lock")
def ask_extension(customer: Customer, *, by: User, event: EventDraft, reason: str) -> Extension:
    """Ask for more days, with a reason.

    Raises:
        Refused: not one's own, no reason, or as many extensions as allowed already.
    """
    if customer.owner_id != by.pk:
        raise Refused(_("Only the owner asks for an extension."))
    if len(reason.strip()) < 4:
        raise Refused(_("Say why you need more time."), fields={"reason": _("A reason is needed.")})
    rule = terms.terms(Reclaim, customer.org_unit_id)
    ownership = OwnershipRecord.objects.open().get(customer=customer)
    before = ownership.extensions.exclude(state=Extension.State.REFUSED)
    if before.filter(state=Extension.State.REQUESTED).exists():
        raise Refused(_("An extension is asked for already."), code="asked")
    if before.count() >= rule.extensions:
        raise Refused(_("An ownership is extended %d times at most.") % rule.extensions, code="extension_limit")
    row = Extension.objects.create(
        customer=customer, ownership=ownership, days=rule.extension_days, reason=reason.strip()[:500], requested_by=by
    )
    event.data |= {"reason": row.reason, "days": row.days}
    return row


@action("ownership.customer.extend", needs="ownership.customer.extend")
def decide_extension(customer: Customer, *, by: User, event: EventDraft, granted: bool, note: str = "") -> Extension:
    """Grant or refuse what was asked for. One's own request is for somebody else to decide."""
    row = Extension.objects.select_for_update().filter(customer=customer, state=Extension.State.REQUESTED).first()
    if row is None:
        raise Refused(_("Nothing was asked for."), code="nothing_asked")
    if row.requested_by_id == by.pk and not rights_of(by).is_administrator:
        raise Denied(_("Somebody else decides about your request."))
    row.state = Extension.State.GRANTED if granted else Extension.State.REFUSED
    row.decided_by, row.decided_at, row.note = by, now(), note.strip()[:300]
    row.save()
    event.data |= {"granted": granted, "days": row.days, "note": row.note}
    notify(
        [row.requested_by],
        gettext_lazy("Your extension for “%(customer)s” was granted.") if granted
        else gettext_lazy("Your extension for “%(customer)s” was refused."),
        {"customer": naming(customer)}, link=f"/customers/{customer.pk}/", by=by,
    )  # fmt: skip
    return row


def appealable(rows: Iterable[OwnershipRecord]) -> list[OwnershipRecord]:
    """Of somebody's ownerships, those whose end may still be objected to: the last of their customers, not too old."""
    rows = list(rows)
    keys = [row.customer_id for row in rows]
    newest = OwnershipRecord.objects.filter(customer_id__in=keys).order_by("customer_id", "-since")
    last = set(newest.distinct("customer_id").values_list("pk", flat=True))
    return [row for row in rows if row.pk in last and _in_time(row)]


def _in_time(row: OwnershipRecord) -> bool:
    within = timedelta(days=terms.terms(Reclaim, row.org_unit_id).appeal_within_days)
    return row.until is None or (row.end_reason == "RECLAIM" and now() - row.until <= within)


@action("ownership.appeal.open", needs=None)
def appeal(*, by: User, customer_id: uuid.UUID, reason: str) -> Appeal:
    """Object to losing a customer: before it is taken back, or within some days after. The clock stands still.

    The former owner may appeal even where he no longer sees the customer.

    Raises:
        NotFound: the person never owned it lately.
        Refused: no reason, too late, or an appeal is open.
    """
    rows = locked([customer_id])
    ownership = OwnershipRecord.objects.filter(customer_id=customer_id).order_by("-since").first()
    if not rows or ownership is None or ownership.owner_id != by.pk:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    if len(reason.strip()) < 4:
        raise Refused(_("Say why the customer should stay yours."), fields={"reason": _("A reason is needed.")})
    rule = terms.terms(Reclaim, ownership.org_unit_id)
    if ownership.until is not None and now() - ownership.until > timedelta(days=rule.appeal_within_days):
        raise Refused(_("An appeal is possible for %d days after the release.") % rule.appeal_within_days, code="late")
    if Appeal.objects.filter(customer_id=customer_id, state=Appeal.State.OPEN).exists():
        raise Refused(_("An appeal about this customer is open already."), code="appealed")
    row = Appeal.objects.create(
        customer_id=customer_id, ownership=ownership, by=by, reason=reason.strip()[:1000],
        due_at=work_calendar.current().deadline(now(), rule.appeal_days),
    )  # fmt: skip
    record("ownership.customer.appeal", rows[0], by=by)
    notify(
        deciders(ownership),
        gettext_lazy("%(name)s appeals about “%(customer)s”; decide by %(due)s."),
        {"name": by.name, "customer": naming(rows[0]), "due": f"{row.due_at:%Y-%m-%d %H:%M}"},
        link=f"/ownership/appeals/{row.pk}/", kind=Notice.Kind.TASK, by=by,
    )  # fmt: skip
    return row


DECIDE = "ownership.appeal.decide"


def may_decide(user: User, ownership: OwnershipRecord) -> bool:
    """Whether appeals about this ownership are the user's to decide: his right reaches the department that lost the
    customer (in the pool the customer may stand in a unit above it)."""
    # A stretch of the ledger has the columns of a record that the reach looks at.
    stretch: Any = ownership
    return user.pk != ownership.owner_id and rights_of(user).reach(DECIDE).covers(stretch)


def decidable(user: User) -> AppealQuerySet:
    """The appeals, open or not, that are the user's to decide: those that `may_decide` says yes to."""
    return Appeal.objects.within(rights_of(user).reach(DECIDE)).exclude(ownership__owner=user)


def deciders(ownership: OwnershipRecord) -> list[User]:
    """Whom an appeal is told: supervisor and head of the department; where there are none, whoever may decide."""
    found = [ownership.owner.supervisor, ownership.org_unit.manager]
    return [one for one in found if one] or [one for one in holders(DECIDE) if may_decide(one, ownership)]


@action("ownership.appeal.decide", needs=None)
def decide_appeal(
    customer: Customer, *, by: User, event: EventDraft, appeal: Appeal, upheld: bool, note: str = ""
) -> Appeal:
    """Decide an appeal. Upheld after a release, the customer goes back exactly as it was.

    Raises:
        Refused: decided already; or somebody else has the customer by now, which only a clash can undo.
    """
    appeal = Appeal.objects.select_for_update().select_related("ownership", "by").get(pk=appeal.pk, customer=customer)
    if appeal.state != Appeal.State.OPEN:
        raise Refused(_("This appeal is decided."), code="decided")
    if not rights_of(by).is_administrator:
        if appeal.by_id == by.pk:
            raise Denied(_("Somebody else decides about your appeal."))
        if not may_decide(by, appeal.ownership):
            raise Denied(_("You do not have the right to do this."))
    if upheld and appeal.ownership.until is not None:
        restore(customer, by=by, note=note)
    appeal.state = Appeal.State.UPHELD if upheld else Appeal.State.REJECTED
    appeal.decided_by, appeal.decided_at, appeal.note = by, now(), note.strip()[:1000]
    appeal.save()
    event.data |= {"upheld": upheld, "note": appeal.note}
    notify(
        [appeal.by],
        gettext_lazy("Your appeal about “%(customer)s” was upheld.") if upheld
        else gettext_lazy("Your appeal about “%(customer)s” was rejected."),
        {"customer": naming(customer)}, link=f"/ownership/customers/{customer.pk}/why/", by=by,
    )  # fmt: skip
    return appeal


@action("ownership.appeal.withdraw", needs=None)
def withdraw_appeal(customer: Customer, *, by: User, event: EventDraft, appeal: Appeal) -> Appeal:
    """Take one's own appeal back. The days since it was opened do not count all the same.

    Raises:
        NotFound: it is somebody else's.
        Refused: it is decided already.
    """
    found = Appeal.objects.select_for_update().filter(pk=appeal.pk, customer=customer, by=by).first()
    if found is None:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    if found.state != Appeal.State.OPEN:
        raise Refused(_("This appeal is decided."), code="decided")
    found.state, found.decided_at = Appeal.State.WITHDRAWN, now()
    found.save()
    return found


def restore(customer: Customer, *, by: User | None, note: str = "") -> Customer:
    """Give a customer, locked, back to him who lost it to the pool: owner, department, contacts, tasks, registrations.

    Raises:
        Refused: it is no longer in the pool.
    """
    stay = PoolStay.objects.open().filter(customer=customer).first()
    if stay is None or not stay.undo.get("owner"):
        raise Refused(_("The customer is no longer in the pool. Raise a clash instead."), code="not_in_pool")
    undo: dict[str, Any] = stay.undo
    with because(by=by, note=note, acquired_by=OwnershipRecord.AcquiredBy.RESTORE):
        Customer.objects.filter(pk=customer.pk).update(
            owner_id=undo["owner"], org_unit_id=undo["org_unit"], company_id=undo["company"],
            version=F("version") + 1, updated_at=now(),
        )  # fmt: skip
    Task.objects.filter(pk__in=undo["tasks"]).update(trashed_at=None)
    Registration.objects.filter(pk__in=undo["registrations"], status=Registration.Status.LAPSED).update(
        status=Registration.Status.ACTIVE, ended_at=None
    )
    contacts_follow([customer.pk])
    follow_customers([customer.pk])
    customer.refresh_from_db()
    return customer

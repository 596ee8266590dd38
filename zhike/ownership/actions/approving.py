"""Filings outside one's territory are approved or rejected; filings are prolonged as the clause says (R3.40, R3.42)."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.access.rights import rights_of
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Denied, Refused
from zhike.notices.actions import notify
from zhike.ownership import terms
from zhike.ownership.actions.filing import other_since
from zhike.ownership.actions.ledger import locked
from zhike.ownership.actions.pools import default_pools, put
from zhike.ownership.actions.registering import standing_of, take_over
from zhike.ownership.clauses.params import FilingRule
from zhike.ownership.models import OwnershipRecord, PoolStay, Registration
from zhike.staff.models import User

Status = Registration.Status


@action("ownership.registration.approve", needs="ownership.registration.rule")
def approve(registration: Registration, *, by: User, event: EventDraft, note: str = "") -> Registration:
    """Let a filing that waits come into force; its time begins today, its place in the order stays.

    Raises:
        Refused: it does not wait, or somebody else has filed the project by now.
        Denied: it is one's own.
    """
    _must_wait(registration, by)
    customer = locked([registration.customer_id])[0]
    holder = registration.owner
    assert holder is not None  # noqa: S101 - a filing always has one
    details = {"project": registration.project, "product_line": registration.product_line}
    other = other_since(customer, holder, details)
    if other is not None and other < registration.registered_at:
        raise Refused(_("Somebody else has filed this project, and that filing is in force."), code="filed_by_other")
    rule = terms.terms(FilingRule, registration.org_unit_id)
    registration.status = Status.ACTIVE
    registration.valid_until = business_date() + timedelta(days=rule.valid_days)
    _save(registration)
    held = standing_of(customer).holder
    if held is None or held.pk == holder.pk:
        take_over(customer, registration, by=by)
    event.data |= {"note": note.strip()[:300]}
    notify([holder], gettext_lazy("Your filing %(number)s was approved."), {"number": registration.reg_no},
           link=f"/registrations/{registration.pk}/", by=by)  # fmt: skip
    return registration


@action("ownership.registration.reject", needs="ownership.registration.rule")
def reject(registration: Registration, *, by: User, event: EventDraft, reason: str) -> Registration:
    """Reject a filing that waits. A customer who was made by it goes into the pool.

    Raises:
        Refused: it does not wait, or no reason.
        Denied: it is one's own.
    """
    _must_wait(registration, by)
    if not reason.strip():
        raise Refused(_("Say why it is rejected."), fields={"reason": _("A reason is needed.")})
    registration.status, registration.ended_at = Status.REJECTED, now()
    registration.ended_note = reason.strip()[:300]
    _save(registration)
    customer = locked([registration.customer_id])[0]
    _take_off(registration, customer, by)
    event.data |= {"reason": registration.ended_note}
    notify([registration.owner], gettext_lazy("Your filing %(number)s was rejected: %(reason)s"),
           {"number": registration.reg_no, "reason": registration.ended_note},
           link=f"/registrations/{registration.pk}/", by=by)  # fmt: skip
    return registration


def _must_wait(registration: Registration, by: User) -> None:
    if registration.status != Status.DRAFT:
        raise Refused(_("This filing does not wait for an approval."), code="not_waiting")
    if registration.owner_id == by.pk and not rights_of(by).is_administrator:
        raise Denied(_("Somebody else decides about your filing."))


def _save(registration: Registration) -> None:
    registration.version += 1
    registration.save()


def _take_off(registration: Registration, customer: object, by: User) -> None:
    """What the filer has of the customer he has by this filing alone: it goes with it."""
    row = OwnershipRecord.objects.open().filter(customer_id=registration.customer_id).first()
    if row is None or row.owner_id != registration.owner_id or row.acquired_by != OwnershipRecord.AcquiredBy.CREATE:
        return
    if abs((row.since - registration.registered_at).total_seconds()) > 60:
        return
    pools = default_pools([row.org_unit_id])
    if row.org_unit_id in pools:
        put([customer], {registration.customer_id: pools[row.org_unit_id]}, by=by, reason=PoolStay.Reason.OTHER,  # type: ignore[list-item]
            end_reason=OwnershipRecord.EndReason.RETURN, note=registration.ended_note)  # fmt: skip


@action("ownership.registration.extend", needs="ownership.registration.rule")
def extend(registration: Registration, *, by: User | None, event: EventDraft) -> Registration:
    """Prolong the validity of a filing, as often and as long as the clause says (R3.40).

    Raises:
        Refused: prolonged as often as it may be, or it is over.
    """
    rule = terms.terms(FilingRule, registration.org_unit_id)
    if not registration.is_active or registration.valid_until is None:
        raise Refused(_("Only a filing in force is prolonged."), code="ended")
    if registration.extended >= rule.extensions:
        raise Refused(_("A filing is prolonged %d times at most.") % rule.extensions, code="extended")
    registration.valid_until += timedelta(days=rule.extension_days)
    registration.extended += 1
    _save(registration)
    event.data |= {"until": registration.valid_until.isoformat(), "days": rule.extension_days}
    return registration

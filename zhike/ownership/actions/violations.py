"""Recording violations, by a rule or by a leader, and cancelling them with a reason."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.access.rights import rights_of
from zhike.access.take import see
from zhike.customers.models import Customer
from zhike.history.action import EventDraft, action
from zhike.kernel.errors import Denied, Refused
from zhike.notices.actions import notify
from zhike.notices.models import Notice
from zhike.ownership.models import Registration, Violation
from zhike.records.verbs import check_version, own, write
from zhike.staff.models import User


@action("ownership.violation.create", needs="ownership.violation.create")
def create(
    *, by: User | None, kind: str, owner: User | None = None, customer: Customer | None = None,
    registration: Registration | None = None, decision_id: uuid.UUID | None = None, **values: Any,
) -> Violation:  # fmt: skip
    """Record that somebody did not keep the policy; he is told.

    Raises:
        Refused: nobody is named, or a field is wrong.
    """
    if owner is None:
        raise Refused(_("Some fields are not right."), fields={"owner": _("Choose somebody.")})
    if by is not None and customer is not None:
        customer = see(Customer, customer.pk, by=by)
    row = Violation(kind=kind, customer=customer, registration=registration, decision_id=decision_id, recorded_by=by)
    own(row, owner, by=None)
    write(row, values, by=by)
    notify(
        [owner], gettext_lazy("A violation was recorded: %(kind)s."), {"kind": str(row.get_kind_display())},
        link=f"/violations/{row.pk}/", kind=Notice.Kind.WARNING, by=by,
    )  # fmt: skip
    return row


@action("ownership.violation.update", needs="ownership.violation.change")
def update(
    row: Violation, *, by: User | None, event: EventDraft, expected_version: int | None = None, **values: Any
) -> Violation:
    """Correct the description. Whose it is and what it is about stays."""
    check_version(row, expected_version)
    open_ = {"description", "tags", "custom"}
    wrong = [name for name, value in values.items() if name not in open_ and getattr(row, name, None) != value]
    if wrong:
        raise Refused(
            _("A violation is not rewritten. Cancel it and record another."),
            fields={name: _("This cannot be changed afterwards.") for name in wrong},
        )
    return write(row, {name: value for name, value in values.items() if name in open_}, by=by)  # type: ignore[return-value]


@action("ownership.violation.cancel", needs="ownership.violation.change")
def cancel(row: Violation, *, by: User, event: EventDraft, reason: str) -> Violation:
    """It does not stand: it stays in the books, with the reason.

    Raises:
        Refused: no reason, or cancelled already.
        Denied: it is one's own.
    """
    if row.owner_id == by.pk and not rights_of(by).is_administrator:
        raise Denied(_("Somebody else decides about it."))
    if row.state == Violation.State.CANCELLED:
        raise Refused(_("It was cancelled before."), code="cancelled")
    if not reason.strip():
        raise Refused(_("Say why it does not stand."), fields={"reason": _("A reason is needed.")})
    row.state, row.cancelled_note = Violation.State.CANCELLED, reason.strip()[:300]
    event.data |= {"reason": row.cancelled_note}
    return write(row, {})  # type: ignore[return-value]

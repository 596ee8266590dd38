"""The verbs of registrations as the generic forms and the API call them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from zhike.customers.models import Customer
from zhike.history.action import EventDraft, action
from zhike.kernel.errors import Refused
from zhike.ownership.actions.registering import register
from zhike.ownership.models import Registration
from zhike.records.verbs import check_version, write
from zhike.staff.models import User

# What stays open to correction: nothing that attribution looks at.
CORRECTED = {"evidence", "amount", "expected_on", "competitor", "tags", "custom"}


def create_registration(
    *, by: User | None, customer: Customer, owner: User | None = None, **values: Any
) -> Registration:
    """Register a customer that is there already; `register` itself, with the names of the form."""
    values = {name: value for name, value in values.items() if name not in ("tags", "custom")}
    return register(by=by, customer=customer, registrant=owner, **values)  # type: ignore[no-any-return]


@action("ownership.registration.update", needs="ownership.registration.change")
def update_registration(
    row: Registration, *, by: User | None, event: EventDraft, expected_version: int | None = None, **values: Any
) -> Registration:
    """Correct evidence and estimates.

    Raises:
        Refused: something that attribution rests on would change.
    """
    check_version(row, expected_version)
    wrong = [name for name, value in values.items() if name not in CORRECTED and getattr(row, name, None) != value]
    if wrong:
        raise Refused(
            _("A registration is not rewritten. Cancel it and register again."),
            fields={name: _("This cannot be changed afterwards.") for name in wrong},
        )
    return write(row, {name: value for name, value in values.items() if name in CORRECTED}, by=by)  # type: ignore[return-value]

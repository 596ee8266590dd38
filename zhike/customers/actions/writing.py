"""What the verbs of customers and contacts share: clean, check, save."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from zhike.access.rights import rights_of
from zhike.customers.models import Customer
from zhike.customers.rules import cleaning
from zhike.kernel.errors import Message, Refused
from zhike.records.verbs import write
from zhike.staff.models import User


def cleaned(values: dict[str, Any], *, person: bool) -> dict[str, Any]:
    """The values as they are kept.

    Raises:
        Refused: with the message of each field at fault.
    """
    found, faults = cleaning.clean(values, person=person)
    if faults:
        fields: dict[str, Message] = dict(faults)
        raise Refused(_("Some fields are not right."), fields=fields)
    return found


def save(row: Any, values: dict[str, Any]) -> Any:
    """Set, check and save what is clean."""
    return write(row, values)


def must_see(customer: Customer | None, field: str, *, by: User | None) -> None:
    """A record that is pointed at must be one the person may see.

    Raises:
        Refused: it is not.
    """
    if customer is None or by is None or rights_of(by).is_administrator:
        return
    if not Customer.objects.visible_to(by).filter(pk=customer.pk).exists():
        raise Refused(_("Some fields are not right."), fields={field: _("Choose a customer that you may see.")})

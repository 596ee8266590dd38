"""Erasure: nothing that identifies the person is left; it cannot be taken back (R1.32)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.history.action import EventDraft, action
from zhike.history.models import Event
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.notices.models import Notice
from zhike.privacy.actions.requests import checked
from zhike.privacy.holdings import HOLDINGS, subjects
from zhike.privacy.models import PrivacyRequest
from zhike.privacy.person import Holding, Person
from zhike.privacy.rules import anonymous_name
from zhike.records.naming import name_for
from zhike.staff.models import User


@action("privacy.request.erase", needs="privacy.request.answer")
def erase(row: PrivacyRequest, *, by: User, event: EventDraft, confirmed: str) -> PrivacyRequest:
    """Take out of all rows what tells who the person is; keys, amounts and dates stay.

    Args:
        confirmed: the person's name as this user reads it, typed again.

    Raises:
        Refused: the name typed is another one, identity was not checked, or it is done already.
    """
    checked(row)
    if row.erased_at is not None:
        raise Refused(_("The data of this person is erased already."), code="erased")
    person = Person(row.customer, row.contact)
    if confirmed.strip() != name_for(person.record, by, person.record.name):
        raise Refused(
            _("Some fields are not right."), fields={"confirmed": _("Type the name exactly as it is written here.")}
        )
    event.data["rows"] = sum(_clear(holding, person) for holding in HOLDINGS if holding.cleared)
    event.data["events"] = _clear_history(person)
    row.erased_at = now()
    row.save(update_fields=["erased_at", "updated_at"])
    return row


def preview(person: Person) -> list[tuple[Any, int, bool]]:
    """What is kept: label, number of rows, whether they are cleared (otherwise kept without a name)."""
    found = [(holding.label, holding.rows(person).count(), bool(holding.cleared)) for holding in HOLDINGS]
    return [(label, count, cleared) for label, count, cleared in found if count]


def _clear(holding: Holding, person: Person) -> int:
    rows = holding.rows(person)
    if holding.bytes_of is not None:
        for one in list(rows):
            transaction.on_commit(lambda one=one: holding.bytes_of(one), robust=True)  # type: ignore[misc]
    if not holding.derived:
        return int(rows.update(**holding.cleared))
    found = list(rows.select_for_update(of=("self",)) if not rows.query.distinct else rows)
    for one in found:
        for name, value in holding.cleared.items():
            setattr(one, name, type(value)(value) if isinstance(value, list | dict) else value)
        if one.pk == person.record.pk:
            one.name = anonymous_name(one.pk, _("Erased person"))
        one.version += 1
        one.save()  # columns derived from these, search words and match keys, follow
    return len(found)


def _clear_history(person: Person) -> int:
    """What happened stays, with when and by whom; names and texts in it do not. Notices lose their text."""
    asked = PrivacyRequest.objects.filter(customer=person.customer, contact=person.contact)
    keys = [*subjects(person), *asked.values_list("pk", flat=True)]
    asked.update(wording="")
    label = anonymous_name(person.record.pk, _("Erased person"))
    Notice.objects.filter(link__regex="|".join(map(str, keys))).update(text=label)
    return Event.objects.filter(subject_id__in=keys).update(data={}, subject_label=label)

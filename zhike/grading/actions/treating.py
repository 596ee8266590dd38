"""Telling people of customers who wait for the contact their grade promises (R3.15)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from zhike.notices.actions import notify
from zhike.notices.models import Notice
from zhike.staff.models import User

if TYPE_CHECKING:
    from zhike.policy.models import Decision

LINK = "/policies/decisions/?outcome=CONTACT_DUE"


def tell(decisions: Sequence[Decision]) -> None:
    """One notice for each owner and one for his supervisor, however many customers it is about."""
    counts: dict[uuid.UUID, int] = defaultdict(int)
    for one in decisions:
        if one.person_id is not None:
            counts[one.person_id] += 1
    mine = gettext_lazy("%(number)d customers who have bought wait for the contact their grade promises.")
    theirs = gettext_lazy("%(name)s: %(number)d customers who have bought wait for the contact their grade promises.")
    for user in User.objects.active().filter(pk__in=counts).select_related("supervisor"):
        told = {"number": counts[user.pk], "name": user.name}
        notify([user], mine, told, link=LINK, kind=Notice.Kind.WARNING)
        notify([user.supervisor], theirs, told, link=LINK, kind=Notice.Kind.WARNING)

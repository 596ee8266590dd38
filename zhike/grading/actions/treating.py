"""Telling people of customers who wait for the contact their grade promises (R3.15)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.utils.translation import gettext_lazy

from zhike.notices.actions import notify_each
from zhike.notices.models import Notice
from zhike.staff.models import User

LINK = "/policies/decisions/?outcome=CONTACT_DUE"


def tell(counts: Mapping[uuid.UUID | None, int]) -> None:
    """One notice for each owner and one for his supervisor, however many customers it is about; owner to number."""
    mine = gettext_lazy("%(number)d customers who have bought wait for the contact their grade promises.")
    theirs = gettext_lazy("%(name)s: %(number)d customers who have bought wait for the contact their grade promises.")
    people = list(User.objects.active().filter(pk__in=counts).select_related("supervisor"))
    told = {user.pk: {"number": counts[user.pk], "name": user.name} for user in people}
    notify_each([(user, told[user.pk]) for user in people], mine, link=LINK, kind=Notice.Kind.WARNING)
    notify_each([(user.supervisor, told[user.pk]) for user in people], theirs, link=LINK, kind=Notice.Kind.WARNING)

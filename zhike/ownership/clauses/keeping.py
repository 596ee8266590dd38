"""How the confirmation right was kept: registrations that held beside those that lapsed (R12.8)."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q

from zhike.kernel.clock import start_of_day
from zhike.ownership.models import Registration
from zhike.policy.kinds import Kept


def registrations(since: date, till: date) -> list[Kept]:
    """By department and holder: who stood at any time from ``since`` up to ``till``, and who lapsed in it.

    What was never in force, or was cancelled, does not count.
    """
    stood = (Q(ended_at=None) | Q(ended_at__gte=start_of_day(since))) & Q(registered_at__lt=start_of_day(till))
    lapsed = Q(status=Registration.Status.LAPSED, lapsed_on__gte=since, lapsed_on__lt=till)
    rows = Registration.objects.kept().filter(stood | lapsed).exclude(status__in=Registration.DEAD)
    found = rows.order_by().values_list("org_unit_id", "owner_id")
    counted = found.annotate(stood=Count("pk"), lapsed=Count("pk", filter=lapsed))
    return [Kept(unit, holder, number - broken, broken) for unit, holder, number, broken in counted]

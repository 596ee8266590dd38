"""What people hold the factors of a customer to be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from zhike.customers.models import Customer
from zhike.grading import settings
from zhike.grading.actions.nightly import regrade
from zhike.grading.models import Judgement
from zhike.grading.rules.rubric import JUDGED, IndicatorCode
from zhike.grading.rules.schemes import BY_CODE
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date
from zhike.kernel.errors import Message, Refused
from zhike.staff.models import User


def factors_of(customer: Customer) -> list[str]:
    """The factors that can be judged: those of the matrix that rules the customer, and the rubric's."""
    matrix, _ruling = settings.params_for(BY_CODE["CHEVERTON"], customer.org_unit_id)
    return [*(f.code for f in (*matrix.attractiveness, *matrix.strength)), *(str(code) for code in JUDGED)]


@action("grading.judgement.make", needs="grading.judgement.make")
def judge(
    customer: Customer,
    *,
    by: User,
    event: EventDraft,
    values: Mapping[str, Decimal],
    judged_on: date | None = None,
    note: str = "",
) -> Customer:
    """Judge factors from 0 to 10 (market share: percent). A second judgement of the day replaces the first.

    Raises:
        Refused: an unknown factor, a value out of range, a day to come.
    """
    day = judged_on or business_date()
    known = set(factors_of(customer))
    wrong: dict[str, Message] = {}
    for code, value in values.items():
        most = 100 if code == IndicatorCode.MARKET_SHARE else 10
        if code not in known:
            wrong[code] = _("There is no such factor.")
        elif not 0 <= value <= most:
            wrong[code] = _("From 0 to %(most)s.") % {"most": most}
    if day > business_date():
        wrong["judged_on"] = _("This day is still to come.")
    if wrong or not values:
        raise Refused(_("Some fields are not right."), fields=wrong)
    for code, value in values.items():
        Judgement.objects.update_or_create(
            customer=customer, factor=code, judged_on=day, defaults={"value": value, "by": by, "note": note[:300]}
        )
    event.data |= {"factors": {code: str(value) for code, value in values.items()}}
    regrade("CHEVERTON", [customer.pk])
    if IndicatorCode.POTENTIAL in values:
        regrade("COMPOSITE_ABC", [customer.pk])
    return customer

"""Reading what a person answered to entry conditions."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from zhike.customers.models import Contact
from zhike.kernel.errors import Refused
from zhike.records.forms import RecordForm
from zhike.records.registry import describe
from zhike.sales.actions.entry import COLUMNS
from zhike.sales.models import Competitor, EntryCondition, Opportunity


def given_answers(request: HttpRequest, opportunity: Opportunity) -> dict[str, Any]:
    """The conditions that were answered, as values for the verbs.

    Raises:
        Refused: an answer is wrong; ``fields`` says which.
    """
    user: Any = request.user
    names = [str(name) for name in COLUMNS if name in request.POST]
    form = RecordForm(describe("opportunities"), names, user, data=request.POST)
    answers = {name: value for name, value in form.values().items() if value not in (None, "")}
    decider = request.POST.get(EntryCondition.DECISION_MAKER)
    if decider:
        answers[EntryCondition.DECISION_MAKER] = _chosen(
            Contact.objects.visible_to(user).filter(customer_id=opportunity.customer_id),
            decider,
            "decision_maker",
        )
    rivals = [key for key in request.POST.getlist(EntryCondition.COMPETITORS) if key]
    if rivals:
        answers[EntryCondition.COMPETITORS] = [
            _chosen(Competitor.objects.visible_to(user).kept(), key, "competitors") for key in rivals
        ]
    return answers


def _chosen(rows: Any, key: str, field: str) -> Any:
    try:
        return rows.get(pk=uuid.UUID(key))
    except (ValueError, rows.model.DoesNotExist):
        raise Refused(_("Some fields are not right."), fields={field: _("Choose one from the list.")}) from None

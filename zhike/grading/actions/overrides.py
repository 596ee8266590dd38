"""Levels set by people: asked for with a reason and an end, approved by somebody else (R4.10)."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.access.take import take
from zhike.customers.models import Customer
from zhike.grading import settings
from zhike.grading.actions.levels import NewLevel, set_levels
from zhike.grading.actions.nightly import regrade
from zhike.grading.models import Grade, GradeOverride
from zhike.grading.people import approvers_of
from zhike.grading.rules.schemes import ABC_GRADE, BY_CODE, Method, Scheme
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Conflict, Message, Refused
from zhike.notices.actions import notify
from zhike.records.naming import naming
from zhike.staff.models import User

LONGEST = timedelta(days=400)


@action("grading.override.ask", needs="grading.override.ask")
def ask(
    customer: Customer, *, by: User, event: EventDraft, scheme: str, level: str, reason: str, ends_on: date
) -> GradeOverride:
    """Ask for a level. Where the scheme needs no approval it holds at once.

    Raises:
        Refused: level, reason or end are wrong, or one is in force or waiting already.
    """
    of = BY_CODE.get(scheme)
    before = level_of(customer, scheme)
    _check(of, customer, before, level, reason, ends_on)
    assert of is not None  # noqa: S101 - checked
    override = GradeOverride(
        customer=customer, scheme=scheme, level=level, level_before=before, reason=reason.strip(), ends_on=ends_on,
        asked_by=by,
    )  # fmt: skip
    try:
        with transaction.atomic():
            override.save()
    except IntegrityError:
        raise Refused(_("A manual level of this scheme is already in force or waiting. End it first.")) from None
    event.data |= {"scheme": scheme, "level": level, "reason": override.reason}
    if not of.approved:
        _approve(override, by=by)
        return override
    text = gettext_lazy("%(name)s asks for the level %(level)s of %(customer)s.")
    told = {"name": by.name, "level": override.shown.label, "customer": naming(customer)}
    notify(approvers_of(customer), text, told, link="/grading/approvals/", kind="TASK", by=by)
    return override


def level_of(customer: Customer, scheme: str) -> str:
    """The present level, or nothing."""
    return Grade.objects.of(customer).current().filter(scheme=scheme).values_list("level", flat=True).first() or ""


def _check(scheme: Scheme | None, customer: Customer, before: str, level: str, reason: str, ends_on: date) -> None:
    wrong: dict[str, Message] = {}
    if scheme is None or scheme.method == Method.ATTRIBUTE:
        raise Refused(_("Some fields are not right."), fields={"scheme": _("Choose a scheme that has levels.")})
    if level not in scheme.codes or level == before:
        wrong["level"] = _("Choose another level.")
    elif scheme == ABC_GRADE:
        wrong |= _one_step(customer, before, level)
    if not reason.strip():
        wrong["reason"] = _("Say why.")
    today = business_date()
    if not today < ends_on <= today + LONGEST:
        wrong["ends_on"] = _("Choose a day within the next 400 days.")
    if wrong:
        raise Refused(_("Some fields are not right."), fields=wrong)


def _one_step(customer: Customer, before: str, level: str) -> dict[str, Message]:
    """The grade moves by one level only; who is unrated may get any provisional one (R4.7)."""
    rubric, _ruling = settings.params_for(ABC_GRADE, customer.org_unit_id)
    levels = rubric.levels
    if level not in levels:
        return {"level": _("The rubric has no such level.")}
    if before in levels and abs(levels.index(before) - levels.index(level)) > 1:
        return {"level": _("By hand a grade moves by one level only.")}
    return {}


@action("grading.override.decide", needs=None)
def decide(override: GradeOverride, *, by: User, event: EventDraft, approve: bool, answer: str = "") -> GradeOverride:
    """Approve or reject. Nobody decides about what he asked for himself.

    Raises:
        Conflict: it has been decided.
        Refused: it is one's own.
    """
    take(Customer, override.customer_id, by=by, to="grading.override.approve")
    if override.state != GradeOverride.State.PENDING:
        raise Conflict(_("This has been decided already."))
    if override.asked_by_id == by.pk:
        raise Refused(_("Somebody else has to decide what you asked for."))
    if override.ends_on <= business_date():
        approve, answer = False, answer or _("Its time is over.")
    override.answer = answer.strip()[:500]
    event.data |= {"scheme": override.scheme, "level": override.level, "approved": approve}
    if approve:
        _approve(override, by=by)
    else:
        override.state, override.decided_by, override.decided_at = GradeOverride.State.REJECTED, by, now()
        override.save()
    text = (
        gettext_lazy("The level %(level)s of %(customer)s has been approved.") if approve
        else gettext_lazy("The level %(level)s of %(customer)s has been rejected.")
    )  # fmt: skip
    told = {"level": override.shown.label, "customer": naming(override.customer)}
    notify([override.asked_by], text, told, link=f"/customers/{override.customer_id}/levels/", by=by)
    return override


def _approve(override: GradeOverride, *, by: User) -> None:
    override.state, override.decided_by, override.decided_at = GradeOverride.State.APPROVED, by, now()
    override.save()
    level = NewLevel(override.customer_id, override.level, now(), ("BY_HAND",), {"reason": override.reason},
                     override_id=override.pk)  # fmt: skip
    set_levels(override.scheme, [level], source=Grade.Source.PERSON, by=by)


@action("grading.override.end", needs=None)
def end(override: GradeOverride, *, by: User, event: EventDraft) -> GradeOverride:
    """Take a manual level back before its end, or what was asked for before it is decided.

    Raises:
        Conflict: it has ended.
    """
    asker = override.asked_by_id == by.pk and override.state == GradeOverride.State.PENDING
    take(Customer, override.customer_id, by=by, to=f"grading.override.{'ask' if asker else 'approve'}")
    if override.ended_at is not None or override.state == GradeOverride.State.REJECTED:
        raise Conflict(_("It has ended already."))
    event.data |= {"scheme": override.scheme, "level": override.level}
    if override.state == GradeOverride.State.PENDING:
        override.state, override.decided_at, override.decided_by = GradeOverride.State.REJECTED, now(), by
        override.save()
        return override
    override.ended_at, override.ends_on = now(), business_date() - timedelta(days=1)
    override.save()
    level = "" if override.definition.method == Method.PERSON else override.level_before
    set_levels(override.scheme, [NewLevel(override.customer_id, level, now(), ("OVERRIDE_ENDED",))],
               source=Grade.Source.PERSON, by=by)  # fmt: skip
    if override.definition.method == Method.RULE:
        regrade(override.scheme, [override.customer_id])
    return override

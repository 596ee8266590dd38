"""Publishing, and the end of a document (R12.3, R12.5)."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date, now
from zhike.kernel.errors import Refused
from zhike.notices.actions import notify
from zhike.policy.actions.guards import PUBLISH, may
from zhike.policy.actions.review import link, no_faults
from zhike.policy.locks import lock_force
from zhike.policy.models import PolicyDocument, PolicyVersion, Run
from zhike.policy.rules.dates import DateFault, date_fault, earliest
from zhike.policy.text import hash_of
from zhike.staff.models import User

State = PolicyVersion.State


def bound(document: PolicyDocument) -> list[User]:
    """Everybody whom a document binds today."""
    people = User.objects.active().filter(org_unit__path__contains=[document.org_unit_id])
    if document.bound_roles:
        people = people.filter(roles__code__in=document.bound_roles)
    return list(people.distinct())


@action("policy.version.publish", needs=PUBLISH, first=lock_force)
def publish(
    version: PolicyVersion,
    *,
    by: User | None,
    event: EventDraft,
    effective_from: date,
    notice_days: int | None = None,
    is_trial: bool = False,
    ends_on: date | None = None,
    ack_days: int | None = None,
) -> PolicyVersion:
    """Seal an approved version and say from when it holds; the one before ends on that day.

    Args:
        ends_on: the first day on which a trial no longer holds.
        by: None (setting up a sample) may also begin in the past.
    """
    may(by, version.document, PUBLISH)
    _may_be_published(version)
    version.notice_days = version.notice_days if notice_days is None else notice_days
    version.ack_days = version.ack_days if ack_days is None else ack_days
    version.is_trial, version.effective_from = is_trial, effective_from
    version.effective_to = ends_on if is_trial else None
    version.end_reason = "EXPIRED" if is_trial else ""
    if by is not None:
        _days_are_right(version)
    no_faults(version)
    _end_predecessor(version)
    version.state, version.published_at, version.published_by = State.PUBLISHED, now(), by
    version.content_hash = hash_of(version)
    version.version += 1
    version.save()
    event.data |= {"effective_from": effective_from.isoformat(), "hash": version.content_hash}
    _tell_everybody(version, by)
    return version


def _tell_everybody(version: PolicyVersion, by: User | None) -> None:
    text = gettext_lazy("“%(title)s” takes effect on %(day)s. Please read and acknowledge it.")
    told = {"title": version.document.title, "day": version.effective_from}
    notify(bound(version.document), text, told, link=link(version), kind="TASK", by=by)


def _may_be_published(version: PolicyVersion) -> None:
    if version.is_published:
        raise Refused(_("It is published already."), code="published")
    if version.state != State.APPROVED:
        raise Refused(_("Only an approved version can be published. Send it to review first."), code="not_approved")
    run = Run.objects.filter(state=Run.State.RUNNING).first()
    if run is not None:
        raise Refused(
            _("The run for %s is on and decides by what is in force now. Publish when it has finished.") % run.as_of,
            code="run_on",
        )


def _days_are_right(version: PolicyVersion) -> None:
    begins, today = version.effective_from or business_date(), business_date()
    fault = date_fault(
        begins, today=today, notice_days=version.notice_days, is_trial=version.is_trial, ends=version.effective_to
    )
    if fault is None:
        return
    text = {
        DateFault.IN_THE_PAST: _("A policy cannot take effect in the past: choose %s or later.")
        % earliest(today, version.notice_days),
        DateFault.TOO_SOON: _("People need %(days)d days of notice: choose %(day)s or later.")
        % {"days": version.notice_days, "day": earliest(today, version.notice_days)},
        DateFault.NO_TRIAL_END: _("Say when the trial ends."),
        DateFault.TRIAL_TOO_LONG: _("A trial lasts twelve months at most."),
        DateFault.TRIAL_ENDS_BEFORE: _("The trial ends before it begins."),
    }[fault]
    field = "effective_from" if fault in (DateFault.IN_THE_PAST, DateFault.TOO_SOON) else "ends_on"
    raise Refused(text, fields={field: text}, code=fault.value.lower())


def _end_predecessor(version: PolicyVersion) -> None:
    """What is in force on the first day of the new version ends then; what has not begun stands in the way."""
    others = PolicyVersion.objects.filter(document_id=version.document_id, state=State.PUBLISHED)
    later = others.filter(effective_from__gte=version.effective_from).order_by("effective_from").first()
    if later is not None:
        text = _("Version %(number)d takes effect on %(day)s. Choose a later day.") % {
            "number": later.number,
            "day": later.effective_from,
        }
        raise Refused(text, fields={"effective_from": text}, code="later_version")
    begins = version.effective_from or business_date()
    for row in others.in_force(begins):
        row.effective_to, row.end_reason = begins, "SUPERSEDED"
        row.save(update_fields=["effective_to", "end_reason", "updated_at"])


@action("policy.document.abolish", needs=PUBLISH, first=lock_force)
def abolish(document: PolicyDocument, *, by: User, event: EventDraft, on: date, reason: str) -> PolicyDocument:
    """From that day on the document holds no longer. Its decisions and versions stay."""
    may(by, document, PUBLISH)
    if on <= business_date():
        raise Refused(_("Choose a day to come."), fields={"on": _("Choose a day to come.")}, code="in_the_past")
    if not reason.strip():
        raise Refused(_("Say why it is abolished."), fields={"reason": _("Write something.")})
    if document.abolished_on is not None:
        raise Refused(_("It is abolished already."))
    if document.versions.working().exists():
        raise Refused(_("A new version is being worked on. Discard it first."))
    if document.versions.filter(state=State.PUBLISHED, effective_from__gte=on).exists():
        raise Refused(_("A version takes effect on that day or later. Choose a later day."))
    for row in document.versions.in_force(on):
        row.effective_to, row.end_reason = on, "ABOLISHED"
        row.save(update_fields=["effective_to", "end_reason", "updated_at"])
    document.abolished_on = on
    document.version += 1
    document.save()
    event.data |= {"reason": reason, "on": on.isoformat()}
    text = gettext_lazy("“%(title)s” no longer holds from %(day)s.")
    notify(bound(document), text, {"title": document.title, "day": on}, link=f"/policies/{document.pk}/", by=by)
    return document

"""Review of a draft: sending it out, remarks and answers, verdicts, approval (R12.3, R12.4)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import Denied, Refused
from zhike.notices.actions import notify
from zhike.policy.actions.guards import APPROVE, PUBLISH, WRITE, editable, may
from zhike.policy.checking import faults_of
from zhike.policy.models import Participant, PolicyVersion, ReviewComment
from zhike.policy.people import who_may
from zhike.staff.models import User

State = PolicyVersion.State


def link(version: PolicyVersion) -> str:
    return f"/policies/versions/{version.pk}/"


@action("policy.version.set_stage", needs=WRITE)
def set_stage(version: PolicyVersion, *, by: User, event: EventDraft, stage: str) -> PolicyVersion:
    """Need, outline or draft: where the writing stands."""
    editable(version, by)
    if stage not in (State.NEED, State.OUTLINE, State.DRAFT):
        raise Refused(_("Choose need analysis, outline or draft."))
    return _to(version, stage)


@action("policy.version.submit", needs=WRITE)
def submit(
    version: PolicyVersion, *, by: User | None, event: EventDraft, reviewers: Iterable[tuple[User, str]] = ()
) -> PolicyVersion:
    """Send a draft to review; ``reviewers``: person and whom he speaks for. From now on its text stands still."""
    editable(version, by)
    no_faults(version)
    for user, speaks_for in reviewers:
        Participant.objects.update_or_create(version_of=version, user=user, defaults={"speaks_for": speaks_for})
    version.participants.update(verdict="", decided_at=None)
    version.submitted_at = now()
    asked = [one.user for one in version.participants.select_related("user")]
    text = gettext_lazy("Please review the policy “%(title)s”.")
    notify(asked, text, {"title": version.document.title}, link=link(version), kind="TASK", by=by)
    event.data["reviewers"] = [user.name for user in asked]
    told = {"title": version.document.title}
    if asked:
        text = gettext_lazy("“%(title)s” has been sent to review; you will be asked to approve it.")
        notify([one for one in who_may(version.document, APPROVE) if one not in asked], text, told,
               link=link(version), by=by)  # fmt: skip
    else:
        _ask_to_approve(version, by)
    return _to(version, State.IN_REVIEW)


def _ask_to_approve(version: PolicyVersion, by: User | None) -> None:
    text = gettext_lazy("“%(title)s” waits for your approval.")
    told = {"title": version.document.title}
    notify(who_may(version.document, APPROVE), text, told, link=link(version), kind="TASK", by=by)


def _ready(version: PolicyVersion) -> bool:
    """Whether everybody asked has agreed and every remark is settled."""
    open_ones = version.participants.exclude(verdict=Participant.Verdict.AGREED)
    return not open_ones.exists() and not version.comments.filter(resolved_at=None).exists()


def _tell_author(version: PolicyVersion, text: Any, by: User | None, **told: Any) -> None:
    notify([version.document.author], text, {"title": version.document.title, **told}, link=link(version), by=by)


@action("policy.version.take_back", needs=WRITE)
def take_back(version: PolicyVersion, *, by: User, event: EventDraft, reason: str = "") -> PolicyVersion:
    """Back to draft, from review or after approval: it can be edited again, and reviewed again."""
    may(by, version.document, WRITE)
    if version.state not in (State.IN_REVIEW, State.APPROVED):
        raise Refused(_("It is not in review."))
    event.data["reason"] = reason
    version.approved_at = version.approved_by = None
    text = gettext_lazy("“%(title)s” has been taken back to draft; it is reviewed again later.")
    asked = [one.user for one in version.participants.select_related("user")]
    notify(asked, text, {"title": version.document.title}, link=link(version), by=by)
    return _to(version, State.DRAFT)


@action("policy.review.comment", needs=None)
def comment(*, by: User, version: PolicyVersion, text: str, clause_key: uuid.UUID | None = None) -> ReviewComment:
    """A remark on a clause or on the whole; for reviewers and those who write it."""
    _takes_part(by, version)
    if version.is_published:
        raise Refused(_("It is published. Say it for the next version."), code="published")
    if not text.strip():
        raise Refused(_("Write what should be different."), fields={"text": _("Write something.")})
    if clause_key is not None and not version.clauses.filter(key=clause_key).exists():
        raise Refused(_("The clause is no longer in the draft."), fields={"clause": _("It is gone.")})
    _tell_author(version, gettext_lazy("%(name)s remarked on “%(title)s”."), by, name=by.name)
    return ReviewComment.objects.create(version_of=version, author=by, text=text.strip(), clause_key=clause_key)


@action("policy.review.settle", needs=None)
def settle(found: ReviewComment, *, by: User, event: EventDraft, answer: str) -> ReviewComment:
    """Answer a remark: what was changed, or why not."""
    may(by, found.version_of.document, WRITE)
    if not answer.strip():
        raise Refused(_("Say what was changed, or why nothing was."), fields={"answer": _("Write something.")})
    found.answer, found.resolved_at, found.resolved_by = answer.strip(), now(), by
    found.save()
    event.thread_id = found.version_of.document_id
    version = found.version_of
    text = gettext_lazy("Your remark on “%(title)s” has been answered.")
    notify([found.author], text, {"title": version.document.title}, link=link(version), by=by)
    if version.state == State.IN_REVIEW and _ready(version):
        _ask_to_approve(version, None)
    return found


@action("policy.review.decide", needs=None)
def decide(version: PolicyVersion, *, by: User, event: EventDraft, verdict: str, note: str = "") -> PolicyVersion:
    """A reviewer agrees or objects. An objection needs words."""
    mine = version.participants.filter(user=by).first()
    if mine is None:
        raise Denied(_("You were not asked to review this."))
    if version.state != State.IN_REVIEW:
        raise Refused(_("It is not in review."))
    if verdict not in Participant.Verdict.values:
        raise Refused(_("Agree or object."), fields={"verdict": _("Choose one.")})
    if verdict == Participant.Verdict.OBJECTED and not note.strip():
        raise Refused(_("Say what you object to."), fields={"note": _("Write something.")})
    mine.verdict, mine.note, mine.decided_at = verdict, note.strip(), now()
    mine.save()
    event.data["verdict"] = verdict
    if verdict == Participant.Verdict.OBJECTED:
        _tell_author(version, gettext_lazy("%(name)s objects to “%(title)s”."), by, name=by.name)
    elif _ready(version):
        _tell_author(version, gettext_lazy("“%(title)s” has been reviewed; everybody agrees."), by)
        _ask_to_approve(version, None)
    return version


@action("policy.version.approve", needs=APPROVE)
def approve(version: PolicyVersion, *, by: User | None, event: EventDraft) -> PolicyVersion:
    """Approve what has been reviewed: nobody objects, everybody asked has answered, every remark is settled."""
    may(by, version.document, APPROVE)
    if version.state != State.IN_REVIEW:
        raise Refused(_("Only a draft in review can be approved."))
    open_remarks = version.comments.filter(resolved_at=None).count()
    if open_remarks:
        raise Refused(ngettext("%d remark is not settled.", "%d remarks are not settled.", open_remarks) % open_remarks)
    objecting = [str(one.user) for one in version.participants.filter(verdict=Participant.Verdict.OBJECTED)]
    if objecting:
        raise Refused(_("%s objects. Take the draft back, or settle it with them.") % "、".join(objecting))
    silent = [str(one.user) for one in version.participants.filter(verdict="")]
    if silent:
        raise Refused(_("%s has not answered yet.") % "、".join(silent))
    no_faults(version)
    version.approved_at, version.approved_by = now(), by
    text = gettext_lazy("“%(title)s” has been approved and can be published.")
    people = [version.document.author, *who_may(version.document, PUBLISH)]
    notify(people, text, {"title": version.document.title}, link=link(version), kind="TASK", by=by)
    return _to(version, State.APPROVED)


def _to(version: PolicyVersion, state: str) -> PolicyVersion:
    version.state = state
    version.version += 1
    version.save()
    return version


def no_faults(version: PolicyVersion) -> None:
    found = [one for one in faults_of(version) if one.blocking]
    if found:
        lines = [(_("Article %d: ") % one.article_number if one.article_number else "") + one.message for one in found]
        raise Refused("\n".join(lines), code="faulty")


def _takes_part(by: User, version: PolicyVersion) -> None:
    if not version.participants.filter(user=by).exists():
        may(by, version.document, WRITE)

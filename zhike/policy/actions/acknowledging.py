"""Acknowledgement by everybody bound, the short test, reminders (R12.5, R12.6)."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.history.action import EventDraft, action, via
from zhike.kernel.clock import business_date
from zhike.kernel.errors import Denied, Refused
from zhike.notices.actions import notify
from zhike.policy.actions.guards import PUBLISH
from zhike.policy.actions.publishing import bound
from zhike.policy.actions.review import link
from zhike.policy.models import Acknowledgement, AckReminder, Attempt, PolicyDocument, PolicyVersion
from zhike.policy.models.acknowledgement import TRIES
from zhike.policy.people import who_may
from zhike.staff.models import User

REMIND = (3, 1)
OVERDUE, ESCALATED = -1, -2
# So many days after the day it was due, those who publish are told.
ESCALATE_AFTER = 7


def to_read(user: User) -> list[PolicyVersion]:
    """The newest published versions that bind a person and that he has not acknowledged."""
    rows = PolicyVersion.objects.filter(
        document__in=PolicyDocument.objects.binding(user).values("pk"),
        document__abolished_on=None,
        state=PolicyVersion.State.PUBLISHED,
    ).select_related("document")
    newest: dict[uuid.UUID, PolicyVersion] = {}
    for row in rows.order_by("number"):
        newest[row.document_id] = row
    done = set(
        Acknowledgement.objects.filter(user=user, version_of__in=newest.values()).values_list(
            "version_of_id", flat=True
        )
    )
    return [row for row in newest.values() if row.pk not in done and not _over(row)]


def _over(version: PolicyVersion) -> bool:
    return version.effective_to is not None and version.effective_to <= business_date()


def due_on(version: PolicyVersion, user: User) -> date:
    """By when a person should have read it: newcomers count from their first day."""
    begins = max(moment for moment in (version.published_at, user.created_at) if moment is not None)
    return business_date(begins) + timedelta(days=version.ack_days)


def overdue(user: User) -> list[PolicyVersion]:
    """What a person should have read and acknowledged by now and has not."""
    return [version for version in to_read(user) if due_on(version, user) < business_date()]


def must_be_up_to_date(user: User) -> None:
    """Stop who is behind with reading: for verbs that a clause makes wait for it (R12.6).

    Raises:
        Refused: it names what is to be read.
    """
    behind = overdue(user)
    if behind:
        titles = "、".join(str(version.document) for version in behind)
        raise Refused(_("First read and acknowledge what binds you and is overdue: %s.") % titles, code="not_read")


@action("policy.version.acknowledge", needs=None)
def acknowledge(version: PolicyVersion, *, by: User, event: EventDraft) -> Acknowledgement:
    """Read and agreed, with the hash of what was read. Where there is a test, it must have been passed."""
    _must_read(version, by)
    if version.questions.exists() and not version.attempts.filter(user=by, passed=True).exists():
        raise Refused(_("Pass the short test first."), code="test")
    row, made = Acknowledgement.objects.get_or_create(
        version_of=version, user=by, defaults={"content_hash": version.content_hash, "via": via.get()}
    )
    event.silent = not made
    return row


@action("policy.version.attempt", needs=None)
def attempt(version: PolicyVersion, *, by: User, event: EventDraft, answers: dict[str, int]) -> Attempt:
    """One try at the test; ``answers``: question key to the option chosen. Passing it is acknowledging."""
    _must_read(version, by)
    tried = version.attempts.filter(user=by)
    if tried.filter(passed=True).exists():
        raise Refused(_("You have passed it already."))
    count = tried.count()
    if count >= TRIES:
        raise Refused(_("You have used all %d tries. Ask your supervisor.") % TRIES, code="tries")
    questions = list(version.questions.all())
    if not questions:
        raise Refused(_("There is no test."))
    if set(answers) != {str(one.pk) for one in questions}:
        raise Refused(_("Answer every question."))
    right = sum(answers[str(one.pk)] == one.right for one in questions)
    percent = right * 100 // len(questions)
    row = Attempt.objects.create(
        version_of=version, user=by, number=count + 1, answers=answers, percent=percent,
        passed=percent >= version.pass_percent,
    )  # fmt: skip
    event.data |= {"percent": percent, "passed": row.passed}
    if row.passed:
        acknowledge(version, by=by)
    return row


def _must_read(version: PolicyVersion, by: User) -> None:
    if not version.is_published:
        raise Refused(_("It is not published yet."))
    if not PolicyDocument.objects.binding(by).filter(pk=version.document_id).exists():
        raise Denied(_("It does not bind you."))


def readers(version: PolicyVersion) -> list[dict[str, Any]]:
    """Everybody bound: when he acknowledged, until when he should have."""
    done = {row.user_id: row for row in version.acknowledgements.all()}
    today = business_date()
    found = [
        {"user": user, "done": done.get(user.pk), "due": due_on(version, user),
         "overdue": user.pk not in done and due_on(version, user) < today}
        for user in bound(version.document)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one["done"] is not None, one["due"], one["user"].name))


def remind(today: date | None = None) -> int:
    """Remind those who have not read: three days and one day before; overdue, then their supervisor as well; a week
    later those who publish."""
    day, sent = today or business_date(), 0
    rows = PolicyVersion.objects.filter(state=PolicyVersion.State.PUBLISHED, document__abolished_on=None)
    for version in rows.select_related("document"):
        if _over(version):
            continue
        behind = []
        for one in readers(version):
            left = (one["due"] - day).days
            stage = next((stage for stage in sorted(REMIND) if left <= stage), None) if left >= 0 else OVERDUE
            if one["done"] is None and stage is not None:
                sent += _remind(version, one["user"], stage, one["due"])
            behind += [one["user"]] if one["done"] is None and left <= -ESCALATE_AFTER else []
        _escalate(version, behind)
    return sent


def _once(version: PolicyVersion, user: User, stage: int) -> bool:
    return AckReminder.objects.get_or_create(version_of=version, user=user, stage=stage)[1]


def _remind(version: PolicyVersion, user: User, stage: int, due: date) -> int:
    if not _once(version, user, stage):
        return 0
    told = {"title": version.document.title, "day": due, "name": user.name}
    text = gettext_lazy("Please read and acknowledge “%(title)s” until %(day)s.")
    notify([user], text, told, link=link(version), kind="TASK" if stage >= 0 else "WARNING")
    if stage < 0:
        late = gettext_lazy("%(name)s has not acknowledged “%(title)s” (due %(day)s).")
        notify([user.supervisor], late, told, link=link(version), kind="WARNING")
    return 1


def _escalate(version: PolicyVersion, behind: list[User]) -> None:
    """One notice for all who have joined those that are behind for a week."""
    new = [user for user in behind if _once(version, user, ESCALATED)]
    if new:
        text = gettext_lazy("A week overdue: %(number)d people have not acknowledged “%(title)s” (%(names)s).")
        names = "、".join(user.name for user in new[:5]) + ("…" if len(new) > 5 else "")
        told = {"title": version.document.title, "number": len(new), "names": names}
        people = [version.document.author, *who_may(version.document, PUBLISH)]
        notify(people, text, told, link=f"{link(version)}readers/", kind="WARNING")

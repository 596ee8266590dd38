"""The review of a document in its cycle: due, shown, told, done by a revision or by finding it good (R12.9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.history.action import EventDraft, action
from zhike.kernel.clock import business_date
from zhike.kernel.errors import Refused
from zhike.notices.actions import notify
from zhike.policy.actions.guards import WRITE, may
from zhike.policy.models import PolicyDocument, PolicyVersion, ReviewReminder
from zhike.policy.people import who_may
from zhike.policy.rules.dates import months_later
from zhike.staff.models import User

# So many days before the day it is told and shown.
AHEAD = timedelta(days=30)


@dataclass(frozen=True)
class Due:
    """A document in force and the day until which it is to be reviewed."""

    version: PolicyVersion
    on: date

    @property
    def is_overdue(self) -> bool:
        return self.on < business_date()


def due_on(version: PolicyVersion) -> date | None:
    """By when the version in force is reviewed: its cycle after it took effect, or after it was last found good."""
    document = version.document
    begun = max((day for day in (version.effective_from, document.reviewed_on) if day is not None), default=None)
    return months_later(begun, document.review_months) if begun and document.review_months else None


def due(documents: QuerySet[PolicyDocument] | None = None, today: date | None = None) -> list[Due]:
    """What is due within a month and nobody works on a new version of, the most urgent first.

    Args:
        documents: only of these (a queryset of documents).
    """
    day = today or business_date()
    rows = PolicyVersion.objects.in_force(day).filter(document__abolished_on=None).select_related("document")
    if documents is not None:
        rows = rows.filter(document__in=documents)
    busy = PolicyVersion.objects.working().values("document_id")
    found = [(row, on) for row in rows.exclude(document_id__in=busy) if (on := due_on(row)) and on - AHEAD <= day]
    return [Due(row, on) for row, on in sorted(found, key=lambda pair: pair[1])]


def remind(today: date | None = None) -> int:
    """Tell the author and those who write it, a month before and once more when the day has passed."""
    day, told = today or business_date(), 0
    for one in due(today=day):
        late = one.on < day
        _row, made = ReviewReminder.objects.get_or_create(document=one.version.document, due_on=one.on, is_overdue=late)
        if made:
            text = (
                gettext_lazy("“%(title)s” was to be reviewed until %(day)s: revise it, or record that it stays.")
                if late else gettext_lazy("“%(title)s” is to be reviewed until %(day)s.")
            )  # fmt: skip
            document = one.version.document
            notify([document.author, *who_may(document, WRITE)], text, {"title": document.title, "day": one.on},
                   link=f"/policies/versions/{one.version.pk}/", kind="WARNING" if late else "TASK")  # fmt: skip
            told += 1
    return told


@action("policy.document.review", needs=WRITE)
def found_good(document: PolicyDocument, *, by: User, event: EventDraft, note: str) -> PolicyDocument:
    """The review is done and nothing is to be changed; the next one is due a cycle later."""
    may(by, document, WRITE)
    if not note.strip():
        raise Refused(_("Say what was looked at."), fields={"note": _("Write something.")})
    if not document.versions.in_force(business_date()).exists():
        raise Refused(_("No version of it is in force."))
    document.reviewed_on = business_date()
    document.version += 1
    document.save()
    event.data["note"] = note.strip()[:1000]
    return document

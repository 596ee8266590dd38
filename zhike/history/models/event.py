"""What happened. Timeline, notices, webhooks and the audit page feed on these rows."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.clock import now
from zhike.kernel.ids import uuid7


class EventQuerySet(models.QuerySet["Event"]):
    def on_timeline_of(self, thread_id: uuid.UUID) -> EventQuerySet:
        """Newest first. The caller has checked that its reader may see the record."""
        return self.filter(thread_id=thread_id).order_by("-at", "-id")

    def about(self, subject_type: str, subject_id: uuid.UUID) -> EventQuerySet:
        return self.filter(subject_type=subject_type, subject_id=subject_id).order_by("-at", "-id")


class Event(models.Model):
    """One thing that somebody did, written in the transaction that did it. Never changed, never deleted.

    ``thread_id`` is the record on whose timeline it stands (usually the customer). ``data`` holds
    ``changes`` (field to [from, to]) and what the action adds; no secrets.
    """

    class Via(models.TextChoices):
        PAGE = "PAGE", _("Page")
        API = "API", _("API")
        IMPORT = "IMPORT", _("Import")
        JOB = "JOB", _("Automatic")
        COMMAND = "COMMAND", _("Command")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(_("Time"), default=now)
    action = models.CharField(_("Action"), max_length=80)
    actor = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("By")
    )
    via = models.CharField(_("Via"), max_length=8, choices=Via, default=Via.PAGE)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    subject_label = models.CharField(max_length=120, blank=True)
    thread_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("Event")
        verbose_name_plural = _("Events")
        indexes = [
            models.Index("thread_id", models.F("at").desc(), models.F("id").desc(), name="event_thread"),
            models.Index("subject_id", models.F("at").desc(), name="event_subject"),
            models.Index("actor", models.F("at").desc(), name="event_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_label}"

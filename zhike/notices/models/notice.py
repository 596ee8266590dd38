"""A notice: one person is told one thing."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel


class NoticeQuerySet(models.QuerySet["Notice"]):
    def of(self, user: Any) -> NoticeQuerySet:
        return self.filter(user=user)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)

    def newest(self) -> NoticeQuerySet:
        return self.order_by("-created_at", "-id")


class Notice(BaseModel):
    """``text`` is in the person's language at that time. ``link`` is where it is about."""

    class Kind(models.TextChoices):
        INFO = "INFO", _("Information")
        TASK = "TASK", _("Task")
        COMMENT = "COMMENT", _("Comment")
        ASSIGNED = "ASSIGNED", _("Assigned")
        WARNING = "WARNING", _("Warning")
        JOB = "JOB", _("Finished work")

    user = models.ForeignKey("staff.User", models.CASCADE, related_name="notices", verbose_name=_("For"))
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind, default=Kind.INFO)
    text = models.CharField(_("Text"), max_length=300)
    link = models.CharField(_("Link"), max_length=300, blank=True)
    by = models.ForeignKey("staff.User", models.SET_NULL, null=True, related_name="+", verbose_name=_("By"))
    read_at = models.DateTimeField(_("Read at"), null=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("Notice")
        verbose_name_plural = _("Notices")
        indexes = [
            models.Index("user", models.F("created_at").desc(), models.F("id").desc(), name="notice_newest"),
            models.Index("user", condition=models.Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def icon(self) -> str:
        return ICONS.get(self.kind, "bell")


MOST_COUNTED = 100


def number_unread() -> models.Func:
    """How many notices of a session's person wait, up to `MOST_COUNTED`, as an expression."""
    waiting = Notice.objects.filter(user=models.OuterRef("user")).unread().values("pk")[:MOST_COUNTED]
    return models.Func(ArraySubquery(waiting), function="cardinality", output_field=models.IntegerField())


ICONS = {
    "TASK": "checkbox",
    "COMMENT": "message",
    "ASSIGNED": "user-check",
    "WARNING": "alert",
    "JOB": "success",
}

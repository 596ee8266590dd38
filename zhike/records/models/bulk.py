"""Work on many records at once, kept so that it can be followed, resumed and taken back."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.clock import now
from zhike.kernel.models import BaseModel

UNDO_FOR = timedelta(days=7)


class BulkOperationQuerySet(models.QuerySet["BulkOperation"]):
    def under_way(self) -> BulkOperationQuerySet:
        """Those that are not at their end."""
        return self.filter(state__in=(BulkOperation.State.RUNNING, BulkOperation.State.UNDOING))


class BulkOperation(BaseModel):
    """One verb on many records. Its items say which, how far it is, and what stood there before."""

    class State(models.TextChoices):
        RUNNING = "RUNNING", _("Under way")
        DONE = "DONE", _("Done")
        UNDOING = "UNDOING", _("Being taken back")
        UNDONE = "UNDONE", _("Taken back")

    record_type = models.CharField(_("Record type"), max_length=40)
    verb = models.CharField(_("What"), max_length=40)
    params = models.JSONField(default=dict)
    by = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("By"))
    state = models.CharField(_("State"), max_length=8, choices=State, default=State.RUNNING)
    total = models.PositiveIntegerField(_("Records"), default=0)

    objects = BulkOperationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Bulk operation")
        verbose_name_plural = _("Bulk operations")
        indexes = [models.Index("by", models.F("created_at").desc(), name="bulk_operation_by")]

    def __str__(self) -> str:
        return f"{self.verb} {self.record_type}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.RUNNING, self.State.UNDOING)

    @property
    def can_be_undone(self) -> bool:
        return self.state == self.State.DONE and now() - self.created_at < UNDO_FOR


class BulkItem(models.Model):
    """One record of a bulk operation. ``before`` and ``after`` hold the fields that it changed."""

    class State(models.TextChoices):
        PENDING = "PENDING", _("Waiting")
        DONE = "DONE", _("Done")
        SAME = "SAME", _("Was so already")
        SKIPPED = "SKIPPED", _("No right")
        FAILED = "FAILED", _("Refused")
        UNDONE = "UNDONE", _("Taken back")
        KEPT = "KEPT", _("Changed since, left as it is")

    operation = models.ForeignKey(BulkOperation, models.CASCADE, related_name="items")
    row_id = models.UUIDField()
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("Record of a bulk operation")
        constraints = [models.UniqueConstraint(fields=("operation", "row_id"), name="bulk_item_once")]
        indexes = [models.Index(fields=("operation", "state", "id"), name="bulk_item_state")]

    def __str__(self) -> str:
        return f"{self.row_id} {self.state}"

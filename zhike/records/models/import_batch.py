"""Imports: what was sent, how its columns are read, how far it has come, what became of each row."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.access.rights import rights_of
from zhike.kernel.models import BaseModel
from zhike.staff.models import User


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: User) -> ImportBatchQuerySet:
        """Everybody sees his own imports; who may see all of them, all."""
        return self if rights_of(user).may("records.import.see_all") else self.filter(owner=user)

    def at_work(self) -> ImportBatchQuerySet:
        """Those that a worker has something to do for."""
        return self.filter(state__in=(ImportBatch.State.READING, ImportBatch.State.RUNNING, ImportBatch.State.UNDOING))


class ImportBatch(BaseModel):
    """One file on its way in.

    ``columns`` says for each column of the file which field it is (``target``) and how it is read.
    ``cursor`` is the number of the last row done: each chunk moves it in its own transaction, so that a
    worker that dies loses nothing and repeats nothing.
    """

    class State(models.TextChoices):
        READING = "READING", _("Being read")
        UNREADABLE = "UNREADABLE", _("Not readable")
        READY = "READY", _("Waiting for you")
        RUNNING = "RUNNING", _("Running")
        CANCELLED = "CANCELLED", _("Stopped")
        DONE = "DONE", _("Done")
        UNDOING = "UNDOING", _("Being undone")
        UNDONE = "UNDONE", _("Undone")

    class OnDuplicate(models.TextChoices):
        REFUSE = "refuse", _("Refuse the row")
        SKIP = "skip", _("Leave the record as it is")
        UPDATE = "update", _("Update the record")
        MERGE = "merge", _("Fill in what is empty, add to lists")

    record_type = models.CharField(_("Record type"), max_length=40)
    owner = models.ForeignKey("staff.User", models.PROTECT, related_name="+", verbose_name=_("By"))
    file_name = models.CharField(_("File"), max_length=200)
    file_kind = models.CharField(max_length=10, blank=True)
    sheet = models.CharField(_("Sheet"), max_length=100, blank=True)
    sheets = models.JSONField(default=list)
    encoding = models.CharField(_("Text encoding"), max_length=20, blank=True)
    delimiter = models.CharField(max_length=4, blank=True)
    header = models.JSONField(default=list)
    header_number = models.PositiveIntegerField(_("Header row"), default=0)
    fingerprint = models.CharField(max_length=32, blank=True)
    columns = models.JSONField(default=list)
    on_duplicate = models.CharField(
        _("If it is there already"), max_length=8, choices=OnDuplicate, default=OnDuplicate.REFUSE
    )
    create_missing = models.BooleanField(_("Create records that are referred to but missing"), default=False)
    dry_run = models.BooleanField(_("Only check"), default=False)
    state = models.CharField(_("State"), max_length=10, choices=State, default=State.READING)
    problem = models.JSONField(null=True)
    total = models.PositiveIntegerField(default=0)
    cursor = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    started_at = models.DateTimeField(_("Started"), null=True)
    finished_at = models.DateTimeField(_("Finished"), null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("Import")
        verbose_name_plural = _("Imports")
        ordering = ("-created_at",)
        indexes = [
            models.Index("owner", models.F("created_at").desc(), name="import_owner_new"),
            models.Index("record_type", "fingerprint", name="import_fingerprint"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def done(self) -> int:
        """Rows that are finished, one way or another."""
        return sum(self.counts.get(name, 0) for name in ("created", "updated", "skipped", "refused"))

    @property
    def is_at_work(self) -> bool:
        return self.state in (self.State.READING, self.State.RUNNING, self.State.UNDOING)

    @property
    def may_be_undone(self) -> bool:
        written = self.counts.get("created", 0) + self.counts.get("updated", 0)
        ended = self.state in (self.State.DONE, self.State.CANCELLED) and not self.rows_are_gone
        return not self.dry_run and written > 0 and ended

    @property
    def rows_are_gone(self) -> bool:
        """Removed by the house-keeping; only the counts are left."""
        return bool(self.counts.get("forgotten"))

    @property
    def may_be_resumed(self) -> bool:
        gone = self.counts.get("removed") or self.rows_are_gone
        return self.state == self.State.CANCELLED and self.cursor > 0 and not gone


class ImportRow(models.Model):
    """One row of the file and what became of it. ``before`` keeps what an update overwrote."""

    class State(models.TextChoices):
        PENDING = "PENDING", _("Waiting")
        CREATED = "CREATED", _("Created")
        UPDATED = "UPDATED", _("Updated")
        SKIPPED = "SKIPPED", _("Skipped")
        REFUSED = "REFUSED", _("Refused")
        UNDONE = "UNDONE", _("Undone")
        KEPT = "KEPT", _("Kept: somebody worked on it since")

    pk = models.CompositePrimaryKey("batch_id", "number")
    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField(_("Row"))
    cells = models.JSONField()
    state = models.CharField(_("State"), max_length=8, choices=State, default=State.PENDING)
    fault = models.JSONField(null=True)
    problems = models.JSONField(null=True)
    record_id = models.UUIDField(null=True)
    made = models.JSONField(null=True)
    before = models.JSONField(null=True)

    class Meta:
        verbose_name = _("Imported row")
        verbose_name_plural = _("Imported rows")

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number}"


class ImportMapping(BaseModel):
    """How somebody mapped a header, to be offered again when the same header comes."""

    record_type = models.CharField(max_length=40)
    owner = models.ForeignKey("staff.User", models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=32)
    columns = models.JSONField(default=list)
    on_duplicate = models.CharField(max_length=8, choices=ImportBatch.OnDuplicate)
    create_missing = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("owner", "record_type", "fingerprint"), name="import_mapping_once")
        ]

    def __str__(self) -> str:
        return f"{self.record_type} {self.fingerprint}"

"""An export: what was asked for, how far it is, and where the file lies until it expires."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.clock import now
from zhike.kernel.models import BaseModel

KEPT_FOR = timedelta(hours=24)


class ExportFile(BaseModel):
    """A list written to a file for one person. Only he may fetch it, and only for a day."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("Under way")
        DONE = "DONE", _("Ready")
        FAILED = "FAILED", _("Failed")
        EXPIRED = "EXPIRED", _("Expired")

    class Format(models.TextChoices):
        XLSX = "xlsx", _("Excel")
        CSV = "csv", _("CSV")

    record_type = models.CharField(_("Record type"), max_length=40)
    owner = models.ForeignKey("staff.User", models.CASCADE, related_name="+")
    format = models.CharField(_("Format"), max_length=4, choices=Format, default=Format.XLSX)
    columns = models.JSONField(default=list)
    filter = models.JSONField(default=dict)
    words = models.CharField(max_length=100, blank=True)
    sort = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=10, blank=True)
    state = models.CharField(_("State"), max_length=8, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(_("Records"), default=0)
    written = models.PositiveIntegerField(_("Written"), default=0)
    message = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("Export")
        verbose_name_plural = _("Exports")
        indexes = [models.Index("owner", models.F("created_at").desc(), name="export_file_owner")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def file_name(self) -> str:
        return f"{self.record_type}-{self.created_at:%Y%m%d-%H%M}.{self.format}"

    @property
    def path(self) -> str:
        """Below the folder of files."""
        return f"exports/{self.pk}.{self.format}"

    @property
    def is_fresh(self) -> bool:
        return self.state == self.State.DONE and now() - self.created_at < KEPT_FOR

"""Files that are values of company-defined fields."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel


class StoredFile(BaseModel):
    """A file as it was sent. Who may read it follows from the record it belongs to; until then only its sender.

    ``record_id`` is set when the record that holds its key is saved. The bytes lie under ``files/`` of the
    data folder by the row's key: nothing that was sent decides where.
    """

    name = models.CharField(_("File name"), max_length=200)
    size = models.PositiveBigIntegerField(_("Size"))
    sha256 = models.CharField(max_length=64)
    sent_by = models.ForeignKey("staff.User", models.PROTECT, related_name="+")
    record_type = models.CharField(max_length=40, blank=True)
    record_id = models.UUIDField(null=True)
    field = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("File")
        verbose_name_plural = _("Files")
        indexes = [models.Index(fields=("record_id",), name="stored_file_record")]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """Below the folder of files."""
        return f"fields/{self.pk.hex[-2:]}/{self.pk}"

"""A file on a record. Its bytes lie in the data folder under a name of ours; what the person called it is `name`."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.clock import business_date
from zhike.notes.models.note import Note
from zhike.notes.rules.file_types import PREVIEWED


def place(attachment: Any, _name: str) -> str:
    """A path that says nothing about the content."""
    return f"notes/{business_date():%Y/%m}/{attachment.pk}"


class Attachment(Note):
    file = models.FileField(_("File"), upload_to=place, max_length=120)
    name = models.CharField(_("Name"), max_length=200)
    size = models.PositiveBigIntegerField(_("File size"))
    content_type = models.CharField(_("Type"), max_length=100)
    sha256 = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("File")
        verbose_name_plural = _("Files")
        indexes = [models.Index(fields=("subject_id", "created_at"), name="attachment_subject")]

    def __str__(self) -> str:
        return self.name

    @property
    def has_preview(self) -> bool:
        return self.content_type in PREVIEWED

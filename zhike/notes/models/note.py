"""What comments and files have in common: they hang on a record of any described type."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel


class NoteQuerySet(models.QuerySet[Any]):
    """Who may see the record may see its notes; the caller has checked that."""

    def on(self, record: Any) -> Self:
        return self.filter(subject_id=record.pk, trashed_at=None)


class Note(BaseModel):
    """``subject_type`` is the name of the record's description; ``thread_id`` whose timeline it stands on."""

    subject_type = models.CharField(max_length=40, editable=False)
    subject_id = models.UUIDField(editable=False)
    thread_id = models.UUIDField(editable=False)
    author = models.ForeignKey(
        "staff.User", models.PROTECT, related_name="+", editable=False, verbose_name=_("Written by")
    )
    trashed_at = models.DateTimeField(_("Deleted at"), null=True, editable=False)

    objects = NoteQuerySet.as_manager()

    class Meta:
        abstract = True

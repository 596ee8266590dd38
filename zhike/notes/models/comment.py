"""A comment on a record."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.notes.models.note import Note


class Comment(Note):
    text = models.TextField(_("Comment"), max_length=5000)
    edited_at = models.DateTimeField(_("Edited at"), null=True, editable=False)

    class Meta:
        verbose_name = _("Comment")
        verbose_name_plural = _("Comments")
        indexes = [models.Index(fields=("subject_id", "created_at"), name="comment_subject")]

    def __str__(self) -> str:
        return self.text[:60]

"""Fields that a company adds to a record type."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel
from zhike.records.kinds import CUSTOM_KINDS


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    def in_use(self) -> CustomFieldQuerySet:
        return self.filter(retired_at=None)


class CustomField(BaseModel):
    """A company-defined field. Its values lie in ``custom`` of the record, under ``key``.

    ``choices`` is a list of ``{"code": …, "label": …, "label_en": …}``; ``target`` names the record type
    that a field of kind RECORD points at. A retired field keeps its values and is no longer shown.
    """

    record_type = models.CharField(_("Record type"), max_length=40)
    key = models.CharField(
        _("Key"),
        max_length=40,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", _("Small letters, digits and _, beginning with a letter."))],
    )
    label = models.CharField(_("Label in Chinese"), max_length=40)
    label_en = models.CharField(_("Label in English"), max_length=40, blank=True)
    kind = models.CharField(_("Kind"), max_length=16, choices=[(kind.value, kind.label) for kind in CUSTOM_KINDS])
    help_text = models.CharField(_("Help"), max_length=200, blank=True)
    choices = models.JSONField(_("Choices"), default=list, blank=True)
    target = models.CharField(_("Points at"), max_length=40, blank=True)
    required = models.BooleanField(_("Required"), default=False)
    filterable = models.BooleanField(_("Can be filtered and sorted"), default=False)
    searchable = models.BooleanField(_("Found by search"), default=False)
    position = models.PositiveIntegerField(_("Order"), default=0)
    retired_at = models.DateTimeField(_("Retired at"), null=True, blank=True, editable=False)

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        verbose_name = _("Own field")
        verbose_name_plural = _("Own fields")
        ordering = ("position", "key")
        constraints = [
            models.UniqueConstraint(
                fields=("record_type", "key"),
                name="custom_field_once",
                violation_error_message=_("There is already a field with this key."),
            )
        ]

    def __str__(self) -> str:
        return self.label_en if self.label_en and (get_language() or "").startswith("en") else self.label

"""Who else is after the deal."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.records.models import RecordModel


class Competitor(RecordModel):
    """A company that competes with ours."""

    permission_noun = "sales.competitor"

    name = models.CharField(_("Name"), max_length=120)
    website = models.URLField(_("Web site"), blank=True)
    strengths = models.TextField(_("Strengths"), max_length=2000, blank=True)
    weaknesses = models.TextField(_("Weaknesses"), max_length=2000, blank=True)
    note = models.TextField(_("Note"), max_length=4000, blank=True)

    class Meta:
        verbose_name = _("Competitor")
        verbose_name_plural = _("Competitors")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=("company", "name"),
                name="competitor_once",
                violation_error_message=_("There is already a competitor of this name."),
            )
        ]
        indexes = [
            *RecordModel.common_indexes("competitor"),
            models.Index(fields=("org_unit", "name", "id"), name="competitor_unit_name"),
        ]

    def __str__(self) -> str:
        return self.name

"""Names that a company gives in both languages."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class NamedByCompany(models.Model):
    """Company data with a Chinese and an English name; without the second the first serves both."""

    name = models.CharField(_("Name"), max_length=60)
    name_en = models.CharField(_("Name in English"), max_length=60, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name

"""What the company sets for a scheme that no clause of its policy rules."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.grading.models.grade import SCHEME_CHOICES
from zhike.kernel.models import BaseModel


class GradingScheme(BaseModel):
    """Whether a scheme is in use, and its parameters. A clause in force goes before them (`force.table`)."""

    code = models.CharField(_("Scheme"), max_length=24, choices=SCHEME_CHOICES, unique=True)
    active = models.BooleanField(_("In use"), default=True)
    params = models.JSONField(_("Parameters"), default=dict)

    class Meta:
        verbose_name = _("Grading scheme")
        verbose_name_plural = _("Grading schemes")

    def __str__(self) -> str:
        return self.code


class GradingProgress(models.Model):
    """How far the nightly grading by settings has come with a scheme: a killed job goes on, nothing twice (C6)."""

    scheme = models.CharField(primary_key=True, max_length=24)
    as_of = models.DateField()
    cursor = models.UUIDField(null=True)
    done = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("Progress of grading")

    def __str__(self) -> str:
        return f"{self.scheme} {self.as_of}"

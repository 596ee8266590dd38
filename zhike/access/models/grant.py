"""What a role may do, how far, and which fields it may see."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.access.permissions import Scope
from zhike.kernel.models import BaseModel


class Grant(BaseModel):
    """A role holds a permission within a scope."""

    role = models.ForeignKey("staff.Role", models.CASCADE, related_name="grants")
    permission = models.CharField(_("Permission"), max_length=80)
    scope = models.CharField(_("Reach"), max_length=16, choices=Scope)
    org_unit_ids = ArrayField(models.UUIDField(), default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("role", "permission"), name="grant_once")]


class FieldRight(BaseModel):
    """A role sees a field of a record type less than fully. Without a row it sees it as it is."""

    class Right(models.TextChoices):
        HIDDEN = "HIDDEN", _("Hidden")
        MASKED = "MASKED", _("Masked")
        READ_ONLY = "READ_ONLY", _("Read only")

    role = models.ForeignKey("staff.Role", models.CASCADE, related_name="field_rights")
    record_type = models.CharField(_("Record type"), max_length=40)
    field = models.CharField(_("Field"), max_length=60)
    right = models.CharField(_("Right"), max_length=10, choices=Right)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("role", "record_type", "field"), name="field_right_once")]

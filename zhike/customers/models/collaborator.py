"""Who works on a customer beside its owner (glossary 55)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel


class CollaboratorQuerySet(models.QuerySet["Collaborator"]):
    def in_force(self, at: datetime | Combinable) -> CollaboratorQuerySet:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at))

    def of(self, user_id: uuid.UUID | None, *, write: bool) -> CollaboratorQuerySet:
        rows = self.filter(user_id=user_id)  # type: ignore[misc]
        return rows.filter(permission=Collaborator.Permission.WRITE) if write else rows


class Collaborator(BaseModel):
    """A customer is shared with a colleague, to read or to write, for ever or until a day."""

    class Permission(models.TextChoices):
        READ = "READ", _("Read")
        WRITE = "WRITE", _("Read and change")

    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="collaborators", verbose_name=_("Customer")
    )
    user = models.ForeignKey("staff.User", models.CASCADE, related_name="+", verbose_name=_("User"))
    permission = models.CharField(_("Right"), max_length=5, choices=Permission, default=Permission.READ)
    expires_at = models.DateTimeField(_("Until"), null=True, blank=True)

    objects = CollaboratorQuerySet.as_manager()

    class Meta:
        verbose_name = _("Collaborator")
        verbose_name_plural = _("Collaborators")
        constraints = [models.UniqueConstraint(fields=("customer", "user"), name="collaborator_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_permission_display()}"

"""Roles and who holds them. What a role may do is in `access`."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel


class Role(BaseModel):
    """A named bundle of rights. ``is_administrator``: may do everything, everywhere.

    Built-in roles are named in English here and shown in the reader's language. ``known_permissions``
    are those whose defaults the role was once given: what an administrator took away stays away.
    """

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    name = models.CharField(_("Name"), max_length=60)
    description = models.CharField(_("Description"), max_length=300, blank=True)
    is_administrator = models.BooleanField(_("May do everything"), default=False)
    is_builtin = models.BooleanField(_("Built in"), default=False, editable=False)
    known_permissions = ArrayField(models.CharField(max_length=80), default=list, editable=False)
    position = models.PositiveIntegerField(_("Sequence"), default=100, editable=False)

    class Meta:
        verbose_name = _("Role")
        verbose_name_plural = _("Roles")
        ordering = ("position", "name")

    def __str__(self) -> str:
        return gettext(self.name) if self.is_builtin else self.name

    @property
    def shown_description(self) -> str:
        return gettext(self.description) if self.is_builtin and self.description else self.description


class RoleAssignment(BaseModel):
    """A user holds a role."""

    user = models.ForeignKey("staff.User", models.CASCADE, related_name="role_assignments")
    role = models.ForeignKey(Role, models.PROTECT, related_name="assignments")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("user", "role"), name="role_assigned_once")]

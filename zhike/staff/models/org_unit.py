"""Our own organisation: group → companies → departments → teams, one tree (glossary 37)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel, Derived


class DerivedKeyList(Derived, ArrayField):  # type: ignore[type-arg,misc]
    """A derived list of keys."""


class DerivedForeignKey(Derived, models.ForeignKey):  # type: ignore[type-arg,misc]
    """A derived reference."""


class OrgUnitQuerySet(models.QuerySet["OrgUnit"]):
    def active(self) -> OrgUnitQuerySet:
        return self.filter(closed_at=None)

    def below(self, unit_ids: list[uuid.UUID]) -> OrgUnitQuerySet:
        """The units themselves and everything under them."""
        return self.filter(path__overlap=unit_ids)


class OrgUnit(BaseModel):
    """A node of the organisation. ``path`` lists the keys from the root down to the unit itself.

    ``company`` is the nearest company from the unit upwards, itself included; the group where there is
    none. Both follow from the tree: `administration.actions.organisation` keeps them when it changes.
    """

    class Kind(models.TextChoices):
        GROUP = "GROUP", _("Group")
        COMPANY = "COMPANY", _("Company")
        DEPARTMENT = "DEPARTMENT", _("Department")
        TEAM = "TEAM", _("Team")
        STORE = "STORE", _("Store")

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Parent unit")
    )
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind)
    name = models.CharField(_("Name"), max_length=60)
    code = models.CharField(_("Code"), max_length=30, blank=True)
    company = DerivedForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name=_("Company"), source="derive_company_id"
    )
    path = DerivedKeyList(models.UUIDField(), default=list, source="derive_path")
    position = models.PositiveIntegerField(_("Sequence"), default=0)
    manager = models.ForeignKey(
        "staff.User", models.SET_NULL, null=True, blank=True, related_name="managed_units", verbose_name=_("Manager")
    )
    closed_at = models.DateTimeField(_("Out of use since"), null=True, blank=True, editable=False)

    objects = OrgUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("Organisation unit")
        verbose_name_plural = _("Organisation units")
        ordering = ("position", "name")
        constraints = [
            models.UniqueConstraint(
                fields=("parent", "name"),
                name="org_unit_name_once",
                nulls_distinct=False,
                violation_error_message=_("There is already a unit of this name here."),
            ),
            models.UniqueConstraint(
                fields=("kind",),
                condition=models.Q(kind="GROUP"),
                name="org_unit_one_root",
                violation_error_message=_("There is already a group at the top."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="GROUP", parent=None)
                | (~models.Q(kind="GROUP") & models.Q(parent__isnull=False)),
                name="org_unit_one_root_kind",
                violation_error_message=_("Only the group stands at the top."),
            ),
        ]
        indexes = [GinIndex(fields=("path",), name="org_unit_path")]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """0 for the group."""
        return len(self.path) - 1

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def derive_path(self) -> list[uuid.UUID]:
        return [*self.parent.path, self.pk] if self.parent else [self.pk]

    def derive_company_id(self) -> Any:
        if self.parent is None or self.kind == self.Kind.COMPANY:
            return self.pk
        return self.parent.company_id

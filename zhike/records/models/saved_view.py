"""A list as somebody likes it: columns, filter, sort."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel
from zhike.kernel.prepared import Prepared
from zhike.staff.models import User


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def for_user(self, user: User, record_type: str) -> SavedViewQuerySet:
        """The user's own, those of the units he belongs to, those of his company and of the whole group."""
        return self.for_place(user.pk, user.org_unit.path, record_type)

    def for_place(self, user_id: uuid.UUID, path: list[uuid.UUID], record_type: str) -> SavedViewQuerySet:
        shared = Q(audience__in=("COMPANY", "TEAM"), org_unit_id__any_of=path)
        return self.filter(Q(owner_id=user_id) | shared, record_type=record_type)


class SavedView(BaseModel):
    """A named list. PRIVATE: its owner's; TEAM: everybody in or under ``org_unit``; COMPANY: the whole company."""

    class Audience(models.TextChoices):
        PRIVATE = "PRIVATE", _("Only me")
        TEAM = "TEAM", _("My department")
        COMPANY = "COMPANY", _("The company")

    record_type = models.CharField(max_length=40)
    name = models.CharField(_("Name"), max_length=40)
    owner = models.ForeignKey("staff.User", models.CASCADE, related_name="+")
    audience = models.CharField(_("Who sees it"), max_length=8, choices=Audience, default=Audience.PRIVATE)
    org_unit = models.ForeignKey("staff.OrgUnit", models.CASCADE, null=True, blank=True, related_name="+")
    columns = ArrayField(models.CharField(max_length=60), default=list, verbose_name=_("Columns"))
    filter = models.JSONField(_("Filter"), default=dict, blank=True)
    sort = models.CharField(_("Sort"), max_length=60, blank=True)
    position = models.PositiveIntegerField(default=0)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("Saved view")
        verbose_name_plural = _("Saved views")
        ordering = ("position", "name")
        constraints = [
            models.UniqueConstraint(
                fields=("record_type", "owner", "name"),
                name="saved_view_name_once",
                violation_error_message=_("You already have a view of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name


_views = Prepared(lambda *place: SavedView.objects.for_place(*place))


def views_of(user: User, record_type: str) -> tuple[SavedView, ...]:
    """The views that a user's list of a record type offers, in order."""
    return tuple(_views(user.pk, user.org_unit.path, record_type))


class ViewPreference(models.Model):
    """The view that a user's list of a record type opens with."""

    user = models.ForeignKey("staff.User", models.CASCADE, related_name="+")
    record_type = models.CharField(max_length=40)
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("Preferred view")
        constraints = [models.UniqueConstraint(fields=("user", "record_type"), name="view_preference_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.record_type}"

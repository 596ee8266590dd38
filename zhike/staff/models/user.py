"""People who sign in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel
from zhike.staff.models.org_unit import DerivedForeignKey


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> UserQuerySet:
        return self.filter(disabled_at=None)


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)  # type: ignore[no-any-return]


class User(AbstractBaseUser, BaseModel):  # type: ignore[django-manager-missing]
    """A person of our staff. A leaver is disabled, never deleted: his history stays his."""

    class Theme(models.TextChoices):
        SYSTEM = "SYSTEM", _("Like the device")
        LIGHT = "LIGHT", _("Light")
        DARK = "DARK", _("Dark")

    username = models.CharField(_("User name"), max_length=60, unique=True)
    name = models.CharField(_("Full name"), max_length=60)
    # Null, not empty: several people may have none, and no two the same.
    email = models.EmailField(_("E-mail"), null=True, blank=True)  # noqa: DJ001
    mobile = models.CharField(_("Mobile"), max_length=20, null=True, blank=True, unique=True)
    org_unit = models.ForeignKey("staff.OrgUnit", models.PROTECT, related_name="members", verbose_name=_("Department"))
    company = DerivedForeignKey(
        "staff.OrgUnit",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("Company"),
        source="derive_company_id",
    )
    title = models.CharField(_("Position"), max_length=60, blank=True)
    supervisor = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="subordinates", verbose_name=_("Supervisor")
    )
    roles = models.ManyToManyField("staff.Role", through="staff.RoleAssignment", related_name="users")
    language = models.CharField(_("Language"), max_length=10, blank=True)
    theme = models.CharField(_("Appearance"), max_length=8, choices=Theme, default=Theme.SYSTEM)
    disabled_at = models.DateTimeField(_("Disabled at"), null=True, blank=True, editable=False)
    must_change_password = models.BooleanField(_("Must change the password"), default=False)

    objects = UserManager()

    # What came with his session, by name (`zhike.staff.along`); nothing where he was fetched otherwise.
    along: Mapping[str, Any] = MappingProxyType({})

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("User")
        verbose_name_plural = _("Users")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_once",
                violation_error_message=_("This user name is taken."),
            ),
            models.UniqueConstraint(
                Lower("email"), name="user_email_once", violation_error_message=_("This e-mail is already used.")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def derive_company_id(self) -> Any:
        return self.org_unit.company_id

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return self.disabled_at is None

    # Django's contrib code asks these two; our own rights are in `access`.
    @property
    def is_staff(self) -> bool:
        return False

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False

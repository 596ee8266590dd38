"""Tokens with which other programs act for a user."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel

PREFIX = "zk_"


def digest(token: str) -> str:
    """What is stored: a token has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def valid(self, at: datetime) -> ApiTokenQuerySet:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at), revoked_at=None, user__disabled_at=None)


class ApiToken(BaseModel):
    """A token acts with its user's rights, narrowed by its scopes.

    A scope is ``read`` or ``write`` (everything), or ``customers:read``, ``customers:write`` (one record
    type); writing includes reading. Only a hash of the token is kept.
    """

    user = models.ForeignKey("staff.User", models.CASCADE, related_name="api_tokens", verbose_name=_("User"))
    name = models.CharField(_("Name"), max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("Begins with"), max_length=12, editable=False)
    scopes = ArrayField(models.CharField(max_length=60), verbose_name=_("Scopes"))
    expires_at = models.DateTimeField(_("Expires at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("Last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("Revoked at"), null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name

    def allows(self, record_type: str, *, write: bool) -> bool:
        """Whether the scopes cover reading or writing a record type."""
        wanted = (
            {"write", f"{record_type}:write"}
            if write
            else {"read", "write", f"{record_type}:read", f"{record_type}:write"}
        )
        return bool(wanted & set(self.scopes))

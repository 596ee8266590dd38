"""Signed-in sessions: Django's, with the user beside them, so that they can be listed and ended."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.clock import now


class SessionQuerySet(models.QuerySet["Session"]):
    def alive(self) -> SessionQuerySet:
        return self.filter(expire_date__gt=now())


class Session(AbstractBaseSession):
    """One browser of one user. Deleting the row signs it out at once."""

    user = models.ForeignKey("staff.User", models.CASCADE, null=True, related_name="sessions")
    started_at = models.DateTimeField(_("Signed in at"), null=True)
    seen_at = models.DateTimeField(_("Last seen at"), null=True)
    address = models.CharField(_("Network address"), max_length=45, blank=True)
    device = models.CharField(_("Device"), max_length=300, blank=True)

    objects: Any = BaseSessionManager.from_queryset(SessionQuerySet)()  # type: ignore[misc]

    class Meta(AbstractBaseSession.Meta):
        verbose_name = _("Session")  # type: ignore[assignment]
        verbose_name_plural = _("Sessions")  # type: ignore[assignment]

    @classmethod
    def get_session_store_class(cls) -> type[Any]:
        from zhike.staff.sessions import SessionStore

        return SessionStore

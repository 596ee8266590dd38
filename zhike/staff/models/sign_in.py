"""What sign-in keeps: failed attempts, the second factor, its recovery codes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.clock import now
from zhike.kernel.models import BaseModel


class SignInThrottleQuerySet(models.QuerySet["SignInThrottle"]):
    def locked(self) -> SignInThrottleQuerySet:
        return self.filter(locked_until__gt=now()).order_by("-locked_until")


class SignInThrottle(models.Model):
    """Failed attempts on one account or from one address since the last success; no row: none."""

    class Kind(models.TextChoices):
        ACCOUNT = "ACCOUNT", _("Account")
        ADDRESS = "ADDRESS", _("Network address")

    kind = models.CharField(_("Kind"), max_length=8, choices=Kind)
    key = models.CharField(_("Key"), max_length=120)
    user = models.ForeignKey("staff.User", models.CASCADE, null=True, related_name="+")
    failures = models.PositiveIntegerField(_("Failed attempts"), default=0)
    last_at = models.DateTimeField(_("Last attempt at"), default=now)
    locked_until = models.DateTimeField(_("Locked until"), null=True)

    objects = SignInThrottleQuerySet.as_manager()

    class Meta:
        verbose_name = _("Failed sign-ins")
        constraints = [models.UniqueConstraint(fields=("kind", "key"), name="sign_in_throttle_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class SecondFactor(BaseModel):
    """The user's authenticator app. Without ``confirmed_at`` it is only being set up."""

    user = models.OneToOneField("staff.User", models.CASCADE, related_name="second_factor")
    secret = models.TextField(_("Secret, encrypted"), editable=False)
    confirmed_at = models.DateTimeField(_("In use since"), null=True)
    last_step = models.BigIntegerField(_("Last time step used"), default=0)

    class Meta:
        verbose_name = _("Second factor")


class RecoveryCode(BaseModel):
    """Signs in once instead of the authenticator app. Only its hash is kept."""

    user = models.ForeignKey("staff.User", models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(_("Used at"), null=True)

    class Meta:
        verbose_name = _("Recovery code")
        constraints = [models.UniqueConstraint(fields=("user", "code_hash"), name="recovery_code_once")]

"""Passkeys (WebAuthn): what a device or a password manager signs in with instead of the password."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.models import BaseModel


class Passkey(BaseModel):
    """One public key of a person. The private one never leaves the device; nothing here is secret."""

    user = models.ForeignKey("staff.User", models.CASCADE, related_name="passkeys")
    name = models.CharField(_("Name"), max_length=60)
    # As browsers write it: base64url, of at most 1023 bytes.
    credential_id = models.CharField(max_length=1364, unique=True, editable=False)
    # Kind of authenticator, key and id together, as the device gave them (WebAuthn 6.5.1).
    credential = models.BinaryField(editable=False)
    sign_count = models.BigIntegerField(_("Signatures counted"), default=0, editable=False)
    last_used_at = models.DateTimeField(_("Last used at"), null=True, editable=False)

    class Meta:
        verbose_name = _("Passkey")
        verbose_name_plural = _("Passkeys")
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return self.name

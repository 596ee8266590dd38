"""Outgoing mail from one address: ``smtp://user:password@host:587`` (STARTTLS) or ``smtps://…:465`` (TLS)."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit


def mail_settings(url: str) -> dict[str, Any]:
    """Django's settings for it; without an address mail is written to the log.

    Raises:
        ValueError: another scheme than smtp or smtps.
    """
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("ZHIKE_SMTP_URL: expected smtp://user:password@host:587 or smtps://…:465")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and parts.hostname not in {"localhost", "127.0.0.1"},
        "EMAIL_TIMEOUT": 20,
    }

"""The sign-ins that the sign-in page offers in sample mode. The sample company says who they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class SampleSignIn:
    """One click fills it in. ``role`` is what the person is, as shown."""

    role: str
    name: str
    username: str
    password: str


_provider: Callable[[], list[SampleSignIn]] | None = None


def provide(provider: Callable[[], list[SampleSignIn]]) -> None:
    """The module that makes the sample company calls this when it is ready."""
    global _provider
    _provider = provider


def sample_sign_ins() -> list[SampleSignIn]:
    """Whom to offer; nobody outside sample mode."""
    return _provider() if settings.ENV.sample and _provider is not None else []

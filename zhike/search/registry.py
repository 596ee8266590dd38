"""Who answers the search box. Modules register providers; the box asks each within the user's rights."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Protocol

from zhike.staff.models import User

PER_GROUP = 6


@dataclass(frozen=True)
class Hit:
    """One record found."""

    label: str
    url: str
    sub: str = ""
    key: uuid.UUID | None = None


@dataclass(frozen=True)
class Group:
    """What one provider found. ``more_url``: the list with the same words."""

    name: str
    label: str
    icon: str
    hits: list[Hit] = field(default_factory=list)
    more_url: str = ""


class Provider(Protocol):
    """Answers a typed text for one record type."""

    name: str
    icon: str

    def find(self, text: str, *, by: User, limit: int) -> Group | None: ...

    def by_keys(self, keys: list[uuid.UUID], *, by: User) -> dict[uuid.UUID, Hit]:
        """The records of these keys that the user may see."""
        ...


_providers: dict[str, Provider] = {}


def register_provider(provider: Provider) -> None:
    """Make a provider known; the order of registration is the order of the groups."""
    _providers[provider.name] = provider


def provider_named(name: str) -> Provider | None:
    return _providers.get(name)


def find(text: str, *, by: User, limit: int = PER_GROUP, only: str | None = None) -> list[Group]:
    """What the text finds, in groups, nothing that the user may not see.

    Args:
        only: ask this provider alone.
    """
    chosen = [p for name, p in _providers.items() if only in (None, name)]
    groups = (provider.find(text.strip(), by=by, limit=limit) for provider in chosen)
    return [group for group in groups if group is not None and group.hits]

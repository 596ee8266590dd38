"""Who answers the search box. Modules register providers; the box asks each within the user's rights."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Protocol

from zhike.kernel.prepared import pipelined
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


class Question(Protocol):
    """A typed text, asked of one record type."""

    def weigh(self) -> None:
        """Find out how to ask, if that needs a question of its own."""
        ...

    def send(self) -> None:
        """Ask; `answer` comes for what was asked."""
        ...

    def answer(self) -> Group: ...


class Provider(Protocol):
    """Answers a typed text for one record type. ``position``: its group's place, customers first."""

    name: str
    icon: str
    position: int

    def question(self, text: str, *, by: User, limit: int) -> Question | None:
        """None: it has no answer to such a text, or not for this user."""
        ...

    def by_keys(self, keys: list[uuid.UUID], *, by: User) -> dict[uuid.UUID, Hit]:
        """The records of these keys that the user may see."""
        ...


_providers: dict[str, Provider] = {}


def register_provider(provider: Provider) -> None:
    """Make a provider known."""
    _providers[provider.name] = provider


def provider_named(name: str) -> Provider | None:
    return _providers.get(name)


def find(text: str, *, by: User, limit: int = PER_GROUP, only: str | None = None) -> list[Group]:
    """What the text finds, in groups, nothing that the user may not see.

    Args:
        only: ask this provider alone.
    """
    chosen = sorted((p for name, p in _providers.items() if only in (None, name)), key=lambda p: p.position)
    asked = [provider.question(text.strip(), by=by, limit=limit) for provider in chosen]
    questions = [question for question in asked if question is not None]
    for question in questions:
        question.weigh()
    with pipelined():  # the server looks for the next while rows of the one before are made
        for question in questions:
            question.send()
        groups = [question.answer() for question in questions]
    return [group for group in groups if group.hits]

"""Things to do, found by what they are called: in both languages, by pinyin and by pinyin initials."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.utils import translation
from django.utils.translation import gettext as _

from zhike.search.tokens import fold, syllables
from zhike.staff.models import User
from zhike.web import navigation

SHOWN = 6


@dataclass(frozen=True)
class Choice:
    """A line of the box."""

    label: str
    icon: str
    url: str
    hint: str = ""


def choices(user: User) -> list[tuple[Choice, str]]:
    """Everything this person can do or go to, with the words it is found by."""
    found: list[tuple[Choice, str]] = []
    for command in navigation.commands(user):
        found.append((Choice(str(command.label), command.icon, command.address), _words(command.label, command.words)))
    for entry in navigation.entries(user):
        hint = f"g {entry.go}" if entry.go else ""
        label = _("Go to %(place)s") % {"place": entry.label}
        found.append((Choice(label, entry.icon, entry.address, hint), _words(entry.label)))
    return found


def matching(text: str, user: User, limit: int = SHOWN) -> list[Choice]:
    """The commands that a text means, best first; without a text the first ones."""
    wanted = fold(text)
    scored = [(_score(wanted, words), place, choice) for place, (choice, words) in enumerate(choices(user))]
    return [choice for score, _place, choice in sorted(scored, key=lambda each: each[:2]) if score < 9][:limit]


def _words(label: object, more: str = "") -> str:
    return _readings(_in("zh-hans", label), _in("en", label), more)


@lru_cache(maxsize=500)
def _readings(chinese: str, english: str, more: str) -> str:
    """All readings, one per line."""
    parts = syllables(chinese)
    readings = [chinese, english, "".join(parts), "".join(part[0] for part in parts), *more.split()]
    return "\n".join(fold(reading) for reading in readings)


def _in(language: str, label: object) -> str:
    with translation.override(language):
        return str(label)


def _score(wanted: str, words: str) -> int:
    if not wanted:
        return 0
    lines = words.split("\n")
    if wanted in lines:
        return 0
    if any(line.startswith(wanted) for line in lines):
        return 1
    if any(f" {wanted}" in line for line in lines):
        return 2
    return 3 if len(wanted) > 1 and any(wanted in line for line in lines) else 9

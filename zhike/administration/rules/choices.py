"""The choices of a company-defined field, as they are typed: one a line, “Chinese = English”."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

MOST_CHOICES = 300


@dataclass(frozen=True)
class Choice:
    label: str
    label_en: str = ""


def read_choices(text: str) -> list[Choice]:
    """Choices from lines; empty lines do not count."""
    found = []
    for line in text.splitlines():
        label, _equals, english = line.replace("＝", "=").partition("=")
        if label.strip():
            found.append(Choice(" ".join(label.split()), " ".join(english.split())))
    return found


def write_choices(choices: list[dict[str, str]]) -> str:
    """The lines to edit."""
    return "\n".join(
        f"{choice['label']} = {choice['label_en']}" if choice.get("label_en") else choice["label"] for choice in choices
    )


def merge_choices(known: list[dict[str, str]], wanted: Sequence[Choice]) -> tuple[list[dict[str, str]], str]:
    """The choices to keep, and what is wrong with them.

    A choice keeps its code as long as one of its labels stays; new ones get the next number.
    """
    if not wanted:
        return known, _("Give at least one choice.")
    if len(wanted) > MOST_CHOICES:
        return known, _("At most %(n)d choices.") % {"n": MOST_CHOICES}
    if len({choice.label for choice in wanted}) < len(wanted):
        return known, _("Each choice only once.")
    if any(len(choice.label) > 60 or len(choice.label_en) > 60 for choice in wanted):
        return known, _("A choice has at most 60 characters.")
    free = {choice["code"]: choice for choice in known}
    numbers = [int(code[1:]) for code in free if code[:1] == "c" and code[1:].isdigit()]
    following = max(numbers, default=0) + 1
    merged: list[dict[str, str]] = []
    for choice in wanted:
        code = next((code for code, old in free.items() if _same(old, choice)), "")
        if code:
            del free[code]
        else:
            code, following = f"c{following}", following + 1
        merged.append({"code": code, "label": choice.label, "label_en": choice.label_en})
    return merged, ""


def _same(old: dict[str, str], choice: Choice) -> bool:
    return old["label"] == choice.label or bool(choice.label_en and old.get("label_en") == choice.label_en)

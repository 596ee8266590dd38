"""The segments a customer can be in, declared by the module that puts customers into them (grading)."""

from __future__ import annotations

from django.utils.functional import Promise

_known: dict[str, str | Promise] = {}


def declare_segments(labels: dict[str, str | Promise]) -> None:
    """Make segments known: code (``RFM:R1F1M1``) to what the person reads."""
    _known.update(labels)


def segment_choices() -> list[tuple[str, str | Promise]]:
    return list(_known.items())

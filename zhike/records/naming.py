"""A record's name in a template, within the reader's right to it: ``{{ customer | named }}``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zhike.records.registry import describe_model, name_of_model
from zhike.staff.models import User
from zhike.web import current


def named(row: Any, name: str = "") -> str:
    """What the person who looks at the page may read; ``name``: another of its names than ``str(row)``."""
    user: Any = getattr(current.request.get(), "user", None)
    if row is None or user is None or not user.is_authenticated:
        return "" if row is None else name or str(row)
    return name_for(row, user, name)


def name_for(row: Any, user: User, name: str = "") -> str:
    """The same for a reader who is known; what no description tells of (people, units) has one name for all."""
    described = name_of_model(type(row))
    return describe_model(row).title_from(name or str(row), user) if described else name or str(row)


def naming(row: Any) -> Callable[[User], str]:
    """Its name for a notice: each of those who are told reads it as far as he may."""
    return lambda user: name_for(row, user)

"""What can be granted. Each module lists its permissions in its `grants.py`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """How far a grant reaches (domain rule C10), narrowest first."""

    SELF = "SELF", _("Own records")
    DEPT = "DEPT", _("Own department")
    DEPT_AND_CHILD = "DEPT_AND_CHILD", _("Own department and those below")
    DEPT_CUSTOM = "DEPT_CUSTOM", _("Chosen departments and those below")
    COMPANY = "COMPANY", _("Own company")
    ALL = "ALL", _("Whole group")


@dataclass(frozen=True)
class Permission:
    """One thing a role can be granted.

    Attributes:
        code: ``module.noun.verb``.
        label: what the administrator reads.
        scoped: the grant reaches rows by scope; otherwise it is plain yes or no.
        defaults: built-in role code to the scope it has from the start (`Scope.ALL` for unscoped ones).
    """

    code: str
    label: str | Promise
    scoped: bool = True
    defaults: dict[str, Scope] = field(default_factory=dict)


@cache
def permissions() -> dict[str, Permission]:
    """Every permission of every module, by code."""
    found: dict[str, Permission] = {}
    for module in settings.MODULES:
        if find_spec(f"{module}.grants") is None:
            continue
        table: Iterable[Permission] = import_module(f"{module}.grants").PERMISSIONS
        for permission in table:
            if permission.code in found:
                raise ValueError(f"permission {permission.code} is declared twice")
            found[permission.code] = permission
    return found

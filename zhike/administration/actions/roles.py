"""Verbs on roles and what they are granted."""

from __future__ import annotations

from zhike.access.models import Grant
from zhike.access.permissions import Permission, permissions
from zhike.administration.rules.builtin_roles import ADMIN, BUILTIN_ROLES, BuiltinRole
from zhike.history.action import action
from zhike.staff.models import Role, User


@action("staff.role.install", needs=None)
def install_builtin_roles(*, by: User | None = None) -> list[Role]:
    """Make what is missing of the built-in roles, and give them the defaults of permissions that are new.

    Runs at every start after the migrations; what an administrator changed stays as he left it.
    """
    return [_install(position, builtin) for position, builtin in enumerate(BUILTIN_ROLES)]


def _install(position: int, builtin: BuiltinRole) -> Role:
    role, _made = Role.objects.get_or_create(
        code=builtin.code,
        defaults={
            "name": builtin.name,
            "description": builtin.description,
            "is_builtin": True,
            "is_administrator": builtin.code == ADMIN,
            "position": position,
        },
    )
    fresh = [p for p in permissions().values() if builtin.code in p.defaults and p.code not in role.known_permissions]
    if fresh:
        _grant(role, fresh)
        role.known_permissions = sorted({*role.known_permissions, *(p.code for p in fresh)})
        role.save(update_fields=["known_permissions", "updated_at"])
    return role


def _grant(role: Role, fresh: list[Permission]) -> None:
    Grant.objects.bulk_create(
        [Grant(role=role, permission=p.code, scope=p.defaults[role.code]) for p in fresh],
        ignore_conflicts=True,
    )

"""Verbs on roles and what they are granted."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.access.models import FieldRight, Grant
from zhike.access.permissions import Permission, Scope, permissions
from zhike.access.rights import rights_of
from zhike.administration.guards import guard_roles
from zhike.administration.rules.builtin_roles import ADMIN, BUILTIN_ROLES, FIELD_DEFAULTS, BuiltinRole
from zhike.administration.rules.versions import expect_version
from zhike.history.action import EventDraft, action
from zhike.kernel.errors import Denied, Refused
from zhike.staff.models import OrgUnit, Role, User

CHANGE = "administration.role.change"


@dataclass(frozen=True)
class GrantSpec:
    """How far a permission goes; ``org_unit_ids`` counts for `Scope.DEPT_CUSTOM` alone."""

    scope: str
    org_unit_ids: list[uuid.UUID] = field(default_factory=list)


@action("staff.role.install", needs=None)
def install_builtin_roles(*, by: User | None = None) -> list[Role]:
    """Make what is missing of the built-in roles, and give them the defaults of permissions that are new.

    Runs at every start after the migrations; what an administrator changed stays as he left it.
    """
    return [_install(position, builtin) for position, builtin in enumerate(BUILTIN_ROLES)]


@action("staff.role.create", needs=CHANGE)
def create_role(
    *, by: User | None, name: str, description: str = "", copy_of: Role | None = None, event: EventDraft
) -> Role:
    """Make a role with no rights, or with those of another.

    Raises:
        Refused: the name is taken.
        Denied: the role to copy administers more than ``by`` does.
    """
    if copy_of is not None:
        guard_roles(by, [copy_of])
    role = Role(code=_free_code(name), description=description.strip()[:300])
    role.name = _free_name(role, name)
    role.save()
    if copy_of is not None:
        _copy_rights(copy_of, role)
        event.data["copy_of"] = copy_of.code
    return role


@action("staff.role.change", needs=CHANGE)
def change_role(
    role: Role, *, by: User | None, name: str, description: str, expected_version: int | None = None
) -> Role:
    """Change name and description.

    Raises:
        Refused: the name is taken.
        Conflict: changed since ``expected_version``.
    """
    guard_roles(by, [role])
    expect_version(role, expected_version)
    if name != str(role):
        role.name = _free_name(role, name)
    if description != role.shown_description:
        role.description = description.strip()[:300]
    role.version += 1
    role.save()
    return role


@action("staff.role.delete", needs=CHANGE)
def delete_role(role: Role, *, by: User | None) -> None:
    """Delete a role that nobody holds.

    Raises:
        Refused: it is built in, or somebody holds it.
    """
    guard_roles(by, [role])
    if role.is_builtin:
        raise Refused(_("Built-in roles stay: take away their rights instead."))
    holders = role.assignments.count()
    if holders:
        raise Refused(
            ngettext("%(n)d person holds this role.", "%(n)d people hold this role.", holders) % {"n": holders}
        )
    Role.objects.filter(pk=role.pk).delete()


@action("staff.role.set_grants", needs=CHANGE)
def set_grants(
    role: Role,
    *,
    by: User | None,
    grants: dict[str, GrantSpec | None],
    expected_version: int | None = None,
    event: EventDraft,
) -> Role:
    """Give the role these permissions this far; None takes one away. What is not named stays.

    Raises:
        Refused: an unknown permission, scope or department.
        Denied: a permission that administers, and ``by`` does not have.
        Conflict: changed since ``expected_version``.
    """
    guard_roles(by, [role])
    expect_version(role, expected_version)
    if role.is_administrator:
        raise Refused(_("An administrator may do everything already."))
    held = {grant.permission: grant for grant in role.grants.all()}
    changes: dict[str, list[str | None]] = {}
    for code, spec in grants.items():
        grant = held.get(code)
        checked = _checked(code, spec, by)
        if said(grant) == said(checked):
            continue
        changes[code] = [said(grant), said(checked)]
        if grant is not None:
            grant.delete()
        if checked is not None:
            Grant.objects.create(role=role, permission=code, scope=checked.scope, org_unit_ids=checked.org_unit_ids)
    _bump(role, changes, event)
    return role


@action("staff.role.set_field_rights", needs=CHANGE)
def set_field_rights(
    role: Role,
    *,
    by: User | None,
    record_type: str,
    rights: dict[str, str],
    expected_version: int | None = None,
    event: EventDraft,
) -> Role:
    """Restrict fields of a record type: HIDDEN, MASKED or READ_ONLY; empty lifts the restriction.

    Raises:
        Refused: an unknown right.
        Conflict: changed since ``expected_version``.
    """
    guard_roles(by, [role])
    expect_version(role, expected_version)
    if unknown := set(rights.values()) - {"", *FieldRight.Right.values}:
        raise Refused(_("Unknown right: %(right)s") % {"right": ", ".join(sorted(unknown))})
    held = {right.field: right for right in role.field_rights.filter(record_type=record_type)}
    changes: dict[str, list[str | None]] = {}
    for name, right in rights.items():
        before = held[name].right if name in held else ""
        if before == right:
            continue
        changes[f"{record_type}.{name}"] = [before or None, right or None]
        FieldRight.objects.filter(role=role, record_type=record_type, field=name).delete()
        if right:
            FieldRight.objects.create(role=role, record_type=record_type, field=name, right=right)
    _bump(role, changes, event)
    return role


def _bump(role: Role, changes: dict[str, list[str | None]], event: EventDraft) -> None:
    event.data["changes"] = changes
    event.silent = not changes
    if changes:
        role.version += 1
        role.save(update_fields=["version", "updated_at"])


def _checked(code: str, spec: GrantSpec | None, by: User | None) -> GrantSpec | None:
    permission = permissions().get(code)
    if permission is None:
        raise Refused(_("Unknown permission: %(code)s") % {"code": code})
    if code.startswith("administration.") and by is not None and not rights_of(by).may(code):
        raise Denied(_("You cannot give a right to administer that you do not have."))
    if spec is None:
        return None
    scope = spec.scope if permission.scoped else Scope.ALL
    if scope not in Scope.values:
        raise Refused(_("Unknown reach: %(scope)s") % {"scope": scope})
    if scope != Scope.DEPT_CUSTOM:
        return GrantSpec(scope)
    known = set(OrgUnit.objects.filter(pk__in=spec.org_unit_ids).values_list("pk", flat=True))
    if not known or len(known) != len(set(spec.org_unit_ids)):
        message = _("Choose the departments for “%(permission)s”.") % {"permission": permission.label}
        raise Refused(message, fields={code: message})
    return GrantSpec(scope, sorted(known))


def said(grant: Grant | GrantSpec | None) -> str | None:
    """How the events tell a grant: its reach, and the departments where they were chosen."""
    if grant is None:
        return None
    units = ",".join(str(pk) for pk in sorted(grant.org_unit_ids))
    return f"{grant.scope}:{units}" if units else str(grant.scope)


def _copy_rights(source: Role, role: Role) -> None:
    if source.is_administrator:
        raise Refused(_("The administrator role has no list of rights to copy."))
    Grant.objects.bulk_create(
        Grant(role=role, permission=grant.permission, scope=grant.scope, org_unit_ids=grant.org_unit_ids)
        for grant in source.grants.all()
    )
    FieldRight.objects.bulk_create(
        FieldRight(role=role, record_type=right.record_type, field=right.field, right=right.right)
        for right in source.field_rights.all()
    )


def _free_name(role: Role, name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= 60:
        raise Refused(
            _("Give a name of at most 60 characters."), fields={"name": _("Give a name of at most 60 characters.")}
        )
    if any(str(other) == name for other in Role.objects.exclude(pk=role.pk)):
        raise Refused(_("There is a role of this name."), fields={"name": _("There is a role of this name.")})
    return name


def _free_code(name: str) -> str:
    stem = slugify(name).replace("-", "_")[:30] or "role"
    taken = set(Role.objects.filter(code__startswith=stem).values_list("code", flat=True))
    if stem not in taken:
        return stem
    return next(code for n in range(2, 1000) if (code := f"{stem}_{n}") not in taken)


def _install(position: int, builtin: BuiltinRole) -> Role:
    role, made = Role.objects.get_or_create(
        code=builtin.code,
        defaults={
            "name": builtin.name,
            "description": builtin.description,
            "is_builtin": True,
            "is_administrator": builtin.code == ADMIN,
            "position": position,
        },
    )
    if made:
        FieldRight.objects.bulk_create(
            FieldRight(role=role, record_type=record_type, field=name, right=right)
            for record_type, fields in FIELD_DEFAULTS.get(builtin.code, {}).items()
            for name, right in fields.items()
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

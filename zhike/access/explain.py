"""Who can see a record, and why: the same rules as `visible_to`, asked from the record's side.

Three questions for everybody, and one more for each who holds the permission without his scope reaching the record.

`tests/access/test_explain.py` holds the two against each other for everybody and every type of record.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.access.models.grant import Grant
from zhike.access.models.owned import OwnedRecord
from zhike.access.permissions import Scope
from zhike.staff.models import Role, RoleAssignment, User


@dataclass(frozen=True)
class Reason:
    """Why somebody sees it: by which role and how far that reaches; without a role, by a share."""

    text: str | Promise
    role: Role | None = None


@dataclass(frozen=True)
class Seer:
    """A person and his reasons; without reasons he does not see it. ``held``: what his roles would let him see."""

    user: User
    reasons: tuple[Reason, ...]
    held: tuple[Reason, ...] = field(default=())

    @property
    def sees(self) -> bool:
        return bool(self.reasons)


ADMINISTRATOR = _("Administrators see everything")
OWNER = _("It is his own")
SHARED = _("It is shared with him")


def explain(row: OwnedRecord, verb: str = "view", *, users: Iterable[User] | None = None) -> list[Seer]:
    """What each active person (or each of ``users``) may do with the record, and why."""
    permission = row.permission(verb)
    people = list(User.objects.active().select_related("org_unit") if users is None else users)
    grants = {grant.role_id: grant for grant in Grant.objects.filter(permission=permission)}
    roles: dict[uuid.UUID, list[Role]] = defaultdict(list)
    for held in RoleAssignment.objects.filter(user__in=people).select_related("role"):
        roles[held.user_id].append(held.role)
    return [_seer(row, user, roles[user.pk], grants, verb) for user in people]


def _seer(row: OwnedRecord, user: User, roles: list[Role], grants: dict[uuid.UUID, Grant], verb: str) -> Seer:
    if not user.is_active:
        return Seer(user, ())
    if over := [role for role in roles if role.is_administrator]:
        return Seer(user, (Reason(ADMINISTRATOR, over[0]),))
    mine = [(role, grants[role.pk]) for role in roles if role.pk in grants]
    reasons = [Reason(OWNER, role) for role, _grant in mine[:1] if row.owner_id == user.pk]
    reasons += [Reason(Scope(grant.scope).label, role) for role, grant in mine if _reaches(row, user, grant)]
    if mine and not reasons and _is_shared(row, user, verb):
        reasons.append(Reason(SHARED))
    return Seer(user, tuple(reasons), tuple(Reason(Scope(grant.scope).label, role) for role, grant in mine))


def _reaches(row: OwnedRecord, user: User, grant: Grant) -> bool:
    """Whether the scope of a grant, beyond the person's own records, covers the record."""
    unit = row.org_unit
    match Scope(grant.scope):
        case Scope.ALL:
            return True
        case Scope.COMPANY:
            below_in_another = user.org_unit_id in unit.path and unit.company_id != user.company_id
            return row.company_id == user.company_id or below_in_another
        case Scope.DEPT:
            return row.org_unit_id == user.org_unit_id
        case Scope.DEPT_AND_CHILD:
            return user.org_unit_id in unit.path
        case Scope.DEPT_CUSTOM:
            return bool(set(grant.org_unit_ids) & set(unit.path))
    return False


def _is_shared(row: OwnedRecord, user: User, verb: str) -> bool:
    rows = type(row).shared_with(user.pk, write=verb != "view")
    return rows is not None and type(row).objects.filter(pk=row.pk, pk__in=rows).exists()

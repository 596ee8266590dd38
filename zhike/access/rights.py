"""The rights of one user, computed once per request from three small queries."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import Any

from zhike.access.models.grant import FieldRight, Grant
from zhike.access.models.owned import OwnedRecord
from zhike.access.permissions import Scope, permissions
from zhike.kernel.kept import Kept
from zhike.staff.along import RIGHTS
from zhike.staff.models import OrgUnit, User

# From most to least open; a user with two roles has the more open one.
FULL = "FULL"
_OPENNESS = {"HIDDEN": 0, "MASKED": 1, "READ_ONLY": 2, FULL: 3}


@dataclass(frozen=True)
class Reach:
    """The rows a permission reaches: everything, or those of units, of companies, and the user's own."""

    everything: bool = False
    company_ids: frozenset[uuid.UUID] = frozenset()
    org_unit_ids: frozenset[uuid.UUID] = frozenset()
    user_id: uuid.UUID | None = None

    @property
    def nothing(self) -> bool:
        return self.user_id is None and not self.everything

    def covers(self, row: OwnedRecord) -> bool:
        """Whether the row lies within, not counting what is shared: `OwnedQuerySet.within`, for a row at hand."""
        return (
            self.everything
            or (self.user_id is not None and row.owner_id == self.user_id)
            or row.org_unit_id in self.org_unit_ids
            or row.company_id in self.company_ids
        )


NOWHERE = Reach()
MOST_KEPT = 2000  # rights of people, in each process


@dataclass
class Rights:
    """What a user may do. Deny by default: what is not granted is not there."""

    user: User
    is_administrator: bool = False
    reaches: dict[str, Reach] = field(default_factory=dict)
    field_rights: dict[tuple[str, str], str] = field(default_factory=dict)
    # What others have worked out from these rights, for as long as they hold.
    known: dict[tuple[str, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    def may(self, permission: str) -> bool:
        """Whether the permission is granted at all, however far."""
        return not self.reach(permission).nothing

    def reach(self, permission: str) -> Reach:
        """How far the permission goes.

        Raises:
            KeyError: no module declares the permission (a programming error).
        """
        if permission not in permissions():
            raise KeyError(f"permission {permission} is not declared in any grants.py")
        if self.is_administrator and self.user.is_active:
            return Reach(everything=True, user_id=self.user.pk)
        return self.reaches.get(permission, NOWHERE)

    def field_right(self, record_type: str, name: str) -> str:
        """FULL, READ_ONLY, MASKED or HIDDEN."""
        return FULL if self.is_administrator else self.field_rights.get((record_type, name), FULL)


_earlier: Kept[Rights] = Kept(MOST_KEPT)


def rights_of(user: User) -> Rights:
    """The user's rights, kept on the user object for as long as it lives (one request, one job)."""
    known: Rights | None = getattr(user, "_zhike_rights", None)
    if known is None:
        known = _kept(user)
        user._zhike_rights = known  # type: ignore[attr-defined]
    return known


def _kept(user: User) -> Rights:
    """As worked out for an earlier request, if nothing has changed since: the session's user carries the version."""
    version = user.along.get(RIGHTS) if user.is_authenticated else None
    if version is None:
        return _compute(user)
    key = (version, user.pk, user.org_unit_id, user.company_id)
    return replace(_earlier.of(key, lambda: _compute(user)), user=user)


def _compute(user: User) -> Rights:
    if not user.is_authenticated or not user.is_active:
        return Rights(user)
    roles = dict(user.roles.values_list("pk", "is_administrator"))
    if any(roles.values()):
        return Rights(user, is_administrator=True)
    role_ids = list(roles)
    reaches: dict[str, Reach] = {}
    below = _Below()
    # Plain values and each kind of scope worked out once: this is part of every request.
    known: dict[tuple[str, tuple[uuid.UUID, ...]], Reach] = {}
    grants = Grant.objects.filter(role_id__in=role_ids)
    for permission, scope, units in grants.values_list("permission", "scope", "org_unit_ids"):
        key = (scope, tuple(units))
        if key not in known:
            known[key] = _reach(user, Scope(scope), units, below)
        earlier = reaches.get(permission)
        reaches[permission] = known[key] if earlier is None else _join(earlier, known[key])
    return Rights(user, False, reaches, _field_rights(role_ids))


class _Below:
    """Units under a unit, asked once each."""

    def __init__(self) -> None:
        self.known: dict[tuple[uuid.UUID, ...], frozenset[uuid.UUID]] = {}
        self.others: frozenset[uuid.UUID] | None = None

    def other_companies(self, user: User) -> frozenset[uuid.UUID]:
        """Units below the user's that belong to another company than his: a wider scope shows no less."""
        if self.others is None:
            below = OrgUnit.objects.below([user.org_unit_id]).exclude(company_id=user.company_id)
            self.others = frozenset(below.values_list("pk", flat=True))
        return self.others

    def __call__(self, unit_ids: list[uuid.UUID]) -> frozenset[uuid.UUID]:
        key = tuple(sorted(unit_ids))
        if key not in self.known:
            self.known[key] = frozenset(OrgUnit.objects.below(list(key)).values_list("pk", flat=True))
        return self.known[key]


def _reach(user: User, scope: Scope, units: list[uuid.UUID], below: _Below) -> Reach:
    match scope:
        case Scope.ALL:
            return Reach(everything=True, user_id=user.pk)
        case Scope.COMPANY:
            own = frozenset() if user.company_id is None else frozenset({user.company_id})
            return Reach(company_ids=own, org_unit_ids=below.other_companies(user), user_id=user.pk)
        case Scope.DEPT:
            return Reach(org_unit_ids=frozenset({user.org_unit_id}), user_id=user.pk)
        case Scope.DEPT_AND_CHILD:
            return Reach(org_unit_ids=below([user.org_unit_id]), user_id=user.pk)
        case Scope.DEPT_CUSTOM:
            return Reach(org_unit_ids=below(units) if units else frozenset(), user_id=user.pk)
        case Scope.SELF:
            return Reach(user_id=user.pk)


def _join(one: Reach, other: Reach) -> Reach:
    return Reach(
        one.everything or other.everything,
        one.company_ids | other.company_ids,
        one.org_unit_ids | other.org_unit_ids,
        one.user_id or other.user_id,
    )


def _field_rights(role_ids: list[uuid.UUID]) -> dict[tuple[str, str], str]:
    """A restriction holds only if every role of the user has one; the mildest of them wins."""
    rows: dict[tuple[str, str], list[str]] = {}
    rights = FieldRight.objects.filter(role_id__in=role_ids)
    for record_type, name, right in rights.values_list("record_type", "field", "right"):
        rows.setdefault((record_type, name), []).append(right)
    return {key: max(found, key=_OPENNESS.__getitem__) for key, found in rows.items() if len(found) == len(role_ids)}

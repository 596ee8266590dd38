"""What somebody who administers people or roles without being an administrator may not do: raise himself."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from zhike.access.models import Grant
from zhike.access.rights import rights_of
from zhike.kernel.errors import Denied, Refused
from zhike.staff.models import Role, User


def may_handle(by: User | None, roles: Iterable[Role]) -> bool:
    """Whether ``by`` may give, take or change these roles: none of them administers more than he does."""
    if by is None:
        return True
    rights = rights_of(by)
    if rights.is_administrator:
        return True
    roles = list(roles)
    if any(role.is_administrator for role in roles):
        return False
    codes = Grant.objects.filter(role__in=roles, permission__startswith="administration.")
    return all(rights.may(code) for code in codes.values_list("permission", flat=True))


def guard_roles(by: User | None, roles: Iterable[Role]) -> None:
    """Stop unless ``by`` may handle the roles.

    Raises:
        Denied: he may not.
    """
    if not may_handle(by, roles):
        raise Denied(_("This role administers more than you do: ask an administrator."))


def guard_person(by: User | None, user: User) -> None:
    """Stop unless ``by`` may administer this person.

    Raises:
        Denied: the person has roles that ``by`` may not handle.
    """
    if not may_handle(by, user.roles.all()):
        raise Denied(_("This person administers more than you do: ask an administrator."))


def guard_last_administrator(user: User) -> None:
    """Stop if nobody else could administer the system.

    Raises:
        Refused: ``user`` is the last active administrator.
    """
    others = User.objects.active().filter(roles__is_administrator=True).exclude(pk=user.pk)
    if user.is_active and user.roles.filter(is_administrator=True).exists() and not others.exists():
        raise Refused(_("This is the last administrator: make another one first."))

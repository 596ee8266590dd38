"""Whom a life cycle tells: those whose right reaches what it is about."""

from __future__ import annotations

from zhike.access.models import Grant
from zhike.policy.models import PolicyDocument
from zhike.staff.models import User

# More than this of one right are told by the list on the page, not by a notice each.
MOST = 100


def holders(permission: str) -> list[User]:
    """Everybody at work to whom a role gives the permission; administrators only where there is nobody else."""
    roles = Grant.objects.filter(permission=permission).values("role_id")
    people = User.objects.active().filter(roles__in=roles, roles__is_administrator=False).distinct()[:MOST]
    return list(people) or list(User.objects.active().filter(roles__is_administrator=True).distinct()[:MOST])


def who_may(document: PolicyDocument, permission: str) -> list[User]:
    """Those of them whose right reaches the document."""
    return [user for user in holders(permission) if _reaches(user, document, permission)]


def _reaches(user: User, document: PolicyDocument, permission: str) -> bool:
    return PolicyDocument.objects.within(user, permission).filter(pk=document.pk).exists()

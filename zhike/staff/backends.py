"""Who a session belongs to. Passwords are checked by `administration.actions.sign_in`, with its lock-out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from zhike.kernel.prepared import Prepared
from zhike.staff import along
from zhike.staff.models import User
from zhike.staff.models.rights_version import current_version


class StaffBackend(BaseBackend):
    """Gives back active people only: a leaver's session is worth nothing from the moment he is disabled."""

    def get_user(self, user_id: Any) -> User | None:
        found = _active(user_id if isinstance(user_id, UUID) else UUID(str(user_id)))
        if not found:
            return None
        found[0].along = {along.RIGHTS: found[0].rights_version}
        return found[0]  # type: ignore[no-any-return]


_active = Prepared(
    lambda key: (
        User.objects.active()
        .filter(pk=key)
        .select_related("org_unit", "company")
        .annotate(rights_version=current_version())
    )
)


class PersonMiddleware(AuthenticationMiddleware):
    """The person of the request, from the session's own row."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = person_of(request)


def person_of(request: HttpRequest) -> User | AnonymousUser:
    """As `django.contrib.auth.get_user`, without a statement of its own: a session ends with its password.

    What is not plain (a key in use before) is left to Django.
    """
    session: Any = request.session
    opened_with = session.get(HASH_SESSION_KEY)
    person: User | None = session.person
    if person is None or session.get(SESSION_KEY) != str(person.pk) or not opened_with:
        return get_user(request)  # type: ignore[return-value]
    if constant_time_compare(opened_with, person.get_session_auth_hash()):
        return person
    return get_user(request)  # type: ignore[return-value]

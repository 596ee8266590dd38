"""From a bearer token to its user."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer

from zhike.history.action import via
from zhike.history.models import Event
from zhike.integrations.actions import note_use
from zhike.integrations.models import ApiToken
from zhike.integrations.models.api_token import PREFIX, digest
from zhike.kernel.clock import now


def holds(request: HttpRequest) -> bool:
    """False for a token that was revoked, has expired or whose user has left; what is no bearer's is not judged."""
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return True
    return ApiToken.objects.valid(now()).filter(digest=digest(token)).exists()


class TokenAuth(HttpBearer):
    """``Authorization: Bearer zk_…``. The token object is ``request.auth``; its user is ``request.user``."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        if not token.startswith(PREFIX):
            return None
        found = ApiToken.objects.valid(now()).select_related("user").filter(digest=digest(token)).first()
        if found is None:
            return None
        note_use(found)
        request.user = found.user
        via.set(Event.Via.API)
        return found

"""The API: one instance, a router per record type, and those that modules add in their ``api`` chapter."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Schema
from ninja.throttling import AuthRateThrottle

from zhike.integrations.auth import TokenAuth
from zhike.integrations.reference import Reference
from zhike.records.api.base import ZhikeApi
from zhike.records.api.router import router_for
from zhike.records.registry import descriptions


class TokenThrottle(AuthRateThrottle):
    """Counted per token."""

    def get_cache_key(self, request: HttpRequest) -> str:
        return self.cache_format % {"scope": "token", "ident": request.auth.pk}  # type: ignore[attr-defined]


class Me(Schema):
    """Whose token this is."""

    id: Any
    username: str
    name: str
    scopes: list[str]


def build() -> ZhikeApi:
    """The API of all modules that are installed."""
    api = ZhikeApi(
        title="Zhike",
        version="1",
        description="Everything the pages do, with the same rights. Codes are those of the glossary.",
        auth=TokenAuth(),
        urls_namespace="api",
        docs=Reference(),
        docs_url="/docs",
        throttle=[TokenThrottle(settings.API_RATE)],
    )

    @api.get("/me", response=Me, operation_id="me", tags=["me"])
    def me(request: HttpRequest) -> Any:
        token: Any = request.auth  # type: ignore[attr-defined]
        user = token.user
        return {"id": str(user.pk), "username": user.username, "name": user.name, "scopes": token.scopes}

    for description in descriptions():
        api.add_router(f"/{description.name}", router_for(description))
    for module in settings.MODULES:
        name = f"{module}.api"
        if module != "zhike.integrations" and module != "zhike.records" and find_spec(name) is not None:
            api.add_router("", import_module(name).router)
    return api


api = build()

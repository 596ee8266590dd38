"""API tokens: make, see, revoke."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.access.rights import rights_of
from zhike.access.take import require
from zhike.integrations.actions import create_token, revoke_token
from zhike.integrations.models import ApiToken
from zhike.kernel.clock import now
from zhike.records.registry import descriptions
from zhike.staff.models import User
from zhike.web.pages import go, render

LIFETIMES = (30, 90, 365, 0)


@dataclass
class TokensPage:
    """``plain``: the text of the token that was just made; shown once."""

    tokens: list[ApiToken]
    everybody: bool
    scope_choices: list[tuple[str, Any]]
    lifetimes: list[tuple[str, Any]]
    plain: str = ""
    scopes: list[str] = field(default_factory=list)


def _page(user: User, plain: str = "") -> TokensPage:
    everybody = rights_of(user).is_administrator
    tokens = ApiToken.objects.select_related("user").filter(revoked_at=None)
    return TokensPage(
        tokens=list(tokens if everybody else tokens.filter(user=user)),
        everybody=everybody,
        scope_choices=[
            ("read", _("Read everything")),
            ("write", _("Read and write everything")),
            *((f"{one.name}:read", _("Read: %s") % one.label_plural) for one in descriptions()),
            *((f"{one.name}:write", _("Write: %s") % one.label_plural) for one in descriptions()),
        ],
        lifetimes=[(str(days), _("%d days") % days if days else _("No end")) for days in LIFETIMES],
        plain=plain,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The list, and the form of a new one. What is made is shown once, on this answer only."""
    user: Any = request.user
    require(user, "integrations.api_token.create")
    if request.method != "POST":
        return render(request, "integrations/tokens.html", _page(user))
    days = request.POST.get("lifetime", "")
    made = create_token(
        by=user,
        name=request.POST.get("name", ""),
        scopes=request.POST.getlist("scopes"),
        expires_at=now() + timedelta(days=int(days)) if days in {"30", "90", "365"} else None,
    )
    return render(request, "integrations/tokens.html", _page(user, made.plain_token))  # type: ignore[attr-defined]


@require_POST
def revoke(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End a token at once."""
    user: Any = request.user
    mine = ApiToken.objects.all() if rights_of(user).is_administrator else ApiToken.objects.filter(user=user)
    revoke_token(get_object_or_404(mine, pk=pk), by=user)
    return go(request, "integrations:tokens", toast=_("Revoked: programs with this token are out."))

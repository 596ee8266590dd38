"""Where the settings begin."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from zhike.access.rights import rights_of
from zhike.administration.navigation import AREAS
from zhike.kernel.errors import NotFound
from zhike.web.pages import render


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The areas this person may administer."""
    rights = rights_of(request.user)  # type: ignore[arg-type]
    areas = [area for area in AREAS if rights.may(area.permission)]
    if not areas:
        raise NotFound("")
    return render(request, "administration/home.html", {"areas": areas})

"""Where the settings begin."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from zhike.kernel.errors import NotFound
from zhike.web.navigation import entries
from zhike.web.pages import render


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The areas this person may administer."""
    areas = [one for one in entries(request.user) if one.group == "management"]  # type: ignore[arg-type]
    if not areas:
        raise NotFound("")
    return render(request, "administration/home.html", {"areas": areas})

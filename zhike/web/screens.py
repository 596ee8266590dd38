"""Views of the shell itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.staff.models import User
from zhike.web import home as home_panels
from zhike.web import pages
from zhike.web.actions import set_preferences
from zhike.web.gallery import Gallery


@dataclass
class HomePage:
    now: datetime
    panels: list[Any] = field(default_factory=list)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page: what is to be done today."""
    return pages.render(request, "web/home.html", HomePage(now(), home_panels.rendered(request, request.user)))  # type: ignore[arg-type]


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """The living page of all components."""
    return pages.render(request, "web/gallery.html", Gallery.of(request))


@require_safe
def signed_in(request: HttpRequest) -> HttpResponse:
    """Where a new sign-in lands that was made to rescue a form in another tab."""
    return pages.render(request, "web/signed_in.html")


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Language and appearance, from the menu at the top."""
    language, theme = request.POST.get("language"), request.POST.get("theme")
    if language not in {None, *(code for code, _name in settings.LANGUAGES)}:
        raise Refused(_("There is no such language."))
    if theme not in {None, *User.Theme.values}:
        raise Refused(_("There is no such appearance."))
    user = request.user
    set_preferences(user, by=user, language=language, theme=theme)
    back = request.headers.get("Referer", "/")
    allowed = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    response = pages.go(request, back if allowed else "/")
    if language:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 24 * 3600, samesite="Lax")
    return response

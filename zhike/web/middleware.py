"""What every request goes through: its number, its safe headers, its size, who sends it, in which language."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.translation import gettext as _

from zhike.history.action import via
from zhike.history.models import Event
from zhike.web import current
from zhike.web.errors import SignedOut, TooLarge, answer_error

Answer = Callable[[HttpRequest], HttpResponseBase]
_REQUEST_ID = re.compile(r"[\w.-]{8,64}")
PUBLIC_PREFIXES = ("/api/", "/static/")


class RequestMiddleware:
    """Outermost of ours: request id, the request for templates, how it came in, security headers."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex  # type: ignore[attr-defined]
        request_token = current.request.set(request)
        via_token = via.set(Event.Via.API if request.path.startswith("/api/") else Event.Via.PAGE)
        try:
            response = self.get_response(request)
        finally:
            current.request.reset(request_token)
            via.reset(via_token)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        response.setdefault("Content-Security-Policy", content_policy(request))
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(self), payment=()")
        if response.get("Content-Type", "").startswith("text/html"):
            response.setdefault("Cache-Control", "private, no-cache")
        return response


def content_policy(request: HttpRequest) -> str:
    """No inline script, no inline style, nothing from elsewhere but the live-update process."""
    live = live_origin(request)
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';"
        f" connect-src 'self'{' ' + live if live else ''}; form-action 'self'; frame-src 'self';"
        " media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def live_origin(request: HttpRequest) -> str:
    """Where live updates come from: the setting, or this host one port up."""
    if settings.ENV.live_url:
        parts = urlsplit(settings.ENV.live_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    host, _colon, port = request.META.get("HTTP_HOST", "").rpartition(":")
    if host and port.isdigit() and re.fullmatch(r"[\w.:\[\]-]+", host):
        return f"{request.scheme}://{host}:{settings.ENV.live_port or int(port) + 1}"
    return ""


class SizeMiddleware:
    """A body over the limit is refused before it is read."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.MAX_UPLOAD_BYTES + 1024 * 1024:
            limit = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
            return answer_error(request, TooLarge(_("The file is larger than %(limit)s MB.") % {"limit": limit}))
        return self.get_response(request)


class PreferenceMiddleware:
    """The language a person has chosen; without a choice that of the browser."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = getattr(request.user, "language", "")
        if language and translation.check_for_language(language):
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class SignInMiddleware:
    """Deny by default: a view is for signed-in people unless it is marked `login_not_required`."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if request.user.is_authenticated and getattr(request.user, "is_active", False):
            return None
        if not getattr(view, "login_required", True) or request.path.startswith(PUBLIC_PREFIXES):
            return None
        return ask_to_sign_in(request)


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """A page goes to the sign-in page and comes back; a fragment keeps what was typed."""
    html = "text/html" in request.headers.get("Accept", "text/html") or "*/*" in request.headers.get("Accept", "")
    if request.headers.get("HX-Request") == "true" or not html:
        return answer_error(request, SignedOut(_("You have been signed out. Sign in again; what you typed is kept.")))
    back = (
        request.get_full_path() if request.method == "GET" else urlsplit(request.headers.get("Referer", "")).path or "/"
    )
    return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}")

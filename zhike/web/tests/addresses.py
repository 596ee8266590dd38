"""Addresses for tests of the shell."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.translation import gettext as _

from config.urls import handler400, handler403, handler404, handler500
from zhike.kernel.errors import Conflict, Refused
from zhike.web import pages
from zhike.web.actions import set_preferences

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def refuse(request: HttpRequest) -> HttpResponse:
    raise Refused("Not like this.", fields={"name": "A name is missing."})


def invalid(request: HttpRequest) -> HttpResponse:
    raise ValidationError({"name": ["Too long."]})


def conflict(request: HttpRequest) -> HttpResponse:
    raise Conflict(
        "李强 saved this record.",
        differences=[
            {"name": "name", "label": "Name of it", "theirs": "Theirs, shown", "mine": "mine", "keep": "mine"}
        ],
        version=7,
    )


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret detail")


def count(request: HttpRequest) -> HttpResponse:
    """Writes on each call."""
    request.user.refresh_from_db()
    set_preferences(request.user, by=request.user, language="en", theme="DARK")  # type: ignore[arg-type]
    if request.POST.get("fail"):
        raise Refused("No.")
    return pages.go(request, "/done/", toast=_("Save"), undo="/undo/")


def part(request: HttpRequest) -> HttpResponse:
    return pages.render(request, "web/signed_in.html")


def quiet(request: HttpRequest) -> HttpResponse:
    return pages.done(request, "保存好了", undo="/undo/", **{"tasks-changed": True})


@login_not_required
def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


urlpatterns = [
    path("refuse/", refuse),
    path("invalid/", invalid),
    path("conflict/", conflict),
    path("missing/", missing),
    path("crash/", crash),
    path("count/", count),
    path("part/", part),
    path("quiet/", quiet),
    path("public/", public),
    path("api/refuse/", refuse),
    path("api/count/", count),
    path("", include("config.urls")),
]

"""The bell, the list, the way to what a notice is about."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.kernel.errors import NotFound
from zhike.notices.actions import mark_read
from zhike.notices.models import Notice
from zhike.notices.navigation import unread
from zhike.web import pages

PER_PAGE = 50
IN_MENU = 8


@dataclass
class NoticeList:
    notices: list[Notice]
    older: str
    only_unread: bool


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All notices, newest first."""
    only_unread = request.GET.get("unread") == "1"
    found = Notice.objects.of(request.user).newest().select_related("by")
    if only_unread:
        found = found.unread()
    before = pages.key_of(request.GET.get("before"))
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: PER_PAGE + 1])
    older = f"?before={rows[PER_PAGE - 1].pk}{'&unread=1' if only_unread else ''}" if len(rows) > PER_PAGE else ""
    return pages.render(request, "notices/list.html", NoticeList(rows[:PER_PAGE], older, only_unread))


@require_safe
def latest(request: HttpRequest) -> HttpResponse:
    """The newest few, for the menu under the bell."""
    rows = list(Notice.objects.of(request.user).newest().select_related("by")[:IN_MENU])
    return pages.render(request, "notices/menu.html", {"notices": rows}, block=None)


@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The number at the bell."""
    return pages.render(request, "notices/count.html", unread(request), block=None)


@require_safe
def follow(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """To what it is about; by that it is read."""
    notice = Notice.objects.of(request.user).filter(pk=pk).first()
    if notice is None:
        raise NotFound(_("This notice does not exist any more."))
    mark_read(by=request.user, keys=[notice.pk])  # type: ignore[arg-type]
    here = url_has_allowed_host_and_scheme(notice.link, {request.get_host()}, request.is_secure())
    return redirect(notice.link if here else "notices:list")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything is read."""
    mark_read(by=request.user)  # type: ignore[arg-type]
    return pages.go(request, "notices:list", toast=_("All notices are read."))

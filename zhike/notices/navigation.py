"""The bell in the top bar."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from zhike.kernel.prepared import Prepared
from zhike.notices.models import Notice
from zhike.web.navigation import BarItem

MOST = 99


_unread = Prepared(lambda key: Notice.objects.of(key).unread()[: MOST + 1])


def unread(request: HttpRequest) -> dict[str, Any]:
    """How many notices wait, up to 99."""
    return {"count": _unread.count(request.user.pk), "most": MOST}  # type: ignore[union-attr]


BAR = (BarItem("notices/bell.html", unread, position=20),)

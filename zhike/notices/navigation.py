"""The bell in the top bar."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from zhike.notices.models import Notice
from zhike.web.navigation import BarItem

MOST = 99


def unread(request: HttpRequest) -> dict[str, Any]:
    """How many notices wait, up to 99."""
    return {"count": Notice.objects.of(request.user).unread()[: MOST + 1].count(), "most": MOST}


BAR = (BarItem("notices/bell.html", unread, position=20),)

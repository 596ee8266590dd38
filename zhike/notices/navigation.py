"""The bell in the top bar."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from zhike.kernel.prepared import Prepared
from zhike.notices.models import Notice
from zhike.notices.models.notice import MOST_COUNTED
from zhike.staff.models import User
from zhike.web.navigation import BarItem

MOST = MOST_COUNTED - 1


_unread = Prepared(lambda key: Notice.objects.of(key).unread()[:MOST_COUNTED])


def unread(request: HttpRequest) -> dict[str, Any]:
    """How many notices wait, up to 99. The number came with the session, if there was one to find."""
    user: User = request.user  # type: ignore[assignment]
    number = user.along.get("unread")
    return {"count": _unread.count(user.pk) if number is None else number, "most": MOST}


BAR = (BarItem("notices/bell.html", unread, position=20),)

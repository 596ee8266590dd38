"""The pages of this module."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, JsonResponse

from zhike.web.live import sign
from zhike.web.middleware import live_origin


def live_address(request: HttpRequest) -> JsonResponse:
    """The signed address of this person's live updates, good for an hour."""
    base = settings.ENV.live_url.rstrip("/") or live_origin(request)
    answer = JsonResponse({"url": f"{base}/live?key={sign(request.user.pk)}"})
    answer["Cache-Control"] = "no-store"
    return answer

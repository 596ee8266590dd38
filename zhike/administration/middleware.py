"""What a session owes: that its last use is known, and that a one-time password is changed first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime

from zhike.administration.pages.client import address_of
from zhike.kernel.clock import now
from zhike.staff.models import User
from zhike.staff.sessions import ADDRESS, SEEN

_NOTE_EVERY = timedelta(minutes=10)
_OPEN = {"account:password", "sign-out", "web:preferences"}


class AccountMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        user = request.user
        if not isinstance(user, User):
            return None
        seen = parse_datetime(request.session.get(SEEN, ""))
        if seen is None or now() - seen > _NOTE_EVERY:
            request.session[SEEN] = now().isoformat()
            request.session[ADDRESS] = address_of(request)
        match = request.resolver_match
        if user.must_change_password and match is not None and match.view_name not in _OPEN:
            return redirect("account:password")
        return None

"""Signing in and out, and the forgotten password."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from zhike.administration.actions.second_factor import check_code
from zhike.administration.actions.sign_in import (
    change_password,
    check_sign_in,
    count_address,
    has_second_factor,
    tell_sign_in,
    tell_sign_out,
)
from zhike.administration.jobs import send_reset_link
from zhike.administration.pages.client import address_of, device_of, party_of, safe_next
from zhike.administration.sample_sign_ins import SampleSignIn, sample_sign_ins
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused
from zhike.staff.models import User
from zhike.staff.sessions import ADDRESS, DEVICE, SEEN, STARTED
from zhike.web.pages import go, render

_OWES_CODE = "_owes_code"
_CODE_WITHIN = 300


@dataclass
class SignInPage:
    next: str
    typed: str = ""
    error: str = ""
    samples: list[SampleSignIn] = field(default_factory=list)
    mail: bool = False
    passkeys: bool = False


def sign_in_page(request: HttpRequest) -> SignInPage:
    """What every sign-in page shows."""
    return SignInPage(
        safe_next(request), samples=sample_sign_ins(), mail=settings.MAIL_CONFIGURED, passkeys=bool(party_of(request))
    )


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password."""
    page = sign_in_page(request)
    if request.user.is_authenticated:
        return redirect(page.next)
    if request.method != "POST":
        return render(request, "administration/sign_in.html", page)
    page.typed = request.POST.get("username", "")[:120]
    try:
        user = check_sign_in(
            typed=page.typed, password=request.POST.get("password", "")[:1000], address=address_of(request)
        )
    except Refused as refused:
        page.error = str(refused.message)
        return render(request, "administration/sign_in.html", page, status=422)
    if has_second_factor(user):
        request.session.cycle_key()
        request.session[_OWES_CODE] = [str(user.pk), time.time(), page.next]
        return redirect("sign-in-code")
    return open_session(request, user, page.next)


@dataclass
class CodePage:
    error: str = ""


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The code of the authenticator app, or a recovery code."""
    user_id, since, onwards = request.session.get(_OWES_CODE, (None, 0, "/"))
    user = User.objects.active().filter(pk=user_id).first()
    if user is None or time.time() - since > _CODE_WITHIN:
        return redirect("sign-in")
    if request.method != "POST":
        return render(request, "administration/sign_in_code.html", CodePage())
    try:
        check_code(user, code=request.POST.get("code", "")[:40], address=address_of(request))
    except Refused as refused:
        return render(request, "administration/sign_in_code.html", CodePage(str(refused.message)), status=422)
    return open_session(request, user, onwards)


def open_session(request: HttpRequest, user: User, onwards: str) -> HttpResponse:
    """The person is who he says: give him a session of his own."""
    request.session.pop(_OWES_CODE, None)
    request.session.set_expiry(None)
    login(request, user, backend="zhike.staff.backends.StaffBackend")
    moment = now().isoformat()
    request.session.update({STARTED: moment, SEEN: moment, ADDRESS: address_of(request), DEVICE: device_of(request)})
    tell_sign_in(user, by=user, address=address_of(request), device=device_of(request))
    return go(request, onwards)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    if isinstance(request.user, User):
        tell_sign_out(request.user, by=request.user)
    logout(request)
    return go(request, "sign-in")


@dataclass
class ForgottenPage:
    mail: bool
    sent: bool = False
    error: str = ""


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link by e-mail; whether anybody has that address is not told."""
    page = ForgottenPage(settings.MAIL_CONFIGURED)
    if request.method == "POST" and page.mail:
        try:
            count_address(address_of(request))
        except Refused as refused:
            page.error = str(refused.message)
            return render(request, "administration/forgotten.html", page, status=422)
        send_reset_link.defer(typed=request.POST.get("email", "")[:254], host=request.build_absolute_uri("/"))
        page.sent = True
    return render(request, "administration/forgotten.html", page)


@dataclass
class ResetPage:
    valid: bool
    error: str = ""
    minimum: int = 10


@login_not_required
@sensitive_post_parameters("new")
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Follow the link: choose a new password. It works once and for two hours."""
    user = _user_of(uid)
    if user is None or not default_token_generator.check_token(user, token):
        return render(request, "administration/reset.html", ResetPage(False), status=404)
    page = ResetPage(True)
    if request.method != "POST":
        return render(request, "administration/reset.html", page)
    try:
        change_password(user, by=user, new=request.POST.get("new", "")[:1000])
    except Refused as refused:
        page.error = str(refused.message)
        return render(request, "administration/reset.html", page, status=422)
    return go(request, "sign-in", toast=_("The password is changed. Sign in with it."))


def _user_of(uid: str) -> User | None:
    try:
        key = uuid.UUID(urlsafe_base64_decode(uid).decode())
    except ValueError:
        return None
    return User.objects.active().filter(pk=key).first()

"""Passkeys: signing in by one, and those of my own.

The browser asks for options, which carry a challenge; what the device answers to it comes back in a plain form.
A challenge is good once, for what it was made for, in the session that asked, for five minutes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from zhike.administration.actions.passkeys import (
    add_passkey,
    begin_passkey,
    check_passkey,
    checked_name,
    remove_passkey,
    rename_passkey,
)
from zhike.administration.actions.sign_in import confirm_password, refuse_locked
from zhike.administration.pages.account import me
from zhike.administration.pages.client import address_of, device_name, device_of, party_of
from zhike.administration.pages.sign_in import open_session, sign_in_page
from zhike.administration.rules.passkeys import Party, ask_for_one
from zhike.kernel.errors import NotFound, Refused
from zhike.staff.models import Passkey
from zhike.web.pages import go, render

_SIGN_IN, _ADD = "_passkey_sign_in", "_passkey_add"
WITHIN = 300
# What a device answers is some hundred bytes; attestations that nobody asked for are a few thousand.
LONGEST = 20_000


def _party(request: HttpRequest) -> Party:
    found = party_of(request)
    if found is None:
        raise NotFound(_("Passkeys need a host name and HTTPS."))
    return found


def _keep(request: HttpRequest, purpose: str, challenge: str) -> None:
    request.session[purpose] = [challenge, time.time()]


def _take(request: HttpRequest, purpose: str) -> str:
    challenge, since = request.session.pop(purpose, ("", 0))
    if not challenge or time.time() - since > WITHIN:
        raise Refused(_("That took too long. Begin again."))
    return str(challenge)


@login_not_required
@require_POST
def sign_in_options(request: HttpRequest) -> HttpResponse:
    """What the browser needs to ask the device."""
    party = _party(request)
    refuse_locked(address_of(request))
    options, challenge = ask_for_one(party)
    _keep(request, _SIGN_IN, challenge)
    if not request.user.is_authenticated:
        request.session.set_expiry(WITHIN)  # a session of nobody is not kept for weeks
    return JsonResponse(options)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with what the device has answered. No code is asked for: it has checked the person."""
    page = sign_in_page(request)
    if request.user.is_authenticated or request.method != "POST":
        return redirect(page.next if request.user.is_authenticated else "sign-in")
    try:
        challenge = _take(request, _SIGN_IN)
        answer = request.POST.get("credential", "")[:LONGEST]
        user = check_passkey(answer=answer, challenge=challenge, party=_party(request), address=address_of(request))
    except Refused as refused:
        page.error = str(refused.message)
        return render(request, "administration/sign_in.html", page, status=422)
    return open_session(request, user, page.next)


@dataclass
class PasskeysPage:
    passkeys: list[Passkey]
    possible: bool
    name: str
    error: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def passkeys(request: HttpRequest) -> HttpResponse:
    """My passkeys; with POST the device has made another one."""
    person = me(request)
    page = PasskeysPage(list(person.passkeys.all()), party_of(request) is not None, device_name(device_of(request)))
    if request.method != "POST":
        return render(request, "administration/account_passkeys.html", page)
    page.name = request.POST.get("name", "")[:200]
    try:
        challenge = _take(request, _ADD)
        answer = request.POST.get("credential", "")[:LONGEST]
        add_passkey(person, by=person, name=page.name, answer=answer, challenge=challenge, party=_party(request))
    except Refused as refused:
        page.error = str(refused.message)
        return render(request, "administration/account_passkeys.html", page, status=422)
    return go(request, "account:passkeys", toast=_("The passkey is added. You can sign in with it from now on."))


@sensitive_post_parameters("password")
@require_POST
def options(request: HttpRequest) -> HttpResponse:
    """What the browser needs to have a passkey made; the password is asked for first."""
    person, party = me(request), _party(request)
    checked_name(request.POST.get("name", ""))
    confirm_password(person, password=request.POST.get("password", "")[:1000], address=address_of(request))
    asked, challenge = begin_passkey(person, party)
    _keep(request, _ADD, challenge)
    return JsonResponse(asked)


@dataclass
class PasskeyPage:
    passkey: Passkey
    error: str = ""


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def passkey(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One of my passkeys: call it otherwise, or remove it with the password."""
    person = me(request)
    row = person.passkeys.filter(pk=pk).first()
    if row is None:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    if request.method != "POST":
        return render(request, "administration/account_passkey.html", PasskeyPage(row))
    try:
        if request.POST.get("do") == "remove":
            confirm_password(person, password=request.POST.get("password", "")[:1000], address=address_of(request))
            remove_passkey(person, by=person, key=pk)
            return go(request, "account:passkeys", toast=_("The passkey is removed. Delete it on the device as well."))
        rename_passkey(person, by=person, key=pk, name=request.POST.get("name", "")[:200])
    except Refused as refused:
        return render(
            request, "administration/account_passkey.html", PasskeyPage(row, str(refused.message)), status=422
        )
    return go(request, "account:passkeys", toast=_("Saved"))

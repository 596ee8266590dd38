"""Who is at the other end of a request."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from zhike.administration.rules.passkeys import Party, party

_SYSTEMS = (
    (r"iPhone|iPad", "iOS"),
    (r"HarmonyOS", "HarmonyOS"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Mac OS X", "macOS"),
    (r"Linux", "Linux"),
)
_BROWSERS = (
    (r"wxwork", "WeCom"),
    (r"MicroMessenger", "WeChat"),
    (r"DingTalk", "DingTalk"),
    (r"Lark|Feishu", "Feishu"),
    (r"Edg/", "Edge"),
    (r"QQBrowser", "QQ"),
    (r"Firefox/", "Firefox"),
    (r"Chrome/", "Chrome"),
    (r"Safari/", "Safari"),
)


def address_of(request: HttpRequest) -> str:
    """The network address of the person: behind as many proxies as the setting says, the one they saw."""
    proxies = settings.ENV.proxies
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and len(told) >= proxies:
        return told[-proxies][:45]
    return request.META.get("REMOTE_ADDR", "")[:45]


def device_of(request: HttpRequest) -> str:
    """The browser's own words, shortened to what is kept."""
    return request.headers.get("User-Agent", "")[:300]


def device_name(device: str) -> str:
    """“Chrome · Windows” from the browser's own words."""
    found = [next((name for sign, name in table if re.search(sign, device)), "") for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(part for part in found if part) or _("Unknown device")


def party_of(request: HttpRequest) -> Party | None:
    """To whom passkeys are bound here: as set, otherwise the host that was asked, which is one of those served."""
    return party(
        settings.ENV.passkey_origin,
        host=request.get_host(),
        secure=request.is_secure() or settings.ENV.https,
        any_host="*" in settings.ALLOWED_HOSTS,
    )


def safe_next(request: HttpRequest, fallback: str = "/") -> str:
    """Where to go after signing in: only to a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=hosts, require_https=request.is_secure())
    return wanted if ours and wanted.startswith("/") and not wanted.startswith("/sign-") else fallback

"""The same write twice is done once: double click, a retry after a lost answer, two tabs of one form.

A POST with ``_key`` (a field of every form) or an ``Idempotency-Key`` header runs in one transaction with
the row that claims the key. A repeat waits for the first, then gets its answer, unless its token has ended
since. An answer of 400 or above rolls everything back, and the key is free again.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from zhike.kernel.aftermath import aftermath
from zhike.kernel.clock import now
from zhike.kernel.crypto import Undecipherable, decrypt, encrypt
from zhike.kernel.errors import Refused
from zhike.web.errors import SignedOut, answer_error
from zhike.web.models import KeptAnswer

KEPT_HEADERS = (
    "Content-Type",
    "Location",
    "HX-Redirect",
    "HX-Location",
    "HX-Trigger",
    "HX-Retarget",
    "HX-Reswap",
    "ETag",
)
LARGEST_BODY = 256 * 1024
KEPT_FOR = timedelta(days=2)


# Whether the token of a request still holds: said by the module above that keeps the tokens.
_tokens: list[Callable[[HttpRequest], bool]] = []


def register_tokens(holds: Callable[[HttpRequest], bool]) -> None:
    if holds not in _tokens:
        _tokens.append(holds)


def holds(request: HttpRequest) -> bool:
    """Whether a kept answer may still go to who asks; the first time it was the view that asked for a valid token."""
    return all(good(request) for good in _tokens)


class IdempotencyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in {"POST", "PUT", "PATCH", "DELETE"}:
            return self.get_response(request)
        owner = owner_of(request)
        key = request.headers.get("Idempotency-Key") or (
            request.POST.get("_key", "") if request.method == "POST" else ""
        )
        if not owner or not key:
            return self.get_response(request)
        if len(key) > 128 or not key.isprintable():
            return answer_error(request, Refused(_("The idempotency key must be at most 128 printable characters.")))
        return self.once(request, owner, key)

    def once(self, request: HttpRequest, owner: str, key: str) -> HttpResponseBase:
        with aftermath(), transaction.atomic():
            mark = fingerprint(request)
            if not claim(owner, key, mark):
                return repeat(request, owner, key, mark) if holds(request) else _no_token(request)
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            elif isinstance(response, HttpResponse):
                keep(owner, key, response)
        return response


def owner_of(request: HttpRequest) -> str:
    """Who sends: a token if there is one, otherwise the signed-in user; empty for nobody."""
    authorization = request.headers.get("Authorization", "")
    if authorization:
        return "t" + hashlib.sha256(authorization.encode()).hexdigest()
    user = getattr(request, "user", None)
    return f"u{user.pk}" if user is not None and user.is_authenticated else ""


def fingerprint(request: HttpRequest) -> str:
    """What was asked for, without the volatile parts of a form."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type == "multipart/form-data":
        for name, values in sorted(request.POST.lists()):
            if name != "csrfmiddlewaretoken":
                digest.update(repr((name, values)).encode())
        for name, files in sorted(request.FILES.lists()):
            digest.update(repr((name, [(each.name, each.size) for each in files])).encode())
    elif request.POST:
        for name, values in sorted(request.POST.lists()):
            if name != "csrfmiddlewaretoken":
                digest.update(repr((name, values)).encode())
    else:
        digest.update(request.body)
    return digest.hexdigest()


def claim(owner: str, key: str, mark: str) -> bool:
    """Take the key. Waits for another request that holds it; False if that one has been answered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO web_keptanswer (owner, key, fingerprint, status, headers, body, created_at)"
            " VALUES (%s, %s, %s, 0, '{}', '', %s) ON CONFLICT DO NOTHING",
            [owner, key, mark, now()],
        )
        return bool(cursor.rowcount == 1)


def keep(owner: str, key: str, response: HttpResponse) -> None:
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    body = sealed(response.content, owner, key) if len(response.content) <= LARGEST_BODY else b""
    KeptAnswer.objects.filter(owner=owner, key=key).update(status=response.status_code, headers=headers, body=body)


def sealed(body: bytes, owner: str, key: str) -> bytes:
    """As it lies in the database: answers hold tokens, one-time passwords and recovery codes that are kept nowhere else
    in the clear."""
    return encrypt(base64.b64encode(body).decode(), purpose=f"kept answer {owner} {key}").encode() if body else b""


def opened(body: bytes, owner: str, key: str) -> bytes:
    """What `sealed` was given; nothing where its key is gone."""
    try:
        return base64.b64decode(decrypt(body.decode(), purpose=f"kept answer {owner} {key}")) if body else b""
    except Undecipherable:
        return b""


def repeat(request: HttpRequest, owner: str, key: str, mark: str) -> HttpResponseBase:
    known = KeptAnswer.objects.get(owner=owner, key=key)
    if known.fingerprint != mark:
        error = Refused(_("This form has already been sent, with other content. Reload the page and try again."))
        return answer_error(request, error)
    response = HttpResponse(opened(bytes(known.body), owner, key), status=known.status, headers=known.headers)
    response["Idempotent-Replay"] = "true"
    return response


def _no_token(request: HttpRequest) -> HttpResponse:
    error = SignedOut(_("This token has ended. Send a valid one."), code="unauthenticated")
    response = answer_error(request, error)
    response["WWW-Authenticate"] = 'Bearer realm="zhike"'
    return response


def forget_old_answers() -> int:
    """Delete answers nobody will ask for again; called daily."""
    return KeptAnswer.objects.filter(created_at__lt=now() - KEPT_FOR).delete()[0]

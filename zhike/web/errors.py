"""Errors are words: one handler turns them into a page, a fragment or problem details (RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from zhike.kernel.errors import Conflict, Denied, DomainError, NotFound, Refused
from zhike.web.jinja import render_to_string
from zhike.web.pages import add_toast, trigger

logger = logging.getLogger("zhike.web")


class TooLarge(DomainError):
    """More than we take at once."""

    status = 413
    code = "too_large"


class Broken(DomainError):
    """The request itself cannot be read."""

    status = 400
    code = "bad_request"


class SignedOut(DomainError):
    """Nobody is signed in."""

    status = 401
    code = "signed_out"


class Crashed(DomainError):
    """Our fault."""

    status = 500
    code = "internal_error"


def as_domain_error(error: Exception) -> DomainError | None:
    """The words for an exception; None: we have none, it is a programming error."""
    match error:
        case DomainError():
            return error
        case Http404():
            return NotFound(_("This page does not exist, or you may not see it."))
        case RequestDataTooBig() | TooManyFieldsSent() | TooManyFilesSent():
            return TooLarge(_("That is too much for one request. Send fewer or smaller pieces."))
        case PermissionDenied():
            return Denied(_("You do not have the right to do this."))
        case ValidationError():
            fields = (
                {name: " ".join(texts) for name, texts in error.message_dict.items()}
                if hasattr(error, "error_dict")
                else {}
            )
            return Refused(_("Please check what you entered.") if fields else " ".join(error.messages), fields=fields)  # type: ignore[arg-type]
        case MultiPartParserError() | SuspiciousOperation() | UnicodeError():
            return Broken(_("The request could not be read."))
        case DataError():  # a value that no column takes: too large, or with a zero byte in it
            logger.warning("a value that the database does not take", exc_info=error)
            return Broken(_("The request could not be read."))
        case IntegrityError():  # asked before it was written, and somebody else wrote in between
            logger.warning("a constraint was broken at the write", exc_info=error)
            return Conflict(_("Somebody else was first"))
    return None


class ErrorMiddleware:
    """Catches what views raise. Innermost, so that middlewares around it see an answer with a status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        words = as_domain_error(error)
        return answer_error(request, words) if words is not None else None


def answer_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The answer that this client understands."""
    if request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "").split(","):
        return problem(request, error)
    if request.headers.get("HX-Request") == "true":
        return fragment(request, error)
    return page(request, error)


def plain_fields(error: DomainError) -> dict[str, str]:
    return {name: str(text) for name, text in error.fields.items()}


def problem(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Problem details for programs."""
    body: dict[str, Any] = {
        "type": "about:blank" if error.code == "internal_error" else f"urn:zhike:error:{error.code}",
        "title": TITLES[error.status]() if error.status in TITLES else str(error.message),
        "status": error.status,
        "detail": str(error.message),
        "code": error.code,
        "instance": request.path,
        "request_id": getattr(request, "request_id", ""),
    }
    if error.fields:
        body["errors"] = [{"field": name, "message": text} for name, text in plain_fields(error).items()]
    return JsonResponse(
        body, status=error.status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
    )


def fragment(request: HttpRequest, error: DomainError) -> HttpResponse:
    """For htmx: nothing that was typed is swapped away."""
    if isinstance(error, Conflict) and error.data.get("differences") is not None:
        return conflict_dialog(request, error)
    response = HttpResponse(status=error.status)
    response["HX-Reswap"] = "none"
    if isinstance(error, SignedOut):
        return trigger(response, **{"zhike:signed-out": {}})
    if request.method != "GET" and error.fields:
        return trigger(response, **{"zhike:refused": {"message": str(error.message), "fields": plain_fields(error)}})
    if request.method != "GET" and error.status == 422:
        trigger(response, **{"zhike:refused": {"message": str(error.message), "fields": {}}})
    return add_toast(response, str(error.message), kind="bad")


def page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A whole page in the user's language."""
    title = TITLES.get(error.status, TITLES[400])()
    if isinstance(error, Conflict) and error.data.get("differences") is not None:
        context = {"title": title, "error": error, "sent": sent_fields(request)}
        return HttpResponse(render_to_string(request, "web/errors/conflict.html", context), status=error.status)
    context = {"title": title, "error": error, "fields": labelled(error)}
    try:
        text: str = render_to_string(request, "web/errors/error.html", context)
    except Exception:
        if error.status < 500:
            raise
        logger.exception("the error page itself failed")
        text = f"<!doctype html><title>{title}</title><h1>{title}</h1>"
    return HttpResponse(text, status=error.status)


def labelled(error: DomainError) -> list[tuple[str, str]]:
    labels = error.data.get("labels", {})
    return [(str(labels.get(name, "")), text) for name, text in plain_fields(error).items()]


# -- two people, one record --
#
# A `Conflict` brings ``differences``: for each field in which the two differ its ``name``, ``label``, what stands
# there now (``theirs``), what this person typed (``mine``), both as people read them, and which of the two to offer
# (``keep``); ``version`` of what stands there now, and ``who`` saved it when (``at``). What is chosen comes back as
# `PICK` + name = `THEIRS`: then the field is not saved.

PICK = "_pick-"
THEIRS = "theirs"


def sent_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Everything that was typed, to send it again from the page without scripts."""
    volatile = {"csrfmiddlewaretoken", "_version", "_key"}
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in volatile and not name.startswith(PICK)
        for value in map(str, values)
    ]


def conflict_dialog(request: HttpRequest, error: DomainError) -> HttpResponse:
    response = HttpResponse(
        render_to_string(request, "web/errors/conflict_dialog.html", {"error": error}), status=error.status
    )
    # Beside what is open: the form that is to be sent again may be in a dialog itself.
    response["HX-Retarget"], response["HX-Reswap"] = "#dialogs", "beforeend"
    return response


# -- Django's own handlers (config/urls.py) --


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer_error(request, as_domain_error(exception) or Broken(_("The request could not be read.")))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer_error(request, NotFound(_("This page does not exist, or you may not see it.")))


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer_error(request, Denied(_("You do not have the right to do this.")))


def crashed(request: HttpRequest) -> HttpResponse:
    return answer_error(
        request, Crashed(_("Something went wrong on our side. Nothing was half saved. Please try again in a moment."))
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    logger.info("csrf: %s", json.dumps(reason))
    on_sign_in = request.path.startswith(str(settings.LOGIN_URL))
    if request.headers.get("HX-Request") == "true" and not request.user.is_authenticated and not on_sign_in:
        return answer_error(request, SignedOut(_("You have been signed out. Sign in again; what you typed is kept.")))
    return answer_error(
        request,
        Denied(_("This page was open for too long. Reload it and send again; what you typed is kept."), code="csrf"),
    )


TITLES: dict[int, Callable[[], str]] = {
    400: lambda: _("This did not work"),
    401: lambda: _("Please sign in"),
    403: lambda: _("Not allowed"),
    404: lambda: _("Not found"),
    409: lambda: _("Somebody else was first"),
    413: lambda: _("Too large"),
    422: lambda: _("Please check what you entered"),
    429: lambda: _("Too many requests"),
    500: lambda: _("Something went wrong"),
}

"""The API's frame: problem details for every error, an OpenAPI document that says so, request throttling."""

from __future__ import annotations

from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema

from zhike.kernel.errors import Denied, DomainError
from zhike.records.api.faults import told
from zhike.staff.models import User

PROBLEM = "application/problem+json"
PROBLEM_SCHEMA = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
_READ_ERRORS = {400: "Malformed", 401: "No valid token", 403: "Not allowed", 404: "Not found", 422: "Refused"}
_WRITE_ERRORS = _READ_ERRORS | {409: "Conflict", 413: "Too large"}


class Caller(Protocol):
    """Who calls: what an authenticator puts into ``request.auth``."""

    user: User

    def allows(self, record_type: str, *, write: bool) -> bool: ...


def caller(request: HttpRequest, record_type: str, *, write: bool) -> User:
    """The calling user, if the token may read (write) this record type.

    Raises:
        Denied: the token's scopes do not cover it.
    """
    auth: Caller = request.auth  # type: ignore[attr-defined]
    if not auth.allows(record_type, write=write):
        raise Denied(_("This token may not do this: it lacks the scope."), code="scope")
    return auth.user


def problem(
    status: int, title: str, code: str, *, detail: str = "", fields: dict[str, str] | None = None
) -> HttpResponse:
    """An error as RFC 9457 has it."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "code": code}
    if detail:
        body["detail"] = detail
    if fields:
        body["fields"] = fields
    return JsonResponse(body, status=status, content_type=PROBLEM)


class ZhikeApi(NinjaAPI):
    """NinjaAPI whose errors are problem details, and whose document lists them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.add_exception_handler(DomainError, _domain_error)  # type: ignore[arg-type]
        self.add_exception_handler(ValidationError, _validation_error)  # type: ignore[arg-type]
        self.add_exception_handler(AuthenticationError, _no_token)  # type: ignore[arg-type]
        self.add_exception_handler(Throttled, _throttled)  # type: ignore[arg-type]
        self.add_exception_handler(HttpError, _http_error)  # type: ignore[arg-type]

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**kwargs)
        schema["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
        content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for methods in schema["paths"].values():
            for method, operation in methods.items():
                errors = _READ_ERRORS if method == "get" else _WRITE_ERRORS
                for status, text in errors.items():
                    operation["responses"].setdefault(status, {"description": text, "content": content})
                operation["responses"].setdefault(429, {"description": "Too many requests", "content": content})
        return schema


def _domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    fields = {name: str(message) for name, message in error.fields.items()}
    return problem(error.status, str(error.message), error.code, fields=fields)


def _validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = {".".join(str(part) for part in one["loc"][1:] if part != "body"): told(one) for one in error.errors}
    fields = {name.removeprefix("payload.") or "body": message for name, message in fields.items()}
    return problem(422, _("Some values are not right."), "invalid", fields=fields)


def _no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = problem(401, _("Send a valid token: Authorization: Bearer <token>."), "unauthenticated")
    response["WWW-Authenticate"] = 'Bearer realm="zhike"'
    return response


def _throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
    response = problem(429, _("Too many requests. Try again shortly."), "throttled")
    response["Retry-After"] = str(int(error.wait or 1) + 1)
    return response


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error), "malformed" if error.status_code == 400 else "error")

"""Errors are words: each carries the message that the user reads. One handler renders them everywhere."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise

Message = str | Promise


class DomainError(Exception):
    """Base of what a rule or an action says no with.

    Attributes:
        message: what the user reads: what is wrong and what to do.
        fields: field name to message, where single fields are at fault.
        code: stable word for programs.
        data: facts for programs and for the page (no secrets).
    """

    status = 400
    code = "refused"

    def __init__(
        self,
        message: Message,
        *,
        fields: dict[str, Message] | None = None,
        code: str | None = None,
        **data: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields or {}
        self.code = code or self.code
        self.data = data


class NotFound(DomainError):
    """It does not exist, or the person may not know that it does."""

    status = 404
    code = "not_found"


class Denied(DomainError):
    """The person sees the record and may not do this to it."""

    status = 403
    code = "denied"


class Refused(DomainError):
    """A business rule says no, or the input is wrong."""

    status = 422
    code = "refused"


class Conflict(DomainError):
    """Somebody else was first: the record changed since it was read."""

    status = 409
    code = "conflict"

"""The request being answered, for templates and formats only. Nothing decides by it."""

from __future__ import annotations

from contextvars import ContextVar

from django.http import HttpRequest

request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)

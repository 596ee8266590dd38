"""Health and figures, answered before anything else; and how long each request took."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare
from prometheus_client import Counter, Histogram

from zhike.operations import health

SECONDS = Histogram(
    "zhike_request_seconds",
    "Time to answer a request.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24),
)
CRASHES = Counter("zhike_request_crashes", "Requests that ended in an unexpected error.", ("route",))
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class OperationsMiddleware:
    """Outermost of all: `/healthz`, `/readyz`, `/metrics` need no sign-in, no host name and no session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.answers = {"/healthz": alive, "/readyz": ready, "/metrics": metrics}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if answer := self.answers.get(request.path_info):
            return answer(request)
        start = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        route = match.route if match else "none"
        method = request.method if request.method in _METHODS else "OTHER"
        SECONDS.labels(method, route, str(response.status_code)).observe(time.perf_counter() - start)
        if response.status_code >= 500:
            CRASHES.labels(route).inc()
        return response


def alive(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """Whether people can work: database, migrations, a living worker."""
    checks = health.checks()
    good = all(word == "ok" for word in checks.values())
    return JsonResponse({"ready": good, "checks": checks}, status=200 if good else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus: from this machine, or with the token."""
    if not _may_read_metrics(request):
        return HttpResponse("Not found", status=404, content_type="text/plain")
    return HttpResponse(health.metrics(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_read_metrics(request: HttpRequest) -> bool:
    token = settings.ENV.metrics_token
    if token:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}")
    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False

"""A journey may end while a request is under way: the tables are emptied only when it is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from tests.journeys.stillness import answering, settle
from zhike.administration.tests.people import person
from zhike.customers.models import Customer
from zhike.staff.models import OrgUnit

BEGUN = threading.Event()
ENDED: list[str] = []


def slow(_request: HttpRequest) -> HttpResponse:
    """Reads one table, takes its time, reads another: an emptying in between would wait for us and we for it."""
    with transaction.atomic():
        OrgUnit.objects.count()
        BEGUN.set()
        time.sleep(2)
        Customer.objects.count()
    ENDED.append("slow")
    return HttpResponse("done")


def endless(_request: HttpRequest) -> HttpResponse:
    """Holds a table for ten minutes."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            OrgUnit.objects.count()
            BEGUN.set()
            cursor.execute("SELECT pg_sleep(600)")
    except DatabaseError:
        ENDED.append("endless, cut off")
    return HttpResponse("done")


urlpatterns = [path("slow/", slow), path("endless/", endless), path("", include("config.urls"))]


@pytest.fixture(autouse=True)
def _slow_pages(settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF = __name__
    BEGUN.clear()
    ENDED.clear()
    yield
    # This comes after the browsers' end, before the tables are emptied.
    assert ENDED, "the journey ended before its requests"


def ask_and_leave(surf: Any, contexts: list[Any], address: str) -> None:
    surfer = surf(person(None, "admin"))
    surfer.go("/components/")
    surfer.page.evaluate(f"void fetch('{address}')")
    assert BEGUN.wait(60)
    for context in contexts:
        context.close()
    contexts.clear()


def empty_the_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")
        cursor.execute("TRUNCATE customers_customer, staff_orgunit CASCADE")
        cursor.execute("RESET lock_timeout")


def test_a_slow_request_is_waited_for(surf: Any, contexts: list[Any], live_server: Any) -> None:
    ask_and_leave(surf, contexts, "/slow/")
    assert ENDED == []
    settle(live_server.thread.host, live_server.thread.port)
    assert (ENDED, answering()) == (["slow"], [])
    empty_the_tables()


def test_an_endless_one_is_cut_off(surf: Any, contexts: list[Any], live_server: Any) -> None:
    ask_and_leave(surf, contexts, "/endless/")
    settle(live_server.thread.host, live_server.thread.port, patience=1)
    assert (ENDED, answering()) == (["endless, cut off"], [])
    empty_the_tables()


def test_the_end_of_a_journey_waits_by_itself(surf: Any) -> None:
    """The proof is in what comes after it."""
    surfer = surf(person(None, "admin"))
    surfer.go("/components/")
    surfer.page.evaluate("void fetch('/slow/')")
    assert BEGUN.wait(60)

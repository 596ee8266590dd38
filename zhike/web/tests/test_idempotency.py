"""The same write twice is done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from zhike.history.models import Event
from zhike.web.idempotency import forget_old_answers
from zhike.web.models import KeptAnswer


def writes() -> int:
    return Event.objects.filter(action="web.preferences.set").count()


def test_a_repeat_gets_the_same_answer_and_writes_nothing(client: Client) -> None:
    first = client.post("/count/", {"_key": "k1", "a": "1"})
    again = client.post("/count/", {"_key": "k1", "a": "1"})
    assert (first.status_code, again.status_code) == (303, 303)
    assert again["Location"] == first["Location"]
    assert again["Idempotent-Replay"] == "true"
    assert writes() == 1


def test_other_content_under_the_same_key_is_refused(client: Client) -> None:
    client.post("/count/", {"_key": "k1", "a": "1"})
    assert client.post("/count/", {"_key": "k1", "a": "2"}).status_code == 422
    assert writes() == 1


def test_a_failed_write_leaves_nothing_and_frees_the_key(client: Client) -> None:
    assert client.post("/count/", {"_key": "k1", "fail": "1"}).status_code == 422
    assert writes() == 0
    assert not KeptAnswer.objects.exists()
    assert client.post("/count/", {"_key": "k1"}).status_code == 303


def test_keys_of_two_people_do_not_meet(client: Client, person) -> None:
    client.post("/count/", {"_key": "k1"})
    KeptAnswer.objects.update(owner="usomebody-else")
    client.post("/count/", {"_key": "k1"})
    assert writes() == 2


def test_the_header_of_the_api_works_the_same(client: Client) -> None:
    for _time in range(2):
        client.post("/api/count/", b"{}", content_type="application/json", HTTP_IDEMPOTENCY_KEY="abc")
    assert writes() == 1


def test_a_silly_key_is_refused(client: Client) -> None:
    assert client.post("/count/", {"_key": "x" * 200}).status_code == 422


def test_old_answers_are_forgotten(client: Client) -> None:
    client.post("/count/", {"_key": "k1"})
    KeptAnswer.objects.update(created_at="2020-01-01T00:00Z")
    assert forget_old_answers() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_instant_write_once(client: Client) -> None:
    def send(_number: int) -> int:
        try:
            twin = Client(HTTP_HOST="localhost")
            twin.cookies = client.cookies
            return twin.post("/count/", {"_key": "same"}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(send, range(6))) == {303}
    assert writes() == 1

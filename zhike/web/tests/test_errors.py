"""What people and programs get when something goes wrong."""

from __future__ import annotations

import json

import pytest
from django.test import Client

HTMX = {"HTTP_HX_REQUEST": "true"}


def events(response) -> dict:
    return json.loads(response["HX-Trigger"])


def test_a_refusal_is_a_page_with_its_words(client: Client) -> None:
    response = client.post("/refuse/")
    assert response.status_code == 422
    assert "Not like this." in response.content.decode()
    assert "A name is missing." in response.content.decode()


def test_htmx_puts_a_refusal_at_the_fields_and_swaps_nothing(client: Client) -> None:
    response = client.post("/refuse/", **HTMX)
    assert response.status_code == 422
    assert response["HX-Reswap"] == "none"
    assert events(response)["zhike:refused"] == {"message": "Not like this.", "fields": {"name": "A name is missing."}}


def test_programs_get_problem_details(client: Client) -> None:
    response = client.post("/api/refuse/")
    body = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert (body["status"], body["code"], body["detail"]) == (422, "refused", "Not like this.")
    assert body["errors"] == [{"field": "name", "message": "A name is missing."}]
    assert body["request_id"] == response["X-Request-ID"]


def test_a_validation_error_of_a_model_is_a_refusal(client: Client) -> None:
    assert events(client.post("/invalid/", **HTMX))["zhike:refused"]["fields"] == {"name": "Too long."}


@pytest.mark.parametrize("path", ["/missing/", "/there/is/nothing/"])
def test_not_found(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "Not found" in response.content.decode()


def test_a_crash_shows_no_detail_but_the_number_of_the_request(client: Client) -> None:
    response = client.get("/crash/")
    text = response.content.decode()
    assert response.status_code == 500
    assert "secret detail" not in text and "Traceback" not in text
    assert response["X-Request-ID"] in text


def test_errors_speak_the_language_of_the_person(client: Client, person) -> None:
    type(person).objects.update(language="zh-hans")
    assert "未找到" in client.get("/missing/").content.decode()


def test_a_conflict_shows_both_versions_where_they_differ(client: Client) -> None:
    response = client.post("/conflict/", {"name": "mine", "city": "same", "_version": "5"}, **HTMX)
    text = response.content.decode()
    assert response.status_code == 409
    assert response["HX-Retarget"] == "#dialogs"
    assert "Theirs, shown" in text and "mine" in text and "Name of it" in text
    assert 'data-version="7"' in text


def test_a_conflict_without_scripts_sends_everything_again(client: Client) -> None:
    sent = {"name": "mine", "city": "same", "_version": "5", "_pick-name": "theirs"}
    text = client.post("/conflict/", sent).content.decode()
    assert '<input type="hidden" name="_version" value="7">' in text
    assert '<input type="hidden" name="name" value="mine">' in text
    assert '<input type="radio" name="_pick-name" value="theirs">' in text
    assert '<input type="hidden" name="_pick-name"' not in text


def test_a_stale_csrf_token_is_explained(person) -> None:
    client = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    client.force_login(person)
    response = client.post("/preferences/", {"theme": "DARK"})
    assert response.status_code == 403
    assert "open for too long" in response.content.decode()

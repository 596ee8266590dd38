"""Who gets in, what every answer carries, fragments, redirects and toasts."""

from __future__ import annotations

import json
import re

from django.test import Client

HTMX = {"HTTP_HX_REQUEST": "true"}


def test_strangers_are_sent_to_sign_in_and_back(stranger: Client) -> None:
    response = stranger.get("/components/?theme=dark")
    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=%2Fcomponents%2F%3Ftheme%3Ddark"


def test_an_expired_session_does_not_swap_away_what_was_typed(stranger: Client) -> None:
    response = stranger.post("/count/", {"text": "long"}, **HTMX)
    assert response.status_code == 401
    assert response["HX-Reswap"] == "none"
    assert "zhike:signed-out" in json.loads(response["HX-Trigger"])


def test_a_public_view_is_open(stranger: Client) -> None:
    assert stranger.get("/public/").content == b"open"


def test_a_disabled_person_is_a_stranger(client: Client, person) -> None:
    from zhike.kernel.clock import now

    type(person).objects.update(disabled_at=now())
    assert client.get("/part/").status_code == 302


def test_content_policy_forbids_inline_scripts(client: Client) -> None:
    policy = client.get("/components/")["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


def test_pages_have_neither_inline_scripts_nor_styles(client: Client) -> None:
    text = client.get("/components/").content.decode()
    assert " style=" not in text and "<style" not in text
    assert text.count("<script") == len(re.findall(r'<script( type="module")? src="[^"]+"></script>', text)) == 2
    assert "onclick=" not in text and "hx-on" not in text


def test_live_updates_come_from_one_port_up(client: Client) -> None:
    assert (
        "connect-src 'self' http://localhost:8001;"
        in client.get("/", HTTP_HOST="localhost:8000")["Content-Security-Policy"]
    )


def test_htmx_gets_the_block_and_browsers_the_page(client: Client) -> None:
    whole, part = client.get("/part/"), client.get("/part/", **HTMX)
    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()
    assert "You are signed in again" in part.content.decode()


def test_a_restored_history_entry_gets_the_page(client: Client) -> None:
    assert "<html" in client.get("/part/", **HTMX, HTTP_HX_HISTORY_RESTORE_REQUEST="true").content.decode()


def test_go_redirects_plain_and_htmx_requests_and_leaves_a_toast(client: Client) -> None:
    assert client.post("/count/", **HTMX)["HX-Redirect"] == "/done/"
    response = client.post("/count/")
    assert (response.status_code, response["Location"]) == (303, "/done/")
    text = client.get("/part/").content.decode()
    assert 'data-text="Save"' in text and 'data-undo="/undo/"' in text


def test_done_tells_the_page_by_events(client: Client) -> None:
    response = client.post("/quiet/", **HTMX)
    assert response.status_code == 204
    assert json.loads(response["HX-Trigger"]) == {
        "tasks-changed": True,
        "zhike:toast": {"messages": [{"text": "保存好了", "kind": "good", "undo": "/undo/"}]},
    }


def test_a_body_over_the_limit_is_refused_unread(client: Client, settings) -> None:
    settings.MAX_UPLOAD_BYTES = 1024
    response = client.post("/count/", {"text": "x" * (3 * 1024 * 1024)})
    assert response.status_code == 413


def test_too_many_fields_are_explained(client: Client) -> None:
    assert client.post("/count/", {f"f{n}": "1" for n in range(3000)}).status_code == 413


def test_preferences_are_kept(client: Client, person) -> None:
    assert client.post("/preferences/", {"language": "zh-hans", "theme": "DARK"}).status_code == 303
    person.refresh_from_db()
    assert (person.language, person.theme) == ("zh-hans", "DARK")
    assert 'lang="zh-CN" data-theme="dark"' in client.get("/").content.decode()
    assert client.post("/preferences/", {"language": "xx"}).status_code == 422

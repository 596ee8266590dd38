"""The sign-in pages: second factor, forced change, reset links, and where one is sent afterwards."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from zhike.administration import sample_sign_ins
from zhike.administration.actions import disable_user
from zhike.administration.jobs import send_reset_link
from zhike.administration.sample_sign_ins import SampleSignIn
from zhike.administration.tests.people import PASSWORD, group, person
from zhike.history.models import Event
from zhike.staff.models import SecondFactor, User
from zhike.staff.rules.totp import PERIOD, code_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang() -> User:
    user = person(username="wang", name="王芳", email="wang@example.cn")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(browser: Client, **values: str) -> Any:
    return browser.post("/sign-in/", {"username": "wang", "password": PASSWORD} | values)


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/customers/?q=1", "/customers/?q=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/sign-out/", "/"),
        ("", "/"),
    ],
)
def test_afterwards_only_to_pages_of_ours(client: Client, wang: User, wanted: str, got: str) -> None:
    assert sign_in(client, next=wanted).headers["Location"] == got


def test_a_wrong_password_keeps_the_name_and_says_little(client: Client, wang: User) -> None:
    answer = sign_in(client, password="wrong")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="wang"' in page
    assert "wrong" not in page
    assert "_auth_user_id" not in client.session


def test_the_session_key_changes_and_the_event_is_written(client: Client, wang: User) -> None:
    client.get("/sign-in/")
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key
    sign_in(client)
    assert client.session.session_key != before
    assert Event.objects.get(action="staff.user.sign_in").data["address"] == "127.0.0.1"
    client.post("/sign-out/")
    assert client.get("/account/").status_code == 302
    assert Event.objects.filter(action="staff.user.sign_out").exists()


def set_up(browser: Client) -> tuple[str, list[str]]:
    page = browser.get(reverse("account:second-factor")).content.decode()
    secret = re.search(r"data-secret>([A-Z2-7]+)<", page)[1]  # type: ignore[index]
    code = code_at(secret, int(time.time() // PERIOD) - 1)
    form = {"do": "confirm", "code": code, "password": PASSWORD}
    assert browser.post(reverse("account:second-factor"), form | {"password": "wrong"}).status_code == 422
    answer = browser.post(reverse("account:second-factor"), form)
    assert answer.headers["Cache-Control"] == "no-store"
    return secret, re.findall(r'<li class="mono">([a-z0-9-]+)</li>', answer.content.decode())


def test_the_second_factor_from_setting_up_to_removing(client: Client, wang: User) -> None:
    sign_in(client)
    secret, codes = set_up(client)
    assert len(codes) == 10
    other = Client()
    assert sign_in(other, next="/account/").headers["Location"] == reverse("sign-in-code")
    assert other.get("/account/").status_code == 302
    assert other.post(reverse("sign-in-code"), {"code": "000000"}).status_code == 422
    code = code_at(secret, int(time.time() // PERIOD))
    assert other.post(reverse("sign-in-code"), {"code": code}).headers["Location"] == "/account/"
    third = Client()
    sign_in(third)
    assert third.post(reverse("sign-in-code"), {"code": codes[3]}).status_code in (302, 303)
    assert third.get("/account/").status_code == 200
    client.post(reverse("account:second-factor"), {"do": "remove", "password": "wrong"})
    assert SecondFactor.objects.exists()
    client.post(reverse("account:second-factor"), {"do": "remove", "password": PASSWORD})
    assert not SecondFactor.objects.exists()


def test_the_code_page_without_a_password_first_leads_back(client: Client, wang: User) -> None:
    assert client.get(reverse("sign-in-code")).headers["Location"] == "/sign-in/"
    assert client.post(reverse("sign-in-code"), {"code": "1"}).headers["Location"] == "/sign-in/"


def test_email_and_mobile_change_only_with_the_password(client: Client, wang: User) -> None:
    sign_in(client)
    form = {"email": "new@example.cn", "mobile": "13800138000", "_version": "1"}
    client.post(reverse("account:home"), form | {"password": "wrong"})
    wang.refresh_from_db()
    assert wang.email == "wang@example.cn"
    client.post(reverse("account:home"), form | {"password": PASSWORD})
    wang.refresh_from_db()
    assert (wang.email, wang.mobile) == ("new@example.cn", "+8613800138000")


def test_no_form_about_secrets_is_kept_for_repeating(client: Client, wang: User) -> None:
    """The answer to a form with a key is kept; those that ask for or show secrets have none."""
    admin = person(group(), "admin")
    admin.set_password(PASSWORD)
    admin.save()
    client.force_login(admin)
    for path in (
        reverse("account:password"), reverse("account:second-factor"), reverse("account:home"),
        reverse("administration:person-new"),
    ):  # fmt: skip
        page = client.get(path).content.decode()
        main = page.split("<main")[1].split("</main>")[0]
        assert 'name="_key"' not in main, path
    main = client.get(reverse("administration:person", args=[wang.pk])).content.decode()
    form = main.split(reverse("administration:person-password", args=[wang.pk]))[1].split("</form>")[0]
    assert 'name="_key"' not in form


def test_a_reset_link_works_once(client: Client, wang: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_reset_link(typed="nobody@example.cn", host="http://testserver/")
    assert mail.outbox == []
    send_reset_link(typed="WANG@example.cn", host="http://testserver/")
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]  # type: ignore[index]
    assert client.get(link).status_code == 200
    assert client.post(link, {"new": "short"}).status_code == 422
    assert client.post(link, {"new": "another quiet river"}).status_code in (302, 303)
    assert client.get(link).status_code == 404
    assert sign_in(client, password="another quiet river").headers["Location"] == "/"


def test_a_reset_link_of_a_leaver_is_nothing(client: Client, wang: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_reset_link(typed="wang@example.cn", host="http://testserver/")
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]  # type: ignore[index]
    disable_user(wang, by=person(group(), "admin"))
    assert client.get(link).status_code == 404
    assert client.get(reverse("password-reset", args=["zzz", "x"])).status_code == 404


def test_asking_for_a_link_tells_nothing(client: Client, wang: User, settings: Any) -> None:
    settings.MAIL_CONFIGURED = True
    pages = {
        client.post("/password-reset/", {"email": each}).content.decode() for each in ("wang@example.cn", "x@y.cn")
    }
    strip = {re.sub(r'value="[^"]*"', "", page) for page in pages}
    assert len(strip) == 1
    for _number in range(40):
        answer = client.post("/password-reset/", {"email": "x@y.cn"})
    assert answer.status_code == 422


def test_sample_people_are_offered_in_sample_mode_only(client: Client, wang: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(sample_sign_ins, "_provider", lambda: [SampleSignIn("销售代表", "王芳", "wang", PASSWORD)])
    assert PASSWORD not in client.get("/sign-in/").content.decode()
    from dataclasses import replace

    from django.conf import settings

    monkeypatch.setattr(settings, "ENV", replace(settings.ENV, sample=True))
    assert PASSWORD in client.get("/sign-in/").content.decode()


def test_behind_proxies_the_address_they_saw(client: Client, wang: User, monkeypatch: Any) -> None:
    from dataclasses import replace

    from django.conf import settings

    told = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9, 10.0.0.2"}
    for proxies, address in ((0, "127.0.0.1"), (1, "10.0.0.2"), (2, "203.0.113.9")):
        monkeypatch.setattr(settings, "ENV", replace(settings.ENV, proxies=proxies))
        client.post("/sign-in/", {"username": "wang", "password": "wrong"}, headers=told)
        assert Event.objects.filter(action="staff.user.sign_in_failed").latest("at").data["address"] == address

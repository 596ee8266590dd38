"""Passkeys: adding, signing in, losing them, and everything that is not accepted."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from zhike.administration.actions.passkeys import MOST
from zhike.administration.actions.second_factor import begin_second_factor, confirm_second_factor, secret_of
from zhike.administration.actions.users import disable_user
from zhike.administration.pages import passkeys as pages
from zhike.administration.rules.passkeys import Party, counter_went_back, party
from zhike.administration.tests.authenticator import Device
from zhike.administration.tests.people import PASSWORD, group, person
from zhike.history.models import Event
from zhike.staff.models import Passkey, SignInThrottle, User
from zhike.staff.rules.totp import PERIOD, code_at

OPTIONS, SIGN_IN = "/sign-in/passkey/options/", "/sign-in/passkey/"
MINE, NEW = "/account/passkeys/", "/account/passkeys/options/"
NOT_HERE = "这个通行密钥不能在这里登录。"


class TestToWhomPasskeysBelong:
    @pytest.mark.parametrize(
        ("host", "secure", "found"),
        [
            ("crm.example.cn", True, Party("crm.example.cn", "https://crm.example.cn")),
            ("CRM.example.cn:8443", True, Party("crm.example.cn", "https://crm.example.cn:8443")),
            ("localhost:8000", False, Party("localhost", "http://localhost:8000")),
            ("zhike.localhost", False, Party("zhike.localhost", "http://zhike.localhost")),
            ("crm.example.cn", False, None),
            ("127.0.0.1:8000", True, None),
            ("[::1]:8000", True, None),
        ],
    )
    def test_the_host_of_the_request(self, host: str, secure: bool, found: Party | None) -> None:
        assert party("", host=host, secure=secure, any_host=False) == found

    def test_what_is_set_goes_before_the_request(self) -> None:
        found = party("https://crm.example.cn", host="evil.example", secure=False, any_host=True)
        assert found == Party("crm.example.cn", "https://crm.example.cn")

    def test_a_host_that_nobody_vouches_for_is_none(self) -> None:
        assert party("", host="evil.example", secure=True, any_host=True) is None

    @pytest.mark.parametrize(
        ("known", "told", "back"),
        [(0, 0, False), (0, 1, False), (4, 5, False), (4, 4, True), (4, 3, True), (4, 0, True)],
    )
    def test_a_counter_only_rises(self, known: int, told: int, back: bool) -> None:
        assert counter_went_back(known, told) is back


@pytest.fixture
def wang(db: Any) -> User:
    user = person(username="wang", name="王芳")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def browser() -> Client:
    return Client(HTTP_HOST="localhost")


@pytest.fixture
def device(wang: User) -> Device:
    """A device with a passkey of hers."""
    browser, device = Client(HTTP_HOST="localhost"), Device()
    browser.force_login(wang)
    assert add(browser, device).status_code == 303
    return device


def asked(browser: Client) -> dict[str, Any]:
    answer = browser.post(OPTIONS)
    assert answer.status_code == 200
    return answer.json()  # type: ignore[no-any-return]


def asked_for_new(browser: Client, **sent: str) -> dict[str, Any]:
    answer = browser.post(NEW, {"name": "手机", "password": PASSWORD} | sent)
    assert answer.status_code == 200, answer.content
    return answer.json()  # type: ignore[no-any-return]


def add(browser: Client, device: Device, name: str = "手机") -> Any:
    return browser.post(MINE, {"name": name, "credential": device.make(asked_for_new(browser))})


def sign_in(browser: Client, device: Device, **sent: str) -> Any:
    return browser.post(SIGN_IN, {"credential": device.answer(asked(browser))} | sent)


def signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


class TestAdding:
    def test_what_is_asked_of_the_device(self, browser: Client, wang: User, device: Device) -> None:
        browser.force_login(wang)
        options = asked_for_new(browser)
        assert options["rp"]["id"] == "localhost"
        assert options["authenticatorSelection"] == {
            "residentKey": "required", "requireResidentKey": True, "userVerification": "required",
        }  # fmt: skip
        assert [len(one["id"]) for one in options["excludeCredentials"]] == [43], "what she has is not made again"
        assert {one["alg"] for one in options["pubKeyCredParams"]} == {-7, -8, -257}
        assert "wang" not in options["user"]["id"]

    def test_it_is_kept_and_told(self, wang: User, device: Device) -> None:
        row = Passkey.objects.get()
        assert (row.user, row.name, row.last_used_at, row.sign_count) == (wang, "手机", None, 1)
        assert Event.objects.get(action="staff.user.add_passkey").data["passkey"] == "手机"

    def test_only_with_the_password_and_a_name(self, browser: Client, wang: User) -> None:
        browser.force_login(wang)
        for sent in ({"password": "wrong", "name": "手机"}, {"password": PASSWORD, "name": "  "}, {}):
            answer = browser.post(NEW, sent, headers={"Accept": "application/json"})
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["field"] in {"password", "name"}
        device = Device()
        options = {"user": {"id": "AAAA"}, "challenge": "A" * 43}
        assert browser.post(MINE, {"name": "手机", "credential": device.make(options)}).status_code == 422
        assert not Passkey.objects.exists()

    @pytest.mark.parametrize(
        "faults",
        [
            {"device": {"origin": "https://evil.example"}},
            {"device": {"origin": "http://localhost:8000"}},
            {"device": {"host": "evil.example"}},
            {"device": {"verifies": False}},
            {"client": {"challenge": b"x" * 32}},
            {"client": {"cross_origin": True}},
            {"client": {"type": "webauthn.get"}},
        ],
    )
    def test_a_false_answer_is_refused(self, browser: Client, wang: User, faults: dict[str, Any]) -> None:
        browser.force_login(wang)
        device = Device(**faults.get("device", {}))
        made = device.make(asked_for_new(browser), **faults.get("client", {}))
        assert browser.post(MINE, {"name": "手机", "credential": made}).status_code == 422
        assert not Passkey.objects.exists()

    @pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"id": 1}', '{"id": "x", "rawId": "x", "response": 3}'])
    def test_nonsense_is_refused(self, browser: Client, wang: User, text: str) -> None:
        browser.force_login(wang)
        asked_for_new(browser)
        assert browser.post(MINE, {"name": "手机", "credential": text}).status_code == 422
        asked(Client(HTTP_HOST="localhost"))
        other = Client(HTTP_HOST="localhost")
        asked(other)
        assert other.post(SIGN_IN, {"credential": text}).status_code == 422

    def test_a_challenge_is_good_once(self, browser: Client, wang: User) -> None:
        browser.force_login(wang)
        device = Device()
        made = device.make(asked_for_new(browser))
        assert browser.post(MINE, {"name": " ", "credential": made}).status_code == 422
        assert browser.post(MINE, {"name": "手机", "credential": made}).status_code == 422
        assert not Passkey.objects.exists()

    def test_nobody_takes_over_a_passkey(self, browser: Client, device: Device) -> None:
        li = person(username="li")
        li.set_password(PASSWORD)
        li.save()
        browser.force_login(li)
        assert add(browser, device).status_code == 422
        assert Passkey.objects.get().user.username == "wang"

    def test_there_is_an_end(self, browser: Client, wang: User, device: Device) -> None:
        Passkey.objects.bulk_create(
            Passkey(user=wang, name=str(n), credential_id=f"x{n}x", credential=b"") for n in range(MOST - 1)
        )
        browser.force_login(wang)
        assert browser.post(NEW, {"name": "手机", "password": PASSWORD}).status_code == 422


class TestSigningIn:
    def test_without_a_name_and_without_a_code(self, browser: Client, wang: User, device: Device) -> None:
        factor = begin_second_factor(wang)
        confirm_second_factor(wang, by=wang, code=code_at(secret_of(factor), int(time.time() // PERIOD)))
        options = asked(browser)
        assert "allowCredentials" not in options
        assert options["userVerification"] == "required"
        before = browser.session.session_key
        answer = browser.post(SIGN_IN, {"credential": device.answer(options), "next": "/account/"})
        assert answer.headers["Location"] == "/account/"
        assert browser.session.session_key != before
        assert browser.session.get_expiry_age() > 24 * 3600
        assert browser.get("/account/").status_code == 200
        row = Passkey.objects.get()
        assert row.last_used_at is not None
        assert row.sign_count == 2
        told = [event.action for event in Event.objects.about("staff.user", wang.pk)]
        assert "staff.user.use_passkey" in told
        assert "staff.user.sign_in" in told
        assert not SignInThrottle.objects.filter(kind="ACCOUNT").exists()

    def test_a_session_of_nobody_is_short(self, browser: Client, device: Device) -> None:
        asked(browser)
        assert browser.session.get_expiry_age() <= pages.WITHIN

    def test_synced_passkeys_do_not_count(self, browser: Client, wang: User) -> None:
        browser.force_login(wang)
        device = Device(counts=False)
        add(browser, device)
        for _n in range(2):
            other = Client(HTTP_HOST="localhost")
            assert sign_in(other, device).status_code == 303

    def test_only_to_pages_of_ours_afterwards(self, browser: Client, device: Device) -> None:
        assert sign_in(browser, device, next="https://evil.example/").headers["Location"] == "/"

    @pytest.mark.parametrize(
        "faults",
        [
            {"device": {"origin": "https://evil.example"}},
            {"device": {"host": "evil.example"}},
            {"device": {"verifies": False}},
            {"device": {"handle": b"0123456789abcdef"}},
            {"device": {"handle": b""}},
            {"device": {"credential_id": b"another"}},
            {"client": {"challenge": b"x" * 32}},
            {"client": {"cross_origin": True}},
            {"client": {"type": "webauthn.create"}},
        ],
    )
    def test_a_false_answer_is_refused_in_the_same_words(
        self, browser: Client, device: Device, faults: dict[str, Any]
    ) -> None:
        false = replace(device, **faults.get("device", {}))
        answer = browser.post(SIGN_IN, {"credential": false.answer(asked(browser), **faults.get("client", {}))})
        assert answer.status_code == 422
        assert NOT_HERE in answer.content.decode()
        assert not signed_in(browser)

    def test_a_signature_of_another_key(self, browser: Client, device: Device) -> None:
        assert sign_in(browser, replace(device, key=Device().key)).status_code == 422
        assert not signed_in(browser)
        assert Event.objects.filter(action="staff.user.sign_in_failed").count() == 1

    def test_a_copy_is_noticed(self, browser: Client, device: Device) -> None:
        copy = replace(device)
        sign_in(browser, device)
        other = Client(HTTP_HOST="localhost")
        assert sign_in(other, copy).status_code == 422
        assert not signed_in(other)
        assert Event.objects.get(action="staff.user.passkey_went_back").data["passkey"] == "手机"
        assert Passkey.objects.get().sign_count == 2

    def test_an_answer_works_once(self, browser: Client, device: Device) -> None:
        answer = device.answer(asked(browser))
        assert browser.post(SIGN_IN, {"credential": answer}).status_code == 303
        browser.post("/sign-out/")
        assert browser.post(SIGN_IN, {"credential": answer}).status_code == 422
        asked(browser)
        assert browser.post(SIGN_IN, {"credential": answer}).status_code == 422
        assert not signed_in(browser)

    def test_a_challenge_belongs_to_its_session_and_purpose(self, browser: Client, wang: User, device: Device) -> None:
        other = Client(HTTP_HOST="localhost")
        asked(other)
        assert other.post(SIGN_IN, {"credential": device.answer(asked(browser))}).status_code == 422
        browser.force_login(wang)
        asked(browser)
        made = Device().make(browser.post(OPTIONS).json() | {"user": {"id": "AAAA"}})
        assert browser.post(MINE, {"name": "手机", "credential": made}).status_code == 422

    def test_a_challenge_does_not_wait_for_ever(self, browser: Client, device: Device, monkeypatch: Any) -> None:
        answer = device.answer(asked(browser))
        late = time.time() + pages.WITHIN + 1
        monkeypatch.setattr(pages.time, "time", lambda: late)
        assert browser.post(SIGN_IN, {"credential": answer}).status_code == 422
        assert not signed_in(browser)

    def test_a_leaver_hears_what_everybody_hears(self, browser: Client, wang: User, device: Device) -> None:
        disable_user(wang, by=person(group(), "admin"))
        answer = sign_in(browser, device)
        assert answer.status_code == 422
        assert NOT_HERE in answer.content.decode()
        assert not signed_in(browser)

    def test_the_lock_out_is_the_same(self, browser: Client, wang: User, device: Device) -> None:
        for number in range(5):
            other = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"10.0.0.{number}")
            assert sign_in(other, replace(device, key=Device().key)).status_code == 422
        locked = sign_in(browser, device)
        assert locked.status_code == 422
        assert not signed_in(browser)
        by_password = browser.post("/sign-in/", {"username": "wang", "password": PASSWORD})
        said = [re.search(r'error-summary.*?strong">([^<]+)', one.content.decode()) for one in (locked, by_password)]
        words = {re.sub(r"\d+", "", one[1]) for one in said if one}
        assert len(words) == 1
        assert "尝试次数过多" in words.pop()

    def test_an_address_that_guesses_is_stopped_and_gets_no_more_challenges(
        self, browser: Client, device: Device
    ) -> None:
        for _n in range(30):
            sign_in(browser, Device(handle=b"x"))
        assert browser.post(OPTIONS, headers={"Accept": "application/json"}).status_code == 422
        assert sign_in(Client(HTTP_HOST="localhost", REMOTE_ADDR="10.0.0.1"), device).status_code == 303

    def test_a_one_time_password_is_still_to_be_changed(self, browser: Client, wang: User, device: Device) -> None:
        User.objects.filter(pk=wang.pk).update(must_change_password=True)
        sign_in(browser, device)
        assert browser.get("/customers/").headers["Location"] == reverse("account:password")


class TestTheOnesIHave:
    def test_list_rename_remove(self, browser: Client, wang: User, device: Device) -> None:
        browser.force_login(wang)
        row = Passkey.objects.get()
        assert "手机" in browser.get(MINE).content.decode()
        mine = f"{MINE}{row.pk}/"
        assert browser.post(mine, {"do": "rename", "name": "x" * 61}).status_code == 422
        assert browser.post(mine, {"do": "rename", "name": "  工作  手机 "}).status_code == 303
        row.refresh_from_db()
        assert row.name == "工作 手机"
        assert browser.post(mine, {"do": "remove", "password": "wrong"}).status_code == 422
        assert browser.post(mine, {"do": "remove", "password": PASSWORD}).status_code == 303
        assert not Passkey.objects.exists()
        assert Event.objects.get(action="staff.user.remove_passkey").data["passkey"] == "工作 手机"
        assert sign_in(Client(HTTP_HOST="localhost"), device).status_code == 422

    def test_those_of_others_do_not_exist(self, browser: Client, device: Device) -> None:
        li = person(username="li")
        li.set_password(PASSWORD)
        li.save()
        browser.force_login(li)
        theirs = f"{MINE}{Passkey.objects.get().pk}/"
        assert browser.get(theirs).status_code == 404
        for sent in ({"do": "rename", "name": "x"}, {"do": "remove", "password": PASSWORD}):
            assert browser.post(theirs, sent).status_code == 404
        assert Passkey.objects.get().name == "手机"

    def test_no_form_keeps_its_answer(self, browser: Client, wang: User, device: Device) -> None:
        """What is kept for repeated requests would hold the password."""
        browser.force_login(wang)
        for path in (MINE, f"{MINE}{Passkey.objects.get().pk}/"):
            main = browser.get(path).content.decode().split("<main")[1].split("</main>")[0]
            assert 'name="_key"' not in main

    def test_an_administrator_helps_who_lost_a_device(self, browser: Client, wang: User, device: Device) -> None:
        path = reverse("administration:person-passkeys", args=[wang.pk])
        browser.force_login(person(group(), "sales_rep"))
        assert browser.post(path).status_code == 404
        browser.force_login(person(group(), "admin"))
        assert path in browser.get(reverse("administration:person", args=[wang.pk])).content.decode()
        assert browser.post(path).status_code == 303
        assert not Passkey.objects.exists()
        assert Event.objects.get(action="staff.user.reset_passkeys").data["removed"] == ["手机"]


class TestWhereTheyWork:
    def test_not_at_a_number(self, wang: User) -> None:
        browser = Client(HTTP_HOST="127.0.0.1")
        assert "data-passkey" not in browser.get("/sign-in/").content.decode()
        assert browser.post(OPTIONS).status_code == 404
        browser.force_login(wang)
        assert "data-passkey" not in browser.get(MINE).content.decode()
        assert browser.post(NEW, {"name": "手机", "password": PASSWORD}).status_code == 404

    def test_a_forwarded_host_says_nothing(self, device: Device) -> None:
        browser = Client(HTTP_HOST="localhost")
        told = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "Origin": "http://localhost"}
        options = browser.post(OPTIONS, headers=told).json()
        assert options["rpId"] == "localhost"
        false = replace(device, origin="http://evil.example", host="evil.example")
        answer = browser.post(SIGN_IN, {"credential": false.answer(options)}, headers=told)
        assert answer.status_code == 422

    def test_where_the_setting_says(self, wang: User, monkeypatch: Any) -> None:
        monkeypatch.setattr(settings, "ENV", replace(settings.ENV, passkey_origin="https://crm.example.cn"))
        browser = Client(HTTP_HOST="localhost")
        browser.force_login(wang)
        device = Device(origin="https://crm.example.cn", host="crm.example.cn")
        assert add(browser, device).status_code == 303
        other = Client(HTTP_HOST="127.0.0.1")
        assert json.loads(other.post(OPTIONS).content)["rpId"] == "crm.example.cn"
        assert sign_in(other, device).status_code == 303

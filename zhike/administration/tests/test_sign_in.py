"""Signing in: right, wrong, too often, with a second factor."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from zhike.administration.actions.second_factor import (
    begin_second_factor,
    check_code,
    confirm_second_factor,
    remove_second_factor,
    renew_recovery_codes,
    reset_second_factor,
    secret_of,
)
from zhike.administration.actions.sign_in import (
    change_password,
    check_sign_in,
    confirm_password,
    find_person,
    has_second_factor,
    unlock_user,
)
from zhike.administration.actions.users import disable_user
from zhike.administration.tests.people import PASSWORD, group, person
from zhike.history.models import Event
from zhike.kernel.clock import now
from zhike.kernel.errors import Denied, Refused
from zhike.staff.models import SecondFactor, SignInThrottle, User
from zhike.staff.rules.totp import PERIOD, code_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang() -> User:
    user = person(username="Wang.Fang", name="王芳", email="wang@example.cn", mobile="+8613800138000")
    user.set_password(PASSWORD)
    user.save()
    return user


def attempt(typed: str, password: str = PASSWORD, address: str = "10.0.0.1") -> User:
    return check_sign_in(typed=typed, password=password, address=address)


@pytest.mark.parametrize(
    "typed",
    ["wang.fang", " Wang.Fang ", "WANG@example.cn", "13800138000", "138-0013-8000", "+86 13800138000", "ｗａｎｇ.fang"],
)
def test_user_name_email_or_mobile(wang: User, typed: str) -> None:
    assert attempt(typed) == wang
    assert not SignInThrottle.objects.filter(kind="ACCOUNT").exists()


def test_wrong_name_and_wrong_password_sound_alike(wang: User) -> None:
    said = set()
    for typed, password in [("wang.fang", "wrong"), ("nobody", "wrong"), ("", ""), ("wang.fang", "")]:
        with pytest.raises(Refused) as refused:
            attempt(typed, password)
        said.add((str(refused.value.message), refused.value.code))
    assert len(said) == 1
    assert Event.objects.filter(action="staff.user.sign_in_failed").count() == 2


def test_unknown_names_are_locked_like_known_ones(wang: User) -> None:
    outcomes = {}
    for typed in ("wang.fang", "nobody"):
        outcomes[typed] = []
        for number in range(7):
            with pytest.raises(Refused) as refused:
                attempt(typed, "wrong", address=f"10.0.0.{number}")
            outcomes[typed].append(refused.value.code)
    assert outcomes["wang.fang"] == outcomes["nobody"] == ["sign_in_failed"] * 5 + ["locked"] * 2


def test_the_right_password_does_not_open_a_locked_account(wang: User) -> None:
    for _number in range(5):
        with pytest.raises(Refused):
            attempt("wang.fang", "wrong")
    with pytest.raises(Refused) as refused:
        attempt("wang@example.cn")
    assert refused.value.code == "locked"
    with pytest.raises(Denied):
        unlock_user(wang, by=person(group(), "sales_director"))
    unlock_user(wang, by=person(group(), "admin"))
    assert attempt("wang.fang") == wang


def test_the_wait_ends_and_the_next_is_longer(wang: User) -> None:
    for _number in range(5):
        with pytest.raises(Refused):
            attempt("wang.fang", "wrong")
    SignInThrottle.objects.update(locked_until=now() - timedelta(seconds=1))
    with pytest.raises(Refused):
        attempt("wang.fang", "wrong")
    row = SignInThrottle.objects.get(kind="ACCOUNT")
    assert row.locked_until
    assert row.locked_until - row.last_at == timedelta(seconds=60)


def test_one_address_that_tries_many_names_is_stopped(wang: User) -> None:
    codes = []
    for number in range(32):
        with pytest.raises(Refused) as refused:
            attempt(f"nobody{number}", "wrong", address="10.9.9.9")
        codes.append(refused.value.code)
    assert codes[29:] == ["sign_in_failed", "locked", "locked"]
    assert attempt("wang.fang", address="10.0.0.1") == wang


def test_a_leaver_is_nobody(wang: User) -> None:
    disable_user(wang, by=person(group(), "admin"))
    assert find_person("wang.fang") is None
    with pytest.raises(Refused):
        attempt("wang.fang")


def test_a_user_name_that_looks_like_anothers_email_wins(wang: User) -> None:
    other = person(username="wang@example.cn")
    assert find_person("wang@example.cn") == other


def test_asking_again_is_counted_too(wang: User) -> None:
    for _number in range(5):
        with pytest.raises(Refused):
            confirm_password(wang, password="wrong", address="10.0.0.1")
    with pytest.raises(Refused) as refused:
        confirm_password(wang, password=PASSWORD, address="10.0.0.1")
    assert refused.value.code == "locked"


def test_changing_the_password_ends_other_sessions(wang: User, client, admin_session=None) -> None:  # type: ignore[no-untyped-def]
    client.force_login(wang)
    mine = client.session.session_key
    type(client)().force_login(wang)
    assert wang.sessions.count() == 2
    for bad in ("short", PASSWORD, "wang.fang1", "1234567890", "qwertyuiop"):
        with pytest.raises(Refused) as refused:
            change_password(wang, by=wang, new=bad)
        assert "new" in refused.value.fields
    change_password(wang, by=wang, new="another quiet river", session_key=mine)
    assert [session.session_key for session in wang.sessions.all()] == [mine]
    assert "password" not in str(Event.objects.get(action="staff.user.change_password").data)


class TestSecondFactor:
    @pytest.fixture
    def codes(self, wang: User) -> list[str]:
        secret = secret_of(begin_second_factor(wang))
        return confirm_second_factor(wang, by=wang, code=code_at(secret, int(time.time() // PERIOD) - 1))

    def test_it_is_encrypted_and_begins_only_when_confirmed(self, wang: User) -> None:
        factor = begin_second_factor(wang)
        assert secret_of(factor) not in factor.secret
        assert begin_second_factor(wang).secret == factor.secret
        with pytest.raises(Refused):
            confirm_second_factor(wang, by=wang, code="000000")
        assert not has_second_factor(User.objects.get(pk=wang.pk))

    def test_a_code_works_once(self, wang: User, codes: list[str]) -> None:
        secret = secret_of(SecondFactor.objects.get(user=wang))
        code = code_at(secret, int(time.time() // PERIOD))
        check_code(wang, code=code, address="a")
        with pytest.raises(Refused):
            check_code(wang, code=code, address="a")

    def test_a_recovery_code_works_once_and_however_it_is_typed(self, wang: User, codes: list[str]) -> None:
        assert len(set(codes)) == 10
        check_code(wang, code=f" {codes[0].upper()} ", address="a")
        with pytest.raises(Refused):
            check_code(wang, code=codes[0], address="a")
        assert Event.objects.get(action="staff.user.use_recovery_code").data["left"] == 9
        fresh = renew_recovery_codes(wang, by=wang)
        with pytest.raises(Refused):
            check_code(wang, code=codes[1], address="a")
        check_code(wang, code=fresh[1], address="a")

    def test_guessing_codes_locks_the_account(self, wang: User, codes: list[str]) -> None:
        for number in range(5):
            with pytest.raises(Refused):
                check_code(wang, code=f"00000{number}", address=f"10.0.0.{number}")
        with pytest.raises(Refused) as refused:
            check_code(wang, code=codes[0], address="10.0.0.9")
        assert refused.value.code == "locked"

    def test_a_right_password_does_not_give_new_guesses_of_the_code(self, wang: User, codes: list[str]) -> None:
        refusals = []
        for _number in range(6):
            try:
                attempt("wang.fang")
                check_code(wang, code="000000", address="10.0.0.1")
            except Refused as refused:
                refusals.append(refused.code)
        assert "locked" in refusals

    def test_lost_phone(self, wang: User, codes: list[str]) -> None:
        with pytest.raises(Denied):
            reset_second_factor(wang, by=person())
        reset_second_factor(wang, by=person(group(), "admin"))
        assert not has_second_factor(User.objects.get(pk=wang.pk))
        with pytest.raises(Refused):
            renew_recovery_codes(wang, by=wang)
        remove_second_factor(wang, by=wang)

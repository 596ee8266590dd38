"""Pure rules of the staff module."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.staff.models import OrgUnit
from zhike.staff.rules.lockout import FREE, LONGEST_DELAY, delay_after
from zhike.staff.rules.org_tree import kinds_under, may_stand_under
from zhike.staff.rules.totp import PERIOD, code_at, matching_step, new_secret, setup_uri

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "94287082"), (1111111109, "07081804"), (1234567890, "89005924"), (20000000000, "65353130")],
)
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    assert code_at(RFC_SECRET, seconds // PERIOD, digits=8) == code


def test_a_code_works_once_and_only_around_now() -> None:
    secret = new_secret()
    code = code_at(secret, 1000)
    assert matching_step(secret, f" {code[:3]} {code[3:]}", 1000 * PERIOD) == 1000
    assert matching_step(secret, code, 1000 * PERIOD, after_step=1000) is None
    assert matching_step(secret, code, 1001 * PERIOD) == 1000
    assert matching_step(secret, code, 1003 * PERIOD) is None
    assert matching_step(secret, "十二三四五六", 1000 * PERIOD) is None


def test_the_app_is_told_who_and_where() -> None:
    assert setup_uri("ABC", "王 芳", "Zhike") == "otpauth://totp/Zhike%3A%E7%8E%8B%20%E8%8A%B3?secret=ABC&issuer=Zhike"


@given(st.sampled_from(sorted(FREE)), st.integers(0, 200))
def test_waiting_never_grows_shorter_and_never_too_long(kind: str, failures: int) -> None:
    assert timedelta() <= delay_after(kind, failures) <= delay_after(kind, failures + 1) <= LONGEST_DELAY


def test_slips_of_the_finger_are_free() -> None:
    assert delay_after("ACCOUNT", 4) == timedelta()
    assert delay_after("ACCOUNT", 5) == timedelta(seconds=30)
    assert delay_after("ACCOUNT", 7) == timedelta(minutes=2)


def test_nothing_stands_above_the_group_and_teams_hold_nothing() -> None:
    assert not any(may_stand_under("GROUP", kind) for kind in OrgUnit.Kind.values)
    assert kinds_under("TEAM") == []
    assert kinds_under("GROUP") == ["COMPANY", "DEPARTMENT", "TEAM"]

"""What is encrypted is found again with the key, and with nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.kernel.crypto import Undecipherable, blind_indexes, decrypt, encrypt, needs_encrypting_again


@given(st.text())
def test_there_and_back(text: str) -> None:
    assert decrypt(encrypt(text, purpose="a"), purpose="a") == text


def test_never_the_same_twice_and_bound_to_its_purpose() -> None:
    one, two = encrypt("13800138000", purpose="a"), encrypt("13800138000", purpose="a")
    assert one != two
    with pytest.raises(Undecipherable):
        decrypt(one, purpose="b")
    for spoilt in ("", "v1", one[:-4] + "AAAA", one.replace("v1", "v2"), "x.y.z"):
        with pytest.raises(Undecipherable):
            decrypt(spoilt, purpose="a")


def test_a_new_key_in_front_reads_the_old(settings) -> None:  # type: ignore[no-untyped-def]
    settings.ENCRYPTION_KEYS = ["old"]
    token, index = encrypt("secret", purpose="a"), blind_indexes("secret", purpose="a")
    settings.ENCRYPTION_KEYS = ["new", "old"]
    assert decrypt(token, purpose="a") == "secret"
    assert needs_encrypting_again(token)
    assert not needs_encrypting_again(encrypt("secret", purpose="a"))
    assert index[0] in blind_indexes("secret", purpose="a")
    settings.ENCRYPTION_KEYS = ["new"]
    with pytest.raises(Undecipherable):
        decrypt(token, purpose="a")

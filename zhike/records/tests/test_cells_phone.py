"""Numbers as people here write them."""

import pytest

from zhike.records.cells import plain_phone


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("+8613800138000", "13800138000"),
        ("+861062345678", "010-62345678"),
        ("+8657130430441", "0571-30430441"),
        ("+861062345678;ext=12", "010-62345678;ext=12"),
        ("+864008001234", "4008001234"),
        ("+8695588", "95588"),
        ("+493012345", "+493012345"),
    ],
)
def test_plain_phone(stored: str, shown: str) -> None:
    assert plain_phone(stored) == shown

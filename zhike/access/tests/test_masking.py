"""Masks show enough to recognise and not enough to use (R1.34)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.access.masking import MASKS, is_masked, mask


@pytest.mark.parametrize(
    ("manner", "plain", "shown"),
    [
        ("mobile", "13812345678", "138****5678"),
        ("phone", "+8613812345678", "138****5678"),
        ("phone", "+86 10 6512 5678", "010-****5678"),
        ("phone", "010-65125678", "010-****5678"),
        ("phone", "0571-87655678", "0571-****5678"),
        ("phone", "+8657187655678", "0571-****5678"),
        ("phone", "+85221234567", "+852 ****4567"),
        ("phone", "110", "***"),
        ("email", "alice@x.com", "a***@x.com"),
        ("email", "nonsense", "***"),
        ("id_number", "11010519491231002X", "110***********002X"),
        ("bank_account", "6222 0212 3456 1234", "**** **** **** 1234"),
        ("name", "张三", "张*"),
        ("name", "张无忌", "张**"),
        ("name", "欧阳修", "欧阳*"),
        ("name", "欧阳振华", "欧阳**"),
        ("name", "Alice", "A***"),
        ("name", "张", "张*"),
        ("address", "北京市海淀区中关村大街1号", "北京市海淀区***"),
        ("address", "浙江省杭州市西湖区文三路90号", "浙江省杭州市西湖区***"),
        ("address", "江苏省昆山市前进路1号", "江苏省昆山市***"),
        ("address", "somewhere", "som***"),
        ("wechat", "wx_alice", "wx***"),
        ("money", "12000.00", "***"),
        ("text", "", ""),
    ],
)
def test_masks(manner: str, plain: str, shown: str) -> None:
    assert mask(manner, plain) == shown
    assert is_masked(shown) or not plain


@given(st.sampled_from(sorted(MASKS)), st.text(min_size=4).filter(lambda text: text.strip() and "*" not in text))
def test_no_mask_shows_the_whole_or_breaks(manner: str, plain: str) -> None:
    shown = mask(manner, plain)
    assert shown.strip() != plain.strip()
    assert is_masked(shown)


@given(st.text(alphabet="张王李欧阳振华@.x0123456789 -+", max_size=20))
def test_what_people_type_is_not_taken_for_a_mask(plain: str) -> None:
    assert not is_masked(plain)
    assert not is_masked([plain])

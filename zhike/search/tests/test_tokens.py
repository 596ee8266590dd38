"""What a record is found by."""

from collections.abc import Collection

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from zhike.search.query import NUMBERS, to_tsquery
from zhike.search.tokens import pinyin_key, syllables, tokens


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("重庆长安汽车", "chong qing chang an qi che"),
        ("中国银行", "zhong guo yin hang"),
        ("厦门建发", "xia men jian fa"),
        ("成都都市传媒", "cheng du du shi chuan mei"),
        ("六安钢铁", "lu an gang tie"),
        ("ＡＢＣ科技", "abc ke ji"),
    ],
)
def test_names_are_read_as_people_read_them(name: str, read: str) -> None:
    assert " ".join(syllables(name)) == read


def test_a_surname_is_found_both_ways() -> None:
    found = tokens(names=["单小明"])
    assert {"pshanxiaoming", "pdanxiaoming", "isxm", "idxm"} <= set(found)


def test_kinds_do_not_meet() -> None:
    assert tokens(codes=["li"]) == ["cli"]
    assert "pli" in tokens(names=["李"])


def test_phone_is_stored_backwards_and_asked_by_its_tail() -> None:
    assert tokens(phones=["+86 138-0013-8001"]) == ["d1008310083168"]
    assert "'d1008':*" in to_tsquery("8001")


def test_order_is_by_pinyin() -> None:
    assert sorted(["张三", "阿里", "长安"], key=pinyin_key) == ["阿里", "长安", "张三"]


@given(st.text(max_size=80))
def test_any_text_can_be_stored_and_asked(text: str) -> None:
    tokens(names=[text], phones=[text], codes=[text])
    assert "\x00" not in to_tsquery(text)


MOBILE, LANDLINE = "+8613800138001", "+862128759078"
SERVICE, BANK, EXTENDED, ABROAD = "+864008208820", "+8695588", "+861088889999;ext=8001", "+16502530000"
PARTS = ("8001", "0013 8001", "28759078", "2875 9078", "88889999")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("phone", "typed"),
    [
        (MOBILE, "13800138001"), (MOBILE, "138 0013 8001"), (MOBILE, "+86 138-0013-8001"), (MOBILE, "8001"),
        (MOBILE, "0086 138 0013 8001"), (MOBILE, "１３８００１３８００１"), (MOBILE, "0013 8001"),
        (LANDLINE, "021-28759078"), (LANDLINE, "02128759078"), (LANDLINE, "(021) 2875 9078"),
        (LANDLINE, "+86 21 28759078"), (LANDLINE, "28759078"), (LANDLINE, "2875 9078"),
        (LANDLINE, "+86-021-28759078"), (LANDLINE, "86 021 28759078"), (LANDLINE, "+86 (0)21 28759078"),
        (LANDLINE, "0086(021)28759078"), (MOBILE, "138/0013/8001"), (MOBILE, "138\u20110013\u20118001"),
        (MOBILE, "\u202d13800138001\u202c"), (LANDLINE, "2128759078"), (SERVICE, "400-820-8820"), (SERVICE, "4008208820"),
        (BANK, "95588"), (EXTENDED, "010-88889999"), (EXTENDED, "88889999"), (EXTENDED, "8001"), (ABROAD, "+1 650-253-0000"),
        (ABROAD, "001 650 253 0000"),
    ],
)  # fmt: skip
def test_a_number_is_found_however_it_is_written(phone: str, typed: str) -> None:
    assert found(tokens(phones=[phone]), typed)
    # Who sees numbers masked finds by the whole of one, and by nothing less.
    assert found(tokens(phones=[phone]), typed, whole=[NUMBERS]) is (typed not in PARTS)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["8001", "00138001", "0000 0000 8001", "00000138001", "0 8001", "00 8001"])
def test_zeros_do_not_make_a_tail_whole(typed: str) -> None:
    assert not found(tokens(phones=[MOBILE]), typed, whole=[NUMBERS])


@pytest.mark.django_db
@pytest.mark.parametrize("phone", ["+8613800138001", "+862128759078", "+864008208820", "+16502530000"])
def test_no_part_of_a_masked_number_finds_it(phone: str) -> None:
    kept, digits = tokens(phones=[phone]), phone[1:]
    parts = {digits[start:end] for start in range(len(digits)) for end in range(start + 1, len(digits) + 1)}
    wholes = {digits, digits.removeprefix("86")}
    assert {part for part in parts if found(kept, part, whole=[NUMBERS])} == wholes


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["360 8001", "360 13800138001", "360科技 8001", "8001 360"])
def test_a_name_and_a_number_together(typed: str) -> None:
    assert found(tokens(names=["360科技"], phones=[MOBILE]), typed)


def found(kept: list[str], asked: str, *, own: bool = False, whole: Collection[str] = ()) -> bool:
    """Whether a record with these tokens is found, as PostgreSQL answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_to_tsvector(%s) @@ %s::tsquery", [kept, to_tsquery(asked, own=own, whole=whole)])
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "GTX-Pro",
        "A&B Trading",
        "北京A-1科技",
        "上海华安（集团）有限公司",
        "中·国",
        "O'Neill",
        "HT-2026/7781",
        "3M中国",
        "x_y.z",
    ],
)
def test_a_text_with_signs_is_found_by_itself(text: str) -> None:
    assert found(tokens(names=[text]), text)
    assert found(tokens(own=[text]), text, own=True)
    assert not found(tokens(own=[text]), text)  # by whoever may not read own fields
    assert not found(tokens(names=[f"{text[0]}q"]), text)


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "typed"), [("GTX-Pro", "gtx-pr"), ("HT-2026-7781", "ht-2026"), ("O'Neill", "o'ne")])
def test_its_beginning_is_enough(text: str, typed: str) -> None:
    assert found(tokens(names=[text]), typed) and found(tokens(own=[text]), typed, own=True)


@pytest.mark.django_db
@given(st.text("abzAZ019-_&./' 中国华", min_size=1, max_size=12))
def test_any_name_is_found_by_the_whole_of_it(name: str) -> None:
    if any(character.isalnum() for character in name):
        assert found(tokens(names=[name]), name)

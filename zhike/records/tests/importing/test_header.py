"""Finding the header and telling the columns apart."""

from hypothesis import given
from hypothesis import strategies as st

from zhike.records.importing.header import (
    Target,
    column_letter,
    fingerprint,
    guess_columns,
    header_row,
    label_key,
    names_of,
    unique_labels,
)
from zhike.records.importing.table import Row

TARGETS = (
    Target("name", ("名称", "客户名称", "公司名称", "Customer name", "account")),
    Target("phones", ("电话", "手机", "Phone", "Mobile"), several=True),
    Target("amount", ("金额", "Amount")),
    Target("contact.name", ("联系人", "联系人姓名", "Contact name")),
)


def keys(header):
    return [guess and guess.key for guess in guess_columns(header, TARGETS)]


def test_headings_in_both_languages_with_marks_and_asides():
    assert keys(["* 客户名称（必填）", "手机", "联系人", "金额(元)"]) == ["name", "phones", "contact.name", "amount"]
    assert keys(["CUSTOMER_NAME", "Phone", "mobile", "ａｍｏｕｎｔ"]) == ["name", "phones", "phones", "amount"]


def test_a_second_heading_of_the_same_name_is_not_taken_twice():
    assert keys(["名称", "名称", "金额", "Amount"]) == ["name", None, "amount", None]


def test_near_misses_are_guessed_but_not_sure():
    found = guess_columns(["联系人姓名全称", "Custommer name", "天气"], TARGETS)
    assert [(g.key, g.sure) if g else None for g in found] == [("contact.name", False), ("name", False), None]


def test_header_below_a_title():
    rows = [
        Row(1, ["2024年客户名单"]),
        Row(2, ["制表：王", None, None, "2024-01-05"]),
        Row(3, ["客户名称", "手机", "金额"]),
        Row(4, ["甲", "13800138000", 5]),
    ]
    assert header_row(rows, names_of(TARGETS)) == 2
    assert header_row(rows[2:], names_of(TARGETS)) == 0


def test_header_of_unknown_words_is_the_first_full_row_of_text():
    rows = [Row(1, ["Report"]), Row(2, ["x1", "x2", "x3"]), Row(3, ["a", 1, 2])]
    assert header_row(rows, names_of(TARGETS)) == 1
    assert header_row([], names_of(TARGETS)) == 0


def test_fingerprint_looks_at_the_meaning_only():
    assert fingerprint(["客户名称 *", "手机"]) == fingerprint(["客户名称", "手机"]) != fingerprint(["手机", "客户名称"])


def test_labels_to_show():
    assert unique_labels(["名称", "名称", "", None, "a\nb"]) == ["名称", "名称 (2)", "C", "D", "a b"]
    assert [column_letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@given(st.lists(st.one_of(st.none(), st.text(max_size=20), st.integers(), st.floats(), st.booleans()), max_size=12))
def test_any_header_is_survived(header):
    assert len(guess_columns(header, TARGETS)) == len(header) == len(set(unique_labels(header)))
    assert len(fingerprint(header)) == 32
    assert isinstance(label_key(header), str)

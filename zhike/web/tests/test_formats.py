"""Values as people write them, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from zhike.kernel.clock import business_date, now
from zhike.web import formats


@pytest.fixture(params=["zh-hans", "en"])
def language(request):
    with translation.override(request.param):
        yield request.param


def pick(language: str, chinese: str, english: str) -> str:
    return chinese if language == "zh-hans" else english


def test_days(language: str) -> None:
    assert formats.day(date(2020, 3, 5)) == pick(language, "2020年3月5日", "5 Mar 2020")
    assert formats.near_day(business_date()) == pick(language, "今天", "Today")
    assert formats.near_day(business_date() + timedelta(days=1)) == pick(language, "明天", "Tomorrow")
    assert formats.weekday(date(2026, 11, 22)) == pick(language, "星期日", "Sunday")


def test_times_are_those_of_shanghai() -> None:
    assert formats.full_moment(datetime(2026, 1, 1, 16, 30, tzinfo=UTC)) == "2026-01-02 00:30"


def test_how_long_ago(language: str) -> None:
    assert formats.ago(now() - timedelta(seconds=5)) == pick(language, "刚刚", "Just now")
    assert formats.ago(now() - timedelta(minutes=5)) == pick(language, "5 分钟前", "5 minutes ago")
    assert formats.ago(now() - timedelta(days=3)) == pick(language, "3 天前", "3 days ago")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(12300, "¥12,300"), ("12300.5", "¥12,300.50"), (Decimal("-1.005"), "-¥1.01"), (None, "—"), (0, "¥0")],
)
def test_money(value: object, shown: str) -> None:
    assert formats.money(value) == shown


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (9999, "¥9,999", "¥9,999"),
        (12345, "¥1.23万", "¥12.3K"),
        (1284000, "¥128.4万", "¥1.28M"),
        (250000000, "¥2.5亿", "¥250M"),
        (-20000, "-¥2万", "-¥20K"),
    ],
)
def test_short_money(language: str, value: int, chinese: str, english: str) -> None:
    assert formats.short_money(value) == pick(language, chinese, english)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("+8613800138000", "138 0013 8000"), ("+442079460958", "+44 20 7946 0958"), ("", "—"), ("8001", "8001")],
)
def test_phones(value: str, shown: str) -> None:
    assert formats.phone(value) == shown


def test_sizes_counts_initials() -> None:
    assert formats.file_size(1500) == "1.5 KB"
    assert formats.file_size(3 * 1024 * 1024) == "3.0 MB"
    assert formats.bounded(1001) == "1,000+"
    assert formats.initials("欧阳修") == "阳修"
    assert formats.initials("Anna Lee") == "AL"
    assert formats.initials("") == "?"


def test_marked_text_is_escaped() -> None:
    assert formats.marked("<b>东海精密", "精密") == "&lt;b&gt;东海<mark>精密</mark>"
    assert formats.marked("<b>", "") == "&lt;b&gt;"

"""Birthdays, solar and lunar (R1.11–R1.16)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.customers.rules.birthdays import (
    Birthday,
    LeapPolicy,
    age_on,
    in_chinese,
    next_occurrences,
    parse,
    solar_date_of_birth,
)


def following(text, since, count=1, **options):
    return [str(day) for day in next_occurrences(parse(text), since, count=count, **options)]


def test_vectors():
    assert following("农历八月十五", date(2026, 1, 1), 3) == ["2026-09-25", "2027-09-15", "2028-10-03"]
    assert following("农历正月初一", date(2026, 11, 1)) == ["2027-02-06"]
    assert str(solar_date_of_birth(parse("农历2001-闰04-01"))) == "2001-05-23"
    assert following("农历腊月三十", date(2026, 11, 1)) == ["2027-02-05"]
    assert str(solar_date_of_birth(parse("农历1986年四月廿一"))) == "1986-05-29"


def test_leap_month_policies():
    # 2028 has a leap fifth month.
    since = date(2028, 3, 1)
    regular = following("农历1998-闰05-10", since)
    leap = following("农历1998-闰05-10", since, leap_policy=LeapPolicy.LEAP)
    both = following("农历1998-闰05-10", since, 2, leap_policy=LeapPolicy.BOTH)
    assert both == [*regular, *leap] and regular < leap
    assert following("农历1998-05-10", since, 2, leap_policy=LeapPolicy.BOTH)[0] == regular[0]
    # A year without that leap month keeps the regular month.
    assert following("农历1998-闰05-10", date(2027, 1, 1), leap_policy=LeapPolicy.LEAP) == following(
        "农历1998-05-10", date(2027, 1, 1)
    )


def test_days_that_a_year_lacks():
    assert following("02-29", date(2027, 1, 1)) == ["2027-02-28"]
    assert following("02-29", date(2027, 1, 1), clamp=False) == ["2027-03-01"]
    assert following("农历12-30", date(2026, 11, 1), clamp=False) == ["2027-02-06"]


def test_a_solar_year_may_have_two_or_none():
    days = [day.year for day in next_occurrences(parse("农历12-01"), date(2020, 1, 1), count=30)]
    assert any(days.count(year) != 1 for year in range(2021, 2048))


@pytest.mark.parametrize(
    ("text", "kept", "shown"),
    [
        ("1986-05-29", "1986-05-29", "1986年5月29日"),
        ("1986年5月29日", "1986-05-29", "1986年5月29日"),
        ("5/29", "05-29", "5月29日"),
        ("农历八月十五", "农历08-15", "农历八月十五"),
        ("农历1986-4-21", "农历1986-04-21", "农历1986年四月廿一"),
        ("闰四月初一", "农历闰04-01", "农历闰四月初一"),
        ("阴历 十一月二十", "农历11-20", "农历冬月二十"),
    ],
)
def test_reading_and_showing(text, kept, shown):
    found = parse(text)
    assert (str(found), in_chinese(found)) == (kept, shown)
    assert parse(str(found)) == found


@pytest.mark.parametrize("text", ["", "1990-02-30", "13-01", "农历十三月初一", "农历1986-04-31", "1700-01-01", "hello"])
def test_no_birthdays(text):
    assert parse(text) is None


def test_no_age_without_a_year():
    assert age_on(parse("5-29"), date(2026, 1, 1)) is None
    assert age_on(parse("1986-05-29"), date(2026, 5, 28)) == 39
    assert age_on(parse("1986-05-29"), date(2026, 5, 29)) == 40


@given(st.integers(1, 12), st.integers(1, 30), st.booleans(), st.dates(date(1990, 1, 1), date(2060, 1, 1)))
def test_a_lunar_birthday_comes_every_lunar_year(month, day, leap, since):
    first, second = next_occurrences(Birthday(month, day, None, True, leap), since, count=2)
    assert since <= first < second
    assert timedelta(days=352) <= second - first <= timedelta(days=386)

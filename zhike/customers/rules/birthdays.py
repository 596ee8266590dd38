"""Birthdays, solar and lunar, kept as the customer says them (R1.11–R1.16).

As kept: ``1986-05-29``; ``05-29`` (year unknown); lunar ones say so: ``农历1986-04-21``, ``农历08-15``, in a leap
month ``农历2001-闰04-01``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

SOLAR, LUNAR = "SOLAR", "LUNAR"
_WRITTEN = re.compile(
    r"^(?P<lunar>农历|阴历|旧历|lunar)?(?:(?P<year>[0-9]{4})[年./-])?(?P<leap>闰|leap)?(?P<month>[0-9]{1,2})[月./-](?P<day>[0-9]{1,2})日?$"
)
_WORDS = re.compile(
    r"^(?P<lunar>农历|阴历|旧历)?(?:(?P<year>[0-9]{4})年?)?(?P<leap>闰)?(?P<month>[正一二三四五六七八九十冬腊]{1,2})月"
    r"(?P<day>[初十廿卅一二三四五六七八九]{2,3})日?$"
)
_MONTHS = ["正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊"]
_DAYS = (
    [f"初{c}" for c in "一二三四五六七八九十"]
    + [f"十{c}" for c in "一二三四五六七八九"]
    + ["二十"]
    + [f"廿{c}" for c in "一二三四五六七八九"]
    + ["三十"]
)


class LeapPolicy(StrEnum):
    """When somebody born in a leap month is greeted in a year that has that leap month (R1.13)."""

    REGULAR = "REGULAR"
    LEAP = "LEAP"
    BOTH = "BOTH"


@dataclass(frozen=True)
class Birthday:
    """A birthday as said. ``year`` None: not told. ``leap``: born in a lunar leap month."""

    month: int
    day: int
    year: int | None = None
    lunar: bool = False
    leap: bool = False

    def __str__(self) -> str:
        year = f"{self.year:04}-" if self.year else ""
        return f"{'农历' if self.lunar else ''}{year}{'闰' if self.leap else ''}{self.month:02}-{self.day:02}"


def parse(text: str) -> Birthday | None:
    """Read what people write: ``农历八月十五``, ``1986年5月29日``, ``5-29``. None: no birthday."""
    compact = re.sub(r"\s+", "", text).strip()
    for form in (_WRITTEN, _WORDS):
        if match := form.match(compact):
            found = _from_match(match, words=form is _WORDS)
            return found if found and is_possible(found) else None
    return None


def _from_match(match: re.Match[str], *, words: bool) -> Birthday | None:
    month, day = match["month"], match["day"]
    if words:
        month = {"十一": "冬", "十二": "腊", "一": "正"}.get(month, month)
        day = day.replace("二十", "廿") if len(day) == 3 else day
        if month not in _MONTHS or day not in _DAYS:
            return None
        numbers = _MONTHS.index(month) + 1, _DAYS.index(day) + 1
    else:
        numbers = int(month), int(day)
    year = int(match["year"]) if match["year"] else None
    leap = bool(match["leap"])
    return Birthday(numbers[0], numbers[1], year, bool(match["lunar"]) or words or leap, leap)


def is_possible(birthday: Birthday) -> bool:
    """Whether such a day exists in its calendar."""
    if birthday.year is not None and not 1880 <= birthday.year <= 2100:
        return False
    if birthday.lunar:
        if not (1 <= birthday.month <= 12 and 1 <= birthday.day <= 30):
            return False
        return birthday.year is None or solar_date_of_birth(birthday) is not None
    if birthday.leap:
        return False
    try:
        date(birthday.year or 2000, birthday.month, birthday.day)
    except ValueError:
        return False
    return True


def solar_date_of_birth(birthday: Birthday) -> date | None:
    """The solar day of birth; None where the year is unknown or had no such day."""
    if birthday.year is None:
        return None
    if not birthday.lunar:
        return date(birthday.year, birthday.month, birthday.day)
    return _solar(birthday.year, -birthday.month if birthday.leap else birthday.month, birthday.day, clamp=False)


def next_occurrences(
    birthday: Birthday,
    since: date,
    *,
    count: int = 1,
    leap_policy: LeapPolicy = LeapPolicy.REGULAR,
    clamp: bool = True,
) -> list[date]:
    """The next solar days of the birthday, ``since`` itself included.

    Args:
        clamp: a day the month or year lacks falls on the day before (30th → 29th, 29 Feb → 28 Feb); else on the
            day after.
    """
    found: list[date] = []
    for day in _occurrences(birthday, since.year - 2, leap_policy, clamp):
        if day >= since:
            found.append(day)
            if len(found) == count:
                break
    return found


def _occurrences(birthday: Birthday, first_year: int, leap_policy: LeapPolicy, clamp: bool) -> Iterator[date]:
    for year in range(first_year, first_year + 120):
        if not birthday.lunar:
            yield _solar_birthday(birthday, year, clamp)
            continue
        yield from sorted(
            day
            for month in _lunar_months(birthday, year, leap_policy)
            if (day := _solar(year, month, birthday.day, clamp=clamp, shift=not clamp))
        )


def _solar_birthday(birthday: Birthday, year: int, clamp: bool) -> date:
    try:
        return date(year, birthday.month, birthday.day)
    except ValueError:
        return date(year, 2, 28) if clamp else date(year, 3, 1)


def _lunar_months(birthday: Birthday, year: int, policy: LeapPolicy) -> list[int]:
    """Month numbers of a lunar year in which the birthday is kept; a leap month is negative."""
    if not birthday.leap or _leap_month(year) != birthday.month or policy is LeapPolicy.REGULAR:
        return [birthday.month]
    return [-birthday.month] if policy is LeapPolicy.LEAP else [birthday.month, -birthday.month]


def _leap_month(year: int) -> int:
    from lunar_python import LunarYear

    return int(LunarYear.fromYear(year).getLeapMonth())


def _solar(year: int, month: int, day: int, *, clamp: bool, shift: bool = False) -> date | None:
    from lunar_python import LunarMonth

    found: Any = LunarMonth.fromYm(year, month)
    if found is None:
        return None
    length = found.getDayCount()
    if day > length and not (clamp or shift):
        return None
    start = _day_of_julian(found.getFirstJulianDay())
    return start + timedelta(days=(length if shift else length - 1) if day > length else day - 1)


def _day_of_julian(julian_day: float) -> date:
    # The first Julian day of a month is given at noon.
    return date.fromordinal(int(julian_day + 0.5) - 1721425)


def age_on(birthday: Birthday, day: date) -> int | None:
    """Full years on a day; None where the year of birth is unknown (R1.16)."""
    born = solar_date_of_birth(birthday)
    if born is None or born > day:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def in_chinese(birthday: Birthday) -> str:
    """``1986年5月29日``, ``农历闰四月初一``."""
    year = f"{birthday.year}年" if birthday.year else ""
    if not birthday.lunar:
        return f"{year}{birthday.month}月{birthday.day}日"
    return f"农历{year}{'闰' if birthday.leap else ''}{_MONTHS[birthday.month - 1]}月{_DAYS[birthday.day - 1]}"

"""Dates and times in the many ways they are written. Without a zone they are those of Shanghai."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop as _

from zhike.records.importing.problem import Faulty
from zhike.records.importing.table import Cell
from zhike.records.importing.values.cells import folded, is_nothing, text_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
_NAMES = "janfebmaraprmayjunjulaugsepoctnovdec"
_MONTHS = {_NAMES[3 * n : 3 * n + 3]: n + 1 for n in range(12)}
_CHINESE = str.maketrans("〇零一二三四五六七八九", "00123456789")
# Day numbers of Excel that are plausible dates: 1954 to 2119.
_SERIAL = (20_000, 80_500)
_EXCEL_ZERO = date(1899, 12, 30)

_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_MONTH_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/ .]*([a-z]{3,9})\.?[-/ .,]*(\d{4}|\d{2})")
_MONTH_NAME_DAY = re.compile(r"([a-z]{3,9})\.?[-/ ]*(\d{1,2})(?:st|nd|rd|th)?,?[-/ ]+(\d{4})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_SHORT = re.compile(r"(\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_IN_CHINESE = re.compile(
    r"([〇零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]?"
)
_TIME = re.compile(
    r"(?P<half>上午|下午|晚上|中午|凌晨|早上)?\s*(?P<h>\d{1,2})\s*[:时点]\s*(?:(?P<m>\d{1,2})\s*[:分]?\s*)?(?:(?P<s>\d{1,2})(?:\.\d+)?\s*秒?)?"
    r"\s*(?P<ampm>am|pm|a\.m\.|p\.m\.)?\s*(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2})?"
)


def day(cell: Cell, *, order: str = "") -> date | None:
    """A date. ``order``: ``DMY`` or ``MDY`` where the column writes the year last.

    Raises:
        Faulty: it is none, does not exist, or may be read in two ways.
    """
    found = _read(cell, order)
    return found[0] if found else None


def moment(cell: Cell, *, order: str = "") -> datetime | None:
    """A moment, aware, in UTC; a date alone is the beginning of that day in Shanghai.

    Raises:
        Faulty: as for `day`.
    """
    found = _read(cell, order)
    if found is None:
        return None
    the_day, clock, zone = found
    try:
        return datetime.combine(the_day, clock or time.min, tzinfo=zone or SHANGHAI).astimezone(UTC)
    except OverflowError:
        raise _no_date(cell) from None


def order_of(cells: list[Cell]) -> str:
    """How a column of dates with the year last is ordered, if one of its dates tells: DMY, MDY or nothing."""
    for cell in cells:
        found = _YEAR_LAST.match(folded(cell)) if isinstance(cell, str) else None
        if found and int(found[1]) > 12 >= int(found[2]):
            return "DMY"
        if found and int(found[2]) > 12 >= int(found[1]):
            return "MDY"
    return ""


_UNCLEAR = _("It is not clear which is the day and which the month in “%(text)s”. Write it like 2024-01-05.")

Found = tuple[date, time | None, tzinfo | None]


def _read(cell: Cell, order: str) -> Found | None:
    if isinstance(cell, bool):
        raise _no_date(cell)
    if isinstance(cell, int | float):
        return _number(cell)
    text = folded(text_of(cell)).casefold()
    if is_nothing(text):
        return None
    if text.isdigit() and len(text) == 5:
        return _number(int(text))
    for pattern, take in _FORMS:
        found = pattern.match(text)
        if found is not None:
            the_day = take(found, order, cell)
            return the_day, *_clock(text[found.end() :].strip(), cell)
    chinese = _from_chinese(text)
    if chinese is not None:
        return chinese, None, None
    raise _no_date(cell)


def _number(cell: int | float) -> Found:
    if float(cell).is_integer() and 19_000_101 <= cell <= 21_991_231:
        text = str(int(cell))
        return _date(int(text[:4]), int(text[4:6]), int(text[6:]), cell), None, None
    if not _SERIAL[0] <= cell <= _SERIAL[1]:
        raise _no_date(cell)
    days, part = divmod(cell, 1)
    the_day = _EXCEL_ZERO + timedelta(days=int(days))
    seconds = min(round(part * 86400), 86399)
    clock = time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    return the_day, clock if seconds else None, None


def _date(year: int, month: int, the_day: int, cell: Cell) -> date:
    if not 1800 <= year <= 2200:
        raise _no_date(cell)
    try:
        return date(year, month, the_day)
    except ValueError:
        raise Faulty(_("The date “%(text)s” does not exist."), text=str(cell)) from None


def _year_first(found: re.Match[str], order: str, cell: Cell) -> date:
    return _date(int(found[1]), int(found[2]), int(found[3]), cell)


def _year_last(found: re.Match[str], order: str, cell: Cell) -> date:
    one, two, year = int(found[1]), int(found[2]), int(found[3])
    if one > 12 or one == two:
        order = "DMY"
    elif two > 12:
        order = "MDY"
    if not order:
        raise Faulty(_UNCLEAR, text=str(cell))
    the_day, month = (one, two) if order == "DMY" else (two, one)
    return _date(year, month, the_day, cell)


def _short_year(found: re.Match[str], order: str, cell: Cell) -> date:
    if "年" not in found[0]:
        raise Faulty(_("Write the year of “%(text)s” with four digits."), text=str(cell))
    return _date(_century(int(found[1])), int(found[2]), int(found[3]), cell)


def _named(found: re.Match[str], order: str, cell: Cell) -> date:
    a, b, year = found[1], found[2], int(found[3])
    name, the_day = (a, int(b)) if a.isalpha() else (b, int(a))
    month = _MONTHS.get(name[:3])
    if month is None:
        raise _no_date(cell)
    return _date(_century(year) if year < 100 else year, month, the_day, cell)


_FORMS = (
    (_YEAR_FIRST, _year_first),
    (_YEAR_LAST, _year_last),
    (_SHORT, _short_year),
    (_DAY_MONTH_NAME, _named),
    (_MONTH_NAME_DAY, _named),
    (_COMPACT, _year_first),
)


def _century(year: int) -> int:
    return year + (2000 if year < 70 else 1900)


def _clock(text: str, cell: Cell) -> tuple[time | None, tzinfo | None]:
    text = re.sub(r"^(星期|周)[一二三四五六日天]", "", text.lstrip("t, ")).strip()
    if not text:
        return None, None
    found = _TIME.fullmatch(text)
    if found is None:
        raise _no_date(cell)
    hour = int(found["h"])
    late = found["half"] in ("下午", "晚上") or (found["ampm"] or "").startswith("p")
    early = found["half"] in ("上午", "凌晨", "早上") or (found["ampm"] or "").startswith("a")
    if (late and hour < 12) or (found["half"] == "中午" and hour < 3):
        hour += 12
    if early and hour == 12:
        hour = 0
    try:
        return time(hour, int(found["m"] or 0), int(found["s"] or 0)), _zone(found["zone"])
    except ValueError:
        raise _no_date(cell) from None


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in ("z", "utc", "gmt"):
        return UTC
    offset = datetime.strptime(text, "%z").utcoffset()
    return None if offset is None else datetime.strptime(text, "%z").tzinfo


def _from_chinese(text: str) -> date | None:
    """二〇二四年一月十五日."""
    found = _IN_CHINESE.fullmatch(text)
    if found is None:
        return None
    year = int(found[1].translate(_CHINESE))
    return _date(year, _small(found[2]), _small(found[3]), text)


def _small(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    unit = int(ones.translate(_CHINESE)) if ones else 0
    return unit if not ten else (int(tens.translate(_CHINESE)) if tens else 1) * 10 + unit


def _no_date(cell: Cell) -> Faulty:
    return Faulty(_("“%(text)s” is not a date. Write it like 2024-01-05 or 2024-01-05 14:30."), text=str(cell))

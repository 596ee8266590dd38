"""The statutory days of a year whose notice is not published yet (R7.15).

Fixed by the State Council's regulation of November 2024: New Year's Day, four days of Spring Festival from
New Year's Eve, Qingming, two days of May, Dragon Boat, Mid-Autumn, three days of October. The notice adds
bridges and make-up days later; until then deadlines are provisional and the pages say so.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from zhike.kernel.calendar import Day, DayKind

NEW_YEAR = "New Year's Day"
SPRING_FESTIVAL = "Spring Festival"
QINGMING = "Tomb-sweeping Day"
LABOUR_DAY = "Labour Day"
DRAGON_BOAT = "Dragon Boat Festival"
MID_AUTUMN = "Mid-autumn Festival"
NATIONAL_DAY = "National Day"


def _lunar(year: int, month: int, day: int) -> date:
    from lunar_python import Lunar  # type: ignore[import-untyped]

    solar = Lunar.fromYmd(year, month, day).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def _qingming(year: int) -> date:
    from lunar_python import Lunar

    solar = Lunar.fromYmd(year, 1, 1).getJieQiTable()["清明"]
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


@cache
def statutory_days(year: int) -> dict[date, Day]:
    """Each statutory day of a year."""
    spring = _lunar(year, 1, 1)
    named = {
        NEW_YEAR: [date(year, 1, 1)],
        SPRING_FESTIVAL: [spring + timedelta(days=offset) for offset in range(-1, 3)],
        QINGMING: [_qingming(year)],
        LABOUR_DAY: [date(year, 5, 1), date(year, 5, 2)],
        DRAGON_BOAT: [_lunar(year, 5, 5)],
        MID_AUTUMN: [_lunar(year, 8, 15)],
        NATIONAL_DAY: [date(year, 10, day) for day in (1, 2, 3)],
    }
    # Where two fall on one day (Mid-Autumn and National Day), the later one of the table gives the name.
    return {day: Day(False, DayKind.HOLIDAY, name) for name, days in named.items() for day in days}

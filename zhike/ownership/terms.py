"""What the policy in force says about ownership; where it says nothing, the defaults of the parameters hold."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel

from zhike.kernel import work_calendar
from zhike.kernel.calendar import WorkCalendar
from zhike.ownership.clauses import kinds
from zhike.ownership.rules.days import DayCount
from zhike.policy import force

P = TypeVar("P", bound=BaseModel)


def terms(params: type[P], org_unit: Any, *, as_of: date | None = None) -> P:
    """The parameters that rule a department (an `OrgUnit` or its key). One query."""
    found = force.params(kinds.KIND_OF[params], org_unit, as_of=as_of)
    return params() if found is None else found  # type: ignore[return-value]


def day_count(counting: str, *, pause_on_holiday: bool) -> DayCount:
    """How days are counted, by the working calendar in force."""
    return _count(work_calendar.current(), counting, pause_on_holiday)


def _count(calendar: WorkCalendar, counting: str, pause_on_holiday: bool) -> DayCount:
    return _counted(_Same(calendar), counting, pause_on_holiday)


class _Same:
    """A calendar, told apart by being the same object: it is built again only after a change."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self.calendar = calendar

    def __hash__(self) -> int:
        return id(self.calendar)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.calendar is self.calendar


@lru_cache(maxsize=12)
def _counted(same: _Same, counting: str, pause_on_holiday: bool) -> DayCount:
    return DayCount.of(same.calendar, counting, pause_on_holiday=pause_on_holiday)

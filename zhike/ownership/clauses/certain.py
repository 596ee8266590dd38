"""Whom the release certainly says nothing about on a day, said in SQL, so that nobody looks at them one by one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from zhike.grading.history import TreatmentAt
from zhike.ownership.rules.days import DAY
from zhike.ownership.rules.reclaim import Trigger

if TYPE_CHECKING:
    from zhike.ownership.clauses.params import Reclaim
    from zhike.policy.force import ScopeTable

# Clocks that begin with the acquisition at the earliest and can begin later, but never earlier.
_BEGUN = "(o.since AT TIME ZONE 'Asia/Shanghai')::date"
_MET = "(met.last AT TIME ZONE 'Asia/Shanghai')::date"


def condition(table: ScopeTable[Reclaim], as_of: date, values: dict[str, Any]) -> str:
    """A condition on `collecting._HOLDINGS`; adds what it compares with to ``values``.

    Pauses, holidays, extensions and a younger rule only put a day off, so a clock that has not come so far without
    them has not come so far with them. Where a clause goes by the treatment of the grade, the shortest that any grade
    is kept counts beside its own limits. With no clause nothing is left out.
    """
    clauses = [ruling.params for ruling in table]
    if not clauses:
        return ""
    values |= {
        "met_by": max(_latest(as_of, clauses, (Trigger.NO_FOLLOW_UP,)), _treated(as_of, clauses)),
        "registered_by": max(as_of - _lead(one, one.registered_days) for one in clauses),
        "first_by": _latest(as_of, clauses, (Trigger.NO_FIRST_CONTACT,)),
        "held_by": _latest(as_of, clauses, (Trigger.NO_OPPORTUNITY, Trigger.NO_DEAL, Trigger.HOLD_TOO_LONG)),
    }
    due = f"""({_BEGUN} <= %(held_by)s
    OR {_BEGUN} <= greatest(%(met_by)s, CASE WHEN registered.holds THEN %(registered_by)s ELSE %(met_by)s END)
       AND (met.last IS NULL OR {_MET} <= CASE WHEN registered.holds THEN greatest(%(met_by)s, %(registered_by)s)
                                          ELSE %(met_by)s END)
    OR {_BEGUN} <= %(first_by)s AND o.acquired_by IN ('PICK', 'ASSIGN') AND (met.last IS NULL OR {_MET} < {_BEGUN}))"""
    exempt = " AND c.first_deal_at > %(at)s IS NOT FALSE" if all("DEAL" in one.exempt for one in clauses) else ""
    return f" AND {due}{exempt}"


def _lead(params: Reclaim, days: int) -> Any:
    """How long before today a clock of so many days must have begun for the first warning to be due."""
    return (days + 1 - max((*params.notice_days, 0))) * DAY


def _latest(as_of: date, clauses: Iterable[Reclaim], triggers: tuple[Trigger, ...]) -> date:
    """The latest beginning of a clock of these triggers that concerns anybody today; long ago if there is none."""
    days = [as_of - _lead(one, limit.days) for one in clauses for limit in one.limits if limit.trigger in triggers]
    return max(days, default=date(1, 1, 1))


def _treated(as_of: date, clauses: Iterable[Reclaim]) -> date:
    """The same for the days that treatments keep a grade, under the clauses that go by them."""
    reading = [one for one in clauses if one.by_treatment]
    kept = TreatmentAt(as_of).kept() if reading else []
    return max((as_of - _lead(one, days) for one in reading for days in kept), default=date(1, 1, 1))

"""Many tasks at once, through the generic bulk work."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zhike.activities.actions import tasks
from zhike.activities.models import Task, TaskCompletion
from zhike.kernel.clock import business_date
from zhike.kernel.work_calendar import current
from zhike.records.actions import bulk
from zhike.records.registry import describe
from zhike.staff.models import User

pytestmark = pytest.mark.django_db


def run(verb: str, by: User, **params: object) -> None:
    of = describe("tasks")
    bulk.begin(of, verb, params, of.rows(by), by=by)


def test_completing_many_is_completing_each(li: User) -> None:
    for number in range(3):
        tasks.create(by=li, title=f"任务{number}", due_on=business_date(), repeat="FREQ=WEEKLY" if number else "")
    run("complete", li)
    assert TaskCompletion.objects.count() == 3
    assert Task.objects.open().count() == 2  # the next ones of the two series


def test_postponing_many(li: User) -> None:
    tasks.create(by=li, title="一", due_on=business_date())
    run("next-workday", li)
    assert Task.objects.get().due_on == current().next_workday(business_date())
    run("next-week", li)
    moved = Task.objects.get()
    assert moved.due_on is not None and moved.due_on >= business_date() + timedelta(days=1)
    assert moved.original_due_on == business_date()


def test_giving_many_to_a_colleague(li: User, wang: User) -> None:
    tasks.create(by=li, title="一")
    tasks.create(by=li, title="二")
    run("assign", li, owner=str(wang.pk))
    assert set(Task.objects.values_list("owner__username", "org_unit")) == {("wang", wang.org_unit_id)}


def test_what_one_only_sees_is_left_alone(li: User, house: object) -> None:
    tasks.create(by=li, title="一")
    executive = house.user("zong", "executive", house.group)  # type: ignore[attr-defined]
    run("complete", executive)
    assert not TaskCompletion.objects.exists()

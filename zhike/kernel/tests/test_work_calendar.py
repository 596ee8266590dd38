"""The calendar's tables."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from zhike.kernel.models import WorkCalendarDay, WorkSchedule
from zhike.kernel.work_calendar import current, library_days

pytestmark = pytest.mark.django_db


def test_it_is_seeded_with_every_published_year() -> None:
    assert WorkCalendarDay.objects.count() == len(library_days())
    assert 2026 in current().published


def test_it_works_with_an_empty_table() -> None:
    WorkCalendarDay.objects.all().delete()
    assert not current().is_workday(date(2026, 10, 1))
    assert current().is_workday(date(2026, 10, 10))


def test_the_company_goes_before_the_notice_and_can_take_its_word_back() -> None:
    day = date(2026, 10, 8)
    own = WorkCalendarDay.objects.create(date=day, is_workday=False, kind="CUSTOM", source="COMPANY")
    assert not current().is_workday(day)
    own.delete()
    assert current().is_workday(day)


def test_a_day_deleted_from_a_year_of_the_table_stays_deleted() -> None:
    WorkCalendarDay.objects.filter(date=date(2026, 10, 7)).delete()
    assert current().is_workday(date(2026, 10, 7))


def test_a_day_stands_once_per_source() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkCalendarDay.objects.create(date=date(2026, 10, 1), is_workday=True, kind="HOLIDAY", source="OFFICIAL")


def test_a_year_without_notice_has_its_statutory_days() -> None:
    calendar = current()
    assert 2027 not in calendar.published
    assert not calendar.is_workday(date(2027, 10, 1))


def test_the_default_hours_are_the_calendars() -> None:
    WorkSchedule.objects.create(name="Store", week=[[[600, 1320]]] * 7, makeup=[[600, 1320]], is_default=True)
    assert current().is_workday(date(2026, 11, 22))


def test_it_asks_only_one_small_question(django_assert_num_queries: object) -> None:
    current()
    with django_assert_num_queries(1):  # type: ignore[operator]
        current()

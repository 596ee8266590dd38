"""Statements compiled once give what the queryset itself would have given, for any values and in any thread."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from django.db import DataError, connection
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from zhike.administration.tests.people import group, person, unit
from zhike.kernel.clock import now
from zhike.kernel.prepared import Prepared, Statement, pipelined, placeholder
from zhike.staff.models import Session, User


@pytest.fixture
def people(db: Any) -> list[User]:
    department = unit(unit(group(), "COMPANY"), "DEPARTMENT")
    return [person(department, "sales_rep") for _ in range(3)]


def test_rows_come_with_what_they_point_at_and_what_was_annotated(
    people: list[User], django_assert_num_queries: Any
) -> None:
    of_key = Prepared(
        lambda key: User.objects.filter(pk=key).select_related("org_unit").annotate(code=F("org_unit__code"))
    )
    for one in people:
        with django_assert_num_queries(1):
            (found,) = of_key(one.pk)
            assert (found, found.org_unit.name, found.code) == (one, one.org_unit.name, one.org_unit.code)
    assert of_key(uuid.uuid4()) == []


def test_lists_of_keys_of_any_length_share_a_statement(people: list[User]) -> None:
    of_keys = Prepared(lambda keys: User.objects.filter(pk__any_of=keys).order_by("pk"))
    keys = sorted(one.pk for one in people)
    for wanted in ([], keys[:1], keys):
        assert [one.pk for one in of_keys(wanted)] == wanted
        assert of_keys.count(wanted) == len(wanted)
    in_unit = Prepared(lambda units: User.objects.filter(org_unit__any_of=units))
    assert set(in_unit([people[0].org_unit_id])) == set(people)


def test_only_some_columns(people: list[User], django_assert_num_queries: Any) -> None:
    (found,) = Prepared(lambda key: User.objects.filter(pk=key).only("name"))(people[0].pk)
    assert found.get_deferred_fields() >= {"username", "title"}
    with django_assert_num_queries(1):
        assert found.username == people[0].username


def test_texts_and_moments(people: list[User]) -> None:
    alive = Prepared(lambda key, at: Session.objects.filter(session_key=key, expire_date__gt=at))
    session = Session.objects.create(session_key="k" * 32, session_data="", expire_date=now(), user=people[0])
    assert alive("k" * 32, session.expire_date) == []
    before = session.expire_date.replace(year=2001)
    assert alive("k" * 32, before) == [session]
    assert alive("' OR 1=1 --", before) == []


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_through_its_own_connection() -> None:
    one = person(unit(group(), "COMPANY"), "sales_rep")
    of_key = Prepared(lambda key: User.objects.filter(pk=key))
    assert of_key(one.pk) == [one]
    found: list[Any] = []

    def ask() -> None:
        try:
            found.extend(of_key(one.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [one] * 4


@pytest.mark.django_db(transaction=True)
def test_questions_of_a_pipeline_are_answered_each_by_itself() -> None:
    doubled = Statement("SELECT 2 * %s::int", [slot := object()], [slot])
    with pipelined():
        answers = [doubled.send([n], once=n % 2 == 0) for n in range(5)]
        assert [answer() for answer in answers] == [[(2 * n,)] for n in range(5)]
        assert User.objects.count() == 0  # an ordinary question among them


@pytest.mark.django_db(transaction=True)
def test_a_question_of_a_pipeline_that_fails_is_told_and_leaves_the_connection_sound() -> None:
    divided = Statement("SELECT 6 / %s::int", [slot := object()], [slot])
    with pytest.raises(DataError), pipelined():
        answers = [divided.send([n]) for n in (3, 0, 2)]
        assert answers[0]() == [(2,)]
        answers[1]()
    assert divided.fetch([1]) == [(6,)]


def test_a_value_that_would_be_lost_is_refused() -> None:
    with pytest.raises(ValueError, match="not among the parameters"):
        Statement("SELECT 1", [], [placeholder("x")])
    with pytest.raises(TypeError):
        placeholder(None)
    with pytest.raises(ValueError, match="not among the parameters"):
        Prepared(lambda text: User.objects.filter(name__contains=text))("x")


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=8))
def test_each_value_goes_to_its_own_places(order: list[str]) -> None:
    slots = {name: placeholder("") for name in sorted(set(order))}
    statement = Statement("", [slots[name] for name in order], list(slots.values()))
    assert statement.fill(list(slots)) == order

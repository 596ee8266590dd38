"""Reactions: in the transaction, after the event, and only to what they wait for."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction

from zhike.history import reactions
from zhike.history.action import action, record
from zhike.history.models import Event
from zhike.kernel.errors import Refused
from zhike.staff.models import OrgUnit

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    monkeypatch.setattr(reactions, "_reactions", type(reactions._reactions)(list))
    found: list[tuple[str, Any]] = []

    @reactions.reacts_to("test.happened")
    def hear(event: Event, subject: Any) -> None:
        found.append((event.action, subject))

    return found


@pytest.fixture
def group() -> OrgUnit:
    return OrgUnit.objects.create(kind="GROUP", name="G")


def test_a_reaction_hears_its_event_and_no_other(heard: list[tuple[str, Any]], group: OrgUnit) -> None:
    record("test.happened", group, by=None)
    record("test.other", group, by=None)
    assert heard == [("test.happened", group)]


def test_if_a_reaction_fails_nothing_has_happened(heard: list[tuple[str, Any]], group: OrgUnit) -> None:
    @reactions.reacts_to("test.happened")
    def fail(event: Event, subject: Any) -> None:
        raise ValueError

    with pytest.raises(ValueError), transaction.atomic():
        record("test.happened", group, by=None)
    assert not Event.objects.exists()


def test_a_verb_that_a_reaction_calls_takes_back_the_whole(heard: list[tuple[str, Any]], group: OrgUnit) -> None:
    """Without a savepoint of its own: who called the first verb may go on, and nothing of the two is left."""

    @action("test.third", needs=None)
    def third(*, name: str) -> OrgUnit:
        raise Refused("no")

    @action("test.second", needs=None)
    def second(*, name: str, catching: bool) -> OrgUnit:
        made = OrgUnit.objects.create(kind="COMPANY", name=name, parent=group)
        if catching:  # a verb within has its savepoint, whoever called the one around it
            with suppress(Refused):
                third(name=name)
        else:
            third(name=name)
        return made

    @action("test.happened", needs=None)
    def first(*, name: str) -> OrgUnit:
        return OrgUnit.objects.create(kind="COMPANY", name=name, parent=group)

    @reactions.reacts_to("test.happened")
    def follow(event: Event, subject: Any) -> None:
        second(name=f"after {subject.name}", catching=subject.name == "good")

    with transaction.atomic(), pytest.raises(Refused):
        first(name="bad")
    assert OrgUnit.objects.count() == 1 and not Event.objects.exists()
    with transaction.atomic():
        with suppress(Refused):
            first(name="bad")
        first(name="good")
    assert {unit.name for unit in OrgUnit.objects.exclude(pk=group.pk)} == {"good", "after good"}
    assert sorted(Event.objects.values_list("action", flat=True)) == ["test.happened", "test.second"]

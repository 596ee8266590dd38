"""Reactions: in the transaction, after the event, and only to what they wait for."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from zhike.history import reactions
from zhike.history.action import record
from zhike.history.models import Event
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

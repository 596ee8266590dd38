"""What the explanation says of a person is what the one place where rows are scoped does."""

from __future__ import annotations

import pytest

from tests.access.cast import Cast, gather
from zhike.access.explain import explain
from zhike.customers.actions import sharing
from zhike.staff.models import User


@pytest.fixture
def cast(db: None) -> Cast:
    return gather()


@pytest.mark.parametrize("verb", ["view", "change"])
def test_it_agrees_with_the_scopes_for_everybody_and_every_record(cast: Cast, verb: str) -> None:
    sharing.share(cast.records["customers"], by=cast.people["admin"], user=cast.people["other"])
    for name, row in cast.records.items():
        row.refresh_from_db()
        found = {seer.user.pk: seer.sees for seer in explain(row, verb)}
        for user in User.objects.active():
            may = type(row).objects.visible_to(user, row.permission(verb)).filter(pk=row.pk).exists()
            assert found[user.pk] == may, (name, verb, user.username)
    seers = {seer.user: seer for seer in explain(cast.records["customers"])}
    assert seers[cast.people["other"]].sees and not seers[cast.people["nobody"]].sees
    assert seers[cast.people["admin"]].reasons[0].role.is_administrator

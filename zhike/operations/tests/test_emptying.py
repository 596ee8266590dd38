"""After a test that commits nothing of it is left, whatever triggers guard the tables."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction

from zhike.history.models import Event
from zhike.operations.emptying import empty, filled, may_empty
from zhike.sales.actions.opportunity import take_over
from zhike.sales.models import Opportunity
from zhike.sales.tests.conftest import build_world


@pytest.mark.django_db(transaction=True)
def test_everything_is_gone_but_what_migrations_made() -> None:
    if not may_empty(connection):
        pytest.skip("this server is not the tests' own")
    world = build_world()
    deal = take_over(by=world.rep, name="二期产线改造", customer=world.customer)
    kinds = ContentType.objects.count()
    assert Event.objects.exists()
    empty(connection)
    assert filled(connection) == []
    assert ContentType.objects.count() == kinds > 0
    # The guards are on again: a row without the rows it points to is refused.
    with pytest.raises(IntegrityError), transaction.atomic():
        Opportunity.objects.bulk_create([deal])

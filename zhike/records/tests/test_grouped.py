"""The first rows of each group are those that a list of the group alone would show."""

from __future__ import annotations

import pytest
from django.db.models import Q

from zhike.records.grouped import GroupedListing
from zhike.records.listing import Listing
from zhike.records.registry import describe
from zhike.records.tests.gadgets import Gadget
from zhike.records.tests.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["rep", "manager", "director", "southerner", "boss"])
@pytest.mark.parametrize("named", ["", "new ones"])
def test_groups_are_what_their_lists_are(world: World, who: str, named: str, django_assert_num_queries: object) -> None:
    parents = [world.gadget(world.boss, name=f"上{n}") for n in range(3)]
    for number in range(24):
        owner = (world.rep, world.colleague, world.southerner)[number % 3]
        world.gadget(owner, name=str(number), parent=parents[number % 2], stage="NEW" if number % 5 else "DONE")
    user = getattr(world, who)
    grouped = GroupedListing(describe("gadgets"), user, sort="-created_at")
    grouped.condition, grouped.named = Q(stage=Gadget.Stage.NEW), named
    for _again in range(2):
        with django_assert_num_queries(1):  # type: ignore[operator]
            found = grouped.first_of_each("parent_id", [one.pk for one in parents], 5)
        for parent in parents:
            alone = Listing(describe("gadgets"), user, sort="-created_at")
            alone.condition = Q(stage=Gadget.Stage.NEW, parent=parent)
            expected = alone.page(size=5)
            assert [row.pk for row in found[parent.pk].rows] == [row.pk for row in expected.rows]
            assert found[parent.pk].next_cursor == expected.next_cursor

"""How the confirmation right was kept: what held counts beside what lapsed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zhike.kernel.clock import business_date
from zhike.ownership.clauses.protection import ProtectionKind
from zhike.ownership.models import Registration
from zhike.ownership.tests.test_registering import LI_NEW, registered
from zhike.ownership.tests.test_release import night, publish
from zhike.policy.kinds import Kept, kind_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ZHAO = {"kind": "PERSON", "name": "赵刚", "phones": ["13700137000"]}


def test_registrations_that_held_and_those_that_lapsed(world):
    publish(world, 400)
    lapses, holds = registered(world.rep, days=20), registered(world.rep, days=2, new=LI_NEW)
    never = registered(world.rep, days=2, new=ZHAO)
    Registration.objects.filter(pk=never.pk).update(status="CANCELLED", ended_at=never.registered_at)
    assert night(ProtectionKind) == {lapses.customer_id: "LAPSE"}
    lapses.refresh_from_db()
    unit, kind = holds.org_unit_id, kind_of(ProtectionKind)
    assert lapses.status == "LAPSED" and lapses.lapsed_on == business_date() - 12 * DAY
    assert kind.kept(business_date() - 15 * DAY, business_date() + DAY) == [Kept(unit, world.rep.pk, kept=1, broken=1)]
    assert kind.kept(business_date() - 30 * DAY, business_date() - 15 * DAY) == [
        Kept(unit, world.rep.pk, kept=1, broken=0)
    ]
    assert kind.kept(business_date() - 60 * DAY, business_date() - 30 * DAY) == []

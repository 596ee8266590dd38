"""The pools of the sample, by the verbs themselves."""

from __future__ import annotations

from django.db import connection

from zhike.ownership.actions.pools import add_member, create_pool
from zhike.staff.models import OrgUnit, User


def build() -> None:
    """A pool for each company: all its people are members, its heads look after it."""
    with connection.cursor() as cursor:
        # The ledger was filled in this transaction: without statistics its trigger would read all of it for every change.
        cursor.execute("ANALYZE ownership_ownershiprecord")
    for company in OrgUnit.objects.active().filter(kind=OrgUnit.Kind.COMPANY):
        pool = create_pool(by=None, name=f"{company.name}公海", org_unit=company, member_units=[company])
        heads = User.objects.active().filter(company=company, roles__code__in=("sales_director", "sales_manager"))
        for user in heads.order_by("pk")[:2]:
            add_member(pool, by=None, user=user, is_admin=True)

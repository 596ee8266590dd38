"""Recently opened records: kept by record pages, shown by the search box."""

from __future__ import annotations

import uuid
from collections import defaultdict

from zhike.kernel.clock import now
from zhike.search.models import RecentItem
from zhike.search.registry import Hit, provider_named
from zhike.staff.models import User

SHOWN = 8
KEPT = 40


def remember(user: User, provider: str, key: uuid.UUID) -> None:
    """The person has this record open now. Called by record pages."""
    RecentItem.objects.bulk_create(
        [RecentItem(user=user, provider=provider, key=key, at=now())],
        update_conflicts=True,
        unique_fields=["user", "provider", "key"],
        update_fields=["at"],
    )


def recent(user: User, limit: int = SHOWN) -> list[tuple[str, Hit]]:
    """Icon and record, newest first; only what the person may still see. One query per record type."""
    items = list(RecentItem.objects.filter(user=user).order_by("-at")[: limit * 2])
    keys: dict[str, list[uuid.UUID]] = defaultdict(list)
    for item in items:
        keys[item.provider].append(item.key)
    hits: dict[tuple[str, uuid.UUID], tuple[str, Hit]] = {}
    for name, wanted in keys.items():
        provider = provider_named(name)
        if provider is not None:
            hits |= {(name, key): (provider.icon, hit) for key, hit in provider.by_keys(wanted, by=user).items()}
    found = [hits[item.provider, item.key] for item in items if (item.provider, item.key) in hits]
    return found[:limit]


def forget_old() -> int:
    """Keep the newest per person; called daily."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_recentitem WHERE id IN (SELECT id FROM (SELECT id,"
            " row_number() OVER (PARTITION BY user_id ORDER BY at DESC) AS place FROM search_recentitem) ranked"
            " WHERE place > %s)",
            [KEPT],
        )
        return int(cursor.rowcount)

"""What search finds records by, made anew where own fields came to be looked through, or no longer."""

from __future__ import annotations

import uuid

from django.db import transaction

from zhike.records.registry import describe

CHUNK = 1000


def search_again(record_type: str, key: str) -> int:
    """Make the tokens of every record that has a value in an own field; how many. Safe to repeat: it only derives."""
    model = describe(record_type).model
    done, after = 0, uuid.UUID(int=0)
    while True:
        with transaction.atomic():
            rows = model._default_manager.select_for_update().filter(custom__has_key=key, pk__gt=after)
            chunk = list(rows.order_by("pk")[:CHUNK])
            for row in chunk:
                row.search_tokens = row.make_search_tokens()
            model._default_manager.bulk_update(chunk, ["search_tokens"])
        if not chunk:
            return done
        done, after = done + len(chunk), chunk[-1].pk

"""Telling open pages that something happened: a signed address for the browser, a push for our code.

The live process (`zhike up` starts it) checks the signature alone and never asks the database, so a
message is only a hint: it says what changed, never what the person may not see.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.core import signing
from django.db import connection

CHANNEL = "zhike_live"
# How long an address may be used to connect again; the page asks for a new one.
ADDRESS_SECONDS = 3600
_SALT = "zhike.web.live"
_MOST_PEOPLE = 100


def sign(user_id: uuid.UUID | None) -> str:
    """The word with which this person's pages may listen."""
    return signing.dumps(str(user_id), salt=_SALT)


def signed_user(word: str) -> str:
    """Who may listen with this word; empty: nobody (any more)."""
    try:
        return str(signing.loads(word, salt=_SALT, max_age=ADDRESS_SECONDS))
    except signing.BadSignature:
        return ""


def push(kind: str, *, to: Iterable[uuid.UUID], **data: Any) -> None:
    """Tell the open pages of some people, once the transaction is committed.

    Args:
        kind: the page hears it as the event ``live-<kind>``.
        to: their user ids.
        data: small facts for the page; together below 4 kB.
    """
    people = [str(user_id) for user_id in to]
    for start in range(0, len(people), _MOST_PEOPLE):
        text = json.dumps({"to": people[start : start + _MOST_PEOPLE], "message": {"kind": kind} | data}, default=str)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, text])

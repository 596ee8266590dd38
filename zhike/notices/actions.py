"""Telling people, and their having read it.

Notices are told by other verbs; they leave no event of their own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from zhike.kernel.clock import now
from zhike.notices.models import Notice
from zhike.staff.models import User
from zhike.web.live import push

KEPT_FOR = timedelta(days=180)
LONGEST = 300


def notify(
    to: Iterable[User | None],
    text: str | Promise,
    params: dict[str, Any] | None = None,
    *,
    link: str = "",
    kind: str = Notice.Kind.INFO,
    by: User | None = None,
) -> int:
    """Tell some people something; nobody is told of his own doing, nobody twice, nobody who has left.

    Args:
        text: lazy, with ``%(name)s`` placeholders: each person gets it in his own language.
        params: what fills the placeholders; of what not everybody reads alike (the name of a customer) a function that
            is asked for each person.
        link: address of what it is about.

    Returns:
        How many have been told.
    """
    people = {user.pk: user for user in to if user is not None}
    return notify_each([(user, params) for user in people.values()], text, link=link, kind=kind, by=by)


def notify_each(
    told: Iterable[tuple[User | None, dict[str, Any] | None]],
    text: str | Promise,
    *,
    link: str = "",
    kind: str = Notice.Kind.INFO,
    by: User | None = None,
) -> int:
    """Tell many people at once, each with his own figures.

    Returns:
        How many notices that are.
    """
    notices = [
        Notice(user=user, kind=kind, text=_in_language_of(user, text, params)[:LONGEST], link=link, by=by)
        for user, params in told
        if user is not None and user.is_active and user != by
    ]
    Notice.objects.bulk_create(notices, batch_size=1000)
    if notices:
        push("notice", to=list({one.user_id for one in notices}))
    return len(notices)


def _in_language_of(user: User, text: str | Promise, params: dict[str, Any] | None) -> str:
    with translation.override(user.language or settings.LANGUAGE_CODE):
        told = {name: value(user) if callable(value) else value for name, value in (params or {}).items()}
        return str(text) % told if told else str(text)


def mark_read(*, by: User, keys: Iterable[uuid.UUID] | None = None) -> int:
    """The person has read these notices of his; None: all."""
    mine = Notice.objects.of(by).unread()
    count = (mine if keys is None else mine.filter(pk__in=list(keys))).update(read_at=now())
    if count:
        push("notice", to=[by.pk])
    return count


def forget_old() -> int:
    """Delete read notices past their time; called daily."""
    return Notice.objects.filter(read_at__isnull=False, created_at__lt=now() - KEPT_FOR).delete()[0]

"""Passkeys: adding, naming, removing them, and signing in by one. It counts as both factors."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _

from zhike.administration.actions.sign_in import Attempt, count_attempt, forget_failures, tell_failure
from zhike.administration.guards import guard_person
from zhike.administration.rules.passkeys import (
    Answer,
    NotAccepted,
    Party,
    ask_for_new,
    counter_went_back,
    new_passkey,
    proved_count,
    read_answer,
)
from zhike.history.action import EventDraft, action, record
from zhike.kernel.clock import now
from zhike.kernel.errors import NotFound, Refused
from zhike.staff.models import Passkey, User

# More than anybody has devices.
MOST = 20


class _WentBack(Exception):
    """The passkey has counted backwards."""


def begin_passkey(user: User, party: Party) -> tuple[Any, str]:
    """Options for the browser and the challenge to keep. The page has asked for the password.

    Raises:
        Refused: the person has too many already.
    """
    known = list(user.passkeys.values_list("credential_id", flat=True))
    if len(known) >= MOST:
        raise Refused(_("You have %(n)d passkeys already: remove one first.") % {"n": len(known)})
    return ask_for_new(party, handle=user.pk.bytes, username=user.username, name=user.name, known=known)


@action("staff.user.add_passkey", needs=None)
def add_passkey(
    user: User, *, by: User, name: str, answer: str, challenge: str, party: Party, event: EventDraft
) -> Passkey:
    """Keep what the device has made.

    Raises:
        Refused: it was not made for this challenge, or it is known already.
    """
    name = checked_name(name)
    try:
        made = new_passkey(party, challenge, answer)
    except NotAccepted:
        raise Refused(_("The passkey could not be checked. Begin again.")) from None
    if user.passkeys.count() >= MOST:
        raise Refused(_("You have %(n)d passkeys already: remove one first.") % {"n": MOST})
    row, fresh = Passkey.objects.get_or_create(
        credential_id=made.credential_id,
        defaults={"user": user, "name": name, "credential": made.data, "sign_count": made.sign_count},
    )
    if not fresh:
        raise Refused(_("This passkey is known already."))
    event.data["passkey"] = row.name
    return row


@action("staff.user.rename_passkey", needs=None)
def rename_passkey(user: User, *, by: User, key: uuid.UUID, name: str, event: EventDraft) -> Passkey:
    """Call it by another name.

    Raises:
        NotFound: the person has no such passkey.
        Refused: the name is empty or too long.
    """
    row = _own(user, key)
    event.data["changes"] = {"passkey": [row.name, checked_name(name)]}
    event.silent = row.name == checked_name(name)
    row.name = checked_name(name)
    row.save(update_fields=["name", "updated_at"])
    return row


@action("staff.user.remove_passkey", needs=None)
def remove_passkey(user: User, *, by: User, key: uuid.UUID, event: EventDraft) -> User:
    """It no longer signs in. The page has asked for the password.

    Raises:
        NotFound: the person has no such passkey.
    """
    row = _own(user, key)
    event.data["passkey"] = row.name
    row.delete()
    return user


@action("staff.user.reset_passkeys", needs="administration.user.change")
def reset_passkeys(user: User, *, by: User, event: EventDraft) -> User:
    """Remove all passkeys of somebody who lost a device.

    Raises:
        Denied: the person administers more than ``by`` does.
    """
    guard_person(by, user)
    event.data["removed"] = list(user.passkeys.values_list("name", flat=True))
    event.silent = not event.data["removed"]
    user.passkeys.all().delete()
    return user


def check_passkey(*, answer: str, challenge: str, party: Party, address: str) -> User:
    """The person whose passkey answered. Counted like a password, in the same lock-out.

    Raises:
        Refused: unknown, of somebody who has left, not proved, or too many attempts: the first three in the same words.
    """
    try:
        told = read_answer(answer)
    except NotAccepted:
        told = Answer("", b"", {})
    row = Passkey.objects.select_related("user").filter(credential_id=told.credential_id).first()
    user = row.user if row is not None and row.user.is_active else None
    attempt = Attempt(f"passkey:{told.credential_id}", address, user)
    count_attempt(attempt)
    try:
        if row is None or user is None or told.handle != user.pk.bytes:
            raise NotAccepted
        count = proved_count(party, challenge, told, bytes(row.credential))
        _use_passkey(user, by=user, key=row.pk, count=count, address=address)
    except (NotAccepted, _WentBack) as error:
        if isinstance(error, _WentBack) and user is not None and row is not None:
            draft = EventDraft(data={"address": address, "passkey": row.name})
            record("staff.user.passkey_went_back", user, by=None, draft=draft)
        else:
            tell_failure(attempt)
        raise Refused(_("This passkey does not sign in here."), code="sign_in_failed") from None
    forget_failures(attempt)
    return user


@action("staff.user.use_passkey", needs=None)
def _use_passkey(user: User, *, by: User, key: uuid.UUID, count: int, address: str, event: EventDraft) -> User:
    row = user.passkeys.select_for_update().filter(pk=key).first()
    if row is None or not user.is_active:
        raise NotAccepted
    if counter_went_back(row.sign_count, count):
        raise _WentBack
    row.sign_count, row.last_used_at = count, now()
    row.save(update_fields=["sign_count", "last_used_at", "updated_at"])
    event.data |= {"passkey": row.name, "address": address}
    return user


def checked_name(raw: str) -> str:
    """The name as it is kept.

    Raises:
        Refused: empty or too long.
    """
    name = " ".join(raw.split())
    if not 0 < len(name) <= 60:
        message = _("Give a name of at most 60 characters.")
        raise Refused(message, fields={"name": message})
    return name


def _own(user: User, key: uuid.UUID) -> Passkey:
    row = user.passkeys.select_for_update().filter(pk=key).first()
    if row is None:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    return row

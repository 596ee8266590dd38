"""Making and revoking API tokens."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from zhike.history.action import EventDraft, action
from zhike.integrations.models import ApiToken
from zhike.integrations.models.api_token import PREFIX, digest
from zhike.kernel.clock import now
from zhike.kernel.errors import Denied, Refused
from zhike.records.registry import descriptions
from zhike.staff.models import User

# The last use is noted at most this often: one write a request would be the dearest part of it.
USE_NOTED_EVERY = timedelta(minutes=5)


def known_scopes() -> list[str]:
    """Every scope a token can have."""
    types = [f"{one.name}:{verb}" for one in descriptions() for verb in ("read", "write")]
    return ["read", "write", *types]


@action("integrations.api_token.create", needs="integrations.api_token.create")
def create_token(
    *, by: User, name: str, scopes: list[str], expires_at: datetime | None = None, event: EventDraft
) -> ApiToken:
    """A new token of ``by``. Its text is on ``plain_token`` of what is returned, and nowhere else.

    Raises:
        Refused: no name, an unknown scope, or an end in the past.
    """
    wrong = {}
    unknown = sorted(set(scopes) - set(known_scopes()))
    if not name.strip():
        wrong["name"] = _("Give it a name that says which program uses it.")
    if unknown or not scopes:
        wrong["scopes"] = _("There is no scope “%s”.") % unknown[0] if unknown else _("Choose at least one scope.")
    if expires_at is not None and expires_at <= now():
        wrong["expires_at"] = _("Choose a moment in the future.")
    if wrong:
        raise Refused(_("Some fields are not right."), fields=dict(wrong))
    plain = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=by,
        name=name.strip()[:60],
        digest=digest(plain),
        hint=plain[:8],
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    token.plain_token = plain  # type: ignore[attr-defined]
    event.data["scopes"] = token.scopes
    return token


@action("integrations.api_token.revoke", needs=None)
def revoke_token(token: ApiToken, *, by: User, event: EventDraft) -> ApiToken:
    """End a token at once. One's own; an administrator anybody's.

    Raises:
        Denied: it is somebody else's.
    """
    from zhike.access.rights import rights_of

    if token.user_id != by.pk and not rights_of(by).is_administrator:
        raise Denied(_("This is somebody else's token."))
    event.silent = token.revoked_at is not None
    token.revoked_at = token.revoked_at or now()
    token.save(update_fields=["revoked_at", "updated_at"])
    return token


def note_use(token: ApiToken) -> None:
    """Keep when a token was last used, roughly."""
    moment = now()
    if token.last_used_at is None or moment - token.last_used_at > USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=moment)

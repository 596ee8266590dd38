"""Fetch a record to change it: allowed and locked, or not found."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from zhike.access.models.owned import OwnedRecord
from zhike.access.rights import rights_of
from zhike.access.scoped import Scoped
from zhike.kernel.errors import Denied, NotFound
from zhike.staff.models import User

M = TypeVar("M", bound=OwnedRecord)


def see(model: type[M], pk: Any, *, by: User) -> M:
    """The record, if the user may see it.

    Raises:
        NotFound: there is none, or the user may not know of it.
    """
    found = _of_key(model)(by, _key(pk))
    if not found:
        raise _not_found()
    return found[0]  # type: ignore[no-any-return]


def take(model: type[M], pk: Any, *, by: User, to: str) -> M:
    """The record, locked for the rest of the transaction, if the user may do ``to`` to it.

    Args:
        to: the full permission code.

    Raises:
        NotFound: the user may not see it.
        Denied: he sees it and may not do this.
    """
    found = _of_key_locked(model)(by, _key(pk), permission=to)
    if found:
        return found[0]  # type: ignore[no-any-return]
    see(model, pk, by=by)
    raise Denied(_("You may see this record but not do this to it."))


def take_all(model: type[M], keys: Sequence[uuid.UUID], *, by: User, to: str) -> dict[uuid.UUID, M]:
    """Those of many records that the user may do ``to`` to, locked in the order of their keys."""
    rows = model.objects.filter(pk__any_of=list(keys)).visible_to(by, to)
    return {row.pk: row for row in rows.order_by("pk").select_for_update(of=("self",))}


@cache
def _of_key(model: type[OwnedRecord]) -> Scoped:
    return Scoped(model, lambda rows, key: rows.filter(pk=key))


@cache
def _of_key_locked(model: type[OwnedRecord]) -> Scoped:
    return Scoped(model, lambda rows, key: rows.filter(pk=key).select_for_update(of=("self",)))


def _key(pk: Any) -> uuid.UUID:
    """Raises:
    NotFound: it is no key.
    """
    try:
        return pk if isinstance(pk, uuid.UUID) else uuid.UUID(str(pk))
    except ValueError:
        raise _not_found() from None


def _not_found() -> NotFound:
    return NotFound(_("Not found: it does not exist, or you may not see it."))


def allowed(rows: Sequence[OwnedRecord], user: User, permission: str) -> set[uuid.UUID]:
    """Keys of those rows at hand, all of one type, that the user may do this to.

    At most one query, and that only about rows outside his reach, which may be shared with him.
    """
    reach = rights_of(user).reach(permission)
    mine = {row.pk for row in rows if reach.covers(row)}
    others = [row.pk for row in rows if row.pk not in mine]
    if others and not reach.nothing:
        shared = type(rows[0]).objects.filter(pk__in=others).visible_to(user, permission)
        mine |= set(shared.values_list("pk", flat=True))
    return mine


def require(user: User, permission: str) -> None:
    """Stop unless the permission is granted at all.

    Raises:
        Denied: it is not.
    """
    if not rights_of(user).may(permission):
        raise Denied(_("You do not have the right to do this."))

"""Fetch a record to change it: allowed and locked, or not found."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from zhike.access.models.owned import OwnedRecord
from zhike.access.rights import rights_of
from zhike.kernel.errors import Denied, NotFound
from zhike.staff.models import User

M = TypeVar("M", bound=OwnedRecord)


def see(model: type[M], pk: Any, *, by: User) -> M:
    """The record, if the user may see it.

    Raises:
        NotFound: there is none, or the user may not know of it.
    """
    found = model.objects.visible_to(by).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    return found  # type: ignore[no-any-return]


def take(model: type[M], pk: Any, *, by: User, to: str) -> M:
    """The record, locked for the rest of the transaction, if the user may do ``to`` to it.

    Args:
        to: the full permission code.

    Raises:
        NotFound: the user may not see it.
        Denied: he sees it and may not do this.
    """
    found = model.objects.visible_to(by, to).filter(pk=pk).select_for_update(of=("self",)).first()
    if found is not None:
        return found  # type: ignore[no-any-return]
    see(model, pk, by=by)
    raise Denied(_("You may see this record but not do this to it."))


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

"""Querysets within a user's scope that are compiled once for each kind of scope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from zhike.access.models.owned import OwnedQuerySet, OwnedRecord
from zhike.access.rights import rights_of
from zhike.kernel.prepared import Prepared
from zhike.staff.models import User

# everything, with departments, with companies, for writing
Shape = tuple[bool, bool, bool, bool]


class Scoped:
    """``Scoped(Task, lambda rows, key: rows.filter(customer_id=key))(user, customer.pk)``: a list of rows.

    The rows given to the function are those the user may see (or do ``permission`` to): the scope is that of
    `OwnedQuerySet.visible_to`. For what every page asks; see `kernel.prepared` for what the values may be.
    """

    def __init__(self, model: type[OwnedRecord], build: Callable[..., Any]) -> None:
        self.model, self.build = model, build
        self._of = cache(self._prepared)

    def __call__(self, user: User, *values: Any, permission: str | None = None) -> list[Any]:
        asked = self._asked(user, values, permission)
        return [] if asked is None else asked[0](*asked[1])

    def ahead(self, user: User, *values: Any) -> None:
        """Send the question that a later call with these values asks (`kernel.prepared.Prepared.ahead`)."""
        asked = self._asked(user, values, None)
        if asked is not None:
            asked[0].ahead(*asked[1])

    def _asked(self, user: User, values: Sequence[Any], permission: str | None) -> tuple[Prepared, list[Any]] | None:
        """The question of this user's scope, and its values; None: he sees nothing."""
        reach = rights_of(user).reach(permission or self.model.permission("view"))
        if reach.nothing:
            return None
        write = permission is not None and not permission.endswith(".view")
        if reach.everything:
            return self._of((True, False, False, write)), [*values]
        places = [list(keys) for keys in (reach.org_unit_ids, reach.company_ids) if keys]
        shape = (False, bool(reach.org_unit_ids), bool(reach.company_ids), write)
        return self._of(shape), [reach.user_id, *places, *values]

    def _prepared(self, shape: Shape) -> Prepared:
        return Prepared(partial(self._built, shape))

    def _built(self, shape: Shape, *slots: Any) -> Any:
        everything, with_units, with_companies, write = shape
        rows: OwnedQuerySet = self.model.objects.all()
        if everything:
            return self.build(rows, *slots)
        user_id, *rest = slots
        units = rest.pop(0) if with_units else None
        companies = rest.pop(0) if with_companies else None
        return self.build(rows.within_places(user_id, units, companies, write=write), *rest)

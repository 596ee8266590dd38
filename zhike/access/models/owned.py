"""Records that belong to somebody: company, department and owner on the row, rows only through a scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from zhike.kernel import prepared as _any_of  # noqa: F401 - the look-up by list
from zhike.kernel.models import BaseModel

if TYPE_CHECKING:
    from zhike.access.rights import Reach
    from zhike.staff.models import User


class OwnedQuerySet(models.QuerySet[Any]):
    """Named questions every owned record answers."""

    def visible_to(self, user: User, permission: str | None = None) -> Self:
        """The rows a user may see (or do ``permission`` to). The one place where rows are scoped.

        List, record, search, export, API and report all come through here.
        """
        from zhike.access.rights import rights_of

        reach = rights_of(user).reach(permission or self.model.permission("view"))
        return self.within(reach, write=permission is not None and not permission.endswith(".view"))

    def within(self, reach: Reach, *, write: bool = False) -> Self:
        """The rows of a reach. ``write``: shared rows count only if shared for writing."""
        if reach.everything:
            return self
        if reach.nothing:
            return self.none()
        units, companies = list(reach.org_unit_ids) or None, list(reach.company_ids) or None
        return self.within_places(reach.user_id, units, companies, write=write)

    def within_places(self, user_id: Any, units: Any, companies: Any, *, write: bool, by_index: bool = True) -> Self:
        """The user's own rows, those of units and companies (lists of keys; None: of none), and the shared ones.

        ``by_index`` False: looked at in each row that other conditions leave, never the way to the rows.
        """
        # A list compares by `= ANY`: one plan for one or three hundred departments.
        condition = Q(owner_id=user_id)
        if units is not None:
            condition |= Q(org_unit_id__any_of=units)
        if companies is not None:
            condition |= Q(company_id__any_of=companies)
        shared = self.model.shared_with(user_id, write=write)
        if shared is not None:
            condition |= Q(pk__in=shared)
        return self.filter(condition) if by_index else self.filter(Seen(condition))


class Seen(Func):
    """A condition that no index answers."""

    template = "(%(expressions)s) IS TRUE"
    output_field = models.BooleanField()


class OwnedRecord(BaseModel):
    """Base of customers, contacts, opportunities, tasks …

    ``permission_noun`` (``customers.customer``) names the permissions of the type.
    """

    permission_noun = ""

    company = models.ForeignKey(
        "staff.OrgUnit", models.PROTECT, related_name="+", editable=False, verbose_name=_("Company")
    )
    org_unit = models.ForeignKey(
        "staff.OrgUnit", models.PROTECT, related_name="+", editable=False, verbose_name=_("Department")
    )
    owner = models.ForeignKey(
        "staff.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Owner")
    )
    trashed_at = models.DateTimeField(_("Deleted at"), null=True, editable=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def permission(cls, verb: str) -> str:
        """The full code of a permission of this type: ``customers.customer.change``."""
        return f"{cls.permission_noun}.{verb}"

    @classmethod
    def shared_with(cls, user_id: Any, *, write: bool) -> models.QuerySet[Any] | None:
        """Keys of rows shared with the user beside his scope; None where the type knows no sharing."""
        return None

    def belongs_to(self, owner: User) -> None:
        """Set owner, department and company together: they never disagree."""
        self.owner = owner
        self.org_unit_id = owner.org_unit_id
        self.company_id = owner.company_id or owner.org_unit_id


def owned_models() -> list[type[OwnedRecord]]:
    """Every type of record that belongs to somebody."""
    return [model for model in apps.get_models() if issubclass(model, OwnedRecord)]

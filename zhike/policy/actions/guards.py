"""What the verbs ask before they change anything."""

from __future__ import annotations

from django.utils.translation import gettext as _

from zhike.kernel.clock import now
from zhike.kernel.errors import Conflict, Denied, NotFound, Refused
from zhike.kernel.models import BaseModel
from zhike.policy.models import PolicyDocument, PolicyVersion
from zhike.staff.models import OrgUnit, User

WRITE, APPROVE, PUBLISH = "policy.document.write", "policy.document.approve", "policy.document.publish"


def may(by: User | None, document: PolicyDocument, permission: str) -> None:
    """Stop unless the person may do this to the document. The system may.

    Raises:
        NotFound: he may not see it.
        Denied: he sees it and may not do this.
    """
    if by is None or PolicyDocument.objects.within(by, permission).filter(pk=document.pk).exists():
        return
    if not PolicyDocument.objects.visible_to(by).filter(pk=document.pk).exists():
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    raise Denied(_("You may see this document but not do this to it."))


def may_rule(by: User | None, where: OrgUnit) -> None:
    """Stop unless the person may write policies for this department.

    Raises:
        Denied: his right does not reach so far.
    """
    from zhike.access.rights import rights_of

    if by is None:
        return
    reach = rights_of(by).reach(WRITE)
    if reach.everything or where.pk in reach.org_unit_ids or where.company_id in reach.company_ids:
        return
    raise Denied(_("You may not write policies for “%s”.") % where)


def editable(version: PolicyVersion, by: User | None) -> PolicyVersion:
    """The draft, locked for the rest of the transaction, if the person may edit it.

    Raises:
        Refused: it is published or in review.
    """
    row = PolicyVersion.objects.select_for_update(of=("self",)).select_related("document").get(pk=version.pk)
    may(by, row.document, WRITE)
    if row.is_published:
        raise Refused(_("A published version is never changed. Begin a revision, and publish that."), code="published")
    if not row.is_editable:
        raise Refused(_("The draft is in review. Take it back to draft first."), code="in_review")
    PolicyVersion.objects.filter(pk=row.pk).update(version=row.version + 1, updated_at=now())
    return row


def unchanged(row: BaseModel, expected: int | None) -> None:
    """Stop if somebody else was first.

    Raises:
        Conflict: the row changed since ``expected``.
    """
    if expected is not None and row.version != expected:
        raise Conflict(_("Somebody else has changed this draft meanwhile. Reload it and look at the change."))

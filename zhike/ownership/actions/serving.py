"""Serving the customer of an absent colleague (R3.29): asked, accepted, recorded; whose he is does not change."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.customers.actions.sharing import share
from zhike.customers.models import Collaborator, Customer
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import NotFound, Refused
from zhike.notices.actions import notify
from zhike.notices.models import Notice
from zhike.ownership.models import ProxyService
from zhike.records.verbs import check
from zhike.staff.models import User


@action("ownership.customer.ask_proxy", needs="customers.customer.share")
def ask_proxy(
    customer: Customer, *, by: User, event: EventDraft, proxy: User, until: datetime | None = None, note: str = ""
) -> ProxyService:
    """Ask a colleague to serve the customer while the owner is away; he may write for as long.

    Raises:
        Refused: nobody owns the customer, or the colleague has left or is the owner.
    """
    if customer.owner is None:
        raise Refused(_("This customer belongs to nobody."), code="no_owner")
    if until is not None and until <= now():
        raise Refused(_("Some fields are not right."), fields={"until": _("This moment is past.")})
    row = ProxyService(customer=customer, holder=customer.owner, proxy=proxy, until=until, note=note.strip()[:500])
    check(row)
    row.save()
    share(customer, by=by, user=proxy, permission=Collaborator.Permission.WRITE, expires_at=until)
    event.data |= {"proxy": proxy.name}
    notify(
        [proxy], gettext_lazy("Please serve “%(customer)s” for %(holder)s."),
        {"customer": str(customer), "holder": customer.owner.name}, link=f"/customers/{customer.pk}/",
        kind=Notice.Kind.TASK, by=by,
    )  # fmt: skip
    return row


@action("ownership.proxy.answer", needs=None)
def answer_proxy(service: ProxyService, *, by: User, accepted: bool, note: str = "") -> ProxyService:
    """The colleague accepts, or says why not.

    Raises:
        NotFound: it was asked of somebody else.
        Refused: a refusal without a reason.
    """
    if service.proxy_id != by.pk:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    if not accepted and not note.strip():
        raise Refused(_("Say why not: serving for a colleague is a duty."), fields={"note": _("A reason is needed.")})
    service.accepted = accepted
    service.note = note.strip()[:500] or service.note
    service.save()
    return service

"""Serving the customer of an absent colleague (R3.29): asked, accepted, recorded; whose he is does not change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.customers.actions.sharing import share, unshare
from zhike.customers.models import Collaborator, Customer
from zhike.history.action import EventDraft, action
from zhike.kernel.clock import now
from zhike.kernel.errors import NotFound, Refused
from zhike.notices.actions import notify
from zhike.notices.models import Notice
from zhike.ownership import terms
from zhike.ownership.actions import violations
from zhike.ownership.clauses.params import Reception
from zhike.ownership.clauses.reception import ReceptionKind, fact_of
from zhike.ownership.models import ProxyService, Violation
from zhike.policy import decisions
from zhike.records.naming import naming
from zhike.records.verbs import check
from zhike.staff.models import User

if TYPE_CHECKING:
    from zhike.policy.models import Decision


@action("ownership.customer.ask_proxy", needs="customers.customer.share")
def ask_proxy(
    customer: Customer, *, by: User, event: EventDraft, proxy: User, until: datetime | None = None, note: str = ""
) -> ProxyService:
    """Ask a colleague to serve the customer while the owner is away; he may write for as long.

    Without an end it lasts as long as the clause says.

    Raises:
        Refused: nobody owns the customer, or the colleague has left or is the owner, or was asked already.
    """
    if customer.owner is None:
        raise Refused(_("This customer belongs to nobody."), code="no_owner")
    if until is not None and until <= now():
        raise Refused(_("Some fields are not right."), fields={"until": _("This moment is past.")})
    running = ProxyService.objects.filter(customer=customer, proxy=proxy).exclude(accepted=False)
    if running.exclude(until__lte=now()).exists():
        raise Refused(_("%s was asked already.") % proxy.name, code="asked")
    days = terms.terms(Reception, customer.org_unit_id).days
    until = until or (now() + timedelta(days=days) if days else None)
    row = ProxyService(customer=customer, holder=customer.owner, proxy=proxy, until=until, note=note.strip()[:500])
    check(row)
    row.save()
    share(customer, by=by, user=proxy, permission=Collaborator.Permission.WRITE, expires_at=until)
    event.data |= {"proxy": proxy.name}
    notify(
        [proxy], gettext_lazy("Please serve “%(customer)s” for %(holder)s."),
        {"customer": naming(customer), "holder": customer.owner.name}, link="/my-customers/services/",
        kind=Notice.Kind.TASK, by=by,
    )  # fmt: skip
    return row


@action("ownership.proxy.answer", needs=None)
def answer_proxy(service: ProxyService, *, by: User, accepted: bool, note: str = "") -> ProxyService:
    """The colleague accepts, or says why not. The clause decides what a refusal means; it is kept.

    Raises:
        NotFound: it was asked of somebody else.
        Refused: a refusal without a reason, or answered already.
    """
    if service.proxy_id != by.pk:
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    if service.accepted is not None:
        raise Refused(_("You have answered already."), code="answered")
    if not accepted and not note.strip():
        raise Refused(_("Say why not: serving for a colleague is a duty."), fields={"note": _("A reason is needed.")})
    service.accepted = accepted
    service.note = note.strip()[:500] or service.note
    service.save()
    decision = decisions.record(ReceptionKind, fact_of(service, now()), occasion=str(service.pk))
    if not accepted:
        _refused(service, decision)
    notify(
        [service.holder],
        gettext_lazy("%(proxy)s serves “%(customer)s” for you.") if accepted
        else gettext_lazy("%(proxy)s does not serve “%(customer)s” for you: %(note)s"),
        {"proxy": service.proxy.name, "customer": naming(service.customer), "note": service.note},
        link=f"/customers/{service.customer_id}/", by=by,
    )  # fmt: skip
    return service


def _refused(service: ProxyService, decision: Decision | None) -> None:
    unshare(service.customer, by=None, user=service.proxy)
    if decision is not None and decision.data.get("duty"):
        violations.create(
            by=None, kind=Violation.Kind.SERVICE_REFUSED, owner=service.proxy, customer=service.customer,
            decision_id=decision.pk, description=service.note or "—",
        )  # fmt: skip


@action("ownership.proxy.end", needs=None)
def end_service(service: ProxyService, *, by: User) -> ProxyService:
    """The owner is back: the colleague's service, and what he may write, end now.

    Raises:
        NotFound: somebody else's.
        Refused: it is over.
    """
    if by.pk not in (service.holder_id, service.proxy_id):
        raise NotFound(_("Not found: it does not exist, or you may not see it."))
    if service.accepted is False or (service.until is not None and service.until <= now()):
        raise Refused(_("It is over already."), code="over")
    service.until = now()
    service.save()
    unshare(service.customer, by=None, user=service.proxy)
    return service


def give_up(found: Sequence[Decision]) -> None:
    """Whoever did not answer in time has refused: by the nightly run, in its transaction."""
    by_key = {one.facts["service"]: one for one in found}
    rows = ProxyService.objects.filter(pk__in=list(by_key), accepted=None).select_related("customer", "proxy", "holder")
    for service in rows:
        service.accepted = False
        service.save()
        unshare(service.customer, by=None, user=service.proxy)
        decision = by_key[str(service.pk)]
        violations.create(
            by=None, kind=Violation.Kind.SERVICE_SILENT, owner=service.proxy, customer=service.customer,
            decision_id=decision.pk, description=str(_("No answer to the request of %s.") % service.holder.name),
        )  # fmt: skip
        notify(
            [service.holder], gettext_lazy("%(proxy)s has not answered about “%(customer)s”; ask somebody else."),
            {"proxy": service.proxy.name, "customer": naming(service.customer)},
            link=f"/customers/{service.customer_id}/",
        )  # fmt: skip

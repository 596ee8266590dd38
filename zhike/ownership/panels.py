"""What ownership shows on the pages of customers, deposits and registrations, and how its events are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from zhike.access.rights import rights_of
from zhike.customers.models import Customer
from zhike.kernel.clock import now
from zhike.ownership.actions.registering import Standing, standing_of
from zhike.ownership.models import (
    AttributionDecision,
    AttributionSplit,
    ClashCase,
    CustomerLock,
    Deposit,
    Extension,
    OwnershipRecord,
    PoolStay,
    ProxyService,
    Registration,
    Violation,
)
from zhike.ownership.pages.common import by
from zhike.ownership.standing import Left, left_of
from zhike.records.panels import Panel, register_panel
from zhike.records.stories import Story, register_story
from zhike.records.timeline import say
from zhike.web.jinja import render_to_string

SHOWN = 5


def _draw(request: HttpRequest, template: str, panel: Any) -> Markup:
    return Markup(render_to_string(request, template, {"panel": panel}))  # noqa: S704 - our own template


@dataclass
class CustomerPanel:
    """What `ownership/customer_panel.html` gets."""

    customer: Customer
    standing: Standing
    left: Left | None
    stay: PoolStay | None
    lock: CustomerLock | None
    extension: Extension | None
    clash: ClashCase | None
    ledger: list[OwnershipRecord]
    attributions: list[AttributionDecision]
    is_mine: bool
    may_unlock: bool
    may_extend: bool
    may_register: bool
    may_clash: bool
    may_decide: bool
    services: list[ProxyService]
    may_ask: bool


def customer_panel(request: HttpRequest, row: Customer) -> str:
    """Who holds the customer, until when, and who did before."""
    user, rights = by(request), rights_of(by(request))
    serving = row.proxy_services.exclude(accepted=False).exclude(until__lte=now())
    asked = row.extensions.filter(state=Extension.State.REQUESTED).select_related("requested_by")
    panel = CustomerPanel(
        row, standing_of(row), left_of([row.pk]).get(row.pk),
        PoolStay.objects.open().filter(customer=row).select_related("pool").first(),
        CustomerLock.objects.in_force(now()).filter(customer=row).first(), asked.first(),
        ClashCase.objects.running().visible_to(user).filter(customer=row).first(),
        list(row.ownerships.select_related("owner").order_by("-since")[:SHOWN]),
        list(row.attributions.order_by("-decided_at")[:SHOWN]), row.owner_id == user.pk,
        rights.may("ownership.customer.unlock"),
        rights.may("ownership.customer.extend"), rights.may("ownership.registration.create"),
        rights.may("ownership.clash.create"), rights.may("ownership.attribution.decide"),
        list(serving.select_related("proxy", "holder")[:SHOWN]),
        row.owner_id is not None and rights.may("customers.customer.share"),
    )  # fmt: skip
    return _draw(request, "ownership/customer_panel.html", panel)


def deposit_panel(request: HttpRequest, row: Deposit) -> str:
    """What finance does next, and whose the deal is."""
    decision = AttributionDecision.objects.filter(subject_id=row.pk).order_by("-decided_at").first()
    splits = AttributionSplit.objects.filter(decision=decision).select_related("user") if decision else ()
    panel = {
        "deposit": row,
        "decision": decision,
        "splits": list(splits),
        "may_confirm": rights_of(by(request)).may("ownership.deposit.confirm"),
    }
    return _draw(request, "ownership/deposit_panel.html", panel)


def registration_panel(request: HttpRequest, row: Registration) -> str:
    """What can be done with a registration, and who holds the customer today."""
    rights = rights_of(by(request))
    panel = {
        "registration": row,
        "may_change": rights.may("ownership.registration.change"),
        "may_rule": rights.may("ownership.registration.rule"),
    }
    return _draw(request, "ownership/registration_panel.html", panel)


def violation_panel(request: HttpRequest, row: Violation) -> str:
    """Cancel it; see the decision it comes from."""
    panel = {
        "violation": row,
        "may_cancel": row.state == Violation.State.RECORDED
        and row.owner_id != by(request).pk
        and rights_of(by(request)).may("ownership.violation.change"),
    }
    return _draw(request, "ownership/violation_panel.html", panel)


register_panel(
    Panel("customers", "ownership", _("Ownership"), render=customer_panel, lazy=True, position=25, icon="user-check")
)
register_panel(Panel("deposits", "money", _("What next"), render=deposit_panel, position=10, icon="coins"))
register_panel(Panel("registrations", "right", _("What next"), render=registration_panel, position=10))
register_panel(Panel("violations", "next", _("What next"), render=violation_panel, position=10))
register_story(Story("ownership", _("Ownership"), ("ownership.",), "user-check", position=40))

for action, words in {
    "ownership.customer.pick": _("claimed the customer from the pool"),
    "ownership.customer.assign": _("assigned the customer from the pool"),
    "ownership.customer.return": _("gave the customer back to the pool"),
    "ownership.customer.reclaim": _("released the customer into the pool by the policy"),
    "ownership.customer.handover": _("handed the customer over"),
    "ownership.customer.next": _("gave the customer to the next in the queue"),
    "ownership.customer.register": _("gave the customer to whoever registered it"),
    "ownership.customer.award": _("gave the customer to whom it was awarded"),
    "ownership.customer.lock": _("locked the customer"),
    "ownership.customer.unlock": _("unlocked the customer"),
    "ownership.customer.ask_extension": _("asked for an extension"),
    "ownership.customer.extend": _("decided about an extension"),
    "ownership.customer.appeal": _("appealed about the customer"),
    "ownership.customer.ask_proxy": _("asked a colleague to serve the customer"),
    "ownership.appeal.decide": _("decided the appeal"),
    "ownership.appeal.withdraw": _("took the appeal back"),
    "ownership.attribution.decide": _("decided whose the deal is"),
    "ownership.registration.register": _("registered the customer:"),
    "ownership.registration.cancel": _("cancelled the registration"),
    "ownership.registration.void": _("declared the registration void:"),
    "ownership.registration.extend": _("prolonged the registration"),
    "ownership.registration.renew": _("registered the customer again:"),
    "ownership.registration.approve": _("approved the filing:"),
    "ownership.registration.reject": _("rejected the filing:"),
    "ownership.proxy.answer": _("answered the request to serve"),
    "ownership.proxy.end": _("ended the service on behalf"),
    "ownership.violation.create": _("recorded a violation:"),
    "ownership.violation.update": _("corrected the violation"),
    "ownership.violation.cancel": _("cancelled the violation"),
    "ownership.referral.register": _("registered a referral:"),
    "ownership.deposit.create": _("entered a deposit:"),
    "ownership.deposit.confirm": _("confirmed that the deposit arrived:"),
    "ownership.deposit.settle": _("settled the deposit:"),
    "ownership.clash.create": _("raised a clash:"),
    "ownership.clash.add_evidence": _("brought evidence in the clash"),
    "ownership.clash.rule": _("ruled the clash:"),
    "ownership.clash.appeal": _("appealed in the clash:"),
    "ownership.clash.withdraw": _("took the clash back:"),
    "ownership.clash.finish": _("the ruling became final:"),
}.items():
    say(action, words)

"""The clash board and the page of one case: facts, evidence, ruling, appeal."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.access.rights import rights_of
from zhike.access.take import require, see
from zhike.kernel.clock import now
from zhike.ownership.actions import clashes as actions
from zhike.ownership.actions.attributing import preview
from zhike.ownership.models import ClashCase, ClashEvidence, ClashParty, OwnershipRecord, Registration
from zhike.ownership.pages.common import by, customer_of, decimal, dialog, people, person
from zhike.ownership.saying import Told, tell_steps
from zhike.web import pages

State = ClashCase.State
COLUMNS = ((State.EVIDENCE, "blue"), (State.RULED, "amber"), (State.APPEALED, "red"), (State.FINAL, "green"))
SHOWN = 100


@dataclass
class BoardPage:
    """What `ownership/clash_board.html` gets."""

    columns: list[tuple[str, Any, str, list[ClashCase]]]
    may_raise: bool
    now: Any


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Every case that the person sees, by where it stands."""
    user = by(request)
    require(user, "ownership.clash.view")
    rows = ClashCase.objects.visible_to(user).kept().select_related("customer", "owner").defer("search_tokens")
    columns = []
    for state, colour in COLUMNS:
        order = "-final_at" if state == State.FINAL else "due_at"
        columns.append((state.value, state.label, colour, list(rows.filter(state=state).order_by(order)[:SHOWN])))
    page = BoardPage(columns, rights_of(user).may("ownership.clash.create"), now())
    return pages.render(request, "ownership/clash_board.html", page)


@dataclass
class CasePage:
    """What `ownership/clash.html` gets: the case, the ledger of facts, and what may be done."""

    clash: ClashCase
    parties: list[ClashParty]
    evidence: list[ClashEvidence]
    registrations: list[Registration]
    ledger: list[OwnershipRecord]
    told: list[Told]
    kinds: list[tuple[str, Any]]
    results: list[tuple[str, Any]]
    criteria: list[tuple[str, Any]]
    may_bring: bool
    may_rule: bool
    may_appeal: bool
    may_withdraw: bool


@require_safe
def case(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One case with everything that speaks for either side."""
    user = by(request)
    row = see(ClashCase, pk, by=user)
    parties = list(row.parties.select_related("user__org_unit"))
    is_party = user.pk in {party.user_id for party in parties}
    customer = row.customer
    _case, _rules, decided = preview(customer)
    permission = "ownership.clash.rule_appeal" if row.state == State.APPEALED else "ownership.clash.rule"
    rules = ClashCase.objects.visible_to(user, permission).filter(pk=pk).exists()
    collecting = row.state in (State.OPEN, State.EVIDENCE, State.APPEALED)
    page = CasePage(
        row, parties, list(row.evidence.select_related("by")),
        list(Registration.objects.over([customer.pk]).select_related("owner").defer("search_tokens").order_by("registered_at")),
        list(customer.ownerships.select_related("owner").order_by("since")), tell_steps(decided.steps),
        [choice for choice in ClashEvidence.Kind.choices if choice[0] != "SYSTEM"], list(ClashCase.Result.choices),
        list(ClashCase.Criterion.choices), collecting and (is_party or rules),
        rules and collecting and (not is_party or rights_of(user).is_administrator),
        is_party and row.state == State.RULED and (row.due_at is None or row.due_at > now()),
        row.owner_id == user.pk and row.state in (State.OPEN, State.EVIDENCE),
    )  # fmt: skip
    return pages.render(request, "ownership/clash.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def raise_(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Raise a clash about a customer."""
    user = by(request)
    customer = customer_of(request, pk)
    if request.method != "POST":
        context = {"customer": customer, "types": list(ClashCase.Type.choices), "people": people()}
        return dialog(request, "ownership/clash_dialog.html", context)
    other = person(request, "party", needed=False)
    row = actions.create(
        by=user, customer=customer, parties=[other] if other else [], subject=request.POST.get("subject", ""),
        type=request.POST.get("type", ""), description=request.POST.get("description", ""),
        claim=request.POST.get("description", ""),
    )  # fmt: skip
    return pages.go(request, "ownership:clash", row.pk, toast=_("The clash is raised."))


@require_POST
def step(request: HttpRequest, pk: uuid.UUID, what: str) -> HttpResponse:
    """Evidence, ruling, appeal, withdrawal."""
    user, given = by(request), request.POST
    row = see(ClashCase, pk, by=user)
    if what == "evidence":
        actions.add_evidence(row, by=user, kind=given.get("kind", ""), text=given.get("text", ""))
    elif what == "ruling":
        products = {one.user_id: given.get(f"product-{one.user_id}", "") for one in row.parties.all()}
        actions.rule(
            row, by=user, result=given.get("result", ""), shares=_shares(request, row),
            criterion=given.get("criterion", ""), ruling=given.get("ruling", ""), products=products,
        )  # fmt: skip
    elif what == "appeal":
        actions.appeal(row, by=user, text=given.get("text", ""))
    else:
        actions.withdraw(row, by=user)
    return pages.go(request, "ownership:clash", pk, toast=_("Saved."))


def _shares(request: HttpRequest, row: ClashCase) -> dict[uuid.UUID, Decimal]:
    found = {}
    for party in row.parties.all():
        share = decimal(request.POST.get(f"share-{party.user_id}", ""), "shares")
        if share:
            found[party.user_id] = share
    return found

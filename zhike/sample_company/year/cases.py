"""What people decide: deposits and whose the deal was, families and referrals, clashes from opening to the last ruling.

By the verbs themselves, each at its moment; a few dozen, however large the company is.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from zhike.customers.models import Customer, FamilyRelation
from zhike.kernel import work_calendar
from zhike.ownership.actions import attributing, clashes, deposits
from zhike.ownership.models import Deposit, Referral, Registration
from zhike.sample_company.moment import at
from zhike.staff.models import OrgUnit, User

DEPOSITS, FAMILIES, FILED = 24, 3, 5
DESK_TYPES = ("WALK_IN", "CALL_IN", "REFERRAL", "PRIVATE_SIGNED")
# What became of the clashes: state, type, result, reason.
CLASHES = (
    ("FINAL", "DUPLICATE_CUSTOMER", "AWARD_ONE", "REGISTRATION"),
    ("FINAL", "SAME_PROJECT", "JOINT", "CUSTOMER_CHOICE"),
    ("APPEALED_FINAL", "REFERRAL_DISPUTE", "AWARD_ONE", "FIRST_CONTACT"),
    ("APPEALED", "DUPLICATE_CUSTOMER", "AWARD_ONE", "REGISTRATION"),
    ("RULED", "SAME_PROJECT", "AWARD_ONE", "FIRST_CONTACT"),
    ("EVIDENCE", "DUPLICATE_CUSTOMER", "", ""),
)
WORDS = {
    "DUPLICATE_CUSTOMER": ("同一客户由两人先后接待", "我方先登记并持续跟进，对方在登记期内接待。"),
    "SAME_PROJECT": ("同一采购项目重复报备", "我方已提交技术方案并完成现场勘察，对方报备在后。"),
    "REFERRAL_DISPUTE": ("老客户介绍归属不一致", "新客户由我的老客户亲自带来，首访即在场。"),
}
RULINGS = {
    "REGISTRATION": "经查登记表，登记在先且确认权有效，客户归登记人。",
    "CUSTOMER_CHOICE": "客户书面确认两人均参与，按六四分成。",
    "FIRST_CONTACT": "双方登记均已失效，以最早的有效跟进为准。",
}


def build(rng: random.Random, now: datetime) -> None:
    """In the order in which the moments lie does not matter: each stands for itself."""
    finance = User.objects.get(username="finance")
    bought = _bought(rng, DESK_TYPES, finance.company_id)
    for place, one in enumerate(bought[:DEPOSITS]):
        _deposit(rng, place, one, finance, now)
    _families(rng, bought, now)
    for one in _bought(rng, ("PROJECT", "DISTRIBUTOR"), None)[:FILED]:
        assert one.ended_at is not None  # noqa: S101 - converted
        with at(one.ended_at + timedelta(hours=2)):
            attributing.decide(
                one.customer, by=None, at=one.ended_at, receiver=one.owner, note="合同签订，确认业绩归属。"
            )
    for place, case in enumerate(CLASHES):
        _clash(rng, place, case, now)


def _bought(rng: random.Random, types: tuple[str, ...], company: Any) -> list[Registration]:
    """Registrations that became a deal, the newest first."""
    rows = Registration.objects.filter(status="CONVERTED", type__in=types, customer__owner__isnull=False)
    rows = rows.filter(company_id=company) if company else rows
    found = rows.select_related("customer__owner__org_unit", "owner__org_unit").defer(
        "search_tokens", "customer__search_tokens"
    )
    return list(found.order_by("-ended_at", "pk")[: 4 * DEPOSITS])


# Deposits ----------------------------------------------------------------------------------------------------------
def _deposit(rng: random.Random, place: int, one: Registration, finance: User, now: datetime) -> None:
    """Paid on the day of the deal; now and then received by a colleague, now and then given back."""
    paid = one.ended_at or now
    assert one.owner is not None  # noqa: S101 - registered by somebody
    colleague = _colleague(one.owner, rng) if place % 5 == 3 else one.owner
    kind = "ADVANCE" if place % 9 == 8 else "EARNEST"
    unit = f"{rng.randrange(1, 9)}-{rng.randrange(1, 4)}-{rng.randrange(2, 27)}{rng.randrange(1, 5):02d}"
    with at(paid):
        row: Deposit = deposits.create(
            by=None, customer=one.customer, owner=colleague, kind=kind, amount=Decimal(rng.choice((20000, 50000, 100000))),
            contract_amount=Decimal(rng.randrange(900, 4200) * 1000), unit_code=unit, receipt_no=f"SJ{paid:%y%m}{place:04d}",
        )  # fmt: skip
    if now - paid < timedelta(days=2):
        return  # finance has not seen it yet
    with at(paid + timedelta(hours=3)):
        row = deposits.confirm(
            row, by=finance, arrived_at=paid + timedelta(minutes=20), serial=f"ICBC{paid:%Y%m%d}{place:05d}"
        )
    ended = paid + timedelta(days=rng.randrange(12, 40))
    if ended < now - timedelta(days=1):
        how = ("FORFEITED", "客户放弃购买，定金不退。") if place % 8 == 5 else ("REFUNDED", "贷款未获批，协商退定。")
        with at(ended):
            if place % 8 in (5, 6):
                deposits.settle(row, by=finance, status=how[0], note=how[1])
            else:
                deposits.settle(row, by=finance, status="APPLIED", note="转为购房款。")


def _colleague(user: User, rng: random.Random) -> User:
    """Another salesperson of the company; himself, where there is none."""
    rows = User.objects.active().filter(company_id=user.company_id, roles__code="sales_rep").exclude(pk=user.pk)
    found = list(rows.select_related("org_unit").order_by("pk").distinct()[:20])
    return rng.choice(found) if found else user


def _families(rng: random.Random, bought: list[Registration], now: datetime) -> None:
    """A husband or wife of a registered customer buys; an old customer brings a new one."""
    used = {one.customer_id for one in bought}
    rows = Customer.objects.kept().filter(kind="PERSON", owner__isnull=False, registrations=None)
    for place, one in enumerate(bought[DEPOSITS : DEPOSITS + 2 * FAMILIES] or bought[-2 * FAMILIES :]):
        moment = one.ended_at
        buyer = (
            rows.filter(company_id=one.company_id, created_at__lt=moment).exclude(pk__in=used).exclude(owner=one.owner)
            .select_related("owner__org_unit").order_by("-created_at", "pk").first()
        )  # fmt: skip
        if buyer is None or moment is None:
            return
        used.add(buyer.pk)
        with at(moment - timedelta(days=1)):
            if place % 2 == 0:
                FamilyRelation.objects.create(
                    person=one.customer,
                    relative=buyer,
                    relation=FamilyRelation.Relation.SPOUSE,
                    evidence="结婚证",
                    recorded_by=one.owner,
                )
            else:
                Referral.objects.create(
                    referrer=one.customer, name=buyer.name, customer=buyer, brought_at=moment - timedelta(days=1),
                    registered_with=one.registered_with,
                )  # fmt: skip
        with at(moment + timedelta(hours=5)):
            attributing.decide(
                buyer, by=None, at=moment - timedelta(minutes=5), receiver=buyer.owner, note="认购签约，判定归属。"
            )


# Clashes -----------------------------------------------------------------------------------------------------------
def _clash(rng: random.Random, place: int, case: tuple[str, str, str, str], now: datetime) -> None:
    state, kind, result, criterion = case
    customer = _disputed(place, kind)
    if customer is None or customer.owner is None:
        return
    owner, other = customer.owner, _colleague(customer.owner, rng)
    judge = User.objects.active().filter(company_id=customer.company_id, roles__code="sales_director").first()
    if other.pk == owner.pk or judge is None:
        return
    subject, claim = WORDS[kind]
    days = {"EVIDENCE": 1, "RULED": 3, "APPEALED": 6}.get(state, rng.randrange(40, 300))
    opened = now - timedelta(days=days, hours=rng.randrange(1, 6))
    with at(opened):
        row = clashes.create(by=None, customer=customer, parties=(other,), claim=claim, subject=f"{subject}：{customer.name}"[:200],
                             type=kind, description="双方均主张归属，提请裁定。")  # fmt: skip
    with at(opened + timedelta(hours=3)):
        clashes.add_evidence(row, by=owner, kind="SIGNED_SHEET", text="客户签字的来访登记单与洽谈记录表。")
    with at(opened + timedelta(hours=6)):
        clashes.add_evidence(row, by=other, kind="CALL_OR_CHAT", text="企业微信聊天记录，客户确认由我接待。")
    if state == "EVIDENCE":
        return
    shares = {owner.pk: Decimal(60), other.pk: Decimal(40)} if result == "JOINT" else {owner.pk: Decimal(100)}
    told = {"result": result, "shares": shares, "criterion": criterion, "ruling": RULINGS[criterion]}
    with at(opened + timedelta(days=1, hours=20)):
        row = clashes.rule(row, by=judge, **told)
    if state == "RULED":
        return
    if state.startswith("APPEALED"):
        with at(opened + timedelta(days=2, hours=20)):
            row = clashes.appeal(row, by=other, text="我方首访时间早于对方登记，请复核来访记录。")
        if state == "APPEALED_FINAL":
            with at(opened + timedelta(days=5)):
                clashes.rule(row, by=User.objects.get(username="exec"), **told)
        return
    deadline = row.due_at or work_calendar.current().deadline(opened, 5)
    with at(min(deadline + timedelta(hours=9), now)):
        clashes.finish(row, by=None)


def _disputed(place: int, kind: str) -> Customer | None:
    """A customer who has bought, so that no clock of his is touched by the dispute."""
    company = OrgUnit.objects.filter(kind=OrgUnit.Kind.COMPANY).order_by("position")[1 if kind != "SAME_PROJECT" else 0]
    rows = Customer.objects.kept().filter(
        company=company, owner__isnull=False, clashes=None, first_deal_at__isnull=False
    )
    return rows.select_related("owner__org_unit").order_by("-last_contact_at", "pk")[place : place + 1].first()

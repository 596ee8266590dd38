"""The sums of won deals are those of the deals, whatever is done to the deals and by whom."""

from __future__ import annotations

import datetime
import random
import threading
from collections import defaultdict
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhike.access.rights import Reach, rights_of
from zhike.sales.actions.closing import reopen
from zhike.sales.actions.opportunity import take_over
from zhike.sales.actions.won_sums import fold, rebuild, wrong
from zhike.sales.models import Opportunity, WonSum
from zhike.sales.pages.columns import choices, reach_of, units_of
from zhike.sales.tests.conftest import build_world, fresh

DAYS = [datetime.date(2025, 12, 31), datetime.date(2026, 1, 1), datetime.date(2026, 1, 31), datetime.date(2026, 7, 5)]
VALUES = [None, Decimal(0), Decimal("0.01"), Decimal("1234.56"), Decimal("9999999999999999.99")]
CURRENCIES = ["CNY", "USD"]


def rows(world, number: int, rng: random.Random) -> list[Opportunity]:
    """Unsaved opportunities in any state."""
    made = []
    for _ in range(number):
        state = rng.choice(["OPEN", "WON", "WON", "LOST"])
        row = Opportunity(
            name="单", pipeline=world.pipeline, stage=world.stage["CONTACT"], state=state,
            currency=rng.choice(CURRENCIES), closed_on=None if state == "OPEN" else rng.choice(DAYS),
            closed_value=None if state == "OPEN" else rng.choice(VALUES),
            trashed_at=timezone.now() if rng.random() < 0.2 else None,
        )  # fmt: skip
        row.belongs_to(rng.choice(people(world)))
        if rng.random() < 0.1:
            row.owner = None
        made.append(row)
    return made


def people(world):
    return [world.rep, world.colleague, world.stranger, world.manager, world.director]


def some(rng):
    keys = list(Opportunity.objects.order_by("number").values_list("pk", flat=True))
    return Opportunity.objects.filter(pk__in=rng.sample(keys, min(len(keys), rng.randint(0, 6))))


def step(name: str, world, rng: random.Random) -> None:
    """One change, as verbs, imports, bulk work, undo or SQL by hand make it."""
    match name:
        case "insert":
            rows(world, 1, rng)[0].save()
        case "import":
            Opportunity.objects.bulk_create(rows(world, rng.randint(1, 8), rng))
        case "close":
            some(rng).update(state="WON", closed_on=rng.choice(DAYS), closed_value=rng.choice(VALUES))
        case "reopen":
            some(rng).update(state="OPEN", closed_on=None, closed_value=None)
        case "give":
            to = rng.choice(people(world))
            some(rng).update(owner=to, org_unit_id=to.org_unit_id, company_id=to.company_id)
        case "trash":
            some(rng).update(trashed_at=timezone.now())
        case "restore":
            some(rng).update(trashed_at=None)
        case "correct":
            changed = list(some(rng))
            for row in changed:
                row.currency = rng.choice(CURRENCIES)
                if row.state != "OPEN":
                    row.closed_on, row.closed_value = rng.choice(DAYS), rng.choice(VALUES)
            Opportunity.objects.bulk_update(changed, ["currency", "closed_on", "closed_value"])
        case "delete":
            Opportunity.objects.filter(pk__in=[row.pk for row in some(rng)])._raw_delete("default")
        case "nothing":
            Opportunity.objects.update(note="x")
        case "rolled back":
            with transaction.atomic():
                rows(world, 1, rng)[0].save()
                some(rng).update(state="WON", closed_on=DAYS[0], closed_value=VALUES[3])
                transaction.set_rollback(True)
        case "fold":
            fold()
        case "rebuild":
            rebuild()


STEPS = (
    "insert", "import", "close", "reopen", "give", "trash", "restore", "correct", "delete", "nothing", "rolled back",
    "fold", "rebuild",
)  # fmt: skip


def summed(visible, currency: str, year: int):
    """What the report must say, by adding up the rows one by one."""
    found = defaultdict(lambda: [0, Decimal(0)])
    for row in visible.won().filter(closed_on__year=year):
        month = row.closed_on.replace(day=1)
        for key in {(None, month, row.currency), (row.owner_id, month, row.currency)}:
            if key[0] is None or row.currency == currency:
                found[key][0] += 1
                found[key][1] += row.closed_value or 0
    return {key: tuple(value) for key, value in found.items()}


def reported(reach: Reach, currency: str, year: int, units=(), most=50):
    found = WonSum.objects.by_month_and_owner(reach, units=list(units), year=year, currency=currency, most=most)
    return {(owner, month, of): (n, value) for owner, month, of, n, value in found}


@pytest.mark.django_db
class TestTheSums:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=st.lists(st.sampled_from(STEPS), min_size=6, max_size=12), seed=st.integers(0, 10**6))
    def test_they_are_those_of_the_rows_after_any_changes(self, world, steps, seed):
        rng = random.Random(seed)
        with transaction.atomic():
            Opportunity.objects.bulk_create(rows(world, 8, rng))
            for name in steps:
                step(name, world, rng)
                assert wrong() == 0, name
            for user in map(fresh, people(world)):
                reach = rights_of(user).reach("sales.opportunity.view")
                visible = Opportunity.objects.visible_to(user)
                assert reported(reach, "CNY", 2026) == summed(visible, "CNY", 2026)
                for whose in choices(user):
                    units = units_of(whose)
                    narrow = reach_of(user, whose, units)
                    of = visible.within(narrow).filter(**({"org_unit__in": units} if units else {}))
                    assert reported(narrow, "USD", 2025, units) == summed(of, "USD", 2025)
            transaction.set_rollback(True)

    def test_verbs(self, world):
        for value in (100, 250):
            take_over(by=world.rep, name="单", stage=world.stage["WON"], closed_on=DAYS[3], closed_value=Decimal(value))
        deal = Opportunity.objects.get(closed_value=250)
        everybody = Reach(everything=True, user_id=world.admin.pk)
        july = (None, datetime.date(2026, 7, 1), "CNY")
        assert reported(everybody, "CNY", 2026)[july] == (2, 350)
        reopen(deal, by=world.manager, reason="客户改了主意")
        assert reported(everybody, "CNY", 2026)[july] == (1, 100)
        assert wrong() == 0

    def test_folding_leaves_one_part_of_each_sum(self, world):
        rng = random.Random(3)
        for _ in range(5):
            Opportunity.objects.bulk_create(rows(world, 30, rng))
        fold()
        keys = list(WonSum.objects.values_list("level", "period", "owner_id", "org_unit_id", "currency"))
        assert len(keys) == len(set(keys)) > 0
        assert fold() == 0
        assert wrong() == 0

    def test_the_greatest_owners(self, world):
        Opportunity.objects.bulk_create(rows(world, 60, random.Random(7)))
        everybody = Reach(everything=True, user_id=world.admin.pk)
        every = reported(everybody, "CNY", 2026)
        by_owner: dict = defaultdict(Decimal)
        for (owner, _month, _currency), (_n, value) in every.items():
            by_owner[owner] += value
        del by_owner[None]
        best = sorted(by_owner, key=lambda owner: (-by_owner[owner], owner))[:2]
        two = reported(everybody, "CNY", 2026, most=2)
        assert {owner for owner, _month, _currency in two} == {None, *best}
        assert {key: two[key] for key in two if key[0] is None} == {key: every[key] for key in every if key[0] is None}

    def test_what_went_past_the_triggers_is_found_and_mended(self, world):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with pending checks cannot be altered
            cursor.execute("ALTER TABLE sales_opportunity DISABLE TRIGGER USER")
            Opportunity.objects.bulk_create(rows(world, 20, random.Random(1)))
            cursor.execute("ALTER TABLE sales_opportunity ENABLE TRIGGER USER")
        assert wrong() > 0
        rebuild()
        assert wrong() == 0


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_writers_folding_and_rebuilding_never_disagree(self):
        world = build_world()
        Opportunity.objects.bulk_create(rows(world, 40, random.Random(0)))
        errors, seen, done = [], [], threading.Event()
        changes = ("insert", "import", "close", "reopen", "give", "trash", "restore", "delete", "rolled back")

        def write(seed: int) -> None:
            rng = random.Random(seed)
            try:
                for _ in range(25):
                    with transaction.atomic():
                        # Rows in the order of their keys: the deals themselves are locked without a deadlock.
                        list(Opportunity.objects.order_by("pk").select_for_update().values_list("pk"))
                        step(rng.choice(changes), world, rng)
                        step(rng.choice(("insert", "import")), world, rng)
            except Exception as error:  # noqa: BLE001 - told below
                errors.append(error)
            finally:
                connection.close()

        def keep(what) -> None:
            try:
                while not done.is_set():
                    what()
                    seen.append(wrong())
            except Exception as error:  # noqa: BLE001 - told below
                errors.append(error)
            finally:
                connection.close()

        writers = [threading.Thread(target=write, args=(seed,)) for seed in range(3)]
        keepers = [threading.Thread(target=keep, args=(what,)) for what in (fold, rebuild)]
        for thread in (*writers, *keepers):
            thread.start()
        for thread in writers:
            thread.join(60)
        done.set()
        for thread in keepers:
            thread.join(60)
        assert errors == []
        assert len(seen) > 2 and set(seen) == {0}
        assert wrong() == 0

    def test_winning_one_deal_waits_for_nobody(self):
        """Two deals of one owner are won in transactions that overlap: neither holds the other's sum."""
        world = build_world()
        deals = [take_over(by=world.rep, name=name, stage=world.stage["REQUIREMENT"]) for name in "甲乙"]
        for deal in deals:
            Opportunity.objects.filter(pk=deal.pk).update(customer=world.customer)
        failed: list[BaseException] = []

        def other() -> None:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SET lock_timeout = '3s'")
                Opportunity.objects.filter(pk=deals[1].pk).update(state="WON", closed_on=DAYS[3], closed_value=7)
            except Exception as error:  # noqa: BLE001 - told below
                failed.append(error)
            finally:
                connection.close()

        with transaction.atomic():
            Opportunity.objects.filter(pk=deals[0].pk).update(state="WON", closed_on=DAYS[3], closed_value=5)
            thread = threading.Thread(target=other)
            thread.start()
            thread.join(20)
        assert failed == []
        july = (world.rep.pk, datetime.date(2026, 7, 1), "CNY")
        assert reported(Reach(everything=True, user_id=None), "CNY", 2026)[july] == (2, 12)

    def test_emptied(self):
        world = build_world()
        Opportunity.objects.bulk_create(rows(world, 20, random.Random(2)))
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE sales_opportunity CASCADE")
        assert not WonSum.objects.exists()

"""Walking a list page by page gives the full order: forwards, backwards, in every scope, for every kind of column."""

from __future__ import annotations

import random
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from zhike.records.description import Description
from zhike.records.kinds import Kind
from zhike.records.listing import Listing
from zhike.records.tests.gadgets import Gadget
from zhike.records.tests.world import World
from zhike.search import common
from zhike.search.query import to_tsquery

pytestmark = pytest.mark.django_db

COLUMNS = ("name", "stage", "amount", "units", "due", "seen_at", "hot", "owner", "note", "created_at", "parent",
           "custom.text", "custom.number", "custom.day", "custom.yes", "custom.who", "id")  # fmt: skip


MORNING = datetime(2026, 1, 1, 8, tzinfo=UTC)


@pytest.fixture
def full(world: World) -> World:
    chance = random.Random(7)
    for key, kind in (("text", Kind.TEXT), ("number", Kind.DECIMAL), ("day", Kind.DATE), ("yes", Kind.BOOLEAN),
                      ("who", Kind.USER)):  # fmt: skip
        world.custom(key, kind)
    owners = [world.rep, world.colleague, world.manager, world.server, world.director, world.southerner]
    parents = [world.gadget(world.boss, name=f"上{n}") for n in range(3)]
    for number in range(90):
        custom = {
            "text": chance.choice(["", "b", "a", "ä", '"quoted"', "1", "中"]),
            "number": chance.choice([1, 2.5, -3, 1000000]),
            "day": f"2026-0{chance.randrange(1, 9)}-01",
            "yes": chance.random() < 0.5,
            "who": str(chance.choice(owners).pk),
        }
        row = world.gadget(
            chance.choice(owners),
            name=chance.choice(["张三", "李四", "abc", "Abc", "%_'\\", "華為"]) + str(chance.randrange(4)),
            stage=chance.choice(["NEW", "OPEN", "DONE"]),
            amount=chance.choice([None, Decimal(1), Decimal("2.50"), Decimal(10) ** 11]),
            units=chance.choice([None, 0, 5, 2147483647]),
            due=chance.choice([None, date(2026, 1, 1), date(2025, 5, 5)]),
            seen_at=chance.choice([None, MORNING, MORNING + timedelta(microseconds=1)]),
            hot=chance.random() < 0.5,
            note=chance.choice(["", "x"]),
            parent=chance.choice([None, *parents]),
            custom={key: value for key, value in custom.items() if chance.random() < 0.7},
        )
        Gadget.objects.filter(pk=row.pk).update(created_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(number % 5))
    return world


def walk(listing: Listing, size: int) -> list[Any]:
    rows, cursor = [], None
    while True:
        page = listing.page(cursor, size)
        rows += [row.pk for row in page.rows]
        cursor = page.next_cursor
        assert len(rows) < 1000, "the pages go round in a circle"
        if cursor is None:
            return rows


def walk_back(listing: Listing, size: int) -> list[Any]:
    page = listing.page(None, size)
    for _ in range(1000):
        if not page.next_cursor:
            break
        page = listing.page(page.next_cursor, size)
    rows = [row.pk for row in page.rows]
    while page.previous_cursor:
        assert len(rows) < 1000, "the pages go round in a circle"
        page = listing.page(page.previous_cursor, size)
        rows = [row.pk for row in page.rows] + rows
    return rows


@pytest.mark.parametrize("column", COLUMNS)
def test_pages_are_the_whole_order(full: World, of: Description, column: str) -> None:
    for user in (full.boss, full.rep, full.supervisor, full.manager, full.director, full.southerner, full.stranger):
        for sort in (column, f"-{column}"):
            listing = Listing(of, user, sort=sort)
            expected = set(listing.queryset().values_list("pk", flat=True))
            whole = walk(listing, 1000)
            assert len(whole) == len(expected) and set(whole) == expected
            assert walk(listing, 7) == whole, (sort, user)
            assert walk_back(listing, 7) == whole, (sort, user)


@pytest.mark.parametrize("column", COLUMNS)
def test_the_lateral_form_and_the_plain_form_agree(full: World, of: Description, column: str) -> None:
    """The searched form is the plain one; asked to search for what everything has, both list the same."""
    for user in (full.rep, full.manager, full.director):
        for sort in (column, f"-{column}"):
            lateral = Listing(of, user, sort=sort)
            plain = Listing(of, user, sort=sort)
            plain.few = True
            assert walk(lateral, 7) == walk(plain, 7) == walk(lateral, 1000)


def test_the_order_is_that_of_the_values(full: World, of: Description) -> None:
    rows = Listing(of, full.boss, sort="amount").page(None, 1000).rows
    amounts = [row.amount for row in rows if row.amount is not None]
    assert amounts == sorted(amounts)
    assert all(row.amount is None for row in rows[len(amounts) :])
    falling = [row.amount for row in Listing(of, full.boss, sort="-amount").page(None, 1000).rows]
    assert [one for one in falling if one is not None] == sorted(amounts, reverse=True)
    assert falling[: len(amounts)] == [one for one in falling if one is not None]


def test_rows_of_others_are_not_listed(full: World, of: Description) -> None:
    assert {row.owner_id for row in Listing(of, full.rep).each()} == {full.rep.pk}
    assert not list(Listing(of, full.stranger).each())
    assert {row.company_id for row in Listing(of, full.director).each()} == {full.north.pk}


def test_a_page_that_shrinks_while_one_turns_leaf_loses_nothing(full: World, of: Description) -> None:
    listing = Listing(of, full.boss, sort="name")
    first = listing.page(None, 10)
    Gadget.objects.filter(pk=first.rows[-1].pk).delete()
    after = listing.page(first.next_cursor, 1000).rows
    assert len(first.rows) + len(after) == 93


@pytest.mark.parametrize("text", ["张三", "abc", "張三 1", "没有"])
def test_whether_a_word_is_taken_for_rare_or_common_changes_nothing(
    full: World, of: Description, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in (full.rep, full.manager, full.director, full.boss):
        listed = []
        for most in (-1, 10**9):
            monkeypatch.setattr(common, "FEW", most)
            monkeypatch.setattr(common, "_counted", {})
            listing = Listing(of, user, text=text, sort="-amount")
            assert listing.few == (most > 0)
            expected = set(listing.queryset().values_list("pk", flat=True))
            listed.append(walk(listing, 7))
            assert set(listed[-1]) == expected and walk_back(listing, 7) == listed[-1]
            assert listing.count().number == len(expected)
        assert listed[0] == listed[1]


def test_a_word_is_counted_where_the_statistics_do_not_know_it(full: World, of: Description) -> None:
    common._known.clear()
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Gadget._meta.db_table}")
        assert common._statistics(Gadget._meta.db_table).rows == Gadget.objects.count()
        assert common.share_of(Gadget._meta.db_table, "'n张三'") > 0.1
    common._known[Gadget._meta.db_table, "search_tokens"] = common._Statistics(time.monotonic(), {}, common._UNKNOWN)
    assert common.few(Gadget, to_tsquery("张三"))
    assert common._count(Gadget._meta.db_table, "'n张三'") == Gadget.objects.filter(name__startswith="张三").count()
    common._known.clear()


def test_a_common_word_is_found_by_walking_the_list(full: World, of: Description, monkeypatch: Any) -> None:
    found = {}
    for often in (False, True):
        monkeypatch.setattr("zhike.records.listing.few", lambda *_: False)
        monkeypatch.setattr("zhike.records.listing.often", lambda *_, often=often: often)
        for user in full.everybody:
            listing = Listing(of, user, text="张三", sort="due")
            assert ("ts_match_vq" in str(listing._all().query)) is often
            found[user.pk, often] = ([row.pk for row in listing.page(size=4).rows], listing.count())
    assert all(found[user.pk, False] == found[user.pk, True] for user in full.everybody)
    assert any(rows for rows, _count in found.values())


def test_a_common_tag_is_found_by_walking_the_list(full: World, of: Description) -> None:
    Gadget.objects.filter(pk__in=list(Gadget.objects.values_list("pk", flat=True))[::3]).update(tags=["甲", "乙"])
    known = {True: common._Statistics(time.monotonic(), {"甲": 0.3, "丙": 0.001}, 1e6)}
    known[False] = common._Statistics(time.monotonic(), {"甲": 0.3}, 1e3)
    found: dict[Any, list[Any]] = {}
    for often, statistics in known.items():
        common._known[Gadget._meta.db_table, "tags"] = statistics
        for op in ("has_any", "has_all", "has_none"):
            for user in full.everybody:
                listing = Listing(of, user, tree={"field": "tags", "op": op, "value": ["甲"]}, sort="due")
                walked = often and op != "has_none" and not listing.reach.everything
                assert ("IS TRUE" in str(listing._all().query)) is walked
                rows = [row.pk for row in listing.page(size=5).rows]
                found.setdefault((user.pk, op), []).append((rows, listing.count()))
    assert all(one == other for one, other in found.values()) and any(one[0] for one, _other in found.values())
    common._known[Gadget._meta.db_table, "tags"] = known[True]
    assert not common.many_have(Gadget, "tags", ["丙", "丁"])
    common._known.clear()


def test_only_a_single_word_is_common() -> None:
    table = Gadget._meta.db_table
    common._known[table, "search_tokens"] = common._Statistics(
        time.monotonic(), {"n张三": 0.02, "n三丰": 0.5, "n李四": 0.001}, 1e6
    )
    often = {text: common.often(Gadget, to_tsquery(text)) for text in ("张三", "张三丰", "李四", "没有")}
    assert often == {"张三": True, "张三丰": False, "李四": False, "没有": False}
    common._known[table, "search_tokens"] = common._Statistics(time.monotonic(), {"n张三": 0.02}, 1e5)
    assert not common.often(Gadget, to_tsquery("张三"))  # the word index has it soon
    common._known.clear()


@pytest.mark.parametrize("text", ["", "张三", "zs", "没有"])
def test_the_number_that_comes_with_a_page_is_that_of_the_list(full: World, of: Description, text: str) -> None:
    for user in full.everybody:
        listing = Listing(of, user, text=text, sort="due")
        page = listing.page(size=4, counted=True)
        assert page.count == listing.count()
        assert page.count.number == listing.queryset().count()
        if page.next_cursor:
            assert listing.page(page.next_cursor, 4, counted=True).count == page.count

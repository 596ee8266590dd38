"""Duplicate check: what stops, what asks for a reason, what is told to whom."""

from __future__ import annotations

import pytest

from zhike.customers.actions import customers, duplicates
from zhike.customers.models import Customer
from zhike.customers.rules.duplicates import Level, compare, keys_of
from zhike.history.models import Event
from zhike.kernel.errors import Refused

CODE = "91110000600037341L"


def keys(name, **values):
    return keys_of(name, person=values.pop("person", False), **values)


@pytest.mark.parametrize(
    ("new", "old", "level", "reason"),
    [
        (keys("甲公司", uscc=CODE), keys("乙公司", uscc=CODE), Level.HARD, "uscc"),
        (
            keys("张三", person=True, match_keys=["t:+8613800138000"]),
            keys("张 三", person=True, match_keys=["t:+8613800138000"]),
            Level.HARD,
            "phone_and_name",
        ),
        (
            keys("张三", person=True, match_keys=["t:+8613800138000"]),
            keys("李四", person=True, match_keys=["t:+8613800138000"]),
            Level.STRONG,
            "phone",
        ),
        (keys("京东(北京)公司"), keys("京东（北京） 公司"), Level.STRONG, "name"),
        (keys("甲", match_keys=["m:a@b.cn"]), keys("乙", match_keys=["m:a@b.cn"]), Level.STRONG, "email"),
        (keys("深圳市腾讯计算机系统有限公司"), keys("腾讯计算机系统公司"), Level.WEAK, "similar_name"),
        (keys("甲公司", website="https://www.zk.cn/a"), keys("乙公司", website="zk.cn"), Level.WEAK, "website"),
    ],
)
def test_levels(new, old, level, reason):
    match = compare(new, old)
    assert match is not None and (match.level, match.reasons[0]) == (level, reason)
    assert compare(old, new) == match


@pytest.mark.parametrize(
    ("new", "old"),
    [
        # A branch has a credit code of its own and often the parent's name.
        (keys("甲公司", uscc=CODE), keys("甲公司", uscc="91350100M000100Y43")),
        (keys("腾讯计算机系统", region_code="440305"), keys("腾讯计算机系统公司", region_code="310115")),
        (keys("甲公司", website="https://qq.com"), keys("乙公司", website="qq.com")),
    ],
)
def test_no_match(new, old):
    assert compare(new, old) is None


def test_hard_stops_and_strong_asks_for_a_reason(li):
    customers.create(by=li, name="甲某某公司", uscc=CODE)
    with pytest.raises(Refused) as hard:
        customers.create(by=li, name="乙某某公司", uscc=CODE, duplicate_reason="真的")
    assert hard.value.code == "duplicate" and hard.value.data["duplicates"][0]["name"] == "甲某某公司"
    with pytest.raises(Refused) as strong:
        customers.create(by=li, name="甲某某 公司")
    assert strong.value.code == "likely_duplicate" and "duplicate_reason" in strong.value.fields
    assert customers.create(by=li, name="甲某某 公司", duplicate_reason="另一家").duplicate_reason == "另一家"
    with pytest.raises(Refused):
        customers.update(customers.create(by=li, name="丙某某公司"), by=li, uscc=CODE)


def test_a_contacts_phone_counts(li):
    customers.create(by=li, name="甲某某公司", contacts=[{"name": "张三", "phones": ["13800138000"]}])
    with pytest.raises(Refused) as strong:
        customers.create(by=li, name="乙乙乙公司", phones=["138 0013 8000"])
    assert strong.value.code == "likely_duplicate"
    with pytest.raises(Refused) as hard:
        customers.create(by=li, kind="PERSON", name="张三", phones=["13800138000"])
    assert hard.value.code == "duplicate"


def test_what_one_may_not_see_is_only_told_to_exist(li, wang, house):
    hidden = customers.create(by=wang, name="甲某某公司", phones=["13800138000"])
    by_name = duplicates.check(by=li, values={"name": "甲某某公司"})[0]
    assert (by_name.customer_id, by_name.name, by_name.holder) == (None, "甲某某公司", "W***")
    by_phone = duplicates.check(by=li, values={"name": "", "phones": ["13800138000"]})[0]
    assert (by_phone.customer_id, by_phone.name) == (None, "")
    far = house.user("far", "sales_rep", house.far)
    assert duplicates.check(by=far, values={"name": "甲某某公司"})[0].holder == "华东公司"
    assert duplicates.check(by=wang, values={"name": "甲某某公司"})[0].customer_id == hidden.pk
    assert Event.objects.filter(action="customers.duplicate.hidden").count() == 3


def test_fishing_ends(li, wang, monkeypatch):
    monkeypatch.setattr(duplicates, "_limits", [lambda by: 2])
    customers.create(by=wang, name="甲某某公司")
    for _n in range(2):
        duplicates.check(by=li, values={"name": "甲某某公司"})
    with pytest.raises(Refused):
        duplicates.check(by=li, values={"name": "甲某某公司"})


def test_trashed_ones_do_not_count(li, chief):
    customers.trash(customers.create(by=li, name="甲某某公司"), by=chief)
    assert customers.create(by=li, name="甲某某公司") and Customer.objects.count() == 2

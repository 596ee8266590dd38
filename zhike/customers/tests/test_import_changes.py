"""Updates and merges by the set: the very changes, events and refusals of the verb, row by row."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from zhike.customers.actions import customers as verbs
from zhike.customers.actions.contacts import create_contact
from zhike.customers.actions.customers import create
from zhike.customers.imports import ContactImporter, CustomerImporter
from zhike.customers.models import Contact, Customer
from zhike.customers.tests.test_import_same_as_verb import AWKWARD, HEAD, state_of
from zhike.history.models import Event
from zhike.kernel.errors import DomainError
from zhike.records import jobs
from zhike.records.importing import actions
from zhike.records.importing.importer import Importer
from zhike.records.models import CustomField, ImportBatch
from zhike.staff.models import User

pytestmark = pytest.mark.django_db


def bring(by: User, head: list[str], rows: list[list[str]], *, kind: str = "customers", way: str) -> ImportBatch:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([head, *rows])
    file = io.BytesIO(out.getvalue().encode())
    batch = actions.upload(by=by, record_type=kind, file=file, file_name="a.csv", background=False)
    jobs.read_import(str(batch.pk))
    batch.refresh_from_db()
    actions.choose_columns(batch, by=by, targets=head, on_duplicate=way)
    batch.refresh_from_db()
    actions.start(batch, by=by, background=False)
    jobs.run_import(str(batch.pk))
    batch.refresh_from_db()
    return batch


def kept(batch: ImportBatch) -> list[Any]:
    """What became of each row, of its record and of the people there, and what was told of them."""
    found: list[Any] = []
    for row in batch.rows.filter(number__gt=1).order_by("number"):
        told = Event.objects.filter(thread_id=row.record_id, data__import=str(batch.pk)).order_by("id")
        events = [
            (event.action, event.actor_id, event.via, event.subject_label, event.data | {"import": ""})
            for event in told
        ]
        contacts = Contact.objects.filter(customer_id=row.record_id).order_by("name")
        model = Customer if batch.record_type == "customers" else Contact
        records = [state_of(one) for one in (*model.objects.filter(pk=row.record_id), *contacts)]
        found.append((row.number, row.state, row.problems, row.before, len(row.made or ()), records, events))
    return found


def both_ways(monkeypatch: pytest.MonkeyPatch, run: Any) -> tuple[list[Any], int]:
    """What becomes of a file by the set and by the verb alone, which must be the same; how many verbs the set took."""
    plain, asked = verbs.update, Counter[str]()

    def counted(*args: Any, **kwargs: Any) -> Any:
        asked["update"] += 1
        return plain(*args, **kwargs)

    for name in ("action_name", "needs"):
        setattr(counted, name, getattr(plain, name))
    found = []
    for by_the_set in (True, False):
        with transaction.atomic(), monkeypatch.context() as patch:
            if not by_the_set:
                for importer in (CustomerImporter, ContactImporter):
                    patch.setattr(importer, "by_the_set", False)
                    patch.setattr(importer, "update_all", one_by_one)
            else:
                patch.setattr("zhike.customers.records.Customers.update", staticmethod(counted))
            found.append(kept(run()))
            transaction.set_rollback(True)
    for by_set, by_verb in zip(*found, strict=True):
        assert by_set == by_verb
    return found[0], asked["update"]


def one_by_one(self: Importer, changes: list[Any], by: User) -> None:
    """As it was before there were sets."""
    for draft, row, values in changes:
        self.update(draft, row, {k: v for k, v in values.items() if k not in ("customer_no", "kind")}, by)


def awkward(head: list[str]) -> list[list[str]]:
    """One thing at a time changed on a customer that is found by its number."""
    rows = []
    for target, values in AWKWARD.items():
        for value in values if target in head else ():
            row = {"customer_no": f"N{len(rows)}", "name": f"改过的公司{len(rows)}号", target: value}
            rows.append([row.get(one, "") for one in head])
    return rows


@pytest.mark.parametrize("way", ["update", "merge"])
def test_a_change_is_the_one_that_the_verb_makes(chief: User, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    head = ["customer_no", *(name for name in HEAD if "." not in name and name != "kind")]
    rows = awkward(head)
    there = [[f"N{n}", f"原来的公司{n}号", f"139{n:08}", "旧的备注" if n % 2 else "", "老"] for n in range(len(rows))]
    there_head = ["customer_no", "name", "phones", "remark", "tags"]
    assert bring(chief, there_head, there, way="refuse").counts == {"created": len(rows)}
    found, asked = both_ways(monkeypatch, lambda: bring(chief, head, rows, way=way))
    states = Counter(state for _number, state, *_rest in found)
    assert states["UPDATED"] > 50 and states["REFUSED"] > 20
    assert asked < 20, "most of them need no verb of their own"


def test_persons_and_their_phones(chief: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same person with the same mobile is one customer: in the base, at a company, and within the file."""
    for number, (name, phone) in enumerate([("张三", "1"), ("李四", "2"), ("王五", "3"), ("赵六", "4")]):
        create(by=chief, name=name, kind="PERSON", phones=[f"1380013800{phone}"])
        Customer.objects.filter(name=name).update(customer_no=f"P{number}")
    create(by=chief, name="有联系人的有限公司", contacts=[{"name": "王五", "phones": ["13800138009"]}])
    head = ["customer_no", "name", "kind", "phones", "remark"]
    rows = [
        ["P0", "张三", "PERSON", "13800138001", "同一个号码"],
        ["P1", "张三", "PERSON", "13800138001", "成了张三"],
        ["P2", "王五", "PERSON", "13800138009", "公司里的王五"],
        ["P3", "赵六", "PERSON", "13800138010", "换了号码"],
    ]
    found, _asked = both_ways(monkeypatch, lambda: bring(chief, head, rows, way="update"))
    assert [state for _number, state, *_rest in found].count("UPDATED") >= 2


def test_what_moves_other_rows_takes_its_verb(chief: User, li: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        create(by=chief, name=f"变动{number}号有限公司", uscc="913201000000000280" if number == 5 else "")
        Customer.objects.filter(name=f"变动{number}号有限公司").update(customer_no=f"B{number}")
    head = ["customer_no", "name", "owner", "parent", "status", "region_code", "uscc", "contact.name"]
    rows = [
        ["B0", "变动0号有限公司", li.username, "", "", "", "", ""],
        ["B1", "变动1号有限公司", "", "变动2号有限公司", "", "", "", ""],
        ["B2", "变动2号有限公司", "", "", "ACTIVE", "", "", ""],  # no region: may not be active
        ["B3", "变动3号有限公司", "", "", "ACTIVE", "440305", "", "新来的"],
        ["B4", "变动4号有限公司", "", "", "", "", "913201000000000280", ""],  # somebody else's code
    ]
    found, _asked = both_ways(monkeypatch, lambda: bring(chief, head, rows, way="update"))
    assert [state for _number, state, *_rest in found] == ["UPDATED", "UPDATED", "REFUSED", "UPDATED", "REFUSED"]


def test_one_record_in_two_rows_grows_by_both(chief: User) -> None:
    create(by=chief, name="两次提到有限公司", phones=["13800138000"])
    rows = [["两次提到有限公司", "13800138001"], ["两次提到（有限公司）", "13800138002"]]
    batch = bring(chief, ["name", "phones"], rows, way="merge")
    assert batch.counts == {"updated": 2}
    found = Customer.objects.get()
    assert found.phones == ["+8613800138000", "+8613800138001", "+8613800138002"] and found.version == 3


def test_own_fields_are_merged(chief: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("a", "b"):
        CustomField.objects.create(record_type="customers", key=key, label=key, kind="TEXT")
    for number in range(3):
        create(by=chief, name=f"自定义{number}号有限公司", custom={"a": f"旧{number}"})
    rows = [[f"自定义{number}号有限公司", "新", f"值{number}"] for number in range(3)]
    for way in ("update", "merge"):
        found, asked = both_ways(
            monkeypatch, lambda way=way: bring(chief, ["name", "custom.a", "custom.b"], rows, way=way)
        )
        assert asked == 0 and {state for _number, state, *_rest in found} == {"UPDATED"}


def test_contacts(chief: User, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = create(by=chief, name="有人的有限公司", contacts=[{"name": f"张{n}号"} for n in range(4)])
    create_contact(by=chief, customer=customer, name="李四", phones=["13800138000"])
    head = ["customer", "name", "phones", "title", "influence", "birthday", "is_primary"]
    rows = [
        ["有人的有限公司", "张0号", "13900139000", "总经理", "5", "", ""],
        ["有人的有限公司", "张1号", "", "", "6", "", ""],
        ["有人的有限公司", "张2号", "12", "", "", "", ""],
        ["有人的有限公司", "张3号", "", "", "", "农历八月十五", ""],
        ["有人的有限公司", "李四", "13700137000", "", "", "", "是"],
    ]
    for way in ("update", "merge"):
        both_ways(monkeypatch, lambda way=way: bring(chief, head, rows, kind="contacts", way=way))


def test_who_may_only_see_it_changes_nothing(house: Any, chief: User, li: User) -> None:
    from zhike.access.models import Grant

    create(by=chief, name="别人的有限公司")
    create(by=li, name="自己的有限公司")
    Grant.objects.filter(role__in=li.roles.all(), permission="customers.customer.change").update(scope="SELF")
    batch = bring(li, ["name", "remark"], [["别人的有限公司", "改"], ["自己的有限公司", "改"]], way="update")
    assert set(Customer.objects.values_list("name", "remark")) == {("别人的有限公司", ""), ("自己的有限公司", "改")}
    assert batch.counts == {"refused": 1, "updated": 1}


def test_as_many_questions_for_many_as_for_few(chief: User) -> None:
    counts = []
    for many in (5, 20, 200):
        rows = [[f"数{many}第{n}号有限公司", f"137{many:04}{n:04}"] for n in range(many)]
        bring(chief, ["name", "phones"], rows, way="refuse")
        with CaptureQueriesContext(connection) as asked:
            batch = bring(chief, ["name", "remark"], [[name, "新的备注"] for name, _phone in rows], way="update")
        assert batch.counts == {"updated": many}
        counts.append(len(asked))
    assert counts[1] == counts[2]


def test_a_database_that_says_no_is_asked_row_by_row(chief: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody gave a number of the chunk to another customer after it was looked at."""
    for number in range(5):
        create(by=chief, name=f"并发{number}号有限公司")
        Customer.objects.filter(name=f"并发{number}号有限公司").update(customer_no=f"B{number}")
    rival = create(by=chief, name="抢先有限公司", uscc="913201000000000280")
    monkeypatch.setattr("zhike.customers.actions.overwriting._known_otherwise", lambda changes: set())
    rows = [[f"B{n}", f"并发{n}号有限公司", "913201000000000280" if n == 3 else ""] for n in range(5)]
    batch = bring(chief, ["customer_no", "name", "uscc"], rows, way="update")
    assert batch.counts == {"updated": 4, "refused": 1}
    assert [row.number for row in batch.rows.filter(state="REFUSED")] == [5]
    assert Customer.objects.get(uscc="913201000000000280") == rival
    with pytest.raises(DomainError):
        verbs.update(Customer.objects.get(name="并发3号有限公司"), by=chief, uscc="913201000000000280")

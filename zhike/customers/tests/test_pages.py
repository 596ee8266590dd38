"""Pages of customers: who sees what, what is masked, how many questions they ask of the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from zhike.access.models import FieldRight
from zhike.customers.actions import consents, customers, relations, sharing
from zhike.customers.models import ConsentRecord, Customer
from zhike.history.models import Event
from zhike.kernel.clock import now
from zhike.kernel.errors import Refused

PAGES = ("customer", "timeline", "people", "share", "transfer", "relation-new", "family-new", "consents", "consent-new")


def browser(user) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    return client


@pytest.fixture
def acme(li):
    return customers.create(
        by=li,
        name="知客机械有限公司",
        phones=["13800138000"],
        contacts=[{"name": "王建国", "phones": ["13900139000"], "influence": 5}, {"name": "李梅"}],
    )


@pytest.mark.parametrize("name", PAGES)
def test_another_department_finds_nothing(acme, wang, name):
    assert browser(wang).get(reverse(f"customers:{name}", args=[acme.pk])).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_the_manager_sees_every_page(acme, chief, name):
    assert browser(chief).get(reverse(f"customers:{name}", args=[acme.pk])).status_code == 200


def test_the_contact_of_another_department_is_not_found(acme, wang, li):
    address = reverse("customers:contact", args=[acme.contacts.first().pk])
    assert browser(wang).get(address).status_code == 404
    assert browser(li).get(address).status_code == 200


def test_a_reader_by_share_sees_no_verbs_and_may_do_none(acme, li, wang):
    sharing.share(acme, by=li, user=wang)
    client = browser(wang)
    page = client.get(reverse("customers:customer", args=[acme.pk])).content.decode()
    assert "知客机械" in page and "/edit/" not in page and "/transfer/" not in page
    assert client.post(reverse("customers:confirm", args=[acme.pk])).status_code == 403
    assert client.post(reverse("customers:transfer", args=[acme.pk]), {"to": wang.pk}).status_code == 403


def test_masked_phones_are_masked_everywhere_on_the_page(acme, li, house):
    role = house.role("sales_rep")
    for record_type in ("customers", "contacts"):
        FieldRight.objects.create(role=role, record_type=record_type, field="phones", right="MASKED")
    customers.update(acme, by=li, phones=["13700137000"])
    client = browser(li)
    addresses = [reverse("customers:customer", args=[acme.pk]), reverse("customers:people", args=[acme.pk])]
    addresses.append(reverse("customers:contact", args=[acme.contacts.get(is_primary=True).pk]))
    for address in addresses:
        page = client.get(address).content.decode()
        assert "13800138000" not in page and "13700137000" not in page and "13900139000" not in page
    assert "137****7000" in client.get(addresses[0]).content.decode()


@pytest.mark.parametrize("rows", [10, 100])
def test_as_many_queries_for_a_hundred_as_for_ten(acme, li, rows, django_assert_num_queries):
    for number in range(rows):
        Event.objects.create(
            action="customers.customer.update", actor=li, at=now() - timedelta(days=number),
            subject_type="customers.customer", subject_id=acme.pk, thread_id=acme.pk,
            data={"changes": {"short_name": [str(number), str(number + 1)]}},
        )  # fmt: skip
    for number in range(rows // 2):
        acme.contacts.create(
            name=f"联系{number}", company=acme.company, org_unit=acme.org_unit, owner=li, influence=number % 5 + 1
        )
    client = browser(li)
    address = reverse("customers:customer", args=[acme.pk])
    client.get(address)
    with django_assert_num_queries(QUERIES):
        assert client.get(address).status_code == 200


# Session with user and rights, the customer, team, timeline, contacts, and the panels of other modules.
QUERIES = 9


def test_the_timeline_goes_back_page_by_page_without_gap_or_repeat(acme, li):
    moment = now()
    for number in range(50):  # many at the same instant
        Event.objects.create(
            action="customers.customer.confirm", actor=li, at=moment - timedelta(minutes=number // 10),
            subject_type="customers.customer", subject_id=acme.pk, thread_id=acme.pk, data={},
        )  # fmt: skip
    from zhike.customers.pages.timeline import timeline_of

    seen, cursor = [], ""
    while True:
        page = timeline_of(acme, li, kind="customer", cursor=cursor)
        seen += [line.entry.event.pk for line in page.lines]
        cursor = page.earlier
        if not cursor:
            break
    expected = Event.objects.on_timeline_of(acme.pk).values_list("pk", flat=True)
    assert seen == list(expected)
    assert browser(li).get(reverse("customers:timeline", args=[acme.pk]), {"before": "x"}).status_code == 422


def test_a_hidden_parent_is_only_told_to_exist(acme, li, wang):
    hidden = customers.create(by=wang, name="隐藏的集团公司")
    relations.set_relation(acme, by=None, parent=hidden)
    page = browser(li).get(f"/customers/{acme.pk}/panel/relations/").content.decode()
    assert "隐藏的集团" not in page and str(hidden.pk) not in page


def test_consent_by_page(acme, li):
    client = browser(li)
    client.post(
        reverse("customers:consent-new", args=[acme.pk]),
        {"purpose": "MARKETING", "channel": "SMS", "method": "PAPER", "contact": str(acme.contacts.first().pk)},
    )
    row = ConsentRecord.objects.get()
    assert (row.status, row.operator, row.source_ip) == ("GRANTED", li, "127.0.0.1")
    client.post(reverse("customers:consent-withdraw", args=[acme.pk, row.pk]))
    assert [one.status for one in ConsentRecord.objects.current()] == ["WITHDRAWN"]
    other = customers.create(by=li, name="另一家公司")
    assert client.post(reverse("customers:consent-withdraw", args=[other.pk, row.pk])).status_code == 404
    with pytest.raises(Refused):
        consents.grant_consent(other, by=li, purpose="MARKETING", method="PAPER", contact=acme.contacts.first())


def test_typing_tells_duplicates_without_leaking(acme, li, wang):
    client = browser(wang)
    page = client.post(reverse("customers:check"), {"kind": "ENTERPRISE", "name": "知客机械有限公司"}).content.decode()
    assert "callout" in page and str(acme.pk) not in page and "138" not in page
    page = client.post(reverse("customers:check"), {"contact-phones": ["139 0013 9000"]}).content.decode()
    assert "callout" in page and "知客机械" not in page
    mine = browser(li).post(reverse("customers:check"), {"name": "知客机械有限公司"}).content.decode()
    assert str(acme.pk) in mine


def test_new_customer_with_its_first_contact(li):
    client = browser(li)
    assert client.get(reverse("customers:new")).status_code == 200
    sent = {"kind": "ENTERPRISE", "status": "PROSPECT", "name": "新客户有限公司", "owner": str(li.pk)}
    wrong = client.post(reverse("customers:new"), sent | {"contact-name": "张三", "contact-phones": ["12"]})
    assert wrong.status_code == 422 and not Customer.objects.exists()
    done = client.post(reverse("customers:new"), sent | {"contact-name": "张三", "contact-phones": ["13800138000"]})
    assert done.status_code == 303
    made = Customer.objects.get()
    assert made.contacts.get().phones == ["+8613800138000"] and made.contacts.get().is_primary


def test_regions_for_the_cascade(li):
    tree = browser(li).get(reverse("customers:regions")).json()
    assert len(tree) == 34 and tree[0][:2] == ["110000", "北京市"] and tree[0][2][0][:2] == ["110100", "北京市"]


def test_records_that_nobody_confirmed_for_a_year_stand_on_the_home_page(acme, li, wang):
    def shown(person):
        return acme.name in browser(person).get(reverse("web:home")).content.decode().partition('id="home-refresh"')[2]

    assert not shown(li)
    Customer.objects.filter(pk=acme.pk).update(confirmed_at=now() - timedelta(days=366))
    assert shown(li) and not shown(wang)
    browser(li).post(reverse("customers:confirm", args=[acme.pk]))
    assert not shown(li)


def test_nothing_alike_is_an_empty_answer(acme, li):
    """Strict templates stumble over a word that is not there."""
    answer = browser(li).post(reverse("customers:check"), {"kind": "ENTERPRISE", "name": "没有这样的玻璃有限公司"})
    assert answer.status_code == 200 and "callout" not in answer.content.decode()

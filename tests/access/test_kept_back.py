"""Fields and records that are kept from somebody are kept from him on the ways around the list and the page, too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from django.utils.translation import override

from tests.access.cast import Cast, gather
from tests.access.test_leaks import api, restrict, text
from zhike.access.models import Grant
from zhike.administration.actions.custom_fields import create_custom_field
from zhike.grading.actions.levels import NewLevel, set_levels
from zhike.grading.rules.schemes import ABC_GRADE
from zhike.history.models import Event
from zhike.kernel.clock import now
from zhike.notes.actions import add_comment
from zhike.ownership.actions.ledger import locked
from zhike.ownership.actions.pools import put
from zhike.records.registry import describe
from zhike.staff.models import Role

pytestmark = pytest.mark.django_db

OLD, NEW = "13900139000", "13911112222"


@pytest.fixture
def cast() -> Cast:
    return gather()


def box(cast: Cast, who: str, words: str) -> str:
    return text(cast.browsers[who].get("/search/", {"q": words})).replace("<mark>", "").replace("</mark>", "")


def test_the_history_by_the_api_tells_no_masked_field(cast: Cast) -> None:
    """An executive sees phones of contacts masked from the start."""
    contact, rep = cast.records["contacts"], cast.people["sales_rep"]
    describe("contacts").update(contact, by=rep, phones=[NEW], title="总工")
    told = api(cast.tokens["executive"], f"contacts/{contact.pk}/timeline")
    assert told.status_code == 200
    assert OLD not in text(told)
    assert NEW not in text(told)
    assert any(event["data"].get("changes", {}).get("title") == ["", "总工"] for event in told.json())
    assert NEW in text(api(cast.tokens["sales_rep"], f"contacts/{contact.pk}/timeline"))


def test_the_history_by_the_api_tells_no_hidden_own_field(cast: Cast) -> None:
    restrict("executive", "customers", "custom.own", "HIDDEN")
    customer = cast.records["customers"]
    describe("customers").update(customer, by=cast.people["admin"], custom={"own": "机密"}, remark="公开")
    told = text(api(cast.tokens["executive"], f"customers/{customer.pk}/timeline"))
    assert "\\u673a\\u5bc6" not in told
    assert "机密" not in told


def test_a_customers_timeline_tells_nothing_of_records_that_one_may_not_see(cast: Cast) -> None:
    """Marketing sees the customers of its company and no opportunities."""
    customer, opportunity = cast.records["customers"], cast.records["opportunities"]
    describe("opportunities").update(opportunity, by=cast.people["sales_rep"], amount=7654321)
    assert cast.browsers["marketing"].get(f"/opportunities/{opportunity.pk}/").status_code == 404
    for who, sees in (("marketing", False), ("sales_rep", True), ("admin", True)):
        shown = text(cast.browsers[who].get(f"/customers/{customer.pk}/"))
        shown += text(cast.browsers[who].get(f"/customers/{customer.pk}/story/"))
        assert ("7,654,321" in shown) is sees, who
        assert ("北极星一期" in shown) is sees, who


def test_the_log_dialog_names_no_contact_that_one_may_not_see(cast: Cast) -> None:
    customer, browser = cast.records["customers"], cast.browsers["sales_rep"]
    addresses = [
        f"/log/?customer={customer.pk}",
        f"/log/people/?customer={customer.pk}",
        f"/to-do/new/?customer={customer.pk}",
    ]
    assert all("周北辰" in text(browser.get(address)) for address in addresses)
    restrict("sales_rep", "contacts", "name", "MASKED")
    restrict("sales_rep", "interactions", "content", "HIDDEN")
    for address in addresses:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert "周北辰" not in text(answer), address
        assert "谈北极星报价" not in text(answer), address
    Grant.objects.filter(role__code="sales_rep", permission__startswith="customers.contact.").delete()
    for address in addresses:
        assert str(cast.records["contacts"].pk) not in text(browser.get(address)), address


def test_a_pool_shows_masked_fields_masked(cast: Cast) -> None:
    customer, pool = cast.records["customers"], cast.things["pool"]
    type(pool).objects.filter(pk=pool.pk).update(hidden_fields=[])
    with transaction.atomic():
        put(locked([customer]), {customer.pk: pool}, by=None, reason="NO_NEED", end_reason="RETURN")
    assert "13800138000" in text(cast.browsers["sales_rep"].get(f"/pools/{pool.pk}/"))
    restrict("sales_rep", "customers", "phones", "MASKED")
    shown = text(cast.browsers["sales_rep"].get(f"/pools/{pool.pk}/"))
    assert "北极星" in shown
    assert "13800138000" not in shown


def test_a_masked_phone_is_not_read_digit_by_digit(cast: Cast) -> None:
    """Asking for one more digit of the tail each time would tell the whole number in forty questions."""
    for who in ("sales_rep", "executive"):
        right = "HIDDEN" if who == "sales_rep" else "MASKED"
        for record_type in ("customers", "contacts"):
            Role.objects.get(code=who).field_rights.filter(record_type=record_type, field="phones").delete()
            restrict(who, record_type, "phones", right)
        for tail in ("39000", "139000", "0139000"):
            assert "周北辰" not in box(cast, who, tail), (who, tail)
            for query in (f"q={tail}", "filter=" + json.dumps({"field": "search", "value": tail})):
                assert api(cast.tokens[who], f"contacts?{query}").json()["items"] == [], (who, query)
        assert api(cast.tokens[who], f"contacts?q={OLD}").json()["items"], who
        assert api(cast.tokens[who], "contacts?q=周北辰").json()["items"], who
    for tail in ("8000", "138000"):
        assert cast.browsers["sales_rep"].get("/log/customers/", {"q": tail}).json() == []
    assert "周北辰" in box(cast, "admin", "139000")


def test_a_masked_e_mail_is_not_read_letter_by_letter(cast: Cast) -> None:
    assert Role.objects.get(code="executive").field_rights.filter(record_type="contacts", field="emails").exists()
    contact = cast.records["contacts"]
    contact.emails = ["qx7.mail@example.com"]
    contact.save()
    for part in ("qx", "qx7.ma", "qx7.mail@example.co"):
        assert "周北辰" not in box(cast, "executive", part), part
        assert "周北辰" in box(cast, "admin", part), part
    assert "周北辰" in box(cast, "executive", "qx7.mail@example.com")


def test_a_hidden_grade_is_hidden_where_grades_are_explained(cast: Cast) -> None:
    customer = cast.records["customers"]
    set_levels("ABC_GRADE", [NewLevel(customer.pk, "A", now(), ())], source="PERSON", by=cast.people["admin"])
    ways = (
        lambda: text(cast.browsers["sales_rep"].get(f"/customers/{customer.pk}/panel/levels/")),
        lambda: text(cast.browsers["sales_rep"].get(f"/customers/{customer.pk}/levels/")),
        lambda: text(api(cast.tokens["sales_rep"], f"customers/{customer.pk}/levels")),
        lambda: text(api(cast.tokens["sales_rep"], f"customers/{customer.pk}/standing")),
    )
    with override("zh-hans"):
        words = (str(ABC_GRADE.level("A").label), "ABC_GRADE")
    for number, way in enumerate(ways):
        assert any(word in way() for word in words), number
    restrict("sales_rep", "customers", "grade", "HIDDEN")
    for number, way in enumerate(ways):
        assert not any(word in way() for word in words), number


def test_a_list_opens_for_whoever_may_not_read_what_it_is_sorted_by(cast: Cast) -> None:
    restrict("sales_rep", "customers", "last_contact_at", "HIDDEN")
    assert "北极星" in text(cast.browsers["sales_rep"].get("/customers/"))
    assert "北极星" in box(cast, "sales_rep", "北极")
    assert api(cast.tokens["sales_rep"], "customers").json()["items"]


def test_a_notice_names_a_customer_as_its_reader_may_read_him(cast: Cast) -> None:
    for field in ("name", "short_name"):
        restrict("sales_rep", "customers", field, "MASKED")
    add_comment(record=cast.records["customers"], text="看一下", by=cast.people["admin"])
    told = " ".join(cast.people["sales_rep"].notices.values_list("text", flat=True))
    assert "看一下" in told
    assert "北极星重工" not in told


def test_an_own_field_that_one_may_not_set_is_not_set_by_the_api(cast: Cast) -> None:
    customer, token = cast.records["customers"], cast.tokens["sales_rep"]
    describe("customers").update(customer, by=cast.people["admin"], custom={"own": "原样"})
    restrict("sales_rep", "customers", "custom.own", "MASKED")
    answer = api(token, f"customers/{customer.pk}", "PATCH", '{"custom": {"own": "改了"}}')
    customer.refresh_from_db()
    assert (answer.status_code, customer.custom["own"]) == (422, "原样")


def test_an_own_field_does_not_point_at_what_one_may_not_see(cast: Cast) -> None:
    create_custom_field(by=cast.people["admin"], record_type="customers", kind="RECORD", label="伙伴", key="partner")
    foreign = describe("customers").create(by=cast.people["other"], name="南方客户")
    sent = json.dumps({"custom": {"partner": str(foreign.pk)}})
    answer = api(cast.tokens["sales_rep"], f"customers/{cast.records['customers'].pk}", "PATCH", sent)
    assert answer.status_code == 422
    assert Event.objects.filter(data__changes__has_key="custom").count() == 0


def test_what_is_shown_once_lies_nowhere_in_the_clear(cast: Cast) -> None:
    """The kept answer to a form holds the page that shows it: a token, a one-time password."""
    from zhike.web.models import KeptAnswer

    browser: Any = cast.browsers["admin"]
    sent = {"_key": "k1", "name": "ERP", "scopes": ["read"], "lifetime": "30"}
    first = browser.post("/settings/tokens/", sent)
    token = next(
        word
        for word in text(first).replace("<", " ").replace(">", " ").split()
        if word.startswith("zk_") and len(word) > 30
    )
    assert token.encode() not in bytes(KeptAnswer.objects.get(key="k1").body)
    again = browser.post("/settings/tokens/", sent)
    assert (again["Idempotent-Replay"], again.content) == ("true", first.content)
